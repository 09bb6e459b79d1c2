package mapping

import (
	"slices"
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
	off       []*treeOp // rows of a library that switch others off
	lost      losses    // what rows of a library have taken away
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
//	/«Ghi_chú»                       in a sheet, the column with this header, which is no field
//	                                 that we know; _ stands for a blank
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
				return p, ontology.Wrongf("%q: thuộc tính phải đứng cuối", "%q: an attribute stands at the end", s)
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
		return p, ontology.Wrongf("%q không nêu phần tử nào", "%q names no element", s)
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
	if strings.HasPrefix(name, "«") {
		st.name = strings.ReplaceAll(name, "_", " ")
	}
	if name == "" {
		return st, ontology.Wrongf("%q: thiếu tên", "%q: a name is missing", s)
	}
	for ok {
		var inner string
		var closed bool
		inner, rest, closed = strings.Cut(rest, "]")
		if !closed {
			return st, ontology.Wrongf("%q: chưa đóng ngoặc vuông", "%q: the bracket is not closed", s)
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
			return st, ontology.Wrongf("%q: điều kiện trống", "%q: a test is empty", s)
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

// compileTree makes a plan of the table of a kind. Rows of a library come over ours.
func compileTree(kind tree.Kind, overlays []*ontology.Table) (*treePlan, error) {
	p := &treePlan{kind: kind, byName: map[string][]*treeOp{}, byAttr: map[string][]*treeOp{}, lost: losses{}}
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
		if err := p.part(string(part), top, t, overlays); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// part adds the rows of a table, as far as rows of a library leave them, and then these.
func (p *treePlan) part(kind, top string, t *ontology.Table, overlays []*ontology.Table) error {
	own := rowsFor(kind, overlays)
	gone := map[*ontology.Row][]string{} // the patterns that a row of ours loses
	for _, r := range own {
		if d := r.Cell("does"); d != "replace" && d != "off" {
			continue
		}
		if err := p.takes(r, t, gone); err != nil {
			return err
		}
		if r.Cell("does") == "off" {
			if err := p.switchOff(r, top); err != nil {
				return err
			}
		}
	}
	for i := range t.Rows {
		if err := p.add(&t.Rows[i], top, gone[&t.Rows[i]]); err != nil {
			return err
		}
	}
	for _, r := range own {
		if r.Cell("does") == "off" {
			continue
		}
		if err := p.add(r, top, nil); err != nil {
			return err
		}
		if err := soundPath(r); err != nil {
			return err
		}
	}
	return nil
}

// takes notes which patterns of rows of ours a row of a library takes away. That it finds none
// of them is a mistake.
func (p *treePlan) takes(r *ontology.Row, t *ontology.Table, gone map[*ontology.Row][]string) error {
	for cell := range strings.FieldsSeq(r.Cell("element")) {
		found := false
		for i := range t.Rows {
			ours := &t.Rows[i]
			cells := strings.Fields(ours.Cell("element"))
			if !slices.Contains(cells, cell) || r.Cell("does") == "off" && !means(r, ours) {
				continue
			}
			found = true
			if !slices.Contains(gone[ours], cell) {
				gone[ours] = append(gone[ours], cell)
			}
			p.lost.note(ours, r, len(gone[ours]) == len(cells))
		}
		if !found {
			return r.Error("element", ontology.Wrongf("không có quy tắc có sẵn nào ghi đúng %q để thay hoặc tắt (có: %s); để thêm quy tắc mới hãy để trống cột does",
				"there is no row of ours with just %q to replace or switch off (there are: %s); to add a row leave the column does empty", cell, likeness(t, cell)))
		}
	}
	return nil
}

// likeness returns the patterns of a table that are for elements, or attributes, of the same name.
func likeness(t *ontology.Table, cell string) string {
	name := func(cell string) string {
		p, err := parsePattern(cell)
		switch {
		case err != nil:
			return ""
		case p.attr != "":
			return "@" + p.attr
		}
		return p.steps[0].name
	}
	var all []string
	for i := range t.Rows {
		for c := range strings.FieldsSeq(t.Rows[i].Cell("element")) {
			if name(c) == name(cell) && !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
	}
	if all == nil {
		return "–"
	}
	return strings.Join(all, " ")
}

// switchOff remembers a row that switches off rows of ours, to tell of it.
func (p *treePlan) switchOff(r *ontology.Row, top string) error {
	for cell := range strings.FieldsSeq(r.Cell("element")) {
		pattern, err := patternBelow(cell, top)
		if err != nil {
			return r.Error("element", err)
		}
		p.off = append(p.off, &treeOp{row: r, pattern: pattern})
	}
	return nil
}

// patternBelow reads a pattern. What it anchors at the top of a record is looked for inside the
// element called top, if there is one.
func patternBelow(cell, top string) (pattern, error) {
	p, err := parsePattern(cell)
	if err == nil && top != "" && p.anchored {
		p.anchored = false
		p.steps = append(p.steps, patternStep{name: top})
	}
	return p, err
}

// add compiles a row, without some of its patterns.
func (p *treePlan) add(r *ontology.Row, top string, without []string) error {
	cells := strings.Fields(r.Cell("element"))
	if len(cells) == 0 {
		return r.Error("element", ontology.Wrongf("còn thiếu", "it is missing"))
	}
	for _, cell := range cells {
		if slices.Contains(without, cell) {
			continue
		}
		o := &treeOp{row: r}
		var err error
		if o.pattern, err = patternBelow(cell, top); err != nil {
			return r.Error("element", err)
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
	case "ignore", "skip", "node", "quiet", "@component", "@div", "@file", "@name", "@heading", "@related", "@proxy", "@eacrelated", "@canvas", "@range", "@view", "@event", "@actor", "@origin", "@part", "@resp", "@surface", "@unitdate":
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
		return r.Error("node", ontology.Wrongf("%q: phải là W, I, D, R, A hoặc *", "%q: W, I, D, R, A or * is expected", n))
	}
	if o.ignore || o.skip || o.quiet || o.process != nil {
		return nil
	}
	if o.node == 0 {
		return r.Error("node", ontology.Wrongf("còn thiếu: W, I, D, R, A hoặc *", "one of W, I, D, R, A and * is expected"))
	}
	path, err := ontology.ParsePath(r.Cell("path"))
	if err != nil {
		return r.Error("path", err)
	}
	if last := path[len(path)-1].Node; last != o.bind {
		return r.Error("path", ontology.Wrongf("phải kết thúc bằng thuộc tính nhận giá trị, hoặc bằng một nút nếu value là node", "it must end in a property for the value, or in a node if the value is \"node\""))
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
			return ontology.Wrongf("không có xử lý @%s", "there is no process @%s", name)
		}
		return nil
	case strings.HasPrefix(cell, "="):
		t, err := ontology.ParseTerm(cell[1:])
		o.value = func(*walk, string) graph.Term { return t }
		return err
	case cell == "":
		return ontology.Wrongf("còn thiếu", "it is missing")
	}
	name, arg, _ := strings.Cut(cell, ":")
	make, ok := treeValues[name]
	if !ok {
		return ontology.Wrongf("không có cách lấy giá trị nào tên %q", "there is no way to make a value called %q", name)
	}
	var err error
	o.value, err = make(arg)
	return err
}
