package lc

import (
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// single tells whether a field that links to another work makes a relation of its own. An
// 880 does without partner only; of fields that tell of a merger, or of a division, the
// first speaks for those next to it.
func (c *run) single(f *field) bool {
	if f.tag == 880 {
		return strings.Contains(f.six, "-00")
	}
	if f.as == 780 && f.ind2 == '4' || f.as == 785 && (f.ind2 == '6' || f.ind2 == '7') {
		p := c.neighbour(f, -1)
		return p == nil || p.tag != f.tag || p.ind2 != f.ind2
	}
	return true
}

// neighbour returns the data field before or behind a field.
func (c *run) neighbour(f *field, step int) *field {
	at := 0
	for at < len(c.fields) && &c.fields[at] != f {
		at++
	}
	for i := at + step; i >= 0 && i < len(c.fields); i += step {
		if n := &c.fields[i]; n.tag > 9 || n.tag < 0 {
			return n
		}
	}
	return nil
}

// linked makes the relation to the work and instance that a field names (ConvSpec 760 to
// 787). Its word is the relationship.
func linked(c *run, s graph.Term, f *field, o *op, _ int) {
	kind := mustIRI(o.args[0])
	name := strings.TrimPrefix(string(kind), relationships)
	relation := c.node(s, bf.Relation, bf.RelationClass)
	c.linkNote(relation, f, name)
	c.add(relation, bf.Relationship, kind.Term())
	for i := range f.subs {
		if f.subs[i].Code == 'i' {
			c.label(c.node(relation, bf.Relationship, bf.RelationshipClass), f, f.subs[i].Value)
		}
	}
	next := c.neighbour(f, 1)
	same := func(tag int, ind2 byte) bool { return next != nil && next.tag == tag && next.ind2 == ind2 }
	switch {
	case name == "mergedtoform" && same(785, '7'):
		c.add(relation, mergedWith, c.linkedWork(f, f, f.pos, c.pairs(f.as, pairedOccurrence(f))))
		c.add(relation, bf.AssociatedResource, c.linkedWork(next, f, f.pos+1, c.secondPairs(f, next)))
	case name == "mergerof" && same(780, '4'):
		c.add(relation, bf.AssociatedResource, c.linkedWork(f, f, f.pos, c.pairs(f.as, pairedOccurrence(f))))
		c.add(relation, bf.AssociatedResource, c.linkedWork(next, f, f.pos+1, c.secondPairs(f, next)))
	case name == "splitinto" && same(785, '6'):
		c.add(relation, bf.AssociatedResource, c.linkedWork(f, f, f.pos, c.pairs(f.as, pairedOccurrence(f))))
		n := 0
		c.all(785, func(o *field) bool {
			if o.pos > f.pos && o.ind2 == '6' {
				n++
				c.add(relation, bf.AssociatedResource, c.linkedWork(o, f, f.pos+n, c.splitPairs(o)))
			}
			return false
		})
	default:
		c.add(relation, bf.AssociatedResource, c.linkedWork(f, f, f.pos, c.pairs(f.as, pairedOccurrence(f))))
	}
}

// pairs returns the 880 fields of a tag with a number.
func (c *run) pairs(tag int, occurrence string) (all []*field) {
	c.alternate(tag, occurrence, func(l *field) { all = append(all, l) })
	return all
}

// secondPairs returns those of the second field of a merger. The conversion looks for them by
// the number of the first.
func (c *run) secondPairs(f, next *field) []*field {
	occurrence := ""
	if next.six != "" && (f.as == 780 || !strings.Contains(next.six, "-00")) {
		occurrence = f.occurrence
	}
	return c.pairs(f.as, occurrence)
}

// splitPairs returns those of a field of a division, if the one behind it has a $6.
func (c *run) splitPairs(f *field) []*field {
	next := c.neighbour(f, 1)
	if next == nil || next.tag != 785 || next.ind2 != '6' || next.six == "" || strings.Contains(next.six, "-00") {
		return c.pairs(f.as, "")
	}
	return c.pairs(f.as, f.occurrence)
}

// linkNote adds the note of a 580 that tells of the same.
func (c *run) linkNote(relation graph.Term, f *field, name string) {
	if !c.is(580) {
		return
	}
	before := func(tag int) (n int) {
		c.all(tag, func(o *field) bool {
			if o.pos < f.pos {
				n++
			}
			return false
		})
		return n
	}
	note := func(place int, text string) {
		n := 0
		c.all(580, func(o *field) bool {
			if text != "" && !strings.Contains(o.sub('a'), text) {
				return false
			}
			if n == place {
				c.relNote(relation, o)
			}
			n++
			return n > place
		})
	}
	first := c.first(580).sub('a')
	if a, ok := c.value(580, 'a'); ok {
		first = a
	}
	switch name {
	case "mergedtoform":
		if n := before(785); n == 0 || n == 2 {
			note(n/2, "")
		}
	case "mergerof":
		if n := before(780); n == 0 || n == 2 {
			note(n/2, "")
		}
	case "splitinto":
		if before(785) == 0 {
			note(0, "")
		}
	case "absorbedby":
		if strings.Contains(first, "bsorbed by") {
			note(0, "bsorbed by")
		}
	case "continuedby":
		if strings.Contains(first, "ontinued by") {
			note(0, "ontinued by")
		}
	}
}

// linkedWork describes the work that a field names, and its instance. by is the field whose
// place and language count.
func (c *run) linkedWork(f, by *field, place int, pairs []*field) graph.Term {
	w := graph.IRI(c.mintedAt("#Work", by, place)).Term()
	inst := graph.IRI(c.mintedAt("#Instance", by, place)).Term()
	c.isA(w, bf.Work)
	lang, other := c.lang(by), c.langs(pairs)
	c.linkTitle(w, f, by.as, true)
	for i := range f.subs {
		code, v := f.subs[i].Code, f.subs[i].Value
		switch code {
		case 'a':
			n := c.node(w, bf.Contribution, bf.PrimaryContribution)
			a := c.node(n, bf.Agent, bf.AgentClass)
			c.add(a, rdfs.Label, graph.Text(chop(v), lang))
			if p, ok := pairValue(pairs, 'a'); ok {
				c.add(a, rdfs.Label, graph.Text(chop(p), other))
			}
		case 'e':
			c.link(w, bf.Language, graph.IRI(languages+encode(v)).Term(), bf.LanguageClass)
		case 'p':
			t := c.node(w, bf.Title, bf.AbbreviatedTitle)
			c.add(t, bf.MainTitle, graph.Text(v, lang))
			if p, ok := pairValue(pairs, 'p'); ok {
				c.add(t, bf.MainTitle, graph.Text(chop(p), other))
			}
		case 'v':
			c.add(c.node(w, bf.Note, bf.NoteClass), rdfs.Label, graph.Text(chop(v), lang))
		case 'x':
			c.issn(w, v)
		}
	}
	c.three(w, f)
	c.fours(w, f)
	c.link(w, bf.HasInstance, inst, bf.Instance)
	c.linkedInstance(inst, f, by.as)
	c.add(inst, bf.InstanceOf, w)
	return w
}

// pairValue returns the first subfield with a code of the partners.
func pairValue(pairs []*field, code byte) (string, bool) {
	for _, l := range pairs {
		if i := l.index(code); i >= 0 {
			return l.subs[i].Value, true
		}
	}
	return "", false
}

// fours reads $4 as a role.
func (c *run) fours(n graph.Term, f *field) {
	for i := range f.subs {
		if f.subs[i].Code != '4' {
			continue
		}
		if v := f.subs[i].Value; strings.Contains(v, "://") {
			c.link(n, bf.Role, c.ref(v), bf.RoleClass)
		} else {
			c.add(c.node(n, bf.Role, bf.RoleClass), rdfs.Label, graph.String(v))
		}
	}
}

// linkTitle makes the title of the work or the instance that a field names. One without a
// title has that of the record.
func (c *run) linkTitle(n graph.Term, f *field, tag int, work bool) {
	pairs := c.pairs(tag, pairedOccurrence(f))
	own := func() (s string) {
		c.all(245, func(o *field) bool {
			s += o.join("ab")
			return false
		})
		return s
	}
	text := ""
	switch {
	case work && f.has("s"):
		text = f.sub('s')
	case f.has("t"):
		text = f.sub('t')
	default:
		text = own()
	}
	other := ""
	for _, l := range pairs {
		if !l.has("sta") {
			continue
		}
		t, titled := pairValue(pairs, 't')
		_, uniform := pairValue(pairs, 's')
		switch {
		case work && uniform:
			other = f.sub('s')
		case titled:
			other = t
		default:
			other = own()
		}
		break
	}
	if text = chop(text); text == "" {
		return
	}
	t := c.node(n, bf.Title, bf.TitleClass)
	c.add(t, bf.MainTitle, c.text(f, text))
	if other = chop(other); other != "" {
		c.add(t, bf.MainTitle, graph.Text(other, c.langs(pairs)))
	}
	if !work {
		return
	}
	for i := range f.subs {
		if f.subs[i].Code == 'c' {
			c.add(t, bf.Qualifier, c.text(f, chopWith(f.subs[i].Value, &inParens)))
		}
	}
	for _, l := range pairs {
		for i := range l.subs {
			if l.subs[i].Code == 'c' {
				c.add(t, bf.Qualifier, graph.Text(chopWith(l.subs[i].Value, &inParens), c.langs(pairs)))
			}
		}
	}
}

// linkedInstance describes the instance that a field names.
func (c *run) linkedInstance(n graph.Term, f *field, tag int) {
	pairs := c.pairs(tag, pairedOccurrence(f))
	lang := c.langs(pairs)
	c.linkTitle(n, f, tag, false)
	for i := range f.subs {
		code, v := f.subs[i].Code, f.subs[i].Value
		both := func(s graph.Term, p graph.IRI) {
			c.add(s, p, c.text(f, chop(v)))
			if other, ok := pairValue(pairs, code); ok {
				c.add(s, p, graph.Text(chop(other), lang))
			}
		}
		number := func(class graph.IRI) {
			c.add(c.node(n, bf.IdentifiedBy, class), rdf.Value, graph.String(chop(v)))
		}
		switch code {
		case 'b':
			both(n, bf.EditionStatement)
		case 'd':
			both(n, bf.ProvisionActivityStatement)
		case 'f':
			p := c.node(n, bf.ProvisionActivity, bf.ProvisionActivityClass)
			c.link(p, bf.Place, graph.IRI(countries+encode(space(v))).Term(), bf.PlaceClass)
		case 'g':
			both(n, bf.Part)
		case 'h':
			both(c.node(n, bf.Extent, bf.ExtentClass), rdfs.Label)
		case 'j', 'm', 'n', 'q':
			both(c.node(n, bf.Note, bf.NoteClass), rdfs.Label)
		case 'k':
			both(n, bf.SeriesStatement)
		case 'o':
			number(bf.Local)
		case 'r':
			number(bf.ReportNumber)
		case 'u':
			number(bf.Strn)
		case 'y':
			number(bf.Coden)
		case 'z':
			number(bf.Isbn)
		case 'w':
			class := bf.Identifier
			if strings.HasPrefix(v, "(DLC)") {
				class = bf.Lccn
			}
			c.zero(n, 'w', v, class)
		}
	}
	c.three(n, f)
	c.fours(n, f)
}
