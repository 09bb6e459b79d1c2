package oaipmh

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mocban/ingest/fetch"
)

// A Page is one response of a list, or of GetRecord.
type Page struct {
	ResponseDate string // of the server's clock, as it wrote it
	Verb         string // the element that holds the answer; "" where there is none
	Records      []Record
	Errors       []Error
	Repairs      []fetch.Repair

	// Token asks for the next page; it is empty at the end of a list.
	Token string

	// CompleteSize is how many records the server says the list has, or -1.
	CompleteSize int64

	// Formats and Sets are the answers to the verbs of these names, Identity that to Identify.
	Formats  []Format
	Sets     []Set
	Identity Identity
}

// A Record is one of a list. Of ListIdentifiers it has no metadata.
type Record struct {
	Identifier string
	Datestamp  string
	Sets       []string
	Deleted    bool

	// Metadata is the element that the record is, as it came, but for the namespaces that are
	// declared further out and that it uses.
	Metadata []byte

	// Broken tells that the metadata are no well-formed XML.
	Broken error
}

// An Error is an error of the protocol (OAI-PMH 2.0, 3.6).
type Error struct{ Code, Message string }

func (e *Error) Error() string { return fmt.Sprintf("the server answers %s: %s", e.Code, e.Message) }

// A Format is a metadata format that a server has.
type Format struct{ Prefix, Schema, Namespace string }

// A Set is a set of a server.
type Set struct{ Spec, Name string }

// An Identity is what a server says of itself.
type Identity struct {
	Name, BaseURL, Version, Earliest, Deleted, Granularity string
}

// maxRecords bounds the records of a page.
const maxRecords = 1_000_000

// ParsePage reads a response. Where a record is no XML, the others are read all the same. The
// error tells that the response as a whole cannot be used: [fetch.ErrHTML], [fetch.ErrTruncated], or
// something else that is no OAI-PMH.
func ParsePage(body []byte) (*Page, error) {
	clean, repairs := fetch.Clean(body)
	p := &parser{page: Page{CompleteSize: -1}, body: clean}
	err := p.run()
	if err == nil {
		p.page.Repairs = repairs
		return &p.page, nil
	}
	if errors.Is(err, errNotOAI) {
		return nil, whatIsIt(clean, err)
	}
	if !bytes.Contains(clean[max(0, len(clean)-200):], []byte("OAI-PMH>")) {
		return nil, fmt.Errorf("%w: %w", fetch.ErrTruncated, err)
	}
	page, splitErr := split(clean)
	if splitErr != nil {
		return nil, fmt.Errorf("the response is no XML: %w", err)
	}
	n := 0
	for i := range page.Records {
		if page.Records[i].Broken != nil {
			n++
		}
	}
	if n > 0 {
		repairs = append(repairs, fetch.Repair{Rule: fetch.RuleBroken, Count: n})
	}
	page.Repairs = repairs
	return page, nil
}

var errNotOAI = errors.New("the response is no OAI-PMH")

// whatIsIt tells of an answer that is something else.
func whatIsIt(body []byte, err error) error {
	start := bytes.ToLower(body[:min(len(body), 1024)])
	if bytes.Contains(start, []byte("<html")) || bytes.Contains(start, []byte("<!doctype html")) {
		return fetch.ErrHTML
	}
	return err
}

// A parser reads a response that is well-formed.
type parser struct {
	page   Page
	body   []byte
	d      *xml.Decoder
	spaces []space // declared on the open elements
}

// A space is a declared prefix.
type space struct{ prefix, uri string }

