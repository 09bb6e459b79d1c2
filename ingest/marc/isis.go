package marc

import (
	"bytes"
	"fmt"

	"mocban/ingest/charset"
)

// isisReader reads ISO 2709 as CDS/ISIS and WinISIS export it: # ends fields and records,
// ^a begins a subfield, lines break after 80 characters, and where the leader counts no
// indicators (positions 10 and 11), fields have none.
//
//	001100000000000610004500001000500000245002500005260001200030#...
//	00001#^aTắt đèn^btiểu thuyết#^aH.^c2001##
//
// The tags of such a file are the library's own. Those that are MARC tags are taken for
// them; a record without a title under 245 or 200 is a fault, since nothing tells what its
// fields are.
type isisReader struct {
	w       *window
	number  int
	charset charset.Charset // Unknown decides record by record
	b       builder
	flat    []byte
}

const isisColumns = 80

// isISISFile tells whether an input begins with a record of CDS/ISIS.
func isISISFile(b []byte) bool {
	flat := make([]byte, 0, 64)
	for _, c := range b[:min(len(b), 128)] {
		if c != '\r' && c != '\n' && len(flat) < 36 {
			flat = append(flat, c)
		}
	}
	length, ok1 := digits(flat, 0, 5)
	base, ok2 := digits(flat, 12, 17)
	if !ok1 || !ok2 || length < 26 || base < 37 || base >= length || (base-25)%12 != 0 {
		return false
	}
	end := bytes.IndexByte(b, '#')
	return end > 0 && bytes.IndexByte(b, fieldEnd) < 0 && base == 1+end-lineBreaks(b[:end])
}

// lineBreaks counts the bytes of line ends.
func lineBreaks(b []byte) int {
	return bytes.Count(b, []byte{'\n'}) + bytes.Count(b, []byte{'\r'})
}

func (r *isisReader) Next() (*Record, error) {
	if len(r.w.skipSpace()) == 0 {
		return nil, r.w.end()
	}
	r.number++
	n := r.extent()
	src, offset := bytes.Clone(r.w.rest()[:n]), r.w.off
	r.w.skip(n)
	rec, fault := r.parse(src)
	if fault != nil {
		fault.Number, fault.Offset, fault.Source = r.number, offset, src
		return nil, fault
	}
	rec.Source, rec.Format, rec.Number, rec.Offset = src, ISIS, r.number, offset
	return rec, nil
}

// extent returns the length of the record: to the line that ends in two terminators and
// reaches the length of the leader, or else to the next line that begins with a leader.
func (r *isisReader) extent() int {
	want, ok := digits(r.w.fill(24), 0, 5)
	got := 0
	for from := 0; ; {
		at := r.w.index([]byte{'\n'}, from, maxRecord)
		if at < 0 {
			return len(r.w.rest())
		}
		line := bytes.TrimRight(r.w.rest()[from:at], "\r")
		got += len(line)
		ended := bytes.HasSuffix(line, []byte("##"))
		from = at + 1
		next := r.w.fill(from + 36)[from:]
		if ended && (!ok || got >= want) || from > isisColumns && isISISLeader(next) || ended && isISISLeader(next) {
			return from
		}
	}
}

func isISISLeader(b []byte) bool {
	length, ok1 := digits(b, 0, 5)
	base, ok2 := digits(b, 12, 17)
	_, ok3 := digits(b, 24, 36)
	return ok1 && ok2 && ok3 && length > base && base >= 37 && (base-25)%12 == 0
}

// flatten takes the line breaks out of a record. Lines that lost blanks at their end get
// them back if the record is too short without.
func (r *isisReader) flatten(src []byte) []byte {
	want, _ := digits(src, 0, 5)
	for _, padded := range []bool{false, true} {
		r.flat = r.flat[:0]
		lines := bytes.Split(bytes.TrimRight(src, "\r\n"), []byte{'\n'})
		for i, line := range lines {
			line = bytes.TrimRight(line, "\r")
			r.flat = append(r.flat, line...)
			if padded && i < len(lines)-1 {
				for n := len(line); n < isisColumns; n++ {
					r.flat = append(r.flat, ' ')
				}
			}
		}
		if len(r.flat) == want {
			if padded {
				r.b.repair("wrapped", "", "blanks at the ends of lines put back")
			}
			return r.flat
		}
	}
	r.flat = r.flat[:0]
	for line := range bytes.SplitSeq(bytes.TrimRight(src, "\r\n"), []byte{'\n'}) {
		r.flat = append(r.flat, bytes.TrimRight(line, "\r")...)
	}
	r.b.repair("length", "", fmt.Sprintf("the leader says %q, the record has %d bytes", src[:min(5, len(src))], len(r.flat)))
	return r.flat
}

