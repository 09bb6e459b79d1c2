package publish

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/sparql"
	"mocban/vocab"
)

// storePath is where the Graph Store Protocol is spoken.
const storePath = "graph-store"

// A target is what a request of the Graph Store Protocol is about (SPARQL 1.1 Graph Store HTTP
// Protocol, 4).
type target struct {
	graph graph.Term // the zero Term is the default graph
	whole bool       // no graph: the whole store
}

// base is what relative IRIs of a body are resolved against (4.1).
func (t target) base(s *site) graph.IRI {
	if iri, ok := t.graph.IRI(); ok {
		return iri
	}
	return s.c.Base
}

// targetOf reads ?default and ?graph=, or the path below that of the store, which is the name
// of a graph itself.
func (s *site) targetOf(r *http.Request) (t target, err error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return t, badRequest("Tham số không đọc được.", "The parameters cannot be read: "+err.Error()+".")
	}
	for name := range values {
		if name != "default" && name != "graph" {
			return t, badRequest(fmt.Sprintf("Không có tham số %.80q; dùng default hoặc graph.", name), fmt.Sprintf("Unknown parameter %.80q; use default or graph.", name))
		}
	}
	path := strings.TrimPrefix(r.URL.EscapedPath(), s.path+storePath)
	direct := strings.TrimPrefix(path, "/") != ""
	graphs, isDefault := values["graph"], values.Has("default")
	switch {
	case len(graphs) > 1 || len(graphs) == 1 && isDefault || direct && (isDefault || len(graphs) == 1):
		return t, badRequest("Chỉ nêu một đồ thị.", "Name one graph.")
	case direct:
		iri, err := directGraph(path)
		t.graph = graph.IRI(s.url(storePath) + iri).Term()
		return t, err
	case len(graphs) == 1:
		if !absolute(graphs[0]) {
			return t, badRequest("graph phải là IRI tuyệt đối.", "graph has to be an absolute IRI.")
		}
		t.graph = graph.IRI(graphs[0]).Term()
	default:
		t.whole = !isDefault
	}
	return t, nil
}

// directGraph returns the path of an IRI for that of a URL: with its letters, and with the
// least that has to be encoded.
func directGraph(path string) (string, error) {
	var b strings.Builder
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		segment, err := url.PathUnescape(part)
		if err != nil || !utf8.ValidString(segment) || strings.ContainsFunc(segment, forbidden) || segment == "." || segment == ".." {
			return "", &requestError{http.StatusBadRequest, "path", "Địa chỉ có ký tự không hợp lệ.", "The address holds characters that are not allowed."}
		}
		b.WriteString("/" + encode(norm.NFC.String(segment), "-._~!$&'()*+,;=:@", 0x100))
	}
	return b.String(), nil
}

// absolute tells whether a text is an IRI with a scheme.
func absolute(text string) bool {
	_, err := graph.IRI("").Resolve(text)
	return err == nil && utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r == utf8.RuneError || strings.ContainsRune("<>\"{}|^`\\", r)
	})
}

// graphForms are those in which a graph is given, and storeForms those of the whole store.
var (
	graphOffers = []*form{ofRDF(rdfio.Turtle), ofRDF(rdfio.NTriples), ofRDF(rdfio.JSONLD), ofRDF(rdfio.RDFXML), ofRDF(rdfio.NQuads), ofRDF(rdfio.TriG)}
	storeOffers = []*form{ofRDF(rdfio.NQuads), ofRDF(rdfio.TriG), ofRDF(rdfio.JSONLD)}
)

