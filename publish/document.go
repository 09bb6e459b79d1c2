package publish

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/publish/resource"
	"mocban/publish/web"
	"mocban/vocab"
	"mocban/vocab/bf"
	"mocban/vocab/mocban"
)

// pageLinks is how many statements that point at a thing a page shows.
const pageLinks = 200

// document answers for a thing (/id/…), its document, or that of a record.
func (s *site) document(w http.ResponseWriter, r *http.Request) error {
	a, err := s.parseAddress(r)
	if err != nil {
		return err
	}
	if to, ok := s.tidy(r, a); ok {
		redirect(w, http.StatusPermanentRedirect, to, cacheRedirect)
		return nil
	}
	kind := a.segments[0]
	if kind == "id" && a.lang == "" {
		return s.thing(w, r, a)
	}
	if len(a.segments) < 2 || !kinds[kind] && kind != "record" {
		return graph.ErrNotFound
	}
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	err = s.answerDocument(w, r, snap, a)
	if !errors.Is(err, graph.ErrNotFound) {
		return err
	}
	if a.ext != "" { // a key may end like a form
		whole := a
		whole.segments = slices.Clone(a.segments)
		whole.segments[len(whole.segments)-1] += "." + a.ext
		whole.ext = ""
		if err := s.answerDocument(w, r, snap, whole); !errors.Is(err, graph.ErrNotFound) {
			return err
		}
	}
	if lower := strings.ToLower(a.document()); kind != "record" && lower != a.document() {
		low := a
		low.segments = strings.Split(strings.ToLower(strings.Join(a.segments, "/")), "/")
		if known, err := s.known(r.Context(), snap, s.candidates("id/", low.segments)); err != nil || known {
			if err == nil {
				redirect(w, http.StatusPermanentRedirect, s.url(low.full(r)), cacheRedirect)
			}
			return err
		}
	}
	return err
}

// full returns the address below the base, with language, extension and query.
func (a *address) full(r *http.Request) string {
	path := a.document()
	if a.lang != "" {
		path = a.lang + "/" + path
	}
	if a.ext != "" {
		path += "." + a.ext
	}
	if q := r.URL.RawQuery; q != "" {
		path += "?" + q
	}
	return path
}

// tidy returns the one right spelling of an address, if this is another one: no slash at the
// end, kind and extension in lower case.
func (s *site) tidy(r *http.Request, a address) (to string, ok bool) {
	t := a
	t.segments = slices.Clone(a.segments)
	if k := strings.ToLower(t.segments[0]); kinds[k] || k == "record" || k == "id" {
		t.segments[0] = k
		if k == "id" && len(t.segments) > 1 && kinds[strings.ToLower(t.segments[1])] {
			t.segments[1] = strings.ToLower(t.segments[1])
		}
	}
	t.ext = strings.ToLower(a.ext)
	if !a.slash && t.ext == a.ext && slices.Equal(t.segments, a.segments) {
		return "", false
	}
	return s.url(t.full(r)), true
}

// known tells whether the store knows one of the IRIs as a term.
func (s *site) known(ctx context.Context, snap graph.Snapshot, iris []graph.IRI) (bool, error) {
	terms, ids := make([]graph.Term, len(iris)), make([]graph.ID, len(iris))
	for i, iri := range iris {
		terms[i] = iri.Term()
	}
	if err := snap.IDs(ctx, terms, ids); err != nil {
		return false, err
	}
	return slices.ContainsFunc(ids, func(id graph.ID) bool { return id != graph.None }), nil
}

// thing sends from a thing to its document. The answer is the same for everybody.
func (s *site) thing(w http.ResponseWriter, r *http.Request, a address) error {
	if a.ext != "" {
		a.segments[len(a.segments)-1] += "." + a.ext
		a.ext = ""
	}
	if len(a.segments) < 3 || !kinds[a.segments[1]] {
		return graph.ErrNotFound
	}
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	known, err := s.known(r.Context(), snap, s.candidates("id/", a.segments[1:]))
	if err != nil {
		return err
	}
	if !known {
		return graph.ErrNotFound
	}
	a.segments = a.segments[1:]
	redirect(w, http.StatusSeeOther, s.url(a.full(r)), cacheRedirect)
	return nil
}

