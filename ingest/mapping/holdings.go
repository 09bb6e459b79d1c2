package mapping

import (
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// Holdings stand in records of their own (MARC 21 Format for Holdings Data), or in the
// bibliographic record. In both an 852 is a place where a library keeps something: an item.
// Fields 863 to 868 tell which volumes and years it has, in words or paired with their captions
// in 853 to 855, and 876 to 878 tell the single pieces.

// A shelf is a place with what the other fields say of it.
type shelf struct {
	field  *marc.Field // the 852; nil if the record has none
	item   graph.Term
	stated bool          // 863 to 868 tell what there is
	pieces []*marc.Field // 876 to 878
}

// holdings maps a holdings record: items of the instance that the bibliographic record with the
// number in 004 describes.
func (b *builder) holdings() {
	if data := b.r.Control("008"); b.agency.tag == "" && len(data) >= 25 {
		b.agency = languageOf(data[22:25])
	}
	number, told := bibliographicNumber(b.r)
	if !told {
		b.find("holdings-link", "004", 0, number,
			"Biểu ghi vốn tư liệu không có trường 004; đã coi số ở 001 là số của biểu ghi thư mục. Hãy ghi số đó vào 004.",
			"The holdings record has no 004; the number in 001 was taken for that of the bibliographic record. Write that into 004.")
	}
	b.work = b.mint(works, b.source, number)
	b.instance = b.mint(instances, b.source, number)
	b.fields(b.m.hold.get())
}

// bibliographicNumber returns the number of the bibliographic record that holdings belong to:
// 004, the LKR of Aleph, or 014. Where there is none, some systems give their holdings the
// number of the title in 001; told is false then.
func bibliographicNumber(r *marc.Record) (number string, told bool) {
	if number = strings.TrimSpace(r.Control("004")); number != "" {
		return number, true
	}
	if f, ok := r.Field("LKR"); ok {
		if number = strings.TrimSpace(f.Subfield('b')); number != "" {
			return number, true
		}
	}
	for i := range r.Fields {
		if f := &r.Fields[i]; f.Tag == "014" && f.Ind1 == '1' {
			if number = strings.TrimSpace(f.Subfield('a')); number != "" {
				return number, true
			}
		}
	}
	return controlNumber(r), false
}

// LinksToBibliographic tells whether a holdings record names the record that it belongs to.
func LinksToBibliographic(r *marc.Record) bool {
	_, told := bibliographicNumber(r)
	return told
}

// holdingsName returns what a holdings record is called among the records of its library. It
// may share its number with a bibliographic record. Where it has that of the title, there may be
// several, which are told apart by where they say that it stands.
func holdingsName(r *marc.Record) string {
	name := "holdings-" + controlNumber(r)
	if _, told := bibliographicNumber(r); told {
		return name
	}
	var places []byte
	for i := range r.Fields {
		if f := &r.Fields[i]; f.Tag == "852" {
			for _, s := range f.Subfields {
				places = append(append(append(places, s.Code), s.Value...), 0)
			}
		}
	}
	return name + "-" + key(places)
}

// holdingsTags are those by which items are described in detail, besides 852.
var holdingsTags = []int{842, 843, 844, 845, 863, 864, 865, 866, 867, 868, 876, 877, 878}

// readShelves finds the places of the record, and which fields speak of which.
func (b *builder) readShelves() {
	detailed := false
	for _, tag := range holdingsTags {
		detailed = detailed || b.has(tag)
	}
	if !b.has(852) && !detailed && b.r.Type() != marc.Holdings {
		return
	}
	b.holder = b.sharedHolder()
	for i := range b.r.Fields {
		if f := &b.r.Fields[i]; f.Tag == "852" && (b.holder == "" || !onlyHolder(f)) {
			b.shelves = append(b.shelves, shelf{field: f})
		}
	}
	bare := len(b.shelves) == 0
	if bare {
		b.shelves = append(b.shelves, shelf{})
	}
	for i := range b.shelves {
		b.items++
		b.shelves[i].item = b.mint(items, b.source, b.itemName(), strconv.Itoa(b.items))
	}
	b.thing = b.shelves[0].item
	if bare {
		s := &b.shelves[0]
		b.anItem(s.item)
		b.label(s.item, graph.String(b.located(s.item, asField(&marc.Field{Tag: "852"}))))
	}
	if detailed {
		b.fillShelves()
	}
}

// itemName returns the number that items of the record are known by.
func (b *builder) itemName() string {
	if b.r.Type() == marc.Holdings {
		return holdingsName(b.r)
	}
	return b.number
}

// sharedHolder returns the holder that an 852 names which says nothing else, as long as another
// one names none: the German National Library writes them so.
func (b *builder) sharedHolder() string {
	holder, missing := "", false
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		switch {
		case f.Tag != "852":
		case onlyHolder(f):
			if holder != "" {
				return ""
			}
			holder = strings.TrimSpace(f.Subfield('a'))
		case !f.Has('a') && !f.Has('b'):
			missing = true
		default:
			return ""
		}
	}
	if !missing {
		return ""
	}
	return holder
}

