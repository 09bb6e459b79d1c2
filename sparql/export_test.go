package sparql

// Without returns the engine with rules of plans switched off.
func (e *Engine) Without(rules ...string) *Engine {
	return &Engine{options: e.options, off: rules, batch: e.batch}
}

// Batches returns the engine with batches of a few rows.
func (e *Engine) Batches(rows int) *Engine {
	return &Engine{options: e.options, off: e.off, batch: rows}
}
