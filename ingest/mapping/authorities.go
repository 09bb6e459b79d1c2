package mapping

import (
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"net/url"
	"strings"
	"sync/atomic"

	"mocban/graph"
	"mocban/ingest/marc"
)

// Authorities leads mappers to the authority records that are known. The zero value knows
// none. Mappers may be at work while another index is given to it: each record is mapped by
// the one that was there when its turn came.
type Authorities struct {
	now atomic.Pointer[AuthorityIndex]
}

// Use takes an index, which must not be added to any more, for the records to come.
func (a *Authorities) Use(x *AuthorityIndex) { a.now.Store(x) }

// Index returns the index in use.
func (a *Authorities) Index() *AuthorityIndex { return a.index() }

// index returns the index in use: an empty one if none was given, nil if a is.
func (a *Authorities) index() *AuthorityIndex {
	if a == nil {
		return nil
	}
	if x := a.now.Load(); x != nil {
		return x
	}
	return noAuthorities
}

var noAuthorities = NewAuthorityIndex()

// An AuthorityIndex tells which authority record a number or a heading belongs to.
//
//   - A number belongs to the record that has it as its own (001 with 003, 010, 016, 035) or
//     that says it is of the same thing (024, $0 and $1 of the heading), if no other does.
//   - A heading belongs to the record that establishes it (1XX; 2XX of UNIMARC). The same
//     heading in the files of two libraries is one thing. Twice in the file of one library it
//     is two: then it belongs to neither, and each has an IRI made of its record.
//   - A heading that none establishes belongs to the record that refers from it (4XX), if no
//     record of another heading does, too.
//
// Headings are compared in the form by which things are known everywhere else: Nguyễn, Du,
// 1765-1820. is Nguyễn Du, 1765-1820, and Lý is Lí. A name without dates is not one with them.
//
// It takes about 300 bytes a record, most of them for the heading in words, and holds at most
// Most records. It is made by one goroutine, and read by any number.
type AuthorityIndex struct {
	// Most is how many records it takes; 0 means 4,000,000, which are some 1.2 GB.
	Most int

	seed    maphash.Seed
	known   []known
	heads   map[uint64]entry // by the number of the key
	numbers map[uint64]entry // by hash
	records map[uint64]uint32
	text    []byte   // the headings
	named   []string // the IRIs of the records, if they are kept ([AuthorityIndex.KeepNames])
}

// AmbiguousHeading is the rule of findings on a heading that more than one authority record has.
const AmbiguousHeading = "ambiguous-heading"

// ErrAuthorities tells that there are more authority records than an index takes.
var ErrAuthorities = errors.New("too many authority records")

// NewAuthorityIndex returns an empty index.
func NewAuthorityIndex() *AuthorityIndex {
	return &AuthorityIndex{
		seed: maphash.MakeSeed(), known: make([]known, 1),
		heads: map[uint64]entry{}, numbers: map[uint64]entry{}, records: map[uint64]uint32{},
	}
}

// Len returns how many records it knows.
func (x *AuthorityIndex) Len() int { return len(x.records) }

// Size returns about how many bytes of memory it takes.
func (x *AuthorityIndex) Size() int64 {
	const slot = 24 // of a map, with the room that it keeps free
	return int64(cap(x.text)) + int64(cap(x.known))*knownBytes + slot*int64(len(x.heads)+len(x.numbers)+len(x.records))
}

// A known is an authority record.
type known struct {
	head    uint64 // the number of the key that its heading has
	own     uint64 // of the key that it has where another record has the same heading
	text    uint64 // where its heading begins
	library uint32 // hash
	before  uint32 // another record with this heading, 0 if there is none
	size    uint16 // of its heading
	kind    uint8  // in kinds
	gone    bool   // the record came again
}

const knownBytes = 40

// kinds are those of things that authority records describe.
var kinds = [...]kind{agents, places, concepts, hubs}

// An entry says whose a heading or number is: the index of a known, and what it is to it.
type entry uint32

const (
	established entry = iota // or, of a number, its own
	variant1                 // refers from it
	variant2                 // two records with one heading refer from it
	several                  // it belongs to more than one
)

func entryOf(i uint32, state entry) entry { return entry(i)<<2 | state }

func (e entry) of() uint32   { return uint32(e >> 2) }
func (e entry) state() entry { return e & 3 }

// maxKnown is what fits into an entry.
const maxKnown = math.MaxUint32 >> 2

// A reading is what an authority record says of itself.
type reading struct {
	record   string
	library  string
	kind     kind
	head     uint64
	own      uint64
	text     []byte
	variants []uint64
	numbers  []string
}