// answerDocument answers with a document, in the form that the address or the request asks for.
func (s *site) answerDocument(w http.ResponseWriter, r *http.Request, snap graph.Snapshot, a address) error {
	h := w.Header()
	var err error
	f := formHTML
	negotiated := a.ext == "" && a.lang == ""
	switch {
	case a.ext != "":
		f, _ = formByExt(a.ext)
		if a.lang != "" && f != formHTML {
			return graph.ErrNotFound
		}
	case a.lang == "":
		f = choose(r.Header.Values("Accept"), entityForms, s.offers)
	}
	record := a.segments[0] == "record"
	prefix := "id/"
	if record {
		prefix = ""
	}
	iris := s.candidates(prefix, a.segments)
	page, err := pageNumber(r.URL.Query().Get("page"))
	if err != nil {
		return err
	}
	o := resource.Options{Base: s.c.Base, Labels: labels[:2], In: pageLinks, Offset: (page - 1) * pageLinks, Graph: record}
	if record {
		o.In = -1
	}
	o.Flat = f != nil && f.rdf != nil
	o.Quads = record || o.Flat && f.rdf.Quads && f.rdf != rdfio.JSONLD
	if f == nil {
		known, err := s.known(r.Context(), snap, iris)
		if err != nil {
			return err
		}
		if !known {
			return graph.ErrNotFound
		}
		addVary(h, "Accept", "Accept-Encoding")
		return &notAcceptable{s.offersOf(a, record)}
	}
	if f == formHTML {
		o.Names, o.Brief = true, web.Briefs
		switch a.segments[0] {
		case "work":
			o.Near = workSteps
		case "instance":
			o.Near = instanceSteps
		}
	}
	d := document{s: s, r: r, a: a, f: f, record: record, lang: a.lang}
	if f == formHTML && d.lang == "" {
		d.lang = s.lang(r)
	}
	key := strings.Join([]string{f.ext, d.lang, a.lang, a.document(), strconv.Itoa(o.Offset)}, "\x00")
	k, ok := s.cache.get(key, snap.Version())
	if !ok {
		if k, err = d.draw(r.Context(), snap, iris, o); err != nil {
			return err
		}
		if d.see == "" {
			s.cache.keep(key, k)
		}
	}
	if negotiated {
		addVary(h, "Accept")
	}
	if d.see != "" {
		redirect(w, http.StatusSeeOther, d.see, cachePage)
		return nil
	}
	if negotiated {
		h.Set("Content-Location", s.path+d.variant())
	}
	if f == formHTML && a.lang == "" {
		addVary(h, "Accept-Language")
	}
	if f == formHTML {
		h.Set("Content-Language", d.lang)
	}
	if a.ext != "" {
		h.Set("X-Robots-Tag", "noindex")
	}
	h.Set("Link", k.link)
	s.send(w, r, answer{contentType: f.contentType(), body: k.body, tag: k.tag, cache: cachePage, modified: k.modified, binary: f == formMARC})
	return nil
}

// draw reads the thing and draws the document.
func (d *document) draw(ctx context.Context, snap graph.Snapshot, iris []graph.IRI, o resource.Options) (k kept, err error) {
	if d.res, err = resource.Load(ctx, snap, iris, o); err != nil {
		return k, err
	}
	if err := d.s.history.follow(ctx, snap.Version()); err != nil {
		return k, err
	}
	if err := d.render(); err != nil || d.see != "" {
		return k, err
	}
	k = kept{version: snap.Version(), body: d.body, tag: hash(d.body), link: d.links()}
	if k.modified = d.s.history.modified(d.res.Graphs()...); d.res.Many {
		k.modified = snap.Time() // one of those left out may be the newest
	}
	return k, nil
}

// The things that pages of works and instances show beside the thing itself.
var (
	workSteps = []resource.Step{
		{Property: bf.InstanceOf, Back: true}, {Property: bf.HasInstance},
		{Property: bf.ItemOf, Back: true, From: 1}, {Property: bf.HasItem, From: 1},
		{Property: bf.ItemOf, Back: true, From: 2}, {Property: bf.HasItem, From: 2},
	}
	instanceSteps = []resource.Step{
		{Property: bf.InstanceOf}, {Property: bf.HasInstance, Back: true},
		{Property: bf.ItemOf, Back: true}, {Property: bf.HasItem},
	}
)

// offersOf lists the forms of a document.
func (s *site) offersOf(a address, record bool) (all []offer) {
	for _, f := range entityForms {
		all = append(all, offer{f.mediaType, s.path + a.document() + "." + f.ext})
	}
	return all
}

// document is one answer about a thing or record.
type document struct {
	s      *site
	r      *http.Request
	a      address
	f      *form
	res    *resource.Resource
	record bool

	lang string
	body []byte
	see  string // the address that has what was asked for
}

func (d *document) render() (err error) {
	switch {
	case d.f == formHTML:
		d.body, err = d.html()
	case d.f == formJSON:
		d.body = framed(d.res, d.record)
	case d.f == formMARC || d.f == formMARCXML:
		err = d.marc()
	default:
		d.body, err = d.rdf()
	}
	return err
}

