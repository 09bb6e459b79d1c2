package w3c

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/publish"
	"mocban/publish/outbound"
	"mocban/sparql"
	"mocban/sparql/results"
)

// The same suites over HTTP: the endpoint of a site, with the Badger store behind it. Formats
// take turns.
func TestHTTP(t *testing.T) {
	report := slices.Concat(queryTests(t), federatedTests(t), updateTests(t))
	report = slices.DeleteFunc(report, func(o Outcome) bool { return o.Test.Kind != Evaluation && o.Test.Kind != UpdateEvaluation })
	open := badger(t)
	store, err := open()
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]Report{}
	for _, o := range report {
		versions[o.Test.Version()] = append(versions[o.Test.Version()], o)
	}
	for version, report := range versions {
		t.Run(version, func(t *testing.T) {
			site, err := publish.New(publish.Config{Base: "http://localhost/", Store: store, Engine: engine(version), Write: &publish.Write{Token: token}})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(site)
			defer server.Close()
			e := &endpoint{address: server.URL + "/sparql"}
			run(t, report, &Runner{Open: open, Answer: e.answer, Change: e.change, Federate: federated})
			if e.asked < len(report)*9/10 {
				t.Errorf("%d tests, but only %d questions", len(report), e.asked)
			}
		})
	}
}

// federated puts the endpoints of a test on the net, and returns an engine that asks them there
// as the program does. They ask each other likewise.
func federated(f *Federation) (*sparql.Engine, func(), error) {
	at := map[string]string{} // of the host of an endpoint
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil || at[host] == "" {
			return nil, fmt.Errorf("there is no host %s", address)
		}
		return new(net.Dialer).DialContext(ctx, network, at[host])
	}
	var names []string
	for name := range f.Stores {
		names = append(names, string(name))
	}
	client, err := outbound.New(outbound.Options{Services: append(names, "http://invalid.endpoint.org/sparql"), Dial: dial})
	if err != nil {
		return nil, nil, err
	}
	engine := sparql.New(sparql.Options{Strict: true, Services: client})
	var servers []*httptest.Server
	end := func() {
		for _, s := range servers {
			s.Close()
		}
	}
	for name, store := range f.Stores {
		u, err := url.Parse(string(name))
		if err != nil {
			return nil, end, err
		}
		site, err := publish.New(publish.Config{Base: graph.IRI("http://" + u.Host + "/"), Store: store, Engine: engine})
		if err != nil {
			return nil, end, err
		}
		s := httptest.NewServer(site)
		servers = append(servers, s)
		at[u.Host] = s.Listener.Addr().String()
	}
	return engine, end, nil
}

const token = "only for this test"

// An endpoint is asked over HTTP.
type endpoint struct {
	address string
	asked   int
}

// change sends an update, as a form or as it is.
func (e *endpoint) change(ctx context.Context, _ graph.Store, req sparql.UpdateRequest) error {
	e.asked++
	text := "BASE <" + string(req.Base) + "> " + req.Text
	body, mediaType := text, "application/sparql-update"
	if e.asked%2 == 0 {
		body, mediaType = url.Values{"update": {text}}.Encode(), "application/x-www-form-urlencoded"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.address, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", mediaType)
	r.Header.Set("Authorization", "Bearer "+token)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusNoContent {
		text, _ := io.ReadAll(io.LimitReader(w.Body, 2000))
		return fmt.Errorf("%s: %s", w.Status, text)
	}
	return nil
}

func (e *endpoint) answer(ctx context.Context, _ graph.Snapshot, req sparql.Request) (*Answer, error) {
	e.asked++
	rows := []*results.Format{results.JSON, results.XML, results.TSV}[e.asked%3]
	form := url.Values{"query": {"BASE <" + string(req.Base) + "> " + req.Text}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", fmt.Sprintf("%s, application/n-triples, %s;q=0.5", rows.MediaType, results.JSON.MediaType))
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(w.Body, 2000))
		return nil, fmt.Errorf("%s: %s", w.Status, text)
	}
	if f, ok := results.ByMediaType(w.Header.Get("Content-Type")); ok {
		res, err := results.Read(f, w.Body)
		return &Answer{Result: res}, err
	}
	in, err := rdfio.NewReader(rdfio.NTriples, w.Body, rdfio.ReadOptions{})
	if err != nil {
		return nil, err
	}
	a := new(Answer)
	batch := make([]graph.Quad, 64)
	for {
		n, err := in.Read(batch)
		a.Triples = append(a.Triples, batch[:n]...)
		if err == io.EOF {
			return a, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
