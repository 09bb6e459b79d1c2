// Package align says in Schema.org what BIBFRAME says of a record, by rows of a table. Every
// source format and all edited data get Schema.org from this one set of rows.
//
// A row of schema.tsv is for the things of a class. It follows a path through the quads of
// one record and adds what it finds under a property:
//
//	subject    when       path                        property           value
//	bf:Work    bf:Text    bf:language                 schema:inLanguage  language
//	bf:Person             madsrdf:birthDate           schema:birthDate   date
//
// The column when names classes that the thing must have, or must not have (!), and an
// instance has the classes of its work; it may name properties, too. An empty path is the
// thing itself.
package align

import (
	_ "embed"
	"fmt"
	"strings"

	"mocban/graph"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/codes"
	"mocban/vocab/rdf"
	"mocban/vocab/schema"
)

//go:embed schema.tsv
var rows string

//go:embed roles.tsv
var roles string

// Columns are those of schema.tsv.
var Columns = []string{"subject", "when", "path", "property", "value", "note"}

// An Aligner holds the rows, ready to run. Any number of goroutines may use it, each with a
// Run of its own.
type Aligner struct {
	names   names
	byClass [maxNames][]*rule // by the number of the class
	roles   map[graph.Term]graph.IRI
}

// A rule is one row.
type rule struct {
	has, lacks nameSet // what the thing must have, and must not
	facts      []test
	path       []step
	target     ontology.Path
	value      valueFunc
	pick       picker
	role       bool
}

// A test is one word of the column when that asks for a value.
type test struct {
	fact
	want bool
}

// A fact is a property, by its number, and its value.
type fact struct {
	property int16
	value    graph.Term
}

// A step is a step of a path: the property, and what the node behind it must have.
type step struct {
	property   int16
	node       bool
	has, lacks nameSet
	facts      []fact
}

// when reads one word of the column when.
func (a *Aligner) when(r *rule, word string) error {
	name, not := strings.CutPrefix(word, "!")
	name, value, fact := strings.Cut(name, "=")
	iri, err := ontology.Expand(name)
	switch {
	case err != nil:
		return err
	case fact:
		t, err := ontology.ParseTerm(value)
		if err != nil {
			return err
		}
		f, err := a.fact(iri, t)
		r.facts = append(r.facts, test{f, !not})
		return err
	case not:
		return a.names.put(&r.lacks, iri)
	}
	return a.names.put(&r.has, iri)
}

func (a *Aligner) fact(p graph.IRI, value graph.Term) (fact, error) {
	n, err := a.names.number(p)
	return fact{int16(n), value}, err
}

// steps compiles a path.
func (a *Aligner) steps(path ontology.Path) (steps []step, err error) {
	for _, p := range path {
		n, err := a.names.number(p.Property)
		if err != nil {
			return nil, err
		}
		st := step{property: int16(n), node: p.Node}
		for _, said := range p.Facts {
			f, err := a.fact(said.Property, said.Value)
			if err != nil {
				return nil, err
			}
			st.facts = append(st.facts, f)
		}
		for _, c := range p.Classes {
			if err := a.names.put(&st.has, c); err != nil {
				return nil, err
			}
		}
		for _, l := range p.Lacks {
			if err := a.names.put(&st.lacks, l); err != nil {
				return nil, err
			}
		}
		steps = append(steps, st)
	}
	return steps, nil
}

// New reads the rows.
func New() (*Aligner, error) {
	t, err := ontology.ReadTable("ontology/align/schema.tsv", rows, Columns...)
	if err != nil {
		return nil, err
	}
	a := &Aligner{roles: map[graph.Term]graph.IRI{}}
	for want, name := range known {
		if n, err := a.names.number(name); n != want || err != nil {
			return nil, fmt.Errorf("%s has the number %d (%w)", name, n, err)
		}
	}
	for i := range t.Rows {
		if err := a.add(&t.Rows[i]); err != nil {
			return nil, err
		}
	}
	return a, a.addRoles()
}

