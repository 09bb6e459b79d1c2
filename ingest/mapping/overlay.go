package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/ontology"
)

// ErrOverlay tells that tables of a library's own rows do not go with the profile lc-2.10.
var ErrOverlay error = &ontology.Mistake{
	Vi: "bảng quy tắc riêng của thư viện chỉ dùng với hồ sơ default, không dùng với lc-2.10",
	En: "a library's own rows are for the profile default, not for lc-2.10",
}

// overlay puts the rows of a library over ours. What its rows take away are rows of ours, never
// one another, so their order does not matter.
func (p *plan) overlay(kind string, tables []*ontology.Table) error {
	rows := rowsFor(kind, tables)
	gone := map[*op]uint64{} // the subfields that a row loses
	if p.lost == nil {
		p.lost = losses{}
	}
	for _, r := range rows {
		if d := r.Cell("does"); d == "replace" || d == "off" {
			if err := p.takes(r, gone); err != nil {
				return err
			}
		}
	}
	p.without(gone)
	for _, r := range rows {
		if r.Cell("does") == "off" {
			continue
		}
		if err := p.add(r); err != nil {
			return err
		}
		if err := p.sound(r); err != nil {
			return err
		}
	}
	return nil
}

// rowsFor returns the rows of tables of a library that are for records of a kind.
func rowsFor(kind string, tables []*ontology.Table) (rows []*ontology.Row) {
	for _, t := range tables {
		for i := range t.Rows {
			if r := &t.Rows[i]; ontology.KindOf(r) == kind {
				rows = append(rows, r)
			}
		}
	}
	return rows
}

// takes notes what a row takes away from rows of ours. That it finds none of them is a mistake.
func (p *plan) takes(r *ontology.Row, gone map[*op]uint64) error {
	found := false
	for tag := range strings.FieldsSeq(r.Cell("tag")) {
		numbers, err := expandTag(tag)
		if err != nil {
			return r.Error("tag", err)
		}
		for _, n := range numbers {
			var want op
			if err := want.reads(r.Cell("sub"), n < 10); err != nil {
				return r.Error("sub", err)
			}
			t := p.leader
			if n >= 0 {
				t = p.tags[n]
			}
			if t == nil {
				continue
			}
			took, err := t.takes(r, &want, n < 10, gone, func(o *op, all bool) {
				// A row for several tags is left for the others.
				p.lost.note(o.row, r, all && len(strings.Fields(o.row.Cell("tag"))) == 1 && !strings.Contains(o.row.Cell("tag"), "X"))
			})
			if err != nil {
				return err
			}
			if took {
				found = true
				if p.off == nil {
					p.off = map[int][]*ontology.Row{}
				}
				if r.Cell("does") == "off" {
					p.off[n] = append(p.off[n], r)
				}
			}
		}
	}
	if !found {
		return r.Error("tag", ontology.Wrongf("không có quy tắc có sẵn nào như vậy để thay hoặc tắt; để thêm quy tắc mới hãy để trống cột does",
			"there is no row of ours like this to replace or switch off; to add a row leave the column does empty"))
	}
	return nil
}

// takes notes what a row takes away from the rows of one tag.
func (t *tagPlan) takes(r *ontology.Row, want *op, fixed bool, gone map[*op]uint64, lose func(*op, bool)) (found bool, err error) {
	for _, o := range t.ops {
		if !means(r, o.row) {
			continue
		}
		lost := o.subs & want.subs
		switch {
		case r.Cell("sub") == "" || fixed && o.from == want.from && o.to == want.to:
			lost = ^uint64(0)
		case lost == 0:
			continue
		case lost == o.subs:
			lost = ^uint64(0)
		case o.process != nil:
			return false, r.Error("sub", ontology.Wrongf("%s, dòng %d gọi xử lý %s, đọc cả trường; hãy để trống cột sub để thay hoặc tắt cả quy tắc",
				"%s, row %d calls the process %s, which reads the whole field; leave the column sub empty to replace or switch off all of it",
				o.row.File(), o.row.Line, o.row.Cell("value")))
		}
		gone[o] |= lost
		lose(o, lost == ^uint64(0))
		found = true
	}
	return found, nil
}

