package mapping

import (
	"strconv"
	"strings"
)

// A reign is an era by which Vietnamese documents count years: its first year is year 1.
type reign struct {
	name        string // in lower case
	first, last int
}

// reigns are the eras in which most old books are dated. Names that two dynasties used are
// not here: they tell no year.
var reigns = []reign{
	{"quang thuận", 1460, 1469}, {"hồng đức", 1470, 1497}, {"cảnh thống", 1498, 1504},
	{"chính hòa", 1680, 1705}, {"vĩnh thịnh", 1705, 1720}, {"bảo thái", 1720, 1729},
	{"vĩnh hựu", 1735, 1740}, {"cảnh hưng", 1740, 1786}, {"chiêu thống", 1787, 1789},
	{"quang trung", 1788, 1792}, {"cảnh thịnh", 1793, 1801}, {"gia long", 1802, 1819},
	{"minh mạng", 1820, 1840}, {"minh mệnh", 1820, 1840}, {"thiệu trị", 1841, 1847},
	{"tự đức", 1848, 1883}, {"kiến phúc", 1883, 1884}, {"hàm nghi", 1885, 1885},
	{"đồng khánh", 1886, 1888}, {"thành thái", 1889, 1907}, {"duy tân", 1907, 1916},
	{"khải định", 1916, 1925}, {"bảo đại", 1926, 1945},
}

// reignYear returns the year of a date such as "Tự Đức 24" or "Minh Mạng năm thứ 5", or "".
func (b *builder) reignYear(f *field, s string) string {
	if isASCII(s) && !strings.Contains(s, "ong") {
		return ""
	}
	lower := strings.ToLower(s)
	for _, r := range reigns {
		i := strings.Index(lower, r.name)
		if i < 0 {
			continue
		}
		rest := lower[i+len(r.name):]
		for _, word := range []string{"năm", "thứ", ",", " "} {
			rest = strings.TrimPrefix(strings.TrimLeft(rest, " "), word)
		}
		rest = strings.TrimLeft(rest, " ")
		digits := 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		n, err := strconv.Atoi(rest[:digits])
		if strings.HasPrefix(rest, "nguyên niên") {
			n, err = 1, nil
		}
		if err != nil || n < 1 {
			return ""
		}
		if year := r.first + n - 1; year <= r.last {
			return strconv.Itoa(year)
		}
		b.find("date", f.name(), 'c', s,
			"Niên hiệu không dài đến năm này; không suy ra năm dương lịch. Hãy kiểm tra lại.",
			"The era has no such year, so no year was derived. Check the date.")
		return ""
	}
	return ""
}
