package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/publish/negotiate"
	"mocban/publish/outbound"
	"mocban/publish/web"
	"mocban/sparql"
	"mocban/sparql/results"
)

// A requestError is a mistake of who asks. Name tells it apart; Vi and En say what is wrong
// and what to do.
type requestError struct {
	status int
	name   string
	vi, en string
}

func (e *requestError) Error() string { return e.en }

// A tookError is why a query ended, and after how long.
type tookError struct {
	error
	took time.Duration
}

func (e *tookError) Unwrap() error { return e.error }

// A notAcceptable tells what there is instead of what was asked for.
type notAcceptable struct {
	offers []offer
}

type offer struct {
	Type string `json:"type"`
	URL  string `json:"url,omitempty"`
}

func (e *notAcceptable) Error() string { return "none of the forms asked for is there" }

// A problem is an error as RFC 9457 writes it.
type problem struct {
	Type     string  `json:"type"`
	Title    string  `json:"title"`
	TitleEn  string  `json:"title_en,omitempty"`
	Status   int     `json:"status"`
	Detail   string  `json:"detail,omitempty"`
	DetailEn string  `json:"detail_en,omitempty"`
	Instance string  `json:"instance,omitempty"`
	Line     int     `json:"line,omitempty"`
	Column   int     `json:"column,omitempty"`
	Expected string  `json:"expected,omitempty"`
	Found    string  `json:"found,omitempty"`
	Hint     string  `json:"hint,omitempty"`
	Limit    string  `json:"limit,omitempty"`
	Max      string  `json:"max,omitempty"`
	Where    string  `json:"where,omitempty"`
	Elapsed  float64 `json:"elapsed,omitempty"` // seconds, of a query that was stopped
	Offers   []offer `json:"offers,omitempty"`
}

// problems are the names of problems with their titles.
var problems = map[string][2]string{
	"not-found":       {"Không có tài nguyên này", "There is no such resource"},
	"bad-request":     {"Yêu cầu không hợp lệ", "The request is not valid"},
	"path":            {"Địa chỉ không hợp lệ", "The address is not valid"},
	"not-acceptable":  {"Không có dạng được yêu cầu", "No form that you accept is there"},
	"method":          {"Phương thức không được dùng ở đây", "This method is not allowed here"},
	"media-type":      {"Không nhận kiểu nội dung này", "This content type is not accepted"},
	"too-large":       {"Yêu cầu quá dài", "The request is too long"},
	"query-syntax":    {"Truy vấn sai cú pháp", "The query is not valid SPARQL"},
	"query-limit":     {"Truy vấn vượt giới hạn", "The query went over a limit"},
	"query-cancelled": {"Truy vấn đã được dừng theo yêu cầu", "The query was cancelled"},
	"query-id-taken":  {"Mã truy vấn đã có", "The query id is taken"},
	"too-many":        {"Hỏi quá nhiều", "Too many queries"},
	"links-full":      {"Hết chỗ cho địa chỉ ngắn", "No room for more short addresses"},
	"storage-low":     {"Sắp hết chỗ lưu trữ", "Storage is low"},
	"internal":        {"Lỗi máy chủ", "Something went wrong here"},
	"unavailable":     {"Tạm thời không phục vụ", "Not available for now"},
	"no-search":       {"Chưa bật tìm kiếm", "There is no search here"},
	"no-endpoint":     {"Chưa bật SPARQL", "There is no SPARQL endpoint here"},
	"record-format":   {"Không chuyển được biểu ghi", "The record cannot be converted"},
	"federation-off":  {"Không hỏi sang nơi khác", "Federation is off"},
	"service-refused": {"Không hỏi nơi này", "This endpoint is not asked"},
	"service-failed":  {"Điểm truy vấn khác không trả lời", "Another endpoint did not answer"},
	"load-failed":     {"Không nạp được tài liệu", "The document could not be loaded"},
	"load-off":        {"LOAD không được dùng ở đây", "LOAD is off"},
	"graph-state":     {"Không làm được với đồ thị này", "The graph does not allow this"},
	"changed":         {"Dữ liệu đã thay đổi", "The data have changed"},
	"token":           {"Cần mã truy cập", "A token is needed"},
	"write-local":     {"Chỉ sửa được từ chính máy chủ", "Changes come from the server itself only"},
	"update-refused":  {"Không nhận lệnh cập nhật", "Updates are not accepted here"},
	"unknown-format":  {"Không biết dạng này", "This format is not known"},
	"invalid-range":   {"Khoảng byte không hợp lệ", "The byte range is not valid"},
	"too-many-values": {"Tham số lặp lại", "A parameter is repeated"},
}

