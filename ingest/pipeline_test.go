package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
)

const shared = "../../shared/data"

// plainMapper maps each value of a record to a quad. It refuses what the tests tell it to.
type plainMapper struct{ fail, panics string }

func (m plainMapper) Record(r *marc.Record) graph.IRI {
	id := r.ID()
	if id == "" {
		id = fmt.Sprintf("at-%d-%d", r.Number, r.Offset)
	}
	return graph.IRI("https://data.example.vn/record/" + strings.ReplaceAll(id, " ", "_"))
}

func (m plainMapper) Append(quads []graph.Quad, r *marc.Record) ([]graph.Quad, []mapping.Finding, error) {
	id := r.ID()
	switch {
	case m.fail != "" && id == m.fail:
		return quads, nil, errors.New("no title")
	case m.panics != "" && id == m.panics:
		panic("index out of range")
	}
	name := m.Record(r).Term()
	var found []mapping.Finding
	for _, f := range r.Fields {
		for i, s := range f.Subfields {
			p := graph.IRI(fmt.Sprintf("https://data.example.vn/f/%s%d", f.Tag, i))
			quads = append(quads, graph.Quad{S: name, P: p, O: graph.String(s.Value), G: name})
			if s.Value == "" {
				found = append(found, mapping.Finding{Rule: "empty", Tag: f.Tag, Code: s.Code, Vi: "trống", En: "empty"})
			}
		}
	}
	return quads, found, nil
}

// text returns records in the line form, with numbers from..to-1 and a title each.
func text(from, to int, title string) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "=LDR  00000nam a2200000 i 4500\n=001  r%05d\n=245  10$a%s %d\n\n", i, title, i)
	}
	return b.String()
}

