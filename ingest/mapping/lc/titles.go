package lc

import (
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// expression makes the hub of a uniform title (ConvSpec 130, 240).
func expression(c *run, s graph.Term, f *field, _ *op, _ int) {
	if c.kind == hub {
		c.unifiedTitle(s, f, "", nil)
		return
	}
	iri := c.orMinted(f.uri(hubEntity), "#Hub", f)
	c.unifiedTitle(c.link(s, bf.ExpressionOf, c.ref(iri), bf.Hub), f, iri, nil)
}

// related makes the related work of a uniform title (ConvSpec 730).
func related(c *run, s graph.Term, f *field, _ *op, _ int) {
	iri := c.orMinted(f.uri(hubEntity), "#Hub", f)
	relation := c.node(s, bf.Relation, bf.RelationClass)
	kind := relation7(f, f.ind2 == '2' && !f.has("i"))
	c.add(relation, bf.Relationship, graph.IRI(kind).Term())
	for i := range f.subs {
		v := f.subs[i].Value
		if f.subs[i].Code == 'i' && v != "is arrangement of" && v != "is translation of" {
			c.label(c.node(relation, bf.Relationship, bf.RelationshipClass), f, v)
		}
	}
	c.unifiedTitle(c.link(relation, bf.AssociatedResource, c.ref(iri), bf.Hub), f, iri, nil)
}

// unifiedTitle describes the hub of a field with a title.
func (c *run) unifiedTitle(n graph.Term, f *field, iri string, from *scheme) {
	if f.has("o") {
		c.isA(n, bf.ArrangementClass)
	}
	if f.as == 240 && c.kind != hub {
		c.hubCreators(n, iri+"-Agent")
	}
	c.hubTitle(n, f)
	c.legalDates(n, f)
	for i := range f.subs {
		v := f.subs[i].Value
		switch f.subs[i].Code {
		case 'f':
			c.add(n, bf.OriginDate, c.text(f, chop(v)))
		case 'l':
			if c.kind != hub || !c.is(377) || f.as != 130 && f.as != 240 {
				c.label(c.node(n, bf.Language, bf.LanguageClass), f, v)
			}
		case 'm':
			c.label(c.node(n, bf.MusicMedium, bf.MusicMediumClass), f, v)
		case 'r':
			c.add(n, bf.MusicKey, c.text(f, chop(v)))
		case 's':
			c.add(n, bf.Version, c.text(f, chop(v)))
		case 'x':
			if f.as/100 == 7 {
				c.issn(n, v)
			}
		}
	}
	if f.as%100 == 30 || f.as == 240 || f.has("t") {
		c.hubIdentifiers(n, f, from)
	}
	c.hubKeys(n, f)
}

func (c *run) issn(n graph.Term, v string) graph.Term {
	id := c.node(n, bf.IdentifiedBy, bf.Issn)
	c.add(id, rdf.Value, graph.String(chop(v)))
	return id
}

// hubCreators says who made the work of a uniform title: the agents of the main entry, under
// a name of the hub.
func (c *run) hubCreators(n graph.Term, agent string) {
	for i := range c.fields {
		f := &c.fields[i]
		if f.tag < 10 || f.as != 100 && f.as != 110 && f.as != 111 || !c.converts(f) {
			continue
		}
		if f.tag == 880 && f.as == 111 {
			continue // no template of the conversion takes one
		}
		c.contribution(n, f, agent)
	}
}

// numberless returns the 880 of a hub: the one with the number of the field, unless that is 00.
func (c *run) hubPartners(f *field, do func(l *field)) {
	if f.occurrence == "00" {
		return
	}
	ref := tagName(f.as) + "-" + f.occurrence
	for _, l := range c.linked {
		if part(l.six, 0, 6) == ref {
			do(l)
		}
	}
}

// titleLabel returns the title in a field.
func (f *field) titleLabel() string {
	const control = "ivwxyz012345678"
	switch f.as % 100 {
	case 0, 10, 11:
		for _, code := range "tk" {
			if i := f.index(byte(code)); i >= 0 {
				return f.subs[i].Value + " " + join(f.subs[i+1:], control, false)
			}
		}
		return ""
	}
	return join(f.subs, control, false)
}

// hubTitle makes the title of a hub.
func (c *run) hubTitle(n graph.Term, f *field) {
	t := c.node(n, bf.Title, bf.TitleClass)
	skip := byte('0')
	switch f.as {
	case 130, 630, 730:
		skip = f.ind1
	case 240, 440, 830:
		skip = f.ind2
	}
	if skip != '0' && skip != ' ' {
		c.add(t, bflc.NonSortNum, c.text(f, string(skip)))
	}
	c.add(t, bf.MainTitle, c.text(f, chop(f.titleLabel())))
	label, lang := "", ""
	c.hubPartners(f, func(l *field) {
		label += l.titleLabel()
		lang += c.lang(l)
	})
	if lang != "" {
		c.add(t, bf.MainTitle, graph.Text(chop(label), lang))
	}
	numbers := f.subs
	if f.as%100 == 11 {
		numbers = f.subfieldsAfter('t')
	}
	for i := range numbers {
		if numbers[i].Code == 'n' {
			c.add(t, bf.PartNumber, c.text(f, chop(numbers[i].Value)))
		}
	}
	for i := range f.subs {
		if f.subs[i].Code == 'p' {
			c.add(t, bf.PartName, c.text(f, chop(f.subs[i].Value)))
		}
	}
}

// legalDates reads the dates of treaties in a uniform title; behind a name they are not read.
func (c *run) legalDates(n graph.Term, f *field) {
	if f.as%100 != 30 && f.as%100 != 40 {
		return
	}
	for i := range f.subs {
		if f.subs[i].Code == 'd' {
			c.add(n, bf.LegalDate, c.text(f, chopWith(f.subs[i].Value, &inParens)))
		}
	}
}

// hubIdentifiers says what the $0 of a title give besides what the hub is called.
func (c *run) hubIdentifiers(n graph.Term, f *field, from *scheme) {
	subs := f.subs
	if f.has("t") {
		subs = f.subfieldsAfter('t')
	}
	first := true
	for i := range subs {
		v := subs[i].Value
		switch {
		case subs[i].Code != '0':
		case !isURI(v):
			c.zero(n, '0', v, bf.Identifier)
		default:
			if !first {
				c.zero(n, '0', v, bf.Identifier)
			}
			first = false
		}
	}
	if from != nil && from.says(f) {
		from.of(c, n)
	} else {
		c.two(n, f, "", false)
	}
	c.three(n, f)
	c.five(n, f)
}

// hubKeys writes the field in one line: a 240 with the main entry before it.
func (c *run) hubKeys(n graph.Term, f *field) {
	lang, partner := "", ""
	c.hubPartners(f, func(l *field) {
		lang += c.lang(l)
		partner += l.key()
	})
	key, other := f.key(), partner
	switch f.as {
	case 240:
		main, mains := "", ""
		for i := range c.fields {
			switch o := &c.fields[i]; {
			case o.name[0] == '1':
				main += o.key()
			case o.tag == 880 && strings.HasPrefix(o.six, "1"):
				mains += o.key()
			}
		}
		key = main + "$t" + after(key, "$a")
		other = mains + "$t" + after(partner, "$a")
	case 100, 110, 111:
		key = before(key, "$k") + "$t" + after(key, "$k")
		other = before(partner, "$k") + "$t" + after(partner, "$k")
	}
	c.add(n, bflc.MarcKey, graph.String(key))
	if lang != "" {
		c.add(n, bflc.MarcKey, graph.Text(other, lang))
	}
}

// title makes the title of the work or the instance (ConvSpec 245), and what else stands in
// the field. A linked 880 is taken along.
func title(c *run, s graph.Term, f *field, o *op, _ int) {
	work := o.args[0] == "work"
	if !work && c.kind == secondary && (c.is(856) || c.is(859)) {
		return
	}
	fields := []*field{f}
	if f.tag == 245 && f.six != "" {
		c.alternate(245, f.occurrence, func(l *field) { fields = append(fields, l) })
	}
	for _, f := range fields {
		if work {
			c.titleDates(s, f)
			continue
		}
		for i := range f.subs {
			if f.subs[i].Code == 'c' {
				c.add(s, bf.ResponsibilityStatement, c.text(f, chop(f.subs[i].Value)))
			}
		}
	}
	t := c.node(s, bf.Title, bf.TitleClass)
	for _, f := range fields {
		c.titleParts(t, f, !work)
	}
}

// titleDates reads dates and versions in the title of a work.
func (c *run) titleDates(s graph.Term, f *field) {
	dated := c.with(46, "k")
	for i := range f.subs {
		v := f.subs[i].Value
		switch code := f.subs[i].Code; {
		case code == 'f' && !dated, code == 'g':
			c.add(s, bf.OriginDate, c.text(f, chopWith(v, &forced)))
		case code == 's':
			c.add(s, bf.Version, c.text(f, chop(v)))
		}
	}
}

var forced = punct{end: endMarks, lead: ";=", force: true}

func (c *run) titleParts(t graph.Term, f *field, subtitle bool) {
	c.nonsort(t, f)
	for i := range f.subs {
		v := f.subs[i].Value
		switch f.subs[i].Code {
		case 'a':
			c.add(t, bf.MainTitle, c.text(f, chop(v)))
		case 'b':
			if subtitle {
				c.add(t, bf.Subtitle, c.text(f, chop(v)))
			}
		case 'n':
			c.add(t, bf.PartNumber, c.text(f, chop(v)))
		case 'p':
			c.add(t, bf.PartName, c.text(f, chop(v)))
		}
	}
}

// nonsort says how many characters are passed over in sorting: the second indicator.
func (c *run) nonsort(t graph.Term, f *field) {
	if f.ind2 != '0' && f.ind2 != ' ' {
		c.add(t, bflc.NonSortNum, c.text(f, string(f.ind2)))
	}
}

func nonsorts(c *run, t graph.Term, f *field, _ *op, _ int) { c.nonsort(t, f) }

// variantKinds are the kinds of variant titles, by the second indicator of 246.
var variantKinds = map[byte]string{'0': "por", '2': "dis", '4': "cov", '5': "atp", '6': "cap", '7': "run", '8': "spi"}

// variant makes a variant title (ConvSpec 246).
func variant(c *run, s graph.Term, f *field, _ *op, _ int) {
	class := bf.VariantTitle
	if f.ind2 == '1' {
		class = bf.ParallelTitle
	}
	t := c.node(s, bf.Title, class)
	if kind, ok := variantKinds[f.ind2]; ok {
		c.isA(t, graph.IRI(vocabulary+"vartitletype/"+kind))
	}
	c.variantParts(t, f)
	if f.six != "" && !strings.Contains(f.six, "-00") {
		c.alternate(246, f.occurrence, func(l *field) { c.variantParts(t, l) })
	}
	c.five(t, f)
}

// former makes a former title (ConvSpec 247), with the note of the 547 that belongs to it.
func former(c *run, s graph.Term, f *field, _ *op, _ int) {
	t := c.node(s, bf.Title, bf.VariantTitle, vocabulary+"vartitletype/for")
	c.variantParts(t, f)
	if f.six != "" && !strings.Contains(f.six, "-00") {
		c.alternate(247, f.occurrence, func(l *field) { c.variantParts(t, l) })
	}
	place, notes := 0, 0
	c.all(247, func(o *field) bool {
		if o.pos < f.pos {
			place++
		}
		return false
	})
	c.all(547, func(o *field) bool {
		if notes == place {
			n := c.node(t, bf.Note, bf.NoteClass)
			c.noteLabel(n, o, "a")
		}
		notes++
		return notes > place
	})
}

// variantParts reads 246 and 247, of which the latter have a qualifier and an ISSN.
func (c *run) variantParts(t graph.Term, f *field) {
	for i := range f.subs {
		v := f.subs[i].Value
		switch code := f.subs[i].Code; {
		case code == 'i' && f.as == 246:
			c.label(c.node(t, bf.Note, bf.NoteClass), f, v)
		case code == 'a':
			c.add(t, bf.MainTitle, c.text(f, chop(v)))
		case code == 'b':
			c.add(t, bf.Subtitle, c.text(f, chop(v)))
		case code == 'f':
			c.add(t, bf.Date, c.text(f, chopWith(v, &forced)))
		case code == 'g' && f.as == 247:
			c.add(t, bf.Qualifier, c.text(f, chopWith(v, &inParens)))
		case code == 'n':
			c.add(t, bf.PartNumber, c.text(f, chop(v)))
		case code == 'p':
			c.add(t, bf.PartName, c.text(f, chop(v)))
		case code == 'x' && f.as == 247:
			c.issn(t, v)
		}
	}
}

// noteLabel adds the label of a note made of subfields, if there is one.
func (c *run) noteLabel(n graph.Term, f *field, codes string) {
	if label := f.join(codes); label != "" {
		c.add(n, rdfs.Label, c.text(f, space(label)))
	}
}
