package harvest_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/ingest"
	"mocban/ingest/harvest"
	"mocban/ingest/mapping"
	"mocban/ingest/quality"
)

// A repository is a server of OAI-PMH with some records, two a page.
type repository struct {
	records   map[string]string // identifier -> title; "" is deleted
	dates     map[string]string
	keeps     string // what it tells of deleted records
	seconds   bool
	dc        bool
	date      string // its clock
	requests  []string
	fail      func(r *http.Request, n int) (answer string, status int) // what goes wrong at the nth request
	forgetful bool                                                     // takes no token the first time
}

func (o *repository) ids() []string { return slices.Sorted(maps.Keys(o.records)) }

func (o *repository) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	o.requests = append(o.requests, q.Encode())
	if o.fail != nil {
		if answer, status := o.fail(r, len(o.requests)); status != 0 {
			w.WriteHeader(status)
			fmt.Fprint(w, answer)
			return
		}
	}
	answer := ""
	switch q.Get("verb") {
	case "Identify":
		granularity := "YYYY-MM-DD"
		if o.seconds {
			granularity += "Thh:mm:ssZ"
		}
		answer = "<Identify><repositoryName>T</repositoryName><deletedRecord>" + o.keeps + "</deletedRecord><granularity>" + granularity + "</granularity></Identify>"
	case "ListMetadataFormats":
		answer = "<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix></metadataFormat>" +
			"<metadataFormat><metadataPrefix>marc21</metadataPrefix></metadataFormat></ListMetadataFormats>"
	case "GetRecord":
		answer = "<GetRecord>" + o.record(q.Get("identifier"), true) + "</GetRecord>"
	default:
		answer = o.list(q.Get("verb"), q.Get("from"), q.Get("resumptionToken"))
	}
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>%s</responseDate>%s</OAI-PMH>`, o.date, answer)
}

func (o *repository) list(verb, from, token string) string {
	start := 0
	if token != "" {
		if o.forgetful {
			o.forgetful = false
			return `<error code="badResumptionToken">expired</error>`
		}
		fmt.Sscanf(token, "%d from %s", &start, &from)
	}
	var ids []string
	for _, id := range o.ids() {
		if o.dates[id] >= from && (o.records[id] != "" || o.keeps != "no") {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return `<error code="noRecordsMatch">none</error>`
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<%s>", verb)
	for _, id := range ids[start:min(start+2, len(ids))] {
		b.WriteString(o.record(id, verb == "ListRecords"))
	}
	if start+2 < len(ids) {
		fmt.Fprintf(&b, `<resumptionToken completeListSize="%d">%d from %s</resumptionToken>`, len(ids), start+2, from)
	}
	fmt.Fprintf(&b, "</%s>", verb)
	return b.String()
}

func (o *repository) record(id string, whole bool) string {
	title, ok := o.records[id]
	if !ok {
		return ""
	}
	status := ""
	if title == "" {
		status = ` status="deleted"`
	}
	header := fmt.Sprintf("<header%s><identifier>%s</identifier><datestamp>%s</datestamp></header>", status, id, o.dates[id])
	switch {
	case !whole:
		return header
	case title == "":
		return "<record>" + header + "</record>"
	}
	data := `<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">` + id[len("oai:"):] +
		`</controlfield><datafield tag="245" ind1="0" ind2="0"><subfield code="a">` + title + `</subfield></datafield></record>`
	if title == "broken" {
		data = "<record><leader>00000nam a2200000 a 4500</controlfield></record>"
	}
	if o.dc {
		data = `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>` + title + `</dc:title></oai_dc:dc>`
	}
	return "<record>" + header + "<metadata>" + data + "</metadata></record>"
}

func newRepository(titles ...string) *repository {
	o := &repository{records: map[string]string{}, dates: map[string]string{}, keeps: "persistent", date: "2026-01-10T00:00:00Z"}
	for i, title := range titles {
		o.set(i+1, title, "2026-01-01")
	}
	return o
}

