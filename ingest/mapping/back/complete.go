package back

import (
	"slices"
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/codes"
	"mocban/vocab/rdfs"
	"mocban/vocab/schema"
)

const (
	label   = rdfs.Label
	marcKey = bflc.MarcKey
)

// usual are the indicators of fields whose rows say nothing of them.
var usual = map[string]string{
	"041": "0 ", "050": " 4", "070": "0 ", "082": "04", "086": "  ", "245": "10", "246": "3 ", "490": "0 ", "505": "0 ",
	"511": "0 ", "518": "  ", "653": "  ", "720": "  ", "740": "0 ", "856": "40", "506": "  ",
	"024": "8 ", "028": "5 ", "022": "  ", "210": "0 ", "242": "10", "247": "00", "545": "  ", "588": "0 ",
}

// complete finishes a field that rows have made, and takes it.
func (r *run) complete(d *draft) {
	if u := usual[d.tag]; u != "" {
		if d.ind1 == 0 {
			d.ind1 = u[0]
		}
		if d.ind2 == 0 {
			d.ind2 = u[1]
		}
	}
	d.ind1, d.ind2 = orBlank(d.ind1), orBlank(d.ind2)
	switch d.tag {
	case "245":
		if r.titled != nil {
			break
		}
		r.titled = d
		d.ind1 = '0'
		for _, other := range r.drafts {
			if other.tag[0] == '1' {
				d.ind1 = '1'
			}
		}
	case "020":
		if r.like && !r.rda {
			d.qualify()
		}
	case "246":
		if at := slices.IndexFunc(d.parts, func(p part) bool { return p.code == 'i' }); at > 0 {
			i := d.parts[at]
			d.parts = slices.Insert(slices.Delete(d.parts, at, at+1), 0, i)
		}
	case "250":
		d.split(" / ", 'b')
	case "533":
		d.reproduced()
	case "336":
		r.describe(d, "content", "rdacontent")
	case "337":
		r.describe(d, "media", "rdamedia")
	case "338":
		r.describe(d, "carriers", "rdacarrier")
	case "034":
		d.coordinates()
	}
	switch d.tag {
	case "034", "040", "041", "042", "043":
		if into := r.loneField(d.tag); into != nil {
			into.parts = append(into.parts, d.parts...)
			into.uses = append(into.uses, d.uses...)
			into.order = min(into.order, d.order)
			return
		}
	}
	if d.loose && len(d.parts) == 1 && d.parts[0].other && r.second(d) {
		return
	}
	r.drafts = append(r.drafts, d)
}

func orBlank(c byte) byte {
	if c == 0 {
		return ' '
	}
	return c
}

// loneField returns the field with a tag that holds all values of its kind.
func (r *run) loneField(tag string) *draft {
	for _, d := range r.drafts {
		if d.tag == tag {
			return d
		}
	}
	return nil
}

// second puts a value in another script beside the one before it. It tells whether there is
// one that has none yet.
func (r *run) second(d *draft) bool {
	for i := len(r.drafts) - 1; i >= 0; i-- {
		was := r.drafts[i]
		if was.tag != d.tag || !was.loose || was.parts[0].code != d.parts[0].code {
			continue
		}
		if was.parts[len(was.parts)-1].other {
			return false
		}
		was.parts = append(was.parts, d.parts...)
		was.uses = append(was.uses, d.uses...)
		return true
	}
	return false
}

// qualify writes the qualifier of an ISBN behind the number, as records before RDA have it.
// Where ours stood there, a key tells.
func (d *draft) qualify() {
	at := -1
	kept := d.parts[:0]
	for _, p := range d.parts {
		switch {
		case p.code == 'a' || p.code == 'z':
			at = len(kept)
		case p.code == 'q' && at >= 0:
			kept[at].value += " (" + p.value + ")"
			continue
		}
		kept = append(kept, p)
	}
	d.parts = kept
}

// coordinates parts the four of them, and says that scales are linear ones.
func (d *draft) coordinates() {
	if four := strings.Fields(d.value('d')); len(four) == 4 {
		d.parts = d.parts[:0]
		for i, c := range four {
			d.add('d'+byte(i), c)
		}
	}
	d.parts = append([]part{{'a', "a", false}}, d.parts...)
}

// reproduced parts a note on a reproduction at its marks: what it is, the place, who made it,
// when, the series in brackets, and what else there is to say.
func (d *draft) reproduced() {
	if len(d.parts) == 0 || d.parts[0].code != 'a' || d.has('b') {
		return
	}
	kind, rest, ok := strings.Cut(d.parts[0].value, ". ")
	place, rest, colon := strings.Cut(rest, " : ")
	if !ok || !colon || strings.Contains(place, ". ") {
		return
	}
	other := d.parts[0].other
	parts := []part{{'a', kind + ".", other}, {'b', place + " :", other}}
	maker, after, comma := rest, "", false
	for at := 0; !comma; {
		next := strings.Index(rest[at:], ", ")
		if next < 0 {
			break
		}
		at += next + 2
		if c := strings.TrimLeft(rest[at:], "[©cp"); c != "" && c[0] >= '0' && c[0] <= '9' {
			maker, after, comma = rest[:at-1], rest[at:], true
		}
	}
	parts = append(parts, part{'c', maker, other})
	if date, more, ok := strings.Cut(after, ". "); comma {
		parts = append(parts, part{'d', strings.TrimSpace(date), other})
		if series, note, closed := strings.Cut(more, ")."); ok && closed && strings.HasPrefix(more, "(") {
			parts = append(parts, part{'f', series + ").", other})
			more = strings.TrimSpace(note)
		}
		if more != "" {
			parts = append(parts, part{'n', more, other})
		}
	}
	d.parts = append(parts, d.parts[1:]...)
}

