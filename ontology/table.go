package ontology

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Table is a sheet of rows: a text file with tabs between the cells, which any spreadsheet
// opens. The first line that is neither empty nor begins with # names the columns.
type Table struct {
	File    string
	Columns []string
	Rows    []Row
	line    int // where the names of the columns stand
}

// A Row is one line of a table.
type Row struct {
	table *Table
	Line  int // in the file, from 1
	cells []string
}

// Cell returns what stands in a column, or "" if the row ends before it.
func (r *Row) Cell(column string) string {
	for i, c := range r.table.Columns {
		if c == column && i < len(r.cells) {
			return r.cells[i]
		}
	}
	return ""
}

// File returns the name of the file that the row stands in.
func (r *Row) File() string { return r.table.File }

// Error returns err with the place of a cell.
func (r *Row) Error(column string, err error) error {
	return &TableError{File: r.table.File, Line: r.Line, Column: column, Err: err}
}

// A TableError tells where a table is wrong.
type TableError struct {
	File   string
	Line   int
	Column string // by name; empty for the whole row
	Err    error
}

func (e *TableError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("%s, row %d: %v", e.File, e.Line, e.Err)
	}
	return fmt.Sprintf("%s, row %d, column %s: %v", e.File, e.Line, e.Column, e.Err)
}

func (e *TableError) Unwrap() error { return e.Err }

// In returns the error in a language, "vi" or "en".
func (e *TableError) In(lang string) string {
	if lang != "vi" {
		return e.Error()
	}
	var m *Mistake
	text := e.Err.Error()
	if errors.As(e.Err, &m) {
		text = m.Vi
	}
	if e.Column == "" {
		return fmt.Sprintf("%s, dòng %d: %s", e.File, e.Line, text)
	}
	return fmt.Sprintf("%s, dòng %d, cột %s: %s", e.File, e.Line, e.Column, text)
}

// A Mistake tells in both languages what is wrong in a table.
type Mistake struct{ Vi, En string }

func (m *Mistake) Error() string { return m.En }

// Wrongf returns a [Mistake]. Both texts take the same arguments.
func Wrongf(vi, en string, args ...any) error {
	return &Mistake{fmt.Sprintf(vi, args...), fmt.Sprintf(en, args...)}
}

// ReadTable reads a table whose columns must be those named, in any order. Cells lose the
// blanks around them, and the quotes that spreadsheets put around a cell.
func ReadTable(file, text string, columns ...string) (*Table, error) {
	return readTable(file, text, columns, columns)
}

// readTable reads a table of some columns, which needs some of them.
func readTable(file, text string, columns, needed []string) (*Table, error) {
	t := &Table{File: file}
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if n == 0 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "\t")
		for i, c := range cells {
			cells[i] = unquote(strings.TrimSpace(c))
		}
		for len(cells) > 0 && cells[len(cells)-1] == "" { // which spreadsheets leave behind
			cells = cells[:len(cells)-1]
		}
		if len(cells) == 0 {
			continue
		}
		if t.Columns == nil {
			if err := t.head(n+1, cells, columns, needed); err != nil {
				return nil, err
			}
			continue
		}
		if len(cells) > len(t.Columns) {
			return nil, &TableError{file, n + 1, "", Wrongf("có %d ô, nhưng bảng chỉ có %d cột", "%d cells, but the table has %d columns", len(cells), len(t.Columns))}
		}
		t.Rows = append(t.Rows, Row{t, n + 1, cells})
	}
	if t.Columns == nil {
		return nil, &TableError{file, 1, "", Wrongf("không có dòng nào ghi tên các cột", "there is no row that names the columns")}
	}
	return t, nil
}

func (t *Table) head(line int, cells, columns, needed []string) error {
	if len(cells) == 1 && len(needed) > 1 || len(cells) == 1 && !slices.Contains(columns, cells[0]) {
		for _, mark := range []string{",", ";"} {
			if strings.Contains(cells[0], mark) {
				return &TableError{t.File, line, "", Wrongf("các ô cách nhau bằng %q; hãy lưu lại dạng văn bản cách nhau bằng tab",
					"the cells are divided by %q; save it as text with tabs between the cells", mark)}
			}
		}
	}
	for i, c := range cells {
		cells[i] = strings.ToLower(c)
	}
	for _, want := range needed {
		if !slices.Contains(cells, want) {
			return &TableError{t.File, line, want, Wrongf("thiếu cột này; đã thấy: %s", "the column is missing; found: %s", strings.Join(cells, ", "))}
		}
	}
	for i, c := range cells {
		if !slices.Contains(columns, c) {
			return &TableError{t.File, line, c, Wrongf("không có cột nào tên như vậy; có: %s", "there is no such column; there are: %s", strings.Join(columns, ", "))}
		}
		if slices.Contains(cells[:i], c) {
			return &TableError{t.File, line, c, Wrongf("cột này có hai lần", "the column stands twice")}
		}
	}
	t.Columns, t.line = cells, line
	return nil
}

// unquote takes away the quotes of a cell that a spreadsheet has quoted: all of it, with
// quotes inside doubled. A cell that begins with a quote of its own is left alone.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	inner := strings.ReplaceAll(s[1:len(s)-1], `""`, "\x00")
	if strings.Contains(inner, `"`) {
		return s
	}
	return strings.ReplaceAll(inner, "\x00", `"`)
}
