package formats

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"mocban/ingest/charset"
	"mocban/ingest/marc"
	"mocban/ingest/tree"
)

// An xmlReader finds records in a document of XML. Around them stand elements that are no
// records, such as those of OAI-PMH.
type xmlReader struct {
	s       *scanner
	charset charset.Charset
	outer   []element
	number  int
	line    int    // of the next token
	head    []byte // the beginning of the document, as long as no record was found
	found   bool   // a record, or a fault, or what says that there is none
}

// An element is one that is open.
type element struct {
	name   string // as written
	spaces tree.Namespaces
}

func newXMLReader(r io.Reader) *xmlReader {
	return &xmlReader{s: newScanner(r), charset: charset.UTF8, line: 1}
}

// payloads are the elements that are records, by local name, and their kinds. "record" and
// "metadata" are envelopes or records, which what is in them tells.
var payloads = map[string]tree.Kind{
	"dc": tree.DC, "qualifieddc": tree.DC, "qdc": tree.DC, "dim": tree.DC, "doajArticle": tree.DC, "dublincore": tree.DC,
	"mods": tree.MODS, "mets": tree.METS, "ead": tree.EAD, "eac-cpf": tree.EAC, "eac": tree.EAC, "TEI": tree.TEI,
	"TEI.2": tree.TEI, "lido": tree.LIDO, "RDF": tree.EDM,
}

const maxOuter = 64

func (r *xmlReader) Next() (*marc.Record, error) {
	for {
		t, ok := r.s.next()
		if !ok {
			return r.end()
		}
		if !r.found && len(r.head) < maxMarkup {
			r.head = append(r.head, t.text...)
		}
		line := r.line
		r.line += bytes.Count(t.text, []byte{'\n'})
		switch t.kind {
		case declaration:
			if fault := r.declare(t.text); fault != nil {
				return nil, r.rest(fault, t)
			}
		case doctypeToken:
			if bytes.IndexByte(t.text, '[') >= 0 {
				return nil, r.rest(bad("doctype", "không chấp nhận DOCTYPE; hãy xóa phần đó",
					"DOCTYPE is not accepted; remove it"), t)
			}
		case startTag, emptyTag:
			if r.isRecord(localName(t.text)) {
				r.found, r.head = true, nil
				return r.record(t, line)
			}
			if t.kind == startTag {
				if len(r.outer) == maxOuter {
					return nil, r.rest(bad("depth", fmt.Sprintf("lồng nhau quá %d tầng", maxOuter), fmt.Sprintf("nests deeper than %d", maxOuter)), t)
				}
				r.outer = append(r.outer, element{qualifiedName(t.text), r.declared(t.text)})
			}
		case endTag:
			name := qualifiedName(t.text)
			for i := len(r.outer) - 1; i >= 0; i-- {
				if r.outer[i].name == name {
					r.outer = r.outer[:i]
					break
				}
			}
		}
	}
}

// end tells of a document without any record.
func (r *xmlReader) end() (*marc.Record, error) {
	if r.s.err != nil {
		return nil, r.s.err
	}
	if r.found || len(bytes.TrimSpace(r.head)) == 0 {
		return nil, io.EOF
	}
	r.found = true
	root := ""
	for s := newScanner(bytes.NewReader(r.head)); root == ""; {
		t, ok := s.next()
		if !ok {
			break
		}
		if t.kind == startTag || t.kind == emptyTag {
			root = localName(t.text)
		}
	}
	fault := bad("unknown-schema", fmt.Sprintf("không có biểu ghi nào trong tài liệu XML này (<%s>)", root),
		fmt.Sprintf("there is no record of a known schema in this document of XML (<%s>)", root))
	r.number++
	fault.Number, fault.Source = r.number, r.head
	return nil, fault
}

// isRecord tells whether an element that begins here is to be taken as a record.
func (r *xmlReader) isRecord(name string) bool {
	parent := ""
	if n := len(r.outer); n > 0 {
		parent = r.outer[n-1].name[strings.IndexByte(r.outer[n-1].name, ':')+1:]
	}
	switch name {
	case "record":
		return true
	case "metadata":
		return true
	case "error":
		return parent == "OAI-PMH"
	}
	return payloads[name] != ""
}

// rest makes a fault of all that is left.
func (r *xmlReader) rest(fault *marc.BadRecord, t token) *marc.BadRecord {
	r.found = true
	r.s.hold(len(t.text))
	offset := r.s.place() - int64(len(t.text))
	for r.s.size() < maxRecord {
		if _, ok := r.s.next(); !ok {
			break
		}
	}
	return r.set(fault, r.s.take(), offset)
}

