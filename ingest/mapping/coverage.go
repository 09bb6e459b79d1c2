package mapping

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"mocban/ingest/marc"
)

// A Coverage counts what became of the fields and subfields of the records of libraries. The
// zero value has seen none.
type Coverage struct {
	parts map[coverageKey]*coverageCount
}

type coverageKey struct{ library, tag, code string }

// place puts the leader before the fields.
func (k coverageKey) place() string {
	if k.tag == "LDR" {
		return ""
	}
	return k.tag
}

type coverageCount struct {
	times, records int
	states         [4]int // by the place in States
	left           string // what was not mapped, for instance
}

// Count adds a record, of the library that it names.
func (c *Coverage) Count(m *Mapper, r *marc.Record) error { return c.CountOf(m.source(r), m, r) }

// CountOf adds a record of a library.
func (c *Coverage) CountOf(library string, m *Mapper, r *marc.Record) error {
	parts, _, err := m.Outcomes(r)
	if err != nil {
		return err
	}
	if c.parts == nil {
		c.parts = map[coverageKey]*coverageCount{}
	}
	inRecord := map[coverageKey]bool{}
	for i := range parts {
		p := &parts[i]
		key := coverageKey{library, p.Tag, p.Code}
		n := c.parts[key]
		if n == nil {
			n = &coverageCount{}
			key = coverageKey{strings.Clone(library), strings.Clone(p.Tag), strings.Clone(p.Code)}
			c.parts[key] = n
		}
		n.times++
		n.states[slices.Index(States, p.State)]++
		if p.State == Unmapped && n.left == "" {
			n.left = strings.Clone(p.Value)
		}
		if !inRecord[key] {
			inRecord[key] = true
			n.records++
		}
	}
	return nil
}

// An Outcome is what became of one part of a record.
type Outcome struct {
	Tag   string // of the field, or the path to the element
	Code  string // of the subfield, "15-17" for positions, "@type" for an attribute
	Value string
	State State
	Ruled bool // a row, or the program itself, has to do with it
}

// Outcomes maps a record and tells what became of each part of it: of the leader, of the
// positions of control fields and of subfields, or of the text and the attributes of elements.
func (m *Mapper) Outcomes(r *marc.Record) ([]Outcome, []Finding, error) {
	quads, findings, t, err := m.follow(r, nil)
	if err != nil {
		return nil, nil, err
	}
	var all []Outcome
	e := explainer{m: m, plan: m.planOf(r), trace: t, quads: quads}
	e.each(r, func(u *unit) {
		for i := range u.parts {
			p := &u.parts[i]
			all = append(all, Outcome{u.tag, p.code, p.value, p.state, p.own || len(p.rows) > 0})
		}
	})
	return all, findings, nil
}

// WriteTSV writes a row for each tag and subfield of each library: how often it came, in how
// many records, and what became of it.
func (c *Coverage) WriteTSV(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, "library\ttag\tsub\ttimes\trecords")
	for _, s := range States {
		fmt.Fprint(out, "\t", s)
	}
	fmt.Fprint(out, "\texample of unmapped\n")
	keys := make([]coverageKey, 0, len(c.parts))
	for k := range c.parts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b coverageKey) int {
		// The leader comes before the fields.
		return cmp.Or(cmp.Compare(a.library, b.library), cmp.Compare(a.place(), b.place()), cmp.Compare(a.code, b.code))
	})
	for _, k := range keys {
		n := c.parts[k]
		fmt.Fprintf(out, "%s\t%s\t%s\t%d\t%d", cell(k.library), cell(k.tag), cell(k.code), n.times, n.records)
		for _, s := range n.states {
			fmt.Fprintf(out, "\t%d", s)
		}
		fmt.Fprintf(out, "\t%s\n", cell(n.left))
	}
	return out.Flush()
}

// cell returns a value as one cell of a table, not too long.
func cell(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(c rune) bool { return c < ' ' }), " ")
	if len(s) > 120 {
		s = cut(s, 120)
	}
	return s
}

// Totals returns how many subfields and positions were counted, and what became of them, in
// the order of [States].
func (c *Coverage) Totals() (all int, states [4]int) {
	for _, n := range c.parts {
		all += n.times
		for i, s := range n.states {
			states[i] += s
		}
	}
	return all, states
}
