package back

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/vocab/mocban"
)

// ErrOther tells that an edit cannot be done to the original, which is no bibliographic record of
// MARC 21 with a title in 245: one of UNIMARC, for example.
var ErrOther = errors.New("the original has no 245, so no edit can be done to it")

// An Edited is a record whose triples somebody may have changed.
type Edited struct {
	Record *marc.Record

	// Changed are the tags of the fields that were changed, added or left out. If there are
	// none the record is the original one, to which its bytes belong.
	Changed []string

	// Lost are the quads that the edit has added and that no field could be made of.
	Lost []graph.Quad
}

// Edit changes a record as its triples were changed. Was are the triples that mapping makes of
// the original, is those that there are now. Both are made into records, and what differs
// between these two is done to the original: a field that is the same in both stays as it
// stands, and of a field that is not only those subfields are touched that differ.
func (m *Maker) Edit(original *marc.Record, was, is []graph.Quad) (*Edited, error) {
	if sameTriples(was, is) {
		return &Edited{Record: original}, nil
	}
	before, err := m.Make(was)
	if err != nil {
		return nil, err
	}
	_, has := original.Field("245")
	if _, makes := before.Record.Field("245"); makes && !has {
		return nil, ErrOther
	}
	after, err := m.Make(is)
	if err != nil {
		return nil, err
	}
	if isKoha(original) {
		toKoha(before.Record)
		toKoha(after.Record)
	}
	e := &editor{original: original, before: before.Record, after: after.Record}
	e.pairUp()
	e.merge()
	return &Edited{e.result(), e.changed, added(was, is, after.Left)}, nil
}

// sameTriples tells whether there are the same triples in both, the original record aside,
// which is never part of an edit.
func sameTriples(was, is []graph.Quad) bool {
	known := make(map[graph.Triple]bool, len(was))
	for i := range was {
		if !ofOriginal(&was[i]) {
			known[was[i].Triple()] = true
		}
	}
	n := 0
	for i := range is {
		if ofOriginal(&is[i]) {
			continue
		}
		if !known[is[i].Triple()] {
			return false
		}
		n++
	}
	return n == len(known)
}

func ofOriginal(q *graph.Quad) bool { return q.P == mocban.Original || q.P == mocban.OriginalFormat }

// isKoha tells whether the items of a record stand in 952, as Koha has them.
func isKoha(r *marc.Record) bool {
	_, items := r.Field("952")
	_, holdings := r.Field("852")
	return items && !holdings
}

// toKoha puts items into 952.
func toKoha(r *marc.Record) {
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Tag != "852" {
			continue
		}
		f.Tag, f.Ind1, f.Ind2 = "952", ' ', ' '
		var subs []marc.Subfield
		for _, s := range f.Subfields {
			switch s.Code {
			case 'b':
				s.Code = 'c'
			case 'h':
				s.Code = 'o'
			case 'i': // the rest of the shelf mark
				if n := len(subs); n > 0 && subs[n-1].Code == 'o' {
					subs[n-1].Value += " " + s.Value
					continue
				}
			}
			subs = append(subs, s)
		}
		f.Subfields = subs
	}
}

// added returns the quads that are new and left over.
func added(was, is []graph.Quad, left []int) (lost []graph.Quad) {
	if len(left) == 0 {
		return nil
	}
	known := make(map[graph.Triple]bool, len(was))
	for i := range was {
		known[was[i].Triple()] = true
	}
	for _, i := range left {
		if !known[is[i].Triple()] {
			lost = append(lost, is[i])
		}
	}
	return lost
}

// An editor does to a record what was done to its triples.
type editor struct {
	original, before, after *marc.Record

	of      []int // for each field of before its place in the original, or -1
	next    []int // for each field of before its place in after, or -1
	from    []int // for each field of after its place in before, or -1
	fields  []marc.Field
	places  []int // of the fields of the original in fields, or -1 if it is left out
	now     []int // of the fields of after in fields, or -1
	changed []string
}

// A fold is a field as it is compared: its kind, and its subfields without the marks and the
// case in which they differ when they come back.
type fold struct {
	kind string
	subs []marc.Subfield
}

func folded(fields []marc.Field) []fold {
	all := make([]fold, len(fields))
	for i := range fields {
		f := &fields[i]
		all[i].kind = kindOf(f)
		for _, s := range f.Subfields {
			if l := letters(s.Value); s.Code != '6' && l != "" {
				all[i].subs = append(all[i].subs, marc.Subfield{Code: s.Code, Value: l})
			}
		}
	}
	return all
}

// alike is how many subfields of two fields are the same, links aside. It is -1 for fields
// that are not of one kind.
func (a *fold) alike(b *fold) int {
	if a.kind != b.kind {
		return -1
	}
	if strings.HasPrefix(a.kind, "00") {
		return 1
	}
	n := 0
	for _, s := range a.subs {
		if slices.Contains(b.subs, s) {
			n++
		}
	}
	return n
}

