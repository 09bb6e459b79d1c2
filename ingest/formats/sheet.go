package formats

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"mocban/ingest/charset"
	"mocban/ingest/marc"
	"mocban/ingest/sheet"
)

// A sheetReader reads CSV or a workbook. Records are numbered by their rows, as the
// spreadsheet shows them.
type sheetReader struct{ in *sheet.Reader }

func newSheetReader(in *bufio.Reader, o marc.ReadOptions) (marc.Reader, error) {
	set := charset.Unknown
	if o.Charset != "" {
		var ok bool
		if set, ok = charset.Named(o.Charset); !ok {
			return nil, fmt.Errorf("character set %q is not known", o.Charset)
		}
	}
	return &sheetReader{sheet.NewCSV(in, set)}, nil
}

func newBookReader(in *bufio.Reader) (marc.Reader, error) {
	text, err := io.ReadAll(io.LimitReader(in, sheet.MaxWorkbook+1))
	if err != nil {
		return nil, err
	}
	r, err := sheet.NewXLSX(text)
	if err != nil {
		return &failedReader{text: text, fault: bad("workbook", "không mở được bảng tính: "+err.Error(), "the workbook cannot be read: "+err.Error())}, nil
	}
	return &sheetReader{r}, nil
}

func (r *sheetReader) Next() (*marc.Record, error) {
	one, err := r.in.Next()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		return nil, err
	}
	if f := one.Fault; f != nil {
		fault := bad(f.Rule, f.Vi, f.En)
		fault.Number, fault.Offset, fault.Source = one.Row, one.Offset, one.Source
		return nil, fault
	}
	var repairs []marc.Repair
	if one.Bad > 0 {
		repairs = append(repairs, marc.Repair{Rule: "character", Detail: fmt.Sprintf("%d characters unreadable as %s", one.Bad, r.in.Charset())})
	}
	if c := r.in.Charset(); c != charset.UTF8 && c != charset.Unknown && !charset.IsPlain(one.Source) {
		repairs = append(repairs, marc.Repair{Rule: "charset", Detail: "the sheet is " + c.String()})
	}
	if one.Rows > 1 {
		repairs = append(repairs, marc.Repair{Rule: "merged", Detail: fmt.Sprintf("%d rows have this number: copies of one record", one.Rows)})
	}
	one.Tree.Head = one.Head
	rec := finish(one.Tree, one.Source, repairs)
	rec.Number, rec.Offset = one.Row, one.Offset
	return rec, nil
}

// A failedReader tells of an input that cannot be opened.
type failedReader struct {
	text  []byte
	fault *marc.BadRecord
}

func (r *failedReader) Next() (*marc.Record, error) {
	if r.fault == nil {
		return nil, io.EOF
	}
	fault := r.fault
	r.fault = nil
	fault.Number, fault.Source = 1, r.text
	return nil, fault
}
