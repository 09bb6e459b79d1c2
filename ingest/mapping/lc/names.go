package lc

import (
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/madsrdf"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// agentURI returns what the agent of a name field is called.
func (c *run) agentURI(f *field) string {
	if f.has("1") || f.find("0", containing("id.loc.gov/authorities/names/")) != "" {
		return c.orMinted(f.uriFrom1(), "#Agent", f)
	}
	return c.orMinted(f.uriFrom0(), "#Agent", f)
}

// creator makes the contribution of the main entry (ConvSpec 1XX), and the hub of a form
// subdivision in it.
func creator(c *run, s graph.Term, f *field, _ *op, _ int) {
	agent := c.agentURI(f)
	c.contribution(s, f, agent)
	if !f.has("k") || c.is(240) {
		return
	}
	iri := c.orMinted(f.uri(hubEntity), "#Hub", f)
	hub := c.link(s, bf.ExpressionOf, c.ref(iri), bf.Hub)
	c.contribution(hub, f, agent)
	c.unifiedTitle(hub, f, iri, nil)
}

// contributor makes the contribution of an added entry, or the related work of a name and
// title (ConvSpec 7XX).
func contributor(c *run, s graph.Term, f *field, _ *op, _ int) {
	title := f.has("t")
	agent := ""
	if !title {
		agent = c.agentURI(f)
		c.contribution(s, f, agent)
		return
	}
	agent = c.orMinted(f.uriFrom0(), "#Agent", f)
	iri := ""
	if f.has("1") {
		iri = c.orMinted(f.uriFrom1(), "#Hub", f)
	} else {
		iri = c.orMinted(f.uri(hubEntity), "#Hub", f)
	}
	kind := relation7(f, f.ind2 == '2')
	relation := c.node(s, bf.Relation, bf.RelationClass)
	c.add(relation, bf.Relationship, graph.IRI(kind).Term())
	for i := range f.subs {
		v := f.subs[i].Value
		if f.subs[i].Code != 'i' || v == "is arrangement of" || v == "is translation of" {
			continue
		}
		if kind == relationships+"part" && !strings.Contains(v, "ontain") || kind == relationships+"relatedwork" {
			c.label(c.node(relation, bf.Relationship, bf.RelationshipClass), f, v)
		}
	}
	hub := c.link(relation, bf.AssociatedResource, c.ref(iri), bf.Hub)
	c.contribution(hub, f, agent)
}

// relation7 tells how the thing of a 7XX is related.
func relation7(f *field, part bool) string {
	switch {
	case part:
		return relationships + "part"
	case f.ind2 == '4' && !f.has("i"):
		return string(bflc.NS) + "hasVariantEntry"
	case f.ind2 == ' ' && f.holds('i', "is arrangement of"):
		return relationships + "arrangementof"
	case f.ind2 == ' ' && f.holds('i', "is translation of"):
		return relationships + "translationof"
	}
	return relationships + "relatedwork"
}

// contribution says that the agent of a name field contributed to s, and what a title in the
// field is called.
func (c *run) contribution(s graph.Term, f *field, agent string) {
	hundreds, kind := f.as/100, f.as%100
	n := c.node(s, bf.Contribution, bf.ContributionClass)
	if hundreds == 1 {
		c.isA(n, bf.PrimaryContribution)
	}
	c.add(n, bf.Agent, c.agent(f, agent, "", "", "", nil))
	switch {
	case hundreds == 6:
		c.role(n, "ctb")
	case kind%10 == 0 && f.has("e"), kind%10 == 1 && f.has("j"), f.has("4"):
		c.roles(n, f)
	case hundreds == 1 && (part(c.leader, 6, 2) == "am" || part(c.leader, 6, 2) == "aa"):
		c.role(n, "aut")
	default:
		c.role(n, "ctb")
	}
	c.five(n, f)
	if !f.has("t") {
		return
	}
	if hundreds == 1 {
		iri := before(agent, "#Agent") + "#Hub" + after(agent, "#Agent")
		c.unifiedTitle(c.link(s, bf.ExpressionOf, c.ref(iri), bf.Hub), f, "", nil)
	} else {
		c.unifiedTitle(s, f, "", nil)
	}
}

func (c *run) role(n graph.Term, code string) {
	c.link(n, bf.Role, graph.IRI(relators+code).Term(), bf.RoleClass)
}

// roles reads what an agent did: codes in $4, or words in $e or $j.
func (c *run) roles(n graph.Term, f *field) {
	if f.has("4") && !strings.Contains(f.sub('4'), "rdaregistry.info") {
		for i := range f.subs {
			if f.subs[i].Code != '4' {
				continue
			}
			v := f.subs[i].Value
			if f.repeats(i, v) || f.repeats(i, roleURI(v)) {
				continue
			}
			r := c.link(n, bf.Role, c.about(roleURI(v)), bf.RoleClass)
			if roleURI(v) == "" {
				c.add(r, bf.Code, graph.String(v))
			}
		}
		return
	}
	code := byte('e')
	if f.as%100 == 11 {
		code = 'j'
	}
	role := c.roleLabel(n)
	c.words(f, code, role, role)
}

// roleLabel returns what adds a role by its name.
func (c *run) roleLabel(n graph.Term) func(label graph.Term) {
	return func(label graph.Term) { c.add(c.node(n, bf.Role, bf.RoleClass), rdfs.Label, label) }
}

// repeats tells whether a later subfield is the text.
func (f *field) repeats(at int, text string) bool {
	for _, s := range f.subs[at+1:] {
		if s.Value == text {
			return true
		}
	}
	return false
}

// roleURI returns the IRI of a role in $4, "" if it is none.
func roleURI(v string) string {
	switch {
	case len([]rune(v)) == 3:
		return relators + encode(v)
	case strings.Contains(v, "://"):
		return v
	}
	return ""
}

// words takes the roles in the subfields with a code apart, at commas, "and" and "&": do is
// given the first of each subfield, rest the others, which have lost their language.
func (c *run) words(f *field, code byte, do, rest func(label graph.Term)) {
	for i := range f.subs {
		if f.subs[i].Code == code {
			splitRole(f.subs[i].Value, c.lang(f), do, rest)
		}
	}
}

func splitRole(s, lang string, do, rest func(label graph.Term)) {
	for _, mark := range [...]string{",", " and", "&"} {
		head, tail, ok := strings.Cut(s, mark)
		if !ok {
			continue
		}
		if head = space(head); head != "" {
			do(graph.Text(chop(head), lang))
		}
		if mark != "," || space(tail) != "" {
			splitRole(tail, "", rest, rest)
		}
		return
	}
	do(graph.Text(chop(s), lang))
}

// agent describes the agent of a name field, and returns it. For a subject, mads is the class
// of its authority and label what that is called.
func (c *run) agent(f *field, iri, record string, mads graph.IRI, label string, from *scheme) graph.Term {
	hundreds, kind := f.as/100, f.as%100
	n := c.ref(iri)
	c.isA(n, bf.AgentClass)
	if class := agentClass(f); class != "" {
		c.isA(n, class)
	} else {
		c.add(n, rdf.Type, graph.String("")) // an empty element
	}
	if f.as == 720 {
		c.isA(n, bflc.Uncontrolled)
	}
	if hundreds == 6 {
		c.subjectRelations(n, f, record)
	}
	if name := chop(c.nameLabel(f)); name != "" {
		c.add(n, rdfs.Label, c.text(f, name))
		c.paired(f, func(l *field) { c.add(n, rdfs.Label, c.text(l, chop(c.nameLabel(l)))) })
	}
	if kind == 0 || kind == 10 || kind == 11 {
		c.add(n, bflc.MarcKey, graph.String(c.agentKey(f)))
		c.paired(f, func(l *field) { c.add(n, bflc.MarcKey, c.text(l, c.agentKey(l))) })
	}
	if t := f.index('t'); t >= 0 {
		c.nameIdentifiers(n, f, t)
	} else {
		c.agentIdentifiers(n, f, mads, label)
		if from != nil {
			from.of(c, n)
		} else {
			c.two(n, f, vocabulary+"nameTitleSchemes/", false)
		}
		c.three(n, f)
	}
	return n
}

// agentClass tells the class of an agent by tag and first indicator.
func agentClass(f *field) graph.IRI {
	switch {
	case f.as == 720:
		if f.ind1 == '1' {
			return bf.Person
		}
	case f.as%100 == 0 && f.ind1 == '3':
		return bf.Family
	case f.as%100 == 0:
		return bf.Person
	case f.as%100 == 10 && f.ind1 == '1':
		return bf.Jurisdiction
	case f.as%100 == 10:
		return bf.OrganizationClass
	case f.as%100 == 11:
		return bf.Meeting
	}
	return ""
}

// paired calls do with each 880 that has the number of a field.
func (c *run) paired(f *field, do func(l *field)) {
	if f.six == "" || len(c.linked) == 0 {
		return
	}
	ref := tagName(f.as) + "-" + f.occurrence
	for _, l := range c.linked {
		if part(l.six, 0, 6) == ref {
			do(l)
		}
	}
}

// subjectRelations says what a subject has to do with the work: $e, $j and $4. Of several
// words in a subfield all but the first become roles.
func (c *run) subjectRelations(n graph.Term, f *field, record string) {
	if !f.has("t") {
		code := byte('e')
		if f.as == 611 {
			code = 'j'
		}
		c.words(f, code, c.relationLabel(n, record+"#Work"), c.roleLabel(n))
	}
	for i := range f.subs {
		if f.subs[i].Code != '4' {
			continue
		}
		v := f.subs[i].Value
		relation := c.node(n, bf.Relation, bf.RelationClass)
		r := c.link(relation, bf.Relationship, c.about(roleURI(v)), bf.RelationshipClass)
		if roleURI(v) == "" {
			c.add(r, bf.Code, graph.String(v))
		}
		c.add(relation, relatedTo, c.ref(record+"#Work"))
	}
}

// relationLabel returns what adds a relation to the work by its name.
func (c *run) relationLabel(n graph.Term, work string) func(label graph.Term) {
	return func(label graph.Term) {
		relation := c.node(n, bf.Relation, bf.RelationClass)
		c.add(c.node(relation, bf.Relationship, bf.RelationshipClass), rdfs.Label, label)
		c.add(relation, relatedTo, c.ref(work))
	}
}

// nameCodes are the subfields that make a name, by the last two digits of the tag; in those
// before a form subdivision of 111 other ones count.
var nameCodes = map[int]string{0: "abcdjqk", 10: "abcdngk", 11: "acdengq"}

// nameLabel returns the name in a field: all of it, or what stands before a title.
func (c *run) nameLabel(f *field) string {
	if f.as == 720 {
		return f.sub('a')
	}
	codes, ok := nameCodes[f.as%100]
	if !ok {
		return ""
	}
	if f.has("t") {
		return join(f.subs[:f.last('t')], codes, true)
	}
	if f.tag/100 == 1 && f.has("k") && !c.is(240) {
		codes = strings.TrimSuffix(codes, "k")
		if f.tag == 111 {
			codes = "abcdng"
		}
		return join(f.subs[:f.last('k')], codes, true)
	}
	return join(f.subs, codes, true)
}

// last returns the place of the last subfield with a code.
func (f *field) last(code byte) int {
	for i := len(f.subs) - 1; i >= 0; i-- {
		if f.subs[i].Code == code {
			return i
		}
	}
	return 0
}

// agentKey returns bflc:marcKey of an agent: without a form subdivision of the main entry,
// and without the subdivisions of a subject.
func (c *run) agentKey(f *field) string {
	key := f.key()
	switch {
	case f.as/100 == 1 && f.has("k") && !c.is(240):
		return chop(before(key, "$k"))
	case f.as/100 == 6 && f.has(subdivisions):
		for i := range f.subs {
			if strings.IndexByte(subdivisions, f.subs[i].Code) >= 0 {
				return chop(before(key, "$"+string(f.subs[i].Code)))
			}
		}
	}
	return key
}

// nameIdentifiers says what the $0 before a title give.
func (c *run) nameIdentifiers(n graph.Term, f *field, t int) {
	first := true
	for _, s := range f.subs[:max(t, f.last('t'))] {
		if s.Code != '0' && s.Code != 'w' {
			continue
		}
		if !isURI(s.Value) {
			c.zero(n, s.Code, s.Value, bf.Identifier)
			continue
		}
		if !first {
			c.zero(n, s.Code, s.Value, bf.Identifier)
		}
		first = false
	}
}

// agentIdentifiers says what the $0 of a name give: the authority, and other identifiers.
func (c *run) agentIdentifiers(n graph.Term, f *field, mads graph.IRI, label string) {
	subject := f.as/100 == 6 && mads != ""
	uri := f.find("0w", isURI)
	if uri == "" && strings.Contains(f.sub('1'), "id.loc.gov/rwo/") {
		// Of a subject the conversion writes the authority where a property should stand: the
		// reader of RDF/XML takes its class for the property.
		c.misplacedAuthority(n, f, subject, mads, label)
	}
	if uri != "" {
		if subject {
			a := c.link(n, madsrdf.IsIdentifiedByAuthority, c.ref(bareURI(uri)), mads)
			c.authority(a, f, label)
		} else {
			c.zero(n, '0', uri, bf.Identifier)
		}
	}
	for i := range f.subs {
		if s := f.subs[i]; (s.Code == '0' || s.Code == 'w') && !isURI(s.Value) {
			c.zero(n, s.Code, s.Value, bf.Identifier)
		}
	}
}

func (c *run) authority(a graph.Term, f *field, label string) {
	if label != "" {
		c.add(a, madsrdf.AuthoritativeLabel, c.text(f, chop(label)))
	}
	c.add(a, madsrdf.IsMemberOfMADSScheme, graph.IRI("http://id.loc.gov/authorities/names").Term())
}

func (c *run) misplacedAuthority(n graph.Term, f *field, subject bool, mads graph.IRI, label string) {
	if subject {
		a := c.link(n, madsrdf.IsIdentifiedByAuthority, c.ref(f.uriFrom0()), mads)
		c.authority(a, f, label)
		return
	}
	a := c.link(n, madsrdf.IsIdentifiedByAuthority, c.sink.Blank(), madsrdf.IsIdentifiedByAuthority)
	c.add(a, rdf.Type, c.ref(f.uriFrom0()))
}

// subfieldsAfter returns the subfields behind the first one with a code.
func (f *field) subfieldsAfter(code byte) []marc.Subfield {
	i := f.index(code)
	if i < 0 {
		return nil
	}
	return f.subs[i+1:]
}
