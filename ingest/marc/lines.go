package marc

import (
	"bytes"
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"mocban/ingest/charset"
)

// lineReader reads the form that people type: a field a line, a blank line behind each
// record.
//
//	=LDR  00000nam a2200000 i 4500
//	=001  demo000130
//	=245  10$aSố đỏ :$btiểu thuyết.
//
// A blank indicator is written #, \ or a blank. A name in braces stands for a character that has a
// meaning here, {dollar} for one, or cannot be typed. The equals sign may be missing, and
// "000" may stand for LDR, or the leader alone for the whole line, and blanks around the codes of
// subfields, as other programs write them. A line that begins no field goes on with the one before it.
type lineReader struct {
	w      *window
	number int
	b      builder
}

// isLineForm tells whether an input begins with a line of this form.
func isLineForm(b []byte) bool {
	line, rest, _ := bytes.Cut(b[:min(len(b), 512)], []byte{'\n'})
	if isBareLeader(line) && len(rest) > 4 && isTag(rest[:3]) && rest[3] == ' ' {
		return true
	}
	if len(line) > 0 && line[0] == '=' {
		return true
	}
	return bytes.HasPrefix(line, []byte("LDR ")) || len(line) > 6 && isTag(line[:3]) && line[3] == ' ' && bytes.Contains(line[:min(len(line), 9)], []byte("$"))
}

// isBareLeader tells whether a line is a leader and nothing else.
func isBareLeader(line []byte) bool {
	line = bytes.TrimRight(line, "\r")
	_, ok := digits(line, 0, 5)
	return ok && len(line) == 24 && bytes.IndexByte(line, '$') < 0
}

func isTag(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '?' {
			return false
		}
	}
	return len(b) == 3
}

func (r *lineReader) Next() (*Record, error) {
	if len(r.w.skipSpace()) == 0 {
		return nil, r.w.end()
	}
	r.number++
	n, fault := r.extent()
	src, offset := bytes.Clone(r.w.rest()[:n]), r.w.off
	r.w.skip(n)
	var rec *Record
	if fault == nil {
		rec, fault = r.parse(src)
	}
	if fault != nil {
		fault.Number, fault.Offset, fault.Source = r.number, offset, src
		return nil, fault
	}
	rec.Source, rec.Format, rec.Number, rec.Offset = src, Lines, r.number, offset
	return rec, nil
}

// extent returns the length of the record: up to the blank line, or up to the next leader
// if somebody forgot that line.
func (r *lineReader) extent() (n int, fault *BadRecord) {
	for from := 0; ; {
		at := r.w.index([]byte{'\n'}, from, maxRecord)
		b := r.w.rest()
		if at < 0 {
			if len(b) >= maxRecord {
				return len(b), bad("too-long", fmt.Sprintf("không có dòng trống trong %d byte", maxRecord),
					fmt.Sprintf("no blank line within %d bytes", maxRecord))
			}
			return len(b), nil
		}
		from = at + 1
		b = r.w.fill(from + 26)
		rest := bytes.TrimLeft(b[from:], " \r\t")
		if len(rest) == 0 && !r.w.more() || len(rest) > 0 && rest[0] == '\n' || startsLeader(b[from:]) {
			return from, nil
		}
	}
}

func startsLeader(line []byte) bool {
	if first, _, ok := bytes.Cut(line, []byte{'\n'}); ok && isBareLeader(first) {
		return true
	}
	line = bytes.TrimPrefix(line, []byte("="))
	return bytes.HasPrefix(line, []byte("LDR ")) || bytes.HasPrefix(line, []byte("000 "))
}

