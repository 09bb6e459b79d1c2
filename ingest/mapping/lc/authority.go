package lc

import (
	"slices"
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/madsrdf"
	"mocban/vocab/owl"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
	"mocban/vocab/skos"
)

// Where the Library keeps its authorities, and words that madsrdf does not name.
const (
	authoritiesNS graph.IRI = "http://id.loc.gov/authorities/"
	agentsNS      graph.IRI = "http://id.loc.gov/rwo/agents/"
	identifiersNS graph.IRI = "http://id.loc.gov/vocabulary/identifiers/"
	viafSources             = "http://viaf.org/viaf/sourceID/LC%7C"
	classNumber   graph.IRI = "http://id.loc.gov/ontologies/lcc#ClassNumber"
	gacDT         graph.IRI = "http://id.loc.gov/datatypes/codes/gac"

	hasCharacteristic    = madsrdf.NS + "hasCharacteristic"
	usePatternCollection = madsrdf.NS + "usePatternCollection"
)

// An authorityScheme is a scheme of authorities, as the control number tells it: one of the Library's, or none.
type authorityScheme string

const (
	ofSubjects     authorityScheme = "subjects"
	ofNames        authorityScheme = "names"
	ofGenreForms   authorityScheme = "genreForms"
	ofPerformances authorityScheme = "performanceMediums"
	ofDemographics authorityScheme = "demographicTerms"
	noScheme       authorityScheme = ""
)

// authoritySchemeOf tells the scheme by the first letters of the number, whoever gave it.
func authoritySchemeOf(number string) authorityScheme {
	switch {
	case strings.HasPrefix(number, "s"):
		return ofSubjects
	case strings.HasPrefix(number, "n"):
		return ofNames
	case strings.HasPrefix(number, "gf"):
		return ofGenreForms
	case strings.HasPrefix(number, "m"):
		return ofPerformances
	case strings.HasPrefix(number, "dg"):
		return ofDemographics
	}
	return noScheme
}

// An authority is an authority record that becomes MADS/RDF.
type authority struct {
	*run
	t       *authorityTables
	r       *marc.Record
	self    graph.Term
	number  string // 001 without blanks
	scheme  authorityScheme
	heading *marc.Field
	class   graph.IRI
	label   string
}

// isAuthority tells whether a record is one of an authority: of that type, with a heading.
func isAuthority(r *marc.Record) bool { return r.Type() == marc.Authority && headingOf(r) != nil }

// headingOf returns the heading of an authority record, nil if it has none.
func headingOf(r *marc.Record) *marc.Field {
	for i := range r.Fields {
		if f := &r.Fields[i]; len(f.Tag) == 3 && f.Tag[0] == '1' {
			return f
		}
	}
	return nil
}

// AuthorityReads tells whether something is made of a field of an authority record.
func AuthorityReads(tag string) bool {
	if len(tag) == 3 && (tag[0] == '1' || tag[0] == '4' || tag[0] == '5') {
		return true
	}
	return slices.Contains(authorityTags, tag)
}

var authorityTags = strings.Fields(`001 005 008 010 020 024 035 040 043 046 053 072 073 260 360 368 370 371 372 373 374
	376 377 378 380 381 667 670 675 678 680 681 682 688`)

// toMADS maps an authority record as the Library's marcauth-to-madsrdf does.
//
// What is known by a number of the Library has the IRI that it has there, as
// http://id.loc.gov/authorities/names/{001}. All else, which that program puts into a folder
// "empty", has the IRI of its record.
func (c *run) toMADS(r *marc.Record) {
	a := &authority{run: c, t: c.headings, r: r, number: strings.ReplaceAll(r.Control("001"), " ", ""), heading: headingOf(r)}
	a.scheme = authoritySchemeOf(a.number)
	a.now = "001"
	switch {
	case a.scheme == noScheme:
		a.self = graph.IRI(a.id).Term()
	case strings.HasPrefix(a.number, "sj"):
		a.self = a.ref(string(authoritiesNS) + "childrensSubjects/" + a.number)
	default:
		a.self = a.ref(string(authoritiesNS) + string(a.scheme) + "/" + a.number)
	}
	a.label = headingLabel(a.heading)
	a.class = madsrdf.Authority
	if a.scheme != ofDemographics {
		a.class = a.classOf(a.heading)
	}
	if a.class != "" {
		a.isA(a.self, a.class)
	}
	if part(r.Leader, 5, 1) == "d" {
		a.deleted()
	} else {
		a.valid()
	}
}

