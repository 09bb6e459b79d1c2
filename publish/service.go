package publish

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/publish/web"
	"mocban/sparql"
	"mocban/vocab"
	"mocban/vocab/rdf"
	"mocban/vocab/sd"
	"mocban/vocab/void"
)

// describeService answers /sparql without a query: the editor for people, the description of
// the service (SPARQL 1.1 Service Description) for programs.
func (s *site) describeService(w http.ResponseWriter, r *http.Request) error {
	forms := slices.Concat([]*form{formHTML}, rdfForms)
	f := choose(r.Header.Values("Accept"), forms, offers(forms))
	switch {
	case f == nil:
		e := &notAcceptable{}
		for _, f := range forms {
			e.offers = append(e.offers, offer{Type: f.mediaType})
		}
		return e
	case f == formHTML:
		return s.editor(w, r)
	}
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	figures, err := s.figuresOf(r.Context(), snap)
	if err != nil {
		return err
	}
	body, err := writeGraph(f.rdf, s.serviceGraph(figures))
	if err != nil {
		return err
	}
	s.send(w, r, answer{contentType: f.contentType(), body: body, cache: cachePage, modified: snap.Time(), vary: []string{"Accept"}})
	return nil
}

// writeGraph writes triples in a format.
func writeGraph(f *rdfio.Format, quads []graph.Quad) ([]byte, error) {
	var b bytes.Buffer
	w, err := rdfio.NewWriter(f, &b, rdfio.WriteOptions{Prefixes: vocab.Prefixes})
	if err != nil {
		return nil, err
	}
	if err := w.Write(quads...); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// formats is the namespace of the W3C's names for formats.
const formats graph.IRI = "http://www.w3.org/ns/formats/"

// serviceGraph describes the endpoint.
func (s *site) serviceGraph(f *figures) []graph.Quad {
	var b builder
	service := graph.IRI(s.url("sparql")).Term()
	b.add(service, rdf.Type, sd.Service.Term())
	b.add(service, sd.Endpoint, service)
	b.add(service, sd.SupportedLanguage, sd.SPARQL11Query.Term())
	b.add(service, sd.Feature, sd.EmptyGraphs.Term())
	if !s.c.Engine.Strict() {
		b.add(service, sd.Feature, sd.UnionDefaultGraph.Term())
	}
	if s.c.Engine.Federated() {
		b.add(service, sd.Feature, sd.BasicFederatedQuery.Term())
	}
	if s.c.Search != nil {
		b.add(service, sd.PropertyFeature, sparql.TextQuery.Term())
	}
	if s.c.Write != nil {
		b.add(service, sd.SupportedLanguage, sd.SPARQL11Update.Term())
		for _, f := range rdfForms {
			b.add(service, sd.InputFormat, (formats + featureNames[f.ext]).Term())
		}
	}
	for _, name := range []graph.IRI{
		"SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
		"Turtle", "N-Triples", "RDF_XML", "JSON-LD", "N-Quads", "TriG",
	} {
		b.add(service, sd.ResultFormat, (formats + name).Term())
	}
	data := graph.Blank("dataset")
	b.add(service, sd.DefaultDataset, data)
	b.add(data, rdf.Type, sd.Dataset.Term())
	all := graph.Blank("graph")
	b.add(data, sd.DefaultGraph, all)
	b.add(all, rdf.Type, sd.GraphClass.Term())
	s.statistics(&b, all, f)
	for i, g := range f.graphs {
		named, inside := graph.Blank("named"+strconv.Itoa(i)), graph.Blank("inside"+strconv.Itoa(i))
		b.add(data, sd.NamedGraph, named)
		b.add(named, rdf.Type, sd.NamedGraphClass.Term())
		b.add(named, sd.Name, g.Term)
		b.add(named, sd.Graph, inside)
		b.add(inside, rdf.Type, sd.GraphClass.Term())
		b.add(inside, void.Triples, count(g.Count))
	}
	return b.quads
}

// builder collects triples.
type builder struct{ quads []graph.Quad }

func (b *builder) add(s graph.Term, p graph.IRI, o graph.Term) {
	b.quads = append(b.quads, graph.Quad{S: s, P: p, O: o})
}

// editor is the page where queries are written.
func (s *site) editor(w http.ResponseWriter, r *http.Request) error {
	if s.c.Engine == nil {
		return &requestError{http.StatusNotFound, "no-endpoint", "Trang này không có điểm truy vấn.", "This site has no endpoint."}
	}
	asked := r.URL.Query()
	return s.drawEditor(w, r, "sparql", asked.Get("show"), asked.Has("run"))
}

// drawEditor draws that page at a path below the root, with a query that is run at once or not.
func (s *site) drawEditor(w http.ResponseWriter, r *http.Request, path, text string, run bool) error {
	lang := s.lang(r)
	examples := s.examples(lang)
	e := web.Editor{Text: text, Run: run, Examples: examples, Timeout: int(s.c.QueryTime.Seconds()), Base: string(s.c.Base), Words: editorWords(lang)}
	if s.links != nil {
		e.Shorter = s.path + "sparql/q"
	}
	if e.Text == "" {
		e.Text = examples[0].Text
	}
	for _, f := range rowForms {
		name := f.rows.Name
		if f.excel {
			name = "CSV (Excel)"
		}
		e.Formats = append(e.Formats, web.Form{Name: name, URL: f.name})
	}
	var prefixes []string
	for p, ns := range vocab.Prefixes {
		prefixes = append(prefixes, p+"="+string(ns))
	}
	slices.Sort(prefixes)
	e.Prefixes = strings.Join(prefixes, " ")
	p := s.page(r, lang, path)
	p.Title, p.Nav = "SPARQL", "sparql"
	p.Canonical, p.Alternates = s.url(lang+"/"+path), []web.Alternate{
		{Lang: "vi", URL: s.url("vi/" + path)}, {Lang: "en", URL: s.url("en/" + path)},
	}
	p.NoIndex = true
	s.sendPage(w, r, p, s.pages.Sparql(p, e), noTime)
	return nil
}

// prefixesOf declares the prefixes that a query uses.
func prefixesOf(text string) string {
	var lines []string
	for p, ns := range vocab.Prefixes {
		if i := strings.Index(text, p+":"); i >= 0 && (i == 0 || strings.IndexByte(" /{(\n", text[i-1]) >= 0) {
			lines = append(lines, "PREFIX "+p+": <"+string(ns)+">\n")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
