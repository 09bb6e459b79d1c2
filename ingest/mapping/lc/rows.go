package lc

import (
	"errors"
	"fmt"
	"strings"

	"mocban/graph"
	"mocban/ontology"
	"mocban/vocab/rdf"
)

// A mode is what a row speaks of.
type mode byte

const (
	adminMode mode = iota
	workMode
	instanceMode
	itemMode
	hasItemMode
)

var modeLetters = map[string]mode{"R": adminMode, "W": workMode, "I": instanceMode, "T": itemMode, "H": hasItemMode}

// A plan is the tables of rows, compiled: the rows of a tag, for each mode.
type plan struct{ modes [5][1000][]*op }

// An op is one row, and those below it that speak of the node it makes.
type op struct {
	row        *ontology.Row
	ind1, ind2 *[256]bool // the indicators it is for; nil for all
	when       []condition
	subs       string // the subfields it reads
	current    bool   // it reads the one that the row above is at
	steps      []step
	value      value
	process    processFunc
	args       []string
	children   []*op
}

// A step is a step of a path.
type step struct {
	property graph.IRI
	node     bool
	is       graph.IRI
	classes  []graph.IRI
	facts    []ontology.Fact
}

type condition func(c *run, f *field, at int) bool

// A processFunc does what a row cannot say. s is the node that the row speaks of; at is the
// place of the subfield that it is about, or -1.
type processFunc func(c *run, s graph.Term, f *field, o *op, at int)

func compile() (*plan, error) {
	tables, err := ontology.LCRows()
	if err != nil {
		return nil, err
	}
	p := &plan{}
	for _, t := range tables {
		if err := p.table(t); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *plan) table(t *ontology.Table) error {
	var above [3]*op // the last row of each depth
	for i := range t.Rows {
		r := &t.Rows[i]
		o, err := compileRow(r)
		if err != nil {
			return err
		}
		depth := strings.Count(r.Cell("node"), ".")
		if tags := r.Cell("tag"); tags != "" {
			m, ok := modeLetters[r.Cell("node")]
			if !ok {
				return r.Error("node", fmt.Errorf("%q: W, I, R, T or H is expected", r.Cell("node")))
			}
			for tag := range strings.FieldsSeq(tags) {
				n := tagNumber(tag)
				if n < 10 {
					return r.Error("tag", fmt.Errorf("%q is no tag of a data field", tag))
				}
				p.modes[m][n] = append(p.modes[m][n], o)
			}
			above = [3]*op{o}
			continue
		}
		if depth < 1 || depth > 2 || above[depth-1] == nil || !above[depth-1].value.node {
			return r.Error("node", errors.New("a . speaks of the node of the row above that has a tag, .. of that of a . row; there is none"))
		}
		above[depth-1].children = append(above[depth-1].children, o)
		above[depth] = o
	}
	return nil
}

func compileRow(r *ontology.Row) (*op, error) {
	o := &op{row: r, ind1: indicators(r.Cell("ind1")), ind2: indicators(r.Cell("ind2")), subs: r.Cell("sub")}
	if o.subs == "." {
		o.subs, o.current = "", true
	}
	for _, c := range o.subs {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9') {
			return nil, r.Error("sub", fmt.Errorf("%q is no code of a subfield", c))
		}
	}
	for test := range strings.FieldsSeq(r.Cell("when")) {
		c, err := parseCondition(test)
		if err != nil {
			return nil, r.Error("when", err)
		}
		o.when = append(o.when, c)
	}
	cell := r.Cell("value")
	if name, ok := strings.CutPrefix(cell, "@"); ok {
		words := strings.Fields(name)
		if o.process = processes[words[0]]; o.process == nil {
			return nil, r.Error("value", fmt.Errorf("there is no process @%s", words[0]))
		}
		o.args = words[1:]
		return o, nil
	}
	if err := o.value.parse(cell); err != nil {
		return nil, r.Error("value", err)
	}
	path, err := ontology.ParsePath(r.Cell("path"))
	if err != nil {
		return nil, r.Error("path", err)
	}
	if path[len(path)-1].Node != o.value.node {
		return nil, r.Error("path", errors.New("it must end in brackets if the value is node, and only then"))
	}
	for _, s := range path {
		o.steps = append(o.steps, step{property: s.Property, node: s.Node, is: s.Is, classes: s.Classes, facts: s.Facts})
	}
	return o, nil
}

// indicators reads a cell: the characters that an indicator may be, # being a blank and ~ one
// that is not there, or, behind a !, must not be.
func indicators(cell string) *[256]bool {
	if cell == "" {
		return nil
	}
	cell, not := strings.CutPrefix(cell, "!")
	set := &[256]bool{}
	for i := range set {
		c := byte(i)
		switch c {
		case ' ':
			c = '#'
		case 0:
			c = '~'
		case '#', '~':
			c = 0xFF
		}
		set[i] = strings.IndexByte(cell, c) >= 0 != not
	}
	return set
}

