package lc

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/foaf"
	"mocban/vocab/madsrdf"
	"mocban/vocab/rdfs"
	"mocban/vocab/skos"
	"mocban/vocab/xsd"
)

// ri is the vocabulary of administrative data.
const ri graph.IRI = "http://id.loc.gov/ontologies/RecordInfo#"

// madsGeographic is a class that the Library gives to places, in a namespace that is not the
// one of MADS/RDF.
const madsGeographic graph.IRI = "http://www.loc.gov/standards/mads/rdf/v1#Geographic"

// thing describes what a name stands for: a person, a family, a body, a meeting, a place.
func (a *authority) thing() {
	if a.scheme != ofNames {
		return
	}
	classes, label := a.thingClasses()
	if classes == nil {
		return
	}
	a.now = "001"
	n := a.ref(string(agentsNS) + space(a.number))
	a.isA(n, madsrdf.RWO)
	a.isA(n, classes...)
	a.add(a.self, madsrdf.IdentifiesRWO, n)
	a.add(n, rdfs.Label, graph.String(label))
	a.add(n, madsrdf.IsIdentifiedByAuthority, a.ref(string(authoritiesNS)+"names/"+a.r.Control("001")))
	a.each("046", func(f *marc.Field) { a.dates(n, f) })
	a.each("368", func(f *marc.Field) { a.descriptor(n, f) })
	a.each("370", func(f *marc.Field) { a.place(n, f) })
	a.each("371", func(f *marc.Field) { a.address(n, f) })
	a.each("372", func(f *marc.Field) { a.concepts(n, f, "ast", madsrdf.FieldOfActivity, skos.Concept) })
	a.each("373", func(f *marc.Field) { a.affiliation(n, f) })
	a.each("374", func(f *marc.Field) { a.concepts(n, f, "a", madsrdf.Occupation, madsrdf.OccupationClass) })
	a.each("376", func(f *marc.Field) {
		a.concepts(n, f, "a", madsrdf.EntityDescriptor, skos.Concept)
		a.concepts(n, f, "b", madsrdf.ProminentFamilyMember, skos.Concept)
		a.concepts(n, f, "c", madsrdf.HonoraryTitle, skos.Concept)
	})
	a.each("377", func(f *marc.Field) { a.languages(n, f) })
}

// thingClasses returns what the heading stands for, nil if it is no thing of the world, and
// the heading without blanks between its subfields.
func (a *authority) thingClasses() (classes []graph.IRI, label string) {
	for i := range a.r.Fields {
		f := &a.r.Fields[i]
		switch f.Tag {
		case "100":
			if f.Ind1 == '3' {
				classes = append(classes, bf.Family, foaf.Group)
			} else if !slices.ContainsFunc(f.Subfields, func(s marc.Subfield) bool {
				return strings.IndexByte("efhklmnoprstvxyz", s.Code) >= 0
			}) {
				classes = append(classes, bf.Person, foaf.Person)
			}
		case "110":
			classes = append(classes, bf.OrganizationClass, foaf.Organization)
		case "111":
			classes = append(classes, bf.Meeting)
		case "151":
			classes = append(classes, madsGeographic)
		default:
			continue
		}
		if label == "" {
			var b strings.Builder
			for _, s := range f.Subfields {
				b.WriteString(s.Value)
			}
			label = space(b.String())
		}
	}
	return classes, label
}

// concepts maps words of a vocabulary.
func (a *authority) concepts(n graph.Term, f *marc.Field, codes string, p, class graph.IRI) {
	of(f, codes, func(s string) { a.described(n, p, class, sourced(f)+s, values(f, "uv0")) })
}

// dates maps 046, in EDTF where it can be had.
func (a *authority) dates(n graph.Term, f *marc.Field) {
	isEDTF := strings.ToLower(f.Subfield('2')) == "edtf"
	note := f.Subfield('v')
	for _, s := range f.Subfields {
		var p graph.IRI
		switch s.Code {
		case 'f':
			p = madsrdf.BirthDate
		case 'g':
			p = madsrdf.DeathDate
		case 's':
			p = madsrdf.ActivityStartDate
		case 't':
			p = madsrdf.ActivityEndDate
		case 'q':
			p = madsrdf.EstablishDate
		case 'r':
			p = madsrdf.TerminateDate
		default:
			continue
		}
		date, ok := s.Value, isEDTF && isEDTFDate(s.Value)
		if !ok {
			if d := datedEDTF(s.Value); d != "" {
				date, ok = d, true
			}
		}
		if ok {
			a.add(n, p, graph.Literal(date, "http://id.loc.gov/datatypes/edtf/EDTF"))
		} else {
			a.add(n, p, graph.String(date))
		}
		if note != "" {
			a.add(n, madsrdf.Note, graph.String("Date "+date+" -- "+note))
		}
	}
}

