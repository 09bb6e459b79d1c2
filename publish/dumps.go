package publish

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/publish/web"
)

// A dumpFile is a file that can be downloaded.
type dumpFile struct {
	name string
	size int64
	time time.Time
}

// dumpFiles lists the files of the folder of dumps, and none if it cannot be read.
func (s *site) dumpFiles() (files []dumpFile) {
	if s.c.Dumps == "" {
		return nil
	}
	entries, err := os.ReadDir(s.c.Dumps)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.c.Log.Warn("folder of dumps cannot be read", "error", err)
		}
		return nil
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue // files that are being written begin with a dot
		}
		files = append(files, dumpFile{e.Name(), info.Size(), info.ModTime().UTC()})
	}
	slices.SortFunc(files, func(a, b dumpFile) int { return strings.Compare(a.name, b.name) })
	return files
}

// dumpFormat returns the format of RDF that a compressed file holds.
func dumpFormat(name string) (*rdfio.Format, bool) {
	plain, ok := strings.CutSuffix(name, ".gz")
	if !ok {
		return nil, false
	}
	return rdfio.ByExtension(path.Ext(plain))
}

// dumps lists what can be downloaded.
func (s *site) dumps(w http.ResponseWriter, r *http.Request) error {
	lang := s.lang(r)
	var files []web.File
	var newest time.Time
	for _, f := range s.dumpFiles() {
		files = append(files, web.File{Name: f.name, Href: s.path + "dumps/" + encodePath(f.name), Size: size(f.size), Time: f.time.Format("2006-01-02 15:04 UTC")})
		if f.time.After(newest) {
			newest = f.time
		}
	}
	p := s.page(r, lang, "dumps/")
	p.Title, p.Description = web.Word(lang, "dumps"), web.Word(lang, "dumps-lead")
	p.Canonical, p.Alternates = s.url(lang+"/dumps/"), s.alternates("dumps/")
	s.sendPage(w, r, p, s.pages.Dumps(p, files), newest)
	return nil
}

// size writes a number of bytes with its unit.
func size(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	x, i := float64(n), 0
	for x >= 1024 && i < len(units)-1 {
		x, i = x/1024, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", x, units[i])
}

// dump sends a file, or the parts of it that are asked for (RFC 9110, 14).
func (s *site) dump(w http.ResponseWriter, r *http.Request) error {
	name := chi.URLParam(r, "name")
	if s.c.Dumps == "" || strings.HasPrefix(name, ".") || strings.ContainsAny(name, `/\%`) {
		return graph.ErrNotFound
	}
	if len(r.Header.Get("Range")) > 200 || strings.Count(r.Header.Get("Range"), ",") >= 8 {
		r.Header.Del("Range") // the whole is an answer too
	}
	root, err := os.OpenRoot(s.c.Dumps)
	if err != nil {
		return graph.ErrNotFound
	}
	defer root.Close()
	f, err := root.Open(name)
	if err != nil {
		return graph.ErrNotFound
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return graph.ErrNotFound
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	if strings.HasSuffix(name, ".gz") {
		h.Set("Content-Type", "application/gzip")
		h.Set("Content-Disposition", `attachment; filename="`+strings.ReplaceAll(name, `"`, "")+`"`)
	} else if form, ok := rdfio.ByExtension(path.Ext(name)); ok {
		h.Set("Content-Type", form.MediaType)
	}
	h.Set("ETag", `"`+hash(fmt.Appendf(nil, "%s %d %d", name, info.Size(), info.ModTime().UnixNano()))+`"`)
	h.Set("Cache-Control", "public, max-age=3600")
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Now().Add(writeTime))
	http.ServeContent(&patient{w, control, 0}, r, "", info.ModTime(), f)
	return nil
}

// A patient writer gives a client time for each part of a long file.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
	sent    int
}

func (p *patient) Write(b []byte) (int, error) {
	if p.sent += len(b); p.sent > 1<<20 {
		p.sent = 0
		_ = p.control.SetWriteDeadline(time.Now().Add(writeTime))
	}
	return p.ResponseWriter.Write(b)
}
