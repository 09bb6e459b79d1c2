package marc

import "bytes"

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
	b := trimXMLSpace(t.rest)
	n := attributeName(b)
	if n == 0 {
		t.end(b)
		return false
	}
	t.name, b = b[:n], trimXMLSpace(b[n:])
	if len(b) == 0 || b[0] != '=' {
		return t.fail(b)
	}
	b = trimXMLSpace(b[1:])
	if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
		return t.fail(b)
	}
	if n = bytes.IndexByte(b[1:], b[0]); n < 0 {
		return t.fail(b)
	}
	t.value, t.rest = b[1:n+1], b[n+2:]
	return true
}

func trimXMLSpace(b []byte) []byte {
	for len(b) > 0 && isXMLSpace(b[0]) {
		b = b[1:]
	}
	return b
}

// attributeName returns the length of the name that b begins with.
func attributeName(b []byte) (n int) {
	for n < len(b) && b[n] != '=' && b[n] != '>' && b[n] != '/' && b[n] != '?' && b[n] != '<' && !isXMLSpace(b[n]) {
		n++
	}
	return n
}

func (t *tag) fail(b []byte) bool {
	t.broken = true
	t.end(b)
	return false
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
