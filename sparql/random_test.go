package sparql_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/memstore"
	"mocban/graph/store"
	"mocban/sparql"
	"mocban/sparql/algebra"
	"mocban/sparql/plan"
	"mocban/sparql/ref"
	"mocban/sparql/ref/random"
	"mocban/sparql/syntax"
)

var (
	randomQueries = flag.Int("queries", 1000, "how many random queries are compared")
	randomRules   = flag.Bool("every-rule", false, "ask each random query without each of the rules, not without one of them")
	randomSeed    = flag.Uint64("seed", 1, "the first of the seeds of random queries")
)

// perData is how many queries share a store.
const perData = 100

// TestRandom compares the engine with the oracle on queries made by chance: with all rules,
// with none, with one left out, and with joins in any order. What differs is made small and
// printed as a script. Before a release a hundred thousand are asked, by
//
//	go test ./sparql -run Random -timeout 0 -queries 100000
//
// which takes a quarter of an hour of a processor, and other ones with another -seed.
func TestRandom(t *testing.T) {
	compareMany(t, *randomQueries, inMemory)
}

// TestRandomStore is TestRandom over the store that keeps quads on disk, with fewer queries.
func TestRandomStore(t *testing.T) {
	compareMany(t, *randomQueries/5, onDisk)
}

// compareMany splits the queries over the cores. Which ones are asked depends on the first seed
// and on their number alone.
func compareMany(t *testing.T, queries int, open func(*testing.T) (graph.Store, error)) {
	var all tally
	var wrong atomic.Int64
	var mu sync.Mutex
	forEach((queries+perData-1)/perData, func(n int) {
		var own tally
		defer func() { mu.Lock(); all.add(own); mu.Unlock() }()
		seed := *randomSeed + uint64(n)
		w := newWorld(t, seed, open)
		for k := range min(perData, queries-n*perData) {
			if wrong.Load() >= 10 {
				break
			}
			r := rand.New(rand.NewPCG(seed, uint64(k+1)))
			text := random.Prefixes + random.Query(r)
			names := engineNames(r)
			if r.IntN(4) == 0 {
				text, names = reordered(r, text), []string{"without join-order"}
			}
			if out := w.compare(text, &own, names...); out != "" {
				wrong.Add(1)
				t.Errorf("seed %d, query %d: %s", seed, k+1, w.explain(text, out))
			}
		}
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Logf("%d queries from seed %d: %+v", queries, *randomSeed, all)
}

// forEach calls f for each number below n, as many at a time as there are cores.
func forEach(n int, f func(int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for k := next.Add(1) - 1; k < int64(n); k = next.Add(1) - 1 {
				f(int(k))
			}
		})
	}
	wait.Wait()
}

// reordered returns a query with the triples of its basic graph patterns in another order: the
// one in which an engine joins them that does not order joins.
func reordered(r *rand.Rand, text string) string {
	q, err := syntax.Parse(text)
	if err != nil {
		return text
	}
	random.Shuffle(r, q)
	return q.String()
}

// TestRandomPartition holds the engine by a rule that needs no oracle: the rows of a pattern
// are those for which a condition is true, those for which it is false, and those for which
// it is an error.
func TestRandomPartition(t *testing.T) {
	for n := 0; n < *randomQueries/10; n++ {
		seed := *randomSeed + uint64(n/perData)
		if w := newWorld(t, seed, inMemory); !w.partition(t, rand.New(rand.NewPCG(seed, uint64(1e6+n)))) {
			return
		}
	}
}

func (w *world) partition(t *testing.T, r *rand.Rand) bool {
	group, condition := random.Group(r), random.Condition(r)
	counted := func(filters ...string) map[string]int {
		count := map[string]int{}
		for _, f := range filters {
			a, err := ask(allEngines[w.strict]["all rules"], w.store, random.Prefixes+"SELECT ?s ?t ?u ?v ?w ?x { "+group+f+" }")
			if err != nil {
				t.Errorf("%s%s: %v", group, f, err)
			}
			for _, row := range a.rows {
				count[place(0, row)]++
			}
		}
		return count
	}
	whole := counted("")
	parts := counted(" FILTER("+condition+")", " FILTER(!("+condition+"))", " FILTER(COALESCE(IF("+condition+", false, false), true))")
	if !maps.Equal(whole, parts) {
		t.Errorf("%s\n%d rows of SELECT * %s are %d when asked for\n%s", w.script("SELECT * "+group), len(whole), group, len(parts), condition)
		return false
	}
	return true
}

