package sheet

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"mocban/ontology"
)

// A templateColumn is a column of the template: what it is called in both languages, and all
// other names that are understood.
type templateColumn struct {
	order  int
	field  string
	vi, en string
	others []string
}

func templateColumns() ([]templateColumn, error) {
	t, err := ontology.FieldNames()
	if err != nil {
		return nil, err
	}
	var all []templateColumn
	for i := range t.Rows {
		r := &t.Rows[i]
		n, err := strconv.Atoi(r.Cell("template"))
		if err != nil {
			continue
		}
		names := strings.Split(r.Cell("names"), ";")
		for i := range names {
			names[i] = strings.TrimSpace(names[i])
		}
		if len(names) < 2 {
			return nil, r.Error("names", fmt.Errorf("a field of the template needs two names"))
		}
		all = append(all, templateColumn{n, r.Cell("field"), names[0], names[1], names[2:]})
	}
	slices.SortFunc(all, func(a, b templateColumn) int { return cmp.Compare(a.order, b.order) })
	return all, nil
}

// example is the row of the template that shows how cells are filled in.
var example = map[string]string{
	"id": "1", "title": "Tắt đèn", "subtitle": "tiểu thuyết", "author": "Ngô Tất Tố", "place": "Hà Nội", "publisher": "Văn học",
	"date": "2001", "pages": "180 tr.", "size": "19 cm", "language": "Tiếng Việt", "type": "Sách", "subject": "Nông dân; Sưu thuế",
	"ddc": "895.92233", "shelf": "VV.1234", "barcode": "00012345", "location": "Kho mượn",
}

// Template writes the template: "csv" or "xlsx", with headers in a language ("vi", "en") and
// an example. The workbook has a second sheet that tells which names of columns are known.
func Template(w io.Writer, format, lang string) error {
	columns, err := templateColumns()
	if err != nil {
		return err
	}
	var head, row []string
	for _, c := range columns {
		name := c.vi
		if lang == "en" {
			name = c.en
		}
		head, row = append(head, name), append(row, example[c.field])
	}
	if format == "xlsx" {
		return templateBook(w, columns, head, row, lang)
	}
	if _, err := io.WriteString(w, "\xEF\xBB\xBF"); err != nil { // by which spreadsheets know UTF-8
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.WriteAll([][]string{head, row}); err != nil {
		return err
	}
	return out.Error()
}

// guideTitles are the headers of the guide.
var guideTitles = map[string][]string{
	"vi": {"Cột", "Tiếng Anh", "Các tên khác cũng nhận ra"},
	"en": {"Column", "In Vietnamese", "Other names that are known"},
}

// isGuide tells whether cells are the headers of the guide.
func isGuide(cells []string) bool {
	return slices.Equal(cells, guideTitles["vi"]) || slices.Equal(cells, guideTitles["en"])
}

func templateBook(w io.Writer, columns []templateColumn, head, row []string, lang string) (err error) {
	f := excelize.NewFile()
	defer func() { err = cmp.Or(err, f.Close()) }()
	name, guide := "Danh mục", "Hướng dẫn"
	titles := guideTitles["vi"]
	if lang == "en" {
		name, guide, titles = "Catalogue", "Guide", guideTitles["en"]
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49}) // text, so that no zero is lost
	if err != nil {
		return err
	}
	last, err := excelize.ColumnNumberToName(len(head))
	if err != nil {
		return err
	}
	steps := []func() error{
		func() error { return f.SetSheetName("Sheet1", name) },
		func() error { return f.SetColStyle(name, "A:"+last, text) },
		func() error { return f.SetColWidth(name, "A", last, 20) },
		func() error { return f.SetSheetRow(name, "A1", &head) },
		func() error { return f.SetSheetRow(name, "A2", &row) },
		func() error { return f.SetCellStyle(name, "A1", last+"1", bold) },
		func() error {
			return f.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
		},
		func() error { _, err := f.NewSheet(guide); return err },
		func() error { return f.SetColWidth(guide, "A", "C", 30) },
		func() error { return f.SetSheetRow(guide, "A1", &titles) },
	}
	for i, c := range columns {
		first, second := c.vi, c.en
		if lang == "en" {
			first, second = second, first
		}
		cells := []string{first, second, strings.Join(c.others, "; ")}
		at := fmt.Sprintf("A%d", i+2)
		steps = append(steps, func() error { return f.SetSheetRow(guide, at, &cells) })
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("make the template: %w", err)
		}
	}
	return f.Write(w)
}
