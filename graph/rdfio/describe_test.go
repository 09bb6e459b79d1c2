package rdfio_test

import (
	"bytes"
	"testing"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/rdfio"
)

const bookNT = `
<https://lib.example/w1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://schema.org/Book> .
<https://lib.example/w1> <https://schema.org/name> "Truyện Kiều"@vi .
<https://lib.example/w1> <https://schema.org/name> "</script><b>" .
<https://lib.example/w1> <https://schema.org/author> <https://lib.example/a1> .
<https://lib.example/w1> <https://schema.org/datePublished> "1820"^^<http://www.w3.org/2001/XMLSchema#gYear> .
<https://lib.example/w1> <https://schema.org/numberOfPages> "128"^^<http://www.w3.org/2001/XMLSchema#integer> .
<https://lib.example/w1> <https://schema.org/isPartOf> _:c .
<https://lib.example/w1> <https://schema.org/sameAs> <https://elsewhere.example/1> .
<https://lib.example/w1> <https://schema.org/sameAs> <urn:isbn:1> .
_:c <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://schema.org/Collection> .
<https://lib.example/a1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://schema.org/Person> .
<https://lib.example/a1> <https://schema.org/name> "Nguyễn Du"@vi .
<https://lib.example/a1> <https://schema.org/subjectOf> <https://lib.example/w1> .
<https://lib.example/other> <https://schema.org/name> "apart" .
`

var schemaContext = &rdfio.Context{Terms: map[string]rdfio.ContextTerm{
	"name":          {IRI: "https://schema.org/name"},
	"author":        {IRI: "https://schema.org/author", Type: "@id"},
	"sameAs":        {IRI: "https://schema.org/sameAs", Type: "@id"},
	"datePublished": {IRI: "https://schema.org/datePublished", Type: "http://www.w3.org/2001/XMLSchema#gYear"},
	"numberOfPages": {IRI: "https://schema.org/numberOfPages"},
	"Book":          {IRI: "https://schema.org/Book"},
	"schema":        {IRI: "https://schema.org/"},
	"unused":        {IRI: "https://unused.example/"},
}}

func TestDescribe(t *testing.T) {
	quads := parse(t, rdfio.NTriples, []byte(bookNT), rdfio.ReadOptions{})
	var out bytes.Buffer
	if err := rdfio.Describe(&out, graph.IRI("https://lib.example/w1").Term(), quads, schemaContext); err != nil {
		t.Fatal(err)
	}
	const want = `{
  "@context":{
  "Book":"https://schema.org/Book",
  "author":{"@id":"https://schema.org/author","@type":"@id"},
  "datePublished":{"@id":"https://schema.org/datePublished","@type":"http://www.w3.org/2001/XMLSchema#gYear"},
  "name":"https://schema.org/name",
  "numberOfPages":"https://schema.org/numberOfPages",
  "sameAs":{"@id":"https://schema.org/sameAs","@type":"@id"},
  "schema":"https://schema.org/"
},
  "@id":"https://lib.example/w1",
  "@type":"Book",
  "name":[
    {"@value":"Truyện Kiều","@language":"vi"},
    "\u003c/script\u003e\u003cb\u003e"
  ],
  "author":{
    "@id":"https://lib.example/a1",
    "@type":"schema:Person",
    "name":{"@value":"Nguyễn Du","@language":"vi"},
    "schema:subjectOf":{"@id":"https://lib.example/w1"}
  },
  "datePublished":"1820",
  "numberOfPages":128,
  "schema:isPartOf":{
    "@type":"schema:Collection"
  },
  "sameAs":[
    "https://elsewhere.example/1",
    "urn:isbn:1"
  ],
  "@included":[
    {
      "@id":"https://lib.example/other",
      "name":"apart"
    }
  ]
}
`
	if out.String() != want {
		t.Errorf("got\n%s", &out)
	}
	got := parse(t, rdfio.JSONLD, out.Bytes(), rdfio.ReadOptions{})
	if !canon.Isomorphic(got, quads) {
		t.Errorf("json-gold reads %v", got)
	}
}

// Every node of the suites can be described, and the description says all that was said.
func TestDescribeSuites(t *testing.T) {
	suiteGraphs(t, func(t *testing.T, quads []graph.Quad) {
		quads = withoutGraphs(quads)
		if len(quads) == 0 || cannot(rdfio.JSONLD, quads) {
			return
		}
		var out bytes.Buffer
		if err := rdfio.Describe(&out, quads[len(quads)/2].S, quads, nil); err != nil {
			t.Fatal(err)
		}
		if got := parse(t, rdfio.JSONLD, out.Bytes(), rdfio.ReadOptions{}); !canon.Isomorphic(got, quads) {
			t.Errorf("%s\nis not %v", &out, quads)
		}
	})
}

// A context by reference is not repeated, and an IRI that the context would make another of
// is refused.
func TestContext(t *testing.T) {
	about := graph.IRI("https://lib.example/w1").Term()
	quads := []graph.Quad{{S: about, P: "https://schema.org/name", O: graph.String("x")}}
	var out bytes.Buffer
	c := &rdfio.Context{IRI: "https://lib.example/context/v1.jsonld", Terms: map[string]rdfio.ContextTerm{
		"name": {IRI: "https://schema.org/name"}, "urn": {IRI: "https://urn.example/"},
	}}
	if err := rdfio.Describe(&out, about, quads, c); err != nil {
		t.Fatal(err)
	}
	const want = `{
  "@context":"https://lib.example/context/v1.jsonld",
  "@id":"https://lib.example/w1",
  "name":"x"
}
`
	if out.String() != want {
		t.Errorf("got\n%s", &out)
	}
	quads = append(quads, graph.Quad{S: about, P: "https://schema.org/url", O: graph.IRI("urn:isbn:1").Term()})
	if err := rdfio.Describe(&out, about, quads, c); err == nil {
		t.Error("urn:isbn:1 is written, and reads as https://urn.example/isbn:1")
	}
}
