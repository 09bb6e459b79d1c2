package mapping

import (
	"encoding/base64"
	"slices"
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/mocban"
	"mocban/vocab/rdf"
	"mocban/vocab/xsd"
)

// start makes the builder ready for a record.
func (b *builder) start(r *marc.Record, quads []graph.Quad) {
	b.prepare(r, quads)
	b.items, b.shelves, b.holder = 0, b.shelves[:0], ""
	b.thing, b.digital = graph.Term{}, graph.Term{}
	b.creatorTerm, b.creatorNamed, b.creatorKnown = graph.Term{}, graph.Term{}, false
	b.copied = nil
	b.uAuth = isUNIMARCAuthority(r)
	b.ownHead, b.authorities = graph.Term{}, b.m.options.Authorities.index()
	if b.only != nil {
		b.authorities = b.only
	}
	b.script, b.invalid, b.instead, b.nation = "", false, "", graph.Term{}
	b.pairs, b.waiting, b.labels = b.pairs[:0], b.waiting[:0], b.labels[:0]
	b.present = [16]uint64{}
	for i := range r.Fields {
		if n := tagNumber(r.Fields[i].Tag); n >= 0 {
			b.present[n>>6] |= 1 << (n & 63)
		}
	}
	b.material = materialOf(r.Leader)
	b.readLanguages()
	b.fixed = b.fixedDate()
	b.pairUp()
}

// prepare does what every profile needs.
func (b *builder) prepare(r *marc.Record, quads []graph.Quad) {
	b.r, b.quads, b.first = r, quads, len(quads)
	b.graph = b.m.Record(r).Term()
	b.source, b.number = b.m.source(r), controlNumber(r)
	b.key = key([]byte(b.graph.Value()))
	b.blanks = 0
	b.described = b.described[:0]
	b.round++
	b.findings = b.findings[:0]
}

// end lets go of the record and returns what was found.
func (b *builder) end() []Finding {
	var found []Finding
	if len(b.findings) > 0 {
		found = slices.Clone(b.findings)
	}
	clear(b.findings)
	b.r, b.quads, b.field = nil, nil, field{}
	return found
}

// readLanguages finds out in what language the content and the notes are.
func (b *builder) readLanguages() {
	b.language, b.agency = language{}, language{}
	if data := b.r.Control("008"); len(data) >= 38 && b.r.Type() == marc.Bibliographic {
		b.language = languageOf(data[35:38])
	}
	if f, ok := b.r.Field("041"); ok && b.language.tag == "" && b.r.Type() == marc.Bibliographic {
		if a := f.Subfield('a'); len(a) >= 3 {
			b.language = languageOf(strings.ToLower(a[:3]))
		}
	}
	if f, ok := b.r.Field("040"); ok {
		b.agency = languageOf(strings.TrimSpace(f.Subfield('b')))
	}
	if b.r.Type() == marc.Authority {
		b.language = b.agency
	}
}

// bibliographic maps a bibliographic record.
func (b *builder) bibliographic() {
	b.work = b.mint(works, b.source, b.number)
	b.instance = b.mint(instances, b.source, b.number)
	if b.m.koha != nil {
		b.asCopy()
	}
	b.isA(b.work, bf.Work)
	b.isA(b.instance, bf.Instance)
	b.add(b.work, bf.HasInstance, b.instance)
	b.add(b.instance, bf.InstanceOf, b.work)
	b.add(b.work, bf.AdminMetadata, b.graph)
	b.add(b.instance, bf.AdminMetadata, b.graph)
	b.titles()
	b.because(partRecord, nil)
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		if f.Tag == "856" && f.Ind2 == '1' && f.Has('u') && b.digital.IsZero() {
			b.digital = b.mint(instances, b.source, b.number, "856")
		}
	}
	b.fields(b.m.bib)
	b.because(partFixed, b.fixedField())
	b.fixedProvision()
	b.endCopy()
}

// fixedField returns 008, if it is explained what becomes of it.
func (b *builder) fixedField() *marc.Field {
	if b.trace == nil {
		return nil
	}
	for i := range b.r.Fields {
		if f := &b.r.Fields[i]; f.Tag == "008" {
			return f
		}
	}
	return nil
}

// authority maps an authority record.
func (b *builder) authority() error {
	if !b.established() {
		return ErrHeading
	}
	b.because(partRecord, nil)
	b.add(b.thing, bf.AdminMetadata, b.graph)
	b.fields(b.m.auth.get())
	return nil
}

// fields runs the rows over the leader and all fields.
func (b *builder) fields(p *plan) {
	if !b.uAuth {
		b.readShelves()
	}
	b.leader = marc.Field{Tag: "LDR"}
	b.field = field{data: b.r.Leader, Field: &b.leader}
	b.positions(p.leader, &b.field)
	var times [1000]uint8
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		tag := tagNumber(f.Tag)
		if tag < 0 {
			b.noRow(f, 0)
			continue
		}
		if tag == 880 {
			continue
		}
		if b.copied != nil {
			b.keyCopied(f)
		}
		w := &b.field
		*w = field{Field: f, tag: tag, data: f.Data, codes: codesOf(f), times: int(times[tag])}
		times[tag]++
		t := p.tags[tag]
		if t == nil && p.kind == "hold" {
			t = b.ofHoldings(tag)
		}
		switch {
		case t == nil:
			b.noRow(f, 0)
		case tag < 10:
			b.positions(t, w)
		default:
			if pair := b.partner(f, tag); pair != nil {
				w.alt, w.alts = pair.field, pair.script
			}
			b.run(t, w)
			b.report(t, w)
		}
	}
	b.orphans(p)
}

