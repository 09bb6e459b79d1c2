package publish

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/publish/resource"
	"mocban/publish/web"
	"mocban/vocab"
	"mocban/vocab/mocban"
)

// Mapping maps records and tells how: what the pages below /mapping show. It is for what comes
// from outside: what is wrong with a record is part of the answer, and an error a fault of ours.
type Mapping interface {
	// Profiles are the names of the sets of rules by which records can be mapped, the usual one
	// first.
	Profiles() []string

	// Explain maps the records in some bytes, at most most of them. Their headings lead to the
	// authority records of a snapshot. Ctx bounds the time.
	Explain(ctx context.Context, s graph.Snapshot, record []byte, profile string, most int) (Explanation, error)

	// Rules are the rows of a profile, in the order of their tables.
	Rules(profile string) ([]MappingRule, error)

	// Coverage is the table of what became of the fields of each library that was kept last; nil
	// if there is none.
	Coverage() (*Coverage, error)
}

// An Explanation tells what became of records. More tells that there are others behind them. Fits
// is another profile that may fit them better, if there seems to be one, and Vi and En why.
type Explanation struct {
	Records []Explained
	More    bool
	Fits    string
	Vi, En  string
}

// An Explained record is one that was mapped, with what became of each part of it; or what is
// wrong with it, if Vi and En say so.
type Explained struct {
	Number   int    // of the record among those given, from 1
	Name     string // the library and the control number
	IRI      graph.IRI
	Quads    []graph.Quad
	Fields   []ExplainedField
	Program  []Made // what no field has led to directly
	Findings []MappingFinding
	JSON     json.RawMessage // all of it

	Headings []LinkedHeading
	Looked   bool // whether authority records were looked for

	Place, Vi, En string // what is wrong: where, and what to do
}

// An ExplainedField is a field of a record, or an element.
type ExplainedField struct {
	Tag, Indicators string
	Parts           []ExplainedPart
	Made            []Made // of the field as a whole
}

// An ExplainedPart is a subfield, some positions, or an attribute. State is mapped, nothing,
// ignored or unmapped.
type ExplainedPart struct {
	Code, Value, State string
	Rules              []string
	Made               []Made
}

// A LinkedHeading is a heading that has to do with authority records: To is the thing that it
// leads to, As the heading that this has there. If it leads to none of several, To is empty. Vi
// and En tell by what rule.
type LinkedHeading struct {
	Tag, Heading, As string
	To               graph.IRI
	Records          []graph.IRI // the authority records
	Vi, En           string
}

// Made are triples, and the rule that made them: file:row, or a word for what made them
// otherwise.
type Made struct {
	Rule, Says string
	Triples    []graph.Triple
}

// A MappingFinding is something to look at in a record.
type MappingFinding struct {
	Rule, Severity, Tag, Code, Value, Vi, En string
}

// A MappingRule is a row of a table. Gone are rows of a library that have taken it away, as
// file:row; Used tells whether something of it is left.
type MappingRule struct {
	Kind, File              string
	Line                    int
	Tag, Indicators, Sub    string // the tag, or the patterns of elements
	When, Node, Path, Value string
	Example, Expected, Note string
	Does                    string // add, replace or off, in a table of a library
	Profile                 string // the profiles and versions that it is for; empty means all
	Own, Used               bool
	Gone                    []string
}

// A Coverage counts what became of the fields of the records of libraries.
type Coverage struct {
	Made  time.Time
	Parts []CoveredPart
}

// A CoveredPart is a subfield of the records of a library, how often it came and what became of
// it.
type CoveredPart struct {
	Library, Tag, Code                 string
	Times, Records                     uint64
	Mapped, Nothing, Ignored, Unmapped uint64
	Example                            string // of what no rule reads
}

// What one request may bring, and how much of it is shown.
const (
	maxMapped        = 1 << 20 // bytes
	maxMappedRecords = 5
	maxMappedTime    = 10 * time.Second
	maxMappedRows    = 4000 // triples, and parts of fields, that a page shows
	maxRules         = 150  // that a page shows
)

// mappingForms are the forms of what a record becomes.
var mappingForms = []*form{formHTML, formJSON, ofRDF(rdfio.Turtle), ofRDF(rdfio.NTriples)}

var errNoMapping = &requestError{http.StatusNotFound, "not-found", "Trang này chưa bật chuyển đổi biểu ghi.", "This site does not map records."}

