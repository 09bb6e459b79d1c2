package w3c

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/graph/canon"
	"mocban/graph/rdfio"
	"mocban/sparql/results"
	"mocban/vocab/rdf"
	"mocban/vocab/sd"
)

// The vocabularies in which the tests of protocols write requests (HTTP in RDF 1.0).
const (
	ht  graph.IRI = "http://www.w3.org/2011/http#"
	hts graph.IRI = "http://www.w3.org/2011/http-statusCodes#"
	cnt graph.IRI = "http://www.w3.org/2011/content#"
)

// An Exchange is a request, and what the answer has to be.
type Exchange struct {
	Method, Path string // the path begins with /sparql/ or /gsp
	Header       http.Header
	Body         string

	Statuses []string // "200", "2xx"; any of them will do
	Boolean  string   // of an ASK: "true", "false", or "" if it does not matter
	Format   string   // "boolean", "tabular" or "RDF"; "" for any
	Type     string   // of the content
	Graph    string   // the answer is this graph, written in Type
	Location string   // names the header of that name for later requests
}

// statuses are those that manifests name.
var statuses = map[graph.IRI]string{
	hts + "OK": "200", hts + "Created": "201", hts + "NoContent": "204", hts + "NotFound": "404",
	hts + "StatusCode2xx": "2xx", hts + "StatusCode3xx": "3xx", hts + "StatusCode4xx": "4xx",
}

// exchanges reads the requests of a test.
func (m manifest) exchanges(action graph.Term) (all []Exchange) {
	for _, r := range m.list(m.one(action, ht+"requests")) {
		answer := m.one(r, ht+"resp")
		e := Exchange{
			Method: m.one(r, ht+"methodName").Value(), Path: m.one(r, ht+"absolutePath").Value(),
			Header: m.header(r), Body: m.body(r),
			Boolean: m.one(answer, mf+"expectedBoolean").Value(), Format: m.one(answer, mf+"expectedFormat").Value(),
			Location: m.one(answer, mf+"expectedLocation").Value(),
			Type:     m.header(answer).Get("Content-Type"), Graph: m.body(answer),
		}
		for _, s := range m.iris(answer, mf+"expectedStatus") {
			e.Statuses = append(e.Statuses, statuses[s])
		}
		all = append(all, e)
	}
	return all
}

func (m manifest) header(of graph.Term) http.Header {
	h := http.Header{}
	for _, f := range m.list(m.one(of, ht+"headers")) {
		h.Add(m.one(f, ht+"fieldName").Value(), m.one(f, ht+"fieldValue").Value())
	}
	return h
}

func (m manifest) body(of graph.Term) string {
	body := m.one(of, ht+"body")
	text := m.one(body, cnt+"chars").Value()
	if m.one(body, cnt+"characterEncoding").Value() == "UTF-16" {
		var b strings.Builder
		for _, r := range text {
			b.Write([]byte{byte(r >> 8), byte(r)})
		}
		return b.String()
	}
	return text
}

// written are the exchanges of the older tests of the Graph Store Protocol, which are text for
// people. Two statuses of a change are one: 200 and 204 differ by whether the answer has a
// body (SPARQL 1.1 Graph Store HTTP Protocol, 5.3 to 5.5).
func written(comment string) []Exchange {
	request, answer, ok := strings.Cut(comment, "#### Response")
	_, request, found := strings.Cut(request, "#### Request")
	if !ok || !found {
		return nil
	}
	line, header, body := message(request)
	parts := strings.Fields(line)
	if len(parts) < 2 {
		return nil
	}
	e := Exchange{Method: parts[0], Path: parts[1], Header: header, Body: body}
	status, header, body := message(answer)
	e.Statuses = append(e.Statuses, status[:min(3, len(status))])
	if e.Method != http.MethodGet && e.Method != http.MethodHead && (e.Statuses[0] == "200" || e.Statuses[0] == "204") {
		e.Statuses = []string{"200", "204"}
	}
	e.Type, e.Graph = header.Get("Content-Type"), body
	if header.Get("Location") != "" {
		e.Location = "$NEWPATH$"
	}
	return []Exchange{e}
}