func (p *parser) run() error {
	p.d = xml.NewDecoder(bytes.NewReader(p.body))
	root, err := p.start()
	if err != nil {
		return fmt.Errorf("%w: %w", errNotOAI, err)
	}
	if root.Name.Local != "OAI-PMH" {
		return fmt.Errorf("%w: its root is <%s>", errNotOAI, root.Name.Local)
	}
	p.declare(root)
	err = p.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "responseDate":
			return p.text(&p.page.ResponseDate)
		case "request":
			return p.d.Skip()
		case "error":
			oai := Error{Code: attribute(e, "code")}
			if err := p.text(&oai.Message); err != nil {
				return err
			}
			p.page.Errors = append(p.page.Errors, oai)
			return nil
		}
		p.page.Verb = e.Name.Local
		return p.answer(e)
	})
	if err != nil {
		return err
	}
	for { // what follows the root may be blanks only
		if _, err := p.d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// start returns the first element.
func (p *parser) start() (xml.StartElement, error) {
	for {
		t, err := p.d.Token()
		if err != nil {
			return xml.StartElement{}, err
		}
		if e, ok := t.(xml.StartElement); ok {
			return e.Copy(), nil
		}
	}
}

// children calls f for each element in the one that is open. f reads the element to its end.
func (p *parser) children(f func(xml.StartElement) error) error {
	for {
		t, err := p.d.Token()
		if err != nil {
			return err
		}
		switch e := t.(type) {
		case xml.StartElement:
			if err := f(e); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// text reads the text of an element.
func (p *parser) text(into *string) error {
	var b strings.Builder
	for {
		t, err := p.d.Token()
		if err != nil {
			return err
		}
		switch e := t.(type) {
		case xml.CharData:
			b.Write(e)
		case xml.StartElement:
			if err := p.d.Skip(); err != nil {
				return err
			}
		case xml.EndElement:
			*into = strings.TrimSpace(b.String())
			return nil
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// declare notes the prefixes that an element declares.
func (p *parser) declare(e xml.StartElement) (undo func()) {
	n := len(p.spaces)
	for _, a := range e.Attr {
		if a.Name.Space == "xmlns" {
			p.spaces = append(p.spaces, space{a.Name.Local, a.Value})
		}
	}
	return func() { p.spaces = p.spaces[:n] }
}

// answer reads the element of a verb.
func (p *parser) answer(e xml.StartElement) error {
	defer p.declare(e)()
	if p.page.Verb == "Identify" {
		return p.fields(map[string]*string{
			"repositoryName": &p.page.Identity.Name, "baseURL": &p.page.Identity.BaseURL, "protocolVersion": &p.page.Identity.Version,
			"earliestDatestamp": &p.page.Identity.Earliest, "deletedRecord": &p.page.Identity.Deleted, "granularity": &p.page.Identity.Granularity,
		})
	}
	return p.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "record":
			return p.record(e)
		case "header":
			var r Record
			err := p.header(e, &r)
			p.page.Records = append(p.page.Records, r)
			return err
		case "resumptionToken":
			p.page.CompleteSize = size(attribute(e, "completeListSize"))
			return p.text(&p.page.Token)
		case "metadataFormat":
			var f Format
			err := p.fields(map[string]*string{"metadataPrefix": &f.Prefix, "schema": &f.Schema, "metadataNamespace": &f.Namespace})
			p.page.Formats = append(p.page.Formats, f)
			return err
		case "set":
			var s Set
			err := p.fields(map[string]*string{"setSpec": &s.Spec, "setName": &s.Name})
			p.page.Sets = append(p.page.Sets, s)
			return err
		}
		return p.d.Skip()
	})
}

func size(text string) int64 {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
		return n
	}
	return -1
}

// fields reads the texts of some elements in the one that is open.
func (p *parser) fields(into map[string]*string) error {
	return p.children(func(e xml.StartElement) error {
		if to, ok := into[e.Name.Local]; ok {
			return p.text(to)
		}
		return p.d.Skip()
	})
}

func (p *parser) header(e xml.StartElement, r *Record) error {
	r.Deleted = attribute(e, "status") == "deleted"
	return p.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "identifier":
			return p.text(&r.Identifier)
		case "datestamp":
			return p.text(&r.Datestamp)
		case "setSpec":
			var s string
			err := p.text(&s)
			r.Sets = append(r.Sets, s)
			return err
		}
		return p.d.Skip()
	})
}

func (p *parser) record(e xml.StartElement) error {
	if len(p.page.Records) >= maxRecords {
		return fmt.Errorf("a page of more than %d records", maxRecords)
	}
	defer p.declare(e)()
	var r Record
	err := p.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "header":
			return p.header(e, &r)
		case "metadata":
			defer p.declare(e)()
			return p.metadata(&r)
		}
		return p.d.Skip()
	})
	p.page.Records = append(p.page.Records, r)
	return err
}

// metadata cuts the first element out of the metadata.
func (p *parser) metadata(r *Record) error {
	for {
		from := p.d.InputOffset()
		t, err := p.d.Token()
		if err != nil {
			return err
		}
		switch t.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			if err := p.d.Skip(); err != nil {
				return err
			}
			if r.Metadata == nil {
				r.Metadata = declared(p.body[from:p.d.InputOffset()], p.spaces)
			}
		}
	}
}

// declared adds to an element the prefixes that it uses and that are declared outside of it.
func declared(element []byte, spaces []space) []byte {
	end := bytes.IndexAny(element, " \t\r\n/>")
	if end < 0 {
		return element
	}
	var add []byte
	seen := map[string]bool{}
	for _, s := range slices.Backward(spaces) { // the innermost wins
		if seen[s.prefix] || !bytes.Contains(element, []byte(s.prefix+":")) ||
			bytes.Contains(element[:tagEnd(element)], []byte("xmlns:"+s.prefix+"=")) {
			continue
		}
		seen[s.prefix] = true
		add = append(add, fmt.Sprintf(" xmlns:%s=%q", s.prefix, s.uri)...)
	}
	if add == nil {
		return element
	}
	return slices.Concat(element[:end], add, element[end:])
}

