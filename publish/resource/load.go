package resource

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/vocab/rdf"
	"mocban/vocab/schema"
)

// Options say how much is read.
type Options struct {
	// Base begins the IRIs of the site: those with a fragment are parts of what stands
	// before it.
	Base graph.IRI

	// Labels are the predicates of labels: a thing has those of the first by which it has any,
	// and things of the site those of the first of all.
	Labels []graph.IRI

	// In is how many statements that point at the thing are read, and Offset how many are
	// left out before them. In < 0: none.
	In, Offset int

	// Names asks for the Schema.org names of the things that statements of Schema.org lead to.
	Names bool

	// Quads asks for each statement in all the graphs that it stands in. What many records
	// name is described by each of them, so that is for formats of quads only: otherwise a
	// statement about the thing, or a label, comes once and without its graph.
	Quads bool

	// Flat asks for statements alone: the resource has no Root and no In.
	Flat bool

	// Brief are predicates of which the values are read for each thing that points at this
	// one, for lists.
	Brief []graph.IRI

	// Graph asks for all statements of the graph that the thing names, a source record,
	// instead of those about the thing.
	Graph bool

	// Near says which other things are described beside the thing, MaxNear of each step.
	Near    []Step
	MaxNear int
}

// A Step leads from a thing to another: along a property, or back along it. From is the
// index of the step in [Options.Near] before it plus one, and 0 for the thing itself.
type Step struct {
	Property graph.IRI
	Back     bool
	From     int
}

const (
	defaultIn = 200
	maxDepth  = 8
	maxRows   = 1_000_000 // of one thing with its parts
	maxGraphs = 2000      // that a thing is said to be described in
)

// Load reads a thing. It is known by the first of the IRIs that the store knows. Without any
// statement about it or pointing at it, the error wraps [graph.ErrNotFound].
func Load(ctx context.Context, s graph.Snapshot, iris []graph.IRI, o Options) (*Resource, error) {
	l := newLoader(ctx, s, o)
	if err := l.load(iris); err != nil {
		return nil, fmt.Errorf("describe %s: %w", iris[0], err)
	}
	return l.r, nil
}

func newLoader(ctx context.Context, s graph.Snapshot, o Options) *loader {
	l := &loader{ctx: ctx, s: s, o: o, parts: make(map[graph.ID]bool), r: &Resource{
		Version: s.Version(), Time: s.Time(), terms: make(terms, 96), labels: make(map[graph.Term][]fact), brief: make(map[graph.Term][]fact), Offset: o.Offset,
	}}
	if l.o.In == 0 {
		l.o.In = defaultIn
	}
	return l
}

// List reads labels and what [Options.Brief] says of things, for a list of them. The
// resource has no Root.
func List(ctx context.Context, s graph.Snapshot, things []graph.Term, o Options) (*Resource, error) {
	l := newLoader(ctx, s, o)
	iris := make([]graph.IRI, len(things))
	for i, t := range things {
		iris[i] = graph.IRI(t.Value())
	}
	known, err := l.lookup(iris)
	if err != nil {
		return nil, fmt.Errorf("list things: %w", err)
	}
	for _, id := range known {
		if id != graph.None {
			l.r.rows = append(l.r.rows, graph.Row{id})
		}
	}
	l.r.inEnd = len(l.r.rows)
	if err := l.label(); err != nil {
		return nil, fmt.Errorf("list things: %w", err)
	}
	return l.r, nil
}

// loader reads one resource.
type loader struct {
	ctx context.Context
	s   graph.Snapshot
	o   Options
	r   *Resource

	labels []graph.ID // of o.Labels
	steps  []graph.ID // of o.Near
	brief  []graph.ID // of o.Brief
	name   graph.ID   // of schema:name

	rdfType graph.ID
	parts   map[graph.ID]bool
}

func (l *loader) load(iris []graph.IRI) error {
	known, err := l.lookup(iris)
	if err != nil {
		return err
	}
	for _, id := range known {
		if id == graph.None {
			continue
		}
		if err := l.describe(id); err != nil {
			return err
		}
		if len(l.r.rows) > 0 || l.r.Total > 0 {
			if !l.o.Flat {
				l.r.Root = l.node(id, l.r.rows[:l.r.outEnd])
			}
			l.r.Thing = l.r.terms.at(id)
			return nil
		}
	}
	return graph.ErrNotFound
}

