package lc

import (
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
)

// A field is a data field as the conversion sees it.
type field struct {
	tag        int // as it stands in the record: 880 for a linked one
	as         int // the tag it is treated as: of an 880, that in its $6; -1 for none
	name       string
	pos        int // its place among the children of the record, the leader being 1
	at         int // its place among the fields of the record
	ind1, ind2 byte
	subs       []marc.Subfield
	six        string // $6, "" without
	occurrence string // of $6: the two characters after the hyphen
	language   string
	known      bool // the language
}

// sub returns the first subfield with a code, or "".
func (f *field) sub(code byte) string {
	for i := range f.subs {
		if f.subs[i].Code == code {
			return f.subs[i].Value
		}
	}
	return ""
}

// has tells whether there is a subfield with one of the codes.
func (f *field) has(codes string) bool {
	for i := range f.subs {
		if strings.IndexByte(codes, f.subs[i].Code) >= 0 {
			return true
		}
	}
	return false
}

// holds tells whether a subfield with a code is the text.
func (f *field) holds(code byte, text string) bool {
	for i := range f.subs {
		if f.subs[i].Code == code && f.subs[i].Value == text {
			return true
		}
	}
	return false
}

// join returns the subfields with the codes, a blank after each, as the conversion joins them.
func (f *field) join(codes string) string { return join(f.subs, codes, true) }

// join joins subfields that have, or have not, one of the codes.
func join(subs []marc.Subfield, codes string, in bool) string {
	n := 0
	for i := range subs {
		if strings.IndexByte(codes, subs[i].Code) >= 0 == in {
			n += len(subs[i].Value) + 1
		}
	}
	if n == 0 {
		return ""
	}
	b := make([]byte, 0, n)
	for i := range subs {
		if strings.IndexByte(codes, subs[i].Code) >= 0 == in {
			b = append(append(b, subs[i].Value...), ' ')
		}
	}
	return string(b)
}

// index returns the place of the first subfield with a code, or -1.
func (f *field) index(code byte) int {
	for i := range f.subs {
		if f.subs[i].Code == code {
			return i
		}
	}
	return -1
}

// key returns the field in one line: bflc:marcKey.
func (f *field) key() string {
	n := 5
	for i := range f.subs {
		n += len(f.subs[i].Value) + 2
	}
	b := make([]byte, 0, n)
	b = append(b, f.name...)
	for _, ind := range [...]byte{f.ind1, f.ind2} {
		if ind != 0 { // MARCXML need not give one
			b = append(b, ind)
		}
	}
	head := len(b)
	for i := range f.subs {
		b = append(append(b, '$', f.subs[i].Code), space(f.subs[i].Value)...)
	}
	// Only a value ends or begins with blanks, and it has lost them; but a field of empty
	// values, or a code that is a blank, is closed up as a whole.
	if s := string(b[head:]); strings.Contains(s, " ") || len(f.subs) == 0 {
		return string(b[:head]) + space(s)
	}
	return string(b)
}

// read takes a record apart.
func (c *run) read(r *marc.Record) {
	c.leader = r.Leader
	c.fields, c.linked = c.fields[:0], c.linked[:0]
	c.c001, c.c003, c.c005, c.c008 = "", "", "", ""
	c.has003, c.has005, c.has008 = false, false, false
	c.present = [16]uint64{}
	place := 1
	if r.Leader != "" {
		place = 2
	}
	for i := range r.Fields {
		f := &r.Fields[i]
		n := tagNumber(f.Tag)
		w := field{tag: n, as: n, name: f.Tag, pos: i + place, at: i, ind1: f.Ind1, ind2: f.Ind2, subs: f.Subfields}
		if n >= 0 {
			c.present[n>>6] |= 1 << (n & 63)
		}
		if f.IsControl() {
			c.control(n, f.Data)
			w.subs = []marc.Subfield{{Value: f.Data}}
			c.fields = append(c.fields, w)
			continue
		}
		for j := range f.Subfields {
			if v := f.Subfields[j].Value; v != "" && isSpace(v[0]) && space(v) == "" {
				w.subs = emptied(f.Subfields)
				break
			}
		}
		if i := w.index('6'); i >= 0 {
			w.six = w.subs[i].Value
			w.occurrence = part(after(w.six, "-"), 0, 2)
		}
		if n == 880 {
			w.as = tagNumber(part(w.six, 0, 3))
		}
		c.fields = append(c.fields, w)
	}
	for i := range c.fields {
		if c.fields[i].tag == 880 {
			c.linked = append(c.linked, &c.fields[i])
		}
	}
}

