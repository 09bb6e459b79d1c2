package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/rdf"
)

// hub returns the IRI of the Hub of a title by a creator, who may be missing, and describes
// it. Records that name the same work in any way get the same Hub. What hangs on it has IRIs
// made of its own, so that many records say one thing and not each its own.
func (b *builder) hub(creator graph.Term, title string) graph.Term {
	return b.hubUnder(creator, creator, title, nil)
}

// hubUnder is hub of a field, whose numbers may name an authority record. Named is what the
// name of the creator stands for by itself.
func (b *builder) hubUnder(creator, named graph.Term, title string, f *field) graph.Term {
	t := b.mintName(hubs, creator.Value(), title)
	if b.authorities != nil {
		if creator != named && b.isHead(b.mintName(hubs, named.Value(), title)) {
			t = b.mintName(hubs, named.Value(), title) // an authority record has both so
		}
		b.said = title
		to, as, _ := b.under(hubs, t, f)
		if as != nil {
			b.describeAs(to, as)
			return to
		}
		t = to
	}
	b.describeHub(t, creator, title)
	return t
}

func (b *builder) describeHub(t, creator graph.Term, title string) {
	if !b.describe(t) {
		return
	}
	b.isA(t, bf.Hub)
	name := b.name(title)
	b.label(t, name)
	b.hubTitle(t, name)
	if !creator.IsZero() {
		c := b.part(t, "contribution")
		b.add(t, bf.Contribution, c)
		b.isA(c, bf.ContributionClass)
		b.isA(c, bf.PrimaryContribution)
		b.add(c, bf.Agent, creator)
	}
}

func (b *builder) hubTitle(t, name graph.Term) {
	n := b.part(t, "title")
	b.add(t, bf.Title, n)
	b.isA(n, bf.TitleClass)
	b.add(n, bf.MainTitle, name)
}

// part returns the IRI of a part of the description of a thing that many records name.
func (b *builder) part(t graph.Term, name string) graph.Term {
	b.scratch = append(append(append(b.scratch[:0], t.Value()...), '#'), name...)
	return graph.IRI(b.texts.keep(b.scratch)).Term()
}

// uniform maps 130 and 240: the Hub that the work is an expression of.
func uniform(b *builder, f *field, o *op) {
	title, core := b.readTitle(f.Field, false)
	if core == "" || b.placeholder(f, core) {
		return
	}
	core = skipArticle(core, nonfilingCount(f))
	b.expression(f, core, title)
	b.addKeys(b.work, f, keptSubs)
}

// expression links the work to its Hub. A title with the language of a translation ($l) makes
// the work one.
func (b *builder) expression(f *field, core, title string) {
	creator := b.creator()
	h := b.hubUnder(creator, b.creatorNamed, core, f)
	b.add(b.work, bf.ExpressionOf, h)
	if f.Has('l') {
		b.add(b.work, bf.TranslationOf, h)
	}
	if f.alt != nil && f.tag != 245 {
		b.inScript(f, func() {
			if _, core := b.readTitle(f.alt, false); core != "" {
				b.label(h, b.text(core))
				b.hubTitle(h, b.text(core))
			}
		})
	}
	if title != core {
		b.add(b.work, bflc.Aap, b.name(title))
	}
}

// translated tells whether 041 says that the work is a translation.
func (b *builder) translated() bool {
	f, ok := b.r.Field("041")
	return ok && f.Ind1 == '1' && f.Has('h')
}

// implied maps 245 as a uniform title where there is a main entry and no 240: editions of
// a work under its own title belong to its Hub, too.
func implied(b *builder, f *field, o *op) {
	if b.has(240) || b.has(130) || b.translated() || f.times > 0 {
		return
	}
	creator := b.creator()
	if creator.IsZero() {
		return
	}
	core := b.join(f.Field, subMask("anp"))
	if i := strings.Index(core, " = "); i > 0 {
		core = core[:i]
	}
	core = strings.Trim(skipArticle(trim(core), nonfilingCount(f)), "[] ")
	if core == "" || b.placeholder(f, core) {
		return
	}
	b.expression(f, core, core)
}

