package xsd

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// HoldsText tells whether a string is a value of t, which is xsd:string or derived from it
// (XSD 1.1 part 2, 3.4.1-3.4.7).
func (t Type) HoldsText(s string) bool {
	switch t {
	case TypeNormalizedString:
		return !strings.ContainsAny(s, "\t\n\r")
	case TypeToken:
		return collapsed(s)
	case TypeLanguage:
		return isLanguage(s)
	case TypeNMTOKEN:
		return isName(s, IsNameChar, true)
	case TypeName:
		return isName(s, IsNameStart, true)
	case TypeNCName:
		return isName(s, IsNameStart, false)
	}
	return true
}

// collapsed tells whether white space stands as the facet whiteSpace=collapse leaves it.
func collapsed(s string) bool {
	return !strings.ContainsAny(s, "\t\n\r") && !strings.Contains(s, "  ") &&
		!strings.HasPrefix(s, " ") && !strings.HasSuffix(s, " ")
}

// Collapse removes white space around s and leaves one space of each run inside, which
// casts do before they read (XPath F&O 3.1, 19.2).
func Collapse(s string) string {
	if collapsed(s) {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r == ' ' || r == '\t' || r == '\n' || r == '\r'
	}), " ")
}

// isLanguage tells whether s has the form of a language tag: up to eight letters, then
// subtags of up to eight letters and digits.
func isLanguage(s string) bool {
	for i, tag := range strings.Split(s, "-") {
		if tag == "" || len(tag) > 8 {
			return false
		}
		for _, c := range []byte(tag) {
			letter := c|0x20 >= 'a' && c|0x20 <= 'z'
			if !letter && (i == 0 || c < '0' || c > '9') {
				return false
			}
		}
	}
	return true
}

func isName(s string, first func(rune) bool, colon bool) bool {
	if s == "" || !utf8.ValidString(s) || !colon && strings.Contains(s, ":") {
		return false
	}
	for i, r := range s {
		if i == 0 && !first(r) || !IsNameChar(r) {
			return false
		}
	}
	return true
}

// A Range is a run of characters, both ends included.
type Range struct{ Low, High rune }

// NameStart and NameMore are the characters that may begin an XML name, and those that may
// only follow (XML 1.0, fifth edition, productions 4 and 4a).
var (
	NameStart = []Range{
		{':', ':'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}, {0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF},
		{0x370, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},
		{0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
	}
	NameMore = []Range{{'-', '.'}, {'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}}
)

func within(r rune, ranges []Range) bool {
	for _, x := range ranges {
		if r >= x.Low && r <= x.High {
			return true
		}
	}
	return false
}

// IsNameStart tells whether an XML name may begin with r.
func IsNameStart(r rune) bool { return within(r, NameStart) }

// IsNameChar tells whether r may stand in an XML name.
func IsNameChar(r rune) bool { return within(r, NameStart) || within(r, NameMore) }

// ParseBinary reads a lexical form of xsd:hexBinary or xsd:base64Binary (XSD 1.1 part 2,
// 3.3.15, 3.3.16).
func ParseBinary(t Type, s string) ([]byte, bool) {
	if t == TypeHexBinary {
		b, err := hex.DecodeString(s)
		return b, err == nil
	}
	if !collapsed(s) {
		return nil, false
	}
	b, err := base64.StdEncoding.Strict().DecodeString(strings.ReplaceAll(s, " ", ""))
	return b, err == nil
}

// AppendBinary appends the canonical form of bytes as a value of t.
func AppendBinary(b []byte, t Type, v []byte) []byte {
	if t == TypeHexBinary {
		return append(b, strings.ToUpper(hex.EncodeToString(v))...)
	}
	return base64.StdEncoding.AppendEncode(b, v)
}

// Canonical returns the canonical form of a lexical form of t; ok is false if it is none,
// or one that is beyond the limits of this package.
func Canonical(t Type, s string) (canonical string, ok bool) {
	var b []byte
	switch {
	case t.Text():
		b, ok = []byte(s), t.HoldsText(s)
	case t == TypeAnyURI:
		return s, true
	case t == TypeBoolean:
		v, valid := ParseBoolean(s)
		b, ok = strconv.AppendBool(nil, v), valid
	case t == TypeDecimal:
		d, valid := ParseDecimal(s)
		b, ok = d.Append(nil), valid
	case t.Integer():
		d, valid := ParseInteger(s)
		b, ok = d.AppendInteger(nil), valid && t.Holds(d)
	case t == TypeDouble:
		f, valid := ParseDouble(s)
		b, ok = AppendDouble(nil, f), valid
	case t == TypeFloat:
		f, valid := ParseFloat(s)
		b, ok = AppendFloat(nil, f), valid
	case t.Temporal():
		d, valid := ParseDateTime(t, s)
		b, ok = d.Append(nil, t), valid
	case t.Duration():
		d, valid := ParseDuration(t, s)
		b, ok = d.Append(nil, t), valid
	case t == TypeHexBinary, t == TypeBase64Binary:
		v, valid := ParseBinary(t, s)
		b, ok = AppendBinary(nil, t, v), valid
	}
	if !ok {
		return "", false
	}
	return string(b), true
}
