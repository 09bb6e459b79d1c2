package align

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ontology"
	"mocban/vocab/rdf"
)

// A page collects what rows add, in a form that can be read.
type page struct {
	lines  []string
	blanks int
}

func (p *page) Add(s graph.Term, prop graph.IRI, o graph.Term) {
	p.lines = append(p.lines, strings.ReplaceAll(fmt.Sprintf("%s %s %s", s, strings.TrimPrefix(string(prop), "http://schema.org/"), o), "http://schema.org/", ""))
}

func (p *page) Blank() graph.Term {
	p.blanks++
	return graph.Blank(fmt.Sprint("b", p.blanks))
}

// quads reads lines of "subject property object" in the terms of the tables.
func quads(t *testing.T, text string) (all []graph.Quad) {
	t.Helper()
	term := func(s string) graph.Term {
		if label, ok := strings.CutPrefix(s, "_:"); ok {
			return graph.Blank(label)
		}
		x, err := ontology.ParseTerm(s)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		s, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		p, o, _ := strings.Cut(rest, " ")
		prop := rdf.Type
		if p != "a" {
			prop, _ = term(p).IRI()
		}
		all = append(all, graph.Quad{S: term(s), P: prop, O: term(o)})
	}
	return all
}

func run(t *testing.T, text string) []string {
	t.Helper()
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	var p page
	a.NewRun().Align(quads(t, text), &p)
	return p.lines
}

const edition = `
	<w> a bf:Work
	<w> a bf:Text
	<w> a bf:Monograph
	<w> rdfs:label "傳翹"@vi-Hani
	<w> rdfs:label "Truyện Kiều"@vi
	<w> bf:language lc:languages/vie
	<w> bf:contribution _:c1
	_:c1 a bf:PrimaryContribution
	_:c1 bf:agent <du>
	<w> bf:contribution _:c2
	_:c2 bf:agent <x>
	_:c2 bf:role lc:relators/trl
	_:c2 bf:role lc:relators/wdc
	<w> bf:hasInstance <i>
	<w> bf:hasInstance <d>
	<i> a bf:Instance
	<i> bf:instanceOf <w>
	<i> bf:identifiedBy _:i1
	_:i1 a bf:Isbn
	_:i1 rdf:value "0306406152"
	<i> bf:identifiedBy _:i2
	_:i2 a bf:Isbn
	_:i2 rdf:value "1234567890"
	_:i2 bf:status lc:mstatus/cancinv
	<i> bf:extent _:e
	_:e rdfs:label "viii, 256 trang"@vi
	<d> a bf:Instance
	<d> bf:instanceOf <w>
	<d> bf:reproductionOf <i>`

// Work and instance are books with the authors of the work, the vernacular is another name,
// a cancelled ISBN is none, and a digital version is no book of its own.
func TestBook(t *testing.T) {
	lines := run(t, edition)
	for _, want := range []string{
		`<w> http://www.w3.org/1999/02/22-rdf-syntax-ns#type <Book>`,
		`<i> http://www.w3.org/1999/02/22-rdf-syntax-ns#type <Book>`,
		`<d> http://www.w3.org/1999/02/22-rdf-syntax-ns#type <MediaObject>`,
		`<w> name "Truyện Kiều"@vi`,
		`<w> alternateName "傳翹"@vi-Hani`,
		`<w> inLanguage "vi"`,
		`<w> author <du>`,
		`<i> author <du>`,
		`<i> translator <x>`,
		`<i> contributor <x>`, // a role without a property of its own
		`<i> isbn "9780306406157"`,
		`<i> numberOfPages "256"^^<http://www.w3.org/2001/XMLSchema#integer>`,
		`<w> workExample <i>`,
		`<i> exampleOfWork <w>`,
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("%s is not there", want)
		}
	}
	for _, wrong := range []string{
		`<d> http://www.w3.org/1999/02/22-rdf-syntax-ns#type <Book>`,
		`<w> contributor <du>`, `<i> isbn "1234567890"`, `<w> name "傳翹"@vi-Hani`,
	} {
		if slices.Contains(lines, wrong) {
			t.Errorf("%s is there", wrong)
		}
	}
	if t.Failed() {
		t.Log(strings.Join(lines, "\n"))
	}
}

// A run remembers nothing of the record before.
func TestRunsApart(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	r := a.NewRun()
	for range 3 {
		var one, two page
		r.Align(quads(t, edition), &one)
		r.Align(quads(t, "<w> a bf:Work"), &two)
		if len(two.lines) != 1 || len(one.lines) < 20 {
			t.Fatalf("%d lines, then %q", len(one.lines), two.lines)
		}
	}
}

func TestPages(t *testing.T) {
	for text, want := range map[string]string{
		"320 trang": "320", "xii, 320 p. ; 23 cm": "320", "256 tr.": "256", "1 v. (various pagings)": "",
		"[4], 96 s.": "96", "2 tập": "", "1234567 p.": "", "360 phút": "", "p. 12-40": "", "": "",
	} {
		got := ""
		if n := pages(nil, graph.String(text)); !n.IsZero() {
			got = n.Value()
		}
		if got != want {
			t.Errorf("%q has %q pages, not %q", text, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	for text, want := range map[string]string{
		"1986": "1986", "1986?": "1986", "198X": "", "1986-05": "1986-05", "1986-05-19": "1986-05-19",
		"1917/1934": "1917", "1990/..": "1990", "": "", "xx": "",
	} {
		if got := date(nil, graph.String(text)).Value(); got != want {
			t.Errorf("%q is %q, not %q", text, got, want)
		}
	}
	if got := ends(nil, graph.String("1917/1934")).Value(); got != "1934" {
		t.Errorf("1917/1934 ends %q", got)
	}
	if got := ends(nil, graph.String("1917/..")); !got.IsZero() {
		t.Errorf("1917/.. ends %s", got)
	}
}

// A binding is told if all that speak of one agree.
func TestBindings(t *testing.T) {
	const book = "<w> a bf:Work\n<w> a bf:Text\n<i> a bf:Instance\n<i> bf:instanceOf <w>\n<i> bf:identifiedBy _:1\n_:1 a bf:Isbn\n<i> bf:identifiedBy _:2\n_:2 a bf:Isbn\n"
	for qualifiers, want := range map[string]string{
		`_:1 bf:qualifier "bìa mềm"`:                                       "Paperback",
		`_:1 bf:qualifier "pbk. : alk. paper"`:                             "Paperback",
		`_:1 bf:qualifier "hardcover"` + "\n" + `_:2 bf:qualifier "tập 1"`: "Hardcover",
		`_:1 bf:qualifier "hbk."` + "\n" + `_:2 bf:qualifier "pbk."`:       "",
		`_:1 bf:qualifier "tập 1"`:                                         "",
	} {
		got := ""
		for _, line := range run(t, book+qualifiers) {
			if f, ok := strings.CutPrefix(line, "<i> bookFormat "); ok {
				got = strings.Trim(f, "<>")
			}
		}
		if got != want {
			t.Errorf("%s is %q, not %q", qualifiers, got, want)
		}
	}
}
