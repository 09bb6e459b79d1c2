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
	joined  []byte
}

// An entry is one of the directory: the place of a field behind the base address.
type entry struct {
	at         int  // of the entry in the record
	start, end int  // the field without its terminator
	ok         bool // the directory says so
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
// comes first. It looks ahead in growing steps, so that damage costs no more than its size.
func (r *isoReader) bySearch(length int, ok bool) (n int, fault *BadRecord) {
	for limit := 32 << 10; ; limit *= 4 {
		limit = min(limit, maxRecord)
		b := r.w.fill(limit)
		all := len(b) < limit || limit == maxRecord
		b = b[:min(len(b), limit)]
		leader := isLeader(b)
		end := bytes.IndexByte(b, recordEnd)
		head := b
		if end >= 0 {
			head = b[:min(end+1+36, len(b))]
		}
		next := nextLeader(head, 1)
		switch {
		case next > 0 && (end < 0 || next <= end) && !leader:
			return next, notMARC(b[:next])
		case next > 0 && (end < 0 || next <= end):
			return next, cutOff(next, length)
		case end >= 0 && !ok && !leader && !looksLike(b[:end+1]):
			return end + 1, notMARC(b[:end+1])
		case end >= 0:
			return end + 1, nil
		case !all:
		case len(b) == maxRecord:
			return len(b), bad("too-long",
				fmt.Sprintf("không thấy điểm kết thúc biểu ghi trong %d byte", maxRecord),
				fmt.Sprintf("no end of the record within %d bytes", maxRecord))
		case leader && ok:
			return len(b), cutOff(len(b), length)
		default:
			return len(b), notMARC(b)
		}
	}
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
	b := &r.b
	b.reset()
	if n, ok := digits(src, 0, 5); !ok || n != len(src) {
		b.repair("length", "", fmt.Sprintf("the leader says %q, the record has %d bytes", src[:min(5, len(src))], len(src)))
	}
	body, fault := r.locate(src)
	if fault != nil {
		var ok bool
		if body, ok = r.unwrap(src); !ok {
			return nil, fault
		}
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
	r.b.repair("wrapped", "", "line breaks inside the record left out")
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
	if body, ok := r.unwrap(src); ok {
		return body, nil
	}
	r.readDirectory(directory, data)
	how := r.mend(src, directory, data)
	if how == "" {
		return nil, bad("directory", "thư mục không khớp với các trường: "+r.firstWrong(src),
			"the directory does not fit the fields: "+r.firstWrong(src))
	}
	r.b.repair("directory", "", how)
	return src, nil
}

// readDirectory reads the entries and checks each against the terminators.
func (r *isoReader) readDirectory(directory, data []byte) {
	r.entries = r.entries[:0]
	for at := 24; len(directory) >= 12; at, directory = at+12, directory[12:] {
		e := entry{at: at}
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

func (r *isoReader) firstWrong(src []byte) string {
	for i := range r.entries {
		if e := &r.entries[i]; !e.ok {
			return fmt.Sprintf("%q %d-%d", src[e.at:e.at+3], e.start, e.end)
		}
	}
	return ""
}

// build decodes the fields that were located. The text of the record is its bytes, and behind
// them the values that read otherwise than they stand.
func (r *isoReader) build(src []byte) (*Record, *BadRecord) {
	b := &r.b
	b.begin(src)
	base := 24 + bytes.IndexByte(src[24:], fieldEnd) + 1
	c := r.charset
	if c == charset.Unknown {
		c = r.detect(src, base)
	}
	for i := range r.entries {
		e := &r.entries[i]
		r.split(e.at, base+e.start, base+e.end, c)
	}
	rec := b.record()
	unmark(rec)
	return rec, nil
}

// split takes a field apart: that of the directory entry at a place, from and to in the text.
func (r *isoReader) split(at, from, to int, c charset.Charset) {
	b := &r.b
	b.fieldAt(at)
	tag, f := b.text[at:at+3], b.text[from:to]
	if isControlTag(tag) {
		b.place(0, from, to, c)
		return
	}
	n := bytes.IndexByte(f, delimiter)
	head := f
	if n >= 0 {
		head = f[:n]
	}
	if n < 0 && hasLetter(tag) && (len(head) != 2 || !isIndicator(head[0], head[1])) { // such as FMT of Aleph
		b.repair("subfield", b.tag(), "no subfields: read as data")
		b.place(0, from, to, c)
		return
	}
	if len(head) == 2 {
		b.indicators(head[0], head[1])
	} else {
		r.oddHead(head, from, c)
	}
	for ; n >= 0 && from+n < to; n++ {
		start := from + n + 1
		n = bytes.IndexByte(b.text[start:to], delimiter)
		end := to
		if n >= 0 {
			end = start + n
		}
		r.subfield(start, end, c)
		n = end - from - 1
		if end == to {
			return
		}
	}
}

// subfield reads a subfield between two delimiters.
func (r *isoReader) subfield(from, to int, c charset.Charset) {
	b := &r.b
	switch {
	case from == to:
		b.repair("subfield", b.tag(), "a subfield without code and text left out")
	case b.text[from] >= 0x80: // no code: the text begins at once
		b.place(b.code(b.text[from]), from, to, c)
	default:
		b.place(b.code(b.text[from]), from+1, to, c)
	}
}

// oddHead reads what stands before the first subfield where it is not two indicators: text
// without a code, mostly.
func (r *isoReader) oddHead(head []byte, from int, c charset.Charset) {
	b := &r.b
	if len(head) < 2 {
		b.repair("indicator", b.tag(), fmt.Sprintf("%d indicators, not 2", len(head)))
		if len(head) == 1 {
			b.indicators(head[0], ' ')
		}
		return
	}
	b.repair("indicator", b.tag(), fmt.Sprintf("%d bytes before the first subfield, not 2", len(head)))
	text := 0
	if isIndicator(head[0], head[1]) {
		b.indicators(head[0], head[1])
		text = 2
	}
	b.place('a', from+text, from+len(head), c)
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

// detect decides in which set the record is written, and notes where the leader says
// otherwise.
func (r *isoReader) detect(src []byte, base int) charset.Charset {
	if charset.IsASCII(src) {
		return charset.UTF8
	}
	hint := r.hint(src, base)
	c := charset.Detect(hint, r.values(src, base))
	if c != hint {
		r.b.repair("charset", "", fmt.Sprintf("the record says %s, its bytes are %s", hint, c))
	}
	return c
}

// values gives the values of the record as they stand.
func (r *isoReader) values(src []byte, base int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := range r.entries {
			e := &r.entries[i]
			f := src[base+e.start : base+e.end]
			if charset.IsASCII(f) {
				continue
			}
			for more := !isControlTag(src[e.at : e.at+3]); more; {
				_, f, more = bytes.Cut(f, []byte{delimiter})
				value, _, _ := bytes.Cut(f, []byte{delimiter})
				if len(value) > 0 && !yield(value[1:]) {
					return
				}
			}
			if isControlTag(src[e.at:e.at+3]) && !yield(f) {
				return
			}
		}
	}
}

// hint returns what the record says of its character set: MARC 21 in leader/09, UNIMARC in
// field 100, positions 26 and on.
func (r *isoReader) hint(src []byte, base int) charset.Charset {
	if src[9] == 'a' {
		return charset.UTF8
	}
	title, coded := false, []byte(nil)
	for i := range r.entries {
		e := &r.entries[i]
		switch string(src[e.at : e.at+3]) {
		case "245":
			return charset.MARC8
		case "200":
			title = true
		case "100":
			_, coded, _ = bytes.Cut(src[base+e.start:base+e.end], []byte{delimiter, 'a'})
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
