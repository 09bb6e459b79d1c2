package mapping

import (
	"strings"
	"testing"

	"mocban/ingest/marc"
)

// A small tree is a record of some format, what it must become, and what nobody may say of it.
type smallTree struct {
	name, text string
	want       []string
	not        []string
	unread     []string // elements that must be reported
}

func (s *smallTree) run(t *testing.T) {
	t.Helper()
	m := newMapper(t)
	records, err := readText(s.text, marc.ReadOptions{})
	if err != nil || len(records) != 1 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for _, want := range s.want {
		if err := m.meets(records[0], want); err != nil {
			t.Error(err)
		}
	}
	for _, not := range s.not {
		if m.meets(records[0], not) == nil {
			t.Errorf("it says %s", not)
		}
	}
	_, found, err := m.Append(nil, records[0])
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, f := range found {
		if f.Rule == "unmapped" {
			told[f.Tag] = true
		}
	}
	for _, tag := range s.unread {
		if !told[tag] {
			t.Errorf("%s is not reported: %v", tag, told)
		}
	}
}

// TestTreeKinds maps records as the standards of their formats show them.
func TestTreeKinds(t *testing.T) {
	for _, s := range smallTrees {
		t.Run(s.name, s.run)
	}
}

const (
	rdfNS   = `xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:edm="http://www.europeana.eu/schemas/edm/" xmlns:ore="http://www.openarchives.org/ore/terms/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:skos="http://www.w3.org/2004/02/skos/core#" xmlns:ebucore="http://www.ebu.ch/metadata/ontologies/ebucore/ebucore#"`
	canvas  = `{"id":"https://example.org/c%","type":"Canvas","label":{"none":["%"]},"items":[{"type":"AnnotationPage","items":[{"type":"Annotation","body":{"id":"https://example.org/%.jpg","type":"Image"}}]}]}`
	metsOne = `<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:mods="http://www.loc.gov/mods/v3" xmlns:xlink="http://www.w3.org/1999/xlink" OBJID="1"><mets:dmdSec ID="d1"><mets:mdWrap MDTYPE="MODS"><mets:xmlData><mods:mods><mods:titleInfo><mods:title>Nam Phong</mods:title></mods:titleInfo></mods:mods></mets:xmlData></mets:mdWrap></mets:dmdSec>`
)

func canvases(names ...string) string {
	var all []string
	for _, n := range names {
		all = append(all, strings.ReplaceAll(canvas, "%", n))
	}
	return strings.Join(all, ",")
}

var smallTrees = []*smallTree{
	{name: "IIIF 3: ranges in ranges, with parts of canvases", text: `{"@context":"http://iiif.io/api/presentation/3/context.json","id":"https://example.org/m","type":"Manifest","label":{"vi":["Lục Vân Tiên"]},"items":[` +
		canvases("1a", "1b", "2a") + `],"structures":[{"id":"https://example.org/r0","type":"Range","label":{"vi":["Quyển thượng"]},"items":[` +
		`{"id":"https://example.org/r1","type":"Range","label":{"vi":["Bài tựa"]},"items":[{"type":"SpecificResource","source":{"id":"https://example.org/c1b","type":"Canvas"}}]},` +
		`{"id":"https://example.org/c2a#xywh=0,0,1,1","type":"Canvas"}]}]}`,
		want: []string{
			`W bf:hasPart[rdfs:label="Quyển thượng"@vi]/bf:hasPart[bf:Work]/rdfs:label "Bài tựa"@vi`,
			`W bf:hasPart/bf:hasPart[rdfs:label="Bài tựa"@vi]/bf:hasInstance/schema:hasPart[schema:ImageObject]/schema:name "1b"`,
			`W bf:hasPart[rdfs:label="Quyển thượng"@vi]/bf:hasInstance/schema:hasPart/schema:name "2a"`,
		},
		not: []string{`W bf:hasPart/rdfs:label "Bài tựa"@vi`, `W bf:hasPart[rdfs:label="Quyển thượng"@vi]/bf:hasInstance/schema:hasPart/schema:name "1a"`},
	},
	{name: "IIIF 2: ranges side by side, below one that is the table of contents", text: `{"@context":"http://iiif.io/api/presentation/2/context.json","@id":"https://example.org/m","@type":"sc:Manifest","label":"Lục Vân Tiên",` +
		`"license":"https://creativecommons.org/publicdomain/mark/1.0/","sequences":[{"@type":"sc:Sequence","canvases":[` +
		`{"@id":"https://example.org/c1","@type":"sc:Canvas","label":"1a","height":20,"width":10,"images":[{"@type":"oa:Annotation","resource":{"@id":"https://example.org/1.jpg","@type":"dctypes:Image"}}]},` +
		`{"@id":"https://example.org/c2","@type":"sc:Canvas","label":"1b","height":20,"width":10,"images":[{"@type":"oa:Annotation","resource":{"@id":"https://example.org/2.jpg","@type":"dctypes:Image"}}]}]}],` +
		`"structures":[{"@id":"https://example.org/r","@type":"sc:Range","label":"Table of Contents","viewingHint":"top","ranges":["https://example.org/r1","https://example.org/r2"]},` +
		`{"@id":"https://example.org/r1","@type":"sc:Range","label":"Hồi thứ nhất","canvases":["https://example.org/c1"]},` +
		`{"@id":"https://example.org/r2","@type":"sc:Range","label":"Hồi thứ hai","canvases":["https://example.org/c2"],"ranges":["https://example.org/r3"]},` +
		`{"@id":"https://example.org/r3","@type":"sc:Range","label":"Lời bàn","canvases":["https://example.org/c2"]}]}`,
		want: []string{
			`W bf:hasPart[rdfs:label="Hồi thứ nhất"@vi]/bf:hasInstance/schema:hasPart/schema:contentUrl <https://example.org/1.jpg>`,
			`W bf:hasPart[rdfs:label="Hồi thứ hai"@vi]/bf:hasPart/rdfs:label "Lời bàn"@vi`,
			`I bf:hasReproduction[bf:Electronic]/bf:usageAndAccessPolicy/bf:electronicLocator <https://creativecommons.org/publicdomain/mark/1.0/>`,
		},
		not: []string{`W bf:hasPart/rdfs:label "Table of Contents"`, `W bf:hasPart/rdfs:label "Lời bàn"@vi`},
	},
	{name: "IIIF: links in values, sound", text: `{"id":"https://example.org/m","type":"Manifest","label":{"vi":["Hát chèo"]},"metadata":[{"label":"","value":{"vi":["<a href=\"https://example.org/catalogue/1\">Biểu ghi đầy đủ</a>"]}}],` +
		`"items":[{"id":"https://example.org/c1","type":"Canvas","label":{"none":["Mặt A"]},"duration":61.5,"metadata":[{"label":{"vi":["Người hát"]},"value":{"vi":["Bùi Thị Xuân"]}}],"items":[{"type":"AnnotationPage","items":[{"type":"Annotation","body":{"id":"https://example.org/1.mp3","type":"Sound","format":"audio/mp3"}}]}]}]}`,
		want: []string{
			`I bf:note[bf:Note]/rdfs:label "Biểu ghi đầy đủ (https://example.org/catalogue/1)"@vi`,
			`I bf:hasReproduction/schema:hasPart[schema:AudioObject; schema:duration="PT61.5S"]/schema:contentUrl <https://example.org/1.mp3>`,
			`I bf:hasReproduction/schema:hasPart/schema:description "Người hát: Bùi Thị Xuân"@vi`,
		},
		not: []string{`I bf:hasReproduction/schema:hasPart/rdf:type schema:ImageObject`},
	},
}
