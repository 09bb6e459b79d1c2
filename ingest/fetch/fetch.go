// Package fetch gets documents over HTTP from servers of libraries, which are slow, busy or
// broken at times, and mends XML where that needs no guess at content. OAI-PMH and SRU ask
// through it.
package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Fetcher gets documents over HTTP from servers that are slow, busy or broken at times, one
// at a time and never faster than Wait.
type Fetcher struct {
	// HTTP does the requests; nil is a client of its own. Redirects are followed.
	HTTP *http.Client

	// UserAgent says who asks; empty is "mocban". From is a mail address for the server's
	// operator (RFC 9110, 10.1.2).
	UserAgent, From string

	// Wait is the least time between two requests (0 means a second), Timeout the longest that
	// one may take (0 means two minutes), Tries how often a request is made (0 means 5).
	Wait    time.Duration
	Timeout time.Duration
	Tries   int

	// MaxBytes bounds a response, unpacked; 0 means 128 MiB. MaxDelay bounds how long a server
	// may have us wait at a time; 0 means an hour.
	MaxBytes int64
	MaxDelay time.Duration

	// Sleep waits; nil is the clock. Now is the time; nil is the clock.
	Sleep func(ctx context.Context, d time.Duration) error
	Now   func() time.Time

	// Note, if not nil, is told of each request that is made again.
	Note func(url string, err error, delay time.Duration)

	last time.Time
}

// A StatusError is an answer that is none.
type StatusError struct {
	Status int
	URL    string
	Delay  time.Duration // what the server asks to wait, or 0
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: the server answers %d %s", e.URL, e.Status, http.StatusText(e.Status))
}

// passing tells whether the same request may be answered later.
func (e *StatusError) passing() bool {
	return e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout || e.Status >= 500 && e.Status != http.StatusNotImplemented
}

// Errors of responses.
var (
	ErrTooLarge  = errors.New("the response is larger than allowed")
	ErrTruncated = errors.New("the response is cut off")
	ErrHTML      = errors.New("the server sends a web page instead of XML")
)

// An answerError is an answer whose text is wrong, in a way that may pass.
type answerError struct{ err error }

func (e *answerError) Error() string { return e.err.Error() }
func (e *answerError) Unwrap() error { return e.err }

// Get gets a document, and again where the server is busy, the line breaks, or check, which
// may be nil, calls the answer wrong. The body is unpacked.
func (f *Fetcher) Get(ctx context.Context, url string, check func(body []byte) error) ([]byte, error) {
	tries := f.Tries
	if tries <= 0 {
		tries = 5
	}
	for try := 1; ; try++ {
		if err := f.polite(ctx); err != nil {
			return nil, err
		}
		body, err := f.once(ctx, url)
		if err == nil && check != nil {
			if err = check(body); err != nil {
				err = &answerError{err}
			}
		}
		if err == nil {
			return body, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		delay, again := f.delay(err, try)
		if !again || try == tries {
			return nil, err
		}
		if f.Note != nil {
			f.Note(url, err, delay)
		}
		if err := f.sleep(ctx, delay); err != nil {
			return nil, err
		}
	}
}

// polite waits until the next request may be made.
func (f *Fetcher) polite(ctx context.Context) error {
	wait := f.Wait
	if wait <= 0 {
		wait = time.Second
	}
	now := f.now()
	if left := f.last.Add(wait).Sub(now); !f.last.IsZero() && left > 0 {
		if err := f.sleep(ctx, left); err != nil {
			return err
		}
		now = f.now()
	}
	f.last = now
	return nil
}

// delay tells how long to wait after an error, and whether to try again.
func (f *Fetcher) delay(err error, try int) (time.Duration, bool) {
	longest := f.MaxDelay
	if longest <= 0 {
		longest = time.Hour
	}
	delay := min(5*time.Second<<(try-1), longest)
	var status *StatusError
	if errors.As(err, &status) {
		if status.Delay > longest {
			return 0, false
		}
		if status.Delay > 0 {
			delay = status.Delay
		}
		return delay, status.passing()
	}
	return delay, !errors.Is(err, ErrTooLarge)
}

func (f *Fetcher) now() time.Time {
	if f.Now != nil {
		return f.Now()
	}
	return time.Now()
}

func (f *Fetcher) sleep(ctx context.Context, d time.Duration) error {
	if f.Sleep != nil {
		return f.Sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// once makes one request.
func (f *Fetcher) once(ctx context.Context, url string) ([]byte, error) {
	timeout := f.Timeout
	if timeout <= 0 {
		timeout = 2 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "mocban")
	if f.UserAgent != "" {
		req.Header.Set("User-Agent", f.UserAgent)
	}
	if f.From != "" {
		req.Header.Set("From", f.From)
	}
	req.Header.Set("Accept", "text/xml, application/xml;q=0.9, */*;q=0.1")
	req.Header.Set("Accept-Encoding", "gzip")
	client := f.HTTP
	if client == nil {
		client = defaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, &StatusError{res.StatusCode, url, retryAfter(res.Header.Get("Retry-After"), f.now())}
	}
	return f.read(res.Body)
}

// defaultClient keeps no cookies and goes by the proxies of the environment.
var defaultClient = &http.Client{Transport: http.DefaultTransport}

// read reads a body and unpacks it, where it is gzip whatever the header says.
func (f *Fetcher) read(r io.Reader) ([]byte, error) {
	most := f.MaxBytes
	if most <= 0 {
		most = 128 << 20
	}
	body, err := readUpTo(r, most)
	if err != nil || !bytes.HasPrefix(body, []byte{0x1F, 0x8B}) {
		return body, err
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("unpack the response: %w", err)
	}
	return readUpTo(z, most)
}

func readUpTo(r io.Reader, most int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%w: %w", ErrTruncated, err)
	case err != nil:
		return nil, fmt.Errorf("read the response: %w", err)
	case int64(len(body)) > most:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, most)
	}
	return body, nil
}

// retryAfter reads the header of that name: seconds, or a date (RFC 9110, 10.2.3).
func retryAfter(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return time.Duration(min(n, 1<<30)) * time.Second
	}
	if t, err := http.ParseTime(text); err == nil && t.After(now) {
		return t.Sub(now)
	}
	return 0
}
