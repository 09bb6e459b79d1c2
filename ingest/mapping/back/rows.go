package back

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/rdf"
)

// A place is a property of the work (W), the instance (I) or the description (R).
type place struct {
	node     byte
	property graph.IRI
}

// A shape is the node that rows of a tag make.
type shape struct {
	tag        string
	ind1, ind2 byte // 0 where the rows say nothing
	classes    []graph.IRI
	facts      []ontology.Fact
	leaves     []*leaf
	with       string      // subfields of which one must have been there
	needs      []graph.IRI // what these would have made
	two        string      // what $2 is, where the class tells that
	kept       string      // the keeper of the number
	line       int         // the row, for the order
}

// A leaf is a row that makes a value.
type leaf struct {
	tag        string
	ind1, ind2 string
	steps      ontology.Path // from the node on
	code       byte
	inverse    inverse
	constant   graph.Term // what the value is, in rows that do not read it from the field
	line       int
}

// A position is a row that reads positions of the leader or of a control field.
type position struct {
	tag      string
	from, to int
	each     int
	is       byte // the letter that the row is for, or 0
	kinds    string
	material string
	node     byte
	path     ontology.Path
	constant graph.Term
	inverse  inverse
	lacks    bool // it stands in for a field that there is not
}

// isDefault tells whether a row of ours is for the profile default, in any version of BIBFRAME.
func isDefault(row *ontology.Row) bool {
	named := false
	for only := range strings.FieldsSeq(row.Cell("profile")) {
		if only == "default" {
			return true
		}
		named = named || !strings.HasPrefix(only, "bf-")
	}
	return !named
}

// table reads rows backwards, those of ours or of a library.
func (m *Maker) table(t *ontology.Table, ours bool) error {
	stars := map[string][]*leaf{}
	made := map[string][]*shape{}
	for i := range t.Rows {
		row := &t.Rows[i]
		if ours && !isDefault(row) {
			continue
		}
		if kind := row.Cell("kind"); kind != "" && kind != "bib" || row.Cell("does") == "off" {
			continue
		}
		value := row.Cell("value")
		if value == "ignore" || strings.HasPrefix(value, "@") || strings.HasSuffix(value, ":key") {
			continue
		}
		path, err := ontology.ParsePath(row.Cell("path"))
		if err != nil {
			return row.Error("path", err)
		}
		for tag := range strings.FieldsSeq(row.Cell("tag")) {
			if tag == "LDR" || strings.HasPrefix(tag, "00") {
				if err := m.position(tag, row, path); err != nil {
					return err
				}
				continue
			}
			if secondary[tag] || secondary[tag+row.Cell("sub")] {
				continue
			}
			l, err := newLeaf(tag, row)
			if err != nil {
				return err
			}
			if l.inverse == nil && l.constant.IsZero() {
				continue
			}
			switch node := row.Cell("node"); {
			case node == "*":
				l.steps = path
				stars[tag] = append(stars[tag], l)
			case !path[0].Node:
				l.steps = path
				at := place{node[0], path[0].Property}
				if m.direct[at] == nil && l.code != 0 {
					m.direct[at] = l
				}
			case tag == "245" && slices.Contains(path[0].Classes, bf.ParallelTitle): // 246 says that
			default:
				s := m.shape(tag, row, node[0], &path[0])
				l.steps = path[1:]
				s.leaves = append(s.leaves, l)
				if !slices.Contains(made[tag], s) {
					made[tag] = append(made[tag], s)
				}
			}
		}
	}
	m.titlesOfWorks()
	for tag, leaves := range stars {
		for _, s := range made[tag] {
			for _, l := range leaves {
				if l.code != 0 && strings.IndexByte(s.with, l.code) >= 0 {
					s.needs = append(s.needs, l.steps[0].Property)
				}
			}
			s.leaves = append(s.leaves, leaves...)
			slices.SortStableFunc(s.leaves, func(a, b *leaf) int { return cmp.Compare(a.line, b.line) })
		}
	}
	return nil
}

