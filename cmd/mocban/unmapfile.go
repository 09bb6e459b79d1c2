package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"io"
	"strings"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/ingest"
	"mocban/ingest/mapping"
	"mocban/ingest/mapping/back"
	"mocban/ingest/quality"
	"mocban/publish/dump"
	"mocban/vocab/mocban"
)

// What is read of a file before it is told how it is ordered, and how much of one graph is held:
// variables, so that tests need no large files.
var (
	unmapWindow = 100_000   // quads
	unmapMost   = 5_000_000 // quads of one graph, or of none
	unmapSort   = 64 << 20  // bytes of quads that are sorted at once
)

// A grouping parts the quads of a file by their graphs. A file that fits into the window is parted
// there. In a larger one graphs stand one behind the other, as map writes them, and each is done
// when the next one begins; or they are mixed, as dump writes them by subject, and then all quads
// are sorted by their graphs, in temporary files.
type grouping struct {
	u     *unmapper
	ctx   context.Context // of the one call that it serves
	link  *ingest.Linker  // that learns of authority records, nil if they are given
	plain *mapping.Mapper // that knows none
	known uint64          // authority records

	window  []graph.Quad
	decided bool

	pending []graph.Quad
	seen    map[uint64]bool // graphs that have been done
	seed    maphash.Seed

	sorter *dump.Sorter
	count  uint64 // of quads that are sorted
	line   []byte
}