func (d *document) rdf() ([]byte, error) {
	var b bytes.Buffer
	w, err := rdfio.NewWriter(d.f.rdf, &b, rdfio.WriteOptions{Prefixes: vocab.Prefixes})
	if err != nil {
		return nil, err
	}
	quads := d.res.Triples()
	if d.f.rdf.Quads && (d.f.rdf != rdfio.JSONLD || d.record) {
		quads = d.res.Quads()
	}
	if err := w.Write(quads...); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// marc gives the source record, byte for byte if it came in the format asked for. A thing
// that is no record sends on to the record it comes from.
func (d *document) marc() error {
	if !d.record {
		for _, g := range d.res.Graphs() {
			if path, ok := d.s.documentOf(g.Value()); ok {
				d.see = d.s.url(strings.TrimPrefix(path, d.s.path) + "." + d.f.ext)
				return nil
			}
		}
		return d.without()
	}
	original, format, err := originalOf(d.res.Root)
	if err != nil {
		return err
	}
	if original == nil {
		return d.without()
	}
	if format == d.f.mediaType {
		d.body = original
		return nil
	}
	if d.s.c.Records == nil {
		return d.without()
	}
	d.body, err = d.s.c.Records.Convert(original, format, d.f.mediaType)
	if err != nil {
		d.s.c.Log.Warn("record cannot be converted", "record", d.res.Thing.Value(), "to", d.f.mediaType, "error", err)
		return &requestError{http.StatusNotAcceptable, "record-format",
			"Biểu ghi gốc có lỗi nên không chuyển được sang " + d.f.mediaType + "; lấy bản gốc ở dạng " + format + ".",
			"The source record is damaged and cannot be converted to " + d.f.mediaType + "; take it as " + format + "."}
	}
	return nil
}

// without tells that there is no MARC form.
func (d *document) without() error {
	if d.a.ext != "" {
		return graph.ErrNotFound
	}
	offers := d.s.offersOf(d.a, d.record)
	return &notAcceptable{slices.DeleteFunc(offers, func(o offer) bool {
		return o.Type == formMARC.mediaType || o.Type == formMARCXML.mediaType
	})}
}

// originalOf returns the bytes of a source record and their media type, or nil.
func originalOf(n *resource.Node) (record []byte, mediaType string, err error) {
	text := n.Value(mocban.Original)
	if !text.IsLiteral() {
		return nil, "", nil
	}
	record, err = base64.StdEncoding.DecodeString(text.Value())
	if err != nil {
		return nil, "", fmt.Errorf("original of %v: %w", n.Term, err)
	}
	return record, n.Value(mocban.OriginalFormat).Value(), nil
}

// variant returns the address of the form that was chosen, below the root.
func (d *document) variant() string {
	if d.f == formHTML {
		return d.lang + "/" + d.a.document()
	}
	return d.a.document() + "." + d.f.ext
}

// links returns the Link header (RFC 8288): the thing, the one right address, other forms.
func (d *document) links() string {
	doc := d.s.path + d.a.document()
	b := make([]byte, 0, 1<<10)
	link := func(parts ...string) {
		if len(b) > 0 {
			b = append(b, ", "...)
		}
		for _, part := range parts {
			b = append(b, part...)
		}
	}
	link("<", asciiIRI(d.res.Thing.Value()), `>; rel="describes"`)
	canonical := d.a.document()
	if d.a.lang != "" { // as the page itself says
		canonical = d.a.lang + "/" + canonical
	}
	link("<", d.s.url(canonical), `>; rel="canonical"`)
	record := d.hasRecord()
	for _, f := range entityForms {
		if f == d.f || (f == formMARC || f == formMARCXML) && !record {
			continue
		}
		link("<", doc, ".", f.ext, `>; rel="alternate"; type="`, f.mediaType, `"`)
	}
	link("<", asciiIRI(string(d.s.c.License)), `>; rel="license"`)
	link("<", d.s.path, `dataset>; rel="collection"`)
	if d.f == formJSON {
		link("<", d.s.path, "context/", contextName, `>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"`)
	}
	return string(b)
}

// hasRecord tells whether there is a source record behind the document.
func (d *document) hasRecord() bool {
	if d.record {
		return !d.res.Root.Value(mocban.Original).IsZero() && d.res.Root.Value(mocban.SourceFormat).IsZero()
	}
	return slices.ContainsFunc(d.res.Graphs(), func(g graph.Term) bool {
		_, ok := d.s.documentOf(g.Value())
		return ok
	})
}

// asciiIRI returns an IRI as a URI, which a header can hold (RFC 3987, 3.1).
func asciiIRI(iri string) string {
	scheme, rest, ok := strings.Cut(iri, "//")
	if !ok {
		return encodePath(iri)
	}
	main, fragment, hasFragment := strings.Cut(rest, "#")
	main, query, hasQuery := strings.Cut(main, "?")
	out := scheme + "//" + encodePath(main)
	if hasQuery {
		out += "?" + encodePath(query)
	}
	if hasFragment {
		out += "#" + encodePath(fragment)
	}
	return out
}