// A tally counts what was compared.
type tally struct {
	Compared int // answers of an engine
	Rows     int // of the oracle
	Empty    int // queries that nothing answers
	Skipped  int // queries that have several right answers, or too many rows
	wrong    int
}

var allEngines = map[bool]map[string]*sparql.Engine{false: engines(false), true: engines(true)}

func (t *tally) add(u tally) {
	t.Compared += u.Compared
	t.Rows += u.Rows
	t.Empty += u.Empty
	t.Skipped += u.Skipped
	t.wrong += u.wrong
}

// engineNames returns those that one query is asked of. Each rule has its turn, and every one
// if that was asked for.
func engineNames(r *rand.Rand) []string {
	if *randomRules {
		return slices.Sorted(maps.Keys(allEngines[true]))
	}
	return []string{"all rules", "no rules", "parts", "on disk", "without " + plan.Rules[r.IntN(len(plan.Rules))].Name}
}

// A world is some data, as the engine and as the oracle see them.
type world struct {
	quads  []graph.Quad
	named  []graph.Term
	strict bool
	store  graph.Store
	data   *ref.Dataset
}

func inMemory(*testing.T) (graph.Store, error) { return new(memstore.Store), nil }

func onDisk(t *testing.T) (graph.Store, error) {
	return store.Open(t.TempDir(), store.Options{Volatile: true, Memory: 16 << 20, Cache: 16 << 20})
}

func newWorld(t *testing.T, seed uint64, open func(*testing.T) (graph.Store, error)) *world {
	r := rand.New(rand.NewPCG(seed, 0))
	quads, named := random.Data(r, 30+r.IntN(60))
	s, err := open(t)
	if err != nil {
		t.Fatal(err)
	}
	w, err := worldOf(s, quads, named, r.IntN(2) == 0)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func worldOf(s graph.Store, quads []graph.Quad, named []graph.Term, strict bool) (*world, error) {
	w := &world{quads: quads, named: named, strict: strict, store: s}
	w.data = ref.NewDataset(quads, named, strict)
	_, err := w.store.Update(context.Background(), func(x graph.Txn) error {
		for _, g := range named {
			if err := x.CreateGraph(g); err != nil {
				return err
			}
		}
		return x.Add(quads...)
	})
	return w, err
}

// compare tells how the answers of engines differ from that of the oracle; "" if they do not.
func (w *world) compare(text string, tally *tally, names ...string) string {
	tree, err := syntax.Parse(text)
	if err != nil {
		return fmt.Sprint("not read: ", err)
	}
	if again, err := syntax.Parse(tree.String()); err != nil || !again.Equal(tree) {
		return fmt.Sprintf("prints as %s, which reads as another tree (%v)", tree, err)
	}
	q, err := algebra.Translate(tree)
	if err != nil {
		return fmt.Sprint("not translated: ", err)
	}
	want, err := expect(q, w.data)
	if errors.Is(err, ref.ErrTooMuch) || err == nil && want.any {
		tally.Skipped++
		return ""
	}
	if err != nil {
		return fmt.Sprint("the oracle fails: ", err)
	}
	tally.Rows += len(want.window)
	if len(want.window) == 0 {
		tally.Empty++
	}
	for _, name := range names {
		tally.Compared++
		got, err := ask(allEngines[w.strict][name], w.store, text)
		if err != nil {
			return fmt.Sprintf("%s: %v", name, err)
		}
		if d := want.differ(got); d != "" {
			return name + ": " + d
		}
	}
	return ""
}

// An answer is what one run of an engine gives.
type answer struct {
	boolean bool
	rows    [][]graph.Term
	triples []graph.Quad
}

func ask(e *sparql.Engine, store graph.Store, text string) (a answer, err error) {
	return askWithin(e, store, text, sparql.Limits{})
}

func askWithin(e *sparql.Engine, store graph.Store, text string, limits sparql.Limits) (a answer, err error) {
	defer func() { // so that a panic can be made small, too
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, firstLines(debug.Stack(), 14))
		}
	}()
	snap, err := store.Snapshot()
	if err != nil {
		return a, err
	}
	defer snap.Close()
	q, err := e.Prepare(sparql.Request{Text: text, Limits: limits})
	if err != nil {
		return a, err
	}
	switch q.Form() {
	case sparql.Ask:
		a.boolean, err = q.Ask(context.Background(), snap)
	case sparql.Select:
		a.rows, err = selected(q, snap)
	default:
		var rows [][]graph.Term
		rows, err = triples(q, snap)
		for _, row := range rows {
			p, _ := row[1].IRI()
			a.triples = append(a.triples, graph.Quad{S: row[0], P: p, O: row[2]})
		}
	}
	return a, err
}