// titlesOfWorks lets titles belong to works, too, where the rows have them on instances only.
func (m *Maker) titlesOfWorks() {
	for _, s := range m.shapes[place{'I', bf.Title}] {
		if at := (place{'W', bf.Title}); !slices.ContainsFunc(m.shapes[at], func(o *shape) bool {
			return o == s || o.tag == s.tag && slices.Equal(o.classes, s.classes) && slices.Equal(o.facts, s.facts)
		}) {
			m.shapes[at] = append(m.shapes[at], s)
		}
	}
}

// secondary are the tags, and subfields of tags, whose rows make what those of another tag make, too, and which are
// therefore not read backwards.
var secondary = map[string]bool{
	"254": true, "256": true, "257": true, "440": true, "501": true, "503": true,
	"507": true, "510": true, "547": true, "552": true, "556": true, "562": true, "565": true,
	"567": true, "580": true, "581": true, "092": true, "096": true, "098": true, "099": true,
	"083": true, "055": true, "380": true, "385": true, "532": true, "251": true, "340i": true, "383": true, "384": true,
}

// shape returns the shape of the first step of a path.
func (m *Maker) shape(tag string, row *ontology.Row, node byte, step *ontology.Step) *shape {
	at := place{node, step.Property}
	for _, s := range m.shapes[at] {
		if s.tag == tag && slices.Equal(s.classes, step.Classes) && slices.Equal(s.facts, step.Facts) {
			return s
		}
	}
	s := &shape{tag: tag, ind1: indicator(row.Cell("ind1")), ind2: indicator(row.Cell("ind2")),
		classes: step.Classes, facts: step.Facts, line: row.Line}
	for test := range strings.FieldsSeq(row.Cell("when")) {
		if two, ok := strings.CutPrefix(test, "two:"); ok && !strings.Contains(two, ",") {
			s.two = two
		}
		if with, ok := strings.CutPrefix(test, "with:"); ok {
			s.with = with
		}
		if test == "kept:ocolc" {
			s.kept = "OCoLC"
		}
	}
	m.shapes[at] = append(m.shapes[at], s)
	return s
}

// indicator returns the first character of a cell, in which # is a blank, or 0.
func indicator(cell string) byte {
	switch {
	case cell == "":
		return 0
	case cell[0] == '#':
		return ' '
	}
	return cell[0]
}

func newLeaf(tag string, row *ontology.Row) (*leaf, error) {
	l := &leaf{tag: tag, ind1: row.Cell("ind1"), ind2: row.Cell("ind2"), line: row.Line}
	if sub := row.Cell("sub"); sub != "" {
		l.code = sub[0]
	}
	value := row.Cell("value")
	if c, ok := strings.CutPrefix(value, "="); ok {
		t, err := ontology.ParseTerm(c)
		if err != nil {
			return nil, row.Error("value", err)
		}
		l.constant = t
		return l, nil
	}
	l.inverse, _ = inverseOf(value)
	return l, nil
}

// inverseOf returns what reads a value backwards, and how many characters of the field one
// value is, or 0.
func inverseOf(value string) (f inverse, each int) {
	value = strings.TrimPrefix(value, "join:")
	if rest, ok := strings.CutPrefix(value, "by"); ok && len(rest) > 2 && rest[1] == ':' {
		each, value = int(rest[0]-'0'), rest[2:]
	}
	name, arg, _ := strings.Cut(value, ":")
	if make := inverses[name]; make != nil {
		return make(arg), each
	}
	return nil, each
}

