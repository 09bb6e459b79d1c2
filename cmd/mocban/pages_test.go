package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/store"
	"mocban/publish"
	"mocban/publish/resource"
	"mocban/vocab/bf"
)

// pageFiles are the records that BenchmarkPages draws pages of.
var pageFiles = []string{"uva-2000.mrc", "m2b-loc_general.xml", "jazz-1k.mrc", "lul-fre-500.mrc"}

// BenchmarkPages draws documents of works, instances and agents from a store of real
// records, with no cache of documents, and tells the CPU time of one.
func BenchmarkPages(b *testing.B) {
	s := pageStore(b)
	paths := pagePaths(b, s)
	for _, cache := range []struct {
		name  string
		bytes int
	}{{"uncached", -1}, {"cached", 64 << 20}} {
		h, err := publish.New(publish.Config{Base: "http://" + defaultBind + "/", Store: s, Records: marcRecords{}, Cache: cache.bytes})
		if err != nil {
			b.Fatal(err)
		}
		for _, ext := range []string{"jsonld", "json", "html", "ttl"} {
			for _, kind := range []string{"work", "instance", "agent"} {
				b.Run(cache.name+"/"+ext+"/"+kind, func(b *testing.B) { drawPages(b, h, paths[kind], ext) })
			}
		}
	}
}

func pageStore(b *testing.B) graph.Store {
	dir := filepath.Join(b.TempDir(), "data")
	args := []string{"load", "-q", "-l", dir, "--source", "TEST"}
	for _, name := range pageFiles {
		path := filepath.Join("..", "..", "..", "shared", "data", "bib", name)
		if _, err := os.Stat(path); err != nil {
			b.Skip("../shared/data is absent: no real records to draw")
		}
		args = append(args, path)
	}
	var out, errOut bytes.Buffer
	if code := run(args, strings.NewReader(""), &out, &errOut); code != exitOK && code != exitFindings {
		b.Fatalf("load: exit %d\n%s", code, &errOut)
	}
	s, err := store.Open(filepath.Join(dir, "store"), store.Options{ReadOnly: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// pagePaths returns the paths of some hundred documents of each kind, from all over the store.
func pagePaths(b *testing.B, s graph.Store) map[string][]string {
	snap, err := s.Snapshot()
	if err != nil {
		b.Fatal(err)
	}
	defer snap.Close()
	paths := make(map[string][]string)
	for kind, class := range map[string]graph.IRI{"work": bf.Work, "instance": bf.Instance, "agent": bf.AgentClass} {
		things, err := resource.OfClass(context.Background(), snap, []graph.IRI{class}, 0)
		if err != nil {
			b.Fatal(err)
		}
		var all []string
		for _, t := range things {
			if _, path, ok := strings.Cut(t.Value(), "/id/"); ok && strings.HasPrefix(path, kind+"/") && !strings.Contains(path, "#") {
				all = append(all, "/"+path)
			}
		}
		if len(all) < 100 {
			b.Fatalf("%d documents of %s", len(all), class)
		}
		for i := range 100 {
			paths[kind] = append(paths[kind], all[i*len(all)/100])
		}
	}
	return paths
}

func drawPages(b *testing.B, h http.Handler, paths []string, ext string) {
	var requests []*http.Request
	for _, path := range paths {
		requests = append(requests, httptest.NewRequest("GET", path+"."+ext, nil))
	}
	bytes := 0
	draw := func(r *http.Request) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatalf("%s: status %d", r.URL, w.Code)
		}
		bytes += w.Body.Len()
	}
	for _, r := range requests {
		draw(r)
	}
	bytes = 0
	b.ReportAllocs()
	b.ResetTimer()
	start := cpuTime()
	n := 0
	for b.Loop() {
		draw(requests[n%len(requests)])
		n++
	}
	cpu := cpuTime() - start
	b.ReportMetric(float64(cpu.Microseconds())/float64(n), "cpu-µs/op")
	b.ReportMetric(float64(n)/cpu.Seconds(), "pages/cpu-s")
	b.ReportMetric(float64(bytes)/float64(n), "bytes/op")
}

// cpuTime returns what the process has used of the processors.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
