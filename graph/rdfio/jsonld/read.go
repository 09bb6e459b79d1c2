package jsonld

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/piprate/json-gold/ld"

	"mocban/graph"
	"mocban/graph/rdfio/document"
	"mocban/graph/rdfio/iri"
)

// MaxBytes is the longest document that is read. JSON-LD cannot be read as it comes: a
// document is held, several times over.
const MaxBytes = 32 << 20

// A Reader reads JSON-LD through json-gold. The first Read reads the whole document.
type Reader struct {
	r     io.Reader
	o     document.Options
	quads []graph.Quad
	err   error

	loader ld.DocumentLoader // for tests
	api    api
}

// api are options of the JSON-LD API (JSON-LD 1.1 API, 9.3) that nobody needs who reads data.
// The suite of the W3C sets them.
type api struct {
	mode      string // of processing, "" for JSON-LD 1.1
	context   any    // to expand with
	direction string // how base directions are written: "i18n-datatype", "compound-literal", or not
}

// NewReader returns a reader of JSON-LD. Contexts that a document names are refused unless
// they are part of the program: nothing is loaded from anywhere.
func NewReader(r io.Reader, o document.Options) *Reader {
	return &Reader{r: r, o: o, loader: closed{}}
}

// Read fills quads. See rdfio.Reader.
func (r *Reader) Read(quads []graph.Quad) (n int, err error) {
	if r.r != nil {
		r.quads, r.err = r.read()
		r.r = nil
	}
	n = copy(quads, r.quads)
	r.quads = r.quads[n:]
	if n > 0 || len(quads) == 0 {
		return n, nil
	}
	if r.err == nil {
		r.err = io.EOF
	}
	return 0, r.err
}

func (r *Reader) read() ([]graph.Quad, error) {
	data, err := io.ReadAll(io.LimitReader(r.r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read JSON-LD: %w", err)
	}
	if len(data) > MaxBytes {
		return nil, &graph.LimitError{Limit: "document size", Max: fmt.Sprintf("%d MiB", MaxBytes>>20), Where: "JSON-LD"}
	}
	value, err := decode(data, r.o.Max())
	if err != nil {
		return nil, err
	}
	seen := tags{}
	seen.collect(value)
	p := new(preparer)
	value = p.document(value, string(r.o.Base))
	if p.err != nil {
		return nil, p.err
	}
	expanded, err := r.expand(value, p)
	if err != nil {
		return nil, err
	}
	return toRDF(expanded, r.o, p, seen, r.api.direction)
}

// maxScoped is how many contexts within contexts are tried though they may not be used.
const maxScoped = 50

// expand calls json-gold, which panics on some documents.
func (r *Reader) expand(value any, p *preparer) (nodes []any, err error) {
	defer func() {
		if x := recover(); x != nil {
			err = broken("JSON-LD cannot be expanded: %v", x)
		}
	}()
	base := string(r.o.Base)
	switch {
	case p.atTop:
		base = unresolved
	case base == "":
		base = noBase // or json-gold takes paths for files
	}
	options := ld.NewJsonLdOptions(base)
	options.ProcessingMode = cmp.Or(r.api.mode, ld.JsonLd_1_1)
	options.ExpandContext = r.api.context
	options.DocumentLoader = &resolving{r.loader, string(r.o.Base)}
	tried := 0
	if top, ok := value.(map[string]any); ok && !strings.Contains(fmt.Sprint(top["@context"]), "@protected") {
		for i := range contextsOf(top["@context"]) {
			scoped(contextsOf(top["@context"])[:i+1], func(contexts []any) {
				if tried++; tried <= maxScoped && err == nil {
					_, err = ld.NewJsonLdProcessor().Expand(map[string]any{"@context": ld.CloneDocument(contexts)}, options)
				}
			})
		}
	}
	if err == nil {
		nodes, err = ld.NewJsonLdProcessor().Expand(value, options)
	}
	var refused *refusedError
	if errors.As(err, &refused) {
		return nil, refused
	}
	if err != nil {
		return nil, broken("%v", err)
	}
	return nodes, nil
}

// resolving resolves what documents call their contexts against where they are themselves, which
// is not what @base says (JSON-LD 1.1, 4.1.5).
type resolving struct {
	ld.DocumentLoader
	base string
}

func (r *resolving) LoadDocument(url string) (*ld.RemoteDocument, error) {
	d, err := r.DocumentLoader.LoadDocument(resolveName(r.base, url))
	if err == nil {
		absolute(d.Document, d.DocumentURL)
	}
	return d, err
}

// absolute resolves the names of contexts in a document.
func absolute(v any, base string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			absolute(e, base)
		}
	case map[string]any:
		for k, e := range v {
			if name, ok := e.(string); ok && (k == "@context" || k == "@import") {
				v[k] = resolveName(base, name)
			}
			if list, ok := e.([]any); ok && k == "@context" {
				for i := range list {
					if name, ok := list[i].(string); ok {
						list[i] = resolveName(base, name)
					}
				}
			}
			absolute(e, base)
		}
	}
}

