package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/vocab/xsd"
)

// write writes a result and returns the text.
func write(t testing.TB, f *Format, res *Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := writeTo(&b, f, res); err != nil {
		t.Fatalf("write %s: %v", f, err)
	}
	return b.String()
}

func writeTo(out io.Writer, f *Format, res *Result) error {
	w, err := NewWriter(f, out)
	if err != nil {
		return err
	}
	if res.Ask {
		if err := w.Boolean(res.Boolean); err != nil {
			return err
		}
		return w.Close()
	}
	if err := w.Begin(res.Vars); err != nil {
		return err
	}
	for _, row := range res.Rows {
		if err := w.Row(row); err != nil {
			return err
		}
	}
	return w.Close()
}

// show prints a result so that two can be compared.
func show(r *Result) string {
	if r.Ask {
		return fmt.Sprint(r.Boolean)
	}
	return fmt.Sprintf("%q %v", r.Vars, r.Rows)
}

// sample has a term of every kind, and what formats must escape.
var sample = &Result{
	Vars: []string{"x", "never", "tên"},
	Rows: [][]graph.Term{
		{graph.IRI("http://example.org/Truyện_Kiều?a=1,2&b='").Term(), {}, graph.Blank("b0")},
		{graph.String("a\tb\nc\r\n\"d\" \\ 'e' <f> & ]]> ,g"), {}, graph.String("")},
		{graph.Text("Truyện Kiều", "vi"), {}, graph.DirText("שלום", "he", graph.RTL)},
		{graph.Literal("01", xsd.Integer), {}, graph.Literal("1.0", xsd.Decimal)},
		{graph.Literal("1.0e6", xsd.Double), {}, graph.Literal("INF", xsd.Double)},
		{graph.Literal("x", xsd.Integer), {}, graph.Literal("true", xsd.Boolean)},
		{graph.Literal("-.5", xsd.Decimal), {}, graph.Literal("1.", xsd.Decimal)},
		{{}, {}, {}},
		{graph.String("\u007f\u0085\u2028𝄞"), {}, graph.String(" ")},
		{graph.TripleTerm(graph.Triple{S: graph.Blank("b0"), P: "http://p", O: graph.TripleTerm(graph.Triple{S: graph.IRI("http://s").Term(), P: "http://p", O: graph.Text("o\"", "vi")})}), {}, {}},
	},
}

func TestRoundTrip(t *testing.T) {
	for _, f := range []*Format{JSON, XML, TSV} {
		for _, res := range []*Result{sample, {Vars: []string{"a"}}, {}, {Rows: [][]graph.Term{{}, {}}}, {Vars: []string{"a"}, Rows: [][]graph.Term{{{}}, {{}}}}} {
			text := write(t, f, res)
			got, err := Read(f, strings.NewReader(text))
			if err != nil {
				t.Errorf("%s: %v\n%s", f, err, text)
			} else if show(got) != show(res) {
				t.Errorf("%s is\n%s\nwhich reads back as\n%s", show(res), text, show(got))
			}
		}
	}
	for _, f := range []*Format{JSON, XML} {
		for _, value := range []bool{true, false} {
			got, err := Read(f, strings.NewReader(write(t, f, &Result{Ask: true, Boolean: value})))
			if err != nil || !got.Ask || got.Boolean != value {
				t.Errorf("%s: %v reads back as %+v (%v)", f, value, got, err)
			}
		}
	}
}