// mapping answers with the page where a record is brought, and with what one became. GET asks
// for a record of the store, by its IRI or control number; POST brings one.
func (s *site) mapping(w http.ResponseWriter, r *http.Request) error {
	if s.c.Mapping == nil {
		return errNoMapping
	}
	in, err := s.readMapping(w, r)
	if err != nil {
		return err
	}
	if in.form == nil {
		return &notAcceptable{s.mappingOffers(in)}
	}
	if in.asked != "" {
		choice, err := s.findRecord(r.Context(), &in)
		if err != nil {
			return err
		}
		in.choice = choice
	}
	var out Explanation
	if len(in.record) > 0 {
		if out, err = s.mapRecords(r, in); err != nil {
			return err
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	addVary(w.Header(), "Accept")
	if in.form == formHTML {
		return s.mappingPage(w, r, in, out)
	}
	if len(in.record) == 0 {
		return badRequest("Chưa có biểu ghi nào.", "No record is given.")
	}
	return s.mappingFile(w, in, out)
}

// A mappingRequest is what somebody wants to see mapped.
type mappingRequest struct {
	lang    string
	form    *form
	profile string
	record  []byte
	text    string // the record as it was pasted
	asked   string // an IRI or control number of a record in the store
	choice  []graph.Term
	brought bool // the record came with the request
}

// readMapping reads a request: parameters, a form, or a record as it is.
func (s *site) readMapping(w http.ResponseWriter, r *http.Request) (in mappingRequest, err error) {
	in.lang = s.lang(r)
	values := r.URL.Query()
	if r.Method == http.MethodPost {
		in.brought = true
		kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		// Base64 in a form is a third longer, and text may be written as %XX.
		r.Body = http.MaxBytesReader(w, r.Body, 4*maxMapped)
		switch kind {
		case "multipart/form-data":
			err = in.readForm(r)
		case "application/x-www-form-urlencoded":
			if err = r.ParseForm(); err == nil {
				for name := range r.PostForm {
					values[name] = r.PostForm[name]
				}
			}
		default:
			in.record, err = io.ReadAll(r.Body)
		}
		if err != nil {
			var big *http.MaxBytesError
			if errors.As(err, &big) {
				return in, tooLargeRecord
			}
			return in, badRequest("Không đọc được nội dung gửi lên: "+err.Error()+".", "What was sent cannot be read: "+err.Error()+".")
		}
		if r.MultipartForm != nil {
			for name := range r.MultipartForm.Value {
				values[name] = r.MultipartForm.Value[name]
			}
		}
	}
	if err := in.take(values); err != nil {
		return in, err
	}
	if in.profile == "" {
		in.profile = s.c.Mapping.Profiles()[0]
	}
	if !slices.Contains(s.c.Mapping.Profiles(), in.profile) {
		all := strings.Join(s.c.Mapping.Profiles(), ", ")
		return in, badRequest(fmt.Sprintf("Không có hồ sơ chuyển đổi %q; có: %s.", in.profile, all), fmt.Sprintf("There is no profile %q; there are: %s.", in.profile, all))
	}
	in.form = mappingForm(values.Get("output"), r)
	return in, nil
}

var tooLargeRecord = &requestError{http.StatusRequestEntityTooLarge, "too-large",
	fmt.Sprintf("Ở đây nhận tối đa %d KiB; tệp lớn hơn hãy dùng lệnh mocban map --explain.", maxMapped>>10),
	fmt.Sprintf("At most %d KiB are taken here; for larger files use the command mocban map --explain.", maxMapped>>10)}

// readForm reads a form with a file in it.
func (in *mappingRequest) readForm(r *http.Request) error {
	if err := r.ParseMultipartForm(4 * maxMapped); err != nil {
		return err
	}
	defer r.MultipartForm.RemoveAll()
	file, _, err := r.FormFile("file")
	switch {
	case errors.Is(err, http.ErrMissingFile):
		return nil
	case err != nil:
		return err
	}
	defer file.Close()
	in.record, err = io.ReadAll(file)
	return err
}

// take reads what parameters say. A file comes before text, that before the record asked for.
func (in *mappingRequest) take(values url.Values) error {
	in.profile = strings.TrimSpace(values.Get("profile"))
	in.asked = strings.TrimSpace(values.Get("record"))
	if held := values.Get("held"); held != "" && len(in.record) == 0 && in.brought {
		record, err := base64.StdEncoding.DecodeString(held)
		if err != nil {
			return badRequest("held không phải Base64.", "held is no Base64.")
		}
		in.record = record
	}
	if text := values.Get("text"); strings.TrimSpace(text) != "" && len(in.record) == 0 && in.brought {
		in.text, in.record = text, []byte(text)
	}
	switch {
	case len(in.record) > maxMapped:
		return tooLargeRecord
	case len(in.record) > 0:
		in.asked = ""
	case utf8.RuneCountInString(in.asked) > 500:
		return badRequest("Địa chỉ hoặc số biểu ghi dài quá 500 ký tự.", "The IRI or number of a record is longer than 500 characters.")
	}
	return nil
}

// mappingForm returns the form that is asked for by name or by header, nil if there is none. A
// program that says nothing gets JSON.
func mappingForm(name string, r *http.Request) *form {
	if name != "" {
		for _, f := range mappingForms {
			if f.ext == name {
				return f
			}
		}
		return nil
	}
	accept := r.Header.Values("Accept")
	if len(accept) == 0 || strings.Join(accept, "") == "*/*" {
		if r.Method == http.MethodPost {
			return formJSON
		}
		return formHTML
	}
	return choose(accept, mappingForms, offers(mappingForms))
}

func (s *site) mappingOffers(in mappingRequest) (all []offer) {
	for _, f := range mappingForms {
		o := offer{Type: f.mediaType}
		if !in.brought && in.asked != "" {
			o.URL = s.mappingAddress(in, f.ext)
		}
		all = append(all, o)
	}
	return all
}

// mappingAddress returns the address of what a record of the store becomes.
func (s *site) mappingAddress(in mappingRequest, output string) string {
	v := url.Values{"record": {in.asked}, "profile": {in.profile}}
	path := s.path + "mapping"
	if output == "" {
		path = s.path + in.lang + "/mapping"
	} else {
		v.Set("output", output)
	}
	return path + "?" + v.Encode()
}

// findRecord fills in the bytes of the record that was asked for. If several have the number,
// it returns these instead.
func (s *site) findRecord(ctx context.Context, in *mappingRequest) ([]graph.Term, error) {
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return nil, err
	}
	defer snap.Close()
	iri := graph.IRI(in.asked)
	if !strings.HasPrefix(in.asked, string(s.c.Base)) {
		found, err := resource.WithValue(ctx, snap, mocban.ControlNumber, graph.String(in.asked), 20)
		switch {
		case err != nil:
			return nil, err
		case len(found) > 1:
			return found, nil
		case len(found) == 1:
			iri = graph.IRI(found[0].Value())
		}
	}
	res, err := resource.Load(ctx, snap, []graph.IRI{iri}, resource.Options{In: 1})
	if errors.Is(err, graph.ErrNotFound) {
		return nil, &requestError{http.StatusNotFound, "not-found",
			"Trong kho không có biểu ghi nào có địa chỉ hoặc số kiểm soát này.", "The store has no record with this IRI or control number."}
	}
	if err != nil {
		return nil, err
	}
	record, _, err := originalOf(res.Root)
	if err != nil {
		return nil, err
	}
	if record == nil {
		return nil, &requestError{http.StatusNotFound, "not-found",
			"Ở địa chỉ này không có biểu ghi gốc nào được giữ.", "No original record is kept under this IRI."}
	}
	if len(record) > maxMapped {
		return nil, tooLargeRecord
	}
	in.record = record
	return nil, nil
}

// mapRecords maps, as one of the queries that run at one time, and charges the client for it.
func (s *site) mapRecords(r *http.Request, in mappingRequest) (out Explanation, err error) {
	who := client(r)
	if err := s.budgets.check(who); err != nil {
		return out, err
	}
	leave, err := s.gate.usual.enter(r.Context())
	if err != nil {
		return out, err
	}
	defer leave()
	defer func(start time.Time) { s.budgets.charge(who, time.Since(start), false) }(time.Now())
	ctx, cancel := context.WithTimeout(r.Context(), maxMappedTime)
	defer cancel()
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return out, err
	}
	defer snap.Close()
	out, err = s.c.Mapping.Explain(ctx, snap, in.record, in.profile, maxMappedRecords)
	if errors.Is(err, context.DeadlineExceeded) {
		err = &graph.LimitError{Limit: "time", Max: maxMappedTime.String(), Where: "the mapping"}
	}
	return out, err
}

