package resource_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/publish/resource"
	"mocban/vocab/bf"
	"mocban/vocab/rdfs"
)

const base = "https://data.example.vn/"

// site returns the quads of the sample in ../testdata.
func site(t testing.TB) (quads []graph.Quad) {
	t.Helper()
	data, err := os.ReadFile("../testdata/site.nq")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var terms [4]graph.Term
		rest := strings.TrimSuffix(strings.TrimSpace(line), ".")
		for i := 0; rest != ""; i++ {
			term, r, err := graph.ParseTerm(rest)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			terms[i], rest = term, strings.TrimSpace(r)
		}
		p, _ := terms[1].IRI()
		quads = append(quads, graph.Quad{S: terms[0], P: p, O: terms[2], G: terms[3]})
	}
	return quads
}

// counting counts the calls on a snapshot by name.
type counting struct {
	graph.Snapshot
	calls map[string]int
}

func (c *counting) IDs(ctx context.Context, terms []graph.Term, ids []graph.ID) error {
	c.calls["IDs"]++
	return c.Snapshot.IDs(ctx, terms, ids)
}

func (c *counting) Terms(ctx context.Context, ids []graph.ID, terms []graph.Term) error {
	c.calls["Terms"]++
	return c.Snapshot.Terms(ctx, ids, terms)
}

func (c *counting) Scan(ctx context.Context, p graph.Pattern, o graph.Order, columns graph.Columns) (graph.Cursor, error) {
	name := "Scan"
	for pos := graph.PosS; pos <= graph.PosG; pos++ {
		if p.At(pos) != graph.None {
			name += pos.String()
		}
	}
	c.calls[name]++
	return c.Snapshot.Scan(ctx, p, o, columns)
}

func (c *counting) Count(ctx context.Context, p graph.Pattern) (uint64, bool, error) {
	c.calls["Count"]++
	return c.Snapshot.Count(ctx, p)
}

func snapshot(t testing.TB, quads ...graph.Quad) *counting {
	t.Helper()
	s, err := memstore.New(quads...).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &counting{s, make(map[string]int)}
}

var labelled = resource.Options{Labels: []graph.IRI{rdfs.Label}}

