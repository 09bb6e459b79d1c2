package web

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mocban/graph"
	"mocban/graph/text/vi"
	"mocban/publish/resource"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/madsrdf"
	"mocban/vocab/mocban"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
	"mocban/vocab/schema"
	"mocban/vocab/skos"
	"mocban/vocab/xsd"
)

// A Linker returns the address under which an IRI can be opened, "" if it must not be linked.
type Linker func(iri string) (href string, external bool)

// A viewer makes views of one resource.
type viewer struct {
	r    *resource.Resource
	lang string
	link Linker
}

// View makes the page of a thing from what the store says of it.
func View(r *resource.Resource, kind, lang string, link Linker) Entity {
	v := &viewer{r, lang, link}
	e := Entity{
		Kind:     kind,
		KindName: Word(lang, "one-"+kind),
		IRI:      r.Thing.Value(),
		Types:    v.types(r.Root),
	}
	if kind == "agent" || kind == "concept" || kind == "place" {
		if len(e.Types) > 0 {
			e.KindName, e.Types = e.Types[0], e.Types[1:] // a person is more than an agent
		}
	}
	e.Heading, e.Slip = v.title(r.Root)
	e.Other = v.otherTitles(r.Root, e.Heading, e.Slip)
	for i := range e.Slip {
		e.Slip[i].Text = signs(e.Slip[i].Text)
	}
	e.Summary = v.summary(r.Root)
	e.Groups = v.groups(r.Root, nil)
	near := v.near(&e)
	e.Sections = append(near, v.sections()...)
	for _, g := range r.Graphs() {
		if href, external := link(g.Value()); href != "" && !external {
			e.Records = append(e.Records, Value{Text: Text{Text: tail(g.Value())}, Href: href})
		}
	}
	e.Statements = v.statements(r.Root, 0, nil)
	return e
}

