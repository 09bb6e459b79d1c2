package sparql

import (
	"mocban/sparql/algebra"
	"mocban/sparql/exec"
	"mocban/sparql/syntax"
)

// A Form is what a query asks for.
type Form = algebra.Form

// The query forms.
const (
	Select    = algebra.Select
	Ask       = algebra.Ask
	Construct = algebra.Construct
	Describe  = algebra.Describe
)

// A SyntaxError tells where a text is no SPARQL, and why.
type SyntaxError = syntax.Error

// A ServiceError tells that an endpoint that a query asks by SERVICE did not answer.
type ServiceError = exec.ServiceError

// Services asks other endpoints. See package mocban/publish/outbound for one that is safe to
// let strangers use.
type Services = exec.Services

// ErrFederation tells that a query asks another endpoint by SERVICE, which is off.
var ErrFederation = exec.ErrFederation

// TextQuery is the property function that finds things by words.
const TextQuery = algebra.TextQuery
