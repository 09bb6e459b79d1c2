package ingest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"mocban/graph"
	"mocban/ingest/quality"
)

// A Report tells what a run did. Records = Mapped + Aside + Refused + Deleted + Doubles.
type Report struct {
	Records  uint64 // in the sources, readable or not
	Mapped   uint64
	Aside    uint64 // set aside: unreadable or unmappable
	Refused  uint64 // classified
	Deleted  uint64 // that say so: their graphs were dropped
	Doubles  uint64 // left out because a later record has the same name
	Replaced uint64 // mapped, and so was an earlier record of the same name
	Relinked uint64 // of the store, mapped again since their headings lead to other authority records now
	Stale    uint64 `json:",omitempty"` // of the store, that should be and could not: they stay as they were
	Repaired uint64 // of the records that could be read
	Quads    uint64
	Bytes    int64 // of the sources

	// What was found, by rule.
	AsideBy, RepairedBy, FoundBy map[string]uint64

	// Quality is what was judged, by library; nil if nothing was. Records that Strict set
	// aside are in it.
	Quality quality.Cards `json:",omitempty"`

	Version graph.Version // of the store at the end
	Took    time.Duration
}

func newReport() *Report {
	return &Report{AsideBy: map[string]uint64{}, RepairedBy: map[string]uint64{}, FoundBy: map[string]uint64{}}
}

// resume goes on with the counts of a checkpoint.
func (r *Report) resume(p *checkpoint) {
	took := r.Took
	*r = p.Report
	r.Took = took
	for _, m := range []*map[string]uint64{&r.AsideBy, &r.RepairedBy, &r.FoundBy} {
		if *m == nil {
			*m = map[string]uint64{}
		}
	}
}

// Text returns the report for people, in Vietnamese ("vi") or English.
func (r *Report) Text(lang string) string {
	var b strings.Builder
	line := func(vi, en string, args ...any) {
		if lang == "vi" {
			en = vi
		}
		fmt.Fprintf(&b, en+"\n", args...)
	}
	line("%d biểu ghi đã đọc", "%d records read", r.Records)
	line("%d biểu ghi đã chuyển đổi thành %d bộ bốn", "%d records mapped to %d quads", r.Mapped, r.Quads)
	if r.Repaired > 0 {
		line("%d biểu ghi đã sửa: %s", "%d records repaired: %s", r.Repaired, counts(r.RepairedBy, lang))
	}
	if r.Aside > 0 {
		line("%d biểu ghi để riêng: %s", "%d records set aside: %s", r.Aside, counts(r.AsideBy, lang))
	}
	if r.Refused > 0 {
		line("%d biểu ghi có dấu mật: không nhận, không lưu", "%d records carry a security classification: not stored or kept", r.Refused)
	}
	if r.Deleted > 0 {
		line("%d biểu ghi đã xóa ở nguồn (đầu biểu/05): bỏ khỏi kho", "%d records are deleted at the source (leader/05): taken out", r.Deleted)
	}
	if r.Doubles+r.Replaced > 0 {
		line("%d biểu ghi trùng mã: giữ biểu ghi sau cùng", "%d records share their number with a later one: the last is kept", r.Doubles+r.Replaced)
	}
	if r.Relinked > 0 {
		line("%d biểu ghi trong kho đã chuyển đổi lại vì tiêu đề nay thuộc biểu ghi nhất quán khác",
			"%d records of the store mapped again, as their headings belong to other authority records now", r.Relinked)
	}
	if r.Stale > 0 {
		line("%d biểu ghi trong kho phải chuyển đổi lại nhưng quy tắc hiện nay không chuyển đổi được: giữ nguyên như trước",
			"%d records of the store should be mapped again and could not be by the rules of now: they stay as they were", r.Stale)
	}
	if len(r.FoundBy) > 0 {
		line("cần xem lại: %s", "to look at: %s", counts(r.FoundBy, lang))
	}
	if r.Took > 0 {
		took := fmt.Sprintf("%.1f", r.Took.Seconds())
		if lang == "vi" {
			took = strings.Replace(took, ".", ",", 1)
		}
		line("%s giây, %.0f biểu ghi/giây", "%s s, %.0f records/s", took, float64(r.Records)/r.Took.Seconds())
	}
	return b.String()
}

