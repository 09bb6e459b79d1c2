// Package void names the terms of VoID, which describes datasets.
package void

import "mocban/graph"

// NS is the namespace.
const NS graph.IRI = "http://rdfs.org/ns/void#"

// The classes.
const (
	Dataset            = NS + "Dataset"
	DatasetDescription = NS + "DatasetDescription"
	Linkset            = NS + "Linkset"
	TechnicalFeature   = NS + "TechnicalFeature"
)

// The properties.
const (
	Class                 = NS + "class"
	Classes               = NS + "classes"
	ClassPartition        = NS + "classPartition"
	DataDump              = NS + "dataDump"
	DistinctObjects       = NS + "distinctObjects"
	DistinctSubjects      = NS + "distinctSubjects"
	Documents             = NS + "documents"
	Entities              = NS + "entities"
	ExampleResource       = NS + "exampleResource"
	Feature               = NS + "feature"
	InDataset             = NS + "inDataset"
	LinkPredicate         = NS + "linkPredicate"
	ObjectsTarget         = NS + "objectsTarget"
	OpenSearchDescription = NS + "openSearchDescription"
	Properties            = NS + "properties"
	Property              = NS + "property"
	PropertyPartition     = NS + "propertyPartition"
	RootResource          = NS + "rootResource"
	SparqlEndpoint        = NS + "sparqlEndpoint"
	SubjectsTarget        = NS + "subjectsTarget"
	Subset                = NS + "subset"
	Target                = NS + "target"
	Triples               = NS + "triples"
	UriLookupEndpoint     = NS + "uriLookupEndpoint"
	UriRegexPattern       = NS + "uriRegexPattern"
	UriSpace              = NS + "uriSpace"
	Vocabulary            = NS + "vocabulary"
)
