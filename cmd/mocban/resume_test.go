package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestResume loads a file that breaks off in a mistake, mends it so that nobody can tell, and
// goes on. Blank nodes of both parts are the same, and no quad is lost or doubled.
func TestResume(t *testing.T) {
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "all.ttl")
	var good strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&good, "_:b%d <http://example.org/next> _:b%d .\n", i, (i+1)%5000)
	}
	const line = "_:b4200 <http://example.org/next> _:b4201 .\n"
	bad := strings.Replace(good.String(), line, strings.Replace(line, "_:b4201 .", "_:b4201 !", 1), 1)
	if bad == good.String() {
		t.Fatal("the file has no mistake")
	}
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	load := []string{"load", "-l", dir, "--lang", "en", "--resume", "--commit", "1000", "--memory", "64", file}
	write("<http://example.org/a> <http://example.org/p> 1 .\n")
	if code, _, e := command(t, "load", "-q", "-l", dir, file); code != 0 { // so that labels are not kept
		t.Fatal(e)
	}
	write(bad)
	code, _, errOut := command(t, load...)
	if code == 0 || !strings.Contains(errOut, "4,096 quads of this file are in the store") {
		t.Fatalf("code %d: %s", code, errOut)
	}
	write(good.String() + " ")
	if code, _, errOut = command(t, load...); code == 0 || !strings.Contains(errOut, "is of other files, or they were changed") {
		t.Fatalf("a changed file: code %d: %s", code, errOut)
	}
	write(good.String())
	code, _, errOut = command(t, load...)
	if code != 0 || !strings.Contains(errOut, "going on behind 4,096 quads") {
		t.Fatalf("code %d: %s", code, errOut)
	}
	const query = "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) { ?s <http://example.org/next>/<http://example.org/next> ?o }"
	code, out, errOut := command(t, "query", "-l", dir, "--results-format", "csv", query)
	if code != 0 || !strings.Contains(out, "5000,5000") {
		t.Fatalf("code %d: %s%s", code, out, errOut)
	}
	if _, err := os.Stat(filepath.Join(dir, "checkpoint-rdf")); !os.IsNotExist(err) {
		t.Errorf("the checkpoint is still there: %v", err)
	}
}
