package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ingest/tree"
	"mocban/ontology"
	"mocban/vocab"
)

// A State is what became of a subfield, or of positions of a control field.
type State string

// The states, the better ones first.
const (
	Mapped   State = "mapped"   // a row made something of it
	Nothing  State = "nothing"  // a row reads it, and found nothing to say
	Ignored  State = "ignored"  // a row says that it is left out on purpose
	Unmapped State = "unmapped" // no row reads it
)

// States are all of them.
var States = []State{Mapped, Nothing, Ignored, Unmapped}

// An Explanation tells what became of each field and subfield of a record, and where each triple
// comes from.
type Explanation struct {
	Record   string           `json:"record"` // its IRI, the graph of the triples
	Source   string           `json:"source"` // the library
	Number   string           `json:"number"`
	Triples  int              `json:"triples"`
	Fields   []FieldExplained `json:"fields"`
	Program  []Made           `json:"program"`         // what no field has led to directly
	Links    []LinkExplained  `json:"links,omitempty"` // headings that have to do with authority records
	Findings []Finding        `json:"findings,omitempty"`

	Quads []graph.Quad `json:"-"` // the triples, in the graph of the record
}

// A FieldExplained is a field and what became of it, or an element of a record that is a tree.
type FieldExplained struct {
	Tag        string          `json:"tag"` // LDR for the leader; of an element the names that lead to it; of a sheet the column
	Indicators string          `json:"indicators,omitempty"`
	Parts      []PartExplained `json:"parts"`
	Made       []Made          `json:"made,omitempty"` // by rows that take the field as a whole
}

// A PartExplained is a subfield, some positions of a control field, or an attribute.
type PartExplained struct {
	Code  string   `json:"code,omitempty"` // "a", "15-17", "@type"; empty for the whole of a control field and the text of an element
	Value string   `json:"value"`
	State State    `json:"state"`
	Rules []string `json:"rules,omitempty"` // that read it, or say that it is not to be read
	Made  []Made   `json:"made,omitempty"`
}

// Made are triples and what made them.
type Made struct {
	Rule    string         `json:"rule"`           // file:row, or "mocban" with the part of the program
	Says    string         `json:"says,omitempty"` // the column value of the row
	Triples []string       `json:"triples"`        // as N-Triples
	Terms   []graph.Triple `json:"-"`              // the same
}

// Short returns the triples with prefixed names, for people.
func (m *Made) Short() (lines []string) {
	for _, t := range m.Terms {
		lines = append(lines, short(t))
	}
	return lines
}

// follow maps a record and remembers how. Headings lead to the authority records of only, if it
// is not nil.
func (m *Mapper) follow(r *marc.Record, only *AuthorityIndex) ([]graph.Quad, []Finding, *trace, error) {
	b := m.builders.get()
	defer m.builders.put(b)
	t := &trace{}
	b.trace, b.only = t, only
	defer func() { b.trace, b.only = nil, nil }()
	quads, findings, err := b.append(nil, r)
	return quads, findings, t, err
}

// Explain maps a record and tells what became of each part of it.
func (m *Mapper) Explain(r *marc.Record) (*Explanation, error) { return m.ExplainWith(r, nil) }

// ExplainWith is Explain with an index of authority records for this record alone. If it is nil,
// that of the mapper is asked, if there is one.
func (m *Mapper) ExplainWith(r *marc.Record, only *AuthorityIndex) (*Explanation, error) {
	quads, findings, t, err := m.follow(r, only)
	if err != nil {
		return nil, err
	}
	x := &Explanation{
		Record: string(m.Record(r)), Source: m.source(r), Number: controlNumber(r),
		Triples: len(quads), Findings: findings, Quads: quads, Links: t.links,
	}
	e := explainer{m: m, plan: m.planOf(r), trace: t, quads: quads}
	e.each(r, func(u *unit) { x.Fields = append(x.Fields, e.field(u)) })
	x.Program = e.group(e.untaken(), func(c *cause) bool { return c.field == nil && c.element == nil })
	return x, nil
}

