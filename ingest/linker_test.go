package ingest

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/graph/store"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
	"mocban/vocab/mocban"
)

// linked returns a pipeline that leads headings to authorities.
func linked(t testing.TB) *Pipeline {
	t.Helper()
	a := &mapping.Authorities{}
	mapper := func(library string) (*mapping.Mapper, error) {
		if library == "" {
			library = "VN-A"
		}
		return mapping.New(mapping.Options{Base: "https://data.example.vn/", Source: library, Original: true, Authorities: a})
	}
	m, err := mapper("")
	if err != nil {
		t.Fatal(err)
	}
	return &Pipeline{Mapper: m, Link: &Linker{Authorities: a, Mapper: mapper}}
}

// quads returns all quads of a store as lines, in order.
func quads(t testing.TB, s graph.Store) []string {
	t.Helper()
	snapshot, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	var all []string
	err = graph.EachRow(t.Context(), snapshot, graph.Pattern{}, graph.AllColumns, func(r graph.Row) error {
		terms := make([]graph.Term, 4)
		err := snapshot.Terms(t.Context(), []graph.ID{r[graph.PosS], r[graph.PosP], r[graph.PosO], r[graph.PosG]}, terms)
		all = append(all, fmt.Sprint(terms))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func different(t testing.TB, what string, want, got []string) {
	t.Helper()
	lost, more := 0, 0
	for _, line := range want {
		if _, ok := slices.BinarySearch(got, line); !ok {
			if lost++; lost < 4 {
				t.Errorf("%s: lost: %.300s", what, line)
			}
		}
	}
	for _, line := range got {
		if _, ok := slices.BinarySearch(want, line); !ok {
			if more++; more < 4 {
				t.Errorf("%s: too many: %.300s", what, line)
			}
		}
	}
	if lost+more > 0 {
		t.Errorf("%s: %d quads lost, %d too many", what, lost, more)
	}
}

const linkedAuthorities = `=LDR  00000nz  a2200000n  4500
=001  du
=003  VN-A
=040  ##$aVN-A$bvie
=010  ##$an  81077
=024  7#$aQ36014$2wikidata
=035  ##$a(XX-Q)77
=100  0#$aNguyễn Du,$d1765-1820
=400  0#$aTố Như,$d1765-1820

=LDR  00000nz  a2200000n  4500
=001  77
=003  VN-B
=040  ##$aVN-B$bvie
=150  ##$aTruyện thơ Nôm

=LDR  00000nz  a2200000n  4500
=001  sg
=003  VN-A
=040  ##$aVN-A$bvie
=151  ##$aThành phố Hồ Chí Minh
=451  ##$aSài Gòn

=LDR  00000nz  a2200000n  4500
=001  an1
=003  VN-A
=040  ##$aVN-A$bvie
=100  0#$aNguyễn Văn An
=400  0#$aHoài An
`

const secondAn = `=LDR  00000nz  a2200000n  4500
=001  an2
=003  VN-A
=040  ##$aVN-A$bvie
=100  0#$aNguyễn Văn An
=500  0#$aHoài An
`

const linkedBooks = `=LDR  00000nam a2200000 i 4500
=001  1
=100  0#$aTố Như,$d1765-1820
=245  10$aTruyện Kiều
=651  #4$aSài Gòn

=LDR  00000nam a2200000 i 4500
=001  2
=100  0#$aNguyễn Du$0(VN-A)du
=245  10$aTruyện Kiều

=LDR  00000nam a2200000 i 4500
=001  3
=100  0#$aAi đó$1http://www.wikidata.org/entity/Q36014
=245  10$aTruyện Kiều

=LDR  00000nam a2200000 i 4500
=001  4
=003  VN-B
=100  0#$aNguyễn Văn An
=245  10$aThơ
=700  0#$aHoài An

=LDR  00000nam a2200000 i 4500
=001  5
=100  0#$aNguyễn Văn An$0(VN-A)an1
=245  10$aThơ

=LDR  00000nam a2200000 i 4500
=001  6
=100  0#$aHồng Sơn Liệp Hộ$0(XX-Q)77
=245  10$aTruyện Kiều

=LDR  00000nam a2200000 i 4500
=001  7
=100  0#$aNguyen Du$0https://id.loc.gov/authorities/names/n81077
=245  10$aTruyện Kiều
=650  #4$aTruyện Nôm$0(VN-B)77

=LDR  00000nam a2200000 i 4500
=001  8
=100  0#$aKhông ai$0(XX-Q)78
=245  10$aTruyện khác
=700  0#$aNguyễn Du,$d1765-1820
`

// What a store holds in the end does not depend on what was loaded first, in bulk or in parts,
// and what is withdrawn leaves nothing behind.
func TestAuthoritiesInAnyOrder(t *testing.T) {
	books, first, second := lines("books", linkedBooks), lines("authorities", linkedAuthorities), lines("second", secondAn)
	open := func(t *testing.T) graph.Store {
		s, err := store.Open(t.TempDir(), store.Options{Volatile: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	s := memstore.New()
	load(t, linked(t), s, first, second, books)
	want := quads(t, s)
	for record, thing := range map[string]string{"6": "Nguyễn Du, 1765-1820", "7": "Nguyễn Du, 1765-1820", "7 ": "Truyện thơ Nôm"} {
		if !slices.ContainsFunc(want, func(line string) bool {
			return strings.Contains(line, "record/VN-A/"+strings.TrimSpace(record)+">]") && strings.Contains(line, `"`+thing+`"`)
		}) {
			t.Errorf("the number in record %s does not lead to %s", record, thing)
		}
	}
	du := 0
	for _, line := range want {
		if strings.Contains(line, "see") && strings.Contains(line, "record/VN-A/1>]") {
			du++
		}
	}
	if du != 2 {
		t.Fatalf("%d headings of the first book lead to authorities, not 2", du)
	}
	s = memstore.New()
	load(t, linked(t), s, books)
	alone := quads(t, s)
	for _, order := range [][][]Source{
		{{books, second, first}},
		{{books}, {first}, {second}},
		{{first}, {books}, {second}},
		{{second}, {first}, {books}},
		{{books}, {second, first}, {books, first, second}},
	} {
		t.Run("", func(t *testing.T) {
			for i, s := range []graph.Store{memstore.New(), open(t)} {
				p := linked(t)
				if i == 1 {
					p.InParts, p.Batch = true, 1
				}
				for _, sources := range order {
					load(t, p, s, sources...)
				}
				different(t, fmt.Sprintf("order %d, store %d", len(order), i), want, quads(t, s))
				if r := load(t, p, s, first, books); r.Relinked != 0 {
					t.Errorf("%d records were mapped again for nothing", r.Relinked)
				}
				gone := strings.ReplaceAll(linkedAuthorities+"\n"+secondAn, "00000nz", "00000dz")
				if r := load(t, p, s, lines("gone", gone)); r.Deleted != 5 || r.Relinked == 0 {
					t.Errorf("%d withdrawn, %d mapped again", r.Deleted, r.Relinked)
				}
				different(t, "withdrawn", alone, quads(t, s))
			}
		})
	}
}

// A load that is stopped and goes on leads headings all the same.
func TestAuthoritiesBehindACheckpoint(t *testing.T) {
	want := memstore.New()
	text := linkedBooks + "\n" + linkedAuthorities + "\n" + text(0, 60, "Sách")
	load(t, linked(t), want, lines("all", text))

	s := memstore.New()
	file := filepath.Join(t.TempDir(), "checkpoint")
	p := linked(t)
	p.InParts, p.Batch, p.Checkpoint = true, 1, file
	p.Workers = 1
	all := lines("all", text)
	if _, err := p.Load(&stopping{Context: t.Context(), s: s, v: 1}, s, all); err == nil {
		t.Fatal("the load was not stopped")
	}
	p = linked(t)
	p.InParts, p.Batch, p.Checkpoint = true, 1, file
	load(t, p, s, all)
	different(t, "stopped", quads(t, want), quads(t, s))
}

// What a harvest said of a record stays when it is mapped again.
func TestRelinkKeepsTheHarvest(t *testing.T) {
	s := memstore.New()
	p := linked(t)
	load(t, p, s, lines("books", linkedBooks))
	g := graph.IRI("https://data.example.vn/record/VN-A/1").Term()
	if _, err := s.Update(t.Context(), func(x graph.Txn) error {
		return x.Add(graph.Quad{S: g, P: mocban.HarvestedFrom, O: graph.String("nguon"), G: g})
	}); err != nil {
		t.Fatal(err)
	}
	if r := load(t, p, s, lines("authorities", linkedAuthorities)); r.Relinked != 6 {
		t.Errorf("%d records mapped again", r.Relinked)
	}
	if !slices.ContainsFunc(quads(t, s), func(l string) bool { return strings.Contains(l, "nguon") }) {
		t.Error("where the record was harvested from is lost")
	}
}

// Koha's own number of an authority record ($9) leads to it whatever comes first, too.
func TestKohaNumbersInAnyOrder(t *testing.T) {
	pipeline := func() *Pipeline {
		a := &mapping.Authorities{}
		mapper := func(string) (*mapping.Mapper, error) {
			return mapping.New(mapping.Options{Base: "https://data.example.vn/", Source: "VN-A", Original: true, Profile: mapping.KohaVN, Authorities: a})
		}
		m, err := mapper("")
		if err != nil {
			t.Fatal(err)
		}
		return &Pipeline{Mapper: m, Link: &Linker{Authorities: a, Mapper: mapper}}
	}
	const book = `=LDR  00000nam a2200000 i 4500
=001  1
=100  0#$aThanh Hiên$9177
=245  10$aTruyện Kiều
`
	const authority = `=LDR  00000nz  a2200000n  4500
=001  177
=100  0#$aNguyễn Du,$d1765-1820
`
	whole, later := memstore.New(), memstore.New()
	load(t, pipeline(), whole, lines("authority", authority), lines("book", book))
	load(t, pipeline(), later, lines("book", book))
	if r := load(t, pipeline(), later, lines("authority", authority)); r.Relinked != 1 {
		t.Errorf("%d records mapped again", r.Relinked)
	}
	want := quads(t, whole)
	different(t, "the authority record later", want, quads(t, later))
	if !slices.ContainsFunc(want, func(l string) bool {
		return strings.Contains(l, "record/VN-A/1>]") && strings.Contains(l, `"Nguyễn Du, 1765-1820"`)
	}) {
		t.Error("the number leads nowhere")
	}
}

// A record that was mapped once and that the rules of today cannot map stays as it was, and that
// is told: here the library has taken to a profile by which a title such as this is none.
func TestStaleRecordStays(t *testing.T) {
	s := memstore.New()
	load(t, linked(t), s, lines("books", strings.ReplaceAll(linkedBooks, "Truyện Kiều", "Đang cập nhật")))
	before := quads(t, s)
	p := linked(t)
	p.Link.Mapper = func(library string) (*mapping.Mapper, error) {
		return mapping.New(mapping.Options{Base: "https://data.example.vn/", Source: "VN-A", Original: true, Profile: mapping.KohaVN, Authorities: p.Link.Authorities})
	}
	told := map[string]bool{}
	p.Notice = func(n Notice) {
		if n.Rule == StaleRecord {
			told[n.ID] = n.Vi != "" && strings.Contains(n.En, "placeholder")
		}
	}
	r := load(t, p, s, lines("authorities", linkedAuthorities))
	const record = "https://data.example.vn/record/VN-A/1"
	if r.Stale == 0 || uint64(len(told)) != r.Stale || !told[record] {
		t.Errorf("%d records stay as they were; told: %v", r.Stale, told)
	}
	if !strings.Contains(r.Text("vi"), "giữ nguyên như trước") || !strings.Contains(r.Text("en"), "stay as they were") {
		t.Error("the report does not tell of them")
	}
	after := quads(t, s)
	for _, line := range before {
		if _, ok := slices.BinarySearch(after, line); !ok && strings.Contains(line, record+">]") {
			t.Errorf("lost: %.200s", line)
		}
	}
}

// Real authority records after real records that they are not of: nothing changes but what
// they bring themselves.
func TestRealAuthoritiesAfterRealRecords(t *testing.T) {
	bib, err := Files([]string{filepath.Join(shared, "bib", "loc-books-2014.mrc"), filepath.Join(shared, "bib", "m2b-loc_general.xml")}, true, marc.ReadOptions{})
	if err != nil {
		t.Skipf("no real records at %s", shared)
	}
	auth, err := Files([]string{filepath.Join(shared, "authority")}, true, marc.ReadOptions{})
	if err != nil {
		t.Skipf("no real records at %s", shared)
	}
	whole, parts := memstore.New(), memstore.New()
	load(t, linked(t), whole, append(slices.Clone(auth), bib...)...)
	load(t, linked(t), parts, bib...)
	r := load(t, linked(t), parts, auth...)
	t.Logf("%d of the records mapped again", r.Relinked)
	different(t, "authorities after records", quads(t, whole), quads(t, parts))
}

// A stopping context is done once a store has a version.
type stopping struct {
	context.Context
	s *memstore.Store
	v graph.Version
}

// Err implements context.Context.
func (c *stopping) Err() error {
	if snapshot, err := c.s.Snapshot(); err == nil && snapshot.Version() >= c.v {
		return context.Canceled
	}
	return c.Context.Err()
}
