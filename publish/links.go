package publish

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"mocban/graph"
	"mocban/graph/disk"
	"mocban/publish/negotiate"
	"mocban/sparql"
)

// links are short addresses of queries, for papers and letters. They are kept in a file that
// only grows:
//
//	name, blank, the query as a JSON string, line feed
//
// A name is the beginning of a hash of the text. So the same query has the same address
// wherever and whenever it is asked for, a line that was damaged is seen, and nobody can make
// an address mean something else. What is full takes no more and forgets nothing.
type links struct {
	path string
	disk linkDisk

	mu    sync.Mutex
	known map[string]linkPlace
	size  int64 // of the file
	named bool  // whether the folder was synced since its name is there
}

// A linkDisk is where the file of links is written.
type linkDisk interface {
	open(path string) (linkFile, error)
	syncFolder(dir string) error
}

type linkFile interface {
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// osDisk is the disk of this machine.
type osDisk struct{}

func (osDisk) open(path string) (linkFile, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
}

func (osDisk) syncFolder(dir string) error { return disk.SyncFolder(dir) }

// A linkPlace is where the line of a link is.
type linkPlace struct {
	at     int64
	length int
}

const (
	maxLink      = 16 << 10 // the longest query that gets a short address
	maxLinks     = 100_000
	maxLinkBytes = 64 << 20
	linkLetters  = 10              // of a name, unless another query has that
	linkCost     = 5 * time.Second // of a client's budget, so that nobody fills the file in a minute
)

// errLinksFull tells that there is no room for more short addresses.
var errLinksFull = errors.New("there is no room for more short addresses")

// openLinks reads the links of a file, which may not be there yet. Lines that cannot be read
// are left alone and counted; the end of one that was cut off is removed when more is added.
func openLinks(path string) (l *links, bad int, err error) {
	l = &links{path: path, disk: osDisk{}, known: map[string]linkPlace{}}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return l, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	for {
		line, err := r.ReadBytes('\n')
		if err == io.EOF {
			return l, bad, nil
		}
		if err != nil {
			return nil, bad, err
		}
		if name, _, ok := readLink(line); ok {
			l.known[name] = linkPlace{l.size, len(line)}
		} else {
			bad++
		}
		l.size += int64(len(line))
	}
}

// readLink reads a line, if it is as it was written.
func readLink(line []byte) (name, text string, ok bool) {
	name, quoted, ok := strings.Cut(string(line), " ")
	if !ok || json.Unmarshal([]byte(quoted), &text) != nil || len(name) < linkLetters || !strings.HasPrefix(linkName(text), name) {
		return "", "", false
	}
	return name, text, true
}

// linkName returns the letters of which the first ones are the name of a query: digits and
// consonants, so that they make no words.
func linkName(text string) string {
	const letters = "0123456789bcdfghjkmnpqrstvwxz"
	sum := sha256.Sum256([]byte(text))
	n, base, rest := new(big.Int).SetBytes(sum[:]), big.NewInt(int64(len(letters))), new(big.Int)
	var b strings.Builder
	for range 3 * linkLetters {
		n.DivMod(n, base, rest)
		b.WriteByte(letters[rest.Int64()])
	}
	return b.String()
}

// get returns the query of a name.
func (l *links) get(name string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.read(name)
}

func (l *links) read(name string) (string, error) {
	p, ok := l.known[name]
	if !ok {
		return "", graph.ErrNotFound
	}
	f, err := os.Open(l.path)
	if err != nil {
		return "", fmt.Errorf("open the short addresses: %w", err)
	}
	defer f.Close()
	line := make([]byte, p.length)
	if _, err := f.ReadAt(line, p.at); err != nil {
		return "", fmt.Errorf("read a short address: %w", err)
	}
	again, text, ok := readLink(line)
	if !ok || again != name {
		return "", fmt.Errorf("the short address %s is damaged in its file", name)
	}
	return text, nil
}

// add returns the name of a query, which is kept when this returns, and whether it is new.
func (l *links) add(text string) (name string, made bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := linkName(text)
	for n := linkLetters; n <= len(all); n++ {
		name = all[:n]
		if _, ok := l.known[name]; !ok {
			return name, true, l.append(name, text)
		}
		if other, err := l.read(name); err != nil || other == text {
			return name, false, err
		}
	}
	return "", false, errLinksFull
}

// append writes a line and waits until it is on the disk. The caller holds the lock.
func (l *links) append(name, text string) error {
	quoted, err := json.Marshal(text)
	if err != nil {
		return err
	}
	line := fmt.Appendf(nil, "%s %s\n", name, quoted)
	if len(l.known) >= maxLinks || l.size+int64(len(line)) > maxLinkBytes {
		return errLinksFull
	}
	f, err := l.disk.open(l.path)
	if err != nil {
		return fmt.Errorf("keep a short address: %w", err)
	}
	err = f.Truncate(l.size) // what a crash has left of a line
	if err == nil {
		_, err = f.WriteAt(line, l.size)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil && !l.named {
		// Also where the file was there before: who made it may have been stopped here.
		err = l.disk.syncFolder(filepath.Dir(l.path))
	}
	if err != nil {
		return fmt.Errorf("keep a short address: %w", err)
	}
	l.named = true
	l.known[name] = linkPlace{l.size, len(line)}
	l.size += int64(len(line))
	return nil
}

// queryType is the media type of a query as it is.
const queryType = "application/sparql-query"

// makeLink gives a query, which is the body, a short address. Scripts of other sites cannot ask
// for it: a body of this type is sent after a preflight alone.
func (s *site) makeLink(w http.ResponseWriter, r *http.Request) error {
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || mediaType != queryType || charset != "" && !strings.EqualFold(charset, "utf-8") {
		w.Header().Set("Accept-Post", queryType)
		return &requestError{http.StatusUnsupportedMediaType, "media-type", "Gửi truy vấn bằng " + queryType + ", UTF-8.", "Send the query as " + queryType + ", in UTF-8."}
	}
	who := client(r)
	if err := s.budgets.check(who); err != nil {
		return err
	}
	body, err := uploaded(w, r, maxLink)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(string(body))
	if at := notUTF8(text); at >= 0 {
		return badRequest(fmt.Sprintf("Truy vấn không phải UTF-8 ở byte %d.", at), fmt.Sprintf("The query is not UTF-8 at byte %d.", at))
	}
	if _, err := s.c.Engine.Prepare(sparql.Request{Text: text, Base: s.c.Base}); err != nil {
		s.budgets.charge(who, 0, true)
		return err
	}
	name, made, err := s.links.add(text)
	if errors.Is(err, errLinksFull) {
		s.c.Log.Error("no room for more short addresses of queries", "file", s.links.path)
		return &requestError{http.StatusInsufficientStorage, "links-full", "Hết chỗ cho địa chỉ ngắn; hãy dùng địa chỉ đầy đủ.", "There is no room for more short addresses; use the long one."}
	}
	if err != nil {
		return err
	}
	status := http.StatusOK
	if made {
		s.budgets.charge(who, linkCost, false)
		status = http.StatusCreated
	}
	h := w.Header()
	address := s.url("sparql/q/" + name)
	h.Set("Location", address)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	}{name, address})
}

