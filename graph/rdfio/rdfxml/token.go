package rdfxml

import (
	"io"
	"strings"

	"mocban/graph/rdfio/document"
)

// tokens gives the tokens of an XML document (XML 1.0, fifth edition) with their namespaces
// resolved (Namespaces in XML 1.0). It loads nothing: of a document type it knows the
// entities that stand in it. An element stays valid until the next one.
type tokens struct {
	document.Input
	entities map[string]string
	open     []openTag
	scope    *scope
	elem     element
	closing  bool // the element was empty: its end comes next
	root     bool // the root element was seen
	begun    bool
}

// An openTag is an element that is not closed, by its name as written.
type openTag struct {
	name  string
	outer *scope
}

// A scope is what one element declares.
type scope struct {
	outer  *scope
	prefix []string
	ns     []string
}

func (s *scope) lookup(prefix string) (ns string, ok bool) {
	for ; s != nil; s = s.outer {
		for i, p := range s.prefix {
			if p == prefix {
				return s.ns[i], true
			}
		}
	}
	switch prefix {
	case "xml":
		return xmlNS, true
	case "":
		return "", true
	}
	return "", false
}

// A name is a name with its namespace.
type name struct{ space, local string }

// An element is a start tag. Declarations of namespaces are not among its attributes.
type element struct {
	name   name
	prefix string
	attrs  []attr
	scope  *scope
}

type attr struct {
	name   name
	prefix string
	value  string
}

type tokenKind uint8

const (
	startTag tokenKind = iota
	endTag
	charData
	comment
	procInst
)

// A token is a piece of markup or of text.
type token struct {
	kind tokenKind
	elem *element // of a start tag
	text string   // of text and comments; the whole of a processing instruction
}

func newTokens(r io.Reader, o document.Options) *tokens {
	return &tokens{Input: document.NewInput(decoded(r), o), entities: map[string]string{}}
}

// fail keeps the first mistake and returns no token.
func (t *tokens) fail(at int, format string, args ...any) (token, bool) {
	return token{}, t.Fail(at, format, args...)
}

// mistake keeps a mistake at the place of the input and returns the first one.
func (t *tokens) mistake(format string, args ...any) error {
	t.Fail(t.I, format, args...)
	return t.Fault
}

// next returns the next token. It returns false behind the root element, or at a mistake.
func (t *tokens) next() (token, bool) {
	if t.closing {
		t.closing = false
		return t.pop(), true
	}
	if !t.begun {
		t.begun = true
		if t.Starts("<?xml") && !t.Starts("<?xml-") {
			if _, ok := t.until("<?xml", "?>", "XML declaration"); !ok {
				return token{}, false
			}
		}
	}
	for {
		c, ok := t.Peek()
		switch {
		case !ok:
			return t.end()
		case c == '&' && len(t.open) > 0:
			text, ok := t.reference()
			return token{kind: charData, text: text}, ok
		case c != '<':
			tok, ok := t.text()
			if !ok || len(t.open) > 0 {
				return tok, ok
			}
			if strings.Trim(tok.text, " \t\r\n") != "" {
				return t.fail(t.I, "text outside of the root element")
			}
		case t.Starts("<!DOCTYPE"):
			if !t.doctype() {
				return token{}, false
			}
		default:
			return t.markup()
		}
	}
}

// end is the end of the document.
func (t *tokens) end() (token, bool) {
	switch {
	case t.Cause() != nil:
		t.Fault = t.Cause()
	case len(t.open) > 0:
		return t.fail(t.I, "<%s> is not closed", t.open[len(t.open)-1].name)
	case !t.root:
		return t.fail(t.I, "the document is empty")
	}
	return token{}, false
}

// markup reads what begins with <.
func (t *tokens) markup() (token, bool) {
	switch {
	case t.Starts("<!--"):
		text, ok := t.until("<!--", "-->", "comment")
		if strings.Contains(text, "--") {
			return t.fail(t.I, "-- in a comment")
		}
		return token{kind: comment, text: text}, ok && t.chars(text)
	case t.Starts("<![CDATA["):
		if len(t.open) == 0 {
			return t.fail(t.I, "text outside of the root element")
		}
		text, ok := t.until("<![CDATA[", "]]>", "CDATA section")
		return token{kind: charData, text: lineEnds(text)}, ok && t.chars(text)
	case t.Starts("<?"):
		text, ok := t.until("<?", "?>", "processing instruction")
		if target, _, _ := strings.Cut(text, " "); ok && (!isName(target) || strings.EqualFold(target, "xml")) {
			return t.fail(t.I, "%.40q is no processing instruction", text)
		}
		return token{kind: procInst, text: text}, ok && t.chars(text)
	case t.Starts("</"):
		return t.endTag()
	}
	return t.startTag()
}

