package fetch

import (
	"bytes"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A Repair tells how often something was mended in a response.
type Repair struct {
	Rule  string // a stable name
	Count int
}

// The rules of repairs.
const (
	RuleEncoding  = "declared-encoding"  // the declaration names another encoding than is used
	RuleBytes     = "bad-bytes"          // bytes that are no UTF-8 became U+FFFD
	RuleControl   = "control-characters" // characters that XML does not allow were taken out
	RuleSurrogate = "surrogates"         // two references to halves of a character became one
	RuleAmpersand = "bare-ampersand"     // & that begins no reference became &amp;
	RuleEntity    = "html-entity"        // entities of HTML became characters
	RuleLead      = "text-before-xml"    // there was something before the declaration
	RuleBroken    = "broken-record"      // a record is no XML, the others are
)

// Clean returns a response as well-formed UTF-8 without what XML cannot hold, as far as that can
// be done without guessing at content. It changes nothing in documents that are right.
func Clean(body []byte) (clean []byte, repairs []Repair) {
	count := map[string]int{}
	body = cleanLead(body, count)
	body, inUTF8 := cleanEncoding(body, count)
	if suspicious(body) {
		body = cleanLead(cleanText(body, count), count)
	}
	return declareUTF8(body, inUTF8, count), list(count)
}

// order is that in which repairs are told.
var order = []string{RuleLead, RuleEncoding, RuleBytes, RuleControl, RuleSurrogate, RuleAmpersand, RuleEntity}

func list(count map[string]int) (repairs []Repair) {
	for _, rule := range order {
		if n := count[rule]; n > 0 {
			repairs = append(repairs, Repair{rule, n})
		}
	}
	return repairs
}

// cleanLead takes off a byte order mark, and blanks or messages of the server before the XML.
func cleanLead(body []byte, count map[string]int) []byte {
	body = bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
	if bytes.HasPrefix(body, []byte("<?xml")) || bytes.HasPrefix(body, []byte("<OAI-PMH")) {
		return body
	}
	if at := bytes.Index(body[:min(len(body), 4096)], []byte("<?xml")); at > 0 {
		count[RuleLead]++
		return body[at:]
	}
	return body
}

// single are the encodings of one byte a letter that responses declare.
var single = map[string]*charmap.Charmap{
	"iso-8859-1": charmap.Windows1252, "latin1": charmap.Windows1252, "windows-1252": charmap.Windows1252,
	"iso-8859-15": charmap.ISO8859_15, "windows-1258": charmap.Windows1258, "iso-8859-2": charmap.ISO8859_2,
	"windows-1251": charmap.Windows1251, "windows-1250": charmap.Windows1250,
}

// cleanEncoding makes UTF-8, and tells whether body was that already. What is UTF-8 is taken for
// it, whatever is declared.
func cleanEncoding(body []byte, count map[string]int) (clean []byte, inUTF8 bool) {
	if utf8.Valid(body) {
		return body, true
	}
	declared, _, _ := declaration(body)
	if m, ok := single[declared]; ok {
		if decoded, err := m.NewDecoder().Bytes(body); err == nil {
			return decoded, false
		}
	}
	return badBytes(body, count), false
}

// declareUTF8 makes the XML declaration of a body in UTF-8 name no other encoding.
func declareUTF8(body []byte, inUTF8 bool, count map[string]int) []byte {
	declared, from, to := declaration(body)
	switch declared {
	case "", "utf-8", "us-ascii", "utf8":
		return body
	}
	if inUTF8 && !ascii(body) {
		count[RuleEncoding]++
	}
	return slicesReplace(body, from, to, "UTF-8")
}

func slicesReplace(body []byte, from, to int, text string) []byte {
	out := make([]byte, 0, len(body)+len(text))
	out = append(out, body[:from]...)
	out = append(out, text...)
	return append(out, body[to:]...)
}

// encodingDecl is the beginning of an XML declaration that names an encoding (XML 1.0, 4.3.3).
var encodingDecl = regexp.MustCompile(`^<\?xml[^?>]*?[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*(?:"([A-Za-z][A-Za-z0-9._-]*)"|'([A-Za-z][A-Za-z0-9._-]*)')`)

// declaration returns the encoding that the XML declaration names, in lower case, and where it
// stands. A declaration that is none by the grammar of XML names nothing.
func declaration(body []byte) (name string, from, to int) {
	at := encodingDecl.FindSubmatchIndex(body)
	if at == nil {
		return "", 0, 0
	}
	from, to = max(at[2], at[4]), max(at[3], at[5])
	return strings.ToLower(string(body[from:to])), from, to
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func badBytes(body []byte, count map[string]int) []byte {
	out := make([]byte, 0, len(body)+64)
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		if r == utf8.RuneError && n == 1 {
			count[RuleBytes]++
			out = append(out, "\uFFFD"...)
		} else {
			out = append(out, body[:n]...)
		}
		body = body[n:]
	}
	return out
}

// suspicious tells whether text may hold something to mend: references, or control characters.
func suspicious(body []byte) bool {
	for i, c := range body {
		if c == '&' || c < ' ' && c != '\n' && c != '\t' && c != '\r' ||
			c == 0xEF && i+2 < len(body) && body[i+1] == 0xBF && body[i+2] >= 0xBE {
			return true
		}
	}
	return false
}

// cleanText mends references and takes out characters that XML does not allow (XML 1.0, 2.2).
// What stands in CDATA holds no references.
func cleanText(body []byte, count map[string]int) []byte {
	out := make([]byte, 0, len(body)+64)
	for len(body) > 0 {
		c := body[0]
		switch {
		case c == '<' && bytes.HasPrefix(body, []byte("<![CDATA[")):
			end := bytes.Index(body, []byte("]]>"))
			if end < 0 {
				end = len(body)
			}
			out = cleanControls(out, body[:end], count)
			body = body[end:]
		case c == '&':
			var n int
			out, n = cleanReference(out, body, count)
			body = body[n:]
		default:
			end := 1
			for end < len(body) && body[end] != '&' && body[end] != '<' {
				end++
			}
			out = cleanControls(out, body[:end], count)
			body = body[end:]
		}
	}
	return out
}

func cleanControls(out, text []byte, count map[string]int) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if allowed(r) {
			out = append(out, text[:n]...)
		} else {
			count[RuleControl]++
		}
		text = text[n:]
	}
	return out
}

