package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/madsrdf"
	"mocban/vocab/owl"
	"mocban/vocab/schema"
	"mocban/vocab/skos"
)

// A heading is the name of an agent as a field gives it, and the title behind it, if any.
type heading struct {
	class graph.IRI // Person, Family, Organization, Jurisdiction, Meeting
	label string    // "Nguyễn Du, 1765-1820"
	name  string    // in direct order, without dates: "Nguyễn Du", "Victor Hugo"
	last  string    // the family name and the given names, where the field parts them
	given string
	dates string // "1765-1820"
	title string // "Truyện Kiều. Tiếng Pháp"
	key   string // of the title, what one Hub is known by: "Truyện Kiều"
	whole bool   // the field names this agent and no other
	role  string // that stood with the name, as a code
}

// nameSubs are the subfields that make a name, by the last two digits of the tag.
func nameSubs(tag int) uint64 {
	switch tag % 100 {
	case 0:
		return subMask("abcdq")
	case 10:
		return subMask("abcdgn")
	}
	return subMask("acdegnq")
}

// readHeading reads the name of an X00, X10 or X11 field, and the title from its $t on.
func (b *builder) readHeading(f *marc.Field, tag int) heading {
	h := heading{class: nameClass(f, tag), whole: true}
	subs, titled := nameSubs(tag), false
	label := b.scratch2[:0]
	for i := range f.Subfields {
		s := &f.Subfields[i]
		value := strings.TrimSpace(s.Value)
		if s.Code == 't' {
			titled = true
		}
		n := subIndex(s.Code)
		if titled || n < 0 || subs&(1<<n) == 0 || value == "" {
			continue
		}
		if s.Code == 'd' && tag%100 == 0 {
			h.dates = strings.Trim(value, " .,;()")
			if h.name == "" {
				h.name = trim(b.texts.keep(label))
			}
			label = append(append(label[:0], trimWide(string(trimComma(label)))...), ',')
		}
		if len(label) > 0 {
			label = append(label, ' ')
		}
		label = append(label, value...)
	}
	b.scratch2 = label
	h.label = trim(b.texts.keep(label))
	if h.name == "" {
		h.name = h.label
	}
	if tag%100 == 0 && f.Ind1 == '1' {
		b.invert(&h, trim(f.Subfield('a')))
	}
	if titled {
		h.title, h.key = b.readTitle(f, true)
	}
	return h
}

// invert brings a name that is filed under the family name into the order in which it is
// spoken. Vietnamese names only lose their comma.
func (b *builder) invert(h *heading, filed string) {
	last, given, ok := strings.Cut(filed, ", ")
	if !ok || strings.Contains(given, ",") || strings.ContainsAny(filed, "()") {
		return
	}
	if familyNames[string(b.lowered(last))] {
		h.name = b.spaced(last, given)
		return
	}
	first, middle, more := strings.Cut(last, " ")
	before, _, _ := strings.Cut(given, " ")
	vietnamese := looksVietnamese(filed)
	switch {
	case vietnamese && more && middle != "" && familyNames[string(b.lowered(first))] && !familyNames[string(b.lowered(before))]:
		h.name = b.spaced(last, given) // Nguyễn Thị, Hoa: the family name with what stands in the middle
		return
	case vietnamese && familyNames[string(b.lowered(before))]:
		h.name = b.spaced(given, last) // Châu, Nguyễn Minh: turned round as if it were a western name
		return
	}
	h.last, h.given = last, given
	h.name = b.spaced(given, last)
}

// spaced returns two words with a blank between.
func (b *builder) spaced(one, two string) string {
	b.scratch = append(append(append(b.scratch[:0], one...), ' '), two...)
	return b.texts.keep(b.scratch)
}

// trimComma takes off the comma or blank in front of dates, so that each heading has one.
func trimComma(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == ',' || b[len(b)-1] == ' ') {
		b = b[:len(b)-1]
	}
	return b
}

func nameClass(f *marc.Field, tag int) graph.IRI {
	switch tag % 100 {
	case 0:
		if f.Ind1 == '3' {
			return bf.Family
		}
		return bf.Person
	case 10:
		if f.Ind1 == '1' && !f.Has('b') {
			return bf.Jurisdiction
		}
		return bf.OrganizationClass
	}
	return bf.Meeting
}

