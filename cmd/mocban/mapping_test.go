package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/graph/rdfio"
	"mocban/ingest"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
	"mocban/publish"
	"mocban/vocab/mocban"
	"mocban/vocab/rdf"
)

const mappingBase = "https://data.example.vn/"

const mappingRecord = `=LDR  00000nam a2200000 i 4500
=001  demo1
=003  VN-HuLIB
=008  260101s2020\\\\vm\\\\\\\\\\\\000\1\vie\d
=040  \\$aVN-HuLIB$bvie
=100  1\$aNguyễn, Du,$d1765-1820
=245  10$aTruyện <b>Kiều</b> /$cNguyễn Du
=590  \\$aCó chữ ký$zlạ
=880  1\$6100-01/$1$a阮攸
`

// mappingSite is a site that maps, with a library's own rows and one record in its store.
func mappingSite(t *testing.T, rules string) http.Handler {
	t.Helper()
	dir := t.TempDir()
	a := &app{out: io.Discard, err: t.Output()}
	a.settings.location = dir
	a.settings.BaseURI = mappingBase
	if rules != "" {
		if err := os.Mkdir(filepath.Join(dir, "mapping"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "mapping", "own.tsv"), []byte(rules), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	maps, err := a.newMappingPages()
	if err != nil {
		t.Fatal(err)
	}
	record := graph.IRI(mappingBase + "record/VN-HuLIB/demo1").Term()
	var quads []graph.Quad
	for p, o := range map[graph.IRI]graph.Term{
		rdf.Type: mocban.Record.Term(), mocban.ControlNumber: graph.String("demo1"),
		mocban.Original:       graph.String(base64.StdEncoding.EncodeToString([]byte(mappingRecord))),
		mocban.OriginalFormat: graph.String("text/plain"),
	} {
		quads = append(quads, graph.Quad{S: record, P: p, O: o, G: record})
	}
	h, err := publish.New(publish.Config{Base: mappingBase, Store: memstore.New(quads...), Records: marcRecords{}, Mapping: maps, QueryBudget: -1})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func request(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// form returns a form with a file in it.
func form(t *testing.T, file []byte, fields ...string) (body, kind string) {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		if err := m.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if file != nil {
		w, err := m.CreateFormFile("file", "records")
		if err != nil {
			t.Fatal(err)
		}
		w.Write(file)
	}
	m.Close()
	return b.String(), m.FormDataContentType()
}

var (
	hrefs = regexp.MustCompile(`href="#([^"]+)"`)
	ids   = regexp.MustCompile(` id="([^"]+)"`)
)

// A record that is pasted: each subfield is there with its fate, and links lead to its triples
// and back.
func TestMappingPage(t *testing.T) {
	h := mappingSite(t, "")
	for lang, words := range map[string][]string{"vi": {"Chuyển đổi", "được chuyển", "chưa có quy tắc"}, "en": {"Mapping", "mapped", "no rule"}} {
		if w := request(h, "GET", "/"+lang+"/mapping", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `lang="`+lang+`"`) || !strings.Contains(w.Body.String(), words[0]) ||
			!strings.Contains(w.Header().Get("Content-Security-Policy"), "form-action 'self'") {
			t.Errorf("%s: %d\n%s", lang, w.Code, w.Body)
		}
		body, kind := form(t, nil, "text", mappingRecord, "output", "html")
		w := request(h, "POST", "/"+lang+"/mapping", body, "Content-Type", kind, "Accept", "text/html")
		page := w.Body.String()
		if w.Code != 200 {
			t.Fatalf("%s: %d\n%s", lang, w.Code, page)
		}
		for _, want := range append(words, "Có chữ ký", "marc21/bib-3-titles.tsv:3", "阮攸", "Truyện &lt;b&gt;Kiều&lt;/b&gt;", "schema:Book") {
			if !strings.Contains(page, want) {
				t.Errorf("%s: %q is not on the page", lang, want)
			}
		}
		if strings.Contains(page, "<b>Kiều") || strings.Contains(page, "⟨") || strings.Contains(page, " style=") || strings.Contains(page, "<script") {
			t.Errorf("%s: the page holds what it must not:\n%s", lang, page)
		}
		there := map[string]bool{}
		for _, m := range ids.FindAllStringSubmatch(page, -1) {
			if there[m[1]] {
				t.Errorf("%s: two elements are called %s", lang, m[1])
			}
			there[m[1]] = true
		}
		to, from := 0, 0
		for _, m := range hrefs.FindAllStringSubmatch(page, -1) {
			if !there[m[1]] {
				t.Errorf("%s: #%s leads nowhere", lang, m[1])
			}
			if strings.Contains(m[1], "-t") {
				to++
			} else if strings.Contains(m[1], "-f") {
				from++
			}
		}
		if to < 50 || from < 50 {
			t.Errorf("%s: %d links to triples, %d back", lang, to, from)
		}
	}
}

// What a record becomes can be taken as data, in the same triples, whichever way it was brought.
func TestMappingFiles(t *testing.T) {
	h := mappingSite(t, "")
	body, kind := form(t, []byte(mappingRecord))
	held := url.Values{"held": {base64.StdEncoding.EncodeToString([]byte(mappingRecord))}}.Encode()
	var first string
	for name, w := range map[string]*httptest.ResponseRecorder{
		"file":    request(h, "POST", "/mapping?output=nt", body, "Content-Type", kind),
		"raw":     request(h, "POST", "/mapping", mappingRecord, "Content-Type", "text/plain", "Accept", "application/n-triples"),
		"held":    request(h, "POST", "/vi/mapping", held+"&output=nt", "Content-Type", "application/x-www-form-urlencoded"),
		"number":  request(h, "GET", "/mapping?record=demo1&output=nt", ""),
		"iri":     request(h, "GET", "/mapping?record="+url.QueryEscape(mappingBase+"record/VN-HuLIB/demo1"), "", "Accept", "application/n-triples"),
		"profile": request(h, "GET", "/mapping?record=demo1&output=nt&profile=default", ""),
	} {
		if w.Code != 200 || w.Header().Get("Content-Type") != "application/n-triples; charset=utf-8" || strings.Count(w.Body.String(), "\n") < 60 {
			t.Errorf("%s: %d %s\n%s", name, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
		if first == "" {
			first = w.Body.String()
		}
		if w.Body.String() != first {
			t.Errorf("%s gives other triples", name)
		}
	}
	w := request(h, "GET", "/mapping?record=demo1&output=ttl", "")
	n := 0
	if err := rdfio.Scan(t.Context(), rdfio.Turtle, w.Body, rdfio.ReadOptions{}, func(q []graph.Quad) error { n += len(q); return nil }); err != nil || n != strings.Count(first, "\n") {
		t.Errorf("Turtle: %d triples, %v", n, err)
	}
	w = request(h, "POST", "/mapping", mappingRecord, "Content-Type", "text/plain")
	var x struct {
		Profile string
		Records []struct {
			Number  string
			Triples int
			Fields  []struct {
				Tag   string
				Parts []struct{ Code, State string }
			}
			Quality []struct{ Rule, Severity, En string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &x); err != nil || x.Profile != "default" || len(x.Records) != 1 || x.Records[0].Number != "demo1" || x.Records[0].Triples != n {
		t.Errorf("JSON: %v %+v", err, x)
	}
	if f := x.Records[0].Fields; len(f) != 9 || f[7].Tag != "590" || f[7].Parts[0].State != "unmapped" {
		t.Errorf("JSON: %+v", f)
	}
}

// What is wrong is told with its place, and the other records are mapped.
func TestMappingMistakes(t *testing.T) {
	h := mappingSite(t, "")
	body, kind := form(t, []byte("<collection><mods><titleInfo><title>A</title></titleInfo></mods><mods><titleInfo></mods></collection>"), "output", "html")
	page := request(h, "POST", "/en/mapping", body, "Content-Type", kind).Body.String()
	if !strings.Contains(page, `class="wrong"`) || !strings.Contains(page, "byte 64") || !strings.Contains(page, "mods/titleInfo/title") {
		t.Errorf("a bad record beside a good one:\n%s", page)
	}
	for _, c := range []struct {
		path, body, kind string
		status           int
		says             string
	}{
		{"/mapping?output=ttl", "nothing at all", "text/plain", 422, "byte"},
		{"/mapping?output=ttl", "", "text/plain", 400, "No record is given"},
		{"/mapping?profile=mine", mappingRecord, "text/plain", 400, "default, lc-2.10, unimarc"},
		{"/mapping?output=poem", mappingRecord, "text/plain", 406, "text/turtle"},
		{"/mapping", strings.Repeat(mappingRecord, 5000), "text/plain", 413, "1024 KiB"},
		{"/mapping", "held=%21", "application/x-www-form-urlencoded", 400, "Base64"},
		{"/mapping", "--x", "multipart/form-data; boundary=x", 400, "cannot be read"},
	} {
		if w := request(h, "POST", c.path, c.body, "Content-Type", c.kind); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %.20q: %d\n%s", c.path, c.body, w.Code, w.Body)
		}
	}
	for path, status := range map[string]int{"/mapping?record=nobody": 404, "/mapping?record=" + strings.Repeat("x", 600): 400, "/mapping/rules?profile=x": 400, "/mapping/coverage?library=x": 404} {
		if w := request(h, "GET", path, ""); w.Code != status {
			t.Errorf("%s: %d\n%s", path, w.Code, w.Body)
		}
	}
	if w := request(h, "DELETE", "/mapping", ""); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD, POST, OPTIONS" {
		t.Errorf("DELETE: %d %s", w.Code, w.Header().Get("Allow"))
	}
	body, kind = form(t, []byte(strings.Repeat(mappingRecord+"\n", 9)), "output", "html")
	page = request(h, "POST", "/en/mapping", body, "Content-Type", kind).Body.String()
	if strings.Count(page, `<section class="mapped"`) != 5 || !strings.Contains(page, "There are more records") {
		t.Errorf("nine records:\n%.2000s", page)
	}
	if w := request(h, "POST", "/mapping", string(bomb(t)), "Content-Type", "application/zip"); w.Code != 200 || !strings.Contains(w.Body.String(), "more than 32 MiB") {
		t.Errorf("a packed file: %d\n%s", w.Code, w.Body)
	}
}

// bomb is a workbook that is small until it is unpacked.
func bomb(t *testing.T) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	for range 40 {
		w.Write(make([]byte, 1<<20))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The rows in use can be searched by field, and a library's own are among them.
func TestMappingRules(t *testing.T) {
	plain := mappingSite(t, "")
	own := mappingSite(t, "does\ttag\tsub\tnode\tpath\tvalue\texample\texpected\n"+
		"\t590\ta\tI\t+bf:note[bf:Note]/rdfs:label\tnote\t590 ## $aCó chữ ký\tI bf:note[bf:Note]/rdfs:label \"Có chữ ký\"@vi\n"+
		"off\t942\t\t\t\t\t\t\n")
	get := func(h http.Handler, q string) string {
		t.Helper()
		w := request(h, "GET", "/en/mapping/rules?q="+url.QueryEscape(q), "")
		if w.Code != 200 {
			t.Fatalf("%s: %d\n%s", q, w.Code, w.Body)
		}
		return html.UnescapeString(w.Body.String())
	}
	for q, wants := range map[string][]string{
		"245 $a": {"marc21/bib-3-titles.tsv:13", "bf:mainTitle"},
		"590":    {"marc21/hold-1-record.tsv:", `<span class="tag">hold</span>`}, // of holdings records only
		"595":    {"No row reads <b>595</b>"},
		"595 $a": {"No row reads"},
		"008/36": {"marc21/bib-1-control.tsv:"},
		"mods":   {"trees/mods.tsv:3"},
		"LDR/06": {"=bf:Text"},
	} {
		for _, want := range wants {
			if page := get(plain, q); !strings.Contains(page, want) {
				t.Errorf("%s: %s is not on the page:\n%s", q, want, page)
			}
		}
	}
	koha := mappingSite(t, "profile\ttag\tsub\tnode\tpath\tvalue\nkoha-vn\t590\ta\tI\t+bf:note[bf:Note]/rdfs:label\tnote\n")
	if page := get(koha, "590a"); strings.Contains(page, "own.tsv:2") {
		t.Error("a row for koha-vn is among those of default")
	}
	if page := html.UnescapeString(request(koha, "GET", "/vi/mapping/rules?profile=koha-vn&q=590a", "").Body.String()); !strings.Contains(page, "own.tsv:2") || !strings.Contains(page, "Hồ sơ: koha-vn") {
		t.Errorf("a row for koha-vn:\n%s", page)
	}
	if page := get(own, "590a"); strings.Contains(page, "No row reads") || !strings.Contains(page, "own.tsv:2") || !strings.Contains(page, "the library's own") {
		t.Errorf("590 $a with a row for it:\n%s", page)
	}
	if page := get(own, "942"); !strings.Contains(page, `class="gone"`) || !strings.Contains(page, "taken away by "+"") || !strings.Contains(page, "own.tsv:3") || !strings.Contains(page, "No row reads") {
		t.Errorf("942 that is switched off:\n%s", page)
	}
	w := request(own, "POST", "/en/mapping?output=html", mappingRecord, "Content-Type", "text/plain")
	page := html.UnescapeString(w.Body.String())
	link := regexp.MustCompile(`href="(/en/mapping/rules\?row=[^"]*own\.tsv[^"]*)"`).FindStringSubmatch(page)
	if link == nil {
		t.Fatalf("no link to the row that maps 590:\n%s", page)
	}
	if w := request(own, "GET", link[1], ""); !strings.Contains(w.Body.String(), "1 rows") || !strings.Contains(w.Body.String(), "Có chữ ký") {
		t.Errorf("%s:\n%s", link[1], w.Body)
	}
	if w := request(plain, "GET", "/vi/mapping/rules", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "marc21/bib-5-notes.tsv") || !strings.Contains(w.Body.String(), "trees/ead.tsv") {
		t.Errorf("the tables: %d\n%s", w.Code, w.Body)
	}
	if w := request(plain, "GET", "/vi/mapping/rules?profile=lc-2.10&q=245", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "lc-2.10/bib-") {
		t.Errorf("the rows of lc-2.10: %d\n%s", w.Code, w.Body)
	}
}

// What was counted of the records of libraries is shown, library by library.
func TestMappingCoverage(t *testing.T) {
	dir := t.TempDir()
	a := &app{out: io.Discard, err: t.Output()}
	a.settings.location, a.settings.BaseURI = dir, mappingBase
	maps, err := a.newMappingPages()
	if err != nil {
		t.Fatal(err)
	}
	h, err := publish.New(publish.Config{Base: mappingBase, Store: memstore.New(), Mapping: maps})
	if err != nil {
		t.Fatal(err)
	}
	if w := request(h, "GET", "/en/mapping/coverage", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "mocban map --coverage") {
		t.Errorf("nothing counted: %d\n%s", w.Code, w.Body)
	}
	var c mapping.Coverage
	m, err := maps.mapper("default")
	if err != nil {
		t.Fatal(err)
	}
	r, err := readRecord([]byte(mappingRecord))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := errors.Join(c.Count(m, r), c.CountOf(`"Thư viện" <b>`, m, r), c.WriteTSV(&b), os.WriteFile(filepath.Join(dir, coverageFile), b.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
	page := request(h, "GET", "/vi/mapping/coverage", "").Body.String()
	if !strings.Contains(page, ">VN-HuLIB</a>") || !strings.Contains(page, "&#34;Thư viện&#34; &lt;b&gt;") || !regexp.MustCompile(`<td class="num">\d+\.\d %</td>`).MatchString(page) {
		t.Errorf("the libraries:\n%s", page)
	}
	page = request(h, "GET", "/en/mapping/coverage?library=VN-HuLIB", "").Body.String()
	if lost, kept := strings.Index(page, `q=590&#43;%24a">590 $a</a>`), strings.Index(page, ">245 $a</a>"); lost < 0 || kept < lost {
		t.Errorf("what is lost comes before what is not: %d %d\n%s", lost, kept, page)
	}
}

// Records of every format that the tables for trees have an example of can be brought.
func TestMappingFormats(t *testing.T) {
	h := mappingSite(t, "")
	for name, record := range map[string]string{
		"dc":      `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Tắt đèn</dc:title></oai_dc:dc>`,
		"csv":     "Mã biểu ghi,Nhan đề,Tác giả\n1,Tắt đèn,Ngô Tất Tố\n",
		"iiif":    `{"@id":"https://example.org/m","@type":"sc:Manifest","label":"Tắt đèn"}`,
		"ead":     `<ead><archdesc level="fonds"><did><unittitle>Tắt đèn</unittitle><unitid>1</unitid></did></archdesc></ead>`,
		"json":    `{"leader":"00000nam a2200000 i 4500","fields":[{"001":"1"},{"245":{"ind1":"0","ind2":"0","subfields":[{"a":"Tắt đèn"}]}}]}`,
		"marcxml": `<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 i 4500</leader><controlfield tag="001">1</controlfield><datafield tag="245" ind1="0" ind2="0"><subfield code="a">Tắt đèn</subfield></datafield></record>`,
	} {
		w := request(h, "POST", "/mapping?output=nt", record, "Content-Type", "application/octet-stream")
		if w.Code != 200 || !strings.Contains(w.Body.String(), fmt.Sprintf("mainTitle> %s", `"Tắt đèn"`)) {
			t.Errorf("%s: %d\n%s", name, w.Code, w.Body)
		}
		page := request(h, "POST", "/en/mapping?output=html", record, "Content-Type", "application/octet-stream").Body.String()
		if !strings.Contains(page, `<span class="state mapped">mapped</span> <a class="rule"`) {
			t.Errorf("%s: nothing is mapped:\n%s", name, page)
		}
	}
}

const pageAuthorities = `=LDR  00000nz  a2200000n  4500
=001  du
=003  VN-HuLIB
=040  \\$aVN-HuLIB$bvie
=100  0\$aNguyễn Du,$d1765-1820
=400  0\$aTố Như

=LDR  00000nz  a2200000n  4500
=001  an1
=003  VN-HuLIB
=100  0\$aNguyễn Văn An

=LDR  00000nz  a2200000n  4500
=001  an2
=003  VN-HuLIB
=100  0\$aNguyễn Văn An

=LDR  00000nz  a2200000n  4500
=001  hue
=003  VN-HuLIB
=151  \\\\$aHuế
`

// A record that is pasted is linked as it would be if it were loaded, and the page tells which
// heading leads where, and why.
func TestMappingPageLinks(t *testing.T) {
	a := &app{out: io.Discard, err: t.Output()}
	a.settings.location, a.settings.BaseURI = t.TempDir(), mappingBase
	link := a.linker()
	m, err := a.mapper(true, "")
	if err != nil {
		t.Fatal(err)
	}
	s := memstore.New()
	in := ingest.Stream("authorities", strings.NewReader(pageAuthorities), marc.ReadOptions{})
	if _, err := (&ingest.Pipeline{Mapper: m, Link: link}).Load(t.Context(), s, in); err != nil {
		t.Fatal(err)
	}
	site := &app{out: io.Discard, err: t.Output()}
	site.settings.location, site.settings.BaseURI = a.settings.location, mappingBase
	maps, err := site.newMappingPages()
	if err != nil {
		t.Fatal(err)
	}
	h, err := publish.New(publish.Config{Base: mappingBase, Store: s, Records: marcRecords{}, Mapping: maps, QueryBudget: -1})
	if err != nil {
		t.Fatal(err)
	}
	record := "=LDR  00000nam a2200000 i 4500\n=001  demo9\n=003  VN-HuLIB\n=100  0\\$aTố Như\n=245  10$aTruyện Kiều\n" +
		"=651  \\4$aHuế\n=700  0\\$aNguyễn Văn An\n=700  0\\$aAi đó$0(VN-HuLIB)du\n"
	for lang, want := range map[string][]string{
		"vi": {"Tiêu đề và biểu ghi nhất quán (4)", "(4XX)", "(1XX)", "theo số của biểu ghi nhất quán ($0 (VN-HuLIB)du)", "chưa liên kết</span> nhiều biểu ghi nhất quán"},
		"en": {"Headings and authority records (4)", "a see reference (4XX)", "established heading (1XX)", "by the number of the authority record ($0", "not linked</span> more than one authority record"},
	} {
		body, kind := form(t, nil, "text", record, "output", "html")
		page := html.UnescapeString(request(h, "POST", "/"+lang+"/mapping", body, "Content-Type", kind, "Accept", "text/html").Body.String())
		for _, w := range append(want, "Nguyễn Du 1765-1820</a>", "VN-HuLIB/authority-an1</a>", "VN-HuLIB/authority-an2</a>", `href="/`+lang+`/record/VN-HuLIB/authority-du"`) {
			if !strings.Contains(strings.ReplaceAll(page, "Du, 1765", "Du 1765"), w) || strings.Contains(page, "Nguyễn Văn An</bdi> →") {
				t.Errorf("%s: %q is not on the page", lang, w)
			}
		}
	}
	got := request(h, "POST", "/mapping?output=nt", record, "Content-Type", "text/plain").Body.String()
	if strings.Count(got, "/ns#see>") != 1 || !strings.Contains(got, `"Nguyễn Du, 1765-1820"`) {
		t.Errorf("the triples are not those of a record that is loaded:\n%s", got)
	}
	var answer struct {
		Records []struct{ Links []mapping.LinkExplained }
	}
	if err := json.Unmarshal(request(h, "POST", "/mapping", record, "Content-Type", "text/plain").Body.Bytes(), &answer); err != nil || len(answer.Records) != 1 || len(answer.Records[0].Links) != 4 {
		t.Errorf("%+v, %v", answer, err)
	}
}

// A record as Koha exports them in Vietnam is offered the profile that is for them, and by this
// nothing is offered.
func TestMappingPageOffersKoha(t *testing.T) {
	h := mappingSite(t, "")
	record := "=LDR  00000nam a2200000 i 4500\n=001  demo9\n=020  \\\\$a40001\n=100  \\\\$aNguyễn Văn An, Trần Thị Bình\n=245  10$aVật lí\n=952  \\\\$p1\n"
	for lang, want := range map[string]string{"vi": "1 có nhiều người trong một trường tên", "en": "1 have several persons in one name field"} {
		body, kind := form(t, nil, "text", record, "output", "html")
		page := request(h, "POST", "/"+lang+"/mapping", body, "Content-Type", kind, "Accept", "text/html").Body.String()
		if !strings.Contains(page, want) || !strings.Contains(page, `<input type="hidden" name="profile" value="koha-vn">`) {
			t.Errorf("%s: the profile is not offered:\n%s", lang, page)
		}
		body, kind = form(t, nil, "text", record, "output", "html", "profile", "koha-vn")
		if page = request(h, "POST", "/"+lang+"/mapping", body, "Content-Type", kind, "Accept", "text/html").Body.String(); strings.Contains(page, want) {
			t.Errorf("%s: the profile that is used is offered", lang)
		}
	}
	if got := request(h, "POST", "/mapping", record, "Content-Type", "text/plain").Body.String(); !strings.Contains(got, `"fits":{"profile":"koha-vn"`) {
		t.Errorf("JSON: %.300s", got)
	}
}
