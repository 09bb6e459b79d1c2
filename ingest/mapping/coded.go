package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/ontology"
	"mocban/vocab/codes"
	"mocban/vocab/xsd"
)

// bracketless returns what a pair of brackets around all of s holds, without end marks.
func bracketless(s string) string {
	s = strings.Trim(strings.TrimSpace(s), ":;, ")
	if len(s) > 1 && s[0] == '(' && s[len(s)-1] == ')' {
		s = s[1 : len(s)-1]
	}
	return strings.TrimSpace(s)
}

// inBrackets returns what stands in brackets behind an identifier.
func inBrackets(s string) string {
	i := strings.IndexByte(s, '(')
	if i < 1 {
		return ""
	}
	inner, _, ok := strings.Cut(s[i+1:], ")")
	if !ok {
		return ""
	}
	return strings.TrimSpace(inner)
}

// kept takes apart a number behind the code of its keeper: "(OCoLC)123".
func kept(s string) (keeper, number string) {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "("); ok {
		if k, n, ok := strings.Cut(rest, ")"); ok {
			return strings.TrimSpace(k), strings.TrimSpace(n)
		}
	}
	return "", s
}

// keptNumber returns the number, of OCLC ones the digits only.
func keptNumber(s string) string {
	keeper, number := kept(s)
	if strings.EqualFold(keeper, "ocolc") {
		for _, prefix := range []string{"ocm", "ocn", "on"} {
			if digits, ok := strings.CutPrefix(number, prefix); ok && isDigits(digits) {
				return digits
			}
		}
	}
	return number
}

// keeper returns the agent that keeps a number.
func (b *builder) keeper(f *field, s string) graph.Term {
	code, _ := kept(s)
	return b.codedAgent(f, code)
}

// ddcNumber returns the class number of a Dewey number: what is before a blank, without
// the marks that show where it may be cut short.
func ddcNumber(s string) string {
	number, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return strings.TrimRight(primes.Replace(number), ".,;")
}

// primes takes out the marks that show where a Dewey number may be cut short.
var primes = strings.NewReplacer("/", "", "'", "", "[", "", "]", "")

// ddcCutter returns the item number that some catalogues write behind the class number in
// one subfield: "001 DY-V".
func ddcCutter(s string) string {
	number, cutter, ok := strings.Cut(strings.TrimSpace(s), " ")
	if !ok || strings.Trim(number, "0123456789./'") != "" {
		return ""
	}
	return strings.TrimSpace(cutter)
}

// namedCode makes the IRI of a code that is told by its word.
func namedCode(arg string) (valueFunc, error) {
	list, ok := codes.ByName(arg)
	if !ok {
		return nil, ontology.Wrongf("không có bảng mã nào tên %q", "there is no list of codes called %q", arg)
	}
	return func(b *builder, f *field, o *op, s string) graph.Term {
		s = trim(s)
		if c, ok := list.Named(strings.ToLower(s)); ok {
			return c.Term()
		}
		if s != "" && !b.placeholder(f, s) {
			b.find("code", f.name(), 'a', s,
				"Từ không có trong bảng \""+list.Name+"\"; hãy ghi mã ở $b.",
				"The word is not in the list \""+list.Name+"\"; enter the code in $b.")
		}
		return graph.Term{}
	}, nil
}

// partOfList makes the IRI of a code of 008/24-27, which are genres or kinds of
// supplementary content.
func partOfList(genres bool) func(string) (valueFunc, error) {
	return func(arg string) (valueFunc, error) {
		list, ok := codes.ByName(arg)
		if !ok {
			return nil, ontology.Wrongf("không có bảng mã nào tên %q", "there is no list of codes called %q", arg)
		}
		return func(b *builder, f *field, o *op, s string) graph.Term {
			c, ok := list.Lookup(s)
			if !ok || strings.Contains(string(c.IRI), "/msupplcont/") == genres {
				return graph.Term{}
			}
			return c.Term()
		}, nil
	}
}

// area makes the IRI of a geographic area: "a-vt---".
func (b *builder) area(f *field, s string) graph.Term {
	s = strings.TrimRight(strings.ToLower(s), "- ")
	if s == "" {
		return graph.Term{}
	}
	for i := range len(s) {
		if (s[i] < 'a' || s[i] > 'z') && s[i] != '-' {
			b.find("code", f.name(), 'a', s,
				"Mã khu vực địa lý không hợp lệ; đã bỏ qua.",
				"This is no geographic area code; it was left out.")
			return graph.Term{}
		}
	}
	return (ontology.LC + "geographicAreas/" + graph.IRI(s)).Term()
}

// languageCode makes the IRI of the language of 008/35-37. "Undetermined" and blanks say nothing.
func (b *builder) languageCode(f *field, s string) graph.Term {
	if s == "" || s == "und" || s == "|||" || s == "N/A" {
		return graph.Term{}
	}
	c, ok := codes.Languages.Lookup(strings.ToLower(s))
	if !ok {
		b.find("code", f.name(), 0, s,
			"Mã ngôn ngữ ở 008/35-37 không có trong bảng mã MARC; đã bỏ qua.",
			"The language code of 008/35-37 is not in the MARC list; it was left out.")
		return graph.Term{}
	}
	return c.Term()
}

// carrierCode makes the IRI of a carrier from 007/00-01. Most pairs of letters are those of
// the list of carriers.
func (b *builder) carrierCode(f *field, s string) graph.Term {
	if len(s) != 2 {
		return graph.Term{}
	}
	name := s
	switch s {
	case "ta", "tb", "tc", "td", "ad":
		name = "nc"
	case "cc", "ce", "cj":
		name = "ce"
	case "cd", "cm", "co":
		name = "cd"
	case "ag", "aj", "ak", "ar", "as", "ay":
		name = "nb"
	case "aq", "da", "db", "dc", "de", "ke", "kq":
		name = "nr"
	case "go":
		name = "mo"
	}
	if s[0] == 'k' && name == s {
		name = "nb"
	}
	if _, ok := codes.Carriers.Lookup(name); !ok {
		name = ""
	}
	if name == "" {
		return graph.Term{}
	}
	return (ontology.LC + "carriers/" + graph.IRI(name)).Term()
}

// government makes the IRI of a kind of government publication. "Unknown if" says nothing.
func (b *builder) government(f *field, s string) graph.Term {
	if s == "o" {
		s = "g"
	}
	if c, ok := codes.Government.Lookup(s); ok {
		return c.Term()
	}
	return graph.Term{}
}

// duration makes a duration of hhmmss.
func (b *builder) duration(f *field, s string) graph.Term {
	if len(s) != 6 || !isDigits(s) || s == "000000" {
		return graph.Term{}
	}
	out := []byte("PT")
	for i, unit := range []byte("HMS") {
		if n := strings.TrimLeft(s[2*i:2*i+2], "0"); n != "" {
			out = append(append(out, n...), unit)
		}
	}
	return graph.Literal(string(out), xsd.Duration)
}
