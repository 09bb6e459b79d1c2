package sru

import "testing"

func FuzzParse(f *testing.F) {
	f.Add([]byte(`<searchRetrieveResponse><numberOfRecords>1</numberOfRecords><records><record><recordPacking>string</recordPacking><recordData>&lt;a/&gt;</recordData></record></records></searchRetrieveResponse>`))
	f.Add([]byte(`<html>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := parse(body)
		if err != nil {
			return // refusing is fine; panicking is not
		}
		if got := r.list(1); len(got) != len(r.Records) {
			t.Fatalf("%d of %d records", len(got), len(r.Records))
		}
	})
}
