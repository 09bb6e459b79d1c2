package mapping

import (
	"errors"
	"fmt"
	"strings"

	"mocban/graph"
	"mocban/ingest/tree"
	"mocban/ontology"
)

// A treePlan is the table of one kind of tree, compiled: rows are found by the name of the
// element they are for.
type treePlan struct {
	kind      tree.Kind
	byName    map[string][]*treeOp
	byAttr    map[string][]*treeOp
	languages []*treeOp // rows that tell the language of the content
	slots     tagPlan   // numbers the nodes of all paths
}

// A treeOp is one row, for one of the patterns in its cell.
type treeOp struct {
	row     *ontology.Row
	pattern pattern
	node    byte // W, I, D, R, A, or * for the node that was made for an element around
	steps   []step
	value   treeValue
	process treeProcess
	arg     string
	ignore  bool       // read on purpose, nothing made
	skip    bool       // nothing inside is walked
	quiet   bool       // what is inside is walked, but not reported where no row reads it
	whole   bool       // the text of all that is inside is read
	bind    bool       // the path makes a node, which * means in elements inside
	reads   [][]string // what a process reads below its element
}

// A treeValue makes a term of the text of an element. The zero term says nothing.
type treeValue func(w *walk, s string) graph.Term

// A treeProcess is a process that is too hard for a row.
type treeProcess func(w *walk, e *tree.Element, o *treeOp)

// A pattern tells for which elements a row is: names from the element up, with tests.
//
//	titleInfo/title                  a title in a titleInfo, wherever that stands
//	/title                           a title at the top of the record
//	titleInfo[!@type]/title          where the titleInfo has no attribute type
//	identifier[@type=isbn|isbn13]    where it has one of these
//	name[role]                       where there is an element role inside; ! for none
//	*/@authority                     the attribute of any element; @* is any attribute
//	/@id                             the attribute of the root
type pattern struct {
	steps    []patternStep // the element first, then what is around it
	anchored bool
	root     bool // the root of the record itself
	attr     string
}

type patternStep struct {
	name  string // * for any
	tests []patternTest
}

type patternTest struct {
	not    bool
	attr   bool
	name   string
	values []string // none: it is there
}

func parsePattern(s string) (p pattern, err error) {
	rest, anchored := strings.CutPrefix(s, "/")
	p.anchored = anchored
	for rest != "" {
		end := stepEndOf(rest)
		text := rest[:end]
		rest = strings.TrimPrefix(rest[end:], "/")
		if attr, ok := strings.CutPrefix(text, "@"); ok {
			if rest != "" {
				return p, fmt.Errorf("%q: an attribute stands at the end", s)
			}
			p.attr = attr
			break
		}
		st, err := parsePatternStep(text)
		if err != nil {
			return p, err
		}
		p.steps = append([]patternStep{st}, p.steps...)
	}
	if len(p.steps) == 0 && anchored && p.attr != "" {
		p.root = true
		return p, nil
	}
	if len(p.steps) == 0 {
		return p, fmt.Errorf("%q names no element", s)
	}
	return p, nil
}

