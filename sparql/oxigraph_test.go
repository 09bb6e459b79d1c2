package sparql_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/bits"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/memstore"
	"mocban/graph/rdfio"
	"mocban/sparql/algebra"
	"mocban/sparql/expr"
	"mocban/sparql/ref/random"
	"mocban/sparql/results"
	"mocban/sparql/syntax"
	"mocban/vocab/xsd"
)

var oxigraphFolder = flag.String("oxigraph", "", "folder where npm has installed oxigraph: ask it random queries, too")

// TestOxigraph asks random queries of Oxigraph, which others wrote by the same standard, in a
// process of its own. Whatever it answers otherwise than the oracle (and so than the engine, see
// TestRandom) must be explained by a paragraph of the standard.
//
//	npm install --prefix /tmp/ox oxigraph@0.5.11
//	go test ./sparql -run TestOxigraph -v -timeout 0 -oxigraph /tmp/ox -queries 10000
func TestOxigraph(t *testing.T) {
	if *oxigraphFolder == "" {
		t.Skip("needs Node.js and oxigraph of npm: give -oxigraph")
	}
	ox := &oxigraph{t: t}
	defer ox.stop()
	equal, skipped, unexplained := 0, 0, 0
	explained := map[string]int{}
	for n := 0; n < *randomQueries && unexplained < 20; n += perData {
		seed := *randomSeed + uint64(n/perData)
		w := newWorld(t, seed, inMemory)
		w, err := worldOf(new(memstore.Store), slices.DeleteFunc(w.quads, unlike), w.named, true) // its union of graphs has triples twice
		if err != nil {
			t.Fatal(err)
		}
		if err := ox.load(w); err != nil {
			t.Fatal(err)
		}
		for k := range min(perData, *randomQueries-n) {
			r := rand.New(rand.NewPCG(seed, uint64(k+1)))
			text := random.Prefixes + random.Query(r)
			for notAsked(text) {
				text = random.Prefixes + random.Query(r)
			}
			out, ok := ox.compare(w, text)
			if !ok {
				skipped++
				continue
			}
			if out == "" {
				equal++
				continue
			}
			if why := ox.explain(w, text); why != "" {
				explained[why]++
				continue
			}
			unexplained++
			t.Errorf("seed %d, query %d:\n%s\n%s", seed, k+1, w.script(text), out)
		}
	}
	t.Logf("%d queries from seed %d: %d answers are equal, %d have several right ones or too many rows", *randomQueries, *randomSeed, equal, skipped)
	for _, why := range slices.Sorted(maps.Keys(explained)) {
		t.Logf("%6d  %s", explained[why], why)
	}
}

// differOthers is differ for somebody who names blank nodes anew.
func (x *expectation) differOthers(got answer) string {
	rows := valuedRows(x.rows())
	got.rows = valuedRows(got.rows)
	switch {
	case x.form == algebra.Ask:
		return x.differ(got)
	case x.form == algebra.Construct:
		if !canon.Isomorphic(got.triples, x.triples) {
			return fmt.Sprintf("triples\n%v\nwant\n%v", got.triples, x.triples)
		}
		return ""
	case len(got.rows) != len(rows):
		return fmt.Sprintf("%d rows\n%swant %d\n%s", len(got.rows), table(got.rows), len(rows), table(rows))
	case len(x.window) == len(x.all) && !canon.Isomorphic(rowQuads(got.rows), rowQuads(rows)):
		return fmt.Sprintf("rows\n%swant\n%s", table(got.rows), table(rows))
	}
	return ""
}

// valuedRows returns rows with numbers in one form: which one a computed value has, no standard says.
func valuedRows(rows [][]graph.Term) [][]graph.Term {
	all := make([][]graph.Term, len(rows))
	for i, row := range rows {
		all[i] = slices.Clone(row)
		for k, t := range row {
			if v := expr.FromTerm(t); v.IsNumeric() {
				canonical, _ := expr.Neg(expr.Neg(v)).Term()
				all[i][k] = graph.Literal(canonical.Value(), t.Datatype())
			}
		}
	}
	return all
}

// oxigraph is the process. It is started anew when a query does not end.
type oxigraph struct {
	t    *testing.T
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	last any // what was loaded
}

func (o *oxigraph) start() error {
	script, err := filepath.Abs("testdata/oxigraph.cjs")
	if err != nil {
		return err
	}
	o.cmd = exec.Command("node", script)
	o.cmd.Dir = *oxigraphFolder
	if o.in, err = o.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	o.out = bufio.NewReader(out)
	return o.cmd.Start()
}

func (o *oxigraph) stop() {
	if o.cmd != nil {
		o.in.Close()
		o.cmd.Process.Kill()
		o.cmd.Wait()
		o.cmd = nil
	}
}

// send sends a request and reads what comes back, within some time.
func (o *oxigraph) send(request any) (text string, err error) {
	if o.cmd == nil {
		if err := o.start(); err != nil {
			return "", err
		}
		if o.last != nil {
			if _, err := o.send(o.last); err != nil {
				return "", err
			}
		}
	}
	line, err := json.Marshal(request)
	if err != nil {
		return "", err
	}
	if _, err := o.in.Write(append(line, '\n')); err != nil {
		o.stop()
		return "", err
	}
	timer := time.AfterFunc(20*time.Second, func() { o.cmd.Process.Kill() })
	line, err = o.out.ReadBytes('\n')
	if !timer.Stop() || err != nil {
		o.stop()
		return "", errors.Join(err, errors.New("Oxigraph: no answer in time"))
	}
	var a struct{ Text, Error string }
	if err := json.Unmarshal(line, &a); err != nil {
		return "", err
	}
	if a.Error != "" {
		return "", errors.New("Oxigraph: " + a.Error)
	}
	return a.Text, nil
}

