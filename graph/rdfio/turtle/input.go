package turtle

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
	"unsafe"

	"mocban/graph/rdfio/document"
)

// How much is read at a time: variables for tests.
var (
	firstChunk = 8 << 10 // what a page or an ontology fits in
	chunk      = 256 << 10
)

// input is a window on the document: s[i:] is what was read and not yet used. The window
// only ever holds whole characters of valid UTF-8. Its memory is never written again, so
// terms may share it.
type input struct {
	r     io.Reader
	s     string
	i     int
	max   int    // bytes of the longest literal or IRI
	rest  []byte // the beginning of a character behind s
	end   bool   // nothing comes behind s
	cause error  // why, if not because the document ends there
	fault error  // the first mistake

	lines   int // line ends before s
	columns int // characters of the last line before s
	cr      bool
}

func newInput(r io.Reader, max int) input { return input{r: r, max: max} }

// more reads more of the document behind s[i:], which moves to the beginning of s. It
// returns false at the end of the document.
func (in *input) more() bool {
	if in.end {
		return false
	}
	kept := in.s[in.i:]
	if len(kept) > 6*in.max+64 { // \u0041 is one byte
		in.end, in.cause = true, in.errorAt(in.i, "longer than %d bytes", in.max)
		return false
	}
	size := chunk
	if in.s == "" {
		size = firstChunk
	}
	size = max(size, 2*len(kept))
	buf := make([]byte, len(kept)+len(in.rest), size+len(in.rest))
	copy(buf[copy(buf, kept):], in.rest)
	n, err := io.ReadFull(in.r, buf[len(buf):cap(buf)])
	buf = buf[:len(buf)+n]
	in.pass(in.s[:in.i])
	in.i = 0
	if err != nil {
		in.end = true
		if err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
			in.cause = fmt.Errorf("read RDF: %w", err)
		}
	}
	in.keepValid(buf, len(kept))
	return true
}

// keepValid makes the window of buf, up to its last whole character, or up to the first
// byte that is not UTF-8. checked bytes are known to be valid.
func (in *input) keepValid(buf []byte, checked int) {
	valid := len(buf)
	if !in.end {
		valid = wholeRunes(buf)
	}
	in.rest = append([]byte(nil), buf[valid:]...)
	in.s = unsafe.String(unsafe.SliceData(buf), valid)
	if utf8.ValidString(in.s[checked:]) {
		return
	}
	bad := checked
	for bad < valid {
		r, n := utf8.DecodeRuneInString(in.s[bad:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		bad += n
	}
	in.end, in.rest = true, nil
	in.cause = in.errorAt(bad, "invalid UTF-8 (% X)", buf[bad:min(bad+3, len(buf))])
	in.s = in.s[:bad]
}

// wholeRunes returns the length of b without a character that may go on behind it.
func wholeRunes(b []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return len(b) - i
			}
			break
		}
	}
	return len(b)
}

// pass counts the lines of what leaves the window.
func (in *input) pass(s string) {
	in.lines, in.columns, in.cr = in.count(s)
}

// count returns line ends and characters of the last line before the end of s, which begins
// the window. A line ends in LF, CR or both.
func (in *input) count(s string) (lines, columns int, cr bool) {
	if s == "" {
		return in.lines, in.columns, in.cr
	}
	lines = in.lines + strings.Count(s, "\n")
	if r := strings.Count(s, "\r"); r > 0 {
		lines += r - strings.Count(s, "\r\n")
	}
	if in.cr && s[0] == '\n' {
		lines-- // the CR was counted
	}
	if i := strings.LastIndexAny(s, "\r\n"); i >= 0 {
		return lines, utf8.RuneCountInString(s[i+1:]), s[len(s)-1] == '\r'
	}
	return lines, in.columns + utf8.RuneCountInString(s), false
}

// errorAt returns the error of a mistake at byte i of the window.
func (in *input) errorAt(i int, format string, args ...any) error {
	lines, columns, _ := in.count(in.s[:i])
	return &document.SyntaxError{Line: lines + 1, Column: columns + 1, Detail: fmt.Sprintf(format, args...)}
}

// fail keeps the first mistake, which is at byte i of the window, and returns false. Where
// the document was cut short by another error, that error is the mistake.
func (in *input) fail(i int, format string, args ...any) bool {
	if in.fault != nil {
		return false
	}
	if in.end && in.cause != nil && i >= len(in.s) {
		in.fault = in.cause
		return false
	}
	in.fault = in.errorAt(i, format, args...)
	return false
}

// unexpected is the mistake of not finding what was expected at the place of the input.
func (in *input) unexpected(expected string) bool {
	if in.fault != nil {
		return false
	}
	found := in.found() // may move the window
	return in.fail(in.i, "expected %s, found %s", expected, found)
}

// found names what stands at the place of the input.
func (in *input) found() string {
	for len(in.s)-in.i < 80 && in.more() {
	}
	if in.i >= len(in.s) {
		return "the end of the document"
	}
	s := in.s[in.i:min(in.i+80, len(in.s))]
	if end := strings.IndexAny(s[1:], " \t\r\n"); end >= 0 {
		s = s[:end+1]
	}
	for i, n := range []byte(s) { // not more than twenty characters
		if n >= utf8.RuneSelf && utf8.RuneStart(n) && i > 20 || i > 40 {
			return fmt.Sprintf("%q...", s[:i])
		}
	}
	if s == "\r" || s == "\n" || s == "" {
		return "the end of the line"
	}
	return fmt.Sprintf("%q", s)
}

// unclosed is the mistake of a token that the document ends in.
func (in *input) unclosed(what string) bool {
	if in.cause != nil {
		if in.fault == nil {
			in.fault = in.cause
		}
		return false
	}
	return in.fail(in.i, "%s opened here is never closed", what)
}

// peek returns the next byte, and false at the end of the document.
func (in *input) peek() (byte, bool) {
	if in.i < len(in.s) || in.more() && in.i < len(in.s) {
		return in.s[in.i], true
	}
	return 0, false
}

// starts tells whether the input goes on with prefix.
func (in *input) starts(prefix string) bool {
	for len(in.s)-in.i < len(prefix) && in.more() {
	}
	return strings.HasPrefix(in.s[in.i:], prefix)
}

// accept takes prefix if the input goes on with it.
func (in *input) accept(prefix string) bool {
	if !in.starts(prefix) {
		return false
	}
	in.i += len(prefix)
	return true
}

// size fails if a token has more than the bytes allowed. It begins at byte i.
func (in *input) size(i, n int) bool {
	if n > in.max {
		return in.fail(i, "longer than %d bytes", in.max)
	}
	return true
}
