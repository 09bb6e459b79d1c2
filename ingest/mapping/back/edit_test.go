package back_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/mapping"
	"mocban/ingest/mapping/back"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

const book = `=LDR  00000nam a2200000 i 4500
=001  0001
=003  VN-THU
=005  20200102030405.0
=007  cr cn |||m|||a
=008  200102s2019\\\\vm\a\\\\\\\\\\000\1\vie\d
=020  \\$a9786041234567 (bìa mềm) :$c95000đ
=040  \\$aVN-THU$bvie$cVN-THU$erda
=100  0\$6880-01$aNguyễn Du,$d1765-1820,$etác giả$4aut
=245  10$6880-02$aTruyện Kiều /$cNguyễn Du.
=260  \\$aHà Nội :$bVăn học,$c2019.
=300  \\$a320 tr. ;$c21 cm.
=500  \\$aIn lần thứ hai.
=500  \\$aBìa cứng.
=533  \\$aBản sao vi phim.$bHà Nội :$cThư viện Quốc gia,$d1995.
=583  \\$aĐã kiểm kê$c2020
=650  \0$aVietnamese poetry$y19th century.
=852  \\$bKho A$x ghi chú nội bộ$h895.9221
=880  0\$6100-01/$1$a阮攸
=880  10$6245-02/$1$a傳翹 /$c阮攸
`

// edited maps the book, changes its triples, and returns the lines of the record that are not
// those of the original, with - before those that have gone.
func edited(t *testing.T, change func([]graph.Quad) []graph.Quad) (*back.Edited, []string) {
	t.Helper()
	return editedOf(t, book, change)
}

// originalOf reads a record, and returns it with what it is mapped to and a maker for its edits.
func originalOf(t *testing.T, record string) (*marc.Record, []graph.Quad, *back.Maker) {
	t.Helper()
	reader, err := marc.NewReader(strings.NewReader(record), marc.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := reader.Next()
	if err != nil {
		t.Fatal(err)
	}
	m, err := mapping.New(mapping.Options{Base: "https://data.example.vn/", Source: "VN-THU"})
	if err != nil {
		t.Fatal(err)
	}
	quads, _, err := m.Append(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	maker, err := back.New()
	if err != nil {
		t.Fatal(err)
	}
	return r, quads, maker
}

// editedOf is edited of another record.
func editedOf(t *testing.T, record string, change func([]graph.Quad) []graph.Quad) (*back.Edited, []string) {
	t.Helper()
	r, quads, maker := originalOf(t, record)
	e, err := maker.Edit(r, quads, change(slices.Clone(quads)))
	if err != nil {
		t.Fatal(err)
	}
	was, is := lines(t, r), lines(t, e.Record)
	var diff []string
	for _, l := range was {
		if !slices.Contains(is, l) {
			diff = append(diff, "-"+l)
		}
	}
	for _, l := range is {
		if !slices.Contains(was, l) {
			diff = append(diff, "+"+l)
		}
	}
	return e, diff
}

func lines(t *testing.T, r *marc.Record) []string {
	t.Helper()
	b, err := r.Append(nil, marc.Lines)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(bytes.ReplaceAll(b, []byte("\r"), nil))), "\n")
}

// replace changes the objects of triples.
func replace(p graph.IRI, was string, now graph.Term) func([]graph.Quad) []graph.Quad {
	return func(quads []graph.Quad) []graph.Quad {
		for i := range quads {
			if quads[i].P == p && quads[i].O.Value() == was {
				quads[i].O = now
			}
		}
		return quads
	}
}

func drop(p graph.IRI, value string) func([]graph.Quad) []graph.Quad {
	return func(quads []graph.Quad) []graph.Quad {
		return slices.DeleteFunc(quads, func(q graph.Quad) bool { return q.P == p && q.O.Value() == value })
	}
}