// planOf returns the plan for a record; the profile lc-2.10 has none.
func (m *Mapper) planOf(r *marc.Record) *plan {
	switch kind := r.Type(); {
	case m.lc != nil:
		return nil
	case isUNIMARCAuthority(r):
		return m.uniAuth.get()
	case kind == marc.Authority:
		return m.auth.get()
	case kind == marc.Holdings:
		return m.hold.get()
	case kind == marc.Bibliographic && (m.options.Profile == UNIMARC || isUNIMARC(r)):
		return m.uni.get()
	}
	return m.bib
}

// An explainer reads a trace.
type explainer struct {
	m     *Mapper
	plan  *plan
	trace *trace
	quads []graph.Quad

	did  map[cause]bool           // what has made something, once it was asked for
	of   map[*tree.Element][]made // what was made of elements, once it was asked for
	rows map[*ontology.Row]bool   // those that made something of elements

	taken map[int]bool // quads that a subfield was found to lead to, in the profile lc-2.10
}

// A unit is a field, or an element of a tree, with what became of its parts.
type unit struct {
	tag, indicators string
	field           *marc.Field
	element         *tree.Element
	parts           []outcome
}

// An outcome is what becomes of a subfield, or of positions.
type outcome struct {
	code  string
	value string
	sub   int // which subfield, or -1
	state State
	rows  []*ontology.Row
	own   bool  // the program itself reads it
	quads []int // that would not be there without it, where that was found out
}

// each calls f for the leader and each field, or for each element of a tree.
func (e *explainer) each(r *marc.Record, f func(*unit)) {
	switch {
	case r.Tree != nil:
		e.eachElement(f)
		return
	case e.m.lc != nil:
		e.eachProbed(r, f)
		return
	}
	for i := range e.trace.runs {
		if run := &e.trace.runs[i]; run.field.Tag == "LDR" {
			f(&unit{tag: "LDR", field: run.field, parts: e.positions(run.field, r.Leader, run)})
			break
		}
	}
	for i := range r.Fields {
		field := &r.Fields[i]
		run := e.run(field)
		if tag := tagNumber(field.Tag); tag >= 0 && tag < 10 && len(field.Subfields) == 0 {
			f(&unit{tag: field.Tag, field: field, parts: e.positions(field, field.Data, run)})
			continue
		}
		u := &unit{tag: field.Tag, field: field, parts: e.subfields(field, run)}
		if len(field.Subfields) > 0 {
			u.indicators = string([]byte{field.Ind1, field.Ind2})
		}
		f(u)
	}
}

// run returns how a field was run: nil if no row is for its tag.
func (e *explainer) run(f *marc.Field) *ran {
	for i := range e.trace.runs {
		if r := &e.trace.runs[i]; r.field == f || r.alt == f {
			return r
		}
	}
	return nil
}

