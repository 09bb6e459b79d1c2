// Package lc maps bibliographic records of MARC 21 to BIBFRAME as the Library of Congress
// converts them: by the conversion specifications 2.10, and where these leave something
// open, as the program marc2bibframe2 2.10 does it. Its mistakes are part of it: who
// compares, exchanges or merges data with the Library's needs the same triples. Authority
// records become MADS/RDF as the program marcauth-to-madsrdf makes it (authority.go).
//
// What a bibliographic record becomes:
//
//	work      {base}{001}#Work
//	instance  {base}{001}#Instance
//	item      {base}{001}#Item, and #Item856-{place} for what is to be had on line
//	others    {base}{001}#Agent700-{place}, #Hub240-{place}, #Topic650-{place}, …
//
// The place of a field is counted among all children of the record in MARCXML, of which the
// leader is the first.
//
// The rows stand in ontology/lc-2.10. A row without tag is about the node that the row
// above it has made. Hard processes are Go functions, one group a file, listed in
// process.go.
package lc

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/rdf"
)

// A Sink takes the triples of a record. It may be given the same triple twice.
type Sink interface {
	Add(s graph.Term, p graph.IRI, o graph.Term)
	Blank() graph.Term
}

// Options are those of a converter.
type Options struct {
	// Base begins the IRIs that are minted, and what is no absolute IRI is read from there.
	Base graph.IRI

	// Valid writes what no IRI may hold as %XX. The conversion does not, but a store that gives
	// out Turtle and RDF/XML needs it.
	Valid bool

	// Generated is when the conversion is said to have been made, such as
	// 2026-01-01T00:00:00Z. Without it nothing is said of that.
	Generated string
}

// A Converter converts records. Any number of goroutines may use it.
type Converter struct {
	options  Options
	plan     *plan
	tables   *tables
	headings *authorityTables
}

// New returns a converter. The error tells where a table is wrong.
func New(o Options) (*Converter, error) {
	t, err := loadTables()
	if err != nil {
		return nil, err
	}
	p, err := compile()
	if err != nil {
		return nil, err
	}
	h, err := loadAuthority()
	if err != nil {
		return nil, err
	}
	return &Converter{options: o, plan: p, tables: t, headings: h}, nil
}

// A Run is the memory that converting takes. It is for one goroutine, record after record.
type Run struct{ c run }

// An Odd is an IRI that a record gives and that is none. It is part of the triples all the
// same, mended if [Options] say so.
type Odd struct{ Tag, IRI string }

// Odd returns those of the record that was converted last.
func (r *Run) Odd() []Odd { return r.c.odd }

// Authority tells whether the record that was converted last is one of an authority.
func (r *Run) Authority() bool { return r.c.isAuthority }

// Reads tells whether there are rows for a tag of bibliographic records.
func (c *Converter) Reads(tag string) bool {
	n := tagNumber(tag)
	if n < 10 {
		return n == 1 || n == 3 || n == 5 || n == 7 || n == 8
	}
	for m := range c.plan.modes {
		if len(c.plan.modes[m][n]) > 0 {
			return true
		}
	}
	return n == 880 || n == 884
}

// NewRun returns a run of the converter.
func (c *Converter) NewRun() *Run {
	r := &Run{}
	r.c.plan, r.c.tables, r.c.options, r.c.headings = c.plan, c.tables, c.options, c.headings
	return r
}

// run is a record that is being converted.
type run struct {
	plan     *plan
	tables   *tables
	headings *authorityTables
	options  Options
	sink     Sink

	id       string // the IRI of the record, which begins all others
	work     graph.Term
	instance graph.Term
	item     graph.Term
	kind     instanceKind

	leader                 string
	c001, c003, c005, c008 string
	has003, has005, has008 bool
	fields                 []field
	linked                 []*field // those of tag 880
	present                [16]uint64
	carriers               string // 338 as IRIs, with blanks between
	carriersKnown          bool
	now                    string // the tag of the field that is being converted
	odd                    []Odd
	isAuthority            bool // the record is one of an authority, and MADS/RDF is made of it

	watch func(Cause) // who wants to know why triples are made; nil if nobody does
	cause Cause
}

