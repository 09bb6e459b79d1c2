// Package sru asks servers of SRU 1.1, 1.2 and 2.0 for all records that match a query, page by
// page (OASIS searchRetrieve 1.0, parts 2 and 3).
//
// A list is complete only if as many records came as the server counts; one that does not count
// is asked until it has no more. Many servers refuse what lies behind the first thousands of a
// list: what came before is given all the same. Records may be packed
// as text (recordPacking, or recordXMLEscaping in 2.0). A page that is no XML is asked for again
// record by record, so that what is wrong in one does not cost the others.
package sru

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"mocban/ingest/fetch"
)

// A Client asks one server.
type Client struct {
	*fetch.Fetcher
	Base    string
	Version string // "1.1", "1.2", "2.0"; empty is 1.1
	Schema  string // of records: "marcxml"; empty leaves it to the server
	Page    int    // records a request asks for; 0 means 100
}

// A Record is one record of an answer.
type Record struct {
	Identifier string // recordIdentifier, if the server gives one
	Position   int    // from 1
	Data       []byte // the element that the record is, or what came if Broken
	Broken     error
}

// A Diagnostic is why a server does not answer (searchRetrieve 1.0, part 1, 8).
type Diagnostic struct {
	URI     string `xml:"uri"`
	Details string `xml:"details"`
	Message string `xml:"message"`
}

func (d *Diagnostic) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the server answers: %s %s (%s)", d.Message, d.Details, d.URI))
}

// outOfRange tells whether a diagnostic says that there is nothing at a position.
func (d *Diagnostic) outOfRange() bool { return strings.HasSuffix(d.URI, "diagnostic/1/61") }

// ErrShort tells that fewer records came than the server counts.
var ErrShort = errors.New("fewer records came than the server counts")

var errNotXML = errors.New("the response is no XML")

// response is an answer, in the names that all versions share.
type response struct {
	XMLName     xml.Name
	Number      int          `xml:"numberOfRecords"`
	Next        int          `xml:"nextRecordPosition"`
	Records     []packed     `xml:"records>record"`
	Diagnostics []Diagnostic `xml:"diagnostics>diagnostic"`

	repairs []fetch.Repair
}

// packed is a record as it is packed.
type packed struct {
	Packing    string `xml:"recordPacking"`
	Escaping   string `xml:"recordXMLEscaping"`
	Identifier string `xml:"recordIdentifier"`
	Data       struct {
		Inner []byte `xml:",innerxml"`
		Text  string `xml:",chardata"`
	} `xml:"recordData"`

	broken error
}

// Location returns the URL of a request.
func (c *Client) Location(query string, start, n int) string {
	v := url.Values{}
	version := c.Version
	if version == "" {
		version = "1.1"
	}
	v.Set("version", version)
	if version != "2.0" {
		v.Set("operation", "searchRetrieve")
		v.Set("recordPacking", "xml")
	}
	v.Set("query", query)
	v.Set("startRecord", strconv.Itoa(start))
	v.Set("maximumRecords", strconv.Itoa(n))
	if c.Schema != "" {
		v.Set("recordSchema", c.Schema)
	}
	sep := "?"
	if strings.Contains(c.Base, "?") {
		sep = "&"
	}
	return strings.TrimRight(c.Base, "?&") + sep + v.Encode()
}

// Search gives all records of a query to f, page by page, with what was mended in the page. The
// list begins at a position, 1 for all of it. Total is how many the server counts.
func (c *Client) Search(ctx context.Context, query string, start int, f func(total int, records []Record, repairs []fetch.Repair) error) error {
	n := c.Page
	if n <= 0 {
		n = 100
	}
	counts := false // the server tells how many there are
	for {
		r, err := c.get(ctx, query, start, n)
		if errors.Is(err, errNotXML) && n > 1 {
			r, err = c.singly(ctx, query, start, n)
		}
		var d *Diagnostic
		if start > 1 && errors.As(err, &d) {
			if counts {
				return fmt.Errorf("%w: %d came: %w", ErrShort, start-1, err)
			}
			if d.outOfRange() {
				return nil
			}
		}
		if err != nil {
			return err
		}
		records := r.list(start)
		counts = counts || r.Number > 0
		if err := f(r.Number, records, r.repairs); err != nil {
			return err
		}
		next := start + len(records)
		if r.Next > next && len(records) > 0 {
			next = r.Next // a server may leave out what it does not show
		}
		switch {
		case !counts:
			if len(records) == 0 {
				return nil
			}
		case next > r.Number:
			return nil
		case len(records) == 0:
			return fmt.Errorf("%w: %d of %d", ErrShort, start-1, r.Number)
		}
		start = next
	}
}

