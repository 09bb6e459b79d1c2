package mapping

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ingest/tree"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/codes"
	"mocban/vocab/xsd"
)

// treeValues are the ways to make a value of an element, by the name in the column value.
var treeValues map[string]func(arg string) (treeValue, error)

func init() {
	treeValues = map[string]func(string) (treeValue, error){
		"text":      plainly((*walk).text),                                            // in the language of the content, or that of xml:lang
		"note":      plainly((*walk).noted),                                           // the same, and else in the language it shows
		"name":      plainly(func(w *walk, s string) graph.Term { return w.name(s) }), // in the language it shows
		"plain":     plainly(func(_ *walk, s string) graph.Term { return graph.String(s) }),
		"iri":       simply(func(w *walk, s string) graph.Term { return w.iri(w.field(), s) }),
		"web":       simply(func(w *walk, s string) graph.Term { return webOnly(s) }), // an address, or nothing
		"isbn":      simply(func(w *walk, s string) graph.Term { return w.isbn(w.field(), s) }),
		"issn":      simply(func(w *walk, s string) graph.Term { return w.issn(w.field(), s) }),
		"date":      simply((*walk).date),
		"stamp":     simply(func(_ *walk, s string) graph.Term { return stampOf(s) }),
		"language":  simply((*walk).languageTerm),
		"code":      codeNamed,
		"year":      simply((*walk).year),
		"span":      simply((*walk).span),
		"captioned": plainly((*walk).captioned), // as note, behind what the record shows in front of it
		"years":     simply((*walk).years),      // as year, but text that is no date gives nothing and is not told of
		"between":   simply((*walk).between),    // of TEI: from the attribute at hand to that for the end
		"until":     simply((*walk).until),      // of TEI: only the end is known
		"languages": eachWord((*walk).languageTerm),
		"title":     plainly((*walk).withArticle),                                         // of MODS: as text, with its nonSort in front
		"nonsort":   plainly(func(_ *walk, s string) graph.Term { return nonSortNum(s) }), // how many characters that is
		"int":       simply(func(w *walk, s string) graph.Term { return w.integer(w.field(), s) }),
		"agent":     simply((*walk).body),
	}
}

// plainly makes a value of text that is no placeholder.
func plainly(make func(*walk, string) graph.Term) func(string) (treeValue, error) {
	return simply(func(w *walk, s string) graph.Term {
		if w.isPlaceholder(s) {
			return graph.Term{}
		}
		return make(w, s)
	})
}

// eachWord makes a term of each word; the last is returned, those before are said at once.
func eachWord(make func(*walk, string) graph.Term) func(string) (treeValue, error) {
	return func(arg string) (treeValue, error) {
		one, err := simply(make)(arg)
		if err != nil {
			return nil, err
		}
		return func(w *walk, s string) (t graph.Term) {
			for word := range strings.FieldsSeq(s) {
				if !t.IsZero() {
					w.follow(w.doing, t)
				}
				t = one(w, word)
			}
			return t
		}, nil
	}
}

func simply(make func(*walk, string) graph.Term) func(string) (treeValue, error) {
	return func(arg string) (treeValue, error) {
		if arg != "" {
			return nil, ontology.Wrongf("%q không có nghĩa ở đây", "%q says nothing here", arg)
		}
		return func(w *walk, s string) graph.Term {
			from := len(w.findings)
			t := make(w, s)
			w.rename(from)
			return t
		}, nil
	}
}

// field stands in for a field of MARC where a function wants one to report about.
func (w *walk) field() *field { return &field{Field: &marc.Field{}} }

// rename puts the name of the element at hand to what was found from a place on.
func (w *walk) rename(from int) {
	for i := from; i < len(w.findings); i++ {
		w.findings[i].Tag, w.findings[i].Code = w.place(), 0
	}
}

func (w *walk) isPlaceholder(s string) bool {
	from := len(w.findings)
	is := w.placeholder(w.field(), s)
	w.rename(from)
	return is
}

// text returns a literal in the language that xml:lang tells, or else that of the content.
// Text that is Vietnamese says so itself: many systems call everything en_US.
func (w *walk) text(s string) graph.Term {
	l := w.language
	if own := w.top().lang; own != "" {
		if named := languageNamed(own); named.tag != "" {
			l = named
		}
	}
	if l.tag != "vi" && looksVietnamese(s) {
		if l.tag != "" && !w.told["language"] {
			w.told["language"] = true
			w.complain("language", s, "Nội dung là tiếng Việt nhưng biểu ghi khai ngôn ngữ khác; đã ghi là tiếng Việt.",
				"The text is Vietnamese, the record names another language; it was taken as Vietnamese.")
		}
		return graph.Text(s, "vi")
	}
	return graph.Text(s, w.tagOf(s, l))
}

// noted returns a literal in the language that xml:lang tells, or else that it shows.
func (w *walk) noted(s string) graph.Term {
	if w.top().lang != "" {
		return w.text(s)
	}
	return w.note(s)
}

