package lc

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/bflc"
	"mocban/vocab/madsrdf"
)

// An element is a part of a name or title, with its class.
type element struct {
	class graph.IRI
	value graph.Term
}

// headingLabel returns a heading as one text, with -- between subdivisions.
func headingLabel(f *marc.Field) string {
	var b strings.Builder
	put := func(mark, codes string, in bool) {
		for _, s := range f.Subfields {
			if (strings.IndexByte(codes, s.Code) >= 0) == in {
				if b.Len() > 0 {
					b.WriteString(mark)
				}
				b.WriteString(s.Value)
			}
		}
	}
	switch last(f) {
	case "00", "10", "11", "30":
		put(" ", "wvxyz6i01", false)
		put("--", "vxyz", true)
	default:
		put("--", "wi01468", false)
	}
	return space(b.String())
}

// last returns the last two digits of a tag, which tell what kind of heading it is.
func last(f *marc.Field) string { return f.Tag[1:] }

// keyOf writes a field as one text: 1001 $aYāsīn, Qays
func keyOf(f *marc.Field) string {
	b := append([]byte(f.Tag), f.Ind1, f.Ind2)
	for _, s := range f.Subfields {
		if s.Code == '7' && strings.Contains(s.Value, "[bcp47]") {
			continue
		}
		b = append(append(b, '$', s.Code), s.Value...)
	}
	return string(b)
}

// classOf returns the class of a heading, "" if its tag is unknown.
func (a *authority) classOf(f *marc.Field) graph.IRI {
	codes := make([]byte, len(f.Subfields))
	for i := range f.Subfields {
		codes[i] = f.Subfields[i].Code
	}
	class := a.t.class(last(f), string(codes))
	if class == madsrdf.PersonalName && f.Ind1 == '3' {
		return madsrdf.FamilyName
	}
	return class
}

// classIn is classOf, where the topics of demographic terms are no more than authorities.
func (a *authority) classIn(f *marc.Field) graph.IRI {
	class := a.classOf(f)
	if class == madsrdf.Topic && a.scheme == ofDemographics {
		return madsrdf.Authority
	}
	return class
}

// parts gives a heading its components, if it has subdivisions or is name and title, or else
// its elements.
func (a *authority) parts(s graph.Term, f *marc.Field, valid bool) {
	subdivision := isSubdivision(last(f))
	divided, many, hasA := false, 0, f.Has('a')
	for _, x := range f.Subfields {
		divided = divided || strings.IndexByte("tvxyz", x.Code) >= 0
		if x.Code != 'w' {
			many++
		}
	}
	if hasA && divided && last(f) != "30" || subdivision && many > 1 {
		if nodes := a.components(f, valid); len(nodes) > 0 {
			a.list(s, madsrdf.ComponentList, nodes)
			return
		}
	}
	if !hasA && !subdivision {
		return
	}
	var elements []element
	first := true
	for i, x := range f.Subfields {
		if strings.IndexByte("avxyz", x.Code) >= 0 {
			elements = a.elements(elements, f, i, first)
			first = false
		}
	}
	if len(elements) > 0 {
		a.elementList(s, elements)
	}
}

