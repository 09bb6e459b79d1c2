package lc

import (
	"slices"
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/madsrdf"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// frequency says how often something comes out (ConvSpec 310, 321).
func frequency(c *run, s graph.Term, f *field, _ *op, at int) {
	n := c.link(s, bf.Frequency, c.about(f.find("0", containing("://"))), bf.FrequencyClass)
	c.label(n, f, f.subs[at].Value)
	for i := range f.subs {
		if f.subs[i].Code == 'b' {
			c.add(n, bf.Date, c.text(f, chop(f.subs[i].Value)))
		}
	}
	if f.as == 310 {
		c.status(n, "current", "current")
	} else {
		c.status(n, "former", "former")
	}
	c.two(n, f, "", false)
	for i := range f.subs {
		if v := f.subs[i].Value; f.subs[i].Code == '0' && !strings.Contains(v, "://") {
			c.zero(n, '0', v, bf.Identifier)
		}
	}
}

// rda reads the codes and words of 334 to 338. Its words: the property, the class, what
// begins the IRIs.
func rda(c *run, s graph.Term, f *field, o *op, _ int) {
	property, class, stem := mustIRI(o.args[0]), mustIRI(o.args[1]), string(mustIRI(o.args[2]))
	for i := range f.subs {
		switch f.subs[i].Code {
		case 'b':
			c.rdaCode(c.link(s, property, c.ref(stem+encode(space(f.subs[i].Value))), class), f, i, stem)
		case 'a':
			if i+1 < len(f.subs) && f.subs[i+1].Code != 'b' {
				c.rdaWord(s, property, class, f, i)
			}
		}
	}
}

func (c *run) rdaCode(n graph.Term, f *field, at int, stem string) {
	if at > 0 && f.subs[at-1].Code == 'a' {
		c.label(n, f, f.subs[at-1].Value)
	}
	if at+1 < len(f.subs) && f.subs[at+1].Code == '0' {
		v := f.subs[at+1].Value
		if !strings.Contains(v, "://") {
			c.zero(n, '0', v, bf.Identifier)
		} else if v = strings.TrimPrefix(v, "(uri)"); v != stem+encode(space(f.subs[at].Value)) {
			c.add(n, madsrdf.HasRelatedAuthority, c.ref(v))
		}
	}
	c.rdaSource(n, f)
	if f.as < 337 || c.kind != secondary {
		c.three(n, f)
	}
}

// rdaWord reads a word that no code follows. The last subfield of a field is none: it has
// nothing behind it that is not a code.
func (c *run) rdaWord(s graph.Term, property, class graph.IRI, f *field, at int) {
	iri := graph.IRI("")
	for _, list := range [...]string{"contentTypes", "mediaTypes", "carriers"} {
		for code := range c.tables.lists[list].codes {
			for _, t := range c.tables.things(list, code) {
				if t.label == f.subs[at].Value && t.iri != "" && iri == "" {
					iri = t.iri
				}
			}
		}
	}
	n := c.link(s, property, c.about(string(iri)), class)
	c.label(n, f, f.subs[at].Value)
	if iri == "" {
		if f.subs[at+1].Code == '0' {
			c.zero(n, '0', f.subs[at+1].Value, bf.Identifier)
		}
		c.rdaSource(n, f)
	}
	c.three(n, f)
}

func (c *run) rdaSource(n graph.Term, f *field) {
	for i := range f.subs {
		if f.subs[i].Code == '2' {
			c.link(n, bf.Source, c.ref(vocabulary+"genreFormSchemes/"+normalCode(f.subs[i].Value, false)), bf.SourceClass)
		}
	}
}

// describedThing makes a thing of a subfield, called by the $0 behind it. Its words: the
// property, the class, what other $0 are (related or more), and value if the word is no label.
func describedThing(c *run, s graph.Term, f *field, o *op, at int) {
	iri := ownURI(f, at)
	n := c.link(s, mustIRI(o.args[0]), c.about(iri), mustIRI(o.args[1]))
	p := rdfs.Label
	if slices.Contains(o.args, "value") {
		p = rdf.Value
	}
	c.add(n, p, c.text(f, chop(f.subs[at].Value)))
	if slices.Contains(o.args, "related") {
		c.ownRelated(n, f, at, iri)
	} else {
		c.ownMore(n, f, at)
	}
	c.two(n, f, "", false)
}

// property makes a thing of a subfield, with what $0, $2 and $3 say, in no language, since the
// conversion looks for that in the wrong place. Its words: the property, the class, chop, and
// what begins the IRI of a source.
func property(c *run, s graph.Term, f *field, o *op, at int) {
	text := f.subs[at].Value
	stem := ""
	for _, w := range o.args[2:] {
		if w == "chop" {
			text = chop(text)
		} else if w, ok := strings.CutPrefix(w, "stem:"); ok {
			stem = string(mustIRI(w))
		}
	}
	c.makeProperty(s, f, at, mustIRI(o.args[0]), mustIRI(o.args[1]), rdfs.Label, "", text, stem)
}

func (c *run) makeProperty(s graph.Term, f *field, at int, p, class, labels graph.IRI, iri graph.IRI, text, stem string) {
	n := c.link(s, p, c.about(string(iri)), class)
	c.add(n, labels, graph.String(text))
	c.ownRelated(n, f, at, string(iri))
	if c.kind != secondary {
		c.three(n, f)
	}
	c.two(n, f, stem, false)
}

// characteristic makes a characteristic of sound, picture or file of a subfield (ConvSpec 344
// to 348), unless an earlier field with the tag says the same. Its words: the property, the
// class, value if the word is no label, format for the format of a file.
func characteristic(c *run, s graph.Term, f *field, o *op, at int) {
	code, text := f.subs[at].Code, f.subs[at].Value
	words := text
	if f.as == 344 && code == 'i' {
		words = lower(text)
	}
	iri := c.tables.words[wordKey{f.as, code, words}]
	if f.as == 344 && code == 'i' && (words == "silent" || words == "sound") {
		iri = graph.IRI(vocabulary + "msoundcontent/" + words)
	}
	if slices.Contains(o.args, "format") {
		iri, text = fileFormat(text)
	}
	if c.all(f.as, func(e *field) bool { return e.pos < f.pos && e.anyIs(text) }) {
		return
	}
	labels := rdfs.Label
	if slices.Contains(o.args, "value") {
		labels = rdf.Value
	}
	c.makeProperty(s, f, at, mustIRI(o.args[0]), mustIRI(o.args[1]), labels, iri, text, "")
}

func (f *field) anyIs(text string) bool {
	for i := range f.subs {
		if f.subs[i].Value == text {
			return true
		}
	}
	return false
}

// fileFormat tells a format of files by words in it, and what it is called.
func fileFormat(s string) (iri graph.IRI, label string) {
	text := space(strings.ReplaceAll(lower(space(s)), "-", ""))
	label = chop(s)
	for _, format := range [...][2]string{
		{"cd aud", "cda"}, {"bluray", "bluray"}, {"dvd", "dvdv"}, {"sacd", "sacd"}, {"mp3", "mp3"}, {"pdf", "pdf"},
	} {
		if !strings.Contains(text, format[0]) {
			continue
		}
		switch format[1] {
		case "bluray":
			label = "Blu-ray video"
		case "dvdv":
			label = "DVD video"
		}
		return graph.IRI(vocabulary + "mencformat/" + format[1]), label
	}
	return "", label
}

// objectType reads a kind of cartographic object, and how many there are (352 $b, $c).
func objectType(c *run, s graph.Term, f *field, _ *op, at int) {
	n := c.node(s, bf.DigitalCharacteristic, bf.CartographicObjectType)
	c.label(n, f, f.subs[at].Value)
	if at+1 < len(f.subs) && f.subs[at+1].Code == 'c' {
		c.add(n, bf.Count, c.text(f, chopWith(f.subs[at+1].Value, &inParens)))
	}
}

// supplementary reads what content stands beside the main one (ConvSpec 353).
func supplementary(c *run, s graph.Term, f *field, _ *op, _ int) {
	iri := ""
	if f.has("b") {
		iri = vocabulary + "msupplcont/" + f.sub('b')
	}
	n := c.link(s, bf.SupplementaryContent, c.about(iri), bf.SupplementaryContentClass)
	for i := range f.subs {
		if f.subs[i].Code == 'a' {
			c.label(n, f, f.subs[i].Value)
		}
	}
	if iri != "" {
		// The rest belongs to the choice between the two in the conversion.
		return
	}
	for i := range f.subs {
		if f.subs[i].Code == '0' {
			c.zero(n, '0', f.subs[i].Value, bf.Identifier)
		}
	}
	c.two(n, f, "", false)
}

// origin reads the places that a work comes from (ConvSpec 370).
func origin(c *run, s graph.Term, f *field, _ *op, at int) {
	n := c.link(s, bf.OriginPlace, c.about(ownURI(f, at)), bf.PlaceClass)
	c.label(n, f, f.subs[at].Value)
	first := true
	own(f, at, func(v string) {
		if strings.Contains(v, "://") {
			if !first {
				c.zero(n, '0', v, bf.Identifier)
			}
			first = false
		}
	})
	for i := at + 1; i < len(f.subs) && strings.IndexByte("02", f.subs[i].Code) >= 0; i++ {
		if v := f.subs[i].Value; f.subs[i].Code == '0' && !strings.Contains(v, "://") {
			c.zero(n, '0', v, bf.Identifier)
		}
	}
	for i := at + 1; i < len(f.subs) && strings.IndexByte("012", f.subs[i].Code) >= 0; i++ {
		if f.subs[i].Code == '2' {
			c.link(n, bf.Source, c.ref(subjectSchemes+f.subs[i].Value), bf.SourceClass)
			break // what stands behind a $2 belongs to that
		}
	}
}

// associatedLanguage reads the language of a work (ConvSpec 377).
func associatedLanguage(c *run, s graph.Term, f *field, _ *op, at int) {
	v := f.subs[at].Value
	if f.subs[at].Code == 'l' {
		n := c.link(s, bf.Language, c.about(ownURI(f, at)), bf.LanguageClass)
		c.label(n, f, v)
		c.ownMore(n, f, at)
		c.three(n, f)
		return
	}
	if f.ind2 != ' ' {
		n := c.node(s, bf.Language, bf.LanguageClass)
		c.add(n, rdf.Value, graph.String(v))
		c.two(n, f, "", false)
		return
	}
	n := c.link(s, bf.Language, c.ref(languages+v), bf.LanguageClass)
	own(f, at, func(v string) { c.zero(n, '0', v, bf.Identifier) })
	c.three(n, f)
}

// thematic reads a number in a thematic index (383 $c, $d).
func thematic(c *run, s graph.Term, f *field, _ *op, at int) {
	c.add(s, bf.MusicThematicNumber, graph.String(chop(f.subs[at].Value+" "+f.sub('d'))))
}

// audience reads for whom a work is, or who made it (ConvSpec 385, 386). Its words: the
// property and the class.
func audience(c *run, s graph.Term, f *field, o *op, _ int) {
	p, class := mustIRI(o.args[0]), mustIRI(o.args[1])
	const terms = "http://id.loc.gov/authorities/demographicTerms/"
	term := func(code string) string { return terms + encode(space(code)) }
	if f.has("a") {
		for i := range f.subs {
			if f.subs[i].Code != 'a' {
				continue
			}
			iri := ""
			if code := after(f.sub('0'), ")"); strings.HasPrefix(code, "dg") {
				iri = term(code)
			}
			n := c.link(s, p, c.about(iri), class)
			c.label(n, f, f.subs[i].Value)
			for _, next := range f.subs[i+1:] {
				if next.Code == 'b' {
					c.add(n, bf.Code, graph.String(next.Value))
					break
				}
			}
			c.two(n, f, subjectSchemes, false)
			c.three(n, f)
		}
		return
	}
	for i := range f.subs {
		if !f.has("m") {
			if f.subs[i].Code == 'n' {
				c.add(s, p, c.ref(term(f.subs[i].Value)))
			}
			continue
		}
		if f.subs[i].Code != 'm' {
			continue
		}
		iri := ""
		for _, next := range f.subs[i+1:] {
			if next.Code == 'n' {
				iri = term(next.Value)
				break
			}
		}
		n := c.link(s, p, c.about(iri), bflc.DemographicGroupClass)
		c.label(n, f, f.subs[i].Value)
		c.two(n, f, subjectSchemes, false)
	}
}

// numbering reads the first and the last issue of a serial (ConvSpec 362), or a note where
// they cannot be told apart.
func numbering(c *run, s graph.Term, f *field, _ *op, _ int) {
	text := f.sub('a')
	if f.ind1 != '0' || strings.Contains(text, ";") || !strings.Contains(text, "-") {
		c.numberingNote(s, f, text)
		return
	}
	if one, two, ok := strings.Cut(text, "="); ok {
		if strings.Contains(two, "=") {
			c.numberingNote(s, f, text)
			return
		}
		for _, statement := range [...]string{space(one), space(two)} {
			if !c.issues(s, f, statement) {
				c.numberingNote(s, f, statement)
			}
		}
		return
	}
	if !c.issues(s, f, text) {
		c.numberingNote(s, f, text)
	}
}

// issues adds the first and the last issue of a statement with one hyphen, or with one
// behind a bracket.
func (c *run) issues(s graph.Term, f *field, text string) bool {
	first, last, ok := strings.Cut(text, ")-")
	if ok {
		first += ")"
	} else if first, last, ok = strings.Cut(text, "-"); !ok || strings.Contains(last, "-") {
		return false
	}
	if first != "" {
		c.add(s, bf.FirstIssue, c.text(f, chop(first)))
	}
	if last != "" {
		c.add(s, bf.LastIssue, c.text(f, chop(last)))
	}
	return true
}

func (c *run) numberingNote(s graph.Term, f *field, text string) {
	c.add(c.note(s, bf.Note, "number"), rdfs.Label, c.text(f, text))
}
