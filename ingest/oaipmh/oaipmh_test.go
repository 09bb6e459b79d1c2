package oaipmh_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"mocban/ingest/fetch"
	"mocban/ingest/oaipmh"
)

const (
	top    = `<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-30T00:00:00Z</responseDate>`
	bottom = `</OAI-PMH>`
)

// marc is the metadata of a record with a title.
func marc(id, title string) string {
	return `<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">` + id +
		`</controlfield><datafield tag="245" ind1="0" ind2="0"><subfield code="a">` + title + `</subfield></datafield></record>`
}

func record(id, metadata string) string {
	return `<record><header><identifier>oai:x:` + id + `</identifier><datestamp>2026-01-02</datestamp><setSpec>s</setSpec></header><metadata>` + metadata + `</metadata></record>`
}

func deleted(id string) string {
	return `<record><header status="deleted"><identifier>oai:x:` + id + `</identifier><datestamp>2026-01-03</datestamp></header></record>`
}

func list(inner string) string { return top + "<ListRecords>" + inner + "</ListRecords>" + bottom }

// A clock counts what was waited instead of waiting.
type clock struct {
	now   time.Time
	slept []time.Duration
}

// serve starts a server and returns a client for it whose clock does not wait.
func serve(t *testing.T, h http.HandlerFunc) (*oaipmh.Client, *clock) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c := &clock{now: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)}
	return &oaipmh.Client{Base: s.URL + "/oai", Fetcher: &fetch.Fetcher{
		Now: func() time.Time { return c.now },
		Sleep: func(ctx context.Context, d time.Duration) error {
			c.slept = append(c.slept, d)
			c.now = c.now.Add(d)
			return ctx.Err()
		},
	}}, c
}

// answers gives one answer after the other, the last one for good.
func answers(all ...http.HandlerFunc) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		h := all[min(n, len(all)-1)]
		n++
		h(w, r)
	}
}

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml; charset=UTF-8")
		fmt.Fprint(w, s)
	}
}

func status(code int, retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		http.Error(w, "busy", code)
	}
}

// all lists records as a line each: identifier, whether deleted or broken, metadata's length.
func all(c *oaipmh.Client) (ids []string, err error) {
	err = c.List(context.Background(), oaipmh.Request{Verb: "ListRecords", Prefix: "marcxml"}, func(_ []byte, p *oaipmh.Page) error {
		for _, r := range p.Records {
			id := strings.TrimPrefix(r.Identifier, "oai:x:")
			if r.Deleted {
				id += " deleted"
			}
			if r.Broken != nil {
				id += " broken"
			}
			ids = append(ids, id)
		}
		return nil
	})
	return ids, err
}

