package marc

import (
	"bytes"
	"fmt"
	"iter"

	"mocban/ingest/charset"
)

// The bytes that structure ISO 2709.
const (
	recordEnd = 0x1D
	fieldEnd  = 0x1E
	delimiter = 0x1F
)

// isoReader reads ISO 2709 by length and directory. Two legacy character sets have letters
// in the places of the terminators, so these are looked for only where length and
// directory are wrong.
type isoReader struct {
	w       *window
	number  int
	charset charset.Charset // Unknown decides record by record
	b       builder
	entries []entry
	values  []rawValue
	joined  []byte
}

// An entry is one of the directory: the place of a field behind the base address.
type entry struct {
	tag        []byte
	start, end int  // the field without its terminator
	ok         bool // the directory says so
}

// A rawValue is a field or subfield before decoding. Code 0 is data, newField begins a
// field.
type rawValue struct {
	code       byte
	newField   bool
	ind1, ind2 byte
	tag        []byte
	bytes      []byte
}

func (r *isoReader) Next() (*Record, error) {
	if len(r.w.skipSpace()) == 0 {
		return nil, r.w.end()
	}
	r.number++
	n, fault := r.extent()
	src, offset := bytes.Clone(r.w.fill(n)[:n]), r.w.off
	r.w.skip(n)
	if fault == nil {
		var rec *Record
		if rec, fault = r.parse(src); fault == nil {
			rec.Source, rec.Format, rec.Number, rec.Offset = src, ISO2709, r.number, offset
			return rec, nil
		}
	}
	fault.Number, fault.Offset, fault.Source = r.number, offset, src
	fault.ID = controlNumber(src)
	return nil, fault
}

// extent finds out how many bytes the next record has, or the stretch that is none.
func (r *isoReader) extent() (n int, fault *BadRecord) {
	b := r.w.fill(24)
	length, ok := digits(b, 0, 5)
	if ok && length >= 25 {
		if b = r.w.fill(length); len(b) >= length && b[length-1] == recordEnd && r.clean(b[:length]) {
			return length, nil
		}
	}
	if n := r.byDirectory(); n > 0 {
		return n, nil
	}
	return r.bySearch(length, ok)
}

// clean tells whether length and directory of a record agree.
func (r *isoReader) clean(src []byte) bool {
	base := bytes.IndexByte(src[min(24, len(src)):], fieldEnd) + 25
	if said, ok := digits(src, 12, 17); !ok || said != base || (base-25)%12 != 0 {
		return false
	}
	data := src[base : len(src)-1]
	r.readDirectory(src[24:base-1], data)
	for i := range r.entries {
		if !r.entries[i].ok {
			return false
		}
	}
	return true
}

// byDirectory returns the length of a record whose length is wrong but whose directory
// leads to a terminator, or 0.
func (r *isoReader) byDirectory() int {
	b := r.w.rest()
	base, ok := digits(b, 12, 17)
	if !ok || base < 25 || base > len(b) || b[base-1] != fieldEnd || (base-25)%12 != 0 {
		return 0
	}
	last := 0
	for e := 24; e+12 < base; e += 12 {
		length, ok1 := digits(b, e+3, e+7)
		start, ok2 := digits(b, e+7, e+12)
		if !ok1 || !ok2 {
			return 0
		}
		last = max(last, start+length)
	}
	n := base + last + 1
	if b = r.w.fill(n); len(b) < n || b[n-1] != recordEnd || b[n-2] != fieldEnd || !r.clean(b[:n]) {
		return 0
	}
	return n
}

