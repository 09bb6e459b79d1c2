// Package document holds what all readers of RDF share: how a document is to be read, the
// place of a mistake in it, and the blank nodes that belong to it alone.
package document

import (
	"fmt"

	"mocban/graph"
)

// Options say how a document is read. The zero value is for a document of its own.
type Options struct {
	// Base resolves relative IRIs (RFC 3986, 5.2). Without one they are an error.
	Base graph.IRI

	// Graph is the graph of triples that name none. The zero Term is the default graph.
	Graph graph.Term

	// Blanks begins every blank node label that is given out: letters and digits. Empty
	// draws one at random. KeepBlanks gives out the labels of the document instead, for
	// dumps that we wrote and for tests.
	Blanks     string
	KeepBlanks bool

	// MaxLiteral is the longest literal or IRI in bytes; 0 means 16 MiB.
	MaxLiteral int
}

// Max returns the longest literal or IRI in bytes.
func (o Options) Max() int {
	if o.MaxLiteral > 0 {
		return o.MaxLiteral
	}
	return 16 << 20
}

// MaxDepth is how deep brackets may stand within brackets.
const MaxDepth = 256

// A SyntaxError tells where a document is none, and why. Lines and columns count from 1,
// columns in characters.
type SyntaxError struct {
	Line, Column int
	Detail       string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Detail)
}
