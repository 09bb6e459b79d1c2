package sparql_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/sparql"
	"mocban/sparql/plan"
	"mocban/sparql/ref/random"
	"mocban/sparql/results"
	"mocban/sparql/syntax"
)

// others are endpoints that answer from stores, and remember what they were asked.
type others struct {
	stores map[graph.IRI]graph.Store
	asked  []string
	fail   func(n int) error // of the n-th request
}

func (o *others) Select(ctx context.Context, endpoint graph.IRI, query string) (*results.Result, error) {
	o.asked = append(o.asked, query)
	if o.fail != nil {
		if err := o.fail(len(o.asked)); err != nil {
			return nil, err
		}
	}
	store, ok := o.stores[endpoint]
	if !ok {
		return nil, errors.New("nobody is there")
	}
	snap, err := store.Snapshot()
	if err != nil {
		return nil, err
	}
	defer snap.Close()
	q, err := sparql.New(sparql.Options{Strict: true}).Prepare(sparql.Request{Text: query})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", query, err)
	}
	rows, err := q.Select(ctx, snap)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	res := &results.Result{Vars: rows.Vars()}
	for rows.Next() {
		res.Rows = append(res.Rows, append([]graph.Term(nil), rows.Row()...))
	}
	return res, rows.Err()
}

func askOthers(t *testing.T, o *others, store graph.Store, text string) ([][]graph.Term, error) {
	t.Helper()
	a, err := ask(sparql.New(sparql.Options{Strict: true, Services: o}), store, prefixes+text)
	return a.rows, err
}

func TestServiceBoundJoin(t *testing.T) {
	here, there := numbers(250), numbers(1000)
	for i := range there {
		there[i].P = ex + "q"
	}
	blank := graph.Quad{S: graph.Blank("n"), P: ex + "p", O: graph.String("b")}
	o := &others{stores: map[graph.IRI]graph.Store{ex + "there": memstore.New(append(there, graph.Quad{S: graph.Blank("n"), P: ex + "q", O: graph.String("b")})...)}}
	store := memstore.New(append(here, here[0], blank)...)
	for _, c := range []struct {
		text     string
		rows     int
		requests int
		values   int // rows sent in all
	}{
		{"SELECT * { ?s :p ?o SERVICE :there { ?s :q ?x } }", 250, 3, 250},
		{"SELECT * { ?s :p ?o OPTIONAL { SERVICE :there { ?s :q ?x } } }", 251, 3, 250},
		{"SELECT * { SERVICE :there { ?s :q ?x } ?s :p ?o }", 250, 3, 250},
		{"SELECT * { SERVICE :there { ?s :q ?x } }", 1001, 1, 0},
		{"SELECT * { VALUES ?s { :n1 :n2 :n1 } SERVICE :there { ?s :q ?x } }", 3, 1, 2},
		{"SELECT * { VALUES (?s ?x) { (:n1 UNDEF) (UNDEF \"2\") (:n3 \"4\") } SERVICE :there { ?s :q ?x } }", 2, 3, 3},
		{"SELECT * { ?s :p ?o FILTER(?o IN ('1', '2')) FILTER EXISTS { SERVICE :there { ?s :q ?x } } }", 2, 1, 2},
		{"SELECT * { ?s :p ?o FILTER(?o IN ('1', 'b')) FILTER NOT EXISTS { SERVICE :there { ?s :q ?x } } }", 1, 1, 1},
		{"SELECT (COUNT(*) AS ?n) { ?a :p '1' . ?b :p '2' SERVICE :there { ?s :q '7' } }", 1, 1, 0},
		{"SELECT * { ?s :p '1' SERVICE :there { :n1 :q '1' } }", 1, 1, 0},
		{"SELECT ?x { ?s :p '1' SERVICE :there { ?s :q ?o . ?x :q '5' } }", 1, 1, 1},
		{"SELECT * { ?s :p 'b' SERVICE :there { ?s :q ?x } }", 0, 0, 0},
		{"SELECT * { ?s :p 'b' SERVICE SILENT :there { ?s :q ?x } }", 0, 1, 0},
		{"SELECT * { ?s :p 'b' SERVICE SILENT :none { ?s :q ?x } }", 1, 1, 0},
		{"SELECT * { ?e :is ?s SERVICE ?e { ?s :q ?x } }", 0, 0, 0},
	} {
		o.asked = nil
		rows, err := askOthers(t, o, store, c.text)
		if err != nil || len(rows) != c.rows || len(o.asked) != c.requests {
			t.Errorf("%s: %d rows, %d requests, %v; want %d and %d", c.text, len(rows), len(o.asked), err, c.rows, c.requests)
		}
		sent := 0
		for _, q := range o.asked {
			if _, values, ok := strings.Cut(q, "VALUES"); ok {
				values, _, _ = strings.Cut(values, "}")
				sent += strings.Count(values, "(") - 1
			}
			if strings.Contains(q, "_:") {
				t.Errorf("%s sends a blank node: %s", c.text, q)
			}
		}
		if sent != c.values {
			t.Errorf("%s sends %d rows, want %d", c.text, sent, c.values)
		}
	}
}