func (o *repository) set(n int, title, date string) {
	id := fmt.Sprintf("oai:r%d", n)
	o.records[id], o.dates[id] = title, date
}

var mapper = sync.OnceValues(func() (ingest.Mapper, error) {
	return mapping.New(mapping.Options{Base: "http://example.org/", Source: "VN-X"})
})

// A bench is a harvester with a store in memory and a clock that does not wait.
type bench struct {
	*harvest.Harvester
	t     *testing.T
	store graph.Store
	now   time.Time
	slept time.Duration
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, store: memstore.New(), now: time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)}
	b.Harvester = &harvest.Harvester{
		Dir: t.TempDir(), Store: b.store,
		Mapper: func(library string) (ingest.Mapper, error) {
			if library != "VN-X" {
				return nil, fmt.Errorf("the library is %q", library)
			}
			return mapper()
		},
		Pipeline: ingest.Pipeline{Quarantine: t.TempDir(), Batch: 3},
		Now:      func() time.Time { return b.now },
		Sleep: func(ctx context.Context, d time.Duration) error {
			b.slept += d
			b.now = b.now.Add(d)
			return ctx.Err()
		},
	}
	return b
}

// serve makes a source of a server.
func (b *bench) serve(h http.Handler, s harvest.Source) harvest.Source {
	server := httptest.NewServer(h)
	b.t.Cleanup(server.Close)
	s.Name, s.URL, s.Library = "nlv", server.URL+"/oai?x=1", "VN-X"
	if s.Kind == "" {
		s.Kind = harvest.OAI
	}
	return s
}

func (b *bench) run(s harvest.Source) harvest.Report {
	b.t.Helper()
	rep, err := b.Run(context.Background(), s)
	if err != nil {
		b.t.Fatal(err)
	}
	return rep
}

// titles returns the main titles in the store, sorted, and its version.
func (b *bench) titles() string {
	b.t.Helper()
	snap, err := b.store.Snapshot()
	if err != nil {
		b.t.Fatal(err)
	}
	defer snap.Close()
	ctx := context.Background()
	ids := make([]graph.ID, 1)
	if err := snap.IDs(ctx, []graph.Term{graph.IRI("http://schema.org/name").Term()}, ids); err != nil {
		b.t.Fatal(err)
	}
	seen := map[string]bool{}
	if ids[0] != graph.None {
		c, err := snap.Scan(ctx, graph.Pattern{P: ids[0]}, graph.NoOrder, graph.Cols(graph.PosS, graph.PosO))
		if err != nil {
			b.t.Fatal(err)
		}
		defer c.Close()
		var block graph.Block
		for c.Next(&block) {
			for i := range block.Len {
				r := block.Row(i)
				terms := make([]graph.Term, 2)
				if err := snap.Terms(ctx, []graph.ID{r[graph.PosS], r[graph.PosO]}, terms); err != nil {
					b.t.Fatal(err)
				}
				if strings.Contains(terms[0].Value(), "/id/instance/") {
					seen[terms[1].Value()] = true
				}
			}
		}
	}
	return fmt.Sprint(slices.Sorted(maps.Keys(seen)), " v", snap.Version())
}

func (b *bench) want(what, titles string) {
	b.t.Helper()
	if got := b.titles(); got != titles {
		b.t.Errorf("%s: the store holds %s, want %s", what, got, titles)
	}
}

