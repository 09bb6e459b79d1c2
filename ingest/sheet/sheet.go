// Package sheet reads the lists that small libraries keep: CSV with any usual separator and
// character set, and XLSX. A row of headers tells the fields, in Vietnamese or English, with
// or without marks (ontology/trees/names-of-fields.tsv), and each row below is a record.
//
// What to hold in mind:
//
//   - The header is the row among the first ones that has most names of fields. What stands
//     above it is a title and no record.
//   - Rows that follow on each other with the same number are one record with several copies.
//   - A header such as dc.title[vi] makes the sheet one of DSpace, with || between values.
//   - A sheet that is hidden is not read; if it looks like a list of records, that is told.
//   - Row numbers are those that the spreadsheet shows.
package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"mocban/ingest/charset"
	"mocban/ingest/tree"
)

// A row is one as it was read.
type row struct {
	cells  []string
	source []byte
	raw    []byte // source with the end of its line; nil in a workbook
	offset int64
	line   int
	sheet  string
	hidden bool // the sheet is
	fault  *Fault
	bad    int // characters that could not be read
}

// A Fault tells why a row is no record.
type Fault struct{ Rule, Vi, En string }

// A Record is a row, or several that are one record, as a tree; or what is wrong with it.
type Record struct {
	Tree   *tree.Record
	Row    int    // the number of the first row
	Offset int64  // of the first row in the input; 0 in a workbook
	Source []byte // the rows as they came; in a workbook, as CSV
	Head   []byte // the row of headers, as Source
	Rows   int
	Bad    int // characters that could not be read
	Fault  *Fault
}

// A Reader gives the records of a sheet.
type Reader struct {
	in interface {
		next() (row, error)
	}
	columns []column // nil before the header
	head    []byte
	sheet   string
	dspace  bool
	held    *row  // read and not used yet
	first   []row // without a header so far
	lost    bool  // the sheet has none
	charset charset.Charset
}

// A column is what stands in the cells below a header.
type column struct {
	header string
	field  string // "" if no field is called so
	lang   string
}

// headerRows is in how many rows the header is looked for.
const headerRows = 15

