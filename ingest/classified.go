package ingest

import (
	"strings"

	"mocban/graph/text/vi"
	"mocban/ingest/marc"
	"mocban/ingest/tree"
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
// 880 of one, unless it says that there is none, or a degree of secrecy in 506; in a record
// that is no MARC, a degree of secrecy as what is said of rights or access.
func Classified(r *marc.Record) bool {
	if r.Tree != nil {
		return classifiedTree(r.Tree)
	}
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

// rights are the elements of trees in which a degree of secrecy is written.
var rights = map[string]bool{
	"accessRights": true, "rights": true, "rights.accessRights": true, "rights.access": true, "accessCondition": true,
	"accessrestrict": true, "securityClassification": true, "availability": true, "legalstatus": true,
}

func classifiedTree(t *tree.Record) bool {
	for e := range t.Root.All() {
		if rights[e.Name] && secret[plain(e.Value())] {
			return true
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