// A source is harvested, and again where it has changed: what is new comes, what is the same
// makes no version, what is deleted goes.
func TestOAI(t *testing.T) {
	for _, seconds := range []bool{false, true} {
		for _, singly := range []bool{false, true} {
			t.Run(fmt.Sprintf("seconds %v singly %v", seconds, singly), func(t *testing.T) {
				o := newRepository("A", "B", "C", "D", "E")
				o.seconds = seconds
				b := newBench(t)
				s := b.serve(o, harvest.Source{Singly: singly})
				rep := b.run(s)
				if !rep.Full || rep.Pages != 3 || rep.Listed != 5 || rep.Load.Mapped != 5 || rep.Withdrawn != 0 {
					t.Errorf("first: %+v", rep)
				}
				b.want("first", "[A B C D E] v1")

				o.date = "2026-02-01T00:00:00Z"
				rep = b.run(s)
				if rep.Full || rep.Listed != 0 {
					t.Errorf("nothing new: %+v", rep)
				}
				from := map[bool]string{false: "from=2026-01-09&", true: "from=2026-01-09T23%3A00%3A00Z&"}[seconds]
				if last := o.requests[len(o.requests)-1]; !strings.Contains(last, from) {
					t.Errorf("asked for %s", last)
				}
				b.want("nothing new", "[A B C D E] v1")

				o.set(2, "B2", "2026-02-03")
				o.set(3, "", "2026-02-03")
				o.set(6, "F", "2026-02-04")
				o.set(7, "", "2026-02-04")
				o.date = "2026-03-01T00:00:00Z"
				rep = b.run(s)
				if rep.Full || rep.Listed != 4 || rep.Deleted != 2 || rep.Withdrawn != 1 {
					t.Errorf("changes: %+v", rep)
				}
				b.want("changes", "[A B2 D E F] v3")
				o.date = "2026-02-01T00:00:00Z" // so that the same changes come once more
				b.run(s)
				rep = b.run(s)
				if rep.Listed != 4 && rep.Listed != 0 {
					t.Errorf("again: %+v", rep)
				}
				b.want("again", "[A B2 D E F] v3")
			})
		}
	}
}

// A server that forgets what was deleted is asked for all of its records from time to time.
func TestMissing(t *testing.T) {
	titles := strings.Split("A B C D E F G H I J K L M N O P", " ")
	o := newRepository(titles...)
	o.keeps = "no"
	b := newBench(t)
	s := b.serve(o, harvest.Source{})
	b.run(s)
	delete(o.records, "oai:r1")
	b.run(s)
	b.want("changes only", fmt.Sprint(titles, " v1"))
	b.now = b.now.AddDate(0, 1, 1)
	rep := b.run(s)
	if !rep.Full || rep.Withdrawn != 1 {
		t.Errorf("%+v", rep)
	}
	b.want("all of it", fmt.Sprint(titles[1:], " v2"))

	// A source that loses most of its records is not believed, unless somebody says so.
	for i := range 12 {
		delete(o.records, fmt.Sprintf("oai:r%d", i+2))
	}
	b.All = true
	rep, err := b.Run(context.Background(), s)
	if !errors.Is(err, harvest.ErrTooMany) || rep.Held != 12 || rep.Withdrawn != 0 {
		t.Errorf("%+v, %v", rep, err)
	}
	b.want("held", fmt.Sprint(titles[1:], " v2"))
	b.Force = true
	if rep = b.run(s); rep.Withdrawn != 12 {
		t.Errorf("%+v", rep)
	}
	b.want("forced", "[N O P] v3")
}