// deleted says what is known of a heading that is not used any more.
func (a *authority) deleted() {
	a.isA(a.self, madsrdf.Variant, madsrdf.DeprecatedAuthority)
	a.add(a.self, madsrdf.VariantLabel, a.text(a.label))
	a.parts(a.self, a.heading, false)
	if f, ok := a.r.Field("682"); ok {
		a.instead(f)
		var texts []string
		for _, s := range f.Subfields {
			switch {
			case s.Code == 'a':
				texts = append(texts, "{"+s.Value+"}")
			case s.Value != "":
				texts = append(texts, s.Value)
			}
		}
		a.add(a.self, madsrdf.DeletionNote, a.text(strings.Join(texts, " ")))
	}
	a.notes()
	a.same()
	a.thing()
	a.administration(a.r)
}

// valid says what is known of a heading.
func (a *authority) valid() {
	a.isA(a.self, madsrdf.Authority)
	a.add(a.self, madsrdf.AuthoritativeLabel, a.text(a.label))
	a.parts(a.self, a.heading, true)
	if a.heading.Tag == "151" {
		a.places()
	}
	a.add(a.self, bflc.MarcKey, graph.String(keyOf(a.heading)))
	a.each("053", a.classification)
	a.collections()
	a.same()
	a.thing()
	a.form()
	a.variants()
	a.each("5", func(f *marc.Field) { a.refer(f) })
	a.identifiers()
	a.sources()
	a.notes()
	a.administration(a.r)
}

// each calls do with the fields whose tags begin so.
func (a *authority) each(tag string, do func(f *marc.Field)) {
	for i := range a.r.Fields {
		if f := &a.r.Fields[i]; strings.HasPrefix(f.Tag, tag) && len(f.Tag) == 3 {
			a.now = f.Tag
			do(f)
		}
	}
}

// of calls do with the subfields of a field.
func of(f *marc.Field, codes string, do func(s string)) {
	for _, s := range f.Subfields {
		if strings.IndexByte(codes, s.Code) >= 0 {
			do(s.Value)
		}
	}
}

// text is in English, but for names, which are in no language.
func (a *authority) text(s string) graph.Term {
	if a.scheme == ofNames {
		return graph.String(s)
	}
	return graph.Text(s, "en")
}

// collection puts the heading into a collection.
func (a *authority) collection(iri graph.IRI) {
	a.add(a.self, madsrdf.IsMemberOfMADSCollection, iri.Term())
}

// in puts the heading into a scheme of the Library.
func (a *authority) in(folder graph.IRI) {
	a.add(a.self, madsrdf.IsMemberOfMADSScheme, (authoritiesNS + folder).Term())
}

// collections says in which schemes and collections the heading is.
func (a *authority) collections() {
	const own = authoritiesNS + "subjects/collection_"
	const named = authoritiesNS + "names/collection_"
	data := a.r.Control("008")
	prefix := part(a.number, 0, 2)
	switch kind := part(data, 9, 1); {
	case kind == "a" && a.scheme == ofNames:
		a.collection(named + "NamesAuthorizedHeadings")
	case kind == "a" && prefix == "sh":
		a.collection(own + "LCSHAuthorizedHeadings")
	case kind == "d":
		a.collection(own + "Subdivisions")
	case kind == "f":
		a.collection(own + "LCSHAuthorizedHeadings")
		a.collection(own + "Subdivisions")
	case kind == "b" && a.scheme == ofSubjects:
		a.collection(own + "UntracedReference")
		a.add(a.self, madsrdf.EditorialNote, graph.String("Reference record only; not a valid heading."))
	}
	if iri := a.t.collections[[2]string{"008", part(data, 17, 1)}]; iri != "" {
		a.collection(iri)
	}
	switch {
	case prefix == "sh":
		a.in("subjects")
		a.collection(own + "LCSH_General")
	case prefix == "sj":
		a.in("childrensSubjects")
		a.collection(own + "LCSH_Childrens")
	case strings.Contains(prefix, "n"):
		a.in("names")
		a.collection(named + "LCNAF")
	case prefix == "gf":
		a.in("genreForms")
		a.collection(authoritiesNS + "genreForms/collection_LCGFT_General")
	case prefix == "mp":
		a.in("performanceMediums")
		a.collection(authoritiesNS + "performanceMediums/collection_LCMPT_General")
	case prefix == "dg":
		a.in("demographicTerms")
		a.collection(authoritiesNS + "demographicTerms/collection_LCDGT_General")
	}
	if s := part(data, 6, 1); s == "d" || s == "i" {
		a.collection(own + "SubdivideGeographically")
	}
	a.patterns(string(own) + "PatternHeading")
	if a.scheme == ofNames {
		if part(data, 32, 1) == "b" {
			a.collection(named + "NamesUndifferentiated")
		}
		if f, ok := a.r.Field("110"); ok && f.Ind1 == '1' {
			a.collection(named + "Jurisdictions")
		}
	}
	if a.class == madsrdf.Title || a.class == madsrdf.NameTitle {
		if a.heading.Has('l') || a.heading.Has('o') {
			a.collection(named + "FRBRExpression")
		} else {
			a.collection(named + "FRBRWork")
		}
	}
}

