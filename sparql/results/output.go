package results

import "io"

// flushBytes is how much is gathered before it is written.
const flushBytes = 32 << 10

// fewBytes is the room that an answer begins with: most answers are short.
const fewBytes = 1 << 10

// An output gathers bytes.
type output struct {
	w   io.Writer
	b   []byte
	err error
}

// spill writes what is gathered, if it is enough.
func (o *output) spill() error {
	if len(o.b) < flushBytes {
		return o.err
	}
	return o.flush()
}

func (o *output) flush() error {
	if o.err == nil && len(o.b) > 0 {
		_, o.err = o.w.Write(o.b)
	}
	o.b = o.b[:0]
	return o.err
}

// fail keeps the first error.
func (o *output) fail(err error) error {
	if o.err == nil {
		o.err = err
	}
	return o.err
}
