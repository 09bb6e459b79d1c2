package ingest

import "time"

// A meter measures how fast a run goes and tells it from time to time.
type meter struct {
	start, told time.Time
	interval    time.Duration
	total       int64
	bytes       int64  // at the last telling
	records     uint64 // at the last telling
	rate        float64
	source      string
}

func newMeter(p *Pipeline, sources []Source) meter {
	m := meter{start: time.Now(), interval: p.Interval}
	m.told = m.start
	if m.interval <= 0 {
		m.interval = time.Second
	}
	for _, s := range sources {
		if s.Size == 0 {
			m.total = 0
			break
		}
		m.total += s.Size
	}
	return m
}

func (m *meter) elapsed() time.Duration { return time.Since(m.start) }

// tell reports the chunk that was just settled, if it is time to.
func (m *meter) tell(r *run, c *chunk) {
	m.step(r, "map", r.sources[c.source].Name, r.report.Records, c.bytes)
}

func (m *meter) step(r *run, step, source string, records uint64, bytes int64) {
	m.source = source
	if r.Progress == nil {
		return
	}
	now := time.Now()
	since := now.Sub(m.told)
	if since < m.interval {
		return
	}
	if records < m.records { // another walk began
		m.records, m.bytes = 0, 0
	}
	m.rate = float64(records-m.records) / since.Seconds()
	p := Progress{Source: source, Records: records, Bytes: bytes, Total: m.total, Rate: m.rate,
		Elapsed: now.Sub(m.start), Step: step}
	if speed := float64(bytes-m.bytes) / since.Seconds(); speed > 0 && m.total > bytes {
		p.Left = time.Duration(float64(m.total-bytes) / speed * float64(time.Second)).Round(time.Second)
	}
	m.told, m.records, m.bytes = now, records, bytes
	r.Progress(p)
}

// now tells of a step without waiting for its time.
func (m *meter) now(r *run, step string, records uint64, bytes int64) {
	if r.Progress != nil {
		r.Progress(Progress{Source: m.source, Records: records, Bytes: bytes, Total: m.total,
			Rate: m.mean(records), Elapsed: m.elapsed(), Step: step})
	}
}

// last tells the end of a run.
func (m *meter) last(r *run) { m.now(r, "done", r.report.Records, r.report.Bytes) }

// mean returns how many records a second were settled since the start.
func (m *meter) mean(records uint64) float64 {
	if s := m.elapsed().Seconds(); s > 0 {
		return float64(records) / s
	}
	return 0
}