// get asks for a page.
func (c *Client) get(ctx context.Context, query string, start, n int) (*response, error) {
	var r *response
	_, err := c.Get(ctx, c.Location(query, start, n), func(body []byte) (err error) {
		r, err = parse(body)
		if errors.Is(err, errNotXML) && bytes.Contains(body[max(0, len(body)-200):], []byte("searchRetrieveResponse>")) {
			return nil // all of it came: asking again would give the same
		}
		return err
	})
	if err == nil && r == nil {
		err = errNotXML
	}
	if err != nil {
		return nil, fmt.Errorf("search from %d: %w", start, err)
	}
	if len(r.Diagnostics) > 0 && len(r.Records) == 0 {
		return nil, fmt.Errorf("search from %d: %w", start, &r.Diagnostics[0])
	}
	return r, nil
}

// singly asks for the records of a page one by one. One that is no XML is broken.
func (c *Client) singly(ctx context.Context, query string, start, n int) (*response, error) {
	all := &response{}
	broken := 0
	for i := range n {
		if all.Number > 0 && start+i > all.Number {
			break
		}
		r, err := c.get(ctx, query, start+i, 1)
		var d *Diagnostic
		if i > 0 && errors.As(err, &d) && d.outOfRange() {
			break
		}
		switch {
		case errors.Is(err, errNotXML):
			broken++
			all.Records = append(all.Records, packed{broken: err})
			continue
		case err != nil:
			return nil, err
		}
		all.Number = r.Number
		all.Records = append(all.Records, r.Records...)
	}
	if broken == len(all.Records) {
		return nil, fmt.Errorf("search from %d: no record of the page is XML", start)
	}
	if broken > 0 {
		all.repairs = append(all.repairs, fetch.Repair{Rule: fetch.RuleBroken, Count: broken})
	}
	return all, nil
}

// list unpacks the records of an answer that begins at a position.
func (r *response) list(start int) (records []Record) {
	for i := range r.Records {
		p := &r.Records[i]
		rec := Record{Identifier: strings.TrimSpace(p.Identifier), Position: start + i, Data: bytes.TrimSpace(p.Data.Inner), Broken: p.broken}
		if p.Packing == "string" || p.Escaping == "string" {
			rec.Data = []byte(strings.TrimSpace(p.Data.Text))
			if !bytes.HasPrefix(rec.Data, []byte("<")) {
				rec.Broken = errors.New("the record is packed as text that is no XML")
			}
		}
		rec.Data = withoutDeclaration(rec.Data)
		if rec.Broken == nil {
			rec.Broken = surrogate(rec.Data)
		}
		records = append(records, rec)
	}
	return records
}

// surrogate returns the diagnostic that stands in the place of a record (searchRetrieve 1.0, part
// 0, surrogate diagnostics), or nil.
func surrogate(data []byte) error {
	name := data[min(len(data), 1):]
	if end := bytes.IndexAny(name, " \t\r\n/>"); end >= 0 {
		name = name[:end]
	}
	if _, local, ok := bytes.Cut(name, []byte(":")); ok {
		name = local
	}
	if string(name) != "diagnostic" {
		return nil
	}
	d := &Diagnostic{}
	if err := xml.Unmarshal(data, d); err != nil {
		return fmt.Errorf("a diagnostic in the place of the record: %w", err)
	}
	return d
}

// withoutDeclaration takes off an XML declaration, which a record packed as text may have.
func withoutDeclaration(data []byte) []byte {
	if bytes.HasPrefix(data, []byte("<?xml")) {
		if _, rest, ok := bytes.Cut(data, []byte("?>")); ok {
			return bytes.TrimSpace(rest)
		}
	}
	return data
}

// parse reads an answer.
func parse(body []byte) (*response, error) {
	clean, repairs := fetch.Clean(body)
	r := &response{}
	d := xml.NewDecoder(bytes.NewReader(clean))
	if err := d.Decode(r); err != nil {
		switch start := bytes.ToLower(clean[:min(len(clean), 1024)]); {
		case bytes.Contains(start, []byte("<html")):
			return nil, fetch.ErrHTML
		case errors.Is(err, io.EOF) || !bytes.Contains(clean[max(0, len(clean)-200):], []byte("searchRetrieveResponse>")):
			return nil, fmt.Errorf("%w: %w", fetch.ErrTruncated, err)
		}
		return nil, fmt.Errorf("%w: %w", errNotXML, err)
	}
	if r.XMLName.Local != "searchRetrieveResponse" && r.XMLName.Local != "explainResponse" {
		if strings.EqualFold(r.XMLName.Local, "html") {
			return nil, fetch.ErrHTML
		}
		return nil, fmt.Errorf("the response is no SRU: its root is <%s>", r.XMLName.Local)
	}
	r.repairs = repairs
	return r, nil
}
