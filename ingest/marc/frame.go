package marc

import (
	"bytes"
	"fmt"
)

// extent finds out how many bytes the next record has, or the stretch that is none.
func (r *isoReader) extent() (n int, fault *BadRecord) {
	b := r.w.fill(24)
	r.isClean = false
	length, ok := digits(b, 0, 5)
	if ok && length >= 26 {
		if b = r.w.fill(length); len(b) >= length && b[length-1] == recordEnd && r.clean(b[:length]) {
			r.isClean = len(r.entries) > 0
			return length, nil
		}
	}
	if n := r.byDirectory(); n > 0 {
		return n, nil
	}
	return r.bySearch(length, ok)
}

// clean tells whether length and directory of a record agree.
func (r *isoReader) clean(src []byte) bool {
	base := bytes.IndexByte(src[min(24, len(src)):], fieldEnd) + 25
	if said, ok := digits(src, 12, 17); !ok || said != base || (base-25)%12 != 0 || base >= len(src) {
		return false
	}
	data := src[base : len(src)-1]
	r.readDirectory(src[24:base-1], data)
	for i := range r.entries {
		if !r.entries[i].ok {
			return false
		}
	}
	return true
}

// byDirectory returns the length of a record whose length is wrong but whose directory
// leads to a terminator, or 0.
func (r *isoReader) byDirectory() int {
	b := r.w.rest()
	base, ok := digits(b, 12, 17)
	if !ok || base < 25 || base > len(b) || b[base-1] != fieldEnd || (base-25)%12 != 0 {
		return 0
	}
	last := 0
	for e := 24; e+12 < base; e += 12 {
		length, ok1 := digits(b, e+3, e+7)
		start, ok2 := digits(b, e+7, e+12)
		if !ok1 || !ok2 {
			return 0
		}
		last = max(last, start+length)
	}
	n := base + last + 1
	if b = r.w.fill(n); len(b) < n || b[n-1] != recordEnd || b[n-2] != fieldEnd || !r.clean(b[:n]) {
		return 0
	}
	return n
}

// bySearch ends the record at the next terminator, or where the next leader stands if that
// comes first. It looks ahead in growing steps, so that damage costs no more than its size.
func (r *isoReader) bySearch(length int, ok bool) (n int, fault *BadRecord) {
	for limit := 32 << 10; ; limit *= 4 {
		limit = min(limit, maxRecord)
		b := r.w.fill(limit)
		all := len(b) < limit || limit == maxRecord
		b = b[:min(len(b), limit)]
		leader := isLeader(b)
		end := bytes.IndexByte(b, recordEnd)
		head := b
		if end >= 0 {
			head = b[:min(end+1+36, len(b))]
		}
		next := nextLeader(head, 1)
		switch {
		case next > 0 && (end < 0 || next <= end) && !leader:
			return next, notMARC(b[:next])
		case next > 0 && (end < 0 || next <= end):
			return next, cutOff(next, length)
		case end >= 0 && !ok && !leader && !looksLike(b[:end+1]):
			return end + 1, notMARC(b[:end+1])
		case end >= 0:
			return end + 1, nil
		case !all:
		case len(b) == maxRecord:
			return len(b), bad("too-long",
				fmt.Sprintf("không thấy điểm kết thúc biểu ghi trong %d byte", maxRecord),
				fmt.Sprintf("no end of the record within %d bytes", maxRecord))
		case leader && ok:
			return len(b), cutOff(len(b), length)
		default:
			return len(b), notMARC(b)
		}
	}
}

// isLeader tells whether b begins with a leader: length, indicator and subfield code count,
// base address.
func isLeader(b []byte) bool {
	if len(b) < 24 {
		return false
	}
	length, ok1 := digits(b, 0, 5)
	base, ok2 := digits(b, 12, 17)
	return ok1 && ok2 && length >= 26 && base >= 25 && base < length && b[10] == '2' && b[11] == '2' &&
		b[5] < 0x7F && b[5] >= 0x20 && b[6] < 0x7F && b[6] >= 0x20
}

// nextLeader returns the place of the next leader with a directory behind it, or -1.
func nextLeader(b []byte, from int) int {
	for i := from + 10; i < len(b); i++ {
		j := bytes.Index(b[i:], []byte("22"))
		if j < 0 {
			return -1
		}
		i += j
		if _, entry := digits(b, i+17, i+26); entry && isLeader(b[i-10:]) && !hasDigit(b[i-5:i]) {
			return i - 10 // a stretch of a directory has digits where status and type stand
		}
	}
	return -1
}

func hasDigit(b []byte) bool { return bytes.ContainsAny(b, "0123456789") }

// looksLike tells whether a stretch has the terminators of a record, whatever its leader.
func looksLike(b []byte) bool {
	return len(b) > 36 && bytes.IndexByte(b, fieldEnd) >= 24 && bytes.IndexByte(b, delimiter) > 24
}

// digits reads b[from:to] as a number.
func digits(b []byte, from, to int) (n int, ok bool) {
	if to > len(b) {
		return 0, false
	}
	for _, c := range b[from:to] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}
