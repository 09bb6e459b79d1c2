package lc

import (
	"strings"
	"unicode/utf8"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/madsrdf"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// The vocabularies of the Library of Congress, and others, where IRIs are made of codes.
const (
	vocabulary    = "http://id.loc.gov/vocabulary/"
	organizations = vocabulary + "organizations/"
	relators      = vocabulary + "relators/"
	relationships = vocabulary + "relationship/"
	languages     = vocabulary + "languages/"
	countries     = vocabulary + "countries/"
	noteTypes     = vocabulary + "mnotetype/"
	statuses      = vocabulary + "mstatus/"
	genreForms    = "http://id.loc.gov/authorities/genreForms/"
	libraryCanada = "http://id.loc.gov/authorities/names/no2004037399"
	fast          = "http://id.worldcat.org/fast/"

	// Terms that the conversion uses and BIBFRAME 2.6 does not define.
	mergedWith    = bf.NS + "mergedWith"
	relatedTo     = bf.NS + "relatedTo"
	hasEquivalent = bf.NS + "hasEquivalent"
	partNubmber   = bf.NS + "partNubmber" // for partNumber, in series statements

	datesNS graph.IRI = "http://id.loc.gov/datatypes/"
	edtfDT            = datesNS + "edtf"
)

func organization(code string) graph.Term { return graph.IRI(organizations + code).Term() }

func lc(path string) graph.Term { return graph.IRI(vocabulary + path).Term() }

// ref returns an IRI that a subfield gives. What is none by itself is read from the base, as
// readers of RDF/XML do.
func (c *run) ref(s string) graph.Term {
	s = strings.Trim(s, " \t\r\n")
	if iri, ok := strings.CutPrefix(s, c.id); ok && (iri == "" || iri[0] == '#') {
		return graph.IRI(s).Term()
	}
	if strings.ContainsFunc(s, isNoIRI) {
		c.odd = append(c.odd, Odd{c.now, s})
		if c.options.Valid {
			s = valid(s)
		}
	}
	iri, err := c.options.Base.Resolve(s)
	if err != nil {
		iri = graph.IRI(s)
	}
	return iri.Term()
}

// isNoIRI tells the characters that an IRI must not have (RFC 3987, 2.2).
func isNoIRI(r rune) bool {
	return r <= ' ' || 0x7F <= r && r < 0xA0 || strings.ContainsRune("<>\"{}|\\^`", r)
}

// valid writes the characters that an IRI must not have as %XX.
func valid(s string) string {
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(s)+16)
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		c := s[:n]
		s = s[n:]
		if !isNoIRI(r) && (r != utf8.RuneError || n > 1) {
			b = append(b, c...)
			continue
		}
		for i := range n {
			b = append(b, '%', hex[c[i]>>4], hex[c[i]&15])
		}
	}
	return string(b)
}

// isURI tells whether a $0 or $w is an IRI: (uri)… or http….
func isURI(s string) bool { return strings.HasPrefix(s, "(uri)") || strings.HasPrefix(s, "http") }

// bareURI returns the IRI of such a subfield, "" if it is none.
func bareURI(s string) string {
	if rest, ok := strings.CutPrefix(s, "(uri)"); ok {
		return rest
	}
	if strings.HasPrefix(s, "http") {
		return s
	}
	return ""
}

// find returns the first subfield with one of the codes that fits, "" if there is none.
func (f *field) find(codes string, fits func(s string) bool) string {
	for i := range f.subs {
		if strings.IndexByte(codes, f.subs[i].Code) >= 0 && fits(f.subs[i].Value) {
			return f.subs[i].Value
		}
	}
	return ""
}

func containing(part string) func(string) bool {
	return func(s string) bool { return strings.Contains(s, part) }
}

func beginning(part string) func(string) bool {
	return func(s string) bool { return strings.HasPrefix(s, part) }
}

// An entity is what a field with a title in it may be about.
type entity byte

const (
	other entity = iota
	agentEntity
	hubEntity
)

// uri returns the IRI that a field gives for what it is about, "" if it gives none
// (ConvSpec, numeric subfields). Before or behind a $t stand those of the name or the title.
func (f *field) uri(e entity) string {
	if t := f.index('t'); t >= 0 {
		switch e {
		case agentEntity:
			for i := t - 1; i >= 0; i-- {
				if s := f.subs[i]; (s.Code == '0' || s.Code == 'w') && isURI(s.Value) {
					return bareURI(s.Value)
				}
			}
		case hubEntity:
			for _, s := range f.subs[t:] {
				if (s.Code == '0' || s.Code == 'w') && isURI(s.Value) {
					return bareURI(s.Value)
				}
			}
		}
		return ""
	}
	if s := f.find("1", beginning("http")); s != "" {
		return s
	}
	if s := f.find("0", beginning("(OCoLC)fst")); s != "" {
		return fast + after(s, "(OCoLC)fst")
	}
	return bareURI(f.find("0w", isURI))
}

