package back

import (
	"strings"

	"mocban/graph"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/madsrdf"
	"mocban/vocab/mocban"
	"mocban/vocab/rdf"
	"mocban/vocab/skos"
)

const (
	exactMatch = skos.ExactMatch
	closeMatch = skos.CloseMatch
)

// subjects makes 600 to 655 of what the work is about and of which genre it is.
func (r *run) subjects() {
	for _, p := range []graph.IRI{bf.Subject, bf.GenreForm} {
		for _, i := range r.out(r.work, p) {
			n := r.quads[i].O
			if r.used[i] || len(r.of(n)) == 0 || r.isCode(n) {
				continue
			}
			if d := r.subject(n, p == bf.GenreForm); d != nil {
				r.use(d, i)
				r.shares(d, n)
			}
		}
	}
}

// subject makes a field of what a work is about.
func (r *run) subject(n graph.Term, genre bool) *draft {
	name := r.first(n, label)
	if name.IsZero() {
		if name = r.first(n, madsrdf.AuthoritativeLabel); name.IsZero() {
			return nil
		}
	}
	if r.isA(n, bflc.Uncontrolled) {
		d := r.draft("653", ' ', r.wordKind(n, genre))
		r.texts(d, n, label, 'a')
		return d
	}
	parts := r.components(n)
	head := n
	if len(parts) > 0 {
		head = parts[0]
	}
	d := r.subjectHead(n, head, genre)
	if d == nil {
		return nil
	}
	r.subdivide(d, name.Value(), parts)
	r.scheme(d, n)
	return d
}

// subjectHead makes a field of the first component of a heading.
func (r *run) subjectHead(n, head graph.Term, genre bool) *draft {
	simple := n == head
	six := func(tag string) string { return "6" + tag[1:] }
	if keys := r.trueKeys(head); len(keys) > 0 {
		d := r.keyed(pair(keys))
		d.tag = six(d.tag)
		if r.like {
			r.otherTitle(d, head)
		}
		return d
	}
	switch {
	case r.isA(head, bf.Hub), r.isA(n, bf.Hub):
		d := r.relatedTitle(n, head)
		if d != nil {
			d.tag = six(d.tag)
		}
		return d
	case r.isAgent(head) || r.isAgent(n):
		return r.name(head, six)
	}
	tag := "650"
	switch {
	case genre:
		tag = "655"
	case r.kind(head, bf.PlaceClass, madsrdf.Geographic):
		tag = "651"
	case r.kind(head, bf.Temporal, madsrdf.Temporal):
		tag = "648"
	case r.isA(head, bf.Event):
		tag = "647"
	}
	d := r.draft(tag, ' ', '4')
	r.texts(d, head, label, 'a')
	if len(d.parts) == 0 {
		r.texts(d, head, madsrdf.AuthoritativeLabel, 'a')
	}
	if len(d.parts) == 0 && simple {
		r.drafts = r.drafts[:len(r.drafts)-1]
		return nil
	}
	return d
}

func (r *run) isAgent(n graph.Term) bool {
	for _, class := range []graph.IRI{bf.Person, bf.OrganizationClass, bf.Meeting, bf.Family, bf.Jurisdiction, bf.AgentClass} {
		if r.isA(n, class) {
			return true
		}
	}
	return false
}

func (r *run) kind(n graph.Term, classes ...graph.IRI) bool {
	for _, c := range classes {
		if r.isA(n, c) {
			return true
		}
	}
	return false
}

// wordKind is the second indicator of a 653.
func (r *run) wordKind(n graph.Term, genre bool) byte {
	switch {
	case genre:
		return '6'
	case r.isA(n, bf.Person):
		return '1'
	case r.isA(n, bf.OrganizationClass):
		return '2'
	case r.isA(n, bf.Meeting):
		return '3'
	case r.isA(n, bf.Temporal):
		return '4'
	case r.isA(n, bf.PlaceClass):
		return '5'
	}
	return ' '
}

