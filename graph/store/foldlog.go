package store

import (
	"context"
	"fmt"

	"mocban/graph"
)

// FoldLog puts all there was at a version in the place of the change sets up to it: the log
// becomes smaller, older versions and changes are no longer told of. Version 0 means the
// newest. Who writes waits meanwhile; who reads does not.
func (s *Store) FoldLog(ctx context.Context, v graph.Version) error {
	if err := s.foldLog(ctx, v); err != nil {
		return fmt.Errorf("fold the log of store %s: %w", s.dir, err)
	}
	return nil
}

func (s *Store) foldLog(ctx context.Context, v graph.Version) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.give()
	s.mu.Lock()
	tip := s.tip.version
	s.mu.Unlock()
	if err := s.awaitVersion(tip); err != nil {
		return err
	}
	if v == 0 {
		v = tip
	}
	if v < 2 || v <= s.log.Folded() {
		return fmt.Errorf("there is nothing before version %d to fold", v)
	}
	sn, err := s.At(ctx, v)
	if err != nil {
		return err
	}
	defer sn.Close()
	if err := s.checkSpace(s.log.Size()); err != nil {
		return err
	}
	// The data must not fall behind what the log can tell, even if the power is cut.
	if err := s.db.Sync(); err != nil {
		return s.fail(err)
	}
	at, _, err := s.markOf(ctx, v, v)
	if err != nil {
		return err
	}
	at.Total = sn.(*snapshot).total() // which segments of format 1 do not tell
	return s.log.Fold(ctx, at, func(add func(graph.Op) error) error { return s.everything(ctx, sn, add) })
}

// everything tells all graphs and quads of a snapshot.
func (s *Store) everything(ctx context.Context, sn graph.Snapshot, add func(graph.Op) error) error {
	graphs, err := sn.Graphs(ctx)
	if err != nil {
		return err
	}
	defer graphs.Close()
	var b graph.Block
	terms := make([]graph.Term, 4)
	for graphs.Next(&b) {
		for _, id := range b.Cols[graph.PosG] {
			if err := sn.Terms(ctx, []graph.ID{id}, terms[:1]); err != nil {
				return err
			}
			if err := add(graph.Op{Kind: graph.OpCreateGraph, Quad: graph.Quad{G: terms[0]}}); err != nil {
				return err
			}
		}
	}
	if err := graphs.Err(); err != nil {
		return err
	}
	total, _, err := sn.Count(ctx, graph.Pattern{})
	if err != nil {
		return err
	}
	rows, err := sn.Scan(ctx, graph.Pattern{}, graph.SPO, graph.AllColumns)
	if err != nil {
		return err
	}
	defer rows.Close()
	var last graph.Row
	done := uint64(0)
	for rows.Next(&b) {
		for i := range b.Len {
			r := b.Row(i)
			for pos := range r {
				if r[pos] == last[pos] && done > 0 {
					continue
				}
				if err := sn.Terms(ctx, r[pos:pos+1], terms[pos:pos+1]); err != nil {
					return err
				}
			}
			last = r
			done++
			p, _ := terms[graph.PosP].IRI()
			if err := add(graph.Op{Kind: graph.OpAdd, Quad: graph.Quad{S: terms[0], P: p, O: terms[2], G: terms[3]}}); err != nil {
				return err
			}
		}
		s.o.progress("fold", done, total)
	}
	return rows.Err()
}
