package mapping

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"

	"mocban/graph"
	"mocban/graph/text/vi"
	"mocban/ingest/marc"
)

// A kind is a kind of thing that has a page of its own.
type kind string

// The kinds. Libraries and other bodies are agents, schemes of concepts are concepts.
const (
	works     kind = "work"
	instances kind = "instance"
	items     kind = "item"
	agents    kind = "agent"
	places    kind = "place"
	concepts  kind = "concept"
	hubs      kind = "hub"
)

// alphabet is that of NOIDs: digits and consonants, without l, so that no key is a word and
// none is misread. Its size is a prime, which the check character needs.
const alphabet = "0123456789bcdfghjkmnpqrstvwxz"

// keyLen is how many characters a key has before its check character. 29^13 is a little more
// than 2^63, so among a hundred million things two share a key with a chance of 1 in 2,000.
const keyLen = 13

// key returns the key of what an identity describes: a name for the hash of it, with a check
// character that finds one wrong character and two that changed places.
func key(identity []byte) string {
	var b [keyLen + 1]byte
	return string(appendKey(b[:0], identity))
}

func appendKey(dst, identity []byte) []byte {
	sum := sha256.Sum256(identity)
	return appendNumber(dst, binary.BigEndian.Uint64(sum[:]))
}

// appendNumber appends the key that a number makes.
func appendNumber(dst []byte, n uint64) []byte {
	var b [keyLen + 1]byte
	check := 0
	for i := range keyLen {
		d := int(n % 29)
		n /= 29
		b[i] = alphabet[d]
		check += (i + 1) * d
	}
	b[keyLen] = alphabet[check%29]
	return append(dst, b[:]...)
}

// keyNumber returns the number that makes the key at the end of an IRI, 0 if there is none.
func keyNumber(t graph.Term) uint64 {
	s := t.Value()
	if len(s) <= keyLen {
		return 0
	}
	s = s[len(s)-keyLen-1:]
	n := uint64(0)
	for i := keyLen - 1; i >= 0; i-- {
		d := digits[s[i]]
		if d == 0 {
			return 0
		}
		n = n*29 + uint64(d-1)
	}
	return n
}

// digits are the places of characters in the alphabet, from 1.
var digits = func() (t [256]uint8) {
	for i := range len(alphabet) {
		t[alphabet[i]] = uint8(i + 1)
	}
	return
}()

// mint returns the IRI of a thing, whose identity is made of parts. The kind is part of the
// identity. A part ends in a zero byte, so that "ab","c" is not "a","bc".
func (b *builder) mint(k kind, parts ...string) graph.Term {
	id := append(b.scratch[:0], k...)
	for _, p := range parts {
		id = append(append(id, 0), p...)
	}
	b.scratch = id
	b.scratch2 = b.appendMinted(b.scratch2[:0], k, id)
	return graph.IRI(b.texts.keep(b.scratch2)).Term()
}

// appendMinted appends the IRI of a thing with an identity.
func (b *builder) appendMinted(iri []byte, k kind, identity []byte) []byte {
	iri = append(append(append(append(iri, b.m.options.Base...), "id/"...), k...), '/')
	return appendKey(iri, identity)
}

// Record returns the IRI of a record, which is the name of its graph and depends on nothing
// but base, source, control number and what kind of record it is: the files of bibliographic,
// authority and holdings records of a library number theirs apart. A record without a control
// number is named by its content instead.
func (m *Mapper) Record(r *marc.Record) graph.IRI {
	if m.lc != nil {
		return m.lc.Record(r)
	}
	return m.recordIRI(m.source(r), recordName(r))
}

func (m *Mapper) recordIRI(library, name string) graph.IRI {
	b := make([]byte, 0, 96)
	b = append(b, m.options.Base...)
	b = append(b, "record/"...)
	b = appendSegment(b, library)
	b = append(b, '/')
	return graph.IRI(appendSegment(b, name))
}

// recordName returns what a record is called among all those of its library.
func recordName(r *marc.Record) string {
	if r.Tree == nil {
		switch typeOf(r) {
		case marc.Authority:
			return "authority-" + controlNumber(r)
		case marc.Holdings:
			return holdingsName(r)
		}
	}
	return controlNumber(r)
}

// source returns the code of the library that a record comes from.
func (m *Mapper) source(r *marc.Record) string {
	s := strings.TrimSpace(r.Control("003"))
	_, address, isAddress := strings.Cut(s, "://") // of the record itself, as UNIMARC has it
	if s != "" && !isAddress {
		return s
	}
	if m.options.Source != "" {
		return m.options.Source
	}
	if host, _, _ := strings.Cut(address, "/"); host != "" {
		return host
	}
	return "local"
}

// controlNumber returns the control number of a record, or a name made of all its fields.
func controlNumber(r *marc.Record) string {
	if id := r.ID(); id != "" {
		return id
	}
	content := []byte(r.Leader)
	for i := range r.Fields {
		f := &r.Fields[i]
		content = append(append(content, 0, f.Ind1, f.Ind2), f.Tag...)
		content = append(content, f.Data...)
		for _, s := range f.Subfields {
			content = append(append(content, 0, s.Code), s.Value...)
		}
	}
	return "x-" + key(content)
}

// appendSegment appends s as one segment of a path: everything but letters, digits and
// -._~ is percent-encoded (RFC 3986, 2.3), and so is a dot that would make the segment
// mean another one. What no address of a site may have is written ~ instead: a backslash, and
// the dot before an ending, which would ask for a form of the page (manifest.json).
func appendSegment(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	dots := strings.Trim(s, ".") == ""
	ending := strings.LastIndexByte(s, '.')
	if ending > 0 && (ending == len(s)-1 || strings.Trim(s[ending+1:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		ending = -1
	}
	for i := range len(s) {
		c := s[i]
		if c == '\\' || c == '.' && i == ending && i > 0 {
			b = append(b, '~')
			continue
		}
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			c == '-' || c == '_' || c == '~' || c == '.' && !dots
		if plain {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return b
}

// appendName appends the form of a heading by which it is known: lower case, punctuation
// and blanks as one blank, spellings of one Vietnamese word as one. So "Nguyễn, Du,
// 1765-1820." is "nguyễn du 1765 1820". Signs that are no punctuation stay: C++ is not C.
func appendName(b []byte, s string) []byte {
	start := len(b)
	if isASCII(s) {
		b = appendASCIIName(b, s)
	} else {
		b = appendWideName(b, s)
	}
	if len(b) > start && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// parts are the characters of ASCII that stand between the words of a heading.
var parts = func() (t [utf8.RuneSelf]bool) {
	for c := range t[:' '+1] {
		t[c] = true
	}
	for _, c := range `,.;:/()[]"'-_=!?` {
		t[c] = true
	}
	return
}()

func appendASCIIName(b []byte, s string) []byte {
	start := len(b)
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z':
			b = append(b, c+'a'-'A')
		case !parts[c]:
			b = append(b, c)
		case len(b) > start && b[len(b)-1] != ' ':
			b = append(b, ' ')
		}
	}
	return b
}

func appendWideName(b []byte, s string) []byte {
	start := len(b)
	for word := range strings.FieldsFuncSeq(vi.Clean(s), separates) {
		if len(b) > start {
			b = append(b, ' ')
		}
		if strings.ContainsFunc(word, isSign) {
			b = append(b, strings.ToLower(word)...)
		} else {
			b = append(b, vi.Match(word)...)
		}
	}
	return b
}

// separates tells what stands between the words of a heading.
func separates(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.IsPunct(r) && !strings.ContainsRune("&#%@*", r)
}

func isSign(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)
}
