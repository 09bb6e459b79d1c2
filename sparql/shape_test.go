package sparql_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"

	"mocban/graph"
	"mocban/sparql"
	"mocban/sparql/ref/random"
	"mocban/sparql/syntax"
	"mocban/vocab/xsd"
)

// TestRandomShapes asks random queries again with other terms in their places, of an engine
// that keeps what it found out about the first, and compares with the oracle.
func TestRandomShapes(t *testing.T) {
	var tally tally
	for n := 0; n < *randomQueries && tally.wrong < 10; n += perData {
		seed := *randomSeed + uint64(n/perData)
		open := inMemory
		if seed%2 == 0 {
			open = onDisk
		}
		w := newWorld(t, seed, open)
		var iris, strings []graph.Term
		for _, q := range w.quads {
			for _, x := range []graph.Term{q.S, q.P.Term(), q.O} {
				switch {
				case x.IsIRI():
					iris = append(iris, x)
				case x == graph.String(x.Value()):
					strings = append(strings, x)
				}
			}
		}
		strings = append(strings, graph.String("nothing has this"))
		for k := range min(perData, *randomQueries-n) / 4 {
			r := rand.New(rand.NewPCG(seed, uint64(k+1)))
			tree, err := syntax.Parse(random.Prefixes + random.Query(r))
			if err != nil {
				t.Fatal(err)
			}
			text := tree.String()
			shape, ok := syntax.ShapeOf(text)
			if !ok || len(shape.Terms) == 0 {
				continue
			}
			for range 4 {
				var wrong *sparql.PatternError
				if _, err := sparql.New(sparql.Options{}).Prepare(sparql.Request{Text: text}); errors.As(err, &wrong) {
					break // a text became a regular expression that is none
				}
				if out := w.compare(text, &tally, "all rules"); out != "" {
					tally.wrong++
					t.Errorf("seed %d, query %d: %s\n%s", seed, k+1, text, out)
				}
				others := map[graph.Term]graph.Term{}
				text = fill(shape, func(x graph.Term) graph.Term {
					pool := iris
					if x.IsLiteral() {
						pool = strings
					}
					if _, known := others[x]; !known || r.IntN(20) == 0 {
						others[x] = pool[r.IntN(len(pool))]
						if r.IntN(3) > 0 {
							others[x] = x
						}
					}
					return others[x]
				})
			}
		}
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%+v", tally)
}

// fill writes a query of a shape with terms of its own.
func fill(s syntax.Shape, term func(graph.Term) graph.Term) string {
	var b strings.Builder
	key := s.Key
	for _, x := range s.Terms {
		before, after, _ := strings.Cut(key, "\x00")
		b.WriteString(before)
		b.WriteString(term(x).String())
		key = after[1:]
	}
	b.WriteString(key)
	return b.String()
}

// A run that ended early, with rows left in every step, serves the next query of its shape.
func TestRunsServeAgain(t *testing.T) {
	e := sparql.New(sparql.Options{})
	s, err := onDisk(t)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.Update(context.Background(), func(tx graph.Txn) error {
		for i := range 40 {
			work := graph.IRI(fmt.Sprintf("http://e/w%d", i%4)).Term()
			part := graph.IRI(fmt.Sprintf("http://e/n%d", i)).Term()
			if err := tx.Add(graph.Quad{S: work, P: "http://e/part", O: part},
				graph.Quad{S: part, P: "http://e/name", O: graph.String(fmt.Sprint("name ", i))},
				graph.Quad{S: part, P: "http://e/size", O: graph.Literal(strconv.Itoa(i/4), xsd.Integer)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	const text = `SELECT ?name ?size ?other {
	<http://e/w%d> <http://e/part> ?p . OPTIONAL { ?p <http://e/name> ?name }
	?p <http://e/size> ?size . ?q <http://e/size> ?size . <http://e/w0> <http://e/part> ?q . ?q <http://e/name> ?other FILTER(?size > 2) }`
	for n := range 24 {
		q, err := e.Prepare(sparql.Request{Text: fmt.Sprintf(text, n%4)})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := q.Select(context.Background(), snap)
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for (n%3 > 0 || seen < n) && rows.Next() {
			seen++
			size, _ := strconv.Atoi(rows.Row()[1].Value())
			want := fmt.Sprintf("[name %d] [%d] [name %d]", 4*size+n%4, size, 4*size)
			if got := fmt.Sprintf("[%s] [%d] [%s]", rows.Row()[0].Value(), size, rows.Row()[2].Value()); got != want {
				t.Fatalf("query %d: %s, not %s", n, got, want)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		if n%3 > 0 && seen != 7 {
			t.Fatalf("query %d: %d rows, not 7", n, seen)
		}
	}
}

// A query that differs from one before in the terms of subjects and objects only has its own
// answer: with terms that the store has not, with terms that became equal, and after a change.
func TestShapes(t *testing.T) {
	e := sparql.New(sparql.Options{})
	s := load(t, `
<http://e/a> <http://e/p> <http://e/b> , "x" .
<http://e/b> <http://e/p> <http://e/b> , "y" .
<http://e/c> <http://e/q> <http://e/a> .
`)
	rows := func(text string) int {
		t.Helper()
		a, err := ask(e, s, text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return len(a.rows)
	}
	for _, c := range []struct {
		text string
		want int
	}{
		{`SELECT * { <http://e/a> <http://e/p> ?o }`, 2},
		{`SELECT * { <http://e/b> <http://e/p> ?o }`, 2},
		{`SELECT * { <http://e/c> <http://e/p> ?o }`, 0},
		{`SELECT * { <http://e/none> <http://e/p> ?o }`, 0},
		{`SELECT * { <http://e/c> <http://e/q> ?o }`, 1},
		{`SELECT * { <http://e/a> <http://e/p> <http://e/b> }`, 1},
		{`SELECT * { <http://e/b> <http://e/p> <http://e/b> }`, 1},
		{`SELECT * { <http://e/b> <http://e/p> <http://e/c> }`, 0},
		{`SELECT * { ?s <http://e/p> "x" FILTER(?s != <http://e/b>) }`, 1},
		{`SELECT * { ?s <http://e/p> "y" FILTER(?s != <http://e/b>) }`, 0},
		{`SELECT * { ?s <http://e/p> "y" FILTER(?s != <http://e/a>) }`, 1},
		{`SELECT * { ?s <http://e/p>* <http://e/b> }`, 2},
		{`SELECT * { ?s <http://e/p>* <http://e/a> }`, 1},
		{`SELECT * { ?s <http://e/p>* <http://e/none> }`, 1},
		{`SELECT (COUNT(*) AS ?n) { <http://e/a> ?p ?o }`, 1},
		{`SELECT ?p { <http://e/p> ?p ?o }`, 0},
		// A name with a prefix is the same term in another spelling: it stays as it is.
		{`PREFIX e: <http://e/> SELECT ?o { <http://e/a> e:p ?o . e:a e:p ?o }`, 2},
		{`PREFIX e: <http://e/> SELECT ?o { <http://e/b> e:p ?o . e:a e:p ?o }`, 1},
		// So do datatypes.
		{`SELECT * { <http://e/a> ?p ?o FILTER(?o != "1"^^<http://e/a> || true) }`, 2},
		{`SELECT * { <http://e/b> ?p ?o FILTER(?o != "1"^^<http://e/b> || true) }`, 2},
		{`SELECT ?p { <http://e/a> ?p ?o }`, 2},
		// Terms of VALUES: with some that the store has not, with one of the pattern, and equal ones.
		{`SELECT * { VALUES ?o { "x" <http://e/b> } ?s <http://e/p> ?o }`, 3},
		{`SELECT * { VALUES ?o { "y" <http://e/c> } ?s <http://e/p> ?o }`, 1},
		{`SELECT * { VALUES ?o { "none" <http://e/none> } ?s <http://e/p> ?o }`, 0},
		{`SELECT * { VALUES ?o { "none" <http://e/b> } ?s <http://e/p> ?o }`, 2},
		{`SELECT * { VALUES ?o { "x" <http://e/b> } ?s <http://e/p> ?o }`, 3},
		{`SELECT * { VALUES ?o { "x" "y" } ?s <http://e/p> ?o }`, 2},
		{`SELECT * { VALUES ?o { "x" "x" } ?s <http://e/p> ?o }`, 2},
		{`SELECT * { VALUES ?o { "x" "none" } OPTIONAL { ?s <http://e/p> ?o } FILTER(?o != <http://e/a>) }`, 2},
		{`SELECT * { VALUES ?o { "y" "else" } OPTIONAL { ?s <http://e/p> ?o } FILTER(?o != <http://e/a>) }`, 2},
		{`SELECT DISTINCT ?o { { VALUES ?o { "none" } } UNION { VALUES ?o { "other" } } }`, 2},
		{`SELECT DISTINCT ?o { { VALUES ?o { "some" } } UNION { VALUES ?o { "x" } } }`, 2},
		{`SELECT DISTINCT ?o { { VALUES ?o { "same" } } UNION { VALUES ?o { "same" } } }`, 1},
		{`SELECT * { <http://e/a> <http://e/p> ?o VALUES ?o { <http://e/b> } }`, 1},
		{`SELECT * { <http://e/b> <http://e/p> ?o VALUES ?o { <http://e/b> } }`, 1},
		{`SELECT * { <http://e/b> <http://e/p> ?o VALUES ?o { <http://e/none> } }`, 0},
		{`SELECT * { <http://e/none> <http://e/p> ?o VALUES ?o { <http://e/b> } }`, 0},
	} {
		if got := rows(c.text); got != c.want {
			t.Errorf("%s: %d rows, want %d", c.text, got, c.want)
		}
	}
	if _, err := s.Update(context.Background(), func(x graph.Txn) error {
		return x.Add(graph.Quad{S: graph.IRI("http://e/c").Term(), P: "http://e/p", O: graph.String("z")})
	}); err != nil {
		t.Fatal(err)
	}
	if got := rows(`SELECT * { <http://e/c> <http://e/p> ?o }`); got != 1 {
		t.Errorf("%d rows after a change, want 1", got)
	}
}

// CONSTRUCT and DESCRIBE speak of their own terms, also where another query of their shape
// came before.
func TestShapesOfGraphs(t *testing.T) {
	e := sparql.New(sparql.Options{})
	s := load(t, `<http://e/a> <http://e/p> "x" . <http://e/b> <http://e/p> "y" .`)
	for _, name := range []string{"a", "b", "a"} {
		for _, text := range []string{
			`CONSTRUCT { <http://e/NAME> <http://e/r> ?o } { <http://e/NAME> <http://e/p> ?o }`,
			`DESCRIBE <http://e/NAME>`,
		} {
			a, err := ask(e, s, strings.ReplaceAll(text, "NAME", name))
			if err != nil || len(a.triples) != 1 || a.triples[0].S != graph.IRI("http://e/"+name).Term() {
				t.Errorf("%s of %s: %v %v", text, name, a.triples, err)
			}
		}
	}
}

// What CONSTRUCT and DESCRIBE make and where paths lead is that of a new engine for each of the
// terms asked for in turn, whether the answer before was read to its end or not: with terms in
// the template that the store has not, with one thing named twice, and with blank nodes.
func TestGraphsServeAgain(t *testing.T) {
	e := sparql.New(sparql.Options{})
	s, err := onDisk(t)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.Update(context.Background(), func(tx graph.Txn) error {
		for i := range 30 {
			node := func(i int) graph.Term { return graph.IRI(fmt.Sprintf("http://e/w%d", i)).Term() }
			title := graph.Blank(fmt.Sprint("title", i))
			if err := tx.Add(graph.Quad{S: node(i), P: "http://e/next", O: node(i + 1)}, graph.Quad{S: node(i), P: "http://e/title", O: title},
				graph.Quad{S: title, P: "http://e/text", O: graph.String(fmt.Sprint("name ", i))}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	answer := func(e *sparql.Engine, text string, most int) (out []string) {
		q, err := e.Prepare(sparql.Request{Text: text})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if q.Form() == sparql.Select {
			rows, err := q.Select(context.Background(), snap)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			for len(out) < most && rows.Next() {
				out = append(out, fmt.Sprint(rows.Row()))
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			return out
		}
		triples, err := q.Graph(context.Background(), snap)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for len(out) < most && triples.Next() {
			out = append(out, fmt.Sprint(triples.Triple()))
		}
		if err := errors.Join(triples.Err(), triples.Close()); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return out
	}
	for _, text := range []string{
		`CONSTRUCT { <http://e/A> a <http://e/Unknown> ; <http://e/own> <http://e/B> ; <http://e/label> ?t . ?b <http://e/of> <http://e/A> } {
			<http://e/A> <http://e/title> ?b OPTIONAL { ?b <http://e/text> ?t } OPTIONAL { <http://e/B> <http://e/none> ?x } }`,
		`CONSTRUCT { <http://e/A> <http://e/far> ?x } { <http://e/A> <http://e/next>+ ?x }`,
		`CONSTRUCT { [] <http://e/of> ?x } { <http://e/A> <http://e/next> ?x }`,
		`CONSTRUCT { <http://e/A> <http://e/says> <<( ?b <http://e/text> ?t )>> } { <http://e/A> <http://e/title> ?b . ?b <http://e/text> ?t }`,
		`DESCRIBE <http://e/A> <http://e/B>`,
		`DESCRIBE <http://e/A> ?x { <http://e/B> <http://e/next> ?x }`,
		`SELECT * { <http://e/A> <http://e/next>+ ?x } ORDER BY ?x`,
		`SELECT * { ?x (<http://e/next>|^<http://e/next>)* <http://e/A> . ?x <http://e/title> ?t FILTER EXISTS { ?x <http://e/next>* <http://e/B> } } ORDER BY ?x`,
		`ASK { <http://e/A> <http://e/next>* <http://e/B> }`,
	} {
		if strings.HasPrefix(text, "ASK") {
			text = "SELECT (COUNT(*) AS ?n) " + strings.TrimPrefix(text, "ASK")
		}
		for n := range 20 {
			most := 1000
			if n%3 == 2 {
				most = n % 5
			}
			asked := strings.NewReplacer("/A>", fmt.Sprintf("/w%d>", n*7%31), "/B>", fmt.Sprintf("/w%d>", n*5%31)).Replace(text)
			got, want := answer(e, asked, most), answer(sparql.New(sparql.Options{}), asked, most)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("query %d: %s:\n%v, not\n%v", n, asked, got, want)
			}
		}
	}
}

// Many goroutines may ask queries of one shape.
func TestShapesTogether(t *testing.T) {
	e := sparql.New(sparql.Options{})
	s := library(20)
	var wait sync.WaitGroup
	for n := range 8 {
		wait.Go(func() {
			for i := range 100 {
				text := fmt.Sprintf("SELECT ?t { <http://example.org/work%d> ?p ?t OPTIONAL { ?t ?q <http://example.org/subject2> } }", (n+i)%10)
				if _, err := ask(e, s, text); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}

// An app that asks for another list each time is answered by the plan of the first one; and queries
// that differ in what is no parameter do not drive those of other shapes out.
func TestShapesOfLists(t *testing.T) {
	e := sparql.New(sparql.Options{})
	s := load(t, `<http://e/a> <http://e/p> "n1" . <http://e/b> <http://e/p> "n2" .`)
	for i := range 300 {
		listed, found := 1, 0 // n1 or n2 is always in the list
		if i%3 > 0 {
			listed++
		}
		if i == 1 || i == 2 {
			found++
		}
		for text, want := range map[string]int{
			fmt.Sprintf(`SELECT * { VALUES ?o { "n%d" "n%d" "none%d" } ?s <http://e/p> ?o }`, i%3, i%2+1, i): listed,
			fmt.Sprintf(`SELECT * { ?s <http://e/p> ?o FILTER(CONTAINS(?o, "%d")) }`, i):                     found,
		} {
			if a, err := ask(e, s, text); err != nil || len(a.rows) != want {
				t.Fatalf("%s: %d rows, want %d (%v)", text, len(a.rows), want, err)
			}
		}
	}
	if n := e.Letters(); n > 200 {
		t.Errorf("%d forms of queries are kept for two shapes", n)
	}
}