// kindOf is the tag of a field, or that of the field that an 880 stands for. Tags that come
// back as one are one kind.
func kindOf(f *marc.Field) string {
	tag := f.Tag
	if tag == "880" {
		if tag = f.Subfield('6'); len(tag) > 3 {
			tag = tag[:3]
		}
		return "880" + oneTag(tag)
	}
	return oneTag(tag)
}

func oneTag(tag string) string {
	switch tag {
	case "260":
		return "264"
	case "440":
		return "490"
	case "501", "503", "580", "552", "556", "562", "565", "567":
		return "500"
	}
	return tag
}

// sameText compares values without the marks and the case in which they differ when they come
// back.
func sameText(a, b string) bool { return a == b || letters(a) == letters(b) && letters(a) != "" }

// equal tells whether two fields are the same, links aside.
func equal(a, b *marc.Field) bool {
	if a.Tag != b.Tag || a.Data != b.Data || a.Ind1 != b.Ind1 || a.Ind2 != b.Ind2 {
		return false
	}
	x, y := unlinked(a), unlinked(b)
	return slices.Equal(x, y)
}

func unlinked(f *marc.Field) []marc.Subfield {
	return slices.DeleteFunc(slices.Clone(f.Subfields), func(s marc.Subfield) bool { return s.Code == '6' })
}

