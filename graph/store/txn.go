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

// A txn collects a change set: for each row that it touches, whether it is to be there.
type txn struct {
	ctx    context.Context // of the one update that the txn is
	snap   *snapshot
	grow   *dict.Growth
	source string
	rows   map[graph.ID]map[graph.Row]mark // by graph
	graphs map[graph.ID]mark
}

// A mark says how a row or graph is to be, and how it was if that is known.
type mark struct {
	want, was, known bool
}

func newTxn(ctx context.Context, s *Store, snap *snapshot) *txn {
	return &txn{
		ctx: ctx, snap: snap, grow: s.dict.Grow(),
		rows: make(map[graph.ID]map[graph.Row]mark), graphs: make(map[graph.ID]mark),
	}
}

func (t *txn) Snapshot() graph.Snapshot { return t.snap }
func (t *txn) SetSource(source string)  { t.source = source }

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
	var r graph.Row
	fresh := false
	for pos, term := range [...]graph.Term{q.S, q.P.Term(), q.O, q.G} {
		id, isNew, err := t.grow.ID(term)
		if err != nil {
			return damage(err)
		}
		r[pos] = id
		fresh = fresh || isNew
	}
	rows := t.in(r[graph.PosG])
	m := rows[r]
	m.want = true
	m.known = m.known || fresh
	rows[r] = m
	if g := r[graph.PosG]; g != graph.DefaultGraph {
		t.wantGraph(g, true)
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
			rows[r] = m
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
	c, err := t.snap.Scan(t.ctx, graph.Pattern{G: id}, graph.GSPO, graph.AllColumns)
	if err != nil {
		return err
	}
	defer c.Close()
	var b graph.Block
	for c.Next(&b) {
		for i := range b.Len {
			r := b.Row(i)
			r[graph.PosG] = id
			rows[r] = mark{was: true, known: true}
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
	c := &changeSet{source: t.source, grow: t.grow}
	for _, rows := range t.rows {
		for r, m := range rows {
			if err := t.compare(c, r, m); err != nil {
				return nil, err
			}
		}
	}
	for g, m := range t.graphs {
		k := graphsIndex.key(&graph.Row{graph.PosG: g})
		was, err := t.snap.has(graphsIndex, &k)
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
	return c, c.describe()
}

func (t *txn) compare(c *changeSet, r graph.Row, m mark) error {
	was := m.was
	if !m.known {
		k := indexOf(graph.SPO).key(&r)
		var err error
		if was, err = t.snap.has(indexOf(graph.SPO), &k); err != nil {
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

// describe puts the change set in words.
func (c *changeSet) describe() error {
	say := func(kind graph.OpKind, r graph.Row) error {
		var terms [4]graph.Term
		for pos, id := range r {
			var err error
			if terms[pos], err = c.grow.Term(id); err != nil {
				return damage(err)
			}
		}
		p, _ := terms[graph.PosP].IRI()
		c.ops = append(c.ops, graph.Op{Kind: kind, Quad: graph.Quad{S: terms[0], P: p, O: terms[2], G: terms[3]}})
		return nil
	}
	for kind, rows := range map[graph.OpKind][]graph.Row{
		graph.OpAdd: c.added, graph.OpRemove: c.removed,
		graph.OpCreateGraph: graphRows(c.created), graph.OpDropGraph: graphRows(c.dropped),
	} {
		for _, r := range rows {
			if err := say(kind, r); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(c.ops, log.Compare)
	return nil
}

func graphRows(ids []graph.ID) []graph.Row {
	rows := make([]graph.Row, len(ids))
	for i, id := range ids {
		rows[i][graph.PosG] = id
	}
	return rows
}