func lines(name, text string) Source {
	return Source{Name: name, Size: int64(len(text)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

func load(t *testing.T, p *Pipeline, s graph.Store, sources ...Source) Report {
	t.Helper()
	r, err := p.Load(t.Context(), s, sources...)
	if err != nil {
		t.Fatal(err)
	}
	checkSum(t, r)
	return r
}

func checkSum(t *testing.T, r Report) {
	t.Helper()
	if r.Records != r.Mapped+r.Aside+r.Refused+r.Deleted+r.Doubles {
		t.Errorf("%d records, but %d mapped, %d aside, %d refused, %d deleted, %d doubles", r.Records, r.Mapped, r.Aside, r.Refused, r.Deleted, r.Doubles)
	}
}

// dump returns all quads of a store, sorted.
func dump(t *testing.T, s graph.Store) (quads []string) {
	t.Helper()
	snap, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	c, err := snap.Scan(t.Context(), graph.Pattern{}, graph.GSPO, graph.Cols(graph.PosS, graph.PosP, graph.PosO, graph.PosG))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var b graph.Block
	for c.Next(&b) {
		for i := range b.Len {
			row := b.Row(i)
			terms := make([]graph.Term, 4)
			if err := snap.Terms(t.Context(), row[:], terms); err != nil {
				t.Fatal(err)
			}
			quads = append(quads, fmt.Sprint(terms))
		}
	}
	if err := c.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(quads)
	return quads
}

func TestLoadingTwiceChangesNothing(t *testing.T) {
	s := memstore.New()
	p := &Pipeline{Mapper: plainMapper{}, Batch: 100}
	src := lines("a.mrk", text(0, 500, "Tập"))
	first := load(t, p, s, src)
	if first.Mapped != 500 || first.Quads != 500 || first.Version != 1 {
		t.Fatalf("%+v", first)
	}
	again := load(t, p, s, src)
	if again.Version != first.Version || again.Mapped != 500 {
		t.Errorf("loaded again: %+v", again)
	}
	other := load(t, p, s, lines("b.mrk", text(490, 510, "Quyển")))
	if other.Version == first.Version {
		t.Error("changed records made no version")
	}
	got := dump(t, s)
	if len(got) != 510 || !strings.Contains(strings.Join(got, "\n"), "Quyển 490") || strings.Contains(strings.Join(got, "\n"), "Tập 490") {
		t.Errorf("%d quads; record 490 was not replaced", len(got))
	}
}

func TestTheLaterOfTwoRecordsWins(t *testing.T) {
	src := lines("a.mrk", text(0, 200, "Cũ")+text(100, 150, "Mới"))
	bulk, updated := memstore.New(), memstore.New()
	p := &Pipeline{Mapper: plainMapper{}, Batch: 30}
	var doubles []Notice
	p.Notice = func(n Notice) { doubles = append(doubles, n) }
	r := load(t, p, bulk, src)
	if r.Doubles != 50 || r.Mapped != 200 || len(doubles) != 50 || doubles[0].Number != 101 {
		t.Errorf("bulk: %+v, first notice %+v", r, doubles[0])
	}
	load(t, p, updated, lines("first", text(0, 1, "Cũ")))
	doubles = nil
	r = load(t, p, updated, src)
	if r.Replaced != 50 || r.Mapped != 250 || len(doubles) != 50 || doubles[0].Number != 201 {
		t.Errorf("update: %+v, first notice %+v", r, doubles[0])
	}
	if a, b := dump(t, bulk), dump(t, updated); !slices.Equal(a, b) {
		t.Error("bulk load and update differ")
	}
}

func TestMapKeepsTheOrder(t *testing.T) {
	var b bytes.Buffer
	p := &Pipeline{Mapper: plainMapper{}, Workers: 8}
	r, err := p.Map(t.Context(), &b, lines("a.mrk", text(0, 5000, "Tập")), lines("b.mrk", text(5000, 6000, "Tập")))
	if err != nil || r.Mapped != 6000 || r.Quads != 6000 {
		t.Fatalf("%+v %v", r, err)
	}
	for i, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		if want := fmt.Sprintf("/record/r%05d> <https://data.example.vn/f/2450>", i); !strings.Contains(line, want) {
			t.Fatalf("line %d is %s", i, line)
		}
	}
}

func TestQuarantineKeepsEveryByte(t *testing.T) {
	dir := t.TempDir()
	bad := "this is no field\n\n"
	src := lines("a.mrk", text(0, 10, "Tập")+bad+text(10, 20, "Tập"))
	p := &Pipeline{Mapper: plainMapper{fail: "r00003", panics: "r00012"}, Quarantine: dir}
	for range 2 { // the second load replaces what the first set aside
		r, err := p.Map(t.Context(), io.Discard, src)
		if err != nil || r.Aside != 3 || r.Mapped != 18 || r.AsideBy["mapping"] != 2 || r.AsideBy["line"] != 1 {
			t.Fatalf("%+v %v", r, err)
		}
	}
	index, err := filepath.Glob(filepath.Join(dir, "a.mrk-*", "index.jsonl"))
	if err != nil || len(index) != 1 {
		t.Fatal(index, err)
	}
	data, _ := os.ReadFile(index[0])
	entries := strings.Split(strings.TrimSpace(string(data)), "\n")
	if len(entries) != 3 {
		t.Fatalf("%d entries", len(entries))
	}
	whole := text(0, 10, "Tập") + bad + text(10, 20, "Tập")
	for _, line := range entries {
		var e Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Join(filepath.Dir(index[0]), e.File))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(kept[e.At:e.At+int64(e.Bytes)]), whole[e.Offset:e.Offset+int64(e.Bytes)]; got != want || e.En == "" || e.Vi == "" {
			t.Errorf("record %d (%s): kept %q, was %q", e.Number, e.Rule, got, want)
		}
	}
}

func TestAValueTooLongIsSetAside(t *testing.T) {
	long := strings.Replace(text(1, 2, "Tập"), "Tập", strings.Repeat("Tập", 200_000), 1)
	r, err := (&Pipeline{Mapper: plainMapper{}}).Map(t.Context(), io.Discard, lines("a.mrk", text(0, 1, "Tập")+long+text(2, 3, "Tập")))
	if err != nil || r.Mapped != 2 || r.AsideBy["value-too-long"] != 1 {
		t.Errorf("%+v %v", r, err)
	}
}

// Article 5 of the State Secrets Law forbids to keep a secret on a machine like ours.
func TestClassifiedRecordsAreKeptNowhere(t *testing.T) {
	const canary = "Kim Thanh"
	record := "=LDR  00000nam a2200000 i 4500\n=001  mat1\n=245  10$a" + canary + "\n=355  0#$aTuyệt mật\n\n"
	open := strings.Replace(strings.Replace(record, "Tuyệt mật", "Unclassified", 1), canary, "Ai cũng đọc", 1)
	broken := "=LDR  00000nam a2200000 i 4500\n=245  10$a" + canary + "\n=355  0#$aMật\nno field " + canary + "\n\n"
	broken = strings.Replace(broken, "=LDR", "?LDR", 1)
	dir := t.TempDir()
	var told []string
	p := &Pipeline{Mapper: plainMapper{}, Quarantine: dir, Notice: func(n Notice) { told = append(told, fmt.Sprint(n)) }}
	s := memstore.New()
	r := load(t, p, s, lines("a.mrk", text(0, 3, "Tập")+broken+record))
	if r.Refused != 2 || r.Mapped != 3 || r.Aside != 0 {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(strings.Join(told, " "), "record 5 carries a security classification") {
		t.Errorf("told %v", told)
	}
	if r := load(t, p, s, lines("b.mrk", open)); r.Mapped != 1 {
		t.Errorf("open: %+v", r)
	}
	if r := load(t, p, s, lines("c.mrk", record)); r.Refused != 1 { // what was open is now a secret
		t.Errorf("closed: %+v", r)
	}
	everything := strings.Join(told, " ") + strings.Join(dump(t, s), " ")
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if data, err := os.ReadFile(path); err == nil {
			everything += string(data)
		}
		return nil
	})
	for _, word := range []string{canary, "mat1", "Ai cũng đọc"} {
		if strings.Contains(everything, word) {
			t.Errorf("%q was kept", word)
		}
	}
}

