package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/codes"
)

// UNIMARC is MARC with other tags, so its records are mapped by tables of their own
// (ontology/unimarc) that run on the same engine. Where a row calls a process, the functions
// here make the field of MARC 21 that says the same, and hand it to the process of that.

// isUNIMARC tells whether a bibliographic record is one of UNIMARC: its title stands in 200,
// or its coded data in 100 $a, and it has neither 245 nor 008 of MARC 21.
func isUNIMARC(r *marc.Record) bool {
	title, coded := false, false
	for i := range r.Fields {
		f := &r.Fields[i]
		switch f.Tag {
		case "245":
			return false
		case "008":
			if len(f.Data) >= 38 {
				return false
			}
		case "200":
			title = title || f.Has('a')
		case "100":
			a := f.Subfield('a')
			coded = coded || len(a) >= 20 && isDigits(a[:8])
		}
	}
	return title || coded
}

// unimarc maps a bibliographic record of UNIMARC.
func (b *builder) unimarc() {
	b.uLanguages()
	b.uDates()
	b.begin()
	b.because(partTitle, nil)
	b.uTitles()
	b.because(partRecord, nil)
	b.uCreator()
	provided := false
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		provided = provided || f.Tag == "210" || f.Tag == "214" || f.Tag == "219"
	}
	b.fields(b.m.uni.get())
	if !provided {
		b.because(partFixed, nil)
		b.fixedProvision()
	}
}

// uLanguages finds the language of the content in 101, and that of the description in 100.
func (b *builder) uLanguages() {
	b.language, b.agency = language{}, language{}
	if f, ok := b.r.Field("101"); ok {
		if a := f.Subfield('a'); len(a) >= 3 {
			b.language = languageOf(strings.ToLower(a[:3]))
		}
	}
	if f, ok := b.r.Field("100"); ok {
		if a := f.Subfield('a'); len(a) >= 25 {
			b.agency = languageOf(strings.ToLower(a[22:25]))
		}
	}
}

// uDates reads the dates of 100/8-16 and the country of 102.
func (b *builder) uDates() {
	b.fixed, b.nation = "", graph.Term{}
	if f, ok := b.r.Field("100"); ok {
		if a := f.Subfield('a'); len(a) >= 17 {
			first, second := a[9:13], a[13:17]
			switch {
			case !isDigits(first) || first == "9999" || first == "0000":
			case a[8] == 'a':
				b.fixed = first + "/.."
			case (a[8] == 'b' || a[8] == 'g') && isDigits(second) && second > first && second != "9999":
				b.fixed = first + "/" + second
			default:
				b.fixed = first
			}
		}
	}
	if f, ok := b.r.Field("102"); ok {
		code := strings.ToUpper(strings.TrimSpace(f.Subfield('a')))
		if len(code) < 2 || code == "XX" || code == "ZZ" {
			return
		}
		if c, ok := codes.Countries.Lookup(nations[code]); ok {
			b.nation = c.Term()
			return
		}
		b.find("code", "102", 'a', code, "Mã nước không có trong bảng đối chiếu ISO 3166 với MARC; đã bỏ qua.",
			"The country code is not in the list that joins ISO 3166 to MARC; it was left out.")
	}
}

// nations are the codes of MARC for those of ISO 3166.
var nations = map[string]string{
	"AR": "ag", "AT": "au", "AU": "at", "BE": "be", "BG": "bu", "BO": "bo", "BR": "bl", "CA": "xxc", "CH": "sz", "CL": "cl",
	"CM": "cm", "CN": "cc", "CO": "ck", "CU": "cu", "CZ": "xr", "DE": "gw", "DK": "dk", "DZ": "ae", "EC": "ec", "EG": "ua",
	"ES": "sp", "FI": "fi", "FR": "fr", "GB": "xxk", "GR": "gr", "HK": "cc", "HR": "ci", "HU": "hu", "ID": "io", "IE": "ie",
	"IL": "is", "IN": "ii", "IR": "ir", "IS": "ic", "IT": "it", "JP": "ja", "KH": "cb", "KR": "ko", "LA": "ls", "LB": "le",
	"LT": "li", "LU": "lu", "LV": "lv", "MA": "mr", "MC": "mc", "MD": "mv", "MG": "mg", "ML": "ml", "MM": "br", "MX": "mx",
	"MY": "my", "NL": "ne", "NO": "no", "NZ": "nz", "PE": "pe", "PH": "ph", "PL": "pl", "PT": "po", "RO": "rm", "RS": "rb",
	"RU": "ru", "SE": "sw", "SG": "si", "SI": "xv", "SK": "xo", "SN": "sg", "TH": "th", "TN": "ti", "TR": "tu",
	"TW": "ch", "UA": "un", "US": "xxu", "UY": "uy", "VA": "vc", "VE": "ve", "VN": "vm", "ZA": "sa",
}

