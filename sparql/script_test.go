package sparql_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/memstore"
	"mocban/graph/rdfio"
	disk "mocban/graph/store"
	"mocban/sparql"
	"mocban/sparql/algebra"
	"mocban/sparql/plan"
)

var update = flag.Bool("update", false, "rewrite the plans in testdata")

// prefixes stand before every load and query of a script.
const prefixes = `PREFIX : <http://example.org/>
PREFIX bf: <http://id.loc.gov/ontologies/bibframe/>
PREFIX schema: <https://schema.org/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
`

// A section of a script: a word in the first column, and indented lines below it.
type section struct {
	word  string
	lines []string
	line  int
}

func (s *section) text() string { return strings.Join(s.lines, "\n") }

// library makes a graph of n works with two editions each, held by libraries, by authors and
// about subjects of a tree.
func library(n int) graph.Store {
	var quads []graph.Quad
	iri := func(kind string, i int) graph.Term {
		return graph.IRI(fmt.Sprintf("http://example.org/%s%d", kind, i)).Term()
	}
	add := func(s graph.Term, p string, o graph.Term) {
		quads = append(quads, graph.Quad{S: s, P: graph.IRI(p), O: o})
	}
	const ex, bf = "http://example.org/", "http://id.loc.gov/ontologies/bibframe/"
	rdfType := "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
	integer := func(i int) graph.Term {
		return graph.Literal(fmt.Sprint(i), "http://www.w3.org/2001/XMLSchema#integer")
	}
	for i := range n / 10 {
		add(iri("author", i), ex+"name", graph.Text(fmt.Sprint("Tác giả ", i), "vi"))
		add(iri("subject", i+1), ex+"broader", iri("subject", (i+1)/4))
		add(iri("subject", i+1), ex+"label", graph.Text(fmt.Sprint("Chủ đề ", i), "vi"))
		add(iri("subject", i+1), ex+"label", graph.Text(fmt.Sprint("Subject ", i), "en"))
	}
	for i := range n {
		w := iri("work", i)
		add(w, rdfType, graph.IRI(bf+"Work").Term())
		add(w, bf+"title", graph.Text(fmt.Sprint("Truyện ", i*7919%n), "vi"))
		add(w, ex+"by", iri("author", i%(n/10)))
		add(w, ex+"by", iri("author", i*i%(n/10)))
		add(w, bf+"subject", iri("subject", 1+i%(n/10)))
		add(w, bf+"language", iri("lang", i%3))
		for k := range 2 {
			e := iri("edition", 2*i+k)
			add(e, bf+"instanceOf", w)
			add(e, ex+"year", integer(1900+(i+k)%120))
			add(e, ex+"isbn", graph.String(fmt.Sprint(97800000+2*i+k)))
			add(iri("item", 2*i+k), bf+"itemOf", e)
			add(iri("item", 2*i+k), bf+"heldBy", iri("library", i%20))
			if i%50 == 0 {
				add(e, ex+"scan", iri("scan", i))
			}
		}
	}
	return memstore.New(quads...)
}

// readScript reads a script. Lines that begin with # in the first column are comments.
func readScript(t testing.TB, file string) (sections []*section) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(data), "\n") {
		switch {
		case strings.HasPrefix(line, "#"), strings.TrimSpace(line) == "":
		case line[0] == '\t':
			if len(sections) == 0 {
				t.Fatalf("%s:%d: nothing to belong to", file, i+1)
			}
			last := sections[len(sections)-1]
			last.lines = append(last.lines, line[1:])
		default:
			sections = append(sections, &section{word: strings.TrimSpace(line), line: i + 1})
		}
	}
	return sections
}

// load reads TriG into a store. Blank nodes keep their labels.
func load(t *testing.T, text string) graph.Store {
	t.Helper()
	r, err := rdfio.NewReader(rdfio.TriG, strings.NewReader(prefixes+text), rdfio.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var quads []graph.Quad
	buf := make([]graph.Quad, 100)
	for {
		n, err := r.Read(buf)
		for _, q := range buf[:n] {
			quads = append(quads, graph.Quad{S: q.S.Clone(), P: graph.IRI(strings.Clone(string(q.P))), O: q.O.Clone(), G: q.G.Clone()})
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("load: %v", err)
		}
	}
	return memstore.New(quads...)
}

// TestScripts runs the scripts in testdata, each query as the engine would, then without any
// rule, then without each of them.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { runScript(t, file) })
	}
}

