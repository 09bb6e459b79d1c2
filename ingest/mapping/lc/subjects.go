package lc

import (
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/madsrdf"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

const subjectSchemes = vocabulary + "subjectSchemes/"

// A scheme is the list that a subject is from: by the second indicator, or by $2.
type scheme struct {
	f    *field
	uri  string // by the indicator
	mads string // the same as a scheme of authorities
	two  bool   // $2 counts
	stem string // what begins the IRI made of $2
}

// schemes are those that the second indicator names (ConvSpec subjectThesaurus).
var schemes = map[byte]scheme{
	'0': {uri: "http://id.loc.gov/authorities/subjects", mads: "http://id.loc.gov/authorities/subjects"},
	'1': {uri: "http://id.loc.gov/authorities/childrensSubjects", mads: "http://id.loc.gov/authorities/childrensSubjects"},
	'2': {uri: subjectSchemes + "mesh"},
	'3': {uri: subjectSchemes + "nal"},
	'5': {uri: subjectSchemes + "cash"},
	'6': {uri: subjectSchemes + "rvm"},
}

func schemeOf(f *field, stem string) *scheme {
	s := schemes[f.ind2]
	s.f, s.stem = f, stem
	s.two = s.uri == "" && (f.ind2 == '4' || f.ind2 == '7')
	return &s
}

// of says that a thing is from the scheme.
func (s *scheme) of(c *run, n graph.Term) {
	if s.uri != "" {
		c.add(n, bf.Source, graph.IRI(s.uri).Term())
	} else if s.two {
		c.two(n, s.f, s.stem, false)
	}
}

// says tells whether the scheme is told by text: a thing that is only pointed at says nothing.
func (s *scheme) says(f *field) bool {
	if s.uri != "" || !s.two {
		return false
	}
	for i := range f.subs {
		if f.subs[i].Code == '2' && f.subs[i].Value != "" && !strings.Contains(s.stem+normalCode(f.subs[i].Value, false), "/fast") {
			return true
		}
	}
	return false
}

// member says in which scheme of authorities a thing is.
func (s *scheme) member(c *run, n graph.Term) {
	if s.mads != "" {
		c.add(n, madsrdf.IsMemberOfMADSScheme, graph.IRI(s.mads).Term())
	}
}

const subdivisions = "vxyz"

// subdivided returns a heading with its subdivisions, two hyphens before each.
func (f *field) subdivided(heading string) string {
	var b strings.Builder
	b.WriteString(heading)
	for i := range f.subs {
		if strings.IndexByte(subdivisions, f.subs[i].Code) >= 0 {
			b.WriteString("--")
			b.WriteString(f.subs[i].Value)
		}
	}
	return b.String()
}

// nameClass returns the class of the authority of a 600 to 611.
func nameClass(f *field) graph.IRI {
	switch {
	case f.as == 610:
		return madsrdf.CorporateName
	case f.as == 611:
		return madsrdf.ConferenceName
	case f.ind1 == '3':
		return madsrdf.FamilyName
	}
	return madsrdf.PersonalName
}

var hyphens = punct{end: "-", lead: ";="}

// nameTitleLabel is what an authority for a name and title is called, with subdivisions.
func (c *run) nameTitleLabel(f *field) string {
	return chopWith(chop(c.nameLabel(f)+" "+f.titleLabel())+"--"+hyphened(f, subdivisions), &hyphens)
}

// nameSubject makes a subject of a name, a name and title, or a string that begins with one
// (ConvSpec 600, 610, 611).
func nameSubject(c *run, s graph.Term, f *field, _ *op, _ int) {
	agent := c.agentURI(f)
	hubIRI := c.orMinted(f.uri(hubEntity), "#Hub", f)
	from := schemeOf(f, subjectSchemes)
	complex, title := f.has(subdivisions), f.has("t")
	name := nameClass(f)
	label := c.nameTitleLabel(f)
	if !complex {
		if title {
			c.add(s, bf.Subject, c.subjectHub(f, hubIRI, agent, madsrdf.NameTitle, label, from))
		} else {
			c.add(s, bf.Subject, c.agent(f, agent, c.id, name, label, from))
		}
		return
	}
	topic := c.ref(c.orMinted(f.uri(other), "#Topic", f))
	c.link(s, bf.Subject, topic, bf.Topic, madsrdf.ComplexSubject)
	c.add(topic, madsrdf.AuthoritativeLabel, c.text(f, label))
	if f.six != "" && !strings.Contains(f.six, "-00") {
		c.paired(f, func(l *field) { c.add(topic, madsrdf.AuthoritativeLabel, c.text(l, c.nameTitleLabel(l))) })
	}
	from.member(c, topic)
	from.of(c, topic)
	short := chop(space(c.nameLabel(f) + " " + f.titleLabel()))
	var parts []graph.Term
	if title {
		parts = append(parts, c.subjectHub(f, hubIRI, agent, madsrdf.NameTitle, short, from))
	} else {
		parts = append(parts, c.agent(f, agent, c.id, name, short, from))
	}
	c.components(topic, c.componentsOf(parts, f, subdivisions, nil))
}

// subjectHub describes a name and title as a subject.
func (c *run) subjectHub(f *field, iri, agent string, class graph.IRI, label string, from *scheme) graph.Term {
	n := c.ref(iri)
	c.isA(n, bf.Hub, class)
	if label != "" {
		c.add(n, madsrdf.AuthoritativeLabel, c.text(f, label))
	}
	if f.six != "" && !strings.Contains(f.six, "-00") {
		c.paired(f, func(l *field) {
			text := chopWith(chop(c.nameLabel(l)+" "+l.titleLabel()), &hyphens)
			c.add(n, madsrdf.AuthoritativeLabel, c.text(l, text))
		})
	}
	from.member(c, n)
	if from.says(f) {
		from.of(c, n)
	}
	c.contribution(n, f, agent)
	return n
}

// titleSubject makes a subject of a uniform title (ConvSpec 630).
func titleSubject(c *run, s graph.Term, f *field, _ *op, _ int) {
	hubIRI := c.orMinted(f.uri(hubEntity), "#Hub", f)
	from := schemeOf(f, subjectSchemes)
	label := chopWith(chop(f.titleLabel())+"--"+hyphened(f, subdivisions), &hyphens)
	if !f.has(subdivisions) {
		c.add(s, bf.Subject, c.titleHub(f, hubIRI, label, from))
		return
	}
	topic := c.ref(c.orMinted(f.uri(other), "#Topic", f))
	c.link(s, bf.Subject, topic, bf.Topic, madsrdf.ComplexSubject)
	c.add(topic, madsrdf.AuthoritativeLabel, c.text(f, label))
	from.member(c, topic)
	from.of(c, topic)
	short := chop(space(f.titleLabel()))
	c.components(topic, c.componentsOf([]graph.Term{c.titleHub(f, hubIRI, short, from)}, f, subdivisions, nil))
}

func (c *run) titleHub(f *field, iri, label string, from *scheme) graph.Term {
	n := c.ref(iri)
	c.isA(n, bf.Hub, madsrdf.Title)
	c.add(n, madsrdf.AuthoritativeLabel, graph.String(label))
	from.member(c, n)
	c.unifiedTitle(n, f, "", from)
	return n
}

// componentsOf makes the components of a heading of its subfields.
func (c *run) componentsOf(parts []graph.Term, f *field, codes string, partners []*field) []graph.Term {
	for i := range f.subs {
		if strings.IndexByte(codes, f.subs[i].Code) >= 0 {
			parts = append(parts, c.component(f, f.subs[i], partners))
		}
	}
	return parts
}

// components adds a list of components.
func (c *run) components(n graph.Term, parts []graph.Term) {
	list := graph.IRI(rdf.NS + "nil").Term()
	for i := len(parts) - 1; i >= 0; i-- {
		cell := c.sink.Blank()
		c.add(cell, rdf.First, parts[i])
		c.add(cell, rdf.Rest, list)
		list = cell
	}
	c.add(n, madsrdf.ComponentList, list)
}

// component makes a component of a heading (ConvSpec 6XX, complex subjects).
func (c *run) component(f *field, s marc.Subfield, partners []*field) graph.Term {
	n := c.sink.Blank()
	c.isA(n, componentClass(f.as, s.Code))
	property := madsrdf.AuthoritativeLabel
	if f.as == 656 {
		property = rdfs.Label
	}
	c.add(n, property, c.text(f, chop(s.Value)))
	text := false
	for _, l := range partners {
		for i := range l.subs {
			text = text || l.subs[i].Value != ""
		}
	}
	if !text || s.Code != 'a' && (f.as != 650 || s.Code != 'c' && s.Code != 'd') {
		return n
	}
	for _, l := range partners {
		c.add(n, property, c.text(l, chop(l.sub(s.Code))))
	}
	return n
}

func componentClass(tag int, code byte) graph.IRI {
	switch code {
	case 'v':
		return madsrdf.GenreForm
	case 'x':
		return madsrdf.Topic
	case 'y':
		return madsrdf.Temporal
	case 'z':
		return madsrdf.Geographic
	}
	switch {
	case tag == 647:
		return bf.Event
	case tag == 648, tag == 650 && code == 'd':
		return madsrdf.Temporal
	case tag == 650 && code == 'c', tag == 651:
		return madsrdf.Geographic
	case tag == 650:
		return madsrdf.Topic
	case tag == 655, tag == 656 && code == 'k':
		return madsrdf.GenreForm
	}
	return madsrdf.OccupationClass
}

// A topic is what 647 to 655 become.
type topic struct {
	class graph.IRI // the thing
	mads  graph.IRI // the authority; "" for none
	kind  string    // begins the IRI that is minted
	codes string    // the subfields of the heading before its subdivisions
}

func topicOf(f *field) (t topic) {
	switch f.as {
	case 647:
		t = topic{bf.Event, "", "#Event", "acd"}
	case 648:
		t = topic{bf.Temporal, madsrdf.Temporal, "#Temporal", "a"}
	case 651:
		t = topic{bf.PlaceClass, madsrdf.Geographic, "#Place", "ab"}
	case 655:
		t = topic{bf.GenreFormClass, madsrdf.GenreForm, "#GenreForm", "a"}
	default:
		t = topic{bf.Topic, madsrdf.Topic, "#Topic", "abcd"}
	}
	if f.tag == 880 {
		t.kind = "#Topic"
	}
	if f.has(subdivisions) {
		t.mads = madsrdf.ComplexSubject
		if f.as != 651 || f.has("vxy") {
			t.class = bf.Topic
		}
	}
	return t
}

// heading returns what a subject is called.
func (t *topic) heading(f *field) string {
	h := space(f.join(t.codes))
	if f.as == 647 {
		h = chop(h)
	}
	return f.subdivided(h)
}

var stops = punct{end: ".", lead: ";="}

// subject makes a subject or genre (ConvSpec 647 to 655).
func subject(c *run, s graph.Term, f *field, _ *op, _ int) {
	t := topicOf(f)
	property := bf.Subject
	if f.as == 655 && !f.has(subdivisions) {
		property = bf.GenreForm
	}
	iri, zero, one := "", "", ""
	if t.class == bf.PlaceClass {
		iri, zero = f.uriFrom1(), f.uriFrom0()
	} else {
		iri, one = f.uriFrom0(), f.uriFrom1()
	}
	iri = c.orMinted(iri, t.kind, f)
	n := c.link(s, property, c.ref(iri), t.class)
	if t.mads != "" {
		c.isA(n, t.mads)
	}
	label := c.text(f, chopWith(t.heading(f), &stops))
	c.add(n, rdfs.Label, label)
	c.add(n, madsrdf.AuthoritativeLabel, label)
	partners := c.subjectPartners(f)
	for _, l := range partners {
		end := punct{end: "-.", lead: ";="}
		if f.as == 648 {
			end.end = "-"
		}
		if text := chopWith(t.heading(l), &end); text != "" {
			c.add(n, madsrdf.AuthoritativeLabel, c.text(l, text))
		}
	}
	stem := subjectSchemes
	if f.as == 655 {
		stem = vocabulary + "genreFormSchemes/"
	}
	from := schemeOf(f, stem)
	from.member(c, n)
	if t.mads == madsrdf.ComplexSubject {
		c.subjectComponents(n, f, &t, partners)
	}
	for i := range f.subs {
		if f.subs[i].Code == 'g' {
			c.label(c.node(n, bf.Note, bf.NoteClass), f, f.subs[i].Value)
		}
	}
	from.of(c, n)
	if zero != "" && zero != iri {
		c.add(n, madsrdf.IsIdentifiedByAuthority, c.ref(zero))
	}
	if one != "" && one != iri {
		c.add(n, madsrdf.IdentifiesRWO, c.ref(one))
	}
	for i := range f.subs {
		code, v := f.subs[i].Code, f.subs[i].Value
		if (code == '0' || code == 'w') && !isURI(v) && !strings.Contains(v, "(OCoLC)fst") {
			c.zero(n, code, v, bf.Identifier)
		}
	}
	c.three(n, f)
	c.five(n, f)
	if t.class == bf.Event {
		c.add(n, bflc.MarcKey, graph.String(f.key()))
	}
}

// subjectPartners returns the 880 fields that a subject takes along.
func (c *run) subjectPartners(f *field) (all []*field) {
	if f.six != "" && !strings.Contains(f.six, "-00") {
		c.paired(f, func(l *field) { all = append(all, l) })
	}
	return all
}

// subjectComponents adds the components of a heading with subdivisions.
func (c *run) subjectComponents(n graph.Term, f *field, t *topic, partners []*field) {
	head := func(class graph.IRI, more string, label bool) graph.Term {
		h := c.sink.Blank()
		c.isA(h, class)
		text := graph.String(chop(f.join(t.codes)))
		c.add(h, madsrdf.AuthoritativeLabel, text)
		if label {
			c.add(h, rdfs.Label, text)
		}
		if f.has(more) {
			c.add(h, bflc.MarcKey, graph.String(f.key()))
		}
		return h
	}
	switch f.as {
	case 647:
		c.components(n, c.componentsOf([]graph.Term{head(bf.Event, "cd", true)}, f, subdivisions, nil))
	case 650:
		c.components(n, c.componentsOf([]graph.Term{head(madsrdf.Topic, "bcd", false)}, f, subdivisions, partners))
	case 651:
		c.components(n, c.componentsOf([]graph.Term{head(madsrdf.Geographic, "b", false)}, f, subdivisions, partners))
	default:
		c.components(n, c.componentsOf(nil, f, "a"+subdivisions, partners))
	}
}

// uncontrolled makes a subject of words (ConvSpec 653).
func uncontrolled(c *run, s graph.Term, f *field, _ *op, at int) {
	property, class := bf.Subject, bf.Topic
	switch f.ind2 {
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
		property, class = bf.GenreForm, bf.GenreFormClass
	}
	n := c.link(s, property, c.about(allURIs(f, "0w")), class, bflc.Uncontrolled)
	c.label(n, f, f.subs[at].Value)
	c.five(n, f)
}

// allURIs returns all IRIs in subfields as one text, as the conversion does where it forgot
// to choose.
func allURIs(f *field, codes string) (all string) {
	for i := range f.subs {
		if strings.IndexByte(codes, f.subs[i].Code) >= 0 && isURI(f.subs[i].Value) {
			all += f.subs[i].Value
		}
	}
	return all
}

// hyphened joins subfields with two hyphens behind each.
func hyphened(f *field, codes string) string {
	var b strings.Builder
	for i := range f.subs {
		if strings.IndexByte(codes, f.subs[i].Code) >= 0 {
			b.WriteString(f.subs[i].Value)
			b.WriteString("--")
		}
	}
	return b.String()
}

// occupation makes a subject of an occupation (ConvSpec 656).
func occupation(c *run, s graph.Term, f *field, _ *op, _ int) {
	n := c.link(s, bf.Subject, c.ref(c.orMinted(f.uri(other), "#Topic", f)), bf.Topic, madsrdf.ComplexSubject)
	c.add(n, rdfs.Label, c.text(f, chopWith(hyphened(f, "az"), &hyphens)))
	var partners []*field
	c.paired(f, func(l *field) { partners = append(partners, l) })
	c.components(n, c.componentsOf(nil, f, "ak"+subdivisions, partners))
	c.moreIdentifiers(n, f, true)
	c.two(n, f, "", false)
	c.three(n, f)
}

// moreIdentifiers says what $0 and $w give besides the first IRI.
func (c *run) moreIdentifiers(n graph.Term, f *field, noFast bool) {
	first := true
	for i := range f.subs {
		code, v := f.subs[i].Code, f.subs[i].Value
		switch {
		case code != '0' && code != 'w':
		case !isURI(v):
			if !noFast || !strings.HasPrefix(v, "(OCoLC)fst") {
				c.zero(n, code, v, bf.Identifier)
			}
		default:
			if !first {
				c.zero(n, code, v, bf.Identifier)
			}
			first = false
		}
	}
}

// placeParts are the classes of the parts of a hierarchical place.
var placeParts = map[byte]graph.IRI{
	'a': madsrdf.CountryClass, 'b': madsrdf.StateClass, 'c': madsrdf.County, 'd': madsrdf.CityClass,
	'f': madsrdf.CitySection, 'g': madsrdf.Region, 'h': madsrdf.ExtraterrestrialArea,
}

// hierarchy makes a place of its parts (ConvSpec 662, 752).
func hierarchy(c *run, s graph.Term, f *field, o *op, _ int) {
	const codes = "abcdfgh"
	label := chopWith(hyphened(f, codes), &hyphens)
	var n graph.Term
	if o.args[0] == "subject" {
		n = c.link(s, bf.Subject, c.ref(c.orMinted(f.uri(other), "#Place", f)), bf.PlaceClass, madsrdf.HierarchicalGeographic)
		c.add(n, rdfs.Label, c.text(f, label))
	} else {
		n = c.link(s, bf.Place, c.about(f.uri(other)), bf.PlaceClass, madsrdf.HierarchicalGeographic)
		c.add(n, rdfs.Label, graph.String(label))
	}
	var parts []graph.Term
	for i := range f.subs {
		if class, ok := placeParts[f.subs[i].Code]; ok {
			p := c.sink.Blank()
			c.isA(p, class)
			c.label(p, f, f.subs[i].Value)
			parts = append(parts, p)
		}
	}
	c.components(n, parts)
	c.moreIdentifiers(n, f, false)
	if o.args[0] == "subject" {
		c.two(n, f, subjectSchemes, false)
		return
	}
	c.two(n, f, "", false)
	c.words(f, 'e', c.relationLabel(n, c.id+"#Work"), c.roleLabel(n))
	for i := range f.subs {
		if f.subs[i].Code == '4' {
			r := c.node(n, bf.Relation, bf.RelationClass)
			code := encode(space(part(f.subs[i].Value, 0, 3)))
			c.link(r, bf.Relationship, graph.IRI(relators+code).Term(), bf.RelationshipClass)
			c.add(r, bf.AssociatedResource, c.work)
		}
	}
}
