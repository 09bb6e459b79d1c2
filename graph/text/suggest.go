package text

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mocban/graph"
	"mocban/graph/text/vi"
)

// Bounds of the words that a beginning may stand for.
const (
	maxExpansions = 128
	maxLookedAt   = 4096
)

// Suggest is Search for text that is still being typed: its last word may be the beginning
// of a word, unless a space follows it. Names that begin with all of the text come before
// others. A beginning that more than 128 words share stands for the most common of them, so
// the total is then a lower bound.
func (x *Index) Suggest(ctx context.Context, s graph.Search) (graph.Found, error) {
	return x.find(ctx, s, func(r *reading) (*query, error) {
		q := x.newQuery(s.Text, s.Types)
		if typing := lastRune(firstCharacters(s.Text, maxQueryCharacters)); len(q.words) == 0 || !isTyping(typing) {
			return q, nil
		}
		return q, q.complete(r)
	})
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

func isTyping(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

// complete lets the last word be the beginning of others.
func (q *query) complete(r *reading) error {
	last := q.words[len(q.words)-1]
	folds, err := r.expand(termField, foldTerm+last.fold)
	if err != nil {
		return err
	}
	q.openLast(append(folds, foldTerm+last.fold))
	if last.marked() {
		tones, err := r.expand(termField, tonelessTerm+vi.Toneless(last.text))
		if err != nil {
			return err
		}
		if len(tones) > 0 {
			q.rank = append(q.rank, clause{termField, tones, tonelessWeight / float64(len(q.words))})
		}
	}
	names, err := r.expand(keyField, key(0, wholeName(q.words)))
	if err == nil && len(names) > 0 {
		q.rank = append(q.rank, clause{keyField, names, wholeWeight})
	}
	return err
}

// openLast lets terms stand for the last word, unless it was typed before as a whole.
func (q *query) openLast(terms []string) {
	whole := terms[len(terms)-1]
	before := q.words[:len(q.words)-1]
	if slices.ContainsFunc(before, func(w word) bool { return foldTerm+w.fold == whole }) {
		return
	}
	for i := range q.must {
		if q.must[i].terms[0] == whole {
			q.must[i].terms = terms
		}
	}
}

// expand returns the most common terms with a prefix.
func (r *reading) expand(field, prefix string) (terms []string, err error) {
	dict, err := r.reader.FieldDictPrefix(field, []byte(prefix))
	if err != nil {
		return nil, err
	}
	defer dict.Close()
	counts := map[string]uint64{}
	for range maxLookedAt {
		e, err := dict.Next()
		if err != nil {
			return nil, err
		}
		if e == nil {
			break
		}
		term := strings.Clone(e.Term)
		counts[term] = e.Count
		terms = append(terms, term)
	}
	slices.SortStableFunc(terms, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	return terms[:min(len(terms), maxExpansions)], r.ctx.Err()
}
