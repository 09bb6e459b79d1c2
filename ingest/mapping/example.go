package mapping

import (
	"errors"
	"io"
	"slices"
	"strings"

	"mocban/graph"
	"mocban/ingest/formats"
	"mocban/ingest/marc"
	"mocban/ingest/tree"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/rdf"
)

// tryExamples runs the examples of tables of a library's own rows.
func (m *Mapper) tryExamples(tables []*ontology.Table) error {
	for _, t := range tables {
		for i := range t.Rows {
			r := &t.Rows[i]
			kind := ontology.KindOf(r)
			if err := m.tryExample(kind, r); err != nil {
				return err
			}
			if r.Cell("example") == "" || r.Cell("does") == "off" {
				continue
			}
			if err := m.reaches(kind, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// tryExample tells whether a record with the example of a row as its one field gives what the
// row expects.
func (m *Mapper) tryExample(kind string, row *ontology.Row) error {
	if ontology.IsTree(row) && row.Cell("example") == "" {
		return nil
	}
	r, err := exampleOf(kind, row)
	if err != nil {
		return row.Error("example", err)
	}
	if row.Cell("expected") == "" {
		return nil
	}
	if err := m.meets(r, row.Cell("expected")); err != nil {
		return row.Error("expected", err)
	}
	return nil
}

// reaches tells whether a row is for its own example at all.
func (m *Mapper) reaches(kind string, row *ontology.Row) error {
	r, err := exampleOf(kind, row)
	if err != nil {
		return row.Error("example", err)
	}
	_, _, t, err := m.follow(r, nil)
	if err != nil {
		return row.Error("example", err)
	}
	for _, run := range t.runs {
		for _, o := range run.ops {
			if o.row == row && (o.ignore || t.madeBy(row)) {
				return nil
			}
		}
	}
	for i := range t.elements {
		x := &t.elements[i]
		used := func(o *treeOp) bool { return o.row == row && (o.ignore || o.skip || o.quiet || t.madeBy(row)) }
		if slices.ContainsFunc(x.rows, used) || slices.ContainsFunc(x.attrs, func(a walkedAttr) bool { return slices.ContainsFunc(a.rows, used) }) {
			return nil
		}
	}
	if ontology.IsTree(row) {
		return row.Error("example", ontology.Wrongf("quy tắc này không cho gì từ ví dụ của chính nó; hãy xem lại tên phần tử và điều kiện",
			"the row makes nothing of its own example; look at the names and tests of elements"))
	}
	return row.Error("example", ontology.Wrongf("quy tắc này không cho gì từ ví dụ của chính nó; hãy xem lại nhãn trường, chỉ thị, trường con và điều kiện",
		"the row makes nothing of its own example; look at tag, indicators, subfields and conditions"))
}

// madeBy tells whether a row has made anything.
func (t *trace) madeBy(row *ontology.Row) bool {
	return slices.ContainsFunc(t.made, func(m made) bool { return m.cause.row == row })
}

// meets tells whether a record gives what a row expects.
func (m *Mapper) meets(r *marc.Record, expected string) error {
	quads, _, err := m.Append(nil, r)
	if err != nil {
		return err
	}
	all := expectations(expected)
	if len(all) == 0 {
		return notExpected(expected)
	}
	for _, want := range all {
		node, rest, ok := strings.Cut(strings.TrimSpace(want), " ")
		end := pathEnd(rest)
		if !ok || end < 0 {
			return notExpected(want)
		}
		path, err := ontology.ParsePath(rest[:end])
		if err != nil {
			return err
		}
		term, err := ontology.ParseTerm(rest[end+1:])
		if err != nil {
			return err
		}
		start := m.exampleNode(r, quads, node)
		if !leads(quads, start, path, term) {
			return ontology.Wrongf("%s không có; chỉ có\n%s", "%s is not there; there is\n%s", want, around(quads, path, start))
		}
	}
	return nil
}

func notExpected(want string) error {
	return ontology.Wrongf("%q không gồm nút (W, I, R, A), đường dẫn và giá trị", "%q is not a node (W, I, R, A), a path and a term", want)
}

// around returns the triples with the properties of a path, of which one may be nearly what was
// expected, or all that there are.
func around(quads []graph.Quad, path ontology.Path, start graph.Term) string {
	var near, all strings.Builder
	for _, q := range quads {
		line := short(q.Triple()) + "\n"
		all.WriteString(line)
		if slices.ContainsFunc(path, func(s ontology.Step) bool { return s.Property == q.P }) {
			near.WriteString(line)
		}
	}
	if near.Len() == 0 {
		return all.String()
	}
	return near.String()
}

// expectations takes apart what a row expects: "W path term ; I path term".
func expectations(s string) []string {
	var all []string
	for _, part := range strings.Split(s, " ; ") {
		if len(part) > 2 && strings.IndexByte("WIRA", part[0]) >= 0 && part[1] == ' ' {
			all = append(all, part)
		} else if len(all) > 0 {
			all[len(all)-1] += " ; " + part
		}
	}
	return all
}

// pathEnd returns where the path at the beginning of s ends: at a blank outside brackets.
func pathEnd(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '[':
			depth++
		case ']':
			depth--
		case ' ':
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

// exampleOf returns the record that the example of a row stands for: a field of MARC with what
// every record has, or a whole record that is a tree, with ¶ where a line ends.
func exampleOf(kind string, row *ontology.Row) (*marc.Record, error) {
	if !ontology.IsTree(row) {
		return exampleRecord(kind, row.Cell("example"))
	}
	var o marc.ReadOptions
	if kind == string(tree.Sheet) { // of which a line or two do not show what they are
		o.Format = "csv"
	}
	in, err := formats.NewReader(strings.NewReader(strings.ReplaceAll(row.Cell("example"), "¶", "\n")), o)
	if err != nil {
		return nil, err
	}
	r, err := in.Next()
	var bad *marc.BadRecord
	switch {
	case errors.As(err, &bad):
		return nil, &ontology.Mistake{Vi: bad.Vi, En: bad.En}
	case errors.Is(err, io.EOF), err == nil && (r.Tree == nil || string(r.Tree.Kind) != kind):
		return nil, ontology.Wrongf("không phải một biểu ghi %s", "it is no record of %s", kind)
	}
	return r, err
}

// exampleRecord returns a record with one field, and with what every record has.
func exampleRecord(kind, line string) (*marc.Record, error) {
	r := &marc.Record{Leader: "00000nam a2200000 i 4500"}
	fixed := "260101s2020    vm            000 | vie d"
	fields := []string{"001 1", "040 ## $aVN-TEST$bvie"}
	if kind == "auth" {
		r.Leader = "00000nz  a2200000n  4500"
		fixed = "260101n| azznnaabn           a aaa     d"
		fields = append(fields, "150 ## $aCó tên")
		if strings.HasPrefix(line, "024") || strings.HasPrefix(line, "046") || strings.HasPrefix(line, "37") || strings.HasPrefix(line, "400") {
			fields[2] = "100 0# $aCó tên"
		}
	}
	if kind == "hold" {
		r.Leader = "00000nx  a2200000zn 4500"
		fixed = "2601010u    8   4001uuvie0260101"
		fields = append(fields, "004 2")
		if !strings.HasPrefix(line, "852") {
			fields = append(fields, "852 ## $aVN-TEST")
		}
	}
	if kind == "unimarc-auth" {
		r.Leader = "00000nx  a2200000   45  "
		fields = []string{"001 1", "100 ## $a20260101avie50######ba0"}
		if !strings.HasPrefix(line, "152") {
			fields = append(fields, "152 ## $aAFNOR$brameau")
		}
		switch {
		case strings.HasPrefix(line, "2"):
		case strings.HasPrefix(line, "400"), strings.HasPrefix(line, "010"), strings.HasPrefix(line, "10"), strings.HasPrefix(line, "340"):
			fields = append(fields, "200 #1 $aHugo$bVictor$f1802-1885")
		case strings.HasPrefix(line, "123"), strings.HasPrefix(line, "160"):
			fields = append(fields, "215 ## $aHuế")
		default:
			fields = append(fields, "250 ## $aCó tên")
		}
	} else if kind == "unimarc" {
		r.Leader = "00000nam0 2200000   450 "
		fields = []string{"001 1", "100 ## $a20260101d2020    m##y0viey50######ba"}
		if !strings.HasPrefix(line, "200") {
			fields = append(fields, "200 1# $aNhan đề")
		}
	} else if !strings.HasPrefix(line, "008") {
		fields = append(fields, "008 "+fixed)
	}
	if kind == "bib" && !strings.HasPrefix(line, "245") {
		fields = append(fields, "245 00 $aNhan đề")
	}
	if line != "" {
		fields = append(fields, line)
	}
	for _, l := range fields {
		if strings.HasPrefix(line, "040") && strings.HasPrefix(l, "040") && l != line {
			continue
		}
		f, err := exampleField(l)
		if err != nil {
			return nil, err
		}
		r.Fields = append(r.Fields, f)
	}
	return r, nil
}

// exampleField reads "245 10 $aTắt đèn". A # is a blank in indicators and control fields.
func exampleField(l string) (marc.Field, error) {
	if len(l) < 4 || l[3] != ' ' || tagNumber(l[:3]) < 0 {
		return marc.Field{}, noField(l)
	}
	f := marc.Field{Tag: l[:3]}
	if strings.HasPrefix(l, "00") {
		f.Data = strings.ReplaceAll(l[4:], "#", " ")
		return f, nil
	}
	if len(l) < 9 || l[6] != ' ' || l[7] != '$' {
		return f, noField(l)
	}
	blank := func(c byte) byte {
		if c == '#' {
			return ' '
		}
		return c
	}
	f.Ind1, f.Ind2 = blank(l[4]), blank(l[5])
	for s := range strings.SplitSeq(l[8:], "$") {
		if s == "" {
			return f, noField(l)
		}
		f.Subfields = append(f.Subfields, marc.Subfield{Code: s[0], Value: s[1:]})
	}
	return f, nil
}

func noField(l string) error {
	return ontology.Wrongf("%q không phải một trường: nhãn, chỉ thị, $ và các trường con, như 590 ## $aCó chữ ký", "%q is no field: tag, indicators, $ and subfields, such as 590 ## $aSigned", l)
}

// exampleNode finds the work, the instance or the thing of an authority record.
func (m *Mapper) exampleNode(r *marc.Record, quads []graph.Quad, node string) graph.Term {
	prefix := map[string]string{"W": "id/work/", "I": "id/instance/"}[node]
	if node == "R" {
		return m.Record(r).Term()
	}
	for _, q := range quads {
		if node == "A" && q.P == bf.AdminMetadata {
			return q.S
		}
		if prefix != "" && strings.HasPrefix(q.S.Value(), string(m.options.Base)+prefix) {
			return q.S
		}
	}
	return graph.Term{}
}

// leads tells whether a path leads from s to a term.
func leads(quads []graph.Quad, s graph.Term, path ontology.Path, want graph.Term) bool {
	step := path[0]
	for _, q := range quads {
		if q.S != s || q.P != step.Property || step.Node && !fits(quads, q.O, step) {
			continue
		}
		if len(path) == 1 && q.O == want || len(path) > 1 && leads(quads, q.O, path[1:], want) {
			return true
		}
	}
	return false
}

func fits(quads []graph.Quad, n graph.Term, step ontology.Step) bool {
	has := func(p graph.IRI, o graph.Term) bool {
		for _, q := range quads {
			if q.S == n && q.P == p && q.O == o {
				return true
			}
		}
		return false
	}
	for _, c := range step.Classes {
		if !has(rdf.Type, c.Term()) {
			return false
		}
	}
	for _, f := range step.Facts {
		if !has(f.Property, f.Value) {
			return false
		}
	}
	return true
}