// message takes a message of HTTP apart, of which all lines are indented.
func message(text string) (first string, h http.Header, body string) {
	text = regexp.MustCompile(`(?m)^    `).ReplaceAllString(strings.Trim(text, "\n "), "")
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	h = http.Header{}
	for _, l := range lines[1:] {
		name, value, _ := strings.Cut(strings.TrimSpace(l), ":")
		if name != "Host" && name != "Content-Length" {
			h.Add(name, strings.TrimSpace(value))
		}
	}
	if strings.HasPrefix(h.Get("Content-Type"), "multipart/") { // lines end with CRLF there
		body = strings.ReplaceAll(body, "\n", "\r\n") + "\r\n"
	}
	return strings.TrimSpace(lines[0]), h, body
}

// A Server is what speaks the protocols.
type Server struct {
	Address string // "http://127.0.0.1:8000", without a slash at the end
	Base    string // how the server calls itself, likewise
	Query   string // path of the endpoint: "/sparql"
	Graphs  string // path of the graph store
	Header  http.Header

	place string // of the last graph that was created
}

// Protocol runs the exchanges of a test one after the other. The store that the server serves
// holds the data of the test already.
func (s *Server) Protocol(ctx context.Context, t *Test) error {
	for i, e := range t.Exchanges {
		if err := s.exchange(ctx, e); err != nil {
			return fmt.Errorf("request %d, %s %s: %w", i+1, e.Method, e.Path, err)
		}
	}
	if len(t.Exchanges) == 0 {
		return errors.New("there is nothing to send")
	}
	return nil
}

// local replaces the names of a test by those of the server.
func (s *Server) local(text string) string {
	return strings.NewReplacer(
		"http://$HOST$/$GRAPHSTORE$", s.Base+s.Graphs, "$GRAPHSTORE$", s.Graphs, "http://$HOST$", s.Base,
		"$LOCATION$", url.QueryEscape(s.place),
	).Replace(text)
}

func (s *Server) exchange(ctx context.Context, e Exchange) error {
	at := e.Path
	switch {
	case at == "$NEWPATH$":
		at = strings.TrimPrefix(s.place, s.Base)
	case strings.HasPrefix(at, "/sparql/"):
		at = s.Query + strings.TrimPrefix(at, "/sparql/")
	case strings.HasPrefix(at, "/gsp"):
		at = s.Graphs + strings.TrimPrefix(at, "/gsp")
	}
	r, err := http.NewRequestWithContext(ctx, e.Method, s.Address+s.local(at), strings.NewReader(s.local(e.Body)))
	if err != nil {
		return err
	}
	for name, values := range s.Header {
		r.Header[name] = values
	}
	for name, values := range e.Header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(e.Statuses, func(want string) bool { return isStatus(w.StatusCode, want) }) {
		return fmt.Errorf("status %d, want %v: %.300s", w.StatusCode, e.Statuses, body)
	}
	if e.Location != "" {
		if s.place = w.Header.Get("Location"); s.place == "" {
			return errors.New("there is no Location")
		}
	}
	return s.compare(e, w.Header, body)
}

func isStatus(code int, want string) bool {
	return strconv.Itoa(code) == want || strings.HasSuffix(want, "xx") && code/100 == int(want[0]-'0')
}

// compare compares an answer with what is expected.
func (s *Server) compare(e Exchange, h http.Header, body []byte) error {
	have := h.Get("Content-Type")
	if e.Type != "" && !sameType(have, e.Type) {
		return fmt.Errorf("Content-Type is %q, want %q", have, e.Type)
	}
	rows, isRows := results.ByMediaType(have)
	switch e.Format {
	case "boolean":
		if !isRows || !rows.Boolean {
			return fmt.Errorf("the answer of an ASK is %s", have)
		}
	case "tabular":
		if !isRows {
			return fmt.Errorf("the answer of a SELECT is %s", have)
		}
	case "RDF":
		if f, ok := rdfio.ByMediaType(have); !ok {
			return fmt.Errorf("the answer is %s, which is no RDF", have)
		} else if _, err := readGraph(f, string(body), graph.IRI(s.Base)); err != nil {
			return err
		}
	}
	if e.Boolean != "" {
		r, err := results.Read(rows, bytes.NewReader(body))
		if err != nil {
			return err
		}
		if strconv.FormatBool(r.Boolean) != e.Boolean {
			return fmt.Errorf("the answer is %v", r.Boolean)
		}
	}
	if e.Graph == "" {
		return nil
	}
	f, ok := rdfio.ByMediaType(have)
	if !ok {
		return fmt.Errorf("the graph is sent as %s", have)
	}
	want, err := readGraph(f, s.local(e.Graph), graph.IRI(s.Base))
	if err != nil {
		return fmt.Errorf("the graph of the test: %w", err)
	}
	got, err := readGraph(f, string(body), graph.IRI(s.Base))
	if err != nil {
		return err
	}
	if !canon.Isomorphic(want, got) {
		return fmt.Errorf("the graph is not the one wanted\nwant %v\ngot  %v", want, got)
	}
	return nil
}