// split parts the first subfield at a mark of ISBD.
func (d *draft) split(mark string, code byte) {
	var parts []part
	for _, p := range d.parts {
		if before, after, ok := strings.Cut(p.value, mark); ok && p.code == 'a' {
			parts = append(parts, part{'a', before + strings.TrimRight(mark, " "), p.other}, part{code, after, p.other})
			continue
		}
		parts = append(parts, p)
	}
	d.parts = parts
}

// describe writes a code of RDA in words, too.
func (r *run) describe(d *draft, list, source string) {
	code := d.value('b')
	if code == "" || d.has('2') {
		return
	}
	for _, c := range byIRI()[list] {
		if c.Code == code && c.En != "" {
			d.parts = append([]part{{'a', r.words(c), false}}, d.parts...)
			break
		}
	}
	d.add('2', source)
}

// words returns what a code is called in the language of the description.
func (r *run) words(c *codes.Code) string {
	if r.vietnamese && c.Vi != "" {
		return c.Vi
	}
	return c.En
}

// keep writes the code of the keeper before a number.
func (d *draft) keep(code string) {
	for i := range d.parts {
		if p := &d.parts[i]; code != "" && (p.code == 'a' || p.code == 'z') && !strings.HasPrefix(p.value, "(") {
			p.value = "(" + code + ")" + p.value
			return
		}
	}
}

// attach puts values that hang on no node to the field that has been made of a node: the
// statement of responsibility to the title, the dimensions to the extent.
func (r *run) attach() {
	kept := r.drafts[:0]
	next := map[string]int{}
	for _, d := range r.drafts {
		if !d.loose || d.tag != "245" && d.tag != "300" {
			kept = append(kept, d)
			continue
		}
		var nodes []*draft
		for _, n := range r.drafts {
			if n.tag == d.tag && !n.loose {
				nodes = append(nodes, n)
			}
		}
		if len(nodes) == 0 {
			kept = append(kept, d)
			continue
		}
		n := nodes[min(next[d.tag], len(nodes)-1)]
		next[d.tag]++
		if d.tag == "245" {
			n = nodes[0]
		}
		n.parts = append(n.parts, d.parts...)
		n.uses = append(n.uses, d.uses...)
	}
	r.drafts = kept
	if !r.sorted {
		r.pairLoose()
	}
	r.oneLanguage()
}

// pairLoose puts values in two scripts together that hang on no node, where their order does
// not tell which belong together: one by one, if there are not more of the other script.
func (r *run) pairLoose() {
	kept := r.drafts[:0]
	var alone []*draft
	free := map[string][]*draft{}
	for _, d := range r.drafts {
		switch {
		case !d.loose:
		case d.parts[0].other:
			alone = append(alone, d)
			continue
		case !d.parts[len(d.parts)-1].other:
			free[d.tag] = append(free[d.tag], d)
		}
		kept = append(kept, d)
	}
	for _, d := range alone {
		mains := free[d.tag]
		if len(mains) == 0 {
			kept = append(kept, d)
			continue
		}
		mains[0].parts = append(mains[0].parts, d.parts...)
		mains[0].uses = append(mains[0].uses, d.uses...)
		free[d.tag] = mains[1:]
	}
	r.drafts = kept
}

// oneLanguage leaves out a 041 that says what 008 says.
func (r *run) oneLanguage() {
	d := r.loneField("041")
	if d == nil || len(d.parts) != 1 || d.parts[0].code != 'a' {
		return
	}
	for i, other := range r.drafts {
		if other == d {
			r.language = d
			r.drafts = append(r.drafts[:i], r.drafts[i+1:]...)
			return
		}
	}
}

// sameTitle takes the title of the work, as far as it says what that of the instance does.
func (r *run) sameTitle(n graph.Term) {
	for _, i := range r.of(n) {
		q := &r.quads[i]
		if q.O.IsIRI() {
			r.use(r.titled, i)
			continue
		}
		for _, p := range r.titled.parts {
			if p.value == strings.TrimSpace(q.O.Value()) {
				r.use(r.titled, i)
				break
			}
		}
	}
}

// structure takes what says how things hang together, which every record has, and what
// follows from the rest: labels, and Schema.org.
func (r *run) structure() {
	for i := range r.quads {
		q := &r.quads[i]
		switch q.P {
		case bf.HasInstance, bf.InstanceOf, bf.AdminMetadata, bf.ItemOf, bf.HasItem:
			r.used[i] = true
		case label:
			r.used[i] = q.S == r.work || q.S == r.instance
		default:
			r.used[i] = strings.HasPrefix(string(q.P), schemaOrg) ||
				q.O.IsIRI() && strings.HasPrefix(q.O.Value(), schemaOrg)
		}
	}
}

const schemaOrg = string(schema.NS)