// patterns says whose subdivisions the heading shows (073) or may take (072), and of what
// groups of people it is.
func (a *authority) patterns(stem string) {
	a.each("073", func(f *marc.Field) {
		if has(f, 'z', "lcsh") {
			of(f, "a", func(s string) {
				a.add(a.self, madsrdf.IsMemberOfMADSCollection, a.ref(stem+strings.ReplaceAll(s, " ", "")))
			})
		}
	})
	a.each("072", func(f *marc.Field) {
		switch {
		case has(f, '2', "lcsh"):
			of(f, "a", func(s string) {
				pattern := a.ref(stem + strings.ReplaceAll(s, " ", ""))
				a.add(a.self, madsrdf.IsMemberOfMADSCollection, pattern)
				a.add(a.self, usePatternCollection, pattern)
			})
		case has(f, '2', "lcdgt"):
			of(f, "a", func(s string) {
				a.add(a.self, madsrdf.IsMemberOfMADSScheme,
					a.ref(string(authoritiesNS)+"demographicTerms/"+strings.ReplaceAll(s, " ", "")))
				iri := a.t.collections[[2]string{"072", s}]
				if iri == "" {
					iri = authoritiesNS + "demographicTerms/"
				}
				a.collection(iri)
			})
		}
	})
}

// has tells whether a field has a subfield with this value.
func has(f *marc.Field, code byte, value string) bool {
	for _, s := range f.Subfields {
		if s.Code == code && s.Value == value {
			return true
		}
	}
	return false
}

// same gives the older names of subjects at the Library.
func (a *authority) same() {
	if a.scheme == ofSubjects {
		a.now = "001"
		a.add(a.self, owl.SameAs, a.ref("info:lc/authorities/"+a.number))
		a.add(a.self, owl.SameAs, a.ref(string(authoritiesNS)+a.number+"#concept"))
	}
}

// places gives the codes of the areas that a place is in: 043, or what the heading says.
func (a *authority) places() {
	code := func(s string) { a.add(a.self, madsrdf.Code, graph.Literal(s, gacDT)) }
	if _, ok := a.r.Field("043"); ok {
		a.each("043", func(f *marc.Field) { of(f, "a", code) })
		return
	}
	for _, s := range a.t.areasOf(a.label) {
		code(s)
	}
}

// classification maps 053, a number of the Library's classification.
func (a *authority) classification(f *marc.Field) {
	text := ""
	for _, s := range f.Subfields {
		switch s.Code {
		case 'a':
			text += s.Value
		case 'b':
			text += "-" + s.Value
		}
	}
	n := a.node(a.self, madsrdf.Classification, classNumber)
	a.add(n, madsrdf.Code, graph.String(strings.ReplaceAll(text, " ", "")))
	switch f.Ind2 {
	case '0':
		a.add(n, bf.Assigner, organization("dlc"))
	case '4':
		of(f, "5", func(s string) {
			a.add(n, bf.Assigner, a.ref(organizations+strings.ReplaceAll(strings.ToLower(s), " ", "")))
		})
	}
}

// form maps what is known of works: 046 $k $l, 370 $g, 380, 381; and fuller names, 378.
func (a *authority) form() {
	var fuller, sources []string
	a.each("378", func(f *marc.Field) {
		fuller = append(fuller, values(f, "q")...)
		sources = append(sources, values(f, "uv")...)
	})
	if fuller != nil {
		a.described(a.self, madsrdf.FullerName, madsrdf.PersonalName, strings.Join(fuller, ""), sources)
	}
	a.each("046", func(f *marc.Field) {
		for _, date := range [...]struct {
			code byte
			p    graph.IRI
		}{{'k', madsrdf.CreationDateStart}, {'l', madsrdf.CreationDateEnd}} {
			if f.Has(date.code) {
				a.described(a.self, date.p, skos.Concept, sourced(f)+f.Subfield(date.code), values(f, "uv"))
			}
		}
	})
	a.each("380", func(f *marc.Field) {
		var elements []element
		of(f, "a", func(s string) {
			elements = append(elements, element{madsrdf.GenreFormElement, graph.String(sourced(f) + s)})
		})
		a.elementList(a.self, elements)
	})
	a.each("370", func(f *marc.Field) {
		of(f, "g", func(s string) {
			a.described(a.self, madsrdf.WorkOrigin, madsrdf.Geographic, sourced(f)+s, values(f, "uv0"))
		})
	})
	a.each("381", func(f *marc.Field) {
		of(f, "a", func(s string) {
			a.described(a.self, hasCharacteristic, skos.Concept, sourced(f)+s, values(f, "uv0"))
		})
	})
}

