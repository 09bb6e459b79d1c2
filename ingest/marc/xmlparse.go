package marc

import (
	"bytes"
	"fmt"
	"html"
	"strconv"
	"unicode/utf8"

	"mocban/ingest/charset"
)

// maxDepth bounds how deep foreign elements nest inside a record.
const maxDepth = 64

// A tag is a start tag whose attributes are read one by one.
type tag struct {
	rest        []byte // behind what was read
	name, value []byte // of the attribute at hand
	empty       bool   // the tag ended with />
	broken      bool
}

// next reads the next attribute. It returns false at the end of the tag, which rest then
// stands behind.
func (t *tag) next() bool {
	b := t.rest
	for len(b) > 0 && isXMLSpace(b[0]) {
		b = b[1:]
	}
	n := 0
	for n < len(b) && b[n] != '=' && b[n] != '>' && b[n] != '/' && b[n] != '?' && b[n] != '<' && !isXMLSpace(b[n]) {
		n++
	}
	if n == 0 {
		t.end(b)
		return false
	}
	t.name, b = b[:n], b[n:]
	for len(b) > 0 && isXMLSpace(b[0]) {
		b = b[1:]
	}
	if len(b) == 0 || b[0] != '=' {
		t.broken = true
		t.end(b)
		return false
	}
	b = b[1:]
	for len(b) > 0 && isXMLSpace(b[0]) {
		b = b[1:]
	}
	if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
		t.broken = true
		t.end(b)
		return false
	}
	n = bytes.IndexByte(b[1:], b[0])
	if n < 0 {
		t.broken = true
		t.end(b)
		return false
	}
	t.value, t.rest = b[1:n+1], b[n+2:]
	return true
}

func (t *tag) end(b []byte) {
	if len(b) > 1 && (b[0] == '/' || b[0] == '?') && b[1] == '>' {
		t.empty, t.rest = b[0] == '/', b[2:]
		return
	}
	if len(b) == 0 || b[0] != '>' {
		t.broken = true
		t.rest = b
		return
	}
	t.rest = b[1:]
}

// An xmlParser reads one record element.
type xmlParser struct {
	*xmlReader
	src    []byte
	pos    int
	prefix int // length of the prefix that the names of this record have, with the colon
}

// parse reads the record at the start of src, whose start tag has n bytes, and returns how
// many it has.
func (r *xmlReader) parse(src []byte, n int) (*Record, int, *BadRecord) {
	r.b.reset()
	p := xmlParser{xmlReader: r, src: src, pos: n, prefix: len(qualifiedName(src)) - len("record")}
	leader := false
	for {
		name, fault := p.child("record")
		if fault != nil {
			return nil, 0, fault
		}
		switch string(name) {
		case "":
			if !leader {
				r.b.repair("leader", "", "the record has no leader")
			}
			if len(r.b.fields) == 0 {
				return nil, p.pos, bad("empty", "biểu ghi không có trường nào", "the record has no fields")
			}
			r.b.reread()
			rec := r.b.record()
			unmark(rec)
			return rec, p.pos, nil
		case "leader":
			leader = true
			fault = p.leader()
		case "controlfield":
			fault = p.controlField()
		case "datafield":
			fault = p.dataField()
		default:
			r.b.repair("element", "", fmt.Sprintf("element %q left out", name))
			fault = p.skipElement()
		}
		if fault != nil {
			return nil, 0, fault
		}
	}
}