// TestServers is how servers answer, and what becomes of it.
func TestServers(t *testing.T) {
	one := list(record("1", marc("1", "A")))
	for name, test := range map[string]struct {
		server http.HandlerFunc
		want   string
		err    error
		slept  string
	}{
		"a page":      {text(one), "1", nil, "[]"},
		"deletions":   {text(list(record("1", marc("1", "A")) + deleted("2"))), "1, 2 deleted", nil, "[]"},
		"no match":    {text(top + `<error code="noRecordsMatch">none</error>` + bottom), "", nil, "[]"},
		"empty token": {text(list(record("1", marc("1", "A")) + "<resumptionToken/>")), "1", nil, "[]"},
		"a token with blanks, and an ampersand": {func(w http.ResponseWriter, r *http.Request) {
			if q := r.URL.Query(); q.Has("resumptionToken") {
				if len(q) != 2 || q.Get("resumptionToken") != "a b&c/2" {
					http.Error(w, "the token goes alone", http.StatusBadRequest)
					return
				}
				text(list(record("2", marc("2", "B"))+"<resumptionToken></resumptionToken>"))(w, r)
				return
			}
			text(list(record("1", marc("1", "A"))+"<resumptionToken completeListSize=\"2\">\n a b&amp;c/2 </resumptionToken>"))(w, r)
		}, "1, 2", nil, "[1s]"},
		"a token that comes again": {text(list(record("1", marc("1", "A")) + "<resumptionToken>t</resumptionToken>")), "1, 1", oaipmh.ErrTokenLoop, "[1s]"},
		"a token that is no more": {answers(text(list(record("1", marc("1", "A"))+"<resumptionToken>t</resumptionToken>")),
			text(top+`<error code="badResumptionToken">expired</error>`+bottom)), "1", oaipmh.ErrBadToken, "[1s]"},
		"503 with seconds":        {answers(status(503, "7"), text(one)), "1", nil, "[7s]"},
		"503 with a date":         {answers(status(503, "Mon, 30 Nov 2026 00:01:00 GMT"), text(one)), "1", nil, "[1m0s]"},
		"503 without a word":      {answers(status(503, ""), status(503, ""), text(one)), "1", nil, "[5s 10s]"},
		"429":                     {answers(status(429, "3"), text(one)), "1", nil, "[3s]"},
		"always 500":              {status(500, ""), "", &fetch.StatusError{}, "[5s 10s 20s 40s]"},
		"404 is told at once":     {status(404, ""), "", &fetch.StatusError{}, "[]"},
		"asked to wait for a day": {status(503, "86400"), "", &fetch.StatusError{}, "[]"},
		"a web page once":         {answers(text("<!DOCTYPE html><html><body>Đang bảo trì</body></html>"), text(one)), "1", nil, "[5s]"},
		"a web page for good":     {text("<html><body>login</body></html>"), "", fetch.ErrHTML, "[5s 10s 20s 40s]"},
		"cut off once":            {answers(text(one[:len(one)-60]), text(one)), "1", nil, "[5s]"},
		"cut off for good":        {text(one[:len(one)-60]), "", fetch.ErrTruncated, "[5s 10s 20s 40s]"},
		"the line breaks": {answers(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			fmt.Fprint(w, one)
		}, text(one)), "1", nil, "[5s]"},
		"gzip": {func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "gzip" {
				http.Error(w, "no gzip asked for", http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			fmt.Fprint(z, one)
			z.Close()
		}, "1", nil, "[]"},
		"an error of the protocol": {text(top + `<error code="cannotDisseminateFormat">no</error>` + bottom), "", &oaipmh.Error{}, "[]"},
		"blanks before the XML":    {text("\n\n  " + one), "1", nil, "[]"},
		"one record is no XML": {text(list(record("1", marc("1", "A")) + record("2", "<record><leader>x</controlfield></record>") + record("3", marc("3", "C")) +
			"<resumptionToken/>")), "1, 2 broken, 3", nil, "[]"},
		"one record is no XML, and there is another page": {answers(
			text(list(record("1", "<a><b></a>")+"<resumptionToken cursor=\"0\">u&amp;v</resumptionToken>")),
			text(list(record("2", marc("2", "B"))))), "1 broken, 2", nil, "[1s]"},
		"prefixed elements": {text(`<oai:OAI-PMH xmlns:oai="http://www.openarchives.org/OAI/2.0/"><oai:ListRecords><oai:record><oai:header><oai:identifier>oai:x:1</oai:identifier></oai:header>` +
			`<oai:metadata>` + marc("1", "A") + `</oai:metadata></oai:record></oai:ListRecords></oai:OAI-PMH>`), "1", nil, "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			c, clock := serve(t, test.server)
			ids, err := all(c)
			if got := strings.Join(ids, ", "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if !sameError(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}
			// Pauses of a second between requests go with the waits of the retries.
			if got := fmt.Sprint(clock.slept); got != test.slept {
				t.Errorf("slept %s, want %s", got, test.slept)
			}
		})
	}
}

// sameError compares with an error, or with its type.
func sameError(got, want error) bool {
	switch want.(type) {
	case nil:
		return got == nil
	case *fetch.StatusError:
		var e *fetch.StatusError
		return errors.As(got, &e)
	case *oaipmh.Error:
		var e *oaipmh.Error
		return errors.As(got, &e)
	}
	return errors.Is(got, want)
}

// A server that hangs costs no more than the time that is allowed.
func TestTimeout(t *testing.T) {
	stop := make(chan struct{})
	c, clock := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-stop:
		}
	})
	defer close(stop)
	c.Timeout, c.Tries = 30*time.Millisecond, 2
	if _, err := all(c); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if len(clock.slept) != 1 {
		t.Errorf("slept %v", clock.slept)
	}
}

func TestTooLarge(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		z := gzip.NewWriter(w)
		z.Write(bytes.Repeat([]byte("a"), 1<<20))
		z.Close()
	})
	c.MaxBytes = 100_000
	if _, err := all(c); !errors.Is(err, fetch.ErrTooLarge) {
		t.Errorf("%v", err)
	}
}

// A base URL that holds a query already goes on with an ampersand.
func TestLocation(t *testing.T) {
	r := oaipmh.Request{Verb: "ListRecords", Prefix: "oai_dc", From: "2026-01-01", Set: "a b"}
	for base, want := range map[string]string{
		"http://x/oai":         "http://x/oai?verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&set=a+b",
		"http://x/oai?":        "http://x/oai?verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&set=a+b",
		"http://x/i.php?r=oai": "http://x/i.php?r=oai&verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&set=a+b",
	} {
		c := &oaipmh.Client{Base: base}
		if got := c.Location(r); got != want {
			t.Errorf("%s: %s", base, got)
		}
	}
}