// uTitles labels work and instance with 200.
func (b *builder) uTitles() {
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		if f.Tag != "200" {
			continue
		}
		g := &marc.Field{Tag: "245", Ind1: '0', Ind2: '0'}
		for _, s := range f.Subfields {
			code := map[byte]byte{'a': 'a', 'e': 'b', 'h': 'n', 'i': 'p'}[s.Code]
			if code != 0 {
				g.Subfields = append(g.Subfields, marc.Subfield{Code: code, Value: s.Value})
			}
		}
		b.titleLabels(g)
		break
	}
	if len(b.labels) > 0 {
		return
	}
	b.find("no-title", "200", 0, "", "Biểu ghi không có nhan đề (200 $a). Hãy nhập nhan đề.", "The record has no title (200 $a). Enter one.")
	label := graph.String(b.number)
	b.label(b.work, label)
	b.label(b.instance, label)
	b.labels = append(b.labels, label)
}

// uCreator finds the main entry, which is part of what a Hub is known by.
func (b *builder) uCreator() {
	b.creatorKnown, b.creatorTerm = true, graph.Term{}
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		if f.Tag == "700" || f.Tag == "710" || f.Tag == "720" {
			g, tag := uName(f, true)
			if h := b.readHeading(g, tag); h.label != "" && !b.isNobody(h.label) {
				b.creatorTerm, b.creatorNamed = b.agent(h, nil), b.agentIRI(h)
			}
			return
		}
	}
}

// uName makes a 1XX or 7XX of a name: 700 to 722, 600 to 602.
func uName(f *marc.Field, main bool) (g *marc.Field, tag int) {
	tag = 700
	if main {
		tag = 100
	}
	g = &marc.Field{Ind1: '0', Ind2: ' '}
	entry, rest := strings.TrimSpace(f.Subfield('a')), strings.TrimSpace(f.Subfield('b'))
	personal := f.Tag[1] == '0' && f.Tag[0] == '7' || f.Tag == "600"
	family := f.Tag[1] == '2' || f.Tag == "602"
	add := func(code byte, value string) {
		if value = strings.TrimSpace(value); value != "" {
			g.Subfields = append(g.Subfields, marc.Subfield{Code: code, Value: value})
		}
	}
	switch {
	case personal || family:
		if family {
			g.Ind1 = '3'
		} else if rest != "" {
			g.Ind1 = '1'
			if entry = strings.TrimRight(entry, " ,"); entry != "" && !strings.HasPrefix(rest, ",") {
				entry += ", "
			}
		}
		add('a', entry+rest)
		add('b', f.Subfield('d'))
		for i := range f.Subfields {
			if f.Subfields[i].Code == 'c' {
				add('c', f.Subfields[i].Value)
			}
		}
		add('d', strings.Trim(f.Subfield('f'), "()"))
	default:
		tag += 10
		if f.Ind1 == '1' {
			tag++ // a meeting
		}
		g.Ind1 = '2'
		for i := range f.Subfields {
			s := &f.Subfields[i]
			switch s.Code {
			case 'a', 'b', 'c':
				add(s.Code, s.Value)
			case 'd':
				add('n', s.Value)
			case 'e':
				add('c', s.Value)
			case 'f':
				add('d', s.Value)
			}
		}
	}
	if t := f.Subfield('t'); t != "" {
		add('t', t)
	}
	for i := range f.Subfields {
		switch s := &f.Subfields[i]; s.Code {
		case '4':
			switch code := uRelators()[strings.TrimSpace(s.Value)]; {
			case code != "":
				add('4', code)
			case len(strings.TrimSpace(s.Value)) == 3:
				add('4', s.Value)
			default:
				add('e', s.Value) // a word
			}
		case '3':
			add('0', ownFile+s.Value)
		case 'o':
			if id := strings.TrimSpace(s.Value); len(id) == 16 || strings.HasPrefix(strings.ToUpper(id), "ISNI") {
				add('0', "(isni)"+strings.TrimLeft(strings.TrimPrefix(strings.ToUpper(id), "ISNI"), ": "))
			}
		}
	}
	g.Tag = string([]byte{'0' + byte(tag/100), '0' + byte(tag/10%10), '0' + byte(tag%10)})
	return g, tag
}