// parseCondition reads one test of the column when; with ! in front it is the opposite:
//
//	with:ab without:ab  the field has, or lacks, a subfield of these
//	has:245 lacks:247   the record has, or lacks, a field with the tag
//	two:doi             $2 is this
//	starless:a          the first $a has no *** in it
//	oclc                the first $a speaks of OCoLC
//	ind1:# ind2:#       an indicator is this
//	at:m                the subfield that the row is about has this code
//	regular             the field is no 880
//	own                 the field is no 880 that has a partner
//	single              the same of fields that link to other works; one that goes on the
//	                    pair before it is left out
//	primary             the record does not belong to the work of another
func parseCondition(test string) (condition, error) {
	if rest, not := strings.CutPrefix(test, "!"); not {
		c, err := parseCondition(rest)
		return func(r *run, f *field, at int) bool { return !c(r, f, at) }, err
	}
	name, arg, _ := strings.Cut(test, ":")
	switch name {
	case "with":
		return func(_ *run, f *field, _ int) bool { return f.has(arg) }, nil
	case "without":
		return func(_ *run, f *field, _ int) bool { return !f.has(arg) }, nil
	case "has", "lacks":
		tag, want := tagNumber(arg), name == "has"
		if tag < 0 {
			return nil, fmt.Errorf("%q is no tag", arg)
		}
		return func(c *run, _ *field, _ int) bool { return c.is(tag) == want }, nil
	case "two":
		return func(_ *run, f *field, _ int) bool { return f.holds('2', arg) }, nil
	case "starless":
		return func(_ *run, f *field, _ int) bool { return !strings.Contains(f.sub(arg[0]), "***") }, nil
	case "oclc":
		return func(_ *run, f *field, _ int) bool { return strings.Contains(f.sub('a'), "OCoLC") }, nil
	case "ind1":
		set := indicators(arg)
		return func(_ *run, f *field, _ int) bool { return set[f.ind1] }, nil
	case "ind2":
		set := indicators(arg)
		return func(_ *run, f *field, _ int) bool { return set[f.ind2] }, nil
	case "at":
		return func(_ *run, f *field, at int) bool { return at >= 0 && strings.IndexByte(arg, f.subs[at].Code) >= 0 }, nil
	case "regular":
		return func(_ *run, f *field, _ int) bool { return f.tag != 880 }, nil
	case "own":
		return func(_ *run, f *field, _ int) bool { return f.tag != 880 || part(f.six, 3, 3) == "-00" }, nil
	case "single":
		return func(c *run, f *field, _ int) bool { return c.single(f) }, nil
	case "primary":
		return func(c *run, _ *field, _ int) bool { return c.kind != secondary }, nil
	}
	return nil, fmt.Errorf("%q is no test", test)
}

// run does what a row says of a field. s is the node it speaks of, at the subfield that the
// row above is at.
func (o *op) run(c *run, s graph.Term, f *field, at int) {
	if o.ind1 != nil && !o.ind1[f.ind1] || o.ind2 != nil && !o.ind2[f.ind2] {
		return
	}
	for _, test := range o.when {
		if !test(c, f, at) {
			return
		}
	}
	if c.watch == nil {
		o.does(c, s, f, at)
		return
	}
	outer := c.cause
	c.because(Cause{Row: o.row, Field: f.at})
	o.does(c, s, f, at)
	c.because(outer)
}

// does does what a row says, which is for the field.
func (o *op) does(c *run, s graph.Term, f *field, at int) {
	if o.process != nil {
		if o.subs == "" {
			o.process(c, s, f, o, at)
			return
		}
		for i := range f.subs {
			if strings.IndexByte(o.subs, f.subs[i].Code) >= 0 {
				o.process(c, s, f, o, i)
			}
		}
		return
	}
	if o.value.node {
		o.nodes(c, s, f, at)
		return
	}
	o.value.each(c, f, o, at, func(v graph.Term) { o.put(c, s, v) })
}

// nodes makes the nodes that a row makes, and what is said of them.
func (o *op) nodes(c *run, s graph.Term, f *field, at int) {
	if o.subs == "" {
		o.one(c, s, f, at)
		return
	}
	for i := range f.subs {
		if strings.IndexByte(o.subs, f.subs[i].Code) >= 0 {
			o.one(c, s, f, i)
		}
	}
}

func (o *op) one(c *run, s graph.Term, f *field, at int) {
	n := o.walk(c, s, o.value.identity(c, f, at))
	for _, child := range o.children {
		child.run(c, n, f, at)
	}
}

// put adds a value at the end of the path.
func (o *op) put(c *run, s graph.Term, v graph.Term) {
	last := len(o.steps) - 1
	for i := range o.steps[:last] {
		s = o.steps[i].take(c, s, graph.Term{})
	}
	c.add(s, o.steps[last].property, v)
}

// walk makes the nodes of a path, the last of them with an identity.
func (o *op) walk(c *run, s, identity graph.Term) graph.Term {
	last := len(o.steps) - 1
	for i := range o.steps[:last] {
		s = o.steps[i].take(c, s, graph.Term{})
	}
	return o.steps[last].take(c, s, identity)
}

func (st *step) take(c *run, s, n graph.Term) graph.Term {
	switch {
	case st.is != "":
		n = st.is.Term()
	case n.IsZero():
		n = c.sink.Blank()
	}
	for _, class := range st.classes {
		c.add(n, rdf.Type, class.Term())
	}
	for _, fact := range st.facts {
		c.add(n, fact.Property, fact.Value)
	}
	c.add(s, st.property, n)
	return n
}
