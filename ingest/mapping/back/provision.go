package back

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
)

// provisions are the kinds of provision, their statements and the second indicator of 264.
var provisions = []struct {
	class, statement graph.IRI
	ind2             byte
}{
	{bf.Publication, bf.PublicationStatement, '1'},
	{bf.Production, bf.ProductionStatement, '0'},
	{bf.Distribution, bf.DistributionStatement, '2'},
	{bf.Manufacture, bf.ManufactureStatement, '3'},
}

// A told is a place, a name or a date that a provision activity tells.
type told struct {
	code  byte
	text  string
	quad  int32
	other bool
}

// provision makes 260 and 264. The statement gives the order and what stands between, and
// the activities tell places, names and dates from one another.
func (r *run) provision() {
	for _, kind := range provisions {
		var nodes []int32
		for _, i := range r.out(r.instance, bf.ProvisionActivity) {
			if !r.used[i] && r.isA(r.quads[i].O, kind.class) {
				nodes = append(nodes, i)
			}
		}
		statements := r.out(r.instance, kind.statement)
		all := r.toldBy(nodes)
		if len(statements) == 0 && kind.class == bf.Manufacture && r.made(all, nodes) {
			continue
		}
		if !r.like && r.agree(statements, all) {
			r.statements(kind.ind2, statements, all, nodes)
			continue
		}
		for _, i := range nodes {
			r.activity(kind.ind2, i)
		}
		for _, i := range statements {
			r.use(nil, i)
		}
	}
	for _, i := range r.out(r.instance, bf.CopyrightDate) {
		if t := r.quads[i].O; t.IsLiteral() {
			d := r.draft("264", ' ', '4')
			d.add('c', t.Value())
			r.use(d, i)
		}
	}
}

// toldBy returns what activities tell.
func (r *run) toldBy(nodes []int32) (all []told) {
	for _, n := range nodes {
		for _, i := range r.of(r.quads[n].O) {
			code := byte(0)
			switch r.quads[i].P {
			case bflc.SimplePlace:
				code = 'a'
			case bflc.SimpleAgent:
				code = 'b'
			case bflc.SimpleDate:
				code = 'c'
			}
			if text := strings.TrimSpace(r.quads[i].O.Value()); code != 0 && text != "" && r.quads[i].O.IsLiteral() {
				all = append(all, told{code, text, i, isOther(text)})
			}
		}
	}
	return all
}

// agree tells whether all that activities tell stands in the statements.
func (r *run) agree(statements []int32, all []told) bool {
	if len(statements) == 0 {
		return false
	}
	for _, t := range all {
		if !slices.ContainsFunc(statements, func(i int32) bool { return strings.Contains(r.quads[i].O.Value(), t.text) }) {
			return false
		}
	}
	return true
}

// statements makes a field of each statement.
func (r *run) statements(ind2 byte, statements []int32, all []told, nodes []int32) {
	first := len(r.drafts)
	for _, i := range statements {
		s := r.quads[i].O.Value()
		parts := readStatement(s, all)
		other := isOther(s)
		for k := range parts {
			parts[k].other = other
		}
		if n := len(r.drafts); other && n > first && !r.drafts[n-1].parts[len(r.drafts[n-1].parts)-1].other {
			d := r.drafts[n-1]
			d.parts = append(d.parts, parts...)
			r.use(d, i)
			continue
		}
		d := r.draft(r.imprintTag(), ' ', ind2)
		d.parts = parts
		if d.tag == "260" {
			d.ind2 = ' '
		}
		r.use(d, i)
	}
	if len(r.drafts) == first {
		return
	}
	for _, n := range nodes {
		d := r.drafts[first]
		for _, t := range r.of(r.quads[n].O) {
			for _, candidate := range r.drafts[first:] {
				if slices.ContainsFunc(candidate.parts, func(p part) bool { return strings.HasPrefix(p.value, r.quads[t].O.Value()) }) {
					d = candidate
				}
			}
		}
		r.use(d, n)
		r.useAll(d, r.quads[n].O)
	}
}

// imprintTag is 264 in records by RDA, and 260 in older ones.
func (r *run) imprintTag() string {
	if r.rda {
		return "264"
	}
	return "260"
}

