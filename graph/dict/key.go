package dict

import (
	"fmt"
	"strings"
	"unsafe"

	"mocban/graph"
)

// Within a class, terms are kept as keys: bytes that compare as graph.Compare compares the
// terms. A key of two parts has its first part ended by 00 01, with each zero byte in it
// written as 00 FF.
//
//	blank node   label
//	IRI          IRI
//	plain        text
//	language     text 00 01 language 00 01 direction (one byte)
//	typed        datatype 00 01 lexical form
//	triple       canonical N-Triples form

// AppendKey appends the key of a term that is not inlined.
func AppendKey(b []byte, t graph.Term) []byte {
	switch graph.ClassOf(t) {
	case graph.ClassLang:
		b = appendPart(b, t.Value())
		b = appendPart(b, t.Lang())
		return append(b, byte(t.Dir()))
	case graph.ClassTyped:
		b = appendPart(b, string(t.Datatype()))
	}
	return append(b, t.Value()...)
}

// keyOf returns the key of a term that is not inlined. It shares memory with the term or
// with b.
func keyOf(b []byte, t graph.Term) string {
	switch graph.ClassOf(t) {
	case graph.ClassLang, graph.ClassTyped:
		b = AppendKey(b, t)
		return unsafe.String(unsafe.SliceData(b), len(b))
	}
	return t.Value()
}

func appendPart(b []byte, s string) []byte {
	for {
		i := strings.IndexByte(s, 0)
		if i < 0 {
			break
		}
		b = append(b, s[:i]...)
		b = append(b, 0, 0xff)
		s = s[i+1:]
	}
	b = append(b, s...)
	return append(b, 0, 1)
}

// cutPart undoes appendPart.
func cutPart(s string) (part, rest string, ok bool) {
	i := strings.IndexByte(s, 0)
	if i >= 0 && i+1 < len(s) && s[i+1] == 1 {
		return s[:i], s[i+2:], true // nearly always
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, 0)
		if i < 0 || i+1 >= len(s) {
			return "", "", false
		}
		b.WriteString(s[:i])
		if s[i+1] == 1 {
			return b.String(), s[i+2:], true
		}
		b.WriteByte(0)
		s = s[i+2:]
	}
}

// KeyTerm returns the term of a key. It shares the memory of the key.
func KeyTerm(c graph.Class, key string) (graph.Term, error) {
	switch c {
	case graph.ClassBlank:
		return graph.Blank(key), nil
	case graph.ClassIRI:
		return graph.IRI(key).Term(), nil
	case graph.ClassString:
		return graph.String(key), nil
	case graph.ClassLang:
		if text, rest, ok := cutPart(key); ok {
			if lang, dir, ok := cutPart(rest); ok && len(dir) == 1 {
				return graph.DirText(text, lang, graph.Direction(dir[0])), nil
			}
		}
	case graph.ClassTyped:
		if datatype, lexical, ok := cutPart(key); ok {
			return graph.Literal(lexical, graph.IRI(datatype)), nil
		}
	case graph.ClassTriple:
		if t, rest, err := graph.ParseTerm("<<( " + key + " )>>"); err == nil && rest == "" {
			return t, nil
		}
	}
	return graph.Term{}, fmt.Errorf("%.80q is no term of class %d", key, c)
}

// PartOf names the part of a dictionary that a key of graph/kv belongs to, or returns "".
func PartOf(key []byte) string {
	switch key[0] {
	case pageKey:
		return "sorted pages"
	case partKey:
		return "directories"
	case lateKey:
		return "late terms"
	case hashKey:
		return "hashes of late terms"
	}
	return ""
}
