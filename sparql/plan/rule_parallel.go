package plan

import (
	"mocban/graph"
	"mocban/sparql/algebra"
)

// What is worth being read in parts: below that, starting them takes longer than they save.
const (
	parallelCost = 3_000_000 // nanoseconds or so
	parallelRows = 20_000    // of the scan that is cut
)

// divide lets the rows below groups and sorts be read in parts at the same time: the rule
// parallel-parts. They come in the order in which they would come otherwise, so that nothing
// above can tell. What may end early, and what runs again for each row, is left alone.
func (b *builder) divide(n Node) {
	switch n := n.(type) {
	case *Group:
		n.Input = b.inParts(n.Input)
	case *Sort:
		n.Input = b.inParts(n.Input)
	case *Project:
		b.divide(n.Input)
	case *Extend:
		b.divide(n.Input)
	case *Filter:
		b.divide(n.Input)
	case *Slice:
		b.divide(n.Input)
	case *Distinct:
		b.divide(n.Input)
	case *HashJoin:
		b.divide(n.Left)
		b.divide(n.Right)
	case *LookupJoin:
		b.divide(n.Input)
	case *Union:
		for _, p := range n.Parts {
			b.divide(p)
		}
	}
}

// inParts returns a node whose rows are all read, with the first part of it that can be cut read
// in parts.
func (b *builder) inParts(n Node) Node {
	if scan := firstScan(n); scan != nil {
		least, cost := b.o.ParallelRows, 0.0
		if least == 0 {
			least, cost = parallelRows, parallelCost
		}
		if scan.Rows >= float64(least) && n.Base().Cost >= cost {
			p := &Parallel{Input: n}
			p.Info = *n.Base()
			return p
		}
		return n
	}
	switch n := n.(type) {
	case *Extend:
		n.Input = b.inParts(n.Input)
	case *Filter:
		n.Input = b.inParts(n.Input)
	case *Project:
		n.Input = b.inParts(n.Input)
	case *LookupJoin:
		n.Input = b.inParts(n.Input)
	case *HashJoin:
		n.Left = b.inParts(n.Left)
		b.divide(n.Right)
	default:
		b.divide(n)
	}
	return n
}

// firstScan returns the scan that the rows of a node begin with, if they can be had in parts of
// it: no step may remember rows that came before, or make terms.
func firstScan(n Node) *Scan {
	switch n := n.(type) {
	case *Scan:
		if n.cuttable() {
			return n
		}
	case *Filter:
		for _, c := range n.Conditions {
			if varies(c) {
				return nil
			}
		}
		return firstScan(n.Input)
	case *Extend:
		if _, ok := n.Expr.(*algebra.VarExpr); ok {
			return firstScan(n.Input)
		}
	case *LookupJoin:
		return firstScan(n.Input)
	case *HashJoin:
		return firstScan(n.Left)
	case *Minus:
		return firstScan(n.Left)
	case *Apply:
		if seedOnly(n.Right) {
			return firstScan(n.Input)
		}
	}
	return nil
}

// cuttable tells whether the scan is one of an order in which a position is free that can be
// bounded.
func (n *Scan) cuttable() bool {
	at := n.FreeAt()
	return n.Graphs.Kind != GraphLooped && at < graph.PosG && n.Slots[at].IsVar() && n.plain() && (len(n.Ranges) == 0 || n.At == at)
}

// FreeAt returns the first position in the order of the scan that its pattern does not bind.
func (n *Scan) FreeAt() graph.Pos {
	p := n.Pattern()
	if i := p.Prefix(n.By); i < len(n.By.Positions()) {
		return n.By.Positions()[i]
	}
	return graph.PosG
}

// seedOnly tells whether the right side of an Apply does nothing but look up what it is fed.
func seedOnly(n Node) bool {
	switch n := n.(type) {
	case *Seed:
		return true
	case *Scan:
		return n.Graphs.Kind != GraphLooped
	case *LookupJoin:
		return n.Scan.Graphs.Kind != GraphLooped && seedOnly(n.Input)
	case *Filter:
		for _, c := range n.Conditions {
			if varies(c) {
				return false
			}
		}
		return seedOnly(n.Input)
	case *Project:
		return seedOnly(n.Input)
	case *Apply:
		return seedOnly(n.Input) && seedOnly(n.Right)
	}
	return false
}