func onlyHolder(f *marc.Field) bool {
	return len(f.Subfields) == 1 && f.Subfields[0].Code == 'a' && strings.TrimSpace(f.Subfields[0].Value) != ""
}

// fillShelves gives the fields that describe holdings to their places.
func (b *builder) fillShelves() {
	for i := range b.r.Fields {
		f := &b.r.Fields[i]
		switch tag := tagNumber(f.Tag); {
		case tag >= 863 && tag <= 868:
			if s := b.shelfFor(f, tag); b.issueText(f, tag) != "" {
				s.stated = true
			}
		case tag >= 876 && tag <= 878:
			s := b.shelfFor(f, tag)
			s.pieces = append(s.pieces, f)
		}
	}
}

// shelfFor returns the place that a field speaks of: the one with the same link ($8, or the
// number of the holding in 876 $0), else that of the last 852 before it.
func (b *builder) shelfFor(f *marc.Field, tag int) *shelf {
	link := f.Subfield('8')
	if tag >= 876 && f.Has('0') {
		link = f.Subfield('0')
	}
	link, _, _ = strings.Cut(strings.TrimSpace(link), ".")
	last := -1
	for i := range b.shelves {
		s := &b.shelves[i]
		if s.field == nil {
			return s
		}
		if own, _, _ := strings.Cut(s.field.Subfield('8'), "."); link != "" && strings.TrimSpace(own) == link {
			return s
		}
	}
	at := -1
	for i := range b.r.Fields {
		x := &b.r.Fields[i]
		if x == f {
			break
		}
		if at+1 < len(b.shelves) && x == b.shelves[at+1].field {
			at++
			last = at
		}
	}
	return &b.shelves[max(last, 0)]
}

// anItem says that there is an item of the instance.
func (b *builder) anItem(item graph.Term) {
	b.isA(item, bf.Item)
	b.add(item, bf.ItemOf, b.instance)
	b.add(b.instance, bf.HasItem, item)
	if b.r.Type() == marc.Holdings {
		b.add(item, bf.AdminMetadata, b.graph)
	}
}

// issueText returns what an 863 to 868 says in one line.
func (b *builder) issueText(f *marc.Field, tag int) string {
	if tag >= 866 {
		return strings.TrimSpace(f.Subfield('a'))
	}
	return b.issue(b.captions(f, tag), f)
}

// captions returns the 853 to 855 that a 863 to 865 goes with: the one with the same number
// before the full stop in $8.
func (b *builder) captions(f *marc.Field, tag int) *marc.Field {
	link, _, _ := strings.Cut(f.Subfield('8'), ".")
	var only *marc.Field
	n := 0
	for i := range b.r.Fields {
		c := &b.r.Fields[i]
		if tagNumber(c.Tag) != tag-10 {
			continue
		}
		if own, _, _ := strings.Cut(c.Subfield('8'), "."); link != "" && strings.TrimSpace(own) == strings.TrimSpace(link) {
			return c
		}
		only = c
		n++
	}
	if n != 1 || link != "" && only.Has('8') {
		return nil
	}
	return only
}

// issue writes enumeration and chronology as ISO 10324 has them: v.1:no.2(2007:Jan.), with the
// captions of c, if there are any. A field that runs from one issue to another gives both ends.
func (b *builder) issue(c, f *marc.Field) string {
	from, to := b.oneIssue(c, f, 0), b.oneIssue(c, f, 1)
	switch {
	case from == to:
		return from
	case to == "":
		return from + "-"
	}
	return from + "-" + to
}

