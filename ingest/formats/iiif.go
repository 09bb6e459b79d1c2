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
				x := tree.New(c.Name, strings.Join(values(c.Child("value")), " "))
				children = append(children, x)
			case isText(c):
				children = append(children, byLanguage(c)...)
			default:
				children = append(children, c)
			}
		}
		e.Children = children
	}
	return root
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

// unmarked returns a text without the tags of HTML that manifests may hold.
func unmarked(s string) string {
	if strings.ContainsAny(s, "<&") {
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
			if len(labels) > 0 {
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
