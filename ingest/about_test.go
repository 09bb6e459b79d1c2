package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
)

// A record that is only looked at becomes what it would become if it were loaded: the authority
// records of the store that it has to do with are found by its headings alone.
func TestAboutIsAsLoaded(t *testing.T) {
	authorities := linkedAuthorities + "\n" + secondAn
	for _, filled := range []bool{false, true} { // with the records in the store, and without
		s, p := memstore.New(), linked(t)
		load(t, p, s, lines("authorities", authorities))
		if filled {
			load(t, p, s, lines("books", linkedBooks))
		}
		snapshot, err := s.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		defer snapshot.Close()
		l := &Linker{Mapper: p.Link.Mapper}
		m, err := p.Link.Mapper("")
		if err != nil {
			t.Fatal(err)
		}
		rules := map[mapping.LinkRule]int{}
		for _, src := range []Source{lines("books", linkedBooks), lines("authorities", authorities)} {
			err := src.Each(func(r *marc.Record) error {
				x, err := l.About(t.Context(), snapshot, m, r)
				if err != nil {
					return err
				}
				got, err := m.ExplainWith(r, x)
				if err != nil {
					return err
				}
				want, _, err := m.Append(nil, r)
				if err != nil {
					return err
				}
				different(t, fmt.Sprintf("record %s, filled %v", r.ID(), filled), inOrder(want), inOrder(got.Quads))
				for _, link := range got.Links {
					rules[link.By]++
					if (link.To == "") != (link.By == mapping.ByNone) || len(link.Records) == 0 || link.Heading == "" {
						t.Errorf("record %s: %+v", r.ID(), link)
					}
				}
				if r.ID() == "4" {
					i := slices.IndexFunc(got.Links, func(l mapping.LinkExplained) bool { return l.By == mapping.ByNone })
					if i < 0 || len(got.Links[i].Records) != 2 || got.Links[i].Heading != "Nguyễn Văn An" {
						t.Errorf("what stays unlinked is not told: %+v", got.Links)
					}
				}
				return nil
			}, func(b *marc.BadRecord) { t.Error(b.En) })
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, by := range []mapping.LinkRule{mapping.ByNumber, mapping.ByHeading, mapping.ByReference, mapping.ByNone} {
			if rules[by] == 0 {
				t.Errorf("no heading is told to be linked by %s", by)
			}
		}
	}
}

// inOrder returns quads as lines, in order.
func inOrder(all []graph.Quad) (lines []string) {
	for _, q := range all {
		lines = append(lines, fmt.Sprint([]graph.Term{q.S, q.P.Term(), q.O, q.G}))
	}
	slices.Sort(lines)
	return lines
}

// To look at one record nothing is read but what has to do with it, however many authority records
// the store holds: each scan is of one subject or one object, and few records are read.
func TestAboutReadsLittle(t *testing.T) {
	var others strings.Builder
	for i := range 500 {
		fmt.Fprintf(&others, "\n=LDR  00000nz  a2200000n  4500\n=001  o%d\n=003  VN-A\n=100  0#$aNgười thứ %d\n=400  0#$aTên khác %d\n", i, i, i)
	}
	s, p := memstore.New(), linked(t)
	load(t, p, s, lines("authorities", linkedAuthorities+others.String()), lines("books", linkedBooks))
	snapshot, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	m, err := p.Link.Mapper("")
	if err != nil {
		t.Fatal(err)
	}
	src := lines("books", linkedBooks)
	err = src.Each(func(r *marc.Record) error {
		watched := &watchedSnapshot{Snapshot: snapshot}
		x, err := (&Linker{Mapper: p.Link.Mapper}).About(t.Context(), watched, m, r)
		if err != nil {
			return err
		}
		if watched.wide > 0 || x.Len() > 3 {
			t.Errorf("record %s: %d scans of neither a subject nor an object; %d authority records", r.ID(), watched.wide, x.Len())
		}
		if watched.scans == 0 {
			t.Errorf("record %s: nothing was looked up", r.ID())
		}
		return nil
	}, func(b *marc.BadRecord) { t.Error(b.En) })
	if err != nil {
		t.Fatal(err)
	}
}

// A watchedSnapshot counts scans, and those of neither one subject nor one object.
type watchedSnapshot struct {
	graph.Snapshot
	scans, wide int
}

// Scan implements graph.Snapshot.
func (w *watchedSnapshot) Scan(ctx context.Context, p graph.Pattern, o graph.Order, c graph.Columns) (graph.Cursor, error) {
	w.scans++
	if p.S == graph.None && p.O == graph.None {
		w.wide++
	}
	return w.Snapshot.Scan(ctx, p, o, c)
}