// The blank nodes of an endpoint are not ours, and those of one answer are told apart.
func TestServiceBlankNodes(t *testing.T) {
	b := graph.Quad{S: graph.Blank("n"), P: ex + "q", O: graph.Blank("n")}
	o := &others{stores: map[graph.IRI]graph.Store{ex + "there": memstore.New(b)}}
	store := memstore.New(graph.Quad{S: graph.Blank("n"), P: ex + "p", O: graph.String("x")})
	for text, want := range map[string]int{
		"SELECT * { SERVICE :there { ?s :q ?o } FILTER(SAMETERM(?s, ?o)) }":                                 1,
		"SELECT * { ?s :p ?x SERVICE :there { ?s :q ?o } }":                                                 0,
		"SELECT * { ?n :p ?x SERVICE :there { ?s :q ?o } FILTER(!SAMETERM(?n, ?s)) }":                       1,
		"SELECT * { SERVICE :there { ?s :q ?o } SERVICE :there { ?s :q ?x } }":                              0,
		"SELECT * { { SERVICE :there { ?s :q ?o } } UNION { SERVICE :there { ?s :q ?x } } ?z :p 'x' }":      2,
		"SELECT DISTINCT ?s { { SERVICE :there { ?s :q ?o } } UNION { SERVICE :there { ?s :q ?x } } }":      2,
		"SELECT * { SERVICE :there { [] :q ?o } }":                                                          1,
		"SELECT * { VALUES ?x { 1 2 } OPTIONAL { SERVICE :there { ?s :q ?o } } } ORDER BY ?x":               2,
		"SELECT * { SERVICE :there { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } FILTER(?n = 1) }":               1,
		"SELECT * { BIND(1 AS ?n) SERVICE :there { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } ?z :p 'x' }":      1,
		"SELECT * { BIND(1.0 AS ?n) SERVICE :there { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } FILTER(?n=1) }": 0,
	} {
		if rows, err := askOthers(t, o, store, text); err != nil || len(rows) != want {
			t.Errorf("%s: %v, %v, want %d rows", text, rows, err, want)
		}
	}
}

func TestServiceFailures(t *testing.T) {
	o := &others{stores: map[graph.IRI]graph.Store{ex + "there": memstore.New(numbers(3)...), ex + "slow": memstore.New()}}
	o.fail = func(n int) error {
		if n == 2 {
			return errors.New("is tired")
		}
		return nil
	}
	store := memstore.New(append(numbers(250), graph.Quad{S: (ex + "x").Term(), P: ex + "at", O: (ex + "there").Term()}, graph.Quad{S: (ex + "x").Term(), P: ex + "at", O: graph.String("no IRI")})...)
	for text, want := range map[string]string{
		"SELECT * { SERVICE :none { ?s ?p ?o } }":                          "SERVICE <http://example.org/none>: nobody is there",
		"SELECT * { SERVICE SILENT :none { ?s ?p ?o } }":                   "1",
		"SELECT * { ?s :p ?o SERVICE SILENT :none { ?s :q ?x } }":          "250",
		"SELECT * { ?s :p ?o SERVICE :there { ?s :p ?x } }":                "SERVICE <http://example.org/there>: is tired",
		"SELECT * { ?s :p ?o SERVICE SILENT :there { ?s :p ?x } }":         "103", // the second hundred passes alone
		"SELECT * { ?s :at ?e SERVICE ?e { ?y :p ?x } }":                   `SERVICE <?e>: the variable is no IRI here, but "no IRI"`,
		"SELECT * { ?s :at ?e SERVICE SILENT ?e { ?y :p ?x } }":            "4",
		"SELECT * { SERVICE ?e { ?y :p ?x } }":                             "SERVICE <?e>: the variable is no IRI here",
		"SELECT * { SERVICE ?e { ?y :p ?x } VALUES ?e { :there } }":        "3",
		"SELECT * { ?s :at ?e FILTER(ISIRI(?e)) SERVICE ?e { ?y :p ?x } }": "3",
	} {
		o.asked = nil
		rows, err := askOthers(t, o, store, text)
		var e *sparql.ServiceError
		if err != nil && (!errors.As(err, &e) || !strings.HasPrefix(err.Error(), want)) || err == nil && fmt.Sprint(len(rows)) != want {
			t.Errorf("%s: %d rows, %v, want %s", text, len(rows), err, want)
		}
	}
	if _, err := ask(sparql.New(sparql.Options{}), store, prefixes+"SELECT * { SERVICE :there { ?s ?p ?o } }"); !errors.Is(err, sparql.ErrFederation) {
		t.Errorf("without endpoints: %v", err)
	}
	q, err := sparql.New(sparql.Options{Services: o}).Prepare(sparql.Request{Text: prefixes + "ASK { FILTER EXISTS { SERVICE :there { ?s ?p ?o } } }"})
	if err != nil || !q.Volatile() {
		t.Errorf("an answer of others may be kept (%v)", err)
	}
	u, err := sparql.New(sparql.Options{Strict: true, Services: &others{stores: o.stores}}).PrepareUpdate(sparql.UpdateRequest{Text: prefixes + "INSERT { ?s :there ?x } WHERE { ?s :p ?o SERVICE :there { ?s :p ?x } }"})
	if err == nil {
		_, err = u.Run(context.Background(), store)
	}
	if n := len(quadsOf(t, store)); err != nil || n != 255 {
		t.Errorf("an update by another endpoint leaves %d quads, %v", n, err)
	}
}