// until reads what stands between two marks, of which the input begins with the first.
func (t *tokens) until(begin, end, what string) (string, bool) {
	for {
		s := t.S[t.I+len(begin):]
		if n := strings.Index(s, end); n >= 0 {
			t.I += len(begin) + n + len(end)
			return s[:n], true
		}
		if !t.More() {
			return "", t.Unclosed(what)
		}
	}
}

// chars fails if a text holds characters that XML does not allow. The input stands behind
// the text.
func (t *tokens) chars(s string) bool {
	if allowed(s) {
		return true
	}
	return t.Fail(t.I, "a character that XML does not allow")
}

// lineEnds is XML 1.0, 2.11.
func lineEnds(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// text reads text up to the next markup or reference, or what of it is in the window.
func (t *tokens) text() (token, bool) {
	for {
		s := t.S[t.I:]
		n := 0
		for n < len(s) && s[n] != '<' && s[n] != '&' {
			n++
		}
		if n == len(s) {
			if (n < 3 || s[n-1] == '\r' || s[n-1] == ']') && t.More() { // it may go on
				continue
			}
		}
		if n == 0 { // a reference outside of the root element
			return t.fail(t.I, "text outside of the root element")
		}
		s = s[:n]
		if i := strings.Index(s, "]]>"); i >= 0 {
			return t.fail(t.I+i, "]]> in text")
		}
		t.I += n
		return token{kind: charData, text: lineEnds(s)}, t.chars(s)
	}
}

// reference reads an entity or a character by number.
func (t *tokens) reference() (string, bool) {
	const longest = 256
	for {
		s := t.S[t.I:]
		if n := strings.IndexByte(s[:min(len(s), longest)], ';'); n > 0 {
			text, ok := t.resolve(s[1:n])
			if !ok {
				return "", t.Fail(t.I, "unknown entity %.40s", s[:n+1])
			}
			t.I += n + 1
			return text, true
		}
		if len(s) >= longest || !t.More() {
			return "", t.Fail(t.I, "& stands for nothing: write &amp;")
		}
	}
}

// endTag reads </name>.
func (t *tokens) endTag() (token, bool) {
	text, ok := t.until("</", ">", "end tag")
	if !ok {
		return token{}, false
	}
	text = strings.TrimRight(text, " \t\r\n")
	if len(t.open) == 0 || t.open[len(t.open)-1].name != text {
		return t.fail(t.I, "</%.80s> closes nothing", text)
	}
	return t.pop(), true
}

func (t *tokens) pop() token {
	last := len(t.open) - 1
	t.scope, t.open = t.open[last].outer, t.open[:last]
	return token{kind: endTag}
}

// startTag reads <name attributes>.
func (t *tokens) startTag() (token, bool) {
	for {
		if end := tagEnd(t.S[t.I:]); end > 0 {
			tag := t.S[t.I+1 : t.I+end]
			elem, ok := t.tag(tag)
			t.I += end + 1
			return token{kind: startTag, elem: elem}, ok
		}
		if !t.More() {
			return token{}, t.Unclosed("tag")
		}
	}
}

// tagEnd returns where the > stands that ends the tag at the beginning of s, or -1.
func tagEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '>':
			return i
		case '"', '\'':
			n := strings.IndexByte(s[i+1:], s[i])
			if n < 0 {
				return -1
			}
			i += n + 1
		}
	}
	return -1
}

// tag takes apart what stands between < and >.
func (t *tokens) tag(s string) (*element, bool) {
	if len(t.open) == 0 && t.root {
		return nil, t.Fail(t.I, "a second root element")
	}
	if len(t.open) >= 2*document.MaxDepth {
		return nil, t.Fail(t.I, "nests deeper than %d", document.MaxDepth)
	}
	s, t.closing = strings.CutSuffix(s, "/")
	end := 0
	for end < len(s) && !blank(s[end]) {
		end++
	}
	qname := s[:end]
	t.root = true
	t.open = append(t.open, openTag{qname, t.scope})
	e := &t.elem
	e.attrs = e.attrs[:0]
	if !t.attributes(s[end:]) {
		return nil, false
	}
	var ok bool
	if e.prefix, e.name.local, ok = cutName(qname); !ok {
		return nil, t.Fail(t.I, "<%.40s is no tag", qname)
	}
	e.scope = t.scope
	if e.name.space, ok = t.scope.lookup(e.prefix); !ok {
		return nil, t.Fail(t.I, "prefix %q is not declared", e.prefix+":")
	}
	return e, t.resolveAttributes()
}

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func skipBlanks(s string) string {
	for s != "" && blank(s[0]) {
		s = s[1:]
	}
	return s
}