func (r *xmlReader) set(fault *marc.BadRecord, source []byte, offset int64) *marc.BadRecord {
	r.number++
	fault.Number, fault.Offset, fault.Source = r.number, offset, source
	return fault
}

var encodingAttr = regexp.MustCompile(`encoding\s*=\s*["']([^"']*)["']`)

// declare reads the encoding of the document.
func (r *xmlReader) declare(text []byte) *marc.BadRecord {
	m := encodingAttr.FindSubmatch(text)
	if m == nil || strings.HasPrefix(strings.ToLower(string(m[1])), "utf-16") { // which was decoded before
		return nil
	}
	c, ok := charset.Named(string(m[1]))
	if !ok || c == charset.MARC8 || c == charset.ISO5426 {
		return bad("encoding", fmt.Sprintf("không hỗ trợ bảng mã %q; hãy chuyển tệp sang UTF-8", m[1]),
			fmt.Sprintf("encoding %q is not supported; convert the file to UTF-8", m[1]))
	}
	r.charset = c
	return nil
}

var xmlnsAttr = regexp.MustCompile(`\sxmlns(?::([^\s=]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')`)

// declared returns the namespaces that hold inside an element.
func (r *xmlReader) declared(tag []byte) tree.Namespaces {
	var spaces tree.Namespaces
	if n := len(r.outer); n > 0 {
		spaces = r.outer[n-1].spaces
	}
	found := xmlnsAttr.FindAllSubmatch(tag, -1)
	if len(found) == 0 {
		return spaces
	}
	own := tree.Namespaces{}
	for k, v := range spaces {
		own[k] = v
	}
	for _, m := range found {
		own[string(m[1])] = string(m[2]) + string(m[3])
	}
	return own
}

// record reads the record that begins with a token. Its end is where its element is closed,
// or where an element around it is closed, or where the next record begins.
func (r *xmlReader) record(t token, line int) (*marc.Record, error) {
	r.s.hold(len(t.text))
	offset := r.s.place() - int64(len(t.text))
	root := qualifiedName(t.text)
	var fault *marc.BadRecord
	if t.kind == startTag {
		fault = r.extent(root)
	}
	source := r.s.take()
	r.line = line + bytes.Count(source, []byte{'\n'})
	if fault == nil {
		var rec *marc.Record
		if rec, fault = r.parse(source, line); fault == nil {
			if rec == nil { // there is nothing to be had: noRecordsMatch
				return r.Next()
			}
			r.number++
			rec.Number, rec.Offset = r.number, offset
			return rec, nil
		}
	}
	return nil, r.set(fault, source, offset)
}

func notClosed(name string) *marc.BadRecord {
	return bad("xml", fmt.Sprintf("phần tử <%s> không được đóng", name), fmt.Sprintf("<%s> is not closed", name))
}

// extent moves to the end of the record whose start tag was read.
func (r *xmlReader) extent(root string) (fault *marc.BadRecord) {
	open := []string{root}
	filled := false // the envelope has its record
	for len(open) > 0 {
		if r.s.size() > maxRecord {
			return bad("too-long", fmt.Sprintf("không thấy </%s> trong %d MiB", root, maxRecord>>20),
				fmt.Sprintf("no </%s> within %d MiB", root, maxRecord>>20))
		}
		t, ok := r.s.next()
		if !ok {
			return bad("truncated", fmt.Sprintf("tệp kết thúc bên trong <%s>; hãy tải lại", root),
				fmt.Sprintf("the file ends inside <%s>; fetch it again", root))
		}
		switch t.kind {
		case startTag:
			name := qualifiedName(t.text)
			if name == root && (len(open) == 1 || len(open) == 2 && filled) { // the one before was not closed
				r.s.pos -= len(t.text)
				return notClosed(root)
			}
			if len(open) > tree.MaxDepth+1 {
				fault = bad("depth", fmt.Sprintf("lồng nhau quá %d tầng", tree.MaxDepth), fmt.Sprintf("nests deeper than %d", tree.MaxDepth))
				continue
			}
			open = append(open, name)
		case endTag:
			name := qualifiedName(t.text)
			i := len(open) - 1
			for i >= 0 && open[i] != name {
				i--
			}
			switch {
			case i >= 0:
				if i < len(open)-1 && fault == nil {
					fault = notClosed(open[len(open)-1])
				}
				open = open[:i]
				filled = filled || i == 2 && strings.HasSuffix(open[1], "metadata")
			case len(r.outer) > 0 && r.outer[len(r.outer)-1].name == name:
				r.s.pos -= len(t.text)
				return notClosed(root)
			default:
				if fault == nil {
					fault = bad("xml", fmt.Sprintf("thẻ </%s> không có thẻ mở", name), fmt.Sprintf("</%s> closes nothing", name))
				}
			}
		case brokenTag:
			if fault == nil {
				fault = bad("xml", fmt.Sprintf("%.40q không phải là một thẻ", t.text), fmt.Sprintf("%.40q is no tag", t.text))
			}
		case doctypeToken:
			fault = bad("doctype", "không chấp nhận DOCTYPE; hãy xóa phần đó", "DOCTYPE is not accepted; remove it")
		}
	}
	return fault
}

