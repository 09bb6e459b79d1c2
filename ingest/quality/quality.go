// Package quality judges what records became, by SHACL shapes, and says it so that a
// cataloguer can act: which record, which field and subfield, what is wrong and what to do,
// in Vietnamese and English, with a score for each library.
//
// A shape speaks of properties. The field comes from the shape, where that names one
// ([mocban.Field]), and otherwise from the rows of the mapping tables that lead to the same
// properties. The record then tells which of the fields it has, and which holds the value.
package quality

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ingest/tree"
	"mocban/ontology/shacl"
	"mocban/vocab/mocban"
	"mocban/vocab/sh"
)

// A Severity says how bad a finding is.
type Severity uint8

// The severities: more could be said; a reader misses something; wrong or of no use.
const (
	Info Severity = iota
	Warning
	Violation
)

func (s Severity) String() string { return [...]string{"info", "warning", "violation"}[s] }

// Vi returns the severity in Vietnamese.
func (s Severity) Vi() string { return [...]string{"gợi ý", "cảnh báo", "lỗi"}[s] }

// MarshalText writes the severity as its name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a severity that MarshalText wrote.
func (s *Severity) UnmarshalText(text []byte) error {
	for _, one := range []Severity{Info, Warning, Violation} {
		if one.String() == string(text) {
			*s = one
			return nil
		}
	}
	return fmt.Errorf("%q is no severity", text)
}

func severityOf(iri graph.IRI) Severity {
	switch iri {
	case sh.Warning:
		return Warning
	case sh.Info:
		return Info
	}
	return Violation
}

// A Verdict is one finding about one record.
type Verdict struct {
	Rule     string // the shape and its constraint: a stable name
	Severity Severity
	Tag      string // the field, or the element of a record that is no MARC; "" where none can be named
	Code     string // the subfield, or "" for the field as a whole
	Value    string // what is wrong, as the record writes it if it is found there
	Focus    string // the thing that was judged: an IRI, or "" for a blank node
	Path     string // the properties that lead to what was judged
	Vi, En   string
}

// A Judge judges records. Any number of goroutines may use it.
type Judge struct {
	shapes *shacl.Shapes
	runs   sync.Pool
	places places
}

// maxSteps bounds what judging one record may cost: some thousand times what it does cost.
const maxSteps = 20_000_000

// New returns a judge by our own shapes, or by others.
func New(shapes *shacl.Shapes) (*Judge, error) {
	if shapes == nil {
		var err error
		if shapes, err = shacl.Own(); err != nil {
			return nil, err
		}
	}
	p, err := readPlaces()
	if err != nil {
		return nil, err
	}
	j := &Judge{shapes: shapes, places: p}
	j.runs.New = func() any {
		r := shapes.NewRun()
		r.MaxSteps = maxSteps
		return r
	}
	return j, nil
}

// Judge judges the quads of one record. The record may be nil, if it was none of MARC. The
// same thing said of several nodes is told of each, but once where field and value are the
// same.
func (j *Judge) Judge(ctx context.Context, quads []graph.Quad, r *marc.Record) ([]Verdict, error) {
	run := j.runs.Get().(*shacl.Run)
	defer j.runs.Put(run)
	report, err := run.Validate(ctx, quads)
	if errors.Is(err, shacl.ErrTooLong) || errors.Is(err, shacl.ErrTooDeep) {
		return []Verdict{{Rule: "unjudged", Severity: Warning, Vi: "Không đánh giá được: " + err.Error(), En: "It could not be judged: " + err.Error()}}, nil
	}
	if err != nil {
		return nil, err
	}
	return j.Verdicts(report, quads, r), nil
}

// Verdicts says what a report found in the quads of a record, which may be nil.
func (j *Judge) Verdicts(report shacl.Report, quads []graph.Quad, r *marc.Record) (all []Verdict) {
	for i := range report.Results {
		v := j.verdict(&report.Results[i], quads, r)
		if !told(all, &v) {
			all = append(all, v)
		}
	}
	return all
}

// told tells whether the same was said already.
func told(all []Verdict, v *Verdict) bool {
	for i := range all {
		o := &all[i]
		if o.Rule == v.Rule && o.Tag == v.Tag && o.Code == v.Code && o.Value == v.Value && (v.Tag != "" || o.Focus == v.Focus) {
			return true
		}
	}
	return false
}

func (j *Judge) verdict(res *shacl.Result, quads []graph.Quad, r *marc.Record) Verdict {
	v := Verdict{Rule: ruleName(res.Rule()), Severity: severityOf(res.Severity()), Path: res.Path.String(),
		Vi: res.Message("vi"), En: res.Message("en")}
	if res.Focus.IsIRI() {
		v.Focus = res.Focus.Value()
	}
	texts := textsOf(res, quads)
	if len(texts) > 0 {
		v.Value = texts[0]
	}
	candidates := fieldsOf(res.Fields())
	if len(candidates) == 0 {
		candidates = j.places.of(res.Path.Properties())
	}
	if p, ok := locate(r, candidates, texts); ok {
		v.Tag, v.Code = p.tag, p.code
		if p.value != "" {
			v.Value = p.value
		}
	}
	v.Value = cut(v.Value)
	if isTree(r, quads) {
		v.Vi, v.En = withoutFields(v.Vi), withoutFields(v.En)
	}
	return v
}

// isTree tells whether a record is none of MARC: one that is at hand, or one that its quads tell of.
func isTree(r *marc.Record, quads []graph.Quad) bool {
	if r != nil {
		return r.Tree != nil
	}
	for i := range quads {
		if q := &quads[i]; q.P == mocban.SourceFormat {
			return slices.Contains(tree.Kinds, tree.Kind(q.O.Value()))
		}
	}
	return false
}

// marcField is how the messages of shapes name fields and subfields of MARC.
var marcField = regexp.MustCompile(`\b\d{3}\b|\$[a-z]|leader/|đầu biểu/|\b00\d/`)

// withoutFields leaves out of a message what to write into which field, where there are no such
// fields: "There is no extent (pages, volumes): write it into 300 $a."
func withoutFields(message string) string {
	head, advice, ok := strings.Cut(message, ": ")
	if !ok || !marcField.MatchString(advice) || marcField.MatchString(head) {
		return message
	}
	return head + "."
}

// ruleName is the name of a rule in reports: ours lose their namespace.
func ruleName(rule string) string {
	return strings.TrimPrefix(rule, "https://w3id.org/mocban/shapes#")
}

// textsOf returns the texts that a finding is about: its value, or what is said of a node
// that has no name, such as the number of an ISBN.
func textsOf(res *shacl.Result, quads []graph.Quad) (texts []string) {
	switch {
	case res.Value.IsLiteral():
		return []string{res.Value.Value()}
	case !res.Value.IsBlank():
		return nil
	}
	for i := range quads {
		if q := &quads[i]; q.S == res.Value && q.O.IsLiteral() {
			texts = append(texts, q.O.Value())
		}
	}
	return texts
}

const maxValue = 200 // bytes

func cut(s string) string {
	if len(s) <= maxValue {
		return s
	}
	n := maxValue
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}

// Library returns the code of the library in the quads of a record, or "".
func Library(quads []graph.Quad) string {
	for i := len(quads) - 1; i >= 0; i-- {
		if q := &quads[i]; q.P == mocban.Source && q.S == q.G {
			return q.O.Value()
		}
	}
	return ""
}