// cutName takes a qualified name apart.
func cutName(s string) (prefix, local string, ok bool) {
	prefix, local, found := strings.Cut(s, ":")
	if !found {
		return "", s, isName(s)
	}
	return prefix, local, isName(prefix) && isName(local)
}

// attributes reads the attributes of a tag; those that declare namespaces open a scope.
func (t *tokens) attributes(s string) bool {
	declared := (*scope)(nil)
	for {
		trimmed := skipBlanks(s)
		if trimmed == "" {
			return true
		}
		if len(trimmed) == len(s) {
			return t.Fail(t.I, "white space is missing before an attribute")
		}
		qname, rest, ok := strings.Cut(trimmed, "=")
		for qname != "" && blank(qname[len(qname)-1]) {
			qname = qname[:len(qname)-1]
		}
		rest = skipBlanks(rest)
		prefix, local, isQName := cutName(qname)
		if !ok || !isQName || rest == "" || rest[0] != '"' && rest[0] != '\'' {
			return t.Fail(t.I, "%.40q is no attribute", trimmed)
		}
		end := strings.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return t.Fail(t.I, "%.40q is no attribute", trimmed)
		}
		value, ok := t.attributeValue(rest[1 : end+1])
		if !ok {
			return false
		}
		s = rest[end+2:]
		if prefix != "xmlns" && qname != "xmlns" {
			t.elem.attrs = append(t.elem.attrs, attr{name: name{local: local}, prefix: prefix, value: value})
			continue
		}
		if declared == nil {
			declared = &scope{outer: t.scope}
			t.scope = declared
		}
		if prefix == "" {
			local = "" // the default namespace
		}
		if !t.declare(declared, local, value) {
			return false
		}
	}
}

// declare adds a namespace to a scope.
func (t *tokens) declare(s *scope, prefix, ns string) bool {
	for _, p := range s.prefix {
		if p == prefix {
			return t.Fail(t.I, "prefix %q is declared twice", prefix+":")
		}
	}
	if prefix != "" && ns == "" || prefix == "xmlns" || ns == xmlnsNS || (prefix == "xml") != (ns == xmlNS) {
		return t.Fail(t.I, "prefix %q cannot stand for %q", prefix+":", ns)
	}
	s.prefix, s.ns = append(s.prefix, prefix), append(s.ns, ns)
	return true
}

// resolveAttributes finds the namespaces of attributes. The default one is not for them.
func (t *tokens) resolveAttributes() bool {
	for i := range t.elem.attrs {
		a := &t.elem.attrs[i]
		if a.prefix != "" {
			var ok bool
			if a.name.space, ok = t.scope.lookup(a.prefix); !ok {
				return t.Fail(t.I, "prefix %q is not declared", a.prefix+":")
			}
		}
		for _, other := range t.elem.attrs[:i] {
			if other.name == a.name {
				return t.Fail(t.I, "attribute %s stands twice", a.name.local)
			}
		}
	}
	return true
}

// attributeValue resolves references and makes blanks of white space (XML 1.0, 3.3.3).
func (t *tokens) attributeValue(s string) (string, bool) {
	if strings.IndexByte(s, '<') >= 0 {
		return "", t.Fail(t.I, "< in an attribute: write &lt;")
	}
	if !t.chars(s) {
		return "", false
	}
	if strings.IndexByte(s, '&') < 0 && strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\t') < 0 && strings.IndexByte(s, '\r') < 0 {
		return s, true
	}
	blanks := strings.NewReplacer("\r\n", " ", "\r", " ", "\n", " ", "\t", " ")
	var b strings.Builder
	for {
		n := strings.IndexByte(s, '&')
		if n < 0 {
			b.WriteString(blanks.Replace(s))
			return b.String(), true
		}
		b.WriteString(blanks.Replace(s[:n]))
		ref, rest, ok := strings.Cut(s[n+1:], ";")
		if !ok {
			return "", t.Fail(t.I, "& stands for nothing: write &amp;")
		}
		text, ok := t.resolve(ref)
		if !ok {
			return "", t.Fail(t.I, "unknown entity &%.40s;", ref)
		}
		if ref[0] != '#' {
			text = blanks.Replace(text)
		}
		b.WriteString(text)
		if s = rest; b.Len() > 6*t.Max {
			return "", t.Fail(t.I, "longer than %d bytes", t.Max)
		}
	}
}
