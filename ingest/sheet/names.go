package sheet

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"mocban/graph/text/vi"
	"mocban/ontology"
)

// fieldNames are the fields by what they are called, see ontology/trees/names-of-fields.tsv:
// by names with their marks, and by names without them where these mean one field only (khổ
// is a size, kho a place).
var fieldNames = sync.OnceValues(func() (exact, plain map[string]string) {
	t, err := ontology.FieldNames()
	if err != nil {
		panic(err) // the table is part of the program, and tested
	}
	exact, plain = map[string]string{}, map[string]string{}
	for i := range t.Rows {
		r := &t.Rows[i]
		field := r.Cell("field")
		for name := range strings.SplitSeq(r.Cell("names"), ";") {
			exact[nameKey(name)] = field
			k := nameKey(vi.Fold(name))
			if other, ok := plain[k]; ok && other != field {
				field = "" // of two
			}
			plain[k] = field
			field = r.Cell("field")
		}
	}
	return exact, plain
})

// FieldNamed returns the field that a header or label names, in Vietnamese or English, with
// or without marks.
func FieldNamed(label string) (field string, ok bool) {
	exact, plain := fieldNames()
	if f := exact[nameKey(label)]; f != "" {
		return f, true
	}
	f := plain[nameKey(vi.Fold(label))]
	return f, f != ""
}

// nameKey is the form by which names are found: letters and digits, without case.
func nameKey(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '#' {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFC.String(s))
}