func (m *Maker) position(tag string, row *ontology.Row, path ontology.Path) error {
	p := &position{tag: tag, node: row.Cell("node")[0], path: path}
	from, to, ranged := strings.Cut(row.Cell("sub"), "-")
	if from == "" {
		return nil
	}
	var err error
	if p.from, err = strconv.Atoi(from); err != nil {
		return row.Error("sub", err)
	}
	p.to = p.from + 1
	if ranged {
		if p.to, err = strconv.Atoi(to); err != nil {
			return row.Error("sub", err)
		}
		p.to++
	}
	for test := range strings.FieldsSeq(row.Cell("when")) {
		name, arg, ok := strings.Cut(test, ":")
		switch {
		case !ok:
			p.material = test
		case name == "lacks":
			p.lacks = true
		case name == "is":
			p.is = indicator(arg)
		case name == "kind":
			p.kinds = arg
		}
	}
	value := row.Cell("value")
	if c, ok := strings.CutPrefix(value, "="); ok {
		t, err := ontology.ParseTerm(c)
		if err != nil {
			return row.Error("value", err)
		}
		p.constant = t
	} else if p.inverse, p.each = inverseOf(value); p.inverse == nil {
		return nil
	}
	m.fixed = append(m.fixed, p)
	return nil
}

// rank puts the shapes that say most of a node first.
func (m *Maker) rank() {
	for _, all := range m.shapes {
		slices.SortStableFunc(all, func(a, b *shape) int {
			return cmp.Compare(b.weight(), a.weight())
		})
	}
}

// nodes returns the work, the instance and the descriptions.
func (r *run) nodes(node byte) []graph.Term {
	switch node {
	case 'W':
		return []graph.Term{r.work}
	case 'I':
		return []graph.Term{r.instance}
	}
	return r.admins
}

// tableRows makes fields of what the rows say.
func (r *run) tableRows() {
	for _, node := range []byte{'I', 'W', 'R'} {
		for _, s := range r.nodes(node) {
			if !s.IsZero() {
				r.rowsOf(node, s)
			}
		}
	}
	r.attach()
}

func (r *run) rowsOf(node byte, s graph.Term) {
	for _, i := range r.of(s) {
		if r.used[i] {
			continue
		}
		q := &r.quads[i]
		at := place{node, q.P}
		if q.O.IsLiteral() || len(r.of(q.O)) == 0 || r.isCode(q.O) {
			continue
		}
		if keys := r.trueKeys(q.O); len(keys) > 0 {
			d := r.keyed(keys)
			r.use(d, i)
			r.useAll(d, q.O)
			continue
		}
		if sh := r.choose(q.O, r.m.shapes[at]); sh != nil {
			r.node(i, sh)
		}
	}
	for _, i := range r.of(s) {
		if l := r.m.direct[place{node, r.quads[i].P}]; l != nil && !r.used[i] {
			r.value(i, l)
		}
	}
}

// choose returns the shape that a node has: of those that say most of it the one whose rows
// make most of its properties.
func (r *run) choose(n graph.Term, shapes []*shape) (best *shape) {
	most := -1
	for _, s := range shapes {
		if best != nil && s.weight() < best.weight() {
			break
		}
		if !r.fits(n, s) {
			continue
		}
		covered := 0
		for _, i := range r.of(n) {
			for _, l := range s.leaves {
				if l.steps[0].Property == r.quads[i].P && (l.constant.IsZero() || l.constant == r.quads[i].O) {
					covered++
					break
				}
			}
		}
		if covered > most {
			best, most = s, covered
		}
	}
	return best
}

// weight is how much a shape says of a node.
func (s *shape) weight() int { return len(s.classes) + len(s.facts) }

// isCode tells whether a node is a term of a list of codes, which records describe only so
// that it can be read.
func (r *run) isCode(t graph.Term) bool {
	return t.IsIRI() && strings.HasPrefix(t.Value(), string(ontology.LC))
}

// trueKeys returns the keys of a node, if they say what its label says.
func (r *run) trueKeys(n graph.Term) []*draft {
	keys := r.keys(n)
	if len(keys) == 0 {
		return nil
	}
	for _, i := range r.of(n) {
		q := &r.quads[i]
		if !q.O.IsLiteral() || !slices.Contains(keyedBy, q.P) {
			continue
		}
		if !slices.ContainsFunc(keys, func(k *draft) bool { return k.holds(q.O.Value()) }) {
			return nil
		}
	}
	return keys
}

