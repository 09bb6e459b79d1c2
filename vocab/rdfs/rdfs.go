// Package rdfs names the terms of the RDF Schema vocabulary.
package rdfs

import "mocban/graph"

// The terms of RDF Schema 1.1.
const (
	NS            graph.IRI = "http://www.w3.org/2000/01/rdf-schema#"
	Label                   = NS + "label"
	Comment                 = NS + "comment"
	Class                   = NS + "Class"
	SubClassOf              = NS + "subClassOf"
	SubPropertyOf           = NS + "subPropertyOf"
	Domain                  = NS + "domain"
	Range                   = NS + "range"
	Resource                = NS + "Resource"
	Literal                 = NS + "Literal"
	Datatype                = NS + "Datatype"
	SeeAlso                 = NS + "seeAlso"
	IsDefinedBy             = NS + "isDefinedBy"
)
