package web

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"mocban/graph"
	"mocban/graph/text/vi"
	"mocban/publish/resource"
	"mocban/vocab/bf"
	"mocban/vocab/rdf"
	"mocban/vocab/schema"
)

// near shows the instances of a work with their copies, the copies of an instance, and what
// its work says.
func (v *viewer) near(e *Entity) (sections []Section) {
	var instances, items []*resource.Node
	for _, n := range v.r.Near {
		switch {
		case n.Has(rdf.Type, bf.Item.Term()):
			items = append(items, n)
		case n.Has(bf.InstanceOf, v.r.Thing) || v.r.Root.Has(bf.HasInstance, n.Term):
			instances = append(instances, n)
		case v.r.Root.Has(bf.InstanceOf, n.Term) || n.Has(bf.HasInstance, v.r.Thing):
			e.AboutTitle = v.thing(n.Term)
			if e.AboutTitle.Text.Text == "" || len(v.r.Labels(n.Term)) == 0 {
				e.AboutTitle.Text, _ = v.title(n)
			}
			e.About = v.groups(n, func(p graph.IRI) bool {
				return p != bf.HasInstance && p != bf.AdminMetadata && p != bf.Classification
			})
			if len(e.Summary) == 0 {
				e.Summary = v.summary(n)
			}
		}
	}
	if len(instances) > 0 {
		s := Section{ID: "instances", Name: Word(v.lang, "instances")}
		for _, n := range instances {
			entry := v.instance(n)
			for _, item := range items {
				if item.Has(bf.ItemOf, n.Term) || n.Has(bf.HasItem, item.Term) {
					entry.Copies = append(entry.Copies, v.copy(item))
				}
			}
			s.Entries = append(s.Entries, entry)
		}
		return append(sections, s)
	}
	if len(items) > 0 {
		s := Section{ID: "holdings", Name: Word(v.lang, "holdings")}
		var entry Entry
		for _, item := range items {
			entry.Copies = append(entry.Copies, v.copy(item))
		}
		s.Entries = []Entry{entry}
		sections = append(sections, s)
	}
	return sections
}

// instance shows an instance in the list of a work.
func (v *viewer) instance(n *resource.Node) (e Entry) {
	e.Title, e.Also = v.title(n)
	e.Href, _ = v.link(n.Term.Value())
	e.Kind = strings.Join(v.types(n), ", ")
	for _, g := range v.groups(n, func(p graph.IRI) bool {
		switch p {
		case bf.PublicationStatement, bf.ProvisionActivityStatement, bf.ProvisionActivity, bf.EditionStatement, bf.Extent, bf.ElectronicLocator:
			return true
		}
		return false
	}) {
		e.Facts = append(e.Facts, g.Facts...)
	}
	return e
}

// copy shows an item.
func (v *viewer) copy(n *resource.Node) (c Copy) {
	for _, x := range n.Values(bf.HeldBy) {
		c.Library = v.value(x, bf.HeldBy)
	}
	if marks := v.labels(n, bf.ShelfMark); len(marks) > 0 {
		c.Mark = marks[0]
	}
	if c.Library.Text.Text == "" {
		c.Library.Text, _ = v.title(n)
	}
	c.Href, _ = v.link(n.Term.Value())
	return c
}

// sections lists what points at the thing, by how it does.
func (v *viewer) sections() (sections []Section) {
	shown := make(map[graph.Term]bool)
	for _, n := range v.r.Near {
		shown[n.Term] = true
	}
	strong := slices.ContainsFunc(v.r.In, func(l resource.Link) bool { return !derived(l) })
	type section struct {
		Section
		rank int
		seen map[graph.Term]bool
	}
	// A translation is listed as such, and not once more among all the works of a hub.
	translations := make(map[graph.Term]bool)
	for _, l := range v.r.In {
		if len(l.Path) == 1 && l.Path[0] == bf.TranslationOf {
			translations[l.From] = true
		}
	}
	byName := make(map[string]*section)
	for _, l := range v.r.In {
		if l.Path[0] == bf.ExpressionOf && translations[l.From] {
			continue
		}
		if shown[l.From] || !l.From.IsIRI() || derived(l) && strong || len(l.Path) == 1 && v.said(l.From) {
			continue
		}
		name, rank := v.linkName(l)
		if name == "" {
			continue
		}
		s := byName[name]
		if s == nil {
			s = &section{Section{Name: name}, rank, make(map[graph.Term]bool)}
			byName[name] = s
		}
		if !s.seen[l.From] {
			s.seen[l.From] = true
			s.Entries = append(s.Entries, v.entry(l.From))
		}
	}
	all := make([]*section, 0, len(byName))
	for _, s := range byName {
		SortEntries(s.Entries)
		plain(s.Entries)
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *section) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.Name, b.Name))
	})
	for i, s := range all {
		s.ID = "in-" + string(rune('a'+i%26))
		sections = append(sections, s.Section)
	}
	return sections
}