func TestAsk(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		answer := map[string]string{
			"Identify": `<Identify><repositoryName>Thư viện</repositoryName><baseURL>http://x</baseURL><protocolVersion>2.0</protocolVersion>` +
				`<earliestDatestamp>2001-01-01</earliestDatestamp><deletedRecord>persistent</deletedRecord><granularity>YYYY-MM-DD</granularity></Identify>`,
			"ListMetadataFormats": `<ListMetadataFormats><metadataFormat><metadataPrefix>marcxml</metadataPrefix><schema>s</schema><metadataNamespace>n</metadataNamespace></metadataFormat></ListMetadataFormats>`,
			"ListSets":            `<ListSets><set><setSpec>a</setSpec><setName>Sách</setName></set><resumptionToken>t</resumptionToken></ListSets>`,
			"GetRecord":           `<GetRecord>` + record("1", marc("1", "A")) + `</GetRecord>`,
		}[q.Get("verb")]
		if q.Get("resumptionToken") != "" {
			answer = `<ListSets><set><setSpec>b</setSpec></set></ListSets>`
		}
		if q.Get("identifier") == "oai:x:gone" {
			answer = `<error code="idDoesNotExist">gone</error>`
		}
		text(top+answer+bottom)(w, r)
	})
	ctx := context.Background()
	id, err := c.Identify(ctx)
	if want := (oaipmh.Identity{Name: "Thư viện", BaseURL: "http://x", Version: "2.0", Earliest: "2001-01-01", Deleted: "persistent", Granularity: "YYYY-MM-DD"}); err != nil || id != want {
		t.Errorf("%+v, %v", id, err)
	}
	formats, err := c.Formats(ctx, "")
	if err != nil || !slices.Equal(formats, []oaipmh.Format{{Prefix: "marcxml", Schema: "s", Namespace: "n"}}) {
		t.Errorf("%+v, %v", formats, err)
	}
	sets, err := c.Sets(ctx)
	if err != nil || !slices.Equal(sets, []oaipmh.Set{{Spec: "a", Name: "Sách"}, {Spec: "b"}}) {
		t.Errorf("%+v, %v", sets, err)
	}
	_, r, err := c.GetRecord(ctx, "oai:x:1", "marcxml")
	if err != nil || r.Identifier != "oai:x:1" || string(r.Metadata) != marc("1", "A") || r.Datestamp != "2026-01-02" || r.Sets[0] != "s" {
		t.Errorf("%+v, %v", r, err)
	}
	_, r, err = c.GetRecord(ctx, "oai:x:gone", "marcxml")
	if err != nil || !r.Deleted {
		t.Errorf("%+v, %v", r, err)
	}
}

// Metadata take the prefixes along that are declared further out.
func TestNamespaces(t *testing.T) {
	page, err := oaipmh.ParsePage([]byte(`<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:m="http://www.loc.gov/MARC21/slim" xmlns:z="urn:z"><ListRecords>` +
		`<record><header><identifier>1</identifier></header><metadata>  <m:record><m:leader>x</m:leader></m:record></metadata></record></ListRecords></OAI-PMH>`))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(page.Records[0].Metadata); got != `<m:record xmlns:m="http://www.loc.gov/MARC21/slim"><m:leader>x</m:leader></m:record>` {
		t.Errorf("%s", got)
	}
}

func FuzzParsePage(f *testing.F) {
	f.Add([]byte(list(record("1", marc("1", "A")) + deleted("2") + "<resumptionToken>t</resumptionToken>")))
	f.Add([]byte(list(record("1", "<a><b></a>") + record("2", marc("2", "&#55349;&#56320;\x03 & ")))))
	f.Add([]byte(top + `<error code="noRecordsMatch">none</error>` + bottom))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		clean, _ := fetch.Clean(body)
		if again, repairs := fetch.Clean(clean); !bytes.Equal(again, clean) && len(repairs) == 0 {
			t.Fatalf("cleaned twice %q is %q", clean, again)
		}
		page, err := oaipmh.ParsePage(body)
		if err != nil {
			return // refusing is fine; panicking is not
		}
		for _, r := range page.Records {
			if r.Metadata != nil && r.Broken == nil && !bytes.HasPrefix(r.Metadata, []byte("<")) {
				t.Fatalf("metadata %q", r.Metadata)
			}
		}
	})
}
