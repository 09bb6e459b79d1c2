package ingest

import (
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
)

// following gives holdings records that name no bibliographic record the number of the one that
// they follow: files in which a title and its holdings stand together need no other link.
type following struct {
	marc.Reader
	number, library string // of the last bibliographic record
}

// Next implements marc.Reader.
func (f *following) Next() (*marc.Record, error) {
	r, err := f.Reader.Next()
	if err != nil || r.Tree != nil {
		return r, err
	}
	if mapping.IsAuthority(r) {
		f.number = ""
		return r, nil
	}
	switch r.Type() {
	case marc.Bibliographic:
		f.number, f.library = r.ID(), r.Control("003")
	case marc.Holdings:
		f.link(r)
	default:
		f.number = ""
	}
	return r, nil
}

// link adds 004, and 003 if the record has none, unless it has a link or the number of the title.
func (f *following) link(r *marc.Record) {
	if f.number == "" || r.ID() == f.number || mapping.LinksToBibliographic(r) {
		return
	}
	r.Fields = append(r.Fields, marc.Field{Tag: "004", Ind1: ' ', Ind2: ' ', Data: f.number})
	if f.library != "" && r.Control("003") == "" {
		r.Fields = append(r.Fields, marc.Field{Tag: "003", Ind1: ' ', Ind2: ' ', Data: f.library})
	}
	r.Repairs = append(r.Repairs, marc.Repair{Rule: "holdings-link", Tag: "004", Detail: "004 is missing; the record follows the title " + f.number})
}
