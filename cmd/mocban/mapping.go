package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"mocban/graph"
	"mocban/ingest"
	"mocban/ingest/formats"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
	"mocban/ingest/quality"
	"mocban/ontology"
	"mocban/publish"
)

// mappingPages maps records for publish, which knows nothing of records and rules.
type mappingPages struct {
	a     *app
	names []string
	judge *quality.Judge

	mu        sync.Mutex
	mappers   map[string]*mapping.Mapper // by profile, made when first asked for
	libraries map[string]*mapping.Mapper // by library, of the authority records in the store
}

// newMappingPages returns what maps by the settings. A mistake in a table of rules is told.
func (a *app) newMappingPages() (*mappingPages, error) {
	usual := a.settings.Profile
	if usual == "" {
		usual = mapping.Default
	}
	p := &mappingPages{a: a, names: []string{usual}, mappers: map[string]*mapping.Mapper{}, libraries: map[string]*mapping.Mapper{}}
	for _, name := range mapping.Profiles {
		if name != usual {
			p.names = append(p.names, name)
		}
	}
	if _, err := p.mapper(usual); err != nil {
		return nil, err
	}
	var err error
	p.judge, err = quality.New(nil)
	return p, err
}

// Profiles implements publish.Mapping.
func (p *mappingPages) Profiles() []string { return p.names }

// mapper returns the mapper of a profile.
func (p *mappingPages) mapper(profile string) (*mapping.Mapper, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m := p.mappers[profile]; m != nil {
		return m, nil
	}
	base, err := p.a.settings.base()
	if err != nil {
		return nil, err
	}
	var own []*ontology.Table
	if profile != mapping.LC || profile == p.names[0] { // where they are refused, that is told at once
		if own, err = p.a.overlays(); err != nil {
			return nil, err
		}
	}
	m, err := mapping.New(mapping.Options{Overlays: own, Base: base, Source: p.a.settings.Source, Profile: profile, BIBFRAME: p.a.settings.BIBFRAME, Valid: true})
	if err != nil {
		return nil, err
	}
	p.mappers[profile] = m
	return m, nil
}

// maxUnpackedBook bounds what a workbook that a visitor brings may hold.
const maxUnpackedBook = 32 << 20

// libraryMapper returns the mapper by which the authority records of a library were loaded.
func (p *mappingPages) libraryMapper(library string) (*mapping.Mapper, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m := p.libraries[library]; m != nil {
		return m, nil
	}
	m, err := p.a.mapperFor(library, true, "")
	if err == nil {
		p.libraries[library] = m
	}
	return m, err
}

// Explain implements publish.Mapping.
func (p *mappingPages) Explain(ctx context.Context, s graph.Snapshot, record []byte, profile string, most int) (out publish.Explanation, err error) {
	m, err := p.mapper(profile)
	if err != nil {
		return out, err
	}
	signs, err := mapping.NewKohaSigns()
	if err != nil {
		return out, err
	}
	defer func() {
		if profile == mapping.Default && signs.Suggests(1) {
			out.Fits, out.Vi, out.En = mapping.KohaVN, signs.Why("vi"), signs.Why("en")
		}
	}()
	wrong := func(n int, err error) { out.Records = append(out.Records, wrongInput(n, err)) }
	if err := unpackable(record); err != nil {
		wrong(1, err)
		return out, nil
	}
	in, err := formats.NewReader(bytes.NewReader(record), marc.ReadOptions{AsIs: mapping.AsIs(profile)})
	if err != nil {
		wrong(1, err)
		return out, nil
	}
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			out.More = true
			return out, err
		}
		r, err := in.Next()
		var bad *marc.BadRecord
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case n > most:
			out.More = true
			return out, nil
		case errors.As(err, &bad):
			out.Records = append(out.Records, wrongRecord(n, bad))
			continue
		case err != nil:
			wrong(n, err)
			return out, nil
		}
		signs.Count(r)
		x, err := p.explainOne(ctx, s, m, r, profile)
		if err != nil {
			out.More = true
			return out, err
		}
		x.Number = n
		out.Records = append(out.Records, x)
	}
}

// unpackable tells whether a workbook holds no more than it may.
func unpackable(record []byte) error {
	if !bytes.HasPrefix(record, []byte("PK\x03\x04")) {
		return nil
	}
	book, err := zip.NewReader(bytes.NewReader(record), int64(len(record)))
	if err != nil {
		return ontology.Wrongf("tệp XLSX bị hỏng", "the workbook is damaged")
	}
	left := int64(maxUnpackedBook)
	for _, f := range book.File {
		in, err := f.Open()
		if err != nil {
			return ontology.Wrongf("tệp XLSX bị hỏng", "the workbook is damaged")
		}
		n, err := io.Copy(io.Discard, io.LimitReader(in, left+1))
		in.Close()
		if left -= n; left < 0 {
			return ontology.Wrongf("bảng tính lớn hơn %d MiB sau khi giải nén", "the workbook unpacks to more than %d MiB", maxUnpackedBook>>20)
		}
		if err != nil {
			return ontology.Wrongf("tệp XLSX bị hỏng", "the workbook is damaged")
		}
	}
	return nil
}

// wrongInput tells what is wrong with the input as a whole.
func wrongInput(number int, err error) publish.Explained {
	x := publish.Explained{Number: number, Vi: err.Error(), En: err.Error()}
	var both *ontology.Mistake
	if errors.As(err, &both) {
		x.Vi, x.En = both.Vi, both.En
	}
	return x
}

// wrongRecord tells why a record cannot be read.
func wrongRecord(number int, b *marc.BadRecord) publish.Explained {
	place := fmt.Sprintf("byte %d", b.Offset)
	if b.ID != "" {
		place = b.ID + ", " + place
	}
	return publish.Explained{Number: number, Place: place, Vi: b.Vi, En: b.En}
}

