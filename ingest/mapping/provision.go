package mapping

import (
	"bytes"
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/codes"
)

// An imprint is one run of places, names and date in a 260 or 264.
type imprint struct {
	node   graph.Term
	agents int
	date   bool
}

// provision maps 260 and 264: who published, produced, distributed or made an instance,
// where and when. Places and names are kept as they stand on the item; the country and the
// year come from 008, where 26X does not tell the year better.
func provision(b *builder, f *field, o *op) {
	class, statement := provisionClass(f)
	if class == "" { // a copyright date
		b.copyright(f)
		return
	}
	var maker graph.Term
	runs := b.imprints(f, f.Field, class, nil, &maker)
	if len(runs) > 0 {
		b.datePlace(f, runs, class)
	}
	b.statement(statement, f.Field)
	if f.alt != nil {
		script := b.script
		b.script = f.alts
		if b.script == "" {
			b.script = "CJK"
		}
		b.imprints(f, f.alt, class, runs, &maker)
		b.statement(statement, f.alt)
		b.script = script
	}
}

func provisionClass(f *field) (class, statement graph.IRI) {
	if f.tag == 260 {
		return bf.Publication, bf.PublicationStatement
	}
	switch f.Ind2 {
	case '0':
		return bf.Production, bf.ProductionStatement
	case '2':
		return bf.Distribution, bf.DistributionStatement
	case '3':
		return bf.Manufacture, bf.ManufactureStatement
	case '4':
		return "", ""
	}
	return bf.Publication, bf.PublicationStatement
}

func (b *builder) copyright(f *field) {
	for i := range f.Subfields {
		if s := trim(f.Subfields[i].Value); f.Subfields[i].Code == 'c' && s != "" {
			b.add(b.instance, bf.CopyrightDate, graph.String(s))
		}
	}
}

// imprints adds a node for each run of places and names, or names in another script to the
// nodes that are there.
func (b *builder) imprints(w *field, f *marc.Field, class graph.IRI, there []imprint, maker *graph.Term) []imprint {
	var runs []imprint
	at := -1
	for i := range f.Subfields {
		s := &f.Subfields[i]
		value := trim(s.Value)
		if value == "" || s.Code == 'b' && b.m.koha != nil && b.noPublisher(w, value) {
			continue
		}
		opens := at < 0 || s.Code == 'a' && (runs[at].agents > 0 || runs[at].date)
		if strings.IndexByte("abc", s.Code) >= 0 && opens {
			at++
			run := imprint{}
			if at < len(there) {
				run.node = there[at].node
			} else {
				run.node = b.node(b.instance, bf.ProvisionActivity, bf.ProvisionActivityClass, class)
			}
			runs = append(runs, run)
		}
		switch s.Code {
		case 'a':
			b.transcribe(w, runs[at].node, bflc.SimplePlace, value)
		case 'b':
			runs[at].agents++
			b.transcribe(w, runs[at].node, bflc.SimpleAgent, value)
		case 'c':
			runs[at].date = true
			b.add(runs[at].node, bflc.SimpleDate, b.dateText(value))
		case 'e', 'f', 'g':
			if maker.IsZero() {
				*maker = b.node(b.instance, bf.ProvisionActivity, bf.ProvisionActivityClass, bf.Manufacture)
			}
			b.made(w, *maker, s.Code, strings.Trim(value, "()"))
		}
	}
	return runs
}

func (b *builder) made(w *field, maker graph.Term, code byte, value string) {
	switch code {
	case 'e':
		b.transcribe(w, maker, bflc.SimplePlace, value)
	case 'f':
		b.transcribe(w, maker, bflc.SimpleAgent, value)
	case 'g':
		b.add(maker, bflc.SimpleDate, b.dateText(value))
	}
}

// transcribe adds a place or name as it stands on the item, unless it says that none does.
func (b *builder) transcribe(f *field, node graph.Term, p graph.IRI, value string) {
	switch string(bytes.Trim(b.lowered(value), "[]().? ")) {
	case "s.l", "s.n", "sine loco", "sine nomine", "k.đ", "k.n", "knxb", "k.nxb", "n.p", "k.đ. : k.n",
		"place of publication not identified", "publisher not identified",
		"không xác định được nơi xuất bản", "không xác định được nhà xuất bản", "":
		return
	}
	if !b.placeholder(f, value) {
		b.add(node, p, b.text(value))
	}
}

