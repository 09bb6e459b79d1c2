package sparql

import "mocban/sparql/algebra"

// A Form is what a query asks for.
type Form = algebra.Form

// The query forms.
const (
	Select    = algebra.Select
	Ask       = algebra.Ask
	Construct = algebra.Construct
	Describe  = algebra.Describe
)