// oneIssue writes one end of a range of issues. It is empty for an end that is open.
func (b *builder) oneIssue(c, f *marc.Field, end int) string {
	var numbers, dates []string
	for code := byte('a'); code <= 'm'; code++ {
		value := strings.TrimSpace(f.Subfield(code))
		if value == "" || code == 'g' || code == 'h' || code == 'm' {
			continue // an alternative numbering, or its dates
		}
		if first, second, ranged := strings.Cut(value, "-"); ranged {
			if value = strings.TrimSpace([2]string{first, second}[end]); value == "" {
				return ""
			}
		}
		caption := ""
		if c != nil {
			caption = strings.TrimSpace(c.Subfield(code))
		}
		inBrackets := strings.HasPrefix(caption, "(")
		switch caption = strings.Trim(caption, "()* "); {
		case code >= 'i':
			dates = append(dates, b.period(caption, value))
		case inBrackets: // chronology in place of numbers, whose caption is not shown
			numbers = append(numbers, b.period(caption, value))
		default:
			numbers = append(numbers, captioned(caption, value))
		}
	}
	text := strings.Join(numbers, ":")
	if len(dates) == 0 {
		return text
	}
	when := strings.Join(dates, ":")
	if text == "" {
		return when
	}
	return text + "(" + when + ")"
}

// captioned puts a caption before a number: v.1, tập 1.
func captioned(caption, value string) string {
	if caption == "" || strings.HasSuffix(caption, ".") {
		return caption + value
	}
	return caption + " " + value
}

// The words for the months and seasons that 863 has codes for (MARC 21, 863 to 865 $i to $l).
var (
	seasonsVi = []string{"xuân", "hè", "thu", "đông"}
	seasonsEn = []string{"Spring", "Summer", "Autumn", "Winter"}
	monthsEn  = []string{"Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."}
)

// period writes a year, month, season or day as its caption says which it is.
func (b *builder) period(caption, value string) string {
	vi, en := strings.HasPrefix(b.agency.tag, "vi"), strings.HasPrefix(b.agency.tag, "en")
	month, season := strings.Contains(caption, "month") || strings.Contains(caption, "tháng"), strings.Contains(caption, "season") || strings.Contains(caption, "mùa")
	if !vi && !en || !month && !season {
		return value
	}
	parts := strings.Split(value, "/")
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		switch {
		case err != nil:
		case n >= 1 && n <= 12 && vi:
			parts[i] = "tháng " + strconv.Itoa(n)
		case n >= 1 && n <= 12:
			parts[i] = monthsEn[n-1]
		case n >= 21 && n <= 24 && vi:
			parts[i] = seasonsVi[n-21]
		case n >= 21 && n <= 24:
			parts[i] = seasonsEn[n-21]
		}
	}
	return strings.Join(parts, "/")
}

// stated maps 863 to 868: what there is at a place.
func stated(b *builder, f *field, o *op) {
	if len(b.shelves) == 0 {
		return
	}
	b.state(b.shelfFor(f.Field, f.tag).item, f)
}

// state says of an item what it holds.
func (b *builder) state(item graph.Term, f *field) {
	text := b.issueText(f.Field, f.tag)
	if text == "" || b.placeholder(f, text) {
		return
	}
	n := b.node(item, bf.EnumerationAndChronology, bf.EnumerationAndChronologyClass)
	b.label(n, graph.String(text))
	b.add(n, bflc.MarcKey, b.keyOf(f.tag, f.Field, allSubs|linkSubs))
	switch f.tag {
	case 864, 867:
		b.partOfIssue(n, "Phụ trương", "Supplements")
	case 865, 868:
		b.partOfIssue(n, "Bảng tra", "Indexes")
	}
	for i := range f.Subfields {
		if s := &f.Subfields[i]; s.Code == 'z' && strings.TrimSpace(s.Value) != "" {
			note := b.node(n, bf.Note, bf.NoteClass)
			b.label(note, b.note(strings.TrimSpace(s.Value)))
		}
	}
}

func (b *builder) partOfIssue(n graph.Term, vi, en string) {
	part := b.node(n, bflc.AppliesTo, bflc.AppliesToClass)
	b.add(part, rdfs.Label, graph.Text(vi, "vi"))
	b.add(part, rdfs.Label, graph.Text(en, "en"))
}

