// Package outbound is the one way from here to other hosts: it asks endpoints for SERVICE and
// fetches documents for LOAD, for people whom nobody knows.
//
// What to hold in mind:
//
//   - Nobody is asked who is not on the list. An entry is an endpoint, or what an address begins
//     with, up to a slash.
//   - What counts is the address that is dialled: one of this machine, of a private network or of
//     a single link is refused, whatever its name says, each time anew. Private allows them.
//   - Redirects are not followed, proxies of the environment not used, cookies not kept.
//   - An answer has a limit of time and bytes, and is read to its end or not used.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/sparql/results"
)

// Options say who is asked, and how much is taken. The zero value asks nobody.
type Options struct {
	// Services are the endpoints that SERVICE may name, as they are written there.
	Services []string

	// Documents are what addresses begin with that LOAD may name: "https://example.org/data/".
	// One with file: names a folder of this machine.
	Documents []string

	Time  time.Duration // of a request; 0 means 10 s
	Bytes int64         // of an answer; 0 means 10 MiB

	// Private allows addresses of this machine and of private networks: for tests, and for
	// endpoints of one's own house.
	Private bool

	// Dial connects in place of the network, and then nothing checks the address: for tests.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

const (
	defaultTime  = 10 * time.Second
	defaultBytes = 10 << 20
	userAgent    = "mocban (linked data of libraries)"
	maxURL       = 2000 // of a query sent by GET
)

// ErrNotAllowed tells that an address is not on the list.
var ErrNotAllowed = errors.New("this address is not on the list of those that are asked")

// ErrPrivate tells that an address is one of this machine or of a private network.
var ErrPrivate = errors.New("an address of this machine or of a private network is not asked")

// A Client asks other hosts. Any number of goroutines may use it.
type Client struct {
	o         Options
	http      *http.Client
	services  map[graph.IRI]bool
	documents []string
}

// New returns a client, or tells which entry of a list is none.
func New(o Options) (*Client, error) {
	if o.Time <= 0 {
		o.Time = defaultTime
	}
	if o.Bytes <= 0 {
		o.Bytes = defaultBytes
	}
	c := &Client{o: o, services: map[graph.IRI]bool{}}
	for _, s := range o.Services {
		if err := checkEntry(s, false); err != nil {
			return nil, err
		}
		c.services[graph.IRI(s)] = true
	}
	for _, d := range o.Documents {
		if err := checkEntry(d, true); err != nil {
			return nil, err
		}
		c.documents = append(c.documents, d)
	}
	dial := o.Dial
	if dial == nil {
		d := &net.Dialer{Timeout: o.Time, Control: c.control}
		dial = d.DialContext
	}
	c.http = &http.Client{
		Transport: &http.Transport{
			DialContext: dial, Proxy: nil, MaxResponseHeaderBytes: 64 << 10, MaxIdleConnsPerHost: 4,
			IdleConnTimeout: 30 * time.Second, TLSHandshakeTimeout: o.Time, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// checkEntry tells what is wrong with an entry of a list.
func checkEntry(s string, prefix bool) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return fmt.Errorf("%q is no address: %w", s, err)
	case prefix && u.Scheme == "file" && u.Host == "" && path.IsAbs(u.Path) && strings.HasSuffix(s, "/"):
		return nil
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "":
		return fmt.Errorf("%q is no address to ask: it begins with https:// and a host", s)
	case prefix && (!strings.HasSuffix(s, "/") || u.RawQuery != ""):
		return fmt.Errorf("%q does not end with a slash, so it would allow more than it says", s)
	}
	return nil
}

// control is asked with the address that a name has turned out to be, before it is dialled: a
// name may lead elsewhere from one time to the next.
func (c *Client) control(network, address string, _ syscall.RawConn) error {
	if c.o.Private {
		return nil
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%s: %w", address, err)
	}
	if !public(to.Addr()) {
		return ErrPrivate
	}
	return nil
}

// reserved are the ranges that are for no public host, beside those that netip tells (RFC 6890
// and its successors): shared by providers, protocols, documentation, tests, translation.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("fec0::/10"),
}

// public tells whether an address may be that of a host for everyone. IPv4 within IPv6 is what
// it holds.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || a.IsInterfaceLocalMulticast() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// Select asks an endpoint (SPARQL 1.1 Protocol, 2.1). It is sparql.Services.
func (c *Client) Select(ctx context.Context, endpoint graph.IRI, query string) (*results.Result, error) {
	if !c.services[endpoint] {
		return nil, ErrNotAllowed
	}
	r, err := request(endpoint, query)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", results.JSON.MediaType+", "+results.XML.MediaType+";q=0.8")
	w, end, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	defer end()
	f, ok := results.ByMediaType(w.Header.Get("Content-Type"))
	if !ok || !f.Boolean {
		return nil, fmt.Errorf("the answer is %.80q, and neither JSON nor XML", w.Header.Get("Content-Type"))
	}
	res, err := results.Read(f, &limited{r: w.Body, left: c.o.Bytes, most: c.o.Bytes})
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return res, nil
}

// request makes the request for a query: a short one may be kept on its way.
func request(endpoint graph.IRI, query string) (*http.Request, error) {
	u, err := url.Parse(string(endpoint))
	if err != nil {
		return nil, err
	}
	form := url.Values{"query": {query}}.Encode()
	if len(form)+len(endpoint) < maxURL {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += form
		return http.NewRequest(http.MethodGet, u.String(), nil)
	}
	r, err := http.NewRequest(http.MethodPost, u.String(), strings.NewReader(form))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r, err
}

// do sends a request and sees to it that its answer is one to read. The function ends it.
func (c *Client) do(ctx context.Context, r *http.Request) (w *http.Response, end func(), err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.o.Time, fmt.Errorf("it took longer than %v", c.o.Time))
	r.Header.Set("User-Agent", userAgent)
	if w, err = c.http.Do(r.WithContext(ctx)); err != nil {
		cause := context.Cause(ctx)
		cancel()
		var u *url.Error
		switch {
		case cause != nil:
			err = cause
		case errors.As(err, &u):
			err = u.Err // without the address, which holds the query
		}
		return nil, nil, err
	}
	end = func() {
		w.Body.Close()
		cancel()
	}
	switch {
	case w.StatusCode/100 == 3:
		err = fmt.Errorf("the answer is %d and leads elsewhere, which is not followed", w.StatusCode)
	case w.StatusCode != http.StatusOK:
		err = fmt.Errorf("the answer is status %d", w.StatusCode)
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	return w, end, nil
}

// limited reads an answer up to its limit. A longer one is an error, never a short one.
type limited struct {
	r          io.Reader
	left, most int64
}

func (l *limited) Read(b []byte) (int, error) {
	if l.left < 0 {
		return 0, fmt.Errorf("it is longer than %d MiB", l.most>>20)
	}
	n, err := l.r.Read(b[:min(int64(len(b)), l.left+1)])
	if l.left -= int64(n); l.left < 0 {
		return 0, fmt.Errorf("it is longer than %d MiB", l.most>>20)
	}
	return n, err
}

// Load fetches a document (SPARQL 1.1 Update, 3.1.4). It is sparql.Loader.
func (c *Client) Load(ctx context.Context, document graph.IRI, give func(quads ...graph.Quad) error) error {
	u, err := c.allowed(document)
	if err != nil {
		return err
	}
	if u.Scheme == "file" {
		return c.loadFile(ctx, u, give)
	}
	r, err := http.NewRequest(http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "text/turtle, application/n-triples, application/rdf+xml;q=0.8, application/ld+json;q=0.7, application/trig;q=0.6, application/n-quads;q=0.6")
	w, end, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	defer end()
	f, ok := rdfio.ByMediaType(w.Header.Get("Content-Type"))
	if !ok {
		if f, ok = rdfio.ByExtension(path.Ext(u.Path)); !ok {
			return fmt.Errorf("the answer is %.80q, and no RDF", w.Header.Get("Content-Type"))
		}
	}
	return read(ctx, f, &limited{r: w.Body, left: c.o.Bytes, most: c.o.Bytes}, document, give)
}

// allowed returns the address of a document that is on the list. Dots within it lead nowhere
// else, since what is compared is what is asked for.
func (c *Client) allowed(document graph.IRI) (*url.URL, error) {
	u, err := url.Parse(string(document))
	if err != nil || u.User != nil {
		return nil, ErrNotAllowed
	}
	u.Fragment = ""
	clean := path.Clean("/" + u.Path)
	if strings.TrimSuffix(u.Path, "/") != strings.TrimSuffix(clean, "/") || strings.ContainsAny(u.Path, "\\\x00") {
		return nil, ErrNotAllowed
	}
	for _, d := range c.documents {
		if strings.HasPrefix(string(document), d) {
			return u, nil
		}
	}
	return nil, ErrNotAllowed
}

// loadFile reads a file below one of the folders that are allowed; links do not lead out.
func (c *Client) loadFile(ctx context.Context, u *url.URL, give func(...graph.Quad) error) error {
	if u.Host != "" {
		return ErrNotAllowed
	}
	f, ok := rdfio.ByExtension(path.Ext(u.Path))
	if !ok {
		return fmt.Errorf("the name %q tells no format of RDF", path.Base(u.Path))
	}
	for _, d := range c.documents {
		folder, ok := strings.CutPrefix(d, "file:")
		if !ok || !strings.HasPrefix("file://"+u.Path, "file://"+strings.TrimPrefix(folder, "//")) {
			continue
		}
		root, err := os.OpenRoot(strings.TrimPrefix(folder, "//"))
		if err != nil {
			return errors.New("the folder cannot be opened")
		}
		defer root.Close()
		in, err := root.Open(strings.TrimPrefix(u.Path, strings.TrimPrefix(folder, "//")))
		if err != nil {
			return errors.New("there is no such file")
		}
		defer in.Close()
		if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
			return errors.New("there is no such file")
		}
		return read(ctx, f, &limited{r: in, left: c.o.Bytes, most: c.o.Bytes}, graph.IRI(u.String()), give)
	}
	return ErrNotAllowed
}

func read(ctx context.Context, f *rdfio.Format, in io.Reader, base graph.IRI, give func(...graph.Quad) error) error {
	r, err := rdfio.NewReader(f, in, rdfio.ReadOptions{Base: base})
	if err != nil {
		return err
	}
	quads := make([]graph.Quad, 512)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(quads)
		if n > 0 {
			if err := give(quads[:n]...); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the document: %w", err)
		}
	}
}
