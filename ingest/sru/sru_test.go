package sru_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"mocban/ingest/fetch"
	"mocban/ingest/sru"
)

// A catalogue answers searches as servers of the three versions do.
type catalogue struct {
	records int
	most    int  // records of a page, whatever is asked for
	packed  bool // as text
	silent  bool // about the next position
	bad     int  // the position of a record that is no XML
	short   bool // gives nothing behind the first page
	strict  bool // refuses positions behind the last
	limit   int  // refuses positions behind this
	uncount bool // does not count
	hidden  int  // the position of a record that it does not show, with a diagnostic in its place
}

const outOfRange = `<diagnostics><diagnostic xmlns="http://www.loc.gov/zing/srw/diagnostic/"><uri>info:srw/diagnostic/1/61</uri>` +
	`<message>First record position out of range</message></diagnostic></diagnostics>`

func (c catalogue) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("query") != "dc.title=Kiều" {
		fmt.Fprint(w, `<searchRetrieveResponse xmlns="http://www.loc.gov/zing/srw/"><version>1.1</version><numberOfRecords>0</numberOfRecords><diagnostics>`+
			`<diagnostic xmlns="http://www.loc.gov/zing/srw/diagnostic/"><uri>info:srw/diagnostic/1/10</uri><details>x</details><message>Query syntax error</message></diagnostic></diagnostics></searchRetrieveResponse>`)
		return
	}
	version, ns, escaping := q.Get("version"), "http://www.loc.gov/zing/srw/", "recordPacking"
	if version == "2.0" {
		ns, escaping = "http://docs.oasis-open.org/ns/search-ws/sruResponse", "recordXMLEscaping"
		if q.Has("operation") {
			http.Error(w, "2.0 has no operation", http.StatusBadRequest)
			return
		}
	}
	start, _ := strconv.Atoi(q.Get("startRecord"))
	n, _ := strconv.Atoi(q.Get("maximumRecords"))
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0"?><zs:searchRetrieveResponse xmlns:zs="%s"><zs:version>%s</zs:version>`, ns, version)
	if !c.uncount {
		fmt.Fprintf(&b, "<zs:numberOfRecords>%d</zs:numberOfRecords>", c.records)
	}
	b.WriteString("<zs:records>")
	if c.strict && start > c.records || c.limit > 0 && start > c.limit {
		fmt.Fprintf(w, `<searchRetrieveResponse xmlns="%s"><version>%s</version><numberOfRecords>%d</numberOfRecords>%s</searchRetrieveResponse>`, ns, version, c.records, outOfRange)
		return
	}
	i := start
	for ; i < start+min(n, c.most) && i <= c.records && !(c.short && start > 1); i++ {
		data := fmt.Sprintf(`<record xmlns="http://www.loc.gov/MARC21/slim"><controlfield tag="001">%d</controlfield></record>`, i)
		if i == c.bad {
			data = "<record><controlfield></record>"
		}
		if i == c.hidden {
			data = `<diagnostic xmlns="http://www.loc.gov/zing/srw/diagnostic/"><uri>info:srw/diagnostic/1/64</uri><message>Record temporarily unavailable</message></diagnostic>`
		}
		packing := "xml"
		if c.packed {
			data, packing = "&lt;?xml version=\"1.0\"?&gt;\n"+strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(data), "string"
		}
		fmt.Fprintf(&b, `<zs:record><zs:recordSchema>marcxml</zs:recordSchema><zs:%[1]s>%[2]s</zs:%[1]s><zs:recordData>%[3]s</zs:recordData>`+
			`<zs:recordIdentifier>r%[4]d</zs:recordIdentifier><zs:recordPosition>%[4]d</zs:recordPosition></zs:record>`, escaping, packing, data, i)
	}
	b.WriteString("</zs:records>")
	if i <= c.records && !c.silent {
		fmt.Fprintf(&b, "<zs:nextRecordPosition>%d</zs:nextRecordPosition>", i)
	}
	b.WriteString("</zs:searchRetrieveResponse>")
	fmt.Fprint(w, b.String())
}

func search(t *testing.T, h http.Handler, version, query string) (got []string, total int, err error) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c := &sru.Client{Base: s.URL + "/sru", Version: version, Page: 4, Fetcher: &fetch.Fetcher{
		Sleep: func(context.Context, time.Duration) error { return nil },
	}}
	err = c.Search(context.Background(), query, 1, func(n int, records []sru.Record, _ []fetch.Repair) error {
		total = n
		for _, r := range records {
			text := fmt.Sprintf("%d %s", r.Position, r.Identifier)
			if r.Broken != nil {
				text += " broken"
			} else if want := fmt.Sprintf(`<record xmlns="http://www.loc.gov/MARC21/slim"><controlfield tag="001">%d</controlfield></record>`, r.Position); string(r.Data) != want {
				t.Errorf("record %d is %s", r.Position, r.Data)
			}
			got = append(got, text)
		}
		return nil
	})
	return got, total, err
}

