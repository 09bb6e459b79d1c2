package publish

import (
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// Write says who may change the data over HTTP: by SPARQL Update and by the Graph Store
// Protocol.
type Write struct {
	// Token is what a request shows in Authorization: Bearer (RFC 6750). Where it is empty,
	// none is asked for, and only programs on this machine may write: no browser for another
	// site, and nobody through a proxy.
	Token string

	// MaxBytes bounds what one request brings; 0 means 64 MiB.
	MaxBytes int64
}

const defaultWriteBytes = 64 << 20

// A tokenError tells that a request may not write. Given is set if it showed a token.
type tokenError struct{ given bool }

func (e *tokenError) Error() string { return "a token is needed to write" }

// challenge sets what RFC 6750, 3 asks for.
func (e *tokenError) challenge(h http.Header) {
	c := `Bearer realm="mocban"`
	if e.given {
		c += `, error="invalid_token"`
	}
	h.Set("WWW-Authenticate", c)
}

// writable tells whether a request may change the data, by the error that it gets if not.
func (s *site) writable(r *http.Request) error {
	switch {
	case s.c.Write == nil:
		return &requestError{http.StatusBadRequest, "update-refused", "Ở đây chỉ hỏi, không sửa dữ liệu.", "This endpoint answers queries; it takes no updates."}
	case s.c.Write.Token == "":
		if !fromHere(r) {
			return &requestError{http.StatusForbidden, "write-local",
				"Không có mã truy cập thì chỉ chương trình trên chính máy chủ mới được sửa dữ liệu.",
				"Without a token, only programs on the server itself may change the data."}
		}
		return nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return &tokenError{}
	}
	have, want := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256([]byte(s.c.Write.Token))
	if subtle.ConstantTimeCompare(have[:], want[:]) != 1 {
		return &tokenError{given: true}
	}
	return nil
}

// fromHere tells whether a request comes from a program on this machine: not through a proxy
// that runs here, not from a page of another site in a browser, and not by a name that
// somebody else lets point here.
func fromHere(r *http.Request) bool {
	for _, name := range []string{"Origin", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if len(r.Header.Values(name)) > 0 {
			return false
		}
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "none" {
		return false
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return false
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.Unmap().IsLoopback()
}

// uploaded reads a body. Its time limit moves on as long as bytes come.
func uploaded(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	return io.ReadAll(&upload{http.NewResponseController(w), http.MaxBytesReader(w, r.Body, most)})
}

// uploadWait is how long a client may keep still within a body.
const uploadWait = 30 * time.Second

type upload struct {
	control *http.ResponseController
	body    io.Reader
}

func (u *upload) Read(b []byte) (int, error) {
	_ = u.control.SetReadDeadline(time.Now().Add(uploadWait)) // not every writer has one
	return u.body.Read(b)
}