func (c *run) control(tag int, data string) {
	keep := func(s *string, has *bool) {
		if !*has {
			*s, *has = data, true
		}
	}
	var has001 bool
	switch tag {
	case 1:
		if has001 = c.c001 != ""; !has001 {
			c.c001 = data
		}
	case 3:
		keep(&c.c003, &c.has003)
	case 5:
		keep(&c.c005, &c.has005)
	case 8:
		keep(&c.c008, &c.has008)
	}
}

// emptied returns subfields in which those of blanks alone are empty: a text of white space
// is no text in XML.
func emptied(subs []marc.Subfield) []marc.Subfield {
	out := append([]marc.Subfield(nil), subs...)
	for i := range out {
		if space(out[i].Value) == "" {
			out[i].Value = ""
		}
	}
	return out
}

// is tells whether the record has a field with a tag.
func (c *run) is(tag int) bool { return c.present[tag>>6]&(1<<(tag&63)) != 0 }

// first returns the first field with a tag, or nil.
func (c *run) first(tag int) *field {
	if !c.is(tag) {
		return nil
	}
	for i := range c.fields {
		if c.fields[i].tag == tag {
			return &c.fields[i]
		}
	}
	return nil
}

// all calls do with each field with a tag, in order, until it says stop.
func (c *run) all(tag int, do func(f *field) (stop bool)) bool {
	if !c.is(tag) {
		return false
	}
	for i := range c.fields {
		if c.fields[i].tag == tag && do(&c.fields[i]) {
			return true
		}
	}
	return false
}

// some tells whether a subfield with a code, of some field with a tag, is the text. A code of
// 0 stands for any.
func (c *run) some(tag int, code byte, text string) bool {
	return c.all(tag, func(f *field) bool {
		for i := range f.subs {
			if (code == 0 || f.subs[i].Code == code) && f.subs[i].Value == text {
				return true
			}
		}
		return false
	})
}

// with tells whether some field with a tag has a subfield.
func (c *run) with(tag int, codes string) bool {
	return c.all(tag, func(f *field) bool { return f.has(codes) })
}

// value returns the first subfield with a code of the fields with a tag.
func (c *run) value(tag int, code byte) (value string, ok bool) {
	c.all(tag, func(f *field) bool {
		if i := f.index(code); i >= 0 {
			value, ok = f.subs[i].Value, true
		}
		return ok
	})
	return value, ok
}

// alternate calls do with the 880 fields whose $6 has a tag and an occurrence.
func (c *run) alternate(tag int, occurrence string, do func(f *field)) {
	for _, f := range c.linked {
		if f.as == tag && f.occurrence == occurrence {
			do(f)
		}
	}
}

// referenced calls do with the 880 fields whose $6 begins with tag, hyphen and occurrence of f.
func (c *run) referenced(f *field, do func(f *field)) {
	if len(c.linked) == 0 {
		return
	}
	ref := tagName(f.as) + "-" + f.occurrence
	for _, l := range c.linked {
		if strings.HasPrefix(l.six, ref) {
			do(l)
		}
	}
}

// converts tells whether a field is converted, being one of a pair or not (ConvSpec, 880).
// Of a pair one is left out where the other takes it along or stands for it.
func (c *run) converts(f *field) bool {
	if len(c.linked) == 0 || f.tag < 10 || f.six == "" {
		return true
	}
	policy, ok := policies[f.as]
	if !ok {
		return true
	}
	if f.tag != 880 {
		if policy == together {
			return true
		}
		for _, l := range c.linked {
			if l.as == f.as && l.occurrence == f.occurrence {
				return false
			}
		}
		return true
	}
	if policy == apart {
		return true
	}
	for i := range c.fields {
		if o := &c.fields[i]; o.tag == f.as && o.occurrence == f.occurrence {
			return false
		}
	}
	return true
}

// A policy says which of a pair is converted.
type policy byte

const (
	together policy = iota + 1 // the romanised field, which may take its partner along
	apart                      // the 880
)

