package rdfio_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/rdfio"
	"mocban/vocab/rdf"
)

// fuzz feeds a reader. What it can read is written in all formats, and reads back the same.
func fuzz(f *testing.F, format *rdfio.Format, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	err := filepath.WalkDir(suites, func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != "."+format.Extension || strings.HasPrefix(d.Name(), "manifest") {
			return err
		}
		data, err := os.ReadFile(name)
		f.Add(data)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.Fatal(err)
	}
	o := rdfio.ReadOptions{Base: "http://base.example/a/b?c", MaxLiteral: 1 << 16}
	f.Fuzz(func(t *testing.T, data []byte) {
		quads, err := readAll(format, bytes.NewReader(data), o)
		if err != nil {
			return // refusing is fine; panicking is not
		}
		for _, q := range quads {
			if err := q.Check(); err != nil {
				t.Fatal(err)
			}
		}
		if len(quads) > 200 {
			return
		}
		for _, to := range rdfio.Formats {
			roundTrip(t, to, quads)
		}
	})
}

func roundTrip(t *testing.T, f *rdfio.Format, quads []graph.Quad) {
	if !f.Quads {
		quads = withoutGraphs(quads)
	}
	if f == rdfio.JSONLD && !everyday(quads) {
		return
	}
	text, err := tryWrite(f, rdfio.WriteOptions{Prefixes: map[string]graph.IRI{"e": "http://example/", "b": "http://base.example/a/"}}, quads...)
	if err != nil && (f == rdfio.RDFXML || f == rdfio.JSONLD) {
		return // they cannot say everything
	}
	if err != nil {
		t.Fatalf("%s of %v: %v", f, quads, err)
	}
	again, err := readAll(f, bytes.NewReader(text), rdfio.ReadOptions{})
	if err != nil {
		t.Fatalf("%s\nis not read: %v", text, err)
	}
	if f == rdfio.JSONLD { // says of a list that it is one, and not of its cells
		quads, again = slices.DeleteFunc(slices.Clone(quads), isListType), slices.DeleteFunc(again, isListType)
	}
	if !canon.Isomorphic(quads, again) {
		t.Fatalf("%v\nis written as %s: %s\nand reads back as %v", quads, f, text, again)
	}
}

func isListType(q graph.Quad) bool {
	return q.P == rdf.Type && q.O.Value() == "http://www.w3.org/1999/02/22-rdf-syntax-ns#List"
}

var everydayIRI = regexp.MustCompile(`^(https?://[a-z.]+/|urn:[a-z]+:)[\pL\d._~/?#=&-]*$`)

// everyday tells whether all IRIs are such as json-gold knows, which goes by URLs.
func everyday(quads []graph.Quad) bool {
	for _, q := range quads {
		for _, iri := range []string{q.S.Value(), string(q.P), q.O.Value(), string(q.O.Datatype()), q.G.Value()} {
			if strings.Contains(iri, ":") && !everydayIRI.MatchString(iri) {
				return false
			}
		}
	}
	return true
}

func FuzzNTriples(f *testing.F) {
	fuzz(f, rdfio.NTriples, "_:a <p:p> <<( _:b <p:q> \"x\"@vi--ltr )>> .")
}
func FuzzNQuads(f *testing.F) {
	fuzz(f, rdfio.NQuads, "_:a <p:p> \"\\u00e9\\n\" _:g . # x\r\nVERSION \"1.2\"\n")
}
func FuzzTurtle(f *testing.F) {
	fuzz(f, rdfio.Turtle, "@prefix : <a/> . :a%20\\~b :p [ :q ( 1 2.5 3e0 true '''x''' ) ] ~ _:r {| a :c |} .")
}
func FuzzTriG(f *testing.F) {
	fuzz(f, rdfio.TriG, "PREFIX : <#> GRAPH _:g { :a :p [] . << :a :p 1 >> :q () } [] { :a :b _:g1 }")
}
func FuzzRDFXML(f *testing.F) {
	fuzz(f, rdfio.RDFXML, `<!DOCTYPE r [<!ENTITY e "x&amp;y">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://example/"><e:C rdf:ID="a" e:p="&e;"><rdf:li rdf:parseType="Literal">a<e:b/></rdf:li></e:C></rdf:RDF>`)
}
func FuzzJSONLD(f *testing.F) {
	fuzz(f, rdfio.JSONLD, `{"@context":{"@vocab":"http://example/","p":{"@type":"@id"}},"@id":"a","p":["b",{"q":{"@list":[1,2.5,true,"x"]}}],"t":{"@value":"x","@language":"vi-Hani"},"@graph":[{"@type":"C"}]}`)
}
