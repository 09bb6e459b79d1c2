package ontology

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// OverlayColumns are the columns that a table of a library's own rows may have. It needs value, and
// tag or element; the others may be left out. Besides those of the tables in marc21 and trees
// there are
//
//	kind  what records the row is for: bib, auth, hold, unimarc, unimarc-auth, or a kind of tree such as mods;
//	      empty means bib
//	does  add, replace or off; empty means add
//
// Profile names the profiles or versions of BIBFRAME that a row is for, with blanks between
// them; empty means all.
//
// A row that replaces takes away what the rows of ours say of the same tags and subfields, or of
// elements with the same pattern, and stands in their place; if it fills in ind1 or ind2, it means those rows of ours that have the
// same there. One that switches off takes away only, and needs no value; in it when, node, path
// and value say which rows are meant, too.
var OverlayColumns = []string{
	"kind", "does", "profile", "tag", "element", "ind1", "ind2", "sub", "when", "node", "path", "value", "reads",
	"example", "expected", "note",
}

// treeKinds are the kinds of records that are trees.
var treeKinds = []string{"dc", "mods", "mets", "ead", "eac", "tei", "lido", "edm", "iiif", "sheet"}

// KindOf returns what records a row of a library is for.
func KindOf(r *Row) string {
	if kind := r.Cell("kind"); kind != "" {
		return kind
	}
	return "bib"
}

// IsTree tells whether a row of a library is for records that are trees.
func IsTree(r *Row) bool { return slices.Contains(treeKinds, KindOf(r)) }

// ReadOverlay reads a table of a library's own rows, as a spreadsheet saves it: tabs between the
// cells, in UTF-8, or in UTF-16 with a byte order mark. File is its name in messages.
func ReadOverlay(file string, data []byte) (*Table, error) {
	text, err := overlayText(data)
	if err != nil {
		return nil, &TableError{File: file, Line: badLine(data), Err: err}
	}
	t, err := readTable(file, text, OverlayColumns, []string{"value"})
	if err != nil {
		return nil, err
	}
	if !slices.Contains(t.Columns, "tag") && !slices.Contains(t.Columns, "element") {
		return nil, &TableError{file, t.line, "tag", Wrongf("thiếu cột này (hoặc cột element, cho biểu ghi dạng cây); đã thấy: %s",
			"the column is missing (or element, for records that are trees); found: %s", strings.Join(t.Columns, ", "))}
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		if !slices.Contains([]string{"bib", "auth", "hold", "unimarc", "unimarc-auth"}, KindOf(r)) && !IsTree(r) {
			return nil, r.Error("kind", Wrongf("%q: phải là bib (biểu ghi thư mục), auth (kiểm soát tính nhất quán), hold (vốn tư liệu), unimarc, unimarc-auth, hoặc %s",
				"%q: bib, auth, hold, unimarc or unimarc-auth is expected, or %s", r.Cell("kind"), strings.Join(treeKinds, ", ")))
		}
		if !slices.Contains([]string{"", "add", "replace", "off"}, r.Cell("does")) {
			return nil, r.Error("does", Wrongf("%q: phải là add (thêm), replace (thay) hoặc off (tắt)", "%q: add, replace or off is expected", r.Cell("does")))
		}
		column, other := "tag", []string{"element", "reads"}
		if IsTree(r) {
			column, other = "element", []string{"tag", "ind1", "ind2", "sub", "when"}
		}
		if r.Cell(column) == "" {
			if IsTree(r) {
				return nil, r.Error(column, Wrongf("còn thiếu tên phần tử", "it is missing"))
			}
			return nil, r.Error(column, Wrongf("còn thiếu nhãn trường", "it is missing"))
		}
		for _, c := range other {
			if r.Cell(c) != "" {
				return nil, r.Error(c, Wrongf("cột này không dùng cho biểu ghi loại %s", "the column says nothing of records of the kind %s", KindOf(r)))
			}
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
