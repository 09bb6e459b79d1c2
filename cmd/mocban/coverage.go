package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/ingest/mapping"
	"mocban/publish"
	"mocban/vocab/mocban"
)

// coverageFile is where the data folder keeps what became of the fields of its libraries.
const coverageFile = "coverage.tsv"

// coverageOfStore counts what became of the records of a store, each of the library that its
// graph is named by, and writes that into a file.
func (a *app) coverageOfStore(ctx context.Context, file string) error {
	m, err := a.mapper(false, "")
	if err != nil {
		return err
	}
	base, err := a.settings.base()
	if err != nil {
		return err
	}
	var c mapping.Coverage
	left, n := 0, 0
	line := a.newProgress()
	defer line.done()
	err = a.withSnapshot(func(s graph.Snapshot) error {
		return eachOriginal(ctx, s, func(g graph.Term, source []byte) error {
			if n++; line.due() {
				line.line("%s biểu ghi", "%s records", a.number(uint64(n)))
			}
			r, err := readRecord(source)
			if err == nil {
				err = c.CountOf(libraryOf(base, g), m, r)
			}
			if err != nil {
				left++
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	line.done()
	a.tellCoverage(&c)
	if left > 0 {
		a.sayf("%d biểu ghi không giải thích được\n", "%d records could not be explained\n", left)
	}
	return a.write(file, c.WriteTSV)
}

// libraryOf returns the code of the library in the IRI of a record: {base}record/{library}/{number}.
func libraryOf(base graph.IRI, record graph.Term) string {
	library, _, _ := strings.Cut(strings.TrimPrefix(record.Value(), string(base)+"record/"), "/")
	if plain, err := url.PathUnescape(library); err == nil {
		return plain
	}
	return library
}

// eachOriginal calls f with each record whose bytes a store keeps, and the graph that keeps them.
func eachOriginal(ctx context.Context, s graph.Snapshot, f func(g graph.Term, source []byte) error) (err error) {
	var p [1]graph.ID
	if err := s.IDs(ctx, []graph.Term{mocban.Original.Term()}, p[:]); err != nil || p[0] == graph.None {
		return err
	}
	rows, err := s.Scan(ctx, graph.Pattern{P: p[0]}, graph.POS, graph.Cols(graph.PosO, graph.PosG))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var b graph.Block
	for rows.Next(&b) {
		ids := make([]graph.ID, 0, 2*b.Len)
		for i := range b.Len {
			r := b.Row(i)
			ids = append(ids, r[graph.PosG], r[graph.PosO])
		}
		for len(ids) > 0 {
			some := ids[:min(len(ids), 512)]
			ids = ids[len(some):]
			terms := make([]graph.Term, len(some))
			if err := s.Terms(ctx, some, terms); err != nil {
				return err
			}
			for ; len(terms) > 0; terms = terms[2:] {
				source, err := base64.StdEncoding.DecodeString(terms[1].Value())
				if err != nil {
					continue // it is none of ours
				}
				if err := f(terms[0], source); err != nil {
					return err
				}
			}
		}
	}
	return rows.Err()
}

// readCoverage reads what was kept in the data folder, nil if nothing was.
func readCoverage(file string) (*publish.Coverage, error) {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c := &publish.Coverage{Made: info.ModTime()}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		cells := strings.Split(line, "\t")
		if i == 0 {
			continue
		}
		if len(cells) != 10 {
			return nil, fmt.Errorf("read %s, line %d: %d cells", file, i+1, len(cells))
		}
		p := publish.CoveredPart{Library: cells[0], Tag: cells[1], Code: cells[2], Example: cells[9]}
		for j, to := range []*uint64{&p.Times, &p.Records, &p.Mapped, &p.Nothing, &p.Ignored, &p.Unmapped} {
			if *to, err = strconv.ParseUint(cells[3+j], 10, 64); err != nil {
				return nil, fmt.Errorf("read %s, line %d: %w", file, i+1, err)
			}
		}
		c.Parts = append(c.Parts, p)
	}
	return c, nil
}