// means tells whether a row that takes away means a row of ours.
func means(r, ours *ontology.Row) bool {
	columns := []string{"ind1", "ind2", "when", "node", "path", "value"}
	if r.Cell("does") == "replace" {
		columns = columns[:2]
	}
	for _, c := range columns {
		if want := r.Cell(c); want != "" && want != ours.Cell(c) {
			return false
		}
	}
	return true
}

// without takes away what rows lose, and rows that lose all.
func (p *plan) without(gone map[*op]uint64) {
	if len(gone) == 0 {
		return
	}
	p.leader = p.leader.without(gone, true)
	if p.leader == nil {
		p.leader = &tagPlan{}
	}
	for n, t := range p.tags {
		if t != nil {
			p.tags[n] = t.without(gone, n < 10)
		}
	}
}

// without returns the plan of a tag without what its rows lose, nil if nothing is left.
func (t *tagPlan) without(gone map[*op]uint64, fixed bool) *tagPlan {
	left := &tagPlan{slots: t.slots, prefix: t.prefix}
	for _, o := range t.ops {
		if lost, ok := gone[o]; ok {
			if o.subs &^= lost; lost == ^uint64(0) {
				continue
			}
		}
		left.ops = append(left.ops, o)
		left.place(o, fixed)
	}
	if left.ops == nil {
		return nil
	}
	return left
}

// sound tells whether what a row of a library adds can be written as RDF: the tables of ours are
// tested, these are not.
func (p *plan) sound(r *ontology.Row) error {
	if r.Cell("sub") == "" && readsSubfields(r) {
		return r.Error("sub", ontology.Wrongf("còn thiếu: quy tắc này đọc những trường con nào?", "it is missing: which subfields does the row read?"))
	}
	return soundPath(r)
}

// soundPath tells whether path and value of a row can be written as RDF.
func soundPath(r *ontology.Row) error {
	if path := r.Cell("path"); path != "" {
		steps, err := ontology.ParsePath(path)
		if err != nil {
			return r.Error("path", err)
		}
		for _, s := range steps {
			terms := []graph.Term{s.Property.Term()}
			for _, c := range s.Classes {
				terms = append(terms, c.Term())
			}
			for _, f := range s.Facts {
				terms = append(terms, f.Property.Term(), f.Value)
			}
			for _, t := range terms {
				if err := soundTerm(t); err != nil {
					return r.Error("path", err)
				}
			}
			if s.Is != "" || s.Lacks != nil {
				return r.Error("path", ontology.Wrongf("trong ngoặc vuông chỉ có lớp và thuộc tính=giá trị", "in brackets there are classes and property=value only"))
			}
		}
	}
	if term, ok := strings.CutPrefix(r.Cell("value"), "="); ok {
		t, err := ontology.ParseTerm(term)
		if err == nil {
			err = soundTerm(t)
		}
		if err != nil {
			return r.Error("value", err)
		}
	}
	return nil
}

// readsSubfields tells whether a row would never do anything without subfields to read.
func readsSubfields(r *ontology.Row) bool {
	for tag := range strings.FieldsSeq(r.Cell("tag")) {
		if tag != "LDR" && !strings.HasPrefix(tag, "00") && !strings.HasPrefix(r.Cell("value"), "@") {
			return true
		}
	}
	return false
}

// soundTerm tells whether a term can be written: an IRI has a scheme and none of the characters
// that RFC 3987 leaves out, and a language tag is letters, digits and hyphens.
func soundTerm(t graph.Term) error {
	iri, isIRI := t.IRI()
	if !isIRI {
		iri = t.Datatype()
		for _, c := range t.Lang() {
			if c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
				return ontology.Wrongf("%q không phải mã ngôn ngữ", "%q is no tag of a language", t.Lang())
			}
		}
	}
	scheme, rest, ok := strings.Cut(string(iri), ":")
	if !ok || scheme == "" || rest == "" || strings.ContainsFunc(string(iri), isNoIRI) {
		return ontology.Wrongf("%q không phải IRI hợp lệ", "%q is no valid IRI", string(iri))
	}
	return nil
}