func runScript(t *testing.T, file string) {
	var store, kept graph.Store
	var query string
	strict := false
	var failed error // of the last update
	for _, s := range readScript(t, file) {
		at := fmt.Sprintf("%s:%d", file, s.line)
		switch s.word {
		case "load":
			store, kept, strict = load(t, s.text()), nil, false
		case "library":
			n, err := strconv.Atoi(strings.TrimSpace(s.text()))
			if err != nil {
				t.Fatalf("%s: %v", at, err)
			}
			store, kept, strict = library(n), nil, false
		case "empty graph":
			kept = nil
			createGraph(t, store, s.lines[0])
		case "strict":
			strict = true
		case "query":
			query = prefixes + s.text()
		case "rows", "ordered", "true", "false", "triples", "error":
			for name, e := range engines(strict) {
				if err := check(e, store, query, s); err != nil {
					t.Errorf("%s, %s: %v", at, name, err)
				}
			}
			if kept == nil {
				kept = keep(t, store)
			}
			if err := check(sparql.New(sparql.Options{Strict: strict}), kept, query, s); err != nil {
				t.Errorf("%s, from disk: %v", at, err)
			}
		case "update":
			if kept == nil {
				kept = keep(t, store)
			}
			e := sparql.New(sparql.Options{Strict: strict})
			failed = runUpdate(e, store, prefixes+s.text())
			if err := runUpdate(e, kept, prefixes+s.text()); fmt.Sprint(err) != fmt.Sprint(failed) {
				t.Errorf("%s: in memory %v, on disk %v", at, failed, err)
			}
		case "quads":
			if failed != nil {
				t.Errorf("%s: %v", at, failed)
			}
			want := quadsOf(t, withGraphs(t, s.text()))
			for place, have := range map[string]graph.Store{"in memory": store, "on disk": kept} {
				if got := quadsOf(t, have); !canon.Isomorphic(got, want) {
					t.Errorf("%s, %s: got\n%v", at, place, got)
				}
			}
		case "fails":
			if failed == nil || !strings.Contains(failed.Error(), strings.TrimSpace(s.text())) {
				t.Errorf("%s: %v", at, failed)
			}
			failed = nil
		case "plan":
			checkPlan(t, at, sparql.New(sparql.Options{Strict: strict}), store, query, s)
		default:
			t.Fatalf("%s: what is %q?", at, s.word)
		}
	}
	if *update {
		writePlans(t, file)
	}
}

