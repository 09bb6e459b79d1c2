package sparql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/store"
	"mocban/sparql"
)

// catalogue returns the quads of a record of a library, as many for each: an edition with its ISBN
// and a copy, its work, author and subjects. There are eight libraries however many records.
func catalogue(i, records int) []graph.Quad {
	const ns = "http://lib.example/"
	iri := func(kind string, n int) graph.Term { return graph.IRI(fmt.Sprint(ns, kind, "/", n)).Term() }
	blank := func(kind string) graph.Term { return graph.Blank(fmt.Sprint(kind, i)) }
	text := func(s string, n int) graph.Term { return graph.Text(fmt.Sprint(s, " ", n), "vi") }
	edition, work, author, library := iri("edition", i), iri("work", i), iri("author", i/2), iri("library", i%8)
	quad := func(s graph.Term, p string, o graph.Term) graph.Quad {
		return graph.Quad{S: s, P: graph.IRI(ns + p), O: o}
	}
	return []graph.Quad{
		quad(edition, "isbn", graph.String(fmt.Sprintf("978%07d", i*7919%10_000_000))),
		quad(edition, "of", work), quad(edition, "title", blank("t")), quad(blank("t"), "main", text("Tập", i*31%records)),
		quad(edition, "year", graph.Literal(fmt.Sprint(1900+i%120), "http://www.w3.org/2001/XMLSchema#integer")),
		quad(edition, "identified", blank("i")), quad(blank("i"), "value", graph.String(fmt.Sprintf("978%07d", i*7919%10_000_000))),
		quad(blank("i"), "kind", iri("kind", 1)), quad(edition, "kind", iri("kind", 2)), quad(work, "kind", iri("kind", 3)),
		quad(iri("copy", i), "copyOf", edition), quad(iri("copy", i), "heldBy", library), quad(iri("copy", i), "shelf", graph.String(fmt.Sprint("K", i%977))),
		quad(library, "name", text("Thư viện", i%8)), quad(work, "by", author), quad(author, "name", text("Tác giả", i/2)),
		quad(work, "about", iri("subject", i%records/10)), quad(iri("subject", i%records/10), "label", text("Đề tài", i%records/10)),
		quad(work, "language", iri("language", i%3)),
	}
}

// What a lookup touches is what it finds: in a library ten times as large it looks at as many blocks
// and pages of the dictionary, but for one that happens to be cut elsewhere. There is no cache,
// so each time that one is touched it is read, and counted.
func TestLookupsDoNotGrow(t *testing.T) {
	const few, many, asked = 1000, 10_000, 40
	queries := map[string]string{
		"edition by ISBN": `SELECT ?e ?w ?t { ?e :isbn "$isbn" ; :of ?w ; :title/:main ?t }`,
		"copies by identifier": `SELECT ?l ?n ?s { ?i :value "$isbn" ; :kind <http://lib.example/kind/1> . ?e :identified ?i .
			?c :copyOf ?e ; :heldBy ?l ; :shelf ?s . ?l :name ?n } ORDER BY ?n`,
		"page of a record": `SELECT * { $edition :of ?w ; :title ?t . ?t :main ?m OPTIONAL { ?t :sub ?s } OPTIONAL { $edition :year ?y }
			OPTIONAL { $edition :isbn ?i } OPTIONAL { ?w :by/:name ?a } OPTIONAL { ?w :about ?c . ?c :label ?l FILTER(LANG(?l) = "vi") } OPTIONAL { ?w :note ?x } }`,
		"record as a graph": `CONSTRUCT { $edition :of ?w . ?w :name ?n } WHERE { $edition :of ?w . ?w :by ?a . ?a :name ?n }`,
		"description":       `DESCRIBE $edition`,
		"ten ISBNs":         `SELECT ?i ?e ?m { VALUES ?i { $isbns } ?e :isbn ?i ; :title/:main ?m }`,
		"path":              `SELECT ?n { $edition :of/:by/:name ?n }`,
		"is there one":      `ASK { $edition :of ?w . ?w :language ?l }`,
		"without a copy":    `SELECT ?w { $edition :of ?w FILTER NOT EXISTS { ?c :copyOf $edition ; :heldBy <http://lib.example/library/9> } }`,
	}
	touched := map[string][2]uint64{}
	for at, n := range [2]int{few, many} {
		s, err := store.Open(t.TempDir(), store.Options{Volatile: true, Cache: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Load(context.Background(), func(l graph.Loader) error {
			for i := range n {
				if err := l.Add(catalogue(i, n)...); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		reads := func() uint64 {
			r := s.(*store.Store).Reads()
			return r.Blocks + r.Pages
		}
		for name, text := range queries {
			e := sparql.New(sparql.Options{})
			before, rows := uint64(0), 0
			for k := range 1 + asked {
				i := (k*7_907 + 13) % n
				isbn := func(i int) string { return fmt.Sprintf("978%07d", i%n*7919%10_000_000) }
				var isbns []string
				for j := range 10 {
					isbns = append(isbns, `"`+isbn(i+j*131)+`"`)
				}
				if k == 1 { // the first one is planned
					before = reads()
				}
				a, err := askWithin(e, s, "PREFIX : <http://lib.example/>\n"+strings.NewReplacer("$isbns", strings.Join(isbns, " "),
					"$isbn", isbn(i), "$edition", fmt.Sprintf("<http://lib.example/edition/%d>", i)).Replace(text), sparql.Limits{})
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				rows += len(a.rows) + len(a.triples)
				if a.boolean {
					rows++
				}
			}
			if rows == 0 {
				t.Errorf("%s: nothing was found", name)
			}
			both := touched[name]
			both[at] = reads() - before
			touched[name] = both
		}
	}
	for name, n := range touched {
		t.Logf("%-20s %6d and %6d touched", name, n[0], n[1])
		most := max(n[0]*13/10, n[0]+asked) // a block may be cut in two where there was one
		if name == "ten ISBNs" {            // of which several stand in one block of the small library
			most = 10 * touched["edition by ISBN"][1]
		}
		if n[1] > most {
			t.Errorf("%s: %d blocks and pages of the large library are touched, %d of the small one", name, n[1], n[0])
		}
	}
}
