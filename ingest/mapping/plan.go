package mapping

import (
	"fmt"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/ontology"
)

// A plan is the tables of one kind of record, compiled: what to do with a field is found by
// its tag as a number, and with a subfield by its code.
type plan struct {
	kind   string // bib, auth, hold, unimarc
	tags   [1000]*tagPlan
	leader *tagPlan
	off    map[int][]*ontology.Row // rows of an overlay that switch others off, by tag; -1 is the leader
	lost   losses                  // what rows of an overlay have taken away
}

// A tagPlan is what becomes of the fields with one tag.
type tagPlan struct {
	ops    []*op     // in the order of the rows
	bySub  [36][]*op // those that work subfield by subfield
	whole  []*op     // those that take the field as a whole
	fixed  []*op     // those that take positions of a control field
	slots  int       // nodes that rows of the tag share
	prefix []string  // the path to each slot
}

// An op is one row.
type op struct {
	row        *ontology.Row
	ind1, ind2 string // the indicators it is for; "" for all
	subs       uint64 // the subfields it reads, as bits
	from, to   int    // the positions of a control field it reads
	when       []condition
	node       byte // W, I, R, A, or * for the last node of the field
	steps      []step
	value      valueFunc
	arg        string
	join       bool
	each       int // a value holds pieces of this many characters
	process    processFunc
	ignore     bool
}

// A step is a step of a path, ready to be taken.
type step struct {
	property graph.IRI
	node     bool
	fresh    bool // a plus
	slot     int
	classes  []graph.IRI
	facts    []ontology.Fact
}

// A condition tells whether a row is for a field.
type condition func(b *builder, f *field) bool

// A processFunc is one of the processes that are too hard for a row.
type processFunc func(b *builder, f *field, o *op)

// compile makes a plan of tables, for a profile and a version of BIBFRAME. Those of a library,
// whose rows are all for these, come over ours.
func compile(kind string, s scope, overlays []*ontology.Table) (*plan, error) {
	tables, err := ontology.MARC(kind)
	if err != nil {
		return nil, err
	}
	p, err := compileTables(tables, s)
	if err != nil {
		return nil, err
	}
	p.kind = kind
	return p, p.overlay(kind, overlays)
}

