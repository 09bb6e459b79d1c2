package plan

import (
	"math"
	"slices"

	"mocban/sparql/algebra"
)

// Service asks another endpoint for a pattern. With Input, each row of it is joined with what
// the endpoint gives; the values of the variables that both have are sent along, so that the
// endpoint has to look for no more than these.
type Service struct {
	Info
	Input  Node // or nil
	Name   Slot
	Silent bool
	Text   string        // of the group, with its braces
	Vars   []algebra.Var // that it may bind
	Shared []algebra.Var // of these, columns of Input
	Bound  []bool        // which of Shared every row of the endpoint binds
}

// Inputs implements Node.
func (n *Service) Inputs() []Node {
	if n.Input == nil {
		return nil
	}
	return []Node{n.Input}
}

// Label implements Node.
func (n *Service) Label() string {
	s := "Service " + n.Name.String()
	if n.Silent {
		s = "Service silent " + n.Name.String()
	}
	if len(n.Shared) > 0 {
		s += ", given" + vars(n.Shared)
	}
	return s
}

// SentRows is how many rows are sent along with one request.
const SentRows = 100

// The cost of a request, and of asking for all that an endpoint has of a pattern.
const (
	costRequest = 50e6
	costAll     = 1e11
)

// service joins the seed with what an endpoint gives (SPARQL 1.1 Federated Query, 4).
func (b *builder) service(op *algebra.Service, sc scope) Node {
	n := &Service{Name: b.slot(op.Name), Silent: op.Silent, Text: op.Text, Input: sc.fed()}
	for _, v := range inScope(op.Input, false) {
		if v[0] != '.' { // a blank node of the pattern stays there
			n.Vars = append(n.Vars, v)
		}
	}
	n.Rows, n.Cost = 10_000, costAll
	if n.Input != nil {
		x := n.Input.Base()
		n.Shared = Vars(n.Vars).common(columns(n.Input))
		bound := inScope(op.Input, true)
		for _, v := range n.Shared {
			n.Bound = append(n.Bound, bound.Has(v))
		}
		n.Cols, n.Rows = slices.Clone(x.Cols), max(1, x.Rows)
		if n.Cost += x.Cost; len(n.Shared) > 0 || n.Name.IsVar() {
			n.Cost = x.Cost + costRequest*math.Ceil(n.Rows/SentRows)
		}
	}
	for _, v := range n.Vars {
		if !n.Has(v) {
			n.Cols = append(n.Cols, Col{Var: v, Maybe: true})
		}
	}
	if n.Name.IsVar() && !n.Has(n.Name.Var) {
		n.Cols = append(n.Cols, Col{Var: n.Name.Var, Maybe: true})
	}
	return n
}

// asksVariable tells whether the endpoint that a pattern asks is known by its other parts only:
// it cannot be answered on its own.
func asksVariable(op algebra.Op) bool {
	switch op := op.(type) {
	case *algebra.Service:
		return op.Name.IsVar()
	case *algebra.Filter:
		return asksVariable(op.Input)
	case *algebra.Extend:
		return asksVariable(op.Input)
	case *algebra.Union:
		return asksVariable(op.Left) || asksVariable(op.Right)
	}
	return false
}