// getGraph is GET and HEAD (5.2).
func (s *site) getGraph(w http.ResponseWriter, r *http.Request) error {
	t, err := s.targetOf(r)
	if err != nil {
		return err
	}
	forms := graphOffers
	if t.whole {
		forms = storeOffers
	}
	f := forms[0]
	if accept := r.Header.Values("Accept"); len(accept) > 0 {
		f = choose(accept, forms, offers(forms))
	}
	if f == nil {
		e := &notAcceptable{}
		for _, f := range forms {
			e.offers = append(e.offers, offer{Type: f.mediaType})
		}
		return e
	}
	who := client(r)
	if err := s.budgets.check(who); err != nil {
		return err
	}
	defer func(start time.Time) { s.budgets.charge(who, time.Since(start), false) }(time.Now())
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	p := graph.Pattern{}
	if !t.whole {
		id, exists, err := graph.FindGraph(r.Context(), snap, t.graph)
		if err != nil {
			return err
		}
		if !exists {
			return graph.ErrNotFound
		}
		p.G = id
	}
	version, modified, err := s.versionOf(r.Context(), snap, t)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Content-Type", f.contentType())
	_, compressed := coding(r)
	tag := fmt.Sprintf("v%d-%s%s", version, f.ext, compressed)
	s.validators(h, answer{cache: "no-cache", modified: modified, vary: []string{"Accept"}}, tag)
	if unchanged(r, tag, modified) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	end, err := s.budgets.begin(who)
	if err != nil {
		return err
	}
	defer end()
	lane, err := s.graphLane(r.Context(), snap, p)
	if err != nil {
		return err
	}
	leave, err := lane.enter(r.Context())
	if err != nil {
		return err
	}
	defer leave()
	// Who reads slowly must not hold a place for ever.
	limit := graphTime * s.c.QueryTime
	ctx, cancel := context.WithTimeoutCause(r.Context(), limit, &graph.LimitError{Limit: "time", Max: limit.String(), Where: "the graph"})
	defer cancel()
	out := newStream(w, r)
	n, err := writeQuads(ctx, snap, p, f.rdf, out)
	if err != nil && r.Context().Err() == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		err = out.close(fmt.Sprintf("complete; triples=%d", n))
	}
	if err != nil && out.started {
		s.c.Log.Warn("answer broken off", "error", err)
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		h.Del("Content-Encoding")
		h.Del("Trailer")
	}
	return err
}

// graphTime is how many times as long as a query the reading of a graph may take, and largeGraph
// how many quads are read among the queries that take long.
const (
	graphTime  = 4
	largeGraph = 100_000
)

// graphLane returns the lane for reading what a pattern finds.
func (s *site) graphLane(ctx context.Context, snap graph.Snapshot, p graph.Pattern) (*queryLane, error) {
	n, _, err := snap.Count(ctx, p)
	if err != nil || n > largeGraph {
		return s.gate.heavy, err
	}
	return s.gate.usual, nil
}

// writeQuads writes what a pattern finds, graph by graph and subject by subject.
func writeQuads(ctx context.Context, snap graph.Snapshot, p graph.Pattern, f *rdfio.Format, to io.Writer) (n uint64, err error) {
	w, err := rdfio.NewWriter(f, to, rdfio.WriteOptions{Prefixes: vocab.Prefixes})
	if err != nil {
		return 0, err
	}
	c, err := snap.Scan(ctx, p, graph.GSPO, graph.AllColumns)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	var b graph.Block
	var terms [4][]graph.Term
	for c.Next(&b) {
		for pos, col := range b.Cols {
			terms[pos] = slices.Grow(terms[pos][:0], b.Len)[:b.Len]
			if col == nil {
				clear(terms[pos])
			} else if err := snap.Terms(ctx, col[:b.Len], terms[pos]); err != nil {
				return n, err
			}
		}
		for i := range b.Len {
			pred, _ := terms[graph.PosP][i].IRI()
			if err := w.Write(graph.Quad{S: terms[graph.PosS][i], P: pred, O: terms[graph.PosO][i], G: terms[graph.PosG][i]}); err != nil {
				return n, err
			}
		}
		n += uint64(b.Len)
	}
	if err := c.Err(); err != nil {
		return n, err
	}
	return n, w.Close()
}

// A part is a document that a request brings.
type part struct {
	format *rdfio.Format
	body   []byte
}

// acceptedTypes are what a graph may be sent as.
var acceptedTypes = func() string {
	var all []string
	for _, f := range rdfio.Formats {
		all = append(all, f.MediaType)
	}
	return strings.Join(all, ", ")
}()

// readParts reads the body of a request: a document, or several as a form sends them (5.5).
func (s *site) readParts(w http.ResponseWriter, r *http.Request) (parts []part, err error) {
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || r.Header.Get("Content-Encoding") != "" {
		return nil, wrongType(w, r)
	}
	if mediaType != "multipart/form-data" || r.Method != http.MethodPost {
		f, ok := readable(mediaType, params)
		if !ok {
			return nil, wrongType(w, r)
		}
		body, err := uploaded(w, r, s.c.Write.MaxBytes)
		return []part{{f, body}}, err
	}
	body, err := uploaded(w, r, s.c.Write.MaxBytes)
	if err != nil {
		return nil, err
	}
	form := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		p, err := form.NextRawPart()
		if err == io.EOF {
			return parts, nil
		}
		if err != nil {
			return nil, badRequest("Biểu mẫu không đọc được.", "The form cannot be read: "+err.Error()+".")
		}
		mediaType, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		f, ok := readable(mediaType, params)
		if err != nil || !ok {
			return nil, wrongType(w, r)
		}
		content, err := io.ReadAll(p)
		if err != nil {
			return nil, badRequest("Biểu mẫu không đọc được.", "The form cannot be read: "+err.Error()+".")
		}
		parts = append(parts, part{f, content})
	}
}