// add takes a record. One that came before is replaced.
func (x *AuthorityIndex) add(r *reading) error {
	most := x.Most
	if most <= 0 {
		most = 4_000_000
	}
	name := x.hash("record", r.record)
	old, again := x.records[name]
	if !again && len(x.records) >= min(most, maxKnown) {
		return fmt.Errorf("%w: more than %d", ErrAuthorities, min(most, maxKnown))
	}
	if again {
		x.known[old].gone = true
	}
	i := uint32(len(x.known))
	k := known{head: r.head, own: r.own, text: uint64(len(x.text)), library: uint32(x.hash("library", r.library))}
	for j := range kinds {
		if kinds[j] == r.kind {
			k.kind = uint8(j)
		}
	}
	k.size = uint16(min(len(r.text), math.MaxUint16))
	x.text = append(x.text, r.text[:k.size]...)
	x.known = append(x.known, k)
	if x.named != nil {
		x.named = append(x.named, r.record)
	}
	x.records[name] = i
	x.establish(i)
	for _, v := range r.variants {
		x.refer(v, i)
	}
	for _, n := range r.numbers {
		x.number(x.hash("number", n), i)
	}
	return nil
}

// establish makes a record that of its heading.
func (x *AuthorityIndex) establish(i uint32) {
	k := &x.known[i]
	e, ok := x.heads[k.head]
	if !ok || e.state() == variant1 || e.state() == variant2 || e.state() == several && x.known[e.of()].head != k.head {
		x.heads[k.head] = entryOf(i, established)
		return
	}
	k.before = e.of()
	twice := e.state() == several
	for j := k.before; j != 0; j = x.known[j].before {
		if o := &x.known[j]; !o.gone && o.library == k.library {
			twice = true
		}
	}
	if !twice {
		x.heads[k.head] = entryOf(i, established)
		return
	}
	x.heads[k.head] = entryOf(i, several)
	for j := i; j != 0; j = x.known[j].before {
		x.heads[x.known[j].own] = entryOf(j, established)
	}
}

// refer makes a record one that refers from a heading.
func (x *AuthorityIndex) refer(v uint64, i uint32) {
	e, ok := x.heads[v]
	switch {
	case v == x.known[i].head, ok && e.state() == established && !x.known[e.of()].gone, ok && e.state() == several:
	case !ok, x.known[e.of()].gone, e.of() == i:
		x.heads[v] = entryOf(i, variant1)
	case x.known[e.of()].head == x.known[i].head:
		x.heads[v] = entryOf(i, variant2)
	default:
		x.heads[v] = entryOf(i, several)
	}
}

// number makes a number that of a record.
func (x *AuthorityIndex) number(n uint64, i uint32) {
	e, ok := x.numbers[n]
	if ok && e.of() != i && !x.known[e.of()].gone && (e.state() == several || x.thing(e.of()) != x.thing(i)) {
		x.numbers[n] = entryOf(i, several)
		return
	}
	x.numbers[n] = entryOf(i, established)
}

// thing returns the number of the key of what a record is about.
func (x *AuthorityIndex) thing(i uint32) uint64 {
	k := &x.known[i]
	if e := x.heads[k.head]; e.state() == several {
		return k.own
	}
	return k.head
}

// A Leading tells where a heading leads.
type Leading uint8

// Where headings lead.
const (
	Nowhere   Leading = iota // no authority record has it
	Elsewhere                // one refers from it
	Itself                   // it is established
	Ambiguous                // more than one has it
)

// headed tells where a heading leads.
func (x *AuthorityIndex) headed(n uint64) (uint32, Leading) {
	e, ok := x.heads[n]
	switch i := e.of(); {
	case !ok:
		return 0, Nowhere
	case e.state() == several:
		return i, Ambiguous
	case x.known[i].gone:
		return 0, Nowhere
	case e.state() == established:
		return i, Itself
	case e.state() == variant2 && x.heads[x.known[i].head].state() == several:
		return i, Ambiguous
	default:
		return i, Elsewhere
	}
}

// numbered tells where a number leads.
func (x *AuthorityIndex) numbered(number string) (uint32, Leading) {
	e, ok := x.numbers[x.hash("number", number)]
	switch i := e.of(); {
	case !ok, x.known[i].gone:
		return 0, Nowhere
	case e.state() == several:
		return i, Ambiguous
	default:
		return i, Elsewhere
	}
}

