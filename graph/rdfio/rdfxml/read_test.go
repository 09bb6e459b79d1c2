package rdfxml

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"mocban/graph"
	"mocban/graph/rdfio/document"
)

func read(text string, o document.Options) (quads []graph.Quad, err error) {
	r := NewReader(strings.NewReader(text), o)
	buf := make([]graph.Quad, 3)
	for {
		n, err := r.Read(buf)
		if err == io.EOF {
			return quads, nil
		}
		if err != nil {
			return quads, err
		}
		quads = append(quads, buf[:n]...)
	}
}

const head = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.example/">`

// Everyday shapes of RDF/XML.
func TestRead(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`<e:C rdf:about="urn:isbn:1"/>`, `<urn:isbn:1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e.example/C> .`},
		{`<rdf:Description rdf:about="s:s"><e:p rdf:resource="mailto:a@b.example"/></rdf:Description>`, `<s:s> <http://e.example/p> <mailto:a@b.example> .`},
		{`<rdf:Description rdf:about="s:s"><p xmlns="http://f.example/">x</p></rdf:Description>`, `<s:s> <http://f.example/p> "x" .`},
		{`<rdf:Description rdf:about="s:s"><e:p xml:lang="vi">Truyện<!-- c --> Kiều<![CDATA[ <&]]></e:p></rdf:Description>`, `<s:s> <http://e.example/p> "Truyện Kiều <&"@vi .`},
		{`<rdf:Description rdf:about="s:s"><e:p></e:p></rdf:Description>`, `<s:s> <http://e.example/p> "" .`},
		{`<rdf:Description rdf:about="s:s"><e:p> </e:p></rdf:Description>`, `<s:s> <http://e.example/p> " " .`},
		{`<rdf:Description rdf:about="s:s"><e:p rdf:datatype="d:d">1</e:p></rdf:Description>`, `<s:s> <http://e.example/p> "1"^^<d:d> .`},
		{`<rdf:Description xml:base="http://b.example/x/y" rdf:about="../z"><e:p rdf:resource=""/></rdf:Description>`, `<http://b.example/z> <http://e.example/p> <http://b.example/x/y> .`},
		{`<rdf:Description rdf:nodeID="g1"><e:p rdf:parseType="Resource"><e:q>x</e:q></e:p></rdf:Description>`,
			`_:dlg1 <http://e.example/p> _:dg1 .` + "\n" + `_:dg1 <http://e.example/q> "x" .`},
		{`<rdf:Description rdf:about="s:s"><rdf:li>x</rdf:li><rdf:_5>y</rdf:_5><rdf:li>z</rdf:li></rdf:Description>`,
			`<s:s> <http://www.w3.org/1999/02/22-rdf-syntax-ns#_1> "x" .` + "\n" +
				`<s:s> <http://www.w3.org/1999/02/22-rdf-syntax-ns#_5> "y" .` + "\n" +
				`<s:s> <http://www.w3.org/1999/02/22-rdf-syntax-ns#_2> "z" .`},
		{`<rdf:Description rdf:about="s:s"><e:p rdf:parseType="Literal">a <e:b c="&quot;" xml:lang="vi" a="1"/><?pi x?><!--c--></e:p></rdf:Description>`,
			`<s:s> <http://e.example/p> "a <e:b xmlns:e=\"http://e.example/\" a=\"1\" c=\"&quot;\" xml:lang=\"vi\"></e:b><?pi x?><!--c-->"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral> .`},
	} {
		quads, err := read(head+test.text+`</rdf:RDF>`, document.Options{Blanks: "d"})
		var lines []string
		for _, q := range quads {
			lines = append(lines, q.String())
		}
		if got := strings.Join(lines, "\n"); err != nil || got != test.want {
			t.Errorf("%s\ngives %s %v\nnot   %s", test.text, got, err, test.want)
		}
	}
}

