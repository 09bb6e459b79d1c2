package mapping

import (
	"fmt"

	"mocban/graph"
	"mocban/ingest/mapping/lc"
	"mocban/ingest/marc"
)

// The profiles: sets of rules by which records are mapped.
const (
	// Default is ours: one description of each thing, valid IRIs only, no placeholders, items
	// with those who hold them, Schema.org.
	Default = "default"

	// LC gives the triples that the Library of Congress's marc2bibframe2 2.10 gives, and for
	// authorities its marcauth-to-madsrdf, with their names and their mistakes, and nothing
	// else. See the package lc.
	LC = "lc-2.10"

	// UNIMARC is Default with all bibliographic records taken as UNIMARC. Without it, a record
	// is one if it looks like one: by its title in 200 or its coded data in 100.
	UNIMARC = "unimarc"
)

// KohaVN is Default for catalogues that Vietnamese libraries keep in Koha as lists of copies:
// a bibliographic record for each copy, several persons or a body as one person, running
// numbers as ISBNs. See kohavn.go.
const KohaVN = "koha-vn"

// Profiles are the names of the profiles.
var Profiles = []string{Default, LC, UNIMARC, KohaVN}

// The versions of BIBFRAME. A row that is for one of them only names it in the column profile:
// bf-2, bf-3.
const (
	BIBFRAME2 = "2" // 2.6 and before

	// BIBFRAME3 is 3.0 as far as it is known: keys and numbers of music are things of their own.
	BIBFRAME3 = "3"
)

// Versions are those of BIBFRAME.
var Versions = []string{BIBFRAME2, BIBFRAME3}

// AsIs tells whether a profile wants records as they came, not as a reader mends them
// ([marc.ReadOptions]).
func AsIs(profile string) bool { return profile == LC }

// useLC makes the mapper one of the profile lc-2.10.
func (m *Mapper) useLC() (err error) {
	// Whose bytes are kept is for a store, which gives out only IRIs that are.
	m.lc, err = lc.New(lc.Options{Base: m.options.Base, Generated: m.options.Generated, Valid: m.options.Valid || m.options.Original})
	if err != nil {
		return err
	}
	m.builders.make = func() *builder {
		b := &builder{m: m, like: m.lc.NewRun()}
		if m.options.Original {
			b.names = newMemory() // for the description of the record
		}
		return b
	}
	return nil
}

// A sink takes the triples of the package lc, empty texts too.
type sink struct{ *builder }

// Add adds a triple to the graph of the record.
func (s sink) Add(subject graph.Term, p graph.IRI, o graph.Term) { s.put(subject, p, o) }

// likeLC maps a record by the profile lc-2.10. What is known of the record itself is added
// only if its bytes are kept, for the sake of the store.
func (b *builder) likeLC(r *marc.Record, quads []graph.Quad) ([]graph.Quad, []Finding, error) {
	b.prepare(r, quads)
	if r.Tree != nil {
		return quads, b.end(), fmt.Errorf("record %s: %w", b.number, ErrKind)
	}
	b.like.Watch(b.watchLC(r))
	if err := b.like.Convert(sink{b}, r, graph.IRI(b.graph.Value())); err != nil {
		return quads, b.end(), fmt.Errorf("record %s: %w", b.number, ErrKind)
	}
	if b.m.options.Original {
		b.because(partRecord, nil)
		b.record()
	}
	reads := b.m.lc.Reads
	if b.like.Authority() {
		reads = lc.AuthorityReads
	}
	for i := range r.Fields {
		if f := &r.Fields[i]; !reads(f.Tag) {
			b.noRow(f, 0)
		}
	}
	for _, o := range b.like.Odd() {
		b.find("iri", o.Tag, 0, o.IRI,
			"Địa chỉ không hợp lệ; hồ sơ lc-2.10 vẫn dùng. Hãy sửa cho đúng cú pháp IRI.",
			"This is no valid IRI; the profile lc-2.10 uses it all the same. Correct its spelling.")
	}
	made := b.quads
	return made, b.end(), nil
}