// heading returns the heading of a record as a field, and the code of its scheme.
func (x *AuthorityIndex) heading(i uint32) (*marc.Field, string) {
	k := &x.known[i]
	line, scheme, _ := strings.Cut(string(x.text[k.text:k.text+uint64(k.size)]), "\x00")
	f := &marc.Field{Tag: "150", Ind1: ' ', Ind2: ' '}
	if len(line) < 5 {
		return f, scheme
	}
	f.Tag, f.Ind1, f.Ind2 = line[:3], line[3], line[4]
	for s := range strings.SplitSeq(line[5:], "\x1f") {
		if s != "" {
			f.Subfields = append(f.Subfields, marc.Subfield{Code: s[0], Value: s[1:]})
		}
	}
	return f, scheme
}

func (x *AuthorityIndex) hash(what, s string) uint64 {
	var h maphash.Hash
	h.SetSeed(x.seed)
	h.WriteString(what)
	h.WriteByte(0)
	h.WriteString(s)
	return h.Sum64()
}

// Headed tells where the IRI of a heading leads, and to what if that is another thing.
func (m *Mapper) Headed(x *AuthorityIndex, heading graph.Term) (graph.Term, Leading) {
	n := keyNumber(heading)
	if n == 0 || !strings.HasPrefix(heading.Value(), string(m.options.Base)) {
		return graph.Term{}, Nowhere
	}
	i, where := x.headed(n)
	if where != Elsewhere {
		return graph.Term{}, where
	}
	return m.thingOf(x, i), where
}

// Numbered returns the thing of the authority record whose IRI or other number is given, if
// one record has it: an IRI, or the text that mocban:authorityNumber has.
func (m *Mapper) Numbered(x *AuthorityIndex, number graph.Term) (graph.Term, bool) {
	text := number.Value()
	if iri, ok := number.IRI(); ok {
		if i, ok := x.records[x.hash("record", text)]; ok {
			return m.thingOf(x, i), true
		}
		text = knownIRI(iri)
	}
	i, where := x.numbered(text)
	if where != Elsewhere {
		return graph.Term{}, false
	}
	return m.thingOf(x, i), true
}

func (m *Mapper) thingOf(x *AuthorityIndex, i uint32) graph.Term {
	return m.numberedIRI(kinds[x.known[i].kind], x.thing(i))
}

// Index adds an authority record to an index; another record, and one without a heading, adds
// nothing. The index may be the one of another mapper with the same base.
func (m *Mapper) Index(x *AuthorityIndex, r *marc.Record) error {
	if m.lc != nil || r.Tree != nil || !IsAuthority(r) {
		return nil
	}
	b := m.builders.get()
	defer m.builders.put(b)
	b.start(r, nil)
	defer b.end()
	b.authorities = nil
	read := b.readAuthority()
	if read == nil {
		return nil
	}
	return x.add(read)
}

// Forget takes a record out of an index, if it is there.
func (m *Mapper) Forget(x *AuthorityIndex, r *marc.Record) {
	name := x.hash("record", string(m.Record(r)))
	if i, ok := x.records[name]; ok {
		x.known[i].gone = true
		delete(x.records, name)
	}
}

// Library returns the code of the library that the IRI of a record tells, and whether that is
// an authority record.
func (m *Mapper) Library(record graph.IRI) (library string, authority, ok bool) {
	rest, ok := strings.CutPrefix(string(record), string(m.options.Base)+"record/")
	if !ok {
		return "", false, false
	}
	library, name, ok := strings.Cut(rest, "/")
	if plain, err := url.PathUnescape(library); err == nil {
		library = plain
	}
	return library, strings.HasPrefix(name, "authority-"), ok
}

// IsAuthority tells whether a record is an authority record, of MARC 21 or of UNIMARC.
func IsAuthority(r *marc.Record) bool { return r.Tree == nil && typeOf(r) == marc.Authority }

// typeOf tells of what type a record is. Authority records of UNIMARC have letters in the leader
// that mean holdings in MARC 21.
func typeOf(r *marc.Record) marc.Type {
	if isUNIMARCAuthority(r) {
		return marc.Authority
	}
	return r.Type()
}

// readAuthority reads what an index keeps of an authority record, nil if it has no heading.
func (b *builder) readAuthority() *reading {
	h := b.ownField()
	if h == nil {
		return nil
	}
	s := b.ownScheme()
	k, t := b.headingIRI(h, s)
	if t.IsZero() {
		return nil
	}
	read := &reading{record: b.graph.Value(), library: b.source, kind: k, head: keyNumber(t)}
	read.own = keyNumber(b.ownThing(k))
	read.text = append(appendHeading(nil, h.Field), "\x00"+s.code...)
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		if tag := tagNumber(f.Tag); tag >= 400 && tag < 500 {
			ref := &field{Field: f, tag: tag, codes: codesOf(f)}
			if b.uAuth {
				ref = uHeading(f)
			}
			if _, v := b.headingIRI(ref, s); !v.IsZero() && v != t {
				read.variants = append(read.variants, keyNumber(v))
			}
		}
	}
	read.numbers = b.ownNumbers(h.Field)
	return read
}