// A run that breaks off goes on where it was, and nothing of it is seen before it is whole.
func TestResume(t *testing.T) {
	o := newRepository("A", "B", "C", "D", "E")
	down := true
	o.fail = func(r *http.Request, _ int) (string, int) {
		if down && strings.HasPrefix(r.URL.Query().Get("resumptionToken"), "4") {
			return "down", http.StatusServiceUnavailable
		}
		return "", 0
	}
	b := newBench(t)
	s := b.serve(o, harvest.Source{})
	if _, err := b.Run(context.Background(), s); err == nil {
		t.Fatal("no error")
	}
	b.want("broken off", "[] v0")
	due, err := b.Due(s)
	if err != nil || due.Sub(b.now) > 15*time.Minute {
		t.Errorf("due %v from %v, %v", due, b.now, err)
	}
	down = false
	o.requests = nil
	rep := b.run(s)
	if !rep.Resumed || !rep.Full || rep.Listed != 5 {
		t.Errorf("%+v", rep)
	}
	if len(o.requests) != 1 || !strings.Contains(o.requests[0], "resumptionToken=4") {
		t.Errorf("asked %q", o.requests)
	}
	b.want("whole", "[A B C D E] v1")
	if text, err := os.ReadFile(filepath.Join(b.Dir, "nlv", "log.jsonl")); err != nil || strings.Count(string(text), "\n") != 2 || !strings.Contains(string(text), "503") {
		t.Errorf("log: %s %v", text, err)
	}
	if left, err := os.ReadDir(filepath.Join(b.Dir, "nlv")); err != nil || len(left) != 2 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// A server that breaks off day after day, and has forgotten its token each time, is harvested
// on the day that it holds.
func TestForgottenDayAfterDay(t *testing.T) {
	o := newRepository("A", "B", "C", "D", "E")
	down, morning := true, true
	o.fail = func(r *http.Request, _ int) (string, int) {
		token := r.URL.Query().Get("resumptionToken")
		switch {
		case token != "" && morning:
			morning = false
			return `<OAI-PMH><error code="badResumptionToken">expired</error></OAI-PMH>`, http.StatusOK
		case down && strings.HasPrefix(token, "4"):
			return "down", http.StatusServiceUnavailable
		}
		return "", 0
	}
	b := newBench(t)
	s := b.serve(o, harvest.Source{})
	for range 3 {
		if _, err := b.Run(context.Background(), s); err == nil {
			t.Fatal("no error")
		}
		morning = true
		b.now = b.now.AddDate(0, 0, 1)
	}
	down = false
	if rep := b.run(s); rep.Incomplete != "" {
		t.Errorf("%+v", rep)
	}
	b.want("at last", "[A B C D E] v1")
}

// A record at which the server itself breaks down costs no other, and is asked for again.
func TestServerBreaksAtARecord(t *testing.T) {
	o := newRepository("A", "B", "C", "D", "E")
	ill := true
	o.fail = func(r *http.Request, _ int) (string, int) {
		q := r.URL.Query()
		if ill && (strings.HasPrefix(q.Get("resumptionToken"), "2") && q.Get("verb") == "ListRecords" || q.Get("identifier") == "oai:r3") {
			return "NullPointerException", http.StatusInternalServerError
		}
		return "", 0
	}
	b := newBench(t)
	s := b.serve(o, harvest.Source{})
	if _, err := b.Run(context.Background(), s); err == nil {
		t.Fatal("no error")
	}
	if rep := b.run(s); rep.Ill != 1 || !rep.Full {
		t.Errorf("%+v", rep)
	}
	b.want("all but one", "[A B D E] v1")
	if rep := b.run(s); rep.Ill != 1 || rep.Full {
		t.Errorf("%+v", rep)
	}
	ill = false
	if rep := b.run(s); rep.Ill != 0 || rep.Full {
		t.Errorf("%+v", rep)
	}
	b.want("mended at the source", "[A B C D E] v2")
}

// A server that breaks down at all records is no source that has lost them.
func TestServerBreaksAtAllRecords(t *testing.T) {
	o := newRepository("A", "B", "C", "D", "E")
	o.fail = func(r *http.Request, _ int) (string, int) {
		if v := r.URL.Query().Get("verb"); v == "ListRecords" || v == "GetRecord" {
			return "out of memory", http.StatusInternalServerError
		}
		return "", 0
	}
	b := newBench(t)
	if rep, err := b.Run(context.Background(), b.serve(o, harvest.Source{})); err == nil {
		t.Errorf("no error: %+v", rep)
	}
}

// A server without MARC is asked for the richest of its formats that can be mapped.
func TestFormatChosen(t *testing.T) {
	for formats, want := range map[string]string{
		"oai_dc":                  "oai_dc",
		"rdf oai_dc qdc":          "qdc",
		"oai_dc etdms mods mets":  "mods",
		"oai_dc dim xoai ore":     "dim",
		"mods oai_dc marc21":      "marc21",
		"ese uketd_dc etdms oai_": "",
	} {
		asked := ""
		b := newBench(t)
		_, err := b.Run(context.Background(), b.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := "<Identify><deletedRecord>no</deletedRecord><granularity>YYYY-MM-DD</granularity></Identify>"
			switch r.URL.Query().Get("verb") {
			case "ListMetadataFormats":
				answer = "<ListMetadataFormats>"
				for f := range strings.FieldsSeq(formats) {
					answer += "<metadataFormat><metadataPrefix>" + f + "</metadataPrefix></metadataFormat>"
				}
				answer += "</ListMetadataFormats>"
			case "ListRecords":
				asked = r.URL.Query().Get("metadataPrefix")
				answer = `<error code="noRecordsMatch">none</error>`
			}
			fmt.Fprint(w, "<OAI-PMH><responseDate>2026-01-01T00:00:00Z</responseDate>"+answer+"</OAI-PMH>")
		}), harvest.Source{}))
		if asked != want || (err != nil) != (want == "") {
			t.Errorf("of %s %q was asked for, want %q: %v", formats, asked, want, err)
		}
	}
}