// creator returns the agent of the main entry, or the zero term.
func (b *builder) creator() graph.Term {
	if !b.creatorKnown {
		b.creatorKnown = true
		kept := len(b.findings)
		b.creatorTerm = b.mainAgent()
		b.findings = b.findings[:kept] // the main entry is reported where it is mapped
	}
	return b.creatorTerm
}

func (b *builder) mainAgent() graph.Term {
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		tag := tagNumber(f.Tag)
		if tag != 100 && tag != 110 && tag != 111 {
			continue
		}
		people := b.people(&field{Field: f, tag: tag})
		if len(people) == 0 || people[0].label == "" || b.isNobody(people[0].label) {
			return graph.Term{}
		}
		t := b.agentIRI(people[0])
		b.creatorNamed = t
		if b.authorities != nil {
			b.said = people[0].label
			t, _, _ = b.under(agents, t, &field{Field: f, tag: tag})
		}
		return t
	}
	return graph.Term{}
}

// related maps 7XX with $t, and 730: another work that this one is related to.
func related(b *builder, f *field, o *op) {
	h := b.titleHub(f)
	if h.IsZero() {
		return
	}
	n := b.node(b.work, bf.Relation, bf.RelationClass)
	switch {
	case f.Ind2 == '2':
		b.add(n, bf.Relationship, relationship("part"))
	case f.Has('i'):
		r := b.node(n, bf.Relationship, bf.RelationshipClass)
		b.label(r, b.note(trim(f.Subfield('i'))))
	default:
		b.add(n, bf.Relationship, relationship("relatedwork"))
	}
	b.add(n, bf.AssociatedResource, h)
	b.addKeys(n, f, keptSubs)
}

// titleHub returns the Hub of a name-title heading or of a uniform title.
func (b *builder) titleHub(f *field) graph.Term {
	named := f.tag%100 != 30
	var creator, plain graph.Term
	var core string
	if named {
		h := b.readHeading(f.Field, f.tag)
		if core = h.key; core == "" {
			core = h.title
		}
		if h.label != "" && !b.isNobody(h.label) {
			creator, plain = b.agent(h, f), b.agentIRI(h)
		}
	} else {
		_, core = b.readTitle(f.Field, false)
		core = skipArticle(core, nonfilingCount(f))
	}
	if core == "" || b.placeholder(f, core) {
		return graph.Term{}
	}
	numbered := f
	if f.tag/100 == 6 && b.hasSubdivisions(f) {
		numbered = nil // the numbers are of the whole
	}
	t := b.hubUnder(creator, plain, core, numbered)
	b.linksOf(t, f.Field, false)
	if f.alt != nil {
		b.inScript(f, func() {
			if _, alt := b.readTitle(f.alt, named); alt != "" {
				b.label(t, b.text(alt))
				b.hubTitle(t, b.text(alt))
			}
		})
	}
	return t
}

// analytic maps 740: a work in this one that is known by the title on the item only. Many
// works are called "Phụ lục", so it is no Hub.
func analytic(b *builder, f *field, o *op) {
	title := trim(b.join(f.Field, subMask("anp")))
	if title == "" || b.placeholder(f, title) {
		return
	}
	n := b.node(b.work, bf.Relation, bf.RelationClass)
	if f.Ind2 == '2' {
		b.add(n, bf.Relationship, relationship("part"))
	} else {
		b.add(n, bf.Relationship, relationship("relatedwork"))
	}
	w := b.node(n, bf.AssociatedResource, bf.Work)
	b.isA(w, bflc.Uncontrolled)
	b.label(w, b.text(title))
	t := b.node(w, bf.Title, bf.TitleClass)
	b.add(t, bf.MainTitle, b.text(title))
	b.addKeys(n, f, keptSubs)
}

func relationship(name string) graph.Term {
	return graph.IRI("http://id.loc.gov/vocabulary/relationship/" + name).Term()
}

// nonfilingCount returns how many characters at the beginning of a title in a bibliographic
// record do not count. MARC 21 tells that in the first indicator of 130, 630, 730 and 740, and
// in the second of 222, 240, 242, 243, 245, 440 and 830.
func nonfilingCount(f *field) int {
	switch f.tag {
	case 130, 630, 730, 740:
		return int(digit(f.Ind1))
	}
	return int(digit(f.Ind2))
}

