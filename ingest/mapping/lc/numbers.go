package lc

import (
	"slices"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
	"mocban/vocab/xsd"
)

// identifier makes an identifier of each $a, $y and $z (ConvSpec 010-048). Its words: the
// class, then what is to be read:
//
//	chop      without marks at the end
//	parens    what stands in brackets is a qualifier
//	after     only what stands behind the bracket is the number
//	canceled  wrong numbers are called so, not invalid
//	assigner terms notes day keeper gpo canada source   what is said besides
//	uri       $0 names it
func identifier(c *run, s graph.Term, f *field, o *op, _ int) {
	c.identify(s, f, mustIRI(o.args[0]), o.args[1:])
}

// standard does the same for numbers whose class $2 tells (024).
func standard(c *run, s graph.Term, f *field, o *op, _ int) {
	class := bf.Identifier
	for _, k := range standards {
		if f.holds('2', k.code) {
			class = k.class
			break
		}
	}
	words := o.args
	switch class {
	case "":
		return
	case bf.Identifier:
		words = append(slices.Clone(words), "source")
	}
	c.identify(s, f, class, words)
}

// standards are the kinds of numbers that 024 $2 names; an EIDR is a number of the work.
var standards = []struct {
	code  string
	class graph.IRI
}{
	{"ansi", bf.Ansi}, {"doi", bf.Doi}, {"gtin-14", bf.Gtin14Number}, {"hdl", bf.Hdl}, {"isan", bf.Isan},
	{"isni", bf.Isni}, {"iso", bf.Iso}, {"istc", bf.Istc}, {"iswc", bf.Iswc}, {"matrix-number", bf.MatrixNumber},
	{"music-plate", bf.MusicPlate}, {"music-publisher", bf.MusicPublisherNumber}, {"stock-number", bf.StockNumber},
	{"urn", bf.Urn}, {"videorecording-identifier", bf.VideoRecordingNumber}, {"eidr", ""},
}

func mustIRI(name string) graph.IRI {
	iri, err := ontology.Expand(name)
	if err != nil {
		panic("lc: a row calls a process with " + name + ": " + err.Error())
	}
	return iri
}

func (c *run) identify(s graph.Term, f *field, class graph.IRI, words []string) {
	says := func(word string) bool { return slices.Contains(words, word) }
	invalid := "invalid"
	if says("canceled") {
		invalid = "canceled"
	}
	uri := ""
	if says("uri") {
		uri = identifierURI(f)
	}
	stem := ""
	for i, w := range words {
		if w == "source" && i+1 < len(words) {
			stem = string(mustIRI(words[i+1]))
		}
	}
	for i := range f.subs {
		code, text := f.subs[i].Code, f.subs[i].Value
		if code != 'a' && code != 'y' && code != 'z' {
			continue
		}
		number, qualifier := text, ""
		if says("after") && strings.Contains(text, ")") {
			number = after(text, ")")
		}
		if says("parens") && strings.Contains(text, "(") && strings.Contains(text, ")") {
			number = before(text, "(") + after(text, ")")
			qualifier = before(after(text, "("), ")")
		}
		if says("chop") {
			number = chop(number)
		}
		n := c.link(s, bf.IdentifiedBy, c.about(uri), class)
		c.add(n, rdf.Value, graph.String(number))
		switch code {
		case 'z':
			c.status(n, "cancinv", invalid)
		case 'y':
			c.status(n, "incorrect", "incorrect")
		}
		if qualifier != "" {
			c.add(n, bf.Qualifier, c.text(f, chop(qualifier)))
		}
		c.besides(n, f, code, text, says, stem)
	}
}

// identifierURI returns the IRI in $0, behind a bracket or not.
func identifierURI(f *field) string {
	s := f.sub('0')
	if !strings.Contains(s, "://") {
		return ""
	}
	if sourceOf(s) != "" {
		return after(s, ")")
	}
	return s
}