func TestRefused(t *testing.T) {
	in := func(s string) string { return head + s + `</rdf:RDF>` }
	for _, test := range []struct{ text, want string }{
		{"", "the document is empty"},
		{head, "<rdf:RDF> is not closed"},
		{head + "\n<e:C", "line 2, column 1: tag opened here is never closed"},
		{head + "</e:C>", "</e:C> closes nothing"},
		{in("") + "<a/>", "a second root element"},
		{in("x"), `text "x" does not belong here`},
		{in(`<f:C/>`), `prefix "f:" is not declared`},
		{in(`<e:C f:p="x"/>`), `prefix "f:" is not declared`},
		{in(`<e:C e:p="x" e:p="y"/>`), "attribute p stands twice"},
		{in(`<e:C p="x"/>`), "attribute p has no namespace"},
		{in(`<C/>`), `"C" is no IRI`},
		{in(`<e:C rdf:about="x"/>`), `relative IRI "x" and no base`},
		{in(`<e:C rdf:about="http://b&gt; . &lt;http://evil"/>`), "is no IRI"},
		{in(`<e:C rdf:about="s:s" rdf:nodeID="x"/>`), "one of rdf:ID, rdf:about and rdf:nodeID"},
		{in(`<e:C xml:base="http://b.example/" rdf:ID="x"><e:p><e:D rdf:ID="x"/></e:p></e:C>`), `rdf:ID "x" stands twice`},
		{in(`<e:C rdf:nodeID="1"/>`), "is no XML name"},
		{in(`<e:C xml:lang="not a tag"/>`), "is not a language tag"},
		{in(`<e:C><e:p>x<e:D/></e:p></e:C>`), "<D> does not belong here"},
		{in(`<e:C><e:p><e:D/><e:D/></e:p></e:C>`), "<D> does not belong here"},
		{in(`<e:C><e:p><e:D/>x</e:p></e:C>`), `text "x" does not belong here`},
		{in(`<e:C><e:p rdf:resource="a:a">x</e:p></e:C>`), `text "x" does not belong here`},
		{in(`<e:C>&unknown;</e:C>`), "unknown entity &unknown;"},
		{in(`<e:C><e:p>&#0;</e:p></e:C>`), "unknown entity &#0;"},
		{in(`<e:C><e:p>&#xD800;</e:p></e:C>`), "unknown entity &#xD800;"},
		{in(`<e:C><e:p>a & b</e:p></e:C>`), "& stands for nothing"},
		{in(`<e:C e:p="a & b"/>`), "& stands for nothing"},
		{in(`<e:C e:p="a < b"/>`), "< in an attribute"},
		{in(`<e:C e:p=x/>`), "is no attribute"},
		{in("<\" A=\">0"), "is no attribute"},
		{in(`<e:C" e:p='"/>`), "is no attribute"},
		{in(`<e:C e:p="x"e:q="y"/>`), "white space is missing"},
		{in(`<e:C e:p="x`), "tag opened here is never closed"},
		{in(`<e:C xmlns:f=""/>`), `prefix "f:" cannot stand for ""`},
		{in(`<e:C xmlns:xml="http://x.example/"/>`), `prefix "xml:" cannot stand for`},
		{in(`<e:C xmlns:f="a:a" xmlns:f="b:b"/>`), `prefix "f:" is declared twice`},
		{in(`<e:C:D/>`), "is no tag"},
		{in(`<1/>`), "is no tag"},
		{in(`<e:C>]]></e:C>`), "]]> in text"},
		{in(`<!-- a -- b -->`), "-- in a comment"},
		{in(`<!-- a`), "comment opened here is never closed"},
		{in(`<![CDATA[ a`), "CDATA section opened here is never closed"},
		{in(`<?xml version="1.0"?>`), "is no processing instruction"},
		{in(`<!DOCTYPE r>`), "a document type stands before the root element"},
		{in("") + "x", "text outside of the root element"},
		{in("") + "&amp;", "text outside of the root element"},
		{in("\n<e:C>Truyện Kiều</e:C>"), "line 2, column 17: text"},
		{in("<e:C><e:p>\x01</e:p></e:C>"), "a character that XML does not allow"},
		{in("<e:C><e:p>\xff</e:p></e:C>"), "invalid UTF-8"},
		{`<?xml version="1.0" encoding="x-unknown"?>` + in(""), `encoding "x-unknown" is not supported`},
		{in(strings.Repeat(`<e:C><e:p>`, 400)), "nests deeper than 256"},
		{in(`<e:C><e:p>` + strings.Repeat("x", 2000) + `</e:p></e:C>`), "longer than 1000 bytes"},
		{in(`<e:C><e:p rdf:parseType="Literal">` + strings.Repeat("<x/>", 2000) + `</e:p></e:C>`), "longer than 1000 bytes"},
	} {
		_, err := read(test.text, document.Options{MaxLiteral: 1000})
		var syntax *document.SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.200s\ngives %v\nnot   %s", test.text, err, test.want)
		}
	}
}