// match pairs the fields of two records: those most alike first, and of these in their order.
// It returns for each field of a its place in b, or -1.
func match(a, b []marc.Field, least int) []int {
	type candidate struct{ score, a, b int }
	var all []candidate
	x, y := folded(a), folded(b)
	for i := range a {
		for j := range b {
			if n := x[i].alike(&y[j]); n >= least {
				if equal(&a[i], &b[j]) {
					n += 1000
				}
				all = append(all, candidate{n, i, j})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y candidate) int { return cmp.Compare(y.score, x.score) })
	to := make([]int, len(a))
	for i := range to {
		to[i] = -1
	}
	taken := make([]bool, len(b))
	for _, c := range all {
		if to[c.a] < 0 && !taken[c.b] {
			to[c.a], taken[c.b] = c.b, true
		}
	}
	return to
}

func (e *editor) pairUp() {
	e.of = match(e.before.Fields, e.original.Fields, 1)
	e.next = match(e.before.Fields, e.after.Fields, 0)
	e.from = make([]int, len(e.after.Fields))
	for i := range e.from {
		e.from[i] = -1
	}
	for i, j := range e.next {
		if j >= 0 {
			e.from[j] = i
		}
	}
}

// merge makes the fields of the edited record.
func (e *editor) merge() {
	e.places = make([]int, len(e.original.Fields))
	e.now = make([]int, len(e.after.Fields))
	for i := range e.now {
		e.now[i] = -1
	}
	source := make([]int, len(e.original.Fields)) // the field of before that it came back as
	for i := range source {
		source[i] = -1
	}
	for i, at := range e.of {
		if at >= 0 {
			source[at] = i
		}
	}
	for at := range e.original.Fields {
		f := e.original.Fields[at]
		e.places[at] = len(e.fields)
		if i := source[at]; i >= 0 {
			j := e.next[i]
			if j < 0 { // it has gone
				e.places[at] = -1
				e.note(f.Tag)
				continue
			}
			e.now[j] = len(e.fields)
			if !equal(&e.before.Fields[i], &e.after.Fields[j]) {
				f = patch(f, &e.before.Fields[i], &e.after.Fields[j])
				e.note(f.Tag)
			}
		}
		e.fields = append(e.fields, f)
	}
	for j := range e.after.Fields {
		f := e.after.Fields[j]
		if i := e.from[j]; e.now[j] >= 0 || i >= 0 && (e.of[i] < 0 && equal(&e.before.Fields[i], &f)) {
			continue // it stands, or is one that only the way back makes
		}
		if f.IsControl() && f.Tag != "001" && f.Tag != "003" && f.Tag != "005" && f.Tag != "008" {
			continue
		}
		f.Subfields = unlinked(&f)
		e.insert(j, f)
		e.note(f.Tag)
	}
	e.link()
}

// note notes that a field was changed.
func (e *editor) note(tag string) {
	if !slices.Contains(e.changed, tag) {
		e.changed = append(e.changed, tag)
	}
}

// insert puts a new field behind those with the same or a lower tag.
func (e *editor) insert(j int, f marc.Field) {
	at := len(e.fields)
	for at > 0 && e.fields[at-1].Tag > f.Tag {
		at--
	}
	e.fields = slices.Insert(e.fields, at, f)
	for k := range e.now {
		if e.now[k] >= at {
			e.now[k]++
		}
	}
	e.now[j] = at
}

// link numbers the 880 fields that are new, and the fields that they belong to.
func (e *editor) link() {
	most := 0
	for i := range e.fields {
		if _, n := linkOf(&e.fields[i]); n > most {
			most = n
		}
	}
	for j := range e.after.Fields {
		other := &e.after.Fields[j]
		at := e.now[j]
		if other.Tag != "880" || at < 0 || e.fields[at].Has('6') {
			continue
		}
		tag, number := linkOf(other)
		for k := range e.after.Fields {
			f := &e.after.Fields[k]
			if _, n := linkOf(f); f.Tag != tag || n != number || e.now[k] < 0 {
				continue
			}
			most++
			digits := string([]byte{'-', '0' + byte(most/10%10), '0' + byte(most%10)})
			end := other.Subfield('6')[6:]
			setLink(&e.fields[e.now[k]], "880"+digits)
			setLink(&e.fields[at], e.fields[e.now[k]].Tag+digits+end)
			break
		}
		if !e.fields[at].Has('6') { // what it belonged to is not there
			setLink(&e.fields[at], tag+"-00"+other.Subfield('6')[6:])
		}
	}
}

// linkOf reads $6: the tag and the number.
func linkOf(f *marc.Field) (tag string, number int) {
	s := f.Subfield('6')
	if len(s) < 6 || s[3] != '-' || s[4] < '0' || s[4] > '9' || s[5] < '0' || s[5] > '9' {
		return "", 0
	}
	return s[:3], int(s[4]-'0')*10 + int(s[5]-'0')
}

func setLink(f *marc.Field, link string) {
	subs := slices.DeleteFunc(slices.Clone(f.Subfields), func(s marc.Subfield) bool { return s.Code == '6' })
	f.Subfields = slices.Insert(subs, 0, marc.Subfield{Code: '6', Value: link})
}

// patch does to a field what turns before into after.
func patch(f marc.Field, before, after *marc.Field) marc.Field {
	if before.Ind1 != after.Ind1 {
		f.Ind1 = after.Ind1
	}
	if before.Ind2 != after.Ind2 {
		f.Ind2 = after.Ind2
	}
	if f.IsControl() {
		f.Data = patchData(f.Data, before.Data, after.Data)
		return f
	}
	f.Subfields = patchSubfields(f.Subfields, unlinked(before), unlinked(after))
	return f
}

// patchData does to the positions of a control field what was done to those that came back.
func patchData(data, before, after string) string {
	if before == after {
		return data
	}
	if len(before) != len(after) {
		return after
	}
	b := []byte(data)
	for i := range min(len(b), len(before)) {
		if before[i] != after[i] {
			b[i] = after[i]
		}
	}
	if utf8.ValidString(data) && !utf8.Valid(b) {
		return after
	}
	return string(b)
}

// patchSubfields keeps the subfields that the edit did not touch, with their marks, and those
// that do not come back at all.
func patchSubfields(original, before, after []marc.Subfield) []marc.Subfield {
	gone := slices.Clone(before)
	var fresh []marc.Subfield
	for _, s := range after {
		if at := slices.Index(gone, s); at >= 0 {
			gone = slices.Delete(gone, at, at+1)
		} else {
			fresh = append(fresh, s)
		}
	}
	var out []marc.Subfield
	for _, s := range original {
		at := slices.IndexFunc(gone, func(g marc.Subfield) bool { return g.Code == s.Code && sameText(g.Value, s.Value) })
		if at < 0 {
			out = append(out, s)
			continue
		}
		gone = slices.Delete(gone, at, at+1)
		if next := slices.IndexFunc(fresh, func(n marc.Subfield) bool { return n.Code == s.Code }); next >= 0 {
			out = append(out, marc.Subfield{Code: s.Code, Value: fresh[next].Value + endMark(s.Value, fresh[next].Value)})
			fresh = slices.Delete(fresh, next, next+1)
		}
	}
	for _, s := range fresh {
		at := len(out)
		for at > 0 && out[at-1].Code > s.Code && out[at-1].Code < 'v' && s.Code >= 'a' {
			at--
		}
		out = slices.Insert(out, at, s)
	}
	return out
}

// endMark returns the mark of ISBD that a value ended in, for the one that takes its place.
func endMark(was, now string) string {
	for _, mark := range []string{" /", " :", " ;", " =", ","} {
		if strings.HasSuffix(was, mark) && !strings.HasSuffix(now, mark) {
			return mark
		}
	}
	return ""
}

// result returns the record.
func (e *editor) result() *marc.Record {
	r := *e.original
	leader := patchData(r.Leader, e.before.Leader, e.after.Leader)
	if leader != r.Leader {
		e.note("LDR")
	}
	if len(e.changed) == 0 {
		return e.original
	}
	r.Leader, r.Fields = leader, e.fields
	r.Source = nil
	return &r
}
