package main

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"mocban/ingest/sheet"
)

func (a *app) templateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "template [FILE]",
		Short: "tệp mẫu để nhập biểu ghi bằng bảng tính · a template for records in a spreadsheet",
		Long: `Ghi tệp mẫu CSV, hoặc XLSX nếu tên tệp kết thúc bằng .xlsx. Điền mỗi tài liệu một dòng, rồi nạp bằng mocban load.
Tên cột viết bằng tiếng Việt hoặc tiếng Anh, có dấu hay không dấu đều được; trang Hướng dẫn trong tệp XLSX liệt kê
các tên nhận ra. Các dòng liền nhau có cùng mã biểu ghi là các bản của một tài liệu.

Writes a template as CSV, or as XLSX if the name of the file ends in .xlsx. Fill in a row for each resource, then
load it by mocban load. Columns may be called in Vietnamese or English, with or without marks; the sheet Guide of the
XLSX lists the names that are known. Rows that follow on each other with one record ID are copies of one resource.`,
		Example: `  mocban template mau.xlsx
  mocban template --lang en > template.csv
  mocban load -l data --refused loi.csv mau.xlsx`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			path, format := "-", "csv"
			if len(args) > 0 {
				path = args[0]
			}
			if strings.EqualFold(filepath.Ext(path), ".xlsx") {
				format = "xlsx"
			}
			return a.write(path, func(w io.Writer) error { return sheet.Template(w, format, a.settings.lang) })
		},
	}
}
