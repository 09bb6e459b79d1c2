package text

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/graph/text/vi"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

const (
	ex    graph.IRI = "http://example.org/"
	alt             = ex + "alternateName"
	isbn            = ex + "isbn"
	same            = ex + "sameAs"
	work            = ex + "Work"
	agent           = ex + "Agent"
	place           = ex + "Place"
)

func testOptions() Options {
	return Options{
		Names:       []Name{{Predicate: rdfs.Label}, {Predicate: alt, Weight: 0.5}},
		Identifiers: []graph.IRI{isbn, same},
	}
}

// catalogue returns quads for lines of "key class name|other name ...".
func catalogue(lines string) (quads []graph.Quad) {
	for line := range strings.Lines(lines) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		s := (ex + graph.IRI(fields[0])).Term()
		quads = append(quads, graph.Quad{S: s, P: rdf.Type, O: (ex + graph.IRI(fields[1])).Term()})
		for i, name := range strings.Split(strings.Join(fields[2:], " "), "|") {
			p := rdfs.Label
			if i > 0 {
				p = alt
			}
			quads = append(quads, graph.Quad{S: s, P: p, O: graph.Text(name, "vi")})
		}
	}
	return quads
}

// indexOf returns an index in memory that has caught up with a store of quads.
func indexOf(t testing.TB, o Options, quads ...graph.Quad) *Index {
	t.Helper()
	x, err := Open("", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	catchUp(t, x, memstore.New(quads...))
	return x
}

func catchUp(t testing.TB, x *Index, store graph.Store) {
	t.Helper()
	if _, err := x.CatchUp(context.Background(), store); err != nil {
		t.Fatal(err)
	}
}

func search(t testing.TB, x *Index, s graph.Search) graph.Found {
	t.Helper()
	found, err := x.Search(context.Background(), s)
	if err != nil {
		t.Fatalf("%q: %v", s.Text, err)
	}
	return found
}

// keys returns the things that were found, without their namespace.
func keys(found graph.Found) (keys []string) {
	for _, h := range found.Hits {
		keys = append(keys, strings.TrimPrefix(h.Thing.Value(), string(ex)))
	}
	return keys
}

const shelf = `
hb      Place  Hòa Bình
hb2     Work   Đường tới Hoà Bình
hb3     Work   Hoa Binh
hb4     Place  Hỏa Bính
hbm     Work   Ký sự Hòa bình xanh
duong   Agent  Duong
dduong  Agent  Đường
dwong   Agent  Dương
dgwong  Agent  Đương
hcm     Agent  Hồ Chí Minh|Nguyễn Ái Quốc
tphcm   Place  TP.Hồ Chí Minh|Sài Gòn
kieu    Work   Truyện Kiều|Đoạn trường tân thanh|傳翹|Kim Vân Kiều truyện
kieu2   Work   Từ điển Truyện Kiều
kieu3   Work   Truyện Kiều khảo đính
du      Agent  Nguyễn Du
dux     Agent  Nguyễn Dữ
nom     Work   𱥺𱺵
pua     Work   󱈴󱈵
ly      Agent  Lý Thường Kiệt
li      Agent  Lí Bôn
cafe    Work   Café Giảng
cyr     Work   Война и мир
thuy    Agent  Thúy Nga
thui    Agent  Thúi Nga
ids     Work   ⿰口沒
lyon    Place  Lyon
quyen   Work   Quyển sách
`

func TestGold(t *testing.T) {
	x := indexOf(t, testOptions(), catalogue(shelf)...)
	misordered := "Hòa Bình Nguye\u0303\u0302n"
	tests := []struct {
		text string
		want string // the hits in order
	}{
		{"hoa binh", "hb3 hb hb4 hb2 hbm"},
		{"hòa bình", "hb hb2 hbm hb3 hb4"},
		{"HOÀ BÌNH", "hb hb2 hbm hb3 hb4"},
		{norm.NFD.String("Hoà Bình"), "hb hb2 hbm hb3 hb4"},
		{"bình hòa", "hb2 hb hbm hb3 hb4"},
		{misordered[:len("Hòa Bình")], "hb hb2 hbm hb3 hb4"},
		{"Nguye\u0303\u0302n Du", "du dux"},
		{"nguyễn dữ", "dux du"},
		{"nguyen du", "du dux"},
		{"đường", "dduong hb2 dgwong duong dwong"},
		{"dương", "dwong duong dduong dgwong hb2"},
		{"duong", "duong dduong dgwong dwong hb2"},
		{"truyện kiều", "kieu kieu3 kieu2"},
		{"truyen kieu", "kieu kieu3 kieu2"},
		{"Đoạn trường tân thanh", "kieu"},
		{"kim vân kiều", "kieu"},
		{"傳翹", "kieu"}, {"翹", "kieu"},
		{"𱥺", "nom"}, {"𱺵𱥺", "nom"}, {"󱈵", "pua"}, {"⿰口沒", "ids"},
		{"Hồ", "hcm tphcm"}, {"ho chi minh", "hcm tphcm"}, {"TP.Hồ Chí Minh", "tphcm"}, {"tp hcm", ""},
		{"lí thường kiệt", "ly"}, {"ly", "li ly"}, {"lý", "li ly"},
		{"thúy nga", "thuy"}, {"thúi", "thui"},
		{"cafe", "cafe"}, {"café", "cafe"}, {"война", "cyr"},
		{"", ""}, {"  ?!", ""}, {"không có", ""},
		{"*", ""}, {"name:kiều", ""}, {"\"Truyện\" +Kiều~ -khảo^", "kieu3"}, {"ki*", "hbm"}, {"/k.*/", ""},
		{string(ex) + "kieu", "kieu"},
	}
	for _, tt := range tests {
		if got := strings.Join(keys(search(t, x, graph.Search{Text: tt.text})), " "); got != tt.want {
			t.Errorf("%q finds %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestBestName(t *testing.T) {
	x := indexOf(t, testOptions(), catalogue(shelf)...)
	for text, want := range map[string]string{
		"doan truong": "Đoạn trường tân thanh", "kiều": "Truyện Kiều", "翹": "傳翹", "sài gòn": "TP.Hồ Chí Minh",
		string(ex) + "hcm": "Hồ Chí Minh",
	} {
		found := search(t, x, graph.Search{Text: text})
		if text == "sài gòn" {
			want = "Sài Gòn"
		}
		if len(found.Hits) == 0 || found.Hits[0].Name != want {
			t.Errorf("%s: got %+v, want the name %s", text, found.Hits, want)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	quads := catalogue("a Work Đất rừng phương Nam\nb Work 9786041123458\nc Work Tập thơ")
	quads = append(quads,
		graph.Quad{S: (ex + "a").Term(), P: isbn, O: graph.String("978-604-1-12345-8")},
		graph.Quad{S: (ex + "c").Term(), P: isbn, O: graph.String("0-306-40615-2")},
		graph.Quad{S: (ex + "c").Term(), P: same, O: graph.IRI("http://viaf.org/viaf/97006051").Term()},
		graph.Quad{S: (ex + "nameless").Term(), P: isbn, O: graph.String("111")},
	)
	x := indexOf(t, testOptions(), quads...)
	tests := map[string]string{
		"9786041123458": "a b", "ISBN 978-604-1-12345-8": "a", "isbn: 6041123455": "a", "urn:isbn:9786041123458": "a",
		"0306406152": "c", "978-0-306-40615-7": "c", "http://viaf.org/viaf/97006051": "c", "111": "", "ISBN": "",
		"978604112345": "",
	}
	for text, want := range tests {
		got := keys(search(t, x, graph.Search{Text: text}))
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s finds %v, want %s", text, got, want)
		}
	}
}

func TestClasses(t *testing.T) {
	x := indexOf(t, testOptions(), catalogue(shelf)...)
	found := search(t, x, graph.Search{Text: "ho"})
	if got := fmt.Sprint(found.Total, found.Types); got != "2 [{http://example.org/Agent 1} {http://example.org/Place 1}]" {
		t.Errorf("got %s", got)
	}
	found = search(t, x, graph.Search{Text: "hoa binh", Types: []graph.IRI{place, agent}})
	if got := strings.Join(keys(found), " "); got != "hb hb4" || found.Total != 2 || len(found.Types) != 1 {
		t.Errorf("got %s, %d in all, %v", got, found.Total, found.Types)
	}
	if found = search(t, x, graph.Search{Text: "hoa binh", Types: []graph.IRI{"http://nowhere.example/"}}); found.Total != 0 {
		t.Errorf("got %v of no class", keys(found))
	}
}

func TestOnlyWantedClasses(t *testing.T) {
	o := testOptions()
	o.Types = []graph.IRI{agent}
	x := indexOf(t, o, catalogue(shelf)...)
	found := search(t, x, graph.Search{Text: "ho chi minh"})
	if got := strings.Join(keys(found), " "); got != "hcm" || len(found.Types) != 1 {
		t.Errorf("got %s, %v", got, found.Types)
	}
}

func TestSuggest(t *testing.T) {
	x := indexOf(t, testOptions(), catalogue(shelf)...)
	tests := map[string]string{
		"truyện k": "kieu kieu3 kieu2", "truyen ki": "kieu kieu3 kieu2", "nguyễ": "du dux hcm", "nguyê": "du dux hcm",
		"hồ ch": "hcm tphcm", "đư": "dduong dgwong hb2 duong dwong du dux", "truyện k ": "", "傳": "kieu", "": "",
		"ly": "li ly lyon", "lyo": "lyon", "quy": "quyen", "quyê": "quyen", "quye": "quyen", "quyển s": "quyen", "傳翹": "kieu",
		"hoà b": "hb hb2 hbm hb3 hb4",
	}
	for text, want := range tests {
		found, err := x.Suggest(context.Background(), graph.Search{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(keys(found), " "); got != want {
			t.Errorf("%q suggests %q, want %q", text, got, want)
		}
	}
}

func TestPages(t *testing.T) {
	var quads []graph.Quad
	for i := range 250 {
		quads = append(quads, catalogue(fmt.Sprintf("w%03d Work Tập thơ số %d", i, i))...)
	}
	x := indexOf(t, testOptions(), quads...)
	all := keys(search(t, x, graph.Search{Text: "tho", Limit: 1000}))
	if len(all) != 250 {
		t.Fatalf("%d hits", len(all))
	}
	var pages []string
	for offset := 0; offset < 260; offset += 20 {
		found := search(t, x, graph.Search{Text: "tho", Offset: offset})
		if found.Total != 250 {
			t.Fatalf("total %d at %d", found.Total, offset)
		}
		pages = append(pages, keys(found)...)
	}
	if !slices.Equal(pages, all) {
		t.Errorf("pages give other hits than one long list")
	}
}

// Of the names of all wards, a name with its marks finds first those that are that name in
// any spelling, and without marks all that are the same then.
func TestWards(t *testing.T) {
	names := wardNames(t)
	var quads []graph.Quad
	spelled, folded := map[string]int{}, map[string]int{}
	for i, name := range names {
		quads = append(quads, graph.Quad{S: (ex + graph.IRI(fmt.Sprint("ward", i))).Term(), P: rdfs.Label, O: graph.Text(name, "vi")})
		spelled[vi.Match(name)]++
		folded[vi.Fold(vi.Match(name))]++
	}
	x := indexOf(t, testOptions(), quads...)
	for _, name := range names {
		match, fold := vi.Match(name), vi.Fold(vi.Match(name))
		for i, hit := range search(t, x, graph.Search{Text: name, Limit: spelled[match]}).Hits {
			if vi.Match(hit.Name) != match {
				t.Errorf("%s: hit %d of %d is %s", name, i+1, spelled[match], hit.Name)
			}
		}
		if n := whole(search(t, x, graph.Search{Text: fold, Limit: 60}), fold); n != min(60, folded[fold]) {
			t.Errorf("%s: %d of %d wards of the name", fold, n, folded[fold])
		}
	}
}

// whole counts the hits whose name is all of what was looked for.
func whole(found graph.Found, fold string) (n int) {
	for _, hit := range found.Hits {
		if vi.Fold(vi.Match(hit.Name)) == fold {
			n++
		}
	}
	return n
}

func wardNames(t *testing.T) (names []string) {
	text, err := os.ReadFile("../../../shared/data/vietnam/places/wards_2026.tsv")
	if err != nil {
		t.Skip("../shared is not here: ", err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Split(line, "\t"); len(fields) > 2 && fields[2] != "name" && !seen[fields[2]] {
			seen[fields[2]] = true
			names = append(names, fields[2])
		}
	}
	return names
}

// The terms of names, by which indexes on disk are written. If they change on purpose, the
// format gets a new number.
func TestFormat(t *testing.T) {
	if format != 1 {
		t.Fatal("these are the terms of format 1")
	}
	for name, want := range map[string]string{
		"Đường Thi": "fduong eđường tđương p duong dđuong fthi ethi tthi pduong thi pthi ",
		"Lý 傳":      "fli elí tli p li f傳 e傳 t傳 pli 傳 p傳 ",
		"TP.Huế":    "ftp etp ttp p tp fhue ehuế thuê ptp hue phue ",
		"…":         "",
	} {
		if got := strings.Join(appendNameTerms(nil, firstWords(name, maxNameWord)), " "); got != want {
			t.Errorf("%s: got %q", name, got)
		}
	}
	if key := key(1, wholeName(firstWords("Đường Thi", 9))); key != "\x01duong thi" {
		t.Errorf("key %q", key)
	}
}