// piece maps 876 to 878: a piece with its bar code. The only one at a place is the item of the
// place; others are items of their own, and parts of it where it is told what it holds.
func piece(b *builder, f *field, o *op) {
	if len(b.shelves) == 0 {
		return
	}
	s := b.shelfFor(f.Field, f.tag)
	item := s.item
	mark := ""
	own := len(s.pieces) > 1 && (s.stated || s.pieces[0] != f.Field)
	if own {
		item = b.mint(items, b.source, b.itemName(), "piece", b.pieceName(s, f.Field))
		b.anItem(item)
		place := s.field
		if place == nil {
			place = &marc.Field{Tag: "852"}
		}
		mark = b.located(item, asField(place))
		if s.stated {
			b.add(item, bf.PartOf, s.item)
			b.add(s.item, bf.HasPart, item)
		}
	}
	key := b.keyOf(f.tag, f.Field, subMask("ahtzp380"))
	if own {
		b.add(item, bflc.MarcKey, key)
	}
	for i := range f.Subfields {
		sub := &f.Subfields[i]
		value := strings.TrimSpace(sub.Value)
		if value == "" || b.placeholder(f, value) {
			continue
		}
		switch sub.Code {
		case 'a':
			b.pieceNumber(item, bf.Local, value, key, own)
		case 'p':
			b.pieceNumber(item, bf.BarcodeClass, value, key, own)
			mark += " " + value
		case 't', '3':
			n := b.node(item, bf.EnumerationAndChronology, bf.EnumerationAndChronologyClass)
			b.label(n, b.note(value))
		case 'z':
			n := b.node(item, bf.Note, bf.NoteClass)
			b.label(n, b.note(value))
		case 'h':
			n := b.node(item, bf.UsageAndAccessPolicy, bf.AccessPolicy)
			b.label(n, b.note(value))
		}
	}
	if own {
		b.label(item, graph.String(strings.TrimSpace(mark)))
		b.pieceIssue(item, f.Field)
	}
}

// pieceNumber adds a number of a piece. Where that is the item of its place, the number keeps the
// field that it stood in.
func (b *builder) pieceNumber(item graph.Term, class graph.IRI, value string, key graph.Term, own bool) {
	n := b.node(item, bf.IdentifiedBy, class)
	b.add(n, rdf.Value, graph.String(value))
	if !own {
		b.add(n, bflc.MarcKey, key)
	}
}

// pieceName tells a piece from the others of its record: by its number, its bar code, or its
// place among them.
func (b *builder) pieceName(s *shelf, f *marc.Field) string {
	for _, code := range []byte{'a', 'p'} {
		if v := strings.TrimSpace(f.Subfield(code)); v != "" {
			return string(code) + v
		}
	}
	for i, p := range s.pieces {
		if p == f {
			return strconv.Itoa(i + 1)
		}
	}
	return ""
}

// pieceIssue says which issue a piece is, if an 863 to 865 has the same link.
func (b *builder) pieceIssue(item graph.Term, f *marc.Field) {
	link := strings.TrimSpace(f.Subfield('8'))
	if link == "" {
		return
	}
	for i := range b.r.Fields {
		x := &b.r.Fields[i]
		if tag := tagNumber(x.Tag); tag == tagNumber(f.Tag)-13 && strings.TrimSpace(x.Subfield('8')) == link {
			n := b.node(item, bf.EnumerationAndChronology, bf.EnumerationAndChronologyClass)
			b.label(n, graph.String(b.issueText(x, tag)))
			return
		}
	}
}

// shelfOf returns the place that an 852 is, or nil if it only names the holder of others.
func (b *builder) shelfOf(f *marc.Field) *shelf {
	for i := range b.shelves {
		if b.shelves[i].field == f {
			return &b.shelves[i]
		}
	}
	return nil
}

// located says of an item where it is and who holds it, and returns what it is called by that.
// In holdings records the branch of $b holds it where no $a does.
func (b *builder) located(item graph.Term, f *field) string {
	holder := strings.TrimSpace(f.Subfield('a'))
	branch := false
	if holder == "" && b.r.Type() == marc.Holdings {
		holder = strings.TrimSpace(f.Subfield('b'))
		branch = holder != ""
	}
	if holder == "" {
		holder = b.holder
	}
	if holder == "" {
		holder = b.source
	}
	b.add(item, bf.HeldBy, b.library(holder))
	mark := b.shelfMark(item, f)
	for i := range f.Subfields {
		s := &f.Subfields[i]
		value := strings.TrimSpace(s.Value)
		if value == "" || s.Code != 'b' && s.Code != 'c' || branch && value == holder {
			continue
		}
		n := b.node(item, bf.Sublocation, bf.SublocationClass)
		b.label(n, b.note(value))
	}
	return strings.TrimSpace(holder + " " + mark)
}

// ofHoldings returns the plan for a field of a holdings record that its own table does not
// speak of: what is said there of places, classes and subjects is said in the same fields as in
// bibliographic records.
func (b *builder) ofHoldings(tag int) *tagPlan {
	if tag >= 50 && tag <= 99 || tag >= 600 && tag <= 699 || tag >= 841 && tag <= 878 {
		return b.m.bib.tags[tag]
	}
	return nil
}