func tagEnd(element []byte) int {
	if end := bytes.IndexByte(element, '>'); end >= 0 {
		return end
	}
	return len(element)
}

var (
	headerTag   = regexp.MustCompile(`<(?:\w+:)?header[\s/>]`)
	headerEnd   = regexp.MustCompile(`</(?:\w+:)?header\s*>`)
	metadataTag = regexp.MustCompile(`<(?:\w+:)?metadata(?:\s[^>]*)?>`)
	metadataEnd = regexp.MustCompile(`</(?:\w+:)?metadata\s*>`)
	tokenTag    = regexp.MustCompile(`<(?:\w+:)?resumptionToken(\s[^>]*)?>([^<]*)</`)
	dateTag     = regexp.MustCompile(`<(?:\w+:)?responseDate(?:\s[^>]*)?>([^<]*)</`)
	sizeText    = regexp.MustCompile(`completeListSize\s*=\s*["']\s*(\d+)`)
	rootTag     = regexp.MustCompile(`<(?:\w+:)?OAI-PMH(\s[^>]*)?>`)
	spaceText   = regexp.MustCompile(`xmlns:([\w.-]+)\s*=\s*["']([^"'<>]*)["']`)
)

// split reads a page that is no XML as a whole. Each record begins with its header, so what is
// wrong in one of them does not touch the others.
func split(body []byte) (*Page, error) {
	root := rootTag.Find(body)
	headers := headerTag.FindAllIndex(body, maxRecords)
	if root == nil || headers == nil {
		return nil, errNotOAI
	}
	page := &Page{Verb: "ListRecords", CompleteSize: -1}
	if m := dateTag.FindSubmatch(body); m != nil {
		page.ResponseDate = string(bytes.TrimSpace(m[1]))
	}
	var spaces []space
	for _, m := range spaceText.FindAllSubmatch(root, 100) {
		spaces = append(spaces, space{string(m[1]), string(m[2])})
	}
	last := 0
	for i, h := range headers {
		to := len(body)
		if i+1 < len(headers) {
			to = headers[i+1][0]
		}
		r, end, err := splitRecord(body[h[0]:to], spaces)
		if err != nil {
			return nil, err
		}
		page.Records = append(page.Records, r)
		last = h[0] + end
	}
	if m := tokenTag.FindSubmatch(body[last:]); m != nil {
		page.Token = strings.TrimSpace(unescape(m[2]))
		if s := sizeText.FindSubmatch(m[1]); s != nil {
			page.CompleteSize = size(string(s[1]))
		}
	}
	return page, nil
}

func unescape(text []byte) string {
	var s string
	if err := xml.Unmarshal(slices.Concat([]byte("<t>"), text, []byte("</t>")), &s); err != nil {
		return string(text)
	}
	return s
}

// splitRecord reads one record of such a page, and tells where it ends.
func splitRecord(text []byte, spaces []space) (r Record, end int, err error) {
	h := headerEnd.FindIndex(text)
	if h == nil {
		return r, 0, errors.New("a header has no end")
	}
	// The prefix of the header is declared further out.
	p := &parser{d: xml.NewDecoder(bytes.NewReader(text[:h[1]]))}
	e, err := p.start()
	if err == nil {
		err = p.header(e, &r)
	}
	if err != nil {
		return r, 0, fmt.Errorf("a header: %w", err)
	}
	m := metadataTag.FindIndex(text[h[1]:])
	if m == nil {
		return r, h[1], nil
	}
	from, to := h[1]+m[1], len(text)
	end = to
	if ends := metadataEnd.FindAllIndex(text[from:], -1); ends != nil {
		to, end = from+ends[len(ends)-1][0], from+ends[len(ends)-1][1]
	}
	inner := bytes.TrimSpace(text[from:to])
	r.Metadata = declared(inner, spaces)
	r.Broken = wellFormed(r.Metadata)
	return r, end, nil
}

// wellFormed tells what keeps a text from being one element.
func wellFormed(text []byte) error {
	d := xml.NewDecoder(bytes.NewReader(text))
	depth, roots := 0, 0
	for {
		t, err := d.Token()
		if err == io.EOF {
			if roots != 1 {
				return fmt.Errorf("%d elements, one is expected", roots)
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch t.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
}
