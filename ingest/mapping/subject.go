package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/mocban"
	"mocban/vocab/skos"
)

// subject maps 600 to 662 but 653: what the work is about. Names are the agents that other
// fields speak of; topics, events and times are concepts of their scheme; places are places.
// A heading with subdivisions is a concept of its own, with the parts as components.
func subject(b *builder, f *field, o *op) {
	scheme := b.scheme(f)
	main := b.subjectHead(f, scheme)
	if main.IsZero() {
		return
	}
	main = b.subdivided(f, scheme, main)
	if f.tag == 655 {
		b.add(b.work, bf.GenreForm, main)
	} else {
		b.add(b.work, bf.Subject, main)
	}
}

// subjectHead returns what the heading without its subdivisions stands for.
func (b *builder) subjectHead(f *field, scheme scheme) graph.Term {
	switch f.tag {
	case 600, 610, 611:
		if f.Has('t') {
			return b.titleKey(b.titleHub(f), f)
		}
		h := b.readHeading(f.Field, f.tag)
		if h.label == "" || b.isNobody(h.label) {
			return graph.Term{}
		}
		return b.agent(h, f)
	case 630:
		return b.titleKey(b.titleHub(f), f)
	case 651:
		return b.place(f, trim(f.Subfield('a')))
	case 662, 752:
		return b.place(f, b.hierarchy(f.Field))
	}
	label := trim(b.join(f.Field, headSubs(f.tag)))
	if label == "" || b.placeholder(f, label) {
		return graph.Term{}
	}
	if !b.hasSubdivisions(f) && b.authorities != nil {
		if t, ok := b.conceptUnder(conceptType(f.tag), scheme, label, f); ok {
			return t
		}
	}
	t := b.concept(conceptType(f.tag), scheme, label)
	if !b.hasSubdivisions(f) {
		b.linksOf(t, f.Field, true)
		b.altConcept(t, f)
	}
	return t
}

// headSubs are the subfields of a topical heading before its subdivisions.
func headSubs(tag int) uint64 {
	if tag == 647 {
		return subMask("acdg")
	}
	return subMask("abcd")
}

// A conceptKind is what a concept is of; concepts of different kinds are different ones.
type conceptKind string

const (
	topic  conceptKind = "topic"
	form   conceptKind = "form"
	period conceptKind = "time"
	event  conceptKind = "event"
)

func conceptType(tag int) conceptKind {
	switch tag {
	case 647:
		return event
	case 648:
		return period
	case 655:
		return form
	}
	return topic
}

// space is part of the identity of concepts of a kind in a scheme.
func (k conceptKind) space(s scheme) string {
	if s.code == "lcsh" && k == topic {
		return "topic lcsh" // as it nearly always is
	}
	return string(k) + " " + s.code
}

func (k conceptKind) class() graph.IRI {
	switch k {
	case form:
		return bf.GenreFormClass
	case period:
		return bf.Temporal
	case event:
		return bf.Event
	}
	return bf.Topic
}

// A scheme is the list of headings that a concept is from.
type scheme struct {
	code string // of MARC: "lcsh"; "" if the record names none
	iri  graph.IRI
	lang string // in which its headings are, if they are in one
}

// scheme returns the scheme that the second indicator or $2 tells.
func (b *builder) scheme(f *field) scheme {
	switch f.Ind2 {
	case '0':
		if f.tag == 655 {
			return b.schemeOf("lcsh")
		}
		return b.schemeOf("lcsh")
	case '1':
		return b.schemeOf("lcshac")
	case '2':
		return b.schemeOf("mesh")
	case '3':
		return b.schemeOf("nal")
	case '5':
		return b.schemeOf("cash")
	case '6':
		return b.schemeOf("rvm")
	}
	return b.schemeOf(strings.ToLower(strings.Trim(f.Subfield('2'), " .")))
}

