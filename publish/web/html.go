package web

import (
	"html/template"
	"strconv"
)

// The parts that make up most of a page are written by hand: they are few, and a template
// takes ten times as long for the thousand small pieces of them. Everything that is not
// written here goes through text or attr.
type html struct{ b []byte }

// raw writes markup.
func (h *html) raw(s string) { h.b = append(h.b, s...) }

// text writes text.
func (h *html) text(s string) { h.b = appendEscaped(h.b, s) }

// attr writes an attribute, with the blank before it.
func (h *html) attr(name, value string) {
	h.raw(" " + name + `="`)
	h.b = appendEscaped(h.b, value)
	h.raw(`"`)
}

// appendEscaped writes text so that it is text in an element and in a quoted attribute.
func appendEscaped(b []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); i++ {
		var e string
		switch s[i] {
		case '&':
			e = "&amp;"
		case '<':
			e = "&lt;"
		case '>':
			e = "&gt;"
		case '"':
			e = "&#34;"
		case '\'':
			e = "&#39;"
		case 0:
			e = "\uFFFD"
		default:
			continue
		}
		b = append(append(b, s[start:i]...), e...)
		start = i + 1
	}
	return append(b, s[start:]...)
}

// words writes a text with its language.
func (h *html) words(t Text) {
	h.raw("<bdi")
	if t.Lang != "" {
		h.attr("lang", t.Lang)
		if t.Han() {
			h.raw(` class="han"`)
		}
	}
	h.raw(">")
	h.text(t.Text)
	h.raw("</bdi>")
}

// link writes the beginning of a link.
func (h *html) link(href string, external bool) {
	h.raw("<a")
	h.attr("href", href)
	if external {
		h.raw(` rel="external noopener" class="out"`)
	}
	h.raw(">")
}

// value writes a value of a fact.
func (h *html) value(v *Value) {
	if v.Before != "" {
		h.tag(v.Before)
		h.raw(" ")
	}
	if v.Href != "" {
		h.link(v.Href, v.External)
		h.words(v.Text)
		h.raw("</a>")
	} else if v.Text.Text != "" {
		h.words(v.Text)
	}
	h.also(v.Also)
	if v.After != "" {
		h.raw(` <span class="after">(`)
		h.text(v.After)
		h.raw(")</span>")
	}
	if len(v.Facts) > 0 {
		h.raw(`<dl class="inner">`)
		h.rows(v.Facts)
		h.raw("</dl>")
	}
}

func (h *html) also(texts []Text) {
	for _, t := range texts {
		h.raw(` <span class="also">`)
		h.words(t)
		h.raw("</span>")
	}
}

func (h *html) tag(s string) {
	h.raw(`<span class="tag">`)
	h.text(s)
	h.raw("</span>")
}

// rows writes facts as rows of a list of definitions.
func (h *html) rows(facts []Fact) {
	for i := range facts {
		h.raw("<div><dt>")
		h.text(facts[i].Name)
		h.raw("</dt>")
		for k := range facts[i].Values {
			h.raw("<dd>")
			h.value(&facts[i].Values[k])
			h.raw("</dd>")
		}
		h.raw("</div>\n")
	}
}

func (h *html) facts(facts []Fact) {
	h.raw("<dl class=\"facts\">\n")
	h.rows(facts)
	h.raw("</dl>")
}

// entries writes a list of things.
func (h *html) entries(entries []Entry) {
	h.raw("<ul class=\"entries\">\n")
	for i := range entries {
		e := &entries[i]
		h.raw("<li>")
		if e.Title.Text != "" {
			h.raw(`<p class="name">`)
			if e.Href != "" {
				h.link(e.Href, false)
			}
			h.words(e.Title)
			if e.Href != "" {
				h.raw("</a>")
			}
			h.also(e.Also)
			if e.Kind != "" {
				h.raw(" ")
				h.tag(e.Kind)
			}
			h.raw("</p>")
		}
		for _, line := range e.Lines {
			h.raw(`<p class="line">`)
			h.text(line)
			h.raw("</p>")
		}
		if len(e.Facts) > 0 {
			h.facts(e.Facts)
		}
		if len(e.Copies) > 0 {
			h.copies(e.Copies)
		}
		h.raw("</li>\n")
	}
	h.raw("</ul>")
}

// copies writes the items of an instance.
func (h *html) copies(copies []Copy) {
	h.raw(`<ul class="copies">`)
	for i := range copies {
		c := &copies[i]
		h.raw("<li>")
		library := c.Library
		library.After, library.Before, library.Facts = "", "", nil
		h.value(&library)
		if c.Mark != "" {
			h.raw(` <a class="mark"`)
			h.attr("href", c.Href)
			h.raw(">")
			h.text(c.Mark)
			h.raw("</a>")
		}
		h.raw("</li>")
	}
	h.raw("</ul>")
}

// statements writes the rows of the table of all statements.
func (h *html) statements(all []Statement) {
	for i := range all {
		s := &all[i]
		h.raw("<tr")
		if s.Depth > 0 {
			h.attr("class", "d"+strconv.Itoa(s.Depth))
		}
		h.raw("><td><code>")
		h.text(Short(string(s.Property)))
		h.raw("</code></td><td>")
		h.value(&s.Value)
		if s.Value.Text.Lang != "" {
			h.raw(" ")
			h.tag("@" + s.Value.Text.Lang)
		}
		if s.Datatype != "" {
			h.raw(" ")
			h.tag(s.Datatype)
		}
		h.raw("</td></tr>\n")
	}
}

// made returns what was written, for a template.
func made(write func(h *html)) template.HTML {
	h := html{b: make([]byte, 0, 4096)}
	write(&h)
	return template.HTML(h.b)
}

// parts are the functions that templates write parts of pages with.
var parts = template.FuncMap{
	"text":    func(t Text) template.HTML { return made(func(h *html) { h.words(t) }) },
	"value":   func(v Value) template.HTML { return made(func(h *html) { h.value(&v) }) },
	"facts":   func(f []Fact) template.HTML { return made(func(h *html) { h.facts(f) }) },
	"entries": func(e []Entry) template.HTML { return made(func(h *html) { h.entries(e) }) },
	"heading": func(lang string, e Entity) template.HTML { return made(func(h *html) { h.heading(lang, &e) }) },
	"machine": func(lang string, e Entity) template.HTML { return made(func(h *html) { h.machine(lang, &e) }) },
	"all": func(lang string, s []Statement) template.HTML {
		return made(func(h *html) { h.allStatements(lang, s) })
	},
}

// Links writes what the head of the page says of it: description, robots, and the addresses
// of its other forms.
func (p Page) Links() template.HTML { return made(p.links) }

func (p Page) links(h *html) {
	meta := func(name, content string) {
		h.raw("<meta")
		h.attr("name", name)
		h.attr("content", content)
		h.raw(">\n")
	}
	if p.Description != "" {
		meta("description", p.Description)
	}
	for _, m := range p.Meta {
		meta(m.Name, m.Content)
	}
	if p.NoIndex {
		meta("robots", "noindex")
	}
	link := func(rel, lang, mediaType, href string) {
		h.raw("<link")
		h.attr("rel", rel)
		if lang != "" {
			h.attr("hreflang", lang)
		}
		if mediaType != "" {
			h.attr("type", mediaType)
		}
		h.attr("href", href)
		h.raw(">\n")
	}
	if p.Canonical != "" {
		link("canonical", "", "", p.Canonical)
	}
	for _, a := range p.Alternates {
		link("alternate", a.Lang, a.Type, a.URL)
	}
	if p.License != "" {
		link("license", "", "", p.License)
	}
}
