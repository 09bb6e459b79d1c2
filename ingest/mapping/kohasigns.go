package mapping

import (
	"fmt"
	"hash/maphash"
	"strings"

	"mocban/ingest/marc"
)

// KohaSigns counts in some records what the profile koha-vn mends, so that it can be told that
// this profile may fit. It changes nothing by itself.
type KohaSigns struct {
	Records uint64 // of MARC 21, bibliographic
	Items   uint64 // that have items of Koha (952)
	Copies  uint64 // that have the title, authors and date of another one
	People  uint64 // with several persons in one name field
	Running uint64 // with a running number for an ISBN
	System  uint64 // with the name of the library's system for a publisher

	mended uint64 // that have any of the last four
	koha   *kohaRules
	seen   map[uint64]bool
	seed   maphash.Seed
}

// NewKohaSigns begins to count.
func NewKohaSigns() (*KohaSigns, error) {
	k, err := newKoha()
	return &KohaSigns{koha: k, seen: map[uint64]bool{}, seed: maphash.MakeSeed()}, err
}

// maxKohaSeen is among how many records copies are looked for.
const maxKohaSeen = 100_000

// Count counts a record.
func (s *KohaSigns) Count(r *marc.Record) {
	if r.Tree != nil || r.Type() != marc.Bibliographic || isUNIMARC(r) {
		return
	}
	s.Records++
	var items, people, running, system bool
	for i := range r.Fields {
		f := &r.Fields[i]
		switch f.Tag {
		case "952":
			items = items || f.Has('p') || f.Has('o') || f.Has('a')
		case "020":
			n := strings.TrimSpace(f.Subfield('a'))
			running = running || n != "" && isDigits(n) && len(n) < 9
		case "100", "700":
			people = people || s.several(f)
		case "260", "264":
			system = system || s.koha.isNone(f.Subfield('b'))
		}
	}
	if !items {
		return
	}
	copied := s.copied(r)
	for _, c := range []struct {
		n  *uint64
		is bool
	}{{&s.Items, true}, {&s.Copies, copied}, {&s.People, people}, {&s.Running, running}, {&s.System, system},
		{&s.mended, copied || people || running || system}} {
		if c.is {
			*c.n++
		}
	}
}

// several tells whether a name field that names no dates holds several persons.
func (s *KohaSigns) several(f *marc.Field) bool {
	if f.Ind1 != ' ' && f.Ind1 != '0' || f.Has('d') || f.Has('t') {
		return false
	}
	n := 0
	for segment := range strings.SplitSeq(f.Subfield('a'), ";") {
		names, ok := s.koha.names(segment)
		if !ok {
			return false
		}
		n += len(names)
	}
	return n > 1
}

// copied tells whether a record of the same library has the same title, authors and date.
func (s *KohaSigns) copied(r *marc.Record) bool {
	title, ok := r.Field("245")
	if !ok || title.Subfield('a') == "" || len(s.seen) >= maxKohaSeen {
		return false
	}
	var h maphash.Hash
	h.SetSeed(s.seed)
	h.WriteString(r.Control("003"))
	for i := range r.Fields {
		f := &r.Fields[i]
		switch f.Tag {
		case "245", "100", "110", "700", "250", "260", "264", "490":
			h.WriteString(f.Tag)
			for j := range f.Subfields {
				if sub := &f.Subfields[j]; sub.Code >= 'a' && sub.Code <= 'z' {
					h.WriteString(plainWords(sub.Value))
					h.WriteByte(0)
				}
			}
		}
	}
	n := h.Sum64()
	before := s.seen[n]
	s.seen[n] = true
	return before
}

// Suggests tells whether the profile may fit: most records have items of Koha, and of these at
// least one in ten, and no fewer than least, has something that it mends.
func (s *KohaSigns) Suggests(least uint64) bool {
	return 2*s.Items >= s.Records && s.mended >= max(least, 1) && 10*s.mended >= s.Items
}

// Why tells what was counted, in "vi" or "en".
func (s *KohaSigns) Why(lang string) string {
	all := []struct {
		n      uint64
		vi, en string
	}{
		{s.Items, "%d có trường 952 của Koha", "%d have items of Koha (952)"},
		{s.Copies, "%d là bản khác của cuốn sách đã có biểu ghi", "%d are one more copy of a book that has a record"},
		{s.People, "%d có nhiều người trong một trường tên", "%d have several persons in one name field"},
		{s.Running, "%d có số thứ tự thay cho ISBN", "%d have a running number for an ISBN"},
		{s.System, "%d ghi tên hệ thống của thư viện thay cho nhà xuất bản", "%d name the library's system for a publisher"},
	}
	var said []string
	for _, x := range all {
		switch {
		case x.n == 0:
		case lang == "vi":
			said = append(said, fmt.Sprintf(x.vi, x.n))
		default:
			said = append(said, fmt.Sprintf(x.en, x.n))
		}
	}
	if lang == "vi" {
		return fmt.Sprintf("trong %d biểu ghi, %s", s.Records, strings.Join(said, ", "))
	}
	return fmt.Sprintf("of %d records, %s", s.Records, strings.Join(said, ", "))
}