// child moves to the next start tag inside the element called parent and returns its local
// name, or "" behind the end tag of the parent.
func (p *xmlParser) child(parent string) (name []byte, fault *BadRecord) {
	for {
		i := bytes.IndexByte(p.src[p.pos:], '<')
		if i < 0 {
			return nil, p.ill("<%s> is not closed", "<%s> không được đóng", parent)
		}
		if i > 0 {
			if text := bytes.TrimSpace(p.src[p.pos : p.pos+i]); len(text) > 0 {
				p.b.repair("text", "", fmt.Sprintf("text %.40q between elements left out", text))
			}
		}
		p.pos += i
		b := p.src[p.pos:]
		switch {
		case len(b) > 1 && b[1] != '!' && b[1] != '?' && b[1] != '/':
			if name := p.localName(b); len(name) > 0 {
				return name, nil
			}
			return nil, p.ill("a tag without a name in <%s>", "thẻ không có tên trong <%s>", parent)
		case bytes.HasPrefix(b, []byte("<!--")):
			if !p.past("-->") {
				return nil, p.ill("%s is not closed", "%s không được đóng", "<!--")
			}
		case bytes.HasPrefix(b, []byte("<?")):
			if !p.past("?>") {
				return nil, p.ill("%s is not closed", "%s không được đóng", "<?")
			}
		case bytes.HasPrefix(b, []byte("<!")):
			return nil, p.ill("%s between elements", "%s giữa các phần tử", "<!")
		case len(b) > 1 && b[1] == '/':
			return nil, p.endTag(parent)
		default:
			return nil, p.ill("<%s> is not closed", "<%s> không được đóng", parent)
		}
	}
}

// localName returns the name of a tag without its prefix, which is mostly that of the
// record.
func (p *xmlParser) localName(b []byte) []byte {
	b = b[min(len(b), 1+p.prefix):]
	for _, name := range names {
		if bytes.HasPrefix(b, name) && len(b) > len(name) && (isXMLSpace(b[len(name)]) || b[len(name)] == '>') {
			return name
		}
	}
	return localName(p.src[p.pos:])
}

var names = [...][]byte{[]byte("subfield"), []byte("datafield"), []byte("controlfield")}

// endTag passes the end tag of an element, which must be the next thing.
func (p *xmlParser) endTag(name string) *BadRecord {
	b := p.src[p.pos:]
	if n := 2 + p.prefix + len(name); len(b) > n && b[n] == '>' && b[1] == '/' && string(b[n-len(name):n]) == name {
		p.pos += n + 1
		return nil
	}
	if got := localName(b); string(got) != name {
		return p.ill("<%s> is not closed", "<%s> không được đóng", name)
	}
	i := bytes.IndexByte(b, '>')
	if i < 0 || len(bytes.TrimRight(b[len(qualifiedName(b))+2:i], " \t\r\n")) > 0 {
		return p.ill("</%s> has no end", "</%s> không có điểm kết thúc", name)
	}
	p.pos += i + 1
	return nil
}

func (p *xmlParser) past(end string) bool {
	i := bytes.Index(p.src[p.pos:], []byte(end))
	if i >= 0 {
		p.pos += i + len(end)
	}
	return i >= 0
}

// ill tells where the record is not well-formed.
func (p *xmlParser) ill(en, vi, what string) *BadRecord {
	line := p.line + bytes.Count(p.src[:p.pos], []byte{'\n'})
	return bad("xml", fmt.Sprintf("dòng %d: "+vi, line, what), fmt.Sprintf("line %d: "+en, line, what))
}

// startTag begins to read the attributes of the start tag at hand.
func (p *xmlParser) startTag() tag {
	b := p.src[p.pos:]
	if n := 1 + p.prefix + len("datafield"); len(b) > n && b[n] == ' ' && string(b[1+p.prefix:n]) == "datafield" {
		return tag{rest: b[n:]}
	}
	return tag{rest: b[1+len(qualifiedName(b)):]}
}

// enter goes behind a start tag whose attributes were read.
func (p *xmlParser) enter(t *tag) *BadRecord {
	if t.broken {
		return p.ill("%s is not well-formed", "%s không đúng cú pháp", fmt.Sprintf("%.40q", p.src[p.pos:]))
	}
	p.pos = len(p.src) - len(t.rest)
	return nil
}

func (p *xmlParser) leader() *BadRecord {
	t := p.startTag()
	for t.next() {
	}
	if fault := p.enter(&t); fault != nil || t.empty {
		return fault
	}
	text, fault := p.text("leader")
	if fault == nil {
		p.b.leader(text)
	}
	return fault
}

