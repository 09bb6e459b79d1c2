package graph

import (
	"errors"
	"testing"
)

// RFC 3986, 5.4.1 and 5.4.2, and shapes that the base of a query can have.
func TestResolve(t *testing.T) {
	const base = "http://a/b/c/d;p?q"
	for _, c := range []struct{ base, ref, want string }{
		{base, "g:h", "g:h"}, {base, "g", "http://a/b/c/g"}, {base, "./g", "http://a/b/c/g"}, {base, "g/", "http://a/b/c/g/"},
		{base, "/g", "http://a/g"}, {base, "//g", "http://g"}, {base, "?y", "http://a/b/c/d;p?y"}, {base, "g?y", "http://a/b/c/g?y"},
		{base, "#s", "http://a/b/c/d;p?q#s"}, {base, "g#s", "http://a/b/c/g#s"}, {base, "g?y#s", "http://a/b/c/g?y#s"},
		{base, ";x", "http://a/b/c/;x"}, {base, "g;x", "http://a/b/c/g;x"}, {base, "g;x?y#s", "http://a/b/c/g;x?y#s"},
		{base, "", "http://a/b/c/d;p?q"}, {base, ".", "http://a/b/c/"}, {base, "./", "http://a/b/c/"}, {base, "..", "http://a/b/"},
		{base, "../", "http://a/b/"}, {base, "../g", "http://a/b/g"}, {base, "../..", "http://a/"}, {base, "../../", "http://a/"}, {base, "../../g", "http://a/g"},

		{base, "../../../g", "http://a/g"}, {base, "../../../../g", "http://a/g"}, {base, "/./g", "http://a/g"}, {base, "/../g", "http://a/g"},
		{base, "g.", "http://a/b/c/g."}, {base, ".g", "http://a/b/c/.g"}, {base, "g..", "http://a/b/c/g.."}, {base, "..g", "http://a/b/c/..g"},
		{base, "./../g", "http://a/b/g"}, {base, "./g/.", "http://a/b/c/g/"}, {base, "g/./h", "http://a/b/c/g/h"}, {base, "g/../h", "http://a/b/c/h"},
		{base, "g;x=1/./y", "http://a/b/c/g;x=1/y"}, {base, "g;x=1/../y", "http://a/b/c/y"}, {base, "g?y/./x", "http://a/b/c/g?y/./x"}, {base, "g#s/../x", "http://a/b/c/g#s/../x"},
		{base, "http:g", "http:g"}, // strict

		{"http://a", "g", "http://a/g"}, {"http://a?q", "", "http://a?q"}, {"http://a/b#f", "", "http://a/b"}, {"http://a/b#f", "#g", "http://a/b#g"},
		{"urn:x:y", "#f", "urn:x:y#f"}, {"urn:x:y", "z", "urn:z"}, {"file:///a/b.rq", "../c", "file:///c"}, {"http://a/b", "//c?d", "http://c?d"},
		{"http://a/Truyện/", "Kiều", "http://a/Truyện/Kiều"}, {"http://a/b", "..//c", "http://a//c"}, {"x:/a/b", "..//c", "x:/.//c"},
		{"http://a/b", "HTTP://A/../c", "HTTP://A/../c"}, // no normalising of what is absolute
	} {
		if got, err := IRI(c.base).Resolve(c.ref); string(got) != c.want || err != nil {
			t.Errorf("<%s> at <%s> is <%s> (%v), want <%s>", c.ref, c.base, got, err, c.want)
		}
	}
	for _, base := range []IRI{"", "/a/b", "1:b"} {
		if got, err := base.Resolve("c"); !errors.Is(err, ErrRelative) {
			t.Errorf("<c> at <%s> is <%s>, %v", base, got, err)
		}
	}
}

func FuzzResolve(f *testing.F) {
	f.Add("http://a/b/c/d;p?q", "../g")
	f.Add("x:/a/b", "..//c")
	f.Fuzz(func(t *testing.T, base, ref string) {
		got, err := IRI(base).Resolve(ref)
		if err != nil {
			return
		}
		if again, err := IRI(base).Resolve(string(got)); err != nil || again != got {
			t.Errorf("<%s> at <%s> is <%s>, which resolves to <%s> (%v)", ref, base, got, again, err)
		}
	})
}
