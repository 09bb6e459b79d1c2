package marc

import (
	"bytes"
	"slices"
)

// mend gives the fields of a wrong directory their places, or returns "" if there is more
// than one way to. It returns how it was done.
func (r *isoReader) mend(src, directory, data []byte) string {
	switch {
	case r.shifted(src, directory, data):
		return "the first entry was cut short"
	case r.withoutTerminators(data):
		return "field terminators missing"
	case r.inTurn(data):
		return "wrong places or lengths: fields taken in turn"
	case r.byLength(data):
		return "wrong places and stray terminators: fields taken by length"
	}
	return ""
}

// withoutTerminators accepts entries that follow on each other, although a terminator
// between them is missing.
func (r *isoReader) withoutTerminators(data []byte) bool {
	edges := map[int]bool{0: true, len(data): true}
	for i := range r.entries {
		if r.entries[i].start < 0 {
			return false
		}
		edges[r.entries[i].start] = true
	}
	total := 0
	for i := range r.entries {
		e := &r.entries[i]
		if e.end < e.start || e.end+1 > len(data) || !edges[e.end+1] {
			return false
		}
		total += e.end + 1 - e.start
	}
	if total > len(data) {
		return false
	}
	for i := range r.entries {
		if e := &r.entries[i]; data[e.end] != fieldEnd {
			e.end++
		}
	}
	return true
}

// inTurn gives the fields between the terminators to the entries in the order of their
// places, if there are as many of one as of the other. Counting characters instead of
// bytes does that to a directory.
func (r *isoReader) inTurn(data []byte) bool {
	if bytes.Count(data, []byte{fieldEnd}) != len(r.entries) || data[len(data)-1] != fieldEnd {
		return false
	}
	start := 0
	for _, i := range r.order() {
		e := &r.entries[i]
		e.start, e.end = start, start+bytes.IndexByte(data[start:], fieldEnd)
		start = e.end + 1
	}
	return true
}

// order returns the entries in the order of their places, or as they stand if the places
// make no sense.
func (r *isoReader) order() []int {
	order := make([]int, len(r.entries))
	sensible := true
	for i := range order {
		order[i] = i
		sensible = sensible && r.entries[i].start >= 0
	}
	if sensible {
		slices.SortStableFunc(order, func(a, b int) int { return r.entries[a].start - r.entries[b].start })
	}
	return order
}

// byLength walks through the data with the lengths of the directory where a terminator
// stands at the end of one, and to the next terminator where not.
func (r *isoReader) byLength(data []byte) bool {
	places := make([]span, len(r.entries))
	pos := 0
	for _, i := range r.order() {
		e := &r.entries[i]
		if pos >= len(data) {
			return false
		}
		end := pos + e.end - e.start
		if e.start < 0 || end < pos || end >= len(data) || data[end] != fieldEnd {
			n := bytes.IndexByte(data[pos:], fieldEnd)
			if n < 0 {
				return false
			}
			end = pos + n
		}
		places[i] = span{pos, end}
		pos = end + 1
	}
	if pos != len(data) {
		return false
	}
	for i := range places {
		r.entries[i].start, r.entries[i].end = places[i].from, places[i].to
	}
	return true
}

// shifted reads a directory that has lost the first one or two bytes of its first tag. The end of
// the leader, 00, stands in for them: no other tag begins a record.
func (r *isoReader) shifted(src, directory, data []byte) bool {
	lost := 12 - len(directory)%12
	if lost > 2 || string(src[22:24]) != "00" {
		return false
	}
	saved := slices.Clone(r.entries)
	if r.readDirectory(src[24-lost:24+len(directory)], data); r.allOK() {
		for i := range r.entries {
			r.entries[i].at -= lost
		}
		return true
	}
	r.entries = saved
	return false
}
