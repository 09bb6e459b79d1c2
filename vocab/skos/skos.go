// Package skos names the terms of SKOS.
package skos

import "mocban/graph"

// NS is the namespace.
const NS graph.IRI = "http://www.w3.org/2004/02/skos/core#"

// The classes.
const (
	Collection        = NS + "Collection"
	Concept           = NS + "Concept"
	ConceptScheme     = NS + "ConceptScheme"
	OrderedCollection = NS + "OrderedCollection"
)

// The properties.
const (
	AltLabel           = NS + "altLabel"
	Broader            = NS + "broader"
	BroaderTransitive  = NS + "broaderTransitive"
	BroadMatch         = NS + "broadMatch"
	ChangeNote         = NS + "changeNote"
	CloseMatch         = NS + "closeMatch"
	Definition         = NS + "definition"
	EditorialNote      = NS + "editorialNote"
	ExactMatch         = NS + "exactMatch"
	Example            = NS + "example"
	HasTopConcept      = NS + "hasTopConcept"
	HiddenLabel        = NS + "hiddenLabel"
	HistoryNote        = NS + "historyNote"
	InScheme           = NS + "inScheme"
	MappingRelation    = NS + "mappingRelation"
	Member             = NS + "member"
	MemberList         = NS + "memberList"
	Narrower           = NS + "narrower"
	NarrowerTransitive = NS + "narrowerTransitive"
	NarrowMatch        = NS + "narrowMatch"
	Notation           = NS + "notation"
	Note               = NS + "note"
	PrefLabel          = NS + "prefLabel"
	Related            = NS + "related"
	RelatedMatch       = NS + "relatedMatch"
	ScopeNote          = NS + "scopeNote"
	SemanticRelation   = NS + "semanticRelation"
	TopConceptOf       = NS + "topConceptOf"
)