// tail returns the last two segments of an IRI.
func tail(iri string) string {
	parts := strings.Split(iri, "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}

// Upper returns s with its first letter in upper case.
func Upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// types names the classes of a thing that say more than its kind does.
func (v *viewer) types(n *resource.Node) (types []string) {
	for _, t := range n.Values(rdf.Type) {
		iri, _ := t.Term.IRI()
		switch iri {
		case bf.Work, bf.Instance, bf.Item, bf.Hub, bf.AgentClass, skos.Concept, mocban.Record, bf.PlaceClass:
			continue
		}
		if name := Class(v.lang, iri); name != "" && !slices.Contains(types, name) {
			types = append(types, name)
		}
	}
	return types
}

// text returns a literal as it is shown.
func text(t graph.Term) Text {
	x := Text{Text: t.Value(), Lang: t.Lang()}
	if x.Lang == "" && han(x.Text) {
		x.Lang = "und-Hani"
	}
	return x
}

// Han tells whether a text is in Hán-Nôm script.
func (t Text) Han() bool { return han(t.Text) }

func han(s string) bool { return strings.ContainsFunc(s, vi.IsHan) }

// texts splits literals into the one to show and the same in other scripts.
func (v *viewer) texts(terms []graph.Term) (shown Text, also []Text) {
	best, score := -1, -1
	for i, t := range terms {
		if s := resource.Rank(t, v.lang); s > score {
			best, score = i, s
		}
	}
	if best < 0 {
		return shown, nil
	}
	shown = text(terms[best])
	if l := shown.Lang; strings.EqualFold(l, v.lang) || l == "zh-Latn" {
		shown.Lang = "" // that of the page; Chinese titles are read the Vietnamese way
	}
	seen := []string{shown.Text}
	for _, t := range terms {
		x := text(t)
		if !x.Han() || slices.Contains(seen, x.Text) {
			continue // the label in another language, or another spelling of it
		}
		seen = append(seen, x.Text)
		also = append(also, x)
	}
	return shown, also
}

// literals returns the literals of the first of the properties that has any.
func literals(n *resource.Node, ps ...graph.IRI) (terms []graph.Term) {
	for _, p := range ps {
		for _, x := range n.Values(p) {
			if x.Term.IsLiteral() {
				terms = append(terms, x.Term)
			}
		}
		if len(terms) > 0 {
			break
		}
	}
	return terms
}

// names are the properties by which things and parts are called, best first.
var names = []graph.IRI{
	rdfs.Label, bf.MainTitle, rdf.Value, skos.PrefLabel, madsrdf.AuthoritativeLabel, schema.Name, bf.Code,
	madsrdf.VariantLabel, skos.AltLabel,
}

// title returns the name of a thing and its title in Hán-Nôm script.
func (v *viewer) title(n *resource.Node) (heading Text, slip []Text) {
	heading, also := v.texts(literals(n, names...))
	for _, t := range append([]Text{heading}, also...) {
		if t.Han() {
			slip = append(slip, t)
		}
	}
	for _, x := range n.Values(bf.Title) {
		if x.Part == nil || variant(x.Part) {
			continue
		}
		for _, t := range literals(x.Part, bf.MainTitle) {
			if heading.Text == "" {
				heading = text(t)
			}
			if han(t.Value()) && !slices.ContainsFunc(slip, func(s Text) bool { return s.Text == t.Value() }) {
				slip = append(slip, text(t))
			}
		}
	}
	if heading.Text == "" {
		heading.Text = Word(v.lang, "untitled")
	}
	return heading, slip
}

// signs returns a text in Hán-Nôm script up to what no longer is: the dates of a person.
func signs(s string) string {
	end := 0
	for i, r := range s {
		if vi.IsHan(r) {
			end = i + utf8.RuneLen(r)
		}
	}
	return s[:end]
}

// variant tells whether a title is another than the title proper.
func variant(title *resource.Node) bool {
	for _, t := range title.Values(rdf.Type) {
		switch iri, _ := t.Term.IRI(); iri {
		case bf.VariantTitle, bf.ParallelTitle, bf.AbbreviatedTitle, bf.KeyTitle, bf.CollectiveTitle:
			return true
		}
	}
	return false
}

// otherTitles are titles that neither the heading nor the slip shows.
func (v *viewer) otherTitles(n *resource.Node, heading Text, slip []Text) (other []Value) {
	for _, x := range n.Values(bf.Title) {
		if x.Part == nil {
			continue
		}
		val := v.part(x.Part, bf.Title)
		known := func(t Text) bool {
			return t.Text == heading.Text || slices.ContainsFunc(slip, func(s Text) bool { return s.Text == t.Text })
		}
		val.Also = slices.DeleteFunc(val.Also, known)
		if known(val.Text) {
			if len(val.Also) == 0 {
				continue
			}
			val.Text, val.Also = val.Also[0], val.Also[1:]
		}
		if val.Text.Text != "" && !slices.ContainsFunc(other, func(o Value) bool { return o.Text == val.Text }) {
			other = append(other, val)
		}
	}
	return other
}

func (v *viewer) summary(n *resource.Node) (all []Text) {
	for _, x := range n.Values(bf.Summary) {
		if x.Part != nil {
			for _, t := range literals(x.Part, rdfs.Label, rdf.Value) {
				all = append(all, text(t))
			}
		} else if x.Term.IsLiteral() {
			all = append(all, text(x.Term))
		}
	}
	return all
}

// groupNames are the groups in the order of pages, with their words.
var groupOrder = []string{"main", "origin", "about", "form", "notes", "links", "admin"}

// groups makes the facts of a thing. Only, if not nil, says which properties to show.
func (v *viewer) groups(n *resource.Node, only func(graph.IRI) bool) (groups []Group) {
	type ranked struct {
		rank int
		fact Fact
	}
	byGroup := make(map[string][]ranked)
	statement := len(literals(n, bf.PublicationStatement, bf.ProvisionActivityStatement)) > 0
	for _, p := range n.Props {
		row, known := tables().properties[p.IRI]
		switch {
		case only != nil && !only(p.IRI),
			p.IRI == bf.Title, p.IRI == bf.Summary, p.IRI == bf.ProvisionActivity && statement,
			p.IRI == skos.InScheme && repeats(p, n.Values(bf.Source)),
			known && row.group == "-",
			!known && hidden(p.IRI):
			continue
		case !known:
			row = property{rank: 1000, group: "notes", name: name{Short(string(p.IRI)), Short(string(p.IRI))}}
		}
		fact := Fact{Name: Upper(row.name.in(v.lang))}
		for _, x := range sorted(p) {
			if val := v.value(x, p.IRI); val.Text.Text != "" || len(val.Facts) > 0 {
				fact.Values = append(fact.Values, val)
			}
		}
		fact.Values = scripts(fact.Values)
		if len(fact.Values) > 0 {
			byGroup[row.group] = append(byGroup[row.group], ranked{row.rank, fact})
		}
	}
	for _, id := range groupOrder {
		facts := byGroup[id]
		if len(facts) == 0 {
			continue
		}
		slices.SortStableFunc(facts, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
		g := Group{ID: id}
		for _, f := range facts {
			g.Facts = append(g.Facts, f.fact)
		}
		groups = append(groups, g)
	}
	return groups
}

// repeats tells whether a property says nothing that the values given do not say.
func repeats(p resource.Prop, values []resource.Value) bool {
	return !slices.ContainsFunc(p.Values, func(x resource.Value) bool {
		return !slices.ContainsFunc(values, func(y resource.Value) bool { return x.Term == y.Term })
	})
}

// sorted returns the values of a property in the order of pages: whom a work is entered
// under comes before those who helped.
func sorted(p resource.Prop) []resource.Value {
	if p.IRI != bf.Contribution {
		return p.Values
	}
	primary := func(x resource.Value) int {
		if x.Part != nil && x.Part.Has(rdf.Type, bf.PrimaryContribution.Term()) {
			return 0
		}
		return 1
	}
	values := slices.Clone(p.Values)
	slices.SortStableFunc(values, func(a, b resource.Value) int { return cmp.Compare(primary(a), primary(b)) })
	return values
}

// hidden tells whether a property that no table names is left to the table of all
// statements: what is derived for search engines.
func hidden(p graph.IRI) bool { return strings.HasPrefix(string(p), string(schema.NS)) }

// scripts puts literals in Hán-Nôm script beside the ones that they repeat, if both are
// as many.
func scripts(values []Value) []Value {
	var latin, other []Value
	for _, x := range values {
		if x.Href != "" || len(x.Facts) > 0 || x.Before != "" {
			return values
		}
		if x.Text.Han() {
			other = append(other, x)
		} else {
			latin = append(latin, x)
		}
	}
	if len(latin) != len(other) {
		return values
	}
	for i := range latin {
		latin[i].Also = append(latin[i].Also, other[i].Text)
	}
	return latin
}

// value shows one value of a property.
func (v *viewer) value(x resource.Value, p graph.IRI) Value {
	switch {
	case x.Part != nil:
		return v.part(x.Part, p)
	case x.Term.IsLiteral():
		val := Value{Text: text(x.Term)}
		if x.Term.Datatype() == xsd.DateTime {
			val.Text.Text = moment(val.Text.Text)
		}
		if s := x.Term.Value(); strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") {
			val.Href, val.External = v.link(s)
		}
		return val
	case x.Term.IsBlank():
		return Value{}
	}
	return v.thing(x.Term)
}

// moment returns a xsd:dateTime as people write it; midnight is a day whose time nobody noted.
func moment(s string) string {
	date, clock, _ := strings.Cut(s, "T")
	if clock = strings.TrimSuffix(clock, "Z"); clock == "" || clock == "00:00:00" {
		return date
	}
	return date + " " + clock
}

// thing shows another thing by its label.
func (v *viewer) thing(t graph.Term) (val Value) {
	val.Text, val.Also = v.texts(v.r.Labels(t))
	val.Href, val.External = v.link(t.Value())
	if val.Text.Text == "" {
		val.Text.Text, val.After = unnamed(t.Value())
	}
	return val
}

// unnamed shows an IRI that has no label: its last part, and where it is from.
func unnamed(iri string) (name, from string) {
	_, rest, ok := strings.Cut(iri, "://")
	if !ok {
		return iri, ""
	}
	host, path, _ := strings.Cut(rest, "/")
	path = strings.TrimRight(path, "/#")
	if path == "" {
		return rest, ""
	}
	return path[strings.LastIndexAny(path, "/#")+1:], host
}

// part shows a part of a thing.
func (v *viewer) part(n *resource.Node, p graph.IRI) (val Value) {
	switch p {
	case bf.Contribution:
		return v.contribution(n)
	case bf.ProvisionActivity:
		return v.provision(n)
	case bf.Classification:
		val.Text.Text = v.join(n, " ", bf.ClassificationPortion, bf.ItemPortion)
		val.Before = v.kindOf(n)
		val.After = strings.Join(v.labels(n, bf.Source), ", ")
		return val
	}
	val.Text, val.Also = v.texts(literals(n, names...))
	if p == bf.Title {
		for _, more := range [...]struct {
			p   graph.IRI
			sep string
		}{{bf.Subtitle, " : "}, {bf.PartNumber, ". "}, {bf.PartName, ". "}} {
			t, also := v.texts(literals(n, more.p))
			if t.Text != "" {
				val.Text.Text += more.sep + t.Text
			}
			for i := range min(len(also), len(val.Also)) {
				val.Also[i].Text += more.sep + also[i].Text
			}
		}
		return val
	}
	if val.Text.Text == "" {
		for _, inner := range [...]graph.IRI{bf.AssociatedResource, bf.Agent, bf.ElectronicLocator} {
			for _, x := range n.Values(inner) {
				val = v.value(x, inner)
				val.After = strings.Join(v.labels(n, bf.Relationship, bflc.Relationship, bf.Role), ", ")
				if val.Text.Text != "" {
					return val
				}
			}
		}
	}
	if val.Text.Text == "" {
		for _, g := range v.groups(n, nil) {
			val.Facts = append(val.Facts, g.Facts...)
		}
		if name := v.component(n); name != "" && len(val.Facts) == 1 {
			val.Facts[0].Name = name
		}
		return val
	}
	if kind := v.kindOf(n); p == bf.IdentifiedBy || p == bf.ShelfMark && !n.Has(rdf.Type, bf.ShelfMarkClass.Term()) {
		val.Before = kind
	}
	val.After = strings.Join(append(v.labels(n, bf.Status), v.labels(n, bf.Qualifier)...), ", ")
	if n.Term.IsIRI() {
		return val
	}
	for _, x := range n.Values(bf.ElectronicLocator) {
		val.Href, val.External = v.link(x.Term.Value())
	}
	return val
}

// component says which component of a resource a note on its language is about, such as the
// original of a translation.
func (v *viewer) component(n *resource.Node) string {
	for _, t := range n.Values(rdf.Type) {
		local, ok := strings.CutPrefix(t.Term.Value(), "http://id.loc.gov/vocabulary/resourceComponents/")
		if _, known := tables().words["component-"+local]; ok && known {
			return Word(v.lang, "component-"+local)
		}
	}
	return ""
}

// kindOf names the class of a part.
func (v *viewer) kindOf(n *resource.Node) string {
	for _, t := range n.Values(rdf.Type) {
		iri, _ := t.Term.IRI()
		if iri == bf.Identifier || iri == bf.ClassificationClass {
			continue
		}
		if name := Class(v.lang, iri); name != "" {
			return name
		}
	}
	return ""
}

// labels returns the values of properties as plain text.
func (v *viewer) labels(n *resource.Node, ps ...graph.IRI) (all []string) {
	for _, p := range ps {
		for _, x := range n.Values(p) {
			val := v.value(x, p)
			if s := val.Text.Text; s != "" && !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// join joins the first values of properties.
func (v *viewer) join(n *resource.Node, sep string, ps ...graph.IRI) string {
	var all []string
	for _, p := range ps {
		if t, _ := v.texts(literals(n, p)); t.Text != "" {
			all = append(all, t.Text)
		}
	}
	return strings.Join(all, sep)
}

func (v *viewer) contribution(n *resource.Node) (val Value) {
	for _, x := range n.Values(bf.Agent) {
		val = v.value(x, bf.Agent)
		break
	}
	if val.Text.Text == "" {
		val.Text, val.Also = v.texts(literals(n, names...))
	}
	val.After = strings.Join(v.labels(n, bf.Role), ", ")
	val.Facts = nil
	return val
}

// provision shows a publication: place : agent, date.
func (v *viewer) provision(n *resource.Node) (val Value) {
	first := func(ps ...graph.IRI) string {
		if all := v.labels(n, ps...); len(all) > 0 {
			return all[0]
		}
		return ""
	}
	place, agent := first(bflc.SimplePlace, bf.Place), first(bflc.SimpleAgent, bf.Agent)
	date := first(bflc.SimpleDate, bf.Date)
	s := place
	if agent != "" {
		if s != "" {
			s += " : "
		}
		s += agent
	}
	if date != "" {
		if s != "" {
			s += ", "
		}
		s += date
	}
	val.Text.Text = s
	if kind := v.kindOf(n); kind != "" && !n.Has(rdf.Type, bf.Publication.Term()) {
		val.Before = kind
	}
	return val
}

// statements lists all statements of a thing and its parts.
func (v *viewer) statements(n *resource.Node, depth int, all []Statement) []Statement {
	for _, p := range n.Props {
		for _, x := range p.Values {
			s := Statement{Depth: depth, Property: p.IRI}
			switch {
			case x.Part != nil:
				all = append(all, s)
				all = v.statements(x.Part, depth+1, all)
				continue
			case x.Term.IsLiteral():
				s.Value.Text = text(x.Term)
				if len(s.Value.Text.Text) > 2000 {
					s.Value.Text.Text = s.Value.Text.Text[:200] + "…"
				}
				if dt := x.Term.Datatype(); x.Term.Lang() == "" && dt != graph.String("").Datatype() {
					s.Datatype = Short(string(dt))
				}
			case x.Term.IsIRI():
				s.Value.Text.Text = Short(x.Term.Value())
				s.Value.Href, s.Value.External = v.link(x.Term.Value())
			default:
				s.Value.Text.Text = "_:" + x.Term.Value()
			}
			all = append(all, s)
		}
	}
	return all
}