// components returns the parts of a heading with subdivisions, in their order if a list
// gives one.
func (r *run) components(n graph.Term) (all []graph.Term) {
	list := r.first(n, madsrdf.ComponentList)
	for range 64 {
		item := r.first(list, rdf.First)
		if item.IsZero() {
			break
		}
		all = append(all, item)
		list = r.first(list, rdf.Rest)
	}
	if len(all) > 0 {
		return all
	}
	for _, i := range r.out(n, mocban.Component) {
		all = append(all, r.quads[i].O)
	}
	if len(all) > 1 {
		r.arrange(all, r.first(n, label).Value())
	}
	return all
}

// arrange puts the component that a label begins with first.
func (r *run) arrange(parts []graph.Term, whole string) {
	best, at := 0, 0
	for i, p := range parts {
		for _, j := range r.out(p, label) {
			name := r.quads[j].O.Value()
			if strings.HasPrefix(whole, name+"--") && len(name) > best {
				best, at = len(name), i
			}
		}
	}
	parts[0], parts[at] = parts[at], parts[0]
}

// subdivide adds the subdivisions in the order of the label.
func (r *run) subdivide(d *draft, whole string, parts []graph.Term) {
	if len(parts) < 2 {
		return
	}
	type division struct {
		at   int
		code byte
		name string
	}
	var all []division
	from := 0
	for _, text := range strings.Split(whole, "--")[1:] {
		for _, p := range parts[1:] {
			name := r.componentName(p)
			if name != text || name == "" {
				continue
			}
			all = append(all, division{from, r.divisionCode(p), name})
			break
		}
		from++
	}
	if len(all) < len(parts)-1 { // a name that has the mark itself, or a label that is no longer true
		all = all[:0]
		for i, p := range parts[1:] {
			all = append(all, division{i, r.divisionCode(p), r.componentName(p)})
		}
	}
	for _, s := range all {
		d.add(s.code, s.name)
	}
}

func (r *run) componentName(n graph.Term) string {
	if l := r.first(n, label); !l.IsZero() {
		return l.Value()
	}
	return r.first(n, madsrdf.AuthoritativeLabel).Value()
}

func (r *run) divisionCode(n graph.Term) byte {
	switch {
	case r.kind(n, bf.GenreFormClass, madsrdf.GenreForm):
		return 'v'
	case r.kind(n, bf.Temporal, madsrdf.Temporal):
		return 'y'
	case r.kind(n, bf.PlaceClass, madsrdf.Geographic):
		return 'z'
	}
	return 'x'
}

// scheme says from which list a heading is.
func (r *run) scheme(d *draft, n graph.Term) {
	fast := r.linkTo(d, n)
	iri := r.first(n, skos.InScheme)
	if iri.IsZero() {
		iri = r.first(n, bf.Source)
	}
	code := ""
	switch s := iri.Value(); {
	case s == "" && fast:
		code = "fast"
	case s == "" && (d.tag == "650" || d.tag == "655" || d.tag == "648"):
		d.ind2 = '4'
		return
	case s == "", s == "http://id.loc.gov/authorities/subjects":
		d.ind2 = '0'
		return
	case s == "http://id.loc.gov/authorities/childrensSubjects":
		d.ind2 = '1'
		return
	case s == "http://id.loc.gov/authorities/genreForms":
		code = "lcgft"
	case !iri.IsIRI() || len(r.of(iri)) > 0:
		if code = r.first(iri, bf.Code).Value(); code == "" {
			code = r.first(iri, label).Value()
		}
	default:
		for _, list := range []graph.IRI{"subjectSchemes/", "genreFormSchemes/"} {
			if rest, ok := strings.CutPrefix(s, string(ontology.LC+list)); ok {
				code = rest
			}
		}
	}
	switch code {
	case "mesh":
		d.ind2 = '2'
	case "nal":
		d.ind2 = '3'
	case "cash":
		d.ind2 = '5'
	case "rvm":
		d.ind2 = '6'
	default:
		d.ind2 = '7'
		d.add('2', code)
	}
}