// orphans maps the 880 fields that no field claimed, as the fields that they stand for.
func (b *builder) orphans(p *plan) {
	for i := range b.pairs {
		pair := &b.pairs[i]
		if pair.taken {
			continue
		}
		if pair.tag < 10 || pair.tag > 999 || pair.tag == 880 || pair.tag == 245 && b.has(245) || p.tags[pair.tag] == nil {
			b.noRow(pair.field, 0)
			continue
		}
		b.script = pair.script
		if b.script == "" {
			b.script = "CJK"
		}
		w := &field{Field: pair.field, tag: pair.tag, codes: codesOf(pair.field), times: 1}
		b.run(p.tags[pair.tag], w)
		b.report(p.tags[pair.tag], w)
		b.script = ""
	}
}

// positions runs rows over positions of the leader or a control field.
func (b *builder) positions(t *tagPlan, f *field) {
	b.readySlots(t)
	last := graph.Term{}
	if b.trace != nil {
		b.trace.runs = append(b.trace.runs, b.rowsOf(t, f))
	}
	for _, o := range t.fixed {
		if !o.active(b, f) || o.ignore {
			continue
		}
		if b.trace != nil {
			b.trace.now = cause{row: o.row, field: f.Field, sub: -1}
		}
		if o.process != nil {
			o.process(b, f, o)
			continue
		}
		to := min(o.to, len(f.data))
		if o.to == 0 {
			b.apply(o, f, f.data, &last)
		} else if o.from < to {
			b.split(o, f, f.data[o.from:to], &last)
		}
	}
	b.waiting = b.waiting[:0]
}

// split applies a row to each piece of a value, if it says so: 008/18-21 holds four codes.
func (b *builder) split(o *op, f *field, value string, last *graph.Term) {
	if o.each == 0 || len(value) <= o.each || len(value)%o.each != 0 {
		b.apply(o, f, value, last)
		return
	}
	for ; len(value) >= o.each; value = value[o.each:] {
		b.apply(o, f, value[:o.each], last)
	}
}

// report tells of the subfields of a field that no row reads, and of those of its 880.
func (b *builder) report(t *tagPlan, f *field) {
	b.reportIn(t, f, f.Field, f.codes)
	if f.alt != nil {
		b.reportIn(t, f, f.alt, codesOf(f.alt))
	}
}

func (b *builder) reportIn(t *tagPlan, f *field, source *marc.Field, codes uint64) {
	left := codes &^ linkSubs
	for _, o := range t.ops {
		if left&o.subs != 0 && o.active(b, f) {
			left &^= o.subs
		}
	}
	if left == 0 {
		return
	}
	for i := range source.Subfields {
		code := source.Subfields[i].Code
		switch n := subIndex(code); {
		case n < 0:
			b.noRow(source, code)
		case left&(1<<n) != 0:
			left &^= 1 << n
			b.noRow(source, code)
		}
	}
}

// linkSubs are the subfields that link fields with one another.
var linkSubs = subMask("68")

// noRow reports a field or subfield that no row reads.
func (b *builder) noRow(f *marc.Field, code byte) {
	value := f.Data
	for i := range f.Subfields {
		if s := &f.Subfields[i]; value == "" && (code == 0 || s.Code == code) {
			value = s.Value
		}
	}
	for i := range b.findings {
		if o := &b.findings[i]; o.Rule == "unmapped" && o.Tag == f.Tag && o.Code == code {
			return
		}
	}
	b.find("unmapped", f.Tag, code, value,
		"Chưa có quy tắc chuyển đổi; nội dung chỉ còn trong biểu ghi gốc.",
		"There is no rule for this; it stands in the original record only.")
}

// record describes the record itself, in its own graph.
func (b *builder) record() {
	b.because(partRecord, nil)
	b.isA(b.graph, mocban.Record)
	if IsAuthority(b.r) {
		b.isA(b.graph, mocban.AuthorityRecord)
	}
	b.isA(b.graph, bf.AdminMetadataClass)
	b.label(b.graph, graph.String(b.source+" "+b.number))
	b.add(b.graph, mocban.ControlNumber, graph.String(b.number))
	b.add(b.graph, mocban.Source, graph.String(b.source))
	n := b.node(b.graph, bf.IdentifiedBy, bf.Local)
	b.add(n, rdf.Value, graph.String(b.number))
	b.add(n, bf.Assigner, b.library(b.source))
	if b.m.options.Original && len(b.r.Source) > 0 && !b.hasInternal() {
		source := b.r.Source
		if t := b.r.Tree; t != nil && len(t.Head) > 0 {
			source = append(append(append([]byte(nil), t.Head...), '\n'), source...)
		}
		b.add(b.graph, mocban.Original, graph.Literal(base64.StdEncoding.EncodeToString(source), xsd.Base64Binary))
		b.add(b.graph, mocban.OriginalFormat, graph.String(mediaType(b.r)))
	}
}

func mediaType(r *marc.Record) string {
	if r.Tree != nil {
		return r.Tree.Format
	}
	switch r.Format {
	case marc.MARCXML:
		return "application/marcxml+xml"
	case marc.Lines, marc.Aleph:
		return "text/plain"
	case marc.JSON:
		return "application/marc-in-json"
	}
	return "application/marc"
}