// appendHeading appends a heading in one line, without what is no part of its words.
func appendHeading(b []byte, f *marc.Field) []byte {
	b = append(append(b, f.Tag...), f.Ind1, f.Ind2)
	for i := range f.Subfields {
		if s := &f.Subfields[i]; s.Code >= 'a' && s.Code <= 'z' && s.Value != "" {
			b = append(append(b, 0x1F, s.Code), strings.TrimSpace(s.Value)...)
		}
	}
	return b
}

// ownThing returns the IRI that the thing of an authority record has where its heading is not
// enough to tell it from another.
func (b *builder) ownThing(k kind) graph.Term { return b.mint(k, "authority", b.graph.Value()) }

// ownNumbers returns the numbers by which an authority record, or its thing, is known.
func (b *builder) ownNumbers(h *marc.Field) []string {
	all := []string{"(" + strings.ToLower(b.source) + ")" + plainNumber(b.number)}
	if b.uAuth {
		return append(all, b.uNumbers()...)
	}
	add := func(s string) {
		if n := b.numberOf(s, ""); n != "" {
			all = append(all, n)
		}
	}
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		switch f.Tag {
		case "010":
			add("(DLC)" + f.Subfield('a'))
		case "016":
			if keeper := f.Subfield('2'); keeper != "" {
				add("(" + keeper + ")" + f.Subfield('a'))
			}
		case "035":
			add(f.Subfield('a'))
		case "024":
			add("(" + f.Subfield('2') + ")" + f.Subfield('a'))
		}
		if f != h && f.Tag != "024" {
			continue
		}
		for j := range f.Subfields {
			if s := &f.Subfields[j]; s.Code == '0' || s.Code == '1' {
				add(s.Value)
			}
		}
	}
	return all
}

// numberOf returns the one form of a number that a $0 or $1 gives: the IRI of a known file
// without its scheme, or the code of the file in brackets and the number. A number without a
// code is one of the library's own file. It is "" for what is none.
func (b *builder) numberOf(s, library string) string {
	s = strings.TrimSpace(s)
	iri, ok := authorityIRI(s)
	if !ok {
		if keeper, number, coded := strings.Cut(strings.TrimPrefix(s, "("), ")"); coded && s[0] == '(' && plainNumber(number) != "" {
			if iri, ok := asIRI(strings.TrimSpace(number)); ok {
				return knownIRI(iri)
			}
			return "(" + strings.ToLower(keeper) + ")" + plainNumber(number)
		}
		if library == "" || s == "" || strings.ContainsAny(s, " /:()") {
			return ""
		}
		return "(" + strings.ToLower(library) + ")" + plainNumber(s)
	}
	return knownIRI(iri)
}

// knownIRI returns the one form of the IRI of an authority.
func knownIRI(iri graph.IRI) string {
	s := strings.TrimRight(string(iri), "/")
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	s = strings.TrimPrefix(s, "www.")
	return strings.Replace(s, "id.loc.gov/rwo/agents/", "id.loc.gov/authorities/names/", 1)
}

// NumberTerms returns the terms by which a number of an authority record may stand in a store:
// the text that mocban:authorityNumber has, and if it is that of an IRI, what records may have
// written for this.
func NumberTerms(number string) []graph.Term {
	all := []graph.Term{graph.String(number)}
	if strings.HasPrefix(number, "(") {
		return all
	}
	rests := []string{number}
	if rest, ok := strings.CutPrefix(number, "id.loc.gov/authorities/names/"); ok {
		rests = append(rests, "id.loc.gov/rwo/agents/"+rest)
	}
	for _, rest := range rests {
		for _, scheme := range []string{"http://", "https://"} {
			for _, host := range []string{"", "www."} {
				for _, end := range []string{"", "/"} {
					if iri, ok := asIRI(scheme + host + rest + end); ok {
						all = append(all, iri.Term())
					}
				}
			}
		}
	}
	return all
}

// KnownNumber returns the one form of the number that a term of a store is, for [NumberTerms].
func KnownNumber(t graph.Term) string {
	if iri, ok := t.IRI(); ok {
		return knownIRI(iri)
	}
	return t.Value()
}

// plainNumber returns a number without blanks.
func plainNumber(s string) string { return strings.ReplaceAll(s, " ", "") }
