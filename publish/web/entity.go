package web

import (
	"bytes"
	"html/template"
	"strconv"
	"strings"
	"sync"
)

// The pages of things are asked for most, so what they are made of is written by hand. What
// stands around them comes from the template, which is drawn once for all pages that differ
// only in the places below.

// slots are what the template is given where pages differ.
const (
	slotTitle   = "slot-of-title"
	slotSchema  = "<!--slot-of-schema-->"
	slotPath    = "slot-of-path"
	slotContent = "slot-of-content"
)

// A frame is what stands around the content of a page: before and after each place where
// pages differ.
type frame [6]string

// frameOf is what a frame depends on. All of it but Lang comes from the settings.
type frameOf struct {
	lang, site, publisher, root, license string
	search, endpoint, dumps              bool
}

type frames struct {
	mu sync.Mutex
	by map[frameOf]*frame
}

// frame returns the frame of a page, or nil if it has none that serves others.
func (p *Pages) frame(page *Page) *frame {
	if page.Query != "" || page.Nav != "" || page.Title == "" || !plainPath(page.Path) {
		return nil
	}
	of := frameOf{page.Lang, page.Site, page.Publisher, page.Root, page.License, page.HasSearch, page.HasEndpoint, page.HasDumps}
	p.frames.mu.Lock()
	defer p.frames.mu.Unlock()
	f, ok := p.frames.by[of]
	if !ok {
		f = p.makeFrame(page)
		if p.frames.by == nil {
			p.frames.by = make(map[frameOf]*frame)
		}
		p.frames.by[of] = f
	}
	return f
}

// plainPath tells whether a template leaves a path as it is.
func plainPath(path string) bool {
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("/-._~?=", c) >= 0:
		default:
			return false
		}
	}
	return true
}

// makeFrame draws the template with slots and cuts it there.
func (p *Pages) makeFrame(page *Page) *frame {
	model := Page{
		Lang: page.Lang, Site: page.Site, Publisher: page.Publisher, Root: page.Root, License: page.License,
		HasSearch: page.HasSearch, HasEndpoint: page.HasEndpoint, HasDumps: page.HasDumps,
		Title: slotTitle, Path: slotPath, Schema: slotSchema, Description: "slot-of-links",
	}
	rest := string(p.draw("entity", framed{model, slotContent}))
	f := new(frame)
	for i, slot := range []string{slotTitle, string(model.Links()), slotSchema, slotPath, slotContent} {
		before, after, ok := strings.Cut(rest, slot)
		if !ok || strings.Contains(after, slot) {
			return nil // the template says something twice
		}
		f[i], rest = before, after
	}
	f[5] = rest
	return f
}

// framed is a page with content that is drawn already.
type framed struct {
	Page
	Content template.HTML
}

// Entity draws the page of a thing.
func (p *Pages) Entity(page Page, e Entity) []byte {
	h := pieces.Get().(*html)
	defer pieces.Put(h)
	h.b = h.b[:0]
	f := p.frame(&page)
	if f == nil {
		p.entity(h, page, &e)
		return p.draw("entity", framed{page, template.HTML(h.b)})
	}
	h.raw(f[0])
	h.text(page.Title)
	h.raw(f[1])
	page.links(h)
	h.raw(f[2])
	h.raw(string(page.Schema))
	h.raw(f[3])
	h.raw(page.Path)
	h.raw(f[4])
	p.entity(h, page, &e)
	h.raw(f[5])
	return bytes.Clone(h.b)
}

var pieces = sync.Pool{New: func() any { return &html{b: make([]byte, 0, 32<<10)} }}

// entity writes the content of the page of a thing.
func (p *Pages) entity(h *html, page Page, e *Entity) {
	h.raw(`<article class="entity `)
	h.text(e.Kind)
	h.raw("\">\n")
	h.heading(page.Lang, e)
	h.raw("\n<div class=\"body\">\n<div class=\"left\">\n")
	for _, t := range e.Summary {
		h.raw(`<p class="summary">`)
		h.words(t)
		h.raw("</p>\n")
	}
	for i := range e.Groups {
		h.group(&e.Groups[i])
		h.raw("\n")
	}
	if len(e.About) > 0 {
		h.raw(`<section aria-labelledby="of-work"><h2 id="of-work">`)
		h.text(Word(page.Lang, "of-work"))
		h.raw(" <a")
		h.attr("href", e.AboutTitle.Href)
		h.raw(">")
		h.words(e.AboutTitle.Text)
		h.raw("</a></h2>\n")
		for i := range e.About {
			h.facts(e.About[i].Facts)
		}
		h.raw("</section>\n")
	}
	for i := range e.Sections {
		h.section(&e.Sections[i])
	}
	if e.Pager.Previous != "" || e.Pager.Next != "" {
		h.b = append(h.b, p.part("pager", struct {
			Page
			Pager Pager
		}{page, e.Pager})...)
	}
	h.raw("\n")
	h.allStatements(page.Lang, e.Statements)
	h.raw("\n</div>\n<aside>")
	h.machine(page.Lang, e)
	h.raw("</aside>\n</div>\n</article>")
}