// mappingFile answers with what records became as data. What is wrong with one is an error if
// nothing else is there to give.
func (s *site) mappingFile(w http.ResponseWriter, in mappingRequest, out Explanation) error {
	if in.form == formJSON {
		return sendMappingJSON(w, in, out)
	}
	var good int
	for i := range out.Records {
		if x := &out.Records[i]; x.En == "" {
			good++
		}
	}
	if good == 0 {
		vi, en := "Không có biểu ghi nào.", "There is no record."
		if len(out.Records) > 0 {
			vi, en = out.Records[0].Place+": "+out.Records[0].Vi, out.Records[0].Place+": "+out.Records[0].En
		}
		return &requestError{http.StatusUnprocessableEntity, "record-format", vi, en}
	}
	var b bytes.Buffer
	to, err := rdfio.NewWriter(in.form.rdf, &b, rdfio.WriteOptions{Prefixes: vocab.Prefixes})
	if err != nil {
		return err
	}
	for i := range out.Records {
		for _, q := range out.Records[i].Quads {
			q.G = graph.Term{}
			if err := to.Write(q); err != nil {
				return err
			}
		}
	}
	if err := to.Close(); err != nil {
		return err
	}
	w.Header().Set("Content-Type", in.form.contentType())
	w.Header().Set("Content-Disposition", `attachment; filename="mapped.`+in.form.ext+`"`)
	_, err = w.Write(b.Bytes())
	return err
}