func (p *xmlParser) controlField() *BadRecord {
	t := p.startTag()
	var tagName []byte
	for t.next() {
		if string(t.name) == "tag" {
			tagName = t.value
		}
	}
	if fault := p.enter(&t); fault != nil {
		return fault
	}
	p.newField(tagName, ' ', ' ')
	if t.empty {
		return nil
	}
	text, fault := p.text("controlfield")
	if fault == nil {
		p.b.value(0, text, charset.UTF8)
	}
	return fault
}

func (p *xmlParser) dataField() *BadRecord {
	t := p.startTag()
	var tagName, ind1, ind2 []byte
	if b := t.rest; len(b) > 29 && string(b[:6]) == ` tag="` && string(b[9:17]) == `" ind1="` && string(b[18:26]) == `" ind2="` && string(b[27:29]) == `">` {
		tagName, ind1, ind2 = b[6:9], b[17:18], b[26:27]
		t.rest = b[29:]
	} else {
		for t.next() {
			switch string(t.name) {
			case "tag":
				tagName = t.value
			case "ind1", "i1":
				ind1 = t.value
			case "ind2", "i2":
				ind2 = t.value
			}
		}
	}
	if fault := p.enter(&t); fault != nil {
		return fault
	}
	p.newField(tagName, ' ', ' ')
	f := len(p.b.fields) - 1
	p.b.fields[f].ind1, p.b.fields[f].ind2 = p.indicator(ind1), p.indicator(ind2)
	if t.empty {
		return nil
	}
	for {
		name, fault := p.child("datafield")
		switch {
		case fault != nil:
			return fault
		case len(name) == 0:
			return nil
		case string(name) == "subfield":
			fault = p.subfield()
		default:
			p.b.repair("element", p.b.tag(), fmt.Sprintf("element %q left out", name))
			fault = p.skipElement()
		}
		if fault != nil {
			return fault
		}
	}
}

// newField begins a field. A number that lost its zeros gets them back; a field with any
// other tag is kept under ???, which no mapping knows.
func (p *xmlParser) newField(tagName []byte, ind1, ind2 byte) {
	if len(tagName) != 3 {
		p.b.repair("tag", "", fmt.Sprintf("tag %q", tagName))
	}
	if _, number := digits(tagName, 0, len(tagName)); number && len(tagName) > 0 && len(tagName) < 3 {
		tagName = append([]byte("00")[:3-len(tagName)], tagName...)
	} else if len(tagName) != 3 {
		tagName = []byte("???")
	}
	p.b.field(tagName, ind1, ind2)
}

// indicator reads an indicator: none or an empty one is a blank, and so is #.
func (p *xmlParser) indicator(s []byte) byte {
	switch {
	case len(s) == 1 && s[0] != '#':
		return p.b.indicator(s[0])
	case len(s) == 0:
		p.b.repair("indicator", p.b.tag(), "an indicator is missing")
		return ' '
	case string(s) == "#":
		p.b.repair("blank", p.b.tag(), "# stands for a blank indicator")
		return ' '
	}
	p.b.repair("indicator", p.b.tag(), fmt.Sprintf("%q as an indicator", s))
	return p.b.indicator(s[0])
}

// plainCode reads a start tag written as nearly everybody writes it: code and length, or 0.
func plainCode(b []byte) (code byte, n int) {
	const before, behind = `subfield code="`, `">`
	if len(b) > len(before)+3 && string(b[:len(before)]) == before && string(b[len(before)+1:len(before)+3]) == behind {
		return b[len(before)], len(before) + 3
	}
	return 0, 0
}

func (p *xmlParser) subfield() *BadRecord {
	if c, n := plainCode(p.src[p.pos+1+p.prefix:]); n > 0 {
		p.pos += 1 + p.prefix + n
		text, fault := p.text("subfield")
		if fault == nil {
			p.b.value(p.b.code(c), text, charset.UTF8)
		}
		return fault
	}
	t := p.startTag()
	var code []byte
	for t.next() {
		if string(t.name) == "code" {
			code = t.value
		}
	}
	if fault := p.enter(&t); fault != nil {
		return fault
	}
	var c byte
	switch len(code) {
	case 1:
		c = p.b.code(code[0])
	case 0:
		p.b.repair("subfield", p.b.tag(), "a subfield without a code")
		c = '?'
	default:
		p.b.repair("subfield", p.b.tag(), fmt.Sprintf("%q as a subfield code", code))
		c = '?'
		if decoded := html.UnescapeString(string(code)); len(decoded) == 1 {
			c = p.b.code(decoded[0])
		}
	}
	if t.empty {
		p.b.value(c, nil, charset.UTF8)
		return nil
	}
	text, fault := p.text("subfield")
	if fault == nil {
		p.b.value(c, text, charset.UTF8)
	}
	return fault
}