// keep copies a store to one on disk.
func keep(t *testing.T, from graph.Store) graph.Store {
	to, err := disk.Open(t.TempDir(), disk.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { to.Close() })
	_, err = to.Update(context.Background(), func(x graph.Txn) error {
		for c, err := range from.Changes(context.Background(), 0) {
			if err != nil {
				return err
			}
			for op, err := range c.Ops() {
				if err != nil {
					return err
				}
				switch op.Kind {
				case graph.OpCreateGraph:
					err = x.CreateGraph(op.Quad.G)
				case graph.OpDropGraph:
					err = x.DropGraph(op.Quad.G)
				case graph.OpRemove:
					err = x.Remove(op.Quad)
				default:
					err = x.Add(op.Quad)
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func runUpdate(e *sparql.Engine, s graph.Store, text string) error {
	u, err := e.PrepareUpdate(sparql.UpdateRequest{Text: text})
	if err == nil {
		_, err = u.Run(context.Background(), s)
	}
	return err
}

// quadsOf returns all quads of a store. A named graph is a quad of its own, too, so that
// empty ones count.
func quadsOf(t testing.TB, store graph.Store) (quads []graph.Quad) {
	t.Helper()
	ctx := context.Background()
	s, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	read := func(c graph.Cursor, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var b graph.Block
		for c.Next(&b) {
			for i := range b.Len {
				row := b.Row(i)
				var terms [4]graph.Term
				if err := s.Terms(ctx, row[:], terms[:]); err != nil {
					t.Fatal(err)
				}
				p, _ := terms[1].IRI()
				if p == "" {
					terms[0], p, terms[2] = terms[3], "urn:is", graph.String("a graph")
				}
				quads = append(quads, graph.Quad{S: terms[0], P: p, O: terms[2], G: terms[3]})
			}
		}
		if err := c.Err(); err != nil {
			t.Fatal(err)
		}
	}
	read(s.Scan(ctx, graph.Pattern{}, graph.SPO, graph.AllColumns))
	read(s.Graphs(ctx))
	return quads
}

// withGraphs is load, and creates the graphs that are written as empty.
func withGraphs(t *testing.T, text string) graph.Store {
	t.Helper()
	store := load(t, text)
	for _, m := range regexp.MustCompile(`(:\w+) \{ *\}`).FindAllStringSubmatch(text, -1) {
		createGraph(t, store, m[1])
	}
	return store
}

func createGraph(t *testing.T, store graph.Store, name string) {
	t.Helper()
	_, err := store.Update(context.Background(), func(x graph.Txn) error {
		return x.CreateGraph(graph.IRI("http://example.org/" + strings.TrimPrefix(name, ":")).Term())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// engines returns the engine with all rules, with none, and with each of them left out.
func engines(strict bool) map[string]*sparql.Engine {
	e := sparql.New(sparql.Options{Strict: strict})
	list := map[string]*sparql.Engine{"all rules": e}
	var names []string
	for _, r := range plan.Rules {
		names = append(names, r.Name)
		list["without "+r.Name] = e.Without(r.Name)
	}
	list["no rules"] = e.Without(names...)
	list["small batches"] = e.Batches(3)
	list["parts"] = e.Parts(3)
	list["on disk"] = e.Spilling(os.TempDir())
	list["small batches, no rules"] = e.Without(names...).Batches(2)
	return list
}

var token = regexp.MustCompile(`"(?:[^"\\]|\\.)*"(?:@[\w-]+|\^\^\S+)?|\S+`)

// expected reads rows of a script. A dash is unbound, and a blank node any that is not yet
// another's.
func expected(lines []string, width int) ([][]graph.Term, error) {
	if len(lines) == 0 || width == 0 {
		return make([][]graph.Term, len(lines)), nil
	}
	var b strings.Builder
	b.WriteString(prefixes + "SELECT * { VALUES (")
	for i := range width {
		fmt.Fprintf(&b, "?v%d ", i)
	}
	b.WriteString(") {\n")
	for _, line := range lines {
		b.WriteString("(")
		for _, w := range token.FindAllString(line, -1) {
			switch {
			case w == "-":
				w = "UNDEF"
			case strings.HasPrefix(w, "_:"):
				w = "<blank:" + w[2:] + ">"
			}
			b.WriteString(w + " ")
		}
		b.WriteString(")\n")
	}
	b.WriteString("} }")
	q, err := sparql.New(sparql.Options{}).Prepare(sparql.Request{Text: b.String()})
	if err != nil {
		return nil, fmt.Errorf("expected rows: %w", err)
	}
	snap, _ := memstore.New().Snapshot()
	return selected(q, snap)
}

func selected(q *sparql.Query, snap graph.Snapshot) (out [][]graph.Term, err error) {
	rows, err := q.Select(context.Background(), snap)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		out = append(out, slices.Clone(rows.Row()))
	}
	return out, rows.Err()
}

// check compares what a query gives with a section.
func check(e *sparql.Engine, store graph.Store, text string, s *section) error {
	snap, err := store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	q, err := e.Prepare(sparql.Request{Text: text})
	var got [][]graph.Term
	width := 3
	if err == nil {
		switch q.Form() {
		case algebra.Ask:
			var yes bool
			if yes, err = q.Ask(context.Background(), snap); err == nil {
				if fmt.Sprint(yes) != s.word {
					return fmt.Errorf("the answer is %v", yes)
				}
				return nil
			}
		case algebra.Select:
			width = len(q.Vars())
			got, err = selected(q, snap)
		default:
			got, err = triples(q, snap)
		}
	}
	if s.word == "error" {
		if err == nil || !strings.Contains(err.Error(), s.text()) {
			return fmt.Errorf("the error is %v", err)
		}
		return nil
	}
	if err != nil {
		return err
	}
	want, err := expected(s.lines, width)
	if err != nil {
		return err
	}
	if !sameRows(got, want, s.word == "ordered", map[graph.Term]graph.Term{}) {
		return fmt.Errorf("got\n%s", table(got))
	}
	return nil
}

func triples(q *sparql.Query, snap graph.Snapshot) (out [][]graph.Term, err error) {
	ts, err := q.Graph(context.Background(), snap)
	if err != nil {
		return nil, err
	}
	defer ts.Close()
	for ts.Next() {
		t := ts.Triple()
		out = append(out, []graph.Term{t.S, t.P.Term(), t.O})
	}
	return out, ts.Err()
}

func table(rows [][]graph.Term) string {
	var b strings.Builder
	for _, row := range rows {
		for _, t := range row {
			if t.IsZero() {
				b.WriteString("\t-")
			} else {
				b.WriteString("\t" + t.String())
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// sameRows compares rows, in order or not, with blank nodes renamed one to one.
func sameRows(got, want [][]graph.Term, ordered bool, names map[graph.Term]graph.Term) bool {
	if len(got) != len(want) {
		return false
	}
	if len(got) == 0 {
		return true
	}
	for i, w := range want {
		if ordered && i > 0 {
			return false
		}
		bound := match(got[0], w, names)
		if bound == nil {
			continue
		}
		rest := slices.Delete(slices.Clone(want), i, i+1)
		if sameRows(got[1:], rest, ordered, bound) {
			return true
		}
		if len(bound) == len(names) {
			return false // without blank nodes one match is as good as another
		}
	}
	return false
}

// match returns the names of blank nodes under which rows are the same, or nil.
func match(got, want []graph.Term, names map[graph.Term]graph.Term) map[graph.Term]graph.Term {
	bound := names
	for i, w := range want {
		g := got[i]
		if !g.IsBlank() {
			if g != w {
				return nil
			}
			continue
		}
		if !strings.HasPrefix(w.Value(), "blank:") {
			return nil
		}
		known, ok := bound[w]
		if ok && known != g {
			return nil
		}
		if !ok {
			for _, other := range bound {
				if other == g {
					return nil
				}
			}
			next := map[graph.Term]graph.Term{w: g}
			for k, v := range bound {
				next[k] = v
			}
			bound = next
		}
	}
	return bound
}

// newPlans holds the plans that -update writes, by file and line.
var newPlans = map[string]string{}

func checkPlan(t *testing.T, at string, e *sparql.Engine, store graph.Store, text string, s *section) {
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	q, err := e.Prepare(sparql.Request{Text: text})
	if err != nil {
		t.Errorf("%s: %v", at, err)
		return
	}
	got, err := q.Explain(context.Background(), snap, false)
	if err != nil {
		t.Errorf("%s: %v", at, err)
		return
	}
	got = strings.TrimSuffix(got, "\n")
	newPlans[at] = got
	if got != s.text() && !*update {
		t.Errorf("%s: the plan is\n%s", at, got)
	}
}

func writePlans(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	skip := false
	for i, line := range strings.Split(string(data), "\n") {
		if skip && strings.HasPrefix(line, "\t") {
			continue
		}
		skip = false
		out = append(out, line)
		if p, ok := newPlans[fmt.Sprintf("%s:%d", file, i+1)]; ok {
			for _, l := range strings.Split(p, "\n") {
				out = append(out, "\t"+l)
			}
			skip = true
		}
	}
	if err := os.WriteFile(file, []byte(strings.Join(out, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
}
