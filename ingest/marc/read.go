package marc

import (
	"errors"
	"fmt"
	"io"
)

// A Reader gives the records of an input in order.
type Reader interface {
	// Next returns the next record, and io.EOF at the end. A *BadRecord tells of one record
	// that could not be read: the next call goes on behind it. Any other error ends the input.
	Next() (*Record, error)
}

// A BadRecord is a stretch of input in which no record could be read. Nothing of the input
// is in neither a record nor a BadRecord, but for the space between them.
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
}

// NewReader returns a reader for an input whose format is told by its first bytes.
func NewReader(r io.Reader, o ReadOptions) (Reader, error) {
	return nil, errors.New("not built yet")
}