// text reads the text of an element and its end tag. What it returns holds until the next
// call.
func (p *xmlParser) text(name string) ([]byte, *BadRecord) {
	b := p.src[p.pos:]
	i := bytes.IndexByte(b, '<')
	if i >= 0 && i+1 < len(b) && b[i+1] == '/' && p.charset == charset.UTF8 {
		if text := b[:i]; bytes.IndexByte(text, '&') < 0 { // as nearly always
			p.pos += i
			return p.unbroken(text), p.endTag(name)
		}
	}
	p.value = p.value[:0]
	depth := 0
	for {
		b = p.src[p.pos:]
		if i = bytes.IndexByte(b, '<'); i < 0 {
			return nil, p.ill("<%s> is not closed", "<%s> không được đóng", name)
		}
		p.characters(b[:i])
		p.pos += i
		b = b[i:]
		switch {
		case bytes.HasPrefix(b, []byte("<!--")):
			if !p.past("-->") {
				return nil, p.ill("%s is not closed", "%s không được đóng", "<!--")
			}
		case bytes.HasPrefix(b, []byte("<![CDATA[")):
			from := p.pos + 9
			if !p.past("]]>") {
				return nil, p.ill("%s is not closed", "%s không được đóng", "<![CDATA[")
			}
			p.raw(p.src[from : p.pos-3])
		case len(b) > 1 && b[1] == '/' && depth == 0:
			return p.unbroken(p.value), p.endTag(name)
		case len(b) > 1 && b[1] == '/':
			depth--
			if !p.past(">") {
				return nil, p.ill("%s is not closed", "%s không được đóng", "</")
			}
		default: // an element in the text, HTML mostly: its text stays
			if isRecordElement(localName(b)) || depth == maxDepth {
				return nil, p.ill("<%s> is not closed", "<%s> không được đóng", name)
			}
			p.b.repair("element", "", fmt.Sprintf("tag %q in text left out", qualifiedName(b)))
			t := p.startTag()
			for t.next() {
			}
			if fault := p.enter(&t); fault != nil {
				return nil, fault
			}
			if !t.empty {
				depth++
			}
		}
	}
}

func isRecordElement(name []byte) bool {
	switch string(name) {
	case "record", "leader", "controlfield", "datafield", "subfield":
		return true
	}
	return false
}

// raw adds text as it stands, from the character set of the file.
func (p *xmlParser) raw(b []byte) {
	if p.charset == charset.UTF8 {
		p.value = append(p.value, b...)
		return
	}
	var n charset.Note
	for len(b) > 0 { // line breaks are dealt with later
		i := bytes.IndexAny(b, "\r\n\t")
		if i < 0 {
			i = len(b)
		}
		p.value = p.charset.Append(p.value, b[:i], &n)
		if i < len(b) {
			p.value = append(p.value, b[i])
			i++
		}
		b = b[i:]
	}
	if n.Bad > 0 {
		p.b.repair("character", "", fmt.Sprintf("unreadable as %s: % X", p.charset, n.BadBytes))
	}
}

// characters adds text with its references resolved.
func (p *xmlParser) characters(b []byte) {
	for {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			p.raw(b)
			return
		}
		p.raw(b[:i])
		b = b[i+p.reference(b[i:]):]
	}
}