// lookup finds the IDs of the thing and of the predicates we know, in one call.
func (l *loader) lookup(iris []graph.IRI) (known []graph.ID, err error) {
	n, m := len(iris), len(l.o.Labels)
	want := make([]graph.Term, 0, n+m+len(l.o.Near)+len(l.o.Brief)+2)
	for _, iri := range iris {
		want = append(want, iri.Term())
	}
	for _, iri := range l.o.Labels {
		want = append(want, iri.Term())
	}
	for _, step := range l.o.Near {
		want = append(want, step.Property.Term())
	}
	for _, iri := range l.o.Brief {
		want = append(want, iri.Term())
	}
	want = append(want, graph.IRI(schema.Name).Term(), graph.IRI(rdf.Type).Term())
	ids := make([]graph.ID, len(want))
	if err := l.s.IDs(l.ctx, want, ids); err != nil {
		return nil, err
	}
	l.name, l.rdfType = ids[len(ids)-2], ids[len(ids)-1]
	ids = ids[:len(ids)-2]
	for i, iri := range iris {
		if ids[i] != graph.None {
			l.r.terms[ids[i]] = iri.Term()
		}
	}
	ids, l.labels = ids[:n:n], ids[n:]
	l.labels, l.steps = l.labels[:m], l.labels[m:]
	l.steps, l.brief = l.steps[:len(l.o.Near)], l.steps[len(l.o.Near):]
	return ids, nil
}

func (l *loader) describe(id graph.ID) error {
	rows, err := l.own(id)
	if err != nil {
		return err
	}
	l.r.rows, l.r.outEnd = rows, len(rows)
	if err := l.incoming(id); err != nil {
		return err
	}
	l.r.inEnd = len(l.r.rows)
	if len(l.r.rows) == 0 {
		return nil
	}
	if err := l.near(id); err != nil {
		return err
	}
	if err := l.label(); err != nil {
		return err
	}
	if !l.o.Flat {
		l.links(id)
	}
	return l.graphs(id, rows)
}

// graphs finds out in which graphs the thing is described: those of the rows, or else those
// that give it its first property.
func (l *loader) graphs(id graph.ID, rows []graph.Row) error {
	if !l.o.Quads && !l.o.Graph {
		p := graph.None
		for _, row := range rows {
			if row[graph.PosS] == id && (p == graph.None || row[graph.PosP] == l.rdfType) {
				p = row[graph.PosP]
			}
		}
		if p == graph.None {
			return nil
		}
		var err error
		if rows, err = scan(l.ctx, l.s, graph.Pattern{S: id, P: p}, graph.SPO, 0, maxGraphs); err != nil {
			return err
		}
		l.r.Many = len(rows) == maxGraphs
		if err := l.r.terms.fetch(l.ctx, l.s, rows, graph.Cols(graph.PosG)); err != nil {
			return err
		}
	}
	for _, row := range rows {
		if g := row[graph.PosG]; g != graph.DefaultGraph && g != graph.None && (len(l.r.graphs) == 0 || l.r.graphs[len(l.r.graphs)-1] != g) {
			l.r.graphs = append(l.r.graphs, g)
		}
	}
	slices.Sort(l.r.graphs)
	l.r.graphs = slices.Compact(l.r.graphs)
	return nil
}

// own reads the statements about the thing, or those of the graph that it names.
func (l *loader) own(id graph.ID) (rows []graph.Row, err error) {
	if !l.o.Graph {
		return l.closure([]graph.ID{id})
	}
	rows, err = scan(l.ctx, l.s, graph.Pattern{G: id}, graph.GSPO, 0, 0)
	if err == nil {
		err = l.r.terms.fetch(l.ctx, l.s, rows, graph.AllColumns)
	}
	for _, row := range rows {
		l.isPart(row[graph.PosO], row[graph.PosS], id)
	}
	for _, row := range rows {
		if s := row[graph.PosS]; !l.parts[s] && s.Class() == graph.ClassIRI && s != id && !slices.Contains(l.r.subjects, s) {
			l.r.subjects = append(l.r.subjects, s)
		}
	}
	return rows, err
}