// IsXLSX tells whether an input begins as a workbook does: with a ZIP archive.
func IsXLSX(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// IsCSV tells whether an input begins as CSV with a header of ours.
func IsCSV(head []byte) bool {
	in := bufio.NewReaderSize(bytes.NewReader(head), max(16, len(head)+1))
	r := newCSV(in, charset.Unknown)
	for range headerRows {
		one, err := r.next()
		if err != nil {
			return false
		}
		if known, _ := headers(one.cells); known >= 2 {
			return true
		}
	}
	return false
}

// NewCSV returns a reader of CSV. The set is found out if it is not known.
func NewCSV(in *bufio.Reader, set charset.Charset) *Reader {
	c := newCSV(in, set)
	return &Reader{in: c, charset: c.charset}
}

// NewXLSX returns a reader of a workbook.
func NewXLSX(workbook []byte) (*Reader, error) {
	x, err := newXLSX(workbook)
	if err != nil {
		return nil, err
	}
	return &Reader{in: x}, nil
}

// Charset is that of a file of CSV.
func (r *Reader) Charset() charset.Charset { return r.charset }

var dspaceHeader = regexp.MustCompile(`^(?:dc|dcterms)\.([A-Za-z]+(?:\.[A-Za-z]+)*)(?:\[([^\]]*)\])?$`)

// headers returns how many fields the cells name, and what they are.
func headers(cells []string) (known int, columns []column) {
	fields := map[string]bool{}
	for _, c := range cells {
		col := column{header: c}
		if m := dspaceHeader.FindStringSubmatch(c); m != nil {
			col.field, col.lang = m[1], strings.ReplaceAll(m[2], "_", "-")
		} else if f, ok := FieldNamed(c); ok {
			col.field = f
		}
		if col.field != "" {
			fields[col.field+col.lang] = true
		}
		columns = append(columns, col)
	}
	return len(fields), columns
}

// Next returns the next record, and io.EOF behind the last. Any other error ends the sheet.
func (r *Reader) Next() (*Record, error) {
	for {
		one, err := r.row()
		if err != nil {
			if errors.Is(err, io.EOF) && r.headless() {
				return r.noHeader(), nil
			}
			return nil, err
		}
		if one.sheet != r.sheet { // each sheet has a header
			if r.headless() {
				r.held = &one
				return r.noHeader(), nil
			}
			r.sheet, r.columns, r.first, r.lost = one.sheet, nil, nil, false
		}
		switch {
		case r.lost:
		case one.hidden:
			if fault := r.passHidden(one); fault != nil {
				return fault, nil
			}
		case r.columns == nil:
			if fault := r.look(one); fault != nil {
				return fault, nil
			}
		case one.fault != nil:
			return &Record{Row: one.line, Offset: one.offset, Source: one.source, Rows: 1, Fault: one.fault}, nil
		default:
			return r.record(one), nil
		}
	}
}

func (r *Reader) row() (row, error) {
	if r.held != nil {
		one := *r.held
		r.held = nil
		return one, nil
	}
	return r.in.next()
}

// passHidden leaves out a row of a hidden sheet, and tells so once if it is the header of a list.
func (r *Reader) passHidden(one row) *Record {
	known, _ := headers(one.cells)
	r.lost = known >= 2 || one.line > headerRows
	if known < 2 {
		return nil
	}
	return &Record{Row: one.line, Offset: one.offset, Source: one.source, Rows: 1, Fault: &Fault{"hidden-sheet",
		fmt.Sprintf("trang tính %q đang bị ẩn nên không được đọc; bỏ ẩn trang này nếu cần nạp các dòng của nó", one.sheet),
		fmt.Sprintf("sheet %q is hidden and was not read; unhide it if its rows are to be read", one.sheet)}}
}

// headless tells whether the sheet at hand had rows and no header. The guide in our own
// template is meant to have none.
func (r *Reader) headless() bool {
	return r.columns == nil && !r.lost && len(r.first) > 0 && !isGuide(r.first[0].cells)
}

// look takes a row as the header, if it is one. If there is none among the first rows, the
// sheet is a fault.
func (r *Reader) look(one row) *Record {
	known, columns := headers(one.cells)
	if known >= 2 || known == 1 && len(nonEmpty(one.cells)) == 1 && r.isTitle(columns) {
		r.columns, r.head, r.dspace = columns, one.source, false
		for _, c := range columns {
			r.dspace = r.dspace || dspaceHeader.MatchString(c.header)
		}
		if !r.dspace {
			r.under(one)
		}
		return r.checkHeader(one)
	}
	r.first = append(r.first, one)
	if len(r.first) == headerRows && r.headless() {
		return r.noHeader()
	}
	return nil
}

// under takes what stands below the header and belongs to it: a second row of names, below cells
// of the first that were merged ("Xuất bản" above "Nhà xuất bản" and "Năm"), and the numbers of the
// columns, as forms have them: (1), (2), (3).
func (r *Reader) under(header row) {
	for second := true; ; second = false {
		next, err := r.in.next()
		if err != nil {
			return // it comes again
		}
		switch {
		case next.sheet != header.sheet || next.fault != nil:
		case numbering(next.cells):
			r.head = append(append(bytes.Clone(r.head), '\n'), next.source...)
			return
		case second && r.secondHeader(next.cells):
			r.head = append(append(bytes.Clone(r.head), '\n'), next.source...)
			r.merge(next.cells)
			continue
		}
		r.held = &next
		return
	}
}

// secondHeader tells whether a row below the header is a row of names as well: one below a cell
// that was merged with its neighbour, and nothing below the title.
func (r *Reader) secondHeader(cells []string) bool {
	names := 0
	for i, c := range cells {
		switch {
		case c == "":
			continue
		case i < len(r.columns) && (r.columns[i].field == "title" || r.columns[i].field == "id"):
			return false
		}
		if _, known := FieldNamed(c); !known {
			return false
		}
		names++
	}
	return names >= 2
}

// merge puts the names of a second row in the place of those above them.
func (r *Reader) merge(cells []string) {
	for i, c := range cells {
		if c == "" {
			continue
		}
		for len(r.columns) <= i {
			r.columns = append(r.columns, column{})
		}
		field, _ := FieldNamed(c)
		r.columns[i] = column{header: c, field: field}
	}
}

// numbering tells whether the cells number the columns.
func numbering(cells []string) bool {
	last, n := 0, 0
	for _, c := range cells {
		if c == "" {
			continue
		}
		at, err := strconv.Atoi(strings.Trim(c, "()[] "))
		if err != nil || last > 0 && at != last+1 || last == 0 && at > 2 {
			return false
		}
		last = at
		n++
	}
	return n >= 3
}

func (r *Reader) isTitle(columns []column) bool {
	for _, c := range columns {
		if c.field == "title" {
			return true
		}
	}
	return false
}

func nonEmpty(cells []string) (some []string) {
	for _, c := range cells {
		if c != "" {
			some = append(some, c)
		}
	}
	return some
}

func (r *Reader) noHeader() *Record {
	r.lost = true
	one := r.first[0]
	found := strings.Join(nonEmpty(one.cells), ", ")
	return &Record{Row: one.line, Offset: one.offset, Source: one.source, Rows: 1, Fault: &Fault{"header",
		fmt.Sprintf("không có dòng tiêu đề cột nào nhận ra được; dòng đầu có: %.200s. Lấy tệp mẫu bằng lệnh mocban template", found),
		fmt.Sprintf("there is no row of headers that is known; the first row has: %.200s. Get a template by: mocban template", found)}}
}

// checkHeader tells what a header lacks or has twice.
func (r *Reader) checkHeader(one row) *Record {
	at := map[string]int{}
	for i, c := range r.columns {
		if c.field == "id" || c.field == "title" && !r.dspace {
			if j, twice := at[c.field]; twice {
				r.columns, r.lost = nil, true
				return &Record{Row: one.line, Offset: one.offset, Source: one.source, Rows: 1, Fault: &Fault{"header",
					fmt.Sprintf("cột %q có hai lần: ở %d và %d", c.header, j+1, i+1), fmt.Sprintf("column %q appears at %d and %d", c.header, j+1, i+1)}}
			}
			at[c.field] = i
		}
	}
	if _, ok := at["title"]; !ok && !r.dspace {
		r.columns, r.lost = nil, true
		found := strings.Join(nonEmpty(one.cells), ", ")
		return &Record{Row: one.line, Offset: one.offset, Source: one.source, Rows: 1, Fault: &Fault{"header",
			fmt.Sprintf("không có cột nhan đề; có: %.200s", found), fmt.Sprintf("no column for the title; found: %.200s", found)}}
	}
	return nil
}

// record makes a record of a row, and of those behind it that have its number.
func (r *Reader) record(one row) *Record {
	rec := &Record{Row: one.line, Offset: one.offset, Source: one.source, Head: r.head, Rows: 1, Bad: one.bad}
	if fault := r.check(one); fault != nil {
		rec.Fault = fault
		return rec
	}
	root := &tree.Element{Name: "row"}
	t := &tree.Record{Kind: tree.Sheet, Format: "text/csv", Root: root}
	if r.dspace {
		t.Kind, root.Name = tree.DC, "dc"
	}
	r.add(root, one)
	rec.Tree = t
	t.ID = r.id(one)
	raw := one.raw
	for t.ID != "" && !r.dspace {
		next, err := r.in.next()
		if err != nil {
			break // it comes again
		}
		if next.sheet != one.sheet || next.fault != nil || r.check(next) != nil || r.id(next) != t.ID || next.offset != one.offset+int64(len(raw)) {
			r.held = &next
			break
		}
		r.add(root, next)
		if raw = append(raw, next.raw...); raw == nil {
			rec.Source = append(append(rec.Source, '\n'), next.source...)
		} else {
			rec.Source = bytes.TrimRight(raw, "\r\n")
		}
		rec.Rows++
		rec.Bad += next.bad
	}
	return rec
}

func (r *Reader) id(one row) string {
	for i, c := range r.columns {
		if c.field == "id" && i < len(one.cells) {
			return one.cells[i]
		}
	}
	return ""
}

// check tells why a row cannot be a record.
func (r *Reader) check(one row) *Fault {
	if extra := len(one.cells) - len(r.columns); extra > 0 && len(nonEmpty(one.cells[len(r.columns):])) > 0 {
		return &Fault{"ragged", fmt.Sprintf("dòng %d: có %d ô, tiêu đề có %d cột", one.line, len(one.cells), len(r.columns)),
			fmt.Sprintf("row %d: %d cells, %d expected", one.line, len(one.cells), len(r.columns))}
	}
	hasID, title := false, false
	for i, c := range r.columns {
		value := ""
		if i < len(one.cells) {
			value = one.cells[i]
		}
		switch {
		case c.field == "id":
			hasID = true
		case c.field == "title" || strings.HasPrefix(c.field, "title."):
			title = title || value != ""
		}
	}
	switch {
	case hasID && r.id(one) == "":
		return &Fault{"no-id", fmt.Sprintf("dòng %d: thiếu mã biểu ghi", one.line), fmt.Sprintf("row %d: empty id", one.line)}
	case !title:
		return &Fault{"no-title", fmt.Sprintf("dòng %d: thiếu nhan đề", one.line), fmt.Sprintf("row %d: empty title", one.line)}
	}
	return nil
}

// add adds the cells of a row, but those that say again what is there.
func (r *Reader) add(root *tree.Element, one row) {
	for i, c := range r.columns {
		if i >= len(one.cells) || one.cells[i] == "" {
			continue
		}
		values := []string{one.cells[i]}
		if r.dspace {
			values = strings.Split(one.cells[i], "||")
		}
		for _, v := range values {
			if v = strings.TrimSpace(v); v != "" && !has(root, c, v) {
				root.Children = append(root.Children, c.element(v))
			}
		}
	}
}

func has(root *tree.Element, c column, value string) bool {
	for e := range root.Elements() {
		if e.Attr("column") == c.header && e.Value() == value {
			return true
		}
	}
	return false
}

// element makes an element of a cell. One whose column is no field is called after its
// header, so that it is told that nothing reads it, and a row of a library's own can.
func (c column) element(value string) *tree.Element {
	name := c.field
	if name == "" {
		name = strings.NewReplacer("/", " ", "@", " ", "_", " ").Replace(c.header)
		if name = strings.TrimSpace(name); name == "" {
			name = "?"
		}
		name = "«" + name + "»"
	}
	e := tree.New(name, value)
	e.Set("column", c.header)
	if c.lang != "" && c.lang != "*" {
		e.Set("xml:lang", c.lang)
	}
	return e
}
