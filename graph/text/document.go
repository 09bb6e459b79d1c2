package text

import (
	"strings"
	"unicode/utf8"

	index "github.com/blevesearch/bleve_index_api"

	"mocban/graph/text/vi"
)

// The fields of a document.
const (
	idField   = "_id" // Bleve's own: the IRI
	termField = "t"
	keyField  = "k"
	nameField = "n"
)

// First letters of terms; the package comment shows them.
const (
	foldTerm       = "f"
	exactTerm      = "e"
	tonelessTerm   = "t"
	strokeTerm     = "d"
	pairTerm       = "p"
	classTerm      = "c"
	identifierTerm = "i"
)

// Bounds of what is kept of a thing. Catalogues do not come near them.
const (
	maxIRI      = 4096 // bytes; longer ones are not indexed
	maxNames    = 500
	maxNameText = 4096 // bytes that are kept
	maxNameWord = 250  // words that are indexed
	maxKey      = 120  // bytes of the whole name
)

// valuesOption keeps values by document, each apart and not compressed: they are read here
// and there. Bleve mixes up the values of merged segments if only one of the two is asked
// for.
const valuesOption = index.DocValues | index.SkipDVChunking | index.SkipDVCompression

// A document is what the index holds of a thing. It implements index.Document; its terms
// are made when Bleve asks for them, on one of its workers.
type document struct {
	iri         string
	names       []named
	types       []string
	identifiers []string

	fields []field
	words  [][]word // of each name, once they were asked for
}

// A named is a name with the class of its weight.
type named struct {
	class byte
	text  string
}

func (d *document) ID() string                                 { return d.iri }
func (d *document) Size() int                                  { return 512 }
func (d *document) VisitComposite(index.CompositeFieldVisitor) {}
func (d *document) HasComposite() bool                         { return false }
func (d *document) NumPlainTextBytes() uint64                  { return 0 }
func (d *document) StoredFieldsBytes() uint64                  { return 0 }
func (d *document) Indexed() bool                              { return false }
func (d *document) AddIDField()                                { d.fields = d.makeFields() }

func (d *document) VisitFields(visit index.FieldVisitor) {
	for i := range d.fields {
		visit(&d.fields[i])
	}
}

func (d *document) makeFields() []field {
	fields := []field{
		{document: d, name: idField, options: index.IndexField | index.StoreField, value: []byte(d.iri)},
		{document: d, name: termField, options: index.IndexField | index.SkipFreqNorm},
		{document: d, name: keyField, options: index.IndexField | index.SkipFreqNorm | valuesOption},
	}
	for _, n := range d.names {
		value := append([]byte{n.class}, n.text...)
		fields = append(fields, field{document: d, name: nameField, options: index.StoreField, value: value})
	}
	return fields
}

// A field implements index.Field.
type field struct {
	document *document
	name     string
	options  index.FieldIndexingOptions
	value    []byte
	terms    index.TokenFrequencies
}

func (f *field) Name() string                                     { return f.name }
func (f *field) Value() []byte                                    { return f.value }
func (f *field) ArrayPositions() []uint64                         { return nil }
func (f *field) EncodedFieldType() byte                           { return 't' }
func (f *field) Options() index.FieldIndexingOptions              { return f.options }
func (f *field) AnalyzedLength() int                              { return len(f.terms) }
func (f *field) AnalyzedTokenFrequencies() index.TokenFrequencies { return f.terms }
func (f *field) NumPlainTextBytes() uint64                        { return 0 }

// Analyze implements index.Field.
func (f *field) Analyze() {
	switch f.name {
	case idField:
		f.terms = frequencies([]string{f.document.iri})
		f.terms[f.document.iri].SetFrequency(1)
	case termField:
		f.terms = frequencies(f.document.terms())
	case keyField:
		f.terms = frequencies(f.document.keys())
	}
}

func frequencies(terms []string) index.TokenFrequencies {
	backing := make([]index.TokenFreq, len(terms))
	tfs := make(index.TokenFrequencies, len(terms))
	for i, term := range terms {
		backing[i].Term = []byte(term)
		tfs[term] = &backing[i]
	}
	return tfs
}

func (d *document) terms() (terms []string) {
	for _, words := range d.nameWords() {
		terms = appendNameTerms(terms, words)
	}
	for _, c := range d.types {
		terms = append(terms, classTerm+c)
	}
	for _, id := range d.identifiers {
		for _, form := range identifierForms(id) {
			terms = append(terms, identifierTerm+form)
		}
	}
	return terms
}

// keys returns the whole names. A name that several predicates give is kept with the
// highest weight only.
func (d *document) keys() (keys []string) {
	seen := map[string]byte{}
	for i, words := range d.nameWords() {
		name, class := wholeName(words), d.names[i].class
		if before, ok := seen[name]; name != "" && (!ok || class < before) {
			seen[name] = class
		}
	}
	for name, class := range seen {
		keys = append(keys, key(class, name))
	}
	return keys
}

// key returns the term of a whole name.
func key(class byte, name string) string { return string([]byte{class}) + name }

func (d *document) nameWords() [][]word {
	if d.words == nil {
		for _, n := range d.names {
			d.words = append(d.words, firstWords(n.text, maxNameWord))
		}
	}
	return d.words
}

// A word of a name or of what is looked for.
type word struct {
	text string // as vi.Words has it
	fold string
}

func firstWords(s string, limit int) (words []word) {
	for w := range vi.Words(s) {
		if len(words) == limit {
			break
		}
		if fold := vi.Fold(w); fold != "" {
			words = append(words, word{w, fold})
		}
	}
	return words
}

// marked tells whether the word has marks.
func (w word) marked() bool { return w.text != w.fold }

// stroke returns the term of a word with d or đ that has no mark but the stroke.
func (w word) stroke() (term string, ok bool) {
	if !strings.ContainsRune(w.fold, 'd') {
		return "", false
	}
	parts := strings.Split(w.text, "đ")
	for i, p := range parts {
		parts[i] = vi.Fold(p)
	}
	return strokeTerm + strings.Join(parts, "đ"), true
}

// appendNameTerms appends the terms of a name.
func appendNameTerms(terms []string, words []word) []string {
	before := ""
	for _, w := range words {
		terms = append(terms, foldTerm+w.fold, exactTerm+w.text, tonelessTerm+vi.Toneless(w.text), pair(before, w.fold))
		if stroke, ok := w.stroke(); ok {
			terms = append(terms, stroke)
		}
		before = w.fold
	}
	if before == "" {
		return terms
	}
	return append(terms, pair(before, ""))
}

// pair returns the term of neighbours. "" stands before the first word and after the last.
func pair(a, b string) string { return pairTerm + a + " " + b }

// wholeName returns the folded name as one term, or its beginning.
func wholeName(words []word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.fold)
		if b.Len() > maxKey {
			break
		}
	}
	return truncate(b.String(), maxKey)
}

// truncate returns at most n bytes of s, whole characters.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
