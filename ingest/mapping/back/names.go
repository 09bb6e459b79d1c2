package back

import (
	"slices"
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/codes"
	"mocban/vocab/madsrdf"
	"mocban/vocab/owl"
)

// names makes 1XX and 7XX of contributions.
func (r *run) names() {
	for _, i := range r.out(r.work, bf.Contribution) {
		c := r.quads[i].O
		agent := r.first(c, bf.Agent)
		if r.used[i] || agent.IsZero() || r.isA(agent, bflc.Uncontrolled) {
			continue
		}
		var d *draft
		if keys := r.contributed(c, agent); len(keys) > 0 {
			d = r.keyed(pair(keys))
		} else {
			d = r.name(agent, func(tag string) string {
				if r.isA(c, bf.PrimaryContribution) {
					return "1" + tag[1:]
				}
				return "7" + tag[1:]
			})
		}
		if d == nil {
			continue
		}
		r.use(d, i)
		if !r.like {
			r.linkTo(d, agent)
		}
		r.roles(d, c)
		r.useAll(d, c)
		if agent.IsIRI() {
			r.sharedBy(d, agent)
		}
	}
}

// contributed returns the keys of a contribution, if they still name the agent.
func (r *run) contributed(c, agent graph.Term) []*draft {
	keys := r.keys(c)
	for _, i := range r.out(agent, label) {
		name := r.quads[i].O.Value()
		if slices.ContainsFunc(keys, func(k *draft) bool { return k.holds(name) }) {
			return keys
		}
	}
	return nil
}

// sharedBy says that a field is made of what is said of a thing that many fields may name.
func (r *run) sharedBy(d *draft, n graph.Term) {
	for _, i := range r.of(n) {
		r.use(d, i)
	}
}

// name makes a field of an agent, with a tag made of 100, 110 or 111.
func (r *run) name(agent graph.Term, tag func(string) string) *draft {
	if keys := r.trueKeys(agent); len(keys) > 0 && keys[0].tag[0] != '8' {
		d := r.keyed(pair(keys))
		d.tag = tag(keys[0].tag)
		return d
	}
	var names []string
	for _, i := range r.out(agent, label) {
		names = append(names, r.quads[i].O.Value())
	}
	if len(names) == 0 {
		return nil
	}
	base, ind1 := r.nameTag(agent, names[0])
	if keys := r.keys(agent); len(keys) > 0 && keys[0].tag == base { // what it says of the name is old, but not how it is filed
		ind1 = keys[0].ind1
	}
	d := r.draft(tag(base), ind1, ' ')
	for _, n := range names {
		d.nameParts(base, n)
	}
	return d
}

// pair returns the first of some keys, and the first of another script.
func pair(keys []*draft) []*draft {
	for _, k := range keys[1:] {
		if k.isOther() != keys[0].isOther() {
			return []*draft{keys[0], k}
		}
	}
	return keys[:1]
}

// nameTag tells of what kind an agent is: the tag of a main entry and its first indicator.
func (r *run) nameTag(agent graph.Term, name string) (tag string, ind1 byte) {
	switch {
	case r.isA(agent, bf.Meeting):
		return "111", '2'
	case r.isA(agent, bf.Jurisdiction):
		return "110", '1'
	case r.isA(agent, bf.OrganizationClass):
		return "110", '2'
	case r.isA(agent, bf.Family):
		return "100", '3'
	case strings.Contains(name, ", "):
		return "100", '1'
	}
	return "100", '0'
}

// nameParts adds a name, and behind the name of a person its dates.
func (d *draft) nameParts(tag, name string) {
	if at := strings.LastIndex(name, ", "); tag == "100" && at > 0 {
		if rest := name[at+2:]; strings.Contains(rest, "-") && strings.ContainsAny(rest, "0123456789") {
			d.add('a', name[:at+1])
			d.add('d', rest)
			return
		}
	}
	d.add('a', name)
}

// roles adds what an agent did, in words and as a code.
func (r *run) roles(d *draft, c graph.Term) {
	word := byte('e')
	if strings.HasSuffix(d.tag, "11") {
		word = 'j'
	}
	if r.like || d.has('e') || d.has('4') { // the key holds the roles
		return
	}
	for _, i := range r.out(c, bf.Role) {
		role := r.quads[i].O
		if e, ok := entry(codes.Relators.Name, role); ok {
			d.add(word, r.words(e))
			d.add('4', e.Code)
			continue
		}
		if l := r.first(role, label); !l.IsZero() {
			d.add(word, l.Value())
		} else if role.IsIRI() {
			d.add('4', role.Value())
		}
	}
}