// readTitle returns a uniform title, whole and without what tells only a version of it: the
// language ($l), the date ($f), the medium, "Selections". In a name-title heading it begins
// with $t.
func (b *builder) readTitle(f *marc.Field, behindName bool) (title, key string) {
	whole, core := b.scratch[:0], b.scratch2[:0]
	titled := !behindName
	for i := range f.Subfields {
		s := &f.Subfields[i]
		value := strings.TrimSpace(s.Value)
		titled = titled || s.Code == 't'
		if !titled || value == "" {
			continue
		}
		switch s.Code {
		case 'a', 't', 'n', 'p', 'm', 'r', 'o':
			core = appendPart(core, value)
			whole = appendPart(whole, value)
		case 'k', 'l', 'f', 's', 'd', 'g', 'h':
			if s.Code != 'h' {
				whole = appendPart(whole, value)
			}
		}
	}
	b.scratch, b.scratch2 = whole, core
	return trim(b.texts.keep(whole)), trim(b.texts.keep(core))
}

func appendPart(b []byte, part string) []byte {
	if len(b) > 0 {
		b = append(b, ' ')
	}
	return append(b, part...)
}

// agent returns the IRI of the agent of a heading and describes it. Two headings with the
// same name and dates are one agent, however they are punctuated.
func (b *builder) agent(h heading, f *field) graph.Term {
	t := b.agentIRI(h)
	if b.authorities != nil {
		named := f
		if h.title != "" || f != nil && f.tag/100 == 6 && b.hasSubdivisions(f) {
			named = nil // the numbers are of the whole
		}
		b.said = h.label
		to, as, _ := b.under(agents, t, named)
		if as != nil {
			b.describeAs(to, as)
			b.linksUnder(to, named)
			return to
		}
		t = to
	}
	b.describeAgent(t, h, f)
	return t
}

// agentIRI returns the IRI of the agent of a heading.
func (b *builder) agentIRI(h heading) graph.Term {
	if h.class == bf.Family {
		return b.mintName(agents, "family", h.label)
	}
	return b.mintName(agents, "", h.label)
}

func (b *builder) describeAgent(t graph.Term, h heading, f *field) {
	b.isA(t, bf.AgentClass)
	b.isA(t, h.class)
	b.label(t, b.name(h.label))
	if h.dates != "" && h.class == bf.Person {
		b.lifetime(t, h.dates)
	}
	if f != nil && h.whole {
		b.nameKey(t, f.Field, f.tag)
	}
	if f != nil && f.alt != nil {
		b.inScript(f, func() {
			alt := b.readHeading(f.alt, f.tag)
			b.nameKey(t, f.alt, f.tag)
			b.label(t, b.name(alt.label))
			if alt.last != "" { // names in Han and Hangul are spoken as they are filed
				alt.name = alt.last + alt.given
				if familyFirst(scriptOf(alt.last)) && h.last != "" {
					h.name, h.last = h.last+" "+h.given, ""
				}
			}
			b.add(t, schema.AlternateName, b.name(alt.name))
		})
	}
	if h.name != h.label {
		b.add(t, schema.Name, b.name(h.name))
	}
	if h.last != "" {
		b.add(t, schema.FamilyName, b.name(h.last))
		b.add(t, schema.GivenName, b.name(h.given))
	}
	if f == nil {
		return
	}
	if h.title == "" {
		b.links(t, f)
	}
}

// familyFirst tells the scripts of languages in which the family name comes first.
func familyFirst(script string) bool {
	return script == "Hani" || script == "Jpan" || script == "Kore"
}

// inScript calls do while text is taken to be in the script of the 880 of a field.
func (b *builder) inScript(f *field, do func()) {
	was := b.script
	b.script = f.alts
	if b.script == "" {
		b.script = "CJK"
	}
	do()
	b.script = was
}

// mintName returns the IRI of what is known by a name in its normal form. Names that come
// again are remembered: making the normal form of Vietnamese text takes a microsecond a word.
func (b *builder) mintName(k kind, space, name string) graph.Term {
	begins := append(append(append(append(b.scratch[:0], k...), 0), space...), 0)
	known := append(begins, name...)
	b.scratch = known
	at := b.names.seat(known)
	if at.holds(known) {
		return at.term()
	}
	both := append(b.scratch2[:0], known...)
	id := appendName(begins, name)
	b.scratch = id
	b.scratch2 = b.appendMinted(both, k, id)
	*at = remembered{string(b.scratch2), len(both)}
	return at.term()
}

