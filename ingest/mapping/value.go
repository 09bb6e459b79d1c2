package mapping

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"mocban/graph"
	"mocban/ontology"
	"mocban/vocab/codes"
	"mocban/vocab/xsd"
)

// A valueFunc makes a term of what a subfield or some positions hold. The zero term means
// that there is nothing to say.
type valueFunc func(b *builder, f *field, o *op, s string) graph.Term

// edtf is the datatype of dates in the Extended Date/Time Format, as BIBFRAME uses it.
const edtf graph.IRI = "http://id.loc.gov/datatypes/edtf"

// values are the ways to make a value, by the name that the column value gives them.
var values = map[string]func(arg string) (valueFunc, error){
	"text":  literal(trim, (*builder).text),               // in the language of the content, without end marks
	"note":  literal(strings.TrimSpace, (*builder).note),  // in the language of the agency, as it is
	"name":  literal(trim, (*builder).name),               // in the language it shows itself
	"plain": literal(trim, (*builder).plain),              // without language, without end marks
	"raw":   literal(strings.TrimSpace, (*builder).plain), // as it is
	"value": literal(bare, (*builder).plain),              // an identifier: up to a blank and a bracket
	"iri":   simple((*builder).iri),
	"isbn":  simple((*builder).isbn),
	"issn":  simple((*builder).issn),
	"lccn":  simple((*builder).lccn),
	"code":  codeOf,
	"day":   simple((*builder).day),
	"time":  simple((*builder).time),
	"date":  simple((*builder).edtfDate),
	"int":   simple((*builder).integer),
	"agent": simple((*builder).codedAgent),
	"ind2":  nonfiling,
	"key":   keyed, // the whole field in one line

	"notetrim":    literal(trim, (*builder).note),
	"bracketless": literal(bracketless, (*builder).plain),
	"inbrackets":  literal(inBrackets, (*builder).plain),
	"keptnumber":  literal(keptNumber, (*builder).plain),
	"keeper":      simple((*builder).keeper),
	"ddc":         literal(ddcNumber, (*builder).plain),
	"cutter":      literal(ddcCutter, (*builder).plain),
	"named":       namedCode,
	"genre":       partOfList(true),
	"supplement":  partOfList(false),
	"area":        simple((*builder).area),
	"language":    simple((*builder).languageCode),
	"carrier":     simple((*builder).carrierCode),
	"government":  simple((*builder).government),
	"duration":    simple((*builder).duration),
}

func literal(clean func(string) string, make func(*builder, string) graph.Term) func(string) (valueFunc, error) {
	return func(string) (valueFunc, error) {
		return func(b *builder, f *field, o *op, s string) graph.Term {
			s = clean(s)
			if s == "" || b.placeholder(f, s) {
				return graph.Term{}
			}
			return make(b, s)
		}, nil
	}
}

func simple(make func(*builder, *field, string) graph.Term) func(string) (valueFunc, error) {
	return func(string) (valueFunc, error) {
		return func(b *builder, f *field, o *op, s string) graph.Term {
			return make(b, f, strings.TrimSpace(s))
		}, nil
	}
}

func (b *builder) plain(s string) graph.Term { return graph.String(s) }

// trim takes the marks of ISBD off the end of s: what introduces the next element, and the
// full stop, unless it belongs to an abbreviation or an initial.
func trim(s string) string {
	s = strings.TrimSpace(s)
	for s != "" {
		switch s[len(s)-1] {
		case '/', ':', ';', '=', ',', ' ':
			s = strings.TrimRight(s[:len(s)-1], " ")
			continue
		case '+':
			if rest, ok := strings.CutSuffix(s, " +"); ok {
				s = rest
				continue
			}
		case '.':
			if !keepsStop(s) {
				s = strings.TrimRight(s[:len(s)-1], " ")
				continue
			}
		case 0x8C, 0x9B, 0x82, 0x81, 0x9A: // the last bytes of marks of other scripts
			if rest := trimWide(s); rest != s {
				s = rest
				continue
			}
		}
		break
	}
	return s
}