// asField returns a field that was made, as the processes of MARC 21 want it.
func asField(g *marc.Field) *field { return &field{Field: g, tag: tagNumber(g.Tag), codes: codesOf(g)} }

func uContributor(b *builder, f *field, o *op) {
	g, _ := uName(f.Field, o.arg == "primary")
	contributor(b, asField(g), o)
}

// uProvision maps 210, 214 and 219: place, address, name and date of who published, printed
// or sold it.
func uProvision(b *builder, f *field, o *op) {
	g := &marc.Field{Tag: "264", Ind1: ' ', Ind2: '1'}
	if f.tag == 214 {
		if i := strings.IndexByte("01234", f.Ind2); i >= 0 {
			g.Ind2 = "10234"[i]
		}
	}
	for _, s := range f.Subfields {
		code := map[byte]byte{'a': 'a', 'c': 'b', 'd': 'c', 'e': 'e', 'g': 'f', 'h': 'g', 'r': 'a', 's': 'b'}[s.Code]
		if code != 0 {
			g.Subfields = append(g.Subfields, marc.Subfield{Code: code, Value: s.Value})
		}
	}
	provision(b, asField(g), o)
}

func uCountry(*builder, *field, *op) {} // read before all fields, see uDates

func uSeries(b *builder, f *field, o *op) {
	if b.has(410) { // it says the same, and links
		return
	}
	g := &marc.Field{Tag: "490", Ind1: '0', Ind2: ' '}
	for _, s := range f.Subfields {
		if s.Code == 'a' || s.Code == 'v' || s.Code == 'x' {
			g.Subfields = append(g.Subfields, s)
		}
	}
	untraced(b, asField(g), o)
}

func uUniform(b *builder, f *field, o *op) {
	g := &marc.Field{Tag: "240", Ind1: '1', Ind2: '0'}
	if number := strings.TrimSpace(f.Subfield('3')); number != "" {
		g.Subfields = append(g.Subfields, marc.Subfield{Code: '0', Value: ownFile + number})
	}
	for _, s := range f.Subfields {
		code := map[byte]byte{'a': 'a', 'h': 'n', 'i': 'p', 'k': 'd', 'l': 'k', 'm': 'l', 'n': 'g', 'q': 's', 'r': 'm', 's': 'n', 'u': 'r', 'w': 'o'}[s.Code]
		if code != 0 {
			g.Subfields = append(g.Subfields, marc.Subfield{Code: code, Value: s.Value})
		}
	}
	uniform(b, asField(g), o)
}

// uLinks are the 4XX, and the linking fields of MARC 21 with their second indicator.
var uLinks = map[int]string{
	410: "760 ", 411: "762 ", 421: "770 ", 422: "772 ", 423: "777 ", 424: "785 ", 425: "780 ", 430: "7800", 431: "7801", 432: "7802", 433: "7803", 434: "7805",
	435: "7806", 436: "7804", 437: "7807", 440: "7850", 441: "7851", 442: "7852", 443: "7853", 444: "7854", 445: "7855", 446: "7856",
	447: "7857", 448: "7858", 451: "775 ", 452: "776 ", 453: "767 ", 454: "765 ", 455: "775 ", 456: "776 ", 461: "773 ", 462: "773 ",
	463: "774 ", 464: "774 ",
}