// SPARQL 1.1 Query Results CSV and TSV Formats, 3 and 4.
func TestTables(t *testing.T) {
	const csv = "x,never,tên\r\n" +
		"\"http://example.org/Truyện_Kiều?a=1,2&b='\",,_:b0\r\n" +
		"\"a\tb\nc\r\n\"\"d\"\" \\ 'e' <f> & ]]> ,g\",,\"\"\r\n" +
		"Truyện Kiều,,שלום\r\n01,,1.0\r\n1.0e6,,INF\r\nx,,true\r\n-.5,,1.\r\n,,\r\n\u007f\u0085\u2028𝄞,, \r\n" +
		"\"<<( _:b0 <http://p> <<( <http://s> <http://p> \"\"o\\\"\"\"\"@vi )>> )>>\",,\r\n"
	if got := write(t, CSV, sample); got != csv {
		t.Errorf("CSV is\n%q\nwant\n%q", got, csv)
	}
	const tsv = "?x\t?never\t?tên\n" +
		"<http://example.org/Truyện_Kiều?a=1,2&b='>\t\t_:b0\n" +
		"\"a\\tb\\nc\\r\\n\\\"d\\\" \\\\ 'e' <f> & ]]> ,g\"\t\t\"\"\n" +
		"\"Truyện Kiều\"@vi\t\t\"שלום\"@he--rtl\n01\t\t1.0\n1.0e6\t\t\"INF\"^^<http://www.w3.org/2001/XMLSchema#double>\n"
	if got := write(t, TSV, sample); !strings.HasPrefix(got, tsv) {
		t.Errorf("TSV is\n%q\nwant\n%q", got, tsv)
	}
	for _, f := range []*Format{CSV, TSV} {
		if err := writeTo(io.Discard, f, &Result{Ask: true}); !errors.Is(err, ErrFormat) {
			t.Errorf("%s of an ASK: %v", f, err)
		}
	}
	got, err := Read(CSV, strings.NewReader("a,b\r\n_:x,\"\"\n\"a,\r\n\"\"b\",\n"))
	if err != nil || show(got) != `["a" "b"] [[_:x ""] ["a,\r\n\"b" ]]` {
		t.Errorf("CSV reads as %s, %v", show(got), err)
	}
}

// All variables are listed, even one that is never bound, and what is written is JSON.
func TestJSON(t *testing.T) {
	text := write(t, JSON, sample)
	if !json.Valid([]byte(text)) || !strings.HasPrefix(text, `{"head":{"vars":["x","never","tên"]},`) {
		t.Error(text)
	}
	text = write(t, JSON, &Result{Vars: []string{"a"}, Rows: [][]graph.Term{{graph.String("\x00\x1f\xff\"")}}})
	if !json.Valid([]byte(text)) || !strings.Contains(text, `"value":"\u0000\u001f`+"\ufffd"+`\""`) {
		t.Error(text)
	}
}