func firstLines(text []byte, n int) string {
	lines := strings.SplitAfter(string(text), "\n")
	return strings.Join(lines[:min(n, len(lines))], "")
}

// expected rows: all that the query would give without LIMIT and OFFSET, and the places of
// those that it gives.
type expectation struct {
	form    algebra.Form
	vars    []algebra.Var
	all     []ref.Solution
	window  []ref.Solution
	reduced bool
	fresh   bool // blank nodes are made
	boolean bool
	triples []graph.Quad
	any     bool // the standard allows other answers
}

// expect asks the oracle.
func expect(q *algebra.Query, d *ref.Dataset) (*expectation, error) {
	x := &expectation{form: q.Form, vars: q.Vars, fresh: strings.Contains(q.Pattern.String(), "(bnode")}
	whole := *q
	from, limit := int64(0), int64(-1)
	if s, ok := q.Pattern.(*algebra.Slice); ok && q.Form == algebra.Select {
		whole.Pattern, from, limit = s.Input, s.Offset, s.Limit
	}
	if r, ok := whole.Pattern.(*algebra.Reduced); ok {
		whole.Pattern, x.reduced = r.Input, true
	}
	res, err := ref.Run(&whole, d, ref.Options{Work: 300_000})
	if err != nil {
		return nil, err
	}
	x.all, x.boolean, x.any = res.Solutions, res.Boolean, res.Chosen
	x.window = x.all[min(from, int64(len(x.all))):]
	if limit >= 0 {
		x.window = x.window[:min(limit, int64(len(x.window)))]
	}
	if len(x.window) < len(x.all) && (x.fresh || x.reduced) || x.fresh && x.reduced {
		x.any = true
	}
	for _, t := range res.Triples {
		x.triples = append(x.triples, t.In(graph.Term{}))
	}
	return x, nil
}

// differ tells how an answer differs from what is expected.
func (x *expectation) differ(got answer) string {
	switch {
	case x.form == algebra.Ask:
		if got.boolean != x.boolean {
			return fmt.Sprintf("%v, want %v", got.boolean, x.boolean)
		}
		return ""
	case x.form == algebra.Construct:
		if !canon.Isomorphic(settled(got.triples), settled(x.triples)) {
			return fmt.Sprintf("triples\n%v\nwant\n%v", got.triples, x.triples)
		}
		return ""
	case x.reduced:
		return x.differReduced(got)
	case len(got.rows) != len(x.window):
		return fmt.Sprintf("%d rows\n%swant %d\n%s", len(got.rows), table(got.rows), len(x.window), table(x.rows()))
	case x.fresh:
		if !canon.Isomorphic(settled(rowQuads(got.rows)), settled(rowQuads(x.rows()))) {
			return fmt.Sprintf("rows\n%swant\n%s", table(got.rows), table(x.rows()))
		}
		return ""
	}
	// Each row must be one of those that share the rank of its place.
	left := map[string]int{}
	for _, s := range x.all {
		left[place(s.Rank, s.Row(x.vars))]++
	}
	for i, row := range got.rows {
		p := place(x.window[i].Rank, row)
		if left[p]--; left[p] < 0 {
			return fmt.Sprintf("row %d is %srows\n%swant\n%s", i+1, table(got.rows[i:i+1]), table(got.rows), table(x.rows()))
		}
	}
	return ""
}

