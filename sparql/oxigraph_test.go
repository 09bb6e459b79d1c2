package sparql_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
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
			tree, err := syntax.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			q, err := algebra.Translate(tree)
			if err != nil {
				t.Fatal(err)
			}
			want, err := expect(q, w.data)
			if err != nil || want.any || want.reduced {
				skipped++
				continue
			}
			got, err := ox.ask(text, q)
			out := ""
			if err != nil {
				out = err.Error()
			} else {
				out = want.differOthers(got)
			}
			if out == "" {
				equal++
				continue
			}
			if why := explanation(w, q, text, out); why != "" {
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
	body, err := o.send(map[string]any{"query": text})
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

// explanation returns the paragraph of the standard that Oxigraph is known not to follow where it
// answers so, or "".
func explanation(w *world, q *algebra.Query, text, out string) string {
	for _, e := range oxigraphExplanations {
		if e.applies(w, q, text, out) {
			return e.why
		}
	}
	return ""
}

// has tells whether a query holds what a pattern describes.
func has(pattern string) func(*world, *algebra.Query, string, string) bool {
	re := regexp.MustCompile(pattern)
	return func(_ *world, _ *algebra.Query, text, _ string) bool { return re.MatchString(text) }
}

var oxigraphExplanations = []struct {
	why     string
	applies func(w *world, q *algebra.Query, text, out string) bool
}{
	{"refuses the empty negated property set !() (SPARQL 1.1, 19.8, [95])", func(_ *world, _ *algebra.Query, text, out string) bool {
		return strings.HasPrefix(out, "Oxigraph: ") && strings.Contains(text, "!()")
	}},
	{"refuses to select a key of GROUP BY that AS names (SPARQL 1.1, 19.8, [20]; 11.4)", func(_ *world, _ *algebra.Query, text, out string) bool {
		return strings.HasPrefix(out, "Oxigraph: ") && namedKey.MatchString(text)
	}},
	{"makes a set of the ways of an alternative and of a negated set, which are a union (SPARQL 1.1, 18.4; 18.2.2.3)", alternative},
	{"finds no path of no steps to or from a term that is not in the graph (SPARQL 1.1, 18.4, ZeroLengthPath)", has(`\)[*?][)*?+]* (:|"|[-0-9]|true|<<)|(:|"|[0-9]|true)\S* \(+.*\)[*?]`)},
	{"has triples twice in the merge of graphs of FROM (SPARQL 1.1, 13.2.1; RDF 1.1 Concepts, 3: a graph is a set)", has(`FROM :\w+ .*FROM :\w+ `)},
	{"orders IRIs and blank nodes by < and >, which have no such operator (SPARQL 1.1, 17.3)", has(` [<>]=? `)},
	{"loses the one group of no rows (SPARQL 1.1, 11.2; 18.5.1)", func(_ *world, q *algebra.Query, text, out string) bool {
		return aggregates.MatchString(text) && !strings.Contains(text, "GROUP BY") && strings.HasPrefix(out, "0 rows")
	}},
	{"takes an error in an aggregate for the error of all of it, or passes it over (SPARQL 1.1, 18.5.1.2 to 18.5.1.8)", has(aggregates.String() + `(DISTINCT )?[^?*)]`)},
	{"asks for the value on the left of IN (), with which nothing is compared (SPARQL 1.1, 17.4.1.9)", has(`IN \(\)`)},
	{"makes one node of BNODE of a text for all solutions (SPARQL 1.1, 17.4.2.9)", has(`BNODE\([^)]`)},
}

var (
	namedKey   = regexp.MustCompile(`GROUP BY.* AS \?k`)
	aggregates = regexp.MustCompile(`(COUNT|SUM|AVG|MIN|MAX|SAMPLE|GROUP_CONCAT)\(`)
	choices    = regexp.MustCompile(`[^|"]\|[^|"]`)
)

// alternative tells whether a query has a path with a choice in it.
func alternative(_ *world, _ *algebra.Query, text, out string) bool {
	return !strings.HasPrefix(out, "Oxigraph: ") && choices.MatchString(text)
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