// uniform makes the 130 or 240.
func (r *run) uniform() {
	for _, n := range []graph.Term{r.work, r.expressed()} {
		keys := r.keys(n)
		for _, k := range keys {
			k.behindName()
		}
		if n.IsZero() || len(keys) == 0 || keys[0].tag != "240" && keys[0].tag != "130" {
			continue
		}
		if n == r.work && !r.titleStands(keys) {
			continue
		}
		d := r.keyed(pair(keys))
		for _, i := range r.out(n, marcKey) {
			r.use(d, i)
		}
		if n != r.work {
			r.otherTitle(d, n)
		}
		r.expressedBy(d)
		return
	}
	hub := r.expressed()
	name := r.first(hub, label)
	switch {
	case name.IsZero():
		return
	case r.isTitle(name.Value()):
		r.expressedBy(nil)
		return
	case !r.like: // the hub of a work that has no uniform title is known by its 245
		return
	}
	d := r.draft("240", '1', '0')
	d.add('a', name.Value())
	r.expressedBy(d)
}

// behindName makes a uniform title of the key of a name with a title.
func (d *draft) behindName() {
	at := slices.IndexFunc(d.parts, func(p part) bool { return p.code == 't' })
	if at < 0 || d.tag[0] != '1' {
		return
	}
	d.tag, d.ind1, d.ind2 = "240", '1', '0'
	d.parts = d.parts[at:]
	d.parts[0].code = 'a'
}

// otherTitle adds an 880 to a field whose key has none: the title of a hub in another script,
// and before it the name.
func (r *run) otherTitle(d *draft, hub graph.Term) {
	if d.alt != nil || d.isOther() {
		return
	}
	alt := &draft{tag: d.tag, ind1: d.ind1, ind2: d.ind2}
	code := byte('a')
	if d.has('t') {
		code = 't'
		agent := r.first(r.first(hub, bf.Contribution), bf.Agent)
		if keys := r.keys(agent); len(keys) > 1 && keys[1].isOther() {
			alt.parts = append(alt.parts, keys[1].parts...)
		}
	}
	named := len(alt.parts)
	for _, i := range r.out(hub, bf.Title) {
		for _, j := range r.out(r.quads[i].O, bf.MainTitle) {
			if o := r.quads[j].O; isOther(o.Value()) {
				alt.add(code, o.Value())
			}
		}
	}
	if len(alt.parts) > named {
		d.alt = alt
	}
}

// expressed returns the hub that the work is an expression of.
func (r *run) expressed() graph.Term { return r.first(r.work, bf.ExpressionOf) }

// titleStands tells whether the hub of the work is still called what the key says.
func (r *run) titleStands(keys []*draft) bool {
	for _, i := range r.out(r.expressed(), label) {
		name := r.quads[i].O.Value()
		if !slices.ContainsFunc(keys, func(k *draft) bool { return k.holds(name) }) {
			return false
		}
	}
	return true
}

// isTitle tells whether the title proper of the work begins as a text does, so that it needs
// no uniform title.
func (r *run) isTitle(name string) bool {
	short := letters(name)
	for _, i := range r.out(r.work, bf.Title) {
		for _, j := range r.out(r.quads[i].O, bf.MainTitle) {
			if t := letters(r.quads[j].O.Value()); strings.Contains(t, short) || strings.Contains(short, t) {
				return true
			}
		}
	}
	return false
}

func (r *run) expressedBy(d *draft) {
	for _, p := range []graph.IRI{bf.ExpressionOf, bf.TranslationOf, bflc.Aap} {
		for _, i := range r.out(r.work, p) {
			r.use(d, i)
			if o := r.quads[i].O; o.IsIRI() {
				r.shares(d, o)
			}
		}
	}
}

// shares says that a field is made of a hub and what hangs on it.
func (r *run) shares(d *draft, n graph.Term) {
	for _, i := range r.of(n) {
		r.use(d, i)
		if o := r.quads[i].O; o.IsBlank() || strings.HasPrefix(o.Value(), n.Value()+"#") {
			r.useAll(d, o)
		}
	}
}

// linkTo adds $0 or $1 for the things that a thing is the same as, and returns the scheme
// that they are of, where it is FAST.
func (r *run) linkTo(d *draft, n graph.Term) (fast bool) {
	for _, i := range r.of(n) {
		q := &r.quads[i]
		iri, ok := q.O.IRI()
		if !ok {
			continue
		}
		switch q.P {
		case exactMatch, madsrdf.IsIdentifiedByAuthority, closeMatch:
			if number, ok := strings.CutPrefix(string(iri), gndBase); ok {
				d.add('0', "(DE-588)"+number)
				continue
			}
			if number, ok := strings.CutPrefix(string(iri), fastBase); ok {
				d.add('0', fastNumber(number))
				fast = true
				continue
			}
			d.add('0', string(iri))
		case owl.SameAs:
			if number, ok := strings.CutPrefix(string(iri), gndBase); ok {
				d.add('0', "(DE-588)"+number)
				continue
			}
			d.add('1', string(iri))
		}
	}
	if number, ok := strings.CutPrefix(n.Value(), fastBase); ok {
		d.add('0', fastNumber(number))
		fast = true
	}
	return fast
}

// gndBase begins the IRIs of the Gemeinsame Normdatei, which records name by its keeper.
const gndBase = "https://d-nb.info/gnd/"

const fastBase = "http://id.worldcat.org/fast/"

// fastNumber writes a number of FAST as records have it.
func fastNumber(s string) string {
	return "(OCoLC)fst" + strings.Repeat("0", max(0, 8-len(s))) + s
}
