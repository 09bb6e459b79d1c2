package marc

import (
	"bytes"
	"fmt"
	"html"
	"strconv"
	"unicode/utf8"

	"mocban/ingest/charset"
)

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
	if p.b.asIs || bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\t') < 0 && bytes.IndexByte(text, '\r') < 0 {
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