// problemOf is the one place where errors become status codes.
func (s *site) problemOf(r *http.Request, err error) problem {
	var (
		request *requestError
		offers  *notAcceptable
		limit   *graph.LimitError
		query   *sparql.SyntaxError
		syntax  *rdfio.SyntaxError
		big     *http.MaxBytesError
		busy    *busyError
		budget  *budgetError
		pattern *sparql.PatternError
		text    *sparql.TextError
		token   *tokenError
		state   *sparql.GraphError
		load    *sparql.LoadError
		service *sparql.ServiceError

		space     *graph.SpaceError
		unsayable *graph.QuadError // in the format asked for
	)
	p := problem{Status: http.StatusInternalServerError}
	name := "internal"
	switch {
	case errors.As(err, &request):
		p.Status, name, p.Detail, p.DetailEn = request.status, request.name, request.vi, request.en
	case errors.As(err, &space):
		p.Status, name = http.StatusInsufficientStorage, "storage-low"
		p.Detail = fmt.Sprintf("Còn trống %d MiB, cần %d MiB. Vẫn đọc được dữ liệu; ghi được lại khi có chỗ.", space.Free>>20, space.Need>>20)
		p.DetailEn = fmt.Sprintf("storage low: %d MiB free, %d MiB needed. Reading goes on; writing too once there is space.", space.Free>>20, space.Need>>20)
	case errors.As(err, &offers):
		p.Status, name, p.Offers = http.StatusNotAcceptable, "not-acceptable", offers.offers
		p.Detail, p.DetailEn = "Các dạng có sẵn được liệt kê ở offers.", "What there is stands in offers."
	case errors.As(err, &big):
		p.Status, name = http.StatusRequestEntityTooLarge, "too-large"
		p.Detail, p.DetailEn = fmt.Sprintf("Giới hạn là %d KiB.", big.Limit>>10), fmt.Sprintf("The limit is %d KiB.", big.Limit>>10)
	case errors.As(err, &query):
		p.Status, name = http.StatusBadRequest, "query-syntax"
		p.Line, p.Column, p.Expected, p.Found, p.Hint = query.Line, query.Column, query.Expected, query.Found, query.Hint
		p.Detail, p.DetailEn = query.In("vi"), query.In("en")
	case errors.As(err, &pattern):
		p.Status, name = http.StatusBadRequest, "query-syntax"
		p.Detail, p.DetailEn = "Biểu thức chính quy không hợp lệ: "+pattern.Error(), pattern.Error()
	case errors.As(err, &text):
		p.Status, name = http.StatusBadRequest, "query-syntax"
		p.Detail, p.DetailEn = "text:query viết là (?vật ?điểm ?tên) text:query (rdfs:label \"các từ\" \"lang:vi\" 20). "+text.Error(), text.Error()
	case errors.Is(err, sparql.ErrNoSearch):
		p.Status, name = http.StatusBadRequest, "no-search"
		p.Detail, p.DetailEn = "Ở đây không có chỉ mục từ, nên text:query không trả lời được.", "There is no index of words here, so text:query has no answer."
	case errors.Is(err, sparql.ErrFederation):
		p.Status, name = http.StatusForbidden, "federation-off"
		p.Detail, p.DetailEn = "Ở đây SERVICE không được dùng, trừ SERVICE SILENT.", "SERVICE is not answered here, except as SERVICE SILENT."
	case errors.As(err, &token):
		p.Status, name = http.StatusUnauthorized, "token"
		p.Detail, p.DetailEn = "Gửi mã truy cập trong Authorization: Bearer.", "Send the token in Authorization: Bearer."
	case errors.Is(err, sparql.ErrUsing):
		p.Status, name = http.StatusBadRequest, "bad-request"
		p.Detail, p.DetailEn = "using-graph-uri và using-named-graph-uri không đi cùng USING, USING NAMED hay WITH.", sparql.ErrUsing.Error()+"."
	case errors.Is(err, sparql.ErrOneGraph):
		p.Status, name = http.StatusBadRequest, "bad-request"
		p.Detail = "Lệnh chỉ sửa đồ thị của địa chỉ: không có GRAPH trong mẫu và dữ liệu, không WITH hay USING, không có lệnh với cả đồ thị."
		p.DetailEn = "The update is about the graph of the address alone: no GRAPH in templates and data, no WITH or USING, no operation on whole graphs."
	case errors.As(err, &state):
		p.Status, name = http.StatusConflict, "graph-state"
		p.Detail, p.DetailEn = fmt.Sprintf("%s: đồ thị <%s> không tồn tại.", state.Operation, state.Graph), err.Error()
		if state.Exists {
			p.Detail = fmt.Sprintf("%s: đồ thị <%s> đã có.", state.Operation, state.Graph)
		}
	case errors.Is(err, sparql.ErrLoad):
		p.Status, name = http.StatusForbidden, "load-off"
		p.Detail, p.DetailEn = "Ở đây LOAD không được dùng, trừ LOAD SILENT.", "LOAD is not done here, except as LOAD SILENT."
	case errors.As(err, &service) && errors.Is(err, outbound.ErrNotAllowed):
		p.Status, name = http.StatusForbidden, "service-refused"
		p.Detail, p.DetailEn = fmt.Sprintf("SERVICE <%s>: nơi này không có trong danh sách được hỏi.", service.Endpoint), fmt.Sprintf("SERVICE <%s>: this endpoint is not on the list of those that are asked.", service.Endpoint)
	case errors.As(err, &load) && errors.Is(err, outbound.ErrNotAllowed):
		p.Status, name = http.StatusForbidden, "load-off"
		p.Detail, p.DetailEn = fmt.Sprintf("LOAD <%s>: nơi này không có trong danh sách được lấy.", load.Document), fmt.Sprintf("LOAD <%s>: this address is not on the list of those that are fetched.", load.Document)
	case errors.As(err, &service):
		p.Status, name = http.StatusBadGateway, "service-failed"
		p.Detail, p.DetailEn = fmt.Sprintf("SERVICE <%s> không trả lời được; SERVICE SILENT bỏ qua nơi không trả lời.", service.Endpoint), fmt.Sprintf("SERVICE <%s> did not answer; SERVICE SILENT leaves out who does not.", service.Endpoint)
	case errors.As(err, &load):
		p.Status, name = http.StatusBadGateway, "load-failed"
		p.Detail, p.DetailEn = err.Error(), err.Error()
	case errors.As(err, &syntax):
		p.Status, name, p.Line, p.Column = http.StatusBadRequest, "bad-request", syntax.Line, syntax.Column
		p.Detail, p.DetailEn = err.Error(), err.Error()
	case errors.As(err, &limit):
		p.Status, name = http.StatusUnprocessableEntity, "query-limit"
		p.Limit, p.Max, p.Where = limit.Limit, limit.Max, limit.Where
		where := ""
		if limit.Where != "" {
			where = ", " + limit.Where
		}
		p.Detail = fmt.Sprintf("Đã dừng ở giới hạn %s (%s%s). Hãy thêm LIMIT, thu hẹp truy vấn, hoặc tải bộ dữ liệu ở %s.", limitVi(limit.Limit), limit.Max, where, s.url("dumps/"))
		p.DetailEn = fmt.Sprintf("Stopped at the %s limit (%s%s). Add a LIMIT, ask for less, or take the dump at %s.", limit.Limit, limit.Max, where, s.url("dumps/"))
	case errors.Is(err, errCancelled):
		p.Status, name = http.StatusUnprocessableEntity, "query-cancelled"
		p.Detail, p.DetailEn = "Có người giữ mã của truy vấn đã yêu cầu dừng.", "Somebody who knows its id asked for its end."
	case errors.As(err, &budget):
		p.Status, name = http.StatusTooManyRequests, "too-many"
		seconds := int(budget.after.Seconds())
		p.Detail = fmt.Sprintf("Đã dùng hết thời gian truy vấn của mình; hãy thử lại sau %d giây, hoặc tải bộ dữ liệu ở %s.", seconds, s.url("dumps/"))
		p.DetailEn = fmt.Sprintf("Your share of query time is used up; try again in %d s, or take the dump at %s.", seconds, s.url("dumps/"))
		if budget.atOnce {
			p.Detail = "Bạn đang có quá nhiều truy vấn dài chạy cùng lúc; hãy đợi một truy vấn xong."
			p.DetailEn = "Too many long queries of yours are running at once; wait for one to end."
		}
		if budget.errors {
			p.Detail = fmt.Sprintf("Quá nhiều truy vấn sai cú pháp; hãy thử lại sau %d giây.", seconds)
			p.DetailEn = fmt.Sprintf("Too many queries that cannot be read; try again in %d s.", seconds)
		}
	case errors.As(err, &busy):
		p.Status, name = http.StatusServiceUnavailable, "unavailable"
		p.Detail, p.DetailEn = "Đang có quá nhiều truy vấn; hãy thử lại sau ít giây.", "Too many queries are running; try again in a few seconds."
	case errors.Is(err, rdfio.ErrFormat), errors.Is(err, results.ErrFormat), errors.As(err, &unsayable):
		p.Status, name = http.StatusNotAcceptable, "unknown-format"
		p.Detail, p.DetailEn = err.Error(), err.Error()
	case errors.Is(err, graph.ErrNotFound):
		p.Status, name = http.StatusNotFound, "not-found"
		p.Detail, p.DetailEn = "Có thể tìm ở "+s.url("search")+".", "The search page may help: "+s.url("search")+"."
	case errors.Is(err, graph.ErrClosed), errors.Is(err, context.Canceled):
		p.Status, name = http.StatusServiceUnavailable, "unavailable"
	default:
		id := newRequestID()
		p.Instance = "urn:uuid:" + id
		p.Detail = "Mã lỗi " + id + "; chi tiết nằm trong nhật ký của máy chủ."
		p.DetailEn = "Error " + id + "; the log of the server tells more."
		s.c.Log.Error("request failed", "id", id, "path", r.URL.Path, "error", err)
	}
	if took, ok := errors.AsType[*tookError](err); ok && p.Status == http.StatusUnprocessableEntity {
		p.Elapsed = max(0.001, float64(took.took.Milliseconds())/1000)
	}
	p.Type = s.url("problem/" + name)
	p.Title, p.TitleEn = problems[name][0], problems[name][1]
	return p
}

