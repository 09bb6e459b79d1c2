// Package block keeps sorted rows of IDs, column by column.
//
//	+---------+--------+--------------+--------+------------------------+---------+-----+
//	| version | rows-1 | distinct-1   | heads  | data of the columns    | padding | crc |
//	| 1 byte  | varint | 3 varints    | 4      | whole bytes per column | 8 zeros | 4 B |
//	+---------+--------+--------------+--------+------------------------+---------+-----+
//
// Rows ascend and no two are equal, compared by the first column, then the second and so
// on. The first distinct count is that of the values in the first column, the second that
// of the pairs in the first two, the third that of the triples in the first three. The crc
// is CRC-32C over all before it, little endian; varints are unsigned LEB128.
//
// Each column is kept in the smallest of four forms. A head begins with the form and the
// smallest value, and (but for the first form) goes on with the largest minus the smallest:
//
//	form 0, one value       no more head, no data
//	form 1, offsets         per frame of 128 rows: width (1 byte), smallest value of the
//	                        frame minus that of the column (varint)
//	                        data: per row its value minus that of the frame, in width bits
//	form 2, bases           bases-1 (varint), width w (1 byte), gaps between bases (varints)
//	                        data: per row the number of its base in as few bits as hold
//	                        bases-1, shifted by w, plus value minus base in w bits
//	form 3, runs            runs-1 (varint)
//	                        data: per run its value minus the smallest, in as few bits as
//	                        hold the largest; then per run the row after it minus 1, in as
//	                        few bits as hold rows-1
//
// Bits are packed from the lowest up, without gaps within a column. All forms keep order,
// so a row is found by binary search in what is packed, and any row of any column is read
// without the others. Equal rows give equal bytes.
package block

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/bits"

	"mocban/graph"
)

// MaxRows is how many rows a block may have.
const MaxRows = 1024

// Columns is how many columns a block has, in the order in which rows are compared.
const Columns = 4

const (
	version    = 1
	frameRows  = 128
	frameShift = 7
	maxFrames  = MaxRows / frameRows
	padding    = 8 // so that eight bytes can be read from any place
	crcBytes   = 4
)