// schemeOf returns the scheme with a MARC code. Schemes that the Library of Congress does
// not list have an IRI of ours.
func (b *builder) schemeOf(code string) scheme {
	s := scheme{code: code}
	switch code {
	case "":
		return s
	case "lcsh":
		s.iri, s.lang = "http://id.loc.gov/authorities/subjects", "en"
	case "lcshac":
		s.iri, s.lang = "http://id.loc.gov/authorities/childrensSubjects", "en"
	case "lcgft":
		s.iri, s.lang = "http://id.loc.gov/authorities/genreForms", "en"
	case "mesh", "nal", "cash", "fast", "bisacsh", "sears", "agrovoc", "local/fast":
		s.iri, s.lang = ontology.LC+"subjectSchemes/"+graph.IRI(code), "en"
	case "aat", "gmgpc", "rbgenr", "gsafd", "lctgm", "rbbin", "rbpri", "rbprov", "rbpub", "rbpap":
		s.iri, s.lang = ontology.LC+"genreFormSchemes/"+graph.IRI(code), "en"
	case "rvm", "ram", "rameau", "rvmgf", "rvmfast":
		s.iri, s.lang = ontology.LC+"subjectSchemes/"+graph.IRI(code), "fr"
	case "gnd", "swd", "gnd-content", "gnd-carrier":
		s.iri, s.lang = ontology.LC+"subjectSchemes/"+graph.IRI(code), "de"
	default:
		s.iri, _ = b.mintName(concepts, "scheme", code).IRI()
	}
	return s
}

// describeScheme describes a scheme that is ours.
func (b *builder) describeScheme(s scheme) {
	t := s.iri.Term()
	if !strings.HasPrefix(string(s.iri), string(b.m.options.Base)) || !b.describe(t) {
		return
	}
	b.isA(t, skos.ConceptScheme)
	b.isA(t, bf.SourceClass)
	b.label(t, graph.String(s.code))
}

// concept returns the IRI of a concept of a scheme and describes it.
func (b *builder) concept(k conceptKind, s scheme, label string) graph.Term {
	if b.authorities != nil {
		if t, ok := b.conceptUnder(k, s, label, nil); ok {
			return t
		}
	}
	t := b.subdivision(k, s, label)
	b.describeConcept(t, s, label)
	return t
}

func (b *builder) describeConcept(t graph.Term, s scheme, label string) {
	if !b.describeMore(t) {
		return
	}
	b.add(t, skos.PrefLabel, b.conceptName(s, label))
	if s.iri != "" {
		b.add(t, bf.Source, s.iri.Term())
		b.describeScheme(s)
	}
}

// subdivision returns the IRI of a concept and says of it what is needed to show it. There
// are many of them in a record, and more is said where the concept is a heading of its own.
func (b *builder) subdivision(k conceptKind, s scheme, label string) graph.Term {
	t := b.mintName(concepts, k.space(s), label)
	if b.authorities != nil {
		b.said = label
		to, as, own := b.under(concepts, t, nil)
		if as != nil {
			b.describeAs(to, as, own)
			return to
		}
		t = to
	}
	b.describeSubdivision(t, k, s, label)
	return t
}

func (b *builder) describeSubdivision(t graph.Term, k conceptKind, s scheme, label string) {
	if !b.describe(t) {
		return
	}
	b.isA(t, k.class())
	b.isA(t, skos.Concept)
	b.label(t, b.conceptName(s, label))
	if s.iri != "" {
		b.add(t, skos.InScheme, s.iri.Term())
	}
}

// conceptName returns the label of a concept, in the language of its scheme.
func (b *builder) conceptName(s scheme, label string) graph.Term {
	if b.script == "" && s.lang != "" && scriptOf(label) == "Latn" {
		return graph.Text(label, s.lang)
	}
	return b.name(label)
}

// altConcept adds the label of a concept in another script.
func (b *builder) altConcept(t graph.Term, f *field) {
	if f.alt == nil {
		return
	}
	b.inScript(f, func() {
		if label := trim(b.join(f.alt, headSubs(f.tag))); label != "" {
			b.label(t, b.text(label))
			b.add(t, skos.AltLabel, b.text(label))
		}
	})
}

// place returns the IRI of a place and describes it.
func (b *builder) place(f *field, label string) graph.Term {
	if label == "" || b.placeholder(f, label) {
		return graph.Term{}
	}
	if b.authorities != nil && !b.hasSubdivisions(f) {
		b.said = label
		if t, as, _ := b.under(places, b.mintName(places, "", label), f); as != nil {
			b.describeAs(t, as)
			b.linksOf(t, f.Field, false)
			return t
		}
	}
	t := b.placeNamed(label)
	if f.alt != nil && f.tag != 662 && f.tag != 752 {
		b.inScript(f, func() { b.label(t, b.text(trim(f.alt.Subfield('a')))) })
	}
	if !b.hasSubdivisions(f) {
		b.linksOf(t, f.Field, false)
	}
	return t
}