// said tells whether the facts of the thing name another thing already.
func (v *viewer) said(t graph.Term) bool {
	return slices.ContainsFunc(v.r.Root.Props, func(p resource.Prop) bool {
		return !hidden(p.IRI) && slices.ContainsFunc(p.Values, func(x resource.Value) bool { return x.Term == t })
	})
}

// derived tells whether a link was made for search engines from another one.
func derived(l resource.Link) bool { return strings.HasPrefix(string(l.Path[0]), string(schema.NS)) }

// linkName names the way in which something points at the thing.
func (v *viewer) linkName(l resource.Link) (name string, rank int) {
	last := l.Path[len(l.Path)-1]
	if last == bf.Agent && l.Part != nil && l.Path[0] == bf.Contribution {
		if roles := v.labels(l.Part, bf.Role); len(roles) > 0 {
			return Upper(strings.Join(roles, ", ")), 0
		}
		return Upper(tables().properties[bf.Agent].back.in(v.lang)), 1
	}
	row, ok := tables().properties[last]
	if derived(l) || !ok || row.back.in(v.lang) == "" {
		if !derived(l) && ok && row.group == "-" {
			return "", 0
		}
		return Word(v.lang, "links-in"), 10_000
	}
	if last == bf.TranslationOf { // right after the works that are none
		return Upper(row.back.in(v.lang)), 11 + tables().properties[bf.ExpressionOf].rank
	}
	return Upper(row.back.in(v.lang)), 10 + row.rank
}

// Briefs are the predicates that entries of lists show.
var Briefs = []graph.IRI{rdf.Type, schema.Author, schema.DatePublished}

// entry shows a thing in a list.
func (v *viewer) entry(t graph.Term) (e Entry) {
	x := v.thing(t)
	e.Title, e.Also, e.Href = x.Text, x.Also, x.Href
	var line []string
	for _, a := range v.r.Brief(t, schema.Author) {
		if a == v.r.Thing {
			continue // said by the page itself
		}
		if a.IsLiteral() {
			line = append(line, a.Value())
		} else if label, ok := v.r.Label(a, v.lang); ok {
			line = append(line, label.Value())
		}
		if len(line) == 3 {
			break
		}
	}
	for _, d := range v.r.Brief(t, schema.DatePublished) {
		line = append(line, d.Value())
		break
	}
	if len(line) > 0 {
		e.Lines = []string{strings.Join(line, " · ")}
	}
	for _, c := range v.r.Brief(t, rdf.Type) {
		iri, _ := c.IRI()
		switch iri {
		case bf.Work, bf.Instance, bf.Item, bf.Hub, bf.Person, bf.OrganizationClass, bf.Meeting, bf.Family, bf.Jurisdiction,
			bf.Topic, bf.PlaceClass, bf.GenreFormClass, bf.Temporal:
			if e.Kind == "" || iri != bf.AgentClass {
				e.Kind = Class(v.lang, iri)
			}
		}
	}
	return e
}

// plain takes away the kind of entries that all are of one.
func plain(entries []Entry) {
	for _, e := range entries {
		if e.Kind != entries[0].Kind {
			return
		}
	}
	for i := range entries {
		entries[i].Kind = ""
	}
}

// Entries shows things in a list, in the order given, from a resource of [resource.List].
func Entries(r *resource.Resource, things []graph.Term, lang string, link Linker) (entries []Entry) {
	v := &viewer{r, lang, link}
	for _, t := range things {
		entries = append(entries, v.entry(t))
	}
	return entries
}

// SortEntries sorts by title as Vietnamese dictionaries do.
func SortEntries(entries []Entry) {
	type keyed struct {
		key   []byte
		entry Entry
	}
	all := make([]keyed, len(entries))
	for i, e := range entries {
		all[i] = keyed{vi.SortKey(e.Title.Text), e}
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		return cmp.Or(bytes.Compare(a.key, b.key), strings.Compare(a.entry.Href, b.entry.Href))
	})
	for i := range all {
		entries[i] = all[i].entry
	}
}
