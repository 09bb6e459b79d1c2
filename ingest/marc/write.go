package marc

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Namespace is that of MARCXML.
const Namespace = "http://www.loc.gov/MARC21/slim"

// The bounds that the directory of ISO 2709 sets, in bytes.
const (
	maxISORecord = 99_999
	maxISOField  = 9_999
)

// Append appends the record in a format, in UTF-8. What stands in Source is not looked at: a
// record is offered in its own format by its Source and in the others by Append. MARCXML is
// one record element that declares its namespace, so it stands alone. ISO 2709 cannot hold
// records of 100,000 bytes or fields of 10,000; the error says so.
func (r *Record) Append(dst []byte, f Format) ([]byte, error) {
	switch f {
	case MARCXML:
		return r.appendXML(dst), nil
	case Lines:
		return r.appendLines(dst), nil
	case JSON:
		return r.appendJSON(dst), nil
	}
	return r.appendISO2709(dst)
}

// isData tells whether the field is written as data, without indicators and subfields.
func (f *Field) isData() bool { return len(f.Subfields) == 0 && (f.IsControl() || f.Data != "") }

func (r *Record) leader24() string {
	if len(r.Leader) >= 24 {
		return r.Leader[:24]
	}
	return r.Leader + strings.Repeat(" ", 24-len(r.Leader))
}

func (r *Record) appendISO2709(dst []byte) ([]byte, error) {
	var data []byte
	directory := make([]byte, 0, 12*len(r.Fields)+1)
	for i := range r.Fields {
		f := &r.Fields[i]
		start := len(data)
		data = append(f.appendISO2709(data), fieldEnd)
		if n := len(data) - start; n > maxISOField {
			return dst, fmt.Errorf("field %s has %d bytes, ISO 2709 holds %d", f.Tag, n, maxISOField)
		}
		directory = fmt.Appendf(directory, "%-3.3s%04d%05d", f.Tag, len(data)-start, start)
	}
	base := 24 + len(directory) + 1
	length := base + len(data) + 1
	if length > maxISORecord {
		return dst, fmt.Errorf("record %s has %d bytes, ISO 2709 holds %d", r.ID(), length, maxISORecord)
	}
	l := r.leader24()
	dst = fmt.Appendf(dst, "%05d%sa22%05d%s4500", length, l[5:9], base, l[17:20])
	dst = append(append(dst, directory...), fieldEnd)
	return append(append(dst, data...), recordEnd), nil
}

func (f *Field) appendISO2709(b []byte) []byte {
	if f.isData() {
		return append(b, f.Data...)
	}
	b = append(b, orBlank(f.Ind1), orBlank(f.Ind2))
	for _, s := range f.Subfields {
		b = append(b, delimiter, s.Code)
		b = append(b, s.Value...)
	}
	return b
}

func orBlank(c byte) byte {
	if c == 0 {
		return ' '
	}
	return c
}

func (r *Record) appendXML(b []byte) []byte {
	b = append(b, `<record xmlns="`+Namespace+"\">\n  <leader>"...)
	b = append(appendEscaped(b, r.leader24()), "</leader>\n"...)
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.isData() {
			b = append(b, `  <controlfield tag="`...)
			b = append(appendEscaped(b, f.Tag), `">`...)
			b = append(appendEscaped(b, f.Data), "</controlfield>\n"...)
			continue
		}
		b = append(b, `  <datafield tag="`...)
		b = append(appendEscaped(b, f.Tag), `" ind1="`...)
		b = append(appendEscaped(b, string(orBlank(f.Ind1))), `" ind2="`...)
		b = append(appendEscaped(b, string(orBlank(f.Ind2))), "\">\n"...)
		for _, s := range f.Subfields {
			b = append(b, `    <subfield code="`...)
			b = append(appendEscaped(b, string(rune(s.Code))), `">`...)
			b = append(appendEscaped(b, s.Value), "</subfield>\n"...)
		}
		b = append(b, "  </datafield>\n"...)
	}
	return append(b, "</record>\n"...)
}

// appendEscaped appends text as XML can hold it: what it cannot becomes U+FFFD.
func appendEscaped(b []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"':
			b = append(b, "&quot;"...)
		case r < 0x20 && r != '\t' && r != '\n' || r == 0xFFFE || r == 0xFFFF:
			b = utf8.AppendRune(b, utf8.RuneError)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

func (r *Record) appendLines(b []byte) []byte {
	b = append(b, "=LDR  "...)
	b = append(b, r.leader24()...)
	b = append(b, '\n')
	for i := range r.Fields {
		f := &r.Fields[i]
		b = fmt.Appendf(b, "=%-3.3s  ", f.Tag)
		if f.isData() {
			b = appendBraced(b, f.Data)
		} else {
			b = append(b, hash(f.Ind1), hash(f.Ind2))
			for _, s := range f.Subfields {
				b = appendBraced(append(b, '$'), string(rune(s.Code)))
				b = appendBraced(b, s.Value)
			}
		}
		b = append(b, '\n')
	}
	return append(b, '\n')
}

func hash(indicator byte) byte {
	if indicator == 0 || indicator == ' ' {
		return '#'
	}
	return indicator
}

// appendBraced appends text with names for the characters that have a meaning in lines.
func appendBraced(b []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; c {
		case '$':
			b = append(b, "{dollar}"...)
		case '{':
			b = append(b, "{lcub}"...)
		case '}':
			b = append(b, "{rcub}"...)
		case '\n', '\r':
			b = append(b, ' ')
		default:
			b = append(b, c)
		}
	}
	return b
}

func (r *Record) appendJSON(b []byte) []byte {
	b = appendQuoted(append(b, `{"leader":`...), r.leader24())
	b = append(b, `,"fields":[`...)
	for i := range r.Fields {
		f := &r.Fields[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(append(b, '{'), f.Tag), ':')
		if f.isData() {
			b = append(appendQuoted(b, f.Data), '}')
			continue
		}
		b = appendQuoted(append(b, `{"ind1":`...), string(rune(orBlank(f.Ind1))))
		b = appendQuoted(append(b, `,"ind2":`...), string(rune(orBlank(f.Ind2))))
		b = append(b, `,"subfields":[`...)
		for j, s := range f.Subfields {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(appendQuoted(append(b, '{'), string(rune(s.Code))), ':')
			b = append(appendQuoted(b, s.Value), '}')
		}
		b = append(b, "]}}"...)
	}
	return append(b, "]}\n"...)
}

// appendQuoted appends a string of JSON.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = fmt.Appendf(b, `\u%04x`, c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