// components makes the components of a heading.
func (a *authority) components(f *marc.Field, valid bool) (nodes []graph.Term) {
	first := true
	for i, x := range f.Subfields {
		if strings.IndexByte("atvxyz", x.Code) < 0 {
			continue
		}
		class := a.t.parts[x.Code]
		if first {
			class = a.t.class(last(f), "")
		}
		first = false
		if class == "" {
			continue
		}
		elements := a.elements(nil, f, i, true)
		var texts []string
		for _, e := range elements {
			texts = append(texts, e.value.Value())
		}
		label := strings.Join(texts, " ")
		if !strings.Contains(string(class), "Name") {
			label = strings.TrimSuffix(label, ".")
		}
		n := a.sink.Blank()
		a.isA(n, class)
		a.labelled(n, label, valid)
		if len(elements) > 0 {
			a.elementList(n, elements)
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// labelled says that a node is an authority or a variant, and what it is called.
func (a *authority) labelled(n graph.Term, label string, valid bool) {
	if valid {
		a.isA(n, madsrdf.Authority)
		a.add(n, madsrdf.AuthoritativeLabel, a.text(label))
	} else {
		a.isA(n, madsrdf.Variant)
		a.add(n, madsrdf.VariantLabel, a.text(label))
	}
}

// elements adds a subfield, and with more those that follow and belong to it.
func (a *authority) elements(all []element, f *marc.Field, at int, more bool) []element {
	head := &f.Subfields[at]
	k := elementKey{last: last(f), code: head.Code}
	if class := a.t.elements[k]; class != "" {
		all = append(all, element{class, a.text(head.Value)})
	}
	if !more {
		return all
	}
	title := false // after a title, all belongs to it
	for i := range f.Subfields {
		s := &f.Subfields[i]
		if i > at {
			k.after = s.Code
			class := a.t.elements[k]
			if class != "" && (k.last == "30" || head.Code == 't' || s.Code != 't' && !title) {
				all = append(all, element{class, a.text(s.Value)})
			}
		}
		title = title || s.Code == 't'
	}
	return all
}

func (a *authority) elementList(s graph.Term, elements []element) {
	nodes := make([]graph.Term, len(elements))
	for i, e := range elements {
		nodes[i] = a.sink.Blank()
		a.isA(nodes[i], e.class)
		a.add(nodes[i], madsrdf.ElementValue, e.value)
	}
	a.list(s, madsrdf.ElementList, nodes)
}

// variants maps 4XX. The longest variant in each script that is not Latin is also a label of
// the heading itself, if that is a name.
func (a *authority) variants() {
	longest := map[string]string{}
	var scripts []string
	a.each("4", func(f *marc.Field) {
		label := headingLabel(f)
		n := a.node(a.self, madsrdf.HasVariant)
		if class := a.classOf(f); class != "" {
			a.isA(n, class)
		}
		a.isA(n, madsrdf.Variant)
		lang := "en"
		if a.scheme == ofNames {
			script := scriptOf(label)
			lang = "zxx-" + script
			if old, ok := longest[lang]; script != "Latn" && (!ok || utf8.RuneCountInString(label) > utf8.RuneCountInString(old)) {
				if !ok {
					scripts = append(scripts, lang)
				}
				longest[lang] = label
			}
			a.add(n, bflc.MarcKey, graph.Text(keyOf(f), lang))
		}
		a.add(n, madsrdf.VariantLabel, graph.Text(label, lang))
		a.parts(n, f, false)
	})
	for _, lang := range scripts {
		a.add(a.self, madsrdf.AuthoritativeLabel, graph.Text(longest[lang], lang))
	}
	a.each("4", func(f *marc.Field) {
		if len(f.Subfields) > 0 && f.Subfields[0].Code == 'w' {
			a.refer(f)
		}
	})
}

// refer maps a reference from another heading. $w tells the relation, each of its letters
// one; without it the other heading refers to this one too.
func (a *authority) refer(f *marc.Field) {
	w := f.Subfield('w')
	if space(w) == "" && f.Has('a') {
		a.related(f, madsrdf.HasReciprocalAuthority, true)
		return
	}
	for i := range len(w) {
		p := a.t.relations[relationKey{i + 1, w[i]}]
		switch p {
		case "":
		case madsrdf.HasEarlierEstablishedForm, madsrdf.HasAcronymVariant:
			a.related(f, p, false)
		default:
			a.related(f, p, true)
		}
	}
}

// related makes the heading of a reference the value of a property.
func (a *authority) related(f *marc.Field, p graph.IRI, valid bool) {
	n := a.about("")
	if f.Has('0') {
		switch zero := f.Subfield('0'); {
		case isValidURI(zero):
			n = a.ref(zero)
		case strings.Contains(zero, "(DLC)"):
			n = a.ref(string(authoritiesNS) + "names/" + strings.NewReplacer(" ", "", "(DLC)", "").Replace(zero))
		}
	}
	a.add(a.self, p, n)
	if class := a.classIn(f); class != "" {
		a.isA(n, class)
	}
	a.labelled(n, headingLabel(f), valid)
	a.parts(n, f, valid)
	of(f, "1", func(s string) { a.add(n, madsrdf.IdentifiesRWO, a.ref(s)) })
}

var lccns = regexp.MustCompile(`(sh|sj|gf|no|nb|nr|ns|n|mp|dg) *([0-9]+)`)

// instead maps what 682 says of the headings that took the place of this one.
func (a *authority) instead(f *marc.Field) {
	all := strings.Join(values(f, allCodes), "")
	p := graph.IRI(madsrdf.HasLaterEstablishedForm)
	if strings.Contains(all, "covered by") || strings.Contains(all, "will be issued") {
		p = madsrdf.UseInstead
	}
	a.now = f.Tag
	for _, s := range f.Subfields {
		for _, m := range lccns.FindAllStringSubmatch(s.Value, -1) {
			folder := "names"
			switch m[1] {
			case "sh":
				folder = "subjects"
			case "sj":
				folder = "childrensSubjects"
			case "gf":
				folder = "genreForms"
			case "dg", "mp":
				folder = "demographicTerms"
			}
			a.add(a.self, p, a.ref(string(authoritiesNS)+folder+"/"+m[1]+m[2]))
		}
	}
}

// allCodes are the codes that subfields may have.
const allCodes = "abcdefghijklmnopqrstuvwxyz0123456789"

// scriptOf tells in which script a name is: Latn, if not two letters of it are in another.
func scriptOf(s string) string {
	var counts [len(scriptNames)]int
	for _, r := range s {
		for _, x := range scriptRanges {
			if r >= x.from && r <= x.to {
				counts[x.script]++
				break
			}
		}
	}
	var found []int
	for i, n := range counts {
		if n > 1 {
			found = append(found, i)
		}
	}
	switch {
	case len(found) == 0:
		return "Latn"
	case counts[hira] > 1:
		return "Jpan"
	case counts[hang] > 1 && counts[hani] > 1:
		return "Kore"
	}
	slices.SortStableFunc(found, func(i, j int) int { return cmp.Compare(counts[j], counts[i]) })
	return scriptNames[found[0]]
}

const (
	arab = iota
	cyrl
	grek
	hani
	hang
	hebr
	hira
)

var scriptNames = [...]string{"Arab", "Cyrl", "Grek", "Hani", "Hang", "Hebr", "Hira"}

var scriptRanges = [...]struct {
	from, to rune
	script   int
}{
	{880, 1023, grek}, {1024, 1279, cyrl}, {1424, 1535, hebr}, {1536, 1790, arab}, {4352, 4607, hang},
	{7936, 8191, grek}, {12352, 12447, hira}, {12592, 12687, hang}, {19968, 40959, hani}, {43360, 43390, hang},
	{44032, 55203, hang}, {55216, 55295, hang},
}

// uriForm is the form of URIs (RFC 3986) that the Library takes for one.
var uriForm = func() *regexp.Regexp {
	const hex = `|%[0-9A-F]{2}`
	chars := func(more string) string { return `([a-z0-9\-._~!$&'()*+,;=` + more + `]` + hex + `)` }
	return regexp.MustCompile(`(?i)^[a-z0-9+.\-]+:` +
		`(//(` + chars(":") + `*@)?` + chars("") + `*(:\d*)?(/` + chars(":@/") + `*)?|(/?` + chars(":@") + `+` + chars(":@/") + `*)?)` +
		`(\?` + chars(":/?@") + `*)?(#` + chars(":/?@") + `*)?$`)
}()

func isValidURI(s string) bool { return uriForm.MatchString(s) }
