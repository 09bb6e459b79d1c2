package iri

import "testing"

// RFC 3986, 5.4, and cases that the RFC leaves to its algorithm.
func TestResolve(t *testing.T) {
	const rfc = "http://a/b/c/d;p?q"
	for _, test := range []struct{ base, ref, want string }{
		{rfc, "g:h", "g:h"},
		{rfc, "g", "http://a/b/c/g"},
		{rfc, "./g", "http://a/b/c/g"},
		{rfc, "g/", "http://a/b/c/g/"},
		{rfc, "/g", "http://a/g"},
		{rfc, "//g", "http://g"},
		{rfc, "?y", "http://a/b/c/d;p?y"},
		{rfc, "g?y", "http://a/b/c/g?y"},
		{rfc, "#s", "http://a/b/c/d;p?q#s"},
		{rfc, "g#s", "http://a/b/c/g#s"},
		{rfc, "g?y#s", "http://a/b/c/g?y#s"},
		{rfc, ";x", "http://a/b/c/;x"},
		{rfc, "g;x?y#s", "http://a/b/c/g;x?y#s"},
		{rfc, "", "http://a/b/c/d;p?q"},
		{rfc, ".", "http://a/b/c/"},
		{rfc, "..", "http://a/b/"},
		{rfc, "../g", "http://a/b/g"},
		{rfc, "../..", "http://a/"},
		{rfc, "../../../g", "http://a/g"},
		{rfc, "/../g", "http://a/g"},
		{rfc, "g.", "http://a/b/c/g."},
		{rfc, "..g", "http://a/b/c/..g"},
		{rfc, "./g/.", "http://a/b/c/g/"},
		{rfc, "g/../h", "http://a/b/c/h"},
		{rfc, "g;x=1/../y", "http://a/b/c/y"},
		{rfc, "g?y/../x", "http://a/b/c/g?y/../x"},
		{rfc, "g#s/../x", "http://a/b/c/g#s/../x"},
		{rfc, "http:g", "http:g"},
		{"http://a", "g", "http://a/g"},
		{"http://a?q", "", "http://a?q"},
		{"http://a/b#f", "", "http://a/b"},
		{"urn:isbn:1", "2", "urn:2"},
		{"file:/a/b", "/.//c", "file:/.//c"},
		{"file:///a/b", "c", "file:///a/c"},
		{"http://a/b", "a:b/c", "a:b/c"},
		{"http://a/b", "./a:b", "http://a/a:b"},
		{"http://a/b/", "1:b", "http://a/b/1:b"}, // a scheme begins with a letter
	} {
		b, ok := Parse(test.base)
		if !ok {
			t.Fatalf("%s is no base", test.base)
		}
		if got := b.Resolve(test.ref); got != test.want {
			t.Errorf("%s against %s gives %s, not %s", test.ref, test.base, got, test.want)
		}
	}
}

func TestCheck(t *testing.T) {
	for s, want := range map[string]bool{
		"http://a/b": true, "urn:isbn:1": true, "x:": true, "http://a/truyện": true,
		"": false, "a": false, ":a": false, "1a:b": false, "a b:c": false, "http://a/ b": false,
		"http://a/>": false, "http://a/\x00": false, "http://a/\\": false,
	} {
		if Check(s) != want {
			t.Errorf("Check(%q) is not %v", s, want)
		}
	}
}
