package ingest

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"mocban/graph"
	"mocban/ingest/formats"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/madsrdf"
	"mocban/vocab/mocban"
	"mocban/vocab/owl"
	"mocban/vocab/rdf"
	"mocban/vocab/skos"
)

// A Linker keeps the headings of a store leading to its authority records (see
// [mapping.AuthorityIndex]).
//
//   - Before a load it reads the authority records of the store; a bulk load reads those of
//     its sources first, too.
//   - After a load that brought, changed or took away authority records, the records of the
//     store whose headings lead elsewhere now are mapped again from their original bytes. So
//     what the store holds does not depend on what was loaded first.
//   - A record that the rules of today cannot map stays as it was mapped before, and is told.
//
// The zero Linker is of no use: both fields must be set.
type Linker struct {
	// Authorities is what the mappers of the pipeline were given, and is changed here.
	Authorities *mapping.Authorities

	// Mapper returns a mapper for records of a library, with Original, and Authorities as here.
	Mapper func(library string) (*mapping.Mapper, error)

	// Most bounds the authority records; 0 is what an index takes.
	Most int

	// Unsure, if not nil, is called for what is told of a heading that more than one authority
	// record has, when its record is mapped again.
	Unsure func(record graph.IRI, f mapping.Finding)

	// Stale, if not nil, is called for each record that should be mapped again and cannot be: by
	// the rules of today nothing can be made of it. What was made of it before stays.
	Stale func(record graph.IRI, err error)

	index   *mapping.AuthorityIndex
	mappers map[string]*mapping.Mapper
	version graph.Version // of the store, after Relink
}

// rounds bounds how often a change of authority records leads to another one.
const rounds = 4

// read is Read of the newest state of a store.
func (l *Linker) read(ctx context.Context, s graph.Store) (err error) {
	snapshot, err := s.Snapshot()
	if err != nil {
		return fmt.Errorf("read authority records: %w", err)
	}
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	return l.Read(ctx, snapshot)
}

// Read makes an index of the authority records of a store and takes it into use.
func (l *Linker) Read(ctx context.Context, s graph.Snapshot) error {
	l.index = mapping.NewAuthorityIndex()
	l.index.Most = l.Most
	if err := l.readAll(ctx, s); err != nil {
		return fmt.Errorf("read authority records: %w", err)
	}
	l.use()
	return nil
}

