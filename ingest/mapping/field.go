package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ontology"
	"mocban/vocab/bf"
)

// A field is a field as the rows see it: with the 880 that says the same in another script.
type field struct {
	*marc.Field
	tag   int // of an 880, that of the field it stands for
	data  string
	codes uint64      // the subfields there are, as bits, and oddCode
	alt   *marc.Field // the 880 with the same in another script, or nil
	alts  string      // its script, as $6 tells
	times int         // how many fields with this tag came before
}

// name returns the tag.
func (f *field) name() string {
	return string([]byte{'0' + byte(f.tag/100), '0' + byte(f.tag/10%10), '0' + byte(f.tag%10)})
}

// oddCode is the bit of all codes that no row can read, as they are neither letters nor digits.
const oddCode = 1 << 63

func codesOf(f *marc.Field) (mask uint64) {
	for i := range f.Subfields {
		if n := subIndex(f.Subfields[i].Code); n >= 0 {
			mask |= 1 << n
		} else {
			mask |= oddCode
		}
	}
	return mask
}

// A pair is an 880 field and what its $6 tells of it.
type pair struct {
	field  *marc.Field
	tag    int
	number int // 0: it has no partner
	script string
	taken  bool
}

// parseLink reads a $6: "245-02/$1" or "880-02".
func parseLink(s string) (tag, number int, script string) {
	link, rest, _ := strings.Cut(s, "/")
	script, _, _ = strings.Cut(rest, "/")
	name, digits, _ := strings.Cut(link, "-")
	tag = tagNumber(strings.TrimSpace(name))
	for _, c := range digits {
		if c < '0' || c > '9' {
			break
		}
		number = number*10 + int(c-'0')
	}
	return tag, number, linkScript(script)
}

// pairUp finds the 880 fields of the record.
func (b *builder) pairUp() {
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		if f.Tag != "880" {
			continue
		}
		tag, number, script := parseLink(f.Subfield('6'))
		b.pairs = append(b.pairs, pair{f, tag, number, script, false})
	}
}

// partner returns the 880 that belongs to a field.
func (b *builder) partner(f *marc.Field, tag int) *pair {
	if len(b.pairs) == 0 {
		return nil
	}
	link := f.Subfield('6')
	if link == "" {
		return nil
	}
	_, number, _ := parseLink(link)
	for i := range b.pairs {
		p := &b.pairs[i]
		if number != 0 && p.number == number && p.tag == tag && !p.taken {
			p.taken = true
			return p
		}
	}
	if number != 0 {
		b.find("link-880", f.Tag, '6', link,
			"Trường liên kết $6 không có trường 880 tương ứng; hãy kiểm tra số thứ tự trong $6.",
			"$6 links to an 880 that is not there; check the occurrence number in $6.")
	}
	return nil
}

// A slot is the nodes that one step of a path has made for a field.
type slot struct {
	current graph.Term
	all     []graph.Term
	next    int
}

// waiting is a subfield that came before the node it speaks of.
type waiting struct {
	o     *op
	value string
	from  cause // if somebody asks
}

// run maps one field by the rows of its tag.
func (b *builder) run(t *tagPlan, f *field) {
	b.readySlots(t)
	last := graph.Term{}
	if b.trace != nil {
		b.trace.runs = append(b.trace.runs, b.rowsOf(t, f))
	}
	b.subfields(t, f, f.Field, &last)
	for _, o := range t.whole {
		if !o.active(b, f) {
			continue
		}
		if b.trace != nil {
			b.trace.now = cause{row: o.row, field: f.Field, sub: -1}
		}
		if o.process != nil {
			o.process(b, f, o)
		} else {
			b.joined(o, f, f.Field, &last)
		}
	}
	b.late(f, &last)
	if f.alt == nil {
		return
	}
	script := b.script
	b.script = f.alts
	if b.script == "" {
		b.script = "CJK" // told from the text
	}
	for i := range t.slots {
		b.slots[i].next, b.slots[i].current = 0, graph.Term{}
	}
	b.subfields(t, f, f.alt, &last)
	for _, o := range t.whole {
		if o.process == nil && o.active(b, f) {
			if b.trace != nil {
				b.trace.now = cause{row: o.row, field: f.alt, sub: -1}
			}
			b.joined(o, f, f.alt, &last)
		}
	}
	b.late(f, &last)
	b.script = script
}