// reference adds what the reference at the start of b stands for and returns its length.
func (p *xmlParser) reference(b []byte) int {
	end := bytes.IndexByte(b[:min(len(b), 34)], ';')
	if end < 2 {
		p.b.repair("entity", "", "& stands for itself")
		p.value = append(p.value, '&')
		return 1
	}
	name := string(b[1:end])
	switch name {
	case "amp":
		p.value = append(p.value, '&')
	case "lt":
		p.value = append(p.value, '<')
	case "gt":
		p.value = append(p.value, '>')
	case "quot":
		p.value = append(p.value, '"')
	case "apos":
		p.value = append(p.value, '\'')
	default:
		if name[0] == '#' {
			return p.numeric(b, end)
		}
		if s := html.UnescapeString("&" + name + ";"); s != "&"+name+";" {
			p.b.repair("entity", "", fmt.Sprintf("&%s; is not declared; read as in HTML", name))
			p.value = append(p.value, s...)
			break
		}
		p.b.repair("entity", "", "& stands for itself")
		p.value = append(p.value, '&')
		return 1
	}
	return end + 1
}

// numeric adds the character of a numeric reference. Two references to the halves of a
// surrogate pair, as some programs write signs of Nôm, are one character.
func (p *xmlParser) numeric(b []byte, end int) int {
	r, ok := codePoint(b[2:end])
	if !ok {
		p.b.repair("entity", "", "& stands for itself")
		p.value = append(p.value, '&')
		return 1
	}
	if 0xD800 <= r && r < 0xDC00 && bytes.HasPrefix(b[end+1:], []byte("&#")) {
		rest := b[end+3:]
		if n := bytes.IndexByte(rest[:min(len(rest), 10)], ';'); n > 0 {
			if low, ok := codePoint(rest[:n]); ok && 0xDC00 <= low && low < 0xE000 {
				p.b.repair("surrogate", "", "halves of a surrogate pair put together")
				p.value = utf8.AppendRune(p.value, 0x10000+(r-0xD800)<<10+low-0xDC00)
				return end + 3 + n + 1
			}
		}
	}
	if 0xD800 <= r && r < 0xE000 {
		p.b.repair("character", "", fmt.Sprintf("&#%s; is not a character", b[2:end]))
	}
	p.value = utf8.AppendRune(p.value, r)
	return end + 1
}

func codePoint(digits []byte) (rune, bool) {
	base := 10
	if len(digits) > 0 && (digits[0] == 'x' || digits[0] == 'X') {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	return rune(n), err == nil && n <= utf8.MaxRune && n > 0
}

// unbroken returns text without the line breaks and indents of a pretty-printer.
func (p *xmlParser) unbroken(text []byte) []byte {
	if bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\t') < 0 && bytes.IndexByte(text, '\r') < 0 {
		return text
	}
	p.b.repair("line-break", "", "line breaks inside values became blanks")
	words := bytes.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\t' || r == '\r' })
	out := make([]byte, 0, len(text))
	for _, w := range words {
		w = bytes.Trim(w, " ")
		if len(w) == 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, ' ')
		}
		out = append(out, w...)
	}
	return out
}

// skipElement leaves out the element at hand and all that is in it.
func (p *xmlParser) skipElement() *BadRecord {
	depth := 0
	for {
		t := p.startTag()
		for t.next() {
		}
		if fault := p.enter(&t); fault != nil {
			return fault
		}
		if !t.empty {
			depth++
		}
		for {
			if depth == 0 {
				return nil
			}
			i := bytes.IndexByte(p.src[p.pos:], '<')
			if i < 0 || depth > maxDepth {
				return p.ill("%s is not closed, or nests too deep", "%s không được đóng hoặc lồng quá sâu", "an element")
			}
			p.pos += i
			if b := p.src[p.pos:]; len(b) > 1 && b[1] == '/' {
				depth--
				if !p.past(">") {
					return p.ill("%s is not closed", "%s không được đóng", "</")
				}
				continue
			} else if bytes.HasPrefix(b, []byte("<!--")) {
				if !p.past("-->") {
					return p.ill("%s is not closed", "%s không được đóng", "<!--")
				}
				continue
			} else if bytes.HasPrefix(b, []byte("<![CDATA[")) {
				if !p.past("]]>") {
					return p.ill("%s is not closed", "%s không được đóng", "<![CDATA[")
				}
				continue
			}
			break
		}
	}
}
