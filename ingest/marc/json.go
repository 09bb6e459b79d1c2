package marc

import (
	"bytes"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"mocban/ingest/charset"
)

// jsonReader reads MARC-in-JSON: an object for each record, in an array, a line each, or
// simply one behind the other.
//
//	{"leader": "00000nam a2200000 i 4500", "fields": [
//	  {"001": "demo000130"},
//	  {"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": "Số đỏ :"}, {"b": "tiểu thuyết."}]}}]}
type jsonReader struct {
	w      *window
	number int
	b      builder
}

// isMARCJSON tells whether JSON begins with a record of this form.
func isMARCJSON(b []byte) bool {
	return bytes.Contains(b, []byte(`"leader"`)) || bytes.Contains(b, []byte(`"fields"`))
}

func (r *jsonReader) Next() (*Record, error) {
	for {
		b := r.w.skipSpace()
		if len(b) == 0 {
			return nil, r.w.end()
		}
		if c := b[0]; c != '[' && c != ']' && c != ',' {
			break
		}
		r.w.skip(1)
	}
	r.number++
	n, fault := r.extent()
	src, offset := bytes.Clone(r.w.rest()[:n]), r.w.off
	r.w.skip(n)
	var rec *Record
	if fault == nil {
		rec, fault = r.parse(src)
	}
	if fault != nil {
		fault.Number, fault.Offset, fault.Source = r.number, offset, src
		return nil, fault
	}
	rec.Source, rec.Format, rec.Number, rec.Offset = src, JSON, r.number, offset
	return rec, nil
}

// extent returns the length of the object at hand. Where it is not closed before the next
// record begins, it ends there.
func (r *jsonReader) extent() (n int, fault *BadRecord) {
	b := r.w.fill(1)
	if b[0] != '{' {
		n = r.w.index([]byte{'{'}, 0, maxRecord)
		if n < 0 {
			n = len(r.w.rest())
		}
		return n, bad("json", "đây không phải là một biểu ghi JSON", "this is no record in JSON")
	}
	for at, depth, inText := 0, 0, false; ; at++ {
		if at >= len(b) {
			if len(b) >= maxRecord {
				return r.cut(len(b)), bad("too-long", fmt.Sprintf("đối tượng JSON không kết thúc trong %d byte", maxRecord),
					fmt.Sprintf("no end of the object within %d bytes", maxRecord))
			}
			if b = r.w.fill(len(b) + 1); at >= len(b) {
				return r.cut(len(b)), bad("truncated", "đối tượng JSON không kết thúc; hãy xuất lại biểu ghi này",
					"the object has no end; export the record again")
			}
		}
		switch c := b[at]; {
		case inText && c == '\\':
			at++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return at + 1, nil
			}
		}
	}
}

// cut returns how much of the first n bytes lies before the next record.
func (r *jsonReader) cut(n int) int {
	b := r.w.rest()[:n]
	for from := bytes.Index(b, []byte(`"leader"`)) + 1; from > 0; {
		at := bytes.Index(b[from:], []byte(`"leader"`))
		if at < 0 {
			break
		}
		head := bytes.TrimRight(b[:from+at], " \t\r\n")
		if len(head) > 1 && head[len(head)-1] == '{' {
			return len(head) - 1
		}
		from += at + 1
	}
	return n
}

// A jsonParser reads one object.
type jsonParser struct {
	src  []byte
	pos  int
	b    *builder
	text []byte
}

// A jsonError tells where an object is no MARC-in-JSON.
type jsonError struct {
	pos    int
	vi, en string
}

func (r *jsonReader) parse(src []byte) (rec *Record, fault *BadRecord) {
	r.b.reset()
	p := &jsonParser{src: src, b: &r.b}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case jsonError:
			rec, fault = nil, bad("json", fmt.Sprintf("byte %d: %s", e.pos, e.vi), fmt.Sprintf("byte %d: %s", e.pos, e.en))
		default:
			panic(e)
		}
	}()
	leader, fields := false, false
	p.object(func(name []byte) {
		switch string(name) {
		case "leader":
			leader = true
			r.b.leader(p.scalar())
		case "fields":
			fields = true
			p.array(p.field)
		default:
			r.b.repair("element", "", fmt.Sprintf("member %.40q left out", name))
			p.skipValue(0)
		}
	})
	switch {
	case len(r.b.fields) == 0 && !fields && !leader:
		return nil, bad("json", "đối tượng JSON không phải là MARC: thiếu \"leader\" và \"fields\"",
			`this object is no MARC: it has neither "leader" nor "fields"`)
	case len(r.b.fields) == 0:
		return nil, bad("empty", "biểu ghi không có trường nào", "the record has no fields")
	case !leader:
		r.b.repair("leader", "", "the record has no leader")
	}
	r.b.reread()
	rec = r.b.record()
	if !r.b.asIs {
		unmark(rec)
	}
	return rec, nil
}

func (p *jsonParser) fail(vi, en string) { panic(jsonError{p.pos, vi, en}) }

// field reads {"245": {...}} or {"001": "..."}.
func (p *jsonParser) field() {
	p.object(func(name []byte) {
		tag := append([]byte(nil), name...)
		if len(tag) != 3 {
			p.b.repair("tag", "", fmt.Sprintf("tag %.40q", tag))
			tag = []byte("???")
		}
		p.b.field(tag, ' ', ' ')
		if p.peek() != '{' {
			p.b.value(0, p.scalar(), charset.UTF8)
			return
		}
		f := len(p.b.fields) - 1
		p.object(func(name []byte) {
			switch string(name) {
			case "ind1":
				p.b.fields[f].ind1 = p.indicator()
			case "ind2":
				p.b.fields[f].ind2 = p.indicator()
			case "subfields":
				p.array(func() {
					p.object(func(name []byte) {
						code := byte('?')
						if len(name) == 1 {
							code = p.b.code(name[0])
						} else {
							p.b.repair("subfield", p.b.tag(), fmt.Sprintf("subfield code %.40q", name))
						}
						p.b.value(code, p.scalar(), charset.UTF8)
					})
				})
			default:
				p.b.repair("element", p.b.tag(), fmt.Sprintf("member %.40q left out", name))
				p.skipValue(0)
			}
		})
	})
}

