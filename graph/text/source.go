package text

import (
	"context"
	"iter"

	"mocban/graph"
	"mocban/vocab/rdf"
)

// A thing is what the index is told of a subject: the IDs of its names, classes and
// identifiers in one snapshot.
type thing struct {
	id    graph.ID
	names []nameID
	types []graph.ID
	other []graph.ID // identifiers
}

type nameID struct {
	class byte // of its weight
	text  graph.ID
}

// A column is a predicate that matters, and what its objects are.
type column struct {
	predicate graph.ID
	kind      columnKind
	class     byte
}

type columnKind uint8

const (
	nameColumn columnKind = iota
	typeColumn
	identifierColumn
)

func (t *thing) add(c column, object graph.ID) {
	switch c.kind {
	case nameColumn:
		if object.Kind() == graph.KindLiteral {
			t.names = append(t.names, nameID{c.class, object})
		}
	case typeColumn:
		t.types = append(t.types, object)
	case identifierColumn:
		t.other = append(t.other, object)
	}
}

// A source reads things from a snapshot.
type source struct {
	snapshot graph.Snapshot
	columns  []column
	types    map[graph.ID]bool // those that are wanted; nil for all
}

// source resolves what the options name. Predicates that the snapshot does not know have
// no column.
func (x *Index) source(ctx context.Context, snap graph.Snapshot) (*source, error) {
	var columns []column
	var terms []graph.Term
	add := func(p graph.IRI, kind columnKind, class byte) {
		terms = append(terms, p.Term())
		columns = append(columns, column{kind: kind, class: class})
	}
	for _, n := range x.options.Names {
		add(n.Predicate, nameColumn, x.class(n))
	}
	add(rdf.Type, typeColumn, 0)
	for _, p := range x.options.Identifiers {
		add(p, identifierColumn, 0)
	}
	for _, c := range x.options.Types {
		terms = append(terms, c.Term())
	}
	ids := make([]graph.ID, len(terms))
	if err := snap.IDs(ctx, terms, ids); err != nil {
		return nil, err
	}
	s := &source{snapshot: snap}
	for i, c := range columns {
		if c.predicate = ids[i]; c.predicate != graph.None {
			s.columns = append(s.columns, c)
		}
	}
	if len(x.options.Types) > 0 {
		s.types = map[graph.ID]bool{}
		for _, id := range ids[len(columns):] {
			s.types[id] = true
		}
	}
	return s, nil
}

// findable tells whether t is to be in the index, and leaves it the classes that count.
func (s *source) findable(t *thing) bool {
	if len(t.names) == 0 {
		return false
	}
	if s.types == nil {
		return true
	}
	wanted := t.types[:0]
	for _, c := range t.types {
		if s.types[c] {
			wanted = append(wanted, c)
		}
	}
	t.types = wanted
	return len(wanted) > 0
}

// one reads the thing of a subject.
func (s *source) one(ctx context.Context, subject graph.ID) (t thing, err error) {
	t.id = subject
	c, err := s.snapshot.Scan(ctx, graph.Pattern{S: subject, Union: true}, graph.SPO, graph.Cols(graph.PosP, graph.PosO))
	if err != nil {
		return t, err
	}
	defer c.Close()
	var b graph.Block
	for c.Next(&b) {
		for i, p := range b.Cols[graph.PosP] {
			for _, col := range s.columns {
				if col.predicate == p {
					t.add(col, b.Cols[graph.PosO][i])
				}
			}
		}
	}
	return t, c.Err()
}

// some reads the things of subjects, also of those without a name.
func (s *source) some(ctx context.Context, subjects []graph.ID) iter.Seq2[thing, error] {
	return func(yield func(thing, error) bool) {
		for _, id := range subjects {
			t, err := s.one(ctx, id)
			if !yield(t, err) || err != nil {
				return
			}
		}
	}
}

// all reads every thing that has a name, in the order of IDs: one pass over each column.
func (s *source) all(ctx context.Context) iter.Seq2[thing, error] {
	return func(yield func(thing, error) bool) {
		columns := make([]stream, len(s.columns))
		for i, col := range s.columns {
			columns[i] = stream{column: col}
			defer columns[i].close()
			if err := columns[i].open(ctx, s.snapshot); err != nil {
				yield(thing{}, err)
				return
			}
		}
		for {
			t, ok, err := merge(columns)
			if err != nil {
				yield(thing{}, err)
				return
			}
			if !ok || !yield(t, nil) {
				return
			}
		}
	}
}

// merge takes the next thing that has a name from the columns.
func merge(columns []stream) (t thing, ok bool, err error) {
	for i := range columns {
		c := &columns[i]
		if c.kind == nameColumn && c.more && (!ok || c.subject() < t.id) {
			t.id, ok = c.subject(), true
		}
	}
	if !ok {
		return t, false, nil
	}
	for i := range columns {
		c := &columns[i]
		for c.more && c.subject() <= t.id {
			if c.subject() == t.id {
				t.add(c.column, c.object())
			}
			if err := c.next(); err != nil {
				return t, false, err
			}
		}
	}
	return t, true, nil
}

// A stream reads the rows of a column one by one, in the order of subjects.
type stream struct {
	column
	cursor graph.Cursor
	block  graph.Block
	at     int
	more   bool
}

// iris bounds subjects to IRIs: blank nodes cannot be found.
var iris = graph.Range{
	At:   graph.PosS,
	Low:  graph.NewID(graph.ClassIRI, 0),
	High: graph.NewID(graph.ClassIRI, 1<<60-1),
}

func (c *stream) open(ctx context.Context, snap graph.Snapshot) (err error) {
	p := graph.Pattern{P: c.predicate, Union: true, Range: iris}
	c.cursor, err = snap.Scan(ctx, p, graph.PSO, graph.Cols(graph.PosS, graph.PosO))
	if err != nil {
		return err
	}
	return c.next()
}

func (c *stream) subject() graph.ID { return c.block.Cols[graph.PosS][c.at] }
func (c *stream) object() graph.ID  { return c.block.Cols[graph.PosO][c.at] }

func (c *stream) next() error {
	if c.at+1 < c.block.Len {
		c.at++
		return nil
	}
	c.at = 0
	if c.more = c.cursor.Next(&c.block); !c.more {
		return c.cursor.Err()
	}
	return nil
}

func (c *stream) close() {
	if c.cursor != nil {
		c.cursor.Close()
	}
}
