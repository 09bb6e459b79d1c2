package negotiate_test

import (
	"strings"
	"testing"

	"mocban/publish/negotiate"
)

var offers = []negotiate.Offer{
	{Type: "text/html", Aliases: []string{"application/xhtml+xml"}},
	{Type: "application/ld+json"},
	{Type: "application/json"},
	{Type: "text/turtle", Aliases: []string{"application/x-turtle"}},
	{Type: "application/n-triples"},
	{Type: "application/rdf+xml"},
}

func TestChoose(t *testing.T) {
	for _, c := range []struct{ accept, want, why string }{
		{"", "text/html", "no header accepts everything"},
		{"*/*", "text/html", "curl"},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html", "a browser"},
		{"text/turtle", "text/turtle", ""},
		{"TEXT/Turtle", "text/turtle", "case does not count"},
		{"text/turtle;charset=utf-8", "text/turtle", "all text is UTF-8"},
		{"text/turtle, application/ld+json;q=0.8", "text/turtle", "RFC 9110, 12.4.2"},
		{"text/turtle;q=0.5, application/ld+json;q=0.8", "application/ld+json", ""},
		{"text/turtle;q=0.8;ext=1, application/ld+json;q=0.7", "text/turtle", "extensions after q"},
		{"text/*;q=0.9, text/html;q=0.1", "text/turtle", "the specific range wins for HTML"},
		{"*/*;q=0.1, application/*", "application/ld+json", "order of the server among equals"},
		{"text/html;q=0, */*", "application/ld+json", "q=0 forbids"},
		{`application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"`, "application/ld+json", "a profile is a wish"},
		{`application/ld+json;profile="a,b;q=0"`, "application/ld+json", "separators in quotes"},
		{"text/html;level=1", "", "no such variant"},
		{"text/html;level=1, text/turtle;q=0.2", "text/turtle", ""},
		{"application/x-turtle", "text/turtle", "an alias"},
		{"application/xhtml+xml", "text/html", ""},
		{"text/n3", "", ""},
		{"image/png", "", ""},
		{"turtle", "", "no media range at all"},
		{"text/turtle;q=high", "text/turtle", "a broken q counts as 1"},
		{"application/rdf+xml, text/n3, application/n-triples;q=0.9, text/plain;q=0.8, */*;q=0.1", "application/rdf+xml", "rapper"},
		{"*", "text/html", "java.net.URLConnection"},
		{",,text/turtle,", "text/turtle", "empty members"},
		{strings.Repeat("x/y,", 64) + "text/turtle", "", "beyond 64 ranges"},
		{strings.Repeat("x", 9000) + ",text/turtle", "", "beyond 8 KiB"},
	} {
		got := ""
		if i := negotiate.Choose(c.accept, offers); i != negotiate.None {
			got = offers[i].Type
		}
		if got != c.want {
			t.Errorf("Accept %.80q: got %q, want %q (%s)", c.accept, got, c.want, c.why)
		}
	}
	if i := negotiate.Choose("", nil); i != negotiate.None {
		t.Errorf("no offers: got %d", i)
	}
}

func TestParamsTellOffersApart(t *testing.T) {
	offers := []negotiate.Offer{
		{Type: "text/csv"},
		{Type: "text/csv", Params: map[string]string{"header": "absent"}},
	}
	for accept, want := range map[string]int{
		"text/csv":                              0,
		"text/csv;header=absent":                1,
		`text/csv;header="absent"`:              1,
		"text/csv;header=present":               negotiate.None,
		"text/csv;q=0.1,text/csv;header=absent": 1,
	} {
		if got := negotiate.Choose(accept, offers); got != want {
			t.Errorf("Accept %q: got %d, want %d", accept, got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	for header, want := range map[string]string{
		"":                        "vi",
		"vi-VN,vi;q=0.9,en;q=0.8": "vi",
		"en-GB,en;q=0.9":          "en",
		"fr,de;q=0.5":             "vi",
		"fr,en;q=0.5":             "en",
		"en;q=0.5,vi;q=0.4":       "en",
		"*":                       "vi",
		"vi;q=0,*":                "en",
		"EN":                      "en",
		"english":                 "vi",
		";;;,q=":                  "vi",
	} {
		langs := []string{"vi", "en"}
		if got := langs[negotiate.Language(header, langs)]; got != want {
			t.Errorf("Accept-Language %q: got %s, want %s", header, got, want)
		}
	}
}

func TestGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"":                  false,
		"gzip":              true,
		"gzip, deflate, br": true,
		"identity":          false,
		"gzip;q=0":          false,
		"*":                 true,
		"*, gzip;q=0":       false,
		"gzip;q=0, *":       false,
		"br;q=1, x-gzip":    true,
	} {
		if got := negotiate.Gzip(header); got != want {
			t.Errorf("Accept-Encoding %q: got %v", header, got)
		}
	}
}

func TestEncoding(t *testing.T) {
	for _, c := range []struct{ header, want string }{
		{"", ""},
		{"gzip, deflate, br, zstd", "zstd"},
		{"gzip, deflate", "gzip"},
		{"zstd;q=0.5, gzip", "gzip"},
		{"*", "gzip"},
		{"*, gzip;q=0", "zstd"},
		{"zstd;q=0, *", "gzip"},
		{"gzip;q=0, *", "zstd"},
		{"zstd, *", "zstd"},
		{"identity, *;q=0", ""},
		{"br", ""},
	} {
		if got := negotiate.Encoding(c.header, "gzip", "zstd"); got != c.want {
			t.Errorf("%q chooses %q, not %q", c.header, got, c.want)
		}
	}
}

func FuzzChoose(f *testing.F) {
	f.Add(`text/html;q=0.3;a="\",", */*;q=1.5`)
	f.Add("*/*;q=-1,,;;==")
	f.Fuzz(func(t *testing.T, header string) {
		if i := negotiate.Choose(header, offers); i < negotiate.None || i >= len(offers) {
			t.Fatalf("%q chose %d", header, i)
		}
		if i := negotiate.Language(header, []string{"vi", "en"}); i < 0 || i > 1 {
			t.Fatalf("%q chose language %d", header, i)
		}
		negotiate.Gzip(header)
	})
}
