package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/dcterms"
	"mocban/vocab/madsrdf"
	"mocban/vocab/mocban"
	"mocban/vocab/owl"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
	"mocban/vocab/schema"
	"mocban/vocab/skos"
	"mocban/vocab/xsd"
)

// established finds the heading of an authority record and makes it the thing that the rows
// speak of. It has the IRI that the same heading has in bibliographic records. ok is false
// if the record has no heading.
func (b *builder) established() (ok bool) {
	h := b.ownField()
	if h == nil {
		return false
	}
	b.because(partHeading, h.Field)
	if p := b.peek(h.Field, h.tag); p != nil {
		h.alt, h.alts = p.field, p.script
	}
	return b.establish(h)
}

// establish makes what a heading stands for the thing of the record.
func (b *builder) establish(h *field) bool {
	s := b.ownScheme()
	_, b.ownHead = b.headingIRI(h, s)
	b.thing = b.headingThing(h, s)
	if b.thing.IsZero() {
		return false
	}
	if b.thing != b.ownHead {
		b.add(b.ownHead, mocban.See, b.thing)
	}
	if b.authorities != nil {
		for _, n := range b.ownNumbers(h.Field) {
			b.add(b.thing, mocban.AuthorityNumber, graph.String(n))
		}
	}
	b.alternate(h)
	return true
}

// ownField returns the heading of an authority record, nil if there is none.
func (b *builder) ownField() *field {
	if b.uAuth {
		return b.uOwnField()
	}
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		if tag := tagNumber(f.Tag); tag >= 100 && tag < 200 {
			return &field{Field: f, tag: tag, codes: codesOf(f)}
		}
	}
	return nil
}

// alternate adds the heading in another script as a variant that is as good as the first.
func (b *builder) alternate(h *field) {
	if h.alt == nil {
		return
	}
	b.inScript(h, func() {
		if label := b.headingLabel(h.alt, h.tag); label != "" {
			b.label(b.thing, b.text(label))
			b.add(b.thing, skos.AltLabel, b.text(label))
		}
	})
}

// ownScheme returns the scheme of an authority record: 008/11, and 040 $f where that says
// another one.
func (b *builder) ownScheme() scheme {
	if b.uAuth {
		return b.uScheme()
	}
	data := b.r.Control("008")
	if len(data) > 11 {
		switch data[11] {
		case 'a':
			return b.schemeOf("lcsh")
		case 'b':
			return b.schemeOf("lcshac")
		case 'c':
			return b.schemeOf("mesh")
		case 'd':
			return b.schemeOf("nal")
		case 'k':
			return b.schemeOf("cash")
		case 'r':
			return b.schemeOf("aat")
		case 's':
			return b.schemeOf("sears")
		case 'v':
			return b.schemeOf("rvm")
		}
	}
	if f, ok := b.r.Field("040"); ok {
		return b.schemeOf(strings.ToLower(strings.TrimSpace(f.Subfield('f'))))
	}
	return scheme{}
}

// headingThing returns what a heading of an authority record stands for, and describes it.
// The last two digits of the tag tell its kind: it may be a heading (1XX), a relative (5XX)
// or the same in another scheme (7XX).
func (b *builder) headingThing(f *field, s scheme) graph.Term {
	last := f.tag % 100
	if f.codes&subMask("vxyz") != 0 && last != 80 && last != 81 && last != 82 && last != 85 {
		bibliographic := *f
		bibliographic.tag = 600 + last
		return b.subdivided(&bibliographic, s, b.headingPart(f, s))
	}
	return b.headingPart(f, s)
}

func (b *builder) headingPart(f *field, s scheme) graph.Term {
	switch last := f.tag % 100; last {
	case 0, 10, 11:
		if f.Has('t') {
			return b.titleHub(f)
		}
		h := b.readHeading(f.Field, f.tag)
		if h.label == "" {
			return graph.Term{}
		}
		return b.agent(h, f)
	case 30:
		_, core := b.readTitle(f.Field, false)
		if core == "" {
			return graph.Term{}
		}
		return b.hub(graph.Term{}, skipArticle(core, nonfilingHead(f)))
	case 51:
		label := trim(f.Subfield('a'))
		if label == "" {
			return graph.Term{}
		}
		return b.placeNamed(label)
	default:
		label := b.headingLabel(f.Field, f.tag)
		if label == "" {
			return graph.Term{}
		}
		return b.concept(conceptType(600+last), s, label)
	}
}

