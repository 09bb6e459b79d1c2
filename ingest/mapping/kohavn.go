package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"mocban/ingest/marc"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/codes"
)

// The profile koha-vn is the profile default with the rows of ontology/koha-vn over it, and with
// what no row could say of catalogues in which each copy has a bibliographic record:
//
//   - Records of one library with the same title, authors, date, edition and volume are copies
//     of one instance: work and instance are known by these, not by the number of the record.
//     Items and the record itself stay known by the record, and all that a record says stands
//     in its own graph, so that the copies can be told apart again.
//   - A name field without indicator may hold several persons, bodies, roles, and "and others".
//   - A publisher that is the system of the library is none, and a record whose title is a
//     placeholder is a template and set aside ([ErrTemplate]).

// kohaRules are the words of the profile, without marks and in small letters.
type kohaRules struct {
	bodyBegins, bodyHas  map[string]bool
	titles, others, none []string
	roles                map[string]string // codes of MARC
	rows                 *ontology.Table
	longest              int // words of a role
}

func newKoha() (*kohaRules, error) {
	rows, words, err := ontology.KohaVN()
	if err != nil {
		return nil, err
	}
	k := &kohaRules{rows: rows, bodyBegins: map[string]bool{}, bodyHas: map[string]bool{}, roles: map[string]string{}}
	for i := range words.Rows {
		r := &words.Rows[i]
		w := plainWords(r.Cell("words"))
		if w == "" {
			return nil, r.Error("words", ontology.Wrongf("còn thiếu", "it is missing"))
		}
		switch what := r.Cell("what"); what {
		case "body begins":
			k.bodyBegins[w] = true
		case "body has":
			k.bodyHas[w] = true
		case "title":
			k.titles = append(k.titles, w)
		case "others":
			k.others = append(k.others, w)
		case "no publisher":
			k.none = append(k.none, w)
		case "role":
			if _, ok := codes.Relators.Lookup(r.Cell("means")); !ok {
				return nil, r.Error("means", ontology.Wrongf("%q không phải mã vai trò của MARC", "%q is no code of MARC for a role", r.Cell("means")))
			}
			k.roles[w] = r.Cell("means")
			k.longest = max(k.longest, strings.Count(w, " ")+1)
		default:
			return nil, r.Error("what", ontology.Wrongf("%q không phải loại từ nào đã biết", "%q is no kind of words", what))
		}
	}
	return k, nil
}

// plainWords returns the words of a text in small letters, without what stands between them.
func plainWords(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)
	}), " ")
}

// compileBib compiles the rows of bibliographic records, those of the profile and of a library
// over ours.
func (m *Mapper) compileBib() (*plan, error) {
	if m.koha == nil {
		return compile("bib", m.scope, m.options.Overlays)
	}
	p, err := compile("bib", m.scope, []*ontology.Table{m.koha.rows})
	if err != nil {
		return nil, err
	}
	return p, p.overlay("bib", m.options.Overlays)
}

// isTemplate tells whether the title of a record is a placeholder.
func (b *builder) isTemplate() bool {
	f, ok := b.r.Field("245")
	if !ok {
		return false
	}
	title := trim(f.Subfield('a'))
	return title != "" && b.placeholder(&field{Field: f, tag: 245}, title)
}

// noPublisher tells whether the name of a publisher is that of the library's system.
func (b *builder) noPublisher(f *field, name string) bool {
	if !b.m.koha.isNone(name) {
		return false
	}
	b.find("no-publisher", f.name(), 'b', name,
		"Đây là tên hệ thống của thư viện, không phải nhà xuất bản; đã bỏ qua. Hãy nhập nhà xuất bản ghi trên tài liệu.",
		"This is the name of the library's system and no publisher; it was left out. Enter the publisher that the book names.")
	return true
}

func (k *kohaRules) isNone(name string) bool {
	plain := " " + plainWords(name) + " "
	for _, w := range k.none {
		if strings.Contains(plain, " "+w+" ") {
			return true
		}
	}
	return false
}