// policies are those of the tags; of others both are converted.
var policies = func() map[int]policy {
	m := map[int]policy{}
	for _, t := range [...]int{15, 17, 18, 20, 22, 24, 26, 27, 28, 30, 32, 33, 34, 35, 36, 37, 38, 40, 41, 43,
		45, 46, 50, 52, 55, 72, 82, 84, 86, 88, 100, 110, 111, 130, 240, 245, 246, 247, 251, 254, 255, 256, 257,
		260, 261, 262, 263, 264, 265, 300, 306, 310, 321, 336, 337, 338, 340, 341, 344, 345, 346, 347, 348, 350,
		351, 352, 362, 370, 377, 380, 382, 383, 384, 385, 386, 440, 500, 501, 502, 504, 505, 508, 511, 513, 515,
		516, 520, 530, 533, 534, 536, 544, 545, 546, 547, 550, 555, 556, 580, 581, 585, 588, 600, 610, 611, 630,
		648, 650, 651, 653, 655, 656, 662, 700, 710, 711, 720, 730, 740, 752, 753, 800, 810, 811, 830, 856} {
		m[t] = together
	}
	for _, t := range [...]int{210, 222, 242, 243, 506, 507, 510, 518, 521, 522, 524, 525, 532, 538, 540, 541,
		561, 563, 583, 586} {
		m[t] = apart
	}
	return m
}()

// lang returns the language tag of what a field says: that of an 880 is made of the language
// of the record and the script in $6 (ConvSpec, "xmllang").
func (c *run) lang(f *field) string {
	if f == nil {
		return ""
	}
	if !f.known {
		f.language, f.known = c.tellLanguage(f), true
		if !isLanguage(f.language) {
			f.language = ""
		}
	}
	return f.language
}

// isLanguage tells whether s has the form of a language tag (BCP 47).
func isLanguage(s string) bool {
	for i, part := range strings.Split(s, "-") {
		if part == "" || len(part) > 8 || !isLetters(strings.Trim(part, "0123456789")) || i == 0 && !isLetters(part) {
			return false
		}
	}
	return true
}

func (c *run) tellLanguage(f *field) string {
	if seven := f.sub('7'); seven != "" {
		if strings.Contains(seven, "[bcp47]") {
			return after(seven, "]")
		}
		if strings.Contains(seven, "(bcp47)") {
			return after(seven, ")")
		}
	}
	if f.six != "" && c.has008 {
		return c.scriptTag(f)
	}
	if y := f.sub('y'); f.tag == 242 && f.has("y") && y != "eng" {
		return y
	}
	return ""
}

func (c *run) scriptTag(f *field) string {
	code := after(f.six, "/")
	if code == "" {
		return ""
	}
	code, _, _ = strings.Cut(code, "/")
	script := c.script(code)
	if script == "" {
		return ""
	}
	language := c.tables.languages[part(c.c008, 35, 3)]
	if language == "" || language == "en" && script != "latn" {
		language = "zxx"
	}
	return language + "-" + script
}

// script tells a script by its code in $6 (MARC 21, appendix A; ISO 15924 by letters or number).
func (c *run) script(code string) string {
	switch code {
	case "(3":
		return "arab"
	case "(B":
		return "latn"
	case "$1":
		return c.eastAsian()
	case "(N":
		return "cyrl"
	case "(S":
		return "grek"
	case "(2":
		return "hebr"
	case "(4":
		if part(c.c008, 35, 3) == "per" {
			return "arab"
		}
	}
	switch {
	case len(code) == 4 && isLetters(code):
		return code
	case len(code) == 3 && strings.Trim(code, "0123456789") == "":
		return c.tables.scripts[code]
	}
	return ""
}

func isLetters(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// eastAsian tells what $1 means, by language, country or field 041.
func (c *run) eastAsian() string {
	language, country := part(c.c008, 35, 3), part(c.c008, 15, 3)
	switch language {
	case "kor":
		return "kore"
	case "chi":
		return "hani"
	case "jpn":
		return "jpan"
	}
	switch country {
	case "ko ":
		return "kore"
	case "cc ", "ch ":
		return "hani"
	case "ja ":
		return "jpan"
	}
	switch {
	case language == "ja ":
		return "jpan"
	case c.some(41, 'a', "chi"):
		return "hani"
	case c.some(41, 'a', "kor"):
		return "kore"
	}
	return "jpan"
}

// tagNumber returns the number of a tag, or -1.
func tagNumber(tag string) int {
	if len(tag) != 3 {
		return -1
	}
	n := 0
	for i := range 3 {
		if tag[i] < '0' || tag[i] > '9' {
			return -1
		}
		n = n*10 + int(tag[i]-'0')
	}
	return n
}

func tagName(n int) string {
	if n < 0 {
		return ""
	}
	return string([]byte{'0' + byte(n/100), '0' + byte(n/10%10), '0' + byte(n%10)})
}

// text returns a text in the language of a field.
func (c *run) text(f *field, s string) graph.Term { return graph.Text(s, c.lang(f)) }