// uriFrom0 returns the IRI of the authority.
func (f *field) uriFrom0() string {
	if s := f.find("0", containing("id.loc.gov/authorities/")); s != "" {
		return bareURI(s)
	}
	if f.find("1", containing("id.loc.gov/rwo/agents/")) != "" {
		one := f.sub('1')
		return before(one, "rwo/agents") + "authorities/names/" + after(one, "rwo/agents/")
	}
	if s := f.find("0", beginning("(OCoLC)fst")); s != "" {
		return fast + after(s, "(OCoLC)fst")
	}
	if s := f.find("0w", isURI); s != "" {
		return bareURI(s)
	}
	if s := f.find("0", beginning("(DE-588)")); s != "" {
		return "https://d-nb.info/gnd/" + after(s, "(DE-588)")
	}
	return f.find("1", containing("homosaurus.org/v"))
}

// uriFrom1 returns the IRI of the thing itself.
func (f *field) uriFrom1() string {
	if s := f.find("1", containing("id.loc.gov/rwo/agents/")); s != "" {
		return s
	}
	if s := f.find("0", containing("id.loc.gov/authorities/names/")); s != "" {
		return before(s, "authorities/names") + "rwo/agents/" + after(s, "authorities/names/")
	}
	if s := f.find("1", containing("isni.org/isni/")); s != "" {
		return strings.TrimSuffix(s, ".")
	}
	return f.find("1", beginning("http"))
}

// orMinted returns an IRI, or the one that the record gives to what the field is about.
func (c *run) orMinted(iri, kind string, f *field) string {
	if iri != "" {
		return iri
	}
	return c.minted(kind, f)
}

// ownURI returns the first IRI among the $0 that follow a subfield.
func ownURI(f *field, at int) string {
	for i := at + 1; i < len(f.subs) && f.subs[i].Code == '0'; i++ {
		if v := f.subs[i].Value; strings.Contains(v, "://") {
			return strings.TrimPrefix(v, "(uri)")
		}
	}
	return ""
}

// own calls do with the $0 that follow a subfield.
func own(f *field, at int, do func(s string)) {
	for i := at + 1; i < len(f.subs) && f.subs[i].Code == '0'; i++ {
		do(f.subs[i].Value)
	}
}

// ownMore says what the $0 behind a subfield give besides the first IRI: more authorities, and
// identifiers.
func (c *run) ownMore(n graph.Term, f *field, at int) {
	first := true
	own(f, at, func(s string) {
		if strings.Contains(s, "://") {
			if !first {
				c.zero(n, '0', s, bf.Identifier)
			}
			first = false
			return
		}
		c.zero(n, '0', s, bf.Identifier)
	})
}

// ownRelated says the same, calling other IRIs related.
func (c *run) ownRelated(n graph.Term, f *field, at int, iri string) {
	own(f, at, func(s string) {
		if !strings.Contains(s, "://") {
			c.zero(n, '0', s, bf.Identifier)
		} else if s = strings.TrimPrefix(s, "(uri)"); s != iri {
			c.add(n, madsrdf.HasRelatedAuthority, c.ref(s))
		}
	})
}

// zero says what a $0 or $w gives: an authority, or an identifier of a class with its source.
func (c *run) zero(n graph.Term, code byte, s string, class graph.IRI) {
	switch {
	case strings.HasPrefix(s, "http"):
		c.add(n, madsrdf.IsIdentifiedByAuthority, c.ref(s))
		return
	case strings.HasPrefix(s, "(uri)"):
		c.add(n, madsrdf.IsIdentifiedByAuthority, c.ref(s[len("(uri)"):]))
		return
	case strings.HasPrefix(s, "(OCoLC)fst"):
		c.add(n, madsrdf.IsIdentifiedByAuthority, c.ref(fast+after(s, "(OCoLC)fst")))
		return
	}
	source, value := sourceOf(s), s
	if source != "" {
		value = after(s, ")")
	}
	id := c.node(n, bf.IdentifiedBy, class)
	if strings.Contains(value, "://") {
		c.add(id, rdf.Value, c.ref(value))
	} else {
		c.add(id, rdf.Value, graph.String(value))
	}
	if source == "" || source == "uri" {
		return
	}
	about := c.sink.Blank()
	if source == "DLC" {
		about = organization("dlc")
	}
	if code == 'w' {
		c.link(id, bf.Assigner, about, bf.AgentClass)
	} else {
		c.link(id, bf.Source, about, bf.SourceClass)
	}
	c.add(about, bf.Code, graph.String(source))
}

