package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/vocab/xsd"
)

// day makes a date of the six digits with which 008 begins: 910610. The code began in 1968,
// so years below 68 are of this century.
func (b *builder) day(f *field, s string) graph.Term {
	if len(s) != 6 || !isDigits(s) || !isDay(s[2:4], s[4:6]) {
		return graph.Term{}
	}
	century := "19"
	if s < "68" {
		century = "20"
	}
	return graph.Literal(century+s[:2]+"-"+s[2:4]+"-"+s[4:6], xsd.Date)
}

// time makes a time of field 005: 20260101123000.0. A time without seconds, or one that does
// not exist, is a date.
func (b *builder) time(f *field, s string) graph.Term {
	if len(s) < 8 || !isDigits(s[:8]) || !isDay(s[4:6], s[6:8]) {
		if s != "" {
			b.find("date", f.name(), 0, s,
				"Ngày giờ ở trường 005 không đọc được; đã bỏ qua.",
				"The date and time of field 005 cannot be read; they were left out.")
		}
		return graph.Term{}
	}
	day := s[:4] + "-" + s[4:6] + "-" + s[6:8]
	if len(s) < 14 || !isDigits(s[8:14]) || s[8:10] > "23" || s[10:12] > "59" || s[12:14] > "59" {
		return graph.Literal(day, xsd.Date)
	}
	return graph.Literal(day+"T"+s[8:10]+":"+s[10:12]+":"+s[12:14], xsd.DateTime)
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func isDay(month, day string) bool {
	days := "31"
	switch month {
	case "04", "06", "09", "11":
		days = "30"
	case "02":
		days = "29"
	}
	return month >= "01" && month <= "12" && day >= "01" && day <= days
}

// edtfDate makes a date of one that is written as EDTF, or with its digits only: 19450902.
// Anything else is text.
func (b *builder) edtfDate(f *field, s string) graph.Term {
	switch {
	case s == "":
		return graph.Term{}
	case len(s) == 8 && isDigits(s) && isDay(s[4:6], s[6:8]):
		return graph.Literal(s[:4]+"-"+s[4:6]+"-"+s[6:8], edtf)
	case len(s) == 6 && isDigits(s) && isDay(s[4:6], "01"):
		return graph.Literal(s[:4]+"-"+s[4:6], edtf)
	case isEDTF(s):
		return graph.Literal(s, edtf)
	}
	return graph.String(s)
}

// isEDTF tells the forms of level 0 and 1 that records use: 1945, 1945-09, 1945-09-02,
// 194X, 1945?, 1945~, 1940/1945 and either end left open.
func isEDTF(s string) bool {
	from, to, interval := strings.Cut(s, "/")
	if !interval {
		return isEDTFDate(s)
	}
	open := func(s string) bool { return s == "" || s == ".." }
	return (open(from) || isEDTFDate(from)) && (open(to) || isEDTFDate(to)) && !(open(from) && open(to))
}

func isEDTFDate(s string) bool {
	s = strings.TrimRight(s, "?~%")
	if len(s) < 4 || len(s) > 10 || strings.Trim(s[:4], "0123456789X") != "" || s[0] == 'X' {
		return false
	}
	switch rest := s[4:]; len(rest) {
	case 0:
		return true
	case 3:
		return rest[0] == '-' && isDigits(rest[1:]) && isDay(rest[1:3], "01")
	case 6:
		return rest[0] == '-' && rest[3] == '-' && isDigits(rest[1:3]) && isDigits(rest[4:]) && isDay(rest[1:3], rest[4:6])
	}
	return false
}

// fixedDate returns the date of 008/06-14 as EDTF, or "".
func (b *builder) fixedDate() string {
	data := b.r.Control("008")
	if len(data) < 15 {
		return ""
	}
	first, second := fixedYear(data[7:11]), fixedYear(data[11:15])
	if first == "9999" || data[6] != 'c' && data[6] != 'u' && second == "9999" {
		b.find("placeholder", "008", 0, data[6:15],
			"Năm 9999 là giá trị giữ chỗ; đã bỏ qua. Hãy ghi năm thật vào 008/07-10.",
			"The year 9999 is a placeholder; it was left out. Enter the true year in 008/07-10.")
		if first == "9999" {
			return ""
		}
		second = ""
	}
	switch data[6] {
	case 's', 'r', 't', 'e', 'p':
		return first
	case 'c':
		if first != "" {
			return first + "/.."
		}
	case 'u':
		if first != "" {
			return first + "/"
		}
	case 'd', 'i', 'k', 'm', 'q':
		switch {
		case first == "":
			return second
		case second == "" || second == first:
			return first
		case second == "9999":
			return first + "/.."
		case second < first && !strings.Contains(first+second, "X"):
			b.find("date", "008", 0, data[6:15],
				"Năm sau nhỏ hơn năm trước trong 008/07-14; chỉ giữ năm đầu.",
				"The second year of 008/07-14 is before the first; only the first was kept.")
			return first
		}
		return first + "/" + second
	}
	return ""
}

// fixedYear returns four positions of 008 as a year of EDTF: 19uu is 19XX.
func fixedYear(s string) string {
	if s[0] < '0' || s[0] > '9' || s == "0000" {
		return ""
	}
	var b [4]byte
	for i := range 4 {
		switch c := s[i]; {
		case c >= '0' && c <= '9' && (i == 0 || b[i-1] != 'X'):
			b[i] = c
		case c == 'u' || c == 'x' || c == '-':
			b[i] = 'X'
		default:
			return ""
		}
	}
	return string(b[:])
}

// statedDate returns the date that a statement such as "c1997", "[199-?]", "1938-1940" or
// "Tự Đức 24 [1871]" tells, as EDTF, or "".
func (b *builder) statedDate(f *field, s string) string {
	first, end := statedYear(s)
	if first == "" {
		return b.reignYear(f, s)
	}
	rest := strings.TrimLeft(s[end:], " ]?")
	if dash, ok := strings.CutPrefix(rest, "-"); ok {
		second, at := statedYear(dash)
		if second != "" && at <= 6 && second > first && !strings.HasSuffix(first, "X") {
			return first + "/" + second
		}
	}
	switch {
	case strings.HasPrefix(strings.TrimLeft(s[end:], "- "), "?"):
		return first + "?"
	case containsAny(strings.ToLower(s), "ca.", "khoảng", "circa", "approximately"):
		return first + "~"
	}
	return first
}

// statedYear returns the first year in s, with X for digits that are not known, and where it
// ends.
func statedYear(s string) (year string, end int) {
	for i := 0; i+3 < len(s)+1; i++ {
		if i > 0 && s[i-1] >= '0' && s[i-1] <= '9' || i+3 > len(s) || !isDigits(s[i:min(i+3, len(s))]) {
			continue
		}
		switch {
		case i+4 <= len(s) && isDigits(s[i:i+4]):
			if i+4 < len(s) && s[i+4] >= '0' && s[i+4] <= '9' {
				continue
			}
			if y := s[i : i+4]; y >= "0800" && y <= "2099" {
				return y, i + 4
			}
		case i+4 <= len(s) && (s[i+3] == '-' || s[i+3] == '?') && (s[i] == '1' || s[i] == '2'):
			if i+4 < len(s) && s[i+4] >= '0' && s[i+4] <= '9' {
				continue
			}
			return s[i:i+3] + "X", i + 4
		}
	}
	return "", 0
}

func containsAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
