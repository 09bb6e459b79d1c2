package marc

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"mocban/ingest/charset"
)

// maxRepairs bounds what is told of one record.
const maxRepairs = 64

// A builder collects the parts of a record as text in one buffer. The record is cut from a
// single string at the end, so it costs four allocations however many fields it has.
type builder struct {
	text    []byte
	fields  []fieldSpan
	subs    []subSpan
	repairs []Repair
	special bool // a value was not plain

	references bool // the record may hold references of XML

	asIs  bool   // nothing is mended; see [ReadOptions]
	given string // the leader, if so
}

// A span is a stretch of the builder's text.
type span struct{ from, to int }

type fieldSpan struct {
	tag, data  span
	ind1, ind2 byte
	subs       int // how many
}

type subSpan struct {
	code  byte
	value span
}

func (b *builder) reset() {
	b.text, b.fields, b.subs = b.text[:0], b.fields[:0], b.subs[:0]
	b.repairs, b.special, b.given = nil, false, ""
	b.text = append(b.text, "                        "...)
}

// begin takes the bytes of a whole record as text, of which fields are cut as they stand.
func (b *builder) begin(src []byte) {
	b.text = append(b.text[:0], src...)
	b.leader(src[:24])
	b.references = bytes.IndexByte(src, '&') >= 0 && bytes.IndexByte(src, ';') >= 0
}

// repair notes that something was mended. The same in the same tag is noted once.
func (b *builder) repair(rule, tag, detail string) {
	for i := range b.repairs {
		if b.repairs[i].Rule == rule && b.repairs[i].Tag == tag {
			return
		}
	}
	if len(b.repairs) < maxRepairs {
		b.repairs = append(b.repairs, Repair{Rule: rule, Tag: tag, Detail: detail})
	}
}

// leader sets the leader, in which anything but printable ASCII and the # that people write
// for a blank becomes a blank.
func (b *builder) leader(s []byte) {
	if b.asIs {
		b.given = string(s)
	}
	if len(s) != 24 {
		b.repair("leader", "", fmt.Sprintf("the leader has %d characters, not 24", len(s)))
	}
	for i := range 24 {
		c := byte(' ')
		if i < len(s) {
			c = s[i]
		}
		switch {
		case c >= 0x20 && c < 0x7F && c != '#':
		case c == '#':
			b.repair("blank", "", "# stands for a blank in the leader")
			c = ' '
		default:
			b.repair("leader", "", fmt.Sprintf("byte %02X at leader position %02d", c, i))
			c = ' '
		}
		b.text[i] = c
	}
}

// field begins a field. Subfields and data that follow belong to it.
func (b *builder) field(tag []byte, ind1, ind2 byte) {
	from := len(b.text)
	for _, c := range tag {
		if c <= 0x20 || c >= 0x7F {
			b.repair("tag", "", fmt.Sprintf("tag %q", tag))
			c = '?'
		}
		b.text = append(b.text, c)
	}
	b.fields = append(b.fields, fieldSpan{tag: span{from, len(b.text)}, ind1: ind1, ind2: ind2})
}

// fieldAt begins a field whose tag stands in the text.
func (b *builder) fieldAt(at int) {
	for i, c := range b.text[at : at+3] {
		if c <= 0x20 || c >= 0x7F {
			b.repair("tag", "", fmt.Sprintf("tag %q", b.text[at:at+3]))
			b.text[at+i] = '?'
		}
	}
	b.fields = append(b.fields, fieldSpan{tag: span{at, at + 3}, ind1: ' ', ind2: ' '})
}

// indicators sets the indicators of the last field.
func (b *builder) indicators(ind1, ind2 byte) {
	f := &b.fields[len(b.fields)-1]
	f.ind1, f.ind2 = ind1, ind2
	if !isGraphic(ind1) || !isGraphic(ind2) {
		f.ind1, f.ind2 = b.indicator(ind1), b.indicator(ind2)
	}
}

// isGraphic tells whether a byte can be an indicator as it stands.
func isGraphic(c byte) bool { return c >= 0x20 && c < 0x7F && c != '#' && c != '\\' }