func compileTables(tables []*ontology.Table, s scope) (*plan, error) {
	p := &plan{leader: &tagPlan{}}
	for _, t := range tables {
		for i := range t.Rows {
			r := &t.Rows[i]
			if !s.has(r) {
				continue
			}
			if err := p.add(r); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// add compiles a row and puts it under its tags.
func (p *plan) add(r *ontology.Row) error {
	for tag := range strings.FieldsSeq(r.Cell("tag")) {
		numbers, err := expandTag(tag)
		if err != nil {
			return r.Error("tag", err)
		}
		for _, n := range numbers {
			if err := p.addTo(n, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// expandTag returns the tags that a cell means: LDR is -1, 5XX a hundred of them.
func expandTag(tag string) ([]int, error) {
	if tag == "LDR" {
		return []int{-1}, nil
	}
	if len(tag) != 3 {
		return nil, ontology.Wrongf("%q không phải nhãn trường: ba chữ số, X là chữ số bất kỳ, hoặc LDR", "%q is no tag: three digits, X for any, or LDR", tag)
	}
	numbers := []int{0}
	for _, c := range tag {
		var next []int
		for _, n := range numbers {
			switch {
			case c >= '0' && c <= '9':
				next = append(next, n*10+int(c-'0'))
			case c == 'X':
				for d := range 10 {
					next = append(next, n*10+d)
				}
			default:
				return nil, ontology.Wrongf("%q không phải nhãn trường: ba chữ số, X là chữ số bất kỳ, hoặc LDR", "%q is no tag: three digits, X for any, or LDR", tag)
			}
		}
		numbers = next
	}
	return numbers, nil
}

func (p *plan) addTo(tag int, r *ontology.Row) error {
	t := p.at(tag)
	o, err := compileOp(t, r, tag < 10)
	if err != nil {
		return err
	}
	t.ops = append(t.ops, o)
	t.place(o, tag < 10)
	return nil
}

// place puts a row where it is looked for.
func (t *tagPlan) place(o *op, fixed bool) {
	switch {
	case fixed:
		t.fixed = append(t.fixed, o)
	case o.process != nil || o.join:
		t.whole = append(t.whole, o)
	case !o.ignore:
		for i := range t.bySub {
			if o.subs&(1<<i) != 0 {
				t.bySub[i] = append(t.bySub[i], o)
			}
		}
	}
}

// at returns the plan of a tag, -1 for the leader, which is made if it is not there.
func (p *plan) at(tag int) *tagPlan {
	if tag < 0 {
		return p.leader
	}
	if p.tags[tag] == nil {
		p.tags[tag] = &tagPlan{}
	}
	return p.tags[tag]
}

func compileOp(t *tagPlan, r *ontology.Row, fixed bool) (*op, error) {
	o := &op{row: r, ind1: indicator(r.Cell("ind1")), ind2: indicator(r.Cell("ind2"))}
	if err := o.reads(r.Cell("sub"), fixed); err != nil {
		return nil, r.Error("sub", err)
	}
	for test := range strings.FieldsSeq(r.Cell("when")) {
		c, err := parseCondition(test, o)
		if err != nil {
			return nil, r.Error("when", err)
		}
		o.when = append(o.when, c)
	}
	if err := o.makes(r.Cell("value")); err != nil {
		return nil, r.Error("value", err)
	}
	if o.process != nil || o.ignore {
		return o, nil
	}
	switch n := r.Cell("node"); n {
	case "W", "I", "R", "A", "*":
		o.node = n[0]
	default:
		return nil, r.Error("node", ontology.Wrongf("%q: phải là W, I, R, A hoặc *", "%q: W, I, R, A or * is expected", n))
	}
	path, err := ontology.ParsePath(r.Cell("path"))
	if err != nil {
		return nil, r.Error("path", err)
	}
	if path[len(path)-1].Node {
		return nil, r.Error("path", ontology.Wrongf("phải kết thúc bằng thuộc tính nhận giá trị", "it must end in a property for the value"))
	}
	for _, s := range path[:len(path)-1] {
		if !s.Node {
			return nil, r.Error("path", ontology.Wrongf("sau %s còn có bước nữa, nên nó dẫn tới một nút: hãy thêm ngoặc vuông với lớp của nút, như bf:note[bf:Note]",
				"a step follows %s, so it leads to a node: put the class of that in brackets behind it, as in bf:note[bf:Note]", s.Property))
		}
	}
	o.steps = t.steps(path, string(o.node))
	return o, nil
}

// steps numbers the nodes of a path, so that rows with the same beginning share them.
func (t *tagPlan) steps(path ontology.Path, prefix string) []step {
	var steps []step
	for _, s := range path {
		st := step{property: s.Property, node: s.Node, fresh: s.New, classes: s.Classes, facts: s.Facts, slot: -1}
		if s.Node {
			prefix += "/" + string(s.Property) + fmt.Sprint(s.Classes, s.Facts)
			st.slot = t.slot(prefix)
		}
		steps = append(steps, st)
	}
	return steps
}

func (t *tagPlan) slot(prefix string) int {
	for i, p := range t.prefix {
		if p == prefix {
			return i
		}
	}
	t.prefix = append(t.prefix, prefix)
	t.slots = len(t.prefix)
	return t.slots - 1
}

// indicator returns the characters of a cell, in which # is a blank.
func indicator(cell string) string {
	if cell == "*" {
		return ""
	}
	return strings.ReplaceAll(cell, "#", " ")
}

// reads understands the column sub: codes of subfields, or positions of a control field.
func (o *op) reads(cell string, fixed bool) error {
	if !fixed {
		for _, c := range cell {
			i := runeIndex(c)
			if i < 0 {
				return ontology.Wrongf("%q không phải mã trường con; chỉ viết các mã, như a hay ab", "%q is no code of a subfield; write the codes alone, as a or ab", c)
			}
			o.subs |= 1 << i
		}
		return nil
	}
	if cell == "" {
		return nil
	}
	from, to, ranged := strings.Cut(cell, "-")
	var err error
	if o.from, err = strconv.Atoi(from); err != nil || o.from < 0 {
		return ontology.Wrongf("%q không phải vị trí ký tự: 06 hoặc 15-17", "%q are no positions: 06 or 15-17", cell)
	}
	o.to = o.from + 1
	if ranged {
		n, err := strconv.Atoi(to)
		if err != nil || n < o.from {
			return ontology.Wrongf("%q không phải vị trí ký tự: 06 hoặc 15-17", "%q are no positions: 06 or 15-17", cell)
		}
		o.to = n + 1
	}
	return nil
}

// subIndex returns the number of a subfield code: a to z are 0 to 25, digits 26 to 35.
func subIndex(code byte) int {
	switch {
	case code >= 'a' && code <= 'z':
		return int(code - 'a')
	case code >= '0' && code <= '9':
		return int(code-'0') + 26
	}
	return -1
}

// runeIndex is subIndex of a character of a table, which may be any.
func runeIndex(c rune) int {
	if c > 'z' {
		return -1
	}
	return subIndex(byte(c))
}

// makes understands the column value.
func (o *op) makes(cell string) error {
	switch {
	case cell == "ignore":
		o.ignore = true
		return nil
	case strings.HasPrefix(cell, "@"):
		name, arg, _ := strings.Cut(cell[1:], " ")
		o.arg = arg
		var ok bool
		if o.process, ok = processes[name]; !ok {
			return ontology.Wrongf("không có xử lý @%s", "there is no process @%s", name)
		}
		return nil
	case strings.HasPrefix(cell, "="):
		t, err := ontology.ParseTerm(cell[1:])
		if err != nil {
			return err
		}
		o.value = func(*builder, *field, *op, string) graph.Term { return t }
		return nil
	case cell == "":
		return ontology.Wrongf("còn thiếu", "it is missing")
	}
	cell, o.join = strings.CutPrefix(cell, "join:")
	if rest, ok := strings.CutPrefix(cell, "by"); ok && len(rest) > 2 && rest[1] == ':' && rest[0] >= '1' && rest[0] <= '9' {
		o.each, cell = int(rest[0]-'0'), rest[2:]
	}
	name, arg, _ := strings.Cut(cell, ":")
	o.arg = arg
	make, ok := values[name]
	if !ok {
		return ontology.Wrongf("không có cách lấy giá trị nào tên %q", "there is no way to make a value called %q", name)
	}
	f, err := make(arg)
	o.value = f
	return err
}
