package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/publish/negotiate"
	"mocban/sparql"
	"mocban/sparql/results"
	"mocban/vocab"
)

// defaultResults is how many bytes of answers are kept where nothing else is said.
const defaultResults = 32 << 20

// defaultResultBytes is how long an answer may be where nothing else is said.
const defaultResultBytes = 1 << 30

// maxQuery is the longest query text, with its parameters, in bytes.
const maxQuery = 256 << 10

// A question is a request of the SPARQL 1.1 Protocol.
type question struct {
	sparql.Request
	format string // of the parameter format, or ""
	asked  bool   // whether there is a query at all

	partial bool // whether an answer may be cut short by a limit, and say so

	update            bool // whether Text is an update
	using, usingNamed []graph.IRI
}

// readQuestion reads a request (SPARQL 1.1 Protocol, 2.1 and 2.2).
func (s *site) readQuestion(w http.ResponseWriter, r *http.Request) (q question, err error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, badRequest("Tham số không đọc được.", "The parameters cannot be read: "+err.Error()+".")
	}
	if r.Method == http.MethodPost || r.Method == methodQuery {
		if values, err = s.readBody(w, r, values); err != nil {
			return q, err
		}
	} else if len(r.URL.RawQuery) > maxQuery {
		return q, &http.MaxBytesError{Limit: maxQuery}
	}
	for _, name := range []string{"query", "update", "format", "output", "timeout", "partial"} {
		if len(values[name]) > 1 {
			return q, &requestError{http.StatusBadRequest, "too-many-values", "Tham số " + name + " chỉ được có một lần.", "The parameter " + name + " may come only once."}
		}
	}
	if err := checkNames(values); err != nil {
		return q, err
	}
	q.Text, q.asked, q.update = values.Get("query"), values.Has("query"), values.Has("update")
	if q.update {
		q.Text = values.Get("update")
		if err := s.mayUpdate(r, q.asked); err != nil {
			return q, err
		}
		q.using, q.usingNamed = iris(values["using-graph-uri"]), iris(values["using-named-graph-uri"])
	}
	if at := notUTF8(q.Text); at >= 0 {
		return q, badRequest(fmt.Sprintf("Truy vấn không phải UTF-8 ở byte %d.", at), fmt.Sprintf("The query is not UTF-8 at byte %d.", at))
	}
	q.Base = s.c.Base
	q.DefaultGraphs, q.NamedGraphs = iris(values["default-graph-uri"]), iris(values["named-graph-uri"])
	q.format = values.Get("format")
	if q.format == "" {
		q.format = values.Get("output")
	}
	switch values.Get("partial") {
	case "":
	case "allow":
		q.partial = true
	default:
		return q, badRequest("partial chỉ nhận giá trị allow.", "partial takes the value allow.")
	}
	q.Limits.Time = s.c.QueryTime
	if t := values.Get("timeout"); t != "" {
		seconds, err := strconv.ParseFloat(t, 64)
		if err != nil || !(seconds > 0) {
			return q, badRequest("timeout là số giây lớn hơn 0.", "timeout is a number of seconds above 0.")
		}
		if seconds < s.c.QueryTime.Seconds() {
			q.Limits.Time = time.Duration(seconds * float64(time.Second))
		}
	}
	return q, nil
}

// methodQuery is the safe method with a body (draft-ietf-httpbis-safe-method-w-body).
const methodQuery = "QUERY"

func init() { chi.RegisterMethod(methodQuery) } // it keeps a list of its own, which routers read

// mayUpdate tells whether a request with an update may run it: nothing changes by a safe
// method, and not beside a query.
func (s *site) mayUpdate(r *http.Request, alsoQuery bool) error {
	if err := s.writable(r); err != nil {
		return err
	}
	switch {
	case r.Method != http.MethodPost:
		return &requestError{http.StatusBadRequest, "update-refused", "Lệnh cập nhật phải gửi bằng POST.", "An update is sent by POST."}
	case alsoQuery:
		return badRequest("Gửi hoặc query, hoặc update.", "Send either query or update.")
	}
	return nil
}

