package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mocban/graph"
	"mocban/graph/dict"
	"mocban/graph/log"
)

// A txn collects a change set: for each row that it touches, whether it is to be there. What
// was asked for by Now has become a state of its own, from which the marks start again.
type txn struct {
	ctx    context.Context // of the one update that the txn is
	snap   *snapshot       // that the change set starts from
	now    *snapshot       // that the marks start from: snap, or what Now gave last
	grow   *dict.Growth
	source string
	rowsIn int                             // rows that were marked
	most   int                             // of them; 0 for no limit
	rows   map[graph.ID]map[graph.Row]mark // by graph
	graphs map[graph.ID]mark

	lastS, lastG given // what was given last as subject and as graph
	predicates   map[graph.IRI]given
}

// A given is a term that was given to Add, and its ID.
type given struct {
	term graph.Term
	id   graph.ID
	new  bool // brought by the change set
}

// A mark says how a row or graph is to be, and how it was if that is known.
type mark struct {
	want, was, known bool
}

func newTxn(ctx context.Context, s *Store, snap *snapshot) *txn {
	return &txn{
		ctx: ctx, snap: snap, now: snap, grow: s.dict.Grow(), most: s.mostRows(),
		rows: make(map[graph.ID]map[graph.Row]mark), graphs: make(map[graph.ID]mark),
		predicates: make(map[graph.IRI]given),
	}
}

func (t *txn) Snapshot() graph.Snapshot { return t.snap }
func (t *txn) SetSource(source string)  { t.source = source }

// Now makes a state of the marks: they become part of its deltas.
func (t *txn) Now() (graph.Snapshot, error) {
	set, err := t.marked()
	if err != nil {
		return nil, err
	}
	if t.now != t.snap && set.empty() {
		return t.now, nil
	}
	next := t.now.apply(set)
	next.version, next.time, next.mark = t.snap.version, t.snap.state.time, t.snap.mark
	t.end()
	t.now = &snapshot{s: t.snap.s, state: next, grow: t.grow}
	clear(t.rows)
	clear(t.graphs)
	return t.now, nil
}

// end makes what Now gave last unusable.
func (t *txn) end() {
	if t.now != t.snap {
		t.now.closed.Store(true)
	}
}

func (t *txn) Add(quads ...graph.Quad) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	for i := range quads {
		if err := t.add(&quads[i]); err != nil {
			return err
		}
	}
	return nil
}

func (t *txn) add(q *graph.Quad) error {
	if err := checkQuad(q); err != nil {
		return err
	}
	r, fresh, err := t.row(q)
	if err != nil {
		return damage(err)
	}
	rows := t.in(r[graph.PosG])
	m := rows[r]
	m.want = true
	m.known = m.known || fresh && t.now == t.snap // else it may be known since Now
	if err := t.mark(rows, &r, m); err != nil {
		return err
	}
	if g := r[graph.PosG]; g != graph.DefaultGraph {
		t.wantGraph(g, true)
	}
	return nil
}

// row returns the row of a quad, whose terms get IDs where they have none; fresh tells that
// the change set brought one of them. Subjects, predicates and graphs are mostly those of
// quads before.
func (t *txn) row(q *graph.Quad) (r graph.Row, fresh bool, err error) {
	if err = t.again(&t.lastS, q.S); err != nil {
		return r, false, err
	}
	if err = t.again(&t.lastG, q.G); err != nil {
		return r, false, err
	}
	p, ok := t.predicates[q.P]
	if !ok {
		if err = t.again(&p, q.P.Term()); err != nil {
			return r, false, err
		}
		t.predicates[graph.IRI(p.term.Value())] = p
	}
	o, isNew, err := t.grow.ID(q.O)
	return graph.Row{t.lastS.id, p.id, o, t.lastG.id}, t.lastS.new || p.new || isNew || t.lastG.new, err
}

// again makes g that of a term, if it is not. What it is given is copied.
func (t *txn) again(g *given, term graph.Term) error {
	if g.id != graph.None && g.term == term {
		return nil
	}
	id, isNew, err := t.grow.ID(term)
	if err != nil {
		return err
	}
	*g = given{term.Clone(), id, isNew}
	return nil
}

// mostRows returns how many rows an update may touch. How much memory there is is asked once.
func (s *Store) mostRows() int {
	s.rowsOnce.Do(func() { s.rowsMost = int(s.o.memory() / rowMemory) })
	return s.rowsMost
}

