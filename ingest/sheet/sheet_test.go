package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"mocban/ingest/charset"
	"mocban/ingest/tree"
	"mocban/ontology"
)

func readAll(t testing.TB, r *Reader) (records, faults []*Record) {
	t.Helper()
	for {
		one, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return records, faults
		case err != nil:
			t.Fatal(err)
		case one.Fault != nil:
			faults = append(faults, one)
		default:
			records = append(records, one)
		}
	}
}

func readCSV(t testing.TB, text string) (records, faults []*Record) {
	t.Helper()
	return readAll(t, NewCSV(bufio.NewReaderSize(strings.NewReader(text), 64<<10), charset.Unknown))
}

// fields shows a record: "title=Số đỏ author=Vũ Trọng Phụng".
func fields(r *Record) string {
	var all []string
	for e := range r.Tree.Root.Elements() {
		all = append(all, e.Name+"="+e.Value())
	}
	return strings.Join(all, " ")
}

const plain = "Mã biểu ghi,Nhan đề,Tác giả,Năm XB\n1,Số đỏ,Vũ Trọng Phụng,1936\n2,\"Tắt đèn, truyện\",Ngô Tất Tố,1937\n"

func TestCSV(t *testing.T) {
	want := "id=1 title=Số đỏ author=Vũ Trọng Phụng date=1936"
	semicolons := strings.ReplaceAll(strings.ReplaceAll(plain, ",", ";"), "đèn;", "đèn,")
	for name, text := range map[string]string{
		"commas": plain, "semicolons": semicolons, "tabs": strings.ReplaceAll(semicolons, ";", "\t"), "BOM and CRLF": "\xEF\xBB\xBF" + strings.ReplaceAll(plain, "\n", "\r\n"),
		"bars": strings.ReplaceAll(semicolons, ";", "|"), "a title above": "DANH MỤC SÁCH NĂM 2026,,,\n,,,\n" + plain,
		"no marks": strings.Replace(plain, "Mã biểu ghi,Nhan đề,Tác giả,Năm XB", "MA BIEU GHI,nhan de:,TAC GIA,nam xb", 1),
		"English":  strings.Replace(plain, "Mã biểu ghi,Nhan đề,Tác giả,Năm XB", "Record ID,Title,Author,Year", 1),
	} {
		records, faults := readCSV(t, text)
		if len(records) != 2 || len(faults) > 0 {
			t.Errorf("%s: %d records, %d faults", name, len(records), len(faults))
			continue
		}
		if got := fields(records[0]); got != want {
			t.Errorf("%s: %s", name, got)
		}
		if r := records[1]; !strings.Contains(fields(r), "title=Tắt đèn, truyện") || r.Tree.ID != "2" || len(r.Head) == 0 {
			t.Errorf("%s: %s", name, fields(r))
		}
		if name == "a title above" && records[0].Row != 4 {
			t.Errorf("the first record stands in row %d", records[0].Row)
		}
	}
}

// Sheets from before Unicode are told by their words.
func TestLegacySets(t *testing.T) {
	text := "Nhan đề;Tác giả;Nhà xuất bản\nNhững nguyên tắc quản lý kinh tế;Nguyễn Văn Hòa;Thống kê\nTiếng Việt thực hành;Bùi Minh Toán;Giáo dục\nLịch sử Việt Nam;Trần Trọng Kim;Văn học\n"
	vni := strings.NewReplacer("ữ", "\xF6\xF5", "ắ", "a\xE9", "ả", "a\xFB", "ế", "e\xE1", "ề", "e\xE0", "ễ", "e\xE3", "ấ", "a\xE1", "ả", "a\xFB", "ị", "\xF2", "ử", "\xF6\xFB", "ệ", "e\xE4",
		"ự", "\xF6\xEF", "ố", "o\xE1", "ọ", "o\xEF", "ầ", "a\xE0", "đ", "\xF1", "ă", "a\xEA", "à", "a\xF8", "á", "a\xF9", "ý", "y\xF9", "ò", "o\xF8", "ù", "u\xF8", "ê", "e\xE2", "ụ", "u\xEF").Replace(text)
	tcvn := strings.NewReplacer("ữ", "\xF7", "ắ", "\xBE", "ả", "\xB6", "ế", "\xD5", "ề", "\xD2", "ễ", "\xD4", "ấ", "\xCA", "ị", "\xDE", "ử", "\xF6", "ệ", "\xD6",
		"ự", "\xF9", "ố", "\xE8", "ọ", "\xE4", "ầ", "\xC7", "đ", "\xAE", "ă", "\xA8", "à", "\xB5", "á", "\xB8", "ý", "\xFD", "ò", "\xDF", "ù", "\xEF", "ê", "\xAA", "ụ", "\xF4", "ư", "\xAD").Replace(text)
	win, err := charmap.Windows1252.NewEncoder().String("Title;Author\nDéjà vu;Éluard\n")
	if err != nil {
		t.Fatal(err)
	}
	for want, sheet := range map[string]string{
		"title=Những nguyên tắc quản lý kinh tế author=Nguyễn Văn Hòa publisher=Thống kê":  vni,
		"title=Những nguyên tắc quản lý kinh tế author=Nguyễn Văn Hòa publisher=Thống kê ": tcvn,
		"title=Déjà vu author=Éluard": win,
	} {
		records, faults := readCSV(t, sheet)
		if len(records) == 0 || len(faults) > 0 || fields(records[0]) != strings.TrimSpace(want) {
			t.Errorf("%v %v", records, faults)
			for _, r := range records {
				t.Error(fields(r))
			}
			for _, f := range faults {
				t.Error(f.Fault)
			}
		}
	}
}