// dateText returns a date as it is written. Digits have no language.
func (b *builder) dateText(s string) graph.Term {
	if !isASCII(s) {
		return b.text(s)
	}
	return graph.String(s)
}

// datePlace adds the year, of each run or of the field, and the country.
func (b *builder) datePlace(f *field, runs []imprint, class graph.IRI) {
	date, text := "", ""
	for i := range f.Subfields {
		if f.Subfields[i].Code == 'c' && date == "" {
			text = f.Subfields[i].Value
			date = b.statedDate(f, text)
		}
	}
	main := b.mainProvision() == class
	if fixed := b.fixed; main && (date == "" || strings.HasPrefix(fixed, date+"/") || otherCalendar(date, fixed, text)) {
		date = fixed
	}
	for _, run := range runs {
		if date != "" {
			b.add(run.node, bf.Date, graph.Literal(date, edtf))
		}
	}
	if main {
		b.add(runs[0].node, bf.Place, b.country())
	}
}

// otherCalendar tells whether a date was taken from a year of another calendar, as the text has
// that of 008 too: "1361 [1942]" is 1942.
func otherCalendar(date, fixed, text string) bool {
	return len(date) == 4 && len(fixed) == 4 && date != fixed && date < "1500" && strings.Contains(text, fixed)
}

// mainProvision is the kind of provision that 008 speaks of.
func (b *builder) mainProvision() graph.IRI {
	if b.has(260) {
		return bf.Publication
	}
	production := false
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		if f.Tag == "264" && (f.Ind2 == '1' || f.Ind2 == ' ') {
			return bf.Publication
		}
		production = production || f.Tag == "264" && f.Ind2 == '0'
	}
	if production || len(b.r.Leader) > 6 && strings.IndexByte("tdf", b.r.Leader[6]) >= 0 {
		return bf.Production
	}
	return bf.Publication
}

// country returns the country of 008/15-17.
func (b *builder) country() graph.Term {
	if !b.nation.IsZero() {
		return b.nation
	}
	data := b.r.Control("008")
	if len(data) < 18 {
		return graph.Term{}
	}
	code := strings.Trim(data[15:18], " |#")
	if code == "xx" || code == "" || code == "vp" {
		return graph.Term{} // no place, unknown, various places
	}
	if c, ok := codes.Countries.Lookup(code); ok {
		return c.Term()
	}
	b.find("code", "008", 0, data[15:18],
		"Mã nước ở 008/15-17 không có trong bảng mã MARC; đã bỏ qua.",
		"The country code of 008/15-17 is not in the MARC list; it was left out.")
	return graph.Term{}
}

// statement adds the whole statement as it stands on the item.
func (b *builder) statement(p graph.IRI, f *marc.Field) {
	out := b.scratch2[:0]
	for i := range f.Subfields {
		sub := &f.Subfields[i]
		value := strings.TrimSpace(sub.Value)
		if strings.IndexByte("abc", sub.Code) < 0 || value == "" || sub.Code == 'b' && b.m.koha != nil && b.m.koha.isNone(value) {
			continue
		}
		if len(out) > 0 {
			if !endsInMark(string(out)) {
				out = append(out, isbdMark(sub.Code)...)
			}
			out = append(out, ' ')
		}
		out = append(out, value...)
	}
	b.scratch2 = out
	if s := trim(string(out)); s != "" {
		b.add(b.instance, p, b.text(s))
	}
}

// fixedProvision adds what 008 tells of a record without 260 and 264.
func (b *builder) fixedProvision() {
	class := b.mainProvision()
	for i := range b.r.Fields {
		f := &field{Field: &b.r.Fields[i], tag: tagNumber(b.r.Fields[i].Tag)}
		if c, _ := provisionClass(f); (f.tag == 260 || f.tag == 264) && c == class {
			return
		}
	}
	date, place := b.fixed, b.country()
	if date == "" && place.IsZero() {
		return
	}
	n := b.node(b.instance, bf.ProvisionActivity, bf.ProvisionActivityClass, class)
	if date != "" {
		b.add(n, bf.Date, graph.Literal(date, edtf))
	}
	b.add(n, bf.Place, place)
}

// isbdMark returns what ISBD puts before a place, a name or a date, for records that leave
// it out.
func isbdMark(code byte) string {
	switch code {
	case 'a':
		return " ;"
	case 'b':
		return " :"
	}
	return ","
}

// subMask returns the bits of some codes.
func subMask(subs string) (mask uint64) {
	for i := range len(subs) {
		mask |= 1 << subIndex(subs[i])
	}
	return mask
}
