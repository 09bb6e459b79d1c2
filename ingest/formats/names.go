package formats

import (
	"strings"
	"sync"
	"unicode"

	"mocban/graph/text/vi"
	"mocban/ontology"
)

// fieldNames are the fields by what they are called, see ontology/trees/names-of-fields.tsv.
var fieldNames = sync.OnceValue(func() map[string]string {
	t, err := ontology.FieldNames()
	if err != nil {
		panic(err) // the table is part of the program, and tested
	}
	all := map[string]string{}
	for i := range t.Rows {
		r := &t.Rows[i]
		for name := range strings.SplitSeq(r.Cell("names"), ";") {
			if k := nameKey(name); all[k] == "" {
				all[k] = r.Cell("field")
			}
		}
	}
	return all
})

// FieldNamed returns the field that a header or label names, in Vietnamese or English, with
// or without marks.
func FieldNamed(label string) (field string, ok bool) {
	f, ok := fieldNames()[nameKey(label)]
	return f, ok
}

// nameKey is the form by which names are found: letters and digits, without marks and case.
func nameKey(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '#' {
			return r
		}
		return -1
	}, vi.Fold(s))
}