func (a *Aligner) add(r *ontology.Row) error {
	class, err := ontology.Expand(r.Cell("subject"))
	if err != nil {
		return r.Error("subject", err)
	}
	rule := &rule{}
	for word := range strings.FieldsSeq(r.Cell("when")) {
		if err := a.when(rule, word); err != nil {
			return r.Error("when", err)
		}
	}
	if text := r.Cell("path"); text != "" {
		path, err := ontology.ParsePath(text)
		if err != nil {
			return r.Error("path", err)
		}
		if rule.path, err = a.steps(path); err != nil {
			return r.Error("path", err)
		}
	}
	if rule.target, err = ontology.ParsePath(r.Cell("property")); err != nil {
		return r.Error("property", err)
	}
	if err := rule.makes(r.Cell("value")); err != nil {
		return r.Error("value", err)
	}
	n, err := a.names.number(class)
	if err != nil {
		return r.Error("subject", err)
	}
	a.byClass[n] = append(a.byClass[n], rule)
	return nil
}

// addRoles reads which property a relator is.
func (a *Aligner) addRoles() error {
	t, err := ontology.ReadTable("ontology/align/roles.tsv", roles, "relator", "property")
	if err != nil {
		return err
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		c, ok := codes.Relators.Lookup(r.Cell("relator"))
		if !ok {
			return r.Error("relator", fmt.Errorf("there is no relator %q", r.Cell("relator")))
		}
		p, err := ontology.Expand(r.Cell("property"))
		if err != nil {
			return r.Error("property", err)
		}
		a.roles[c.Term()] = p
	}
	return nil
}

// A Sink takes the triples that rows add, and mints blank nodes.
type Sink interface {
	Add(s graph.Term, p graph.IRI, o graph.Term)
	Blank() graph.Term
}

// known are the names that this package itself asks for, by their numbers.
var known = [...]graph.IRI{rdf.Type, bf.InstanceOf, bf.Agent, bf.Role, bf.PrimaryContribution}

const (
	rdfType = iota
	instanceOf
	agent
	role
	primaryContribution
)

// A Run runs the rows over the quads of one record after the other.
type Run struct {
	a     *Aligner
	quads []graph.Quad
	links []link // one for each quad
	seats []seat
	round uint32
	asked [512]asked
	found []graph.Term
	sink  Sink
	lists [maxNames]list // of the thing whose rows run
}

// A list is the quads of a thing that have one property, the numbers of the first and last.
type list struct{ head, tail int32 }

// A seat is the first quad of a subject, and which of the names that rows ask for are its
// classes and properties.
type seat struct {
	round uint32
	head  int32
	names nameSet
}

// A link is what rows look at of a quad. It is small, as a row passes over all the quads of
// a thing to find a few.
type link struct {
	next     int32 // quad of the same subject, or -1
	same     int32 // quad of the same subject and property, or -1, while rows run
	node     int32 // of the object: unasked, nowhere, or its seat
	property int16 // number of the property, or -1 if no row asks for it
	class    int16 // number of the class in a quad of rdf:type, or -1
}

const (
	unasked int32 = -1
	nowhere int32 = -2
)

// An asked is a name that was looked up lately. Names in quads are nearly all constants, and
// strings that lie at one place are compared in no time.
type asked struct {
	text   string
	number int16
}

// number returns the number of a name, or -1 if no row asks for it.
func (r *Run) number(name string) int16 {
	at := &r.asked[tailHash(name)%uint64(len(r.asked))]
	if at.text != name || name == "" {
		*at = asked{name, -1}
		if n, ok := r.a.names.find(name); ok {
			at.number = int16(n)
		}
	}
	return at.number
}

// NewRun returns a Run.
func (a *Aligner) NewRun() *Run { return &Run{a: a, seats: make([]seat, 1024)} }