// failing is a store that fails at the nth update, as a full disk or a kill would.
type failing struct {
	graph.Store
	left int
}

var errKilled = errors.New("killed")

func (f *failing) Update(ctx context.Context, g func(graph.Txn) error) (graph.Version, error) {
	if f.left--; f.left < 0 {
		return 0, errKilled
	}
	return f.Store.Update(ctx, g)
}

func TestAStoppedLoadGoesOn(t *testing.T) {
	all := text(0, 700, "Tập") + "no field\n\n" + text(700, 2000, "Tập") + "no field either\n\n" + text(2000, 2100, "Tập")
	src := lines("a.mrk", all)
	whole := memstore.New()
	load(t, &Pipeline{Mapper: plainMapper{}, Batch: 256}, whole, lines("first", text(0, 1, "x")))
	want := load(t, &Pipeline{Mapper: plainMapper{}, Batch: 256, Quarantine: t.TempDir()}, whole, src)

	dir := t.TempDir()
	p := &Pipeline{Mapper: plainMapper{}, Batch: 256, Quarantine: filepath.Join(dir, "q"), Checkpoint: filepath.Join(dir, "check")}
	s := memstore.New()
	load(t, &Pipeline{Mapper: plainMapper{}}, s, lines("first", text(0, 1, "x")))
	var got Report
	var err error
	for try := range 20 {
		if got, err = p.Load(t.Context(), &failing{s, 2}, src); err == nil {
			if try < 3 {
				t.Errorf("complete at try %d", try)
			}
			break
		}
		if !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	checkSum(t, got)
	got.Took, want.Took, got.Version, want.Version = 0, 0, 0, 0
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("stopped and gone on: %+v\nin one go: %+v", got, want)
	}
	if !slices.Equal(dump(t, s), dump(t, whole)) {
		t.Error("the stores differ")
	}
	kept, _ := filepath.Glob(filepath.Join(dir, "q", "*", "records.*"))
	if len(kept) != 1 {
		t.Fatal(kept)
	}
	if data, _ := os.ReadFile(kept[0]); string(data) != "no field\nno field either\n" {
		t.Errorf("kept %q", data)
	}
	if _, err := os.Stat(p.Checkpoint); err == nil {
		t.Error("the checkpoint is still there")
	}
}

