package marc

import (
	"bytes"
	"fmt"

	"mocban/ingest/charset"
)

// xmlReader finds records in MARCXML, alone, in a collection, or inside the answers of SRU
// and OAI-PMH, which have elements called record too. It scans by itself: a record that is
// not well-formed costs itself only, and no DTD is ever read.
type xmlReader struct {
	w       *window
	number  int
	charset charset.Charset
	b       builder
	value   []byte
	line    int // of the start of the window, from 1
}

func newXMLReader(w *window) *xmlReader { return &xmlReader{w: w, charset: charset.UTF8, line: 1} }

// maxMarkup bounds a comment, a declaration or a tag outside of records.
const maxMarkup = 1 << 20

func (r *xmlReader) Next() (*Record, error) {
	for {
		at := r.w.index([]byte{'<'}, 0, 1)
		if at < 0 {
			if len(r.w.rest()) == 0 && !r.w.more() {
				return nil, r.w.end()
			}
			if at = bytes.IndexByte(r.w.rest(), '<'); at < 0 {
				r.skip(len(r.w.rest())) // text between elements
				continue
			}
		}
		r.skip(at)
		n, record, fault := r.markup()
		switch {
		case fault != nil:
			return nil, r.set(fault, n)
		case record:
			return r.record(n)
		}
		r.skip(n)
	}
}

// skip moves on, counting lines.
func (r *xmlReader) skip(n int) {
	r.line += bytes.Count(r.w.rest()[:n], []byte{'\n'})
	r.w.skip(n)
}

// set counts a bad stretch of n bytes and leaves it behind.
func (r *xmlReader) set(fault *BadRecord, n int) *BadRecord {
	r.number++
	fault.Number, fault.Offset = r.number, r.w.off
	fault.Source = bytes.Clone(r.w.rest()[:n])
	fault.ID = xmlControlNumber(fault.Source)
	r.skip(n)
	return fault
}

// markup looks at what begins with the angle bracket at hand: it returns the length of
// it, and whether it is the start tag of a MARC record.
func (r *xmlReader) markup() (n int, record bool, fault *BadRecord) {
	b := r.w.fill(16)
	switch {
	case bytes.HasPrefix(b, []byte("<!--")):
		return r.until("-->", 4), false, nil
	case bytes.HasPrefix(b, []byte("<![CDATA[")):
		return r.until("]]>", 9), false, nil
	case bytes.HasPrefix(b, []byte("<?")):
		return r.declaration()
	case bytes.HasPrefix(b, []byte("<!")):
		return r.doctype()
	}
	n = r.until(">", 1)
	b = r.w.rest()[:n]
	if n < 3 || b[1] == '/' || b[n-1] != '>' {
		return n, false, nil
	}
	switch string(localName(b)) {
	case "record":
	case "leader", "controlfield", "datafield", "subfield":
		return r.stray(n), false, bad("stray", "trường nằm ngoài biểu ghi, hoặc thẻ mở đầu biểu ghi bị hỏng",
			"fields outside of a record, or a record whose beginning is damaged")
	default:
		return n, false, nil
	}
	if b[n-2] == '/' {
		return n, false, nil
	}
	return n, r.isMARC(n), nil
}

// stray returns the length of fields that stand in no record: up to the next tag of a record.
func (r *xmlReader) stray(n int) int {
	name := []byte("record")
	for at := n; ; at += len(name) {
		if at = r.w.index(name, at, maxRecord); at < 0 {
			return len(r.w.rest())
		}
		b := r.w.rest()
		from := at
		for from > 0 && at-from < 64 && b[from] != '<' && b[from] != '>' && !isXMLSpace(b[from]) {
			from--
		}
		if b[from] != '<' || string(localName(r.w.fill(at + 64)[from:])) != "record" {
			continue
		}
		if b[from+1] != '/' {
			return from
		}
		if end := r.w.index([]byte{'>'}, at, at+maxMarkup); end > 0 {
			return end + 1
		}
		return len(r.w.rest())
	}
}

// until returns the length of markup that ends with end, or all that is at hand.
func (r *xmlReader) until(end string, from int) int {
	if i := r.w.index([]byte(end), from, maxMarkup); i >= 0 {
		return i + len(end)
	}
	return len(r.w.rest())
}

// declaration reads <?xml ...?> for its encoding, and other instructions not at all.
func (r *xmlReader) declaration() (n int, record bool, fault *BadRecord) {
	n = r.until("?>", 2)
	b := r.w.rest()[:n]
	if r.w.off > 3 || !bytes.HasPrefix(b, []byte("<?xml")) {
		return n, false, nil
	}
	t := tag{rest: b[5:]}
	for t.next() {
		if string(t.name) != "encoding" {
			continue
		}
		c, ok := charset.Named(string(t.value))
		if !ok || c == charset.MARC8 || c == charset.ISO5426 {
			return len(r.w.fill(maxRecord)), false, bad("encoding",
				fmt.Sprintf("không hỗ trợ bảng mã %q; hãy chuyển tệp sang UTF-8", t.value),
				fmt.Sprintf("encoding %q is not supported; convert the file to UTF-8", t.value))
		}
		r.charset = c
	}
	return n, false, nil
}