// readStatement parts a statement: at what activities tell, and in between at the marks of
// ISBD, by which a name follows a colon, a date a comma, and another place a semicolon.
func readStatement(s string, all []told) (parts []part) {
	code := byte('a')
	for s != "" {
		size, found := 0, byte(0)
		for _, t := range all {
			if len(t.text) > size && strings.HasPrefix(s, t.text) && ends(s[len(t.text):]) && (t.code == code || size == 0 || found != code) {
				size, found = len(t.text), t.code
			}
		}
		if found == 0 {
			found = code
			size = untilMark(s, all)
			if code != 'a' && strings.ContainsAny(s[:size], "0123456789") && lastMark(parts) == ',' {
				found = 'c'
			}
		}
		gap := size
		for gap < len(s) {
			c, n := utf8.DecodeRuneInString(s[gap:])
			if c != ' ' && !strings.ContainsRune(",.:;،؛", c) && c != 0x200F && c != 0x200E {
				break
			}
			gap += n
			if c == ' ' && gap > size+1 && !strings.ContainsRune(" ,.:;،؛\u200F\u200E", rune(firstRune(s[gap:]))) {
				break
			}
		}
		value := strings.TrimSpace(s[:gap])
		if value != "" {
			parts = append(parts, part{code: found, value: value})
		}
		switch lastMark(parts) {
		case ':':
			code = 'b'
		case ';':
			code = 'a'
		case ',', '،':
			code = 'c'
		}
		if gap == 0 {
			return parts
		}
		s = s[gap:]
	}
	return parts
}

func firstRune(s string) rune {
	c, _ := utf8.DecodeRuneInString(s)
	return c
}

// ends tells whether a word may end before s.
func ends(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	return s == "" || !unicode.IsLetter(c) && !unicode.IsDigit(c)
}

// lastMark returns the mark that the last part ends in, or 0.
func lastMark(parts []part) rune {
	if len(parts) == 0 {
		return 0
	}
	s := strings.TrimRight(parts[len(parts)-1].value, " \u200F\u200E")
	c, _ := utf8.DecodeLastRuneInString(s)
	return c
}

// untilMark returns how much of a statement belongs to one element that no activity tells.
func untilMark(s string, all []told) int {
	best := len(s)
	for _, mark := range []string{" : ", " ; ", ", ", " :", " ;"} {
		if at := strings.Index(s, mark); at > 0 && at < best {
			best = at
		}
	}
	for _, t := range all {
		if at := strings.Index(s, t.text); at > 0 && at < best {
			best = at
		}
	}
	return best
}

// activity makes a field of one activity.
func (r *run) activity(ind2 byte, i int32) {
	n := r.quads[i].O
	all := r.toldBy([]int32{i})
	if len(all) == 0 {
		return // what 008 says
	}
	slices.SortStableFunc(all, func(a, b told) int { return int(a.code) - int(b.code) })
	d := r.draft(r.imprintTag(), ' ', ind2)
	if d.tag == "260" {
		d.ind2 = ' '
	}
	for _, t := range all {
		d.parts = append(d.parts, part{t.code, t.text, t.other})
	}
	d.otherDates()
	r.use(d, i)
	r.useAll(d, n)
}

// otherDates gives the 880 its dates, whose digits do not tell of which script they are.
func (d *draft) otherDates() {
	if !slices.ContainsFunc(d.parts, func(p part) bool { return p.other }) {
		return
	}
	var dates []int
	for i, p := range d.parts {
		if p.code == 'c' && p.other {
			return
		}
		if p.code == 'c' {
			dates = append(dates, i)
		}
	}
	for _, i := range dates[(len(dates)+1)/2:] {
		d.parts[i].other = true
	}
}

// made adds who made it as $e, $f and $g to the 260. It tells whether there is one.
func (r *run) made(all []told, nodes []int32) bool {
	var d *draft
	for _, other := range r.drafts {
		if other.tag == "260" || other.tag == "264" {
			d = other
			break
		}
	}
	if d == nil || len(all) == 0 {
		return false
	}
	slices.SortStableFunc(all, func(a, b told) int { return int(a.code) - int(b.code) })
	for k, t := range all {
		value := t.text
		if k == 0 {
			value = "(" + value
		}
		if k == len(all)-1 {
			value += ")"
		}
		d.parts = append(d.parts, part{t.code + 'e' - 'a', value, t.other})
	}
	for _, i := range nodes {
		r.use(d, i)
		r.useAll(d, r.quads[i].O)
	}
	return true
}