const (
	formOne = iota
	formOffsets
	formBases
	formRuns
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A Key is a row in the order of comparison.
type Key [Columns]graph.ID

// Compare compares two keys.
func (k *Key) Compare(o *Key) int {
	for i := range k {
		if k[i] != o[i] {
			if k[i] < o[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// A Block is a parsed block. It refers to the bytes it was parsed from. Any number of
// goroutines may read it.
type Block struct {
	data     []byte
	rows     int
	distinct [Columns - 1]int
	cols     [Columns]column
}

type column struct {
	form     uint8
	width    uint8  // of codes in forms 2 and 3
	low      uint8  // of the offset within a code, form 2
	start    uint32 // of the data, in bits
	min, max uint64

	runs  int      // form 3
	ends  uint32   // form 3: where the ends of runs begin, in bits
	endW  uint8    // form 3: their width
	bases []uint64 // form 2, as many as the bits of their number can say

	frames [maxFrames]frame // form 1
}

type frame struct {
	base  uint64
	start uint32 // in bits
	width uint8
}

// Len returns the number of rows, Bytes that of bytes.
func (b *Block) Len() int   { return b.rows }
func (b *Block) Bytes() int { return len(b.data) }

// Distinct returns how many different values the first n columns hold, n from 1 to 3.
func (b *Block) Distinct(n int) int { return b.distinct[n-1] }

// Bounds returns the smallest and the largest value of a column.
func (b *Block) Bounds(col int) (low, high graph.ID) {
	return graph.ID(b.cols[col].min), graph.ID(b.cols[col].max)
}

// get reads width bits.
func get(data []byte, pos, width uint32) uint64 {
	i, shift := pos>>3, pos&7
	v := binary.LittleEndian.Uint64(data[i:]) >> shift
	if width+shift > 64 {
		v |= uint64(data[i+8]) << (64 - shift)
	}
	return v & (1<<width - 1)
}

// bitsFor returns how many bits hold v.
func bitsFor(v uint64) uint8 { return uint8(bits.Len64(v)) }

// At returns the value of a row in a column.
func (b *Block) At(col, row int) graph.ID {
	c := &b.cols[col]
	switch c.form {
	case formOffsets:
		f := &c.frames[row>>frameShift]
		w := uint32(f.width)
		return graph.ID(f.base + get(b.data, f.start+uint32(row&(frameRows-1))*w, w))
	case formBases:
		w := uint32(c.width)
		code := get(b.data, c.start+uint32(row)*w, w)
		return graph.ID(c.bases[code>>c.low] + code&(1<<c.low-1))
	case formRuns:
		return graph.ID(b.runValue(c, b.runOf(c, row)))
	}
	return graph.ID(c.min)
}

// Key returns a row.
func (b *Block) Key(row int) (k Key) {
	for i := range k {
		k[i] = b.At(i, row)
	}
	return k
}

func (b *Block) runValue(c *column, run int) uint64 {
	w := uint32(c.width)
	return c.min + get(b.data, c.start+uint32(run)*w, w)
}

// runEnd returns the row after a run.
func (b *Block) runEnd(c *column, run int) int {
	w := uint32(c.endW)
	return int(get(b.data, c.ends+uint32(run)*w, w)) + 1
}

// runOf returns the run that a row is in.
func (b *Block) runOf(c *column, row int) int {
	lo, hi := 0, c.runs-1
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if b.runEnd(c, mid) > row {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// Fill sets dst to the values of the rows from row on.
func (b *Block) Fill(dst []graph.ID, col, row int) {
	c := &b.cols[col]
	switch c.form {
	case formOne:
		for i := range dst {
			dst[i] = graph.ID(c.min)
		}
	case formOffsets:
		for len(dst) > 0 {
			n := min(frameRows-row&(frameRows-1), len(dst))
			b.fillFrame(dst[:n], &c.frames[row>>frameShift], row&(frameRows-1))
			dst = dst[n:]
			row += n
		}
	case formBases:
		b.fillBases(dst, c, row)
	case formRuns:
		for run := b.runOf(c, row); len(dst) > 0; run++ {
			n := len(dst)
			if run < c.runs-1 {
				n = min(max(b.runEnd(c, run)-row, 0), n)
			}
			v := graph.ID(b.runValue(c, run))
			for i := range dst[:n] {
				dst[i] = v
			}
			dst = dst[n:]
			row += n
		}
	}
}

// widestFast is the widest value that eight bytes hold wherever in a byte it begins.
const widestFast = 57

func (b *Block) fillFrame(dst []graph.ID, f *frame, row int) {
	w := uint32(f.width)
	pos := f.start + uint32(row)*w
	if w > widestFast {
		for i := range dst {
			dst[i] = graph.ID(f.base + get(b.data, pos, w))
			pos += w
		}
		return
	}
	mask := uint64(1)<<w - 1
	data, base := b.data, f.base
	for i := range dst {
		v := binary.LittleEndian.Uint64(data[pos>>3:]) >> (pos & 7)
		dst[i] = graph.ID(base + v&mask)
		pos += w
	}
}

func (b *Block) fillBases(dst []graph.ID, c *column, row int) {
	w, low := uint32(c.width), c.low
	pos := c.start + uint32(row)*w
	mask := uint64(1)<<low - 1
	if w > widestFast {
		for i := range dst {
			code := get(b.data, pos, w)
			dst[i] = graph.ID(c.bases[code>>low] + code&mask)
			pos += w
		}
		return
	}
	data, bases := b.data, c.bases
	top := uint64(len(bases) - 1) // one less than a power of two
	for i := range dst {
		code := binary.LittleEndian.Uint64(data[pos>>3:]) >> (pos & 7)
		dst[i] = graph.ID(bases[code>>low&top] + code&mask)
		pos += w
	}
}

// Search returns the first row from row on that is not below k, or Len.
func (b *Block) Search(k *Key, row int) int { return b.search(k, 0, row, b.rows) }

// search is Search among rows that are equal in the columns before col.
func (b *Block) search(k *Key, col, lo, hi int) int {
	for ; col < Columns-1 && lo < hi; col++ {
		lo, hi = b.equal(col, uint64(k[col]), lo, hi)
	}
	if lo < hi {
		lo = b.lower(col, uint64(k[col]), lo, hi)
	}
	return lo
}

// Range returns the first row that is not below low, and the row after the last that is not
// above high.
func (b *Block) Range(low, high *Key) (from, to int) {
	lo, hi := 0, b.rows
	col := 0
	for ; col < Columns && low[col] == high[col] && lo < hi; col++ {
		lo, hi = b.equal(col, uint64(low[col]), lo, hi)
	}
	if col == Columns || lo == hi {
		return lo, hi
	}
	from = b.search(low, col, lo, hi)
	to = b.search(high, col, from, hi)
	if to < hi && b.Key(to) == *high {
		to++
	}
	return from, to
}

// Equal returns the rows from row on that are equal to k in the first n columns: the first of
// them, or where it would stand, and the row after the last.
func (b *Block) Equal(k *Key, n, row int) (from, to int) {
	from, to = row, b.rows
	for col := 0; col < n && from < to; col++ {
		from, to = b.equal(col, uint64(k[col]), from, to)
	}
	return from, to
}

// equal returns the rows from lo to before hi whose value is v, where the column ascends: the
// first of them, or where it would stand, and the row after the last. Most often there are few.
func (b *Block) equal(col int, v uint64, lo, hi int) (from, to int) {
	c := &b.cols[col]
	switch {
	case v < c.min:
		return lo, lo
	case v > c.max:
		return hi, hi
	case c.form == formOne:
		return lo, hi
	case c.form == formRuns:
		return b.equalRun(c, v, lo, hi)
	}
	from = b.lower(col, v, lo, hi)
	switch {
	case from == hi || uint64(b.At(col, from)) != v:
		return from, from
	case v == c.max:
		return from, hi
	}
	last, step := from, 1
	for ; last+step < hi && uint64(b.At(col, last+step)) == v; step *= 2 {
		last += step
	}
	return from, b.lower(col, v+1, last+1, min(last+step, hi))
}

// lower returns the first row from lo to before hi whose value is not below v, where the
// column ascends.
func (b *Block) lower(col int, v uint64, lo, hi int) int {
	c := &b.cols[col]
	switch {
	case v <= c.min:
		return lo
	case v > c.max:
		return hi
	case c.form == formRuns:
		return b.lowerRun(c, v, lo, hi)
	case c.form == formBases:
		return b.lowerBase(c, v, lo, hi)
	}
	lo, hi = c.near(v, lo, hi)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		f := &c.frames[mid>>frameShift]
		w := uint32(f.width)
		if f.base+get(b.data, f.start+uint32(mid&(frameRows-1))*w, w) < v {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// near returns rows from lo to before hi, or hi, among which is the first whose value is not below v.
// The smallest value of a frame is that of its first row where all of its rows ascend; these stand
// together, and what is packed is not read.
func (c *column) near(v uint64, lo, hi int) (int, int) {
	first, last := (lo+frameRows-1)>>frameShift, hi>>frameShift
	for first < last {
		mid := (first + last) >> 1
		if c.frames[mid].base < v {
			first, lo = mid+1, mid<<frameShift+1
		} else {
			last, hi = mid, mid<<frameShift
		}
	}
	return lo, hi
}

// TouchColumn reads what stands first in the head of a column, so that it is at hand when a search
// comes. What it returns is of no use but that it has to be read.
func (b *Block) TouchColumn(col int) uint64 {
	c := &b.cols[col]
	return c.max + uint64(c.start) + c.frames[2].base + c.frames[5].base
}

// TouchNear reads the frame of a column in which a search for a value ends, so that it is at hand
// too. What it returns is of no use either. Columns of other forms have no frames.
func (b *Block) TouchNear(col int, v graph.ID) (read uint64) {
	c := &b.cols[col]
	if c.form != formOffsets {
		return 0
	}
	const line = 64 // of the processor's cache
	row, _ := c.near(uint64(v), 0, b.rows)
	f := &c.frames[min(row, b.rows-1)>>frameShift]
	at := f.start >> 3
	for end := min(at+uint32(f.width)*frameRows>>3, uint32(len(b.data)-1)); at <= end; at += line {
		read += uint64(b.data[at])
	}
	return read
}

func (b *Block) lowerBase(c *column, v uint64, lo, hi int) int {
	w, low := uint32(c.width), c.low
	mask := uint64(1)<<low - 1
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		code := get(b.data, c.start+uint32(mid)*w, w)
		if c.bases[code>>low]+code&mask < v {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func (b *Block) lowerRun(c *column, v uint64, lo, hi int) int {
	if lo == hi {
		return lo
	}
	_, row := b.searchRuns(c, v, lo, hi)
	return row
}

func (b *Block) equalRun(c *column, v uint64, lo, hi int) (from, to int) {
	if lo == hi {
		return lo, lo
	}
	run, from := b.searchRuns(c, v, lo, hi)
	if from == hi || run == c.runs || b.runValue(c, run) != v {
		return from, from
	}
	return from, min(max(b.runEnd(c, run), from), hi)
}

// searchRuns returns the first run among the rows from lo to before hi whose value is not
// below v, and its first row there; or one more and hi.
func (b *Block) searchRuns(c *column, v uint64, lo, hi int) (run, row int) {
	first, last := 0, c.runs
	if lo > 0 {
		first = b.runOf(c, lo)
	}
	if hi < b.rows {
		last = b.runOf(c, hi-1) + 1
	}
	from := first
	for first < last {
		mid := int(uint(first+last) >> 1)
		if b.runValue(c, mid) < v {
			first = mid + 1
		} else {
			last = mid
		}
	}
	if first == from {
		return first, lo
	}
	return first, min(max(b.runEnd(c, first-1), lo), hi)
}

// Parse reads a block. It checks what it needs so that no later call can fail.
func Parse(data []byte) (*Block, error) {
	b := &Block{data: data}
	if err := b.parse(); err != nil {
		return nil, fmt.Errorf("block of %d bytes: %w", len(data), err)
	}
	return b, nil
}