func (o *oxigraph) load(w *world) error {
	var b []byte
	for _, q := range w.quads {
		b = append(graph.AppendQuad(b, q), '\n')
	}
	graphs := []string{}
	for _, g := range w.named {
		graphs = append(graphs, g.Value())
	}
	o.last = map[string]any{"load": string(b), "graphs": graphs}
	_, err := o.send(o.last)
	return err
}

func (o *oxigraph) ask(text string, q *algebra.Query) (a answer, err error) {
	// It reads no blank between COALESCE, IF and the like and their parenthesis.
	body, err := o.send(map[string]any{"query": beforeArguments.ReplaceAllString(text, "$1(")})
	if err != nil {
		return a, err
	}
	if q.Form == algebra.Construct {
		r, err := rdfio.NewReader(rdfio.NTriples, strings.NewReader(body), rdfio.ReadOptions{KeepBlanks: true})
		if err != nil {
			return a, err
		}
		batch := make([]graph.Quad, 64)
		for {
			n, err := r.Read(batch)
			a.triples = append(a.triples, batch[:n]...)
			if err == io.EOF {
				return a, nil
			}
			if err != nil {
				return a, err
			}
		}
	}
	res, err := results.Read(results.JSON, strings.NewReader(body))
	if err != nil {
		return a, fmt.Errorf("%w: %.300s", err, body)
	}
	a.boolean = res.Boolean
	for _, row := range res.Rows {
		mine := make([]graph.Term, len(q.Vars)) // the order of the columns of * is free
		for i, v := range q.Vars {
			if at := slices.Index(res.Vars, string(v)); at >= 0 {
				mine[i] = row[at]
			}
		}
		a.rows = append(a.rows, mine)
	}
	return a, nil
}

// compare tells how the answer of Oxigraph differs from that of the oracle, "" if it does not; ok
// is false if there are several right answers, or too many rows.
func (o *oxigraph) compare(w *world, text string) (out string, ok bool) {
	tree, err := syntax.Parse("VERSION \"1.2\" " + text) // it is an engine of 1.2
	if err != nil {
		o.t.Fatalf("%v: %s", err, text)
	}
	q, err := algebra.Translate(tree)
	if err != nil {
		o.t.Fatalf("%v: %s", err, text)
	}
	want, err := expect(q, w.data)
	if err != nil || want.any || want.reduced {
		return "", false
	}
	got, err := o.ask(text, q)
	if err != nil {
		return err.Error(), true
	}
	return want.differOthers(got), true
}

var beforeArguments = regexp.MustCompile(`\b([A-Z_0-9]+) \(`)

// explain returns the readings of the standard that make the difference: with these set aside,
// and as few as will do, the two agree. It returns "" if there are none.
func (o *oxigraph) explain(w *world, text string) string {
	var apply []int // those that the query gives occasion for
	for i, r := range oxigraphReadings {
		if q, err := syntax.Parse(text); err == nil && r.setAside(q) {
			apply = append(apply, i)
		}
	}
	for size := 1; size <= min(3, len(apply)); size++ {
		for set := 1; set < 1<<len(apply); set++ {
			if bits.OnesCount(uint(set)) != size {
				continue
			}
			q, err := syntax.Parse(text)
			if err != nil {
				return ""
			}
			why := ""
			for k, i := range apply {
				if set&(1<<k) != 0 {
					oxigraphReadings[i].setAside(q)
					why += "; and " + oxigraphReadings[i].why
				}
			}
			if _, err := syntax.Parse(q.String()); err != nil {
				continue
			}
			if out, ok := o.compare(w, q.String()); ok && out == "" {
				return why[len("; and "):]
			}
		}
	}
	return ""
}

// unlike tells whether a quad holds a literal that Oxigraph's store does not keep as it is written:
// it encodes values, and so "01" as 1, "1e0" as 1.0E0 (trap 17 of spec/conformance.md; RDF 1.1
// Concepts, 3.3: literals are equal character by character). Such data would drown all else.
func unlike(q graph.Quad) bool {
	if t, ok := q.O.Triple(); ok {
		return unlike(t.In(graph.Term{}))
	}
	return q.O.IsLiteral() && unlikeLiterals[q.O.String()]
}

var unlikeLiterals = map[string]bool{}

// notAsked tells whether a query names such a literal.
func notAsked(text string) bool {
	return slices.ContainsFunc(unlikeTexts, func(s string) bool { return strings.Contains(text, s) })
}

var unlikeTexts = []string{`"01"^^`, "1e0", `"1.0E0"`, `"2.5"^^xsd:double`, `"0"^^xsd:boolean`, "9223372036854775808", `"2"^^xsd:byte`, `"NaN"`, `"1.5"^^xsd:float`, `"a"@EN`, "1.0"}

func init() {
	for _, t := range []graph.Term{
		graph.Literal("01", xsd.Integer), graph.Literal("1e0", xsd.Double), graph.Literal("1.0E0", xsd.Double), graph.Literal("2.5", xsd.Double),
		graph.Literal("0", xsd.Boolean), graph.Literal("9223372036854775808", xsd.Integer), graph.Literal("2", xsd.Byte), graph.Literal("NaN", xsd.Double),
		graph.Literal("1.5", xsd.Float), graph.Text("a", "EN"), graph.Literal("1.0", xsd.Decimal),
	} {
		unlikeLiterals[t.String()] = true
	}
}