func resolveName(base, name string) string {
	if b, ok := iri.Parse(base); ok {
		return b.Resolve(name)
	}
	return name
}

// broken is the error of a document of which json-gold tells no place.
func broken(format string, args ...any) error {
	return &document.SyntaxError{Line: 1, Column: 1, Detail: fmt.Sprintf(format, args...)}
}

// noBase stands for the base of a document without one. IRIs that come out of it were
// relative.
const noBase = "no-base:///"

// closed is the loader of contexts: those that are part of the program, and no others.
type closed struct{}

func (closed) LoadDocument(url string) (*ld.RemoteDocument, error) {
	text, ok := contexts[url]
	if !ok {
		return nil, ld.NewJsonLdError(ld.LoadingRemoteContextFailed, &refusedError{url})
	}
	value, err := ld.DocumentFromReader(strings.NewReader(text))
	if err != nil {
		return nil, ld.NewJsonLdError(ld.LoadingRemoteContextFailed, err)
	}
	return &ld.RemoteDocument{DocumentURL: url, Document: value}, nil
}

// A refusedError tells of a context that is not part of the program.
type refusedError struct{ url string }

func (e *refusedError) Error() string {
	return fmt.Sprintf("remote context %.200q is not packaged; put its terms into the document", e.url)
}

// contexts are the contexts of others that may be named. They are none yet: records of
// partners bring their own.
var contexts = map[string]string{}

// decode parses JSON with limits, and with numbers as they are written.
func decode(data []byte, max int) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	at := func() (line, column int) {
		before := data[:min(int(d.InputOffset()), len(data))]
		line = bytes.Count(before, []byte("\n")) + 1
		return line, len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:]))) + 1
	}
	fail := func(format string, args ...any) error {
		line, column := at()
		return &document.SyntaxError{Line: line, Column: column, Detail: fmt.Sprintf(format, args...)}
	}
	v, err := decodeValue(d, 0, max, fail)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fail("more than one JSON value")
	}
	return v, nil
}

type failure func(format string, args ...any) error

func decodeValue(d *json.Decoder, depth, max int, fail failure) (any, error) {
	if depth > document.MaxDepth {
		return nil, fail("nests deeper than %d", document.MaxDepth)
	}
	token, err := d.Token()
	if err != nil {
		return nil, invalid(err, fail)
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			return decodeArray(d, depth, max, fail)
		}
		return decodeObject(d, depth, max, fail)
	case string:
		if len(t) > max {
			return nil, fail("longer than %d bytes", max)
		}
	case json.Number:
		if _, err := t.Float64(); err != nil {
			return nil, fail("number %.40s is out of range", t)
		}
	}
	return token, nil
}

func invalid(err error, fail failure) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return fail("invalid JSON: the document is cut short")
	}
	return fail("invalid JSON: %v", err)
}

func decodeArray(d *json.Decoder, depth, max int, fail failure) (any, error) {
	array := []any{}
	for d.More() {
		v, err := decodeValue(d, depth+1, max, fail)
		if err != nil {
			return nil, err
		}
		array = append(array, v)
	}
	if _, err := d.Token(); err != nil {
		return nil, invalid(err, fail)
	}
	return array, nil
}

func decodeObject(d *json.Decoder, depth, max int, fail failure) (any, error) {
	object := map[string]any{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, invalid(err, fail)
		}
		key, ok := token.(string)
		if !ok {
			return nil, fail("invalid JSON: a key is a string")
		}
		if _, again := object[key]; again {
			return nil, fail("key %.80q appears twice", key)
		}
		v, err := decodeValue(d, depth+1, max, fail)
		if err != nil {
			return nil, err
		}
		if n, ok := v.(json.Number); ok && key == "@version" {
			v, _ = n.Float64() // json-gold knows no other
		}
		object[key] = v
	}
	if _, err := d.Token(); err != nil {
		return nil, invalid(err, fail)
	}
	return object, nil
}