// datedEDTF returns YYYYMMDD, YYYYMM and YYYY as EDTF; "" if it is no such date.
func datedEDTF(s string) string {
	if strings.Trim(s, "0123456789") != "" {
		return ""
	}
	d := s
	switch len(s) {
	case 4:
		return s
	case 6:
		d = s[:4] + "-" + s[4:]
	case 8:
		d = s[:4] + "-" + s[4:6] + "-" + s[6:]
	default:
		return ""
	}
	if !isEDTFDate(d) {
		return ""
	}
	return d
}

var edtfForms = [...]*regexp.Regexp{
	regexp.MustCompile(`^-*[0-9X]{4}[~%?]*$`),
	regexp.MustCompile(`^-*[0-9]{4}-[0-9X]{2}[~%?]*$`),
	regexp.MustCompile(`^-*[0-9]{4}-[0-9X]{2}-[0-9X]{2}[~%?]*$`),
	regexp.MustCompile(`^Y-*[0-9]{5,}[~%?]*$`),
}

// isEDTFDate tells the dates of the levels 0 and 1 of EDTF, as far as the Library knows them.
func isEDTFDate(s string) bool {
	bare := strings.Map(func(r rune) rune {
		if strings.ContainsRune("~%?", r) {
			return -1
		}
		return r
	}, s)
	switch {
	case edtfForms[0].MatchString(s), edtfForms[3].MatchString(s):
		return true
	case edtfForms[1].MatchString(s):
		if strings.HasSuffix(bare, "X") {
			return true
		}
		month, err := strconv.Atoi(bare[strings.LastIndexByte(bare, '-')+1:])
		return err == nil && (month >= 1 && month <= 12 || month >= 21 && month <= 24)
	case edtfForms[2].MatchString(s):
		return strings.HasSuffix(bare, "X") || isDate(strings.TrimPrefix(bare, "-"))
	case isDate(s):
		return true
	}
	if strings.ContainsAny(s, "!@#$^*()_[]{}:;<>,") || strings.ContainsFunc(s, func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'W' || r == 'Z'
	}) {
		return false
	}
	from, to, ok := strings.Cut(s, "/")
	if !ok {
		return false
	}
	to, _, _ = strings.Cut(to, "/")
	open := func(s string) bool { return s == "" || s == ".." || isEDTFDate(s) }
	return open(from) && open(to)
}

// isDate tells the dates of XML Schema.
func isDate(s string) bool {
	for _, form := range [...]string{"2006-01-02", "2006-01-02Z07:00"} {
		if _, err := time.Parse(form, strings.TrimPrefix(s, "-")); err == nil {
			return true
		}
	}
	return false
}

// firstOf returns the first subfield that has one of these codes.
func firstOf(f *marc.Field, codes string) *marc.Subfield {
	for i := range f.Subfields {
		if s := &f.Subfields[i]; strings.IndexByte(codes, s.Code) >= 0 {
			return s
		}
	}
	return nil
}

// descriptor maps 368, other attributes; the first of them only.
func (a *authority) descriptor(n graph.Term, f *marc.Field) {
	s := firstOf(f, "abcd")
	if s == nil {
		return
	}
	p := graph.IRI(madsrdf.EntityDescriptor)
	if s.Code == 'd' {
		p = madsrdf.HonoraryTitle
	}
	o := a.link(n, p, a.about(f.Subfield('0')), skos.Concept)
	a.add(o, rdfs.Label, graph.String(s.Value))
	if f.Has('1') && f.Subfield('1') == "" && f.Subfield('2') == "lcsh" {
		a.add(o, madsrdf.IsMemberOfMADSScheme, (authoritiesNS + "subjects").Term())
	}
}

// place maps 370; the first place of a field only. That of death is one of the others.
func (a *authority) place(n graph.Term, f *marc.Field) {
	s := firstOf(f, "abcef")
	if s == nil {
		return
	}
	p := graph.IRI(madsrdf.AssociatedLocale)
	if s.Code == 'a' {
		p = madsrdf.BirthPlace
	}
	iri := f.Subfield('1')
	plain := iri == ""
	if plain {
		iri = f.Subfield('0')
	}
	o := a.link(n, p, a.about(iri), madsrdf.Geographic)
	a.add(o, rdfs.Label, graph.String(s.Value))
	if plain && !f.Has('0') && f.Subfield('2') == "naf" {
		a.add(o, madsrdf.IsMemberOfMADSScheme, (authoritiesNS + "names").Term())
	}
}

// address maps 371.
func (a *authority) address(n graph.Term, f *marc.Field) {
	o := a.node(n, madsrdf.HasAffiliation, madsrdf.Affiliation)
	address := a.node(o, madsrdf.HasAffiliationAddress, madsrdf.Address)
	for i, s := range values(f, "a") {
		p := graph.IRI(madsrdf.StreetAddress)
		if i > 0 {
			p = madsrdf.ExtendedAddress
		}
		a.add(address, p, graph.String(s))
	}
	for _, x := range [...]struct {
		code string
		p    graph.IRI
	}{{"b", madsrdf.City}, {"c", madsrdf.State}, {"d", madsrdf.Country}, {"e", madsrdf.Postcode}} {
		if all := values(f, x.code); all != nil {
			a.add(address, x.p, graph.String(strings.Join(all, "")))
		}
	}
	of(f, "m", func(s string) { a.add(o, madsrdf.Email, graph.String(s)) })
	a.found(o, values(f, "uv"))
}