// headingLabel returns a heading as one text, subdivisions and all.
func (b *builder) headingLabel(f *marc.Field, tag int) string {
	switch tag % 100 {
	case 0, 10, 11:
		h := b.readHeading(f, tag)
		if h.title != "" {
			return h.title
		}
		return h.label
	case 30:
		title, _ := b.readTitle(f, false)
		return title
	}
	label := trim(b.join(f, subMask("abcd")))
	for i := range f.Subfields {
		s := &f.Subfields[i]
		if strings.IndexByte("vxyz", s.Code) < 0 {
			continue
		}
		if label != "" {
			label += "--"
		}
		label += trim(s.Value)
	}
	return label
}

// variant maps 4XX: another name for the thing.
func variant(b *builder, f *field, o *op) {
	label := b.headingLabel(f.Field, f.tag)
	if label == "" {
		return
	}
	b.add(b.thing, skos.AltLabel, b.name(label))
	if _, t := b.headingIRI(f, b.ownScheme()); !t.IsZero() && t != b.ownHead {
		b.add(t, mocban.See, b.thing)
	}
	if f.alt != nil {
		b.inScript(f, func() {
			b.add(b.thing, skos.AltLabel, b.text(b.headingLabel(f.alt, f.tag)))
		})
	}
}

// relative maps 5XX: broader, narrower, earlier, later and related things.
func relative(b *builder, f *field, o *op) {
	t := b.headingThing(f, b.ownScheme())
	if t.IsZero() || t == b.thing {
		return
	}
	how := byte(' ')
	if w := f.Subfield('w'); w != "" {
		how = w[0]
	}
	b.add(b.thing, relativeProperty(f.tag%100, how), t)
}

func relativeProperty(last int, how byte) graph.IRI {
	switch {
	case how == 'a':
		return madsrdf.HasEarlierEstablishedForm
	case how == 'b':
		return madsrdf.HasLaterEstablishedForm
	case last == 51 && how == 'g':
		return dcterms.IsPartOf
	case last == 51 && how == 'h':
		return dcterms.HasPart
	case last == 10 && how == 't':
		return madsrdf.HasCorporateParentAuthority
	case last <= 30 || last == 51:
		return dcterms.Relation
	case how == 'g':
		return skos.Broader
	case how == 'h':
		return skos.Narrower
	}
	return skos.Related
}

// equivalent maps 7XX: the same in another scheme. Where that has a language, the thing is
// called so in it.
func equivalent(b *builder, f *field, o *op) {
	s := b.scheme(f)
	t := b.headingThing(f, s)
	if t.IsZero() || t == b.thing {
		return
	}
	if last := f.tag % 100; last <= 30 || last == 51 {
		b.add(b.thing, owl.SameAs, t)
	} else {
		b.add(b.thing, skos.ExactMatch, t)
	}
	if s.lang != "" {
		b.label(b.thing, b.conceptName(s, b.headingLabel(f.Field, f.tag)))
	}
	b.linksOf(t, f.Field, conceptual(f.tag))
}

// conceptual tells whether the things of a tag are concepts.
func conceptual(tag int) bool { last := tag % 100; return last > 30 && last != 51 }

// standard maps 024: the thing in files that all the world knows, and the code of a library.
func standard(b *builder, f *field, o *op) {
	source := strings.ToLower(strings.TrimSpace(f.Subfield('2')))
	number := strings.TrimSpace(f.Subfield('a'))
	linked := false
	for i := range f.Subfields {
		s := &f.Subfields[i]
		if s.Code != '1' && s.Code != '0' {
			continue
		}
		if iri, ok := authorityIRI(strings.TrimSpace(s.Value)); ok {
			b.link(b.thing, iri, b.isConcept())
			linked = true
		}
	}
	iri, ok := asIRI(number)
	if !ok {
		iri, ok = keptIRI(source, number)
	}
	switch {
	case ok && !linked:
		b.link(b.thing, iri, b.isConcept())
	case ok || number == "":
	default:
		n := b.node(b.thing, bf.IdentifiedBy, standardClass(source))
		b.add(n, rdf.Value, graph.String(number))
		b.coded(number, source)
	}
}