// off returns the rows that switched off those for a subfield.
func (e *explainer) off(tag string, code byte) (rows []*ontology.Row) {
	n := tagNumber(tag)
	for _, r := range e.plan.off[n] {
		if sub := r.Cell("sub"); sub == "" || strings.IndexByte(sub, code) >= 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

// subfields tells what became of the subfields of a field.
func (e *explainer) subfields(f *marc.Field, run *ran) []outcome {
	if len(f.Subfields) == 0 {
		return []outcome{{value: f.Data, sub: -1, state: Unmapped}}
	}
	parts := make([]outcome, 0, len(f.Subfields))
	for i := range f.Subfields {
		s := &f.Subfields[i]
		p := outcome{code: string(rune(s.Code)), value: s.Value, sub: i, state: Unmapped}
		n := subIndex(s.Code)
		if run != nil && n >= 0 {
			e.judge(&p, f, run, func(o *op) bool { return o.subs&(1<<n) != 0 })
			if linkSubs&(1<<n) != 0 && p.state == Unmapped {
				p.state, p.own = Ignored, true
			}
		}
		if p.state == Unmapped {
			tag := f.Tag
			if tag == "880" {
				tag, _, _ = strings.Cut(f.Subfield('6'), "-")
			}
			p.rows = e.off(tag, s.Code)
		}
		parts = append(parts, p)
	}
	return parts
}

// judge fills in the state of a part by the rows that read it.
func (e *explainer) judge(p *outcome, f *marc.Field, run *ran, reads func(*op) bool) {
	for _, o := range run.ops {
		if !reads(o) {
			continue
		}
		state := Nothing
		switch {
		case o.ignore:
			state = Ignored
		case e.madeOf(o, f, run, p.sub):
			state = Mapped
		}
		p.rows = append(p.rows, o.row)
		if slices.Index(States, state) < slices.Index(States, p.state) {
			p.state = state
		}
	}
}

// madeOf tells whether a row has made something of a subfield of a field, or of the field as a
// whole. A process reads the 880 of a field with it.
func (e *explainer) madeOf(o *op, f *marc.Field, run *ran, sub int) bool {
	if e.did == nil {
		e.did = make(map[cause]bool, len(e.trace.made))
		for i := range e.trace.made {
			e.did[e.trace.made[i].cause] = true
		}
	}
	return e.did[cause{row: o.row, field: f, sub: sub}] || e.did[cause{row: o.row, field: f, sub: -1}] ||
		o.process != nil && e.did[cause{row: o.row, field: run.field, sub: -1}]
}

// positions tells what became of the positions of a control field, in their order.
func (e *explainer) positions(f *marc.Field, data string, run *ran) []outcome {
	var parts []outcome
	read := make([]bool, len(data))
	if run != nil {
		type span struct{ from, to int }
		var spans []span
		for _, o := range run.ops {
			s := span{o.from, min(o.to, len(data))}
			if o.to == 0 {
				s = span{0, len(data)}
			}
			if s.from < s.to && !slices.Contains(spans, s) {
				spans = append(spans, s)
			}
		}
		for _, s := range spans {
			p := outcome{code: positionsName(s.from, s.to, len(data)), value: data[s.from:s.to], sub: -1, state: Unmapped}
			e.judge(&p, f, run, func(o *op) bool {
				return o.to == 0 && s == span{0, len(data)} || o.from == s.from && min(o.to, len(data)) == s.to
			})
			if p.state == Ignored && (f.Tag == "001" || f.Tag == "003") { // the record is known by them
				p.state, p.own = Mapped, true
			}
			parts = append(parts, p)
			for i := s.from; i < s.to; i++ {
				read[i] = true
			}
		}
	}
	for from := 0; from < len(data); from++ {
		if read[from] {
			continue
		}
		to, own := from+1, ownPosition(f.Tag, from)
		for to < len(data) && !read[to] && ownPosition(f.Tag, to) == own {
			to++
		}
		p := outcome{code: positionsName(from, to, len(data)), value: data[from:to], sub: -1, state: Unmapped, own: own}
		if own || strings.Trim(p.value, " |#") == "" {
			p.state, p.own = Ignored, true
		}
		if own && f.Tag == "008" && strings.Trim(p.value, " |#") != "" {
			p.state = e.fixedState()
		}
		parts = append(parts, p)
		from = to - 1
	}
	slices.SortStableFunc(parts, func(a, b outcome) int { return cmp.Compare(a.code, b.code) })
	return parts
}

// fixedState tells what became of date and country of 008: they are those of the publication,
// with what 260 and 264 say of it.
func (e *explainer) fixedState() State {
	for i := range e.trace.made {
		if e.trace.made[i].cause.part == partFixed {
			return Mapped
		}
	}
	for i := range e.trace.runs {
		run := &e.trace.runs[i]
		if tag := tagNumber(run.field.Tag); tag < 260 || tag > 264 {
			continue
		}
		for _, o := range run.ops {
			if e.madeOf(o, run.field, run, -1) {
				return Mapped
			}
		}
	}
	return Nothing
}

func positionsName(from, to, all int) string {
	switch {
	case from == 0 && to == all:
		return ""
	case to == from+1:
		return fmt.Sprintf("%02d", from)
	}
	return fmt.Sprintf("%02d-%02d", from, to-1)
}

// ownPosition tells the positions that the program reads itself: those of the leader that tell
// how a record is written (MARC 21, Leader), and date and country of 008, which go with 260 and
// 264.
func ownPosition(tag string, at int) bool {
	switch tag {
	case "LDR":
		return at <= 4 || at >= 9 && at <= 16 || at >= 20
	case "008":
		return at >= 6 && at <= 17
	}
	return false
}

// rules names rows.
func (p *outcome) rules() (names []string) {
	for _, r := range p.rows {
		names = append(names, ruleName(r))
	}
	if p.own {
		names = append(names, "mocban")
	}
	return names
}

func ruleName(r *ontology.Row) string { return fmt.Sprintf("%s:%d", r.File(), r.Line) }

// field explains a field, or an element.
func (e *explainer) field(u *unit) FieldExplained {
	x := FieldExplained{Tag: u.tag, Indicators: u.indicators, Parts: make([]PartExplained, 0, len(u.parts))}
	f := u.field
	control := f != nil && len(f.Subfields) == 0
	for i := range u.parts {
		p := &u.parts[i]
		out := PartExplained{Code: p.code, Value: p.value, State: p.state, Rules: p.rules()}
		switch {
		case u.element != nil:
			out.Made = e.group(e.madeOfElement(u.element), func(c *cause) bool { return c.attr == strings.TrimPrefix(p.code, "@") })
		case e.m.lc != nil:
			out.Made = e.group(e.madeQuads(p.quads), func(*cause) bool { return true })
		case control:
			out.Made = e.group(e.trace.made, func(c *cause) bool {
				return c.field == f && (slices.Contains(p.rows, c.row) || p.own && c.part == partFixed)
			})
		default:
			out.Made = e.group(e.trace.made, func(c *cause) bool { return c.field == f && c.sub == p.sub })
		}
		x.Parts = append(x.Parts, out)
	}
	if f != nil && (!control || e.m.lc != nil) {
		x.Made = e.group(e.untaken(), func(c *cause) bool { return c.field == f && c.sub < 0 })
	}
	return x
}

// untaken returns what was made, without what subfields were found to lead to.
func (e *explainer) untaken() (all []made) {
	if len(e.taken) == 0 {
		return e.trace.made
	}
	for _, m := range e.trace.made {
		if !e.taken[m.quad] {
			all = append(all, m)
		}
	}
	return all
}

// group returns those of some triples that have some causes, by cause, in the order in which
// they were made.
func (e *explainer) group(of []made, wanted func(*cause) bool) (all []Made) {
	var from []cause
	var seen map[string]bool
	for i := range of {
		c := &of[i].cause
		if !wanted(c) {
			continue
		}
		at := slices.IndexFunc(from, func(o cause) bool { return o.row == c.row && o.part == c.part })
		if at < 0 {
			at = len(all)
			from = append(from, *c)
			made := Made{Rule: "mocban " + string(c.part)}
			if c.row != nil {
				made = Made{Rule: ruleName(c.row), Says: c.row.Cell("value")}
			}
			all = append(all, made)
		}
		t := e.quads[of[i].quad].Triple()
		line := t.String()
		if key := fmt.Sprint(at, line); !seen[key] {
			if seen == nil {
				seen = map[string]bool{}
			}
			seen[key] = true
			all[at].Triples = append(all[at].Triples, line)
			all[at].Terms = append(all[at].Terms, t)
		}
	}
	return all
}

// short writes a triple with prefixed names, for people.
func short(t graph.Triple) string {
	return shortTerm(t.S) + " " + shortTerm(t.P.Term()) + " " + shortTerm(t.O)
}

func shortTerm(t graph.Term) string {
	if iri, ok := t.IRI(); ok {
		return shortIRI(iri)
	}
	if t.IsLiteral() && t.Lang() == "" {
		if text, datatype, ok := strings.Cut(t.String(), `"^^<`); ok {
			return text + `"^^` + shortIRI(graph.IRI(strings.TrimSuffix(datatype, ">")))
		}
	}
	return t.String()
}

func shortIRI(iri graph.IRI) string {
	best, name := 0, ""
	for prefix, ns := range vocab.Prefixes {
		if rest, ok := strings.CutPrefix(string(iri), string(ns)); ok && len(ns) > best && !strings.ContainsAny(rest, "/#") {
			best, name = len(ns), prefix+":"+rest
		}
	}
	if rest, ok := strings.CutPrefix(string(iri), string(ontology.LC)); ok && best == 0 {
		return "lc:" + rest
	}
	if best == 0 {
		return "<" + string(iri) + ">"
	}
	return name
}