// allowed tells whether XML 1.0 may hold a character.
func allowed(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r < 0xD800 || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// maxReference is longer than any reference that means something.
const maxReference = 34

// cleanReference appends what a reference at the beginning of text becomes, and returns how much
// of text that is.
func cleanReference(out, text []byte, count map[string]int) ([]byte, int) {
	end := bytes.IndexByte(text[:min(len(text), maxReference)], ';')
	if end < 2 {
		count[RuleAmpersand]++
		return append(out, "&amp;"...), 1
	}
	name := string(text[1:end])
	switch name {
	case "amp", "lt", "gt", "quot", "apos":
		return append(out, text[:end+1]...), end + 1
	}
	if name[0] == '#' {
		return cleanNumber(out, text, end, count)
	}
	if !isName(name) {
		count[RuleAmpersand]++
		return append(out, "&amp;"...), 1
	}
	if s := html.UnescapeString("&" + name + ";"); s != "&"+name+";" {
		count[RuleEntity]++
		return append(out, html.EscapeString(s)...), end + 1
	}
	count[RuleAmpersand]++
	return append(out, "&amp;"...), 1
}

func isName(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// cleanNumber mends a reference by number, which ends at end.
func cleanNumber(out, text []byte, end int, count map[string]int) ([]byte, int) {
	r, ok := number(text[:end+1])
	switch {
	case !ok:
		count[RuleAmpersand]++
		return append(out, "&amp;"...), 1
	case allowed(r):
		return append(out, text[:end+1]...), end + 1
	case r >= 0xD800 && r < 0xDC00: // the first half of a character; the second may follow
		rest := text[end+1:]
		if more := bytes.IndexByte(rest[:min(len(rest), maxReference)], ';'); more > 0 {
			if low, ok := number(rest[:more+1]); ok && low >= 0xDC00 && low < 0xE000 {
				count[RuleSurrogate]++
				whole := 0x10000 + (r-0xD800)<<10 + (low - 0xDC00)
				return utf8.AppendRune(out, whole), end + more + 2
			}
		}
		fallthrough
	case r >= 0xDC00 && r < 0xE000:
		count[RuleSurrogate]++
		return append(out, "\uFFFD"...), end + 1
	}
	count[RuleControl]++
	return out, end + 1
}

// number reads a reference such as &#55349; or &#x1F;.
func number(ref []byte) (rune, bool) {
	if len(ref) < 4 || ref[0] != '&' || ref[1] != '#' {
		return 0, false
	}
	digits, base := string(ref[2:len(ref)-1]), 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > 0x10FFFF {
		return 0, false
	}
	return rune(n), true
}
