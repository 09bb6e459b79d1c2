package mapping

import (
	"strconv"

	"mocban/graph"
	"mocban/ingest/mapping/lc"
	"mocban/ingest/marc"
	"mocban/ontology/align"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// A builder makes the quads of one record. It is reused for the next one, so nothing here
// outlives a record but its memory.
type builder struct {
	m *Mapper
	r *marc.Record

	graph    graph.Term // the record, and the graph of all quads
	work     graph.Term
	instance graph.Term
	thing    graph.Term // what an authority record is about
	uAuth    bool       // the record is an authority record of UNIMARC
	ownHead  graph.Term // what its heading would stand for in other records
	source   string     // the library
	number   string     // the control number
	copied   []byte     // what the instance is known by, where a record is one of a copy
	key      string     // begins the labels of blank nodes
	blanks   int

	language language // of the content
	agency   language // of the cataloguing agency
	script   string   // of the 880 that is being mapped, or ""
	material material
	fixed    string     // the date of 008
	nation   graph.Term // the country, where not 008 tells it
	present  [16]uint64 // the tags of the record
	pairs    []pair     // the 880 fields and what they belong to

	quads []graph.Quad
	first int // where those of this record begin
	seen  []seat
	round uint32

	findings  []Finding
	slots     []slot
	waiting   []waiting
	scratch   []byte
	scratch2  []byte
	lower     []byte // see lowered
	leader    marc.Field
	described []description
	names     memory
	texts     texts
	field     field // that is being mapped
	aligning  *align.Run
	like      *lc.Run // of the profile lc-2.10
	items     int
	shelves   []shelf      // the places of holdings
	holder    string       // the holder that one 852 names for the others
	digital   graph.Term   // the instance that a digital version is, if there is one
	labels    []graph.Term // of work and instance

	creatorTerm  graph.Term // the agent of the main entry
	creatorNamed graph.Term // what its name stands for by itself
	creatorKnown bool

	authorities *AuthorityIndex // that headings are looked up in, or nil
	only        *AuthorityIndex // the one for this record alone, or nil
	asking      *asking         // what is asked of it, if somebody wants to know
	said        string          // the heading that is being looked up

	trace *trace // what is remembered of how quads were made; nil if nobody asks

	invalid bool      // the value just made is a wrong one
	instead graph.IRI // and of this class rather than that of the row
}

// A seat is a place in the table of quads that were made, by hash.
type seat struct {
	round uint32
	index int32
}

// add adds a quad to the graph of the record, if it is not there yet. Quads with an empty
// part are left out: a row that found no value says nothing.
func (b *builder) add(s graph.Term, p graph.IRI, o graph.Term) {
	if s.IsZero() || o.IsZero() || p == "" || o.Value() == "" {
		return
	}
	b.put(s, p, o)
}

// put adds a quad to the graph of the record, if it is not there yet.
func (b *builder) put(s graph.Term, p graph.IRI, o graph.Term) {
	if 2*(len(b.quads)-b.first) >= len(b.seen) {
		b.grow()
	}
	mask := uint64(len(b.seen) - 1)
	for h := hash(s, p, o); ; h++ {
		at := &b.seen[h&mask]
		if at.round != b.round {
			*at = seat{b.round, int32(len(b.quads) - b.first)}
			b.quads = append(b.quads, graph.Quad{S: s, P: p, O: o, G: b.graph})
			if b.trace != nil {
				b.trace.made = append(b.trace.made, made{len(b.quads) - 1 - b.first, b.trace.now})
			}
			return
		}
		q := &b.quads[b.first+int(at.index)]
		if q.P == p && q.S == s && q.O == o {
			if b.trace != nil {
				b.trace.made = append(b.trace.made, made{int(at.index), b.trace.now})
			}
			return
		}
	}
}

// grow makes the table of quads larger.
func (b *builder) grow() {
	b.seen = make([]seat, max(1024, 2*len(b.seen)))
	b.round = 1
	mask := uint64(len(b.seen) - 1)
	for i, q := range b.quads[b.first:] {
		h := hash(q.S, q.P, q.O)
		for b.seen[h&mask].round == b.round {
			h++
		}
		b.seen[h&mask] = seat{b.round, int32(i)}
	}
}

// hash looks at the ends of the texts only, where IRIs and labels differ.
func hash(s graph.Term, p graph.IRI, o graph.Term) uint64 {
	h := tail(s.Value())
	h = h*0x9E3779B97F4A7C15 ^ tail(string(p))
	h = h*0xBF58476D1CE4E5B9 ^ tail(o.Value())
	h *= 0x94D049BB133111EB
	return h ^ h>>31
}

// tail makes a number of the length and the last eight bytes of a text.
func tail(s string) uint64 {
	h := uint64(len(s)) << 56
	if len(s) >= 8 {
		s = s[len(s)-8:]
		return h ^ (uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56)
	}
	for i := range len(s) {
		h = h<<8 | uint64(s[i])
	}
	return h
}

// blank returns a new blank node. Labels are made of the record and a number, so the same
// record has the same ones, and no other record has them.
func (b *builder) blank() graph.Term {
	label := append(b.scratch[:0], 'r')
	label = append(label, b.key...)
	label = append(label, 'n')
	b.scratch = strconv.AppendInt(label, int64(b.blanks), 10)
	b.blanks++
	return graph.Blank(b.texts.keep(b.scratch))
}

// Add and Blank are for the rows of ontology/align.
func (b *builder) Add(s graph.Term, p graph.IRI, o graph.Term) { b.add(s, p, o) }

// Blank returns a new blank node.
func (b *builder) Blank() graph.Term { return b.blank() }

// node adds a new blank node of a class as the value of a property, and returns it.
func (b *builder) node(s graph.Term, p graph.IRI, classes ...graph.IRI) graph.Term {
	n := b.blank()
	b.add(s, p, n)
	for _, c := range classes {
		b.isA(n, c)
	}
	return n
}

func (b *builder) isA(s graph.Term, class graph.IRI) { b.add(s, rdf.Type, class.Term()) }

func (b *builder) label(s graph.Term, label graph.Term) { b.add(s, rdfs.Label, label) }

// A description tells how much was said in this record of a thing that many records name.
type description struct {
	hash uint64
	term graph.Term
	more bool
}

// describe tells whether a thing that many records name must still be described in this
// one, and takes it as described.
func (b *builder) describe(t graph.Term) bool {
	h := tail(t.Value())
	for i := range b.described {
		if d := &b.described[i]; d.hash == h && d.term == t {
			return false
		}
	}
	b.described = append(b.described, description{hash: h, term: t})
	return true
}

// describeMore tells the same of what is said of a thing beyond the least.
func (b *builder) describeMore(t graph.Term) bool {
	h := tail(t.Value())
	for i := range b.described {
		if d := &b.described[i]; d.hash == h && d.term == t {
			was := d.more
			d.more = true
			return !was
		}
	}
	b.described = append(b.described, description{h, t, true})
	return true
}

// has tells whether the record has a field with a tag.
func (b *builder) has(tag int) bool { return b.present[tag>>6]&(1<<(tag&63)) != 0 }

// find reports something. Vi and En say what is wrong and what to do.
func (b *builder) find(rule, tag string, code byte, value, vi, en string) {
	if len(value) > 200 {
		value = cut(value, 200)
	}
	b.findings = append(b.findings, Finding{rule, tag, code, value, vi, en})
}

// cut returns the beginning of s, at most n bytes and no part of a character.
func cut(s string, n int) string {
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}

// number of a tag, or -1 for tags that are not three digits.
func tagNumber(tag string) int {
	if len(tag) != 3 {
		return -1
	}
	n := 0
	for i := range 3 {
		c := tag[i]
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