func (p *jsonParser) indicator() byte {
	s := p.scalar()
	if len(s) != 1 {
		if len(s) > 1 {
			p.b.repair("indicator", p.b.tag(), fmt.Sprintf("%.40q as an indicator", s))
		}
		return ' '
	}
	return p.b.indicator(s[0])
}

// peek returns the next byte that is no space.
func (p *jsonParser) peek() byte {
	for p.pos < len(p.src) && isXMLSpace(p.src[p.pos]) {
		p.pos++
	}
	if p.pos == len(p.src) {
		p.fail("JSON kết thúc đột ngột", "the JSON ends here")
	}
	return p.src[p.pos]
}

func (p *jsonParser) expect(c byte) {
	if p.peek() != c {
		p.fail(fmt.Sprintf("cần %q, gặp %q", c, p.src[p.pos]), fmt.Sprintf("expected %q, found %q", c, p.src[p.pos]))
	}
	p.pos++
}

// object calls f behind the name of each member.
func (p *jsonParser) object(f func(name []byte)) {
	p.expect('{')
	for first := true; ; first = false {
		if c := p.peek(); c == '}' {
			p.pos++
			return
		} else if c == ',' && !first {
			p.pos++
		}
		name := p.str()
		if len(name) > 0 && len(p.text) > 0 && &name[0] == &p.text[0] {
			name = bytes.Clone(name) // it was written with escapes, and the next text takes its place
		}
		p.expect(':')
		f(name)
	}
}

// array calls f before each element.
func (p *jsonParser) array(f func()) {
	p.expect('[')
	for first := true; ; first = false {
		if c := p.peek(); c == ']' {
			p.pos++
			return
		} else if c == ',' && !first {
			p.pos++
		}
		f()
	}
}

// scalar reads a string, or a number or null as it stands.
func (p *jsonParser) scalar() []byte {
	switch c := p.peek(); {
	case c == '"':
		return p.str()
	case c == '{' || c == '[':
		p.fail("cần một chuỗi", "a string is expected")
	}
	from := p.pos
	for p.pos < len(p.src) && bytes.IndexByte([]byte(",}] \t\r\n"), p.src[p.pos]) < 0 {
		p.pos++
	}
	if p.pos == from {
		p.fail("cần một chuỗi", "a string is expected")
	}
	if s := p.src[from:p.pos]; string(s) != "null" {
		return s
	}
	return nil
}

// skipValue passes over a value of any kind.
func (p *jsonParser) skipValue(depth int) {
	if depth > maxDepth {
		p.fail(fmt.Sprintf("lồng nhau quá %d tầng", maxDepth), fmt.Sprintf("nests deeper than %d", maxDepth))
	}
	switch p.peek() {
	case '{':
		p.object(func([]byte) { p.skipValue(depth + 1) })
	case '[':
		p.array(func() { p.skipValue(depth + 1) })
	default:
		p.scalar()
	}
}

// str reads a string (RFC 8259, 7). Half of a surrogate pair reads as U+FFFD.
func (p *jsonParser) str() []byte {
	p.expect('"')
	from := p.pos
	end := bytes.IndexAny(p.src[from:], "\"\\")
	if end >= 0 && p.src[from+end] == '"' {
		p.pos = from + end + 1
		return p.src[from : from+end]
	}
	p.text = p.text[:0]
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		p.pos++
		switch {
		case c == '"':
			return p.text
		case c != '\\':
			p.text = append(p.text, c)
			continue
		}
		if p.pos == len(p.src) {
			break
		}
		c = p.src[p.pos]
		p.pos++
		switch c {
		case '"', '\\', '/':
			p.text = append(p.text, c)
		case 'b', 'f':
		case 'n', 'r', 't':
			p.text = append(p.text, ' ')
		case 'u':
			p.text = utf8.AppendRune(p.text, p.unicode())
		default:
			p.fail(fmt.Sprintf(`ký hiệu thoát lạ \%c`, c), fmt.Sprintf(`unknown escape \%c`, c))
		}
	}
	p.fail("chuỗi không được đóng", "the string is not closed")
	return nil
}

func (p *jsonParser) unicode() rune {
	hi, ok := p.hex(p.pos)
	if !ok {
		p.fail(`\u cần bốn chữ số hệ mười sáu`, `four hexadecimal digits follow \u`)
	}
	p.pos += 4
	if !utf16.IsSurrogate(hi) {
		return hi
	}
	if p.pos+6 <= len(p.src) && p.src[p.pos] == '\\' && p.src[p.pos+1] == 'u' {
		if lo, ok := p.hex(p.pos + 2); ok {
			if r := utf16.DecodeRune(hi, lo); r != utf8.RuneError {
				p.pos += 6
				return r
			}
		}
	}
	p.b.repair("surrogate", "", fmt.Sprintf(`\u%04X is half of a character`, hi))
	return utf8.RuneError
}

func (p *jsonParser) hex(at int) (r rune, ok bool) {
	if at+4 > len(p.src) {
		return 0, false
	}
	for _, c := range p.src[at : at+4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