// What servers do wrong costs what it must and no more.
func TestFaults(t *testing.T) {
	isPage := func(r *http.Request, token string) bool { return r.URL.Query().Get("resumptionToken") == token }
	for name, test := range map[string]struct {
		spoil  func(o *repository)
		want   string
		check  func(rep harvest.Report) bool
		failed bool
	}{
		"busy": {func(o *repository) {
			o.fail = func(_ *http.Request, n int) (string, int) {
				if n%2 == 1 {
					return "", http.StatusServiceUnavailable
				}
				return "", 0
			}
		}, "[A B C D E] v1", nil, false},
		"a token is forgotten": {func(o *repository) { o.forgetful = true }, "[A B C D E] v1", func(rep harvest.Report) bool { return rep.Incomplete == "" }, false},
		"a broken record": {func(o *repository) { o.set(2, "broken", "2026-01-01") }, "[A C D E] v1",
			func(rep harvest.Report) bool { return rep.Repairs["broken-record"] == 1 && rep.Load.Aside == 1 }, false},
		"halves of a character": {func(o *repository) { o.set(2, "&#55399;&#56442; \x03&", "2026-01-01") }, "[A C D E \U00029C7A &] v1",
			func(rep harvest.Report) bool {
				return rep.Repairs["surrogates"] == 1 && rep.Repairs["control-characters"] == 1
			}, false},
		"a list without records": {func(o *repository) {
			o.fail = func(r *http.Request, _ int) (string, int) {
				if r.URL.Query().Get("verb") == "ListRecords" {
					return "<html>out of memory</html>", http.StatusInternalServerError
				}
				return "", 0
			}
		}, "[A B C D E] v1", nil, false},
		"a token that comes again": {func(o *repository) {
			o.fail = func(r *http.Request, _ int) (string, int) {
				if isPage(r, "2 from") {
					return `<OAI-PMH><ListRecords>` + o.record("oai:r3", true) + `<resumptionToken>2 from</resumptionToken></ListRecords></OAI-PMH>`, http.StatusOK
				}
				return "", 0
			}
		}, "[A B C] v1", func(rep harvest.Report) bool { return rep.Incomplete != "" }, false},
		"a list that is short": {func(o *repository) {
			o.fail = func(r *http.Request, _ int) (string, int) {
				if isPage(r, "4 from") {
					return `<OAI-PMH><ListRecords><resumptionToken completeListSize="5"/></ListRecords></OAI-PMH>`, http.StatusOK
				}
				return "", 0
			}
		}, "[A B C D] v1", func(rep harvest.Report) bool { return strings.Contains(rep.Incomplete, "4 records came") }, false},
		"a web page for good": {func(o *repository) {
			o.fail = func(*http.Request, int) (string, int) { return "<html>login</html>", http.StatusOK }
		}, "[] v0", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			o := newRepository("A", "B", "C", "D", "E")
			test.spoil(o)
			b := newBench(t)
			rep, err := b.Run(context.Background(), b.serve(o, harvest.Source{}))
			if (err != nil) != test.failed {
				t.Errorf("%v", err)
			}
			if test.check != nil && !test.check(rep) {
				t.Errorf("%+v", rep)
			}
			b.want(name, test.want)
		})
	}
}