func (r *lineReader) parse(src []byte) (*Record, *BadRecord) {
	r.b.reset()
	leader := false
	lines := bytes.Split(bytes.TrimRight(src, "\r\n"), []byte{'\n'})
	for i := 0; i < len(lines); i++ {
		line := bytes.TrimSuffix(lines[i], []byte{'\r'})
		if i == 0 && isBareLeader(line) {
			leader = true
			r.b.leader(line)
			continue
		}
		for i+1 < len(lines) && !startsField(lines[i+1]) {
			i++
			line = append(bytes.Clone(line), ' ')
			line = append(line, bytes.TrimSpace(lines[i])...)
			r.b.repair("line-break", "", fmt.Sprintf("line %d goes on with the field before it", i+1))
		}
		if !startsField(line) {
			return nil, bad("line", fmt.Sprintf("dòng %d: %.40q không phải là một trường", i+1, line),
				fmt.Sprintf("line %d: %.40q is not a field", i+1, line))
		}
		line = bytes.TrimPrefix(line, []byte("="))
		tag, rest := line[:3], line[3:]
		rest = rest[min(len(rest), blanks(rest)):]
		if string(tag) == "LDR" || string(tag) == "000" {
			leader = true
			r.b.leader(r.unmark(rest))
			continue
		}
		r.field(tag, rest)
	}
	if !leader {
		r.b.repair("leader", "", "the record has no leader")
	}
	if len(r.b.fields) == 0 {
		return nil, bad("empty", "biểu ghi không có trường nào", "the record has no fields")
	}
	r.b.reread()
	rec := r.b.record()
	if !r.b.asIs {
		unmark(rec)
	}
	return rec, nil
}

// blanks returns how many blanks follow the tag: two, or one in the form without =.
func blanks(rest []byte) int {
	if bytes.HasPrefix(rest, []byte("  ")) {
		return 2
	}
	return 1
}

func startsField(line []byte) bool {
	eq := bytes.HasPrefix(line, []byte("="))
	line = bytes.TrimPrefix(line, []byte("="))
	if len(line) < 3 || !isTag(line[:3]) {
		return false
	}
	if eq {
		return len(line) == 3 || line[3] == ' '
	}
	return len(line) > 4 && line[3] == ' ' && (line[0] >= '0' && line[0] <= '9' || string(line[:3]) == "LDR")
}

// unmark makes blanks of the signs that stand for them in coded text.
func (r *lineReader) unmark(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte{'\\'}, []byte{' '})
	return bytes.ReplaceAll(b, []byte{'#'}, []byte{' '})
}

func (r *lineReader) field(tag, rest []byte) {
	if isControlTag(tag) || hasLetter(tag) && bytes.IndexByte(rest, '$') < 0 {
		r.b.field(tag, ' ', ' ')
		if string(tag) != "001" && string(tag) != "003" {
			rest = r.unmark(rest)
		}
		r.b.value(0, r.resolve(rest), charset.UTF8)
		return
	}
	head, subs, ok := bytes.Cut(rest, []byte{'$'})
	ind := [2]byte{' ', ' '}
	for i := 0; i < 2 && i < len(head); i++ {
		if ind[i] = head[i]; ind[i] == '#' || ind[i] == '\\' {
			ind[i] = ' '
		}
	}
	r.b.field(tag, ' ', ' ')
	f := len(r.b.fields) - 1
	r.b.fields[f].ind1, r.b.fields[f].ind2 = r.b.indicator(ind[0]), r.b.indicator(ind[1])
	if !ok {
		if len(bytes.TrimSpace(rest)) > 2 {
			r.b.repair("subfield", r.b.tag(), "text without a subfield code")
			r.b.value('a', r.resolve(bytes.TrimSpace(rest[2:])), charset.UTF8)
		}
		return
	}
	cut := cutSubfield
	if bytes.HasPrefix(rest[min(2, len(rest)):], []byte(" $")) {
		cut = cutSpaced
	}
	for more := true; more; {
		var sub []byte
		sub, subs, more = cut(subs)
		if len(sub) == 0 {
			r.b.repair("subfield", r.b.tag(), "a subfield without code and text left out")
			continue
		}
		code, value := sub[0], sub[1:]
		if name, length := braced(string(sub)); len(mnemonics[name]) == 1 {
			code, value = mnemonics[name][0], sub[length:]
		}
		if len(value) > 0 && value[0] == ' ' && bytes.HasPrefix(rest[min(2, len(rest)):], []byte(" $")) {
			value = bytes.Trim(value, " ") // "$a Title $c name" of other programs
		}
		r.b.value(r.b.code(code), r.resolve(value), charset.UTF8)
	}
}