// file makes records of a file of RDF.
func (u *unmapper) file(ctx context.Context, f rdfFile) error {
	in, err := u.open(f.path)
	if err != nil {
		return err
	}
	defer in.Close()
	base, err := u.settings.base()
	if err != nil {
		return err
	}
	g := &grouping{u: u, ctx: ctx, seen: map[uint64]bool{}, seed: maphash.MakeSeed()}
	if len(u.flags.authorities) == 0 && !u.flags.afresh {
		if err := g.learn(); err != nil {
			return err
		}
	}
	defer func() {
		if g.sorter != nil {
			g.sorter.Remove()
		}
	}()
	err = rdfio.Scan(ctx, f.format, in, rdfio.ReadOptions{Base: base, KeepBlanks: true}, func(quads []graph.Quad) error {
		for _, q := range quads {
			if err := g.add(graph.Quad{S: q.S.Clone(), P: graph.IRI(strings.Clone(string(q.P))), O: q.O.Clone(), G: q.G.Clone()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = g.end()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", in.name, err)
	}
	return nil
}

// learn prepares for authority records that the file holds itself.
func (g *grouping) learn() (err error) {
	u := g.u
	if len(u.mappers) > 1 { // of the file before
		u.mappers = u.mappers[len(u.mappers)-1:]
	}
	g.plain = u.mappers[0]
	if g.link = u.linker(); g.link == nil {
		return nil
	}
	linked, err := u.mapper(true, "")
	u.authorities = nil
	if err != nil {
		return err
	}
	u.mappers = []*mapping.Mapper{linked, g.plain}
	return nil
}

// add takes a quad.
func (g *grouping) add(q graph.Quad) error {
	if g.link != nil && q.P == mocban.Original && q.S == q.G {
		iri, _ := q.G.IRI()
		if _, authority, _ := g.u.mappers[0].Library(iri); authority {
			g.known++
			if err := g.link.Add(iri, q.O); err != nil {
				return err
			}
		}
	}
	switch {
	case g.sorter != nil:
		return g.spill(q)
	case g.decided:
		return g.stream(q)
	}
	if g.window = append(g.window, q); len(g.window) < unmapWindow {
		return nil
	}
	return g.decide()
}

// decide tells by the window how the file is ordered, and goes on with what is in it.
func (g *grouping) decide() error {
	g.decided = true
	next := g.stream
	if g.mixed() {
		g.sorter = &dump.Sorter{Memory: unmapSort}
		next = g.spill
	}
	window := g.window
	g.window = nil
	for _, q := range window {
		if err := next(q); err != nil {
			return err
		}
	}
	return nil
}

// mixed tells whether a graph of the window comes back behind another one.
func (g *grouping) mixed() bool {
	seen := map[graph.Term]bool{}
	for i := range g.window {
		name := g.window[i].G
		if i > 0 && name == g.window[i-1].G {
			continue
		}
		if seen[name] {
			return true
		}
		seen[name] = true
	}
	return false
}

// stream takes a quad of a file in which graphs stand one behind the other.
func (g *grouping) stream(q graph.Quad) error {
	if len(g.pending) > 0 && q.G != g.pending[0].G {
		g.seen[g.name(g.pending[0].G)] = true
		if err := g.flush(); err != nil {
			return err
		}
		if g.seen[g.name(q.G)] {
			return wrongf("đồ thị %s xuất hiện lại sau đồ thị khác, khi biểu ghi của nó đã ghi xong: tệp này không xếp theo đồ thị; hãy nạp vào kho (mocban load) rồi dùng mocban unmap -l, hoặc sắp xếp tệp trước",
				"the graph %s comes again behind others, when its record has been written: the file is not in the order of graphs; load it (mocban load) and use mocban unmap -l, or sort the file first", q.G)
		}
	}
	return g.hold(q)
}

func (g *grouping) name(t graph.Term) uint64 { return maphash.String(g.seed, t.Value()) }

// hold keeps a quad until its graph is whole.
func (g *grouping) hold(q graph.Quad) error {
	if len(g.pending) >= unmapMost {
		if q.G.IsZero() {
			return wrongf("hơn %d bộ ba không thuộc đồ thị nào: không tách thành biểu ghi được trong bộ nhớ; hãy dùng N-Quads (mocban dump --format nq), trong đó mỗi biểu ghi là một đồ thị",
				"more than %d triples are in no graph, which cannot be parted into records in memory; use N-Quads (mocban dump --format nq), in which each record is a graph", unmapMost)
		}
		return wrongf("đồ thị %s có hơn %d bộ ba: không phải một biểu ghi", "the graph %s has more than %d triples, and is no record", q.G, unmapMost)
	}
	g.pending = append(g.pending, q)
	return nil
}

// flush makes the records of what is held.
func (g *grouping) flush() error {
	for _, one := range back.Split(g.pending) {
		if !isWork(one) && quality.Library(one) == "" {
			continue // the vocabulary, or data that are no record
		}
		if err := g.u.record(one); err != nil {
			return err
		}
	}
	g.pending = nil // the records are still being made
	return nil
}

// spill takes a quad of a file in which graphs are mixed: the graph, the place in the file, and
// the quad.
func (g *grouping) spill(q graph.Quad) error {
	g.line = append(graph.AppendTerm(g.line[:0], q.G), 0)
	g.line = binary.BigEndian.AppendUint64(g.line, g.count)
	g.count++
	if err := g.sorter.Add(graph.AppendQuad(g.line, q)); err != nil {
		return fmt.Errorf("sort the quads by their graphs: %w", err)
	}
	if g.u.line.due() {
		g.u.line.line("%s bộ bốn đã đọc, đang xếp theo đồ thị", "%s quads read, to be sorted by their graphs", g.u.number(g.count))
	}
	return nil
}

// end makes the records of what is left.
func (g *grouping) end() error {
	if g.link != nil {
		g.link.Use()
	}
	switch {
	case !g.decided:
		g.pending, g.window = g.window, nil
		return g.flush()
	case g.sorter == nil:
		return g.flush()
	}
	return g.sorted()
}

// sorted makes the records of sorted quads.
func (g *grouping) sorted() error {
	in, out := io.Pipe()
	ctx, cancel := context.WithCancel(g.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		out.CloseWithError(g.sorter.Lines(ctx, func(line []byte) error {
			_, rest, _ := bytes.Cut(line, []byte{0})
			_, err := out.Write(append(rest[8:len(rest):len(rest)], '\n'))
			return err
		}))
	}()
	defer func() {
		cancel()
		in.Close()
		<-done
	}()
	err := rdfio.Scan(ctx, rdfio.NQuads, in, rdfio.ReadOptions{KeepBlanks: true}, func(quads []graph.Quad) error {
		for _, q := range quads {
			if len(g.pending) > 0 && q.G != g.pending[0].G {
				if err := g.flush(); err != nil {
					return err
				}
			}
			if err := g.hold(graph.Quad{S: q.S.Clone(), P: graph.IRI(strings.Clone(string(q.P))), O: q.O.Clone(), G: q.G.Clone()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return g.flush()
}