// Records that are no MARC are called what the server calls them.
func TestDublinCore(t *testing.T) {
	o := newRepository("A", "B", "C")
	o.dc = true
	b := newBench(t)
	s := b.serve(o, harvest.Source{Prefix: "oai_dc"})
	b.run(s)
	b.want("first", "[A B C] v1")
	o.set(2, "", "2026-02-01")
	o.set(3, "C2", "2026-02-01")
	b.run(s)
	b.want("changes", "[A C2] v3")
	b.run(s)
	b.want("again", "[A C2] v3")
}

// Sets are harvested one after the other.
func TestSets(t *testing.T) {
	o := newRepository("A", "B", "C")
	b := newBench(t)
	b.run(b.serve(o, harvest.Source{Sets: []string{"x", "y"}, Prefix: "marc21"}))
	all := strings.Join(o.requests, " ")
	for _, set := range []string{"x", "y"} {
		if !strings.Contains(all, "metadataPrefix=marc21&set="+set) {
			t.Errorf("%s is not asked for: %s", set, all)
		}
	}
	b.want("sets", "[A B C] v1")
}

func TestSRU(t *testing.T) {
	records := []string{"A", "B", "C"}
	b := newBench(t)
	j, err := quality.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b.Pipeline.Judge = j
	s := b.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("query") != "x" {
			http.Error(w, "no query", http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, "<searchRetrieveResponse><numberOfRecords>%d</numberOfRecords><records>", len(records))
		for _, title := range records {
			fmt.Fprintf(w, `<record><recordPacking>xml</recordPacking><recordData><record><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">%[1]s</controlfield>`+
				`<datafield tag="245" ind1="0" ind2="0"><subfield code="a">%[1]s</subfield></datafield></record></recordData></record>`, title)
		}
		fmt.Fprint(w, "</records></searchRetrieveResponse>")
	}), harvest.Source{Kind: harvest.SRU, Query: "x"})
	if rep := b.run(s); rep.Listed != 3 || len(rep.Load.Quality) != 1 {
		t.Errorf("%+v", rep)
	}
	b.want("first", "[A B C] v1")
	records = []string{"A", "C", "D"}
	if rep := b.run(s); rep.Withdrawn != 1 {
		t.Errorf("%+v", rep)
	}
	b.want("changed", "[A C D] v3")
	for _, name := range []string{"quality.json", "quality.txt"} {
		if text, err := os.ReadFile(filepath.Join(b.Dir, "nlv", name)); err != nil || !strings.Contains(string(text), "VN-X") {
			t.Errorf("%s: %s %v", name, text, err)
		}
	}
}

// A record of SRU that cannot be read has not gone.
func TestSRUBroken(t *testing.T) {
	data := func(title string) string {
		return `<record><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">` + title + `</controlfield>` +
			`<datafield tag="245" ind1="0" ind2="0"><subfield code="a">` + title + `</subfield></datafield></record>`
	}
	records := map[int]string{1: data("A"), 2: data("B"), 3: data("C")}
	b := newBench(t)
	s := b.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var start, n int
		fmt.Sscan(r.URL.Query().Get("startRecord"), &start)
		fmt.Sscan(r.URL.Query().Get("maximumRecords"), &n)
		fmt.Fprintf(w, "<searchRetrieveResponse><numberOfRecords>%d</numberOfRecords><records>", len(records))
		for i := start; i < start+n && i <= len(records); i++ {
			fmt.Fprintf(w, `<record><recordPacking>xml</recordPacking><recordData>%s</recordData></record>`, records[i])
		}
		fmt.Fprint(w, "</records></searchRetrieveResponse>")
	}), harvest.Source{Kind: harvest.SRU, Query: "x"})
	b.run(s)
	b.want("first", "[A B C] v1")
	records[2] = "<record><controlfield></record>"
	if rep := b.run(s); rep.Withdrawn != 0 || rep.Incomplete == "" {
		t.Errorf("%+v", rep)
	}
	b.want("one is broken", "[A B C] v1")
	delete(records, 3)
	records[2] = data("B")
	b.run(s)
	b.want("one is gone", "[A B] v2")
}

