package sparql

// Without returns the engine with rules of plans switched off.
func (e *Engine) Without(rules ...string) *Engine {
	return &Engine{options: e.options, off: rules, batch: e.batch}
}

// Parts returns the engine with so many workers for whatever can be cut into parts.
func (e *Engine) Parts(workers int) *Engine {
	return &Engine{options: e.options, off: e.off, batch: e.batch, parts: workers}
}

// Batches returns the engine with batches of a few rows.
func (e *Engine) Batches(rows int) *Engine {
	return &Engine{options: e.options, off: e.off, batch: rows}
}