// stepEndOf returns where the first step of s ends: at a slash outside brackets.
func stepEndOf(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '[':
			depth++
		case ']':
			depth--
		case '/':
			if depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

func parsePatternStep(s string) (st patternStep, err error) {
	name, rest, ok := strings.Cut(s, "[")
	st.name = name
	if name == "" {
		return st, fmt.Errorf("%q: a name is missing", s)
	}
	for ok {
		var inner string
		var closed bool
		inner, rest, closed = strings.Cut(rest, "]")
		if !closed {
			return st, fmt.Errorf("%q: the bracket is not closed", s)
		}
		t := patternTest{}
		inner, t.not = strings.CutPrefix(inner, "!")
		inner, t.attr = strings.CutPrefix(inner, "@")
		var values string
		var valued bool
		t.name, values, valued = strings.Cut(inner, "=")
		if valued {
			t.values = strings.Split(strings.ToLower(values), "|")
		}
		if t.name == "" {
			return st, fmt.Errorf("%q: a test is empty", s)
		}
		st.tests = append(st.tests, t)
		_, rest, ok = strings.Cut(rest, "[")
	}
	return st, nil
}

// matches tells whether the pattern is for the element at the end of a stack, whose first is
// the root of the record.
func (p *pattern) matches(stack []frame) bool {
	if p.root {
		return len(stack) == 1
	}
	n := len(p.steps)
	if n > len(stack) || p.anchored && n+1 != len(stack) {
		return false
	}
	for i := range p.steps {
		if !p.steps[i].matches(stack[len(stack)-1-i].e) {
			return false
		}
	}
	return true
}

func (s *patternStep) matches(e *tree.Element) bool {
	if s.name != "*" && s.name != e.Name {
		return false
	}
	for i := range s.tests {
		if s.tests[i].holds(e) == s.tests[i].not {
			return false
		}
	}
	return true
}

func (t *patternTest) holds(e *tree.Element) bool {
	if t.attr {
		return e.HasAttr(t.name) && t.has(e.Attr(t.name))
	}
	for c := range e.Named(t.name) {
		if t.values == nil || t.has(c.Value()) {
			return true
		}
	}
	return false
}

func (t *patternTest) has(value string) bool {
	if t.values == nil {
		return true
	}
	value = strings.ToLower(strings.Join(strings.Fields(value), "_"))
	for _, v := range t.values {
		if v == value {
			return true
		}
	}
	return false
}

// compileTree makes a plan of the table of a kind.
func compileTree(kind tree.Kind) (*treePlan, error) {
	p := &treePlan{kind: kind, byName: map[string][]*treeOp{}, byAttr: map[string][]*treeOp{}}
	parts := []tree.Kind{kind}
	if kind == tree.METS { // which wraps the others
		parts = append(parts, tree.MODS, tree.DC)
	}
	for _, part := range parts {
		t, err := ontology.Tree(string(part))
		if err != nil {
			return nil, err
		}
		top := ""
		if part != kind {
			top = string(part)
		}
		for i := range t.Rows {
			if err := p.add(&t.Rows[i], top); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// add compiles a row. What it anchors at the top of a record is looked for inside the element
// called top, if there is one.
func (p *treePlan) add(r *ontology.Row, top string) error {
	cells := strings.Fields(r.Cell("element"))
	if len(cells) == 0 {
		return r.Error("element", errors.New("it is missing"))
	}
	for _, cell := range cells {
		o := &treeOp{row: r}
		var err error
		if o.pattern, err = parsePattern(cell); err != nil {
			return r.Error("element", err)
		}
		if top != "" && o.pattern.anchored {
			o.pattern.anchored = false
			o.pattern.steps = append(o.pattern.steps, patternStep{name: top})
		}
		if err := o.makes(r.Cell("value")); err != nil {
			return r.Error("value", err)
		}
		for path := range strings.FieldsSeq(r.Cell("reads")) {
			o.reads = append(o.reads, strings.Split(path, "/"))
		}
		if err := o.leads(p, r); err != nil {
			return err
		}
		if o.pattern.attr != "" {
			p.byAttr[o.pattern.attr] = append(p.byAttr[o.pattern.attr], o)
		} else {
			name := o.pattern.steps[0].name
			p.byName[name] = append(p.byName[name], o)
			o.whole = readsWhole(r.Cell("value"))
		}
		if strings.HasPrefix(r.Cell("value"), "language") {
			p.languages = append(p.languages, o)
		}
	}
	return nil
}

// readsWhole tells whether a row takes the text of an element with all that is inside.
func readsWhole(value string) bool {
	name, _, _ := strings.Cut(value, " ")
	switch name {
	case "ignore", "skip", "node", "quiet", "@component", "@div", "@file", "@name", "@heading", "@related", "@proxy", "@eacrelated", "@canvas":
		return false
	}
	return value[0] != '='
}

// leads compiles node and path.
func (o *treeOp) leads(p *treePlan, r *ontology.Row) error {
	switch n := r.Cell("node"); n {
	case "W", "I", "D", "R", "A", "*":
		o.node = n[0]
	case "":
	default:
		return r.Error("node", fmt.Errorf("%q: W, I, D, R, A or * is expected", n))
	}
	if o.ignore || o.skip || o.quiet || o.process != nil {
		return nil
	}
	if o.node == 0 {
		return r.Error("node", errors.New("one of W, I, D, R, A and * is expected"))
	}
	path, err := ontology.ParsePath(r.Cell("path"))
	if err != nil {
		return r.Error("path", err)
	}
	if last := path[len(path)-1].Node; last != o.bind {
		return r.Error("path", errors.New("it must end in a property for the value, or in a node if the value is \"node\""))
	}
	o.steps = p.slots.steps(path, string(o.node))
	return nil
}

func (o *treeOp) makes(cell string) error {
	switch {
	case cell == "ignore":
		o.ignore = true
		return nil
	case cell == "skip":
		o.skip = true
		return nil
	case cell == "quiet":
		o.quiet = true
		return nil
	case cell == "node":
		o.bind = true
		return nil
	case strings.HasPrefix(cell, "@"):
		name, arg, _ := strings.Cut(cell[1:], " ")
		o.arg = arg
		var ok bool
		if o.process, ok = treeProcesses[name]; !ok {
			return fmt.Errorf("there is no process @%s", name)
		}
		return nil
	case strings.HasPrefix(cell, "="):
		t, err := ontology.ParseTerm(cell[1:])
		o.value = func(*walk, string) graph.Term { return t }
		return err
	case cell == "":
		return errors.New("it is missing")
	}
	name, arg, _ := strings.Cut(cell, ":")
	make, ok := treeValues[name]
	if !ok {
		return fmt.Errorf("there is no way to make a value called %q", name)
	}
	var err error
	o.value, err = make(arg)
	return err
}
