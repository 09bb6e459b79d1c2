package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
)

// A key is a field in one line, as the Library of Congress writes it beside headings whose
// subfields their labels do not show: "1001 $aHugo, Victor,$d1802-1885". It is what the way
// back to MARC reads where triples alone would not tell subfields from one another.

// appendKey appends the key of a field, with those subfields that a mask has. A dollar sign
// in a value is written {dollar}.
func appendMARCKey(b []byte, tag int, f *marc.Field, ind2 byte, mask uint64, tidy bool) []byte {
	b = append(b, '0'+byte(tag/100), '0'+byte(tag/10%10), '0'+byte(tag%10), f.Ind1, ind2)
	for i := range f.Subfields {
		s := &f.Subfields[i]
		if n := subIndex(s.Code); n < 0 || mask&(1<<n) == 0 {
			continue
		}
		value := strings.TrimSpace(s.Value)
		if value == "" {
			continue
		}
		b = append(b, '$', s.Code)
		if strings.IndexByte(value, '$') >= 0 {
			value = strings.ReplaceAll(value, "$", "{dollar}")
		}
		b = append(b, value...)
	}
	if tidy {
		b = append(b[:0], trim(string(b))...)
	}
	return b
}

// keyed is the value of a row: the key of the field, or of the 880 that is being mapped.
func keyed(string) (valueFunc, error) {
	return func(b *builder, f *field, o *op, _ string) graph.Term {
		source := f.Field
		if b.script != "" && f.alt != nil {
			source = f.alt
		}
		return b.keyOf(f.tag, source, o.subs)
	}, nil
}

func (b *builder) keyOf(tag int, f *marc.Field, mask uint64) graph.Term {
	b.scratch2 = appendMARCKey(b.scratch2[:0], tag, f, f.Ind2, mask, false)
	return graph.String(b.texts.keep(b.scratch2))
}

// addKeys says of a node what the field was that made it, and the 880 of it.
func (b *builder) addKeys(n graph.Term, f *field, mask uint64) {
	b.add(n, bflc.MarcKey, b.keyOf(f.tag, f.Field, mask))
	if f.alt != nil {
		b.add(n, bflc.MarcKey, b.keyOf(f.tag, f.alt, mask))
	}
}

// nameKey says of an agent how its name is parted. It is the same in every record that names
// the agent: neither the marks at the end nor roles are part of it.
func (b *builder) nameKey(t graph.Term, f *marc.Field, tag int) {
	tag = 100 + tag%100
	b.scratch2 = appendMARCKey(b.scratch2[:0], tag, f, ' ', nameSubs(tag), true)
	b.add(t, bflc.MarcKey, graph.String(b.texts.keep(b.scratch2)))
}

// titleKey says of a hub how its heading is parted, and returns it.
func (b *builder) titleKey(hub graph.Term, f *field) graph.Term {
	if hub.IsZero() {
		return hub
	}
	mask := subMask("anpmrot")
	if f.tag != 630 {
		mask |= nameSubs(f.tag)
	}
	for _, source := range []*marc.Field{f.Field, f.alt} {
		if source != nil {
			b.scratch2 = appendMARCKey(b.scratch2[:0], f.tag-500, source, ' ', mask, true)
			b.add(hub, bflc.MarcKey, graph.String(b.texts.keep(b.scratch2)))
		}
	}
	return hub
}

// allSubs are all subfields but those that link fields ($6, $8), and $x and $9, which in
// fields on holdings and addresses are for the staff.
var allSubs = subMask("abcdefghijklmnopqrstuvwyz0123457")

// keptSubs are those of fields that are for the public as a whole.
var keptSubs = allSubs | subMask("x")

// internal keeps a field that BIBFRAME has no place for as a note on the description, as the
// Library of Congress keeps 040.
func (b *builder) internal(f *field, mask uint64) {
	n := b.node(b.graph, bf.Note, bf.NoteClass)
	b.isA(n, ontology.LC+"mnotetype/internal")
	b.label(n, b.keyOf(f.tag, f.Field, mask))
}
