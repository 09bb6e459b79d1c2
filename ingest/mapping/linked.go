package mapping

import (
	stdmaps "maps"
	"slices"
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
)

// A LinkRule tells by what a heading leads to an authority record.
type LinkRule string

// The rules, in the order in which they are asked.
const (
	ByNumber    LinkRule = "number"      // $0 or $1 names the record
	ByHeading   LinkRule = "established" // the record establishes the heading (1XX)
	ByReference LinkRule = "reference"   // the record refers from the heading (4XX)
	ByNone      LinkRule = "ambiguous"   // by none: more than one record has the heading
)

var linkWords = map[LinkRule][2]string{
	ByNumber:    {"theo số của biểu ghi nhất quán", "by the number of the authority record"},
	ByHeading:   {"tiêu đề được chọn (1XX) của biểu ghi nhất quán", "the established heading (1XX) of the authority record"},
	ByReference: {"tham chiếu “xem” (4XX) của biểu ghi nhất quán", "a see reference (4XX) of the authority record"},
	ByNone: {"nhiều biểu ghi nhất quán có tiêu đề này; hãy ghi số biểu ghi vào $0, hoặc thêm năm sinh, năm mất",
		"more than one authority record has this heading; give the number of the record in $0, or add dates"},
}

// In returns a rule in words, in "vi" or "en".
func (r LinkRule) In(lang string) string {
	if lang == "vi" {
		return linkWords[r][0]
	}
	return linkWords[r][1]
}

// A LinkExplained tells where a heading leads, or why it leads nowhere.
type LinkExplained struct {
	Tag     string   `json:"tag"`
	Heading string   `json:"heading"` // as the field has it
	By      LinkRule `json:"by"`
	Code    string   `json:"code,omitempty"`    // of a number, the subfield
	Number  string   `json:"number,omitempty"`  // as it stands there
	To      string   `json:"to,omitempty"`      // the IRI of the thing
	As      string   `json:"as,omitempty"`      // the heading that the authority record establishes
	Records []string `json:"records,omitempty"` // the IRIs of the authority records, if the index has them
}

// In tells by what rule a heading is linked, in "vi" or "en".
func (l *LinkExplained) In(lang string) string {
	if l.By == ByNumber {
		return l.By.In(lang) + " ($" + l.Code + " " + l.Number + ")"
	}
	return l.By.In(lang)
}

// A linkKey is a heading of a field.
type linkKey struct {
	field *marc.Field
	head  graph.Term
}

// noteLink remembers where a heading leads, if the record is being explained: to the authority
// record i, by a number if s is not nil.
func (b *builder) noteLink(f *field, t graph.Term, i uint32, s *marc.Subfield, by LinkRule) {
	if b.trace == nil {
		return
	}
	at := b.field.Field
	if f != nil {
		at = f.Field
	}
	key := linkKey{at, t}
	if b.trace.linked[key] {
		return
	}
	if b.trace.linked == nil {
		b.trace.linked = map[linkKey]bool{}
	}
	b.trace.linked[key] = true
	l := LinkExplained{Heading: b.said, By: by}
	if at != nil {
		l.Tag = at.Tag
	}
	if s != nil {
		l.Code, l.Number = string(rune(s.Code)), strings.TrimPrefix(s.Value, ownFile)
	}
	x := b.authorities
	l.Records = x.names(i, by == ByNone)
	if by != ByNone {
		as, _ := x.heading(i)
		l.To, l.As = b.m.thingOf(x, i).Value(), headingText(as)
	}
	b.trace.links = append(b.trace.links, l)
}

// headingText returns a heading in one line.
func headingText(f *marc.Field) string {
	var s strings.Builder
	for i := range f.Subfields {
		sub := &f.Subfields[i]
		switch {
		case s.Len() == 0:
		case strings.IndexByte("vxyz", sub.Code) >= 0:
			s.WriteString("--")
		default:
			s.WriteByte(' ')
		}
		s.WriteString(strings.TrimSpace(sub.Value))
	}
	return s.String()
}

// names returns the IRI of a record, and of all others with its heading. An index that does not
// keep names has none.
func (x *AuthorityIndex) names(i uint32, all bool) (names []string) {
	if x.named == nil {
		return nil
	}
	for ; i != 0; i = x.known[i].before {
		if !x.known[i].gone {
			names = append(names, x.named[i])
		}
		if !all {
			break
		}
	}
	slices.Sort(names)
	return names
}

// KeepNames lets an index, which must be empty, keep the IRIs of its records, for
// [Mapper.ExplainWith] to tell. That takes some 60 bytes a record more.
func (x *AuthorityIndex) KeepNames() { x.named = make([]string, len(x.known)) }

// An asking is what a record asks an index of authority records.
type asking struct {
	heads   map[graph.Term]bool
	numbers map[string]bool
}

// Asks returns what a record asks about authority records when it is mapped: the IRIs of
// headings, and numbers in the form that mocban:authorityNumber has. What it asks may depend on
// what the index answers. A record that cannot be mapped asks nothing.
func (m *Mapper) Asks(r *marc.Record, x *AuthorityIndex) (heads []graph.Term, numbers []string) {
	if m.lc != nil {
		return nil, nil
	}
	b := m.builders.get()
	defer m.builders.put(b)
	b.asking, b.only = &asking{map[graph.Term]bool{}, map[string]bool{}}, x
	defer func() { b.asking, b.only = nil, nil }()
	if _, _, err := b.append(nil, r); err != nil {
		return nil, nil
	}
	return slices.Collect(stdmaps.Keys(b.asking.heads)), slices.Collect(stdmaps.Keys(b.asking.numbers))
}

// Heads returns the IRIs of the headings that the records of an index establish.
func (m *Mapper) Heads(x *AuthorityIndex) (heads []graph.Term) {
	for i := 1; i < len(x.known); i++ {
		if k := &x.known[i]; !k.gone {
			heads = append(heads, m.numberedIRI(kinds[k.kind], k.head))
		}
	}
	return heads
}

// OwnRecord returns the IRI that the authority record with a number has, if it is one of a
// library's own file: (VN-A)du, or the number alone.
func (m *Mapper) OwnRecord(number string, r *marc.Record) graph.IRI {
	library := m.source(r)
	if rest, ok := strings.CutPrefix(number, ownFile); ok {
		return m.recordIRI(library, "authority-"+rest)
	}
	keeper, rest, ok := strings.Cut(strings.TrimPrefix(number, "("), ")")
	if !ok || !strings.EqualFold(keeper, library) || rest == "" {
		return ""
	}
	return m.recordIRI(library, "authority-"+rest)
}
