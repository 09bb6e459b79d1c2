package shacl

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/vocab"
	"mocban/vocab/sh"
)

func own(t testing.TB) *Shapes {
	t.Helper()
	s, err := Own()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Each of our rules speaks to a cataloguer: in both languages, with a severity of SHACL, and of
// fields that are ones.
func TestOwnSpeaks(t *testing.T) {
	s := own(t)
	field := regexp.MustCompile(`^(LDR|[0-9X]{3})(\$[a-z0-9])?$`)
	rules := 0
	for _, shape := range s.shapes {
		for _, c := range shape.constraints {
			if _, ok := c.(*propertyShape); ok || !shape.node.IsIRI() || shape.path == nil && len(shape.messages) == 0 {
				continue
			}
			rules++
			r := Result{shape: shape, constraint: c}
			if vi, en := r.Message("vi"), r.Message("en"); len(shape.messages) != 2 || vi == en || vi == "" || en == "" {
				t.Errorf("%s says %q and %q", shape.name(), vi, en)
			}
			if !slices.Contains([]graph.IRI{sh.Violation, sh.Warning, sh.Info}, shape.severity) {
				t.Errorf("%s has the severity %s", shape.name(), shape.severity)
			}
			for _, f := range shape.fields {
				if !field.MatchString(f) {
					t.Errorf("%s names the field %q", shape.name(), f)
				}
			}
		}
	}
	if rules < 50 {
		t.Errorf("%d rules", rules)
	}
	if s.Ignored() != nil {
		t.Errorf("ignored: %q", s.Ignored())
	}
}

const good = `
<w> a bf:Work, bf:Text ; bf:hasInstance <i> ; bf:adminMetadata <r> ; bf:title [ a bf:Title ; bf:mainTitle "Truyện Kiều"@vi ] ; bf:language <vie> ;
	bf:content <txt> ; bf:subject <s> ; bf:contribution [ a bf:Contribution ; bf:agent <p> ; bf:role <aut> ] ;
	bf:classification [ a bf:ClassificationDdc ; bf:classificationPortion "895.922" ] ;
	schema:workExample <i> ; schema:name "Truyện Kiều"@vi ; schema:author <p> ; a schema:Book .
<i> a bf:Instance ; bf:instanceOf <w> ; bf:adminMetadata <r> ; rdfs:label "Truyện Kiều"@vi ; bf:title [ a bf:Title ; bf:mainTitle "Truyện Kiều"@vi ] ;
	bf:provisionActivity [ a bf:ProvisionActivity ; bf:date "2015" ; bflc:simplePlace "Hà Nội" ; bflc:simpleAgent "Văn học" ] ;
	bf:extent [ a bf:Extent ] ; bf:hasItem <x> ; bf:identifiedBy [ a bf:Isbn ; rdf:value "9786041123458" ], [ a bf:Issn ; rdf:value "0866-7349" ] ;
	schema:name "Truyện Kiều"@vi ; schema:isbn "9786041123458" ; schema:inLanguage "vi" ; schema:datePublished "2015"^^xsd:gYear ;
	schema:numberOfPages 200 ; schema:bookFormat schema:Paperback ; schema:sameAs <http://example.org/other> .
<x> a bf:Item ; bf:itemOf <i> ; bf:heldBy <lib> ; bf:shelfMark [ a bf:ShelfMark ] .
<p> a bf:Agent, bf:Person ; rdfs:label "Nguyễn Du"@vi . <s> a bf:Topic ; rdfs:label "Thơ"@vi .
<r> a mocban:Record ; mocban:controlNumber "1" ; mocban:source "VN-X" ; bf:descriptionConventions <rda> .
`

// bad is how to spoil the good record, and the rule that must find it: what is taken out, what
// is put in.
var bad = []struct{ rule, out, in string }{
	{"Work-title MinCount", `bf:title [ a bf:Title ; bf:mainTitle "Truyện Kiều"@vi ] ; bf:language`, "bf:language"},
	{"Work-language MinCount", "bf:language <vie> ;", ""},
	{"Work-content MinCount", "bf:content <txt> ;", ""},
	{"Work-subject MinCount", "bf:subject <s> ;", ""},
	{"Work-classification MinCount", `bf:classification [ a bf:ClassificationDdc ; bf:classificationPortion "895.922" ] ;`, ""},
	{"Work-contribution MinCount", "bf:contribution [ a bf:Contribution ; bf:agent <p> ; bf:role <aut> ] ;", ""},
	{"Instance-work MaxCount", "bf:instanceOf <w> ;", "bf:instanceOf <w>, <w2> ;"},
	{"Instance-work NodeKind", "bf:instanceOf <w> ;", "bf:instanceOf <w>, [] ;"},
	{"Instance-label MinCount", `rdfs:label "Truyện Kiều"@vi ; bf:title`, "bf:title"},
	{"Described Or", `bf:date "2015" ;`, ""},
	{"Extent Or", "bf:extent [ a bf:Extent ] ;", ""},
	{"Provision-date Not", `bf:date "2015"`, `bf:date "9999"`},
	{"Title-mainTitle MinCount", "bf:extent", "bf:title [ a bf:Title ] ; bf:extent"},
	{"Isbn Or", `rdf:value "9786041123458"`, `rdf:value "978604112345"`},
	{"Issn Or", `rdf:value "0866-7349"`, `rdf:value "0866"`},
	{"Ddc-number Pattern", `"895.922"`, `"895.922 NG-D"`},
	{"Ddc-number MinCount", `; bf:classificationPortion "895.922"`, ""},
	{"Contribution-agent MinCount", "bf:agent <p> ; bf:role", "bf:role"},
	{"Contribution-agent MaxCount", "bf:agent <p> ; bf:role", "bf:agent <p>, <s> ; bf:role"},
	{"Contribution-role NodeKind", "bf:role <aut>", `bf:role "tác giả"`},
	{"Agent-label MinCount", `; rdfs:label "Nguyễn Du"@vi`, ""},
	{"Subject-label NodeKind", `rdfs:label "Thơ"@vi`, `rdfs:label <s>`},
	{"Item-of MinCount", "bf:itemOf <i> ;", ""},
	{"Item-of MaxCount", "bf:itemOf <i> ;", "bf:itemOf <i>, <j> ;"},
	{"Item-holder MinCount", "bf:heldBy <lib> ;", ""},
	{"Item-holder MaxCount", "bf:heldBy <lib> ;", "bf:heldBy <lib>, <lib2> ;"},
	{"Item-shelf MinCount", "; bf:shelfMark [ a bf:ShelfMark ]", ""},
	{"Record NodeKind", "<r> a", "[] a mocban:Record . <r> a"},
	{"Record-number MinCount", `mocban:controlNumber "1" ;`, ""},
	{"Record-number MaxCount", `mocban:controlNumber "1" ;`, `mocban:controlNumber "1", "2" ;`},
	{"Record-number MinLength", `mocban:controlNumber "1" ;`, `mocban:controlNumber "" ;`},
	{"Record-source MinCount", `mocban:source "VN-X" ;`, ""},
	{"Record-source MaxCount", `mocban:source "VN-X" ;`, `mocban:source "VN-X", "VN-Y" ;`},
	{"Record-rules MinCount", "; bf:descriptionConventions <rda>", ""},
	{"Book-work NodeKind", "<x> a bf:Item", "[] schema:workExample <i> ; schema:name 1 . <x> a bf:Item"},
	{"Book-work-name MinCount", `schema:name "Truyện Kiều"@vi ; schema:author`, "schema:author"},
	{"Book-work-author NodeKind", "schema:author <p>", `schema:author "Nguyễn Du"`},
	{"Book-work-example NodeKind", "schema:workExample <i>", "schema:workExample <i>, [ schema:name 1 ]"},
	{"Book-edition-name MinCount", `schema:name "Truyện Kiều"@vi ; schema:isbn`, "schema:isbn"},
	{"Book-edition-isbn Pattern", `schema:isbn "9786041123458"`, `schema:isbn "6041123458"`},
	{"Book-edition-language Pattern", `schema:inLanguage "vi"`, `schema:inLanguage "Tiếng Việt"`},
	{"Book-edition-date Or", `"2015"^^xsd:gYear`, `"năm 2015"`},
	{"Book-edition-pages Datatype", "schema:numberOfPages 200", `schema:numberOfPages "200 tr."`},
	{"Book-edition-pages MinInclusive", "schema:numberOfPages 200", "schema:numberOfPages 0"},
	{"Book-edition-pages MaxInclusive", "schema:numberOfPages 200", "schema:numberOfPages 2000000"},
	{"Book-edition-format In", "schema:Paperback", "schema:Bìa_mềm"},
	{"Book-number Or", `schema:isbn "9786041123458" ;`, ""},
	{"Link-sameAs NodeKind", "schema:sameAs <http://example.org/other>", `schema:sameAs "x"`},
	{"Title-placeholder Not", `bf:mainTitle "Truyện Kiều"@vi ] ; bf:language`, `bf:mainTitle "Đang cập nhật"@vi ] ; bf:language`},
	{"Title-encoding Node", `bf:mainTitle "Truyện Kiều"@vi ] ; bf:language`, `bf:mainTitle "TruyÖn KiÒu, nh÷ng nguyªn t¾c"@vi ] ; bf:language`},
	{"Title-encoding Node", `bf:mainTitle "Truyện Kiều"@vi ] ; bf:language`, `bf:mainTitle "Truyá»‡n Kiá»u"@vi ] ; bf:language`},
	{"Title-encoding Node", `bf:mainTitle "Truyện Kiều"@vi ] ; bf:language`, `bf:mainTitle "Truy?n Ki?u"@vi ] ; bf:language`},
	{"Title-encoding Node", `bf:mainTitle "Truyện Kiều"@vi ] ; bf:language`, `bf:mainTitle "Truye\u0323\u0302n"@vi ] ; bf:language`},
	{"Title-marks Or", `bf:mainTitle "Truyện Kiều"@vi ] ; bf:language`, `bf:mainTitle "Giao trinh kinh te hoc"@vi ] ; bf:language`},
	{"Title-responsibility Not", `bf:mainTitle "Truyện Kiều"@vi ] ; bf:language`, `bf:mainTitle "Truyện Kiều / Nguyễn Du"@vi ] ; bf:language`},
	{"Title-length MaxLength", `bf:mainTitle "Truyện Kiều"@vi ] ; bf:language`, `bf:mainTitle "` + strings.Repeat("ạ", 501) + `"@vi ] ; bf:language`},
	{"Person-several Not", `"Nguyễn Du"@vi`, `"Nguyễn Du; Đào Duy Anh"@vi`},
	{"Person-several Or", `"Nguyễn Du"@vi`, `"Bành Tiến Long, Bùi Ngọc Tuyên"@vi`},
	{"Person-degree Not", `"Nguyễn Du"@vi`, `"GS. Nguyễn Du"@vi`},
	{"Person-encoding Node", `"Nguyễn Du"@vi`, `"Nguy?n Du"@vi`},
	{"Isbn-ean Not", `rdf:value "9786041123458"`, `rdf:value "8935069912075"`},
	{"Publisher-place Not", `"Hà Nội"`, `"Nxb. Văn học"`},
}

func TestOwnRules(t *testing.T) {
	var head strings.Builder
	for _, prefix := range slices.Sorted(maps.Keys(vocab.Prefixes)) {
		fmt.Fprintf(&head, "@prefix %s: <%s> .\n", prefix, vocab.Prefixes[prefix])
	}
	shapes := own(t)
	run := shapes.NewRun()
	rules := func(text string) (rules []string) {
		t.Helper()
		quads, err := parse(head.String()+text, rdfio.ReadOptions{Base: "http://example.org/"})
		if err != nil {
			t.Fatal(err)
		}
		report, err := run.Validate(context.Background(), quads)
		if err != nil {
			t.Fatal(err)
		}
		for i := range report.Results {
			rules = append(rules, strings.TrimPrefix(report.Results[i].Rule(), "https://w3id.org/mocban/shapes#"))
		}
		return rules
	}
	if got := rules(good); got != nil {
		t.Fatalf("the good record breaks %q", got)
	}
	tried := map[string]bool{}
	for _, b := range bad {
		text := strings.Replace(good, b.out, b.in, 1)
		if text == good {
			t.Fatalf("%s: %q is not in the good record", b.rule, b.out)
		}
		if got := rules(text); !slices.Contains(got, b.rule) || len(got) > 8 {
			t.Errorf("%s: %q for %q gave %q", b.rule, b.in, b.out, got)
		}
		name, _, _ := strings.Cut(b.rule, " ")
		tried[name] = true
	}
	for _, s := range shapes.shapes {
		name := strings.TrimPrefix(s.name(), "https://w3id.org/mocban/shapes#")
		if len(s.messages) > 0 && !tried[name] {
			t.Errorf("%s is never broken by a test", name)
		}
	}
}

// BenchmarkJudge judges the records of the mapping tests by our shapes, one at a time, as after
// mapping.
func BenchmarkJudge(b *testing.B) {
	records := mapped(b)
	run := own(b).NewRun()
	quads, findings := 0, 0
	for i := 0; b.Loop(); i++ {
		r := records[i%len(records)]
		report, err := run.Validate(context.Background(), r)
		if err != nil {
			b.Fatal(err)
		}
		quads += len(r)
		findings += len(report.Results)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(quads)/float64(b.N), "quads/record")
	b.ReportMetric(float64(findings)/float64(b.N), "findings/record")
}

// mapped returns the records of the mapping tests.
func mapped(t testing.TB) (records [][]graph.Quad) {
	files, err := filepath.Glob("../../ingest/mapping/testdata/*.nq")
	if err != nil || len(files) == 0 {
		t.Fatalf("no mapped records: %v", err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		byGraph := map[graph.Term][]graph.Quad{}
		err = rdfio.Scan(context.Background(), rdfio.NQuads, f, rdfio.ReadOptions{KeepBlanks: true}, func(quads []graph.Quad) error {
			for _, q := range quads {
				byGraph[q.G] = append(byGraph[q.G], q)
			}
			return nil
		})
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, quads := range byGraph {
			records = append(records, quads)
		}
	}
	return records
}
