package back_test

import (
	"context"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/ingest/mapping/back"
	"mocban/ingest/marc"
)

// FuzzMake makes records of any triples. Refusing is fine; panicking is not, and what is made
// must be a record that can be written and read again.
func FuzzMake(f *testing.F) {
	for _, seed := range []string{
		``,
		`<http://x/w> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://id.loc.gov/ontologies/bibframe/Work> .`,
		`<http://x/w> a <http://id.loc.gov/ontologies/bibframe/Work> ; <http://id.loc.gov/ontologies/bibframe/subject> <http://x/w> .`,
		`@prefix bf: <http://id.loc.gov/ontologies/bibframe/> . @prefix bflc: <http://id.loc.gov/ontologies/bflc/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<http://x/w> a bf:Work ; bf:hasInstance <http://x/i> ; bf:contribution [ a bf:PrimaryContribution ; bf:agent [ a bf:Person ; rdfs:label "Hugo, Victor, 1802-1885" ; bflc:marcKey "1001 $aHugo, Victor,$d1802-1885" , "8801 $6100-01/$1$a雨果" ] ] ;
 bf:subject [ a bf:Topic ; rdfs:label "A--B" ] ; bf:relation [ bf:relationship <http://id.loc.gov/vocabulary/relationship/partof> ; bf:associatedResource [ a bf:Work ; rdfs:label "T" ] ] .
<http://x/i> a bf:Instance ; bf:instanceOf <http://x/w> ; bf:title [ a bf:Title ; bf:mainTitle "T" , "題" ; bflc:marcKey "24510$aT =$bU$" ] ;
 bf:provisionActivity [ a bf:Publication ; bflc:simplePlace "P" ; bflc:simpleAgent "N" ; bf:date "19XX/2000" ] ; bf:publicationStatement "P : N, 1999" , "" ;
 bf:note [ a bf:Note ; rdfs:label "" ] ; bf:seriesStatement "S ; 4" , "叢書 ; 4" ; bf:hasItem [ bf:heldBy <http://x/w> ] ; bf:identifiedBy [ a bf:Lccn ; <http://www.w3.org/1999/02/22-rdf-syntax-ns#value> "ne65001063" ] .`,
	} {
		f.Add(seed)
	}
	maker, err := back.New()
	if err != nil {
		f.Fatal(err)
	}
	turtle, _ := rdfio.ByExtension(".ttl")
	f.Fuzz(func(t *testing.T, text string) {
		var quads []graph.Quad
		err := rdfio.Scan(context.Background(), turtle, strings.NewReader(text), rdfio.ReadOptions{Base: "http://x/"}, func(more []graph.Quad) error {
			for _, q := range more {
				quads = append(quads, graph.Quad{S: q.S.Clone(), P: graph.IRI(strings.Clone(string(q.P))), O: q.O.Clone(), G: q.G.Clone()})
			}
			return nil
		})
		if err != nil {
			return
		}
		made, err := maker.Make(quads)
		if err != nil {
			return
		}
		if len(made.Fields) != len(made.Record.Fields) {
			t.Fatalf("%d fields, but it is told of %d what they are made of", len(made.Record.Fields), len(made.Fields))
		}
		b, err := made.Record.Append(nil, marc.ISO2709)
		if err != nil {
			return // too long
		}
		again, err := marc.NewReader(strings.NewReader(string(b)), marc.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := again.Next()
		if err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		if len(r.Fields) != len(made.Record.Fields) {
			t.Fatalf("%d fields were written, %d read", len(made.Record.Fields), len(r.Fields))
		}
		if e, err := maker.Edit(made.Record, quads, quads); err != nil || len(e.Changed) > 0 {
			t.Fatalf("%v was changed by no edit (%v)", e, err)
		}
		if len(quads) > 1 {
			if _, err := maker.Edit(made.Record, quads, quads[:len(quads)/2]); err != nil && err != back.ErrNoWork {
				t.Fatal(err)
			}
		}
	})
}
