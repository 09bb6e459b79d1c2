package publish_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// A text is read without being run: what is wrong comes with its place, and with the line
// that would mend it.
func TestCheckedQueries(t *testing.T) {
	h := endpoint(t)
	type checked struct {
		OK                   bool
		Form                 string
		Vars                 []string
		Line, Column, Length int
		Detail, DetailEn     string `json:"-"`
		Missing              string
	}
	check := func(text string) (c checked) {
		t.Helper()
		r := ask(h, "POST", "/sparql/check", text)
		if err := json.NewDecoder(r.Body).Decode(&c); err != nil || r.StatusCode != 200 {
			t.Fatalf("%q: %d %v", text, r.StatusCode, err)
		}
		return c
	}
	if c := check("SELECT ?a ?b { ?a ?p ?b }"); !c.OK || c.Form != "SELECT" || strings.Join(c.Vars, " ") != "a b" {
		t.Errorf("a query is %+v", c)
	}
	if c := check("SELECT * {\n  ?x a ; ?y\n}"); c.OK || c.Line != 2 || c.Column != 8 || c.Length != 1 {
		t.Errorf("a mistake is %+v", c)
	}
	if c := check("ASK { ?s skos:prefLabel ?o }"); c.OK || c.Missing != "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>" || c.Length != len("skos:prefLabel") {
		t.Errorf("a missing prefix is %+v", c)
	}
	for _, text := range []string{"", "\xff", `ASK { ?s ?p ?o FILTER REGEX(?o, "(") }`, "ASK { ?s <http://jena.apache.org/text#query> ?o }"} {
		if c := check(text); c.OK {
			t.Errorf("%q is taken for a query", text)
		}
	}
}

// Classes and properties come with their names in both languages, the most used first.
func TestTermsToComplete(t *testing.T) {
	var list struct {
		Classes, Properties []struct {
			IRI, Short, Vi, En string
			Count              uint64
		}
	}
	r := get(endpoint(t), "/sparql/terms")
	if err := json.NewDecoder(r.Body).Decode(&list); err != nil || r.StatusCode != 200 {
		t.Fatal(r.StatusCode, err)
	}
	found := false
	for i, c := range list.Classes {
		found = found || c.Short == "bf:Work" && c.Vi == "Tác phẩm" && c.En == "Work" && c.Count > 0
		if i > 0 && c.Count > list.Classes[i-1].Count {
			t.Errorf("%s is used more than the one before it", c.Short)
		}
	}
	if !found || len(list.Properties) == 0 {
		t.Errorf("got %+v", list)
	}
	if r := get(endpoint(t), "/sparql/terms", "If-None-Match", r.Header.Get("ETag")); r.StatusCode != 304 {
		t.Errorf("asked again: %d", r.StatusCode)
	}
}

// A plan that is run says what each step did, until a limit if there was one.
func TestExplainRun(t *testing.T) {
	h := handler(t, big(t))
	r := get(h, "/sparql/explain"+strings.TrimPrefix(query("SELECT * { ?a ?p ?b } LIMIT 10"), "/sparql")+"&run=1")
	if body := read(t, r); r.StatusCode != 200 || !strings.Contains(body, "10 rows") {
		t.Errorf("%d %s", r.StatusCode, body)
	}
	r = get(h, "/sparql/explain"+strings.TrimPrefix(query(slow, "timeout", "0.2"), "/sparql")+"&run=1&lang=en")
	if body := read(t, r); r.StatusCode != 200 || !strings.HasPrefix(body, "Stopped at the time limit (0.2 s).\n\n") || !strings.Contains(body, "rows") {
		t.Errorf("over a limit: %d %s", r.StatusCode, body)
	}
}

// A plan is shown and nothing is run: a query that would take for ever is explained at once.
func TestExplained(t *testing.T) {
	h := handler(t, big(t))
	r := get(h, "/sparql/explain"+strings.TrimPrefix(query(slow), "/sparql"))
	if body := read(t, r); r.StatusCode != 200 || !strings.Contains(body, "Scan") {
		t.Errorf("%d %s", r.StatusCode, body)
	}
	if r := get(h, "/sparql/explain?query=SELECT"); r.StatusCode != 400 {
		t.Errorf("a mistake: %d", r.StatusCode)
	}
}

func TestExamplesAsData(t *testing.T) {
	var list []struct{ ID, Vi, En, Query string }
	if err := json.NewDecoder(get(endpoint(t), "/sparql/examples").Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	if len(list) < 5 {
		t.Fatalf("%d examples", len(list))
	}
	for _, e := range list {
		if e.ID == "" || e.Vi == "" || e.En == "" || e.Query == "" {
			t.Errorf("%+v lacks something", e)
		}
	}
}
