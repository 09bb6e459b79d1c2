package align

import (
	"fmt"

	"mocban/graph"
)

// maxNames is how many classes and properties rows may ask for.
const maxNames = 256

// A nameSet is a set of numbered names.
type nameSet [maxNames / 64]uint64

// add adds a name; -1 is none.
func (s *nameSet) add(n int16) {
	if n >= 0 {
		s[n>>6] |= 1 << (n & 63)
	}
}

func (s *nameSet) has(n int16) bool { return s[n>>6]&(1<<(n&63)) != 0 }

func (s *nameSet) hasAll(t *nameSet) bool {
	for i := range s {
		if t[i]&^s[i] != 0 {
			return false
		}
	}
	return true
}

func (s *nameSet) hasAny(t *nameSet) bool {
	for i := range s {
		if t[i]&s[i] != 0 {
			return true
		}
	}
	return false
}

func (s *nameSet) join(t *nameSet) {
	for i := range s {
		s[i] |= t[i]
	}
}

// names numbers the classes and properties that rows ask for. It is a table by hash of our
// own, because each quad of each record is looked up in it.
type names struct {
	seats [4 * maxNames]struct {
		text   string
		number int
	}
	count int
}

// number returns the number of a name, which may be new.
func (n *names) number(iri graph.IRI) (int, error) {
	if i, ok := n.find(string(iri)); ok {
		return i, nil
	}
	if n.count == maxNames {
		return 0, fmt.Errorf("rows ask for more than %d classes and properties", maxNames)
	}
	h := tailHash(string(iri))
	for n.seats[h%uint64(len(n.seats))].text != "" {
		h++
	}
	at := &n.seats[h%uint64(len(n.seats))]
	at.text, at.number = string(iri), n.count
	n.count++
	return at.number, nil
}

// put adds a name to a set.
func (n *names) put(s *nameSet, iri graph.IRI) error {
	i, err := n.number(iri)
	if err == nil {
		s.add(int16(i))
	}
	return err
}

func (n *names) find(text string) (int, bool) {
	for h := tailHash(text); ; h++ {
		at := &n.seats[h%uint64(len(n.seats))]
		if at.text == "" {
			return 0, false
		}
		if at.text == text {
			return at.number, true
		}
	}
}

// tailHash makes a number of the length and the last eight bytes of a text, where IRIs and
// labels of blank nodes differ.
func tailHash(s string) uint64 {
	h := uint64(len(s))
	if len(s) >= 8 {
		s = s[len(s)-8:]
		h ^= uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	} else {
		for i := range len(s) {
			h = h<<8 | uint64(s[i])
		}
	}
	h *= 0x9E3779B97F4A7C15
	return h ^ h>>32
}
