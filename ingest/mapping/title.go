package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
)

// titles labels work and instance with the title statement: the work with the title proper,
// the instance with the rest of the title, too. A record without one is labelled by its
// uniform title, or else by its number.
func (b *builder) titles() {
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		if f.Tag != "245" {
			continue
		}
		b.because(partTitle, f)
		b.titleLabels(f)
		if p := b.peek(f, 245); p != nil {
			w := &field{Field: f, tag: 245, alt: p.field, alts: p.script}
			b.inScript(w, func() { b.titleLabels(p.field) })
		}
	}
	if len(b.labels) > 0 {
		return
	}
	b.find("no-title", "245", 0, "",
		"Biểu ghi không có nhan đề (245 $a). Hãy nhập nhan đề.",
		"The record has no title (245 $a). Enter one.")
	label := graph.String(b.number)
	for _, tag := range []string{"240", "130", "246", "222"} {
		if f, ok := b.r.Field(tag); ok && trim(f.Subfield('a')) != "" {
			label = b.text(trim(f.Subfield('a')))
			break
		}
	}
	b.label(b.work, label)
	b.label(b.instance, label)
	b.labels = append(b.labels, label)
}

func (b *builder) titleLabels(f *marc.Field) {
	short := trim(b.join(f, subMask("anp")))
	if short == "" || b.placeholder(&field{Field: f, tag: 245}, short) {
		return
	}
	long := short
	if f.Has('b') {
		long = b.titleProper(f)
	}
	b.label(b.work, b.text(short))
	b.label(b.instance, b.text(long))
	b.labels = append(b.labels, b.text(long))
}

// titleProper returns the whole title, with a colon before its rest where the record
// leaves the marks out.
func (b *builder) titleProper(f *marc.Field) string {
	var s strings.Builder
	for i := range f.Subfields {
		sub := &f.Subfields[i]
		value := strings.TrimSpace(sub.Value)
		if strings.IndexByte("abnp", sub.Code) < 0 || value == "" {
			continue
		}
		if s.Len() > 0 {
			if sub.Code == 'b' && !endsInMark(s.String()) {
				s.WriteString(" :")
			}
			s.WriteByte(' ')
		}
		s.WriteString(value)
	}
	return trim(s.String())
}

func endsInMark(s string) bool { return strings.IndexByte(":;=.,/", s[len(s)-1]) >= 0 }

// peek returns the 880 that belongs to a field without taking it.
func (b *builder) peek(f *marc.Field, tag int) *pair {
	_, number, _ := parseLink(f.Subfield('6'))
	for i := range b.pairs {
		if p := &b.pairs[i]; number != 0 && p.number == number && p.tag == tag {
			return p
		}
	}
	return nil
}
