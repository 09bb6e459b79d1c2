package kv

// A Twin is a DB that tells of its writes and can be broken: for tests of what stands on a DB
// and must outlive a kill or a failing disk at any of them. Embed a real DB.
type Twin struct {
	DB

	// Before, if not nil, is called before each step of writing. If it returns an error, the
	// step is not done.
	Before func(Step) error

	// After, if not nil, is called after each step that was done.
	After func(Step)
}

// A Step is one step of writing.
type Step struct {
	Kind    StepKind
	Keys    []string // that a batch sets or deletes; of a bulk, the one that is set
	Deletes int      // how many of the keys are deleted
}

// A StepKind says what a step does.
type StepKind uint8

// The kinds of step.
const (
	StepWrite StepKind = iota // a batch
	StepBulk                  // the beginning of a bulk
	StepSet                   // one value of a bulk
	StepClose                 // the end of a bulk
	StepSync
)

func (t *Twin) do(s Step, f func() error) error {
	if t.Before != nil {
		if err := t.Before(s); err != nil {
			return err
		}
	}
	if err := f(); err != nil {
		return err
	}
	if t.After != nil {
		t.After(s)
	}
	return nil
}

// Write implements DB.
func (t *Twin) Write(b *Batch) error {
	s := Step{Kind: StepWrite, Keys: make([]string, len(b.ops))}
	for i, o := range b.ops {
		s.Keys[i] = string(o.key)
		if o.value == nil {
			s.Deletes++
		}
	}
	return t.do(s, func() error { return t.DB.Write(b) })
}

// Sync implements DB.
func (t *Twin) Sync() error { return t.do(Step{Kind: StepSync}, t.DB.Sync) }

// Bulk implements DB.
func (t *Twin) Bulk(bytes int64) (b Bulk, err error) {
	err = t.do(Step{Kind: StepBulk}, func() error {
		b, err = t.DB.Bulk(bytes)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &twinBulk{b, t}, nil
}

type twinBulk struct {
	Bulk
	t *Twin
}

func (b *twinBulk) Set(stream int, key, value []byte) error {
	return b.t.do(Step{Kind: StepSet, Keys: []string{string(key)}}, func() error { return b.Bulk.Set(stream, key, value) })
}

// Close tells of its end. One that is kept from it is cancelled.
func (b *twinBulk) Close() error {
	closed := false
	err := b.t.do(Step{Kind: StepClose}, func() error { closed = true; return b.Bulk.Close() })
	if !closed {
		b.Bulk.Cancel()
	}
	return err
}