// trimWide takes off a mark at the end that is not of ASCII: ، ؛ 。 、 ， ； ：
func trimWide(s string) string {
	for _, mark := range []string{"،", "؛", "。", "、", "，", "；", "："} {
		if rest, ok := strings.CutSuffix(s, mark); ok {
			return strings.TrimRight(rest, " ")
		}
	}
	return s
}

// keepsStop tells whether the full stop at the end of s is part of the last word: it is in
// "J.", "Jr.", "etc." and "...".
func keepsStop(s string) bool {
	if strings.HasSuffix(s, "..") {
		return true
	}
	word := s[strings.LastIndexAny(s[:len(s)-1], " .-[(")+1 : len(s)-1]
	switch word {
	case "Jr", "Sr", "etc", "Inc", "Ltd", "Co", "Corp", "Dr", "Mr", "Mrs", "St", "ca", "b", "d",
		"fl", "jr", "sr", "ed", "ill", "p", "v", "tr", "TP", "Bros", "Dept", "vol", "no", "arr":
		return true
	}
	return len(word) == 1 && word[0] >= 'A' && word[0] <= 'Z' || len(word) == 2 && word == "Đ"
}

// bare returns an identifier without what stands in brackets behind it.
func bare(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, "(["); i > 0 {
		s = strings.TrimSpace(s[:i])
	}
	return strings.TrimRight(s, " :;,.")
}

// placeholder tells whether s stands for a value that somebody meant to fill in later, and
// reports it.
func (b *builder) placeholder(f *field, s string) bool {
	switch {
	case len(s) > 24 || strings.IndexByte("\xC4dDcCtTnNuU09[(. ,:;/?)]-_*\xE2", s[0]) < 0:
		return false // no placeholder is longer or begins otherwise
	case strings.Trim(s, " .,:;/?[]()-_*…") == "":
	default:
		switch string(bytes.Trim(b.lowered(s), " .[]")) {
		case "dang cap nhat", "đang cập nhật", "chưa cập nhật", "chua cap nhat", "cập nhật sau",
			"chưa xác định", "to be updated", "tbd", "n/a", "null", "none", "undefined", "0p", "0 p", "0tr", "0 tr", "0 trang", "999 p":
		default:
			return false
		}
	}
	b.find("placeholder", f.name(), 0, s,
		"Giá trị giữ chỗ, không phải dữ liệu; đã bỏ qua. Hãy nhập giá trị thật.",
		"A placeholder and no data; it was left out. Enter the true value.")
	return true
}

// iri returns s as an IRI, or as text with a report if it is none.
func (b *builder) iri(f *field, s string) graph.Term {
	if iri, ok := asIRI(s); ok {
		return iri.Term()
	}
	if s == "" {
		return graph.Term{}
	}
	b.find("iri", f.name(), 0, s,
		"Địa chỉ không hợp lệ; được giữ dưới dạng văn bản. Hãy sửa cho đúng cú pháp IRI.",
		"This is no valid IRI; it was kept as text. Correct its spelling.")
	return graph.String(s)
}

// asIRI returns s as an absolute IRI (RFC 3987). In web addresses, characters that must not
// stand in a path, such as blanks, are written as browsers send them.
func asIRI(s string) (graph.IRI, bool) {
	s = strings.TrimSpace(s)
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || rest == "" {
		return "", false
	}
	if strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https") {
		return webIRI(s, len(scheme)+len("://"))
	}
	if !knownScheme(scheme) || strings.ContainsFunc(s, isNoIRI) || strings.Count(s, "#") > 1 {
		return "", false
	}
	for i := range len(s) {
		if s[i] == '%' && !isEscape(s[i:]) || s[i] == '[' || s[i] == ']' {
			return "", false
		}
	}
	return graph.IRI(s), true
}

