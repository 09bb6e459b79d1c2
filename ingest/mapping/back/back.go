// Package back makes MARC 21 records of BIBFRAME: of what the profiles of ingest/mapping
// make, and of what other programs make in the manner of the Library of Congress.
//
// Most of it is the tables of ontology/marc21 read backwards: the path of a row leads to a
// node or a value, and its tag, indicators and subfield say what to make of that. A node
// belongs to the rows that say most of it: a bf:Note of the class lc:mnotetype/biblio is a
// 504, one without any class more is a 500. What the hard processes of the mapping have made
// is read by Go functions, one group a file. Where the tables run subfields together, they
// keep the field in one line as bflc:marcKey; it counts as long as it says what the label
// beside it says, so a label that somebody has changed wins.
//
// Text in two scripts on one node becomes a field and its 880.
//
// Making is pure, as mapping is: the same triples, in the same order, give the same record.
// What nothing has read is in [Made.Left], so nothing is lost in silence.
package back

import (
	"errors"
	"slices"
	"sync"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/mocban"
	"mocban/vocab/rdf"
)

// A Maker makes records. Any number of goroutines may use it.
type Maker struct {
	shapes map[place][]*shape
	direct map[place]*leaf
	fixed  []*position
}

// New returns a maker. Tables of a library's own rows, which must be those of the profile
// (RowsFor of ingest/mapping), are read before ours, as they come over them on the way there. The error tells where a table is wrong.
func New(overlays ...*ontology.Table) (*Maker, error) {
	tables, err := ontology.MARC("bib")
	if err != nil {
		return nil, err
	}
	m := &Maker{shapes: map[place][]*shape{}, direct: map[place]*leaf{}}
	for i, t := range append(slices.Clone(overlays), tables...) {
		if err := m.table(t, i >= len(overlays)); err != nil {
			return nil, err
		}
	}
	m.rank()
	return m, nil
}

// ErrNoWork tells that there is neither a work nor an instance in the triples.
var ErrNoWork = errors.New("there is no bf:Work and no bf:Instance in the triples")

// A Made is a record that was made.
type Made struct {
	Record *marc.Record

	// Fields tells for each field of the record which quads it was made of, by their place.
	Fields [][]int

	// Left are the places of quads that nothing was made of.
	Left []int
}

// Make makes a record of the quads of one record. The order of fields with the same tag is
// the order of their quads.
func (m *Maker) Make(quads []graph.Quad) (*Made, error) {
	r := runs.Get().(*run)
	defer runs.Put(r)
	r.start(m, quads)
	defer r.end()
	r.index()
	r.rank, r.sorted = ranks(r.rank[:0], quads)
	if err := r.roots(); err != nil {
		return nil, err
	}
	r.all()
	return r.finish(), nil
}

// runs are kept for their memory.
var runs = sync.Pool{New: func() any { return &run{at: map[graph.Term]int32{}} }}

// start makes a run ready for a record.
func (r *run) start(m *Maker, quads []graph.Quad) {
	*r = run{m: m, quads: quads, at: r.at, order: r.order, spans: r.spans, group: r.group, used: r.used, rank: r.rank, drafts: r.drafts[:0]}
	r.used = slices.Grow(r.used[:0], len(quads))[:len(quads)]
	clear(r.used)
}

// end lets go of the record.
func (r *run) end() {
	clear(r.at)
	clear(r.drafts)
	r.quads, r.titled, r.language = nil, nil, nil
}

// A span is where the quads of a subject stand in the order of subjects.
type span struct{ from, to int32 }

// run is a record that is being made.
type run struct {
	m      *Maker
	quads  []graph.Quad
	order  []int32              // quads by subject, and then as they came
	spans  []span               // where those of a subject stand there
	at     map[graph.Term]int32 // which span is that of a subject
	group  []int32              // for each quad the span that it is in
	used   []bool
	rank   []int // when each quad was made
	sorted bool  // they are in that order

	work       graph.Term
	instance   graph.Term
	admins     []graph.Term
	like       bool // the shape is that of the Library of Congress: nodes are the record's own
	source     string
	rda        bool
	vietnamese bool // the language of the description
	drafts     []*draft
	lead       []byte // the leader
	codes      []byte // 008
	coding     []int  // the quads that 008 is made of
	titled     *draft // the 245
	language   *draft // the 041, if 008 says it all
}

