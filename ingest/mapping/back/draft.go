package back

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/madsrdf"
	"mocban/vocab/rdf"
	"mocban/vocab/skos"
)

// A draft is a field that is being made, and with it its 880.
type draft struct {
	tag        string
	ind1, ind2 byte
	parts      []part
	alt        *draft // the 880, where a key gives it whole
	data       string // of a control field
	uses       []int
	order      int  // the first quad that it is made of
	loose      bool // the value hung on no node
}

// A part is a subfield, and whether it is in another script than Latin.
type part struct {
	code  byte
	value string
	other bool
}

// draft begins a field.
func (r *run) draft(tag string, ind1, ind2 byte) *draft {
	d := &draft{tag: tag, ind1: ind1, ind2: ind2, order: math.MaxInt}
	r.drafts = append(r.drafts, d)
	return d
}

// use says that a field is made of a quad.
func (r *run) use(d *draft, i int32) {
	r.used[i] = true
	if d == nil {
		return
	}
	d.uses = append(d.uses, int(i))
	d.order = min(d.order, r.rank[i])
}

// useAll says that a field is made of all that is said of a node, and of the blank nodes
// below it.
func (r *run) useAll(d *draft, n graph.Term) { r.useBelow(d, n, 0) }

func (r *run) useBelow(d *draft, n graph.Term, depth int) {
	for _, i := range r.of(n) {
		if r.used[i] {
			continue
		}
		r.use(d, i)
		if o := r.quads[i].O; o.IsBlank() && depth < 8 {
			r.useBelow(d, o, depth+1)
		}
	}
}

// literal adds a subfield that a literal tells.
func (d *draft) literal(code byte, t graph.Term) {
	if value := strings.TrimSpace(t.Value()); value != "" {
		d.parts = append(d.parts, part{code, value, isOther(value) || inOther(t)})
	}
}

// inOther tells whether a literal is in a language whose script is not the Latin one, and has
// letters of it.
func inOther(t graph.Term) bool {
	tag, script, _ := strings.Cut(t.Lang(), "-")
	if strings.HasPrefix(script, "latn") || strings.HasPrefix(script, "Latn") || tag == "" {
		return false
	}
	if script == "" && !slices.Contains(otherLanguages, tag) {
		return false
	}
	return strings.ContainsFunc(t.Value(), func(c rune) bool {
		return c >= 0x370 && unicode.IsLetter(c) && !unicode.In(c, unicode.Latin, unicode.Common)
	})
}

// otherLanguages are those of libraries' records that are not written in Latin script.
var otherLanguages = strings.Fields("am ar arc as be bg bn bo cu cv el fa gez grc gu he hi hy ja ka kk km kn ko ky lad lo mk ml mn mr my ne ota pa pi ps ru sa sd si sr syc syr ta te tg th ti tt ug uk ur yi zh lzh dv und")

// add adds a subfield.
func (d *draft) add(code byte, value string) {
	if value = strings.TrimSpace(value); value != "" {
		d.parts = append(d.parts, part{code, value, isOther(value)})
	}
}

// value returns the first subfield with a code.
func (d *draft) value(code byte) string {
	for i := range d.parts {
		if d.parts[i].code == code {
			return d.parts[i].value
		}
	}
	return ""
}

func (d *draft) has(code byte) bool { return d.value(code) != "" }

// isOther tells whether a text is in another script than Latin. Digits and marks are in any,
// but for marks that turn the direction of writing.
func isOther(s string) bool {
	latin, other := 0, 0
	for _, c := range s {
		switch {
		case c < 0x80:
			if c|0x20 >= 'a' && c|0x20 <= 'z' {
				latin++
			}
		case c == 0x200F:
			return true
		case !unicode.IsLetter(c) && !unicode.Is(unicode.Co, c) || unicode.Is(unicode.Common, c):
		case unicode.Is(unicode.Latin, c):
			latin++
		default:
			other++
		}
	}
	return other > latin || other > 0 && 3*other > latin
}

// sides parts a field in two scripts. Where all is in one script there is no 880.
func (d *draft) sides() (main, alt []part) {
	for _, p := range d.parts {
		if p.other {
			alt = append(alt, p)
		} else {
			main = append(main, p)
		}
	}
	if !slices.ContainsFunc(main, func(p part) bool { return strings.ContainsFunc(p.value, unicode.IsLetter) && p.code >= 'a' }) {
		return d.parts, nil
	}
	if len(alt) == 0 {
		return main, nil
	}
	for _, code := range []byte("bch") { // of which a field has one, whatever the script of the other
		d.sameScript(&main, &alt, code)
	}
	return main, alt
}