// readBody reads what was posted: a form, or a query or update as it is.
func (s *site) readBody(w http.ResponseWriter, r *http.Request, values url.Values) (url.Values, error) {
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	if err != nil || r.Header.Get("Content-Encoding") != "" || charset != "" && charset != "utf-8" {
		mediaType = ""
	}
	switch mediaType {
	case "application/x-www-form-urlencoded", "application/sparql-query":
	case "application/sparql-update":
		if err := s.mayUpdate(r, values.Has("query")); err != nil {
			return nil, err
		}
	default:
		w.Header().Set("Accept-Post", "application/sparql-query, application/sparql-update, application/x-www-form-urlencoded")
		return nil, &requestError{http.StatusUnsupportedMediaType, "media-type",
			"Gửi application/sparql-query hoặc application/x-www-form-urlencoded, UTF-8.",
			"Send application/sparql-query or application/x-www-form-urlencoded, in UTF-8."}
	}
	most := int64(maxQuery)
	if mediaType != "application/sparql-query" && s.writable(r) == nil {
		most = s.c.Write.MaxBytes
	}
	body, err := uploaded(w, r, most)
	if err != nil {
		return nil, err
	}
	switch mediaType {
	case "application/sparql-query":
		values.Add("query", string(body))
		return values, nil
	case "application/sparql-update":
		values.Add("update", string(body))
		return values, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, badRequest("Biểu mẫu không đọc được.", "The form cannot be read: "+err.Error()+".")
	}
	for name, all := range form {
		values[name] = append(values[name], all...) // so that a query in both places comes twice
	}
	return values, nil
}

// parameters are the names that the endpoint knows.
var parameters = []string{"query", "update", "default-graph-uri", "named-graph-uri", "using-graph-uri", "using-named-graph-uri", "format", "output", "timeout", "partial", "lang"}

// checkNames refuses a parameter that is a known one with a slip of the pen: the answer
// would not be what was asked for. Others are left alone, since clients send what some
// endpoint wants.
func checkNames(values url.Values) error {
	for name := range values {
		for _, known := range parameters {
			if name != known && slip(strings.ToLower(name), known) {
				return badRequest(fmt.Sprintf("Không có tham số %.80q; có phải là %s?", name, known), fmt.Sprintf("Unknown parameter %.80q; did you mean %s?", name, known))
			}
		}
	}
	return nil
}

// slip tells whether two words differ by case, by one character, or by two that changed
// places.
func slip(a, b string) bool {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= 1 && len(b) <= 1 || len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
}

