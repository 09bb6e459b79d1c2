package formats

import (
	"bytes"
	"errors"
	"io"
)

// A tokenKind is what a token of XML is.
type tokenKind uint8

const (
	textToken tokenKind = iota
	startTag
	endTag
	emptyTag
	commentToken // and CDATA, and instructions
	declaration  // <?xml ...?>
	doctypeToken
	brokenTag // a tag that has no end
)

// A token is a piece of a document: its kind and its bytes, which are good until the next one
// is asked for unless they are held.
type token struct {
	kind tokenKind
	text []byte
}

// maxMarkup bounds a tag, a comment or a section of CDATA.
const maxMarkup = 1 << 20

// A scanner cuts a document of XML into tokens and checks nothing of it. From the place where
// it is told to hold, bytes stay until it is told to let go.
type scanner struct {
	r    io.Reader
	buf  []byte
	pos  int   // of the next token in buf
	off  int64 // of buf[0] in the input
	held int   // from where bytes are held; -1 for nowhere
	done bool
	err  error // other than io.EOF
}

func newScanner(r io.Reader) *scanner {
	return &scanner{r: r, buf: make([]byte, 0, 64<<10), held: -1}
}

// more reads on; it returns false at the end of the input.
func (s *scanner) more() bool {
	if s.done {
		return false
	}
	if len(s.buf) == cap(s.buf) {
		from := s.pos
		if s.held >= 0 {
			from = s.held
		}
		if from > 0 {
			s.buf = s.buf[:copy(s.buf, s.buf[from:])]
			s.off += int64(from)
			s.pos -= from
			if s.held >= 0 {
				s.held = 0
			}
		}
		if 2*len(s.buf) > cap(s.buf) {
			s.buf = append(make([]byte, 0, 2*cap(s.buf)), s.buf...)
		}
	}
	for range 100 {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if err != nil {
			s.done = true
			if !errors.Is(err, io.EOF) {
				s.err = err
			}
			return n > 0
		}
		if n > 0 {
			return true
		}
	}
	s.done, s.err = true, io.ErrNoProgress
	return false
}

// place returns the offset of the next token in the input.
func (s *scanner) place() int64 { return s.off + int64(s.pos) }

// hold keeps what comes from here on, and n bytes before.
func (s *scanner) hold(n int) { s.held = s.pos - n }

// take returns what was held up to the next token, and lets go.
func (s *scanner) take() []byte {
	b := bytes.Clone(s.buf[s.held:s.pos])
	s.held = -1
	return b
}

// size returns how much is held.
func (s *scanner) size() int { return s.pos - s.held }

// next returns the next token; ok is false at the end.
func (s *scanner) next() (t token, ok bool) {
	if s.pos == len(s.buf) && !s.more() {
		return token{}, false
	}
	if s.buf[s.pos] != '<' {
		n := bytes.IndexByte(s.buf[s.pos:], '<')
		if n < 0 {
			n = len(s.buf) - s.pos
		}
		return s.cut(textToken, n), true
	}
	for len(s.buf)-s.pos < 12 && s.more() {
	}
	b := s.buf[s.pos:]
	switch {
	case bytes.HasPrefix(b, []byte("<!--")):
		return s.until("-->", 4, commentToken), true
	case bytes.HasPrefix(b, []byte("<![CDATA[")):
		return s.until("]]>", 9, commentToken), true
	case bytes.HasPrefix(b, []byte("<?xml ")):
		return s.until("?>", 2, declaration), true
	case bytes.HasPrefix(b, []byte("<?")):
		return s.until("?>", 2, commentToken), true
	case bytes.HasPrefix(b, []byte("<!")):
		return s.until(">", 2, doctypeToken), true
	}
	return s.tag(), true
}

func (s *scanner) cut(kind tokenKind, n int) token {
	t := token{kind, s.buf[s.pos : s.pos+n]}
	s.pos += n
	return t
}

// until ends a token behind end, or after all that is there.
func (s *scanner) until(end string, from int, kind tokenKind) token {
	for {
		b := s.buf[s.pos:]
		if from < len(b) {
			if i := bytes.Index(b[from:], []byte(end)); i >= 0 {
				return s.cut(kind, from+i+len(end))
			}
		}
		from = max(from, len(b)-len(end)+1)
		if len(b) > maxMarkup || !s.more() {
			return s.cut(kind, len(s.buf)-s.pos)
		}
	}
}

// tag ends at an angle bracket outside of quotes. One inside of them opens another tag: this
// one is broken.
func (s *scanner) tag() token {
	quote := byte(0)
	for i := 1; ; i++ {
		if s.pos+i >= len(s.buf) && (i > maxMarkup || !s.more()) {
			return s.cut(brokenTag, len(s.buf)-s.pos)
		}
		switch c := s.buf[s.pos+i]; {
		case c == '<':
			return s.cut(brokenTag, i)
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			kind := startTag
			switch {
			case s.buf[s.pos+1] == '/':
				kind = endTag
			case s.buf[s.pos+i-1] == '/':
				kind = emptyTag
			}
			return s.cut(kind, i+1)
		}
	}
}
