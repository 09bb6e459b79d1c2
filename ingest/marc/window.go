package marc

import (
	"bytes"
	"errors"
	"io"
)

// maxRecord bounds a record in bytes. Real ones stay below a hundredth of it; what is longer
// is a file without an end.
const maxRecord = 16 << 20

// A window is the part of an input that is being looked at. Bytes in front of it are gone,
// so memory does not grow with the input.
type window struct {
	r    io.Reader
	buf  []byte
	pos  int   // what is before buf[pos] was skipped
	off  int64 // of buf[pos] in the input
	done bool
	err  error // other than io.EOF
}

func newWindow(r io.Reader) *window { return &window{r: r, buf: make([]byte, 0, 256<<10)} }

// rest returns what is in the window.
func (w *window) rest() []byte { return w.buf[w.pos:] }

// fill returns the window with at least n bytes in it, fewer only at the end of the input.
func (w *window) fill(n int) []byte {
	for len(w.buf)-w.pos < n && w.more() {
	}
	return w.buf[w.pos:]
}

// skip moves the window on by n bytes of it.
func (w *window) skip(n int) {
	w.pos += n
	w.off += int64(n)
}

// more reads on; it returns false at the end of the input.
func (w *window) more() bool {
	if w.done {
		return false
	}
	if w.pos > 0 && len(w.buf) == cap(w.buf) {
		w.buf = w.buf[:copy(w.buf, w.buf[w.pos:])]
		w.pos = 0
	}
	if len(w.buf) == cap(w.buf) {
		w.buf = append(make([]byte, 0, 2*cap(w.buf)), w.buf...)
	}
	for range 100 {
		n, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
		if err != nil {
			w.done = true
			if !errors.Is(err, io.EOF) {
				w.err = err
			}
			return n > 0
		}
		if n > 0 {
			return true
		}
	}
	w.done, w.err = true, io.ErrNoProgress
	return false
}

// end returns what a reader says when nothing is left.
func (w *window) end() error {
	if w.err != nil {
		return w.err
	}
	return io.EOF
}

// skipSpace skips what stands between records: blanks, line ends, NULs and the end-of-file
// mark of DOS. It returns what stands there.
func (w *window) skipSpace() []byte {
	for {
		b := w.fill(1)
		n := 0
		for n < len(b) && isSpace(b[n]) {
			n++
		}
		w.skip(n)
		if n < len(b) || len(b) == 0 {
			return b[n:]
		}
	}
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0 || c == 0x1A
}

// index returns where sep stands in the window, reading on up to limit bytes, or -1.
func (w *window) index(sep []byte, from, limit int) int {
	for {
		b := w.rest()
		if from < len(b) {
			if i := bytes.Index(b[from:], sep); i >= 0 {
				return from + i
			}
		}
		from = max(from, len(b)-len(sep)+1)
		if len(b) >= limit || !w.more() {
			return -1
		}
	}
}