// index finds the quads of each subject, in the order in which they came.
func (r *run) index() {
	n := len(r.quads)
	r.spans, r.order, r.group = r.spans[:0], slices.Grow(r.order[:0], n)[:n], slices.Grow(r.group[:0], n)[:n]
	var last graph.Term // triples of one subject follow one another
	at := int32(-1)
	for i := range r.quads {
		if s := r.quads[i].S; at < 0 || s != last {
			g, ok := r.at[s]
			if !ok {
				g = int32(len(r.spans))
				r.at[s] = g
				r.spans = append(r.spans, span{})
			}
			last, at = s, g
		}
		r.group[i] = at
		r.spans[at].to++
	}
	from := int32(0)
	for g := range r.spans {
		size := r.spans[g].to
		r.spans[g] = span{from, from}
		from += size
	}
	for i, g := range r.group {
		r.order[r.spans[g].to] = int32(i)
		r.spans[g].to++
	}
}

// of returns the places of the quads of a subject.
func (r *run) of(s graph.Term) []int32 {
	if g, ok := r.at[s]; ok {
		at := r.spans[g]
		return r.order[at.from:at.to]
	}
	return nil
}

// out returns the places of the quads of a subject with a property.
func (r *run) out(s graph.Term, p graph.IRI) (all []int32) {
	for _, i := range r.of(s) {
		if r.quads[i].P == p {
			all = append(all, i)
		}
	}
	return all
}

// first returns the first value of a property, or the zero term.
func (r *run) first(s graph.Term, p graph.IRI) graph.Term {
	for _, i := range r.of(s) {
		if r.quads[i].P == p {
			return r.quads[i].O
		}
	}
	return graph.Term{}
}

// says tells whether a triple is there.
func (r *run) says(s graph.Term, p graph.IRI, o graph.Term) bool { return r.find(s, p, o) >= 0 }

func (r *run) find(s graph.Term, p graph.IRI, o graph.Term) int32 {
	for _, i := range r.of(s) {
		if q := &r.quads[i]; q.P == p && q.O == o {
			return i
		}
	}
	return -1
}

func (r *run) isA(s graph.Term, class graph.IRI) bool { return r.says(s, rdf.Type, class.Term()) }

// roots finds the work, its instance and the description of them. A work that is only
// related to another has none.
func (r *run) roots() error {
	best := -1
	related := map[graph.Term]bool{}
	for i := range r.quads {
		if r.quads[i].P == bf.AssociatedResource {
			related[r.quads[i].O] = true
		}
	}
	for i := range r.quads {
		q := &r.quads[i]
		if q.P != rdf.Type || q.O != bf.Work.Term() && q.O != bf.Instance.Term() {
			continue
		}
		score := 1
		if !related[q.S] {
			score += 2
		}
		if len(r.out(q.S, bf.AdminMetadata)) > 0 {
			score += 4
		}
		if q.O != bf.Work.Term() {
			if r.instance.IsZero() && (score > 4 || score > best && r.work.IsZero()) && len(r.out(q.S, bf.ReproductionOf)) == 0 {
				r.instance = q.S
			}
			continue
		}
		if score > best {
			best, r.work = score, q.S
		}
	}
	if r.work.IsZero() && r.instance.IsZero() {
		return ErrNoWork
	}
	if r.work.IsZero() {
		r.work = r.first(r.instance, bf.InstanceOf)
	}
	r.instances()
	for _, s := range []graph.Term{r.work, r.instance} {
		for _, i := range r.out(s, bf.AdminMetadata) {
			if a := r.quads[i].O; !slices.Contains(r.admins, a) {
				r.admins = append(r.admins, a)
			}
		}
	}
	r.like = true
	for _, a := range r.admins {
		r.like = r.like && !r.isA(a, mocban.Record)
		r.vietnamese = r.vietnamese || r.says(a, bf.DescriptionLanguage, (ontology.LC+"languages/vie").Term())
		for _, i := range r.out(a, bf.DescriptionConventions) {
			r.rda = r.rda || r.quads[i].O == (ontology.LC+"descriptionConventions/rda").Term()
		}
	}
	return nil
}

// instances finds the instance of the work that is no reproduction of another one: the one of
// which most is said.
func (r *run) instances() {
	most := 0
	try := func(n graph.Term) {
		said := len(r.of(n))
		if len(r.out(n, bf.AdminMetadata)) > 0 {
			said += len(r.quads)
		}
		if said > most && len(r.out(n, bf.ReproductionOf)) == 0 {
			most, r.instance = said, n
		}
	}
	for _, i := range r.out(r.work, bf.HasInstance) {
		try(r.quads[i].O)
	}
	for i := range r.quads {
		if q := &r.quads[i]; q.P == bf.InstanceOf && q.O == r.work {
			try(q.S)
		}
	}
}

// all runs everything, what knows most first.
func (r *run) all() {
	r.structure()
	r.internalNotes()
	r.uniform()
	r.names()
	r.relations()
	r.subjects()
	r.provision()
	r.series()
	r.items()
	r.electronic()
	r.policies()
	r.fixed()
	r.tableRows()
	r.control()
}
