package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// MaxWorkbook bounds a workbook in bytes.
const MaxWorkbook = 256 << 20

// Limits of workbooks, which are packed: a small one can hold a large sheet.
const (
	maxUnpacked = 1 << 30
	maxInMemory = 16 << 20 // a sheet larger than this is unpacked to a file
)

// An xlsxReader reads the sheets of a workbook, a row at a time. Dates come as ISO 8601,
// numbers as the cell shows them.
type xlsxReader struct {
	book   *excelize.File
	sheets []string
	hidden map[string]bool
	rows   *excelize.Rows
	sheet  string
	line   int
}

func newXLSX(text []byte) (*xlsxReader, error) {
	if len(text) > MaxWorkbook {
		return nil, fmt.Errorf("the workbook is larger than %d MiB", MaxWorkbook>>20)
	}
	book, err := open(text)
	if err != nil {
		return nil, fmt.Errorf("open workbook: %w", err)
	}
	r := &xlsxReader{book: book, sheets: book.GetSheetList(), hidden: map[string]bool{}}
	for _, name := range r.sheets {
		visible, err := book.GetSheetVisible(name)
		r.hidden[name] = err != nil || !visible
	}
	return r, nil
}

// open opens a workbook. A damaged one must not stop the process, whatever the library makes
// of it.
func open(text []byte) (book *excelize.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			book, err = nil, fmt.Errorf("it is damaged: %v", p)
		}
	}()
	return excelize.OpenReader(bytes.NewReader(text), excelize.Options{
		UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxInMemory, ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd",
	})
}

// next returns the next row that is not empty; sheet is its sheet, where a new header may
// stand.
func (r *xlsxReader) next() (out row, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = row{}, fmt.Errorf("sheet %q is damaged: %v", r.sheet, p)
		}
	}()
	for {
		if r.rows == nil {
			if len(r.sheets) == 0 {
				return row{}, errors.Join(io.EOF, r.book.Close())
			}
			r.sheet, r.sheets, r.line = r.sheets[0], r.sheets[1:], 0
			if r.rows, err = r.book.Rows(r.sheet); err != nil {
				return row{}, fmt.Errorf("read sheet %q: %w", r.sheet, err)
			}
		}
		if !r.rows.Next() {
			if err := errors.Join(r.rows.Error(), r.rows.Close()); err != nil {
				return row{}, fmt.Errorf("read sheet %q: %w", r.sheet, err)
			}
			r.rows = nil
			continue
		}
		r.line++
		cells, err := r.rows.Columns()
		if err != nil {
			return row{}, fmt.Errorf("read sheet %q, row %d: %w", r.sheet, r.line, err)
		}
		some := false
		for i, c := range cells {
			cells[i] = strings.Join(strings.Fields(strings.ToValidUTF8(c, "\uFFFD")), " ")
			some = some || cells[i] != ""
		}
		if some {
			return row{cells: cells, source: line(cells), line: r.line, sheet: r.sheet, hidden: r.hidden[r.sheet]}, nil
		}
	}
}

// line returns cells as one line of CSV: what is kept of a row of a workbook.
func line(cells []string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(cells) // into memory
	w.Flush()
	return bytes.TrimRight(b.Bytes(), "\n")
}