// nonfilingHead is nonfilingCount of a heading of an authority record, in which it is always
// the second indicator that tells (130, 430, 530).
func nonfilingHead(f *field) int { return int(digit(f.Ind2)) }

func digit(c byte) byte {
	if c >= '0' && c <= '9' {
		return c - '0'
	}
	return 0
}

// skipArticle leaves out the first n characters of a title, if they end in a blank or a mark,
// and begins the rest with a capital.
func skipArticle(s string, n int) string {
	at := 0
	for range n {
		if at >= len(s) {
			return s
		}
		at++
		for at < len(s) && s[at]&0xC0 == 0x80 {
			at++
		}
	}
	if at == 0 || at >= len(s) || strings.IndexByte(" '-\"[", s[at-1]) < 0 {
		return s
	}
	r, size := utf8.DecodeRuneInString(s[at:])
	if upper := unicode.ToUpper(r); upper != r {
		return string(upper) + s[at+size:]
	}
	return s[at:]
}

// series maps 800 to 830: the series that the work belongs to, as a Hub.
func series(b *builder, f *field, o *op) {
	t := b.titleHub(f)
	if t.IsZero() {
		return
	}
	b.isA(t, bf.Series)
	n := b.node(b.work, bf.Relation, bf.RelationClass)
	b.add(n, bf.Relationship, relationship("series"))
	b.add(n, bf.AssociatedResource, t)
	if v := trim(f.Subfield('v')); v != "" {
		b.add(n, bf.SeriesEnumeration, graph.String(v))
	}
	b.issnOf(t, f)
	b.addKeys(n, f, keptSubs)
}

// untraced maps 490 that no 8XX repeats: the series as it stands on the item.
func untraced(b *builder, f *field, o *op) {
	if f.Ind1 == '1' && (b.has(800) || b.has(810) || b.has(811) || b.has(830)) {
		return
	}
	name := trim(f.Subfield('a'))
	if name == "" || b.placeholder(f, name) {
		return
	}
	n := b.node(b.work, bf.Relation, bf.RelationClass)
	b.add(n, bf.Relationship, relationship("series"))
	s := b.node(n, bf.AssociatedResource, bf.Series)
	b.isA(s, bflc.Uncontrolled)
	b.label(s, b.text(name))
	title := b.node(s, bf.Title, bf.TitleClass)
	b.add(title, bf.MainTitle, b.text(name))
	if f.alt != nil {
		b.inScript(f, func() {
			b.label(s, b.text(trim(f.alt.Subfield('a'))))
		})
	}
	if v := trim(f.Subfield('v')); v != "" {
		b.add(n, bf.SeriesEnumeration, graph.String(v))
	}
	b.issnOf(s, f)
	if f.tag == 440 || f.Has('x') { // the statement does not tell that
		b.addKeys(n, f, keptSubs)
	}
}

// issnOf adds the ISSN of $x, if it is one.
func (b *builder) issnOf(t graph.Term, f *field) {
	if x := b.issn(f, f.Subfield('x')); !x.IsZero() && !b.invalid {
		b.identifier(t, bf.Issn, x)
	}
	b.invalid = false
}

// identifier adds an identifier of a class to a thing. On a thing that many records name it
// has an IRI made of its value.
func (b *builder) identifier(t graph.Term, class graph.IRI, value graph.Term) {
	n := graph.Term{}
	if t.IsIRI() && t != b.work && t != b.instance {
		n = b.part(t, string(appendSegment(nil, strings.ToLower(value.Value()))))
		b.add(t, bf.IdentifiedBy, n)
		b.isA(n, class)
	} else {
		n = b.node(t, bf.IdentifiedBy, class)
	}
	b.add(n, rdf.Value, value)
}

// nowhere is the field of what is not reported.
var nowhere = &field{Field: &marc.Field{}}

// isNobody is nobody without a report.
func (b *builder) isNobody(label string) bool {
	kept := len(b.findings)
	no := b.nobody(nowhere, label)
	b.findings = b.findings[:kept]
	return no
}