// TestEdit changes triples of a record: only what they speak of may change in it.
func TestEdit(t *testing.T) {
	work := func(quads []graph.Quad) graph.Term {
		for _, q := range quads {
			if q.P == rdf.Type && q.O == bf.Work.Term() {
				return q.S
			}
		}
		return graph.Term{}
	}
	for _, c := range []struct {
		name   string
		change func([]graph.Quad) []graph.Quad
		want   []string
	}{
		{"nothing", func(q []graph.Quad) []graph.Quad { return q }, nil},
		{"order", func(q []graph.Quad) []graph.Quad { slices.Reverse(q); return q }, nil},
		{"title", func(q []graph.Quad) []graph.Quad {
			for i := range q { // not that of the hub, which stands for all editions
				if q[i].P == bf.MainTitle && q[i].O.Value() == "Truyện Kiều" && q[i].S.IsBlank() {
					q[i].O = graph.Text("Đoạn trường tân thanh", "vi")
				}
			}
			return q
		}, []string{
			`-=245  10$6880-02$aTruyện Kiều /$cNguyễn Du.`,
			`+=245  10$6880-02$aĐoạn trường tân thanh /$cNguyễn Du.`,
		}},
		{"note", replace(rdfs.Label, "Bìa cứng.", graph.Text("Bìa mềm.", "vi")), []string{
			`-=500  ##$aBìa cứng.`,
			`+=500  ##$aBìa mềm.`,
		}},
		{"name", replace(rdfs.Label, "Nguyễn Du, 1765-1820", graph.Text("Nguyễn Du, 1766-1820", "vi")), []string{
			`-=100  0#$6880-01$aNguyễn Du,$d1765-1820,$etác giả$4aut`,
			`+=100  0#$6880-01$aNguyễn Du,$d1766-1820,$etác giả$4aut`,
		}},
		{"label that a key stood for", func(q []graph.Quad) []graph.Quad {
			for i := range q {
				if strings.HasPrefix(q[i].O.Value(), "Bản sao vi phim.") {
					q[i].O = graph.Text("Bản sao số.", "vi")
				}
			}
			return q
		}, []string{
			`-=533  ##$aBản sao vi phim.$bHà Nội :$cThư viện Quốc gia,$d1995.`,
			`+=533  ##$aBản sao số.`,
		}},
		{"new word", func(q []graph.Quad) []graph.Quad {
			n, w, g := graph.Blank("mine"), work(q), q[0].G
			return append(q, graph.Quad{S: w, P: bf.Subject, O: n, G: g}, graph.Quad{S: n, P: rdf.Type, O: bf.Topic.Term(), G: g},
				graph.Quad{S: n, P: rdf.Type, O: bflc.Uncontrolled.Term(), G: g}, graph.Quad{S: n, P: rdfs.Label, O: graph.Text("thơ Nôm", "vi"), G: g})
		}, []string{`+=653  ##$athơ Nôm`}},
		{"note less", func(q []graph.Quad) []graph.Quad {
			for i := range q {
				if q[i].P == rdfs.Label && q[i].O.Value() == "In lần thứ hai." {
					n := q[i].S
					return slices.DeleteFunc(q, func(q graph.Quad) bool { return q.S == n || q.O == n })
				}
			}
			return q
		}, []string{`-=500  ##$aIn lần thứ hai.`}},
		{"language", replace(bf.Language, "http://id.loc.gov/vocabulary/languages/vie", graph.IRI("http://id.loc.gov/vocabulary/languages/fre").Term()), []string{
			`-=008  200102s2019    vm a          000 1 vie d`,
			`+=008  200102s2019    vm a          000 1 fre d`,
		}},
		{"colour", replace(bf.ColorContent, "http://id.loc.gov/vocabulary/mcolor/mul", graph.IRI("http://id.loc.gov/vocabulary/mcolor/blw").Term()), []string{
			`-=007  cr cn |||m|||a`,
			`+=007  cr bn |||m|||a`,
		}},
		{"other script less", drop(bf.MainTitle, "傳翹"), []string{
			`-=880  10$6245-02/$1$a傳翹 /$c阮攸`,
			`+=880  10$6245-02/$1$c阮攸`,
		}},
		{"edition in another script", func(q []graph.Quad) []graph.Quad {
			for _, x := range q {
				if x.P == rdf.Type && x.O == bf.Instance.Term() {
					return append(q, graph.Quad{S: x.S, P: bf.EditionStatement, O: graph.Text("Tái bản", "vi"), G: x.G},
						graph.Quad{S: x.S, P: bf.EditionStatement, O: graph.Text("再版", "vi-Hani"), G: x.G})
				}
			}
			return q
		}, []string{`+=250  ##$6880-03$aTái bản`, `+=880  ##$6250-03$a再版`}},
		{"shelf", replace(rdfs.Label, "895.9221", graph.String("895.92213")), []string{
			`-=852  ##$bKho A$x ghi chú nội bộ$h895.9221`,
			`+=852  ##$bKho A$x ghi chú nội bộ$h895.92213`,
		}},
	} {
		e, diff := edited(t, c.change)
		if !slices.Equal(diff, c.want) {
			t.Errorf("%s:\n%s\nexpected\n%s", c.name, strings.Join(diff, "\n"), strings.Join(c.want, "\n"))
		}
		if (len(e.Changed) > 0) != (len(c.want) > 0) {
			t.Errorf("%s: %v is said to have changed", c.name, e.Changed)
		}
		if len(e.Lost) > 0 {
			t.Errorf("%s: nothing was made of %v", c.name, e.Lost)
		}
	}
}

