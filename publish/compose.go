package publish

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"mocban/graph"
	"mocban/ontology"
	"mocban/publish/resource"
	"mocban/publish/web"
	"mocban/sparql"
)

// What follows helps to write queries: the editor asks for it, and any program may.

// sendJSON sends a small answer that depends on the store.
func (s *site) sendJSON(w http.ResponseWriter, r *http.Request, value any, vary ...string) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	s.send(w, r, answer{contentType: "application/json", body: append(body, '\n'), cache: cachePage, vary: vary})
	return nil
}

// checked tells whether a text is a query, and if not, where and why.
type checked struct {
	OK       bool     `json:"ok"`
	Form     string   `json:"form,omitempty"`
	Vars     []string `json:"vars,omitempty"`
	Line     int      `json:"line,omitempty"`   // from 1
	Column   int      `json:"column,omitempty"` // from 1, in characters
	Length   int      `json:"length,omitempty"` // of what is wrong, in characters
	Detail   string   `json:"detail,omitempty"`
	DetailEn string   `json:"detail_en,omitempty"`
	Hint     string   `json:"hint,omitempty"`
	Missing  string   `json:"missing,omitempty"` // a PREFIX line that would help

	Notes []checkedNote `json:"notes,omitempty"` // on a query that can be read
}

// A checkedNote tells what is no error and gives nothing.
type checkedNote struct {
	Detail   string `json:"detail"`
	DetailEn string `json:"detail_en"`
}

// checkQuery reads a query without running it. The text is the body.
func (s *site) checkQuery(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQuery))
	if err != nil {
		return err
	}
	c, err := s.check(r.Context(), string(body))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(c)
}

func (s *site) check(ctx context.Context, text string) (c checked, err error) {
	if at := notUTF8(text); at >= 0 {
		return checked{Line: 1, Column: 1, Detail: "Truy vấn không phải UTF-8.", DetailEn: "The query is not UTF-8."}, nil
	}
	q, err := s.c.Engine.Prepare(sparql.Request{Text: text, Base: s.c.Base})
	if err == nil {
		c = checked{OK: true, Form: q.Form().String(), Vars: q.Vars()}
		snap, err := s.c.Store.Snapshot()
		if err != nil {
			return c, err
		}
		defer snap.Close()
		notes, err := q.Notes(ctx, snap)
		for _, n := range notes {
			c.Notes = append(c.Notes, checkedNote{n.In("vi"), n.In("en")})
		}
		return c, err
	}
	var wrong *sparql.SyntaxError
	if !errors.As(err, &wrong) {
		return checked{Line: 1, Column: 1, Detail: err.Error(), DetailEn: err.Error()}, nil
	}
	c = checked{Line: wrong.Line, Column: wrong.Column, Length: utf8.RuneCountInString(wrong.Found), Detail: wrong.In("vi"), DetailEn: wrong.In("en"), Hint: wrong.Hint}
	if _, line, ok := strings.Cut(wrong.Hint, "PREFIX "); ok && strings.HasSuffix(line, ">") {
		c.Missing = "PREFIX " + line
	}
	return c, nil
}

// A suggestedTerm is a class or property with what it is called and how often it is used.
type suggestedTerm struct {
	IRI   string `json:"iri"`
	Short string `json:"short"`
	Vi    string `json:"vi,omitempty"`
	En    string `json:"en,omitempty"`
	Count uint64 `json:"count"`
}

// terms lists the classes and properties that the data use.
func (s *site) terms(w http.ResponseWriter, r *http.Request) error {
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	f, err := s.figuresOf(r.Context(), snap)
	if err != nil {
		return err
	}
	properties := make([]resource.Tally, len(f.properties))
	for i, p := range f.properties {
		properties[i] = p.Tally
	}
	return s.sendJSON(w, r, struct {
		Classes    []suggestedTerm `json:"classes"`
		Properties []suggestedTerm `json:"properties"`
	}{suggested(f.classes), suggested(properties)})
}

// suggested names what was counted.
func suggested(tallies []resource.Tally) []suggestedTerm {
	named := termNames()
	out := make([]suggestedTerm, 0, len(tallies))
	for _, t := range tallies {
		if iri, ok := t.Term.IRI(); ok {
			n := named[iri]
			out = append(out, suggestedTerm{string(iri), web.Short(string(iri)), n.Vi, n.En, t.Count})
		}
	}
	return out
}

// termNames are what classes and properties are called.
var termNames = sync.OnceValue(func() map[graph.IRI]ontology.Named {
	all := map[graph.IRI]ontology.Named{}
	for _, read := range []func() ([]ontology.Named, error){ontology.Properties, ontology.Classes} {
		list, err := read()
		if err != nil {
			panic(fmt.Sprintf("the tables of terms, which are part of the program: %v", err))
		}
		for _, n := range list {
			all[n.IRI] = n
		}
	}
	return all
})

