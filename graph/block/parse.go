package block

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

var (
	errShort    = errors.New("it ends too early")
	errChecksum = errors.New("the checksum is wrong")
)

// A head reads the head of a block.
type head struct {
	data []byte
	err  error
}

func (h *head) byte() byte {
	if len(h.data) == 0 {
		h.err = errShort
		return 0
	}
	v := h.data[0]
	h.data = h.data[1:]
	return v
}

func (h *head) varint() uint64 {
	v, n := binary.Uvarint(h.data)
	if n <= 0 {
		h.err = errShort
		return 0
	}
	h.data = h.data[n:]
	return v
}

// count reads a number from 1 to max, which is kept less one.
func (h *head) count(max int) int {
	v := h.varint()
	if v >= uint64(max) {
		h.err = fmt.Errorf("a count of %d where at most %d is possible", v+1, max)
		return 1
	}
	return int(v) + 1
}

// width reads a number of bits.
func (h *head) width() uint8 {
	w := h.byte()
	if w > 64 {
		h.err = fmt.Errorf("a value of %d bits", w)
		return 0
	}
	return w
}

func (b *Block) parse() error {
	n := len(b.data) - crcBytes
	if n < 0 {
		return errShort
	}
	if crc32.Checksum(b.data[:n], castagnoli) != binary.LittleEndian.Uint32(b.data[n:]) {
		return errChecksum
	}
	h := &head{data: b.data[:n]}
	if v := h.byte(); v != version {
		return fmt.Errorf("format %d, this program reads %d", v, version)
	}
	b.rows = h.count(MaxRows)
	for i := range b.distinct {
		b.distinct[i] = h.count(b.rows)
	}
	for i := range b.cols {
		b.cols[i].parse(h, b.rows)
	}
	if h.err != nil {
		return h.err
	}
	pos := uint64(n - len(h.data))
	for i := range b.cols {
		pos += (b.cols[i].place(pos*8, b.rows) + 7) / 8
		if pos+padding > uint64(n) {
			return errShort
		}
	}
	if pos+padding != uint64(n) {
		return fmt.Errorf("%d bytes too many", uint64(n)-pos-padding)
	}
	return nil
}

func (c *column) parse(h *head, rows int) {
	c.form = h.byte()
	c.min = h.varint()
	c.max = c.min
	if c.form == formOne {
		return
	}
	c.max += h.varint()
	switch c.form {
	case formOffsets:
		for i := range (rows + frameRows - 1) / frameRows {
			c.frames[i].width = h.width()
			c.frames[i].base = c.min + h.varint()
		}
	case formBases:
		n := h.count(rows)
		c.low = h.width()
		top := bitsFor(uint64(n - 1))
		c.width = top + c.low
		if c.width > 64 {
			h.err = fmt.Errorf("a code of %d bits", c.width)
			return
		}
		c.bases = make([]uint64, 1<<top)
		v := c.min
		c.bases[0] = v
		for i := 1; i < len(c.bases); i++ {
			if i < n {
				v += h.varint()
			}
			c.bases[i] = v
		}
	case formRuns:
		c.runs = h.count(rows)
		c.width = bitsFor(c.max - c.min)
		c.endW = bitsFor(uint64(rows - 1))
	default:
		h.err = fmt.Errorf("a column of form %d", c.form)
	}
}

// place says where the data of the column begin, and returns how many bits they take.
func (c *column) place(pos uint64, rows int) (size uint64) {
	c.start = uint32(pos)
	switch c.form {
	case formOffsets:
		for i := 0; i*frameRows < rows; i++ {
			c.frames[i].start = uint32(pos + size)
			size += uint64(c.frames[i].width) * uint64(min(frameRows, rows-i*frameRows))
		}
	case formBases:
		size = uint64(c.width) * uint64(rows)
	case formRuns:
		size = uint64(c.width) * uint64(c.runs)
		c.ends = uint32(pos + size)
		size += uint64(c.endW) * uint64(c.runs)
	}
	return size
}
