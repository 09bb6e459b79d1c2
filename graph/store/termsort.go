package store

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
)

// A termSorter sorts the terms of a chunk by class and key. It is a quicksort of words of
// eight bytes: parts that agree in a word go on with the next one, so that what keys begin
// with in common, as IRIs do, is looked at once.
type termSorter struct {
	c       *chunkBuilder
	entries []sortEntry
}

// A sortEntry is a term with the word of its key that is compared at the moment.
type sortEntry struct {
	word uint64
	n    uint32 // of the term
}

const wordBytes = 8

// sort returns the numbers of the terms in order, valid until the next call.
func (s *termSorter) sort(c *chunkBuilder) []sortEntry {
	s.c = c
	var starts [17]int
	for i := range c.terms {
		starts[c.terms[i].class+1]++
	}
	for k := 1; k < len(starts); k++ {
		starts[k] += starts[k-1]
	}
	s.entries = slices.Grow(s.entries[:0], len(c.terms))[:len(c.terms)]
	next := starts
	for i := range c.terms {
		k := c.terms[i].class
		s.entries[next[k]] = sortEntry{s.word(uint32(i), 0), uint32(i)}
		next[k]++
	}
	for k := range 16 {
		part := s.entries[starts[k]:starts[k+1]]
		s.quick(part, 0, 2*bits.Len(uint(len(part))))
	}
	return s.entries
}

// word returns the bytes of a key from a place on as a number that orders as they do.
func (s *termSorter) word(n uint32, at int) uint64 {
	t := &s.c.terms[n]
	end := int(t.at + t.size)
	if from := int(t.at) + at; from+wordBytes <= end {
		return binary.BigEndian.Uint64(s.c.text[from:])
	}
	var b [wordBytes]byte
	copy(b[:], s.c.text[min(int(t.at)+at, end):end])
	return binary.BigEndian.Uint64(b[:])
}

// compare compares two terms that are equal before a place.
func (s *termSorter) compare(a, b *sortEntry, at int) int {
	if a.word != b.word {
		if a.word < b.word {
			return -1
		}
		return 1
	}
	x, y := s.c.keyOf(&s.c.terms[a.n]), s.c.keyOf(&s.c.terms[b.n])
	return bytes.Compare(x[min(at, len(x)):], y[min(at, len(y)):])
}

// fewEntries are sorted by insertion.
const fewEntries = 12

// quick sorts entries that are equal before a place. Beyond the limit of bad luck it leaves
// the work to another sort.
func (s *termSorter) quick(a []sortEntry, at, limit int) {
	for len(a) > 1 {
		switch {
		case len(a) <= fewEntries:
			for i := 1; i < len(a); i++ {
				for k := i; k > 0 && s.compare(&a[k], &a[k-1], at) < 0; k-- {
					a[k], a[k-1] = a[k-1], a[k]
				}
			}
			return
		case limit == 0:
			slices.SortFunc(a, func(x, y sortEntry) int { return s.compare(&x, &y, at) })
			return
		}
		low, high := partition(a)
		s.quick(a[:low], at, limit-1)
		s.quick(a[high:], at, limit-1)
		// The rest agree in this word. Those that end in it differ in length at most.
		a = a[low:high]
		ended := 0
		for i := range a {
			if int(s.c.terms[a[i].n].size) <= at+wordBytes {
				a[i], a[ended] = a[ended], a[i]
				ended++
			}
		}
		if ended > 1 {
			slices.SortFunc(a[:ended], func(x, y sortEntry) int {
				return int(s.c.terms[x.n].size) - int(s.c.terms[y.n].size)
			})
		}
		a, at = a[ended:], at+wordBytes
		for i := range a {
			a[i].word = s.word(a[i].n, at)
		}
		limit = 2 * bits.Len(uint(len(a)))
	}
}

// partition puts entries below a word before low and those above it from high on.
func partition(a []sortEntry) (low, high int) {
	n := len(a)
	pivot := median(a[0].word, a[n/2].word, a[n-1].word)
	if n > 512 {
		pivot = median(
			median(a[n/16].word, a[n/8].word, a[n/4].word), pivot,
			median(a[5*n/8].word, a[3*n/4].word, a[7*n/8].word))
	}
	low, high = 0, n
	for i := 0; i < high; {
		switch w := a[i].word; {
		case w < pivot:
			a[i], a[low] = a[low], a[i]
			low++
			i++
		case w > pivot:
			high--
			a[i], a[high] = a[high], a[i]
		default:
			i++
		}
	}
	return low, high
}

func median(a, b, c uint64) uint64 { return max(min(a, b), min(max(a, b), c)) }