// closure returns the rows of things and all their parts. Terms are fetched once a level.
func (l *loader) closure(frontier []graph.ID) (rows []graph.Row, err error) {
	seen := make(map[graph.ID]bool, 16)
	for _, id := range frontier {
		seen[id] = true
	}
	rows = make([]graph.Row, 0, 64)
	for range maxDepth {
		start := len(rows)
		for _, id := range frontier {
			if rows, err = appendScan(l.ctx, l.s, rows, graph.Pattern{S: id, Union: !l.o.Quads}, graph.SPO, 0, 0); err != nil {
				return nil, err
			}
		}
		if err := l.r.terms.fetch(l.ctx, l.s, rows[start:], graph.AllColumns); err != nil {
			return nil, err
		}
		frontier = nil
		for _, row := range rows[start:] {
			o := row[graph.PosO]
			if !seen[o] && l.isPart(o, row[graph.PosS], row[graph.PosG]) {
				seen[o] = true
				frontier = append(frontier, o)
			}
		}
		if len(rows) > maxRows {
			return nil, &graph.LimitError{Limit: "rows", Max: strconv.Itoa(maxRows), Where: "the description of one thing"}
		}
		if len(frontier) == 0 {
			break
		}
	}
	return rows, nil
}

// isPart tells whether id is a part of what is said of subject in graph g.
func (l *loader) isPart(id, subject, g graph.ID) bool {
	switch id.Class() {
	case graph.ClassBlank:
		l.parts[id] = true
		return true
	case graph.ClassIRI:
	default:
		return false
	}
	if l.fragment(id) {
		l.parts[id] = true
		return true
	}
	iri := l.r.terms.at(id).Value()
	hash := strings.IndexByte(iri, '#')
	if hash < 0 {
		return false
	}
	of := iri[:hash]
	if of == whole(l.r.terms.at(subject).Value()) || of == l.r.terms.at(g).Value() {
		l.parts[id] = true
		return true
	}
	return false
}

// fragment tells whether an IRI is one of the site with a fragment.
func (l *loader) fragment(id graph.ID) bool {
	iri := l.r.terms.at(id).Value()
	return l.o.Base != "" && strings.HasPrefix(iri, string(l.o.Base)) && strings.IndexByte(iri, '#') > 0
}

// whole returns an IRI without its fragment.
func whole(iri string) string {
	iri, _, _ = strings.Cut(iri, "#")
	return iri
}

// incoming reads a page of what points at the thing, and follows parts to their owners.
func (l *loader) incoming(id graph.ID) error {
	if l.o.In < 0 {
		return nil
	}
	total, _, err := l.s.Count(l.ctx, graph.Pattern{O: id})
	if err != nil {
		return err
	}
	l.r.Total = total
	if total == 0 {
		return nil
	}
	rows, err := scan(l.ctx, l.s, graph.Pattern{O: id}, graph.OSP, l.o.Offset, l.o.In)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(r graph.Row) bool { return r[graph.PosS] == id || l.parts[r[graph.PosS]] })
	l.r.rows = append(l.r.rows, rows...)
	for depth := 0; depth < maxDepth && len(rows) > 0; depth++ {
		if err := l.r.terms.fetch(l.ctx, l.s, rows, graph.AllColumns); err != nil {
			return err
		}
		var above []graph.Row
		for _, row := range rows {
			part := row[graph.PosS]
			if l.parts[part] || !l.floats(part, row[graph.PosG]) {
				continue
			}
			l.parts[part] = true
			found, err := scan(l.ctx, l.s, graph.Pattern{O: part}, graph.OSP, 0, 8)
			if err != nil {
				return err
			}
			above = append(above, found...)
			// What else the part says: the role of a contribution.
			beside, err := scan(l.ctx, l.s, graph.Pattern{S: part}, graph.SPO, 0, 16)
			if err != nil {
				return err
			}
			for _, b := range beside {
				if o := b[graph.PosO]; o != id && !l.parts[o] { // those stand there already
					l.r.rows = append(l.r.rows, b)
				}
			}
		}
		l.r.rows = append(l.r.rows, above...)
		rows = above
	}
	return l.r.terms.fetch(l.ctx, l.s, l.r.rows, graph.AllColumns)
}