// rowMemory is about what a row of a change set takes at most until it is kept: as a mark, in
// words, and in the deltas.
const rowMemory = 1 << 10 // bytes

// mark marks a row, unless that takes too much memory.
func (t *txn) mark(rows map[graph.Row]mark, r *graph.Row, m mark) error {
	n := len(rows)
	rows[*r] = m
	t.rowsIn += len(rows) - n
	if t.most > 0 && t.rowsIn > t.most {
		return &graph.LimitError{Limit: "memory", Max: fmt.Sprintf("%d MiB", t.most*rowMemory>>20), Where: fmt.Sprintf("an update of more than %d quads: make several of it, or a load", t.most)}
	}
	return nil
}

// in returns the marks of the rows of a graph.
func (t *txn) in(g graph.ID) map[graph.Row]mark {
	rows, ok := t.rows[g]
	if !ok {
		rows = make(map[graph.Row]mark)
		t.rows[g] = rows
	}
	return rows
}

func (t *txn) wantGraph(g graph.ID, want bool) {
	m := t.graphs[g]
	m.want = want
	t.graphs[g] = m
}

func (t *txn) Remove(quads ...graph.Quad) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	for _, q := range quads {
		r, ok, err := t.known(q)
		if err != nil {
			return err
		}
		if ok {
			rows := t.in(r[graph.PosG])
			m := rows[r]
			m.want = false
			if err := t.mark(rows, &r, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// known returns the row of a quad, if all of its terms are known.
func (t *txn) known(q graph.Quad) (r graph.Row, ok bool, err error) {
	for pos, term := range [...]graph.Term{q.S, q.P.Term(), q.O, q.G} {
		if r[pos], err = t.grow.Known(term); err != nil || r[pos] == graph.None {
			return r, false, damage(err)
		}
	}
	return r, true, nil
}

var errGraphName = errors.New("a graph name is an IRI or a blank node")

func (t *txn) CreateGraph(g graph.Term) error {
	if !g.IsIRI() && !g.IsBlank() {
		return errGraphName
	}
	if err := checkTerm(g); err != nil {
		return err
	}
	id, _, err := t.grow.ID(g)
	if err != nil {
		return damage(err)
	}
	t.wantGraph(id, true)
	return nil
}

func (t *txn) DropGraph(g graph.Term) error {
	id, err := t.grow.Known(g)
	if err != nil || id == graph.None {
		return damage(err)
	}
	rows := t.in(id)
	for r, m := range rows {
		m.want = false
		rows[r] = m
	}
	c, err := t.now.Scan(t.ctx, graph.Pattern{G: id}, graph.GSPO, graph.AllColumns)
	if err != nil {
		return err
	}
	defer c.Close()
	var b graph.Block
	for c.Next(&b) {
		for i := range b.Len {
			r := b.Row(i)
			r[graph.PosG] = id
			if err := t.mark(rows, &r, mark{was: true, known: true}); err != nil {
				return err
			}
		}
	}
	if id != graph.DefaultGraph {
		t.wantGraph(id, false)
	}
	return c.Err()
}

// checkQuad refuses what is no quad, and terms that the log could not tell apart.
func checkQuad(q *graph.Quad) error {
	err := q.Check()
	for _, t := range [...]*graph.Term{&q.S, &q.O, &q.G} {
		if err == nil {
			err = checkTerm(*t)
		}
	}
	return err
}

func checkTerm(t graph.Term) error {
	switch {
	case t.IsBlank() && (t.Value() == "" || strings.ContainsFunc(t.Value(), func(r rune) bool { return r <= ' ' })):
		return fmt.Errorf("%q is no label of a blank node", t.Value())
	case t.Lang() != "" && !isLang(t.Lang()):
		return fmt.Errorf("%q is no language tag", t.Lang())
	}
	return nil
}

// isLang tells whether a tag has the letters that a language tag may have.
func isLang(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return !strings.Contains(s, "--") && !strings.HasSuffix(s, "-")
}

// A changeSet is what an update changes, with what is needed to say it in words.
type changeSet struct {
	source         string
	added, removed []graph.Row
	created        []graph.ID // graphs
	dropped        []graph.ID
	ops            []graph.Op // sorted
	grow           *dict.Growth
}

func (c *changeSet) empty() bool {
	return len(c.added)+len(c.removed)+len(c.created)+len(c.dropped) == 0
}

// changes compares what is wanted with what there is.
func (t *txn) changes() (*changeSet, error) {
	var c *changeSet
	var err error
	if t.now == t.snap {
		c, err = t.marked()
	} else if _, err = t.Now(); err == nil {
		c = t.since()
	}
	if err != nil {
		return nil, err
	}
	c.source = t.source
	return c, nil
}

// since compares the state that Now gave with the one that the change set starts from. Both
// have one base, so the deltas tell.
func (t *txn) since() *changeSet {
	c := &changeSet{grow: t.grow}
	differ := func(x index, added, removed *[]graph.Row) {
		d := t.now.deltas[x].without(t.snap.deltas[x])
		for p := d.begin(); p.key() != nil; p.next() {
			into := removed
			if p.adds() {
				into = added
			}
			*into = append(*into, x.row(p.key()))
		}
	}
	differ(indexOf(graph.SPO), &c.added, &c.removed)
	var created, dropped []graph.Row
	differ(graphsIndex, &created, &dropped)
	c.created, c.dropped = graphsOf(created), graphsOf(dropped)
	return c
}

// marked compares the marks with the state that they start from.
func (t *txn) marked() (*changeSet, error) {
	c := &changeSet{grow: t.grow}
	for _, rows := range t.rows {
		for r, m := range rows {
			if err := t.compare(c, r, m); err != nil {
				return nil, err
			}
		}
	}
	for g, m := range t.graphs {
		k := graphsIndex.key(&graph.Row{graph.PosG: g})
		was, err := t.now.has(graphsIndex, &k)
		if err != nil {
			return nil, err
		}
		switch {
		case m.want && !was:
			c.created = append(c.created, g)
		case was && !m.want:
			c.dropped = append(c.dropped, g)
		}
	}
	return c, nil
}

func (t *txn) compare(c *changeSet, r graph.Row, m mark) error {
	was := m.was
	if !m.known {
		k := indexOf(graph.SPO).key(&r)
		var err error
		if was, err = t.now.has(indexOf(graph.SPO), &k); err != nil {
			return err
		}
	}
	switch {
	case m.want && !was:
		c.added = append(c.added, r)
	case was && !m.want:
		c.removed = append(c.removed, r)
	}
	return nil
}

// sort puts rows in the order of their IDs: there a term is mostly that of the row before, and
// what is said is nearly sorted.
func (c *changeSet) sort() {
	for _, rows := range [...][]graph.Row{c.removed, c.added} {
		slices.SortFunc(rows, func(a, b graph.Row) int {
			x, y := indexOf(graph.GSPO).key(&a), indexOf(graph.GSPO).key(&b)
			return x.Compare(&y)
		})
	}
}

// describe puts the change set in words.
func (c *changeSet) describe() error {
	c.ops = make([]graph.Op, 0, len(c.added)+len(c.removed)+len(c.created)+len(c.dropped))
	w := wording{c: c}
	if err := w.say(graph.OpRemove, c.removed); err != nil {
		return err
	}
	if err := w.say(graph.OpDropGraph, graphRows(c.dropped)); err != nil {
		return err
	}
	if err := w.say(graph.OpCreateGraph, graphRows(c.created)); err != nil {
		return err
	}
	if err := w.say(graph.OpAdd, c.added); err != nil {
		return err
	}
	slices.SortFunc(c.ops, log.Compare)
	return nil
}

// A wording puts rows in words. It remembers what came last in each position.
type wording struct {
	c     *changeSet
	ids   graph.Row
	terms [4]graph.Term
}

func (w *wording) say(kind graph.OpKind, rows []graph.Row) error {
	for i := range rows {
		for pos, id := range rows[i] {
			if w.ids[pos] == id {
				continue
			}
			term, err := w.c.grow.Term(id)
			if err != nil {
				return damage(err)
			}
			w.ids[pos], w.terms[pos] = id, term
		}
		p, _ := w.terms[graph.PosP].IRI()
		w.c.ops = append(w.c.ops, graph.Op{Kind: kind, Quad: graph.Quad{S: w.terms[0], P: p, O: w.terms[2], G: w.terms[3]}})
	}
	return nil
}

func graphsOf(rows []graph.Row) []graph.ID {
	ids := make([]graph.ID, len(rows))
	for i := range rows {
		ids[i] = rows[i][graph.PosG]
	}
	return ids
}

func graphRows(ids []graph.ID) []graph.Row {
	rows := make([]graph.Row, len(ids))
	for i, id := range ids {
		rows[i][graph.PosG] = id
	}
	return rows
}