// explainOne maps and judges a record. What is wrong with it is part of what is returned. Its
// headings lead to the authority records of a snapshot, of which only those are read.
func (p *mappingPages) explainOne(ctx context.Context, s graph.Snapshot, m *mapping.Mapper, r *marc.Record, profile string) (out publish.Explained, err error) {
	var about *mapping.AuthorityIndex
	if profile != mapping.LC && p.a.settings.Profile != mapping.LC && r.Tree == nil {
		link := ingest.Linker{Mapper: p.libraryMapper}
		if about, err = link.About(ctx, s, m, r); err != nil {
			return out, err
		}
	}
	x, err := m.ExplainWith(r, about)
	if err != nil {
		out = wrongInput(0, err)
		switch {
		case errors.Is(err, mapping.ErrKind):
			out.Vi = "Biểu ghi loại này chưa được chuyển đổi."
		case errors.Is(err, mapping.ErrTemplate):
			out.Vi = "Biểu ghi mẫu chưa ai điền: nhan đề chỉ là giá trị giữ chỗ."
		case errors.Is(err, mapping.ErrHeading):
			out.Vi = "Biểu ghi nhất quán không có tiêu đề (1XX)."
		}
		return out, nil
	}
	verdicts, err := p.judge.Judge(ctx, x.Quads, r)
	if err != nil {
		return out, err
	}
	out, err = explained(x, verdicts)
	out.Looked = about != nil
	return out, err
}

// explained puts an explanation into the words of publish.
func explained(x *mapping.Explanation, verdicts []quality.Verdict) (out publish.Explained, err error) {
	out.Name, out.IRI, out.Quads = strings.TrimSpace(x.Source+" "+x.Number), graph.IRI(x.Record), x.Quads
	for i := range x.Fields {
		f := &x.Fields[i]
		field := publish.ExplainedField{Tag: f.Tag, Indicators: f.Indicators, Made: made(f.Made)}
		for j := range f.Parts {
			part := &f.Parts[j]
			field.Parts = append(field.Parts, publish.ExplainedPart{
				Code: part.Code, Value: part.Value, State: string(part.State), Rules: part.Rules, Made: made(part.Made)})
		}
		out.Fields = append(out.Fields, field)
	}
	out.Program = made(x.Program)
	for i := range x.Links {
		l := &x.Links[i]
		h := publish.LinkedHeading{Tag: l.Tag, Heading: l.Heading, As: l.As, To: graph.IRI(l.To), Vi: l.In("vi"), En: l.In("en")}
		for _, r := range l.Records {
			h.Records = append(h.Records, graph.IRI(r))
		}
		out.Headings = append(out.Headings, h)
	}
	for _, f := range x.Findings {
		code := ""
		if f.Code != 0 {
			code = string(rune(f.Code))
		}
		out.Findings = append(out.Findings, publish.MappingFinding{Rule: f.Rule, Tag: f.Tag, Code: code, Value: f.Value, Vi: f.Vi, En: f.En})
	}
	for _, v := range verdicts {
		out.Findings = append(out.Findings, publish.MappingFinding{
			Rule: v.Rule, Severity: v.Severity.String(), Tag: v.Tag, Code: v.Code, Value: v.Value, Vi: v.Vi, En: v.En})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err = enc.Encode(struct {
		*mapping.Explanation
		Quality []quality.Verdict `json:"quality"`
	}{x, verdicts})
	out.JSON = b.Bytes()
	return out, err
}

func made(all []mapping.Made) (out []publish.Made) {
	for i := range all {
		out = append(out, publish.Made{Rule: all[i].Rule, Says: all[i].Says, Triples: all[i].Terms})
	}
	return out
}

// Rules implements publish.Mapping.
func (p *mappingPages) Rules(profile string) ([]publish.MappingRule, error) {
	m, err := p.mapper(profile)
	if err != nil {
		return nil, err
	}
	rules, err := m.Rules()
	if err != nil {
		return nil, err
	}
	all := make([]publish.MappingRule, len(rules))
	for i := range rules {
		r := &rules[i]
		cell := r.Row.Cell
		all[i] = publish.MappingRule{
			Kind: r.Kind, File: r.Row.File(), Line: r.Row.Line, Tag: firstCell(r.Row, "tag", "element"), Sub: cell("sub"), When: cell("when"),
			Node: cell("node"), Path: cell("path"), Value: cell("value"), Example: cell("example"), Expected: cell("expected"), Note: cell("note"),
			Does: cell("does"), Profile: cell("profile"), Own: r.Own, Used: r.Used,
		}
		if a, b := cell("ind1"), cell("ind2"); a+b != "" {
			all[i].Indicators = firstOr(a, "*") + firstOr(b, "*")
		}
		if all[i].Tag == "" && i > 0 { // it speaks of the node of the row above
			all[i].Tag = all[i-1].Tag
		}
		for _, by := range r.Gone {
			if name := fmt.Sprintf("%s:%d", by.File(), by.Line); !slices.Contains(all[i].Gone, name) {
				all[i].Gone = append(all[i].Gone, name)
			}
		}
	}
	return all, nil
}

// firstCell returns the first of some columns that is filled in.
func firstCell(r *ontology.Row, columns ...string) string {
	for _, c := range columns {
		if s := r.Cell(c); s != "" {
			return s
		}
	}
	return ""
}

func firstOr(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// Coverage implements publish.Mapping.
func (p *mappingPages) Coverage() (*publish.Coverage, error) {
	if p.a.settings.location == "" {
		return nil, nil
	}
	return readCoverage(p.a.settings.place(coverageFile))
}