func (x *expectation) differReduced(got answer) string {
	count := map[string]int{}
	for _, row := range x.rows() {
		count[place(0, row)]++
	}
	kinds := map[string]bool{}
	for _, row := range got.rows {
		p := place(0, row)
		kinds[p] = true
		if count[p]--; count[p] < 0 {
			return fmt.Sprintf("too many of %s", table([][]graph.Term{row}))
		}
	}
	if len(kinds) != len(count) {
		return fmt.Sprintf("%d different rows, want %d", len(kinds), len(count))
	}
	return ""
}

func (x *expectation) rows() (rows [][]graph.Term) {
	for _, s := range x.window {
		rows = append(rows, s.Row(x.vars))
	}
	return rows
}

func place(rank int, row []graph.Term) string { return fmt.Sprint(rank, row) }

// rowQuads writes rows as a graph, as package w3c does.
func rowQuads(rows [][]graph.Term) (quads []graph.Quad) {
	for i, row := range rows {
		node := graph.Blank(fmt.Sprint("row ", i))
		quads = append(quads, graph.Quad{S: node, P: "urn:row", O: graph.String("row")})
		for c, t := range row {
			if !t.IsZero() {
				quads = append(quads, graph.Quad{S: node, P: graph.IRI(fmt.Sprint("urn:row:", c)), O: t})
			}
		}
	}
	return quads
}

// settled makes IRIs of the blank nodes of the data, which an answer must keep as they are.
func settled(quads []graph.Quad) []graph.Quad {
	settle := func(t graph.Term) graph.Term {
		if t.IsBlank() && len(t.Value()) == 1 {
			return graph.IRI("urn:blank:" + t.Value()).Term()
		}
		return t
	}
	quads = slices.Clone(quads)
	for i, q := range quads {
		quads[i].S, quads[i].O = settle(q.S), settle(q.O)
	}
	return quads
}

// explain makes a query that is answered otherwise, and its data, as small as they go, and
// writes them as a script.
func (w *world) explain(text, out string) string {
	name, _, _ := strings.Cut(out, ":")
	if allEngines[w.strict][name] == nil {
		return text + "\n" + out
	}
	differs := func(text string) bool { return w.compare(text, new(tally), name) != "" }
	text = random.Shrink(text, differs)
	small := w
	random.ShrinkData(w.quads, func(quads []graph.Quad) bool {
		smaller, err := worldOf(new(memstore.Store), quads, w.named, w.strict)
		if err != nil || smaller.compare(text, new(tally), name) == "" {
			return false
		}
		small = smaller
		return true
	})
	text = random.Shrink(text, func(text string) bool { return small.compare(text, new(tally), name) != "" })
	again := small.compare(text, new(tally), name)
	if again == "" {
		again = "not so when asked again; at first " + out
	}
	return small.script(text) + again
}

// script writes a query and its data.
func (w *world) script(text string) string {
	var b strings.Builder
	b.WriteString("\nload\n")
	for _, q := range w.quads {
		line := q.Triple().String()
		if !q.G.IsZero() {
			line = q.G.String() + " { " + line + " }"
		}
		b.WriteString("\t" + short(line) + "\n")
	}
	if w.strict {
		b.WriteString("strict\n")
	}
	text = strings.TrimSpace(prologue.ReplaceAllString(text, ""))
	b.WriteString("query\n\t" + strings.ReplaceAll(short(text), "\n", "\n\t") + "\n")
	return b.String()
}

var prologue = regexp.MustCompile(`PREFIX \w*: <[^>]*>`)

var longNames = regexp.MustCompile(`<(http://example.org/|http://www.w3.org/2001/XMLSchema#)(\w+)>`)

// short writes IRIs with prefixes.
func short(text string) string {
	return longNames.ReplaceAllStringFunc(text, func(iri string) string {
		m := longNames.FindStringSubmatch(iri)
		if strings.HasSuffix(m[1], "#") {
			return "xsd:" + m[2]
		}
		return ":" + m[2]
	})
}
