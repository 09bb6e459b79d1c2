package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/madsrdf"
	"mocban/vocab/mocban"
)

// Headings lead to authority records in two ways. The thing of an authority record has the
// IRI that its heading has in any record, so where both use the established heading they
// meet without being told of one another, whichever comes first. Where a heading is one that
// the authority record refers from, or only a number in $0 names the record, the index of
// authority records is asked (see AuthorityIndex), and the thing of the authority takes the
// place of the heading, under the name that the authority has for it.

// under returns the thing of the authority record that a heading is under, and the heading
// that it has there; nil if that is the same or there is none. The numbers of f, which may be
// nil, are asked first.
func (b *builder) under(k kind, t graph.Term, f *field) (graph.Term, *marc.Field, string) {
	x := b.authorities
	if t.IsZero() {
		return t, nil, ""
	}
	if b.asking != nil {
		b.asking.heads[t] = true
	}
	if t == b.ownHead {
		if _, where := x.headed(keyNumber(t)); where == Ambiguous {
			return b.ownThing(k), nil, ""
		}
		return t, nil, ""
	}
	if f != nil {
		if to, as, scheme := b.byNumber(x, k, t, f.Field); as != nil || to != t {
			return to, as, scheme
		}
	}
	i, where := x.headed(keyNumber(t))
	switch {
	case where == Ambiguous:
		b.unsure(f, t)
		b.noteLink(f, t, i, nil, ByNone)
	case where == Itself:
		b.noteLink(f, t, i, nil, ByHeading)
	case where == Elsewhere && kinds[x.known[i].kind] == k:
		b.noteLink(f, t, i, nil, ByReference)
		to := b.m.thingOf(x, i)
		b.add(t, mocban.See, to)
		as, scheme := x.heading(i)
		return to, as, scheme
	}
	return t, nil, ""
}

// isHead tells whether an authority record has a heading, or refers from it.
func (b *builder) isHead(t graph.Term) bool {
	if t == b.ownHead {
		return true
	}
	if b.asking != nil {
		b.asking.heads[t] = true
	}
	_, where := b.authorities.headed(keyNumber(t))
	return where == Itself || where == Elsewhere
}

// byNumber returns the thing of the authority record that a number in $0 or $1 names.
func (b *builder) byNumber(x *AuthorityIndex, k kind, t graph.Term, f *marc.Field) (graph.Term, *marc.Field, string) {
	for i := range f.Subfields {
		s := &f.Subfields[i]
		value, ok := b.authorityNumber(s)
		if !ok {
			continue
		}
		own, isOwn := strings.CutPrefix(value, ownFile)
		if isOwn {
			value = own
		}
		number := b.numberOf(value, b.source)
		if number == "" {
			continue
		}
		if b.asking != nil {
			b.asking.numbers[number] = true
			if isOwn {
				b.asking.numbers[ownFile+plainNumber(own)] = true
			}
		}
		at, where := x.numbered(number)
		if isOwn && where == Nowhere {
			at, where = x.numbered(ownFile + plainNumber(own))
		}
		if where != Elsewhere {
			continue
		}
		if kinds[x.known[at].kind] != k {
			b.find("authority-kind", f.Tag, s.Code, s.Value,
				"Số này thuộc một biểu ghi nhất quán loại khác (người, nơi, chủ đề, tác phẩm); không liên kết. Hãy kiểm tra lại số.",
				"This number is that of an authority record of another kind (agent, place, topic, work); no link was made. Check the number.")
			continue
		}
		b.noteLink(&field{Field: f}, t, at, s, ByNumber)
		to := b.m.thingOf(x, at)
		if to == t {
			return t, nil, ""
		}
		as, scheme := x.heading(at)
		return to, as, scheme
	}
	return t, nil, ""
}

// describeAs describes the thing of an authority record by the heading that it has there, as
// every record would that gives it in that form.
func (b *builder) describeAs(t graph.Term, as *marc.Field, schemes ...string) {
	script := b.script
	b.script = ""
	defer func() { b.script = script }()
	f := &field{Field: as, tag: tagNumber(as.Tag), codes: codesOf(as)}
	switch last := f.tag % 100; last {
	case 0, 10, 11:
		h := b.readHeading(as, f.tag)
		if h.title == "" {
			b.describeAgent(t, h, f)
			return
		}
		core := h.key
		if core == "" {
			core = h.title
		}
		var creator graph.Term
		if h.label != "" && !b.isNobody(h.label) {
			creator = b.agent(h, nil)
		}
		b.describeHub(t, creator, core)
	case 30:
		_, core := b.readTitle(as, false)
		b.describeHub(t, graph.Term{}, skipArticle(core, nonfilingHead(f)))
	case 51:
		b.describePlace(t, trim(as.Subfield('a')))
	default:
		var s scheme
		if len(schemes) > 0 {
			s = b.schemeOf(schemes[0])
		}
		label := b.headingLabel(as, f.tag)
		b.describeSubdivision(t, conceptType(600+last), s, label)
		b.describeConcept(t, s, label)
	}
}