// tag returns the tag of the last field.
func (b *builder) tag() string {
	f := &b.fields[len(b.fields)-1]
	return string(b.text[f.tag.from:f.tag.to])
}

// indicator returns a byte that may stand as an indicator.
func (b *builder) indicator(c byte) byte {
	switch {
	case b.asIs:
		return c
	case c == '#' || c == '\\':
		b.repair("blank", b.tag(), fmt.Sprintf("%c stands for a blank indicator", c))
		return ' '
	case c >= 0x20 && c < 0x7F:
		return c
	}
	b.repair("indicator", b.tag(), fmt.Sprintf("byte %02X as an indicator", c))
	return ' '
}

// code returns a byte that may stand as a subfield code.
func (b *builder) code(c byte) byte {
	if c > 0x20 && c < 0x7F {
		return c
	}
	b.repair("subfield", b.tag(), fmt.Sprintf("byte %02X as a subfield code", c))
	return '?'
}

// value decodes text as the data of the last field, or as a subfield of it.
func (b *builder) value(code byte, src []byte, c charset.Charset) {
	from := len(b.text)
	if charset.IsPlain(src) {
		b.text = append(b.text, src...)
	} else {
		b.special = true
		b.decode(src, c)
	}
	b.put(code, span{from, len(b.text)})
}

// reread reads the values again if they are UTF-8 of something that was no UTF-8: UTF-8 read
// twice, or text in a Vietnamese font taken for Latin letters.
func (b *builder) reread() {
	if !b.special || b.asIs {
		return
	}
	c := charset.Detect(charset.UTF8, b.values)
	if c == charset.UTF8 {
		return
	}
	b.repair("charset", "", fmt.Sprintf("the text is %s", c))
	again := func(s *span) {
		if src := b.text[s.from:s.to]; !charset.IsPlain(src) {
			from := len(b.text)
			var n charset.Note
			b.text = c.Append(b.text, src, &n)
			*s = span{from, len(b.text)}
		}
	}
	for i := range b.subs {
		again(&b.subs[i].value)
	}
	for i := range b.fields {
		again(&b.fields[i].data)
	}
}

// values gives the data and subfields that were collected.
func (b *builder) values(yield func([]byte) bool) {
	for i := range b.subs {
		if s := b.subs[i].value; !yield(b.text[s.from:s.to]) {
			return
		}
	}
	for i := range b.fields {
		if s := b.fields[i].data; !yield(b.text[s.from:s.to]) {
			return
		}
	}
}

// place decodes what stands in the text as the data of the last field, or as a subfield of
// it. What reads as it stands is not copied.
func (b *builder) place(code byte, from, to int, c charset.Charset) {
	src := b.text[from:to]
	if !charset.IsPlain(src) && (c != charset.UTF8 || !charset.IsReady(src)) {
		from = len(b.text)
		b.decode(src, c)
		to = len(b.text)
	}
	if b.references && bytes.IndexByte(b.text[from:to], '&') >= 0 {
		from, to = b.resolve(from, to)
	}
	b.put(code, span{from, to})
}

// resolve replaces the references of XML in a value, which programs leave behind that write
// ISO 2709 from XML. In MARC-8 they also stand for characters it does not have.
func (b *builder) resolve(from, to int) (int, int) {
	src := b.text[from:to]
	start := len(b.text)
	for len(src) > 0 {
		i := bytes.IndexByte(src, '&')
		if i < 0 {
			break
		}
		b.text = append(b.text, src[:i]...)
		src = src[i:]
		r, n := reference(src)
		if n == 0 {
			r, n = '&', 1
		} else {
			b.repair("entity", b.tag(), fmt.Sprintf("%s read as %c", src[:n], r))
		}
		b.text = utf8.AppendRune(b.text, r)
		src = src[n:]
	}
	b.text = append(b.text, src...)
	if !charset.IsPlain(b.text[start:]) { // a mark may have met its letter
		var n charset.Note
		again := len(b.text)
		b.text = charset.UTF8.Append(b.text, b.text[start:], &n)
		start = again
	}
	return start, len(b.text)
}

