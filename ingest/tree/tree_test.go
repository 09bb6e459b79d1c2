package tree

import (
	"strings"
	"testing"
)

func TestXML(t *testing.T) {
	e, err := ParseXML([]byte(`<a:x xmlns:a="urn:a" b="1" xml:lang="vi"><y>Gồm thư <i>gửi</i> <b>Vĩnh</b>, ngày (<c>1</c>).</y><z/> đuôi &eacute;</a:x>`), Namespaces{"": "urn:d"})
	if err != nil {
		t.Fatal(err)
	}
	if e.Name != "x" || e.Space != "urn:a" || e.Attr("b") != "1" || e.Attr("xml:lang") != "vi" || e.Child("y").Space != "urn:d" {
		t.Errorf("%+v", e)
	}
	if got := e.At("y").Value(); got != "Gồm thư gửi Vĩnh, ngày (1)." {
		t.Errorf("%q", got)
	}
	if e.OwnText() != "đuôi é" || e.At("y", "i").Value() != "gửi" || e.At("no", "i") != nil || e.At("no").Value() != "" {
		t.Errorf("%q", e.OwnText())
	}
	for _, s := range []string{"", "<a>", "<a></b>", "<a b></a>", "<a>&nosuch;</a>", "<a>\x01</a>", strings.Repeat("<a>", MaxDepth+1)} {
		if _, err := ParseXML([]byte(s), nil); err == nil {
			t.Errorf("%.40q is read", s)
		}
	}
}

func TestJSON(t *testing.T) {
	e, err := ParseJSON([]byte(`{"@id":"1","type":["a","b"],"label":{"vi":["x","y"]},"n":1.50,"no":null,"list":[[{"z":true}]],"@none":["m","n"]}`))
	if err != nil {
		t.Fatal(err)
	}
	if e.Attr("id") != "1" || e.Attr("type") != "a b" || e.At("label", "vi").Value() != "x" || e.Child("n").Value() != "1.50" || e.Child("no") != nil || e.At("list", "z").Value() != "true" || e.Child("@none").Value() != "m" || e.HasAttr("none") {
		t.Errorf("%+v", e)
	}
	for _, s := range []string{"", "[]", "{", `{"a":1}x`, `{"a":1,"a":2}`, `{"":1}`, `{"a":` + strings.Repeat("[", 200)} {
		if _, err := ParseJSON([]byte(s)); err == nil {
			t.Errorf("%.40q is read", s)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`<a b="c">d<e/>f</a>`, `{"@id":"1","a":[{"b":null}]}`, `<a xmlns="x"><![CDATA[y]]><!-- z --></a>`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, parse := range []func([]byte) (*Element, error){ParseJSON, func(b []byte) (*Element, error) { return ParseXML(b, nil) }} {
			e, err := parse(b)
			if err != nil {
				continue
			}
			for x := range e.All() {
				if (x.Name == "") == (x.Text == "") && x.Name != "" {
					continue
				}
				if x.Name == "" && x.Text == "" {
					t.Fatalf("a child of %q is nothing", e.Name)
				}
			}
			e.Value()
		}
	})
}