// sameScript gives the 880 the second of two subfields that a field has but once, where both
// are in Latin script.
func (d *draft) sameScript(main, alt *[]part, code byte) {
	is := func(p part) bool { return p.code == code }
	if d.tag[:2] != "24" || slices.ContainsFunc(*alt, is) {
		return
	}
	first := slices.IndexFunc(*main, is)
	if first < 0 {
		return
	}
	if next := slices.IndexFunc((*main)[first+1:], is); next >= 0 {
		at := first + 1 + next
		*alt = append(*alt, (*main)[at])
		*main = slices.Delete(*main, at, at+1)
	}
}

// finish puts the fields in their order, numbers those that have an 880, and makes the record.
func (r *run) finish() *Made {
	slices.SortStableFunc(r.drafts, func(a, b *draft) int {
		if c := strings.Compare(group(a.tag), group(b.tag)); c != 0 {
			return c
		}
		return cmp.Compare(a.order, b.order)
	})
	made := &Made{Record: &marc.Record{Leader: r.leader()}}
	rec := made.Record
	scripts := r.declaredScripts()
	type linked struct {
		field marc.Field
		uses  []int
	}
	var others []linked
	for _, d := range r.drafts {
		if d.data != "" {
			rec.Fields = append(rec.Fields, marc.Field{Tag: d.tag, Data: d.data})
			made.Fields = append(made.Fields, d.uses)
			continue
		}
		main, alt := d.sides()
		ind1, ind2 := d.ind1, d.ind2
		if d.alt != nil {
			alt, ind1, ind2 = d.alt.parts, d.alt.ind1, d.alt.ind2
		}
		if len(main) == 0 {
			continue
		}
		f := marc.Field{Tag: d.tag, Ind1: d.ind1, Ind2: d.ind2}
		if len(alt) > 0 {
			n := len(others) + 1
			number := string([]byte{'-', '0' + byte(n/10%10), '0' + byte(n%10)})
			f.Subfields = append(f.Subfields, marc.Subfield{Code: '6', Value: "880" + number})
			o := marc.Field{Tag: "880", Ind1: ind1, Ind2: ind2}
			o.Subfields = append(o.Subfields, marc.Subfield{Code: '6', Value: d.tag + number + linkEnd(alt, scripts)})
			o.Subfields = appendParts(o.Subfields, alt)
			others = append(others, linked{o, d.uses})
		}
		f.Subfields = appendParts(f.Subfields, main)
		rec.Fields = append(rec.Fields, f)
		made.Fields = append(made.Fields, d.uses)
	}
	for _, o := range others {
		at := len(rec.Fields)
		for at > 0 && rec.Fields[at-1].Tag > "880" {
			at--
		}
		rec.Fields = slices.Insert(rec.Fields, at, o.field)
		made.Fields = slices.Insert(made.Fields, at, o.uses)
	}
	r.described()
	for i, used := range r.used {
		if !used {
			made.Left = append(made.Left, i)
		}
	}
	return made
}

// described takes what things are called and of which kind they are, if a field names them: it
// has read what it needs of that.
func (r *run) described() {
	named := make([]bool, len(r.spans))
	for i, used := range r.used {
		if o := r.quads[i].O; used && !o.IsLiteral() {
			if g, ok := r.at[o]; ok {
				named[g] = true
			}
		}
	}
	for i := range r.used {
		s := r.quads[i].S
		if !r.used[i] && slices.Contains(descriptive, r.quads[i].P) && (named[r.group[i]] || s == r.work || s == r.instance) {
			r.used[i] = true
		}
	}
}

// descriptive are the properties by which things that many records name are described.
var descriptive = []graph.IRI{rdf.Type, label, bf.Code, bf.Source, skos.InScheme, skos.PrefLabel, skos.AltLabel, marcKey,
	madsrdf.BirthDate, madsrdf.DeathDate, madsrdf.AuthoritativeLabel, madsrdf.IsMemberOfMADSScheme}

// group is what fields are sorted by: the tag, but notes, subjects, names and links stand in
// the order in which they were given.
func group(tag string) string {
	switch tag[0] {
	case '5', '6', '7', '8':
		return tag[:1]
	}
	return tag
}

func appendParts(subs []marc.Subfield, parts []part) []marc.Subfield {
	for _, p := range parts {
		subs = append(subs, marc.Subfield{Code: p.code, Value: p.value})
	}
	return subs
}

