package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"mocban/graph"
	"mocban/ingest"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
)

// linker returns what keeps headings leading to authority records, nil for a profile that knows
// none. The mappers that are made from then on know them, too.
func (a *app) linker() *ingest.Linker {
	if a.settings.Profile == mapping.LC {
		return nil
	}
	a.authorities = &mapping.Authorities{}
	return &ingest.Linker{Authorities: a.authorities, Mapper: func(library string) (*mapping.Mapper, error) {
		return a.mapperFor(library, true, "")
	}}
}

// useAuthorities reads the authority records of files, to which headings are to lead.
func (a *app) useAuthorities(ctx context.Context, paths []string, r recordFlags) error {
	if len(paths) == 0 {
		return nil
	}
	if a.settings.Profile == mapping.LC {
		return wrongf("--authorities không dùng được với hồ sơ %s", "--authorities does not go with the profile %s", mapping.LC)
	}
	sources, err := a.sources(paths, recordFlags{recursive: r.recursive, charset: r.charset})
	if err != nil {
		return err
	}
	m, err := a.mapper(false, "")
	if err != nil {
		return err
	}
	x := mapping.NewAuthorityIndex()
	if r.explain {
		x.KeepNames()
	}
	line := a.newProgress()
	defer line.done()
	bad := 0
	for i := range sources {
		err := sources[i].Each(func(rec *marc.Record) error {
			if line.due() {
				line.line("%s biểu ghi nhất quán", "%s authority records", a.number(uint64(x.Len())))
			}
			if ingest.Withdrawn(rec) || ingest.Classified(rec) {
				return ctx.Err()
			}
			return errors.Join(ctx.Err(), m.Index(x, rec))
		}, func(*marc.BadRecord) { bad++ })
		if err != nil {
			return fmt.Errorf("read authority records: %w", err)
		}
	}
	line.done()
	a.sayf("%s biểu ghi nhất quán; %d biểu ghi không đọc được\n", "%s authority records; %d records could not be read\n", a.number(uint64(x.Len())), bad)
	a.authorities = &mapping.Authorities{}
	a.authorities.Use(x)
	if limit := debug.SetMemoryLimit(-1); limit < 1<<40 { // boundMemory has set one
		debug.SetMemoryLimit(limit + x.Size())
	}
	return nil
}

// authoritiesOf reads the authority records of a store, to which its headings lead.
func (a *app) authoritiesOf(ctx context.Context, s graph.Snapshot) error {
	l := a.linker()
	if l == nil {
		return nil
	}
	return l.Read(ctx, s)
}