// readySlots empties the slots of a tag.
func (b *builder) readySlots(t *tagPlan) {
	for len(b.slots) < t.slots {
		b.slots = append(b.slots, slot{})
	}
	for i := range t.slots {
		b.slots[i] = slot{all: b.slots[i].all[:0]}
	}
}

// subfields does what the rows say of each subfield, in the order of the field.
func (b *builder) subfields(t *tagPlan, f *field, source *marc.Field, last *graph.Term) {
	for i := range source.Subfields {
		s := &source.Subfields[i]
		n := subIndex(s.Code)
		if n < 0 {
			continue
		}
		for _, o := range t.bySub[n] {
			if o.active(b, f) {
				if b.trace != nil {
					b.trace.now = cause{row: o.row, field: source, sub: i}
				}
				b.split(o, f, s.Value, last)
			}
		}
	}
}

// joined makes one value of several subfields, with blanks between.
func (b *builder) joined(o *op, f *field, source *marc.Field, last *graph.Term) {
	if s := b.join(source, o.subs); s != "" {
		b.apply(o, f, s, last)
	}
}

// join returns the subfields of a mask, in the order of the field, with blanks between.
func (b *builder) join(f *marc.Field, mask uint64) string {
	first, n := "", 0
	for i := range f.Subfields {
		s := &f.Subfields[i]
		if k := subIndex(s.Code); k < 0 || mask&(1<<k) == 0 {
			continue
		}
		v := strings.TrimSpace(s.Value)
		switch {
		case v == "":
			continue
		case n == 0:
			first = v
		case n == 1:
			b.scratch2 = append(append(append(b.scratch2[:0], first...), ' '), v...)
		default:
			b.scratch2 = append(append(b.scratch2, ' '), v...)
		}
		n++
	}
	if n < 2 {
		return first
	}
	return b.texts.keep(b.scratch2)
}

// late does what had to wait for a node.
func (b *builder) late(f *field, last *graph.Term) {
	for _, w := range b.waiting {
		if !last.IsZero() {
			if b.trace != nil {
				b.trace.now = w.from
			}
			b.apply(w.o, f, w.value, last)
		}
	}
	b.waiting = b.waiting[:0]
}

// active tells whether a row is for a field.
func (o *op) active(b *builder, f *field) bool {
	if o.ind1 != "" && strings.IndexByte(o.ind1, f.Ind1) < 0 {
		return false
	}
	if o.ind2 != "" && strings.IndexByte(o.ind2, f.Ind2) < 0 {
		return false
	}
	for _, c := range o.when {
		if !c(b, f) {
			return false
		}
	}
	return true
}

// apply adds what a row makes of a value.
func (b *builder) apply(o *op, f *field, value string, last *graph.Term) {
	s := b.nodeOf(o.node)
	if o.node == '*' {
		if s = *last; s.IsZero() {
			w := waiting{o: o, value: value}
			if b.trace != nil {
				w.from = b.trace.now
			}
			b.waiting = append(b.waiting, w)
			return
		}
	}
	v := o.value(b, f, o, value)
	if v.IsZero() {
		return
	}
	invalid := b.invalid
	b.invalid = false
	for i := range o.steps {
		st := &o.steps[i]
		if !st.node {
			b.instead = ""
			b.add(s, st.property, v)
			if invalid {
				b.add(s, bf.Status, invalidStatus)
			}
			return
		}
		n := b.take(s, st)
		if o.node != '*' {
			*last = n
		}
		s = n
	}
}

// invalidStatus is the status of identifiers that are none.
var invalidStatus = (ontology.LC + "mstatus/cancinv").Term()

// take returns the node that a step leads to, which may have been made for this field.
func (b *builder) take(s graph.Term, st *step) graph.Term {
	sl := &b.slots[st.slot]
	if sl.next < len(sl.all) && (st.fresh || sl.current.IsZero()) {
		sl.current = sl.all[sl.next]
		sl.next++
		return sl.current
	}
	if !st.fresh && !sl.current.IsZero() {
		return sl.current
	}
	n := b.node(s, st.property)
	for _, c := range st.classes {
		if b.instead != "" {
			c = b.instead
		}
		b.isA(n, c)
	}
	for _, fact := range st.facts {
		b.add(n, fact.Property, fact.Value)
	}
	sl.current = n
	sl.all = append(sl.all, n)
	sl.next = len(sl.all)
	return n
}

func (b *builder) nodeOf(node byte) graph.Term {
	switch node {
	case 'W':
		return b.work
	case 'I':
		return b.instance
	case 'R':
		return b.graph
	case 'A':
		return b.thing
	}
	return graph.Term{}
}
