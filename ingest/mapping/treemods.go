package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/ingest/tree"
	"mocban/vocab/bf"
	"mocban/vocab/mocban"
)

// partyOf reads a name of MODS (3.7, name): its parts, or the form in which it is shown.
func partyOf(e *tree.Element) party {
	p := party{}
	switch e.Attr("type") {
	case "personal":
		p.class = bf.Person
	case "corporate":
		p.class = bf.OrganizationClass
	case "conference":
		p.class = bf.Meeting
	case "family":
		p.class = bf.Family
	}
	var plain []string
	terms := ""
	for n := range e.Named("namePart") {
		v := n.Value()
		switch n.Attr("type") {
		case "family":
			p.family = v
		case "given":
			p.given = v
		case "date":
			p.dates = v
		case "termsOfAddress":
			terms = v
		default:
			plain = append(plain, v)
		}
	}
	switch {
	case len(plain) > 0:
		p.name = strings.Join(plain, ". ")
		if p.class == bf.Person {
			p.name = strings.Join(plain, ", ")
		}
	case p.family != "" && p.given != "":
		p.name = p.family + ", " + p.given
		if familyNames[strings.ToLower(p.family)] {
			p.name = p.family + " " + p.given
		}
	case p.family+p.given != "":
		p.name = p.family + p.given
	default:
		p.name = e.Child("displayForm").Value()
	}
	if terms != "" && p.name != "" {
		p.name += ", " + terms
	}
	if v := e.Attr("valueURI"); v != "" {
		p.links = append(p.links, v)
	}
	for n := range e.Named("nameIdentifier") {
		if v := n.Value(); strings.HasPrefix(v, "http") {
			p.links = append(p.links, v)
		} else if k := n.Attr("type"); k != "" && v != "" {
			p.links = append(p.links, "("+k+")"+v)
		}
	}
	return p
}

// modsName maps a name with its roles.
func modsName(w *walk, e *tree.Element, o *treeOp) {
	p := partyOf(e)
	var codes, words []string
	for r := range e.Named("role") {
		for t := range r.Named("roleTerm") {
			v := strings.TrimSpace(t.Value())
			switch {
			case v == "":
			case t.Attr("type") == "code" || len(v) == 3 && strings.ToLower(v) == v:
				codes = append(codes, v)
			default:
				words = append(words, v)
			}
		}
	}
	role, word := "", ""
	if len(codes) > 0 {
		role = codes[0]
	} else if len(words) > 0 {
		word = words[0]
	}
	c := w.contribute(p, role, word)
	if c.IsZero() {
		return
	}
	for i, r := range codes {
		if i > 0 {
			w.roleOf(c, r, r)
		}
	}
	for i, x := range words {
		if i > 0 && len(codes) == 0 {
			w.roleOf(c, "", x)
		}
	}
	if a := e.Child("affiliation").Value(); a != "" {
		n := w.builder.node(c, bf.Note, bf.NoteClass)
		w.label(n, w.noted(a))
	}
}

// modsSubject maps a subject of MODS: one part is a heading of its own, several are one
// heading with subdivisions.
func modsSubject(w *walk, e *tree.Element, o *treeOp) {
	scheme := strings.ToLower(e.Attr("authority"))
	var parts []graph.Term
	var labels []string
	genre := false
	for c := range e.Elements() {
		var t graph.Term
		label := trim(c.Value())
		own := strings.ToLower(firstOf(c.Attr("authority"), scheme))
		switch c.Name {
		case "topic", "occupation":
			t = w.subjectPart(topic, own, label, c)
		case "temporal":
			t = w.subjectPart(period, own, label, c)
		case "genre":
			genre = true
			t = w.subjectPart(form, own, label, c)
		case "geographic":
			if label != "" && !w.isPlaceholder(label) {
				t = w.placeNamed(label)
				if iri, ok := asIRI(c.Attr("valueURI")); ok {
					w.link(t, iri, false)
				}
			}
		case "hierarchicalGeographic":
			var names []string
			for x := range c.Elements() {
				names = append(names, trim(x.Value()))
			}
			if label = strings.Join(names, "--"); label != "" {
				t = w.placeNamed(label)
			}
		case "name":
			p := partyOf(c)
			label = trim(p.name)
			t = w.agentOf(p)
		case "titleInfo":
			if label != "" {
				t = w.hub(graph.Term{}, label)
			}
		}
		if t.IsZero() || label == "" {
			continue
		}
		parts, labels = append(parts, t), append(labels, label)
	}
	switch {
	case len(parts) == 0:
		return
	case len(parts) == 1 && genre:
		w.add(w.builder.work, bf.GenreForm, parts[0])
		return
	case len(parts) == 1:
		w.add(w.builder.work, bf.Subject, parts[0])
		return
	}
	t := w.concept(topic, w.schemeOf(scheme), strings.Join(labels, "--"))
	for _, p := range parts {
		w.add(t, mocban.Component, p)
	}
	if iri, ok := asIRI(e.Attr("valueURI")); ok {
		w.link(t, iri, true)
	}
	w.add(w.builder.work, bf.Subject, t)
}

// subjectPart returns a concept of a scheme, or of none.
func (w *walk) subjectPart(k conceptKind, scheme, label string, e *tree.Element) graph.Term {
	if label == "" || w.isPlaceholder(label) {
		return graph.Term{}
	}
	if strings.ContainsAny(scheme, " /") {
		scheme = ""
	}
	t := w.concept(k, w.schemeOf(scheme), label)
	if iri, ok := asIRI(e.Attr("valueURI")); ok {
		w.link(t, iri, true)
	}
	return t
}

// relatedTypes are the types of relatedItem, and the relationships that they mean.
var relatedTypes = map[string]string{
	"host": "partof", "series": "series", "preceding": "precededby", "succeeding": "succeededby", "original": "originalversion",
	"constituent": "part", "otherversion": "otheredition", "otherformat": "otherphysicalformat", "isreferencedby": "referencedby",
	"references": "references", "reviewof": "reviewof",
}

// modsRelated maps a related item, and goes on with what is inside as said of that.
func modsRelated(w *walk, e *tree.Element, o *treeOp) {
	name := relatedTypes[strings.ToLower(e.Attr("type"))]
	if name == "" {
		name = "relatedwork"
	}
	n := w.builder.node(w.builder.work, bf.Relation, bf.RelationClass)
	w.add(n, bf.Relationship, relationship(name))
	if label := e.Attr("displayLabel"); label != "" {
		r := w.builder.node(n, bf.Relationship, bf.RelationshipClass)
		w.label(r, w.note(label))
	}
	work := w.builder.node(n, bf.AssociatedResource, bf.Work)
	instance := w.builder.node(work, bf.HasInstance, bf.Instance) // and no way back: blank nodes stay a tree
	if name == "series" {
		w.isA(work, bf.Series)
	}
	if t := webOnly(e.Attr("href")); !t.IsZero() {
		w.add(instance, bf.ElectronicLocator, t)
	}
	w.builder.work, w.builder.instance = work, instance
}