func TestSearch(t *testing.T) {
	for _, version := range []string{"", "1.2", "2.0"} {
		for name, c := range map[string]catalogue{
			"pages":          {records: 9, most: 100},
			"smaller pages":  {records: 9, most: 2},
			"silent":         {records: 9, most: 3, silent: true},
			"packed as text": {records: 9, most: 100, packed: true},
			"one page":       {records: 3, most: 100},
		} {
			got, total, err := search(t, c, version, "dc.title=Kiều")
			if err != nil || len(got) != c.records || total != c.records || got[2] != "3 r3" {
				t.Errorf("%s, version %q: %q of %d, %v", name, version, got, total, err)
			}
		}
	}
	if got, total, err := search(t, catalogue{}, "", "dc.title=Kiều"); err != nil || got != nil || total != 0 {
		t.Errorf("nothing found: %q of %d, %v", got, total, err)
	}
}

// A record that is no XML costs no other.
func TestBroken(t *testing.T) {
	got, _, err := search(t, catalogue{records: 6, most: 100, bad: 3}, "", "dc.title=Kiều")
	if want := "1 r1, 2 r2, 3  broken, 4 r4, 5 r5, 6 r6"; err != nil || strings.Join(got, ", ") != want {
		t.Errorf("%q, %v", got, err)
	}
}

// Where it is the last record of a page, servers refuse what lies behind it.
func TestBrokenLast(t *testing.T) {
	got, _, err := search(t, catalogue{records: 6, most: 100, bad: 6, strict: true}, "", "dc.title=Kiều")
	if want := "1 r1, 2 r2, 3 r3, 4 r4, 5 r5, 6  broken"; err != nil || strings.Join(got, ", ") != want {
		t.Errorf("%q, %v", got, err)
	}
}

// A server that shows the first records of a list only, as many do, gives these.
func TestLimit(t *testing.T) {
	got, total, err := search(t, catalogue{records: 20, most: 4, limit: 8}, "1.2", "dc.title=Kiều")
	if len(got) != 8 || total != 20 || !errors.Is(err, sru.ErrShort) || !strings.Contains(err.Error(), "out of range") {
		t.Errorf("%q of %d, %v", got, total, err)
	}
}

// A server that does not count is asked until it has no more.
func TestUncounted(t *testing.T) {
	for _, c := range []catalogue{
		{records: 9, most: 4, uncount: true}, {records: 8, most: 4, uncount: true, silent: true}, {records: 9, most: 100, uncount: true, silent: true, strict: true},
	} {
		if got, _, err := search(t, c, "", "dc.title=Kiều"); len(got) != c.records || err != nil {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
}

// A diagnostic in the place of a record (searchRetrieve 1.0, part 0, surrogate diagnostics) says
// that the record is there, and cannot be had.
func TestSurrogateDiagnostic(t *testing.T) {
	for _, packed := range []bool{false, true} {
		got, _, err := search(t, catalogue{records: 3, most: 100, hidden: 2, packed: packed}, "", "dc.title=Kiều")
		if want := "1 r1, 2 r2 broken, 3 r3"; err != nil || strings.Join(got, ", ") != want {
			t.Errorf("%q, %v", got, err)
		}
	}
}

// A list that ends too early is an error, and a diagnostic is told.
func TestRefused(t *testing.T) {
	if got, _, err := search(t, catalogue{records: 9, most: 4, short: true}, "", "dc.title=Kiều"); len(got) != 4 || !errors.Is(err, sru.ErrShort) {
		t.Errorf("%q, %v", got, err)
	}
	var d *sru.Diagnostic
	if _, _, err := search(t, catalogue{}, "", "("); !errors.As(err, &d) || d.URI != "info:srw/diagnostic/1/10" || d.Message != "Query syntax error" {
		t.Errorf("%v", err)
	}
	html := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html><body>x</body></html>") })
	if _, _, err := search(t, html, "", "x"); !errors.Is(err, fetch.ErrHTML) {
		t.Errorf("%v", err)
	}
}

// Real answers of two libraries are read whole.
func TestReal(t *testing.T) {
	const folder = "../../../shared/data/sru"
	for name, want := range map[string]int{"dnb_samuelson.xml": 366, "kul_samuelson.xml": 355} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Skip("no real answers beside the project: ", err)
		}
		first := true
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !first {
				http.Error(w, "no more", http.StatusNotFound)
				return
			}
			first = false
			w.Write(text)
		})
		s := httptest.NewServer(h)
		defer s.Close()
		c := &sru.Client{Base: s.URL, Fetcher: &fetch.Fetcher{Sleep: func(context.Context, time.Duration) error { return nil }}}
		n := 0
		stop := errors.New("stop")
		err = c.Search(context.Background(), "x", 1, func(total int, records []sru.Record, _ []fetch.Repair) error {
			if total != want {
				t.Errorf("%s: %d in all, want %d", name, total, want)
			}
			for _, r := range records {
				if n++; r.Broken != nil || !strings.HasPrefix(string(r.Data), "<record") {
					t.Errorf("%s: record %d: %v %.40s", name, r.Position, r.Broken, r.Data)
				}
			}
			return stop
		})
		if !errors.Is(err, stop) || n != strings.Count(string(text), "<recordData>") || n == 0 {
			t.Errorf("%s: %d records, %v", name, n, err)
		}
	}
}