// sourceOf returns what stands in the brackets at the beginning of an identifier. The
// brackets may stand elsewhere; then as much as their place allows.
func sourceOf(s string) string {
	_, rest, ok := strings.Cut(s, "(")
	if !ok {
		return ""
	}
	head := before(s, ")")
	return part(rest, 0, len([]rune(head))-1)
}

// two says what $2 names as a source, with what begins its IRI.
func (c *run) two(n graph.Term, f *field, stem string, strip bool) {
	for i := range f.subs {
		if f.subs[i].Code == '2' {
			c.twoValue(n, f, f.subs[i].Value, stem, strip)
		}
	}
}

func (c *run) twoValue(n graph.Term, f *field, s, stem string, strip bool) {
	code := s
	if i := strings.Index(s, "%2F"); i >= 0 {
		code = s[:i]
	} else if i := strings.IndexByte(s, '/'); i >= 0 && f.tag != 82 {
		code = s[:i]
	}
	iri := ""
	if stem != "" {
		iri = stem + normalCode(code, strip)
	}
	if strings.Contains(iri, "/fast") {
		c.add(n, bf.Source, c.ref(iri))
		return
	}
	source := c.link(n, bf.Source, c.about(iri), bf.SourceClass)
	c.add(source, bf.Code, graph.String(code))
}

// normalCode returns a code as part of an IRI: in small letters, without marks if asked to.
func normalCode(s string, strip bool) string {
	if strip {
		s = strings.Map(func(r rune) rune {
			if strings.ContainsRune(`.?!,;:-/\()[]{} `, r) {
				return -1
			}
			return r
		}, s)
	}
	return encode(lower(space(s)))
}

// three says to which part something applies: $3.
func (c *run) three(n graph.Term, f *field) {
	for i := range f.subs {
		if f.subs[i].Code == '3' {
			c.appliesTo(n, f.subs[i].Value, c.lang(f))
		}
	}
}

func (c *run) appliesTo(n graph.Term, s, lang string) {
	c.add(c.node(n, bflc.AppliesTo, bflc.AppliesToClass), rdfs.Label, graph.Text(chop(s), lang))
}

// five says at which library something applies: $5.
func (c *run) five(n graph.Term, f *field) {
	for i := range f.subs {
		if f.subs[i].Code == '5' {
			a := c.link(n, bflc.ApplicableInstitution, organization(normalCode(f.subs[i].Value, true)), bf.AgentClass)
			c.add(a, bf.Code, graph.String(f.subs[i].Value))
		}
	}
}

// locators adds each $u.
func (c *run) locators(n graph.Term, f *field) {
	for i := range f.subs {
		if f.subs[i].Code == 'u' {
			c.add(n, bf.ElectronicLocator, c.ref(f.subs[i].Value))
		}
	}
}

// label adds a chopped label in the language of a field.
func (c *run) label(n graph.Term, f *field, s string) {
	c.add(n, rdfs.Label, c.text(f, chop(s)))
}

// status adds a status, with what it is called.
func (c *run) status(n graph.Term, code, label string) {
	s := c.link(n, bf.Status, graph.IRI(statuses+code).Term(), bf.StatusClass)
	c.add(s, rdfs.Label, graph.String(label))
}

// labelled adds a thing with a class and a label, blank if it has no IRI.
func (c *run) labelled(s graph.Term, p graph.IRI, iri graph.IRI, class graph.IRI, label graph.Term) graph.Term {
	n := c.link(s, p, c.about(string(iri)), class)
	c.add(n, rdfs.Label, label)
	return n
}

// sevens reads $7: what kind of thing is linked to, and how it is issued.
func (c *run) sevens(n graph.Term, f *field) {
	for i := range f.subs {
		if f.subs[i].Code != '7' {
			continue
		}
		s := f.subs[i].Value
		if class, ok := sevenTypes[part(s, 0, 1)]; ok {
			c.isA(n, class)
		}
		if code, ok := sevenIssuance[part(s, 1, 1)]; ok {
			c.add(c.node(n, bf.Issuance, bf.IssuanceClass), bf.Code, graph.String(code))
		}
	}
}

var sevenTypes = map[string]graph.IRI{
	"a": bf.Text, "c": bf.NotatedMusic, "d": bf.NotatedMusic, "e": bf.Cartography, "f": bf.Cartography,
	"g": bf.MovingImage, "i": bf.Audio, "j": bf.Audio, "k": bf.StillImage, "o": bf.MixedMaterial,
	"p": bf.MixedMaterial, "r": bf.Object, "t": bf.Text,
}

var sevenIssuance = map[string]string{"a": "m", "b": "s", "d": "d", "i": "i", "m": "m", "s": "s"}
