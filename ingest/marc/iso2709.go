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
	isClean bool // the entries are those of the record at hand, and right
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
	src, offset := r.w.fill(n)[:n], r.w.off
	r.w.skip(n) // it stands there until the window is filled again
	if fault == nil {
		var rec *Record
		if rec, fault = r.parse(src); fault == nil {
			rec.cameAs(src)
			rec.Format, rec.Number, rec.Offset = ISO2709, r.number, offset
			return rec, nil
		}
	}
	fault.Number, fault.Offset, fault.Source = r.number, offset, bytes.Clone(src)
	fault.ID = controlNumber(src)
	return nil, fault
}

// parse reads the record in src. What is wrong with it is mended where there is only one
// way to, and is a fault otherwise.
func (r *isoReader) parse(src []byte) (*Record, *BadRecord) {
	b := &r.b
	b.reset()
	if n, ok := digits(src, 0, 5); !ok || n != len(src) {
		b.repair("length", "", fmt.Sprintf("the leader says %q, the record has %d bytes", src[:min(5, len(src))], len(src)))
	}
	if r.isClean {
		r.checkCover(src)
		return r.build(src)
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
		r.checkCover(src)
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
func (r *isoReader) checkCover(src []byte) {
	covered := 0
	for i := range r.entries {
		covered += r.entries[i].end + 1 - r.entries[i].start
	}
	if data := len(src) - 1 - (24 + 12*len(r.entries) + 1); covered < data {
		r.b.repair("directory", "", fmt.Sprintf("%d bytes belong to no field", data-covered))
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
	if !b.asIs {
		unmark(rec)
	}
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
	if hint == charset.UTF8 && charset.IsPlainlyUTF8(src[base:]) {
		return charset.UTF8 // wherever its values begin and end
	}
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