// captioned returns a note behind its displayLabel: "Incipit: …".
func (w *walk) captioned(s string) graph.Term {
	if label := trim(w.top().e.Attr("displayLabel")); label != "" && !strings.HasPrefix(s, label) {
		s = strings.TrimSuffix(label, ":") + ": " + s
	}
	return w.noted(s)
}

// webOnly returns an address on the web, or nothing.
func webOnly(s string) graph.Term {
	if !strings.HasPrefix(s, "http") {
		return graph.Term{}
	}
	iri, ok := asIRI(s)
	if !ok {
		return graph.Term{}
	}
	return iri.Term()
}

// date makes a date of what people write: EDTF where its form or its year can be told, else
// text.
func (w *walk) date(s string) graph.Term {
	if t := w.year(s); !t.IsZero() {
		return t
	}
	return graph.String(s)
}

// year makes a date in EDTF, or nothing.
func (w *walk) year(s string) graph.Term {
	if day, _, ok := strings.Cut(s, "T"); ok && isEDTF(day) {
		s = day // 2004-10-23T12:00:00Z
	}
	if t := w.edtfDate(nil, s); t.Datatype() == edtf {
		return t
	}
	if d, ok := dayFirst(s); ok {
		return graph.Literal(d, edtf)
	}
	if d := w.statedDate(w.field(), s); d != "" {
		return graph.Literal(d, edtf)
	}
	if !w.isPlaceholder(s) {
		w.complain("date", s, "Không đọc được ngày tháng; giữ nguyên dạng văn bản.", "The date cannot be read; it was kept as text.")
	}
	return graph.Term{}
}

// span makes a date as year does, but one that begins in one element and ends in another of the
// same name is one: <dateIssued point="start">, <dateIssued point="end">. What the source calls
// approximate or questionable is told as EDTF does.
func (w *walk) span(s string) graph.Term {
	e := w.top().e
	switch e.Attr("point") {
	case "start":
		if end := w.beside("end"); end != nil {
			from, to := w.year(s), w.year(end.Value())
			if from.Datatype() == edtf && to.Datatype() == edtf && isEDTF(from.Value()+"/"+to.Value()) {
				return graph.Literal(from.Value()+"/"+to.Value(), edtf)
			}
			return from
		}
	case "end":
		if w.beside("start") != nil {
			return graph.Term{}
		}
	}
	t := w.year(s)
	mark := map[string]string{"approximate": "~", "questionable": "?"}[e.Attr("qualifier")]
	if mark != "" && t.Datatype() == edtf && isEDTF(t.Value()+mark) {
		return graph.Literal(t.Value()+mark, edtf)
	}
	return t
}

// years makes a date of text that is one.
func (w *walk) years(s string) graph.Term {
	from := len(w.findings)
	t := w.year(s)
	w.findings = w.findings[:from]
	if t.Datatype() != edtf {
		return graph.Term{}
	}
	return t
}

// between makes a span of TEI's from and to, or notBefore and notAfter.
func (w *walk) between(from string) graph.Term {
	e := w.top().e
	to := firstOf(e.Attr("to"), e.Attr("notAfter"))
	if span := from + "/" + to; to != "" && to != from && isEDTF(span) {
		return graph.Literal(span, edtf)
	}
	return w.year(from)
}

// until makes a span whose beginning is not known.
func (w *walk) until(to string) graph.Term {
	if span := "/" + to; isEDTF(span) {
		return graph.Literal(span, edtf)
	}
	return w.year(to)
}

// beside returns the other end of a span: an element beside the one at hand with its name.
func (w *walk) beside(point string) *tree.Element {
	for x := range w.scope().e.Named(w.top().e.Name) {
		if x.Attr("point") == point && x.Value() != "" {
			return x
		}
	}
	return nil
}

// withArticle returns a title with the article that stands beside it.
func (w *walk) withArticle(s string) graph.Term {
	if article := w.scope().e.Child("nonSort").Value(); article != "" {
		s = article + articleSpace(article) + s
	}
	return w.text(s)
}

// articleSpace is what stands between an article and the title.
func articleSpace(article string) string {
	if strings.HasSuffix(article, "'") || strings.HasSuffix(article, "’") || strings.HasSuffix(article, "-") {
		return ""
	}
	return " "
}

// nonSortNum tells how many characters in front of a title are not sorted.
func nonSortNum(article string) graph.Term {
	return graph.String(strconv.Itoa(utf8.RuneCountInString(article + articleSpace(article))))
}

