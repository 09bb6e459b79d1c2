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
	first      nameSet // the first property of the path
	path       []step
	target     ontology.Path
	value      valueFunc
	pick       picker
	role       bool
}

// A test is one word of the column when that asks for a value.
type test struct {
	fact ontology.Fact
	want bool
}

// A step is a step of a path: the property, and what the node behind it must have.
type step struct {
	property   graph.IRI
	node       bool
	has, lacks nameSet
	facts      []ontology.Fact
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
		r.facts = append(r.facts, test{ontology.Fact{Property: iri, Value: t}, !not})
		return err
	case not:
		return a.names.put(&r.lacks, iri)
	}
	return a.names.put(&r.has, iri)
}

// steps compiles a path.
func (a *Aligner) steps(path ontology.Path) (steps []step, err error) {
	for _, p := range path {
		st := step{property: p.Property, node: p.Node, facts: p.Facts}
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
		if err := a.names.put(&rule.first, path[0].Property); err != nil {
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

// A Run runs the rows over the quads of one record after the other.
type Run struct {
	a     *Aligner
	quads []graph.Quad
	seats []seat
	next  []int32
	round uint32
	found []graph.Term
	sink  Sink
}

// A seat is the first quad of a subject, and which of the names that rows ask for are its
// classes and properties.
type seat struct {
	round uint32
	head  int32
	names nameSet
}

// NewRun returns a Run.
func (a *Aligner) NewRun() *Run { return &Run{a: a, seats: make([]seat, 1024)} }

// Align adds to sink what the rows make of the quads of a record, all of one graph.
func (r *Run) Align(quads []graph.Quad, sink Sink) {
	r.quads, r.sink = quads, sink
	r.index()
	for i := range quads {
		q := &quads[i]
		if q.P != rdf.Type {
			continue
		}
		n, ok := r.a.names.find(q.O.Value())
		if !ok || len(r.a.byClass[n]) == 0 {
			continue
		}
		own := &r.seat(q.S).names
		all := r.withWork(q.S, own)
		for _, rule := range r.a.byClass[n] {
			if rule.path != nil && !own.hasAll(&rule.first) || !all.hasAll(&rule.has) || all.hasAny(&rule.lacks) {
				continue
			}
			if r.states(q.S, rule.facts) {
				r.apply(q.S, rule)
			}
		}
	}
	r.quads, r.sink = nil, nil
}

// index links the quads of each subject, and finds out its names.
func (r *Run) index() {
	r.round++
	for len(r.seats) < 2*len(r.quads) {
		r.seats = make([]seat, 2*len(r.seats))
		r.round = 1
	}
	if cap(r.next) < len(r.quads) {
		r.next = make([]int32, len(r.quads)+len(r.quads)/2)
	}
	r.next = r.next[:len(r.quads)]
	for i := len(r.quads) - 1; i >= 0; i-- { // backwards, so that lists run forwards
		q := &r.quads[i]
		at := r.seat(q.S)
		if at.round == r.round {
			r.next[i] = at.head
		} else {
			r.next[i] = -1
			at.names = nameSet{}
		}
		at.round, at.head = r.round, int32(i)
		name := string(q.P)
		if q.P == rdf.Type {
			name = q.O.Value()
		}
		if n, ok := r.a.names.find(name); ok {
			at.names.add(n)
		}
	}
}

// seat returns the place of a subject.
func (r *Run) seat(s graph.Term) *seat {
	mask := uint64(len(r.seats) - 1)
	for h := tailHash(s.Value()); ; h++ {
		at := &r.seats[h&mask]
		if at.round != r.round || r.quads[at.head].S == s {
			return at
		}
	}
}

// of returns the first quad of a subject, or -1.
func (r *Run) of(s graph.Term) int32 {
	at := r.seat(s)
	if at.round != r.round {
		return -1
	}
	return at.head
}

// withWork returns the names of a thing, of an instance with those of its work.
func (r *Run) withWork(s graph.Term, own *nameSet) nameSet {
	all := *own
	for i := r.of(s); i >= 0; i = r.next[i] {
		if q := &r.quads[i]; q.P == bf.InstanceOf {
			if work := r.seat(q.O); work.round == r.round {
				all.join(&work.names)
			}
		}
	}
	return all
}

// states tells whether the facts are as the tests want them, of an instance or its work.
func (r *Run) states(s graph.Term, tests []test) bool {
	for _, t := range tests {
		has := r.says(s, t.fact)
		for i := r.of(s); i >= 0 && !has; i = r.next[i] {
			if q := &r.quads[i]; q.P == bf.InstanceOf {
				has = r.says(q.O, t.fact)
			}
		}
		if has != t.want {
			return false
		}
	}
	return true
}

func (r *Run) apply(s graph.Term, rule *rule) {
	r.found = r.found[:0]
	if rule.path == nil {
		r.found = append(r.found, s)
	} else {
		r.walk(s, rule.path)
	}
	if rule.role {
		for _, c := range r.found {
			r.contribution(s, c)
		}
		return
	}
	for _, o := range rule.pick.from(r.found) {
		if v := rule.value(r, o); !v.IsZero() {
			r.put(s, rule.target, v)
		}
	}
}

// walk finds what a path leads to.
func (r *Run) walk(s graph.Term, path []step) {
	st := &path[0]
	for i := r.of(s); i >= 0; i = r.next[i] {
		q := &r.quads[i]
		if q.P != st.property || st.node && !r.fits(q.O, st) {
			continue
		}
		if len(path) == 1 {
			r.found = append(r.found, q.O)
		} else if !q.O.IsLiteral() {
			r.walk(q.O, path[1:])
		}
	}
}

// fits tells whether a node is what the brackets of a step ask for.
func (r *Run) fits(n graph.Term, st *step) bool {
	if n.IsLiteral() {
		return false
	}
	var none nameSet
	names := &none
	if at := r.seat(n); at.round == r.round {
		names = &at.names
	}
	if !names.hasAll(&st.has) || names.hasAny(&st.lacks) {
		return false
	}
	for _, f := range st.facts {
		if !r.says(n, f) {
			return false
		}
	}
	return true
}

func (r *Run) says(n graph.Term, f ontology.Fact) bool {
	for i := r.of(n); i >= 0; i = r.next[i] {
		if q := &r.quads[i]; q.P == f.Property && q.O == f.Value {
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
func (r *Run) contribution(s, c graph.Term) {
	var agent graph.Term
	named, primary := false, false
	for i := r.of(c); i >= 0; i = r.next[i] {
		switch q := &r.quads[i]; {
		case q.P == bf.Agent:
			agent = q.O
		case q.P == rdf.Type && q.O.Value() == string(bf.PrimaryContribution):
			primary = true
		}
	}
	for i := r.of(c); i >= 0; i = r.next[i] {
		q := &r.quads[i]
		if q.P != bf.Role {
			continue
		}
		named = true
		p, ok := r.a.roles[q.O]
		if !ok {
			p = schema.Contributor
		}
		r.sink.Add(s, p, agent)
	}
	switch {
	case named:
	case primary:
		r.sink.Add(s, schema.Author, agent)
	default:
		r.sink.Add(s, schema.Contributor, agent)
	}
}
