// Package rdf names the terms of the RDF vocabulary.
package rdf

import "mocban/graph"

// The terms of RDF 1.1 and 1.2.
const (
	NS            graph.IRI = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	Type                    = NS + "type"
	First                   = NS + "first"
	Rest                    = NS + "rest"
	Nil                     = NS + "nil"
	Value                   = NS + "value"
	Subject                 = NS + "subject"
	Predicate               = NS + "predicate"
	Object                  = NS + "object"
	Statement               = NS + "Statement"
	Reifies                 = NS + "reifies"
	Property                = NS + "Property"
	List                    = NS + "List"
	Bag                     = NS + "Bag"
	Seq                     = NS + "Seq"
	Alt                     = NS + "Alt"
	LangString              = NS + "langString"
	DirLangString           = NS + "dirLangString"
	HTML                    = NS + "HTML"
	XMLLiteral              = NS + "XMLLiteral"
	JSON                    = NS + "JSON"
)
