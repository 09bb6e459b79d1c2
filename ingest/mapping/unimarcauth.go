package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/codes"
	"mocban/vocab/madsrdf"
	"mocban/vocab/skos"
)

// Authority records of UNIMARC (IFLA, UNIMARC/A) have their heading in 2XX, where those of
// MARC 21 have 1XX; 4XX, 5XX and 7XX mean the same as there. The functions here make the
// field of MARC 21 that says the same, and hand it to what maps that. So one name is one
// thing, whichever format tells of it.

// ownFile stands before a number of the library's own file, as $3 of UNIMARC holds it.
const ownFile = "(3)"

// uHeadings are the last two digits of the tags in MARC 21, by those in UNIMARC.
var uHeadings = map[int]int{
	0: 0, 10: 10, 15: 51, 16: 50, 17: 50, 20: 0, 30: 30, 35: 30, 40: 0, 45: 0, 50: 50, 60: 51, 80: 55,
}

// isUNIMARCAuthority tells whether a record is an authority record of UNIMARC: it has a heading
// in 2XX, and its rules in 152, or what only authority records have in the leader and none of
// the fields of holdings or of MARC 21.
func isUNIMARCAuthority(r *marc.Record) bool {
	coded := len(r.Leader) > 6 && r.Leader[6] >= 'x' && r.Leader[6] <= 'z'
	_, told := r.Field("152")
	if !coded && !told {
		return false
	}
	rules, heading := false, false
	for i := range r.Fields {
		f := &r.Fields[i]
		switch f.Tag {
		case "152":
			rules = f.Has('a') || f.Has('b')
		case "004", "008": // those of IdRef have dates and a type of their own there
			if !told {
				return false
			}
		case "245", "852", "853", "863", "866":
			return false
		case "101":
			if !coded && r.Type() == marc.Bibliographic && f.Has('c') {
				return false
			}
		default:
			if tag := tagNumber(f.Tag); tag >= 200 && tag < 300 {
				if _, ok := uHeadings[tag-200]; ok {
					heading = heading || f.Has('a')
				}
			}
		}
	}
	return heading && (rules || coded)
}

// uAuthority maps an authority record of UNIMARC.
func (b *builder) uAuthority() error {
	b.language, b.agency = language{}, language{}
	if f, ok := b.r.Field("100"); ok {
		if a := f.Subfield('a'); len(a) >= 12 {
			b.agency = languageOf(strings.ToLower(a[9:12]))
		}
	}
	b.language = b.agency
	h := b.uOwnField()
	if h == nil {
		return ErrHeading
	}
	b.because(partHeading, b.uSource())
	if !b.establish(h) {
		return ErrHeading
	}
	b.because(partRecord, nil)
	b.add(b.thing, bf.AdminMetadata, b.graph)
	b.fields(b.m.uniAuth.get())
	return nil
}

// uSource returns the field of the heading, nil if there is none.
func (b *builder) uSource() *marc.Field {
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		if tag := tagNumber(f.Tag); tag >= 200 && tag < 300 {
			if _, ok := uHeadings[tag-200]; ok && f.Has('a') {
				return f
			}
		}
	}
	return nil
}

// uOwnField returns the heading as MARC 21 has it, nil if there is none.
func (b *builder) uOwnField() *field {
	f := b.uSource()
	if f == nil {
		return nil
	}
	return uHeading(f)
}

// uScheme returns the scheme of the record: 152 $b, or $2 of the heading.
func (b *builder) uScheme() scheme {
	code := ""
	if f := b.uSource(); f != nil {
		code = f.Subfield('2')
	}
	if f, ok := b.r.Field("152"); ok && code == "" {
		code = f.Subfield('b')
	}
	return b.schemeOf(strings.ToLower(strings.TrimSpace(code)))
}

