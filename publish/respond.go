package publish

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"mocban/publish/negotiate"
)

// How long answers may be kept (RFC 9111, RFC 5861).
const (
	cachePage      = "public, max-age=300, stale-while-revalidate=86400"
	cacheRedirect  = "public, max-age=86400"
	cacheQuery     = "public, max-age=60, stale-while-revalidate=600"
	cacheImmutable = "public, max-age=31536000, immutable"
)

// An answer is a whole body with what stands above it.
type answer struct {
	contentType string
	body        []byte
	tag         string // hash of body, if it is known
	cache       string
	modified    time.Time
	vary        []string // besides Accept-Encoding
	binary      bool     // not worth compressing
}

// send writes an answer with a strong ETag, or 304 if the client has it.
func (s *site) send(w http.ResponseWriter, r *http.Request, a answer) {
	h := w.Header()
	tag := a.tag
	if tag == "" {
		tag = hash(a.body)
	}
	zip := !a.binary && len(a.body) > 512 && zipped(r)
	if zip {
		tag += "-gz"
	}
	s.validators(h, a, tag)
	if unchanged(r, tag, a.modified) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", a.contentType)
	body := a.body
	if zip {
		body = compress(body)
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// validators sets the headers that 200 and 304 share.
func (s *site) validators(h http.Header, a answer, tag string) {
	addVary(h, a.vary...)
	if !a.binary {
		addVary(h, "Accept-Encoding")
	}
	h.Set("ETag", `"`+tag+`"`)
	if !a.modified.IsZero() {
		h.Set("Last-Modified", a.modified.UTC().Format(http.TimeFormat))
	}
	h.Set("Cache-Control", a.cache)
}

// coding is how an answer of unknown length is compressed: "zstd", "gzip" or "". Its entity tag
// says so at its end.
func coding(r *http.Request) (name, tag string) {
	switch name = negotiate.Encoding(strings.Join(r.Header.Values("Accept-Encoding"), ","), "gzip", "zstd"); name {
	case "gzip":
		return name, "-gz"
	case "zstd":
		return name, "-zst"
	}
	return "", ""
}

// zipped tells whether an answer that can be compressed is.
func zipped(r *http.Request) bool {
	return negotiate.Gzip(strings.Join(r.Header.Values("Accept-Encoding"), ","))
}

// unchanged tells whether the client has what would be sent (RFC 9110, 13.2.2). An entity tag
// decides alone if there is one; that of the compressed variant is another. What is posted
// is always answered.
func unchanged(r *http.Request, tag string, modified time.Time) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != methodQuery {
		return false
	}
	if tags := r.Header.Values("If-None-Match"); len(tags) > 0 {
		for _, list := range tags {
			for t := range strings.SplitSeq(list, ",") {
				t = strings.TrimSpace(t)
				if t == "*" {
					return true
				}
				if strings.Trim(strings.TrimPrefix(t, "W/"), `"`) == tag {
					return true
				}
			}
		}
		return false
	}
	if since := r.Header.Get("If-Modified-Since"); since != "" && !modified.IsZero() {
		t, err := http.ParseTime(since)
		return err == nil && !modified.Truncate(time.Second).After(t)
	}
	return false
}

// hash names bytes: 96 bits of their SHA-256.
func hash(body []byte) string {
	sum := sha256.Sum256(body)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

var zippers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, 5)
	if err != nil {
		panic(err) // the level is a constant
	}
	return z
}}

func compress(body []byte) []byte {
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	var b bytes.Buffer
	b.Grow(len(body) / 3)
	z.Reset(&b)
	z.Write(body)
	z.Close()
	return b.Bytes()
}

// addVary adds names to Vary, each once.
func addVary(h http.Header, names ...string) {
	if len(names) > 0 && h["Vary"] == nil {
		h.Set("Vary", strings.Join(names, ", "))
		return
	}
	var all []string
	for _, line := range h.Values("Vary") {
		for name := range strings.SplitSeq(line, ",") {
			all = append(all, strings.TrimSpace(name))
		}
	}
	for _, name := range names {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if len(all) > 0 {
		h.Set("Vary", strings.Join(all, ", "))
	}
}

// redirect sends a client on. The address is of our own making and ASCII.
func redirect(w http.ResponseWriter, status int, to, cache string) {
	h := w.Header()
	h.Set("Location", to)
	h.Set("Cache-Control", cache)
	w.WriteHeader(status)
}

func newRequestID() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
