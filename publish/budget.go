package publish

import (
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// What one client may ask of the endpoint, where nothing else is said: query seconds and
// mistakes a minute. Twice as much may come at once.
const (
	defaultBudget = time.Minute
	errorBudget   = 30
	maxAtOnce     = 4      // queries of one client that are not quick, running or waiting
	maxClients    = 20_000 // that are remembered
)

// budgets keep what each client has left. Time comes back evenly, so that one who asks less
// than the budget never notices it.
type budgets struct {
	perMinute time.Duration // of queries; below 0 there is no bound
	now       func() time.Time

	mu      sync.Mutex
	clients map[string]*account
	atOnce  map[string]int // what begin has let in
}

// An account is what a client has left, at a time.
type account struct {
	at      time.Time
	seconds float64
	errors  float64
}

// A budgetError tells that a client has asked for too much, and when to come again.
type budgetError struct {
	after  time.Duration
	errors bool // too many mistakes, not too much time
	atOnce bool // too many queries at one time
}

func (e *budgetError) Error() string { return "this client has used up its share of the endpoint" }

// client returns what a client is known by, "" for one without bounds: its address, or the
// first half of it where one household has the other half to itself (RFC 6177). A proxy on
// this machine says whom it speaks for; who comes from this machine itself has no bounds.
func client(r *http.Request) string {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	address := from.Addr().Unmap()
	if address.IsLoopback() {
		all := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		last, err := netip.ParseAddr(strings.TrimSpace(all[len(all)-1]))
		if err != nil || last.Unmap().IsLoopback() {
			return ""
		}
		address = last.Unmap()
	}
	if address.Is6() {
		p, err := address.WithZone("").Prefix(64)
		if err == nil {
			return p.String()
		}
	}
	return address.String()
}

func (b *budgets) most() (seconds, errors float64) {
	return 2 * b.perMinute.Seconds(), 2 * errorBudget
}

// of returns the account of a client as it is now. The caller holds the lock.
func (b *budgets) of(client string) *account {
	seconds, errors := b.most()
	now := b.now()
	a := b.clients[client]
	if a == nil {
		if b.clients == nil {
			b.clients = map[string]*account{}
		}
		if len(b.clients) >= maxClients {
			b.forget(now)
		}
		a = &account{at: now, seconds: seconds, errors: errors}
		b.clients[client] = a
		return a
	}
	minutes := max(0, now.Sub(a.at).Minutes())
	a.at = now
	a.seconds = min(seconds, a.seconds+minutes*b.perMinute.Seconds())
	a.errors = min(errors, a.errors+minutes*errorBudget)
	return a
}

// forget drops the clients that have all they may have by now, or everyone if that is nobody.
func (b *budgets) forget(now time.Time) {
	for name, a := range b.clients {
		if now.Sub(a.at) > 2*time.Minute && a.seconds > 0 && a.errors > 0 {
			delete(b.clients, name)
		}
	}
	if len(b.clients) >= maxClients {
		clear(b.clients)
	}
}

// check tells whether a client may ask now.
func (b *budgets) check(client string) error {
	if client == "" || b.perMinute < 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.of(client)
	switch {
	case a.seconds <= 0:
		return &budgetError{after: minutes((1 - a.seconds) / b.perMinute.Seconds())}
	case a.errors < 1:
		return &budgetError{after: minutes((1 - a.errors) / errorBudget), errors: true}
	}
	return nil
}

// begin lets a client have one more query that is not quick: what it takes is known only at its
// end, and by then a client that asks for many at once would hold all places. Who is let in calls
// end.
func (b *budgets) begin(client string) (end func(), err error) {
	if client == "" || b.perMinute < 0 {
		return func() {}, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.atOnce[client] >= maxAtOnce {
		return nil, &budgetError{after: queueTime, atOnce: true}
	}
	if b.atOnce == nil {
		b.atOnce = map[string]int{}
	}
	b.atOnce[client]++
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.atOnce[client]--; b.atOnce[client] == 0 {
			delete(b.atOnce, client)
		}
	}, nil
}

func minutes(n float64) time.Duration { return time.Duration(math.Ceil(n*60)) * time.Second }

// charge notes what a client had: so much time, and whether its query was a mistake.
func (b *budgets) charge(client string, took time.Duration, mistake bool) {
	if client == "" || b.perMinute < 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.of(client)
	a.seconds -= took.Seconds()
	if mistake {
		a.errors--
	}
}

// tell says in the headers of an answer what a client has left (RateLimit header fields for
// HTTP, draft 10).
func (b *budgets) tell(h http.Header, client string) {
	if client == "" || b.perMinute < 0 {
		return
	}
	b.mu.Lock()
	a := *b.of(client)
	b.mu.Unlock()
	seconds, _ := b.most()
	h.Set("RateLimit-Policy", fmt.Sprintf(`"query-seconds";q=%.0f;w=120`, seconds))
	h.Set("RateLimit", fmt.Sprintf(`"query-seconds";r=%.0f;t=%.0f`, math.Floor(max(0, a.seconds)), math.Ceil((seconds-a.seconds)/b.perMinute.Seconds()*60)))
}