// uNumbers returns the numbers by which an authority record of UNIMARC is known besides the one
// of the library's file: that one without a code, as $3 has it, its address, ISNI, and others.
// The file of the National Library of France has a number in its numbers.
func (b *builder) uNumbers() []string {
	all := []string{ownFile + plainNumber(b.number)}
	if inner, ok := strings.CutPrefix(b.number, "FRBNF"); ok && len(inner) >= 8 && isDigits(inner[:8]) {
		all = append(all, ownFile+inner[:8], "("+strings.ToLower(b.source)+")"+inner[:8])
	}
	add := func(s string) {
		if n := b.numberOf(s, ""); n != "" {
			all = append(all, n)
		}
	}
	add(b.r.Control("003"))
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		switch a := strings.TrimSpace(f.Subfield('a')); f.Tag {
		case "010":
			add("(isni)" + strings.ReplaceAll(a, "-", ""))
		case "033":
			add(a)
		case "035":
			if s := f.Subfield('2'); s != "" && !strings.HasPrefix(a, "(") {
				a = "(" + s + ")" + a
			}
			add(a)
		}
	}
	return all
}

// uHeading makes a field of MARC 21 of a 2XX, 4XX, 5XX or 7XX of an authority record.
func uHeading(f *marc.Field) *field {
	tag := tagNumber(f.Tag)
	last, ok := uHeadings[tag%100]
	if !ok {
		last = 50
	}
	g := &marc.Field{Ind1: ' ', Ind2: ' '}
	switch tag % 100 {
	case 0, 10, 20, 40, 45:
		name := *f
		name.Tag = map[int]string{0: "600", 10: "601", 20: "602", 40: "600", 45: "601"}[tag%100]
		n, made := uName(&name, false)
		g.Ind1, last = n.Ind1, made%100
		for _, s := range n.Subfields {
			if s.Code != '4' && s.Code != '0' {
				g.Subfields = append(g.Subfields, s)
			}
		}
	case 60: // country, state, county, city
		var parts []string
		for i := range f.Subfields {
			if s := &f.Subfields[i]; strings.IndexByte("abcdk", s.Code) >= 0 && trim(s.Value) != "" {
				parts = append(parts, trim(s.Value))
			}
		}
		g.Subfields = append(g.Subfields, marc.Subfield{Code: 'a', Value: strings.Join(parts, "--")})
	}
	for i := range f.Subfields {
		s := &f.Subfields[i]
		code := map[byte]byte{'j': 'v', 'x': 'x', 'y': 'z', 'z': 'y', '2': '2'}[s.Code]
		switch {
		case code != 0:
		case s.Code == '3':
			g.Subfields = append(g.Subfields, marc.Subfield{Code: '0', Value: ownFile + strings.TrimSpace(s.Value)})
			continue
		case last == 30:
			code = map[byte]byte{'a': 'a', 'h': 'n', 'i': 'p', 'k': 'f', 'l': 'k', 'm': 'l', 'n': 'g', 'q': 's', 'r': 'm', 's': 'n', 'u': 'r', 'w': 'o'}[s.Code]
		case (last == 50 || last == 51 || last == 55) && s.Code == 'a' && tag%100 != 60:
			code = 'a'
		}
		if code != 0 {
			g.Subfields = append(g.Subfields, marc.Subfield{Code: code, Value: s.Value})
		}
	}
	hundred := tag / 100
	if hundred == 2 {
		hundred = 1
	}
	if hundred == 7 { // of another scheme
		g.Ind2 = '7'
	}
	n := hundred*100 + last
	g.Tag = string([]byte{'0' + byte(n/100), '0' + byte(n/10%10), '0' + byte(n%10)})
	return asField(g)
}

func uVariant(b *builder, f *field, o *op) { variant(b, uHeading(f.Field), o) }

// uRelations are the codes of $5 for how a heading is related, and those of $w in MARC 21.
var uRelations = map[byte]byte{'a': 'a', 'b': 'b', 'g': 'g', 'h': 'h'}

// uRelative maps 5XX.
func uRelative(b *builder, f *field, o *op) {
	h := uHeading(f.Field)
	if how := f.Subfield('5'); how != "" && uRelations[how[0]] != 0 {
		h.Field.Subfields = append(h.Field.Subfields, marc.Subfield{Code: 'w', Value: string(uRelations[how[0]])})
	}
	relative(b, h, o)
}