// besides says what a field tells of an identifier besides the number.
func (c *run) besides(n graph.Term, f *field, code byte, text string, says func(string) bool, stem string) {
	for i := range f.subs {
		v := f.subs[i].Value
		switch {
		case f.subs[i].Code == 'b' && says("assigner"):
			c.label(c.node(n, bf.Assigner, bf.OrganizationClass), f, v)
		case f.subs[i].Code == 'c' && says("terms"):
			c.add(n, bf.AcquisitionTerms, c.text(f, chop(v)))
		case f.subs[i].Code == 'q':
			c.add(n, bf.Qualifier, c.text(f, chopWith(v, &inParens)))
		case f.subs[i].Code == 'd' && code == 'a' && says("notes"):
			c.add(c.node(n, bf.Note, bf.NoteClass), rdfs.Label, c.text(f, v))
		case f.subs[i].Code == '2' && says("canceled"):
			c.add(c.node(n, bf.Assigner, bf.AgentClass), bf.Code, graph.String(v))
		}
	}
	if d := f.sub('d'); says("day") && d != "" {
		c.add(n, bf.Date, graph.Literal(part(d, 0, 4)+"-"+part(d, 4, 2)+"-"+part(d, 6, 2), xsd.Date))
	}
	switch {
	case says("source"):
		c.two(n, f, stem, false)
	case says("canada"):
		c.labelled(n, bf.Source, libraryCanada, bf.SourceClass, graph.String("Library and Archives Canada"))
	case says("gpo"):
		c.link(n, bf.Assigner, organization("dgpo"), bf.AgentClass)
	}
	if says("keeper") && !strings.Contains(text, "OCoLC") {
		c.keeper(n, before(after(text, "("), ")"))
	} else if says("keeper") {
		c.two(n, f, "", false)
	}
}

var inParens = punct{end: endMarks, lead: ";=", parens: true}

// keeper says whose number it is: by the code in brackets of 035.
func (c *run) keeper(n graph.Term, code string) {
	if code == "" {
		return
	}
	iri := "https://ld.zdb-services.de/resource/organisations/" + space(code)
	if !strings.HasPrefix(code, "DE-") {
		iri = organizations + encode(lower(strings.ReplaceAll(space(code), "-", "")))
	}
	c.link(n, bf.Assigner, c.ref(iri), bf.AgentClass)
}

// descriptionLanguage names the language of the description (040 $b).
func descriptionLanguage(c *run, s graph.Term, f *field, _ *op, at int) {
	v := f.subs[at].Value
	if len([]rune(v)) == 3 {
		c.link(s, bf.DescriptionLanguage, graph.IRI(languages+encode(space(v))).Term(), bf.LanguageClass)
		return
	}
	c.add(c.node(s, bf.DescriptionLanguage, bf.LanguageClass), bf.Code, graph.String(v))
}

// conventions names the rules of the description (040 $e).
func conventions(c *run, s graph.Term, f *field, _ *op, at int) {
	v := f.subs[at].Value
	n := c.sink.Blank()
	if code := space(v); !strings.Contains(code, " ") {
		n = lc("descriptionConventions/" + encode(code))
	}
	c.link(s, bf.DescriptionConventions, n, bf.DescriptionConventionsClass)
	c.add(n, bf.Code, graph.String(v))
}

// capture reads when and where something was recorded (033).
func capture(c *run, s graph.Term, f *field, _ *op, _ int) {
	n := c.node(s, bf.Capture, bf.CaptureClass)
	if kind := map[byte]string{'0': "capture", '1': "broadcast", '2': "finding"}[f.ind2]; kind != "" {
		c.add(c.node(n, bf.Note, bf.NoteClass), rdfs.Label, graph.String(kind))
	}
	date, dates := "", []string(nil)
	for i := range f.subs {
		if f.subs[i].Code == 'a' {
			dates = append(dates, edtfTime(f.subs[i].Value))
		}
	}
	switch f.ind1 {
	case '0':
		if date = edtfTime(""); len(dates) > 0 {
			date = dates[0]
		}
	case '1':
		for _, d := range dates {
			c.add(n, bf.Date, graph.Literal(d, edtfDT))
		}
	case '2':
		date = strings.Join(dates, "/")
	}
	if date != "" {
		c.add(n, bf.Date, graph.Literal(date, edtfDT))
	}
	for i := range f.subs {
		v := f.subs[i].Value
		next := func(code byte) string {
			if i+1 < len(f.subs) && f.subs[i+1].Code == code {
				return f.subs[i+1].Value
			}
			return ""
		}
		switch f.subs[i].Code {
		case 'b':
			class := space(v)
			if i+1 < len(f.subs) && f.subs[i+1].Code == 'c' {
				class += "." + space(next('c'))
			}
			c.add(n, bf.Place, c.ref("http://id.loc.gov/authorities/classification/G"+class))
		case 'p':
			p := c.node(n, bf.Place, bf.PlaceClass)
			c.add(p, rdfs.Label, graph.String(v))
			if i+1 < len(f.subs) && f.subs[i+1].Code == '2' {
				c.twoValue(p, f, next('2'), vocabulary+"subjectSchemes/", false)
			}
		case '3':
			c.appliesTo(n, v, c.lang(f))
		}
	}
}