// What an endpoint says that holds the same data is what the pattern says here, whichever way
// the rows are joined.
func TestServiceAsHere(t *testing.T) {
	asked, compared := 0, 0
	for n := range *randomQueries / 10 {
		r := rand.New(rand.NewPCG(*randomSeed+uint64(n), 11))
		var quads []graph.Quad
		all, _ := random.Data(r, 30)
		for _, q := range all {
			if _, nested := q.O.Triple(); !nested && !q.S.IsBlank() && !q.O.IsBlank() && !q.G.IsBlank() {
				quads = append(quads, q)
			}
		}
		store := memstore.New(quads...)
		a, b := random.Group(r), random.Group(r)
		form := []string{"SELECT * { %s %s }", "SELECT * { %[2]s %[1]s }", "SELECT * { %s OPTIONAL { %s } }", "SELECT * { %s MINUS { %s } }", "SELECT * { %s FILTER EXISTS { %s } }"}[r.IntN(5)]
		here := random.Prefixes + fmt.Sprintf(form, a, "{ SELECT * "+b+" }")
		there := random.Prefixes + fmt.Sprintf(form, a, "SERVICE <http://example.org/self> "+b)
		if strings.Contains(here, "BNODE") || strings.Contains(there, "SERVICE SILENT") {
			continue
		}
		if _, err := syntax.Parse(here); err != nil {
			continue
		}
		if _, err := syntax.Parse(there); err != nil {
			continue
		}
		o := &others{stores: map[graph.IRI]graph.Store{"http://example.org/self": store}}
		limits := sparql.Limits{Memory: 32 << 20}
		want, err := askWithin(sparql.New(sparql.Options{Strict: true}), store, here, limits)
		if err != nil || len(want.rows) > 20_000 {
			continue
		}
		e := sparql.New(sparql.Options{Strict: true, Services: o})
		for name, e := range map[string]*sparql.Engine{"all rules": e, "small batches": e.Batches(3), "one rule less": e.Without(plan.Rules[r.IntN(len(plan.Rules))].Name)} {
			got, err := askWithin(e, store, there, limits)
			var limit *graph.LimitError
			if errors.As(err, &limit) {
				continue
			}
			compared++
			if err != nil || !maps.Equal(tallied(got.rows), tallied(want.rows)) {
				t.Fatalf("%s\n%s: %v\n%d rows\nwant %d of\n%s", there, name, err, len(got.rows), len(want.rows), here)
			}
		}
		asked += len(o.asked)
	}
	t.Logf("%d answers compared, %d requests", compared, asked)
}

// tallied counts equal rows. Columns of SELECT * come in the order of the text, so that terms
// are sorted by themselves.
func tallied(rows [][]graph.Term) map[string]int {
	count := map[string]int{}
	for _, row := range rows {
		var b []string
		for _, t := range row {
			b = append(b, t.String())
		}
		slices.Sort(b)
		count[strings.Join(b, " ")]++
	}
	return count
}