// Rows that are no records are set aside with their row and reason, and cost no other.
func TestFaults(t *testing.T) {
	text := "ID,Title,Author\n1,A,B\n,B,C\n3,,C\n4,D,E,F\n5,\"E\n6,F,G\n7,G\n"
	records, faults := readCSV(t, text)
	var got []string
	for _, f := range faults {
		got = append(got, fmt.Sprint(f.Row, " ", f.Fault.Rule))
		if f.Fault.Vi == "" || f.Fault.En == "" || len(f.Source) == 0 {
			t.Errorf("%+v", f)
		}
	}
	if s := strings.Join(got, ", "); s != "3 no-id, 4 no-title, 5 ragged, 6 quote" {
		t.Error(s)
	}
	if len(records) != 3 || records[2].Tree.ID != "7" || records[2].Row != 8 {
		t.Errorf("%d records", len(records))
	}
	for text, rule := range map[string]string{
		"a,b\n1,2\n": "header", "ID,Author,Year\n1,2,3\n": "header", "Title,Nhan đề,ID\na,b,c\n": "header", "ID,Mã số,Title\n": "header",
	} {
		records, faults := readCSV(t, text)
		if len(records) > 0 || len(faults) != 1 || faults[0].Fault.Rule != rule {
			t.Errorf("%q: %v %v", text, records, faults)
		}
	}
}

// Rows with one number are copies of one record.
func TestCopies(t *testing.T) {
	text := "ID;Title;Barcode\r\n1;A;001\r\n1;A;002\r\n2;B;003\r\n\r\n2;B;004\r\n"
	records, _ := readCSV(t, text)
	if len(records) != 3 || fields(records[0]) != "id=1 title=A barcode=001 barcode=002" || records[0].Rows != 2 {
		t.Fatalf("%d records: %s", len(records), fields(records[0]))
	}
	for _, r := range records {
		if at := text[r.Offset : r.Offset+int64(len(r.Source))]; at != string(r.Source) {
			t.Errorf("%q is given as %q", at, r.Source)
		}
	}
}

// A sheet of DSpace has Dublin Core in its headers.
func TestDSpaceCSV(t *testing.T) {
	records, faults := readCSV(t, "id,collection,dc.title[vi],dc.contributor.author,dc.date.issued\n12,123/1,Số đỏ,\"Vũ Trọng Phụng||Ai đó\",1936\n")
	if len(records) != 1 || len(faults) > 0 {
		t.Fatal(faults)
	}
	root := records[0].Tree.Root
	if got := fields(records[0]); records[0].Tree.Kind != tree.DC || got != "id=12 «collection»=123/1 title=Số đỏ contributor.author=Vũ Trọng Phụng contributor.author=Ai đó date.issued=1936" &&
		got != "id=12 journal=123/1 title=Số đỏ contributor.author=Vũ Trọng Phụng contributor.author=Ai đó date.issued=1936" {
		t.Error(got)
	}
	if root.Child("title").Attr("xml:lang") != "vi" {
		t.Errorf("%+v", root.Child("title"))
	}
}

