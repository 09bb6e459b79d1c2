package formats

import (
	"html"
	"regexp"
	"strings"

	"mocban/ingest/sheet"
	"mocban/ingest/tree"
)

// level brings manifests of both versions of the Presentation API into one form: texts of
// several languages become elements with xml:lang, pairs of metadata one element for each
// value, with the name of the field that their label means.
func level(root *tree.Element) *tree.Element {
	for e := range root.All() {
		var children []*tree.Element
		for _, c := range e.Children {
			switch {
			case c.Name == "metadata" && (c.Child("label") != nil || c.Child("value") != nil):
				children = append(children, pairs(c)...)
			case c.Name == "requiredStatement":
				children = append(children, statements(c)...)
			case isText(c):
				children = append(children, byLanguage(c)...)
			default:
				children = append(children, c)
			}
		}
		e.Children = children
	}
	dated(root)
	ranged(root)
	return root
}

// statements takes a statement that must be shown apart, an element for each language.
func statements(e *tree.Element) (all []*tree.Element) {
	for v := range e.Named("value") {
		if !isText(v) {
			all = append(all, tree.New(e.Name, unmarked(v.Value())))
			continue
		}
		for _, x := range byLanguage(v) {
			x.Name = e.Name
			all = append(all, x)
		}
	}
	return all
}

// dated makes the date by which a manifest is found among others its date, where no pair tells
// one: that of an issue of a newspaper.
func dated(root *tree.Element) {
	nav := root.Child("navDate")
	if nav == nil {
		return
	}
	for m := range root.Named("metadata") {
		if m.Attr("name") == "date" || m.Attr("name") == "imprint" {
			return
		}
	}
	nav.Name = "metadata"
	nav.Set("name", "date")
}

// ranged puts the ranges of a manifest into one another, as its table of contents has them, and
// calls them range and the canvases in them canvas, with their identifiers as text. In version 2
// ranges stand side by side and name one another, and one may be the table as a whole.
func ranged(root *tree.Element) {
	byID, inside := map[string]*tree.Element{}, map[string]bool{}
	var order, rest []*tree.Element
	for _, c := range root.Children {
		if c.Name == "structures" {
			order = append(order, c)
			byID[c.Attr("id")] = c
		} else {
			rest = append(rest, c)
		}
	}
	if order == nil {
		return
	}
	seen := map[string]bool{}
	var make func(e *tree.Element, depth int) *tree.Element
	make = func(e *tree.Element, depth int) *tree.Element {
		if id := e.Attr("id"); id != "" {
			if seen[id] || depth > maxOuter {
				return nil
			}
			seen[id] = true
		}
		r := &tree.Element{Name: "range", Attrs: e.Attrs}
		add := func(x *tree.Element) {
			if x != nil {
				r.Children = append(r.Children, x)
			}
		}
		for _, c := range e.Children {
			id := c.Attr("id")
			if id == "" {
				id = c.OwnText()
			}
			kind := c.Attr("type")
			switch {
			case c.Name == "canvases" || (c.Name == "items" || c.Name == "members") && (kind == "Canvas" || kind == "sc:Canvas"):
				add(tree.New("canvas", whole(id)))
			case (c.Name == "items") && kind == "SpecificResource":
				s := c.Child("source")
				if s != nil && s.Attr("id") != "" {
					add(tree.New("canvas", whole(s.Attr("id"))))
				} else if s != nil {
					add(tree.New("canvas", whole(s.Value())))
				}
			case c.Name == "ranges" || (c.Name == "items" || c.Name == "members") && (kind == "Range" || kind == "sc:Range"):
				inside[id] = true
				x := c
				if known := byID[id]; known != nil && c.Child("items") == nil {
					x = known
				}
				add(make(x, depth+1))
			default:
				add(c)
			}
		}
		return r
	}
	for _, e := range order { // who is named by another one is not at the top
		for _, c := range e.Children {
			if c.Name == "ranges" || c.Name == "members" {
				inside[firstID(c)] = true
			}
		}
	}
	for _, e := range order {
		if inside[e.Attr("id")] {
			continue
		}
		r := make(e, 1)
		switch {
		case r == nil:
		case e.Child("viewingHint").Value() == "top" || e.Attr("viewingHint") == "top":
			for _, c := range r.Children {
				if c.Name == "range" {
					rest = append(rest, c)
				}
			}
		default:
			rest = append(rest, r)
		}
	}
	root.Children = rest
}