// coordinates reads the coded data of maps (034).
func coordinates(c *run, s graph.Term, f *field, _ *op, _ int) {
	if text := f.join("defg"); text != "" {
		n := c.node(s, bf.CartographicAttributes, bf.Cartographic)
		c.add(n, bf.Coordinates, graph.String(space(text)))
		c.three(n, f)
	}
	scale := func(label, value string) {
		n := c.node(s, bf.Scale, bf.ScaleClass)
		if value != "" {
			c.add(n, rdf.Value, graph.String(value))
		}
		c.add(n, rdfs.Label, graph.String(label))
		c.three(n, f)
	}
	for i := range f.subs {
		v := f.subs[i].Value
		switch f.subs[i].Code {
		case 'a':
			if v == "a" && !f.has("bc") {
				scale("linear scale", "")
			} else if v == "b" {
				scale("angular scale", "")
			}
		case 'b':
			scale("linear horizontal", v)
		case 'c':
			scale("linear vertical", v)
		}
	}
}

// languageCodes reads the languages of the parts of a thing (041).
func languageCodes(c *run, s graph.Term, f *field, _ *op, _ int) {
	source, stem := "", ""
	switch f.ind2 {
	case ' ':
		source, stem = "marc", languages
	case '7':
		source = f.sub('2')
		for _, iso := range [...]string{"639-1", "639-2", "639-3"} {
			if strings.Contains(source, iso) {
				source, stem = iso, vocabulary+"iso"+iso+"/"
				break
			}
		}
	}
	for i := range f.subs {
		code := f.subs[i].Code
		if strings.IndexByte("abdefghijkmnpqrt", code) < 0 {
			continue
		}
		parts := c.tables.things("resourceComponents", string(code))
		if stem == "" {
			c.uncodedLanguage(s, f, f.subs[i].Value, parts)
			continue
		}
		c.codedLanguages(s, f, strings.ReplaceAll(f.subs[i].Value, " ", ""), code, parts, source, stem)
	}
}

func (c *run) uncodedLanguage(s graph.Term, f *field, v string, parts []thing) {
	n := c.node(s, bf.Language, bf.LanguageClass)
	c.add(n, rdf.Value, graph.String(v))
	if len(parts) > 0 {
		c.add(n, bf.Part, graph.String(parts[0].label))
	}
	c.two(n, f, vocabulary+"languageschemes/", true)
}

// codedLanguages reads codes, which may stand one behind the other.
func (c *run) codedLanguages(s graph.Term, f *field, codes string, code byte, parts []thing, source, stem string) {
	for start := 0; len([]rune(codes)) == 2 && source == "639-1" || len([]rune(part(codes, start, 3))) == 3; start += 3 {
		language := encode(lower(space(part(codes, start, 3))))
		n := graph.IRI(stem + language).Term()
		switch {
		case f.sub('3') != "":
		case len(parts) == 0:
		case strings.IndexByte("hijkmnpqr", code) >= 0:
			c.add(c.node(s, bf.Note, bf.NoteClass, parts[0].iri), bf.Language, n)
		case strings.IndexByte("bdefgt", code) >= 0:
			c.add(c.node(s, bf.AccompaniedBy, bf.Work, parts[0].iri), bf.Language, n)
		case code == 'a' && (source != "marc" || part(c.c008, 35, 3) != language):
			c.add(s, bf.Language, n)
		}
		if source != "marc" {
			return
		}
	}
}

// areas reads what area is treated (043).
func areas(c *run, s graph.Term, f *field, _ *op, _ int) {
	if strings.HasPrefix(f.sub('0'), "http") {
		c.areaURIs(s, f)
		return
	}
	for i := range f.subs {
		v := f.subs[i].Value
		switch code := f.subs[i].Code; code {
		case 'a':
			area := chopWith(v, &punct{end: "-", lead: ";="})
			c.add(s, bf.GeographicCoverage, lc("geographicAreas/"+encode(space(area))))
		case 'b', 'c':
			n := c.node(s, bf.GeographicCoverage, bf.GeographicCoverageClass)
			c.add(n, rdf.Value, graph.String(v))
			if code == 'c' {
				c.add(c.node(n, bf.Source, bf.SourceClass), bf.Code, graph.String("ISO 3166"))
				continue
			}
			for _, next := range f.subs[i+1 : min(i+3, len(f.subs))] {
				switch next.Code {
				case '2':
					c.twoValue(n, f, next.Value, "", false)
				case '0':
					c.zero(n, '0', next.Value, bf.Identifier)
				}
			}
		}
	}
}

