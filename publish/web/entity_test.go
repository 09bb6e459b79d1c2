package web

import (
	"html/template"
	"testing"
)

// TestFrame draws a page in its frame and by the template, which must give the same.
func TestFrame(t *testing.T) {
	p, err := New(map[string]string{"site.css": "/assets/site.css", "seal.svg": "/assets/seal.svg"})
	if err != nil {
		t.Fatal(err)
	}
	e := Entity{Kind: "work", KindName: "Work", Heading: Text{Text: "Truyện <Kiều> & \"more\""}, IRI: "https://data.example/id/work/x"}
	for _, path := range []string{"work/x", "work/x?page=2", "work/a&b"} {
		for _, lang := range []string{"vi", "en"} {
			page := Page{
				Lang: lang, Site: "mocban & co", Publisher: "Thư viện", Title: e.Heading.Text, Root: "/", Path: path,
				License: "https://creativecommons.org/publicdomain/zero/1.0/", Canonical: "https://data.example/work/x", NoIndex: true,
				Schema: `<script type="application/ld+json">{}</script>`, HasSearch: true, HasDumps: lang == "vi",
			}
			if framed := p.frame(&page) != nil; framed != plainPath(path) {
				t.Errorf("path %q: framed is %v", path, framed)
			}
			var h html
			p.entity(&h, page, &e)
			want := string(p.draw("entity", framed{page, template.HTML(h.b)}))
			if got := string(p.Entity(page, e)); got != want {
				t.Errorf("path %q in %s:\n%s\nby the template:\n%s", path, lang, got, want)
			}
		}
	}
	if len(p.frames.by) != 2 {
		t.Errorf("%d frames are kept for two kinds of pages", len(p.frames.by))
	}
}
