package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mocban/ingest/marc"
)

// catalogue returns bibliographic records and the authority records that their headings lead to,
// by name, by another name, by number, and to none of two.
func catalogue(t *testing.T) []byte {
	t.Helper()
	var text strings.Builder
	for i := range 20 {
		fmt.Fprintf(&text, "=LDR  00000nz  a2200000n  4500\n=001  a%d\n=003  VN-A\n=040  ##$aVN-A$bvie\n=035  ##$a(XX-Q)%d\n=100  0#$aTác giả %d,$d1900-\n=400  0#$aBút danh %d\n\n", i, 70+i, i, i)
	}
	for i := range 2 {
		fmt.Fprintf(&text, "=LDR  00000nz  a2200000n  4500\n=001  s%d\n=003  VN-A\n=040  ##$aVN-A$bvie\n=100  0#$aHai người\n\n", i)
	}
	for i := range 300 {
		name := fmt.Sprintf([]string{"$aTác giả %d,$d1900-", "$aBút danh %d", "$aAi đó$0(XX-Q)7%d", "$aNgười khác$0(VN-A)a%d", "$aHai người"}[i%5], i%10)
		name, _, _ = strings.Cut(name, "%!")
		fmt.Fprintf(&text, "=LDR  00000nam a2200000 i 4500\n=001  %d\n=003  VN-A\n=008  260101s2020    vm a          000 1 vie d\n=020  ##$aKhông có\n=100  0#%s\n=245  10$aNhan đề số %d :$btập thơ\n=260  ##$aHà Nội :$bKim Đồng,$c2020\n=500  ##$aPhụ chú %d.\n=650  #4$aThơ$zViệt Nam\n=952  ##$aCN1$p%d\n\n",
			i, name, i%40, i, 1000+i)
	}
	in, err := marc.NewReader(strings.NewReader(text.String()), marc.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var b []byte
	for {
		r, err := in.Next()
		if err != nil {
			return b
		}
		if b, err = r.Append(b, marc.ISO2709); err != nil {
			t.Fatal(err)
		}
	}
}

// parted returns the records of ISO 2709, in order of their bytes.
func parted(b []byte) []string {
	all := strings.SplitAfter(string(b), "\x1D")
	slices.Sort(all)
	return all
}

func sameRecords(t *testing.T, what string, want, got []byte) {
	t.Helper()
	a, b := parted(want), parted(got)
	if slices.Equal(a, b) {
		return
	}
	t.Errorf("%s: %d records of %d bytes, not %d of %d", what, len(b), len(got), len(a), len(want))
	for _, r := range b {
		if _, ok := slices.BinarySearch(a, r); !ok {
			t.Fatalf("%s: there was none like %q", what, r)
		}
	}
}

// ordered runs a test with files of a few thousand quads as if they were large ones.
func ordered(t *testing.T, window, most, memory int) {
	w, m, s := unmapWindow, unmapMost, unmapSort
	unmapWindow, unmapMost, unmapSort = window, most, memory
	t.Cleanup(func() { unmapWindow, unmapMost, unmapSort = w, m, s })
}

// A dump of a whole library comes back as the records that were loaded, byte for byte: graphs are
// mixed in it, and the authority records to which headings lead are part of it.
func TestUnmapDump(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	path := func(name string) string { return filepath.Join(dir, name) }
	records := catalogue(t)
	if err := os.WriteFile(path("all.mrc"), records, 0o600); err != nil {
		t.Fatal(err)
	}
	must := func(want string, args ...string) string {
		t.Helper()
		code, out, errOut := command(t, append([]string{"--lang", "en"}, args...)...)
		if code != 0 || !strings.Contains(errOut, want) {
			t.Fatalf("%v: %d, %q is not told:\n%s", args, code, want, errOut)
		}
		return out
	}
	must("322 records mapped", "load", "-l", path("data"), "--source", "VN-A", path("all.mrc"))
	must("", "dump", "-l", path("data"), "-o", path("all.nq"))
	dumped, err := os.ReadFile(path("all.nq"))
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(path(name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, window := range []int{1 << 20, 1000} { // in memory, and sorted
		ordered(t, window, 1<<20, 200<<10)
		must("322 records as they came, 0 changed, 0 made of triples", "unmap", "--source", "VN-A", "-o", path("back.mrc"), path("all.nq"))
		sameRecords(t, fmt.Sprintf("window %d", window), records, read("back.mrc"))
		var out, errOut bytes.Buffer
		if code := run([]string{"unmap", "--source", "VN-A", "--format", "nq", "-"}, bytes.NewReader(dumped), &out, &errOut); code != 0 {
			t.Fatalf("from a pipe: %s", errOut.String())
		}
		sameRecords(t, fmt.Sprintf("window %d, from a pipe", window), records, out.Bytes())
	}
	if left, _ := filepath.Glob(path("mocban-*")); len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
	ordered(t, 1000, 1<<20, 200<<10)
	one := must("1 records as they came", "unmap", "--source", "VN-A", "--record", "a3", path("all.nq"))
	if !strings.Contains(one, "Bút danh 3") {
		t.Errorf("the record that was asked for: %q", one)
	}
	_, _, errOut := command(t, "unmap", "--lang", "en", "--from-triples", "-o", path("made.mrc"), path("all.nq"))
	if !strings.Contains(errOut, "0 records as they came, 0 changed, 300 made of triples") {
		t.Error(errOut)
	}
}

// What map writes has one graph behind the other and needs no sorting. Where a graph comes again
// all the same, and where triples in no graph are too many, that is told.
func TestUnmapOrder(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", filepath.Join(dir, "nowhere")) // nothing is sorted
	path := func(name string) string { return filepath.Join(dir, name) }
	records := catalogue(t)
	if err := os.WriteFile(path("all.mrc"), records, 0o600); err != nil {
		t.Fatal(err)
	}
	ordered(t, 1000, 1<<20, 200<<10)
	for _, authorities := range [][]string{nil, {"--authorities", path("all.mrc")}} {
		if code, _, errOut := command(t, append([]string{"map", "--source", "VN-A", "--original", "-o", path("all.nq"), path("all.mrc")}, authorities...)...); code != 0 {
			t.Fatal(errOut)
		}
		code, _, errOut := command(t, append([]string{"unmap", "--lang", "en", "--source", "VN-A", "-o", path("back.mrc"), path("all.nq")}, authorities...)...)
		if code != 0 || !strings.Contains(errOut, "322 records as they came") {
			t.Fatalf("%d: %s", code, errOut)
		}
		b, _ := os.ReadFile(path("back.mrc"))
		sameRecords(t, "of map", records, b)
	}
	quads, _ := os.ReadFile(path("all.nq"))
	if err := os.WriteFile(path("twice.nq"), append(quads, quads...), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errOut := command(t, "unmap", "--lang", "en", "--source", "VN-A", "-o", path("back.mrc"), path("twice.nq"))
	if code == 0 || !strings.Contains(errOut, "comes again behind others") || !strings.Contains(errOut, "mocban load") {
		t.Errorf("%d: %s", code, errOut)
	}
	// No graphs at all.
	var triples []byte
	for line := range bytes.Lines(quads) {
		triples = append(append(triples, line[:bytes.LastIndexByte(line, '<')]...), ".\n"...)
	}
	if err := os.WriteFile(path("all.nt"), triples, 0o600); err != nil {
		t.Fatal(err)
	}
	ordered(t, 1000, 5000, 200<<10)
	code, _, errOut = command(t, "unmap", "--lang", "en", "-o", path("back.mrc"), path("all.nt"))
	if code == 0 || !strings.Contains(errOut, "more than 5000 triples are in no graph") || !strings.Contains(errOut, "--format nq") {
		t.Errorf("%d: %s", code, errOut)
	}
}

// Real records come back from a dump as they come back from the store.
func TestUnmapDumpOfRealRecords(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	data := realData(t)
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	path := func(name string) string { return filepath.Join(dir, name) }
	files := []string{"bib/loc-books-2014.mrc", "bib/hebrew.mrc", "bib/nepali.mrc", "bib/blacklight-30.mrc", "bib/rda-samples.mrc", "bib/lul-fre-500.mrc", "authority"}
	args := []string{"load", "-q", "-r", "-l", path("data")}
	for _, f := range files {
		args = append(args, filepath.Join(data, f))
	}
	if code, _, errOut := command(t, args...); code > 1 && !strings.Contains(errOut, "records mapped") {
		t.Fatalf("%d: %s", code, errOut)
	}
	for _, args := range [][]string{
		{"dump", "-l", path("data"), "-o", path("all.nq")},
		{"unmap", "-l", path("data"), "-o", path("store.mrc")},
	} {
		if code, _, errOut := command(t, append([]string{"--lang", "en"}, args...)...); code != 0 {
			t.Fatalf("%v: %d: %s", args, code, errOut)
		}
	}
	ordered(t, 1000, 1<<20, 4<<20)
	code, _, errOut := command(t, "unmap", "--lang", "en", "-o", path("dump.mrc"), path("all.nq"))
	if code != 0 || !strings.Contains(errOut, " 0 changed, 0 made of triples") {
		t.Fatalf("%d: %s", code, errOut)
	}
	want, _ := os.ReadFile(path("store.mrc"))
	got, _ := os.ReadFile(path("dump.mrc"))
	if len(parted(want)) < 500 {
		t.Fatalf("only %d records", len(parted(want)))
	}
	sameRecords(t, "real records", want, got)
}