// affiliation maps 373.
func (a *authority) affiliation(n graph.Term, f *marc.Field) {
	o := a.node(n, madsrdf.HasAffiliation, madsrdf.Affiliation)
	of(f, "a", func(s string) {
		a.add(a.node(o, madsrdf.Organization, madsrdf.NS+"Organization"), rdfs.Label, graph.String(sourced(f)+s))
	})
	for _, x := range [...]struct {
		code string
		p    graph.IRI
	}{{"s", madsrdf.AffiliationStart}, {"t", madsrdf.AffiliationEnd}} {
		if all := values(f, x.code); all != nil {
			a.add(o, x.p, graph.String(strings.Join(all, "")))
		}
	}
	a.found(o, values(f, "uv0"))
}

// languages maps 377.
func (a *authority) languages(n graph.Term, f *marc.Field) {
	folder := "languages/"
	for _, known := range [...]string{"iso639-1", "iso639-2", "iso639-3"} {
		if strings.Contains(f.Subfield('2'), known) {
			folder = known + "/"
			break
		}
	}
	of(f, "a", func(s string) {
		s = space(s)
		codes := strings.Split(strings.ReplaceAll(s, ", ", " "), " ")
		for _, code := range codes {
			if len(codes) == 1 || (len(code) == 2 || len(code) == 3) && code != "rda" && strings.ContainsAny(code, allLetters) {
				a.add(n, madsrdf.AssociatedLanguage, a.ref(vocabulary+folder+code))
			}
		}
	})
	of(f, "l", func(s string) {
		if !strings.Contains(s, "language term") {
			a.add(a.node(n, madsrdf.AssociatedLanguage, madsrdf.Language), rdfs.Label, graph.String(s))
		}
	})
}

const allLetters = "abcdefghijklmnopqrstuvwxyz"

// administration says when the record was made and changed, and by whom.
func (a *authority) administration(r *marc.Record) {
	data, changed := r.Control("008"), r.Control("005")
	made := ""
	switch year := part(data, 0, 2); {
	case strings.ContainsFunc(year, func(r rune) bool { return r == ' ' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' }):
		made = "1900"
	case year > "65":
		made = "19" + year
	default:
		made = "20" + year
	}
	made += "-" + part(data, 2, 2) + "-" + part(data, 4, 2)
	day := part(changed, 0, 4) + "-" + part(changed, 4, 2) + "-" + part(changed, 6, 2)
	status := ""
	switch part(r.Leader, 5, 1) {
	case "d":
		status = "deprecated"
	case "a", "c":
		status = "revised"
	case "n":
		status = "new"
	case "o":
		status = "obsolete"
	case "s":
		status = "deleted, replaced by two or more headings"
	case "x":
		status = "deleted, replaced by another"
	}
	switch {
	case status == "revised" && day == made:
		status = "new"
	case status == "new" && day != made:
		status = "revised"
	}
	maker, changer, language, told := a.agencies()
	n := a.node(a.self, madsrdf.AdminMetadata, ri+"RecordInfo")
	a.add(n, ri+"recordStatus", graph.String("new"))
	if data != "" {
		a.add(n, ri+"recordChangeDate", graph.Literal(made+"T00:00:00", xsd.DateTime))
	}
	info := func(n graph.Term, agency string) {
		if agency != "" {
			a.add(n, ri+"recordContentSource", organization(letters(agency)))
		}
		if told {
			a.add(n, ri+"languageOfCataloging", a.ref(vocabulary+"iso639-2/"+language))
		}
	}
	info(n, maker)
	if status == "" || status == "new" || letters(changer) == "" {
		return
	}
	n = a.node(a.self, madsrdf.AdminMetadata, ri+"RecordInfo")
	a.add(n, ri+"recordStatus", graph.String(status))
	a.add(n, ri+"recordChangeDate", graph.Literal(
		day+"T"+part(changed, 8, 2)+":"+part(changed, 10, 2)+":"+part(changed, 12, 2), xsd.DateTime))
	info(n, changer)
}

// agencies returns from 040 who made the record, who changed it last, and the language it is
// written in, which may be told by an empty subfield.
func (a *authority) agencies() (maker, changer, language string, told bool) {
	a.now = "040"
	f, ok := a.r.Field("040")
	if !ok {
		return "", "", "", false
	}
	code := strings.NewReplacer("<", "", ">", "", "-", "", " ", "")
	for _, s := range f.Subfields {
		if s.Code == 'c' || s.Code == 'd' {
			changer = code.Replace(strings.ToLower(space(s.Value)))
		}
	}
	return code.Replace(strings.ToLower(space(f.Subfield('a')))), changer,
		strings.ReplaceAll(strings.ToLower(f.Subfield('b')), " ", ""), f.Has('b')
}

// letters returns the letters of s from a to z.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(allLetters, r) {
			return r
		}
		return -1
	}, s)
}
