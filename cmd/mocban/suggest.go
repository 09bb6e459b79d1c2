package main

import (
	"mocban/ingest"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
)

// Of so many records it is looked at whether another profile may fit them, and so many of them
// must say so.
const (
	suggestOf    = 2000
	suggestLeast = 3
)

// lookForKoha lets a run look whether the profile koha-vn may fit its records. What is returned
// tells of it, once, at the end.
func (a *app) lookForKoha(p *ingest.Pipeline) (tell func(), err error) {
	if profile := a.settings.Profile; profile != "" && profile != mapping.Default || a.flags.quiet {
		return func() {}, nil
	}
	signs, err := mapping.NewKohaSigns()
	if err != nil {
		return nil, err
	}
	p.Look = func(r *marc.Record) {
		if signs.Records < suggestOf {
			signs.Count(r)
		}
	}
	return func() {
		if signs.Suggests(suggestLeast) {
			a.sayf("Biểu ghi giống tệp xuất từ Koha: %s. Hồ sơ %s có thể hợp hơn: thử --profile %s (lần này vẫn dùng %s).\n",
				"These look like an export of Koha: %s. The profile %s may fit them better: try --profile %s (%s was used).\n",
				signs.Why(a.settings.lang), mapping.KohaVN, mapping.KohaVN, mapping.Default)
		}
	}, nil
}
