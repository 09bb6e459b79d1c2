package rdfxml

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"mocban/graph/rdfio/document"
)

// tokens gives the tokens of an XML document with their namespaces resolved (Namespaces in
// XML 1.0). It loads nothing: of a document type it knows the entities that stand in it.
type tokens struct {
	d     *xml.Decoder
	scope *scope
	open  []xml.Name // elements, by prefix and name
	root  bool       // the root element was seen
	err   error
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

// An element is a start tag. Declarations of namespaces are not among its attributes.
type element struct {
	name   xml.Name // with the namespace
	prefix string
	attrs  []attr
	scope  *scope
}

type attr struct {
	name   xml.Name
	prefix string
	value  string
}

func newTokens(r io.Reader) *tokens {
	d := xml.NewDecoder(utf8Reader(r))
	d.Entity = map[string]string{}
	d.CharsetReader = charset
	return &tokens{d: d}
}

// charset converts the encodings that a declaration may name. UTF-16 is known by its mark
// and was converted before.
func charset(name string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(name) {
	case "utf-8", "us-ascii", "utf-16":
		return r, nil
	case "iso-8859-1", "latin1":
		return &latin1{r: bufio.NewReader(r)}, nil
	}
	return nil, fmt.Errorf("encoding %q is not supported", name)
}

// latin1 reads ISO-8859-1 as UTF-8.
type latin1 struct {
	r    *bufio.Reader
	rest byte // second byte of a character
}

func (l *latin1) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if l.rest != 0 {
			p[n], l.rest = l.rest, 0
			n++
			continue
		}
		if n > 0 && l.r.Buffered() == 0 {
			break
		}
		c, err := l.r.ReadByte()
		if err != nil {
			if n > 0 {
				err = nil
			}
			return n, err
		}
		if c >= utf8.RuneSelf {
			l.rest = 0x80 | c&0x3f
			c = 0xC0 | c>>6
		}
		p[n] = c
		n++
	}
	return n, nil
}

// ReadByte keeps encoding/xml from buffering once more.
func (l *latin1) ReadByte() (byte, error) {
	var b [1]byte
	_, err := io.ReadFull(l, b[:])
	return b[0], err
}

// utf8Reader converts a document that begins with a mark of UTF-16, and takes the mark of
// UTF-8 away.
func utf8Reader(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 64<<10)
	switch mark, _ := b.Peek(3); {
	case string(mark) == "\uFEFF":
		b.Discard(3)
	case len(mark) >= 2 && (mark[0] == 0xFE && mark[1] == 0xFF || mark[0] == 0xFF && mark[1] == 0xFE):
		b.Discard(2)
		return bufio.NewReader(&utf16Reader{r: b, little: mark[0] == 0xFF})
	}
	return b
}

type utf16Reader struct {
	r      *bufio.Reader
	little bool
	rest   []byte
}

func (u *utf16Reader) unit() (rune, error) {
	var b [2]byte
	if _, err := io.ReadFull(u.r, b[:]); err != nil {
		return 0, err
	}
	if u.little {
		b[0], b[1] = b[1], b[0]
	}
	return rune(b[0])<<8 | rune(b[1]), nil
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.rest) < len(p) && len(u.rest) < 4096 {
		r, err := u.unit()
		if err == nil && utf16.IsSurrogate(r) {
			var low rune
			if low, err = u.unit(); err == nil {
				if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
					err = errors.New("lone surrogate in UTF-16")
				}
			}
		}
		if err != nil {
			if len(u.rest) > 0 && err == io.EOF {
				break
			}
			return 0, err
		}
		u.rest = utf8.AppendRune(u.rest, r)
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

// fail returns the mistake at the place of the last token.
func (t *tokens) fail(format string, args ...any) error {
	line, column := t.d.InputPos()
	return &document.SyntaxError{Line: line, Column: column, Detail: fmt.Sprintf(format, args...)}
}

// next returns the next token: *element, xml.EndElement, xml.CharData, xml.Comment or
// xml.ProcInst. It returns io.EOF behind the root element.
func (t *tokens) next() (any, error) {
	for {
		raw, err := t.d.RawToken()
		if err != nil {
			return nil, t.broken(err)
		}
		switch tok := raw.(type) {
		case xml.StartElement:
			if len(t.open) == 0 && t.root {
				return nil, t.fail("a second root element")
			}
			if len(t.open) >= 2*document.MaxDepth {
				return nil, t.fail("nests deeper than %d", document.MaxDepth)
			}
			t.root = true
			t.open = append(t.open, tok.Name)
			return t.start(tok)
		case xml.EndElement:
			if len(t.open) == 0 || t.open[len(t.open)-1] != tok.Name {
				return nil, t.fail("</%s> closes nothing", qualified(tok.Name))
			}
			t.open = t.open[:len(t.open)-1]
			t.scope = t.scope.outer
			return tok, nil
		case xml.Directive:
			if t.root {
				return nil, t.fail("a document type stands before the root element")
			}
			if err := t.doctype(string(tok)); err != nil {
				return nil, err
			}
		case xml.CharData:
			if len(t.open) == 0 {
				if strings.TrimSpace(string(tok)) != "" {
					return nil, t.fail("text outside of the root element")
				}
				continue
			}
			return tok, nil
		default:
			return tok, nil
		}
	}
}

