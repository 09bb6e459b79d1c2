// Package vocab lists the prefixes under which vocabularies are known. The packages below it
// name the terms of one vocabulary each, as constants.
package vocab

import (
	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/dcat"
	"mocban/vocab/dcterms"
	"mocban/vocab/foaf"
	"mocban/vocab/madsrdf"
	"mocban/vocab/mocban"
	"mocban/vocab/owl"
	"mocban/vocab/prov"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
	"mocban/vocab/schema"
	"mocban/vocab/sd"
	"mocban/vocab/sh"
	"mocban/vocab/skos"
	"mocban/vocab/void"
	"mocban/vocab/xsd"
)

// Prefixes are the prefixes that we write and that queries may use undeclared, with their
// namespaces. Who needs to change the table clones it first.
var Prefixes = map[string]graph.IRI{
	"bf":      bf.NS,
	"bflc":    bflc.NS,
	"dcat":    dcat.NS,
	"dcterms": dcterms.NS,
	"edtf":    "http://id.loc.gov/datatypes/",
	"foaf":    foaf.NS,
	"lcc":     "http://id.loc.gov/vocabulary/countries/",
	"lccon":   "http://id.loc.gov/vocabulary/contentTypes/",
	"lccar":   "http://id.loc.gov/vocabulary/carriers/",
	"lcl":     "http://id.loc.gov/vocabulary/languages/",
	"lcmed":   "http://id.loc.gov/vocabulary/mediaTypes/",
	"lcr":     "http://id.loc.gov/vocabulary/relators/",
	"madsrdf": madsrdf.NS,
	"mocban":  mocban.NS,
	"owl":     owl.NS,
	"prov":    prov.NS,
	"rdf":     rdf.NS,
	"rdfs":    rdfs.NS,
	"schema":  schema.NS,
	"sd":      sd.NS,
	"sh":      sh.NS,
	"skos":    skos.NS,
	"void":    void.NS,
	"xsd":     xsd.NS,
}