func cutSubfield(b []byte) (sub, rest []byte, more bool) { return bytes.Cut(b, []byte{'$'}) }

// cutSpaced cuts where a code has blanks around it: the dollar of "$5.00" begins no subfield.
func cutSpaced(b []byte) (sub, rest []byte, more bool) {
	for i := 0; i+1 < len(b); i++ {
		if b[i] == ' ' && b[i+1] == '$' && (i+3 >= len(b) || b[i+3] == ' ') {
			return b[:i], b[i+2:], true
		}
	}
	return b, nil, false
}

// mnemonics are the names in braces that HTML does not have. Marks stand before their
// letter.
var mnemonics = map[string]string{
	"dollar": "$", "lcub": "{", "rcub": "}", "bsol": `\`, "esc": "\x1B",
	"Dstrok": "Đ", "dstrok": "đ", "Lstrok": "Ł", "lstrok": "ł", "Ostrok": "Ø", "ostrok": "ø",
	"Ohorn": "Ơ", "ohorn": "ơ", "Uhorn": "Ư", "uhorn": "ư", "inodot": "ı", "softsign": "ʹ",
	"hardsign": "ʺ", "mlrhring": "ʿ", "mllhring": "ʾ", "alif": "ʼ", "ayn": "ʻ", "flat": "♭",
	"sharp": "♯", "phono": "℗", "scriptl": "ℓ", "joiner": "\u200D", "nonjoin": "\u200C",
	"rlig": "", "rdbltil": "",
}

var markNames = map[string]rune{
	"hooka": 0x309, "grave": 0x300, "acute": 0x301, "circ": 0x302, "tilde": 0x303, "macr": 0x304,
	"breve": 0x306, "dot": 0x307, "uml": 0x308, "caron": 0x30C, "ring": 0x30A, "llig": 0x361,
	"rcommaa": 0x315, "dblac": 0x30B, "candra": 0x310, "cedil": 0x327, "ogon": 0x328,
	"dotb": 0x323, "dbldotb": 0x324, "ringb": 0x325, "dblunder": 0x333, "under": 0x332,
	"commab": 0x326, "rcedil": 0x31C, "breveb": 0x32E, "ldbltil": 0x360, "commaa": 0x313,
}

// resolve replaces names in braces. Other braces stand for themselves.
func (r *lineReader) resolve(b []byte) []byte {
	if bytes.IndexByte(b, '{') < 0 {
		return b
	}
	var out strings.Builder
	var marks []rune
	s := string(b)
	for s != "" {
		name, length := braced(s)
		if mark, ok := markNames[name]; ok {
			marks = append(marks, mark)
			s = s[length:]
			continue
		}
		var text string
		switch value, ok := mnemonics[name]; {
		case ok:
			text = value
		case name != "" && html.UnescapeString("&"+name+";") != "&"+name+";":
			text = html.UnescapeString("&" + name + ";")
		default:
			_, length = utf8.DecodeRuneInString(s)
			text = s[:length]
		}
		out.WriteString(text)
		for _, m := range marks {
			out.WriteRune(m)
		}
		marks = marks[:0]
		s = s[length:]
	}
	for _, m := range marks {
		out.WriteRune(m)
	}
	return []byte(out.String())
}

// braced returns the name in braces at the start of s and its length with them.
func braced(s string) (name string, length int) {
	if s[0] != '{' {
		return "", 0
	}
	end := strings.IndexByte(s[:min(len(s), 16)], '}')
	if end < 2 {
		return "", 0
	}
	return s[1:end], end + 1
}
