package sparql

// Without returns the engine with rules of plans switched off.
func (e *Engine) Without(rules ...string) *Engine {
	return &Engine{options: e.options, off: rules, batch: e.batch}
}

// Letters returns how many forms of queries the engine keeps.
func (e *Engine) Letters() int {
	e.letters.mu.Lock()
	defer e.letters.mu.Unlock()
	return e.letters.n
}

// Parts returns the engine with so many workers for whatever can be cut into parts.
func (e *Engine) Parts(workers int) *Engine {
	return &Engine{options: e.options, off: e.off, batch: e.batch, parts: workers}
}

// Spilling returns the engine that puts as many rows on a disk as it can.
func (e *Engine) Spilling(dir string) *Engine {
	o := e.options
	o.Disk = &Disk{Dir: dir, Max: 1 << 30, Small: true}
	return &Engine{options: o, off: e.off, batch: 2}
}

// Batches returns the engine with batches of a few rows.
func (e *Engine) Batches(rows int) *Engine {
	return &Engine{options: e.options, off: e.off, batch: rows}
}
