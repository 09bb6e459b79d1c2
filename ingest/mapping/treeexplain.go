package mapping

import (
	"slices"
	"strings"

	"mocban/ingest/tree"
	"mocban/ontology"
)

// eachElement calls f for each element of a tree with what became of its text and of its
// attributes. Elements with neither, of which no row has made anything, are left out.
func (e *explainer) eachElement(f func(*unit)) {
	for i := range e.trace.elements {
		x := &e.trace.elements[i]
		u := &unit{tag: x.path, element: x.element}
		if p, ok := e.textOf(x); ok {
			u.parts = append(u.parts, p)
		}
		for j := range x.attrs {
			u.parts = append(u.parts, e.attribute(x, &x.attrs[j]))
		}
		if len(u.parts) > 0 {
			f(u)
		}
		if x.skip != nil {
			skipped(x.element, x.path, x.skip, f)
		}
	}
}

// skipped tells of all that stands in an element whose inside is not walked.
func skipped(e *tree.Element, path string, by *treeOp, f func(*unit)) {
	for c := range e.Elements() {
		u := &unit{tag: path + "/" + c.Name, element: c}
		if text := c.OwnText(); text != "" {
			u.parts = append(u.parts, outcome{value: text, sub: -1, state: Ignored, rows: []*ontology.Row{by.row}})
		}
		for _, a := range c.Attrs {
			if a.Value != "" {
				u.parts = append(u.parts, outcome{code: "@" + a.Name, value: a.Value, sub: -1, state: Ignored, rows: []*ontology.Row{by.row}})
			}
		}
		if len(u.parts) > 0 {
			f(u)
		}
		skipped(c, u.tag, by, f)
	}
}

// textOf tells what became of the text of an element; ok is false if there is none, and nothing
// was made of the element.
func (e *explainer) textOf(x *walked) (p outcome, ok bool) {
	p = outcome{value: x.element.OwnText(), sub: -1, state: Unmapped}
	for _, o := range x.rows {
		if p.value == "" || !o.bind { // which reads none of the text
			e.weigh(&p, o, e.rowMade(x.element, o, ""))
		}
	}
	if p.value == "" {
		return p, p.state == Mapped
	}
	if p.rows == nil {
		e.readAround(&p, x)
	}
	p.switchedOff(x, "")
	return p, true
}

// switchedOff names the rows that have switched off what would read a part.
func (p *outcome) switchedOff(x *walked, attr string) {
	for _, o := range x.off {
		if p.state == Unmapped && o.pattern.attr == attr {
			p.rows = append(p.rows, o.row)
		}
	}
}

// attribute tells what became of an attribute.
func (e *explainer) attribute(x *walked, a *walkedAttr) outcome {
	p := outcome{code: "@" + a.name, value: a.value, sub: -1, state: Unmapped}
	for _, o := range a.rows {
		// A row that tests an attribute, or whose process reads it, has used it if it made
		// anything of the element.
		e.weigh(&p, o, e.rowMade(x.element, o, o.pattern.attr))
	}
	if p.rows == nil {
		e.readAround(&p, x)
	}
	if p.state == Unmapped && a.own {
		p.state, p.own = Ignored, true
	}
	p.switchedOff(x, a.name)
	return p
}

// readAround fills in what rows for elements around do with a part that no row of its own
// reads.
func (e *explainer) readAround(p *outcome, x *walked) {
	if o := x.claim; o != nil {
		e.sort()
		e.weigh(p, o, e.rows[o.row])
	} else if o := x.quiet; o != nil {
		e.weigh(p, o, false)
	}
}

// weigh adds a row that reads a part.
func (e *explainer) weigh(p *outcome, o *treeOp, made bool) {
	state := Nothing
	switch {
	case o.ignore, o.skip, o.quiet:
		state = Ignored
	case made:
		state = Mapped
	}
	if !slices.Contains(p.rows, o.row) {
		p.rows = append(p.rows, o.row)
	}
	if slices.Index(States, state) < slices.Index(States, p.state) {
		p.state = state
	}
}

// rowMade tells whether a row has made anything of an element, or of an attribute of it.
func (e *explainer) rowMade(x *tree.Element, o *treeOp, attr string) bool {
	return slices.ContainsFunc(e.madeOfElement(x), func(m made) bool { return m.cause.row == o.row && m.cause.attr == attr })
}

// madeOfElement returns what rows have made of an element itself.
func (e *explainer) madeOfElement(x *tree.Element) []made {
	e.sort()
	return e.of[x]
}

// sort sorts what was made by elements and by rows, once.
func (e *explainer) sort() {
	if e.of != nil {
		return
	}
	e.of, e.rows = map[*tree.Element][]made{}, map[*ontology.Row]bool{}
	for _, m := range e.trace.made {
		if c := &m.cause; c.element != nil {
			e.of[c.element] = append(e.of[c.element], m)
			e.rows[c.row] = true
		}
	}
}

// partName writes the code of a part for people.
func partName(f *FieldExplained, p *PartExplained) string {
	switch {
	case f.Indicators != "":
		return "$" + p.Code
	case p.Code == "", strings.HasPrefix(p.Code, "@"):
		return p.Code
	}
	return "/" + p.Code
}