func (r *isisReader) parse(src []byte) (*Record, *BadRecord) {
	b := &r.b
	b.reset()
	flat := r.flatten(src)
	end := bytes.IndexByte(flat, '#')
	if len(flat) < 26 || end < 36 {
		return nil, notMARC(src)
	}
	directory, data := flat[24:end], flat[end+1:]
	fields := r.fields(directory, data)
	if fields == nil {
		return nil, bad("directory", "thư mục không khớp với các trường", "the directory does not fit the fields")
	}
	indicators := flat[10] == '2'
	c := r.charset
	if c == charset.Unknown {
		c = charset.Detect(charset.UTF8, func(yield func([]byte) bool) {
			for _, f := range fields {
				if !yield(f.data) {
					return
				}
			}
		})
		if c != charset.UTF8 && !charset.IsASCII(flat) {
			b.repair("charset", "", "the text is "+c.String())
		}
	}
	titled := false
	for _, f := range fields {
		titled = titled || string(f.tag) == "245" || string(f.tag) == "200"
		r.field(f.tag, f.data, indicators, c)
	}
	if !titled {
		return nil, bad("cds-isis", "tệp CDS/ISIS: nhãn trường không phải MARC (không có 245); hãy chuyển sang MARC 21 theo bảng nhãn của thư viện",
			"a CDS/ISIS export whose tags are the library's own (there is no 245); convert it to MARC 21 by the library's table")
	}
	copy(b.text[:24], "00000nam a2200000   4500")
	if s := flat[5:10]; s[0] >= 'a' && s[0] <= 'z' {
		for i, c := range s[:3] {
			if c >= 'a' && c <= 'z' {
				b.text[5+i] = c
			}
		}
	}
	b.reread()
	rec := b.record()
	if !r.b.asIs {
		unmark(rec)
	}
	return rec, nil
}

type isisField struct{ tag, data []byte }

// fields takes the data apart by the directory, or at the terminators if there are as many
// of them as entries.
func (r *isisReader) fields(directory, data []byte) (fields []isisField) {
	fits := len(directory)%12 == 0 && len(directory) > 0
	for d := directory; len(d) >= 12; d = d[12:] {
		length, ok1 := digits(d, 3, 7)
		start, ok2 := digits(d, 7, 12)
		if !ok1 || !ok2 || length < 1 || start+length > len(data) || data[start+length-1] != '#' {
			fits = false
			break
		}
		fields = append(fields, isisField{d[:3], data[start : start+length-1]})
	}
	if fits {
		return fields
	}
	parts := bytes.Split(bytes.TrimRight(data, "#"), []byte{'#'})
	if len(parts) != len(directory)/12 {
		return nil
	}
	r.b.repair("directory", "", "wrong places or lengths: fields taken in turn")
	fields = fields[:0]
	for i, p := range parts {
		fields = append(fields, isisField{directory[12*i : 12*i+3], p})
	}
	return fields
}

// field adds a field. One without ^ is data, or subfield a where its tag has subfields.
func (r *isisReader) field(tag, data []byte, indicators bool, c charset.Charset) {
	b := &r.b
	b.field(tag, ' ', ' ')
	if isControlTag(tag) {
		b.value(0, data, c)
		return
	}
	if indicators && len(data) >= 2 && data[0] != '^' {
		b.indicators(data[0], data[1])
		data = data[2:]
	}
	head, rest, more := bytes.Cut(data, []byte{'^'})
	if len(head) > 0 {
		b.value('a', head, c)
	}
	for more {
		var sub []byte
		sub, rest, more = bytes.Cut(rest, []byte{'^'})
		if len(sub) == 0 {
			b.repair("subfield", b.tag(), "a subfield without code and text left out")
			continue
		}
		code := sub[0]
		if code >= 'A' && code <= 'Z' {
			code += 'a' - 'A'
		}
		b.value(b.code(code), sub[1:], c)
	}
}