// parse makes a record of its bytes.
func (r *xmlReader) parse(source []byte, line int) (*marc.Record, *marc.BadRecord) {
	text, repairs := r.clean(source)
	var spaces tree.Namespaces
	if n := len(r.outer); n > 0 {
		spaces = r.outer[n-1].spaces
	}
	root, err := tree.ParseXML(text, spaces)
	if err != nil {
		var syntax *xml.SyntaxError
		if errors.As(err, &syntax) {
			line += syntax.Line - 1
			return nil, bad("xml", fmt.Sprintf("dòng %d: XML không đúng cú pháp: %s", line, syntax.Msg),
				fmt.Sprintf("line %d: not well-formed: %s", line, syntax.Msg))
		}
		return nil, bad("xml", fmt.Sprintf("dòng %d: %v", line, err), fmt.Sprintf("line %d: %v", line, err))
	}
	t, fault := open(root)
	if fault != nil || t == nil {
		return nil, fault
	}
	t.Format = "application/xml"
	return finish(t, source, repairs), nil
}

// clean returns a record as UTF-8 that XML can hold. What it mends was made by programs:
// halves of surrogate pairs as references, controls, a wrong encoding.
func (r *xmlReader) clean(source []byte) (text []byte, repairs []marc.Repair) {
	text = source
	repair := func(rule, detail string) { repairs = append(repairs, marc.Repair{Rule: rule, Detail: detail}) }
	c := r.charset
	if c == charset.UTF8 && !utf8.Valid(text) {
		if found := charset.Detect(charset.UTF8, func(yield func([]byte) bool) { yield(text) }); found != charset.UTF8 {
			c = found
			repair("charset", "the document says utf8, this record is "+c.String())
		}
	}
	if c != charset.UTF8 || !utf8.Valid(text) {
		var n charset.Note
		out := make([]byte, 0, len(text)+len(text)/8)
		for line := range bytes.SplitSeq(text, []byte{'\n'}) { // the line ends are not controls to be dropped
			out = append(c.Append(out, bytes.Trim(line, "\r\t"), &n), '\n')
		}
		text = out
		if n.Bad > 0 {
			repair("character", fmt.Sprintf("%d characters unreadable as %s, the first % X", n.Bad, c, n.BadBytes))
		}
	}
	if bytes.IndexFunc(text, illegal) >= 0 {
		text = bytes.Map(func(r rune) rune {
			if illegal(r) {
				return -1
			}
			return r
		}, text)
		repair("control", "characters left out that XML must not hold")
	}
	if bytes.Contains(text, []byte("&#")) {
		if fixed := references.ReplaceAllFunc(text, mendReference); !bytes.Equal(fixed, text) {
			text = fixed
			repair("surrogate", "references to halves of characters, or to none, were mended")
		}
	}
	return text, repairs
}

func illegal(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// references are a numeric reference, and a second one that may be the other half of it.
var references = regexp.MustCompile(`&#(x[0-9A-Fa-f]{1,8}|[0-9]{1,9});(?:&#(x[0-9A-Fa-f]{1,8}|[0-9]{1,9});)?`)

// mendReference joins two halves of a surrogate pair, and drops references to what XML cannot
// hold (XML 1.0, 2.2).
func mendReference(b []byte) []byte {
	m := references.FindSubmatch(b)
	first, second := number(m[1]), rune(-1)
	if len(m[2]) > 0 {
		second = number(m[2])
	}
	if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
		return fmt.Appendf(nil, "&#x%X;", r)
	}
	out := mendOne(nil, first, b[:len(m[1])+3])
	if second < 0 {
		return out
	}
	return mendOne(out, second, b[len(m[1])+3:])
}

func mendOne(out []byte, r rune, as []byte) []byte {
	switch {
	case utf16.IsSurrogate(r) || r > utf8.MaxRune:
		return utf8.AppendRune(out, utf8.RuneError)
	case illegal(r):
		return out
	}
	return append(out, as...)
}

func number(b []byte) rune {
	s, base := string(b), 10
	if s[0] == 'x' {
		s, base = s[1:], 16
	}
	n, err := strconv.ParseUint(s, base, 31)
	if err != nil {
		return utf8.MaxRune + 1
	}
	return rune(n)
}
