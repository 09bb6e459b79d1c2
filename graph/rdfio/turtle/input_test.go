package turtle

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"mocban/graph"
	"mocban/graph/rdfio/document"
)

const suites = "../../../../shared/suites/rdf-tests/rdf"

// reader is what the readers of this package have in common.
type reader interface {
	Read([]graph.Quad) (int, error)
}

// open returns the reader of a file by its extension, or nil.
func open(ext string, r io.Reader, o document.Options) reader { return inChunks(0, ext, r, o) }

// inChunks returns the reader, which reads so many bytes at a time.
func inChunks(n int, ext string, r io.Reader, o document.Options) reader {
	switch ext {
	case ".nt", ".nq":
		l := NewLines(r, ext == ".nq", o)
		l.Chunk = n
		return l
	case ".ttl", ".trig":
		p := New(r, ext == ".trig", o)
		p.Chunk = n
		return p
	}
	return nil
}

func readAll(r reader) (quads []graph.Quad, err error) {
	buf := make([]graph.Quad, 5)
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

// corpus calls f with every file of the suites that this package reads.
func corpus(t *testing.T, f func(name, ext string, data []byte)) {
	err := filepath.WalkDir(suites, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		ext := filepath.Ext(name)
		if open(ext, nil, document.Options{}) == nil || strings.HasPrefix(d.Name(), "manifest") {
			return nil
		}
		data, err := os.ReadFile(name)
		if err == nil {
			f(name, ext, data)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the W3C suites are not beside the project: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// It must not matter where the window ends: quads, mistakes and their places are the same.
func TestWindow(t *testing.T) {
	o := document.Options{Base: "http://base.example/a/b", Blanks: "w"}
	corpus(t, func(name, ext string, data []byte) {
		want, wantErr := readAll(open(ext, bytes.NewReader(data), o))
		for _, size := range []int{1, 2, 3, 5, 16} {
			got, err := readAll(inChunks(size, ext, bytes.NewReader(data), o))
			if !slices.Equal(got, want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%s in chunks of %d: %d quads, %v, not %d, %v", name, size, len(got), err, len(want), wantErr)
			}
		}
	})
}

// A reader that fails is not a document that ends.
func TestBrokenInput(t *testing.T) {
	broken := errors.New("broken")
	for _, text := range []string{"", "<http://a.example/>", "<http://a.example/> <http://a.example/> \"x", "<http://a.example/> <http://a.example/> \"x\" .\n"} {
		for _, ext := range []string{".nt", ".nq", ".ttl", ".trig"} {
			_, err := readAll(open(ext, io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), document.Options{}))
			if !errors.Is(err, broken) {
				t.Errorf("%s %q: %v", ext, text, err)
			}
		}
	}
}

// A compressed file that is cut short is not a shorter file, even if it is cut between lines.
func TestTruncatedGzip(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for range 1000 {
		io.WriteString(z, "<http://s.example/> <http://p.example/> \"x\" .\n")
	}
	z.Close()
	for _, cut := range []int{1, 4, 8} { // in the checksum, behind all lines
		for _, ext := range []string{".nt", ".nq", ".ttl", ".trig"} {
			z, err := gzip.NewReader(bytes.NewReader(b.Bytes()[:b.Len()-cut]))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := readAll(open(ext, z, document.Options{})); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s: %v", ext, err)
			}
		}
		z, _ := gzip.NewReader(bytes.NewReader(b.Bytes()[:b.Len()-cut]))
		err := ReadOrdered(t.Context(), z, true, document.Options{}, 2, func([]graph.Quad) error { return nil })
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("in parallel: %v", err)
		}
	}
}

// Where a document is cut, it is cut: a prefix of a statement is an error.
func TestTruncation(t *testing.T) {
	const text = `@prefix p: <http://p.example/> . p:s p:o "a\u0041"@vi , """x"y""" , 15e3 , ( 1 [ p:q true ] ) ; p:r _:b .`
	for i := strings.Index(text, "p:s") + 1; i < len(text); i++ {
		if _, err := readAll(New(strings.NewReader(text[:i]), false, document.Options{})); err == nil {
			t.Errorf("%q was read", text[:i])
		}
	}
	const line = `<http://s.example/> <http://p.example/> "x\n"^^<http://d.example/> <http://g.example/> .`
	for i := 1; i < len(line); i++ {
		if _, err := readAll(NewLines(strings.NewReader(line[:i]), true, document.Options{})); err == nil {
			t.Errorf("%q was read", line[:i])
		}
	}
}

func TestPlaces(t *testing.T) {
	const prefix = "@prefix p: <http://p.example/> .\n"
	for _, test := range []struct{ ext, text, want string }{
		{".ttl", prefix + "p:s p:p p:o ;\n\tq:x 1 .", `line 3, column 2: prefix "q:" is not declared`},
		{".ttl", prefix + "p:s p:p \"Truyện\" x", `line 2, column 18: expected ".", found "x"`},
		{".ttl", "<a> <b> <c> .", `line 1, column 3: relative IRI "a" and no base`},
		{".ttl", prefix + "1 p:p 1 .", `line 2, column 1: expected statement, found "1"`},
		{".ttl", prefix + "p:s p:p \"x\n\" .", `line 2, column 9: string opened here is not closed on its line`},
		{".ttl", prefix + "p:s p:p '''x", `line 2, column 9: string opened here is never closed`},
		{".ttl", prefix + "p:s p:p \"\\q\" .", `line 2, column 10: unknown escape \q`},
		{".ttl", prefix + "p:s p:p \"\\uD800\" .", `line 2, column 10: \uD800 is not a character`},
		{".ttl", prefix + "p:s p:p \"x\"@waytoolongtag .", `line 2, column 12: "waytoolon" is not a language tag (BCP 47)`},
		{".ttl", prefix + "p:s p:p <http://a b> .", `line 2, column 18: space in IRI`},
		{".ttl", prefix + "p:s p:p ( 1", `line 2, column 12: expected object, found the end of the document`},
		{".ttl", prefix + "p:s p:p p:o", `line 2, column 12: expected ".", found the end of the document`},
		{".nt", "# một\r\n<http://a.example/> <http://p.example/> x .", `line 2, column 41: expected object, found "x"`},
		{".nt", "\r\r\n<x> .", `line 3, column 3: relative IRI "x"`},
		{".nt", "<http://a.example/> <http://p.example/> \"\xff\" .", `line 1, column 42: invalid UTF-8 (FF 22 20)`},
		{".nt", "<http://a.example/> <http://p.example/> \"\xe1\xbb", `line 1, column 42: invalid UTF-8 (E1 BB)`},
		{".nt", "<http://a.example/> <http://p.example/> <http://o.example/>\n", `line 1, column 60: expected ".", found the end of the line`},
		{".nt", "<http://a.example/\x00> <http://p.example/> <http://o.example/> .", `line 1, column 19: U+0000 is not allowed in an IRI`},
		{".trig", prefix + "p:g { p:s p:p p:o", `line 2, column 18: expected ".", found the end of the document`},
	} {
		_, err := readAll(open(test.ext, strings.NewReader(test.text), document.Options{}))
		if fmt.Sprint(err) != test.want {
			t.Errorf("%q\n gives %v\n not   %s", test.text, err, test.want)
		}
	}
}

// Labels that are made up never meet labels that are written, in one document or in two.
func TestBlanks(t *testing.T) {
	const text = `@prefix p: <http://p.example/> . _:g1 p:p [] . _:b1 p:p [ p:p _:g2 ] . _:wg1 p:p [] .`
	for _, o := range []document.Options{{}, {Blanks: "w"}, {KeepBlanks: true}, {Blanks: "w", KeepBlanks: true}, {Blanks: "g", KeepBlanks: true}} {
		quads, err := readAll(New(strings.NewReader(text), false, o))
		if err != nil {
			t.Fatal(err)
		}
		nodes := map[graph.Term]bool{}
		for _, q := range quads {
			nodes[q.S], nodes[q.O] = true, true
		}
		if len(nodes) != 7 {
			t.Errorf("%+v: %d nodes, not 7: %v", o, len(nodes), quads)
		}
		if o.KeepBlanks && o.Blanks != "g" && quads[0].S != graph.Blank("g1") {
			t.Errorf("%+v: label is not kept: %v", o, quads[0])
		}
		if !o.KeepBlanks && o.Blanks == "" {
			again, _ := readAll(New(strings.NewReader(text), false, o))
			for _, q := range again {
				if nodes[q.S] {
					t.Errorf("%v is in two documents", q.S)
				}
			}
		}
	}
}

func TestLimits(t *testing.T) {
	deep := "<s:s> <p:p> " + strings.Repeat("[ <p:p> ", 300)
	if _, err := readAll(New(strings.NewReader(deep), false, document.Options{})); err == nil || !strings.Contains(err.Error(), "nests deeper than 256") {
		t.Errorf("deep brackets: %v", err)
	}
	deep = "<s:s> <p:p> " + strings.Repeat("<<( <s:s> <p:p> ", 300)
	for _, ext := range []string{".nt", ".ttl"} {
		if _, err := readAll(open(ext, strings.NewReader(deep), document.Options{})); err == nil || !strings.Contains(err.Error(), "nests deeper than 256") {
			t.Errorf("%s: deep triple terms: %v", ext, err)
		}
	}
	for _, object := range []string{`"%s"`, `<http://%s>`, `_:%s`, `"x"^^<http://%s>`, `"%s`, `<%s`, `"\u0041%s"`} {
		text := "<s:s> <p:p> " + strings.ReplaceAll(object, "%s", strings.Repeat("x", 10000)) + " ."
		for _, ext := range []string{".nt", ".ttl"} {
			if _, err := readAll(inChunks(16, ext, strings.NewReader(text), document.Options{MaxLiteral: 100})); err == nil || !strings.Contains(err.Error(), "longer than 100 bytes") {
				t.Errorf("%s %.12s: %v", ext, object, err)
			}
			if _, err := readAll(inChunks(16, ext, strings.NewReader(strings.ReplaceAll(text, "\\u0041", "")), document.Options{MaxLiteral: 20000})); err != nil && strings.Contains(err.Error(), "longer") {
				t.Errorf("%s %.12s: %v", ext, object, err)
			}
		}
	}
}

// A statement of any length gives its quads as it goes.
func TestStream(t *testing.T) {
	pr, pw := io.Pipe()
	go func() {
		io.WriteString(pw, "<s:s> <p:p> ( ")
		for i := range 100000 {
			fmt.Fprintf(pw, "%d ", i)
		}
		io.WriteString(pw, ") , <o:o> .")
		pw.Close()
	}()
	p := New(pr, false, document.Options{})
	buf := make([]graph.Quad, 100)
	total := 0
	for {
		n, err := p.Read(buf)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		total += n
		if len(p.over) > 8 {
			t.Fatalf("%d quads are held", len(p.over))
		}
	}
	if total != 200002 {
		t.Errorf("%d quads", total)
	}
}