// doctype skips a document type declaration. One that declares entities is refused, for
// nothing of it would be expanded.
func (r *xmlReader) doctype() (n int, record bool, fault *BadRecord) {
	n = r.until(">", 2)
	if !bytes.ContainsRune(r.w.rest()[:n], '[') {
		return n, false, nil
	}
	return len(r.w.fill(maxRecord)), false, bad("doctype", "không chấp nhận DOCTYPE; hãy xóa phần đó",
		"DOCTYPE is not accepted; remove it")
}

// isMARC tells whether the element called record, whose start tag has n bytes, holds a MARC
// record: the first element in it says so.
func (r *xmlReader) isMARC(n int) bool {
	for from := n; ; {
		at := r.w.index([]byte{'<'}, from, from+maxMarkup)
		if at < 0 {
			return false
		}
		b := r.w.fill(at + 64)[at:]
		if bytes.HasPrefix(b, []byte("<!--")) {
			end := r.w.index([]byte("-->"), at+4, at+maxMarkup)
			if end < 0 {
				return false
			}
			from = end + 3
			continue
		}
		switch string(localName(b)) {
		case "leader", "controlfield", "datafield", "subfield":
			return true
		}
		// An empty record, or one that begins with a foreign element, is one by its namespace.
		return bytes.Contains(r.w.rest()[:n], []byte("MARC21/slim"))
	}
}

// localName returns the name of a tag without its prefix.
func localName(b []byte) []byte {
	b = qualifiedName(b)
	return b[bytes.IndexByte(b, ':')+1:]
}

// qualifiedName returns the name of a tag as it is written.
func qualifiedName(b []byte) []byte {
	i := 1
	if i < len(b) && b[i] == '/' {
		i++
	}
	from := i
	for i < len(b) && !isXMLSpace(b[i]) && b[i] != '>' && b[i] != '/' {
		i++
	}
	return b[min(from, i):i]
}

func isXMLSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// record reads the record whose start tag has n bytes. Nearly always it lies in the window
// and is well-formed, so it is parsed where it stands; only otherwise is its end looked for.
func (r *xmlReader) record(n int) (*Record, error) {
	rec, size, fault := r.parse(r.w.rest(), n)
	if fault != nil {
		if size, fault = r.extent(n); fault == nil {
			rec, _, fault = r.parse(r.w.rest()[:size], n)
		}
	}
	if fault != nil {
		return nil, r.set(fault, size)
	}
	r.number++
	rec.cameAs(r.w.rest()[:size])
	rec.Format, rec.Number, rec.Offset = MARCXML, r.number, r.w.off
	r.skip(size)
	return rec, nil
}

// extent returns the length of the record element whose start tag has n bytes. Where its end
// tag is missing, it ends before the next record.
func (r *xmlReader) extent(n int) (size int, fault *BadRecord) {
	name := bytes.Clone(qualifiedName(r.w.rest()[:n]))
	for at := n; ; {
		at = r.w.index(name, at, maxRecord)
		b := r.w.rest()
		if at < 0 {
			if len(b) >= maxRecord {
				return len(b), bad("too-long", fmt.Sprintf("không thấy </%s> trong %d byte", name, maxRecord),
					fmt.Sprintf("no </%s> within %d bytes", name, maxRecord))
			}
			return len(b), bad("truncated", fmt.Sprintf("tệp kết thúc bên trong <%s>; hãy xuất lại", name),
				fmt.Sprintf("the file ends inside <%s>; export it again", name))
		}
		start := b[at-1] == '<'
		end := b[at-1] == '/' && b[at-2] == '<'
		at += len(name)
		if !start && !end {
			continue
		}
		b = r.w.fill(at + 64)
		i := at
		for i < len(b) && isXMLSpace(b[i]) {
			i++
		}
		switch {
		case end && i < len(b) && b[i] == '>':
			return i + 1, nil
		case start && (i > at || i < len(b) && b[i] == '>'):
			return at - len(name) - 1, bad("xml", fmt.Sprintf("phần tử <%s> không được đóng trước phần tử kế tiếp", name),
				fmt.Sprintf("<%s> is not closed before the next one begins", name))
		}
	}
}

// xmlControlNumber returns the 001 of a record that could not be read, if it can be made
// out.
func xmlControlNumber(src []byte) string {
	at := bytes.Index(src, []byte(`tag="001"`))
	if at < 0 {
		return ""
	}
	b := src[at+9:]
	if i := bytes.IndexByte(b, '>'); i >= 0 && i < 64 {
		b = b[i+1:]
		if j := bytes.IndexByte(b, '<'); j >= 0 && j < 64 {
			return string(bytes.TrimSpace(b[:j]))
		}
	}
	return ""
}