// areaURIs reads the same from $0. One that an earlier 043 gives is not said again.
func (c *run) areaURIs(s graph.Term, f *field) {
	for i := range f.subs {
		v := f.subs[i].Value
		if f.subs[i].Code != '0' || c.all(43, func(o *field) bool { return o.pos < f.pos && o.holds('0', v) }) {
			continue
		}
		if strings.Contains(v, "/authorities/subjects") || strings.Contains(v, "/authorities/names") || strings.Contains(v, "/vocabulary/geographicAreas") {
			c.add(s, bf.GeographicCoverage, c.ref(v))
		}
	}
}

// period reads what time is treated (045).
func period(c *run, s graph.Term, f *field, _ *op, _ int) {
	var dates []string
	for i := range f.subs {
		switch f.subs[i].Code {
		case 'a':
			v := f.subs[i].Value
			from, to := century(part(v, 0, 1), part(v, 1, 1)), century(part(v, 2, 1), part(v, 3, 1))
			if from != to {
				from += "/" + to
			}
			c.add(s, bf.TemporalCoverage, graph.Literal(from, edtfDT))
		case 'b':
			dates = append(dates, eraDate(f.subs[i].Value))
		}
	}
	if f.ind1 == '2' {
		dates = append(dates, eraDate(""), eraDate(""))
		dates = []string{dates[0] + "/" + dates[1]}
	}
	for _, d := range dates {
		c.add(s, bf.TemporalCoverage, graph.Literal(d, edtfDT))
	}
}

// century writes a letter and a digit of 045 $a: v9 is the 1790s, c0 the years before 1900 B.C.
func century(letter, digit string) string {
	if letter == "" {
		return digit + "X"
	}
	switch l := letter[0]; {
	case l == 'a':
		if digit == "0" {
			return "-XXXX/-3000"
		}
		return ""
	case l >= 'b' && l <= 'd':
		if digit == "" || digit < "0" || digit > "9" {
			return ""
		}
		n := 29 - 10*int(l-'b') - int(digit[0]-'0')
		return "-" + strconv.Itoa(100 + n)[1:] + "XX"
	case l == 'e':
		if digit == "" {
			return "00"
		}
		return ""
	case l > 'e' && l <= 'y':
		return strconv.Itoa(100 + int(l-'e'))[1:] + digit + "X"
	}
	return digit + "X"
}

// eraDate writes a date of 045 $b: d19450508, c0221.
func eraDate(s string) string {
	year := part(s, 1, 4)
	if part(s, 0, 1) == "c" {
		year = "-" + year
	}
	month, day, hour := part(s, 5, 2), part(s, 7, 2), part(s, 9, 2)
	switch {
	case hour != "":
		return year + "-" + month + "-" + day + "T" + hour
	case day != "":
		return year + "-" + month + "-" + day
	case month != "":
		return year + "-" + month
	}
	return year
}

// dates reads the dates of origin and of validity (046).
func dates(c *run, s graph.Term, f *field, _ *op, _ int) {
	span := func(p graph.IRI, from, to byte) {
		if !f.has(string(from)) {
			return
		}
		d := edtf(f.sub(from))
		if end := edtf(f.sub(to)); end != "" {
			d += "/" + end
		}
		c.add(s, p, graph.Literal(d, edtfDT))
	}
	if part(c.c008, 6, 1) != "r" {
		span(bf.OriginDate, 'k', 'l')
	}
	span(bf.ValidDate, 'm', 'n')
}

// composition says of which form music is (047 $a).
func composition(c *run, s graph.Term, f *field, _ *op, at int) {
	c.genres(s, "musicCompForm", f.subs[at].Value)
}

// performed says who performs (048).
func performed(c *run, s graph.Term, f *field, _ *op, at int) {
	v := f.subs[at].Value
	p, ok := c.tables.performer[part(v, 0, 2)]
	if !ok {
		return
	}
	n := c.node(s, p.property, p.class)
	c.add(n, p.kindOf, graph.String(p.kind))
	if p.label != "" {
		c.add(n, rdfs.Label, graph.String(p.label))
	}
	if count := part(v, 2, 2); count != "" {
		text := "NaN"
		if x := number(count); x == x {
			text = strconv.FormatFloat(x, 'f', -1, 64)
		}
		c.add(n, bf.Count, graph.String(text))
	}
	c.link(n, bf.Source, lc("musiccodeschemes/marcmusperf"), bf.SourceClass)
}