// webIRI returns a web address whose host begins at a place.
func webIRI(s string, host int) (graph.IRI, bool) {
	if len(s) <= host || s[host-2:host] != "//" {
		return "", false
	}
	end := host + strings.IndexAny(s[host:]+"/", "/?#")
	if !isHost(s[host:end]) {
		return "", false
	}
	clean := !strings.ContainsFunc(s[end:], func(r rune) bool { return isNoIRI(r) || strings.ContainsRune("[]%#", r) })
	if clean {
		return graph.IRI(s), true
	}
	const hex = "0123456789ABCDEF"
	b := append([]byte(nil), s[:end]...)
	fragment := false
	for i, r := range s[end:] {
		at := s[end+i:]
		switch {
		case r < ' ' || r == 0x7F || 0x80 <= r && r < 0xA0 || r == utf8.RuneError || !unicode.IsPrint(r) && r != ' ':
			return "", false
		case r == '%' && !isEscape(at), r == '#' && fragment, r < 0x80 && (isNoIRI(r) || r == '[' || r == ']'):
			b = append(b, '%', hex[r>>4], hex[r&15])
		default:
			fragment = fragment || r == '#'
			b = utf8.AppendRune(b, r)
		}
	}
	return graph.IRI(b), true
}

// isHost tells whether s can be a host, with user and port: letters and digits in any script.
func isHost(s string) bool {
	name, port, _ := strings.Cut(s, ":")
	if strings.Trim(port, "0123456789") != "" || strings.Trim(name, ".-") == "" {
		return false
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) && r != '.' && r != '-' && r != '_' {
			return false
		}
	}
	return true
}

// isNoIRI tells the characters that no part of an IRI may hold.
func isNoIRI(r rune) bool {
	return r <= ' ' || 0x7F <= r && r < 0xA0 || r == utf8.RuneError || strings.ContainsRune("<>\"{}|\\^`", r) ||
		r >= 0x80 && !unicode.IsPrint(r)
}

// isEscape tells whether s begins with a percent-encoded byte.
func isEscape(s string) bool {
	hex := func(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }
	return len(s) >= 3 && hex(s[1]) && hex(s[2])
}

// knownScheme tells the schemes that records use; anything before a colon could be one.
func knownScheme(s string) bool {
	switch strings.ToLower(s) {
	case "ftp", "ftps", "urn", "doi", "hdl", "info", "mailto", "ark", "tel", "news", "gopher", "telnet", "sftp":
		return true
	}
	return false
}

// codeOf makes the IRI of a code in a list.
func codeOf(arg string) (valueFunc, error) {
	list, ok := codes.ByName(arg)
	if !ok {
		return nil, ontology.Wrongf("không có bảng mã nào tên %q", "there is no list of codes called %q", arg)
	}
	return func(b *builder, f *field, o *op, s string) graph.Term {
		s = strings.TrimSpace(s)
		if s == "" || strings.Trim(s, "|#-") == "" {
			return graph.Term{}
		}
		if c, ok := list.Lookup(s); ok {
			return c.Term()
		}
		if c, ok := list.Lookup(strings.ToLower(strings.TrimRight(s, "."))); ok {
			return c.Term()
		}
		if f.tag > 9 { // positions that a list does not know say "not coded" in many ways
			b.find("code", f.name(), 0, s,
				"Mã không có trong bảng mã \""+list.Name+"\"; đã bỏ qua. Hãy kiểm tra lại mã.",
				"The code is not in the list \""+list.Name+"\"; it was left out. Check the code.")
		}
		return graph.Term{}
	}, nil
}

// nonfiling is the second indicator as a number, if it counts characters.
func nonfiling(string) (valueFunc, error) {
	return func(b *builder, f *field, o *op, s string) graph.Term {
		if f.Ind2 < '1' || f.Ind2 > '9' {
			return graph.Term{}
		}
		return graph.String(string(f.Ind2))
	}, nil
}

func (b *builder) integer(f *field, s string) graph.Term {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return graph.Term{}
	}
	return graph.Literal(s, xsd.Integer)
}