// Align adds to sink what the rows make of the quads of a record, all of one graph.
func (r *Run) Align(quads []graph.Quad, sink Sink) {
	r.quads, r.sink = quads, sink
	r.index()
	for i := range r.links {
		if n := r.links[i].class; n >= 0 && len(r.a.byClass[n]) > 0 {
			r.thing(quads[i].S, r.a.byClass[n])
		}
	}
	r.quads, r.sink = nil, nil
}

// thing runs the rows of one class over a thing.
func (r *Run) thing(s graph.Term, rules []*rule) {
	at := &r.seats[r.place(s)]
	all := r.withWork(at)
	r.list(at)
	for _, rule := range rules {
		if rule.path != nil && !at.names.has(rule.path[0].property) || !all.hasAll(&rule.has) || all.hasAny(&rule.lacks) {
			continue
		}
		if r.states(at, rule.facts) {
			r.apply(s, at, rule)
		}
	}
}

// list makes the lists of a thing. Those of properties that it does not have are older.
func (r *Run) list(at *seat) {
	for i := at.head; i >= 0; i = r.links[i].next {
		if p := r.links[i].property; p >= 0 {
			r.lists[p].head = -1
		}
	}
	for i := at.head; i >= 0; i = r.links[i].next {
		l := &r.links[i]
		if l.property < 0 {
			continue
		}
		l.same = -1
		to := &r.lists[l.property]
		if to.head < 0 {
			to.head = i
		} else {
			r.links[to.tail].same = i
		}
		to.tail = i
	}
}

// index links the quads of each subject, and finds out its names.
func (r *Run) index() {
	r.round++
	for len(r.seats) < 2*len(r.quads) {
		r.seats = make([]seat, 2*len(r.seats))
		r.round = 1
	}
	if cap(r.links) < len(r.quads) {
		r.links = make([]link, len(r.quads)+len(r.quads)/2)
	}
	r.links = r.links[:len(r.quads)]
	var at *seat
	for i := len(r.quads) - 1; i >= 0; i-- { // backwards, so that lists run forwards
		q := &r.quads[i]
		if at == nil || r.quads[i+1].S != q.S {
			at = &r.seats[r.place(q.S)]
		}
		l := link{next: at.head, node: unasked, property: r.number(string(q.P)), class: -1}
		if at.round != r.round {
			l.next = -1
			at.round, at.names = r.round, nameSet{}
		}
		at.head = int32(i)
		if l.property == rdfType {
			l.class = r.number(q.O.Value())
		}
		at.names.add(l.property)
		at.names.add(l.class)
		r.links[i] = l
	}
}

// place returns where the seat of a subject is, or may be.
func (r *Run) place(s graph.Term) uint64 {
	mask := uint64(len(r.seats) - 1)
	for h := tailHash(s.Value()); ; h++ {
		at := &r.seats[h&mask]
		if at.round != r.round || r.quads[at.head].S == s {
			return h & mask
		}
	}
}

// node returns the seat of the object of a quad, or nil if nothing is said of it.
func (r *Run) node(i int32) *seat {
	l := &r.links[i]
	if l.node == unasked {
		l.node = nowhere
		if o := r.quads[i].O; !o.IsLiteral() {
			if at := r.place(o); r.seats[at].round == r.round {
				l.node = int32(at)
			}
		}
	}
	if l.node == nowhere {
		return nil
	}
	return &r.seats[l.node]
}

// withWork returns the names of a thing, of an instance with those of its work.
func (r *Run) withWork(at *seat) nameSet {
	all := at.names
	if !all.has(instanceOf) {
		return all
	}
	for i := at.head; i >= 0; i = r.links[i].next {
		if r.links[i].property == instanceOf {
			if work := r.node(i); work != nil {
				all.join(&work.names)
			}
		}
	}
	return all
}