func (b *builder) placeNamed(label string) graph.Term {
	t := b.mintName(places, "", label)
	if b.authorities != nil {
		b.said = label
		to, as, _ := b.under(places, t, nil)
		if as != nil {
			b.describeAs(to, as)
			return to
		}
		t = to
	}
	b.describePlace(t, label)
	return t
}

func (b *builder) describePlace(t graph.Term, label string) {
	if b.describe(t) {
		b.isA(t, bf.PlaceClass)
		b.label(t, b.name(label))
	}
}

// hierarchy returns the parts of 662 or 752, the largest first.
func (b *builder) hierarchy(f *marc.Field) string {
	var parts []string
	for i := range f.Subfields {
		if s := &f.Subfields[i]; strings.IndexByte("abcdfgh", s.Code) >= 0 {
			parts = append(parts, trim(s.Value))
		}
	}
	return strings.Join(parts, "--")
}

// hasSubdivisions tells whether the heading is followed by $v, $x, $y or $z.
func (b *builder) hasSubdivisions(f *field) bool {
	return f.codes&subMask("vxyz") != 0 && f.tag != 662 && f.tag != 752
}

// subdivided returns the concept of a heading with its subdivisions, or main if there are none.
func (b *builder) subdivided(f *field, s scheme, main graph.Term) graph.Term {
	if !b.hasSubdivisions(f) {
		return main
	}
	var text [160]byte
	var nodes [8]graph.Term
	label := append(text[:0], b.headLabel(f)...)
	parts := append(nodes[:0], main)
	for i := range f.Subfields {
		sub := &f.Subfields[i]
		value := trim(sub.Value)
		if value == "" || strings.IndexByte("vxyz", sub.Code) < 0 {
			continue
		}
		label = append(append(label, "--"...), value...)
		switch sub.Code {
		case 'v':
			parts = append(parts, b.subdivision(form, s, value))
		case 'x':
			parts = append(parts, b.subdivision(topic, s, value))
		case 'y':
			parts = append(parts, b.subdivision(period, s, value))
		case 'z':
			parts = append(parts, b.placeNamed(value))
		}
	}
	if len(parts) == 1 {
		return main
	}
	k := topic
	if f.tag == 655 {
		k = form
	}
	whole := b.texts.keep(label)
	if b.authorities != nil {
		if t, ok := b.conceptUnder(k, s, whole, f); ok {
			return t
		}
	}
	t := b.concept(k, s, whole)
	for _, p := range parts {
		b.add(t, mocban.Component, p)
	}
	b.linksOf(t, f.Field, true)
	return t
}

// headLabel returns the heading of a subject without its subdivisions.
func (b *builder) headLabel(f *field) string {
	switch f.tag {
	case 600, 610, 611:
		h := b.readHeading(f.Field, f.tag)
		if h.title != "" {
			return h.label + ". " + h.title
		}
		return h.label
	case 630:
		title, _ := b.readTitle(f.Field, false)
		return title
	case 651:
		return trim(f.Subfield('a'))
	}
	return trim(b.join(f.Field, headSubs(f.tag)))
}

// uncontrolled maps 653: words that are from no list.
func uncontrolled(b *builder, f *field, o *op) {
	for i := range f.Subfields {
		s := &f.Subfields[i]
		word := trim(s.Value)
		if s.Code != 'a' || word == "" || b.placeholder(f, word) {
			continue
		}
		class, p := bf.Topic, bf.Subject
		switch f.Ind2 {
		case '1':
			class = bf.Person
		case '2':
			class = bf.OrganizationClass
		case '3':
			class = bf.Meeting
		case '4':
			class = bf.Temporal
		case '5':
			class = bf.PlaceClass
		case '6':
			class, p = bf.GenreFormClass, bf.GenreForm
		}
		n := b.node(b.work, p, class)
		b.isA(n, bflc.Uncontrolled)
		b.label(n, b.name(word))
	}
}
