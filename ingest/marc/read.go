package marc

import (
	"bytes"
	"fmt"
	"io"

	"mocban/ingest/charset"
)

// A Reader gives the records of an input in order.
type Reader interface {
	// Next returns the next record, and io.EOF at the end. A *BadRecord tells of one record
	// that could not be read: the next call goes on behind it. Any other error ends the input.
	Next() (*Record, error)
}

// A BadRecord is a stretch of input in which no record could be read. Nothing of the input
// is in neither a record nor a BadRecord, but for the space between them: blanks, line ends
// and the markup of XML around records.
type BadRecord struct {
	Number int // counted with the records, from 1
	Offset int64
	ID     string // control number, where it could be made out
	Source []byte
	Rule   string // a stable name: "directory", "not-marc"
	Vi, En string // what is wrong and what to do
}

func (e *BadRecord) Error() string {
	return fmt.Sprintf("record %d at byte %d: %s", e.Number, e.Offset, e.En)
}

// ReadOptions say how records are read. The zero value finds out by itself.
type ReadOptions struct {
	// Charset is that of ISO 2709 records: "marc8", "utf8", "iso5426", "tcvn3", "vni",
	// "viscii" and the like. Empty decides record by record; leader/09 is a hint.
	Charset string

	// Format names the format where the bytes do not tell: "csv", "mods" and the like, see
	// ingest/formats, which reads what is no MARC.
	Format string

	// AsIs leaves alone what a reader otherwise mends without being asked: # for a blank, text
	// that was read twice, control characters, line breaks, a leader of another length. An
	// indicator that MARCXML does not give is a zero byte. It is for profiles that must give
	// what other programs give.
	AsIs bool
}

// NewReader returns a reader for an input whose format is told by its first bytes: an angle
// bracket begins MARCXML, a brace or bracket MARC-in-JSON, an equals sign or a tag the line
// forms. What looks like nothing else is taken for ISO 2709.
func NewReader(r io.Reader, o ReadOptions) (Reader, error) {
	set := charset.Unknown
	if o.Charset != "" {
		var ok bool
		if set, ok = charset.Named(o.Charset); !ok {
			return nil, fmt.Errorf("character set %q is not known", o.Charset)
		}
	}
	w := newWindow(r)
	if bytes.HasPrefix(w.fill(3), []byte("\xEF\xBB\xBF")) {
		w.skip(3)
	}
	b := w.skipSpace()
	if len(b) < 512 {
		b = w.fill(512)
	}
	if w.err != nil && len(b) == 0 {
		return nil, fmt.Errorf("read records: %w", w.err)
	}
	switch {
	case len(b) == 0:
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}) || bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		return &wholeReader{w: w, why: isUTF16}, nil
	case isHTML(b):
		return &wholeReader{w: w, why: notMARC}, nil
	case b[0] == '<':
		x := newXMLReader(w)
		x.b.asIs = o.AsIs
		return x, nil
	case isAlephLine(firstLine(b)):
		return &alephReader{w: w, b: builder{asIs: o.AsIs}}, nil
	case isLineForm(b):
		return &lineReader{w: w, b: builder{asIs: o.AsIs}}, nil
	case b[0] == '{' || b[0] == '[':
		if !isMARCJSON(w.fill(4096)) {
			return &wholeReader{w: w, why: isJSON}, nil
		}
		return &jsonReader{w: w, b: builder{asIs: o.AsIs}}, nil
	case isISISFile(w.fill(4096)):
		return &isisReader{w: w, charset: set, b: builder{asIs: o.AsIs}}, nil
	}
	return &isoReader{w: w, charset: set, b: builder{asIs: o.AsIs}}, nil
}

func isHTML(b []byte) bool {
	head := bytes.ToLower(b[:min(len(b), 512)])
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html"))
}

func isUTF16([]byte) *BadRecord {
	return bad("encoding", "tệp dùng UTF-16; hãy chuyển sang UTF-8", "the file is in UTF-16; convert it to UTF-8")
}

func isJSON([]byte) *BadRecord {
	return bad("format", "đây là JSON nhưng không phải MARC-in-JSON",
		"this is JSON, but no MARC-in-JSON")
}

// A wholeReader gives an input that holds no records as bad stretches.
type wholeReader struct {
	w      *window
	number int
	why    func([]byte) *BadRecord
}

func (r *wholeReader) Next() (*Record, error) {
	b := r.w.fill(1 << 20)
	if len(b) == 0 {
		return nil, r.w.end()
	}
	b = bytes.Clone(b[:min(len(b), 1<<20)])
	r.number++
	fault := r.why(b)
	fault.Number, fault.Offset, fault.Source = r.number, r.w.off, b
	r.w.skip(len(b))
	return nil, fault
}