// TestEditOfKoha changes the shelf mark of an item that stands in 952.
func TestEditOfKoha(t *testing.T) {
	_, diff := editedOf(t, `=LDR  00000nam a2200000 i 4500
=001  0001
=003  VN-THU
=008  200102s2019    vm a          000 1 vie d
=245  10$aTruyện Kiều
=942  ##$cSACH
=952  ##$aCN1$bCN1$cKho đọc$d2020-01-02$o895.9221 NG$pA001$yBK
=952  ##$aCN1$bCN1$cKho mượn$d2020-01-02$o895.9221 NG$pA002$yBK
`, func(q []graph.Quad) []graph.Quad {
		for i := range q {
			if q[i].O.Value() == "895.9221 NG" {
				q[i].O = graph.String("895.92213 NG")
				break
			}
		}
		return q
	})
	want := []string{
		`-=952  ##$aCN1$bCN1$cKho đọc$d2020-01-02$o895.9221 NG$pA001$yBK`,
		`+=952  ##$aCN1$bCN1$cKho đọc$d2020-01-02$o895.92213 NG$pA001$yBK`,
	}
	if !slices.Equal(diff, want) {
		t.Errorf("%s\nexpected\n%s", strings.Join(diff, "\n"), strings.Join(want, "\n"))
	}
}

// TestEditOfOtherFormats leaves records alone that have their title elsewhere.
func TestEditOfOtherFormats(t *testing.T) {
	r, quads, maker := originalOf(t, "=LDR  00000nam a2200000 i 4500\n=001  1\n=200  1#$aTruyện Kiều$fNguyễn Du\n")
	if e, err := maker.Edit(r, quads, slices.Clone(quads)); err != nil || e.Record != r {
		t.Errorf("what nobody has changed: %v", err)
	}
	changed := replace(bf.MainTitle, "Truyện Kiều", graph.String("Kim Vân Kiều"))(slices.Clone(quads))
	if _, err := maker.Edit(r, quads, changed); err != back.ErrOther {
		t.Errorf("what was changed: %v", err)
	}
}

// TestEditTellsWhatIsLost adds a triple that MARC has no place for.
func TestEditTellsWhatIsLost(t *testing.T) {
	e, diff := edited(t, func(q []graph.Quad) []graph.Quad {
		return append(q, graph.Quad{S: q[0].S, P: "https://example.org/mood", O: graph.String("buồn"), G: q[0].G})
	})
	if len(diff) > 0 || len(e.Changed) > 0 || len(e.Lost) != 1 {
		t.Errorf("%v changed, %v is lost", diff, e.Lost)
	}
}
