package jsonld

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/rdfio/document"
)

func read(text string, o document.Options) ([]graph.Quad, error) {
	return readAll(NewReader(strings.NewReader(text), o))
}

// Nothing is loaded: no address, no file, by whatever door a document asks.
func TestNothingIsLoaded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "context.jsonld")
	if err := os.WriteFile(file, []byte(`{"@context":{"p":"http://p.example/"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, context := range []string{file, "file://" + file, "http://127.0.0.1:1/c", "https://schema.org/", "c.jsonld", "//127.0.0.1/c"} {
		for _, text := range []string{
			`{"@context":"%s","p":"x"}`,
			`{"@context":["%s"],"p":"x"}`,
			`{"@context":{"@import":"%s"},"p":"x"}`,
			`{"@context":{"p":{"@id":"http://p.example/","@context":"%s"}},"p":{"p":"x"}}`,
			`{"@context":{"T":{"@id":"http://p.example/T","@context":"%s"}},"@type":"T","p":"x"}`,
			`{"@id":"s:s","s:p":{"@context":"%s","p":"x"}}`,
		} {
			for _, base := range []graph.IRI{"", "http://127.0.0.1:1/doc", graph.IRI("file://" + filepath.Dir(file) + "/doc")} {
				quads, err := read(fmt.Sprintf(text, context), document.Options{Base: base})
				if err == nil {
					t.Errorf(text+" with base %q gives %v", context, base, quads)
				}
			}
		}
	}
	_, err := read(`{"@context":"https://schema.org/","name":"x"}`, document.Options{})
	if want := `remote context "https://schema.org/" is not packaged; put its terms into the document`; fmt.Sprint(err) != want {
		t.Errorf("%v", err)
	}
}

// Documents that JSON or we refuse, and with what words.
func TestRefused(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{``, "line 1, column 1: invalid JSON: the document is cut short"},
		{"{\n\"@id\": ", "line 2, column 7: invalid JSON: the document is cut short"},
		{`{"a":1} x`, "more than one JSON value"},
		{`{"@id":"a:a","@id":"b:b"}`, `key "@id" appears twice`},
		{strings.Repeat("[", 300), "nests deeper than 256"},
		{`{"a:p":1e400}`, "number 1e400 is out of range"},
		{`{"@id":"x","a:p":1}`, `relative IRI "x" and no base`},
		{`{"a:p":"` + strings.Repeat("x", 2000) + `"}`, "longer than 1000 bytes"},
		{`{"a:p":{"@value":"x","@type":"a:b c"}}`, "datatype"},
		{`{"@context":{"a":"@context"}}`, "invalid keyword alias"},
	} {
		_, err := read(test.text, document.Options{MaxLiteral: 1000})
		var syntax *document.SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.60s gives %v, not %s", test.text, err, test.want)
		}
	}
	if _, err := readAll(NewReader(endless{}, document.Options{})); err == nil {
		t.Error("a document without end was read")
	} else if limit := (*graph.LimitError)(nil); !errors.As(err, &limit) {
		t.Errorf("a document without end: %v", err)
	}
}

// endless is a long array.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '['
	}
	return len(p), nil
}

// What json-gold alone would lose.
func TestKept(t *testing.T) {
	for _, test := range []struct{ value, want string }{
		{`9007199254740993`, `"9007199254740993"^^<http://www.w3.org/2001/XMLSchema#integer>`},
		{`100000000000000000001`, `"100000000000000000001"^^<http://www.w3.org/2001/XMLSchema#integer>`},
		{`-0`, `"0"^^<http://www.w3.org/2001/XMLSchema#integer>`},
		{`1.0`, `"1"^^<http://www.w3.org/2001/XMLSchema#integer>`},
		{`5.3e-3`, `"5.3E-3"^^<http://www.w3.org/2001/XMLSchema#double>`},
		{`1e30`, `"1.0E30"^^<http://www.w3.org/2001/XMLSchema#double>`},
		{`{"@value":"x","@language":"vi-Hani"}`, `"x"@vi-Hani`},
		{`{"@value":{"b":[1e21,0.000001,-0],"a":"\u00e9\n"},"@type":"@json"}`, `"{\"a\":\"é\\n\",\"b\":[1e+21,0.000001,0]}"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON>`},
		{`{"@id":"http://truyện.example/kiều"}`, `<http://truyện.example/kiều>`},
		{`{"@id":"http://localhost:8080/a[1]"}`, `<http://localhost:8080/a[1]>`},
		{`{"@id":"_:b"}`, `_:dlb`},
	} {
		quads, err := read(`{"@id":"a:s","a:p":`+test.value+`}`, document.Options{Blanks: "d"})
		if err != nil || len(quads) != 1 || quads[0].O.String() != test.want {
			t.Errorf("%s gives %v %v, not %s", test.value, quads, err, test.want)
		}
	}
	quads, err := read(`{"@context":{"t":{"@id":"a:t","@container":"@language"}},"t":{"vi-Hani":"x","EN":"y"},"a:l":{"@value":"z","@language":"EN"}}`, document.Options{})
	if err != nil || !strings.Contains(fmt.Sprint(quads), `"x"@vi-Hani`) || !strings.Contains(fmt.Sprint(quads), `"z"@EN`) {
		t.Errorf("%v %v", quads, err)
	}
}
