// Package sd names the terms of the SPARQL 1.1 Service Description.
package sd

import "mocban/graph"

// NS is the namespace.
const NS graph.IRI = "http://www.w3.org/ns/sparql-service-description#"

// The classes. A class that shares its name with a property has "Class" at the end.
const (
	Aggregate             = NS + "Aggregate"
	Dataset               = NS + "Dataset"
	EntailmentProfile     = NS + "EntailmentProfile"
	EntailmentRegimeClass = NS + "EntailmentRegime"
	FeatureClass          = NS + "Feature"
	Function              = NS + "Function"
	GraphClass            = NS + "Graph"
	GraphCollection       = NS + "GraphCollection"
	Language              = NS + "Language"
	NamedGraphClass       = NS + "NamedGraph"
	Service               = NS + "Service"
)

// The properties.
const (
	AvailableGraphs            = NS + "availableGraphs"
	DefaultDataset             = NS + "defaultDataset"
	DefaultEntailmentRegime    = NS + "defaultEntailmentRegime"
	DefaultGraph               = NS + "defaultGraph"
	Endpoint                   = NS + "endpoint"
	EntailmentRegime           = NS + "entailmentRegime"
	ExtensionAggregate         = NS + "extensionAggregate"
	ExtensionFunction          = NS + "extensionFunction"
	Feature                    = NS + "feature"
	Graph                      = NS + "graph"
	InputFormat                = NS + "inputFormat"
	LanguageExtension          = NS + "languageExtension"
	Name                       = NS + "name"
	NamedGraph                 = NS + "namedGraph"
	PropertyFeature            = NS + "propertyFeature"
	ResultFormat               = NS + "resultFormat"
	SupportedEntailmentProfile = NS + "supportedEntailmentProfile"
	SupportedLanguage          = NS + "supportedLanguage"
)

// The features and languages.
const (
	BasicFederatedQuery = NS + "BasicFederatedQuery"
	DereferencesURIs    = NS + "DereferencesURIs"
	EmptyGraphs         = NS + "EmptyGraphs"
	RequiresDataset     = NS + "RequiresDataset"
	UnionDefaultGraph   = NS + "UnionDefaultGraph"
	SPARQL10Query       = NS + "SPARQL10Query"
	SPARQL11Query       = NS + "SPARQL11Query"
	SPARQL11Update      = NS + "SPARQL11Update"
)