// notUTF8 returns where a text stops being UTF-8, or -1.
func notUTF8(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

func badRequest(vi, en string) error {
	return &requestError{http.StatusBadRequest, "bad-request", vi, en}
}

// iris returns nil for none, so that a dataset is set only if one was asked for.
func iris(texts []string) (out []graph.IRI) {
	for _, t := range texts {
		out = append(out, graph.IRI(t))
	}
	return out
}

// A resultForm is a format of an answer of the endpoint.
type resultForm struct {
	name  string // for the parameter format
	rows  *results.Format
	graph *rdfio.Format
	excel bool // CSV that spreadsheets open as it is meant

	other []string // more names for the parameter, which clients and other endpoints use
}

// named tells whether the parameter format names the form.
func (f *resultForm) named(name string) bool {
	switch {
	case name == f.name || slices.Contains(f.other, name):
		return true
	case f.excel:
		return false
	case f.rows != nil && slices.Contains(f.rows.Aliases, name), f.graph != nil && slices.Contains(f.graph.Aliases, name):
		return true
	}
	return strings.EqualFold(name, f.mediaType())
}

func (f *resultForm) mediaType() string {
	if f.rows != nil {
		return f.rows.MediaType
	}
	return f.graph.MediaType
}

func (f *resultForm) contentType() string {
	switch {
	case f.rows == results.CSV:
		return "text/csv; charset=utf-8; header=present"
	case f.rows == results.TSV:
		return "text/tab-separated-values; charset=utf-8"
	case f.graph == rdfio.Turtle:
		return "text/turtle; charset=utf-8"
	}
	return f.mediaType()
}

// The formats of answers, what we like best first.
var (
	rowForms = []*resultForm{
		{name: "json", rows: results.JSON, other: []string{"srj", "sparql-results+json"}},
		{name: "xml", rows: results.XML, other: []string{"srx", "sparql-results+xml"}},
		{name: "csv", rows: results.CSV},
		{name: "tsv", rows: results.TSV},
		{name: "csv-excel", rows: results.CSV, excel: true},
	}
	graphForms = []*resultForm{
		{name: "ttl", graph: rdfio.Turtle, other: []string{"turtle"}},
		{name: "nt", graph: rdfio.NTriples, other: []string{"ntriples", "n-triples"}},
		{name: "jsonld", graph: rdfio.JSONLD, other: []string{"json-ld", "json"}},
		{name: "rdf", graph: rdfio.RDFXML, other: []string{"xml", "rdf+xml", "rdfxml", "rdf-xml"}},
		{name: "nq", graph: rdfio.NQuads, other: []string{"nquads", "n-quads"}},
		{name: "trig", graph: rdfio.TriG},
	}
)

// A choice is what formats an answer may have, and how they are offered.
type choice struct {
	forms  []*resultForm
	offers []negotiate.Offer
}

func choiceOf(forms []*resultForm) choice {
	c := choice{forms: forms}
	for _, f := range forms {
		o := negotiate.Offer{Type: f.mediaType()}
		if f.rows != nil {
			o.Aliases = f.rows.Aliases
		} else {
			o.Aliases = f.graph.Aliases
		}
		c.offers = append(c.offers, o)
	}
	return c
}

var (
	askChoice    = choiceOf(slices.DeleteFunc(slices.Clone(rowForms), func(f *resultForm) bool { return !f.rows.Boolean }))
	selectChoice = choiceOf(rowForms)
	graphChoice  = choiceOf(graphForms)
)

// choiceFor returns the formats for the answer of a query.
func choiceFor(form sparql.Form) choice {
	switch form {
	case sparql.Ask:
		return askChoice
	case sparql.Select:
		return selectChoice
	}
	return graphChoice
}

// pickForm chooses the format of an answer: that of the parameter, else by Accept.
func pickForm(q question, form sparql.Form, accept []string) (*resultForm, error) {
	c := choiceFor(form)
	forms := c.forms
	if q.format != "" {
		for _, f := range forms {
			if f.named(q.format) {
				return f, nil
			}
		}
		var names []string
		for _, f := range forms {
			names = append(names, f.name)
		}
		list := strings.Join(names, ", ")
		return nil, &requestError{http.StatusBadRequest, "unknown-format",
			"Với " + form.String() + ", format là một trong: " + list + ".", "For " + form.String() + ", format is one of: " + list + "."}
	}
	if i := negotiate.Choose(strings.Join(accept, ", "), c.offers); i != negotiate.None {
		return forms[i], nil
	}
	e := &notAcceptable{}
	for _, f := range forms {
		e.offers = append(e.offers, offer{Type: f.mediaType()})
	}
	return nil, e
}

// sparql answers queries. Without one it shows the editor, or the description of the service.
func (s *site) sparql(w http.ResponseWriter, r *http.Request) error {
	if s.c.Engine == nil {
		return &requestError{http.StatusNotFound, "no-endpoint", "Trang này không có điểm truy vấn.", "This site has no endpoint."}
	}
	h := w.Header()
	h.Set("X-Robots-Tag", "noindex")
	addVary(h, "Accept", "Accept-Encoding")
	q, err := s.readQuestion(w, r)
	if err != nil {
		return err
	}
	if q.update {
		return s.update(w, r, q)
	}
	if !q.asked && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		h.Set("Accept-Query", "application/sparql-query, application/x-www-form-urlencoded")
		return s.describeService(w, r)
	}
	if strings.TrimSpace(q.Text) == "" {
		return badRequest("Chưa có truy vấn.", "No query is given.")
	}
	who := client(r)
	if err := s.budgets.check(who); err != nil {
		s.budgets.tell(h, who)
		return err
	}
	query, err := s.c.Engine.Prepare(q.Request)
	if err != nil {
		s.budgets.charge(who, 0, true)
		return err
	}
	f, err := pickForm(q, query.Form(), r.Header.Values("Accept"))
	if err != nil {
		return err
	}
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	if err := warn(r.Context(), h, query, snap); err != nil {
		return err
	}
	h.Set("Cache-Control", "no-store")
	key := ""
	if !query.Volatile() && !q.partial {
		h.Set("Cache-Control", cacheQuery)
		key = answerKey(snap.Version(), f, query.Text(), q.Request)
		_, compressed := coding(r)
		tag := key + compressed
		h.Set("ETag", `"`+tag+`"`)
		if unchanged(r, tag, noTime) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	h.Set("Content-Type", f.contentType())
	if f.excel {
		h.Set("Content-Disposition", `attachment; filename="mocban.csv"`)
	}
	if k, ok := s.results.get(key, snap.Version()); ok && key != "" {
		out := newStream(w, r)
		if _, err := out.Write(k.body); err != nil {
			panic(http.ErrAbortHandler)
		}
		return out.close(complete(k.rows))
	}
	ctx, cancel := context.WithTimeout(r.Context(), q.Limits.Time+queueTime+5*time.Second)
	defer cancel()
	ctx, job, err := s.jobs.begin(ctx, r.Header.Get("Query-Id"))
	if err != nil {
		return err
	}
	h.Set("Query-Id", job.id)
	s.budgets.tell(h, who)
	x := &asked{site: s, job: job, query: query, snap: snap, form: f, key: key, who: who, partial: q.partial}
	err = x.answer(ctx, w, r)
	if err != nil && errors.Is(context.Cause(ctx), errCancelled) {
		err = errCancelled
	}
	if err == nil && x.cut != nil {
		s.jobs.end(job, x.cut)
		return nil
	}
	s.jobs.end(job, err)
	if err == nil {
		return nil
	}
	if x.out != nil && x.out.started {
		s.c.Log.Warn("answer broken off", "error", err)
		panic(http.ErrAbortHandler) // a short answer must not look whole
	}
	h.Del("Content-Disposition")
	h.Del("Content-Encoding")
	h.Del("Trailer")
	return &tookError{err, time.Since(job.began)}
}

// answerKey names an answer: what it is drawn from, what it is an answer to, and its form.
func answerKey(v graph.Version, f *resultForm, text string, r sparql.Request) string {
	b := make([]byte, 0, len(text)+64)
	b = append(strconv.AppendUint(b, uint64(v), 10), 0)
	b = append(append(b, f.name...), 0)
	b = append(append(b, text...), 0)
	for _, graphs := range [][]graph.IRI{r.DefaultGraphs, r.NamedGraphs} {
		for _, g := range graphs {
			b = strconv.AppendQuote(b, string(g))
		}
		b = append(b, 0)
	}
	return hash(b)
}

// warn tells in the headers what in a query is no error and gives nothing. The header is one that
// caches do not use any more (RFC 9111, 5.5), and that people and programs know.
func warn(ctx context.Context, h http.Header, query *sparql.Query, snap graph.Snapshot) error {
	notes, err := query.Notes(ctx, snap)
	for _, n := range notes {
		h.Add("Warning", `299 mocban "`+encode(n.In("en"), " -._~!$&'()*+,;=:@/<>?#[]%", 0x80)+`"`)
	}
	return err
}

// complete is the trailer Query-Status of an answer that is whole.
func complete(rows int64) string { return fmt.Sprintf("complete; rows=%d", rows) }

// An asked is a query on its way through the endpoint.
type asked struct {
	site  *site
	job   *job
	query *sparql.Query
	snap  graph.Snapshot
	form  *resultForm
	key   string // under which the answer is kept; "" if it must not be
	who   string // whose budget it is
	out   *stream

	partial bool          // whether a limit may cut the answer short
	cut     *partialError // the one that did
}

// short tells whether an answer may end here because of a limit, and notes it.
func (x *asked) short(err error) bool {
	var limit *graph.LimitError
	if !x.partial || !errors.As(err, &limit) {
		return false
	}
	x.cut = &partialError{limit}
	return true
}

// status is the trailer Query-Status of an answer.
func (x *asked) status(rows int64) string {
	if x.cut != nil {
		return fmt.Sprintf("partial; reason=%q; rows=%d", x.cut.Limit, rows)
	}
	return complete(rows)
}

// A partialError is the limit that cut an answer short, as its client has allowed.
type partialError struct{ *graph.LimitError }

func (e *partialError) Unwrap() error { return e.LimitError }

// worthKeeping is what a query must be expected to take for its answer to be kept, and
// mostKept how long the answer may be.
const (
	worthKeeping = 2 * time.Millisecond
	mostKept     = 512 << 10
)

// answer runs the query in its lane and writes the answer. One that was taken for a quick one
// and needs more memory than these have goes on in the next lane.
func (x *asked) answer(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	gate := x.site.gate
	lane := gate.quick
	leave, err := lane.enter(ctx)
	if err != nil {
		return err
	}
	defer func() { leave() }()
	long := func() {} // of a query that is not quick
	defer func() { long() }()
	start := time.Now()
	defer func() { x.site.budgets.charge(x.who, time.Since(start), false) }()
	if x.query, err = x.query.Plan(ctx, x.snap); err != nil {
		return err
	}
	if to := gate.lane(x.query.Cost()); to != lane {
		queued := time.Now()
		leave()
		leave = func() {}
		if long, err = x.begin(); err != nil {
			return err
		}
		place, err := to.enter(ctx)
		if err != nil {
			return err
		}
		leave, lane = place, to
		start = start.Add(time.Since(queued))
	}
	x.out = newStream(w, r)
	if x.key != "" && x.query.Cost() >= worthKeeping {
		x.out.keep = mostKept
	}
	x.job.run(lane.name)
	query := x.query.Within(sparql.Limits{Memory: lane.memory}).Watched(&x.job.examined).Growing(func() (int64, error) {
		if lane == gate.quick {
			end, err := x.begin()
			if err != nil {
				return 0, err
			}
			long = end
			place, err := gate.grow(ctx)
			if err != nil {
				return 0, err
			}
			leave()
			leave, lane = place, gate.usual
			x.job.run(lane.name)
		}
		return lane.memory, nil
	})
	n, err := x.run(ctx, query)
	if err != nil {
		return err
	}
	if err := x.out.close(x.status(n)); err != nil {
		return err
	}
	if body := x.out.copied; x.cut == nil && len(body) > 0 && x.out.keep > 0 {
		x.site.results.keep(x.key, kept{version: x.snap.Version(), body: body, rows: n})
	}
	return nil
}

// begin counts the query among those of its client that are not quick.
func (x *asked) begin() (end func(), err error) {
	if end, err = x.site.budgets.begin(x.who); err != nil {
		return func() {}, err
	}
	return end, nil
}

// run writes the answer of a query and returns how many rows or triples it has.
func (x *asked) run(ctx context.Context, query *sparql.Query) (n int64, err error) {
	snap, f, out := x.snap, x.form, x.out
	switch query.Form() {
	case sparql.Ask:
		yes, err := query.Ask(ctx, snap)
		if err != nil {
			return 0, err
		}
		w, err := results.NewWriter(f.rows, out)
		if err != nil {
			return 0, err
		}
		if err := w.Boolean(yes); err != nil {
			return 0, err
		}
		return 1, w.Close()
	case sparql.Select:
		return x.runSelect(ctx, query)
	}
	w, err := rdfio.NewWriter(f.graph, out, rdfio.WriteOptions{Prefixes: vocab.Prefixes})
	if err != nil {
		return 0, err
	}
	triples, err := query.Graph(ctx, snap)
	if x.short(err) {
		return 0, w.Close()
	}
	if err != nil {
		return 0, err
	}
	defer triples.Close()
	for triples.Next() {
		if err := w.Write(triples.Triple().In(graph.Term{})); err != nil {
			return n, err
		}
		n++
		x.job.rows.Store(n)
		if err := x.room(); err != nil {
			if !x.short(err) {
				return n, err
			}
			break
		}
	}
	if err := triples.Err(); err != nil && !x.short(err) {
		return n, err
	}
	return n, w.Close()
}

func (x *asked) runSelect(ctx context.Context, query *sparql.Query) (n int64, err error) {
	f, out := x.form, x.out
	rows, err := query.Select(ctx, x.snap)
	if err != nil && !x.short(err) {
		return 0, err
	}
	if f.excel {
		if _, err := io.WriteString(out, "\uFEFF"); err != nil {
			return 0, err
		}
	}
	w, err := results.NewWriter(f.rows, out)
	if err != nil {
		return 0, err
	}
	if err := w.Begin(query.Vars()); err != nil {
		return 0, err
	}
	if x.cut != nil {
		return 0, x.end(w)
	}
	defer rows.Close()
	for rows.Next() {
		if err := w.Row(rows.Row()); err != nil {
			return n, err
		}
		n++
		x.job.rows.Store(n)
		if err := x.room(); err != nil {
			if !x.short(err) {
				return n, err
			}
			break
		}
	}
	if err := rows.Err(); err != nil && !x.short(err) {
		return n, err
	}
	return n, x.end(w)
}

// room tells whether the answer may go on.
func (x *asked) room() error {
	if most := x.site.c.ResultBytes; most > 0 && x.out.size > most {
		return &graph.LimitError{Limit: "bytes", Max: fmt.Sprintf("%.3g MiB", float64(most)/(1<<20)), Where: "the result"}
	}
	return nil
}

// end ends rows, and has them say that some are missing if the format can.
func (x *asked) end(w results.Writer) error {
	if p, ok := w.(results.Incomplete); ok && x.cut != nil {
		p.Partial()
	}
	return w.Close()
}