func firstID(e *tree.Element) string {
	if id := e.Attr("id"); id != "" {
		return id
	}
	return e.OwnText()
}

// whole returns the identifier of a canvas without the part of it that is meant.
func whole(id string) string {
	id, _, _ = strings.Cut(id, "#")
	return id
}

// isText tells whether an element holds text in one or several languages: a language map of
// version 3, or a value with its language of version 2.
func isText(e *tree.Element) bool {
	if e.HasAttr("value") {
		return true
	}
	if e.Name != "label" && e.Name != "summary" && e.Name != "value" {
		return false
	}
	some := false
	for c := range e.Elements() {
		if some = true; !noLanguage(c.Name) && !languageTag.MatchString(c.Name) {
			return false
		}
	}
	return some
}

// noLanguage tells the key of a language map for text in no language. Some programs write it as
// JSON-LD does.
func noLanguage(key string) bool { return key == "none" || key == "@none" }

var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// byLanguage takes a text apart, an element for each language.
func byLanguage(e *tree.Element) (all []*tree.Element) {
	if v := e.Attr("value"); v != "" {
		x := tree.New(e.Name, unmarked(v))
		if l := e.Attr("language"); l != "" {
			x.Set("xml:lang", l)
		}
		return []*tree.Element{x}
	}
	for c := range e.Elements() {
		x := tree.New(e.Name, unmarked(c.Value()))
		if !noLanguage(c.Name) {
			x.Set("xml:lang", c.Name)
		}
		all = append(all, x)
	}
	return all
}

// values returns the texts of an element in all its languages.
func values(e *tree.Element) (all []string) {
	switch {
	case e == nil:
		return nil
	case isText(e):
		for _, x := range byLanguage(e) {
			all = append(all, x.Value())
		}
	default:
		all = []string{unmarked(e.Value())}
	}
	return all
}

var markup = regexp.MustCompile(`<[^<>]*>`)

// linked is a link of HTML, whose address is not to be lost with its tag.
var linked = regexp.MustCompile(`(?is)<a\s[^<>]*?href\s*=\s*["']?(https?://[^"'<>\s]+)["']?[^<>]*>(.*?)</a\s*>`)

// unmarked returns a text without the tags of HTML that manifests may hold. Where a link leads
// stands behind its text.
func unmarked(s string) string {
	if strings.ContainsAny(s, "<&") {
		s = linked.ReplaceAllStringFunc(s, func(a string) string {
			m := linked.FindStringSubmatch(a)
			text := strings.Join(strings.Fields(markup.ReplaceAllString(m[2], " ")), " ")
			switch {
			case text == "" || text == m[1]:
				return m[1]
			case strings.Contains(text, m[1]):
				return text
			}
			return text + " (" + m[1] + ")"
		})
		s = html.UnescapeString(markup.ReplaceAllString(s, " "))
	}
	return strings.Join(strings.Fields(s), " ")
}

// pairs makes elements of one pair of label and values.
func pairs(e *tree.Element) (all []*tree.Element) {
	labels := values(e.Child("label"))
	name := ""
	for _, l := range labels {
		if f, ok := sheet.FieldNamed(l); ok && name == "" {
			name = pairNames[f]
		}
	}
	add := func(text, lang string) {
		if text == "" {
			return
		}
		x := &tree.Element{Name: "metadata"}
		x.Set("name", name)
		if name == "" {
			x.Set("name", "note")
			if len(labels) > 0 && labels[0] != "" {
				text = labels[0] + ": " + text
			}
		}
		if lang != "" {
			x.Set("xml:lang", lang)
		}
		x.Children = []*tree.Element{{Text: text}}
		all = append(all, x)
	}
	for v := range e.Named("value") {
		if !isText(v) {
			add(unmarked(v.Value()), "")
			continue
		}
		for _, x := range byLanguage(v) {
			add(x.Value(), x.Attr("xml:lang"))
		}
	}
	return all
}

// pairNames are the fields that pairs of manifests can be, and what the table calls them.
var pairNames = map[string]string{
	"title": "title", "alternative": "title", "author": "creator", "body": "creator", "contributor": "contributor", "editor": "contributor",
	"translator": "contributor", "subject": "subject", "keyword": "subject", "spatial": "place", "type": "type", "genre": "type",
	"language": "language", "publisher": "publisher", "imprint": "imprint", "date": "date", "pages": "extent", "identifier": "identifier",
	"id": "identifier", "shelf": "shelfmark", "holder": "holder", "rights": "rights", "summary": "summary",
}
