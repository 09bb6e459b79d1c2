// Package owl names the terms of OWL 2 that linked data use.
package owl

import "mocban/graph"

// NS is the namespace.
const NS graph.IRI = "http://www.w3.org/2002/07/owl#"

// The classes.
const (
	AnnotationProperty        = NS + "AnnotationProperty"
	Class                     = NS + "Class"
	DatatypeProperty          = NS + "DatatypeProperty"
	FunctionalProperty        = NS + "FunctionalProperty"
	InverseFunctionalProperty = NS + "InverseFunctionalProperty"
	NamedIndividual           = NS + "NamedIndividual"
	Nothing                   = NS + "Nothing"
	ObjectProperty            = NS + "ObjectProperty"
	Ontology                  = NS + "Ontology"
	Restriction               = NS + "Restriction"
	SymmetricProperty         = NS + "SymmetricProperty"
	Thing                     = NS + "Thing"
	TransitiveProperty        = NS + "TransitiveProperty"
)

// The properties.
const (
	Deprecated         = NS + "deprecated"
	DifferentFrom      = NS + "differentFrom"
	DisjointWith       = NS + "disjointWith"
	EquivalentClass    = NS + "equivalentClass"
	EquivalentProperty = NS + "equivalentProperty"
	Imports            = NS + "imports"
	IntersectionOf     = NS + "intersectionOf"
	InverseOf          = NS + "inverseOf"
	OneOf              = NS + "oneOf"
	OnProperty         = NS + "onProperty"
	PriorVersion       = NS + "priorVersion"
	SameAs             = NS + "sameAs"
	UnionOf            = NS + "unionOf"
	VersionInfo        = NS + "versionInfo"
	VersionIRI         = NS + "versionIRI"
)
