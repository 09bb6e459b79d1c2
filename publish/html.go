package publish

import (
	"html/template"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"mocban/graph"
	"mocban/graph/text/vi"
	"mocban/publish/web"
	"mocban/vocab/mocban"
)

// html draws the page of a thing or record.
func (d *document) html() ([]byte, error) {
	link := d.s.link(d.lang)
	view := web.View(d.res, d.a.segments[0], d.lang, link)
	view.Forms = d.forms()
	view.Pager = d.pager()
	p := d.s.page(d.r, d.lang, d.a.document())
	p.Title = view.Heading.Text
	p.Description = describe(view)
	p.Canonical = d.s.url(d.a.document())
	if d.a.lang != "" {
		p.Canonical = d.s.url(d.a.lang + "/" + d.a.document())
	}
	p.Alternates = d.s.alternates(d.a.document())
	for _, f := range view.Forms {
		p.Alternates = append(p.Alternates, web.Alternate{Type: f.Type, URL: f.URL})
	}
	if ld := schemaOf(d.res); ld != nil {
		p.Schema = template.HTML(`<script type="application/ld+json">` + string(ld) + "</script>\n")
	}
	p.Meta = dublinCore(view, p)
	if view.Pager.Previous != "" {
		p.NoIndex = true
	}
	if !d.record {
		return d.s.pages.Entity(p, view), nil
	}
	return d.s.pages.Record(p, d.recordPage(view)), nil
}

// forms are the other forms of the document.
func (d *document) forms() (forms []web.Form) {
	record := d.hasRecord()
	for _, f := range entityForms {
		if f == formHTML || (f == formMARC || f == formMARCXML) && !record {
			continue
		}
		name := strings.ToUpper(f.ext)
		if f.rdf != nil {
			name = f.rdf.Name
		} else if f == formMARC {
			name = "MARC"
		}
		forms = append(forms, web.Form{Name: name, Type: f.mediaType, URL: d.s.path + d.a.document() + "." + f.ext})
	}
	return forms
}

// pager leads through the statements that point at a thing.
func (d *document) pager() (p web.Pager) {
	if d.res.Total <= pageLinks {
		return p
	}
	page := d.res.Offset/pageLinks + 1
	at := func(n int) string {
		path := d.s.path + d.lang + "/" + d.a.document()
		if n > 1 {
			path += "?page=" + strconv.Itoa(n)
		}
		return path
	}
	p.First, p.Last, p.Total = uint64(d.res.Offset+1), min(uint64(d.res.Offset+pageLinks), d.res.Total), d.res.Total
	if page > 1 {
		p.Previous = at(page - 1)
	}
	if p.Last < p.Total {
		p.Next = at(page + 1)
	}
	return p
}

// describe says in one line what a page is about, for lists of search engines.
func describe(e web.Entity) string {
	parts := []string{e.KindName}
	for _, g := range e.Groups {
		if g.ID != "main" && g.ID != "origin" {
			continue
		}
		for _, f := range g.Facts {
			for _, v := range f.Values {
				if s := v.Text.Text; s != "" && v.Before == "" {
					parts = append(parts, s)
				}
			}
		}
	}
	for _, t := range e.Summary {
		parts = append(parts, t.Text)
	}
	s := strings.Join(parts, ". ")
	if r := []rune(s); len(r) > 300 {
		s = string(r[:297]) + "…"
	}
	return s
}

// dublinCore are the elements of Dublin Core that Circular 24/2011/TT-BTTTT asks of pages of
// the state, as far as they are known.
func dublinCore(e web.Entity, p web.Page) []web.Meta {
	meta := []web.Meta{
		{Name: "DC.title", Content: e.Heading.Text},
		{Name: "DC.identifier", Content: e.IRI},
		{Name: "DC.description", Content: p.Description},
	}
	if p.Publisher != "" {
		meta = append(meta, web.Meta{Name: "DC.publisher", Content: p.Publisher})
	}
	return meta
}

// recordPage adds the fields of a source record, and what it describes.
func (d *document) recordPage(e web.Entity) web.RecordPage {
	e.Heading = web.Text{Text: tailOf(e.IRI)}
	if cn := d.res.Root.Value(mocban.ControlNumber); !cn.IsZero() {
		e.Heading.Text = cn.Value()
	}
	e.Records = nil
	page := web.RecordPage{Entity: e}
	entries := web.Entries(d.res, slices.DeleteFunc(d.res.Subjects(), func(t graph.Term) bool {
		_, ours := d.s.documentOf(t.Value())
		return !ours
	}), d.lang, d.s.link(d.lang))
	for i := range entries {
		kind, _, _ := strings.Cut(strings.TrimPrefix(entries[i].Href, d.s.path+d.lang+"/"), "/")
		entries[i].Kind = web.Word(d.lang, "one-"+kind)
	}
	if len(entries) > 0 {
		page.Describes = []web.Section{{ID: "describes", Name: web.Word(d.lang, "describes"), Entries: entries}}
	}
	if d.s.c.Records == nil {
		return page
	}
	original, format, err := originalOf(d.res.Root)
	if err != nil || original == nil {
		return page
	}
	fields, err := d.s.c.Records.Fields(original, format)
	if err != nil {
		d.s.c.Log.Warn("record cannot be shown by field", "record", e.IRI, "error", err)
		return page
	}
	page.Format = "MARC"
	if kind := d.res.Root.Value(mocban.SourceFormat).Value(); kind != "" {
		page.Format = strings.ToUpper(kind)
	}
	for _, f := range fields {
		row := web.Field{Tag: f.Tag, Indicators: f.Indicators, Value: printable(f.Value)}
		for _, sub := range f.Subfields {
			s := web.Subfield{Code: printable(sub.Code), Value: printable(sub.Value)}
			if strings.ContainsFunc(sub.Value, vi.IsHan) {
				s.Lang = "und-Hani"
			}
			row.Subfields = append(row.Subfields, s)
		}
		page.Fields = append(page.Fields, row)
	}
	return page
}

// printable shows control characters as signs.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x20:
			return 0x2400 + r
		case r == 0x7F:
			return 0x2421
		case r >= 0x80 && r < 0xA0:
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func tailOf(iri string) string {
	parts := strings.Split(iri, "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}