// Entities that stand in the document are known, within limits; others are not loaded.
func TestEntities(t *testing.T) {
	body := head + `<e:C rdf:about="s:s"><e:p>&a;</e:p></e:C></rdf:RDF>`
	quads, err := read(`<!DOCTYPE rdf:RDF [ <!-- <!ENTITY a "no"> --> <!ENTITY b "x&#x41;"> <!ENTITY a '&b;&amp;&b;'> ]>`+body, document.Options{})
	if err != nil || len(quads) != 2 || quads[1].O != graph.String("xA&xA") {
		t.Errorf("%v %v", quads, err)
	}
	for _, doctype := range []string{
		`<!DOCTYPE r [ <!ENTITY a SYSTEM "file:///etc/passwd"> ]>`,
		`<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">`,
		`<!DOCTYPE r [ <!ENTITY % a "x"> ]>`,
		`<!DOCTYPE r [ <!ENTITY a "&a;"> ]>`,
	} {
		if quads, err := read(doctype+body, document.Options{}); err == nil && strings.Contains(fmt.Sprint(quads), "root") {
			t.Errorf("%s gives %v", doctype, quads)
		}
	}
	laughs := `<!DOCTYPE r [ <!ENTITY a0 "ha">`
	for i := range 20 {
		laughs += fmt.Sprintf(`<!ENTITY a%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&a%d;", i), 10))
	}
	if _, err := read(laughs+`]>`+body, document.Options{}); err == nil || !strings.Contains(err.Error(), "entities") {
		t.Errorf("a billion laughs: %v", err)
	}
}

func TestEncodings(t *testing.T) {
	text := head + `<e:C rdf:about="s:s"><e:p>é Đ 𠀀</e:p></e:C></rdf:RDF>`
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		var b []byte
		for _, u := range utf16.Encode([]rune("\uFEFF" + `<?xml version="1.0" encoding="UTF-16"?>` + text)) {
			b = order.AppendUint16(b, u)
		}
		quads, err := read(string(b), document.Options{})
		if err != nil || len(quads) != 2 || quads[1].O.Value() != "é Đ 𠀀" {
			t.Errorf("UTF-16: %v %v", quads, err)
		}
	}
	latin := `<?xml version="1.0" encoding="ISO-8859-1"?>` + head + "<e:C rdf:about='s:s'><e:p>\xe9t\xe9</e:p></e:C></rdf:RDF>"
	quads, err := read(latin, document.Options{})
	if err != nil || len(quads) != 2 || quads[1].O.Value() != "été" {
		t.Errorf("ISO-8859-1: %v %v", quads, err)
	}
	quads, err = read("\uFEFF"+text, document.Options{})
	if err != nil || len(quads) != 2 {
		t.Errorf("UTF-8 with a mark: %v %v", quads, err)
	}
}

// White space is as XML 1.0 wants it: kept in text, blanks in attributes.
func TestWhiteSpace(t *testing.T) {
	quads, err := read(head+"<e:C rdf:about='s:s' e:a=' a\r\n\tb&#10;&#13;'>\r\n<e:p> a\r\nb\rc&#13;\n </e:p></e:C></rdf:RDF>", document.Options{})
	if err != nil || len(quads) != 3 {
		t.Fatal(quads, err)
	}
	if got, want := quads[1].O.Value(), " a  b\n\r"; got != want {
		t.Errorf("attribute %q, not %q", got, want)
	}
	if got, want := quads[2].O.Value(), " a\nb\nc\r\n "; got != want {
		t.Errorf("text %q, not %q", got, want)
	}
}

// It must not matter where the window ends.
func TestWindow(t *testing.T) {
	all := func(r *Reader) (quads []graph.Quad, err error) {
		buf := make([]graph.Quad, 5)
		for {
			n, err := r.Read(buf)
			if err != nil {
				return quads, err
			}
			quads = append(quads, buf[:n]...)
		}
	}
	o := document.Options{Base: "http://base.example/a/b", Blanks: "w"}
	err := filepath.WalkDir("../../../../shared/suites/rdf-tests/rdf", func(file string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".rdf" {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		want, wantErr := all(NewReader(bytes.NewReader(data), o))
		for _, size := range []int{1, 2, 3, 7} {
			r := NewReader(bytes.NewReader(data), o)
			r.t.Chunk = size
			got, err := all(r)
			if !slices.Equal(got, want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%s in chunks of %d: %d quads, %v, not %d, %v", file, size, len(got), err, len(want), wantErr)
			}
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the W3C suites are not beside the project: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Every prefix of a document is an error.
func TestTruncation(t *testing.T) {
	text := head + `<e:C rdf:about="s:s"><e:p rdf:parseType="Collection"><e:D/></e:p></e:C></rdf:RDF>`
	for i := range text {
		if _, err := read(text[:i], document.Options{}); err == nil {
			t.Errorf("%s was read", text[:i])
		}
	}
}