// A Cause is why triples are made.
type Cause struct {
	Row   *ontology.Row // or nil, where a part of the program makes them
	Part  string        // of the program
	Field int           // the field of the record, by its place; -1 for the leader, -2 for none
}

// Watch has a function told of the cause of what is added next, whenever that changes.
func (r *Run) Watch(f func(Cause)) { r.c.watch = f }

// because says why triples are made from here on.
func (c *run) because(why Cause) {
	if c.watch != nil {
		c.cause = why
		c.watch(why)
	}
}

// The causes that are no row.
var (
	ofRecord = Cause{Part: "record", Field: -2}
	ofLeader = Cause{Part: "leader", Field: -1}
)

// RowsFor returns the rows that read a subfield of the fields with a tag, or that may, as they
// call a process for the field.
func (c *Converter) RowsFor(tag string, code byte) (rows []*ontology.Row) {
	n := tagNumber(tag)
	if n < 10 {
		return nil
	}
	var visit func(all []*op)
	visit = func(all []*op) {
		for _, o := range all {
			if (strings.IndexByte(o.subs, code) >= 0 || o.subs == "" && !o.current && (o.process != nil || o.value.how == "key")) && !slices.Contains(rows, o.row) {
				rows = append(rows, o.row)
			}
			visit(o.children)
		}
	}
	for m := range c.plan.modes {
		visit(c.plan.modes[m][n])
	}
	return rows
}

// An instanceKind tells that a record is for something else than a work and its instance.
type instanceKind byte

const (
	primary   instanceKind = iota
	hub                    // leader/06 is q: all is said of one hub
	secondary              // 758 names the work, which another record describes
)

// Record returns the IRI of a record: its control number behind the base.
func (c *Converter) Record(r *marc.Record) graph.IRI {
	id, times := "", 0
	for i := range r.Fields {
		if r.Fields[i].Tag == "001" {
			id = r.Fields[i].Data
			times++
		}
	}
	if id = encode(space(id)); id == "" || times != 1 {
		id = "d" + strconv.Itoa(r.Number)
	}
	return c.options.Base + graph.IRI(id)
}

// ErrKind tells that a record is neither bibliographic nor an authority with a heading.
var ErrKind = errors.New("neither a bibliographic record nor an authority")

// Convert gives the triples of a record to a sink.
func (r *Run) Convert(sink Sink, record *marc.Record, iri graph.IRI) error {
	c := &r.c
	c.carriersKnown, c.now, c.odd = false, "", nil
	c.isAuthority = false
	switch record.Type() {
	case marc.Bibliographic, marc.Community: // hubs have the letter of the latter
	default: // what has a title is bibliographic, whatever its leader says
		if _, ok := record.Field("245"); !ok {
			if c.isAuthority = isAuthority(record); !c.isAuthority {
				return ErrKind
			}
		}
	}
	c.sink, c.id = sink, string(iri)
	if c.isAuthority {
		c.because(Cause{Part: "authority", Field: -2})
		c.toMADS(record)
		c.sink = nil
		return nil
	}
	c.read(record)
	c.work, c.instance, c.item = c.term("#Work"), c.term("#Instance"), c.term("#Item")
	c.kind = c.tellKind()
	if c.kind == hub {
		c.instance = c.work
	}
	c.convert()
	c.sink = nil
	return nil
}

// tellKind tells what the record is for (ConvSpec LDR, 758).
func (c *run) tellKind() instanceKind {
	if part(c.leader, 6, 1) == "q" {
		return hub
	}
	if c.worksRecord() != nil {
		return secondary
	}
	return primary
}

