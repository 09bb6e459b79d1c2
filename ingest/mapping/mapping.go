// Package mapping makes RDF of records: BIBFRAME by the rows of the tables in ontology, with
// the hard processes as Go functions that the rows call, and Schema.org from BIBFRAME by
// ontology/align. Mapping is pure: no clock, no network, no chance. One record gives the
// same quads each time.
//
// What a record becomes:
//
//	record    {base}record/{library}/{number}   a graph, and in it what is known of the record
//	work      {base}id/work/{key}               one for each bibliographic record
//	instance  {base}id/instance/{key}           one, and one more for a digital version
//	item      {base}id/item/{key}               one for each place in 852, or piece in 876
//	agent, place, concept, hub                  one for each heading, whoever uses it
//
// What to hold in mind:
//
//   - Every thing with a page has the class bf:Work, bf:Instance, bf:Item, bf:Hub, bf:Agent
//     (and bf:Person or another below it), bf:Place or skos:Concept, and a rdfs:label: one in
//     the language of its text and one for each other script or language that the record
//     gives. An agent or concept is described the same way by every record that names it.
//   - Keys are made from library and control number for works, instances and items, and from
//     the normal form of the heading for the others (docs/adr, identity). Blank nodes have
//     labels made of the record, so no two records share one.
//   - What many records name has no blank nodes: parts of its description have IRIs of their
//     own, behind a #.
//   - Codes become IRIs of the Library of Congress. What they are called stands once, in the
//     graph of the vocabulary ([mocban/ontology.Vocabulary]).
//   - Nothing is lost in silence: what no row reads is a [Finding], and so is what is wrong.
package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mocban/graph"
	"mocban/ingest/mapping/lc"
	"mocban/ingest/marc"
	"mocban/ingest/tree"
	"mocban/ontology"
	"mocban/ontology/align"
)

// Options are those of a Mapper.
type Options struct {
	// Base begins the IRIs that are minted: "https://data.example.vn/", with the slash.
	Base graph.IRI

	// Source is the code of the library that the records come from (ISIL or MARC
	// organisation code), for records without field 003.
	Source string

	// Original keeps the bytes of each record in its graph.
	Original bool

	// Valid gives only IRIs that can be written as Turtle, where a profile would give others. It
	// goes without saying with Original.
	Valid bool

	// Profile says by which rules records are mapped: one of [Profiles], the first of them if
	// it is empty.
	Profile string

	// BIBFRAME is the version of BIBFRAME that is made: one of [Versions], the first of them if it
	// is empty. The profile LC makes that of the conversion that it follows.
	BIBFRAME string

	// Overlays are tables of the library's own rows, which come over ours
	// ([ontology.ReadOverlay]). They are for the profile [Default].
	Overlays []*ontology.Table

	// Authorities, if not nil, leads headings to the authority records that it knows. It is
	// for all profiles but LC.
	Authorities *Authorities

	// Generated is when the mapping is said to have been made, such as 2026-01-01T00:00:00Z,
	// where a profile says that.
	Generated string
}

// A Mapper maps records. Any number of goroutines may use it.
type Mapper struct {
	options  Options
	scope    scope // what rows must be for
	bib      *plan
	auth     *later[*plan]
	uni      *later[*plan] // of UNIMARC
	uniAuth  *later[*plan] // of its authority records
	hold     *later[*plan]
	trees    map[tree.Kind]*later[*treePlan]
	types    *later[map[string]resourceType] // words for kinds of resources
	words    *later[*kohaRules]              // words in names of persons, for records that are trees
	aligner  *align.Aligner
	lc       *lc.Converter // of the profile lc-2.10; else nil
	koha     *kohaRules    // of the profile koha-vn; else nil
	builders builders
}

