package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"mocban/ingest/charset"
)

// maxCell bounds a quoted cell in bytes and lines. What is longer is a quote that nobody
// closed.
const (
	maxCell      = 256 << 10
	maxCellLines = 500
)

// A csvReader reads comma-separated values (RFC 4180) with any of four separators, a row at a
// time. A quote that is not closed costs its line only.
type csvReader struct {
	in        *bufio.Reader
	separator byte
	charset   charset.Charset
	held      []byte // read and not used yet
	off       int64  // of held in the input
	line      int    // of held, from 1
	err       error
}

// separators are tried in this order.
const separators = ",;\t|"

// newCSV tells separator and character set from the beginning of the input.
func newCSV(in *bufio.Reader, set charset.Charset) *csvReader {
	head, _ := in.Peek(in.Size())
	r := &csvReader{in: in, charset: set, line: 1}
	if bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")) {
		in.Discard(3)
		r.off, head, r.charset = 3, head[3:], charset.UTF8
	}
	r.separator = separatorOf(head)
	if r.charset == charset.Unknown {
		r.charset = charsetOf(head)
	}
	return r
}

// separatorOf returns the separator that the first lines have most often, and as often each.
func separatorOf(head []byte) byte {
	best, most := byte(','), -1
	for _, s := range []byte(separators) {
		n, lines := 0, 0
		quoted := false
		for _, c := range head {
			switch {
			case c == '"':
				quoted = !quoted
			case c == s && !quoted:
				n++
			case c == '\n' && !quoted:
				lines++
			}
			if lines == 10 {
				break
			}
		}
		if n > most {
			best, most = s, n
		}
	}
	return best
}

// charsetOf decides for the whole file: UTF-8 if the beginning is, or what its words look
// like in (docs/adr, wrong records). What cannot be told is read as Windows-1252.
func charsetOf(head []byte) charset.Charset {
	whole := head
	if i := bytes.LastIndexByte(head, '\n'); i > 0 {
		whole = head[:i]
	}
	values := func(yield func([]byte) bool) {
		for cell := range bytes.FieldsFuncSeq(whole, func(r rune) bool { return r == ',' || r == ';' || r == '\t' || r == '\n' || r == '|' || r == '"' }) {
			if !charset.IsPlain(cell) && !yield(cell) {
				return
			}
		}
	}
	c := charset.Detect(charset.UTF8, values)
	if c == charset.UTF8 && !utf8.Valid(whole) {
		return charset.Windows1252
	}
	return c
}

// more holds one more line. It returns false at the end.
func (r *csvReader) more() bool {
	if r.err != nil {
		return false
	}
	for {
		part, err := r.in.ReadSlice('\n')
		r.held = append(r.held, part...)
		switch {
		case err == nil:
			return true
		case errors.Is(err, bufio.ErrBufferFull):
			if len(r.held) > maxCell {
				return true
			}
		default:
			r.err = err
			return len(part) > 0
		}
	}
}

// next returns the next row that is not empty, and io.EOF behind the last.
func (r *csvReader) next() (row, error) {
	for {
		if len(r.held) == 0 && !r.more() {
			if errors.Is(r.err, io.EOF) {
				return row{}, io.EOF
			}
			return row{}, r.err
		}
		cells, n, fault := r.cells()
		out := row{source: bytes.Clone(r.held[:n]), offset: r.off, line: r.line, fault: fault}
		some := false
		if fault == nil {
			for _, c := range cells {
				var note charset.Note
				text := string(bytes.TrimSpace(r.charset.Append(nil, unbroken(c), &note)))
				out.bad += note.Bad
				some = some || text != ""
				out.cells = append(out.cells, text)
			}
		}
		r.line += bytes.Count(r.held[:n], []byte{'\n'})
		r.off += int64(n)
		r.held = r.held[:copy(r.held, r.held[n:])] // the cells lay there
		if fault == nil && !some {
			continue
		}
		out.raw = out.source
		out.source = bytes.TrimRight(out.source, "\r\n")
		return out, nil
	}
}

// unbroken makes blanks of line breaks in a cell.
func unbroken(c []byte) []byte {
	if !bytes.ContainsAny(c, "\r\n\t") {
		return c
	}
	return bytes.Join(bytes.Fields(c), []byte{' '})
}

// cells takes the row at hand apart, holding more lines where a quoted cell has several, and
// returns its length.
func (r *csvReader) cells() (cells [][]byte, n int, fault *Fault) {
	first := r.firstLine()
	for at := 0; ; {
		if at < len(r.held) && r.held[at] == '"' {
			cell, end, ok := r.quoted(at)
			if !ok {
				return nil, first, &Fault{"quote", "dấu ngoặc kép mở ra nhưng không đóng", "a quote is opened here and never closed"}
			}
			cells, at = append(cells, cell), end
		} else {
			end := at
			for end < len(r.held) && r.held[end] != r.separator && r.held[end] != '\n' {
				end++
			}
			cells, at = append(cells, bytes.TrimRight(r.held[at:end], "\r")), end
		}
		if at >= len(r.held) || r.held[at] == '\n' {
			return cells, min(at+1, len(r.held)), nil
		}
		at++ // the separator
	}
}

func (r *csvReader) firstLine() int {
	if i := bytes.IndexByte(r.held, '\n'); i >= 0 {
		return i + 1
	}
	return len(r.held)
}

// quoted reads a quoted cell: two quotes in it are one. What stands between its end and the
// separator belongs to it, as spreadsheets read it.
func (r *csvReader) quoted(from int) (cell []byte, end int, ok bool) {
	lines := 0
	for at := from + 1; ; at++ {
		for at >= len(r.held) {
			if lines++; lines > maxCellLines || len(r.held)-from > maxCell || !r.more() {
				return nil, 0, false
			}
		}
		c := r.held[at]
		if c != '"' {
			cell = append(cell, c)
			continue
		}
		if at+1 < len(r.held) && r.held[at+1] == '"' {
			cell = append(cell, '"')
			at++
			continue
		}
		at++
		for at < len(r.held) && r.held[at] != r.separator && r.held[at] != '\n' {
			if r.held[at] != '\r' {
				cell = append(cell, r.held[at])
			}
			at++
		}
		return cell, at, true
	}
}
