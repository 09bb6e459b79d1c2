// Package oaipmh asks servers of OAI-PMH 2.0 for their records, and copes with how such servers
// really answer: late, in parts, with 503, with web pages, with XML that is none.
//
// What to hold in mind:
//
//   - What is asked again is asked politely: one request at a time, with a pause, as late as the
//     server says. A web page, a response that is cut off or that is no XML is asked for again,
//     and is an error at the end, never a short list.
//   - A resumption token goes alone (OAI-PMH 2.0, 3.5). One that comes a second time is an
//     error: the list would never end.
//   - noRecordsMatch is an empty list, and idDoesNotExist a record that is gone.
//   - Responses are mended only where that needs no guess ([fetch.Clean]), and what was done is told.
//     A record that is no XML is given as broken, and costs no other.
package oaipmh

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"mocban/ingest/fetch"
)

// A Client asks one server.
type Client struct {
	*fetch.Fetcher
	Base string // the base URL of the repository, which may hold a query already
}

// A Request is what to ask for. A Token goes alone.
type Request struct {
	Verb                                 string
	Prefix, Set, From, Until, Identifier string
	Token                                string
}

// ErrTokenLoop tells that a server sends a resumption token that it sent before.
var ErrTokenLoop = errors.New("the server sends a resumption token again, so the list would not end")

// ErrBadToken tells that a server knows a resumption token no more.
var ErrBadToken = errors.New("the server does not take its resumption token any more")

// Location returns the URL of a request.
func (c *Client) Location(r Request) string {
	var b strings.Builder
	base, _, _ := strings.Cut(strings.TrimSpace(c.Base), "#")
	b.WriteString(base)
	sep := byte('?')
	if strings.Contains(base, "?") {
		sep = '&'
		if strings.HasSuffix(base, "?") || strings.HasSuffix(base, "&") {
			sep = 0
		}
	}
	add := func(name, value string) {
		if value == "" {
			return
		}
		if sep != 0 {
			b.WriteByte(sep)
		}
		sep = '&'
		b.WriteString(name + "=" + url.QueryEscape(value))
	}
	add("verb", r.Verb)
	if r.Token != "" {
		add("resumptionToken", r.Token)
		return b.String()
	}
	add("identifier", r.Identifier)
	add("metadataPrefix", r.Prefix)
	add("from", r.From)
	add("until", r.Until)
	add("set", r.Set)
	return b.String()
}

// Page asks for one page and returns it with its bytes as they came. Errors of the protocol are
// errors here, as *[Error], but for noRecordsMatch.
func (c *Client) Page(ctx context.Context, r Request) ([]byte, *Page, error) {
	var page *Page
	body, err := c.Get(ctx, c.Location(r), func(body []byte) (err error) {
		page, err = ParsePage(body)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", r.Verb, err)
	}
	for i := range page.Errors {
		switch e := &page.Errors[i]; e.Code {
		case "noRecordsMatch", "noSetHierarchy":
		case "badResumptionToken":
			return nil, nil, fmt.Errorf("%s: %w (%s)", r.Verb, ErrBadToken, e.Message)
		default:
			return nil, nil, fmt.Errorf("%s: %w", r.Verb, e)
		}
	}
	if page.Verb != r.Verb && len(page.Errors) == 0 {
		return nil, nil, fmt.Errorf("%s: the server answers with <%s>", r.Verb, page.Verb)
	}
	return body, page, nil
}

// Identify asks what the server says of itself.
func (c *Client) Identify(ctx context.Context) (Identity, error) {
	_, page, err := c.Page(ctx, Request{Verb: "Identify"})
	if err != nil {
		return Identity{}, err
	}
	return page.Identity, nil
}

// Formats asks for the metadata formats of the server, or those of a record.
func (c *Client) Formats(ctx context.Context, identifier string) ([]Format, error) {
	_, page, err := c.Page(ctx, Request{Verb: "ListMetadataFormats", Identifier: identifier})
	if err != nil {
		return nil, err
	}
	return page.Formats, nil
}

// Sets asks for the sets of the server; one that has none gives none.
func (c *Client) Sets(ctx context.Context) (sets []Set, err error) {
	err = c.List(ctx, Request{Verb: "ListSets"}, func(_ []byte, p *Page) error {
		sets = append(sets, p.Sets...)
		return nil
	})
	return sets, err
}

// GetRecord asks for one record. A record that does not exist is a deleted one.
func (c *Client) GetRecord(ctx context.Context, identifier, prefix string) ([]byte, Record, error) {
	body, page, err := c.Page(ctx, Request{Verb: "GetRecord", Identifier: identifier, Prefix: prefix})
	var oai *Error
	if errors.As(err, &oai) && oai.Code == "idDoesNotExist" {
		return nil, Record{Identifier: identifier, Deleted: true}, nil
	}
	if err != nil {
		return nil, Record{}, err
	}
	if len(page.Records) != 1 {
		return nil, Record{}, fmt.Errorf("GetRecord: %d records for %s", len(page.Records), identifier)
	}
	return body, page.Records[0], nil
}

// List asks for all pages of a list and gives each to f. A Token in the request goes on where a
// list was left.
func (c *Client) List(ctx context.Context, r Request, f func(body []byte, p *Page) error) error {
	seen := map[string]bool{}
	if r.Token != "" {
		seen[r.Token] = true
	}
	for {
		body, page, err := c.Page(ctx, r)
		if err != nil {
			return err
		}
		loop := page.Token != "" && seen[page.Token]
		if loop {
			page.Token = ""
		}
		if err := f(body, page); err != nil {
			return err
		}
		if loop {
			return fmt.Errorf("%s: %w", r.Verb, ErrTokenLoop)
		}
		if page.Token == "" {
			return nil
		}
		seen[page.Token] = true
		r = Request{Verb: r.Verb, Token: page.Token}
	}
}
