package ingest

import (
	"context"
	"fmt"

	"mocban/graph"
	"mocban/ingest/quality"
)

// A brokenError tells that a record breaks a shape where that is not allowed.
type brokenError struct{ verdict quality.Verdict }

func (e *brokenError) Error() string { return e.verdict.Rule + ": " + e.verdict.En }

// judge judges what a record became.
func (r *run) judge(it *item, quads []graph.Quad) {
	defer func() {
		if p := recover(); p != nil {
			it.err = fmt.Errorf("judging failed: %v", p)
		}
	}()
	it.library = quality.Library(quads)
	// A run over one record is short, and what it may cost is bounded.
	it.verdicts, it.err = r.Judge.Judge(context.Background(), quads, it.rec)
	for i := range it.verdicts {
		if r.Strict && it.verdicts[i].Severity == quality.Violation {
			it.err = &brokenError{it.verdicts[i]}
			return
		}
	}
}

// verdicts counts the verdicts of a record and tells them. Of records that were refused or
// left out there are none.
func (r *run) verdicts(c *chunk, it *item) {
	if r.Judge == nil || it.rec == nil || it.state != mapped && len(it.verdicts) == 0 {
		return
	}
	if r.report.Quality == nil {
		r.report.Quality = quality.Cards{}
	}
	r.report.Quality.Add(it.library, it.verdicts, quality.Example{
		Source: r.sources[c.source].Name, Number: it.rec.Number, ID: it.rec.ID(),
	})
	for i := range it.verdicts {
		v := &it.verdicts[i]
		r.notify(c, it, Notice{Kind: Verdict, Rule: v.Rule, Tag: v.Tag, Code: v.Code, Value: v.Value,
			Vi: v.Vi, En: v.En, Library: it.library, Severity: v.Severity})
	}
}