func (h *html) section(s *Section) {
	h.raw("<section")
	h.attr("aria-labelledby", s.ID)
	h.raw("><h2")
	h.attr("id", s.ID)
	h.raw(">")
	h.text(s.Name)
	h.raw("</h2>\n")
	h.entries(s.Entries)
	h.raw("</section>\n")
}

// group writes the facts of a group. What only librarians want is folded away.
func (h *html) group(g *Group) {
	if g.ID != "admin" {
		h.facts(g.Facts)
		return
	}
	h.raw(`<details class="admin"><summary>`)
	if len(g.Facts) > 0 {
		h.text(g.Facts[0].Name)
	}
	h.raw("</summary>")
	h.facts(g.Facts)
	h.raw("</details>")
}

// heading writes what a thing is and is called.
func (h *html) heading(lang string, e *Entity) {
	h.raw("<header class=\"leaf\">\n<div class=\"head\">\n<p class=\"kind\">")
	h.text(e.KindName)
	for _, t := range e.Types {
		h.raw(" · ")
		h.text(t)
	}
	h.raw("</p>\n<h1>")
	h.words(e.Heading)
	h.raw("</h1>\n")
	if len(e.Other) > 0 {
		h.raw(`<div class="others">`)
		h.quiet(Word(lang, "other-titles") + ": ")
		for i := range e.Other {
			if i > 0 {
				h.raw(`<span class="sep"> · </span>`)
			}
			h.value(&e.Other[i])
		}
		h.raw("</div>")
	}
	h.raw("\n</div>\n")
	if len(e.Slip) > 0 {
		h.raw(`<div class="slip"`)
		h.attr("aria-label", Word(lang, "also-written"))
		h.raw(` role="group">`)
		for _, t := range e.Slip {
			h.raw("<p")
			h.attr("lang", t.Lang)
			h.raw(` class="han">`)
			h.text(t.Text)
			h.raw("</p>")
		}
		h.raw("</div>")
	}
	h.raw("\n</header>")
}

func (h *html) quiet(s string) {
	h.raw(`<span class="quiet">`)
	h.text(s)
	h.raw("</span>")
}

// machine writes what programs want: the identifier, the records, the forms.
func (h *html) machine(lang string, e *Entity) {
	h.raw("<section class=\"machine\" aria-labelledby=\"machine\">\n<h2 id=\"machine\">")
	h.text(Word(lang, "machine"))
	h.raw("</h2>\n<p class=\"iri\">")
	h.quiet(Word(lang, "identifier"))
	h.raw(" <code>")
	h.text(e.IRI)
	h.raw("</code></p>\n")
	switch n := len(e.Records); {
	case n > 3:
		h.raw("<details><summary>")
		h.text(Word(lang, "records"))
		h.raw(" (" + strconv.Itoa(n) + ")</summary><p>")
		h.links(e.Records)
		h.raw("</p></details>")
	case n > 0:
		h.raw("<p>")
		h.quiet(Word(lang, "records"))
		h.raw(" ")
		h.links(e.Records)
		h.raw("</p>")
	}
	h.raw("\n<p class=\"forms\">")
	h.quiet(Word(lang, "formats"))
	h.raw(" ")
	h.forms(e.Forms)
	h.raw("</p>\n</section>")
}

func (h *html) links(all []Value) {
	for i := range all {
		h.link(all[i].Href, all[i].External)
		h.text(all[i].Text.Text)
		h.raw("</a> ")
	}
}

func (h *html) forms(all []Form) {
	for _, f := range all {
		h.raw("<a")
		h.attr("href", f.URL)
		h.attr("type", f.Type)
		h.raw(">")
		h.text(f.Name)
		h.raw("</a> ")
	}
}

// allStatements writes the table of all statements.
func (h *html) allStatements(lang string, all []Statement) {
	if len(all) == 0 {
		return
	}
	h.raw(`<details class="all"><summary>`)
	h.text(Word(lang, "statements"))
	h.raw(" (" + strconv.Itoa(len(all)) + ")</summary>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">")
	h.text(Word(lang, "property"))
	h.raw(`</th><th scope="col">`)
	h.text(Word(lang, "value"))
	h.raw("</th></tr></thead><tbody>\n")
	h.statements(all)
	h.raw("</tbody></table></div></details>")
}