// XML 1.0 cannot hold most control characters; a result that would be none is refused.
func TestXMLRefusesWhatItCannotHold(t *testing.T) {
	for _, s := range []string{"a\x01b", "\x1f", "\ufffe", "\xff"} {
		err := writeTo(io.Discard, XML, &Result{Vars: []string{"a"}, Rows: [][]graph.Term{{graph.String(s)}}})
		if !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestReadersRefuse(t *testing.T) {
	xmlHead := `<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="a"/></head>`
	for f, texts := range map[*Format][]string{
		JSON: {
			``, `{`, `{}`, `{"head":{"vars":["a"]},"results":{"bindings":[{"b":{"type":"uri","value":"x"}}]}}`,
			`{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"iri","value":"x"}}]}}`, `{"head":{},"boolean":true} x`,
			`{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"uri","value":5}}]}}`, `{"head":{"vars":["a"]},"results":{"bindings":[{"a":null}]}}`,
			`{"head":{"vars":["a","a"]},"results":{"bindings":[]}}`, `{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"literal","value":"x","its:dir":"ltr"}}]}}`,
			`{"head":{"vars":["a"]},"results":{"bindings":[` + strings.Repeat(`{"a":{"type":"triple","value":{"subject":`, 100),
		},
		XML: {
			``, `<sparql/>`, xmlHead, xmlHead + `</sparql>`, xmlHead + `<results><result><binding name="b"><uri>x</uri></binding></result></results></sparql>`,
			xmlHead + `<results><result><binding name="a"><uri>x</uri><uri>y</uri></binding></result></results></sparql>`, xmlHead + `<results><result><binding name="a"/></result></results></sparql>`,
			xmlHead + `<results><result><binding name="a"><uri>x</uri></binding></result></results>`, xmlHead + `<boolean>yes</boolean></sparql>`,
			`<!DOCTYPE sparql [<!ENTITY a "b">]>` + xmlHead + `<boolean>true</boolean></sparql>`,
			xmlHead + `<results><result><binding name="a">` + strings.Repeat(`<triple><subject>`, 100) + strings.Repeat(`</subject></triple>`, 100) + `</binding></result></results></sparql>`,
		},
		CSV: {``, "a,b\r\n1\r\n", "a\r\n\"1\r\n", "a\r\n1\"2\r\n", "a\r\n\"1\"2\r\n", "a,a\r\n", "a\n\xff\n"},
		TSV: {``, "a\n", "?a\t?b\n1\n", "?a\nx\n", "?a\n<x\n", "?a\n\"x\n", "?a\n1 2\n", "?a\t?a\n", "?a\n?x\n"},
	} {
		for _, text := range texts {
			if res, err := Read(f, strings.NewReader(text)); err == nil {
				t.Errorf("%s %q reads as %s", f, text, show(res))
			}
		}
	}
}

// A result that breaks off is never taken for a whole one.
func TestTruncated(t *testing.T) {
	for _, f := range []*Format{JSON, XML} {
		text := strings.TrimSpace(write(t, f, sample))
		for i := range text {
			if _, err := Read(f, strings.NewReader(text[:i])); err == nil {
				t.Errorf("%s, %d of %d bytes: read", f, i, len(text))
			}
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriteErrorsStay(t *testing.T) {
	long := &Result{Vars: []string{"a"}, Rows: [][]graph.Term{{graph.String(strings.Repeat("x", 2*flushBytes))}}}
	for _, f := range Formats {
		if err := writeTo(brokenWriter{}, f, long); err != io.ErrClosedPipe {
			t.Errorf("%s: %v", f, err)
		}
		if err := writeTo(brokenWriter{}, f, sample); err != io.ErrClosedPipe {
			t.Errorf("%s, at Close: %v", f, err)
		}
	}
}

// The results that the W3C's tests expect can be read, and read back after writing.
func TestW3CResults(t *testing.T) {
	const suites = "../../../shared/suites/rdf-tests/sparql"
	n := 0
	for ext, f := range map[string]*Format{"srx": XML, "srj": JSON, "csv": CSV, "tsv": TSV} {
		files, _ := filepath.Glob(filepath.Join(suites, "sparql1*", "*", "*."+ext))
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			res, err := Read(f, bytes.NewReader(text))
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			n++
			again, err := Read(f, strings.NewReader(write(t, f, res)))
			if err != nil || show(again) != show(res) {
				t.Errorf("%s reads back as %s (%v)", file, show(again), err)
			}
		}
	}
	if n == 0 {
		t.Skip("no W3C suites beside the project: ", suites)
	}
	t.Logf("%d results", n)
}

func fuzz(f *testing.F, format *Format) {
	f.Add([]byte(write(f, format, &Result{Vars: []string{"a"}})))
	f.Add([]byte(write(f, format, sample)))
	f.Fuzz(func(t *testing.T, text []byte) {
		res, err := Read(format, bytes.NewReader(text))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := writeTo(&b, format, res); err != nil {
			return // XML cannot hold all that JSON can, and names can be strange
		}
		again, err := Read(format, &b)
		if err != nil || show(again) != show(res) {
			t.Fatalf("%q reads as %s, and back as %s (%v)", text, show(res), show(again), err)
		}
	})
}

func FuzzJSON(f *testing.F) { fuzz(f, JSON) }
func FuzzXML(f *testing.F)  { fuzz(f, XML) }
func FuzzCSV(f *testing.F)  { fuzz(f, CSV) }
func FuzzTSV(f *testing.F)  { fuzz(f, TSV) }

// Rows of the shape that a catalogue is asked for: IRI, title, year.
func BenchmarkWriter(b *testing.B) {
	row := []graph.Term{graph.IRI("http://example.org/id/work/0123456789").Term(), graph.Text("Truyện Kiều: đoạn trường tân thanh", "vi"), graph.Literal("1820", xsd.Integer)}
	for _, f := range Formats {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			w, err := NewWriter(f, io.Discard)
			if err != nil {
				b.Fatal(err)
			}
			w.Begin([]string{"work", "title", "year"})
			for b.Loop() {
				w.Row(row)
			}
			w.Close()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