// explain tells how a query would be answered, without running it, or with run in the address how
// it was: the rows and the time of each step. A run has the limits of a query.
func (s *site) explain(w http.ResponseWriter, r *http.Request) error {
	q, err := s.readQuestion(w, r)
	if err != nil {
		return err
	}
	if strings.TrimSpace(q.Text) == "" {
		return badRequest("Chưa có truy vấn.", "No query is given.")
	}
	query, err := s.c.Engine.Prepare(q.Request)
	if err != nil {
		return err
	}
	run, who := r.URL.Query().Has("run"), client(r)
	if err := s.budgets.check(who); err != nil {
		return err
	}
	ctx, job, err := s.jobs.begin(r.Context(), r.Header.Get("Query-Id"))
	if err != nil {
		return err
	}
	w.Header().Set("Query-Id", job.id)
	plan, err := s.explained(ctx, job, query, run, who)
	if err != nil && errors.Is(context.Cause(ctx), errCancelled) {
		err = errCancelled
	}
	s.jobs.end(job, err)
	if limit, ok := errors.AsType[*graph.LimitError](err); ok && plan != "" {
		plan, err = pick(s.lang(r), "Đã dừng ở giới hạn "+limitVi(limit.Limit)+" ("+limit.Max+").", "Stopped at the "+limit.Limit+" limit ("+limit.Max+").")+"\n\n"+plan, nil
	}
	if err != nil {
		return &tookError{err, time.Since(job.began)}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, err = io.WriteString(w, plan)
	return err
}

// explained is explain once the query may be planned.
func (s *site) explained(ctx context.Context, job *job, query *sparql.Query, run bool, who string) (string, error) {
	end, err := s.budgets.begin(who)
	if err != nil {
		return "", err
	}
	defer end()
	leave, err := s.gate.usual.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	defer func(start time.Time) { s.budgets.charge(who, time.Since(start), false) }(time.Now())
	job.run(s.gate.usual.name)
	snap, err := s.c.Store.Snapshot()
	if err != nil {
		return "", err
	}
	defer snap.Close()
	return query.Within(sparql.Limits{Memory: s.gate.usual.memory}).Explain(ctx, snap, run)
}

//go:embed examples/*.rq
var exampleFiles embed.FS

// An example is a query to try. Its file begins with comments: "# vi: " and "# en: " say what
// it asks.
type example struct {
	ID   string `json:"id"`
	Vi   string `json:"vi"`
	En   string `json:"en"`
	Text string `json:"query"`
}

var allExamples = sync.OnceValue(func() (all []example) {
	files, err := exampleFiles.ReadDir("examples")
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		data, err := exampleFiles.ReadFile("examples/" + f.Name())
		if err != nil {
			panic(err)
		}
		_, name, _ := strings.Cut(strings.TrimSuffix(f.Name(), ".rq"), "-")
		e := example{ID: name}
		var body []string
		for line := range strings.Lines(string(data)) {
			if text, ok := strings.CutPrefix(line, "# vi: "); ok {
				e.Vi = strings.TrimSpace(text)
			} else if text, ok := strings.CutPrefix(line, "# en: "); ok {
				e.En = strings.TrimSpace(text)
			} else {
				body = append(body, line)
			}
		}
		text := strings.TrimSpace(strings.Join(body, ""))
		e.Text = prefixesOf(text) + text
		all = append(all, e)
	}
	return all
})

// exampleList gives the examples to programs.
func (s *site) exampleList(w http.ResponseWriter, r *http.Request) error {
	return s.sendJSON(w, r, allExamples())
}

// examples are queries to try, with the prefixes that they use.
func (s *site) examples(lang string) (all []web.Example) {
	for _, e := range allExamples() {
		all = append(all, web.Example{
			Name: pick(lang, e.Vi, e.En), Text: e.Text,
			Href: s.path + lang + "/sparql?" + url.Values{"show": {e.Text}, "run": {"1"}}.Encode(),
		})
	}
	return all
}

// editorWords are the words of the page that its script needs.
func editorWords(lang string) string {
	words := map[string]string{}
	for _, key := range editorKeys {
		words[key] = web.Word(lang, key)
	}
	text, err := json.Marshal(words)
	if err != nil {
		panic(err)
	}
	return string(text)
}

var editorKeys = slices.Concat(
	[]string{"query", "running", "rows", "examined", "true", "false", "download", "previous", "next", "page", "of"},
	[]string{"queued", "lane-quick", "lane-usual", "lane-heavy", "cancelled", "too-long-to-show", "times-used", "class", "property", "variable", "prefix"},
	[]string{"copied", "history-empty", "history-clear", "broken-off", "seconds", "too-long-to-link", "plan-run"},
)