// described makes a node with a label and sources the value of a property.
func (a *authority) described(s graph.Term, p, class graph.IRI, label string, sources []string) graph.Term {
	n := a.node(s, p, class)
	a.add(n, rdfs.Label, graph.String(label))
	a.found(n, sources)
	return n
}

// found says where something was found.
func (a *authority) found(n graph.Term, sources []string) {
	for _, s := range sources {
		a.add(a.node(n, madsrdf.HasSource, madsrdf.Source), rdfs.Label, graph.String(s))
	}
}

// sourced returns the code of the vocabulary that words are from, to stand before them.
func sourced(f *marc.Field) string {
	if f.Has('2') {
		return "(" + f.Subfield('2') + ") "
	}
	return ""
}

func values(f *marc.Field, codes string) (all []string) {
	of(f, codes, func(s string) { all = append(all, s) })
	return all
}

// identifiers maps 010, 020, 024 and 035.
func (a *authority) identifiers() {
	lccn := ""
	if f, ok := a.r.Field("010"); ok {
		lccn = f.Subfield('a')
	}
	local := strings.Contains(a.number, "-781")
	if a.scheme == ofNames && !local {
		a.now = "010"
		a.add(a.self, madsrdf.HasExactExternalAuthority,
			a.ref(viafSources+strings.ReplaceAll(strings.Trim(lccn, " "), " ", "+")+"#skos:Concept"))
	}
	a.each("024", func(f *marc.Field) {
		for _, s := range f.Subfields {
			if s.Code == '0' && isValidURI(s.Value) {
				a.add(a.self, madsrdf.HasExactExternalAuthority, a.ref(s.Value))
			}
			if s.Code == '1' && isValidURI(s.Value) {
				a.add(a.self, madsrdf.IdentifiesRWO, a.ref(s.Value))
			}
		}
	})
	if !local {
		a.add(a.self, identifiersNS+"lccn", graph.String(space(lccn)))
	}
	a.each("020", func(f *marc.Field) {
		if s := space(f.Subfield('a')); s != "" {
			kind := encode(space(f.Subfield('2')))
			if kind == "" {
				kind = "local"
			}
			a.add(a.self, identifiersNS+graph.IRI(kind), graph.String(s))
		}
	})
	a.each("035", func(f *marc.Field) {
		of(f, "a", func(s string) {
			if !strings.Contains(s, "DLC") {
				a.add(a.self, identifiersNS+"local", graph.String(space(s)))
			}
		})
	})
}

// sources maps 670, where something was found, and 675, where nothing was.
func (a *authority) sources() {
	a.each("67", func(f *marc.Field) {
		if f.Tag != "670" && f.Tag != "675" {
			return
		}
		n := a.node(a.self, madsrdf.HasSource, madsrdf.Source)
		if text := strings.Join(values(f, "a"), ""); text != "" {
			a.add(n, madsrdf.CitationSource, graph.String(text))
		}
		of(f, "u", func(s string) {
			if uri := strings.ReplaceAll(space(s), `\`, "%5C"); isValidURI(uri) {
				a.add(n, madsrdf.CitationSource, a.ref(uri))
			} else {
				a.add(n, madsrdf.CitationSource, graph.String(s))
			}
		})
		var note []string
		for _, s := range f.Subfields {
			if s.Code != 'a' && s.Code != 'u' && s.Value != "" {
				note = append(note, s.Value)
			}
		}
		if text := strings.Join(note, " "); space(text) != "" {
			a.add(n, madsrdf.CitationNote, a.text(text))
		}
		status := "found"
		if f.Tag == "675" {
			status = "notfound"
		}
		a.add(n, madsrdf.CitationStatus, graph.String(status))
	})
}

// notes maps the notes; 260 and 360, complex references, of subjects only.
func (a *authority) notes() {
	for i := range a.r.Fields {
		f := &a.r.Fields[i]
		p, ok := a.t.notes[f.Tag]
		if !ok || f.Tag == "682" || f.Tag[1:] == "60" && a.scheme != ofSubjects {
			continue
		}
		var texts []string
		for _, s := range f.Subfields {
			switch {
			case s.Code == 'a':
				texts = append(texts, "["+s.Value+"]")
			case s.Value != "":
				texts = append(texts, s.Value)
			}
		}
		a.add(a.self, p, graph.String(strings.Join(texts, " ")))
	}
}

// list gives a node a list of nodes.
func (a *authority) list(s graph.Term, p graph.IRI, nodes []graph.Term) {
	rest := rdf.Nil.Term()
	for _, n := range slices.Backward(nodes) {
		cell := a.sink.Blank()
		a.add(cell, rdf.First, n)
		a.add(cell, rdf.Rest, rest)
		rest = cell
	}
	a.add(s, p, rest)
}