func TestACheckpointOfOtherSourcesIsRefused(t *testing.T) {
	p := &Pipeline{Mapper: plainMapper{}, Batch: 10, Checkpoint: filepath.Join(t.TempDir(), "check")}
	s := memstore.New()
	load(t, &Pipeline{Mapper: plainMapper{}}, s, lines("first", text(0, 1, "x")))
	if _, err := p.Load(t.Context(), &failing{s, 2}, lines("a.mrk", text(0, 1000, "Tập"))); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	if _, err := p.Load(t.Context(), s, lines("b.mrk", text(0, 1000, "Tập"))); err == nil || !strings.Contains(err.Error(), "remove it to start over") {
		t.Errorf("other sources: %v", err)
	}
	if _, err := p.Load(t.Context(), memstore.New(), lines("a.mrk", text(0, 1000, "Tập"))); err == nil || !strings.Contains(err.Error(), "remove it to start over") {
		t.Errorf("another store: %v", err)
	}
}

// endless gives n records of the line form without ever holding them.
type endless struct {
	next, n int
	rest    []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.next == e.n {
			return 0, io.EOF
		}
		e.rest = []byte(text(e.next, e.next+1, strings.Repeat("Tập ", 200)))
		e.next++
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// What lives is measured, since what other tests have left lies about until the next collection.
func TestMemoryStaysFlat(t *testing.T) {
	live := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before, most, told := live(), int64(0), 0
	p := &Pipeline{Mapper: plainMapper{}, Interval: 1, Progress: func(Progress) {
		if told++; told%100 == 0 {
			most = max(most, live()-before)
		}
	}}
	const records, bytes = 40_000, 40_000 * 1100
	r, err := p.Map(t.Context(), io.Discard, Stream("-", &endless{n: records}, marc.ReadOptions{}))
	if err != nil || r.Mapped != records || r.Bytes < bytes {
		t.Fatalf("%+v %v", r, err)
	}
	if told < 1000 || most > 32<<20 {
		t.Errorf("%d MiB of memory for %d MiB of records, told of %d times", most>>20, r.Bytes>>20, told)
	}
}

func TestStoppingByContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := &Pipeline{Mapper: plainMapper{}, Workers: 4}
	n := 0
	_, err := p.Map(ctx, writerFunc(func(b []byte) (int, error) {
		if n++; n == 3 {
			cancel()
		}
		return len(b), nil
	}), lines("a.mrk", text(0, 50_000, "Tập")))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestPackedSources(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text(0, 300, "Tập"))
	z.Close()
	packed := b.Bytes()
	p := &Pipeline{Mapper: plainMapper{}}
	if r, err := p.Map(t.Context(), io.Discard, lines("a.mrk.gz", string(packed))); err != nil || r.Mapped != 300 {
		t.Errorf("%+v %v", r, err)
	}
	s := memstore.New()
	_, err := p.Load(t.Context(), s, lines("a.mrk.gz", string(packed[:len(packed)-20])))
	if err == nil || !strings.Contains(err.Error(), "truncated at byte") || len(dump(t, s)) > 0 {
		t.Errorf("cut off: %v, %d quads", err, len(dump(t, s)))
	}
	b.Reset()
	z = gzip.NewWriter(&b)
	for range 80 {
		z.Write(make([]byte, 1<<20))
	}
	z.Close()
	if _, err := p.Map(t.Context(), io.Discard, lines("bomb.gz", b.String())); err == nil || !strings.Contains(err.Error(), "expands more than") {
		t.Errorf("bomb: %v", err)
	}
}

func TestStandardInputIntoAnEmptyStore(t *testing.T) {
	s := memstore.New()
	r := load(t, &Pipeline{Mapper: plainMapper{}}, s, Stream("-", strings.NewReader(text(0, 100, "Tập")+text(0, 10, "Mới")), marc.ReadOptions{}))
	if r.Mapped != 100 || r.Doubles != 10 {
		t.Errorf("%+v", r)
	}
}

