package publish_test

import (
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/rdfio"
)

// parse reads a document of RDF.
func parse(t *testing.T, f *rdfio.Format, body string) (quads []graph.Quad) {
	t.Helper()
	r, err := rdfio.NewReader(f, strings.NewReader(body), rdfio.ReadOptions{Base: base, KeepBlanks: true})
	if err != nil {
		t.Fatal(err)
	}
	var b [256]graph.Quad
	for {
		n, err := r.Read(b[:])
		quads = append(quads, b[:n]...)
		if err == io.EOF {
			return quads
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s", f, err, body)
		}
	}
}

// triples leaves out the graphs, and what comes twice then.
func triples(quads []graph.Quad) (out []graph.Quad) {
	seen := make(map[graph.Quad]bool)
	for _, q := range quads {
		q.G = graph.Term{}
		if !seen[q] {
			seen[q] = true
			out = append(out, q)
		}
	}
	return out
}

var things = []string{
	"work/demo-1", "work/demo-2", "work/bad", "instance/demo-1", "item/demo-1-1", "agent/nguyen-du", "concept/truyen-tho-nom",
	"place/ha-noi", "hub/truyen-kieu",
}

// All forms of a document hold the same triples, and those are in the store.
func TestFormsHoldTheTriplesOfTheStore(t *testing.T) {
	h := handler(t, config(t))
	in := make(map[graph.Quad]bool)
	for _, q := range triples(sample(t)) {
		in[q] = true
	}
	for _, thing := range things {
		want := parse(t, rdfio.NTriples, read(t, get(h, "/"+thing+".nt")))
		if len(want) == 0 {
			t.Errorf("%s: no triples", thing)
		}
		for _, q := range want {
			if !in[q] {
				t.Errorf("%s: not in the store: %v", thing, q)
			}
		}
		for _, f := range rdfio.Formats {
			r := get(h, "/"+thing+"."+f.Extension)
			if r.StatusCode != 200 {
				t.Errorf("%s.%s: %d", thing, f.Extension, r.StatusCode)
				continue
			}
			if got := triples(parse(t, f, read(t, r))); !canon.Isomorphic(got, want) {
				t.Errorf("%s as %s has %d triples, as N-Triples %d, and they differ", thing, f, len(got), len(want))
			}
		}
	}
}

// expand makes JSON-LD of framed JSON, as a client does that follows the link to its context.
func expand(t *testing.T, body, context string) []graph.Quad {
	t.Helper()
	var doc map[string]any
	var c map[string]any
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(context), &c); err != nil {
		t.Fatal(err)
	}
	doc["@context"] = c["@context"]
	whole, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, rdfio.JSONLD, string(whole))
}

// lower writes language tags in lower case, as a JSON-LD processor may (JSON-LD 1.1, 4.2.4).
func lower(quads []graph.Quad) []graph.Quad {
	out := slices.Clone(quads)
	for i, q := range out {
		if l := q.O.Lang(); l != "" {
			out[i].O = graph.Text(q.O.Value(), strings.ToLower(l))
		}
	}
	return out
}

func TestFramedJSONIsTheSameTriples(t *testing.T) {
	h := handler(t, config(t))
	context := read(t, get(h, "/context/thing-v1.jsonld"))
	for _, thing := range things {
		want := parse(t, rdfio.NTriples, read(t, get(h, "/"+thing+".nt")))
		got := triples(expand(t, read(t, get(h, "/"+thing+".json")), context))
		if !canon.Isomorphic(lower(got), lower(want)) {
			t.Errorf("%s:\n%s", thing, diffQuads(want, got))
		}
	}
}

func diffQuads(want, got []graph.Quad) string {
	var a, b []string
	for _, q := range want {
		a = append(a, q.String())
	}
	for _, q := range got {
		b = append(b, q.String())
	}
	return diff(strings.Join(a, "\n"), strings.Join(b, "\n"))
}

func TestRecordIsItsGraph(t *testing.T) {
	h := handler(t, config(t))
	context := read(t, get(h, "/context/thing-v1.jsonld"))
	for _, record := range []string{"record/VN-DEMO/demo000001", "record/VN-DEMO/demo000002"} {
		var want []graph.Quad
		for _, q := range sample(t) {
			if q.G == graph.IRI(base+record).Term() {
				want = append(want, q)
			}
		}
		own := func(quads []graph.Quad) (out []graph.Quad) {
			for _, q := range quads {
				if q.G == graph.IRI(base+record).Term() {
					out = append(out, q)
				}
			}
			return out
		}
		for _, f := range []*rdfio.Format{rdfio.NQuads, rdfio.TriG, rdfio.JSONLD} {
			if got := own(parse(t, f, read(t, get(h, "/"+record+"."+f.Extension)))); !canon.Isomorphic(got, want) {
				t.Errorf("%s as %s:\n%s", record, f, diffQuads(want, got))
			}
		}
		if got := expand(t, read(t, get(h, "/"+record+".json")), context); !canon.Isomorphic(lower(got), lower(want)) {
			t.Errorf("%s as JSON:\n%s", record, diffQuads(want, got))
		}
	}
}

var script = regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)

// What stands in the head for search engines is in the store, word for word.
func TestSchemaInTheHeadIsInTheStore(t *testing.T) {
	h := handler(t, config(t))
	in := make(map[graph.Quad]bool)
	for _, q := range triples(sample(t)) {
		in[q] = true
	}
	for _, thing := range []string{"work/demo-1", "instance/demo-1", "agent/nguyen-du", "work/bad"} {
		page := read(t, get(h, "/vi/"+thing))
		head, _, _ := strings.Cut(page, "</head>")
		m := script.FindStringSubmatch(head)
		if m == nil {
			t.Errorf("%s: no JSON-LD in the head", thing)
			continue
		}
		quads := parse(t, rdfio.JSONLD, m[1])
		if len(quads) == 0 {
			t.Errorf("%s: no triples", thing)
		}
		for _, q := range quads {
			if !in[q] {
				t.Errorf("%s: not in the store: %v", thing, q)
			}
		}
	}
}