// reference reads the reference at the start of src: its character and length, or 0 if it is
// none that XML knows by itself, or stands for a control.
func reference(src []byte) (r rune, n int) {
	end := bytes.IndexByte(src[:min(len(src), 12)], ';')
	if end < 3 {
		return 0, 0
	}
	if src[1] == '#' {
		r, ok := codePoint(src[2:end])
		if !ok || r < 0x20 || 0x7F <= r && r < 0xA0 || !utf8.ValidRune(r) || r == 0xFFFE || r == 0xFFFF {
			return 0, 0
		}
		return r, end + 1
	}
	r, ok := map[string]rune{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}[string(src[1:end])]
	if !ok {
		return 0, 0
	}
	return r, end + 1
}

func (b *builder) put(code byte, s span) {
	f := &b.fields[len(b.fields)-1]
	if code == 0 {
		f.data = s
		return
	}
	b.subs = append(b.subs, subSpan{code, s})
	f.subs++
}

func (b *builder) decode(src []byte, c charset.Charset) {
	if b.asIs && c == charset.UTF8 && utf8.Valid(src) {
		b.text = charset.Compose(b.text, src)
		return
	}
	if c == charset.UTF8 && !utf8.Valid(src) {
		one := func(yield func([]byte) bool) { yield(src) }
		if other := charset.Detect(charset.UTF8, one); other != charset.UTF8 {
			b.repair("charset", b.tag(), "this value is in "+other.String()+", not in utf8")
			c = other
		}
	}
	if c == charset.UTF8 && charset.LooksTwice(src) {
		c = charset.UTF8Twice
		b.repair("charset", b.tag(), "this value is utf8 that was read twice")
	}
	var n charset.Note
	b.text = c.Append(b.text, src, &n)
	if n.IsZero() {
		return
	}
	tag := b.tag()
	if n.Bad > 0 {
		b.repair("character", tag, fmt.Sprintf("%d characters unreadable as %s, the first % X", n.Bad, c, n.BadBytes))
	}
	if n.Controls > 0 {
		b.repair("control", tag, fmt.Sprintf("%d control characters left out", n.Controls))
	}
	if n.MarkOrder {
		b.repair("mark-order", tag, "a tone stood before the mark that makes the letter")
	}
	if n.Cut {
		b.repair("character", tag, "the text ends inside an escape sequence or before the letter of a mark")
	}
}

// record cuts the record out of what was collected.
func (b *builder) record() *Record {
	text := string(b.text)
	cut := func(s span) string { return text[s.from:s.to] }
	in := rooms.Get().(*room)
	in.fields = slices.Grow(in.fields[:0], len(b.fields))[:len(b.fields)]
	in.subs = slices.Grow(in.subs[:0], len(b.subs))[:len(b.subs)]
	r := &Record{Leader: text[:24], Fields: in.fields, Repairs: b.repairs, room: in}
	if b.asIs {
		r.Leader = b.given
	}
	subs := in.subs
	for i := range b.subs {
		subs[i] = Subfield{Code: b.subs[i].code, Value: cut(b.subs[i].value)}
	}
	for i := range b.fields {
		s := &b.fields[i]
		f := &r.Fields[i]
		f.Tag, f.Ind1, f.Ind2, f.Data = cut(s.tag), s.ind1, s.ind2, cut(s.data)
		f.Subfields, subs = subs[:s.subs:s.subs], subs[s.subs:]
		if s.subs == 0 {
			f.Subfields = nil
		}
	}
	return r
}

// isControlTag tells whether fields with a tag hold data instead of subfields.
func isControlTag(tag []byte) bool { return len(tag) == 3 && tag[0] == '0' && tag[1] == '0' }

// unmark makes blanks of the # that people write for them in coded fields.
func unmark(r *Record) {
	for i := range r.Fields {
		f := &r.Fields[i]
		if (f.Tag == "006" || f.Tag == "007" || f.Tag == "008") && strings.Contains(f.Data, "#") {
			f.Data = strings.ReplaceAll(f.Data, "#", " ")
			if len(r.Repairs) < maxRepairs {
				r.Repairs = append(r.Repairs, Repair{"blank", f.Tag, "# stands for a blank"})
			}
		}
	}
}