// bySearch ends the record at the next terminator, or where the next leader stands if that
// comes first.
func (r *isoReader) bySearch(length int, ok bool) (n int, fault *BadRecord) {
	end := r.w.index([]byte{recordEnd}, 0, maxRecord)
	b := r.w.rest()
	if end < 0 {
		end = len(b) - 1
	}
	leader := isLeader(b)
	if next := nextLeader(b[:min(end+1+36, len(b))], 1); next > 0 && next <= end {
		if !leader {
			return next, notMARC(b[:next])
		}
		return next, cutOff(next, length)
	}
	if b[end] != recordEnd {
		switch {
		case leader && ok:
			return len(b), cutOff(len(b), length)
		case len(b) >= maxRecord:
			return len(b), bad("too-long",
				fmt.Sprintf("không thấy điểm kết thúc biểu ghi trong %d byte", maxRecord),
				fmt.Sprintf("no end of the record within %d bytes", maxRecord))
		}
		return len(b), notMARC(b)
	}
	if !ok && !leader && !looksLike(b[:end+1]) {
		return end + 1, notMARC(b[:end+1])
	}
	return end + 1, nil
}

// isLeader tells whether b begins with a leader: length, indicator and subfield code count,
// base address.
func isLeader(b []byte) bool {
	if len(b) < 24 {
		return false
	}
	length, ok1 := digits(b, 0, 5)
	base, ok2 := digits(b, 12, 17)
	return ok1 && ok2 && length >= 26 && base >= 25 && base < length && b[10] == '2' && b[11] == '2' &&
		b[5] < 0x7F && b[5] >= 0x20 && b[6] < 0x7F && b[6] >= 0x20
}

// nextLeader returns the place of the next leader with a directory behind it, or -1.
func nextLeader(b []byte, from int) int {
	for i := from + 10; i < len(b); i++ {
		j := bytes.Index(b[i:], []byte("22"))
		if j < 0 {
			return -1
		}
		i += j
		if _, entry := digits(b, i+17, i+26); entry && isLeader(b[i-10:]) && !hasDigit(b[i-5:i]) {
			return i - 10 // a stretch of a directory has digits where status and type stand
		}
	}
	return -1
}

func hasDigit(b []byte) bool { return bytes.ContainsAny(b, "0123456789") }

// looksLike tells whether a stretch has the terminators of a record, whatever its leader.
func looksLike(b []byte) bool {
	return len(b) > 36 && bytes.IndexByte(b, fieldEnd) >= 24 && bytes.IndexByte(b, delimiter) > 24
}

