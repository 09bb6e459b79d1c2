package ingest

import (
	"strings"

	"mocban/graph/text/vi"
	"mocban/ingest/marc"
)

// open are the values of field 355 that say a resource is no secret, without marks.
var open = map[string]bool{
	"unclassified": true, "u": true, "public": true, "declassified": true,
	"khong mat": true, "thuong": true, "cong khai": true, "giai mat": true, "da giai mat": true,
}

// secret are the degrees of secrecy of Vietnamese law, without marks; 506 is where they are
// written too.
var secret = map[string]bool{"mat": true, "toi mat": true, "tuyet mat": true}

// Classified tells whether a record carries a security classification: field 355, or the
// 880 of one, unless it says that there is none, or a degree of secrecy in 506.
func Classified(r *marc.Record) bool {
	for i := range r.Fields {
		f := &r.Fields[i]
		switch {
		case f.Tag == "355", f.Tag == "880" && strings.HasPrefix(f.Subfield('6'), "355"):
			if !saysOpen(f) {
				return true
			}
		case f.Tag == "506":
			for _, s := range f.Subfields {
				if (s.Code == 'a' || s.Code == 'f') && secret[plain(s.Value)] {
					return true
				}
			}
		}
	}
	return false
}

func saysOpen(f *marc.Field) bool {
	said := false
	for _, s := range f.Subfields {
		if s.Code == 'a' {
			if !open[plain(s.Value)] {
				return false
			}
			said = true
		}
	}
	return said
}

func plain(s string) string { return strings.Trim(vi.Fold(s), " .;,:()[]") }
