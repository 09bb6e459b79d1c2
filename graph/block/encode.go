package block

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"slices"

	"mocban/graph"
)

// An Encoder makes blocks. The zero Encoder is ready. It is for one goroutine.
type Encoder struct {
	heads, data []byte
	distinct    [Columns - 1]int
	values      []uint64 // different values of a column, ascending
	places      []uint16 // of the rows of a column that does not ascend: their place in table
	bases       []uint64
	spare       []uint64
	table       [2 * MaxRows]uint64
	used        [2 * MaxRows]bool
	codes       [2 * MaxRows]uint64 // of the values in table
}

// Append appends the block of the rows whose columns are given, all of one length from 1 to
// MaxRows. The rows must ascend, no two of them equal.
func (e *Encoder) Append(dst []byte, cols *[Columns][]graph.ID) []byte {
	start := len(dst)
	rows := len(cols[0])
	dst = append(dst, version)
	dst = binary.AppendUvarint(dst, uint64(rows-1))
	e.distinct = distinct(cols)
	for _, n := range e.distinct {
		dst = binary.AppendUvarint(dst, uint64(n-1))
	}
	e.heads, e.data = e.heads[:0], e.data[:0]
	for _, col := range cols {
		e.column(col)
	}
	dst = append(dst, e.heads...)
	dst = append(dst, e.data...)
	dst = append(dst, make([]byte, padding)...)
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

// Distinct returns how many different values, pairs and triples the rows of the last block
// begin with.
func (e *Encoder) Distinct() [Columns - 1]int { return e.distinct }

// distinct counts the different values, pairs and triples that rows begin with.
func distinct(cols *[Columns][]graph.ID) (n [Columns - 1]int) {
	n = [Columns - 1]int{1, 1, 1}
	a, b, c := cols[0], cols[1][:len(cols[0])], cols[2][:len(cols[0])]
	for i := 1; i < len(a); i++ {
		switch {
		case a[i] != a[i-1]:
			n[0]++
			n[1]++
			n[2]++
		case b[i] != b[i-1]:
			n[1]++
			n[2]++
		case c[i] != c[i-1]:
			n[2]++
		}
	}
	return n
}

// shape is what decides the form of a column.
type shape struct {
	min, max  uint64
	runs      int
	ascending bool
	frames    [maxFrames]struct{ min, max uint64 }
}

func shapeOf(col []graph.ID) (s shape) {
	s.min, s.max, s.runs, s.ascending = ^uint64(0), 0, 1, true
	last := uint64(col[0])
	for f := 0; f*frameRows < len(col); f++ {
		lo, hi := ^uint64(0), uint64(0)
		for _, id := range col[f*frameRows : min((f+1)*frameRows, len(col))] {
			v := uint64(id)
			lo, hi = min(lo, v), max(hi, v)
			if v != last {
				s.runs++
				s.ascending = s.ascending && v > last
			}
			last = v
		}
		s.frames[f].min, s.frames[f].max = lo, hi
		s.min, s.max = min(s.min, lo), max(s.max, hi)
	}
	return s
}

// worthBases is the number of bits a row beyond which it may pay to look for bases.
const worthBases = 6

func (e *Encoder) column(col []graph.ID) {
	s := shapeOf(col)
	rows := len(col)
	if s.min == s.max {
		e.heads = append(e.heads, formOne)
		e.heads = binary.AppendUvarint(e.heads, s.min)
		return
	}
	best, form := uint64(0), formOffsets
	for f := 0; f*frameRows < rows; f++ {
		fr := s.frames[f]
		best += uint64(bitsFor(fr.max-fr.min))*uint64(min(frameRows, rows-f*frameRows)) + 8 + varintBits(fr.min-s.min)
	}
	if n := uint64(s.runs) * uint64(bitsFor(s.max-s.min)+bitsFor(uint64(rows-1))); n < best {
		best, form = n, formRuns
	}
	low := uint8(0)
	if best > worthBases*uint64(rows) {
		e.different(col, &s)
		if w, ok := e.findBases(uint64(rows), best); ok {
			low, form = w, formBases
		}
	}
	e.heads = append(e.heads, byte(form))
	e.heads = binary.AppendUvarint(e.heads, s.min)
	e.heads = binary.AppendUvarint(e.heads, s.max-s.min)
	switch form {
	case formOffsets:
		e.offsets(col, &s)
	case formBases:
		e.withBases(col, low, s.ascending)
	case formRuns:
		e.runs(col, &s)
	}
}

func varintBits(v uint64) uint64 { return 8 * uint64((bits.Len64(v|1)+6)/7) }

// different sets e.values to the different values of a column, ascending.
func (e *Encoder) different(col []graph.ID, s *shape) {
	e.values = e.values[:0]
	if s.ascending {
		for i, id := range col {
			if i == 0 || id != col[i-1] {
				e.values = append(e.values, uint64(id))
			}
		}
		return
	}
	clear(e.used[:])
	e.places = e.places[:0]
	for i, id := range col {
		if i > 0 && id == col[i-1] {
			e.places = append(e.places, e.places[i-1])
			continue
		}
		v := uint64(id)
		h := v * 0x9e3779b97f4a7c15 >> (64 - 11)
		for e.used[h] && e.table[h] != v {
			h = (h + 1) % (2 * MaxRows)
		}
		if !e.used[h] {
			e.used[h], e.table[h] = true, v
			e.values = append(e.values, v)
		}
		e.places = append(e.places, uint16(h))
	}
	e.sortValues()
}

// sortValues sorts e.values, byte by byte. Most of their bytes are all the same.
func (e *Encoder) sortValues() {
	if len(e.values) < 64 {
		slices.Sort(e.values)
		return
	}
	differ := uint64(0)
	for _, v := range e.values {
		differ |= v ^ e.values[0]
	}
	e.spare = slices.Grow(e.spare[:0], len(e.values))[:len(e.values)]
	for shift := 0; shift < bits.Len64(differ); shift += 8 {
		if byte(differ>>shift) == 0 {
			continue
		}
		var next [257]uint16
		for _, v := range e.values {
			next[int(byte(v>>shift))+1]++
		}
		for i := 1; i < len(next); i++ {
			next[i] += next[i-1]
		}
		for _, v := range e.values {
			d := byte(v >> shift)
			e.spare[next[d]] = v
			next[d]++
		}
		e.values, e.spare = e.spare, e.values
	}
}

// findBases sets e.bases to the smallest values of the intervals, all of 2^low values, that
// together hold e.values, so that the column takes the fewest bits. It fails if that is not
// below best.
func (e *Encoder) findBases(rows, best uint64) (low uint8, ok bool) {
	least := leastBases(e.values)
	for _, w := range [...]uint8{0, 2, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 24, 28, 32, 40, 48, 54} {
		if l := &least[w]; l.size+rows*uint64(bitsFor(l.gaps)+w) >= best {
			continue
		}
		n, size := uint64(0), uint64(0)
		for i := 0; i < len(e.values) && size < best; n++ {
			next := gallop(e.values, i, end(e.values[i], w))
			if i > 0 {
				size += varintBits(e.values[i] - e.values[i-1]) // nearly the gap between bases
			}
			i = next
		}
		if n == 0 {
			continue
		}
		size += rows * uint64(bitsFor(n-1)+w)
		if size < best {
			best, low, ok = size, w, true
		}
	}
	if !ok {
		return 0, false
	}
	e.bases = e.bases[:0]
	for i := 0; i < len(e.values); {
		e.bases = append(e.bases, e.values[i])
		i = gallop(e.values, i, end(e.values[i], low))
	}
	return low, true
}

// A few is how many bases there are at least beside the first, and what they take in bits.
type few struct{ gaps, size uint64 }

// leastBases returns for each w how many intervals of 2^w values it takes at least to hold
// values: where neighbours lie so far apart, another one begins.
func leastBases(values []uint64) (least [65]few) {
	for i := 1; i < len(values); i++ {
		least[bits.Len64(values[i]-values[i-1])].gaps++
	}
	var sum few
	for w := 64; w >= 0; w-- {
		gaps := least[w].gaps
		least[w] = sum
		if w > 0 {
			sum.gaps += gaps
			sum.size += gaps * varintBits(1<<(w-1))
		}
	}
	return least
}

// end returns the last of the 2^low values from v on.
func end(v uint64, low uint8) uint64 {
	if n := v + (1<<low - 1); n >= v {
		return n
	}
	return ^uint64(0)
}

// gallop returns the first index after i whose value is above v.
func gallop(values []uint64, i int, v uint64) int {
	step := 1
	for i+step < len(values) && values[i+step] <= v {
		i += step
		step *= 2
	}
	lo, hi := i+1, min(i+step, len(values))
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if values[mid] <= v {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func (e *Encoder) offsets(col []graph.ID, s *shape) {
	p := packer{out: e.data}
	for f := 0; f*frameRows < len(col); f++ {
		fr := s.frames[f]
		w := bitsFor(fr.max - fr.min)
		e.heads = append(e.heads, w)
		e.heads = binary.AppendUvarint(e.heads, fr.min-s.min)
		for _, id := range col[f*frameRows : min((f+1)*frameRows, len(col))] {
			p.put(uint64(id)-fr.min, w)
		}
	}
	e.data = p.end()
}

func (e *Encoder) withBases(col []graph.ID, low uint8, ascending bool) {
	e.heads = binary.AppendUvarint(e.heads, uint64(len(e.bases)-1))
	e.heads = append(e.heads, low)
	for i, b := range e.bases[1:] {
		e.heads = binary.AppendUvarint(e.heads, b-e.bases[i])
	}
	width := bitsFor(uint64(len(e.bases)-1)) + low
	p := packer{out: e.data}
	if ascending {
		last := 0
		for _, id := range col {
			for last+1 < len(e.bases) && uint64(id) >= e.bases[last+1] {
				last++
			}
			p.put(uint64(last)<<low|(uint64(id)-e.bases[last]), width)
		}
	} else {
		last := 0
		for _, v := range e.values {
			for last+1 < len(e.bases) && v >= e.bases[last+1] {
				last++
			}
			h := v * 0x9e3779b97f4a7c15 >> (64 - 11)
			for e.table[h] != v || !e.used[h] {
				h = (h + 1) % (2 * MaxRows)
			}
			e.codes[h] = uint64(last)<<low | (v - e.bases[last])
		}
		for _, h := range e.places {
			p.put(e.codes[h], width)
		}
	}
	e.data = p.end()
}

func (e *Encoder) runs(col []graph.ID, s *shape) {
	e.heads = binary.AppendUvarint(e.heads, uint64(s.runs-1))
	p := packer{out: e.data}
	w := bitsFor(s.max - s.min)
	for i, id := range col {
		if i == 0 || id != col[i-1] {
			p.put(uint64(id)-s.min, w)
		}
	}
	endW := bitsFor(uint64(len(col) - 1))
	for i := range col {
		if i+1 == len(col) || col[i+1] != col[i] {
			p.put(uint64(i), endW)
		}
	}
	e.data = p.end()
}

// A packer writes values bit by bit, from the lowest up.
type packer struct {
	out []byte
	acc uint64
	n   uint8 // bits in acc, below 64
}

func (p *packer) put(v uint64, width uint8) {
	p.acc |= v << p.n
	if p.n+width < 64 {
		p.n += width
		return
	}
	p.out = binary.LittleEndian.AppendUint64(p.out, p.acc)
	p.acc = v >> (64 - p.n) // zero if n is zero: then width was 64
	p.n = p.n + width - 64
}

// end fills up the last byte and returns what was written.
func (p *packer) end() []byte {
	for n := int(p.n); n > 0; n -= 8 {
		p.out = append(p.out, byte(p.acc))
		p.acc >>= 8
	}
	return p.out
}
