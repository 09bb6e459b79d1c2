package publish

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"mocban/graph"
	"mocban/publish/resource"
	"mocban/publish/web"
	"mocban/vocab"
	"mocban/vocab/dcat"
	"mocban/vocab/dcterms"
	"mocban/vocab/foaf"
	"mocban/vocab/rdf"
	"mocban/vocab/void"
	"mocban/vocab/xsd"
)

// figures count what is in one version of the store.
type figures struct {
	version    graph.Version
	time       time.Time
	triples    uint64
	subjects   uint64
	objects    uint64
	classes    []resource.Tally
	properties []property
	graphs     []resource.Tally // named ones with an IRI, if they are few
}

// property is one of the figures: a property with its triples, and how many different
// subjects and objects they have (0 where that is not known).
type property struct {
	resource.Tally
	subjects, objects uint64
}

// fewGraphs is up to how many named graphs are listed one by one.
const fewGraphs = 64

// namedGraphs counts the triples of the named graphs, if they are few.
func namedGraphs(ctx context.Context, snap graph.Snapshot) (all []resource.Tally, err error) {
	c, err := snap.Graphs(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var ids []graph.ID
	var b graph.Block
	for len(ids) <= fewGraphs && c.Next(&b) {
		ids = append(ids, b.Cols[graph.PosG]...)
	}
	if err := c.Err(); err != nil || len(ids) > fewGraphs {
		return nil, err
	}
	names := make([]graph.Term, len(ids))
	if err := snap.Terms(ctx, ids, names); err != nil {
		return nil, err
	}
	for i, id := range ids {
		n, _, err := snap.Count(ctx, graph.Pattern{G: id})
		if err != nil {
			return nil, err
		}
		if names[i].IsIRI() {
			all = append(all, resource.Tally{Term: names[i], Count: n})
		}
	}
	return all, nil
}

// figureCache keeps the figures of the newest version that was asked for.
type figureCache struct {
	mu     sync.Mutex
	newest *figures
}

// figuresOf counts, once for each version.
func (s *site) figuresOf(ctx context.Context, snap graph.Snapshot) (*figures, error) {
	s.figures.mu.Lock()
	defer s.figures.mu.Unlock()
	if f := s.figures.newest; f != nil && f.version == snap.Version() {
		return f, nil
	}
	f := &figures{version: snap.Version(), time: snap.Time()}
	count := f.count
	if _, ok := snap.(graph.Counted); ok {
		count = f.take
	}
	if err := count(ctx, snap); err != nil {
		return nil, err
	}
	var err error
	if f.graphs, err = namedGraphs(ctx, snap); err != nil {
		return nil, err
	}
	slices.SortFunc(f.properties, func(a, b property) int { return byCount(a.Tally, b.Tally) })
	slices.SortFunc(f.classes, byCount)
	slices.SortFunc(f.graphs, byCount)
	s.figures.newest = f
	return f, nil
}

func byCount(a, b resource.Tally) int {
	return cmp.Or(cmp.Compare(b.Count, a.Count), graph.Compare(a.Term, b.Term))
}

// take takes the figures from the statistics that the store keeps.
func (f *figures) take(ctx context.Context, snap graph.Snapshot) error {
	st, err := snap.(graph.Counted).Statistics(ctx)
	if err != nil {
		return err
	}
	f.triples, f.subjects, f.objects = st.Triples, st.Subjects, st.Objects
	ids := make([]graph.ID, 0, len(st.Properties)+len(st.Classes))
	for _, p := range st.Properties {
		ids = append(ids, p.Property)
	}
	for _, c := range st.Classes {
		ids = append(ids, c.Class)
	}
	terms := make([]graph.Term, len(ids))
	if err := snap.Terms(ctx, ids, terms); err != nil {
		return err
	}
	for i, p := range st.Properties {
		f.properties = append(f.properties, property{resource.Tally{Term: terms[i], Count: p.Triples}, p.Subjects, p.Objects})
	}
	for i, c := range st.Classes {
		f.classes = append(f.classes, resource.Tally{Term: terms[len(st.Properties)+i], Count: c.Instances})
	}
	return nil
}

// count counts where the store keeps no statistics.
func (f *figures) count(ctx context.Context, snap graph.Snapshot) (err error) {
	if f.triples, _, err = snap.Count(ctx, graph.Pattern{Union: true}); err != nil {
		return err
	}
	if f.subjects, _, err = snap.Distinct(ctx, graph.Pattern{}, graph.PosS); err != nil {
		return err
	}
	if f.objects, _, err = snap.Distinct(ctx, graph.Pattern{}, graph.PosO); err != nil {
		return err
	}
	properties, err := resource.Properties(ctx, snap)
	if err != nil {
		return err
	}
	for _, p := range properties {
		f.properties = append(f.properties, property{Tally: p})
	}
	f.classes, err = resource.Classes(ctx, snap)
	return err
}

func count(n uint64) graph.Term { return graph.Literal(strconv.FormatUint(n, 10), xsd.Integer) }

// statistics describes a graph or dataset by VoID.
func (s *site) statistics(b *builder, of graph.Term, f *figures) {
	b.add(of, void.Triples, count(f.triples))
	b.add(of, void.DistinctSubjects, count(f.subjects))
	b.add(of, void.DistinctObjects, count(f.objects))
	b.add(of, void.Properties, count(uint64(len(f.properties))))
	b.add(of, void.Classes, count(uint64(len(f.classes))))
	for i, c := range f.classes {
		part := graph.Blank("class" + strconv.Itoa(i))
		b.add(of, void.ClassPartition, part)
		b.add(part, void.Class, c.Term)
		b.add(part, void.Entities, count(c.Count))
	}
	for i, p := range f.properties {
		part := graph.Blank("property" + strconv.Itoa(i))
		b.add(of, void.PropertyPartition, part)
		b.add(part, void.Property, p.Term)
		b.add(part, void.Triples, count(p.Count))
		if p.subjects > 0 {
			b.add(part, void.DistinctSubjects, count(p.subjects))
			b.add(part, void.DistinctObjects, count(p.objects))
		}
	}
}

// mediaTypes is the namespace under which IANA names media types.
const mediaTypes graph.IRI = "https://www.iana.org/assignments/media-types/"

// datasetGraph describes the dataset by VoID and DCAT.
func (s *site) datasetGraph(f *figures) []graph.Quad {
	var b builder
	data := graph.IRI(s.url("dataset#data")).Term()
	page := graph.IRI(s.url("dataset")).Term()
	b.add(page, rdf.Type, void.DatasetDescription.Term())
	b.add(page, foaf.PrimaryTopic, data)
	b.add(data, rdf.Type, void.Dataset.Term())
	b.add(data, rdf.Type, dcat.DatasetClass.Term())
	for _, lang := range []string{"vi", "en"} {
		if name := s.c.Name[lang]; name != "" {
			b.add(data, dcterms.Title, graph.Text(name, lang))
		}
		b.add(data, dcterms.Description, graph.Text(web.Word(lang, "lead"), lang))
	}
	b.add(data, dcterms.License, s.c.License.Term())
	b.add(data, dcterms.Identifier, graph.String(s.url("dataset#data")))
	if !f.time.IsZero() {
		b.add(data, dcterms.Modified, graph.Literal(f.time.UTC().Format("2006-01-02T15:04:05Z"), xsd.DateTime))
	}
	b.add(data, dcat.Version, graph.String(strconv.FormatUint(uint64(f.version), 10)))
	b.add(data, dcat.LandingPage, page)
	b.add(data, foaf.Homepage, graph.IRI(s.url("")).Term())
	if len(s.c.Publisher) > 0 {
		who := graph.IRI(s.url("dataset#publisher")).Term()
		b.add(data, dcterms.Publisher, who)
		b.add(who, rdf.Type, foaf.Agent.Term())
		for _, lang := range []string{"vi", "en"} {
			if name := s.c.Publisher[lang]; name != "" {
				b.add(who, foaf.Name, graph.Text(name, lang))
			}
		}
	}
	b.add(data, void.UriSpace, graph.String(s.url("id/")))
	for _, p := range f.properties {
		for _, ns := range vocab.Prefixes {
			if iri := p.Term.Value(); len(iri) > len(ns) && iri[:len(ns)] == string(ns) {
				b.add(data, void.Vocabulary, ns.Term())
			}
		}
	}
	for _, form := range rdfForms {
		b.add(data, void.Feature, (formats + featureNames[form.ext]).Term())
	}
	s.accessGraph(&b, data)
	s.statistics(&b, data, f)
	return dedupe(b.quads)
}

var featureNames = map[string]graph.IRI{
	"jsonld": "JSON-LD", "ttl": "Turtle", "nt": "N-Triples", "rdf": "RDF_XML", "nq": "N-Quads", "trig": "TriG",
}

// accessGraph says how the data can be had: the endpoint and the dumps.
func (s *site) accessGraph(b *builder, data graph.Term) {
	if s.c.Engine != nil {
		service := graph.IRI(s.url("sparql")).Term()
		b.add(data, void.SparqlEndpoint, service)
		b.add(service, rdf.Type, dcat.DataService.Term())
		b.add(service, dcat.EndpointURL, service)
		b.add(service, dcat.ServesDataset, data)
		b.add(service, dcterms.Title, graph.Text("SPARQL", "en"))
	}
	if s.c.Search != nil {
		b.add(data, void.OpenSearchDescription, graph.IRI(s.url("opensearch.xml")).Term())
	}
	for _, file := range s.dumpFiles() {
		form, ok := dumpFormat(file.name)
		if !ok {
			continue
		}
		at := graph.IRI(s.url("dumps/" + file.name)).Term()
		b.add(data, void.DataDump, at)
		d := graph.IRI(s.url("dumps/" + file.name + "#distribution")).Term()
		b.add(data, dcat.Distribution, d)
		b.add(d, rdf.Type, dcat.DistributionClass.Term())
		b.add(d, dcat.DownloadURL, at)
		b.add(d, dcat.AccessURL, graph.IRI(s.url("dumps/")).Term())
		b.add(d, dcat.MediaType, (mediaTypes + graph.IRI(form.MediaType)).Term())
		b.add(d, dcat.CompressFormat, (mediaTypes + "application/gzip").Term())
		b.add(d, dcat.ByteSize, graph.Literal(strconv.FormatInt(file.size, 10), xsd.NonNegativeInteger))
		b.add(d, dcterms.License, s.c.License.Term())
	}
}

func dedupe(quads []graph.Quad) []graph.Quad {
	seen := make(map[graph.Quad]bool, len(quads))
	return slices.DeleteFunc(quads, func(q graph.Quad) bool {
		if seen[q] {
			return true
		}
		seen[q] = true
		return false
	})
}

// dataset is the page about the data, and its description in RDF.
func (s *site) dataset(w http.ResponseWriter, r *http.Request) error {
	forms := slices.Concat([]*form{formHTML}, rdfForms)
	f := formHTML
	rest := r.URL.Path[len(s.path):]
	fixed := rest != "dataset"
	switch ext := chi.URLParam(r, "ext"); {
	case ext != "":
		i := slices.IndexFunc(forms, func(f *form) bool { return f.ext == ext })
		if i < 0 {
			return graph.ErrNotFound
		}
		f = forms[i]
		w.Header().Set("X-Robots-Tag", "noindex")
	case !fixed:
		f = choose(r.Header.Values("Accept"), forms, offers(forms))
	}
	if f == nil {
		e := &notAcceptable{}
		for _, f := range forms {
			e.offers = append(e.offers, offer{f.mediaType, s.path + "dataset." + f.ext})
		}
		return e
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
	if !fixed {
		addVary(w.Header(), "Accept")
	}
	if f == formHTML {
		return s.datasetPage(w, r, snap, figures, forms)
	}
	body, err := writeGraph(f.rdf, s.datasetGraph(figures))
	if err != nil {
		return err
	}
	if !fixed {
		w.Header().Set("Content-Location", s.path+"dataset."+f.ext)
	}
	s.send(w, r, answer{contentType: f.contentType(), body: body, cache: cachePage, modified: snap.Time()})
	return nil
}

func (s *site) datasetPage(w http.ResponseWriter, r *http.Request, snap graph.Snapshot, f *figures, forms []*form) error {
	lang := s.lang(r)
	counts, err := s.browse.counts(r.Context(), snap)
	if err != nil {
		return err
	}
	d := web.Dataset{Version: uint64(f.version), Endpoint: s.url("sparql")}
	if !f.time.IsZero() {
		d.Updated = f.time.UTC().Format("2006-01-02 15:04 UTC")
	}
	d.Figures = []web.Count{{Name: web.Word(lang, "triples"), Count: f.triples}}
	for _, c := range counts {
		if c.count > 0 {
			d.Figures = append(d.Figures, web.Count{Name: web.Word(lang, "kind-"+c.kind), Count: c.count, Href: s.path + lang + "/browse/" + c.kind})
		}
	}
	for _, c := range f.classes {
		iri, _ := c.Term.IRI()
		name := web.Short(string(iri))
		if label := web.Class(lang, iri); label != "" {
			name = label + " (" + name + ")"
		}
		d.Classes = append(d.Classes, web.Count{Name: name, Count: c.Count})
	}
	for _, p := range f.properties {
		d.Properties = append(d.Properties, web.Count{Name: web.Short(p.Term.Value()), Count: p.Count})
	}
	d.Classes, d.Properties = d.Classes[:min(40, len(d.Classes))], d.Properties[:min(40, len(d.Properties))]
	for _, form := range forms[1:] {
		d.Forms = append(d.Forms, web.Form{Name: form.rdf.Name, Type: form.mediaType, URL: s.path + "dataset." + form.ext})
	}
	p := s.page(r, lang, "dataset")
	p.Title, p.Nav, p.Description = web.Word(lang, "dataset-title"), "dataset", web.Word(lang, "dataset-lead")
	p.Canonical, p.Alternates = s.url(lang+"/dataset"), s.alternates("dataset")
	s.sendPage(w, r, p, s.pages.Dataset(p, d), snap.Time())
	return nil
}

// wellKnownVoid leads to the description of the dataset (VoID, 7.2).
func (s *site) wellKnownVoid(w http.ResponseWriter, r *http.Request) error {
	redirect(w, http.StatusFound, s.url("dataset"), cacheRedirect)
	return nil
}
