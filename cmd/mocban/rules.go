package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mocban/ingest"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
	"mocban/ontology"
)

// overlays reads the tables of the library's own rows: those in the folder mapping of the data,
// those that the settings name, and those that flags name.
func (a *app) overlays() ([]*ontology.Table, error) {
	var files []string
	if a.settings.location != "" {
		found, err := filepath.Glob(filepath.Join(globQuoted(a.settings.place("mapping")), "*.tsv"))
		if err != nil {
			return nil, fmt.Errorf("look for tables of rules: %w", err)
		}
		files = found
		a.unreadRules()
	}
	for _, name := range a.settings.Rules {
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(a.settings.file), name)
		}
		files = append(files, name)
	}
	files = append(files, a.rules...)
	var tables []*ontology.Table
	for i, name := range files {
		if slices.Contains(files[:i], name) {
			continue // what the settings name may lie in the folder
		}
		text, err := os.ReadFile(name)
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				err = fs.ErrNotExist
			}
			return nil, wrongf("không đọc được bảng quy tắc %s: %w", "cannot read the table of rules %s: %w", name, err)
		}
		t, err := ontology.ReadOverlay(name, text)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// unreadRules tells, once, of files in the folder mapping that look like tables of rules and are
// not read: spreadsheets give them other endings.
func (a *app) unreadRules() {
	if a.toldUnread {
		return
	}
	a.toldUnread = true
	for _, ending := range []string{"txt", "csv", "tab", "xlsx", "xls", "ods", "TSV"} {
		found, _ := filepath.Glob(filepath.Join(globQuoted(a.settings.place("mapping")), "*."+ending))
		for _, name := range found {
			a.sayf("%s không được đọc: bảng quy tắc phải là văn bản cách nhau bằng tab, tên tệp có đuôi .tsv\n",
				"%s is not read: a table of rules must be text with tabs, and its name must end in .tsv\n", name)
		}
	}
}

// globQuoted returns a path as a pattern that means it alone.
func globQuoted(path string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// explain tells what became of each record, for people or as JSON: one object a line.
func (a *app) explain(ctx context.Context, w io.Writer, form string, sources []ingest.Source) error {
	m, err := a.mapper(false, "")
	if err != nil {
		return err
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return a.eachRecord(ctx, sources, func(r *marc.Record) error {
		x, err := m.Explain(r)
		switch {
		case err != nil:
			return err
		case form == "json":
			return out.Encode(x)
		}
		return x.WriteText(w, a.settings.lang)
	})
}

// coverage writes what became of each tag and subfield of each library.
func (a *app) coverage(ctx context.Context, w io.Writer, sources []ingest.Source) error {
	m, err := a.mapper(false, "")
	if err != nil {
		return err
	}
	var c mapping.Coverage
	err = a.eachRecord(ctx, sources, func(r *marc.Record) error { return c.Count(m, r) })
	if err != nil && !errors.Is(err, errFindings) {
		return err
	}
	a.tellCoverage(&c)
	return errors.Join(err, c.WriteTSV(w))
}

// tellCoverage sums up what was counted.
func (a *app) tellCoverage(c *mapping.Coverage) {
	all, states := c.Totals()
	if all > 0 && !a.flags.quiet {
		share := func(i int) float64 { return 100 * float64(states[i]) / float64(all) }
		a.sayf("%s trường con và vị trí: %.1f %% được chuyển, %.1f %% không cho gì, %.1f %% cố ý bỏ qua, %.1f %% chưa có quy tắc\n",
			"%s subfields and positions: %.1f %% mapped, %.1f %% gave nothing, %.1f %% left out on purpose, %.1f %% without a rule\n",
			a.number(uint64(all)), share(0), share(1), share(2), share(3))
	}
}

// eachRecord calls f for each record. What cannot be read or has no rules to tell of is told, and
// makes the result errFindings.
func (a *app) eachRecord(ctx context.Context, sources []ingest.Source, f func(*marc.Record) error) error {
	left := 0
	tell := func(name string, vi, en string) {
		if left++; left <= someFindings {
			a.sayf("%s: %s\n", "%s: %s\n", name, a.pick(vi, en))
		}
	}
	for i := range sources {
		s := &sources[i]
		err := s.Each(func(r *marc.Record) error {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			err := f(r)
			var both *ontology.Mistake
			switch {
			case errors.As(err, &both):
				tell(s.Name, both.Vi, both.En)
			case errors.Is(err, mapping.ErrKind), errors.Is(err, mapping.ErrHeading), errors.Is(err, mapping.ErrTemplate):
				tell(s.Name, err.Error(), err.Error())
			default:
				return err
			}
			return nil
		}, func(b *marc.BadRecord) { tell(s.Name, b.Vi, b.En) })
		if err != nil {
			return err
		}
	}
	if left > 0 {
		a.sayf("%d biểu ghi không giải thích được\n", "%d records could not be explained\n", left)
		return errFindings
	}
	return nil
}
