package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
)

// isbn returns the digits of an ISBN, whose check digit is verified. A wrong one is kept,
// marked and reported. The number of a book trade (EAN) that is none is kept as it is.
func (b *builder) isbn(f *field, s string) graph.Term {
	digits := b.digits(s)
	switch {
	case digits == "":
		return graph.Term{}
	case len(digits) == 10 && validISBN10(digits), len(digits) == 13 && validISBN13(digits):
		return graph.String(digits)
	}
	if len(digits) == 13 && validEAN(digits) {
		b.find("isbn", f.name(), 'a', s,
			"Đây là mã hàng hóa EAN, không phải ISBN; được giữ dưới dạng EAN.",
			"This is a trade number (EAN) and no ISBN; it was kept as an EAN.")
		b.instead = bf.Ean
		return graph.String(digits)
	}
	if len(digits) < 9 {
		b.find("isbn", f.name(), 'a', s,
			"Đây là số thứ tự hoặc số nội bộ, không phải ISBN; được giữ dưới dạng số nội bộ.",
			"This is a running or local number and no ISBN; it was kept as a local one.")
		b.instead = bf.Local
		return graph.String(bare(s))
	}
	b.find("isbn", f.name(), 'a', s,
		"ISBN sai số kiểm tra hoặc sai độ dài; được giữ và đánh dấu không hợp lệ.",
		"The ISBN has a wrong check digit or length; it was kept and marked as invalid.")
	b.invalid = true
	return graph.String(bare(s))
}

// digits returns what is before the first bracket or blank, without hyphens.
func (b *builder) digits(s string) string {
	out := b.scratch[:0]
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			out = append(out, c)
		case (c == 'x' || c == 'X') && len(out) >= 7:
			out = append(out, 'X')
		case c == '-' || len(out) == 0:
		case c == ' ' && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' && len(out) < 13:
		default:
			b.scratch = out
			return string(out)
		}
	}
	b.scratch = out
	return string(out)
}

func validISBN10(s string) bool {
	sum := 0
	for i := range 10 {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			sum += (10 - i) * int(c-'0')
		case c == 'X' && i == 9:
			sum += 10
		default:
			return false
		}
	}
	return sum%11 == 0
}

func validISBN13(s string) bool {
	return (strings.HasPrefix(s, "978") || strings.HasPrefix(s, "979")) && validEAN(s)
}

// validEAN checks a number of 13 digits.
func validEAN(s string) bool {
	sum := 0
	for i := range 13 {
		c := s[i]
		if c < '0' || c > '9' {
			return false
		}
		sum += int(c-'0') * (1 + 2*(i&1))
	}
	return sum%10 == 0
}

// issn returns an ISSN as it is written, with its hyphen; a wrong one is reported.
func (b *builder) issn(f *field, s string) graph.Term {
	digits := b.digits(s)
	if len(digits) == 8 && validISSN(digits) {
		return graph.String(digits[:4] + "-" + digits[4:])
	}
	if digits != "" {
		b.find("issn", f.name(), 'a', s,
			"ISSN sai số kiểm tra hoặc sai độ dài; được giữ và đánh dấu không hợp lệ.",
			"The ISSN has a wrong check digit or length; it was kept and marked as invalid.")
		b.invalid = true
		return graph.String(bare(s))
	}
	return graph.Term{}
}

func validISSN(s string) bool {
	sum := 0
	for i := range 8 {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			sum += (8 - i) * int(c-'0')
		case c == 'X' && i == 7:
			sum += 10
		default:
			return false
		}
	}
	return sum%11 == 0
}

// lccn returns a Library of Congress control number in its normal form: no blanks, what
// follows a slash left out, the serial part six digits long.
func (b *builder) lccn(f *field, s string) graph.Term {
	s, _, _ = strings.Cut(strings.ReplaceAll(s, " ", ""), "/")
	if left, right, ok := strings.Cut(s, "-"); ok && len(right) <= 6 {
		s = left + strings.Repeat("0", 6-len(right)) + right
	}
	if s == "" {
		return graph.Term{}
	}
	return graph.String(s)
}
