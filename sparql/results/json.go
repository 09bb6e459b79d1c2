package results

import (
	"unicode/utf8"

	"mocban/graph"
	"mocban/vocab/xsd"
)

// A jsonWriter writes SPARQL 1.2 Query Results JSON; without base directions and triple
// terms it is that of 1.1.
type jsonWriter struct {
	output
	keys [][]byte // "name":
	rows bool     // whether there was a row
	ask  bool
	part bool // whether rows are missing
}

func (j *jsonWriter) Begin(vars []string) error {
	j.b = append(j.b, `{"head":{"vars":[`...)
	for i, v := range vars {
		key := appendJSON(nil, v)
		if i > 0 {
			j.b = append(j.b, ',')
		}
		j.b = append(j.b, key...)
		j.keys = append(j.keys, append(key, ':'))
	}
	j.b = append(j.b, "]},\n\"results\":{\"bindings\":["...)
	return j.spill()
}

func (j *jsonWriter) Row(terms []graph.Term) error {
	b := j.b
	if j.rows {
		b = append(b, ',')
	}
	j.rows = true
	b = append(b, "\n{"...)
	bound := false
	for i := range terms {
		if terms[i].IsZero() {
			continue
		}
		if bound {
			b = append(b, ',')
		}
		bound = true
		b = append(b, j.keys[i]...)
		b = appendJSONTerm(b, &terms[i])
	}
	j.b = append(b, '}')
	return j.spill()
}

func (j *jsonWriter) Boolean(value bool) error {
	j.ask = true
	if value {
		j.b = append(j.b, "{\"head\":{},\"boolean\":true}\n"...)
	} else {
		j.b = append(j.b, "{\"head\":{},\"boolean\":false}\n"...)
	}
	return j.err
}

// Partial has the document say "meta":{"complete":false}, which readers of the standard pass over.
func (j *jsonWriter) Partial() { j.part = true }

func (j *jsonWriter) Close() error {
	switch {
	case j.ask:
	case j.part:
		j.b = append(j.b, "\n]},\n\"meta\":{\"complete\":false}}\n"...)
	default:
		j.b = append(j.b, "\n]}}\n"...)
	}
	return j.flush()
}

func appendJSONTerm(b []byte, t *graph.Term) []byte {
	switch t.Kind() {
	case graph.KindIRI:
		b = append(b, `{"type":"uri","value":`...)
		b = appendJSON(b, t.Value())
	case graph.KindBlank:
		b = append(b, `{"type":"bnode","value":`...)
		b = appendJSON(b, t.Value())
	case graph.KindTriple:
		tr, _ := t.Triple()
		p := tr.P.Term()
		b = append(b, `{"type":"triple","value":{"subject":`...)
		b = appendJSONTerm(b, &tr.S)
		b = append(b, `,"predicate":`...)
		b = appendJSONTerm(b, &p)
		b = append(b, `,"object":`...)
		b = appendJSONTerm(b, &tr.O)
		b = append(b, '}')
	default:
		b = append(b, `{"type":"literal","value":`...)
		b = appendJSON(b, t.Value())
		b = appendJSONType(b, t)
	}
	return append(b, '}')
}

// appendJSONType appends the language or the datatype of a literal.
func appendJSONType(b []byte, t *graph.Term) []byte {
	if lang := t.Lang(); lang != "" {
		b = append(b, `,"xml:lang":`...)
		b = appendJSON(b, lang)
		if dir := t.Dir(); dir != graph.NoDir {
			b = append(b, `,"its:dir":"`...)
			b = append(b, dir.String()...)
			b = append(b, '"')
		}
	} else if dt := t.Datatype(); dt != xsd.String {
		b = append(b, `,"datatype":`...)
		b = appendJSON(b, string(dt))
	}
	return b
}

// jsonUnsafe marks the bytes that must not stand in a string as they are.
var jsonUnsafe = func() (t [256]bool) {
	for c := range t[:0x20] {
		t[c] = true
	}
	t['"'], t['\\'], t[0x7f] = true, true, true
	return
}()

// appendJSON appends a string with its quotes. Bytes that are no UTF-8 become U+FFFD.
func appendJSON(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !jsonUnsafe[c] {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			const hex = "0123456789abcdef"
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