// readable returns the format of a document that is in UTF-8.
func readable(mediaType string, params map[string]string) (*rdfio.Format, bool) {
	if c := params["charset"]; c != "" && !strings.EqualFold(c, "utf-8") {
		return nil, false
	}
	return rdfio.ByMediaType(mediaType)
}

func wrongType(w http.ResponseWriter, r *http.Request) error {
	types := acceptedTypes
	name := "Accept-Post"
	switch r.Method {
	case http.MethodPut:
		name = "Accept"
	case http.MethodPatch:
		name, types = "Accept-Patch", "application/sparql-update"
	}
	w.Header().Set(name, types)
	return &requestError{http.StatusUnsupportedMediaType, "media-type", "Gửi một trong: " + types + ".", "Send one of: " + types + "."}
}

// add reads the documents into a change set. A document of quads may hold those of the target
// alone, unless that is the whole store.
func (s *site) add(ctx context.Context, txn graph.Txn, t target, parts []part) error {
	const quadBytes = 300 // about what a quad of a change set takes
	held := int64(0)
	batch := make([]graph.Quad, 1024)
	for _, p := range parts {
		r, err := rdfio.NewReader(p.format, bytes.NewReader(p.body), rdfio.ReadOptions{Base: t.base(s)})
		if err != nil {
			return err
		}
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			n, err := r.Read(batch)
			for i := range batch[:n] {
				q := &batch[i]
				switch {
				case t.whole:
				case q.G.IsZero() || q.G == t.graph:
					q.G = t.graph
				default:
					return badRequest("Tài liệu có đồ thị khác với đồ thị của địa chỉ.", "The document holds a graph other than that of the address.")
				}
			}
			if held += int64(n) * quadBytes; held > s.gate.usual.memory {
				return &graph.LimitError{Limit: "memory", Max: fmt.Sprintf("%d MiB", s.gate.usual.memory>>20), Where: "the upload"}
			}
			if e := txn.Add(batch[:n]...); e != nil {
				return e
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// putGraph is PUT: the graph becomes what is sent (5.3).
func (s *site) putGraph(w http.ResponseWriter, r *http.Request) error {
	return s.writeGraphOf(w, r, func(ctx context.Context, txn graph.Txn, t target, parts []part) error {
		if err := txn.DropGraph(t.graph); err != nil {
			return err
		}
		return s.add(ctx, txn, t, parts)
	})
}

// postGraph is POST: what is sent is added to the graph (5.5). Sent to the store itself, it
// becomes a graph with a name of its own, or, as quads, is added to the graphs it names.
func (s *site) postGraph(w http.ResponseWriter, r *http.Request) error {
	return s.writeGraphOf(w, r, s.add)
}

func (s *site) writeGraphOf(w http.ResponseWriter, r *http.Request, f func(context.Context, graph.Txn, target, []part) error) error {
	t, err := s.storeTarget(w, r)
	if err != nil {
		return err
	}
	if t.whole && r.Method != http.MethodPost {
		return badRequest("Nêu đồ thị bằng ?default hoặc ?graph=.", "Name a graph by ?default or ?graph=.")
	}
	parts, err := s.readParts(w, r)
	if err != nil {
		return err
	}
	named := t.whole && slices.ContainsFunc(parts, func(p part) bool { return p.format != rdfio.NQuads && p.format != rdfio.TriG })
	if named {
		t = target{graph: graph.IRI(s.url(storePath + "/" + newRequestID() + newRequestID())).Term()}
	}
	created := named
	v, err := s.change(r.Context(), s.c.QueryTime, func(ctx context.Context, txn graph.Txn) error {
		exists, err := s.precondition(ctx, r, txn.Snapshot(), t)
		if err != nil {
			return err
		}
		created = created || !exists
		txn.SetSource("Graph Store Protocol")
		if err := f(ctx, txn, t, parts); err != nil || t.graph.IsZero() {
			return err
		}
		return txn.CreateGraph(t.graph)
	})
	if err != nil {
		return err
	}
	status := http.StatusNoContent
	if created {
		status = http.StatusCreated
	}
	if named {
		w.Header().Set("Location", t.graph.Value())
	}
	s.changed(w, status, v)
	return nil
}

// deleteGraph is DELETE (5.4).
func (s *site) deleteGraph(w http.ResponseWriter, r *http.Request) error {
	t, err := s.storeTarget(w, r)
	if err != nil {
		return err
	}
	if t.whole {
		return badRequest("Nêu đồ thị bằng ?default hoặc ?graph=.", "Name a graph by ?default or ?graph=.")
	}
	v, err := s.change(r.Context(), s.c.QueryTime, func(ctx context.Context, txn graph.Txn) error {
		if _, err := s.precondition(ctx, r, txn.Snapshot(), t); err != nil {
			return err
		}
		_, exists, err := graph.FindGraph(ctx, txn.Snapshot(), t.graph)
		if err == nil && !exists {
			err = graph.ErrNotFound
		}
		if err != nil {
			return err
		}
		txn.SetSource("Graph Store Protocol")
		return txn.DropGraph(t.graph)
	})
	if err != nil {
		return err
	}
	s.changed(w, http.StatusNoContent, v)
	return nil
}

// patchGraph is PATCH: an update whose default graph is that of the address (5.7).
func (s *site) patchGraph(w http.ResponseWriter, r *http.Request) error {
	t, err := s.storeTarget(w, r)
	if err != nil {
		return err
	}
	if t.whole {
		return badRequest("Nêu đồ thị bằng ?default hoặc ?graph=.", "Name a graph by ?default or ?graph=.")
	}
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || mediaType != "application/sparql-update" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return wrongType(w, r)
	}
	body, err := uploaded(w, r, s.c.Write.MaxBytes)
	if err != nil {
		return err
	}
	if at := notUTF8(string(body)); at >= 0 {
		return badRequest(fmt.Sprintf("Lệnh không phải UTF-8 ở byte %d.", at), fmt.Sprintf("The update is not UTF-8 at byte %d.", at))
	}
	u, err := s.c.Engine.PrepareUpdate(sparql.UpdateRequest{
		Text: string(body), Base: t.base(s), Graph: t.graph, OneGraph: true, Source: "Graph Store Protocol",
		Limits: sparql.Limits{Time: s.c.QueryTime, Memory: s.gate.usual.memory},
	})
	if err != nil {
		return err
	}
	v, err := s.change(r.Context(), s.c.QueryTime, func(ctx context.Context, txn graph.Txn) error {
		exists, err := s.precondition(ctx, r, txn.Snapshot(), t)
		if err == nil && !exists && !t.graph.IsZero() {
			err = graph.ErrNotFound
		}
		if err != nil {
			return err
		}
		return u.RunIn(ctx, txn)
	})
	if err != nil {
		return err
	}
	s.changed(w, http.StatusNoContent, v)
	return nil
}

// storeTarget returns what a request is about that changes the store, if it may.
func (s *site) storeTarget(w http.ResponseWriter, r *http.Request) (t target, err error) {
	if s.c.Write == nil {
		allow := s.allowed(r)
		w.Header().Set("Allow", allow)
		return t, &requestError{http.StatusMethodNotAllowed, "method", "Dùng: " + allow + ".", "Use: " + allow + "."}
	}
	if err := s.writable(r); err != nil {
		return t, err
	}
	return s.targetOf(r)
}

// precondition tells whether the graph exists (one with triples, of the default graph), and
// fails if If-Match or If-None-Match forbid the change (RFC 9110, 13.1). The tags of all forms
// of one state of a graph are as good.
func (s *site) precondition(ctx context.Context, r *http.Request, snap graph.Snapshot, t target) (exists bool, err error) {
	if t.whole {
		exists = true
	} else {
		id, found, err := graph.FindGraph(ctx, snap, t.graph)
		if err != nil {
			return false, err
		}
		exists = found
		if t.graph.IsZero() {
			n, _, err := snap.Count(ctx, graph.Pattern{G: id})
			if err != nil {
				return false, err
			}
			exists = n > 0
		}
	}
	match, none := r.Header.Values("If-Match"), r.Header.Values("If-None-Match")
	if len(match) == 0 && len(none) == 0 {
		return exists, nil
	}
	version, _, err := s.versionOf(ctx, snap, t)
	if err != nil {
		return false, err
	}
	there := exists || t.graph.IsZero()
	if len(match) > 0 && !(there && names(match, version)) || len(none) > 0 && there && names(none, version) {
		return false, &requestError{http.StatusPreconditionFailed, "changed", "Đồ thị đã khác với bản được nêu; hãy đọc lại rồi sửa.", "The graph is not as the request says; read it again."}
	}
	return exists, nil
}

// names tells whether a list of entity tags has one of a version of a graph.
func names(lists []string, version graph.Version) bool {
	prefix := fmt.Sprintf(`"v%d-`, version)
	for _, list := range lists {
		for tag := range strings.SplitSeq(list, ",") {
			if tag = strings.TrimSpace(tag); tag == "*" || strings.HasPrefix(tag, prefix) {
				return true
			}
		}
	}
	return false
}
