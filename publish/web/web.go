// Package web draws pages: what the site looks like, in Vietnamese and English. It gets plain
// data and gives bytes; it knows no store and no request.
//
// Words, classes and properties stand in tables (words.tsv, classes.tsv, properties.tsv) that
// open in a spreadsheet. Templates, style and scripts are embedded; nothing is fetched from
// elsewhere, and every page reads without script.
package web

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"mocban/graph"
	"mocban/vocab"
)

//go:embed templates assets *.tsv
var files embed.FS

// Assets returns the files of style and script.
func Assets() fs.FS {
	sub, err := fs.Sub(files, "assets")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// A Page holds what every page shows.
type Page struct {
	Lang            string // "vi" or "en"
	Site, Publisher string
	Title           string
	Description     string
	Root            string // path of the site, with slashes around it
	Path            string // of the page below Root, without language, with its query
	Canonical       string
	Alternates      []Alternate
	Schema          template.HTML // a script element with JSON-LD
	NoIndex         bool
	License         string
	HasSearch       bool
	HasEndpoint     bool
	HasDumps        bool
	HasMapping      bool
	Query           string
	Nav             string // which entry of the navigation is this page
	Meta            []Meta
}

// An Alternate is another form of a page.
type Alternate struct{ Lang, Type, URL string }

// Meta is a pair of name and content for the head.
type Meta struct{ Name, Content string }

// T returns a word in the language of the page.
func (p Page) T(key string) string { return Word(p.Lang, key) }

// Here returns the address of this page in another language.
func (p Page) Here(lang string) string { return p.Root + lang + "/" + p.Path }

// OtherLang returns the other language.
func (p Page) OtherLang() string {
	if p.Lang == "vi" {
		return "en"
	}
	return "vi"
}

// To returns the address of a page of the site in the language of this one.
func (p Page) To(path string) string { return p.Root + p.Lang + "/" + path }

// licenses are the names of well-known licences by the beginning of their IRI.
var licenses = [...][2]string{
	{"https://creativecommons.org/publicdomain/zero/1.0", "CC0 1.0"},
	{"https://creativecommons.org/licenses/by/4.0", "CC BY 4.0"},
	{"https://creativecommons.org/licenses/by-sa/4.0", "CC BY-SA 4.0"},
	{"https://creativecommons.org/publicdomain/mark/1.0", "Public Domain Mark 1.0"},
	{"https://opendatacommons.org/licenses/odbl/1-0", "ODbL 1.0"},
}

// LicenseName returns what people call the licence, or its IRI.
func (p Page) LicenseName() string {
	for _, l := range licenses {
		if strings.HasPrefix(p.License, l[0]) {
			return l[1]
		}
	}
	return p.License
}

// Word returns a word of words.tsv in a language. A word that is missing shows its key, so
// that it is seen.
func Word(lang, key string) string {
	w, ok := tables().words[key]
	if !ok {
		return "⟨" + key + "⟩"
	}
	return w.in(lang)
}

type name struct{ vi, en string }

func (n name) in(lang string) string {
	if lang == "en" {
		return n.en
	}
	return n.vi
}

// A property of properties.tsv.
type property struct {
	rank  int
	group string // "-" hides it
	name  name
	back  name
}

type tableSet struct {
	words      map[string]name
	classes    map[graph.IRI]name
	properties map[graph.IRI]property
}

var tables = sync.OnceValue(func() *tableSet {
	t := &tableSet{make(map[string]name), make(map[graph.IRI]name), make(map[graph.IRI]property)}
	rows("words.tsv", func(_ int, f []string) { t.words[f[0]] = name{f[1], f[2]} })
	rows("classes.tsv", func(_ int, f []string) { t.classes[expand(f[0])] = name{f[1], f[2]} })
	rows("properties.tsv", func(i int, f []string) {
		t.properties[expand(f[0])] = property{i, f[1], name{f[2], f[3]}, name{f[4], f[5]}}
	})
	return t
})

// rows calls f for each row of a table. The tables are part of the program.
func rows(file string, f func(i int, fields []string)) {
	data, err := files.ReadFile(file)
	if err != nil {
		panic(err)
	}
	i := 0
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimRight(line, "\r\n"); line == "" || line[0] == '#' {
			continue
		}
		fields := append(strings.Split(line, "\t"), "", "", "", "", "")
		f(i, fields)
		i++
	}
}

// expand makes an IRI of a name with a prefix.
func expand(name string) graph.IRI {
	prefix, local, _ := strings.Cut(name, ":")
	ns, ok := vocab.Prefixes[prefix]
	if !ok {
		panic(fmt.Sprintf("tables of pages: prefix of %q is not known", name))
	}
	return ns + graph.IRI(local)
}

// Class returns what a class is called, or "".
func Class(lang string, class graph.IRI) string { return tables().classes[class].in(lang) }

// spaces are the known namespaces with their prefixes, the longest first.
var spaces = sync.OnceValue(func() (all []namespace) {
	for prefix, ns := range vocab.Prefixes {
		all = append(all, namespace{string(ns), prefix})
	}
	slices.SortFunc(all, func(a, b namespace) int {
		return cmp.Or(cmp.Compare(len(b.iri), len(a.iri)), strings.Compare(a.iri, b.iri))
	})
	return all
})

type namespace struct{ iri, prefix string }

// Short returns an IRI with a prefix, or whole if none is known.
func Short(iri string) string {
	for _, ns := range spaces() {
		local, ok := strings.CutPrefix(iri, ns.iri)
		if !ok {
			continue
		}
		if strings.ContainsAny(local, "/?#") {
			return iri
		}
		return ns.prefix + ":" + local
	}
	return iri
}

// Pages draws the pages. Any number of goroutines may use it.
type Pages struct {
	templates map[string]*template.Template
	style     string // the addresses of style and script, with their hash
	scripts   map[string]string
	frames    frames
}

// New returns the pages. Assets maps the name of a file of [Assets] to its address.
func New(assets map[string]string) (*Pages, error) {
	p := &Pages{templates: make(map[string]*template.Template), style: assets["site.css"], scripts: assets}
	funcs := template.FuncMap{
		"asset": func(name string) string { return assets[name] },
		"n":     number,
	}
	maps.Copy(funcs, parts)
	layout, err := template.New("layout.html").Funcs(funcs).ParseFS(files, "templates/layout.html", "templates/parts.html")
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	for _, name := range []string{"home", "entity", "record", "list", "search", "sparql", "dataset", "dumps", "error", "mapping", "rules", "coverage"} {
		t, err := layout.Clone()
		if err == nil {
			t, err = t.ParseFS(files, "templates/"+name+".html")
		}
		if err != nil {
			return nil, fmt.Errorf("read template %s: %w", name, err)
		}
		p.templates[name] = t
	}
	return p, nil
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// draw draws a page. Data that fit the types cannot fail.
func (p *Pages) draw(name string, data any) []byte { return execute(p.templates[name], name, data) }

// part draws a part of a page.
func (p *Pages) part(name string, data any) []byte {
	return execute(p.templates["entity"].Lookup(name), name, data)
}

func execute(t *template.Template, name string, data any) []byte {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := t.Execute(b, data); err != nil {
		panic(fmt.Sprintf("draw page %s: %v", name, err))
	}
	return bytes.Clone(b.Bytes())
}

// number writes a whole number with a thin space between thousands, as both languages may.
func number(n any) string {
	s := fmt.Sprint(n)
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString("\u202f")
		}
		b.WriteRune(c)
	}
	return b.String()
}