func (l *Linker) readAll(ctx context.Context, s graph.Snapshot) error {
	var ids [3]graph.ID
	terms := []graph.Term{rdf.Type.Term(), mocban.AuthorityRecord.Term(), mocban.Original.Term()}
	if err := s.IDs(ctx, terms, ids[:]); err != nil || ids[0] == graph.None || ids[1] == graph.None || ids[2] == graph.None {
		return err
	}
	graphs := map[graph.ID]struct{}{}
	err := graph.EachRow(ctx, s, graph.Pattern{P: ids[0], O: ids[1]}, graph.Cols(graph.PosG), func(r graph.Row) error {
		graphs[r[graph.PosG]] = struct{}{}
		return nil
	})
	if err != nil || len(graphs) == 0 {
		return err
	}
	some := make([]graph.ID, 0, 2*256)
	flush := func() error {
		err := l.readSome(ctx, s, l.index, some)
		some = some[:0]
		return err
	}
	err = graph.EachRow(ctx, s, graph.Pattern{P: ids[2]}, graph.Cols(graph.PosO, graph.PosG), func(r graph.Row) error {
		if _, ok := graphs[r[graph.PosG]]; !ok {
			return nil
		}
		if some = append(some, r[graph.PosG], r[graph.PosO]); len(some) < cap(some) {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// Add adds an authority record to the index, by its graph and its original bytes as a store has
// them. What is no authority record adds nothing. [Linker.Use] takes the index into use.
func (l *Linker) Add(g graph.IRI, original graph.Term) error {
	if l.index == nil {
		l.index = mapping.NewAuthorityIndex()
		l.index.Most = l.Most
	}
	m, r, err := l.original(g, original)
	if err != nil || r == nil {
		return err
	}
	return m.Index(l.index, r)
}

// Use takes the index into use that [Linker.Add] has made.
func (l *Linker) Use() {
	if l.index != nil {
		l.use()
	}
}

// readSome adds authority records to an index by the IDs of their graphs and original bytes.
func (l *Linker) readSome(ctx context.Context, s graph.Snapshot, x *mapping.AuthorityIndex, ids []graph.ID) error {
	terms := make([]graph.Term, len(ids))
	if err := s.Terms(ctx, ids, terms); err != nil {
		return err
	}
	for ; len(terms) > 0; terms = terms[2:] {
		g, _ := terms[0].IRI()
		m, r, err := l.original(g, terms[1])
		if err != nil {
			return err
		}
		if r == nil {
			continue
		}
		if err := m.Index(x, r); err != nil {
			return err
		}
	}
	return nil
}

// original reads the record of a graph from its original bytes, and returns what maps it. The
// record is nil if these are none that give this graph.
func (l *Linker) original(g graph.IRI, bytesOf graph.Term) (*mapping.Mapper, *marc.Record, error) {
	text, err := base64.StdEncoding.DecodeString(bytesOf.Value())
	if err != nil {
		return nil, nil, nil // none of ours
	}
	in, err := formats.NewReader(bytes.NewReader(text), marc.ReadOptions{})
	if err != nil {
		return nil, nil, nil
	}
	r, err := in.Next()
	if err != nil {
		return nil, nil, nil
	}
	m, err := l.mapper("")
	if err != nil {
		return nil, nil, err
	}
	if m.Record(r) == g {
		return m, r, nil
	}
	library, _, ok := m.Library(g)
	if !ok {
		return nil, nil, nil
	}
	if m, err = l.mapper(library); err != nil {
		return nil, nil, err
	}
	if m.Record(r) != g {
		return nil, nil, nil
	}
	return m, r, nil
}

func (l *Linker) mapper(library string) (*mapping.Mapper, error) {
	if m := l.mappers[library]; m != nil {
		return m, nil
	}
	m, err := l.Mapper(library)
	if err != nil {
		return nil, err
	}
	if l.mappers == nil {
		l.mappers = map[string]*mapping.Mapper{}
	}
	l.mappers[library] = m
	return m, nil
}

// see takes a record that will be loaded into the index, which is not in use yet.
func (l *Linker) see(r *marc.Record) error {
	if !mapping.IsAuthority(r) {
		return nil
	}
	m, err := l.mapper("")
	if err != nil {
		return err
	}
	if Classified(r) || Withdrawn(r) {
		m.Forget(l.index, r)
		return nil
	}
	return m.Index(l.index, r)
}

// use takes the index into use.
func (l *Linker) use() { l.Authorities.Use(l.index) }

// Relink maps the records again whose headings lead to other things by what changed in a store
// since a version, and returns how many that were.
func (l *Linker) Relink(ctx context.Context, s graph.Store, since graph.Version) (uint64, error) {
	if err := l.read(ctx, s); err != nil {
		return 0, err
	}
	again, stale := map[graph.IRI]bool{}, map[graph.IRI]bool{}
	for range rounds {
		graphs, now, err := l.affected(ctx, s, since)
		if err != nil {
			return uint64(len(again)), fmt.Errorf("find the records of changed authority records: %w", err)
		}
		l.version = now
		if len(graphs) == 0 {
			break
		}
		since = now
		for len(graphs) > 0 {
			some := graphs[:min(len(graphs), 500)]
			graphs = graphs[len(some):]
			if err := l.remap(ctx, s, some, again, stale); err != nil {
				return uint64(len(again)), fmt.Errorf("map records again: %w", err)
			}
		}
	}
	return uint64(len(again)), nil
}

// linkProperties lead from a thing to what identifies it.
var linkProperties = map[graph.IRI]bool{owl.SameAs: true, skos.ExactMatch: true, madsrdf.IsIdentifiedByAuthority: true}

// affected returns the graphs in which headings and numbers of authority records that changed
// do not lead where they lead now.
func (l *Linker) affected(ctx context.Context, s graph.Store, since graph.Version) (graphs []graph.Term, now graph.Version, err error) {
	snapshot, err := s.Snapshot()
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	m, err := l.mapper("")
	if err != nil {
		return nil, 0, err
	}
	a := &affection{ctx: ctx, Linker: l, m: m, s: snapshot, found: map[graph.ID]bool{}, heads: map[graph.Term]bool{}, numbers: map[graph.Term]bool{}}
	if err := a.begin(); err != nil {
		return nil, 0, err
	}
	for change, err := range s.Changes(ctx, since) {
		if err != nil {
			return nil, 0, err
		}
		for op, err := range change.Ops() {
			if err != nil {
				return nil, 0, err
			}
			if err := a.changed(&op.Quad); err != nil {
				return nil, 0, err
			}
		}
	}
	if err := a.look(); err != nil {
		return nil, 0, err
	}
	graphs, err = a.graphs()
	return graphs, snapshot.Version(), err
}

// An affection finds graphs.
type affection struct {
	*Linker
	ctx context.Context // of the one call that it serves
	m   *mapping.Mapper
	s   graph.Snapshot

	see   graph.ID
	links map[graph.ID]bool

	heads   map[graph.Term]bool // to be looked at; true if it is the thing of a record
	numbers map[graph.Term]bool
	found   map[graph.ID]bool
}

func (a *affection) begin() error {
	terms := []graph.Term{mocban.See.Term(), mocban.AuthorityNumber.Term()}
	for p := range linkProperties {
		terms = append(terms, p.Term())
	}
	ids := make([]graph.ID, len(terms))
	if err := a.s.IDs(a.ctx, terms, ids); err != nil {
		return err
	}
	a.see, a.links = ids[0], map[graph.ID]bool{}
	for _, id := range ids[1:] {
		if id != graph.None {
			a.links[id] = true
		}
	}
	return nil
}

// changed notes what a quad of an authority record says of headings and numbers.
func (a *affection) changed(q *graph.Quad) error {
	g, ok := q.G.IRI()
	if !ok || q.S.IsZero() {
		return nil
	}
	switch {
	case q.P == mocban.See, q.P == mocban.AuthorityNumber, q.P == bf.AdminMetadata && q.O == q.G, linkProperties[q.P]:
	default:
		return nil
	}
	if _, authority, ok := a.m.Library(g); !ok || !authority {
		return nil
	}
	switch {
	case q.P == mocban.See:
		a.heads[q.S.Clone()] = a.heads[q.S]
	case q.P == bf.AdminMetadata:
		a.heads[q.S.Clone()] = true
		a.numbers[q.G.Clone()] = true
	case q.P == mocban.AuthorityNumber, q.O.IsIRI():
		a.numbers[q.O.Clone()] = true
		for _, t := range mapping.NumberTerms(mapping.KnownNumber(q.O.Clone())) {
			a.numbers[t] = true
		}
	}
	if len(a.heads)+len(a.numbers) < 10_000 {
		return nil
	}
	return a.look()
}

// look looks at the headings and numbers that were noted.
func (a *affection) look() error {
	var terms []graph.Term
	for t := range a.heads {
		terms = append(terms, t)
	}
	heads := len(terms)
	for t := range a.numbers {
		terms = append(terms, t)
	}
	ids := make([]graph.ID, len(terms))
	if err := a.s.IDs(a.ctx, terms, ids); err != nil {
		return err
	}
	for i, t := range terms {
		if ids[i] == graph.None {
			continue
		}
		var err error
		if i < heads {
			err = a.head(t, ids[i], a.heads[t])
		} else {
			err = a.number(t, ids[i])
		}
		if err != nil {
			return err
		}
	}
	clear(a.heads)
	clear(a.numbers)
	return nil
}

// head finds the graphs in which a heading does not lead where it should.
func (a *affection) head(t graph.Term, id graph.ID, thing bool) error {
	to, where := a.m.Headed(a.index, t)
	want := graph.None
	if where == mapping.Elsewhere {
		var ids [1]graph.ID
		if err := a.s.IDs(a.ctx, []graph.Term{to}, ids[:]); err != nil {
			return err
		}
		want = ids[0]
	}
	if a.see != graph.None {
		err := a.each(graph.Pattern{S: id, P: a.see}, func(r graph.Row) error {
			if r[graph.PosO] == want && want != graph.None {
				return nil
			}
			authority, err := a.isAuthority(r[graph.PosG])
			if err == nil && (!authority || where == mapping.Itself) {
				a.found[r[graph.PosG]] = true
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	switch {
	case where == mapping.Elsewhere, where == mapping.Nowhere && thing,
		where == mapping.Ambiguous: // at least to tell of it
		mention := func(r graph.Row) error {
			if r[graph.PosP] != a.see && r[graph.PosG] != graph.DefaultGraph {
				a.found[r[graph.PosG]] = true
			}
			return nil
		}
		if err := a.each(graph.Pattern{S: id}, mention); err != nil {
			return err
		}
		return a.each(graph.Pattern{O: id}, mention)
	}
	return nil
}

// number finds the graphs in which a number is not that of the thing whose it is.
func (a *affection) number(t graph.Term, id graph.ID) error {
	to, ok := a.m.Numbered(a.index, t)
	want := graph.None
	if ok {
		var ids [1]graph.ID
		if err := a.s.IDs(a.ctx, []graph.Term{to}, ids[:]); err != nil {
			return err
		}
		want = ids[0]
	}
	return a.each(graph.Pattern{O: id}, func(r graph.Row) error {
		if !a.links[r[graph.PosP]] || r[graph.PosS] == want && want != graph.None {
			return nil
		}
		authority, err := a.isAuthority(r[graph.PosG])
		if err == nil && !authority {
			a.found[r[graph.PosG]] = true
		}
		return err
	})
}

func (a *affection) isAuthority(g graph.ID) (bool, error) {
	var terms [1]graph.Term
	if err := a.s.Terms(a.ctx, []graph.ID{g}, terms[:]); err != nil {
		return false, err
	}
	iri, _ := terms[0].IRI()
	_, authority, _ := a.m.Library(iri)
	return authority, nil
}

func (a *affection) each(p graph.Pattern, f func(graph.Row) error) error {
	columns := graph.Cols(graph.PosG)
	if p.S == graph.None {
		columns |= graph.Cols(graph.PosS)
	}
	if p.P == graph.None {
		columns |= graph.Cols(graph.PosP)
	}
	if p.O == graph.None {
		columns |= graph.Cols(graph.PosO)
	}
	return graph.EachRow(a.ctx, a.s, p, columns, f)
}

// graphs returns what was found: records of ours.
func (a *affection) graphs() (all []graph.Term, err error) {
	var ids []graph.ID
	for id := range a.found {
		ids = append(ids, id)
	}
	terms := make([]graph.Term, len(ids))
	if err := a.s.Terms(a.ctx, ids, terms); err != nil {
		return nil, err
	}
	for _, t := range terms {
		if iri, ok := t.IRI(); ok {
			if _, _, ok := a.m.Library(iri); ok {
				all = append(all, t.Clone())
			}
		}
	}
	return all, nil
}

// remap maps the records of graphs again, in one commit, and notes which they were. What a
// harvest said of them stays. A record that cannot be mapped now is noted as stale, and told once.
func (l *Linker) remap(ctx context.Context, s graph.Store, graphs []graph.Term, again, stale map[graph.IRI]bool) (err error) {
	l.version, err = s.Update(ctx, func(t graph.Txn) error {
		t.SetSource("mocban authorities")
		for _, g := range graphs {
			original, kept, err := kept(ctx, t.Snapshot(), g)
			if err != nil {
				return err
			}
			if original.IsZero() {
				continue
			}
			iri, _ := g.IRI()
			m, r, err := l.original(iri, original)
			if err != nil {
				return err
			}
			if r == nil {
				continue
			}
			quads, found, err := m.Append(nil, r)
			if err != nil {
				if !stale[iri] && l.Stale != nil {
					l.Stale(iri, err)
				}
				stale[iri] = true
				continue
			}
			for _, f := range found {
				if f.Rule == mapping.AmbiguousHeading && l.Unsure != nil && !again[iri] {
					l.Unsure(iri, f)
				}
			}
			if err := t.DropGraph(g); err != nil {
				return err
			}
			if err := t.Add(append(quads, kept...)...); err != nil {
				return err
			}
			again[iri] = true
		}
		return nil
	})
	return err
}

// kept returns the original bytes in a graph, and what a harvest said there.
func kept(ctx context.Context, s graph.Snapshot, g graph.Term) (original graph.Term, kept []graph.Quad, err error) {
	of := []graph.IRI{mocban.Original, mocban.HarvestedFrom, mocban.HarvestedAs}
	var ids [4]graph.ID
	if err := s.IDs(ctx, []graph.Term{g, of[0].Term(), of[1].Term(), of[2].Term()}, ids[:]); err != nil || ids[0] == graph.None {
		return original, nil, err
	}
	for i, p := range of {
		if ids[i+1] == graph.None {
			continue
		}
		err := graph.EachRow(ctx, s, graph.Pattern{S: ids[0], P: ids[i+1], G: ids[0]}, graph.Cols(graph.PosO), func(r graph.Row) error {
			var terms [1]graph.Term
			if err := s.Terms(ctx, []graph.ID{r[graph.PosO]}, terms[:]); err != nil {
				return err
			}
			if t := terms[0].Clone(); p == mocban.Original {
				original = t
			} else {
				kept = append(kept, graph.Quad{S: g, P: p, O: t, G: g})
			}
			return nil
		})
		if err != nil {
			return original, nil, err
		}
	}
	return original, kept, nil
}
