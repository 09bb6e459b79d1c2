package ingest

// ruleWords say for people what rules of repairs, findings and reasons are about. The names
// stand in reports as JSON and in the files of the quarantine.
var ruleWords = map[string][2]string{
	// Findings.
	"ambiguous-heading": {"tiêu đề của nhiều biểu ghi nhất quán", "headings of several authority records"},
	"authority-kind":    {"số của biểu ghi nhất quán loại khác", "numbers of authority records of another kind"},
	"code":              {"mã lạ", "unknown codes"},
	"date":              {"ngày tháng không hiểu được", "dates not understood"},
	"holdings-link":     {"vốn tư liệu không rõ của biểu ghi nào", "holdings of no known record"},
	"internal":          {"bản gốc có phần nội bộ, không lưu", "originals with internal parts, not kept"},
	"internal-whole":    {"đánh dấu nội bộ toàn bộ, vẫn chuyển đổi", "marked as internal as a whole, mapped all the same"},
	"iri":               {"địa chỉ không hợp lệ", "invalid addresses"},
	"isbn":              {"ISBN sai", "wrong ISBNs"},
	"issn":              {"ISSN sai", "wrong ISSNs"},
	"language":          {"ngôn ngữ khai sai", "languages declared wrongly"},
	"names-unsure":      {"tên không chắc tách được", "names that may be several"},
	"no-publisher":      {"tên hệ thống thay cho nhà xuất bản", "systems named as publishers"},
	"no-title":          {"không có nhan đề", "without a title"},
	"nobody":            {"tên không chỉ ai", "names of nobody"},
	"placeholder":       {"giá trị giữ chỗ", "placeholders"},
	"several-names":     {"nhiều người trong một trường", "several names in one field"},
	"skipped":           {"phần không chuyển đổi", "parts left out"},
	"unmapped":          {"chưa có quy tắc", "without a rule"},
	"unjudged":          {"không đánh giá được", "not judged"},

	// Repairs.
	"base-address": {"địa chỉ gốc trong đầu biểu", "base address"},
	"blank":        {"khoảng trắng thừa", "stray blanks"},
	"character":    {"ký tự lạ", "odd characters"},
	"charset":      {"bảng mã", "character set"},
	"control":      {"ký tự điều khiển", "control characters"},
	"directory":    {"thư mục trường", "directory"},
	"element":      {"phần tử XML", "XML elements"},
	"entity":       {"thực thể XML", "XML entities"},
	"indicator":    {"chỉ thị", "indicators"},
	"leader":       {"đầu biểu", "leader"},
	"length":       {"độ dài biểu ghi", "record length"},
	"line-break":   {"dấu xuống dòng", "line breaks"},
	"mark-order":   {"thứ tự dấu", "order of marks"},
	"merged":       {"ghép nhiều dòng của một biểu ghi", "rows of one record put together"},
	"subfield":     {"trường con", "subfields"},
	"surrogate":    {"ký tự viết bằng hai mã", "surrogates"},
	"tag":          {"nhãn trường", "tags"},
	"text":         {"chữ ngoài trường", "text outside fields"},
	"wrapped":      {"dòng bị ngắt", "wrapped lines"},

	// Reasons.
	"cds-isis":       {"không đọc được như CDS/ISIS", "not readable as CDS/ISIS"},
	"deleted":        {"nguồn báo đã xóa", "deleted at the source"},
	"format":         {"định dạng lạ", "unknown format"},
	"line":           {"dòng không đọc được", "unreadable lines"},
	"oai-error":      {"máy chủ OAI báo lỗi", "errors of the OAI server"},
	"stray":          {"chữ lạc giữa các biểu ghi", "text between records"},
	"workbook":       {"bảng tính hỏng", "broken workbooks"},
	"depth":          {"lồng quá sâu", "nested too deep"},
	"doctype":        {"có DOCTYPE", "with a DOCTYPE"},
	"empty":          {"trống", "empty"},
	"encoding":       {"bảng mã không đọc được", "unreadable character set"},
	"header":         {"dòng tiêu đề cột", "the row of headers"},
	"heading":        {"không có tiêu đề (1XX)", "no heading (1XX)"},
	"hidden-sheet":   {"trang tính ẩn, không đọc", "hidden sheets, not read"},
	"html":           {"là trang HTML", "an HTML page"},
	"json":           {"JSON hỏng", "broken JSON"},
	"kind":           {"loại biểu ghi chưa chuyển đổi được", "a kind that is not mapped"},
	"mapping":        {"không chuyển đổi được", "could not be mapped"},
	"no-id":          {"thiếu số biểu ghi", "no number"},
	"not-marc":       {"không phải MARC", "no MARC"},
	"quote":          {"dấu nháy không đóng", "quotes that do not close"},
	"ragged":         {"thừa ô so với dòng tiêu đề", "more cells than headers"},
	"shape":          {"vi phạm hình dạng SHACL", "a shape is broken"},
	"template":       {"biểu ghi mẫu chưa ai điền", "templates never filled in"},
	"too-long":       {"dài quá", "too long"},
	"truncated":      {"bị cắt cụt", "cut short"},
	"unknown-schema": {"lược đồ lạ", "unknown schema"},
	"value-too-long": {"có giá trị dài quá", "a value too long"},
	"xml":            {"XML hỏng", "broken XML"},
}

// ruleName returns what a rule is about, in "vi" or "en"; its own name if nobody has said it.
func ruleName(rule, lang string) string {
	words, ok := ruleWords[rule]
	switch {
	case !ok:
		return rule
	case lang == "vi":
		return words[0]
	}
	return words[1]
}
