package mapping

import (
	"strings"
	"unicode"

	"mocban/graph"
	"mocban/ingest/tree"
	"mocban/vocab/bf"
	"mocban/vocab/mocban"
	"mocban/vocab/schema"
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
	for a := range e.Named("alternativeName") {
		if other := partyOf(a); trim(other.name) != "" {
			w.add(w.agentOf(p), schema.AlternateName, w.name(trim(other.name)))
		}
	}
	if a := e.Child("affiliation").Value(); a != "" {
		n := w.builder.node(c, bf.Note, bf.NoteClass)
		w.label(n, w.noted(a))
	}
}

// modsOrigin maps where a resource comes from: how it was published, or otherwise made if it says
// so, or if it tells nothing but when it was created.
func modsOrigin(w *walk, e *tree.Element, o *treeOp) {
	class := bf.Publication
	switch strings.ToLower(e.Attr("eventType")) {
	case "production", "creation":
		class = bf.Production
	case "manufacture", "printing":
		class = bf.Manufacture
	case "distribution":
		class = bf.Distribution
	case "":
		switch {
		case e.Child("dateIssued") != nil, e.Child("publisher") != nil:
		case e.Child("dateCreated") != nil:
			class = bf.Production
		case e.Child("dateOther") == nil && e.Child("place") == nil && e.Child("agent") == nil:
			w.top().node = noNode
			return
		}
	}
	n := w.builder.node(w.builder.instance, bf.ProvisionActivity, bf.ProvisionActivityClass)
	w.isA(n, class)
	w.top().node = n
}

// modsPart maps where in a host a resource stands, in the words of the record: "volume 5, số 27,
// pages 201-215".
func modsPart(w *walk, e *tree.Element, o *treeOp) {
	var parts []string
	add := func(words ...string) {
		if text := strings.Join(strings.Fields(strings.Join(words, " ")), " "); text != "" {
			parts = append(parts, text)
		}
	}
	for c := range e.Elements() {
		switch c.Name {
		case "detail":
			number, title := c.Child("number").Value(), c.Child("title").Value()
			if number == "" && title == "" {
				add(c.Child("caption").Value())
				continue
			}
			name := firstOf(c.Child("caption").Value(), c.Attr("type"))
			if strings.HasPrefix(strings.ToLower(number), strings.ToLower(name)) {
				name = ""
			}
			add(name, number, title)
		case "extent":
			unit, start, end := c.Attr("unit"), c.Child("start").Value(), c.Child("end").Value()
			if unit == "page" {
				unit = "pages"
			}
			switch {
			case start != "" && end != "" && start != end:
				add(unit, start+"-"+end)
			case start != "":
				add(unit, start)
			default:
				list := c.Child("list").Value()
				if list == "" {
					if total := c.Child("total").Value(); total != "" {
						add(total, unit)
					}
					continue
				}
				if strings.IndexFunc(list, unicode.IsLetter) >= 0 {
					unit = ""
				}
				add(unit, list)
			}
		default: // date, text
			add(c.Value())
		}
	}
	if len(parts) > 0 {
		n := w.builder.node(w.builder.instance, bf.Note, bf.NoteClass)
		w.label(n, w.noted(strings.Join(parts, ", ")))
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