// conceptUnder returns the concept of the authority record that a topical heading is under,
// if it is another one than the heading by itself.
func (b *builder) conceptUnder(k conceptKind, s scheme, label string, f *field) (graph.Term, bool) {
	b.said = label
	t, as, own := b.under(concepts, b.mintName(concepts, k.space(s), label), f)
	if as == nil {
		return t, false
	}
	b.describeAs(t, as, own)
	if f != nil {
		b.linksOf(t, f.Field, true)
	}
	return t, true
}

// linksUnder adds the numbers of a field, which may be nil, to the thing of an authority.
func (b *builder) linksUnder(t graph.Term, f *field) {
	if f != nil {
		b.links(t, f)
	}
}

// authorityNumber returns the number of an authority record that a subfield holds, if any does.
func (b *builder) authorityNumber(s *marc.Subfield) (string, bool) {
	switch {
	case s.Code == '0', s.Code == '1':
		return s.Value, true
	case s.Code == '9' && b.m.koha != nil && isDigits(s.Value):
		return ownFile + s.Value, true // Koha's own number of the authority record
	}
	return "", false
}

// ownAuthority says which record of the library's own file, or what number of another file, a
// $0 or $1 names that has no IRI, so that thing and record find one another whichever comes
// first.
func (b *builder) ownAuthority(t graph.Term, value string) {
	value, isOwn := strings.CutPrefix(value, ownFile)
	if value = strings.TrimSpace(value); isOwn && value != "" {
		b.add(t, mocban.AuthorityNumber, graph.String(ownFile+plainNumber(value)))
	}
	if keeper, number, ok := strings.Cut(strings.TrimPrefix(value, "("), ")"); ok && strings.HasPrefix(value, "(") {
		if keeper != b.source {
			if n := b.numberOf(value, ""); n != "" {
				b.add(t, mocban.AuthorityNumber, graph.String(n))
			}
			return
		}
		value = number
	}
	if value = strings.TrimSpace(value); value == "" || strings.ContainsAny(value, " /:()") {
		return
	}
	b.add(t, madsrdf.IsIdentifiedByAuthority, b.m.recordIRI(b.source, "authority-"+value).Term())
}

// unsure reports a heading that more than one authority record has.
func (b *builder) unsure(f *field, t graph.Term) {
	tag, value := "", ""
	if f != nil {
		tag = f.name()
		for i := range f.Subfields {
			if s := &f.Subfields[i]; s.Code == 'a' || s.Code == 't' {
				value = strings.TrimSpace(value + " " + s.Value)
			}
		}
	} else if b.field.Field != nil {
		tag, value = b.field.name(), b.field.Subfield('a')
	}
	for i := range b.findings {
		if o := &b.findings[i]; o.Rule == AmbiguousHeading && o.Tag == tag && o.Value == value {
			return
		}
	}
	b.find(AmbiguousHeading, tag, 0, value,
		"Nhiều biểu ghi nhất quán có tiêu đề này; không liên kết. Hãy ghi số biểu ghi nhất quán vào $0, hoặc thêm năm sinh, năm mất.",
		"More than one authority record has this heading, so no link was made. Give the number of the record in $0, or add dates.")
}

// numberedIRI returns the IRI of a thing by the number of its key.
func (m *Mapper) numberedIRI(k kind, n uint64) graph.Term {
	iri := make([]byte, 0, 128)
	iri = append(append(append(append(iri, m.options.Base...), "id/"...), k...), '/')
	return graph.IRI(appendNumber(iri, n)).Term()
}

// headingIRI returns the kind and the IRI of what a heading of an authority record stands for,
// and says nothing of it.
func (b *builder) headingIRI(f *field, s scheme) (kind, graph.Term) {
	last := f.tag % 100
	if f.codes&subMask("vxyz") != 0 && (last < 80 || last > 85) {
		label := b.headLabel(&field{Field: f.Field, tag: 600 + last, codes: f.codes})
		if label == "" {
			return "", graph.Term{}
		}
		for i := range f.Subfields {
			if sub := &f.Subfields[i]; strings.IndexByte("vxyz", sub.Code) >= 0 && trim(sub.Value) != "" {
				label += "--" + trim(sub.Value)
			}
		}
		k := topic
		if last == 55 {
			k = form
		}
		return concepts, b.mintName(concepts, k.space(s), label)
	}
	switch last {
	case 0, 10, 11:
		h := b.readHeading(f.Field, f.tag)
		var name graph.Term
		if h.label != "" && !b.isNobody(h.label) {
			name = b.agentIRI(h)
		}
		if !f.Has('t') {
			return agents, name
		}
		core := h.key
		if core == "" {
			core = h.title
		}
		if core == "" {
			return "", graph.Term{}
		}
		return hubs, b.mintName(hubs, name.Value(), core)
	case 30:
		_, core := b.readTitle(f.Field, false)
		if core == "" {
			return "", graph.Term{}
		}
		return hubs, b.mintName(hubs, "", skipArticle(core, nonfilingHead(f)))
	case 51:
		label := trim(f.Subfield('a'))
		if label == "" {
			return "", graph.Term{}
		}
		return places, b.mintName(places, "", label)
	}
	label := b.headingLabel(f.Field, f.tag)
	if label == "" {
		return "", graph.Term{}
	}
	return concepts, b.mintName(concepts, conceptType(600+last).space(s), label)
}