// floats tells whether a subject is a part of something, from what can be seen of it.
func (l *loader) floats(id, g graph.ID) bool {
	if id.Class() == graph.ClassBlank || l.fragment(id) {
		return true
	}
	iri := l.r.terms.at(id).Value()
	hash := strings.IndexByte(iri, '#')
	return hash > 0 && iri[:hash] == l.r.terms.at(g).Value()
}

// near describes the things that the steps lead to.
func (l *loader) near(id graph.ID) error {
	limit := l.o.MaxNear
	if limit == 0 {
		limit = 50
	}
	reached := make([][]graph.ID, len(l.o.Near)+1)
	reached[0] = []graph.ID{id}
	done := map[graph.ID]bool{id: true}
	var things []graph.ID
	for i, step := range l.o.Near {
		p := l.steps[i]
		if p == graph.None {
			continue
		}
		for _, from := range reached[step.From] {
			pattern, at := graph.Pattern{S: from, P: p}, graph.PosO
			if step.Back {
				pattern, at = graph.Pattern{O: from, P: p}, graph.PosS
			}
			rows, err := scan(l.ctx, l.s, pattern, graph.NoOrder, 0, limit)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if to := row[at]; !done[to] && len(reached[i+1]) < limit && to.Kind() != graph.KindLiteral {
					done[to] = true
					reached[i+1] = append(reached[i+1], to)
				}
			}
		}
		things = append(things, reached[i+1]...)
	}
	if len(things) == 0 {
		return nil
	}
	rows, err := l.closure(things)
	if err != nil {
		return err
	}
	for _, thing := range things {
		l.r.Near = append(l.r.Near, l.node(thing, rows))
	}
	l.r.rows = append(l.r.rows, rows...)
	return nil
}

// label gets the labels of all IRIs that the rows speak of, and what lists show of the things
// that point at this one: scans in the order of IDs, and one fetch of terms.
func (l *loader) label() error {
	brief, err := l.briefs()
	if err != nil {
		return err
	}
	var want []graph.ID
	var last graph.Row
	for _, rows := range [][]graph.Row{l.r.rows, brief} {
		for i := range rows {
			row := &rows[i]
			for _, pos := range [...]graph.Pos{graph.PosS, graph.PosO} {
				id := row[pos]
				if id == last[pos] || id.Class() != graph.ClassIRI || pos == graph.PosO && row[graph.PosP] == l.rdfType || l.parts[id] {
					continue // classes are named by those who show them
				}
				last[pos] = id
				want = append(want, id)
			}
		}
	}
	slices.Sort(want)
	want = slices.Compact(want)
	found := brief
	for _, p := range l.labels {
		rows, err := l.each(want, p)
		if err != nil {
			return err
		}
		found = append(found, rows...)
		want = without(want, rows)
		if l.o.Base != "" { // what is ours has the first, or none
			want = slices.DeleteFunc(want, func(id graph.ID) bool {
				return strings.HasPrefix(l.r.terms.at(id).Value(), string(l.o.Base))
			})
		}
	}
	if l.o.Names {
		rows, err := l.each(l.named(), l.name)
		if err != nil {
			return err
		}
		found = append(found, rows...)
	}
	if err := l.r.terms.fetch(l.ctx, l.s, found, graph.AllColumns); err != nil {
		return err
	}
	for _, row := range brief {
		s := l.r.terms.at(row[graph.PosS])
		p, _ := l.r.terms.at(row[graph.PosP]).IRI()
		l.r.brief[s] = append(l.r.brief[s], fact{p, l.r.terms.at(row[graph.PosO])})
	}
	described := l.described()
	for _, row := range found[len(brief):] {
		s := l.r.terms.at(row[graph.PosS])
		p, _ := l.r.terms.at(row[graph.PosP]).IRI()
		x := fact{p, l.r.terms.at(row[graph.PosO])}
		if x.o.IsLiteral() && !slices.Contains(l.r.labels[s], x) {
			l.r.labels[s] = append(l.r.labels[s], x)
		}
		if !described[row[graph.PosS]] { // what is described has its labels among its own rows
			l.r.rows = append(l.r.rows, row)
		}
	}
	return nil
}