// lifetime adds the years of $d: "1765-1820", "1953-", "-1820", "b. 1953".
func (b *builder) lifetime(t graph.Term, dates string) {
	birth, death, dash := strings.Cut(dates, "-")
	switch {
	case strings.HasPrefix(dates, "active"), strings.HasPrefix(dates, "fl"), strings.HasPrefix(dates, "cent"):
		return
	case !dash && strings.HasPrefix(dates, "d"), strings.HasPrefix(dates, "mất"):
		birth, death = "", dates
	}
	if y := lifeYear(birth); y != "" {
		b.add(t, madsrdf.BirthDate, graph.Literal(y, edtf))
	}
	if y := lifeYear(death); y != "" {
		b.add(t, madsrdf.DeathDate, graph.Literal(y, edtf))
	}
}

// lifeYear returns the year in one half of the dates of a person, or "" if it tells none.
func lifeYear(s string) string {
	if t := strings.TrimSpace(s); len(t) == 3 && isDigits(t) {
		return "0" + t // EDTF has four digits
	}
	year, end := statedYear(s)
	if year == "" {
		return ""
	}
	lower := strings.ToLower(s)
	switch {
	case strings.HasPrefix(s[end:], "?"):
		return year + "?"
	case containsAny(lower, "ca", "approximately", "khoảng"):
		return year + "~"
	case containsAny(lower, "tcn", "b.c", " or ", "hoặc", "century", "thế kỷ"):
		return ""
	}
	return year
}

// links adds what $0 and $1 say of a thing. What names the thing itself is the same as it;
// what names an authority identifies it; concepts match.
func (b *builder) links(t graph.Term, f *field) {
	concept := false
	b.linksOf(t, f.Field, concept)
}

func (b *builder) linksOf(t graph.Term, f *marc.Field, concept bool) {
	for i := range f.Subfields {
		value, ok := b.authorityNumber(&f.Subfields[i])
		if !ok {
			continue
		}
		if iri, ok := authorityIRI(strings.TrimSpace(value)); ok {
			b.link(t, iri, concept)
		} else if b.authorities != nil {
			b.ownAuthority(t, value)
		}
	}
}

// link adds one link, by the property that is true of it.
func (b *builder) link(t graph.Term, iri graph.IRI, concept bool) {
	switch {
	case concept:
		b.add(t, skos.ExactMatch, iri.Term())
	case strings.Contains(string(iri), "/authorities/"), strings.Contains(string(iri), "id.worldcat.org/fast/"):
		b.add(t, madsrdf.IsIdentifiedByAuthority, iri.Term())
	default:
		b.add(t, owl.SameAs, iri.Term())
	}
}

// authorityIRI returns the IRI that a $0 or $1 tells: an IRI, or the number of a known file
// behind the code of its keeper in brackets: (DE-588)118540238.
func authorityIRI(s string) (graph.IRI, bool) {
	if rest, ok := strings.CutPrefix(s, "("); ok {
		keeper, number, ok := strings.Cut(rest, ")")
		number = strings.TrimSpace(number)
		if !ok || number == "" {
			return "", false
		}
		return keptIRI(strings.ToLower(keeper), number)
	}
	if !strings.HasPrefix(s, "http") {
		return "", false
	}
	return asIRI(s)
}

func keptIRI(keeper, number string) (graph.IRI, bool) {
	base := ""
	switch keeper {
	case "uri":
		return asIRI(number)
	case "de-588":
		base = "https://d-nb.info/gnd/"
	case "viaf":
		base = "http://viaf.org/viaf/"
	case "isni":
		base, number = "https://isni.org/isni/", strings.ReplaceAll(number, " ", "")
	case "orcid":
		base = "https://orcid.org/"
	case "wikidata":
		base = "http://www.wikidata.org/entity/"
	case "idref", "fr-idref":
		base = "http://www.idref.fr/"
	case "ocolc":
		digits, ok := strings.CutPrefix(number, "fst")
		if !ok {
			return "", false
		}
		base, number = "http://id.worldcat.org/fast/", strings.TrimLeft(digits, "0")
	case "dlc":
		number = strings.ReplaceAll(number, " ", "")
		switch {
		case strings.HasPrefix(number, "sh"), strings.HasPrefix(number, "sj"):
			base = "http://id.loc.gov/authorities/subjects/"
		case strings.HasPrefix(number, "gf"):
			base = "http://id.loc.gov/authorities/genreForms/"
		case strings.HasPrefix(number, "n"):
			base = "http://id.loc.gov/authorities/names/"
		default:
			return "", false
		}
	default:
		return "", false
	}
	for i := range len(number) {
		c := number[i]
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '-' {
			return "", false
		}
	}
	return graph.IRI(base + number), number != ""
}