func sendMappingJSON(w http.ResponseWriter, in mappingRequest, out Explanation) error {
	type wrong struct {
		Number int    `json:"number"`
		Place  string `json:"place,omitempty"`
		Vi     string `json:"vi"`
		En     string `json:"en"`
	}
	type fits struct {
		Profile string `json:"profile"`
		Vi      string `json:"vi"`
		En      string `json:"en"`
	}
	answer := struct {
		Profile string            `json:"profile"`
		Fits    *fits             `json:"fits,omitempty"` // another profile that may fit better
		Records []json.RawMessage `json:"records"`
		Wrong   []wrong           `json:"wrong,omitempty"`
		More    bool              `json:"more,omitempty"` // there are records that were not mapped here
	}{Profile: in.profile, Records: []json.RawMessage{}, More: out.More}
	if out.Fits != "" {
		answer.Fits = &fits{out.Fits, out.Vi, out.En}
	}
	for _, x := range out.Records {
		if x.En != "" {
			answer.Wrong = append(answer.Wrong, wrong{x.Number, x.Place, x.Vi, x.En})
			continue
		}
		answer.Records = append(answer.Records, x.JSON)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `inline; filename="explained.json"`)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(answer)
}

// mappingPage draws the page.
func (s *site) mappingPage(w http.ResponseWriter, r *http.Request, in mappingRequest, out Explanation) error {
	p := s.page(r, in.lang, "mapping")
	p.Title, p.Nav, p.Description = web.Word(in.lang, "mapping"), "mapping", web.Word(in.lang, "mapping-lead")
	p.Canonical, p.Alternates = s.url(in.lang+"/mapping"), s.alternates("mapping")
	p.NoIndex = in.brought || in.asked != ""
	view := web.Mapping{
		Text: in.text, Asked: in.asked, Done: len(in.record) > 0, Records: s.mappedViews(in, out),
		MaxBytes: fmt.Sprintf("%d KiB", maxMapped>>10), MaxRecords: maxMappedRecords, More: out.More,
	}
	for _, name := range s.c.Mapping.Profiles() {
		view.Profiles = append(view.Profiles, web.Option{Name: name, Text: web.Word(in.lang, "profile-"+name), Chosen: name == in.profile})
	}
	if out.Fits != "" {
		view.Fits = &web.Fits{Profile: out.Fits, Name: web.Word(in.lang, "profile-"+out.Fits), Why: pick(in.lang, out.Vi, out.En)}
		if !in.brought {
			again := in
			again.profile = out.Fits
			view.Fits.URL = s.mappingAddress(again, "")
		}
	}
	for _, t := range in.choice {
		again := in
		again.asked = t.Value()
		view.Choice = append(view.Choice, web.Value{Text: web.Text{Text: t.Value()}, Href: s.mappingAddress(again, "")})
	}
	if view.Done {
		for _, f := range mappingForms[1:] {
			name := "JSON"
			if f.rdf != nil {
				name = f.rdf.Name
			}
			form := web.Form{Name: name, Type: f.ext}
			if !in.brought {
				form.URL = s.mappingAddress(in, f.ext)
			}
			view.Forms = append(view.Forms, form)
		}
		if in.brought {
			view.Held = base64.StdEncoding.EncodeToString(in.record)
		}
		if in.text == "" && in.brought && utf8.Valid(in.record) && len(in.record) <= 64<<10 && !bytes.ContainsFunc(in.record, isControl) {
			view.Text = string(in.record)
		}
	}
	s.sendMapping(w, p, s.pages.Mapping(p, view))
	return nil
}

// isControl tells the characters that ISO 2709 has between its fields, and a form would lose.
func isControl(c rune) bool { return c < ' ' && c != '\n' && c != '\r' && c != '\t' }

// sendMapping sends a page that nobody keeps.
func (s *site) sendMapping(w http.ResponseWriter, p web.Page, body []byte) {
	h := w.Header()
	if p.NoIndex {
		h.Set("X-Robots-Tag", "noindex")
	}
	addVary(h, "Accept-Language")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", p.Lang)
	w.Write(body)
}
