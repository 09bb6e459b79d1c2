package publish

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/publish/web"
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
	lang := s.lang(r)
	examples := s.examples(lang)
	e := web.Editor{Text: r.URL.Query().Get("show"), Examples: examples, Timeout: int(s.c.QueryTime.Seconds()), Base: string(s.c.Base)}
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
	p := s.page(r, lang, "sparql")
	p.Title, p.Nav = "SPARQL", "sparql"
	p.Canonical, p.Alternates = s.url(lang+"/sparql"), []web.Alternate{
		{Lang: "vi", URL: s.url("vi/sparql")}, {Lang: "en", URL: s.url("en/sparql")},
	}
	p.NoIndex = true
	s.sendPage(w, r, p, s.pages.Sparql(p, e), noTime)
	return nil
}

// examples are queries to try, with the prefixes that they use.
func (s *site) examples(lang string) (all []web.Example) {
	for _, e := range [...]struct{ vi, en, text string }{
		{"Mười tác phẩm và tác giả", "Ten works and their authors",
			"SELECT ?work ?title ?author WHERE {\n  ?work a bf:Work ;\n        rdfs:label ?title ;\n        bf:contribution/bf:agent/rdfs:label ?author .\n}\nLIMIT 10"},
		{"Ai có nhiều tác phẩm nhất", "Who has the most works",
			"SELECT ?agent ?name (COUNT(DISTINCT ?work) AS ?works) WHERE {\n  ?work a bf:Work ; bf:contribution/bf:agent ?agent .\n  ?agent rdfs:label ?name .\n}\nGROUP BY ?agent ?name\nORDER BY DESC(?works)\nLIMIT 20"},
		{"Nhan đề chữ Hán Nôm bên chữ Quốc ngữ", "Hán-Nôm titles beside the romanised ones",
			"SELECT ?work ?title ?han WHERE {\n  ?work a bf:Work ; rdfs:label ?title ; bf:title/bf:mainTitle ?han .\n  FILTER (CONTAINS(LANG(?han), \"Hani\"))\n}\nLIMIT 50"},
		{"Chủ đề nhiều tài liệu nhất", "Subjects with the most works",
			"SELECT ?subject ?name (COUNT(?work) AS ?works) WHERE {\n  ?work bf:subject ?subject .\n  ?subject rdfs:label ?name .\n}\nGROUP BY ?subject ?name\nORDER BY DESC(?works)\nLIMIT 20"},
		{"Mỗi thư viện giữ bao nhiêu bản", "How many copies each library holds",
			"SELECT ?library ?name (COUNT(?item) AS ?items) WHERE {\n  ?item bf:heldBy ?library .\n  ?library rdfs:label ?name .\n}\nGROUP BY ?library ?name\nORDER BY DESC(?items)"},
		{"Bản in theo năm", "Instances by year",
			"SELECT ?year (COUNT(?instance) AS ?instances) WHERE {\n  ?instance a bf:Instance ; schema:datePublished ?year .\n}\nGROUP BY ?year\nORDER BY ?year"},
		{"Mô tả một tác phẩm (đồ thị)", "Describe a work (a graph)",
			"CONSTRUCT { ?work ?p ?o } WHERE {\n  { SELECT ?work { ?work a bf:Work } LIMIT 1 }\n  ?work ?p ?o\n}"},
		{"Có bao nhiêu thứ mỗi loại", "How many things of each class",
			"SELECT ?class (COUNT(*) AS ?things) WHERE { ?thing a ?class }\nGROUP BY ?class\nORDER BY DESC(?things)"},
	} {
		text := prefixesOf(e.text) + e.text
		all = append(all, web.Example{
			Name: pick(lang, e.vi, e.en), Text: text,
			Href: s.path + lang + "/sparql?" + url.Values{"show": {text}, "run": {"1"}}.Encode(),
		})
	}
	return all
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