// states tells whether the facts are as the tests want them, of an instance or its work.
func (r *Run) states(at *seat, tests []test) bool {
	for t := range tests {
		has := r.says(at, &tests[t].fact)
		for i := at.head; i >= 0 && !has; i = r.links[i].next {
			if r.links[i].property == instanceOf {
				has = r.says(r.node(i), &tests[t].fact)
			}
		}
		if has != tests[t].want {
			return false
		}
	}
	return true
}

func (r *Run) apply(s graph.Term, at *seat, rule *rule) {
	r.found = r.found[:0]
	if rule.path == nil {
		r.found = append(r.found, s)
	} else {
		r.follow(rule.path)
	}
	if rule.role {
		for _, c := range r.found {
			if at := &r.seats[r.place(c)]; at.round == r.round {
				r.contribution(s, at)
			}
		}
		return
	}
	for _, o := range rule.pick.from(r.found) {
		if v := rule.value(r, o); !v.IsZero() {
			r.put(s, rule.target, v)
		}
	}
}

// follow finds what a path leads to from the thing whose lists were made, which has the first
// property.
func (r *Run) follow(path []step) {
	st := &path[0]
	for i := r.lists[st.property].head; i >= 0; i = r.links[i].same {
		r.take(i, st, path)
	}
}

// walk finds what a path leads to.
func (r *Run) walk(at *seat, path []step) {
	st := &path[0]
	for i := at.head; i >= 0; i = r.links[i].next {
		if r.links[i].property == st.property {
			r.take(i, st, path)
		}
	}
}

// take goes on behind a quad of the property that the path begins with.
func (r *Run) take(i int32, st *step, path []step) {
	if st.node && !r.fits(i, st) {
		return
	}
	if len(path) == 1 {
		r.found = append(r.found, r.quads[i].O)
	} else if n := r.node(i); n != nil {
		r.walk(n, path[1:])
	}
}

// fits tells whether the object of a quad is what the brackets of a step ask for.
func (r *Run) fits(i int32, st *step) bool {
	if r.quads[i].O.IsLiteral() {
		return false
	}
	at := r.node(i)
	if at == nil {
		var none nameSet
		return none.hasAll(&st.has) && len(st.facts) == 0
	}
	if !at.names.hasAll(&st.has) || at.names.hasAny(&st.lacks) {
		return false
	}
	for f := range st.facts {
		if !r.says(at, &st.facts[f]) {
			return false
		}
	}
	return true
}

// says tells whether a fact is stated of a thing.
func (r *Run) says(at *seat, f *fact) bool {
	if at == nil || !at.names.has(f.property) {
		return false
	}
	for i := at.head; i >= 0; i = r.links[i].next {
		if r.links[i].property == f.property && r.quads[i].O == f.value {
			return true
		}
	}
	return false
}

// put adds a value under a path, whose nodes are new.
func (r *Run) put(s graph.Term, path ontology.Path, v graph.Term) {
	for i := range path {
		step := &path[i]
		if !step.Node {
			r.sink.Add(s, step.Property, v)
			return
		}
		n := r.sink.Blank()
		r.sink.Add(s, step.Property, n)
		for _, c := range step.Classes {
			r.sink.Add(n, rdf.Type, c.Term())
		}
		for _, f := range step.Facts {
			r.sink.Add(n, f.Property, f.Value)
		}
		s = n
	}
}

// contribution adds an agent under the property of each of its roles. The main entry
// without a role is an author, any other a contributor.
func (r *Run) contribution(s graph.Term, c *seat) {
	var who graph.Term
	for i := c.head; i >= 0; i = r.links[i].next {
		if r.links[i].property == agent {
			who = r.quads[i].O
		}
	}
	if !c.names.has(role) {
		p := schema.Contributor
		if c.names.has(primaryContribution) {
			p = schema.Author
		}
		r.sink.Add(s, p, who)
		return
	}
	for i := c.head; i >= 0; i = r.links[i].next {
		if r.links[i].property != role {
			continue
		}
		p, ok := r.a.roles[r.quads[i].O]
		if !ok {
			p = schema.Contributor
		}
		r.sink.Add(s, p, who)
	}
}