// A folder is looked through: files that are new, changed, gone, or hold what another one held.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, titles ...string) {
		t.Helper()
		var text strings.Builder
		for _, title := range titles {
			fmt.Fprintf(&text, "=LDR  00000nam a2200000 i 4500\n=001  %s\n=245  10$a%s\n\n", title, title)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := newBench(t)
	b.now = time.Now().Add(time.Hour)
	s := harvest.Source{Name: "box", Kind: harvest.Folder, Path: dir, Library: "VN-X"}
	b.run(s)
	b.want("empty", "[] v0")
	write("a.mrk", "A", "B")
	write("b.mrk", "C", "D")
	if rep := b.run(s); rep.Listed != 2 || rep.Load.Mapped != 4 {
		t.Errorf("%+v", rep)
	}
	b.want("two files", "[A B C D] v2")
	if rep := b.run(s); rep.Load.Records != 0 {
		t.Errorf("read again: %+v", rep)
	}
	write("a.mrk", "A", "E", "F")
	if rep := b.run(s); rep.Withdrawn != 1 || rep.Load.Mapped != 3 {
		t.Errorf("%+v", rep)
	}
	b.want("a file changed", "[A C D E F] v4")
	write("c.mrk", "C") // which b.mrk holds, too
	b.run(s)
	if err := os.Remove(filepath.Join(dir, "c.mrk")); err != nil {
		t.Fatal(err)
	}
	b.run(s)
	if got := b.titles(); !strings.HasPrefix(got, "[A C D E F]") {
		t.Errorf("a file that held the same is gone: %s", got)
	}
	if err := os.Remove(filepath.Join(dir, "b.mrk")); err != nil {
		t.Fatal(err)
	}
	b.run(s)
	if got := b.titles(); !strings.HasPrefix(got, "[A E F]") {
		t.Errorf("a file is gone: %s", got)
	}
	b.now = time.Now() // a file that was written just now
	write("d.mrk", "G")
	b.run(s)
	if got := b.titles(); !strings.HasPrefix(got, "[A E F]") {
		t.Errorf("a file that is being written: %s", got)
	}
	s.Path = filepath.Join(dir, "none")
	if _, err := b.Run(context.Background(), s); err == nil {
		t.Error("a folder that is away is taken for an empty one")
	}
}

// Watching runs each source when it is due, and ends with its context.
func TestWatch(t *testing.T) {
	o := newRepository("A")
	b := newBench(t)
	s := b.serve(o, harvest.Source{Every: time.Hour})
	ctx, cancel := context.WithCancel(context.Background())
	start := b.now
	var at []string
	err := b.Watch(ctx, []harvest.Source{s}, func(rep harvest.Report, err error) {
		if err != nil {
			t.Error(err)
		}
		at = append(at, rep.Started.Sub(start).Round(time.Minute).String())
		if len(at) == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || fmt.Sprint(at) != "[0s 1h0m0s 2h0m0s]" {
		t.Errorf("%v at %v", err, at)
	}
}

func TestCheck(t *testing.T) {
	for want, s := range map[string]harvest.Source{
		"a name is of letters": {Name: "../x", Kind: harvest.OAI, URL: "http://x"},
		"no http":              {Name: "x", Kind: harvest.OAI, URL: "file:///etc/passwd"},
		"needs a query":        {Name: "x", Kind: harvest.SRU, URL: "http://x"},
		"needs a path":         {Name: "x", Kind: harvest.Folder},
		"is none of oai":       {Name: "x", Kind: "ftp"},
		"may not be negative":  {Name: "x", Kind: harvest.OAI, URL: "http://x", Every: -1},
		"":                     {Name: "x", Kind: harvest.OAI, URL: "http://x"},
	} {
		err := s.Check()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%+v: %v, want %q", s, err, want)
		}
	}
}