// followLink answers a short address: the editor with the query for people, its text for who
// asks for that, and the answer of the query for who asks for a form of answers.
func (s *site) followLink(w http.ResponseWriter, r *http.Request) error {
	text, err := s.links.get(chi.URLParam(r, "name"))
	if err != nil {
		return err
	}
	offered := []negotiate.Offer{{Type: formHTML.mediaType, Aliases: formHTML.aliases}, {Type: queryType, Aliases: []string{"text/plain"}}}
	for _, f := range rowForms {
		offered = append(offered, negotiate.Offer{Type: f.mediaType(), Aliases: f.rows.Aliases})
	}
	for _, f := range graphForms {
		offered = append(offered, negotiate.Offer{Type: f.mediaType(), Aliases: f.graph.Aliases})
	}
	accept := strings.Join(r.Header.Values("Accept"), ", ")
	chosen := negotiate.Choose(accept, offered)
	values := r.URL.Query()
	switch {
	case values.Has("format") || values.Has("output") || accept != "" && chosen > 1:
		values.Set("query", text)
		again := r.Clone(r.Context())
		again.URL.RawQuery = values.Encode()
		return s.sparql(w, again)
	case accept == "" || chosen == 1:
		w.Header().Set("X-Robots-Tag", "noindex")
		s.send(w, r, answer{contentType: queryType + "; charset=utf-8", body: []byte(text + "\n"), cache: cachePage, vary: []string{"Accept"}})
		return nil
	case chosen == 0:
		addVary(w.Header(), "Accept")
		return s.drawEditor(w, r, "sparql/q/"+chi.URLParam(r, "name"), text, true)
	}
	e := &notAcceptable{}
	for _, o := range offered {
		e.offers = append(e.offers, offer{Type: o.Type})
	}
	return e
}
