package document

import (
	"fmt"

	"mocban/graph"
	"mocban/graph/rdfio/iri"
)

// A Checker tells whether quads can be written so that they can be read again. It remembers
// the last one, for the next has the same subject more often than not.
type Checker struct{ last graph.Quad }

// Check tells whether a quad can be written: its terms stand where RDF allows them, its IRIs
// are of characters that IRIs have, its language tag is one.
func (c *Checker) Check(q *graph.Quad) error {
	if !q.S.IsIRI() && !q.S.IsBlank() || q.P == "" || q.O.IsZero() || !q.G.IsZero() && !q.G.IsIRI() && !q.G.IsBlank() {
		return q.Check()
	}
	detail := ""
	switch {
	case q.S != c.last.S && !isIRI(q.S), q.P != c.last.P && !iri.Allows(string(q.P)), !isIRI(q.O), q.G != c.last.G && !isIRI(q.G):
		detail = "an IRI holds neither white space nor any of <>\"{}|^`\\"
	case q.O.Lang() != "":
		if !isTag(q.O.Lang()) {
			detail = fmt.Sprintf("%q is not a language tag (BCP 47)", q.O.Lang())
		}
	case q.O.IsLiteral() && !iri.Allows(string(q.O.Datatype())):
		detail = fmt.Sprintf("datatype %q is no IRI", string(q.O.Datatype()))
	}
	if detail == "" {
		c.last.S, c.last.P, c.last.G = q.S, q.P, q.G
		return nil
	}
	return &graph.QuadError{Quad: *q, Detail: detail}
}

// isIRI tells whether a term is none that looks like an IRI and is not.
func isIRI(t graph.Term) bool { return !t.IsIRI() || iri.Allows(t.Value()) }

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