func load(t testing.TB, s graph.Snapshot, iri graph.IRI, o resource.Options) *resource.Resource {
	t.Helper()
	r, err := resource.Load(context.Background(), s, []graph.IRI{iri}, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPartsHangOnTheThing(t *testing.T) {
	r := load(t, snapshot(t, site(t)...), base+"id/work/demo-1", labelled)
	var got []string
	for _, v := range r.Root.Values(bf.Contribution) {
		if v.Part == nil {
			t.Fatalf("%v is no part", v.Term)
		}
		agent, _ := r.Label(v.Part.Value(bf.Agent), "vi")
		role, _ := r.Label(v.Part.Value(bf.Role), "vi")
		got = append(got, agent.Value()+" ("+role.Value()+")")
	}
	slices.Sort(got)
	if want := "[Duy Minh Thị (người hiệu đính) Nguyễn Du, 1765-1820 (tác giả)]"; fmt.Sprint(got) != want {
		t.Errorf("contributions are %v, want %s", got, want)
	}
	if en, _ := r.Label(graph.IRI("http://id.loc.gov/vocabulary/relators/aut").Term(), "en"); en.Value() != "author" {
		t.Errorf("English role is %q", en.Value())
	}
}

// A person is reached from a work through the contribution, which is a part of the work.
func TestPartsThatPointAtTheThing(t *testing.T) {
	r := load(t, snapshot(t, site(t)...), base+"id/agent/nguyen-du", labelled)
	var got []string
	for _, l := range r.In {
		label, _ := r.Label(l.From, "vi")
		role := ""
		if l.Part != nil {
			x, _ := r.Label(l.Part.Value(bf.Role), "vi")
			role = x.Value()
		}
		got = append(got, fmt.Sprintf("%s %d %s", label.Value(), len(l.Path), role))
	}
	slices.Sort(got)
	want := []string{"Kim Vân Kiều tân truyện 1 ", "Kim Vân Kiều tân truyện 2 tác giả", "Văn chiêu hồn 1 ", "Văn chiêu hồn 2 tác giả"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if r.Total != 4 {
		t.Errorf("%d statements point at the person, want 4", r.Total)
	}
}

func TestQuadsAreThoseOfTheStore(t *testing.T) {
	quads := site(t)
	o := labelled
	o.Quads = true
	r := load(t, snapshot(t, quads...), base+"id/work/demo-1", o)
	in := make(map[graph.Quad]bool)
	for _, q := range quads {
		in[q] = true
	}
	got := make(map[graph.Quad]int)
	for _, q := range r.Quads() {
		if got[q]++; got[q] > 1 {
			t.Errorf("twice: %v", q)
		}
		if !in[q] {
			t.Errorf("not in the store: %v", q)
		}
	}
	work := graph.IRI(base + "id/work/demo-1").Term()
	for _, q := range quads {
		if q.S == work && got[q] == 0 || q.O == work && got[q] == 0 {
			t.Errorf("missing: %v", q)
		}
	}
}

// A page is one read of the snapshot and one batch of labels, however many things it names.
func TestOneReadAndOneBatchOfLabels(t *testing.T) {
	calls := func(n int) map[string]int {
		work := graph.IRI(base + "id/work/1").Term()
		label := func(x graph.Term, s string) graph.Quad {
			return graph.Quad{S: x, P: rdfs.Label, O: graph.String(s)}
		}
		quads := []graph.Quad{label(work, "work")}
		for i := range n {
			subject := graph.IRI(fmt.Sprintf("%sid/concept/%d", base, i)).Term()
			instance := graph.IRI(fmt.Sprintf("%sid/instance/%d", base, i)).Term()
			quads = append(quads, label(subject, fmt.Sprint("subject ", i)), label(instance, fmt.Sprint("instance ", i)),
				graph.Quad{S: work, P: bf.Subject, O: subject}, graph.Quad{S: instance, P: bf.InstanceOf, O: work})
		}
		s := snapshot(t, quads...)
		r := load(t, s, base+"id/work/1", labelled)
		if len(r.In) != n || len(r.Root.Values(bf.Subject)) != n {
			t.Fatalf("read %d links and %d subjects, want %d", len(r.In), len(r.Root.Values(bf.Subject)), n)
		}
		for _, l := range r.In {
			if _, ok := r.Label(l.From, "vi"); !ok {
				t.Fatalf("%v has no label", l.From)
			}
		}
		return s.calls
	}
	for _, n := range []int{2, 150} {
		// ScanSP is the batch of labels, of the work and of n subjects and n instances, and
		// one scan for the graphs.
		want := map[string]int{"IDs": 1, "ScanS": 1, "Count": 1, "ScanO": 1, "ScanSP": 2*n + 1 + 1, "Terms": 3}
		if got := calls(n); !maps.Equal(got, want) {
			t.Errorf("with %d subjects and %d instances calls are %v, want %v", n, n, got, want)
		}
	}
}

// What a thousand records describe the same way is described once.
func TestManyRecordsDescribeAThing(t *testing.T) {
	agent, work := graph.IRI(base+"id/agent/1").Term(), graph.IRI(base+"id/work/1").Term()
	quads := []graph.Quad{{S: work, P: bf.Agent, O: agent}}
	const records = 1000
	for i := range records {
		g := graph.IRI(fmt.Sprintf("%srecord/X/%d", base, i)).Term()
		quads = append(quads, graph.Quad{S: agent, P: rdfs.Label, O: graph.String("Nguyễn Du"), G: g})
	}
	s := snapshot(t, quads...)
	r := load(t, s, base+"id/agent/1", labelled)
	if n := len(r.Triples()); n != 2 {
		t.Errorf("%d triples, want 2", n)
	}
	if n := len(r.Graphs()); n != records || r.Many {
		t.Errorf("%d graphs", n)
	}
	r = load(t, s, base+"id/work/1", labelled)
	if n := len(r.Quads()); n != 2 {
		t.Errorf("the work has %d statements, want 2", n)
	}
	o := labelled
	o.Quads = true
	if n := len(load(t, s, base+"id/agent/1", o).Quads()); n != records+1 {
		t.Errorf("%d quads, want %d", n, records+1)
	}
}

func TestPagesOfWhatPointsAtAThing(t *testing.T) {
	place := graph.IRI(base + "id/place/1").Term()
	var quads []graph.Quad
	for i := range 2500 {
		quads = append(quads, graph.Quad{S: graph.IRI(fmt.Sprintf("%sid/work/%04d", base, i)).Term(), P: bf.Subject, O: place})
	}
	s := snapshot(t, quads...)
	seen := make(map[graph.Term]bool)
	for offset := 0; offset < 2500; offset += 400 {
		r := load(t, s, base+"id/place/1", resource.Options{In: 400, Offset: offset})
		if r.Total != 2500 {
			t.Fatalf("total is %d", r.Total)
		}
		for _, l := range r.In {
			if seen[l.From] {
				t.Fatalf("%v comes twice", l.From)
			}
			seen[l.From] = true
		}
	}
	if len(seen) != 2500 {
		t.Errorf("saw %d of 2500", len(seen))
	}
}

func TestNearThings(t *testing.T) {
	o := labelled
	o.Near = []resource.Step{{Property: bf.InstanceOf, Back: true}, {Property: bf.ItemOf, Back: true, From: 1}}
	r := load(t, snapshot(t, site(t)...), base+"id/work/demo-1", o)
	if len(r.Near) != 2 {
		t.Fatalf("%d things are near, want an instance and an item", len(r.Near))
	}
	instance, item := r.Near[0], r.Near[1]
	if instance.Values(bf.ProvisionActivity)[0].Part == nil {
		t.Error("the instance has lost its parts")
	}
	if by, _ := r.Label(item.Value(bf.HeldBy), "vi"); by.Value() != "Thư viện Quốc gia (trình diễn)" {
		t.Errorf("held by %q", by.Value())
	}
}

func TestNotFound(t *testing.T) {
	_, err := resource.Load(context.Background(), snapshot(t, site(t)...), []graph.IRI{base + "id/work/none"}, labelled)
	if !errors.Is(err, graph.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	// The store knows the predicate as a term, but says nothing about it.
	_, err = resource.Load(context.Background(), snapshot(t, site(t)...), []graph.IRI{bf.Agent}, labelled)
	if !errors.Is(err, graph.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestRingOfPartsEnds(t *testing.T) {
	work, a, b := graph.IRI(base+"id/work/1").Term(), graph.Blank("a"), graph.Blank("b")
	r := load(t, snapshot(t, graph.Quad{S: work, P: bf.Note, O: a}, graph.Quad{S: a, P: bf.Note, O: b},
		graph.Quad{S: b, P: bf.Note, O: a}, graph.Quad{S: b, P: bf.Note, O: work}), base+"id/work/1", labelled)
	if r.Root == nil || len(r.Quads()) != 4 {
		t.Errorf("got %v", r.Quads())
	}
}

func TestBest(t *testing.T) {
	vi, en, hani, plain := graph.Text("tác giả", "vi"), graph.Text("author", "en"), graph.Text("作者", "vi-Hani"), graph.String("aut")
	for _, c := range []struct {
		labels []graph.Term
		lang   string
		want   graph.Term
	}{
		{[]graph.Term{en, vi}, "vi", vi},
		{[]graph.Term{vi, en}, "en", en},
		{[]graph.Term{vi, plain, hani}, "en", plain},
		{[]graph.Term{hani, vi}, "en", vi},
		{[]graph.Term{graph.String("VN-TVQG"), vi}, "en", vi}, // a code is no name
		{[]graph.Term{hani}, "vi", hani},
	} {
		if got, ok := resource.Best(c.labels, c.lang); !ok || got != c.want {
			t.Errorf("%v in %s: got %v", c.labels, c.lang, got)
		}
	}
	if _, ok := resource.Best(nil, "vi"); ok {
		t.Error("found a label in none")
	}
}