// digits reads b[from:to] as a number.
func digits(b []byte, from, to int) (n int, ok bool) {
	if to > len(b) {
		return 0, false
	}
	for _, c := range b[from:to] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

// parse reads the record in src. What is wrong with it is mended where there is only one
// way to, and is a fault otherwise.
func (r *isoReader) parse(src []byte) (*Record, *BadRecord) {
	r.b.reset()
	b := &r.b
	if n, ok := digits(src, 0, 5); !ok || n != len(src) {
		b.repair("length", "", fmt.Sprintf("the leader says %q, the record has %d bytes", src[:min(5, len(src))], len(src)))
	}
	body, fault := r.locate(src)
	if fault != nil {
		if body, ok := r.unwrap(src); ok {
			b.repair("wrapped", "", "line breaks inside the record left out")
			return r.build(body)
		}
		return nil, fault
	}
	return r.build(body)
}

// unwrap tries the record again without the line breaks that a mail program put in.
func (r *isoReader) unwrap(src []byte) (body []byte, ok bool) {
	r.joined = r.joined[:0]
	for _, c := range src {
		if c != '\n' && c != '\r' {
			r.joined = append(r.joined, c)
		}
	}
	if len(r.joined) == len(src) || len(r.joined) < 26 || !r.clean(r.joined) {
		return nil, false
	}
	return r.joined, true
}

// locate finds the fields of a record, in the order of the directory.
func (r *isoReader) locate(src []byte) (body []byte, fault *BadRecord) {
	if len(src) < 26 {
		return nil, notMARC(src)
	}
	at := bytes.IndexByte(src[24:], fieldEnd)
	if at < 0 {
		return nil, bad("directory", "thư mục biểu ghi không có ký tự kết thúc",
			"the directory has no end: nothing tells where the fields are")
	}
	base := 24 + at + 1
	if said, ok := digits(src, 12, 17); !ok || said != base {
		r.b.repair("base-address", "", fmt.Sprintf("the leader says %q, data begin at %d", src[12:17], base))
	}
	data := src[base:]
	if data[len(data)-1] == recordEnd {
		data = data[:len(data)-1]
	}
	directory := src[24 : base-1]
	r.readDirectory(directory, data)
	if len(directory)%12 != 0 {
		r.b.repair("directory", "", fmt.Sprintf("%d bytes behind the last entry", len(directory)%12))
	}
	if len(r.entries) == 0 {
		return nil, bad("empty", "biểu ghi không có trường nào", "the record has no fields")
	}
	if r.allOK() {
		r.checkCover(data)
		return src, nil
	}
	how := r.mend(directory, data)
	if how == "" {
		return nil, bad("directory", "thư mục không khớp với các trường: "+r.firstWrong(),
			"the directory does not fit the fields: "+r.firstWrong())
	}
	r.b.repair("directory", "", how)
	return src, nil
}

// readDirectory reads the entries and checks each against the terminators.
func (r *isoReader) readDirectory(directory, data []byte) {
	r.entries = r.entries[:0]
	for ; len(directory) >= 12; directory = directory[12:] {
		e := entry{tag: directory[:3]}
		length, ok1 := digits(directory, 3, 7)
		start, ok2 := digits(directory, 7, 12)
		e.start, e.end = start, start+length-1
		e.ok = ok1 && ok2 && length > 0 && e.end < len(data) && data[e.end] == fieldEnd &&
			(start == 0 || data[start-1] == fieldEnd)
		if !ok1 || !ok2 {
			e.start, e.end = -1, -1
		}
		r.entries = append(r.entries, e)
	}
}

func (r *isoReader) allOK() bool {
	for i := range r.entries {
		if !r.entries[i].ok {
			return false
		}
	}
	return true
}

// checkCover tells of data that no entry leads to.
func (r *isoReader) checkCover(data []byte) {
	covered := 0
	for i := range r.entries {
		covered += r.entries[i].end + 1 - r.entries[i].start
	}
	if covered < len(data) {
		r.b.repair("directory", "", fmt.Sprintf("%d bytes belong to no field", len(data)-covered))
	}
}

func (r *isoReader) firstWrong() string {
	for i := range r.entries {
		if e := &r.entries[i]; !e.ok {
			return fmt.Sprintf("%q %d-%d", e.tag, e.start, e.end)
		}
	}
	return ""
}

// build decodes the fields that were located.
func (r *isoReader) build(src []byte) (*Record, *BadRecord) {
	b := &r.b
	b.leader(src[:24])
	data := src[24+bytes.IndexByte(src[24:], fieldEnd)+1:]
	r.values = r.values[:0]
	for i := range r.entries {
		e := &r.entries[i]
		r.split(e.tag, data[e.start:e.end])
	}
	c := r.charset
	if c == charset.Unknown {
		c = r.detect(src)
	}
	for i := range r.values {
		v := &r.values[i]
		if v.newField {
			b.field(v.tag, ' ', ' ')
			f := &b.fields[len(b.fields)-1]
			f.ind1, f.ind2 = b.indicator(v.ind1), b.indicator(v.ind2)
			r.tell(v)
			continue
		}
		code := v.code
		if code == delimiter {
			b.repair("subfield", b.tag(), "a subfield without code and text left out")
			continue
		}
		if code != 0 {
			code = b.code(code)
		}
		b.value(code, v.bytes, c)
	}
	rec := b.record()
	unmark(rec)
	return rec, nil
}

// split takes a field apart.
func (r *isoReader) split(tag, f []byte) {
	if isControlTag(tag) {
		r.values = append(r.values, rawValue{newField: true, ind1: ' ', ind2: ' ', tag: tag}, rawValue{bytes: f})
		return
	}
	n := bytes.IndexByte(f, delimiter)
	head, rest := f, []byte(nil)
	if n >= 0 {
		head, rest = f[:n], f[n+1:]
	}
	v := rawValue{newField: true, ind1: ' ', ind2: ' ', tag: tag, bytes: head}
	if n < 0 && len(head) != 2 && hasLetter(tag) { // local fields such as FMT of Aleph
		v.bytes = head[:0]
		r.values = append(r.values, v, rawValue{bytes: head})
		return
	}
	if len(head) > 0 {
		v.ind1 = head[0]
	}
	if len(head) > 1 {
		v.ind2 = head[1]
	}
	text := head[min(2, len(head)):]
	if len(head) > 2 && !isIndicator(head[0], head[1]) {
		v.ind1, v.ind2, text = ' ', ' ', head
	}
	r.values = append(r.values, v)
	if len(text) > 0 {
		r.values = append(r.values, rawValue{code: 'a', bytes: text})
	}
	for n >= 0 {
		var sub []byte
		if n = bytes.IndexByte(rest, delimiter); n >= 0 {
			sub, rest = rest[:n], rest[n+1:]
		} else {
			sub = rest
		}
		switch {
		case len(sub) == 0:
			r.values = append(r.values, rawValue{code: delimiter})
		case sub[0] >= 0x80: // no code: the text begins at once
			r.values = append(r.values, rawValue{code: sub[0], bytes: sub})
		default:
			r.values = append(r.values, rawValue{code: sub[0], bytes: sub[1:]})
		}
	}
}

func hasLetter(tag []byte) bool {
	for _, c := range tag {
		if c|0x20 >= 'a' && c|0x20 <= 'z' {
			return true
		}
	}
	return false
}

// isIndicator tells whether two bytes look like indicators, not like the text of a field
// that has lost them.
func isIndicator(a, b byte) bool {
	ok := func(c byte) bool { return c == ' ' || c == '|' || c == '#' || c >= '0' && c <= '9' }
	return ok(a) && ok(b)
}

// tell notes what was odd about the head of a field.
func (r *isoReader) tell(v *rawValue) {
	switch {
	case isControlTag(v.tag) || len(v.bytes) == 2:
	case len(v.bytes) == 0 && hasLetter(v.tag):
		r.b.repair("subfield", r.b.tag(), "no subfields: read as data")
	case len(v.bytes) < 2:
		r.b.repair("indicator", r.b.tag(), fmt.Sprintf("%d indicators, not 2", len(v.bytes)))
	default:
		r.b.repair("indicator", r.b.tag(), fmt.Sprintf("%d bytes before the first subfield, not 2", len(v.bytes)))
	}
}

// detect decides in which set the record is written, and notes where the leader says
// otherwise.
func (r *isoReader) detect(src []byte) charset.Charset {
	plain := true
	for i := range r.values {
		if v := &r.values[i]; !v.newField && !charset.IsPlain(v.bytes) {
			plain = false
			break
		}
	}
	if plain {
		return charset.UTF8
	}
	hint := r.hint(src)
	c := charset.Detect(hint, r.rawValues())
	switch {
	case c == hint:
	case c == charset.UTF8 && hint != charset.UTF8:
		r.b.repair("charset", "", fmt.Sprintf("the record says %s, its bytes are utf8", hint))
	default:
		r.b.repair("charset", "", fmt.Sprintf("the record says %s, its bytes are %s", hint, c))
	}
	return c
}

func (r *isoReader) rawValues() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := range r.values {
			if v := &r.values[i]; !v.newField && !yield(v.bytes) {
				return
			}
		}
	}
}

// hint returns what the record says of its character set: MARC 21 in leader/09, UNIMARC in
// field 100, positions 26 and on.
func (r *isoReader) hint(src []byte) charset.Charset {
	if src[9] == 'a' {
		return charset.UTF8
	}
	title, coded := false, []byte(nil)
	for i := range r.values {
		switch v := &r.values[i]; {
		case v.newField && string(v.tag) == "245":
			return charset.MARC8
		case v.newField && string(v.tag) == "200":
			title = true
		case v.newField && string(v.tag) == "100" && i+1 < len(r.values) && r.values[i+1].code == 'a':
			coded = r.values[i+1].bytes
		}
	}
	if !title || len(coded) < 28 {
		return charset.MARC8
	}
	if string(coded[26:28]) == "50" {
		return charset.UTF8
	}
	return charset.ISO5426
}
