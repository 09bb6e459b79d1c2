package rdfxml

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"mocban/graph/rdfio/document"
)

var encodingDecl = regexp.MustCompile(`^<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)

// decoded returns a document in UTF-8: one that begins with a mark of UTF-16, or says that
// it is in ISO-8859-1, is converted.
func decoded(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 4<<10)
	switch mark, _ := b.Peek(3); {
	case string(mark) == "\uFEFF":
		b.Discard(3)
	case len(mark) >= 2 && (mark[0] == 0xFE && mark[1] == 0xFF || mark[0] == 0xFF && mark[1] == 0xFE):
		b.Discard(2)
		return &utf16Reader{r: b, little: mark[0] == 0xFF}
	}
	head, _ := b.Peek(256)
	m := encodingDecl.FindSubmatch(head)
	if m == nil {
		return b
	}
	switch name := strings.ToLower(string(m[1])); name {
	case "utf-8", "utf8", "us-ascii", "ascii":
		return b
	case "iso-8859-1", "latin1", "latin-1":
		return &latin1{r: b}
	default:
		return failing{&document.SyntaxError{Line: 1, Column: 1, Detail: fmt.Sprintf("encoding %q is not supported", name)}}
	}
}

// failing is a document that cannot be read.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// latin1 reads ISO-8859-1 as UTF-8.
type latin1 struct {
	r    *bufio.Reader
	rest []byte
}

func (l *latin1) Read(p []byte) (int, error) {
	for len(l.rest) < len(p) && len(l.rest) < 4096 {
		c, err := l.r.ReadByte()
		if err != nil {
			if len(l.rest) > 0 && err == io.EOF {
				break
			}
			return 0, err
		}
		l.rest = utf8.AppendRune(l.rest, rune(c))
	}
	n := copy(p, l.rest)
	l.rest = l.rest[:copy(l.rest, l.rest[n:])]
	return n, nil
}

// utf16Reader reads UTF-16 as UTF-8.
type utf16Reader struct {
	r      *bufio.Reader
	little bool
	rest   []byte
}

var errUTF16 = errors.New("invalid UTF-16")

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
					err = errUTF16
				}
			} else if err == io.EOF {
				err = errUTF16
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
	u.rest = u.rest[:copy(u.rest, u.rest[n:])]
	return n, nil
}
