package marc

import (
	"bytes"
	"fmt"

	"mocban/ingest/charset"
)

// alephReader reads Aleph sequential: a field a line, each with the number of its record in
// front. Blanks in coded fields are written ^, subfields begin with $$.
//
//	000000130 LDR   L 00000nam^a2200000^i^4500
//	000000130 24510 L $$aSố đỏ :$$btiểu thuyết.
type alephReader struct {
	w      *window
	number int
	b      builder
}

// alephHead is where the data of a line begin: number, blank, tag, indicators, blank, L, blank.
const alephHead = 18

func isAlephLine(b []byte) bool {
	if _, ok := digits(b, 0, 9); !ok || len(b) < alephHead-1 {
		return false
	}
	return b[9] == ' ' && isTag(b[10:13]) && b[15] == ' ' && b[16] >= 'A' && b[16] <= 'Z' && (len(b) == alephHead-1 || b[17] == ' ')
}

func (r *alephReader) Next() (*Record, error) {
	if len(r.w.skipSpace()) == 0 {
		return nil, r.w.end()
	}
	r.number++
	n := r.extent()
	src, offset := bytes.Clone(r.w.rest()[:n]), r.w.off
	r.w.skip(n)
	rec, fault := r.parse(src)
	if fault != nil {
		fault.Number, fault.Offset, fault.Source = r.number, offset, src
		return nil, fault
	}
	rec.Source, rec.Format, rec.Number, rec.Offset = src, Aleph, r.number, offset
	return rec, nil
}

// extent returns the length of the lines that begin with the same number. Lines that begin
// with none belong to them, and a stretch without any number is one by itself.
func (r *alephReader) extent() int {
	b := r.w.fill(alephHead)
	id := ""
	if isAlephLine(firstLine(b)) {
		id = string(b[:9])
	}
	for from := 0; ; {
		at := r.w.index([]byte{'\n'}, from, maxRecord)
		if at < 0 {
			return len(r.w.rest())
		}
		from = at + 1
		line := firstLine(r.w.fill(from + alephHead)[from:])
		if isAlephLine(line) && string(line[:9]) != id {
			return from
		}
	}
}

func firstLine(b []byte) []byte {
	line, _, _ := bytes.Cut(b, []byte{'\n'})
	return bytes.TrimRight(line, "\r")
}

func (r *alephReader) parse(src []byte) (*Record, *BadRecord) {
	b := &r.b
	b.reset()
	leader, numbered := false, false
	number := 0
	for line := range bytes.SplitSeq(src, []byte{'\n'}) {
		number++
		line = bytes.TrimRight(line, "\r")
		if len(line) == 0 {
			continue
		}
		if !isAlephLine(line) {
			return nil, bad("line", fmt.Sprintf("dòng %d: %.40q không phải là một trường của Aleph", number, line),
				fmt.Sprintf("line %d: %.40q is not a field of Aleph", number, line))
		}
		data := line[min(alephHead, len(line)):]
		switch tag := line[10:13]; {
		case string(tag) == "LDR":
			leader = true
			b.leader(bytes.ReplaceAll(data, []byte{'^'}, []byte{' '}))
		case isControlTag(tag) || !bytes.Contains(data, []byte("$$")):
			numbered = numbered || string(tag) == "001"
			if isControlTag(tag) {
				data = bytes.ReplaceAll(data, []byte{'^'}, []byte{' '})
			}
			b.field(tag, ' ', ' ')
			b.value(0, data, charset.UTF8)
		default:
			r.dataField(tag, line[13], line[14], data)
		}
	}
	if len(b.fields) == 0 {
		return nil, bad("empty", "biểu ghi không có trường nào", "the record has no fields")
	}
	if !leader {
		b.repair("leader", "", "the record has no leader")
	}
	b.reread()
	rec := b.record()
	if !numbered {
		rec.Fields = append([]Field{{Tag: "001", Ind1: ' ', Ind2: ' ', Data: string(src[:9])}}, rec.Fields...)
	}
	if !r.b.asIs {
		unmark(rec)
	}
	return rec, nil
}

func (r *alephReader) dataField(tag []byte, ind1, ind2 byte, data []byte) {
	b := &r.b
	b.field(tag, ' ', ' ')
	b.indicators(ind1, ind2)
	head, rest, _ := bytes.Cut(data, []byte("$$"))
	if len(bytes.TrimSpace(head)) > 0 {
		b.repair("subfield", b.tag(), "text without a subfield code")
		b.value('a', head, charset.UTF8)
	}
	for sub := range bytes.SplitSeq(rest, []byte("$$")) {
		if len(sub) == 0 {
			b.repair("subfield", b.tag(), "a subfield without code and text left out")
			continue
		}
		b.value(b.code(sub[0]), sub[1:], charset.UTF8)
	}
}
