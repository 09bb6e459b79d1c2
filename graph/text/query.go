package text

import (
	"slices"
	"strings"
	"unicode/utf8"

	"mocban/graph"
	"mocban/graph/text/vi"
)

// Bounds of what is looked for. What is beyond them is not looked at.
const (
	maxQueryCharacters = 256
	maxQueryWords      = 32
	maxClasses         = 100 // asked for; also those that are counted
)

// Weights of what makes a hit better. Any mark in what was typed is meant, so the marks
// decide before the place of the words: all words as typed, then as typed but for tones,
// then with another vowel of one bare letter, then with d for đ. Without any mark the
// place decides, and a name that has none either comes first among equals.
const (
	exactWeight    = 100.0 // the words as they are; shared by the words
	tonelessWeight = 30.0
	strokeWeight   = 10.0
	literalWeight  = 0.5 // of exact words if nothing typed has a mark
	wholeWeight    = 4.0 // the whole name
	pairWeight     = 3.0 // words side by side; shared by the pairs
	startWeight    = 1.0 // the name begins with the first word
	endWeight      = 0.5
	knownWeight    = 1000.0 // the identifier or IRI
)

// A clause is some terms of a field, and what a document is worth that has one of them.
type clause struct {
	field  string
	terms  []string
	weight float64
}

// A query says which documents are found and what they are worth.
type query struct {
	words   []word
	must    []clause // every one of them
	or      []clause // or one of these alone
	classes []string // of one of these classes, if there are any
	rank    []clause
}

// newQuery reads what was typed.
func (x *Index) newQuery(text string, types []graph.IRI) *query {
	text = firstCharacters(text, maxQueryCharacters)
	q := &query{words: firstWords(text, maxQueryWords)}
	for _, t := range types {
		q.classes = append(q.classes, classTerm+string(t))
	}
	for _, w := range q.words {
		q.must = append(q.must, clause{termField, []string{foldTerm + w.fold}, 0})
	}
	q.must = distinct(q.must)
	q.rankWords(q.words)
	q.rankPlaces(q.words)
	if len(q.words) > 0 {
		q.rank = append(q.rank, pairs("", q.words[0].fold, startWeight), pairs(q.words[len(q.words)-1].fold, "", endWeight))
		q.rankWhole(x.classes)
	}
	q.known(text)
	return q
}

func firstCharacters(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// distinct removes clauses that say the same as one before, adding up what they are worth.
func distinct(cs []clause) (some []clause) {
	for _, c := range cs {
		i := slices.IndexFunc(some, func(o clause) bool { return o.field == c.field && slices.Equal(o.terms, c.terms) })
		if i < 0 {
			some = append(some, c)
		} else {
			some[i].weight += c.weight
		}
	}
	return some
}

// rankWords ranks by the marks of words.
func (q *query) rankWords(words []word) {
	share := 1 / float64(len(words))
	if !slices.ContainsFunc(words, word.marked) {
		for _, w := range words {
			q.rank = append(q.rank, clause{termField, []string{exactTerm + w.text}, literalWeight * share})
		}
		return
	}
	for _, w := range words {
		q.rank = append(q.rank,
			clause{termField, []string{exactTerm + w.text}, exactWeight * share},
			clause{termField, []string{tonelessTerm + vi.Toneless(w.text)}, tonelessWeight * share})
		if stroke, ok := w.stroke(); ok {
			q.rank = append(q.rank, clause{termField, []string{stroke}, strokeWeight * share})
		}
	}
}

// rankPlaces ranks by words side by side.
func (q *query) rankPlaces(words []word) {
	for i := range len(words) - 1 {
		q.rank = append(q.rank, pairs(words[i].fold, words[i+1].fold, pairWeight/float64(len(words)-1)))
	}
}

func pairs(a, b string, weight float64) clause {
	return clause{termField, []string{pair(a, b)}, weight}
}

// rankWhole ranks by whole names and the weights of their predicates.
func (q *query) rankWhole(weights []float64) {
	name := wholeName(q.words)
	for class, weight := range weights {
		if weight > 0 {
			q.rank = append(q.rank, clause{keyField, []string{key(byte(class), name)}, wholeWeight * weight / weights[0]})
		}
	}
}

// known adds things that the whole text identifies.
func (q *query) known(text string) {
	text = strings.TrimSpace(text)
	if id := bareIdentifier(text); id != "" {
		q.or = append(q.or, clause{termField, []string{identifierTerm + id}, knownWeight})
	}
	if text != "" && utf8.ValidString(text) {
		q.or = append(q.or, clause{idField, []string{text}, knownWeight})
	}
	q.rank = distinct(append(q.rank, q.or...))
}

// worth returns what a name alone would be worth, its words counting too.
func (q *query) worth(n named) float64 {
	words := firstWords(n.text, maxNameWord)
	has := map[string]bool{}
	for _, t := range appendNameTerms(nil, words) {
		has[t] = true
	}
	sum := 0.0
	for _, c := range q.must {
		if slices.ContainsFunc(c.terms, func(t string) bool { return has[t] }) {
			sum += exactWeight + tonelessWeight + strokeWeight + 10
		}
	}
	whole := key(n.class, wholeName(words))
	for _, c := range q.rank {
		if c.field == keyField && slices.Contains(c.terms, whole) ||
			c.field == termField && slices.ContainsFunc(c.terms, func(t string) bool { return has[t] }) {
			sum += c.weight
		}
	}
	return sum
}

// bestName returns the name that fits best; of equal ones that of the highest weight, then
// the first.
func (q *query) bestName(names []named) string {
	best, worth := -1, 0.0
	for i, n := range names {
		if w := q.worth(n); best < 0 || w > worth || w == worth && n.class < names[best].class {
			best, worth = i, w
		}
	}
	if best < 0 {
		return ""
	}
	return names[best].text
}
