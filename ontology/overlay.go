package ontology

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// OverlayColumns are the columns that a table of a library's own rows may have. It needs tag and
// value; the others may be left out. Besides those of the tables in marc21 there are
//
//	kind  what records the row is for: bib, auth, hold or unimarc; empty means bib
//	does  add, replace or off; empty means add
//
// A row that replaces takes away what the rows of ours say of the same tags and subfields, and
// stands in their place; if it fills in ind1 or ind2, it means those rows of ours that have the
// same there. One that switches off takes away only, and needs no value; in it when, node, path
// and value say which rows are meant, too.
var OverlayColumns = []string{
	"kind", "does", "tag", "ind1", "ind2", "sub", "when", "node", "path", "value",
	"example", "expected", "note",
}

// ReadOverlay reads a table of a library's own rows, as a spreadsheet saves it: tabs between the
// cells, in UTF-8, or in UTF-16 with a byte order mark. File is its name in messages.
func ReadOverlay(file string, data []byte) (*Table, error) {
	text, err := overlayText(data)
	if err != nil {
		return nil, &TableError{File: file, Line: badLine(data), Err: err}
	}
	t, err := readTable(file, text, OverlayColumns, []string{"tag", "value"})
	if err != nil {
		return nil, err
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		if !slices.Contains([]string{"", "bib", "auth", "hold", "unimarc"}, r.Cell("kind")) {
			return nil, r.Error("kind", Wrongf("%q: phải là bib (biểu ghi thư mục), auth (kiểm soát tính nhất quán), hold (vốn tư liệu) hoặc unimarc", "%q: bib, auth, hold or unimarc is expected", r.Cell("kind")))
		}
		if !slices.Contains([]string{"", "add", "replace", "off"}, r.Cell("does")) {
			return nil, r.Error("does", Wrongf("%q: phải là add (thêm), replace (thay) hoặc off (tắt)", "%q: add, replace or off is expected", r.Cell("does")))
		}
		if r.Cell("tag") == "" {
			return nil, r.Error("tag", Wrongf("còn thiếu nhãn trường", "it is missing"))
		}
		if r.Cell("expected") != "" && r.Cell("example") == "" && !strings.HasPrefix(r.Cell("tag"), "LDR") {
			return nil, r.Error("example", Wrongf("có kết quả phải có nhưng thiếu ví dụ", "there is an expected result, but no example"))
		}
	}
	return t, nil
}

// overlayText returns the text of a file.
func overlayText(data []byte) (string, error) {
	if len(data) >= 2 && (data[0] == 0xFF && data[1] == 0xFE || data[0] == 0xFE && data[1] == 0xFF) {
		var order binary.ByteOrder = binary.LittleEndian
		if data[0] == 0xFE {
			order = binary.BigEndian
		}
		units := make([]uint16, 0, len(data)/2)
		for rest := data[2:]; len(rest) >= 2; rest = rest[2:] {
			units = append(units, order.Uint16(rest))
		}
		return string(utf16.Decode(units)), nil
	}
	if !utf8.Valid(data) || strings.IndexByte(string(data), 0) >= 0 {
		return "", Wrongf("tệp không phải UTF-8; hãy lưu lại dạng văn bản phân cách bằng tab, bảng mã UTF-8", "the file is not in UTF-8; save it as text with tabs, in UTF-8")
	}
	return string(data), nil
}

// badLine returns the first line of a file that is no text in UTF-8.
func badLine(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 || r == 0 {
			break
		}
		if r == '\n' {
			line++
		}
		data = data[n:]
	}
	return line
}