// counts lists counts by rule, the largest first.
func counts(m map[string]uint64, lang string) string {
	rules := slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		if m[a] != m[b] {
			if m[a] > m[b] {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	for i, rule := range rules {
		rules[i] = fmt.Sprintf("%s %d", ruleName(rule, lang), m[rule])
	}
	return strings.Join(rules, ", ")
}

// settle counts a chunk, tells of its records, and sets aside what could not be mapped.
func (r *run) settle(c *chunk) error {
	for i := range c.items {
		it := &c.items[i]
		if it.state == done {
			if it.rec != nil {
				r.seen[r.key(it.graph)] = it.number
			}
			continue
		}
		r.report.Records++
		if r.Look != nil && it.rec != nil && it.state != refused {
			r.Look(it.rec)
		}
		r.repairs(c, it)
		r.verdicts(c, it)
		switch it.state {
		case mapped:
			r.report.Mapped++
			r.report.Quads += uint64(it.count)
			r.findings(c, it)
			r.double(c, it)
		case doubled:
			r.report.Doubles++
			r.notify(c, it, Notice{Kind: Double, Rule: "double",
				Vi: "một biểu ghi sau có cùng mã; giữ biểu ghi sau",
				En: "a later record has the same name; the later one is kept"})
		case withdrawn:
			r.report.Deleted++
			r.double(c, it)
			r.notify(c, it, Notice{Kind: Deleted, Rule: "deleted", Tag: "LDR",
				Vi: "đầu biểu/05 ghi là đã xóa; bỏ biểu ghi khỏi kho",
				En: "leader/05 says that it is deleted; it is taken out"})
		case refused:
			r.report.Refused++
			n := fmt.Sprint(r.place(it))
			r.notify(c, it, Notice{Kind: Refused, Rule: "classified",
				Vi: "biểu ghi " + n + " có dấu mật: không nhận và không lưu",
				En: "record " + n + " carries a security classification and was not stored or kept"})
		case aside:
			if err := r.setAside(c, it); err != nil {
				return err
			}
		}
	}
	r.report.Bytes = c.bytes
	return nil
}

func (r *run) place(it *item) int {
	if it.rec != nil {
		return it.rec.Number
	}
	return it.bad.Number
}

func (r *run) repairs(c *chunk, it *item) {
	if it.rec == nil || len(it.rec.Repairs) == 0 || it.state == refused {
		return
	}
	r.report.Repaired++
	for _, p := range it.rec.Repairs {
		r.report.RepairedBy[p.Rule]++
		r.notify(c, it, Notice{Kind: Repair, Rule: p.Rule, Tag: p.Tag, Vi: p.Detail, En: p.Detail})
	}
}

func (r *run) findings(c *chunk, it *item) {
	for _, f := range it.findings {
		r.report.FoundBy[f.Rule]++
		n := Notice{Kind: Finding, Rule: f.Rule, Tag: f.Tag, Value: f.Value, Vi: f.Vi, En: f.En}
		if f.Code != 0 {
			n.Code = string(rune(f.Code))
		}
		r.notify(c, it, n)
	}
}

// double tells of a record that replaces an earlier one of this run.
func (r *run) double(c *chunk, it *item) {
	k := r.key(it.graph)
	before, ok := r.seen[k]
	r.seen[k] = it.number
	if !ok {
		return
	}
	r.report.Replaced++
	r.notify(c, it, Notice{Kind: Double, Rule: "double",
		Vi: fmt.Sprintf("trùng mã với biểu ghi thứ %d; giữ biểu ghi này", before),
		En: fmt.Sprintf("has the same name as record %d; this one is kept", before)})
}

// notify completes a notice and passes it on. Of a classified record only the place is told.
func (r *run) notify(c *chunk, it *item, n Notice) {
	if r.Notice == nil {
		return
	}
	n.Source = r.sources[c.source].Name
	if it.rec != nil {
		n.Number, n.Offset, n.ID = it.rec.Number, it.rec.Offset, it.rec.ID()
	} else {
		n.Number, n.Offset, n.ID = it.bad.Number, it.bad.Offset, it.bad.ID
	}
	if it.state == refused {
		n.ID = ""
	}
	r.Notice(n)
}

// finish closes what the run opened and completes the report.
func (r *run) finish(err error) (Report, error) {
	if e := r.closeQuarantine(); err == nil {
		err = e
	}
	r.report.Took = r.meter.elapsed()
	r.meter.last(r)
	if err == nil && r.report.Records == 0 {
		r.Log.Warn("nothing to read: 0 records", "source", r.sourceNames())
	}
	return *r.report, err
}
