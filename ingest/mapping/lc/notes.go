package lc

import (
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// note5 makes a note of the instance (ConvSpec 5XX). Its words: the subfields that make the
// label, and the kind of note.
func note5(c *run, s graph.Term, f *field, o *op, _ int) {
	kind := ""
	if len(o.args) > 1 {
		kind = o.args[1]
	}
	n := c.node(s, bf.Note, bf.NoteClass)
	c.note5Label(n, f, o.args[0])
	if f.six != "" && !strings.Contains(f.six, "-00") {
		c.referenced(f, func(l *field) { c.note5Label(n, l, o.args[0]) })
	}
	if kind != "" {
		c.isA(n, graph.IRI(noteTypes+kind))
	}
	c.noteDetails(n, f)
	c.locators(n, f)
	c.three(n, f)
	c.five(n, f)
}

// note5Label adds the label of a note. That of 588 says what it is.
func (c *run) note5Label(n graph.Term, f *field, codes string) {
	if f.as != 588 {
		c.noteLabel(n, f, codes)
		return
	}
	label := ""
	switch f.ind1 {
	case '0':
		label = "Description based on:"
	case '1':
		label = "Latest issue consulted:"
	}
	c.add(n, rdfs.Label, c.text(f, space(label+" "+f.sub('a'))))
}

// fundings are what the subfields of 536 say.
var fundings = map[byte]string{
	'b': "Contract: ", 'c': "Grant: ", 'd': "", 'e': "Program element: ", 'f': "Project: ", 'g': "Task: ", 'h': "Work unit: ",
}

// noteDetails reads what some notes say besides.
func (c *run) noteDetails(n graph.Term, f *field) {
	for i := range f.subs {
		code, v := f.subs[i].Code, f.subs[i].Value
		number := func(class graph.IRI) {
			c.add(c.node(n, bf.IdentifiedBy, class), rdf.Value, graph.String(chop(v)))
		}
		switch {
		case f.as == 530 && code == 'd':
			number(bf.StockNumber)
		case f.as == 533 && code == 'm', f.as == 534 && code == 'p':
			c.appliesTo(n, v, c.lang(f))
		case f.as == 534 && code == 'x':
			number(bf.Issn)
		case f.as == 534 && code == 'z', f.as == 581 && code == 'z':
			number(bf.Isbn)
		case f.as == 536:
			if what, ok := fundings[code]; ok {
				c.label(n, f, what+v)
			}
		}
	}
}

// policies5 makes a policy on access or use (ConvSpec 506, 540). Its words: the class, and the
// subfields that make the label.
func policies5(c *run, s graph.Term, f *field, o *op, _ int) {
	class := mustIRI(o.args[0])
	if !f.has("a") {
		if f.has("f") {
			c.codedPolicy(s, f, class)
		}
		return
	}
	n := c.node(s, bf.UsageAndAccessPolicy, class)
	c.add(n, rdfs.Label, c.text(f, space(f.join(o.args[1]))))
	for i := range f.subs {
		v := f.subs[i].Value
		switch f.subs[i].Code {
		case 'g':
			if !strings.Contains(v, "-") {
				v = edtf(space(v))
			}
			c.add(n, bf.ValidDate, graph.Literal(v, edtfDT))
		case 'f':
			c.add(n, bf.Qualifier, c.text(f, space(v)))
		}
	}
	c.locators(n, f)
	c.three(n, f)
	c.five(n, f)
}

// codedPolicy makes one of a word of a list alone.
func (c *run) codedPolicy(s graph.Term, f *field, class graph.IRI) {
	iri := allURIs(f, "0")
	n := c.link(s, bf.UsageAndAccessPolicy, c.about(iri), class)
	if iri == "" {
		for i := range f.subs {
			if f.subs[i].Code == '0' {
				c.zero(n, '0', f.subs[i].Value, bf.Identifier)
			}
		}
	}
	c.add(n, bf.Qualifier, c.text(f, space(f.sub('f'))))
	c.two(n, f, "", false)
}

// citation makes a note that a bibliography has the thing (ConvSpec 510).
func citation(c *run, s graph.Term, f *field, _ *op, _ int) {
	n := c.note(s, bf.Note, "refcitation")
	c.add(n, rdfs.Label, c.text(f, space(f.sub('a'))))
	if f.has("b") {
		e := c.node(n, bf.EnumerationAndChronology, bf.EnumerationAndChronologyClass)
		c.add(e, rdfs.Label, graph.String(space(f.sub('b'))))
	}
	if f.has("c") {
		c.add(n, bflc.Citation, graph.String(space(f.sub('c'))))
	}
	c.locators(n, f)
	c.three(n, f)
}

// indexed says that an index covers the work (ConvSpec 510).
func indexed(c *run, s graph.Term, f *field, _ *op, _ int) {
	relation := c.node(s, bf.Relation, bf.RelationClass)
	c.add(relation, bf.Relationship, lc("relationship/indexedin"))
	w := c.node(relation, bf.AssociatedResource, bf.Work)
	for i := range f.subs {
		v := f.subs[i].Value
		switch f.subs[i].Code {
		case 'a':
			c.add(c.node(w, bf.Title, bf.TitleClass), bf.MainTitle, c.text(f, chop(v)))
		case 'b':
			c.label(c.note(w, bf.Note, "coverage"), f, v)
		case 'c':
			c.label(c.note(w, bf.Note, "loc"), f, v)
		case 'x':
			c.issn(w, v)
		}
	}
	c.locators(w, f)
	c.three(relation, f)
}

// relationNote makes a note on how works are related (ConvSpec 580), unless a field that
// links to them takes it.
func relationNote(c *run, s graph.Term, f *field, _ *op, _ int) {
	text := f.sub('a')
	linked := func(tag int, ind2 string) bool {
		return c.all(tag, func(o *field) bool { return strings.IndexByte(ind2, o.ind2) >= 0 })
	}
	notes, later := 0, false
	c.all(580, func(o *field) bool {
		notes++
		later = later || o.pos > f.pos
		return false
	})
	switch {
	case strings.Contains(text, "bsorbed by") && linked(785, "45"):
	case strings.Contains(text, "ontinued by") && linked(785, "08"):
	case (notes == 1 || later) && (linked(780, "4") || linked(785, "67")):
	default:
		c.relNote(s, f)
	}
}

func (c *run) relNote(s graph.Term, f *field) {
	n := c.note(s, bf.Note, "relnote")
	say := func(f *field) {
		for i := range f.subs {
			if f.subs[i].Code == 'a' {
				c.add(n, rdfs.Label, c.text(f, f.subs[i].Value))
			}
		}
	}
	say(f)
	if f.six != "" && !strings.Contains(f.six, "-00") {
		c.referenced(f, say)
	}
}