// described are the things all of whose statements are among the rows.
func (l *loader) described() map[graph.ID]bool {
	all := make(map[graph.ID]bool, 16)
	var last graph.ID
	for i, row := range l.r.rows {
		if s := row[graph.PosS]; s != last && (i < l.r.outEnd || i >= l.r.inEnd || l.parts[s]) {
			all[s], last = true, s
		}
	}
	return all
}

// without takes the subjects of rows away from sorted IDs.
func without(ids []graph.ID, rows []graph.Row) []graph.ID {
	i := 0
	return slices.DeleteFunc(ids, func(id graph.ID) bool {
		for i < len(rows) && rows[i][graph.PosS] < id {
			i++
		}
		return i < len(rows) && rows[i][graph.PosS] == id
	})
}

// named returns the things that statements of Schema.org lead to from the thing.
func (l *loader) named() (ids []graph.ID) {
	for _, row := range l.r.rows[:l.r.outEnd] {
		if row[graph.PosO].Class() == graph.ClassIRI && strings.HasPrefix(l.r.terms.at(row[graph.PosP]).Value(), string(schema.NS)) {
			ids = append(ids, row[graph.PosO])
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// briefs reads what lists show of the things that point at this one.
func (l *loader) briefs() (rows []graph.Row, err error) {
	if len(l.brief) == 0 {
		return nil, nil
	}
	var owners []graph.ID
	for _, row := range l.r.rows[l.r.outEnd:l.r.inEnd] {
		if s := row[graph.PosS]; !l.parts[s] {
			owners = append(owners, s)
		}
	}
	slices.Sort(owners)
	owners = slices.Compact(owners)
	for _, p := range l.brief {
		found, err := l.each(owners, p)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	return rows, nil
}

// each returns the rows of a predicate for each of the subjects. A scan that is bound by
// both touches one block, which the store keeps at hand.
func (l *loader) each(subjects []graph.ID, p graph.ID) (rows []graph.Row, err error) {
	if p == graph.None {
		return nil, nil
	}
	for _, id := range subjects {
		if rows, err = appendScan(l.ctx, l.s, rows, graph.Pattern{S: id, P: p, Union: !l.o.Quads}, graph.SPO, 0, 0); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// WithValue returns the IRIs of what has a value of a property, at most limit of them.
func WithValue(ctx context.Context, s graph.Snapshot, p graph.IRI, value graph.Term, limit int) ([]graph.Term, error) {
	ids := make([]graph.ID, 2)
	if err := s.IDs(ctx, []graph.Term{p.Term(), value}, ids); err != nil || ids[0] == graph.None || ids[1] == graph.None {
		return nil, err
	}
	rows, err := scan(ctx, s, graph.Pattern{P: ids[0], O: ids[1]}, graph.POS, 0, limit)
	if err != nil {
		return nil, err
	}
	return subjects(ctx, s, rows)
}

// subjects returns the IRIs that rows are about, each once, in the order of IDs.
func subjects(ctx context.Context, s graph.Snapshot, rows []graph.Row) ([]graph.Term, error) {
	var things []graph.ID
	for _, row := range rows {
		if id := row[graph.PosS]; id.Class() == graph.ClassIRI {
			things = append(things, id)
		}
	}
	slices.Sort(things)
	things = slices.Compact(things)
	terms := make([]graph.Term, len(things))
	return terms, s.Terms(ctx, things, terms)
}

// OfClass returns the IRIs of the things of classes, each once, in the order of IDs and at
// most limit of each class.
func OfClass(ctx context.Context, s graph.Snapshot, classes []graph.IRI, limit int) ([]graph.Term, error) {
	want := []graph.Term{graph.IRI(rdf.Type).Term()}
	for _, c := range classes {
		want = append(want, c.Term())
	}
	ids := make([]graph.ID, len(want))
	if err := s.IDs(ctx, want, ids); err != nil {
		return nil, err
	}
	var all []graph.Row
	for _, class := range ids[1:] {
		if class == graph.None || ids[0] == graph.None {
			continue
		}
		rows, err := scan(ctx, s, graph.Pattern{P: ids[0], O: class}, graph.POS, 0, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return subjects(ctx, s, all)
}