// book makes a workbook of sheets.
func book(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestXLSX(t *testing.T) {
	text := book(t, func(f *excelize.File) {
		f.SetSheetRow("Sheet1", "A1", &[]any{"DANH MỤC"})
		f.SetSheetRow("Sheet1", "A3", &[]any{"Mã biểu ghi", "Nhan đề", "Ngày xuất bản", "ISBN", "Mã vạch"})
		f.SetSheetRow("Sheet1", "A4", &[]any{1, "Số đỏ", 44562, 9786041002104, "00012"})
		style, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
		f.SetCellStyle("Sheet1", "C4", "C4", style)
		f.SetSheetRow("Sheet1", "A5", &[]any{2, "Tắt đèn"})
		f.NewSheet("Khác")
		f.SetSheetRow("Khác", "A1", &[]any{"Title", "Author"})
		f.SetSheetRow("Khác", "A2", &[]any{"Vỡ đê", "Vũ Trọng Phụng"})
		f.NewSheet("Lạ")
		f.SetSheetRow("Lạ", "A1", &[]any{"x", "y"})
	})
	r, err := NewXLSX(text)
	if err != nil {
		t.Fatal(err)
	}
	records, faults := readAll(t, r)
	if len(records) != 3 || len(faults) != 1 || faults[0].Fault.Rule != "header" {
		t.Fatalf("%d records, %v", len(records), faults)
	}
	if got := fields(records[0]); got != "id=1 title=Số đỏ date=2022-01-01 isbn=9786041002104 barcode=00012" || records[0].Row != 4 {
		t.Errorf("%s, row %d", got, records[0].Row)
	}
	if got := fields(records[2]); got != "title=Vỡ đê author=Vũ Trọng Phụng" {
		t.Error(got)
	}
	for _, damaged := range [][]byte{[]byte("PK\x03\x04"), text[:len(text)/2], bytes.ReplaceAll(text, []byte("sheet"), []byte("shoot"))} {
		if r, err := NewXLSX(damaged); err == nil {
			for err == nil {
				_, err = r.Next()
			}
		}
	}
}

// Headers of two rows with merged cells, and the numbers of columns below them, as forms have them.
// TestHiddenSheet checks that a list which is hidden is not read, and not passed over in silence
// either; what else is hidden, such as the choices of a column, is nothing to tell of.
func TestHiddenSheet(t *testing.T) {
	text := book(t, func(f *excelize.File) {
		for _, name := range []string{"Sách cũ", "Lựa chọn"} {
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
		}
		for cell, v := range map[string]string{
			"Sheet1!A1": "Nhan đề", "Sheet1!B1": "Tác giả", "Sheet1!A2": "Số đỏ", "Sheet1!B2": "Vũ Trọng Phụng",
			"Sách cũ!A1": "Danh mục", "Sách cũ!A2": "Nhan đề", "Sách cũ!B2": "Tác giả", "Sách cũ!A3": "Giông tố", "Sách cũ!B3": "Vũ Trọng Phụng",
			"Lựa chọn!A1": "Tiếng Việt", "Lựa chọn!A2": "Tiếng Anh",
		} {
			sheet, at, _ := strings.Cut(cell, "!")
			if err := f.SetCellStr(sheet, at, v); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"Sách cũ", "Lựa chọn"} {
			if err := f.SetSheetVisible(name, false); err != nil {
				t.Fatal(err)
			}
		}
	})
	r, err := NewXLSX(text)
	if err != nil {
		t.Fatal(err)
	}
	records, faults := readAll(t, r)
	if len(records) != 1 || !strings.Contains(fields(records[0]), "Số đỏ") {
		t.Errorf("%d records, not the one that can be seen", len(records))
	}
	if len(faults) != 1 || faults[0].Fault.Rule != "hidden-sheet" || !strings.Contains(faults[0].Fault.Vi, "Sách cũ") || faults[0].Row != 2 {
		t.Errorf("told: %+v", faults)
	}
}

func TestMergedHeader(t *testing.T) {
	text := book(t, func(f *excelize.File) {
		f.SetSheetRow("Sheet1", "A1", &[]any{"DANH MỤC SÁCH THƯ VIỆN TỈNH"})
		f.MergeCell("Sheet1", "A1", "F1")
		f.SetSheetRow("Sheet1", "A3", &[]any{"STT", "Nhan đề", "Tác giả", "Xuất bản", "", "ISBN"})
		f.SetSheetRow("Sheet1", "A4", &[]any{"", "", "", "Nhà xuất bản", "Năm", ""})
		for _, c := range []string{"A", "B", "C", "F"} {
			f.MergeCell("Sheet1", c+"3", c+"4")
		}
		f.MergeCell("Sheet1", "D3", "E3")
		f.SetSheetRow("Sheet1", "A5", &[]any{"(1)", "(2)", "(3)", "(4)", "(5)", "(6)"})
		f.SetSheetRow("Sheet1", "A6", &[]any{1, "Số đỏ", "Vũ Trọng Phụng", "Văn học", 1988, 9786041002104})
	})
	r, err := NewXLSX(text)
	if err != nil {
		t.Fatal(err)
	}
	records, faults := readAll(t, r)
	if len(records) != 1 || len(faults) != 0 {
		t.Fatalf("%d records, %v", len(records), faults)
	}
	const want = "sequence=1 title=Số đỏ author=Vũ Trọng Phụng publisher=Văn học date=1988 isbn=9786041002104"
	if got := fields(records[0]); got != want {
		t.Error(got)
	}
	again, faults := readCSV(t, string(records[0].Head)+"\n"+string(records[0].Source)+"\n")
	if len(again) != 1 || len(faults) != 0 || fields(again[0]) != want {
		t.Errorf("what is kept of it is read as %v %v", again, faults)
	}
	for text, want := range map[string]string{
		"Nhan đề,Năm,Tập\n1984,1949,1\n":    "title=1984 date=1949 volume=1",
		"Nhan đề,Năm,Tập\n,Tập,Năm\n":       "",
		"Nhan đề,Năm,Tập\n1,2,3\nA,2020,\n": "title=A date=2020",
	} {
		records, _ := readCSV(t, text)
		if len(records) > 1 || len(records) == 1 && fields(records[0]) != want || len(records) == 0 && want != "" {
			t.Errorf("%q: %v", text, records)
		}
	}
}

// Both templates are read back: one record, and all its columns known.
func TestTemplate(t *testing.T) {
	for _, lang := range []string{"vi", "en"} {
		var c, x bytes.Buffer
		if err := errors.Join(Template(&c, "csv", lang), Template(&x, "xlsx", lang)); err != nil {
			t.Fatal(err)
		}
		records, faults := readCSV(t, c.String())
		r, err := NewXLSX(x.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		more, moreFaults := readAll(t, r)
		for _, records := range [][]*Record{records, more} {
			if len(records) != 1 || len(faults)+len(moreFaults) > 0 || !strings.HasPrefix(fields(records[0]), "id=1 title=Tắt đèn subtitle=tiểu thuyết author=Ngô Tất Tố") {
				t.Errorf("%s: %v %v %v", lang, records, faults, moreFaults)
			}
			for e := range records[0].Tree.Root.Elements() {
				if strings.HasPrefix(e.Name, "«") {
					t.Errorf("%s: the column %s is not known", lang, e.Name)
				}
			}
		}
	}
}

// Every name of a field is one field's only.
func TestFieldNames(t *testing.T) {
	table, err := ontology.FieldNames()
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]string{}
	for i := range table.Rows {
		r := &table.Rows[i]
		for name := range strings.SplitSeq(r.Cell("names"), ";") {
			k := nameKey(name)
			if k == "" {
				t.Error(r.Error("names", errors.New("a name is empty")))
			}
			if other := of[k]; other != "" && other != r.Cell("field") {
				t.Error(r.Error("names", fmt.Errorf("%q is a name of %s too", name, other)))
			}
			of[k] = r.Cell("field")
		}
	}
	if f, ok := FieldNamed(" NHÀ XUẤT BẢN: "); !ok || f != "publisher" {
		t.Error(f)
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{plain, "ID;Title\n1;\"a\"\"b\nc\";\n", "Title\nx\n", "\xEF\xBB\xBFTitle,ID\r\n\"", "Nhan ®Ò;T¸c gi¶\nA;B", "dc.title[vi],id\na||b,1\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		IsCSV(b)
		r := NewCSV(bufio.NewReaderSize(bytes.NewReader(b), 4096), charset.Unknown)
		var at int64
		for {
			one, err := r.Next()
			if err != nil {
				return
			}
			if one.Offset < at || one.Offset+int64(len(one.Source)) > int64(len(b)) || !bytes.Equal(b[one.Offset:one.Offset+int64(len(one.Source))], one.Source) {
				t.Fatalf("%q does not lie at %d", one.Source, one.Offset)
			}
			at = one.Offset + int64(len(one.Source))
		}
	})
}