// broken returns what it means that no token could be read.
func (t *tokens) broken(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case err == io.EOF && len(t.open) > 0:
		return t.fail("<%s> is not closed", qualified(t.open[len(t.open)-1]))
	case err == io.EOF && !t.root:
		return t.fail("the document is empty")
	case err == io.EOF:
		return io.EOF
	case errors.As(err, &syntax):
		return t.fail("%s", syntax.Msg)
	case strings.HasPrefix(err.Error(), "xml: "):
		return t.fail("%s", strings.TrimPrefix(err.Error(), "xml: "))
	}
	return fmt.Errorf("read RDF/XML: %w", err)
}

func qualified(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// start resolves the namespaces of a start tag.
func (t *tokens) start(tok xml.StartElement) (*element, error) {
	s := &scope{outer: t.scope}
	t.scope = s
	e := &element{scope: s}
	for _, a := range tok.Attr {
		switch {
		case a.Name.Space == "xmlns":
			if a.Value == "" || a.Name.Local == "xmlns" || (a.Name.Local == "xml") != (a.Value == xmlNS) {
				return nil, t.fail("prefix %q cannot stand for %q", a.Name.Local, a.Value)
			}
			s.prefix, s.ns = append(s.prefix, a.Name.Local), append(s.ns, strings.Clone(a.Value))
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			s.prefix, s.ns = append(s.prefix, ""), append(s.ns, strings.Clone(a.Value))
		}
	}
	var ok bool
	e.prefix = tok.Name.Space
	if e.name.Space, ok = s.lookup(e.prefix); !ok {
		return nil, t.fail("prefix %q is not declared", e.prefix+":")
	}
	e.name.Local = tok.Name.Local
	for _, a := range tok.Attr {
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			continue
		}
		at := attr{prefix: a.Name.Space, value: a.Value, name: xml.Name{Local: a.Name.Local}}
		if at.prefix != "" { // the default namespace is not for attributes
			if at.name.Space, ok = s.lookup(at.prefix); !ok {
				return nil, t.fail("prefix %q is not declared", at.prefix+":")
			}
		}
		for _, other := range e.attrs {
			if other.name == at.name {
				return nil, t.fail("attribute %s stands twice", qualified(a.Name))
			}
		}
		e.attrs = append(e.attrs, at)
	}
	return e, nil
}

// Limits of what a document type may declare. An entity is expanded when it is declared,
// from those before it, so that a few lines cannot become a gigabyte.
const (
	maxEntities    = 256
	maxEntityBytes = 64 << 10
)

var (
	entityDecl = regexp.MustCompile(`(?s)<!ENTITY\s+([^\s%>"']+)\s+(?:"([^"]*)"|'([^']*)')\s*>`)
	entityRef  = regexp.MustCompile(`&([^;&\s]+);`)
	comments   = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// doctype takes the entities of a document type.
func (t *tokens) doctype(text string) error {
	total := 0
	for _, m := range entityDecl.FindAllStringSubmatch(comments.ReplaceAllString(text, ""), -1) {
		name, value := m[1], m[2]+m[3]
		if _, again := t.d.Entity[name]; again {
			continue // the first one counts
		}
		value = entityRef.ReplaceAllStringFunc(value, func(ref string) string { return t.expand(ref) })
		total += len(value)
		if len(t.d.Entity) >= maxEntities || total > maxEntityBytes {
			return t.fail("more than %d entities, or %d bytes of them", maxEntities, maxEntityBytes)
		}
		t.d.Entity[name] = value
	}
	return nil
}

// expand returns what a reference in the text of an entity stands for. One that is not
// known stays, and is a mistake where it is used.
func (t *tokens) expand(ref string) string {
	name := ref[1 : len(ref)-1]
	if v, ok := t.d.Entity[name]; ok {
		return v
	}
	var r rune
	if n, err := fmt.Sscanf(name, "#x%x", &r); n == 1 && err == nil && utf8.ValidRune(r) {
		return string(r)
	}
	if n, err := fmt.Sscanf(name, "#%d", &r); n == 1 && err == nil && utf8.ValidRune(r) {
		return string(r)
	}
	switch name {
	case "amp":
		return "&"
	case "lt":
		return "<"
	case "gt":
		return ">"
	case "quot":
		return `"`
	case "apos":
		return "'"
	}
	return ref
}
