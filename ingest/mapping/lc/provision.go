package lc

import (
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// The activities that provide a resource, by the second indicator of 264.
var activities = map[byte]graph.IRI{'0': bf.Production, '1': bf.Publication, '2': bf.Distribution, '3': bf.Manufacture}

// A provided is what 008 says of an activity, and, for a copyright, of its date.
type provided struct {
	class     graph.IRI // "" for a copyright
	date      string
	note      string
	status    string
	placed    bool
	place     string // as part of an IRI, which blanks leave empty
	copyright bool
}

// A block is the part of an imprint that is about one activity.
type block struct {
	f     *field
	ind2  byte
	parts []imprintPart
	three []string // each $3 of the field
	pairs []*field // the linked 880 fields
}

// An imprintPart is a subfield of an imprint, as one of 264.
type imprintPart struct {
	code  byte
	place int // in the field, from 0
	text  string
}

// provision maps the imprints of a record together with the dates and the place of 008
// (ConvSpec, process 8).
func (c *run) provision() {
	var coded []provided
	c.all(8, func(f *field) bool {
		coded = append(coded, codedProvision(f.subs[0].Value)...)
		return false
	})
	var blocks []block
	several := 0
	for i := range c.fields {
		f := &c.fields[i]
		switch f.tag {
		case 260, 261, 262, 264:
			several++
			blocks = append(blocks, c.blocks(f)...)
		}
	}
	for _, f := range c.linked {
		if f.as/10 == 26 && f.as != 263 && !c.hasPartner(f) {
			blocks = append(blocks, c.blocks(loose(f))...)
		}
	}
	for i := range blocks {
		b := &blocks[i]
		last := true
		for j := range blocks[i+1:] {
			last = last && blocks[i+1+j].ind2 != b.ind2
		}
		if b.ind2 == '4' {
			c.copyright(b, coded)
			continue
		}
		c.activity(b, coded, last, several)
	}
	for i := range coded {
		c.codedActivity(&coded[i], blocks)
	}
}

// hasPartner tells whether a regular field says the same as an 880: its $6 names it.
func (c *run) hasPartner(f *field) bool {
	ref := "880-" + f.occurrence
	return c.all(f.as, func(o *field) bool { return strings.Contains(o.six, ref) })
}

// loose returns an 880 without partner as the field it stands for. It has no language.
func loose(f *field) *field {
	o := *f
	o.tag, o.name, o.six, o.occurrence = f.as, tagName(f.as), "", ""
	o.language, o.known = "", true
	o.subs = nil
	for i := range f.subs {
		if f.subs[i].Code != '6' {
			o.subs = append(o.subs, f.subs[i])
		}
	}
	return &o
}

// blocks takes an imprint apart: each run of place, name and date is one (ConvSpec, process
// 8, "grouping"). What follows something unexpected is not read.
func (c *run) blocks(f *field) (all []block) {
	var pairs []*field
	if f.six != "" {
		ref := tagName(f.as) + "-" + f.occurrence
		for _, l := range c.linked {
			if strings.Contains(l.six, ref) {
				pairs = append(pairs, l)
			}
		}
	}
	var three []string
	for i := range f.subs {
		if f.subs[i].Code == '3' {
			three = append(three, f.subs[i].Value)
		}
	}
	group, current := 0, -1
	for i := range f.subs {
		code, maker, ok := imprintCode(f.tag, f.subs[i].Code)
		if ok {
			if group != current {
				current = group
				b := block{f: f, ind2: f.ind2, three: three, pairs: pairs}
				if maker != 0 {
					b.ind2 = maker
				} else if f.tag != 264 {
					b.ind2 = '1'
				}
				all = append(all, b)
			}
			b := &all[len(all)-1]
			b.parts = append(b.parts, imprintPart{code, i, f.subs[i].Value})
		}
		if i+1 == len(f.subs) {
			break
		}
		now, next := f.subs[i].Code, f.subs[i+1].Code
		switch {
		case strings.IndexByte("bcdfg", next) >= 0:
		case now == '6' && (next == '3' || next == 'a'), now == '3' && next == 'a':
		case now == 'a' && next == 'a', now == 'e' && next == 'e':
		case next == 'a', next == 'e':
			group++
		default:
			return all
		}
	}
	return all
}

// imprintCode returns a subfield as one of 264, and the indicator of the activity it begins.
func imprintCode(tag int, code byte) (as, maker byte, ok bool) {
	switch {
	case code == '3' || code == '6':
		return code, 0, true
	case tag == 261 && (code == 'a' || code == 'b'):
		return 'b', '0', true
	case tag == 261 && code == 'e':
		return 'b', '3', true
	case tag == 261 && code == 'd':
		return 'c', 0, true
	case tag == 261 && code == 'f':
		return 'a', 0, true
	case code >= 'a' && code <= 'c':
		return code, 0, true
	case code >= 'e' && code <= 'g':
		return code - 'e' + 'a', '3', true
	}
	return 0, 0, false
}

// copyright says when a copyright began: by 008, or else by the field.
func (c *run) copyright(b *block, coded []provided) {
	found := false
	for i := range coded {
		if coded[i].copyright {
			c.add(c.instance, bf.CopyrightDate, graph.Literal(coded[i].date, edtfDT))
			found = true
		}
	}
	if found {
		return
	}
	signs := strings.NewReplacer("©", "", "℗", "")
	var texts []string
	for _, p := range b.parts {
		if p.code >= 'a' && p.code <= 'c' {
			texts = append(texts, p.text)
		}
	}
	c.add(c.instance, bf.CopyrightDate, c.text(b.f, chop(signs.Replace(delimited(texts, ";")))))
	texts = nil
	for _, l := range b.pairs {
		for i := range l.subs {
			if code := l.subs[i].Code; code >= 'a' && code <= 'c' {
				texts = append(texts, l.subs[i].Value)
			}
		}
	}
	if s := delimited(texts, ";"); s != "" {
		c.add(c.instance, bf.CopyrightDate, graph.Text(chop(signs.Replace(s)), c.langs(b.pairs)))
	}
}

// langs returns the languages of fields as one text.
func (c *run) langs(fields []*field) (lang string) {
	for _, f := range fields {
		lang += c.lang(f)
	}
	return lang
}

// A said is a place, name or date as it is written, in a language.
type said struct {
	code byte
	text string
	lang string
}

// activity makes the activity of a block, and its statement.
func (c *run) activity(b *block, coded []provided, last bool, several int) {
	class := activities[b.ind2]
	n := c.node(c.instance, bf.ProvisionActivity, bf.ProvisionActivityClass)
	status := false
	if class != "" {
		c.isA(n, class)
		for i := range coded {
			if last && coded[i].class == class {
				c.codedFacts(n, &coded[i])
				status = status || coded[i].status != ""
			}
		}
	}
	level := part(c.leader, 7, 1)
	if class == bf.Publication && !status {
		switch {
		case (level == "s" || level == "i") && several > 1 && b.f.ind1 == ' ':
			c.status(n, "earliest", "earliest")
		case (level == "s" || level == "i") && several > 1 && b.f.ind1 == '3':
			c.status(n, "current", "current")
		}
		if level == "i" && several == 1 {
			c.status(n, "current", "current")
		}
	}
	partial := c.blockPart(n, b)
	words := c.written(b)
	for _, w := range words {
		p := bflc.SimplePlace
		switch w.code {
		case 'b':
			p = bflc.SimpleAgent
		case 'c':
			p = bflc.SimpleDate
		}
		c.add(n, p, graph.Text(w.text, w.lang))
	}
	c.statement(class, words, partial)
}

// blockPart says to which part a block applies: the first $3 of the field or its partner.
func (c *run) blockPart(n graph.Term, b *block) bool {
	if len(b.three) > 0 {
		c.appliesTo(n, b.three[0], "")
		return true
	}
	for _, l := range b.pairs {
		if l.has("3") {
			c.appliesTo(n, l.sub('3'), "")
			return true
		}
	}
	return false
}

// written returns the places, names and dates of a block, and what the partner has in the
// same place of its field.
func (c *run) written(b *block) (all []said) {
	lang, other := c.lang(b.f), c.langs(b.pairs)
	linked := func(place int) string {
		for _, l := range b.pairs {
			if place < len(l.subs) {
				return l.subs[place].Value
			}
			place -= len(l.subs)
		}
		return ""
	}
	for _, code := range [...]byte{'a', 'b', 'c'} {
		for i, p := range b.parts {
			if p.code != code {
				continue
			}
			own, theirs := usual, usual
			if code == 'b' {
				own.brackets = bracketed(b.parts, i)
				theirs.brackets = len(b.pairs) > 0 && pairBracketed(b.pairs)
			}
			all = append(all, said{code, chopWith(p.text, &own), lang})
			if s := chopWith(linked(p.place), &theirs); s != "" {
				all = append(all, said{code, s, other})
			}
		}
	}
	return all
}

// bracketed tells whether a name stands inside brackets that open before it, at the place, or
// close behind it, at the date.
func bracketed(parts []imprintPart, at int) bool {
	place, date := "", ""
	for i := at - 1; i >= 0; i-- {
		if parts[i].code == 'a' {
			place = parts[i].text
			break
		}
	}
	for i := at + 1; i < len(parts); i++ {
		if parts[i].code == 'c' {
			date = parts[i].text
			break
		}
	}
	return inBrackets(place, parts[at].text, date)
}

func inBrackets(place, name, date string) bool {
	return !strings.ContainsAny(name, "[]") &&
		(strings.Contains(place, "[") && !strings.Contains(place, "]") || strings.Contains(date, "]") && !strings.Contains(date, "["))
}

// pairBracketed tells the same of the first name of the partner.
func pairBracketed(pairs []*field) bool {
	for _, l := range pairs {
		at := l.index('b')
		if at < 0 {
			continue
		}
		place, date := "", ""
		for i := at - 1; i >= 0 && place == ""; i-- {
			if l.subs[i].Code == 'a' {
				place = l.subs[i].Value
			}
		}
		for i := at + 1; i < len(l.subs) && date == ""; i++ {
			if l.subs[i].Code == 'c' {
				date = l.subs[i].Value
			}
		}
		return inBrackets(place, l.subs[at].Value, date)
	}
	return false
}

// statement writes a block as it stands on the thing: once in no language, once in that of
// the partner. One that applies to a part is made even of nothing.
func (c *run) statement(class graph.IRI, words []said, partial bool) {
	name := lower(strings.TrimPrefix(string(class), string(bf.NS))) + "Statement"
	var has [3]bool
	for _, w := range words {
		has[w.code-'a'] = true
	}
	for _, tagged := range [...]bool{false, true} {
		var texts [3][]string
		lang, any := "", partial && !tagged
		for _, w := range words {
			if (w.lang != "") == tagged {
				texts[w.code-'a'] = append(texts[w.code-'a'], w.text)
				if !any {
					lang, any = w.lang, true
				}
			}
		}
		if !any {
			continue
		}
		s := delimited(texts[0], ";")
		if has[0] && (has[1] || has[2]) {
			s += ": "
		}
		s += delimited(texts[1], ",")
		if has[1] && has[2] {
			s += ", "
		}
		s += delimited(texts[2], ",")
		c.add(c.instance, bf.NS+graph.IRI(name), graph.Text(s, lang))
	}
}

// codedFacts says what 008 says of an activity.
func (c *run) codedFacts(n graph.Term, p *provided) {
	if p.note != "" {
		c.add(c.node(n, bf.Note, bf.NoteClass), rdfs.Label, graph.String(p.note))
	}
	if p.date != "" {
		c.add(n, bf.Date, graph.Literal(p.date, edtfDT))
	}
	if p.status != "" {
		c.status(n, p.status, p.status)
	}
	if p.placed {
		c.add(n, bf.Place, graph.IRI(countries+p.place).Term())
	}
}

// codedActivity makes an activity of 008 that no imprint is about.
func (c *run) codedActivity(p *provided, blocks []block) {
	for i := range blocks {
		if p.copyright && blocks[i].ind2 == '4' || !p.copyright && activities[blocks[i].ind2] == p.class {
			return
		}
	}
	if p.copyright {
		c.add(c.instance, bf.CopyrightDate, graph.Literal(p.date, edtfDT))
		return
	}
	n := c.node(c.instance, bf.ProvisionActivity, bf.ProvisionActivityClass)
	c.add(n, rdf.Type, p.class.Term())
	c.codedFacts(n, p)
}

// codedProvision reads the dates and the place in 008.
func codedProvision(data string) []provided {
	kind, first, second := part(data, 6, 1), part(data, 7, 4), part(data, 11, 4)
	place := part(data, 15, 3)
	if part(data, 17, 1) == " " {
		place = part(data, 15, 2)
	}
	placed := place != "" && place != "|||"
	place = encode(space(place))
	date := provisionDate(data, kind, first, second)
	if date == "" {
		if !placed {
			return nil
		}
		return []provided{{class: bf.Publication, placed: true, place: place}}
	}
	p := provided{class: bf.Publication, date: date, placed: placed, place: place}
	switch kind {
	case "i":
		p.class, p.note = bf.Production, "inclusive collection dates"
	case "k":
		p.class, p.note = bf.Production, "bulk collection dates"
	case "p":
		p.class = bf.Distribution
	case "c":
		p.status = "current"
	case "d":
		p.status = "ceased"
	}
	all := []provided{p}
	switch {
	case kind == "p":
		all = append(all, provided{class: bf.Production, date: unknown(second)})
	case kind == "t" && second != "    " && second != "||||":
		all = append(all, provided{copyright: true, date: unknown(second)})
	}
	return all
}

// provisionDate writes the dates of 008/07-14 in EDTF by what 008/06 says of them.
func provisionDate(data, kind, first, second string) string {
	one := first != "    " && first != "||||" && first != ""
	two := second != "    " && second != "||||" && second != ""
	switch kind {
	case "c":
		return unknown(first + "/..")
	case "d", "i", "k", "m", "u":
		return unknown(first + "/" + second)
	case "q":
		return unknown(first + "~/" + second + "~")
	case "e":
		d := first + "-" + part(data, 11, 2)
		if day := part(data, 13, 2); day != "  " {
			d += "-" + day
		}
		return unknown(d)
	case "p", "r", "s", "t":
		return unknown(first)
	case "|":
		switch {
		case one && two:
			return unknown(first + "/" + second)
		case one:
			return unknown(first)
		}
	case "n":
		switch {
		case one && two:
			return unknown(first + "/" + second)
		case one:
			return unknown(first)
		}
		return "XXXX"
	}
	return ""
}

// publisherNumber makes a number of a 260 $d; what the partner has is the first of its own.
func publisherNumber(c *run, s graph.Term, f *field, _ *op, at int) {
	n := c.node(s, bf.IdentifiedBy, bf.PublisherNumber)
	c.add(n, rdf.Value, graph.String(f.subs[at].Value))
	if f.occurrence == "" || f.occurrence == "00" {
		return
	}
	other := ""
	c.alternate(260, f.occurrence, func(l *field) {
		if other == "" {
			other = l.sub('d')
		}
	})
	if other != "" {
		c.add(n, rdf.Value, graph.String(other))
	}
}