// keyedBy are the properties whose values a key must hold.
var keyedBy = []graph.IRI{label, rdf.Value, bf.ClassificationPortion, bf.MainTitle, bf.Subtitle, bf.PartNumber, bf.PartName}

func (r *run) fits(n graph.Term, s *shape) bool {
	for _, c := range s.classes {
		if !r.isA(n, c) {
			return false
		}
	}
	for _, f := range s.facts {
		if !r.says(n, f.Property, f.Value) {
			return false
		}
	}
	return len(s.needs) == 0 || slices.ContainsFunc(s.needs, func(p graph.IRI) bool { return !r.first(n, p).IsZero() })
}

// node makes a field of a node.
func (r *run) node(i int32, s *shape) {
	n := r.quads[i].O
	d := &draft{tag: s.tag, ind1: s.ind1, ind2: s.ind2, order: math.MaxInt}
	r.use(d, i)
	if s.tag == "245" && r.titled != nil { // the title of the work is that of the instance
		r.sameTitle(n)
		return
	}
	for _, l := range s.leaves {
		r.leaf(d, n, l.steps, l, 0)
	}
	if len(d.parts) == 0 {
		r.used[i] = false
		return
	}
	for _, t := range r.out(n, rdf.Type) {
		r.use(d, t)
	}
	for _, f := range s.facts {
		r.use(d, r.find(n, f.Property, f.Value))
	}
	for _, i := range r.out(n, bflc.ApplicableInstitution) {
		if code, ok := agentCode(r, r.quads[i].O); ok && s.tag[0] == '5' {
			d.add('5', code)
			r.use(d, i)
		}
	}
	if s.two != "" {
		d.add('2', s.two)
	}
	d.keep(s.kept)
	r.complete(d)
}

// leaf adds what a row made to a field.
func (r *run) leaf(d *draft, n graph.Term, steps ontology.Path, l *leaf, depth int) {
	for _, i := range r.out(n, steps[0].Property) {
		if r.used[i] {
			continue
		}
		o := r.quads[i].O
		if len(steps) > 1 {
			if o.IsLiteral() || depth > 4 || !r.fits(o, &shape{classes: steps[0].Classes, facts: steps[0].Facts}) {
				continue
			}
			before := len(d.parts)
			if r.leaf(d, o, steps[1:], l, depth+1); len(d.parts) > before {
				r.use(d, i)
				for _, t := range r.out(o, rdf.Type) {
					r.use(d, t)
				}
			}
			continue
		}
		if !l.constant.IsZero() {
			if o == l.constant {
				r.use(d, i)
				if c := indicator(l.ind1); c != 0 {
					d.ind1 = c
				}
				if c := indicator(l.ind2); c != 0 {
					d.ind2 = c
				}
			}
			continue
		}
		if text, ok := l.inverse(r, o); ok {
			r.use(d, i)
			d.take(l, text, o)
		}
	}
}

// take adds the value that a row made.
func (d *draft) take(l *leaf, text string, t graph.Term) {
	switch {
	case l.code == 'a' && strings.HasPrefix(text, keeperMark):
		d.keep(text[len(keeperMark):])
	case strings.HasPrefix(text, secondMark):
		d.ind2 = text[len(secondMark)]
	case t.IsLiteral() && text == t.Value():
		d.literal(l.code, t)
	default:
		d.add(l.code, text)
	}
}

// value makes a field of a value that hangs on no node, or part of one.
func (r *run) value(i int32, l *leaf) {
	text, ok := l.inverse(r, r.quads[i].O)
	if !ok {
		return
	}
	d := &draft{tag: l.tag, ind1: indicator(l.ind1), ind2: indicator(l.ind2), order: math.MaxInt, loose: true}
	r.use(d, i)
	d.take(l, text, r.quads[i].O)
	if len(d.parts) == 0 {
		return
	}
	r.complete(d)
}