// asCopy lets work and instance be known by what makes copies of one book alike, if the record
// has a title.
func (b *builder) asCopy() {
	title := b.copyPart(nil, "245", "abnp")
	if len(title) == 0 {
		return
	}
	id := append([]byte("copy\x00"), b.source...)
	id = append(append(id, 0), title...)
	for _, p := range []struct{ tag, codes string }{{"100", "abcdq"}, {"110", "abcd"}, {"111", "acdn"}, {"700", "abcdq"}, {"250", "a"}, {"260", "c"}, {"264", "c"}, {"490", "v"}} {
		id = append(b.copyPart(append(id, 0), p.tag, p.codes), 0)
	}
	for i := range b.r.Fields { // editions that differ have numbers that differ
		if f := &b.r.Fields[i]; f.Tag == "020" {
			if d := b.digits(f.Subfield('a')); len(d) == 10 && validISBN10(d) || len(d) == 13 && validISBN13(d) {
				id = append(append(id, 0), d...)
			}
		}
	}
	b.copied = id
	b.work = b.mint(works, string(id))
	b.instance = b.mint(instances, string(id))
}

// copyPart appends the normal form of subfields of the fields with a tag.
func (b *builder) copyPart(id []byte, tag, subfields string) []byte {
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		if f.Tag != tag {
			continue
		}
		for j := range f.Subfields {
			if s := &f.Subfields[j]; strings.IndexByte(subfields, s.Code) >= 0 && strings.TrimSpace(s.Value) != "" {
				id = append(appendName(id, s.Value), ' ')
			}
		}
	}
	return id
}

// keyCopied lets blank nodes be known by the instance and the field that makes them, so that
// what copies say alike is said once.
func (b *builder) keyCopied(f *marc.Field) {
	id := append(append([]byte(nil), b.copied...), 0)
	id = append(append(id, f.Tag...), f.Ind1, f.Ind2)
	id = append(id, f.Data...)
	for i := range f.Subfields {
		id = append(append(id, 0x1F, f.Subfields[i].Code), f.Subfields[i].Value...)
	}
	same := 0 // a field that stands twice in a record is two
	for i := range b.r.Fields {
		o := &b.r.Fields[i]
		if o == f {
			break
		}
		if o.Tag == f.Tag {
			same++
		}
	}
	if f.Tag != "245" && f.Tag != "952" {
		id = append(id, 0, byte(same))
	}
	b.key, b.blanks = "c"+key(id), 0
}

// endCopy lets blank nodes be known by the record again.
func (b *builder) endCopy() {
	if b.copied != nil {
		b.key, b.blanks = key([]byte(b.graph.Value())), 0
	}
}

// kohaPeople returns the persons and bodies of a name field that holds any number of them.
func (b *builder) kohaPeople(f *field, whole heading) []heading {
	k := b.m.koha
	var all []heading
	unsure := false
	for segment := range strings.SplitSeq(f.Subfield('a'), ";") {
		names, ok := k.names(segment)
		unsure = unsure || !ok
		all = append(all, names...)
	}
	if unsure {
		b.find("names-unsure", f.name(), 'a', whole.label,
			"Không chắc đây là mấy người; phần không chắc được giữ nguyên. Hãy dùng mỗi trường một người.",
			"It is not certain how many persons these are; what is not certain was left whole. Use one field for each.")
	}
	switch {
	case len(all) == 1 && all[0].label == whole.label && all[0].class == bf.Person && all[0].role == "":
		return []heading{whole}
	case len(all) > 1:
		b.find("several-names", f.name(), 'a', whole.label,
			"Một trường con chứa nhiều người; đã tách thành từng người. Hãy dùng mỗi trường một người.",
			"One subfield holds several persons; they were taken apart. Use one field for each.")
	}
	return all
}

