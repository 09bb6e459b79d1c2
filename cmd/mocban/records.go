package main

import (
	"bytes"
	"errors"
	"fmt"

	"mocban/ingest/formats"
	"mocban/ingest/marc"
	"mocban/ingest/tree"
	"mocban/publish"
)

// marcRecords reads source records for publish, which knows nothing of MARC and other formats.
type marcRecords struct{}

// recordTypes are the media types of MARC.
var recordTypes = map[string]marc.Format{
	"application/marc":        marc.ISO2709,
	"application/marcxml+xml": marc.MARCXML,
}

// Convert implements publish.Records.
func (marcRecords) Convert(record []byte, _, to string) ([]byte, error) {
	f, ok := recordTypes[to]
	if !ok {
		return nil, fmt.Errorf("a record cannot be written as %s", to)
	}
	r, err := readRecord(record)
	if err != nil {
		return nil, err
	}
	if r.Tree != nil {
		return nil, fmt.Errorf("a record that is no MARC cannot be written as %s", to)
	}
	return r.Append(nil, f)
}

// Fields implements publish.Records.
func (marcRecords) Fields(record []byte, _ string) ([]publish.RecordField, error) {
	r, err := readRecord(record)
	if err != nil {
		return nil, err
	}
	if r.Tree != nil {
		return treeFields(r.Tree.Root), nil
	}
	fields := make([]publish.RecordField, 1, len(r.Fields)+1)
	fields[0] = publish.RecordField{Tag: "LDR", Value: r.Leader}
	for i := range r.Fields {
		f := &r.Fields[i]
		out := publish.RecordField{Tag: f.Tag}
		if f.IsControl() || len(f.Subfields) == 0 {
			out.Value = f.Data
		} else {
			out.Indicators = string([]byte{f.Ind1, f.Ind2})
		}
		for _, s := range f.Subfields {
			out.Subfields = append(out.Subfields, publish.RecordSubfield{Code: string(rune(s.Code)), Value: s.Value})
		}
		fields = append(fields, out)
	}
	return fields, nil
}

// mostFields bounds how much of a record is shown: a finding aid has tens of thousands.
const mostFields = 2000

// treeFields returns the elements of a record that is a tree, with the text that stands in
// them.
func treeFields(root *tree.Element) (fields []publish.RecordField) {
	for e := range root.All() {
		text := e.OwnText()
		if e.Name == "" || text == "" {
			continue
		}
		if len(fields) == mostFields {
			return append(fields, publish.RecordField{Tag: "…"})
		}
		fields = append(fields, publish.RecordField{Tag: e.Name, Value: text})
	}
	return fields
}

// readRecord reads the one record of a few bytes, whose format its first bytes tell.
func readRecord(record []byte) (*marc.Record, error) {
	in, err := formats.NewReader(bytes.NewReader(record), marc.ReadOptions{})
	if err != nil {
		return nil, err
	}
	r, err := in.Next()
	var bad *marc.BadRecord
	if errors.As(err, &bad) {
		return nil, fmt.Errorf("the record cannot be read: %s", bad.En)
	}
	return r, err
}
