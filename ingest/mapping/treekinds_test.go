package mapping

import (
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/mocban"
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

// The bytes of a finding aid are kept, but not if it has parts that are internal.
func TestInternalOriginal(t *testing.T) {
	m, err := New(Options{Base: testBase, Source: "VN-TEST", Original: true})
	if err != nil {
		t.Fatal(err)
	}
	for audience, kept := range map[string]bool{"external": true, "internal": false} {
		records, err := readText(`<ead><archdesc level="fonds"><did><unittitle>A</unittitle></did><acqinfo audience="`+audience+`"><p>Người bán</p></acqinfo></archdesc></ead>`, marc.ReadOptions{})
		if err != nil || len(records) != 1 {
			t.Fatal(err)
		}
		quads, found, err := m.Append(nil, records[0])
		if err != nil {
			t.Fatal(err)
		}
		has := false
		for _, q := range quads {
			has = has || q.P == mocban.Original
		}
		told := false
		for _, f := range found {
			told = told || f.Rule == "internal"
		}
		if has != kept || told == kept {
			t.Errorf("%s: kept %v, told %v", audience, has, told)
		}
	}
}

// A finding aid that is marked as internal as a whole is mapped, since somebody gave it to us, and
// that is told.
func TestInternalWhole(t *testing.T) {
	records, err := readText(`<ead><archdesc level="fonds" audience="internal"><did><unittitle>Hồ sơ Nguyễn Văn A</unittitle></did></archdesc></ead>`, marc.ReadOptions{})
	if err != nil || len(records) != 1 {
		t.Fatal(err)
	}
	m, err := New(Options{Base: testBase, Source: "VN-TEST", Original: true})
	if err != nil {
		t.Fatal(err)
	}
	quads, found, err := m.Append(nil, records[0])
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(quads, func(q graph.Quad) bool { return q.O.Value() == "Hồ sơ Nguyễn Văn A" }) || !slices.ContainsFunc(quads, func(q graph.Quad) bool { return q.P == mocban.Original }) {
		t.Error("it is not mapped, or its bytes are not kept")
	}
	if len(found) != 1 || found[0].Rule != "internal-whole" {
		t.Errorf("told: %+v", found)
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
	{name: "METS: pages five levels deep, chapters linked to them", text: metsOne + `<mets:fileSec><mets:fileGrp USE="DEFAULT"><mets:file ID="f1" MIMETYPE="image/jpeg"><mets:FLocat xlink:href="https://example.org/1.jpg"/></mets:file>` +
		`<mets:file ID="f2" MIMETYPE="image/jpeg"><mets:FLocat xlink:href="https://example.org/2.jpg"/></mets:file></mets:fileGrp></mets:fileSec>` +
		`<mets:structMap TYPE="LOGICAL"><mets:div ID="l0" DMDID="d1" TYPE="issue"><mets:div ID="l1" TYPE="article" LABEL="Mấy nhời nói đầu"><mets:div ID="l2" TYPE="paragraph"/></mets:div><mets:div ID="l3" TYPE="article" LABEL="Văn uyển"/></mets:div></mets:structMap>` +
		`<mets:structMap TYPE="PHYSICAL"><mets:div><mets:div><mets:div><mets:div><mets:div ID="p1" ORDER="1" LABEL="1" TYPE="page"><mets:fptr FILEID="f1"/></mets:div><mets:div ID="p2" ORDER="2" LABEL="2" TYPE="page"><mets:fptr FILEID="f2"/></mets:div></mets:div></mets:div></mets:div></mets:div></mets:structMap>` +
		`<mets:structLink><mets:smLink xlink:from="l1" xlink:to="p1"/><mets:smLink xlink:from="l1" xlink:to="p2"/><mets:smLink xlink:from="l3" xlink:to="p2"/></mets:structLink></mets:mets>`,
		want: []string{
			`I bf:hasReproduction/schema:hasPart[schema:name="2"]/schema:contentUrl <https://example.org/2.jpg>`,
			`W bf:hasPart[rdfs:label="Mấy nhời nói đầu"@vi]/bf:hasInstance/schema:hasPart[schema:ImageObject]/schema:name "1"`,
			`W bf:hasPart[rdfs:label="Văn uyển"@vi]/bf:hasInstance/schema:hasPart/schema:name "2"`,
		},
		not: []string{`W bf:hasPart[rdfs:label="Văn uyển"@vi]/bf:hasInstance/schema:hasPart/schema:name "1"`},
	},
	{name: "METS and ALTO: articles point at areas of the text of pages", text: metsOne + `<mets:fileSec><mets:fileGrp ID="IMGGRP" USE="Images"><mets:file ID="IMG1" MIMETYPE="image/tiff"><mets:FLocat xlink:href="file://./1.tif"/></mets:file></mets:fileGrp>` +
		`<mets:fileGrp ID="ALTOGRP" USE="Text"><mets:file ID="ALTO1" MIMETYPE="text/xml"><mets:FLocat xlink:href="file://./1.xml"/></mets:file></mets:fileGrp></mets:fileSec>` +
		`<mets:structMap TYPE="PHYSICAL"><mets:div TYPE="Newspaper"><mets:div ID="P1" ORDER="1" ORDERLABEL="Trang 1" TYPE="PAGE"><mets:fptr><mets:par><mets:area FILEID="IMG1"/><mets:area FILEID="ALTO1"/></mets:par></mets:fptr></mets:div></mets:div></mets:structMap>` +
		`<mets:structMap TYPE="LOGICAL"><mets:div TYPE="Newspaper" DMDID="d1"><mets:div TYPE="ARTICLE" ID="A1" LABEL="Tin trong nước"><mets:div TYPE="BODY"><mets:fptr><mets:area FILEID="ALTO1" BETYPE="IDREF" BEGIN="B1"/></mets:fptr></mets:div></mets:div></mets:div></mets:structMap></mets:mets>`,
		want: []string{
			`I bf:hasReproduction/schema:hasPart[schema:name="Trang 1"]/schema:contentUrl "file://./1.tif"`,
			`W bf:hasPart[rdfs:label="Tin trong nước"@vi]/bf:hasInstance/schema:hasPart/schema:name "Trang 1"`,
		},
	},
	{name: "METS of a repository: files in a structure of no type, rights", text: metsOne + `<mets:amdSec><mets:rightsMD ID="r1"><mets:mdWrap MDTYPE="METSRIGHTS"><mets:xmlData><RightsDeclarationMD xmlns="http://cosimo.stanford.edu/sdr/metsrights/"><RightsDeclaration>Chỉ dùng cho học tập</RightsDeclaration></RightsDeclarationMD></mets:xmlData></mets:mdWrap></mets:rightsMD></mets:amdSec>` +
		`<mets:fileSec><mets:fileGrp USE="ORIGINAL"><mets:file ID="f1" MIMETYPE="application/pdf"><mets:FLocat xlink:href="https://example.org/1.pdf"/></mets:file></mets:fileGrp></mets:fileSec>` +
		`<mets:structMap LABEL="DSpace"><mets:div><mets:div TYPE="DSpace BITSTREAM"><mets:fptr FILEID="f1"/></mets:div></mets:div></mets:structMap></mets:mets>`,
		want: []string{
			`I bf:hasReproduction/schema:hasPart[schema:MediaObject]/schema:encoding <https://example.org/1.pdf>`,
			`I bf:hasReproduction/bf:usageAndAccessPolicy/rdfs:label "Chỉ dùng cho học tập"@vi`,
		},
	},
	{name: "LIDO: events before and after", text: `<lido:lido xmlns:lido="http://www.lido-schema.org"><lido:lidoRecID>1</lido:lidoRecID><lido:descriptiveMetadata xml:lang="vi"><lido:objectIdentificationWrap><lido:titleWrap>` +
		`<lido:titleSet><lido:appellationValue lido:pref="alternate">Tranh lụa</lido:appellationValue><lido:appellationValue lido:pref="preferred">Chơi ô ăn quan</lido:appellationValue></lido:titleSet></lido:titleWrap></lido:objectIdentificationWrap><lido:eventWrap>` +
		`<lido:eventSet><lido:event><lido:eventType><lido:conceptID lido:type="URI">http://terminology.lido-schema.org/lido00012</lido:conceptID><lido:term>Creation</lido:term></lido:eventType><lido:eventActor><lido:actorInRole><lido:actor lido:type="person"><lido:actorID lido:type="URI">http://www.wikidata.org/entity/Q7023097</lido:actorID><lido:nameActorSet><lido:appellationValue>Nguyễn Phan Chánh</lido:appellationValue></lido:nameActorSet><lido:vitalDatesActor><lido:earliestDate>1892</lido:earliestDate><lido:latestDate>1984</lido:latestDate></lido:vitalDatesActor></lido:actor><lido:roleActor><lido:term>artist</lido:term></lido:roleActor></lido:actorInRole></lido:eventActor>` +
		`<lido:eventDate><lido:date><lido:earliestDate>1930</lido:earliestDate><lido:latestDate>1931</lido:latestDate></lido:date></lido:eventDate></lido:event></lido:eventSet>` +
		`<lido:eventSet><lido:event><lido:eventType><lido:term>Acquisition</lido:term></lido:eventType><lido:eventActor><lido:actorInRole><lido:actor><lido:nameActorSet><lido:appellationValue>Trần Văn Bình</lido:appellationValue></lido:nameActorSet></lido:actor></lido:actorInRole></lido:eventActor><lido:eventDate><lido:displayDate>1966</lido:displayDate><lido:date><lido:earliestDate>1966</lido:earliestDate></lido:date></lido:eventDate><lido:eventPlace><lido:displayPlace>Hà Nội</lido:displayPlace></lido:eventPlace></lido:event></lido:eventSet></lido:eventWrap>` +
		`<lido:objectRelationWrap><lido:subjectWrap><lido:subjectSet><lido:subject><lido:subjectConcept><lido:conceptID lido:type="URI">http://vocab.getty.edu/aat/300218667</lido:conceptID><lido:term>trò chơi</lido:term></lido:subjectConcept></lido:subject></lido:subjectSet></lido:subjectWrap></lido:objectRelationWrap></lido:descriptiveMetadata>` +
		`<lido:administrativeMetadata><lido:rightsWorkWrap><lido:rightsWorkSet><lido:rightsHolder><lido:legalBodyName><lido:appellationValue>Bảo tàng Mỹ thuật Việt Nam</lido:appellationValue></lido:legalBodyName></lido:rightsHolder></lido:rightsWorkSet></lido:rightsWorkWrap></lido:administrativeMetadata></lido:lido>`,
		want: []string{
			`I bf:provisionActivity[bf:Production]/bf:date "1930/1931"^^edtf:edtf`,
			`W bf:contribution[bf:role=lc:relators/art]/bf:agent[bf:Person]/rdfs:label "Nguyễn Phan Chánh, 1892-1984"@vi`,
			`I bf:custodialHistory "Acquisition: 1966, Hà Nội, Trần Văn Bình"@vi`,
			`W bf:title[bf:Title]/bf:mainTitle "Chơi ô ăn quan"@vi`,
			`I bf:title[bf:VariantTitle]/bf:mainTitle "Tranh lụa"@vi`,
			`W bf:subject/rdfs:label "trò chơi"@vi`,
			`I bf:usageAndAccessPolicy[bf:UsePolicy]/rdfs:label "Bảo tàng Mỹ thuật Việt Nam"@vi`,
		},
		not: []string{`I bf:provisionActivity/bflc:simplePlace "Hà Nội"@vi`, `I bf:provisionActivity/bf:date "1966"^^edtf:edtf`, `W bf:contribution/bf:agent/rdfs:label "Trần Văn Bình"@vi`,
			`W bf:title/bf:mainTitle "Tranh lụa"@vi`},
	},
	{name: "EDM: names in many languages, links to elsewhere, bodies", text: `<rdf:RDF ` + rdfNS + `><edm:ProvidedCHO rdf:about="#1"/><ore:Proxy rdf:about="#p"><dc:title>Trống đồng</dc:title><dc:creator rdf:resource="http://example.org/nobody"/>` +
		`<dc:subject rdf:resource="http://vocab.getty.edu/aat/300041620"/><dc:type rdf:resource="#c"/><dc:type rdf:resource="http://example.org/type/9"/></ore:Proxy>` +
		`<skos:Concept rdf:about="#c"><skos:prefLabel xml:lang="de">Trommel</skos:prefLabel><skos:prefLabel xml:lang="vi">trống</skos:prefLabel><skos:note xml:lang="en">A percussion instrument.</skos:note></skos:Concept>` +
		`<ore:Aggregation rdf:about="#a"><edm:dataProvider rdf:resource="http://data.europeana.eu/organization/1"/><edm:rights rdf:resource="http://rightsstatements.org/vocab/InC/1.0/"/><edm:isShownBy rdf:resource="https://example.org/1.jpg"/><edm:hasView rdf:resource="https://example.org/2.jpg"/></ore:Aggregation>` +
		`<edm:WebResource rdf:about="https://example.org/2.jpg"><ebucore:hasMimeType>image/jpeg</ebucore:hasMimeType><edm:rights rdf:resource="http://creativecommons.org/licenses/by/4.0/"/></edm:WebResource>` +
		`<foaf:Organization xmlns:foaf="http://xmlns.com/foaf/0.1/" rdf:about="http://data.europeana.eu/organization/1"><skos:prefLabel xml:lang="en">National Museum</skos:prefLabel><skos:prefLabel xml:lang="vi">Bảo tàng Lịch sử quốc gia</skos:prefLabel></foaf:Organization></rdf:RDF>`,
		want: []string{
			`W bf:genreForm[bf:GenreForm]/rdfs:label "trống"@vi`,
			`W bf:genreForm <http://example.org/type/9>`,
			`W bf:subject <http://vocab.getty.edu/aat/300041620>`,
			`W bf:contribution[bf:role=lc:relators/cre]/bf:agent <http://example.org/nobody>`,
			`R bf:assigner[bf:Organization]/rdfs:label "Bảo tàng Lịch sử quốc gia"@vi`,
			`I bf:hasReproduction/bf:usageAndAccessPolicy/bf:electronicLocator <http://rightsstatements.org/vocab/InC/1.0/>`,
			`I bf:hasReproduction/schema:hasPart[schema:ImageObject; schema:license=<http://creativecommons.org/licenses/by/4.0/>]/schema:contentUrl <https://example.org/2.jpg>`,
		},
		not: []string{`I bf:usageAndAccessPolicy/bf:electronicLocator <http://rightsstatements.org/vocab/InC/1.0/>`},
	},
	{name: "MODS: made, not published; two libraries; names", text: `<mods:mods xmlns:mods="http://www.loc.gov/mods/v3"><mods:titleInfo><mods:nonSort>L'</mods:nonSort><mods:title>Annam</mods:title></mods:titleInfo>` +
		`<mods:name type="personal"><mods:namePart>Trần Trọng Kim</mods:namePart><mods:alternativeName><mods:namePart>Lệ Thần</mods:namePart></mods:alternativeName></mods:name>` +
		`<mods:originInfo><mods:place><mods:placeTerm type="text">Huế</mods:placeTerm></mods:place><mods:dateCreated qualifier="approximate">1866</mods:dateCreated></mods:originInfo>` +
		`<mods:originInfo><mods:issuance>monographic</mods:issuance></mods:originInfo>` +
		`<mods:identifier type="isbn" invalid="yes">9786041002104</mods:identifier><mods:identifier type="uri" invalid="yes">https://example.org/old</mods:identifier>` +
		`<mods:location><mods:physicalLocation>Thư viện Quốc gia Việt Nam</mods:physicalLocation><mods:shelfLocator>R.1</mods:shelfLocator></mods:location>` +
		`<mods:location><mods:physicalLocation>Viện Nghiên cứu Hán Nôm</mods:physicalLocation><mods:shelfLocator>VHv.2</mods:shelfLocator></mods:location></mods:mods>`,
		want: []string{
			`W bf:title[bf:Title]/bf:mainTitle "L'Annam"`,
			`I bf:title[bf:Title]/bflc:nonSortNum "2"`,
			`W bf:contribution/bf:agent[rdfs:label="Trần Trọng Kim"@vi]/schema:alternateName "Lệ Thần"@vi`,
			`I bf:provisionActivity[bf:Production; bf:date="1866~"^^edtf:edtf]/bflc:simplePlace "Huế"@vi`,
			`I bf:identifiedBy[bf:Isbn; bf:status=lc:mstatus/cancinv]/rdf:value "9786041002104"`,
			`I bf:hasItem[rdfs:label="Thư viện Quốc gia Việt Nam R.1"@vi]/bf:shelfMark/rdfs:label "R.1"`,
			`I bf:hasItem[rdfs:label="Viện Nghiên cứu Hán Nôm VHv.2"@vi]/bf:shelfMark/rdfs:label "VHv.2"`,
		},
		not: []string{`I bf:provisionActivity/rdf:type bf:Publication`, `I bf:electronicLocator <https://example.org/old>`,
			`I bf:hasItem[rdfs:label="Thư viện Quốc gia Việt Nam R.1"@vi]/bf:shelfMark/rdfs:label "VHv.2"`},
	},
	{name: "DC of DSpace: its own dates, names filed in two parts, times and places", text: `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Chuỗi cung ứng ở Hậu Giang</dc:title>` +
		`<dc:creator>Nguyễn Thị, Hoa</dc:creator><dc:creator>Châu, Nguyễn Minh</dc:creator><dc:contributor>La Fontaine, Jean de</dc:contributor>` +
		`<dc:date>2020-01-02T03:04:05Z</dc:date><dc:date>2020-01-02T03:04:05Z</dc:date><dc:date>2019</dc:date>` +
		`<dc:coverage>1945-1975</dc:coverage><dc:coverage>Thế kỷ 19</dc:coverage><dc:coverage>name=Huế; east=107.6; north=16.5</dc:coverage><dc:coverage>start=1802; end=1945;</dc:coverage><dc:coverage>Hà Nội; Nam Định</dc:coverage>` +
		`<dc:type>http://purl.org/coar/resource_type/c_bdcc</dc:type><dc:rights>info:eu-repo/semantics/openAccess</dc:rights></oai_dc:dc>`,
		want: []string{
			`I bf:provisionActivity[bf:Publication]/bf:date "2019"^^edtf:edtf`,
			`W bf:contribution/bf:agent[rdfs:label="Nguyễn Thị, Hoa"@vi]/schema:name "Nguyễn Thị Hoa"@vi`,
			`W bf:contribution/bf:agent/schema:name "Jean de La Fontaine"`,
			`W bf:temporalCoverage "1945-1975"`, `W bf:temporalCoverage "Thế kỷ 19"`, `W bf:temporalCoverage "1802/1945"`,
			`W bf:subject[bf:Place]/rdfs:label "Huế"@vi`, `W bf:subject[bf:Place]/rdfs:label "Nam Định"@vi`,
			`W bf:dissertation/rdf:type bf:Dissertation`,
			`I bf:usageAndAccessPolicy[bf:AccessPolicy]/rdfs:label "info:eu-repo/semantics/openAccess"`,
		},
		not: []string{`I bf:provisionActivity/bf:date "2020-01-02"^^edtf:edtf`, `W bf:subject/rdfs:label "east=107.6"`, `W bf:subject[bf:Place]/rdfs:label "1945-1975"`},
	},
	{name: "DSpace: files of the item, and files beside them", text: `<metadata xmlns="http://www.lyncode.com/xoai"><element name="dc"><element name="title"><element name="vi"><field name="value">A</field></element></element></element>` +
		`<element name="bundles"><element name="bundle"><field name="name">ORIGINAL</field><element name="bitstreams"><element name="bitstream"><field name="url">https://example.org/1.pdf</field></element></element></element>` +
		`<element name="bundle"><field name="name">LICENSE</field><element name="bitstreams"><element name="bitstream"><field name="url">https://example.org/license.txt</field></element></element></element></element></metadata>`,
		want: []string{`I bf:electronicLocator <https://example.org/1.pdf>`},
		not:  []string{`I bf:electronicLocator <https://example.org/license.txt>`},
	},
	{name: "TEI: who described a manuscript did not make it", text: `<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt><title>VHv.1</title><respStmt><resp>Cataloguer</resp><persName>Trần Nghĩa</persName></respStmt></titleStmt>` +
		`<sourceDesc><msDesc xml:id="m1"><msIdentifier><institution>Viện Nghiên cứu Hán Nôm</institution><idno>VHv.1</idno></msIdentifier><history><origin><origDate from="1802" to="1820">đời Gia Long</origDate></origin></history></msDesc></sourceDesc></fileDesc></teiHeader></TEI>`,
		want: []string{
			`R bf:contribution[bf:Contribution]/bf:agent[bf:Person]/rdfs:label "Trần Nghĩa"@vi`,
			`I bf:provisionActivity[bf:Production]/bf:date "1802/1820"^^edtf:edtf`,
			`I bf:hasItem/bf:heldBy/rdfs:label "Viện Nghiên cứu Hán Nôm"@vi`,
		},
		not: []string{`W bf:contribution/bf:agent/rdfs:label "Trần Nghĩa"@vi`},
	},
	{name: "EAD: roles of those from whom it comes", text: `<ead xmlns="urn:isbn:1-931666-22-9"><archdesc level="collection"><did><unittitle>Sưu tập Vương Hồng Sển</unittitle><origination label="Creator"><persname role="Collector (col)">Vương, Hồng Sển, 1902-1996</persname></origination>` +
		`<unitdate>không rõ năm</unitdate></did></archdesc></ead>`,
		want: []string{
			`W bf:contribution[bf:role=lc:relators/col]/bf:agent[bf:Person]/schema:name "Vương Hồng Sển"@vi`,
			`W bf:originDate "không rõ năm"`,
			`W bf:genreForm/rdfs:label "collection"`,
		},
	},
	{name: "EAC: an office that was renamed", text: `<eac-cpf xmlns="urn:isbn:1-931666-33-4" xmlns:xlink="http://www.w3.org/1999/xlink"><control><recordId>1</recordId></control><cpfDescription><identity><entityType>corporateBody</entityType><nameEntry><part>Thư viện Quốc gia Việt Nam</part></nameEntry></identity>` +
		`<relations><cpfRelation cpfRelationType="temporal-earlier"><relationEntry>Thư viện Trung ương Đông Dương</relationEntry></cpfRelation></relations></cpfDescription></eac-cpf>`,
		want: []string{`A madsrdf:hasEarlierEstablishedForm/rdfs:label "Thư viện Trung ương Đông Dương"@vi`},
		not:  []string{`A rdfs:seeAlso/rdfs:label "Thư viện Trung ương Đông Dương"@vi`},
	},
	{name: "names with degrees and roles", text: `<dc xmlns="http://purl.org/dc/elements/1.1/"><title>A</title><creator>Vũ Trọng Phụng (ch.b.)</creator><creator>GS.TS. Hoàng Xuân Hãn</creator><contributor>Trần, Văn Bình, hướng dẫn</contributor>` +
		`<contributor>Nguyễn Văn Vĩnh, người dịch</contributor><contributor>Smith, John (photographer unknown)</contributor></dc>`,
		want: []string{
			`W bf:contribution[bf:role=lc:relators/edt]/bf:agent[bf:Person]/rdfs:label "Vũ Trọng Phụng"@vi`,
			`W bf:contribution[bf:role=lc:relators/aut]/bf:agent[bf:Person]/rdfs:label "Hoàng Xuân Hãn"@vi`,
			`W bf:contribution[bf:role=lc:relators/ths]/bf:agent[bf:Person]/schema:name "Trần Văn Bình"@vi`,
			`W bf:contribution[bf:role=lc:relators/trl]/bf:agent[bf:Person]/rdfs:label "Nguyễn Văn Vĩnh"@vi`,
			`W bf:contribution[bf:role=lc:relators/ctb]/bf:agent/rdfs:label "Smith, John (photographer unknown)"`,
		},
	},
	{name: "METS: what the physical structure says of the whole", text: metsOne + `<mets:dmdSec ID="d2"><mets:mdWrap MDTYPE="MODS"><mets:xmlData><mods:mods><mods:physicalDescription><mods:extent>24 x 33 cm</mods:extent></mods:physicalDescription></mods:mods></mets:xmlData></mets:mdWrap></mets:dmdSec>` +
		`<mets:fileSec><mets:fileGrp USE="DOWNLOAD"><mets:file ID="all" MIMETYPE="application/pdf"><mets:FLocat xlink:href="https://example.org/all.pdf"/></mets:file></mets:fileGrp><mets:fileGrp USE="DEFAULT"><mets:file ID="f1" MIMETYPE="image/jpeg"><mets:FLocat xlink:href="https://example.org/1.jpg"/></mets:file></mets:fileGrp></mets:fileSec>` +
		`<mets:structMap TYPE="LOGICAL"><mets:div ID="l0" DMDID="d1" TYPE="monograph"/></mets:structMap><mets:structMap TYPE="PHYSICAL"><mets:div ID="p0" DMDID="d2" TYPE="physSequence"><mets:fptr FILEID="all"/><mets:div ID="p1" ORDER="1" TYPE="page"><mets:fptr FILEID="f1"/></mets:div></mets:div></mets:structMap></mets:mets>`,
		want: []string{
			`I bf:extent[bf:Extent]/rdfs:label "24 x 33 cm"`,
			`I bf:hasReproduction/bf:electronicLocator <https://example.org/all.pdf>`,
			`I bf:hasReproduction/schema:hasPart[schema:position="1"^^xsd:integer]/schema:contentUrl <https://example.org/1.jpg>`,
		},
		not: []string{`I bf:hasReproduction/schema:hasPart/schema:encoding <https://example.org/all.pdf>`},
	},
	{name: "TEI: keywords with links, MODS in the words of the record", text: `<TEI><teiHeader><fileDesc><titleStmt><title>A</title></titleStmt></fileDesc><profileDesc><textClass><keywords scheme="#LCSH"><list><item><term target="https://id.loc.gov/authorities/subjects/sh85083210">Kinh Phật</term></item></list></keywords></textClass></profileDesc></teiHeader></TEI>`,
		want: []string{`W bf:subject[bf:Topic]/rdfs:label "Kinh Phật"@vi`, `W bf:subject/skos:exactMatch <https://id.loc.gov/authorities/subjects/sh85083210>`},
	},
	{name: "MODS: notes with what is shown in front of them", text: `<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>A</title></titleInfo><note displayLabel="Khởi đầu" type="incipit">Trăm năm trong cõi người ta</note><note type="statement of responsibility">Nguyễn Du</note></mods>`,
		want: []string{`I bf:note/rdfs:label "Khởi đầu: Trăm năm trong cõi người ta"@vi`, `I bf:responsibilityStatement "Nguyễn Du"@vi`},
		not:  []string{`I bf:note/rdfs:label "Nguyễn Du"@vi`},
	},
	{name: "EAD: what is internal stays so; licences in the text", text: `<ead><archdesc level="fonds"><did><unittitle>A</unittitle><abstract audience="internal">Giá mua 5 triệu</abstract></did><acqinfo audience="internal"><p>Người bán: ông X</p></acqinfo>` +
		`<userestrict><p>Theo <extref href="https://creativecommons.org/licenses/by/4.0/">CC BY</extref>.</p></userestrict><dsc><c01 audience="internal"><did><unittitle>Hồ sơ mật</unittitle></did></c01><c01><did><unittitle>Thư từ</unittitle></did></c01></dsc></archdesc></ead>`,
		want: []string{
			`W bf:hasPart/rdfs:label "Thư từ"@vi`,
			`I bf:usageAndAccessPolicy[rdfs:label="Theo CC BY."]/bf:electronicLocator <https://creativecommons.org/licenses/by/4.0/>`,
		},
		not: []string{`W bf:summary/rdfs:label "Giá mua 5 triệu"@vi`, `I bf:immediateAcquisition/rdfs:label "Người bán: ông X"@vi`, `W bf:hasPart/rdfs:label "Hồ sơ mật"@vi`},
	},
}