// uEquivalent maps 7XX: the same in another language or system.
func uEquivalent(b *builder, f *field, o *op) { equivalent(b, uHeading(f.Field), o) }

// uAddress maps 003, which is the address of the record at its keeper, or a code.
func uAddress(b *builder, f *field, o *op) {
	iri, ok := authorityIRI(f.data)
	switch {
	case !ok:
	case b.isConcept():
		b.add(b.thing, skos.ExactMatch, iri.Term())
	default:
		b.add(b.thing, madsrdf.IsIdentifiedByAuthority, iri.Term())
	}
}

// uLife maps the dates of 103: yyyymmdd behind a place for the era, of a person or a body.
func uLife(b *builder, f *field, o *op) {
	born, died := madsrdf.BirthDate, madsrdf.DeathDate
	if h := b.uSource(); h != nil && h.Tag != "200" {
		born, died = madsrdf.EstablishDate, madsrdf.TerminateDate
	}
	for i := range f.Subfields {
		switch s := &f.Subfields[i]; s.Code {
		case 'a':
			b.add(b.thing, born, uDay(s.Value))
		case 'b':
			b.add(b.thing, died, uDay(s.Value))
		}
	}
}

// uDay returns the date of a 103, the zero term if it tells none or one before Christ.
func uDay(s string) graph.Term {
	s = strings.TrimPrefix(strings.TrimSpace(s), "+")
	if len(s) < 4 || !isDigits(s[:4]) || s[:4] == "0000" {
		return graph.Term{}
	}
	date := s[:4]
	if rest := s[4:]; len(rest) >= 2 && isDigits(rest[:2]) && rest[:2] >= "01" && rest[:2] <= "12" {
		date += "-" + rest[:2]
		if len(rest) >= 4 && isDigits(rest[2:4]) && rest[2:4] >= "01" && rest[2:4] <= "31" {
			date += "-" + rest[2:4]
		}
	}
	return graph.Literal(date, edtf)
}

// uNationality maps the country of 102.
func uNationality(b *builder, f *field, o *op) {
	for i := range f.Subfields {
		s := &f.Subfields[i]
		code := strings.ToUpper(strings.TrimSpace(s.Value))
		if s.Code != 'a' || code == "XX" || code == "ZZ" || code == "" {
			continue
		}
		if c, ok := codes.Countries.Lookup(nations[code]); ok {
			b.add(b.thing, madsrdf.AssociatedLocale, c.Term())
		}
	}
}

// uPoint maps 123 of a place: its coordinates as hdddmmss, if they are a point.
func uPoint(b *builder, f *field, o *op) { b.locate(f, arc) }

// arc returns a letter for the hemisphere, degrees, minutes and seconds as a decimal number.
func arc(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) != 8 || !isDigits(s[1:]) {
		return degrees(s)
	}
	number := func(t string) (n int) {
		for i := range len(t) {
			n = 10*n + int(t[i]-'0')
		}
		return n
	}
	seconds := number(s[1:4])*3600 + number(s[4:6])*60 + number(s[6:])
	millionths := (int64(seconds)*1_000_000 + 1800) / 3600
	whole, fraction := millionths/1_000_000, millionths%1_000_000
	text := strings.TrimRight(pad(fraction, 6), "0")
	if text == "" {
		text = "0"
	}
	sign := ""
	if s[0] == 'w' || s[0] == 's' || s[0] == '-' {
		sign = "-"
	}
	return sign + pad(whole, 1) + "." + text
}

// pad writes a number with at least so many digits.
func pad(n int64, width int) string {
	var digits []byte
	for ; n > 0 || len(digits) < width; n /= 10 {
		digits = append(digits, '0'+byte(n%10))
	}
	for i, j := 0, len(digits)-1; i < j; i, j = i+1, j-1 {
		digits[i], digits[j] = digits[j], digits[i]
	}
	return string(digits)
}
