package document

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
	"unsafe"
)

const (
	firstChunk = 8 << 10 // what a page or an ontology fits in
	nextChunk  = 256 << 10
)

// An Input is a window on a document: S[I:] is what was read and not yet used. The window
// only ever holds whole characters of valid UTF-8. Its memory is never written again, so
// terms may share it. A reader that meets the end of the window in the midst of a token asks
// for More and begins the token again.
type Input struct {
	S     string
	I     int
	Max   int   // bytes of the longest literal or IRI
	Chunk int   // bytes to read at a time; 0 means what is good
	Fault error // the first mistake

	r     io.Reader
	rest  []byte // the beginning of a character behind S
	end   bool   // nothing comes behind S
	cause error  // why, if not because the document ends there

	lines   int // line ends before S
	columns int // characters of the last line before S
	cr      bool
}

// NewInput returns the beginning of a document.
func NewInput(r io.Reader, o Options) Input { return Input{r: r, Max: o.Max()} }

// NewPart returns whole lines of a document that was taken apart, with the number of line
// ends before them, and why nothing comes behind them, if it is not that they end there.
func NewPart(text []byte, lines int, cause error, o Options) Input {
	in := Input{Max: o.Max(), end: true, cause: cause, lines: lines}
	in.keepValid(text, 0)
	return in
}

// Cause tells why nothing more comes, once nothing does: nil if the document ends there.
func (in *Input) Cause() error { return in.cause }

// More reads more of the document behind S[I:], which moves to the beginning of s. It
// returns false at the end of the document.
func (in *Input) More() bool {
	if in.end {
		return false
	}
	kept := in.S[in.I:]
	if len(kept) > 6*in.Max+64 { // \u0041 is one byte
		in.end, in.cause = true, in.errorAt(in.I, "longer than %d bytes", in.Max)
		return false
	}
	size := nextChunk
	if in.S == "" {
		size = firstChunk
	}
	if in.Chunk > 0 {
		size = in.Chunk
	}
	size = max(size, 2*len(kept))
	buf := make([]byte, len(kept)+len(in.rest), size+len(in.rest))
	copy(buf[copy(buf, kept):], in.rest)
	n, err := Fill(in.r, buf[len(buf):cap(buf)])
	buf = buf[:len(buf)+n]
	in.pass(in.S[:in.I])
	in.I = 0
	if err != nil {
		in.end = true
		if err != io.EOF {
			in.cause = fmt.Errorf("read RDF: %w", err)
		}
	}
	in.keepValid(buf, len(kept))
	return true
}

// Fill reads until buf is full. Unlike io.ReadFull it returns io.EOF only at the end of the
// document, and what else the reader said as it is: compressed files that are cut short say
// io.ErrUnexpectedEOF.
func Fill(r io.Reader, buf []byte) (n int, err error) {
	for idle := 0; n < len(buf) && err == nil; idle++ {
		var m int
		if m, err = r.Read(buf[n:]); m > 0 {
			n, idle = n+m, 0
		}
		if idle == 100 {
			err = io.ErrNoProgress
		}
	}
	return n, err
}

// keepValid makes the window of buf, up to its last whole character, or up to the first
// byte that is not UTF-8. checked bytes are known to be valid.
func (in *Input) keepValid(buf []byte, checked int) {
	valid := len(buf)
	if !in.end {
		valid = wholeRunes(buf)
	}
	in.rest = append([]byte(nil), buf[valid:]...)
	in.S = unsafe.String(unsafe.SliceData(buf), valid)
	if utf8.ValidString(in.S[checked:]) {
		return
	}
	bad := checked
	for bad < valid {
		r, n := utf8.DecodeRuneInString(in.S[bad:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		bad += n
	}
	in.end, in.rest = true, nil
	in.cause = in.errorAt(bad, "invalid UTF-8 (% X)", buf[bad:min(bad+3, len(buf))])
	in.S = in.S[:bad]
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
func (in *Input) pass(s string) {
	in.lines, in.columns, in.cr = in.count(s)
}

// count returns line ends and characters of the last line before the end of s, which begins
// the window. A line ends in LF, CR or both.
func (in *Input) count(s string) (lines, columns int, cr bool) {
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
func (in *Input) errorAt(i int, format string, args ...any) error {
	lines, columns, _ := in.count(in.S[:i])
	return &SyntaxError{Line: lines + 1, Column: columns + 1, Detail: fmt.Sprintf(format, args...)}
}

// Fail keeps the first mistake, which is at byte i of the window, and returns false. Where
// the document was cut short by another error, that error is the mistake.
func (in *Input) Fail(i int, format string, args ...any) bool {
	if in.Fault != nil {
		return false
	}
	if in.end && in.cause != nil && i >= len(in.S) {
		in.Fault = in.cause
		return false
	}
	in.Fault = in.errorAt(i, format, args...)
	return false
}

// Unexpected is the mistake of not finding what was expected at the place of the input.
func (in *Input) Unexpected(expected string) bool {
	if in.Fault != nil {
		return false
	}
	found := in.found() // may move the window
	return in.Fail(in.I, "expected %s, found %s", expected, found)
}

// found names what stands at the place of the input.
func (in *Input) found() string {
	for len(in.S)-in.I < 80 && in.More() {
	}
	if in.I >= len(in.S) {
		return "the end of the document"
	}
	s := in.S[in.I:min(in.I+80, len(in.S))]
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

// Unclosed is the mistake of a token that the document ends in.
func (in *Input) Unclosed(what string) bool {
	if in.cause != nil {
		if in.Fault == nil {
			in.Fault = in.cause
		}
		return false
	}
	return in.Fail(in.I, "%s opened here is never closed", what)
}

// Peek returns the next byte, and false at the end of the document.
func (in *Input) Peek() (byte, bool) {
	if in.I < len(in.S) || in.More() && in.I < len(in.S) {
		return in.S[in.I], true
	}
	return 0, false
}

// Starts tells whether the input goes on with prefix.
func (in *Input) Starts(prefix string) bool {
	for len(in.S)-in.I < len(prefix) && in.More() {
	}
	return strings.HasPrefix(in.S[in.I:], prefix)
}

// Accept takes prefix if the input goes on with it.
func (in *Input) Accept(prefix string) bool {
	if !in.Starts(prefix) {
		return false
	}
	in.I += len(prefix)
	return true
}

// Size fails if a token has more than the bytes allowed. It begins at byte i.
func (in *Input) Size(i, n int) bool {
	if n > in.Max {
		return in.Fail(i, "longer than %d bytes", in.Max)
	}
	return true
}
