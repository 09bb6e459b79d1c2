package rdfxml

import (
	"strings"
	"unicode/utf8"
)

// valid tells whether s is UTF-8, of characters that XML 1.0 can hold.
func valid(s string) bool { return allowed(s) && utf8.ValidString(s) }

// allowed tells whether XML 1.0 can hold the characters of s, which is UTF-8.
func allowed(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= ' ' && c != 0xEF || c == '\t' || c == '\n' || c == '\r':
		case c < ' ', strings.HasPrefix(s[i:], "\uFFFE"), strings.HasPrefix(s[i:], "\uFFFF"):
			return false
		}
	}
	return true
}

// reserved tells whether an IRI is a name of the syntax (RDF/XML, 5.1), which is no
// property.
func reserved(s string) bool {
	name, ok := strings.CutPrefix(s, rdfNS)
	if !ok {
		return false
	}
	switch name {
	case "RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "Description", "li",
		"aboutEach", "aboutEachPrefix", "bagID", "version", "annotation", "annotationNodeID":
		return true
	}
	return false
}

// split returns where the XML name begins that an IRI ends in, and 0 if it ends in none.
func split(s string) int {
	at := 0
	for i := len(s); i > 0; {
		r, n := utf8.DecodeLastRuneInString(s[:i])
		if !nameChar(r) {
			break
		}
		i -= n
		if nameStart(r) {
			at = i
		}
	}
	return at
}

func nameStart(r rune) bool {
	switch {
	case r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z':
		return true
	case r < 0xC0 || r == 0xD7 || r == 0xF7 || r == 0x37E || r == utf8.RuneError:
		return false
	}
	return r <= 0x2FF || 0x370 <= r && r <= 0x1FFF || r == 0x200C || r == 0x200D ||
		0x2070 <= r && r <= 0x218F || 0x2C00 <= r && r <= 0x2FEF || 0x3001 <= r && r <= 0xD7FF ||
		0xF900 <= r && r <= 0xFDCF || 0xFDF0 <= r && r <= 0xFFFD || 0x10000 <= r && r <= 0xEFFFF
}

func nameChar(r rune) bool {
	return nameStart(r) || r == '-' || r == '.' || '0' <= r && r <= '9' || r == 0xB7 ||
		0x300 <= r && r <= 0x36F || r == 0x203F || r == 0x2040
}

// asciiName marks the characters of names that are ASCII.
var asciiName = func() (t [256]bool) {
	for c := range utf8.RuneSelf {
		t[c] = nameChar(rune(c))
	}
	return
}()

// isName tells whether s is an XML name without colon (NCName).
func isName(s string) bool {
	i := 0
	for i < len(s) && asciiName[s[i]] {
		i++
	}
	if i == len(s) && i > 0 && s[0] != '-' && s[0] != '.' && (s[0] < '0' || s[0] > '9') {
		return true
	}
	for i, r := range s {
		if !nameChar(r) || i == 0 && !nameStart(r) {
			return false
		}
	}
	return s != ""
}