func standardClass(source string) graph.IRI {
	switch source {
	case "isni":
		return bf.Isni
	case "doi":
		return bf.Doi
	case "hdl":
		return bf.Hdl
	}
	return bf.Local
}

// coded makes the code by which items name their holder another name of this body.
func (b *builder) coded(code, source string) {
	if !b.has(110) || !strings.Contains(code, "-") || len(code) > 16 || code != strings.ToUpper(code) && source != "isil" {
		return
	}
	t := b.coder(code)
	b.isA(t, bf.AgentClass)
	b.isA(t, bf.OrganizationClass)
	b.add(t, bf.Code, graph.String(code))
	b.add(t, owl.SameAs, b.thing)
	b.add(b.thing, owl.SameAs, t)
	b.add(b.thing, bf.Code, graph.String(code))
	f, ok := b.r.Field("110")
	if !ok {
		return
	}
	b.label(t, b.name(b.headingLabel(f, 110)))
	b.add(t, bf.AdminMetadata, b.graph)
}

func (b *builder) isConcept() bool {
	if b.uAuth {
		h := b.uOwnField()
		return h != nil && conceptual(h.tag)
	}
	for i := range b.r.Fields {
		tag := tagNumber(b.r.Fields[i].Tag)
		if tag >= 100 && tag < 200 {
			return conceptual(tag)
		}
	}
	return false
}

// attribute maps 368, 370, 372 and 374: what a person or body is, does and where it belongs.
// The argument names the property and the subfield; values are concepts of the scheme of $2,
// or places.
func attribute(b *builder, f *field, o *op) {
	what, code, _ := strings.Cut(o.arg, " ")
	s := b.schemeOf(strings.ToLower(strings.TrimSpace(f.Subfield('2'))))
	for i := range f.Subfields {
		sub := &f.Subfields[i]
		value := trim(sub.Value)
		if code == "" || sub.Code != code[0] || value == "" || b.placeholder(f, value) {
			continue
		}
		switch what {
		case "birthPlace":
			b.add(b.thing, madsrdf.BirthPlace, b.placeNamed(value))
		case "deathPlace":
			b.add(b.thing, madsrdf.DeathPlace, b.placeNamed(value))
		case "place":
			b.add(b.thing, madsrdf.AssociatedLocale, b.placeNamed(value))
		case "field":
			b.add(b.thing, madsrdf.FieldOfActivity, b.concept(topic, s, value))
		case "occupation":
			b.add(b.thing, madsrdf.Occupation, b.concept(topic, s, value))
		case "kind":
			b.add(b.thing, madsrdf.EntityDescriptor, b.concept(topic, s, value))
		}
	}
}

// point maps 034 of a place: its coordinates, if they are a point.
func point(b *builder, f *field, o *op) { b.locate(f, degrees) }

// locate tells where a place is, by a field that has its bounds in d to g; decimal makes degrees
// of one of them. A place that is not a point has none of it.
func (b *builder) locate(f *field, decimal func(string) string) {
	west, north := decimal(f.Subfield('d')), decimal(f.Subfield('f'))
	if west == "" || north == "" {
		return
	}
	if east, south := decimal(f.Subfield('e')), decimal(f.Subfield('g')); east != west && east != "" || south != north && south != "" {
		return
	}
	b.add(b.thing, schema.Longitude, graph.Literal(west, xsd.Decimal))
	b.add(b.thing, schema.Latitude, graph.Literal(north, xsd.Decimal))
}

// degrees returns coordinates in decimal degrees without their hemisphere letter: "+21.03",
// "E105.85", "W073.5". Degrees with minutes are left to the text.
func degrees(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	sign := ""
	switch s[0] {
	case 'E', 'N', '+', 'e', 'n':
		s = s[1:]
	case 'W', 'S', '-', 'w', 's':
		s, sign = s[1:], "-"
	}
	whole, fraction, ok := strings.Cut(s, ".")
	if !ok || !isDigits(whole) || !isDigits(fraction) || len(whole) > 3 {
		return ""
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	return sign + whole + "." + fraction
}

// seeAlso maps 856 of an authority record.
func seeAlso(b *builder, f *field, o *op) {
	for i := range f.Subfields {
		if s := &f.Subfields[i]; s.Code == 'u' {
			if t := b.iri(f, s.Value); t.IsIRI() {
				b.add(b.thing, rdfs.SeeAlso, t)
			}
		}
	}
}
