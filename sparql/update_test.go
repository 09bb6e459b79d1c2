package sparql_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/sparql"
)

const ex graph.IRI = "http://example.org/"

// numbers returns n quads, ex:n0 ex:p 0 and so on.
func numbers(n int) (quads []graph.Quad) {
	for i := range n {
		quads = append(quads, graph.Quad{S: (ex + graph.IRI(fmt.Sprint("n", i))).Term(), P: ex + "p", O: graph.String(fmt.Sprint(i))})
	}
	return quads
}

func TestUpdateLimits(t *testing.T) {
	for _, c := range []struct {
		limits sparql.Limits
		text   string
		want   string
	}{
		{sparql.Limits{Rows: 999}, "DELETE WHERE { ?s ?p ?o }", "stopped at the rows limit of 999 quads at DELETE"},
		{sparql.Limits{Rows: 1000}, "DELETE WHERE { ?s ?p ?o }", ""},
		{sparql.Limits{Rows: 999}, "CLEAR ALL", "stopped at the rows limit of 999 quads at DELETE"},
		{sparql.Limits{Rows: 1999}, "COPY DEFAULT TO <g> ; MOVE <g> TO <h>", "operation 2: stopped at the rows limit of 1999 quads at INSERT"},
		{sparql.Limits{Rows: 999}, "DROP SILENT ALL", "stopped at the rows limit of 999 quads at DELETE"},
		{sparql.Limits{Memory: 200 << 10}, "INSERT { ?s <q> ?o } WHERE { ?s ?p ?o }", "stopped at the memory limit of 200 KiB at INSERT"},
		{sparql.Limits{Memory: 1 << 20}, "INSERT { ?s <q> ?o } WHERE { ?s ?p ?o }", ""},
		{sparql.Limits{Memory: 400 << 10}, "DELETE { ?s ?p ?o } INSERT { ?s <q> [ <r> ?o ] } WHERE { ?s ?p ?o }", "stopped at the memory limit of 400 KiB at INSERT"},
		{sparql.Limits{Time: 20 * time.Millisecond}, "INSERT { ?a <q> ?d } WHERE { ?a ?p ?x . ?b ?p ?y . ?c ?p ?z . ?d ?p ?w }", "stopped at the time limit of 0.02 s"},
	} {
		s := memstore.New(numbers(1000)...)
		u, err := sparql.New(sparql.Options{}).PrepareUpdate(sparql.UpdateRequest{Text: c.text, Base: ex, Limits: c.limits})
		if err != nil {
			t.Fatal(err)
		}
		v, err := u.Run(context.Background(), s)
		if c.want == "" {
			if err != nil || v != 2 {
				t.Errorf("%s: version %d, %v", c.text, v, err)
			}
			continue
		}
		var limit *graph.LimitError
		if !errors.As(err, &limit) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.text, err, c.want)
		}
		if got := quadsOf(t, s); len(got) != 1000 {
			t.Errorf("%s: %d quads are there", c.text, len(got))
		}
	}
}

func TestUpdateRequests(t *testing.T) {
	e := sparql.New(sparql.Options{})
	for text, want := range map[string]string{
		"SELECT * {}":                        "this is a query, no update",
		"INSERT DATA { 'x' <p> <o> }":        "a subject is an IRI or a blank node",
		"DELETE DATA { <s> <p> 1 . ?s <p> 1": "data holds no variables",
		"INSERT { ?s <q> 1 } WHERE { ?s <p> ?o FILTER(REGEX(?o, '(')) }": "regular expression",
	} {
		if _, err := e.PrepareUpdate(sparql.UpdateRequest{Text: text, Base: ex}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"WITH <g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", "DELETE { ?s ?p ?o } USING NAMED <g> WHERE { ?s ?p ?o }"} {
		if _, err := e.PrepareUpdate(sparql.UpdateRequest{Text: text, Base: ex, Using: []graph.IRI{"http://g"}}); !errors.Is(err, sparql.ErrUsing) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The graphs of the protocol are those of WHERE, and a request says where it comes from.
func TestUpdateUsing(t *testing.T) {
	a, b := numbers(2)[0], numbers(2)[1]
	a.G, b.G = (ex + "g").Term(), (ex + "h").Term()
	s := memstore.New(a, b)
	u, err := sparql.New(sparql.Options{}).PrepareUpdate(sparql.UpdateRequest{
		Text: "INSERT { ?s <q> ?o } WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }", Base: ex,
		Using: []graph.IRI{ex + "g"}, UsingNamed: []graph.IRI{ex + "h", ex + "none"}, Source: "a test",
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Run(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	for c, err := range s.Changes(context.Background(), 1) {
		if err != nil || c.Source != "a test" || c.Added != 2 || c.Removed != 0 {
			t.Errorf("change %+v, %v", c, err)
		}
	}
}

// documents is a Loader of a few.
type documents map[graph.IRI][]graph.Quad

func (d documents) Load(_ context.Context, document graph.IRI, give func(...graph.Quad) error) error {
	quads, ok := d[document]
	if !ok {
		return errors.New("is not there")
	}
	if err := give(quads...); err != nil {
		return err
	}
	if strings.HasSuffix(string(document), "broken") {
		return errors.New("breaks off")
	}
	return nil
}

func TestLoadOperation(t *testing.T) {
	load := documents{ex + "doc": numbers(3), ex + "empty": nil, ex + "broken": numbers(5)}
	for _, c := range []struct {
		text  string
		want  string // of the error
		quads int    // and named graphs
	}{
		{"LOAD <doc>", "", 3},
		{"LOAD <doc> INTO GRAPH <g> ; DELETE WHERE { GRAPH <g> { <n1> ?p ?o } }", "", 2 + 1},
		{"LOAD <empty> INTO GRAPH <g>", "", 1},
		{"LOAD <broken>", "LOAD <http://example.org/broken>: breaks off", 0},
		{"LOAD SILENT <broken> ; INSERT DATA { <s> <p> 1 }", "", 1},
		{"INSERT DATA { <s> <p> 1 } ; LOAD <none>", "operation 2: LOAD <http://example.org/none>: is not there", 0},
	} {
		s := new(memstore.Store)
		u, err := sparql.New(sparql.Options{Load: load}).PrepareUpdate(sparql.UpdateRequest{Text: c.text, Base: ex})
		if err != nil {
			t.Fatal(err)
		}
		_, err = u.Run(context.Background(), s)
		if err == nil && c.want != "" || err != nil && err.Error() != c.want {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
		if got := quadsOf(t, s); len(got) != c.quads {
			t.Errorf("%s leaves %v", c.text, got)
		}
	}
}

// WHERE finds things by their words, as a query does.
func TestUpdateByWords(t *testing.T) {
	s := memstore.New(numbers(3)...)
	e := sparql.New(sparql.Options{Search: &shelf{names: map[string]string{string(ex + "n1"): "Kiều"}}})
	text := prefixes + "INSERT { ?s :found ?name } WHERE { (?s ?score ?name) <http://jena.apache.org/text#query> \"kiều\" . ?s :p ?o }"
	if err := runUpdate(e, s, text); err != nil {
		t.Fatal(err)
	}
	if n := len(quadsOf(t, s)); n != 4 {
		t.Errorf("%d quads are there", n)
	}
	if err := runUpdate(sparql.New(sparql.Options{}), s, text); err == nil {
		t.Error("words are found without an index")
	}
}