func (c *run) convert() {
	c.because(ofRecord)
	if c.kind != secondary {
		c.add(c.work, rdf.Type, bf.Work.Term())
		c.administration()
		c.because(ofLeader)
		c.leaderWork()
		c.mode(workMode, c.work)
	}
	if c.kind == primary {
		c.add(c.work, bf.HasInstance, c.instance)
	}
	if c.kind != hub {
		c.add(c.instance, rdf.Type, bf.Instance.Term())
		c.add(c.instance, bf.InstanceOf, c.instanceOf())
	}
	c.because(ofLeader)
	c.leaderInstance()
	c.mode(instanceMode, c.instance)
	if c.kind == hub {
		return
	}
	c.items()
	if len(c.linked) > 0 {
		// The conversion takes the rows of items for the instance here.
		c.mode(itemMode, c.instance)
	} else {
		c.mode(hasItemMode, c.instance)
	}
}

// mode runs the rows of one of the nodes over all fields.
func (c *run) mode(m mode, s graph.Term) {
	all := m == itemMode && s == c.item
	for i := range c.fields {
		f := &c.fields[i]
		if f.as < 0 || f.as > 999 {
			continue
		}
		c.now = f.name
		blocks := c.plan.modes[m][f.as]
		if len(blocks) == 0 && f.tag > 9 {
			continue
		}
		switch {
		case f.tag < 10:
			c.because(Cause{Part: f.name, Field: f.at})
			c.controlField(m, s, f.tag, f.subs[0].Value)
		case all || c.converts(f):
			for _, b := range blocks {
				b.run(c, s, f, -1)
			}
		}
	}
	c.because(ofRecord)
}

// items makes the item that the record is said to be of, always at the Library of Congress.
func (c *run) items() {
	made := c.is(51) || c.is(541)
	for _, f := range c.linked {
		made = made || f.as == 541
	}
	if !made {
		return
	}
	c.add(c.instance, bf.HasItem, c.item)
	c.add(c.item, rdf.Type, bf.Item.Term())
	c.add(c.item, bf.HeldBy, organization("dlc"))
	c.ownFields()
	c.mode(itemMode, c.item)
	c.add(c.item, bf.ItemOf, c.instance)
}

// ownFields says of the item, too, what fields say that $5 calls those of the Library. They
// are counted anew here.
func (c *run) ownFields() {
	for _, m := range [...]mode{workMode, instanceMode} {
		place := 0
		for i := range c.fields {
			f := &c.fields[i]
			if f.tag < 10 && f.tag >= 0 || !f.holds('5', "DLC") {
				continue
			}
			place++
			if f.as < 0 || f.as > 999 || !c.converts(f) {
				continue
			}
			pos := f.pos
			f.pos = place
			for _, b := range c.plan.modes[m][f.as] {
				b.run(c, c.item, f, -1)
			}
			f.pos = pos
		}
	}
}

// add gives a triple to the sink.
func (c *run) add(s graph.Term, p graph.IRI, o graph.Term) { c.sink.Add(s, p, o) }

// isA says of which classes a node is.
func (c *run) isA(s graph.Term, classes ...graph.IRI) {
	for _, class := range classes {
		c.add(s, rdf.Type, class.Term())
	}
}

// node makes a blank node the value of a property.
func (c *run) node(s graph.Term, p graph.IRI, classes ...graph.IRI) graph.Term {
	return c.link(s, p, c.sink.Blank(), classes...)
}

// link makes a node the value of a property and says of which classes it is.
func (c *run) link(s graph.Term, p graph.IRI, n graph.Term, classes ...graph.IRI) graph.Term {
	c.isA(n, classes...)
	c.add(s, p, n)
	return n
}

// about returns the node with an IRI, or a blank one for "".
func (c *run) about(iri string) graph.Term {
	if iri == "" {
		return c.sink.Blank()
	}
	return c.ref(iri)
}

// term returns what the record calls something: a fragment of its own IRI.
func (c *run) term(fragment string) graph.Term { return graph.IRI(c.id + fragment).Term() }

// minted returns the IRI of what a field is about: #Agent700-12.
func (c *run) minted(kind string, f *field) string { return c.mintedAt(kind, f, f.pos) }

func (c *run) mintedAt(kind string, f *field, place int) string {
	b := make([]byte, 0, len(c.id)+len(kind)+len(f.name)+6)
	b = append(append(append(b, c.id...), kind...), f.name...)
	b = append(b, '-')
	return string(strconv.AppendInt(b, int64(place), 10))
}