// names returns the names between two semicolons. It is not ok if they could not be taken apart.
func (k *kohaRules) names(s string) (all []heading, ok bool) {
	s = k.withoutOthers(s)
	role, s := k.leadingRole(s)
	if k.isBody(s) {
		if name := trim(s); name != "" {
			all = append(all, heading{class: bf.OrganizationClass, label: name, name: name, role: role})
		}
		return all, true
	}
	var parts []string
	for part := range strings.SplitSeq(strings.NewReplacer(" & ", ",", " and ", ",", " và ", ",").Replace(s), ",") {
		if part = strings.TrimSpace(part); strings.Trim(part, " .,…[]()") != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 2 && familyNames[strings.ToLower(parts[0])] { // Trương, Quỳnh Chi
		parts = []string{parts[0] + " " + parts[1]}
	}
	from := 0
	for _, part := range parts {
		as, name := k.trailingRole(part)
		own, name := k.leadingRole(name)
		if own == "" {
			own = role
		}
		if name = trim(k.withoutTitle(name)); name != "" {
			class := bf.Person
			if k.isBody(name) {
				class = bf.OrganizationClass
			}
			all = append(all, heading{class: class, label: name, name: name, role: own})
		}
		if as != "" { // of all since the one before: "A, B biên soạn"
			for i := from; i < len(all); i++ {
				if all[i].role == "" {
					all[i].role = as
				}
			}
			from = len(all)
		}
	}
	if len(all) < 2 {
		return all, true
	}
	for i := range all {
		if all[i].class == bf.Person && !fullName(all[i].label) {
			name := trim(s)
			return []heading{{class: bf.Person, label: name, name: name, role: role}}, false
		}
	}
	return all, true
}

// withoutOthers cuts off "... [và những người khác]".
func (k *kohaRules) withoutOthers(s string) string {
	for _, mark := range []string{"...", "…", "[", ".."} {
		at := strings.Index(s, mark)
		if at <= 0 {
			continue
		}
		rest := plainWords(s[at:])
		if rest == "" {
			return s[:at]
		}
		for _, o := range k.others {
			if after, ok := strings.CutPrefix(rest, o); ok {
				if after = strings.TrimSpace(after); k.roles[after] != "" {
					return s[:at] + ", " + after
				}
				return s[:at]
			}
		}
	}
	return s
}

// leadingRole takes a role from the beginning: "Tham gia: …", "[edited by] …", "editors, …".
func (k *kohaRules) leadingRole(s string) (role, rest string) {
	s = strings.TrimSpace(s)
	fields := strings.Fields(s)
	for n := min(k.longest, len(fields)); n > 0; n-- {
		last := fields[n-1]
		lead := strings.Join(fields[:n], " ")
		code := k.roles[plainWords(lead)]
		if code == "" || n == len(fields) {
			continue
		}
		// A word that is part of a name as well needs a mark behind it.
		if strings.ContainsAny(last[len(last)-1:], ":,]") || strings.HasPrefix(plainWords(lead), "with") || strings.HasSuffix(plainWords(lead), " by") {
			return code, strings.TrimSpace(strings.Join(fields[n:], " "))
		}
	}
	return "", s
}

// trailingRole takes a role from the end: "… chủ biên", "… (cb)", or the whole: "hiệu đính".
func (k *kohaRules) trailingRole(s string) (role, rest string) {
	s = strings.NewReplacer("(", " (", ")", ") ").Replace(s)
	fields := strings.Fields(s)
	for n := min(k.longest, len(fields)); n > 0; n-- {
		if code := k.roles[plainWords(strings.Join(fields[len(fields)-n:], " "))]; code != "" {
			return code, strings.Join(fields[:len(fields)-n], " ")
		}
	}
	return "", strings.Join(fields, " ")
}

// withoutTitle takes academic titles from the beginning: "PGS.TS. Nguyễn Văn A".
func (k *kohaRules) withoutTitle(s string) string {
	for again := true; again; {
		again = false
		for _, t := range k.titles {
			at := 0 // behind the title, as it is written
			for _, word := range strings.Fields(t) {
				for at < len(s) && (s[at] == ' ' || s[at] == '.') {
					at++
				}
				if len(s)-at < len(word) || !strings.EqualFold(s[at:at+len(word)], word) {
					at = -1
					break
				}
				at += len(word)
			}
			if at > 0 && at < len(s) && (s[at] == '.' || s[at] == ' ') && (s[at] == '.' || capitals(s[:at]) > 1) {
				s, again = strings.TrimLeft(s[at:], " ."), true
			}
		}
	}
	return s
}

// capitals counts the capital letters of s.
func capitals(s string) (n int) {
	for _, r := range s {
		if unicode.IsUpper(r) {
			n++
		}
	}
	return n
}

// isBody tells whether a name is that of a body: by the words it begins with, or one that only
// bodies have.
func (k *kohaRules) isBody(s string) bool {
	words := strings.Fields(plainWords(s))
	for n := 1; n <= 3 && n < len(words); n++ {
		if k.bodyBegins[strings.Join(words[:n], " ")] {
			return true
		}
	}
	for _, w := range words {
		if k.bodyHas[w] {
			return len(words) > 1
		}
	}
	return false
}

// fullName tells whether a name could be that of one person in the order in which it is spoken:
// two words or more, and the first and the last begin with a capital.
func fullName(s string) bool {
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '.' })
	if len(words) < 2 {
		return false
	}
	for _, w := range []string{words[0], words[len(words)-1]} {
		if r, _ := utf8.DecodeRuneInString(w); !unicode.IsUpper(r) {
			return false
		}
	}
	return true
}