// dayFirst reads 02/09/1945 and 2-9-1945, as dates are written in Vietnam.
func dayFirst(s string) (string, bool) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '-' || r == '.' })
	if len(parts) == 2 && len(parts[1]) == 4 {
		parts = append([]string{""}, parts...)
	}
	if len(parts) != 3 || len(parts[2]) != 4 || !isDigits(parts[2]) || !isDigits(parts[1]) || len(parts[1]) > 2 || len(parts[0]) > 2 {
		return "", false
	}
	two := func(s string) string { return strings.Repeat("0", 2-len(s)) + s }
	month := two(parts[1])
	if parts[0] == "" {
		return parts[2] + "-" + month, isDay(month, "01")
	}
	if !isDigits(parts[0]) || !isDay(month, two(parts[0])) {
		return "", false
	}
	return parts[2] + "-" + month + "-" + two(parts[0]), true
}

// stampOf makes a time of one of OAI-PMH or XML.
func stampOf(s string) graph.Term {
	day, time, ok := strings.Cut(s, "T")
	if len(day) != 10 || !isEDTFDate(day) || strings.Contains(day, "X") {
		return graph.Term{}
	}
	time = strings.TrimSuffix(time, "Z")
	if ok && len(time) == 8 && time[2] == ':' && time[5] == ':' && isDigits(time[:2]+time[3:5]+time[6:]) && time[:2] < "24" && time[3:5] < "60" && time[6:] < "60" {
		return graph.Literal(s, xsd.DateTime)
	}
	return graph.Literal(day, xsd.Date)
}

// tagged and called are the languages by their BCP 47 tag and by their names.
var tagged, called = func() (byTag, byName map[string]*codes.Code) {
	byTag, byName = map[string]*codes.Code{}, map[string]*codes.Code{}
	for i := range codes.Languages.Codes {
		c := &codes.Languages.Codes[i]
		if c.Tag != "" && byTag[c.Tag] == nil {
			byTag[c.Tag] = c
		}
		for _, name := range []string{c.En, c.Vi, strings.TrimPrefix(c.Vi, "tiếng ")} {
			if name = strings.ToLower(name); name != "" && byName[name] == nil {
				byName[name] = c
			}
		}
	}
	return byTag, byName
}()

// languageCoded finds a language by code, tag, name, or the IRI of a list.
func languageCoded(s string) (*codes.Code, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		s = s[i+1:]
	}
	if c, ok := codes.Languages.Lookup(s); ok {
		return c, true
	}
	switch s { // ISO 639-2/T, where MARC has the other code
	case "fra":
		s = "fr"
	case "deu":
		s = "de"
	case "zho":
		s = "zh"
	case "nld":
		s = "nl"
	case "ces":
		s = "cs"
	case "ron":
		s = "ro"
	case "ell":
		s = "el"
	case "fas":
		s = "fa"
	case "bod":
		s = "bo"
	case "mya":
		s = "my"
	}
	tag, _, _ := strings.Cut(strings.ReplaceAll(s, "_", "-"), "-")
	if c := tagged[tag]; c != nil {
		return c, true
	}
	c := called[s]
	return c, c != nil
}

// languageNamed returns the language that a word or code names, or the zero language.
func languageNamed(s string) language {
	c, ok := languageCoded(s)
	if !ok || c.Tag == "" {
		return language{}
	}
	return language{c.Tag, defaultScript(c.Tag)}
}

// languageTerm makes the IRI of a language.
func (w *walk) languageTerm(s string) graph.Term {
	if c, ok := languageCoded(s); ok {
		return c.Term()
	}
	if !w.isPlaceholder(s) {
		w.complain("code", s, "Không nhận ra ngôn ngữ này; đã bỏ qua.", "The language is not known; it was left out.")
	}
	return graph.Term{}
}

// codeNamed makes the IRI of a code, or of a word that a list knows.
func codeNamed(arg string) (treeValue, error) {
	list, ok := codes.ByName(arg)
	if !ok {
		return nil, ontology.Wrongf("không có bảng mã nào tên %q", "there is no list of codes called %q", arg)
	}
	return func(w *walk, s string) graph.Term {
		low := strings.ToLower(s)
		if c, ok := list.Lookup(low); ok {
			return c.Term()
		}
		if c, ok := list.Named(low); ok {
			return c.Term()
		}
		for i := range list.Codes {
			if c := &list.Codes[i]; strings.EqualFold(c.En, s) || strings.EqualFold(c.Vi, s) {
				return c.Term()
			}
		}
		w.complain("code", s, "Mã không có trong bảng mã \""+list.Name+"\"; đã bỏ qua.",
			"The code is not in the list \""+list.Name+"\"; it was left out.")
		return graph.Term{}
	}, nil
}

// body returns the body that keeps or made something: by its code if it is one word, else
// by its name.
func (w *walk) body(s string) graph.Term {
	if !strings.ContainsAny(s, " ,") {
		return w.library(s)
	}
	t := w.mintName(agents, "", s)
	if w.describe(t) {
		w.isA(t, bf.AgentClass)
		w.isA(t, bf.OrganizationClass)
		w.label(t, w.name(s))
	}
	return t
}
