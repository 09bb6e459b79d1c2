package document

import (
	"fmt"

	"mocban/graph"
)

// Check tells whether a quad can be written: its terms stand where RDF allows them, and its
// language tag is one.
func Check(q *graph.Quad) error {
	if (q.S.IsIRI() || q.S.IsBlank()) && q.P != "" && !q.O.IsZero() && (q.G.IsZero() || q.G.IsIRI() || q.G.IsBlank()) {
		if lang := q.O.Lang(); lang == "" || isTag(lang) {
			return nil
		}
		return &graph.QuadError{Quad: *q, Detail: fmt.Sprintf("%q is not a language tag (BCP 47)", q.O.Lang())}
	}
	return q.Check()
}

// isTag tells whether s is a language tag as the grammars of RDF have it.
func isTag(s string) bool {
	word, letters := 0, true
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c|0x20 && c|0x20 <= 'z':
		case '0' <= c && c <= '9' && !letters:
		case c == '-' && i > word:
			word, letters = i+1, false
			continue
		default:
			return false
		}
		if i-word >= 8 {
			return false
		}
	}
	return len(s) > word
}
