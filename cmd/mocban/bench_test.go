package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"mocban/ingest"
)

var loadFile = flag.String("load", "", "file of records or of RDF for BenchmarkLoad")

// BenchmarkLoad is the command that loads a file into a new store:
//
//	go test ./cmd/mocban -run - -bench Load -benchtime 1x -load records.mrc [-cpuprofile cpu.prof]
func BenchmarkLoad(b *testing.B) {
	if *loadFile == "" {
		b.Skip("no -load file")
	}
	for b.Loop() {
		dir := b.TempDir()
		before := processorTime(b)
		var out, errOut bytes.Buffer
		code := run([]string{"load", "-q", "--json", "-l", dir, "--base-uri", "http://example.org/", *loadFile}, strings.NewReader(""), &out, &errOut)
		if code != 0 {
			b.Fatal(errOut.String())
		}
		var report ingest.Report
		if json.Unmarshal(out.Bytes(), &report) == nil {
			b.ReportMetric(float64(report.Records)/(processorTime(b)-before), "records/cpu-s")
			b.ReportMetric(float64(report.Quads)/(processorTime(b)-before), "quads/cpu-s")
		}
		b.ReportMetric(float64(runtime.GOMAXPROCS(0)), "cores")
		os.RemoveAll(dir)
	}
}

// processorTime returns the seconds that the process has used.
func processorTime(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