func sameType(a, b string) bool {
	x, xp, errX := mime.ParseMediaType(a)
	y, yp, errY := mime.ParseMediaType(b)
	return errX == nil && errY == nil && x == y && strings.EqualFold(xp["charset"], yp["charset"])
}

func readGraph(f *rdfio.Format, text string, base graph.IRI) (quads []graph.Quad, err error) {
	r, err := rdfio.NewReader(f, strings.NewReader(text), rdfio.ReadOptions{Base: base + "/"})
	if err != nil {
		return nil, err
	}
	batch := make([]graph.Quad, 64)
	for {
		n, err := r.Read(batch)
		quads = append(quads, batch[:n]...)
		if err == io.EOF {
			return quads, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// Description runs a test of the description of the service (SPARQL 1.1 Service Description).
func (s *Server) Description(ctx context.Context, t *Test) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Address+s.Query, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "text/turtle, application/rdf+xml")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	f, ok := rdfio.ByMediaType(w.Header.Get("Content-Type"))
	if w.StatusCode != http.StatusOK || !ok {
		return fmt.Errorf("%s, %s", w.Status, w.Header.Get("Content-Type"))
	}
	body, err := io.ReadAll(w.Body)
	if err != nil {
		return err
	}
	quads, err := readGraph(f, string(body), graph.IRI(s.Base))
	if err != nil {
		return err
	}
	m := manifest{about: map[graph.Term][]graph.Quad{}}
	for _, q := range quads {
		m.about[q.S] = append(m.about[q.S], q)
	}
	switch path.Base(string(t.ID[strings.IndexByte(string(t.ID), '#')+1:])) {
	case "returns-rdf":
		return nil
	case "has-endpoint-triple":
		endpoint := graph.Quad{P: sd.Endpoint, O: graph.IRI(s.Base + s.Query).Term()}
		if !slices.ContainsFunc(quads, func(q graph.Quad) bool { return q.P == endpoint.P && q.O == endpoint.O }) {
			return fmt.Errorf("no sd:endpoint is <%s%s>", s.Base, s.Query)
		}
		return nil
	case "conforms-to-schema":
		return m.conforms()
	}
	return ErrNotRun
}

// conforms tells whether a description uses the vocabulary as its schema says: properties of a
// service stand at services, and what they lead to is of their range.
func (m manifest) conforms() error {
	is := func(t graph.Term, class graph.IRI) bool { return slices.Contains(m.iris(t, rdf.Type), class) }
	services := 0
	for s, quads := range m.about {
		if is(s, sd.Service) {
			services++
			if len(m.get(s, sd.Endpoint)) != 1 {
				return fmt.Errorf("%v has %d endpoints", s, len(m.get(s, sd.Endpoint)))
			}
		}
		for _, q := range quads {
			domain, ranged := map[graph.IRI][2]graph.IRI{
				sd.Endpoint: {sd.Service}, sd.Feature: {sd.Service}, sd.SupportedLanguage: {sd.Service},
				sd.ResultFormat: {sd.Service}, sd.InputFormat: {sd.Service}, sd.ExtensionFunction: {sd.Service},
				sd.DefaultDataset: {sd.Service, sd.Dataset}, sd.DefaultGraph: {sd.Dataset, sd.GraphClass},
				sd.NamedGraph: {sd.Dataset, sd.NamedGraphClass}, sd.Graph: {sd.NamedGraphClass, sd.GraphClass},
			}[q.P], q.O
			if domain[0] != "" && !is(s, domain[0]) {
				return fmt.Errorf("%v has %s, and is no %s", s, q.P, domain[0])
			}
			if domain[1] != "" && !is(ranged, domain[1]) {
				return fmt.Errorf("%v, which is the %s of %v, is no %s", ranged, q.P, s, domain[1])
			}
			if domain[0] != "" && domain[1] == "" && !q.O.IsIRI() {
				return fmt.Errorf("%s of %v is %v, which is no IRI", q.P, s, q.O)
			}
		}
	}
	if services == 0 {
		return errors.New("there is no sd:Service")
	}
	return nil
}