func limitVi(limit string) string {
	switch limit {
	case "time":
		return "thời gian"
	case "memory":
		return "bộ nhớ"
	case "rows":
		return "số dòng"
	case "value size":
		return "độ dài của một giá trị"
	case "regular expression":
		return "biểu thức chính quy"
	case "bytes":
		return "số byte của kết quả"
	}
	return limit
}

// problemForms are the forms of errors: what programs like comes first.
var problemOffers = []negotiate.Offer{
	{Type: "application/problem+json", Aliases: []string{"application/json", "application/ld+json"}},
	{Type: "text/html", Aliases: []string{"application/xhtml+xml"}},
	{Type: "text/plain"},
}

// fail answers with an error. Nothing may have been written before.
func (s *site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // nobody is there to read it
	}
	p := s.problemOf(r, err)
	h := w.Header()
	h.Del("ETag")
	h.Del("Last-Modified")
	h.Del("Content-Location")
	if busy, ok := errors.AsType[*busyError](err); ok {
		retryAfter(h, busy.after)
	}
	if budget, ok := errors.AsType[*budgetError](err); ok {
		retryAfter(h, budget.after)
	}
	if token, ok := errors.AsType[*tokenError](err); ok {
		token.challenge(h)
	}
	addVary(h, "Accept", "Accept-Language")
	switch p.Status {
	case http.StatusNotFound:
		h.Set("Cache-Control", "public, max-age=60")
	default:
		h.Set("Cache-Control", "no-store")
	}
	accept := strings.Join(r.Header.Values("Accept"), ", ")
	i := negotiate.Choose(accept, problemOffers)
	if accept == "" || i == negotiate.None {
		i = 0
	}
	lang := s.lang(r)
	var body []byte
	switch problemOffers[i].Type {
	case "text/html":
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Language", lang)
		page := s.page(r, lang, "")
		page.Title = pick(lang, p.Title, p.TitleEn)
		page.NoIndex = true
		body = s.pages.Error(page, web.Problem{
			Status: p.Status, Title: page.Title, Detail: pick(lang, p.Detail, p.DetailEn),
			Offers: webOffers(p.Offers), Line: p.Line, Column: p.Column,
		})
	case "text/plain":
		h.Set("Content-Type", "text/plain; charset=utf-8")
		body = fmt.Appendf(nil, "%d %s\n%s\n%s\n%s\n", p.Status, p.Title, p.Detail, p.TitleEn, p.DetailEn)
	default:
		h.Set("Content-Type", "application/problem+json")
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetIndent("", "  ")
		if err := enc.Encode(p); err != nil {
			panic(fmt.Sprintf("a problem cannot be written: %v", err))
		}
		body = []byte(b.String())
	}
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// aboutProblem tells what kind of problem a name stands for (RFC 9457, 3.1.1).
func (s *site) aboutProblem(w http.ResponseWriter, r *http.Request) error {
	name := chi.URLParam(r, "name")
	titles, ok := problems[name]
	if !ok {
		return graph.ErrNotFound
	}
	lang := s.lang(r)
	p := s.page(r, lang, "problem/"+name)
	p.Title, p.NoIndex = pick(lang, titles[0], titles[1]), true
	body := s.pages.Error(p, web.Problem{Title: p.Title, Detail: s.url("problem/" + name)})
	s.sendPage(w, r, p, body, noTime)
	return nil
}

func webOffers(all []offer) (out []web.Offer) {
	for _, o := range all {
		out = append(out, web.Offer{Type: o.Type, URL: o.URL})
	}
	return out
}

// pick returns the text in a language.
func pick(lang, vi, en string) string {
	if lang == "en" {
		return en
	}
	return vi
}
