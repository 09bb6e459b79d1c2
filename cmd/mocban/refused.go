package main

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"

	"mocban/ingest"
)

// listRefused has every cell or field that was refused, left out or looks wrong written to a
// file as CSV, a line each. The function that it returns completes the file.
func (a *app) listRefused(p *ingest.Pipeline, path string) (done func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	file, closeFile, err := a.create(path)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(file, "\xEF\xBB\xBF"); err != nil { // by which spreadsheets know UTF-8
		return nil, errors.Join(err, closeFile())
	}
	w := csv.NewWriter(file)
	_ = w.Write([]string{"source", "row", "id", "column", "value", "rule", "vi", "en"}) // told by Error
	before := p.Notice
	p.Notice = func(n ingest.Notice) {
		if before != nil {
			before(n)
		}
		if n.Kind != ingest.Finding && n.Kind != ingest.Aside && n.Kind != ingest.Double {
			return
		}
		column := n.Tag
		if n.Code != "" {
			column += " $" + n.Code
		}
		_ = w.Write([]string{n.Source, strconv.Itoa(n.Number), n.ID, column, n.Value, n.Rule, n.Vi, n.En})
	}
	return func() error {
		w.Flush()
		return errors.Join(w.Error(), closeFile())
	}, nil
}