func TestSourcesThatAreNone(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "none.mrc"): "no such file",
		dir:                            "is a directory; use --recursive",
	} {
		if _, err := Files([]string{path}, false, marc.ReadOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := Files([]string{dir}, true, marc.ReadOptions{}); err == nil {
		t.Error("an empty folder gave no error")
	}
}

func TestRealFilesAddUp(t *testing.T) {
	for _, folder := range []string{"bib", "authority", "vietnamese", "holdings", "unimarc", "broken"} {
		sources, err := Files([]string{filepath.Join(shared, folder)}, true, marc.ReadOptions{})
		if err != nil {
			t.Skipf("no real records at %s", shared)
		}
		p := &Pipeline{Mapper: plainMapper{}, Quarantine: t.TempDir(), Workers: 4}
		r, err := p.Map(t.Context(), io.Discard, sources...)
		if err != nil {
			t.Fatal(err)
		}
		checkSum(t, r)
		t.Logf("%s: %d files\n%s", folder, len(sources), r.Text("en"))
	}
}

func TestProgressAndReport(t *testing.T) {
	var last Progress
	calls := 0
	p := &Pipeline{Mapper: plainMapper{}, Interval: 1, Progress: func(p Progress) { last = p; calls++ }}
	src := lines("a.mrk", text(0, 3000, "Tập"))
	r, err := p.Map(t.Context(), io.Discard, src)
	if err != nil || calls < 2 || last.Records != 3000 || last.Bytes != src.Size || last.Total != src.Size || last.Rate <= 0 {
		t.Errorf("%d calls, last %+v, %v", calls, last, err)
	}
	var steps []string
	p.Progress = func(p Progress) { steps = append(steps, p.Step) }
	load(t, p, memstore.New(), src)
	if n := len(steps); n < 3 || steps[n-2] != "commit" || steps[n-1] != "done" {
		t.Errorf("steps %v", steps)
	}
	if en, vi := r.Text("en"), r.Text("vi"); !strings.Contains(en, "3000 records mapped to 3000 quads") || !strings.Contains(vi, "3000 biểu ghi đã chuyển đổi") {
		t.Errorf("%s%s", en, vi)
	}
}

// A record whose leader/05 says that it is deleted takes its graph away, in a full store, in an
// empty one, and where it comes before or behind the same record alive.
func TestDeletedRecords(t *testing.T) {
	alive := text(0, 3, "Tập")
	gone := strings.ReplaceAll(text(1, 2, "Tập"), "00000nam", "00000dam")
	p := &Pipeline{Mapper: plainMapper{}, Batch: 100}
	check := func(what string, s graph.Store, want ...string) {
		t.Helper()
		got := strings.Join(dump(t, s), "\n")
		for _, id := range []string{"r00000", "r00001", "r00002"} {
			if strings.Contains(got, id) != slices.Contains(want, id) {
				t.Errorf("%s: %s is there: %v", what, id, !slices.Contains(want, id))
			}
		}
	}
	s := memstore.New()
	load(t, p, s, lines("a.mrk", alive))
	r := load(t, p, s, lines("b.mrk", gone))
	if r.Deleted != 1 || r.Mapped != 0 || !strings.Contains(r.Text("vi"), "1 biểu ghi đã xóa") {
		t.Errorf("%+v", r)
	}
	check("later", s, "r00000", "r00002")
	load(t, p, s, lines("a.mrk", alive))
	check("and back", s, "r00000", "r00001", "r00002")

	s = memstore.New()
	load(t, p, s, lines("a.mrk", alive+gone))
	check("in bulk", s, "r00000", "r00002")
	s = memstore.New()
	load(t, p, s, lines("a.mrk", gone+alive))
	check("in bulk, and alive again", s, "r00000", "r00001", "r00002")
	load(t, p, s, lines("a.mrk", alive+gone))
	check("in one batch", s, "r00000", "r00002")

	var b strings.Builder
	r, err := p.Map(t.Context(), &b, lines("a.mrk", alive+gone))
	if err != nil || r.Deleted != 1 || r.Mapped != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	for leader, want := range map[string]bool{"00000nam": false, "00000dam": true, "00000nz ": false, "00000dz ": true, "00000sz ": true, "00000xz ": true, "00000sam": false, "": false} {
		if got := Withdrawn(&marc.Record{Leader: leader}); got != want {
			t.Errorf("leader %q: %v", leader, got)
		}
	}
}
