package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/codes"
)

// contributor maps 1XX and 7XX without $t: an agent and what it did. The main entry is the
// primary contribution. A field that tells no role has none here.
func contributor(b *builder, f *field, o *op) {
	for i, h := range b.people(f) {
		if b.nobody(f, h.label) {
			continue
		}
		c := b.node(b.work, bf.Contribution, bf.ContributionClass)
		if o.arg == "primary" && (i == 0 || b.m.koha == nil) {
			b.isA(c, bf.PrimaryContribution)
		}
		b.add(c, bf.Agent, b.agent(h, f))
		b.roles(c, f)
		if h.role != "" {
			b.codedRole(c, f, h.role)
		}
		if f.alt != nil && (f.alt.Has('e') || f.alt.Has('4')) {
			b.addKeys(c, f, keptSubs)
		}
	}
}

// roles adds the roles that $4, $e and $j tell. Codes win over words that mean the same.
func (b *builder) roles(c graph.Term, f *field) {
	word := byte('e')
	if f.tag%100 == 11 {
		word = 'j'
	}
	coded := false
	for i := range f.Subfields {
		if s := &f.Subfields[i]; s.Code == '4' {
			coded = b.codedRole(c, f, strings.TrimSpace(s.Value)) || coded
		}
	}
	for i := range f.Subfields {
		s := &f.Subfields[i]
		if s.Code != word {
			continue
		}
		for _, part := range splitRoles(s.Value) {
			if r, ok := codes.Relators.Named(strings.ToLower(part)); ok {
				b.add(c, bf.Role, r.Term())
			} else if !coded && part != "" {
				r := b.node(c, bf.Role, bf.RoleClass)
				b.label(r, b.note(part))
			}
		}
	}
}

// codedRole adds the role of a $4, which is a code or an IRI.
func (b *builder) codedRole(c graph.Term, f *field, s string) bool {
	if r, ok := codes.Relators.Lookup(strings.ToLower(strings.TrimRight(s, ".,"))); ok {
		b.add(c, bf.Role, r.Term())
		return true
	}
	if iri, ok := asIRI(s); ok && strings.HasPrefix(s, "http") {
		b.add(c, bf.Role, iri.Term())
		return true
	}
	if s != "" {
		b.find("code", f.name(), '4', s,
			"Mã vai trò $4 không có trong bảng mã MARC; đã bỏ qua.",
			"The relator code of $4 is not in the MARC list; it was left out.")
	}
	return false
}

// splitRoles returns the roles of one $e: "editor and translator", "biên soạn, chú giải".
func splitRoles(s string) []string {
	s = trim(s)
	if _, ok := codes.Relators.Named(strings.ToLower(s)); ok || !strings.ContainsAny(s, ", ") {
		return []string{s}
	}
	for _, joint := range []string{" and ", " và ", " & ", " und ", " et "} {
		s = strings.ReplaceAll(s, joint, ",")
	}
	parts := strings.Split(s, ",")
	for i, p := range parts {
		parts[i] = trim(p)
	}
	return parts
}

// people returns the agents of a field: one, or several where a catalogue puts persons in
// direct order into one $a with commas between.
func (b *builder) people(f *field) []heading {
	h := b.readHeading(f.Field, f.tag)
	if b.m.koha != nil && f.tag%100 == 0 && (f.Ind1 == ' ' || f.Ind1 == '0') && h.dates == "" && !f.Has('t') {
		return b.kohaPeople(f, h)
	}
	if f.tag%100 != 0 || h.label == "" || f.Ind1 == '3' || !strings.Contains(h.label, ",") || h.dates != "" {
		return []heading{h}
	}
	names := strings.FieldsFunc(h.label, func(r rune) bool { return r == ',' || r == ';' })
	if len(names) < 2 {
		return []heading{h}
	}
	var all []heading
	for _, n := range names {
		n = trim(n)
		if !isFullName(n) {
			return []heading{h}
		}
		all = append(all, heading{class: bf.Person, label: n, name: n})
	}
	b.find("several-names", f.name(), 'a', h.label,
		"Một trường con chứa nhiều người; đã tách thành từng người. Hãy dùng mỗi trường một người.",
		"One subfield holds several persons; they were taken apart. Use one field for each.")
	return all
}

// isFullName tells whether s is a Vietnamese name in direct order: a family name and at
// least one more word.
func isFullName(s string) bool {
	first, rest, ok := strings.Cut(s, " ")
	return ok && rest != "" && familyNames[strings.ToLower(first)]
}

// familyNames are the family names of nearly all Vietnamese.
var familyNames = func() map[string]bool {
	m := map[string]bool{}
	for n := range strings.FieldsSeq(`nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô
		dương lý đào đinh trịnh trương lâm mai đoàn hà tạ tô thái vương quách bành cao châu chu
		diệp doãn đàm giang hứa kiều khổng khuất la lã lại lục lưu lương mạc nghiêm ninh nông ông
		phó phùng quan tăng thạch thân tiêu tôn tống triệu trà từ văn viên vi âu bạch`) {
		m[n] = true
	}
	return m
}()

// nobody tells whether a heading names no agent, and reports it.
func (b *builder) nobody(f *field, label string) bool {
	if label == "" {
		return true
	}
	if b.placeholder(f, label) {
		return true
	}
	switch string(b.lowered(label)) {
	case "nhiều tác giả", "nhieu tac gia", "various authors", "khuyết danh", "anonymous", "[s.n.]", "s.n":
		b.find("nobody", f.name(), 'a', label,
			"Tiêu đề không nêu tên ai; không tạo tác giả. Bỏ trường này, hoặc nêu tên từng người ở 700.",
			"The heading names nobody, so it made no agent. Leave the field out, or name each person in a 700.")
		return true
	}
	return false
}

// coder returns the IRI of a body that is known by its code.
func (b *builder) coder(code string) graph.Term { return b.mintName(agents, "code", code) }

// codedAgent returns the IRI of a body that is known by its code, as agencies and keepers of
// numbers are, and says its code.
func (b *builder) codedAgent(f *field, code string) graph.Term {
	code = strings.TrimSpace(code)
	if code == "" {
		return graph.Term{}
	}
	t := b.coder(code)
	if b.describe(t) {
		b.isA(t, bf.AgentClass)
		b.label(t, graph.String(code))
		b.add(t, bf.Code, graph.String(code))
	}
	return t
}

// library returns the IRI of a library that holds items or made the record.
func (b *builder) library(code string) graph.Term {
	t := b.codedAgent(nil, code)
	if !t.IsZero() && b.describeMore(t) {
		b.isA(t, bf.OrganizationClass)
	}
	return t
}