// uLinked maps 4XX: another resource. What is said of it stands in subfields of the field,
// or in fields inside, each behind a $1 with its tag and indicators.
func uLinked(b *builder, f *field, o *op) {
	to := uLinks[f.tag]
	if to == "" {
		to = "787 "
	}
	g := &marc.Field{Tag: to[:3], Ind1: '0', Ind2: to[3]}
	var title, imprint []string
	add := func(code byte, value string) {
		if value = strings.TrimSpace(value); value != "" {
			g.Subfields = append(g.Subfields, marc.Subfield{Code: code, Value: value})
		}
	}
	inside, author := "", ""
	for _, s := range f.Subfields {
		if s.Code == '1' {
			inside = s.Value[:min(3, len(s.Value))]
			if inside == "001" {
				add('w', "("+b.source+")"+s.Value[3:])
			}
			continue
		}
		switch key := inside + string(rune(s.Code)); key {
		case "t", "200a", "500a":
			title = append([]string{s.Value}, title...)
		case "o", "200e", "h", "i", "200h", "200i":
			title = append(title, s.Value)
		case "a", "700a", "710a":
			author = s.Value
		case "b", "700b":
			if author != "" {
				author += ", " + s.Value
			}
		case "e", "205a":
			add('b', s.Value)
		case "c", "n", "d", "210a", "210c", "210d":
			imprint = append(imprint, s.Value)
		case "p", "215a":
			add('h', s.Value)
		case "v", "200v":
			add('g', s.Value)
		case "x", "011a":
			add('x', s.Value)
		case "y", "010a":
			add('z', s.Value)
		case "0":
			add('w', "("+b.source+")"+s.Value)
		}
	}
	add('a', author)
	add('t', strings.Join(title, ". "))
	add('d', strings.Join(imprint, ", "))
	linked(b, asField(g), o)
}

// uSubject maps 600 to 608: headings with subdivisions by topic ($x), place ($y), time ($z)
// and form ($j).
func uSubject(b *builder, f *field, o *op) {
	g := &marc.Field{Tag: map[int]string{605: "630", 606: "650", 607: "651", 608: "655"}[f.tag], Ind1: ' ', Ind2: '7'}
	if g.Tag == "" {
		name, tag := uName(f.Field, false)
		g.Tag, g.Ind1 = "6"+string([]byte{'0' + byte(tag/10%10), '0' + byte(tag%10)}), name.Ind1
		for _, s := range name.Subfields {
			if s.Code != '4' {
				g.Subfields = append(g.Subfields, s)
			}
		}
	}
	for _, s := range f.Subfields {
		code := map[byte]byte{'j': 'v', 'x': 'x', 'y': 'z', 'z': 'y', '2': '2'}[s.Code]
		switch {
		case code != 0:
		case s.Code == '3' && f.tag >= 605 && strings.TrimSpace(s.Value) != "":
			g.Subfields = append(g.Subfields, marc.Subfield{Code: '0', Value: ownFile + strings.TrimSpace(s.Value)})
			continue
		case f.tag >= 605 && s.Code == 'a':
			code = 'a'
		case f.tag == 605 && (s.Code == 'h' || s.Code == 'i'):
			code = map[byte]byte{'h': 'n', 'i': 'p'}[s.Code]
		default:
			continue
		}
		g.Subfields = append(g.Subfields, marc.Subfield{Code: code, Value: s.Value})
	}
	subject(b, asField(g), o)
}

func uWords(b *builder, f *field, o *op) {
	g := *f.Field
	g.Tag, g.Ind2 = "653", ' '
	uncontrolled(b, asField(&g), o)
}

// uPlace maps 620: where it was made, the largest first.
func uPlace(b *builder, f *field, o *op) {
	if s := b.hierarchy(f.Field); s != "" {
		b.add(b.work, bf.OriginPlace, b.placeNamed(s))
	}
}

// uItem maps the copies of 930 and 995, as 952 of Koha.
func uItem(b *builder, f *field, o *op) {
	g := &marc.Field{Tag: "952", Ind1: ' ', Ind2: ' '}
	add := func(code byte, value string) {
		if value = strings.TrimSpace(value); value != "" {
			g.Subfields = append(g.Subfields, marc.Subfield{Code: code, Value: value})
		}
	}
	if f.tag == 930 {
		holder, _, _ := strings.Cut(f.Subfield('5'), ":")
		if f.Has('b') {
			holder = f.Subfield('b')
		}
		add('a', holder)
		add('o', f.Subfield('a'))
		add('c', f.Subfield('c'))
	} else {
		add('a', f.Subfield('b'))
		add('c', f.Subfield('e'))
		add('p', f.Subfield('f'))
		add('o', f.Subfield('k'))
	}
	koha(b, asField(g), o)
}

// uRelators are the codes of UNIMARC for roles, and those of MARC.
var uRelators = func() func() map[string]string {
	all := map[string]string{}
	t, err := ontology.UNIMARCRelators()
	if err != nil {
		panic(err) // the table is part of the program, and tested
	}
	for i := range t.Rows {
		all[t.Rows[i].Cell("code")] = t.Rows[i].Cell("marc")
	}
	return func() map[string]string { return all }
}()