// New returns a mapper. The error tells what is wrong with the options, or where a table is.
func New(o Options) (*Mapper, error) {
	if _, ok := asIRI(string(o.Base)); !ok || !strings.HasSuffix(string(o.Base), "/") {
		return nil, fmt.Errorf("base %q is no IRI with a slash at its end, such as https://data.example.vn/", o.Base)
	}
	m := &Mapper{options: o, scope: scopeOf(o.Profile, o.BIBFRAME)}
	if !slices.Contains(Versions, m.scope.version) {
		return nil, fmt.Errorf("there is no version %q of BIBFRAME; there are: %s", m.scope.version, strings.Join(Versions, ", "))
	}
	var err error
	if m.options.Overlays, err = m.scope.of(o.Overlays); err != nil {
		return nil, err
	}
	o.Overlays = m.options.Overlays
	switch o.Profile {
	case "", Default, UNIMARC:
	case KohaVN:
		if m.koha, err = newKoha(); err != nil {
			return nil, err
		}
	case LC:
		if len(o.Overlays) > 0 {
			return nil, ErrOverlay
		}
		return m, m.useLC()
	default:
		return nil, fmt.Errorf("there is no profile %q; there are: %s", o.Profile, strings.Join(Profiles, ", "))
	}
	if m.bib, err = m.compileBib(); err != nil {
		return nil, err
	}
	plans := map[string]*later[*plan]{}
	for _, kind := range []string{"auth", "unimarc", "unimarc-auth", "hold"} {
		plans[kind] = newLater(func() (*plan, error) { return compile(kind, m.scope, o.Overlays) })
	}
	m.auth, m.uni, m.uniAuth, m.hold = plans["auth"], plans["unimarc"], plans["unimarc-auth"], plans["hold"]
	m.types = newLater(readTypes)
	m.words = newLater(newKoha)
	m.trees = map[tree.Kind]*later[*treePlan]{}
	for _, k := range tree.Kinds {
		m.trees[k] = newLater(func() (*treePlan, error) { return compileTree(k, o.Overlays) })
	}
	if len(o.Overlays) > 0 {
		if err := m.ready(); err != nil {
			return nil, err
		}
	}
	if m.aligner, err = align.New(); err != nil {
		return nil, err
	}
	m.builders.make = func() *builder { return &builder{m: m, names: newMemory(), aligning: m.aligner.NewRun()} }
	return m, m.tryExamples(o.Overlays)
}

// ready compiles the tables of all kinds of records, and tells of the first mistake in them.
func (m *Mapper) ready() error {
	for _, p := range []*later[*plan]{m.auth, m.uni, m.uniAuth, m.hold} {
		if err := p.try(); err != nil {
			return err
		}
	}
	if err := m.types.try(); err != nil {
		return err
	}
	for _, k := range tree.Kinds {
		if err := m.trees[k].try(); err != nil {
			return err
		}
	}
	return nil
}

// A Finding tells of something in a record that was left out or looks wrong.
type Finding struct {
	Rule   string // a stable name
	Tag    string
	Code   byte // the subfield, or 0
	Value  string
	Vi, En string // what is wrong and what to do
}

// ErrKind tells that records of a kind are not mapped: classification and community
// information.
var ErrKind = errors.New("records of this kind are not mapped")

// ErrHeading tells of an authority record without a heading.
var ErrHeading = errors.New("authority record has no heading (1XX; 2XX of UNIMARC)")

// ErrTemplate tells of a record that was never filled in: its title is a placeholder. It is
// of the profile KohaVN.
var ErrTemplate = errors.New("the record is a template that was never filled in: its title is a placeholder")

// Append appends the quads of a record, all in the graph of [Mapper.Record], each once.
// Findings are what could not be mapped and why; the error tells that nothing could.
func (m *Mapper) Append(quads []graph.Quad, r *marc.Record) ([]graph.Quad, []Finding, error) {
	b := m.builders.get()
	defer m.builders.put(b)
	return b.append(quads, r)
}

// append is Append.
func (b *builder) append(quads []graph.Quad, r *marc.Record) ([]graph.Quad, []Finding, error) {
	if b.m.lc == nil {
		return b.mapRecord(quads, r)
	}
	if r.Tree != nil { // the profile is one of MARC
		return quads, nil, fmt.Errorf("record %s: %w", r.ID(), ErrKind)
	}
	return b.likeLC(r, quads)
}

// mapRecord maps a record by the profile default.
func (b *builder) mapRecord(quads []graph.Quad, r *marc.Record) ([]graph.Quad, []Finding, error) {
	b.because(partRecord, nil)
	b.start(r, quads)
	var err error
	switch kind := r.Type(); {
	case r.Tree != nil:
		err = b.tree(b.m.trees[r.Tree.Kind].get())
	case b.uAuth:
		err = b.uAuthority()
	case kind == marc.Bibliographic && (b.m.options.Profile == UNIMARC || isUNIMARC(r)):
		b.unimarc()
	case kind == marc.Bibliographic && b.m.koha != nil && b.isTemplate():
		err = ErrTemplate
	case kind == marc.Bibliographic:
		b.bibliographic()
	case kind == marc.Authority:
		err = b.authority()
	case kind == marc.Holdings:
		b.holdings()
	default:
		err = ErrKind
	}
	if err != nil {
		return quads, b.end(), fmt.Errorf("record %s: %w", b.number, err)
	}
	b.record()
	if r.Tree != nil {
		b.treeRecord()
	}
	b.because(partSchema, nil)
	b.aligning.Align(b.quads[b.first:], b)
	made := b.quads
	return made, b.end(), nil
}
