package publish

import (
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	streamBuffer = 64 << 10         // bytes held back, so that an early failure still gets a status
	streamWait   = time.Second      // how long they are held back
	writeTime    = 30 * time.Second // for a client to take one buffer
)

// A stream writes an answer whose length nobody knows. The first bytes are held back; once
// they are out, an error can only break the connection. The end is told by the trailer
// Query-Status.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	zip     packer // nil: what is written goes out as it is
	pool    *sync.Pool
	held    *[]byte // nil once it is out
	since   time.Time
	started bool
	sent    int   // bytes since the deadline was set
	size    int64 // bytes so far, before compression

	keep   int    // copy what is written, as long as it is no longer; 0 for not
	copied []byte // before compression
}

// held are buffers for what is held back.
var held = sync.Pool{New: func() any { return new([]byte) }}

func newStream(w http.ResponseWriter, r *http.Request) *stream {
	t := &stream{w: w, control: http.NewResponseController(w), since: time.Now(), held: held.Get().(*[]byte)}
	w.Header().Set("Trailer", "Query-Status")
	name, _ := coding(r)
	switch name {
	case "gzip":
		t.pool = &zippers
	case "zstd":
		t.pool = &packers
	default:
		return t
	}
	t.zip = t.pool.Get().(packer)
	t.zip.Reset(sink{t})
	w.Header().Set("Content-Encoding", name)
	return t
}

// A packer compresses what is written to it.
type packer interface {
	io.WriteCloser
	Reset(io.Writer)
}

var (
	_ packer = (*gzip.Writer)(nil)
	_ packer = (*zstd.Encoder)(nil)
)

// packers are those of zstd: each needs about 1 MiB, and who unpacks needs 256 KiB (RFC 9659
// allows 8 MiB).
var packers = sync.Pool{New: func() any {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithWindowSize(256<<10), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the options are constants
	}
	return z
}}

// sink is where compressed bytes go.
type sink struct{ t *stream }

func (s sink) Write(b []byte) (int, error) { return s.t.put(b) }

func (t *stream) Write(b []byte) (int, error) {
	t.size += int64(len(b))
	switch {
	case t.keep == 0:
	case len(t.copied)+len(b) > t.keep:
		t.keep, t.copied = 0, nil
	default:
		t.copied = append(t.copied, b...)
	}
	if t.zip != nil {
		return t.zip.Write(b)
	}
	return t.put(b)
}

func (t *stream) put(b []byte) (int, error) {
	if t.started {
		return t.send(b)
	}
	*t.held = append(*t.held, b...)
	if len(*t.held) < streamBuffer && time.Since(t.since) < streamWait {
		return len(b), nil
	}
	t.started = true
	if _, err := t.send(*t.held); err != nil {
		return 0, err
	}
	t.release()
	return len(b), nil
}

// release gives back the buffer of what was held back. An answer that came to nothing keeps its
// own.
func (t *stream) release() {
	if cap(*t.held) <= 2*streamBuffer {
		*t.held = (*t.held)[:0]
		held.Put(t.held)
	}
	t.held = nil
}

// send gives bytes to the client, who must take each buffer in time.
func (t *stream) send(b []byte) (int, error) {
	if t.sent += len(b); t.sent >= streamBuffer || t.held != nil {
		t.sent = 0
		_ = t.control.SetWriteDeadline(time.Now().Add(writeTime)) // not every writer has one
	}
	return t.w.Write(b)
}

// close ends the answer and says that it is whole.
func (t *stream) close(status string) error {
	if t.zip != nil {
		err := t.zip.Close()
		t.zip.Reset(io.Discard)
		t.pool.Put(t.zip)
		if err != nil {
			return err
		}
	}
	if !t.started {
		t.started = true
		if _, err := t.w.Write(*t.held); err != nil {
			return err
		}
		t.release()
	}
	t.w.Header().Set("Query-Status", status)
	return nil
}