// declaredScripts returns the sets of characters that 066 names.
func (r *run) declaredScripts() (all []string) {
	for _, d := range r.drafts {
		if d.tag == "066" {
			for _, p := range d.parts {
				all = append(all, p.value)
			}
		}
	}
	return all
}

// linkEnd is what follows the number in $6 of an 880: the script, where 066 says that the
// record tells scripts, and that it is written from right to left (MARC 21, Appendix A).
func linkEnd(parts []part, declared []string) string {
	code, right := "", false
	for _, p := range parts {
		for _, c := range p.value {
			switch {
			case unicode.Is(unicode.Arabic, c) && unicode.IsLetter(c):
				code, right = "(3", true
			case unicode.Is(unicode.Hebrew, c):
				code, right = "(2", true
			case unicode.Is(unicode.Cyrillic, c):
				code = "(N"
			case unicode.Is(unicode.Greek, c) && code == "":
				code = "(S"
			case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
				code = "$1"
			}
		}
		if code != "" {
			break
		}
	}
	end := ""
	if slices.Contains(declared, code) {
		end = "/" + code
	}
	if right {
		end += "/r"
	}
	return end
}

// A keyed field is one that a key gives whole.
func parseKey(s string) (d *draft, ok bool) {
	s, _, _ = strings.Cut(s, "\n")
	if len(s) < 8 || s[5] != '$' {
		return nil, false
	}
	for i := range 3 {
		if s[i] < '0' || s[i] > '9' {
			return nil, false
		}
	}
	d = &draft{tag: s[:3], ind1: s[3], ind2: s[4]}
	for _, c := range []byte{d.ind1, d.ind2} {
		if c < ' ' || c > '~' {
			return nil, false
		}
	}
	rest := s[6:]
	for rest != "" {
		code := rest[0]
		if !(code >= 'a' && code <= 'z' || code >= '0' && code <= '9') {
			return nil, false
		}
		end := 1
		for end < len(rest) && !(rest[end] == '$' && end+1 < len(rest) && isCode(rest[end+1])) {
			end++
		}
		value := strings.ReplaceAll(rest[1:end], "{dollar}", "$")
		if code == '6' {
			if d.tag == "880" && len(value) >= 3 {
				d.tag = value[:3]
			}
		} else {
			d.add(code, value)
		}
		rest = rest[min(end+1, len(rest)):]
	}
	return d, len(d.parts) > 0 && d.tag != "880"
}

func isCode(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// isOtherKey tells whether a keyed field is in another script than Latin.
func (d *draft) isOther() bool {
	for _, p := range d.parts {
		if p.other && p.code >= 'a' {
			return true
		}
	}
	return false
}

// letters returns the letters and digits of a text, for comparing it with another one that
// has other marks.
func letters(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.Is(unicode.Mn, c) {
			return unicode.ToLower(c)
		}
		return -1
	}, s)
}

// holds tells whether a keyed field still says what a label says.
func (d *draft) holds(label string) bool {
	var all strings.Builder
	for _, p := range d.parts {
		all.WriteString(p.value)
		all.WriteByte(' ')
	}
	key, l := letters(all.String()), letters(label)
	if l == "" || strings.Contains(key, l) || strings.Contains(l, key) {
		return true
	}
	zeros := strings.NewReplacer("0", "") // which normal forms of numbers add
	return strings.ContainsAny(l, "0") && strings.Contains(zeros.Replace(key), zeros.Replace(l))
}

// keys returns the fields that the keys of a node give, those in Latin script first.
func (r *run) keys(n graph.Term) (all []*draft) {
	for _, i := range r.out(n, marcKey) {
		if d, ok := parseKey(r.quads[i].O.Value()); ok {
			all = append(all, d)
		}
	}
	slices.SortStableFunc(all, func(a, b *draft) int {
		switch x, y := a.isOther(), b.isOther(); {
		case x == y:
			return 0
		case y:
			return -1
		}
		return 1
	})
	return all
}

// keyed makes a field of keys, the second one being that of the 880.
func (r *run) keyed(keys []*draft) *draft {
	k := keys[0]
	d := r.draft(k.tag, k.ind1, k.ind2)
	d.parts = k.parts
	if len(keys) > 1 && !k.isOther() && keys[1].isOther() {
		d.alt = keys[1]
	}
	for i := range d.parts {
		d.parts[i].other = false // it is the field itself, whatever its script
	}
	return d
}

var internal = (ontology.LC + "mnotetype/internal").Term()
