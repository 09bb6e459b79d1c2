package sparql

// Without returns the engine with rules of plans switched off.
func (e *Engine) Without(rules ...string) *Engine {
	return &Engine{options: e.options, off: rules}
}
