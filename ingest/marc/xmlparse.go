package marc

import (
	"bytes"
	"fmt"
	"html"

	"mocban/ingest/charset"
)

// maxDepth bounds how deep foreign elements nest inside a record.
const maxDepth = 64

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
			if !r.b.asIs {
				unmark(rec)
			}
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
	case p.b.asIs && len(s) == 0:
		return 0
	case p.b.asIs:
		return s[0]
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
