package lc

import (
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// inSeries makes the relation to a series.
func (c *run) inSeries(s graph.Term) graph.Term {
	relation := c.node(s, bf.Relation, bf.RelationClass)
	c.labelled(relation, bf.Relationship, relationships+"series", bf.RelationshipClass, graph.String("series"))
	return relation
}

// A seriesGroup is one series of a field that names several.
type seriesGroup struct {
	titles [][]seriesText // each with what belongs to it
	issues []graph.Term
	issns  []seriesText
}

// A seriesText is a property and its value.
type seriesText struct {
	property graph.IRI
	value    graph.Term
	status   string
}

// transcribed makes the series as they stand on the thing (ConvSpec 490, process 6): each $a
// that follows something else, or an equals sign, begins one.
func transcribed(c *run, s graph.Term, f *field, _ *op, _ int) {
	groups := c.seriesGroups(f)
	for i := range groups {
		g := &groups[i]
		if len(g.titles)+len(g.issues)+len(g.issns) == 0 {
			continue
		}
		relation := c.inSeries(s)
		n := c.node(relation, bf.AssociatedResource, bf.Series, bflc.Uncontrolled)
		c.status(n, "t", "transcribed")
		if f.ind1 == '1' {
			c.status(n, "tr", "traced")
		}
		for _, title := range g.titles {
			t := c.node(n, bf.Title, bf.TitleClass)
			for _, text := range title {
				c.add(t, text.property, text.value)
			}
		}
		for _, issn := range g.issns {
			id := c.node(n, bf.IdentifiedBy, issn.property)
			c.add(id, rdf.Value, issn.value)
			switch issn.status {
			case "incorrect":
				c.status(id, "incorrect", "incorrect")
			case "cancinv":
				c.status(id, "cancinv", "canceled")
			}
		}
		for _, v := range g.issues {
			c.add(relation, bf.SeriesEnumeration, v)
		}
		c.seriesDetails(relation, f)
	}
}

// seriesDetails reads the class mark and the part of a series statement.
func (c *run) seriesDetails(relation graph.Term, f *field) {
	if f.has("l") {
		n := c.node(relation, bf.Classification, bf.ClassificationLcc)
		c.link(n, bf.Assigner, organization("dlc"), bf.AgentClass)
		c.add(n, bf.ClassificationPortion, graph.String(f.sub('l')))
	}
	if f.has("3") {
		c.appliesTo(relation, f.sub('3'), "")
	}
}

// seriesGroups takes a field apart. The 880 that belongs to it is read for the first group
// only, place by place.
func (c *run) seriesGroups(f *field) []seriesGroup {
	groups := []seriesGroup{{}}
	var pair *field
	for _, l := range c.linked {
		if occurrence := pairedOccurrence(f); l.as == 490 && l.occurrence == occurrence {
			pair = l
			break
		}
	}
	if pair != nil && !pair.says() {
		pair = nil
	}
	for i := range f.subs {
		s := f.subs[i]
		other := ""
		if pair != nil && i < len(pair.subs) && pair.subs[i].Code == s.Code {
			other = pair.subs[i].Value
		}
		g := &groups[len(groups)-1]
		c.seriesSubfield(g, f, i, pair, other)
		switch {
		case s.Code == '6':
		case strings.HasSuffix(s.Value, "="), s.Code != 'a' && i+1 < len(f.subs) && f.subs[i+1].Code == 'a':
			groups = append(groups, seriesGroup{})
			pair = nil
		}
	}
	return groups
}

// pairedOccurrence returns the number of the 880 that belongs to a field, "" for none.
func pairedOccurrence(f *field) string {
	if strings.Contains(f.six, "-00") {
		return ""
	}
	return f.occurrence
}

// says tells whether some subfield holds text.
func (f *field) says() bool {
	for i := range f.subs {
		if f.subs[i].Value != "" {
			return true
		}
	}
	return false
}

func (c *run) seriesSubfield(g *seriesGroup, f *field, at int, pair *field, other string) {
	v := f.subs[at].Value
	own, lang := c.lang(f), c.lang(pair)
	switch f.subs[at].Code {
	case 'a':
		title := []seriesText{{bf.MainTitle, graph.Text(chop(v), own), ""}}
		if other != "" {
			title = append(title, seriesText{bf.MainTitle, graph.Text(chop(other), lang), ""})
		}
		for i := at + 1; i <= at+2 && i < len(f.subs); i++ {
			switch f.subs[i].Code {
			case 'n':
				title = append(title, seriesText{partNubmber, graph.String(chop(f.subs[i].Value)), ""})
			case 'p':
				title = append(title, seriesText{bf.PartName, graph.String(chop(f.subs[i].Value)), ""})
			}
		}
		g.titles = append(g.titles, title)
	case 'v':
		g.issues = append(g.issues, graph.Text(chop(v), own))
		if other != "" {
			g.issues = append(g.issues, graph.Text(chop(other), lang))
		}
	case 'x':
		g.issns = append(g.issns, seriesText{bf.Issn, graph.String(chop(v)), ""})
	case 'y':
		g.issns = append(g.issns, seriesText{bf.Issn, graph.String(chop(v)), "incorrect"})
	case 'z':
		g.issns = append(g.issns, seriesText{bf.Issn, graph.String(chop(v)), "cancinv"})
	}
}

// tracedSeries makes the series under its heading (ConvSpec 8XX).
func tracedSeries(c *run, s graph.Term, f *field, _ *op, _ int) {
	title := f.as == 830 || f.as == 440
	iri, agent := "", ""
	switch {
	case title && f.has("1"):
		iri = c.orMinted(f.uriFrom1(), "#Hub", f)
	default:
		iri = c.orMinted(f.uri(hubEntity), "#Hub", f)
	}
	if !title && (f.has("1") || f.find("0", containing("id.loc.gov/authorities/names/")) != "") {
		agent = c.orMinted(f.uriFrom1(), "#Agent", f)
	} else {
		agent = c.orMinted(f.uri(agentEntity), "#Agent", f)
	}
	relation := c.inSeries(s)
	n := c.link(relation, bf.AssociatedResource, c.ref(iri), bf.Hub, bf.Series)
	if title {
		c.unifiedTitle(n, f, "", nil)
	} else {
		c.contribution(n, f, agent)
	}
	c.seriesNumbers(n, f)
	c.five(n, f)
	c.sevens(n, f)
	for i := range f.subs {
		if f.subs[i].Code == 'v' {
			c.add(relation, bf.SeriesEnumeration, graph.String(f.subs[i].Value))
		}
	}
	c.alternate(f.as, pairedOccurrence(f), func(l *field) {
		for i := range l.subs {
			if l.subs[i].Code == 'v' {
				c.add(relation, bf.SeriesEnumeration, c.text(l, l.subs[i].Value))
			}
		}
	})
}

// seriesNumbers reads the control numbers and ISSNs of a series.
func (c *run) seriesNumbers(n graph.Term, f *field) {
	for i := range f.subs {
		v := f.subs[i].Value
		switch f.subs[i].Code {
		case 'w':
			class := bf.Identifier
			if strings.HasPrefix(v, "(DLC)") {
				class = bf.Lccn
			}
			c.zero(n, 'w', v, class)
		case 'x':
			c.issn(n, v)
		case 'y':
			c.status(c.issn(n, v), "incorrect", "incorrect")
		case 'z':
			c.status(c.issn(n, v), "cancinv", "canceled")
		}
	}
}

// analytic makes the related work of a title alone (ConvSpec 740).
func analytic(c *run, s graph.Term, f *field, _ *op, _ int) {
	kind := "relatedwork"
	if f.ind2 == '2' {
		kind = "part"
	}
	relation := c.node(s, bf.Relation, bf.RelationClass)
	c.add(relation, bf.Relationship, lc("relationship/"+kind))
	w := c.link(relation, bf.AssociatedResource, graph.IRI(c.minted("#Work", f)).Term(), bf.Work, bflc.Uncontrolled)
	var pairs []*field
	c.alternate(740, pairedOccurrence(f), func(l *field) { pairs = append(pairs, l) })
	if f.has("a") {
		t := c.node(w, bf.Title, bf.TitleClass)
		skip := nonfiling(f)
		c.add(t, bflc.NonSortNum, c.text(f, skip))
		c.add(t, bf.MainTitle, graph.String(chop(skipped(f.sub('a'), skip))))
		for _, l := range pairs {
			if !l.has("a") {
				continue
			}
			skip := nonfiling(pairs[0])
			c.add(t, bflc.NonSortNum, graph.Text(skip, c.langs(pairs)))
			c.add(t, bf.MainTitle, graph.Text(chop(skipped(l.sub('a'), skip)), c.langs(pairs)))
			break
		}
	}
	parts := func(f *field, lang string) {
		for i := range f.subs {
			switch f.subs[i].Code {
			case 'n':
				c.add(w, bf.PartNumber, graph.Text(chop(f.subs[i].Value), lang))
			case 'p':
				c.add(w, bf.PartName, graph.Text(chop(f.subs[i].Value), lang))
			}
		}
	}
	parts(f, "")
	for _, l := range pairs {
		parts(l, c.langs(pairs))
	}
	c.five(w, f)
}

// nonfiling returns the first indicator if it is a digit.
func nonfiling(f *field) string {
	if f.ind1 >= '0' && f.ind1 <= '9' {
		return string(f.ind1)
	}
	return "0"
}

func skipped(s, skip string) string { return part(s, int(skip[0]-'0'), len(s)) }

// linkEquivalent says that the work is, or is related to, something else (ConvSpec 758).
func linkEquivalent(c *run, s graph.Term, f *field, _ *op, _ int) {
	const instanceOf = string(bf.InstanceOf)
	if f.tag == 880 && f.holds('4', instanceOf) {
		return
	}
	stem := "http://may.this/never/exist/"
	if strings.Contains(c.id, "/REPLACE/") {
		stem = before(c.id, "/REPLACE/")
	}
	if strings.Contains(f.sub('1'), stem) {
		return
	}
	var relation graph.Term
	switch {
	case !f.has("i4"):
		relation = c.node(s, bf.Relation, bf.RelationClass)
		c.add(relation, bf.Relationship, hasEquivalent.Term())
	case f.has("4") && !strings.Contains(f.sub('4'), "rdaregistry"):
		relation = c.node(s, bf.Relation, bf.RelationClass)
		c.relationshipsOf(relation, f, '4')
	case f.has("i"):
		relation = c.node(s, bf.Relation, bf.RelationClass)
		c.relationshipsOf(relation, f, 'i')
	default:
		return
	}
	for i := range f.subs {
		if s := f.subs[i]; (s.Code == '0' || s.Code == '1') && isURI(s.Value) {
			c.add(relation, bf.AssociatedResource, c.ref(bareURI(s.Value)))
		}
	}
}

func (c *run) relationshipsOf(relation graph.Term, f *field, code byte) {
	for i := range f.subs {
		if f.subs[i].Code != code {
			continue
		}
		if v := f.subs[i].Value; code == '4' && strings.HasPrefix(v, "http") {
			c.add(relation, bf.Relationship, c.ref(v))
		} else {
			c.add(c.node(relation, bf.Relationship, bf.RelationshipClass), rdfs.Label, graph.String(v))
		}
	}
}

// worksRecord returns the 758 that names the work of the instance, if that is in this house.
func (c *run) worksRecord() (found *field) {
	c.all(758, func(f *field) bool {
		if f.holds('4', string(bf.InstanceOf)) && strings.Contains(f.sub('1'), string(c.options.Base)) {
			found = f
		}
		return found != nil
	})
	return found
}

// instanceOf returns the work of the instance.
func (c *run) instanceOf() graph.Term {
	if c.worksRecord() == nil {
		return c.work
	}
	one, _ := c.value(758, '1')
	return c.ref(one)
}
