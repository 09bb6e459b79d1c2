package plan

import (
	"mocban/sparql/algebra"
)

// What steps cost, in nanoseconds or so, as measured on two cores of 2023. Only the ratios
// count.
const (
	costScan   = 3    // a row read in order
	costOut    = 6    // a row given
	costSeek   = 900  // a block found somewhere, and a key in it
	costFind   = 120  // a key looked for in a block that was found for another
	costStep   = 25   // a key looked for in the block at hand
	costOpen   = 3000 // a scan begun
	costKey    = 60   // a key sorted and looked up in a batch
	costBuild  = 45   // a row put into a table
	costProbe  = 18   // a row looked up in a table
	costExpr   = 120  // an expression on values
	costText   = 350  // an expression on a term that is fetched
	costOnIDs  = 4    // a condition on IDs
	costWalk   = 2500 // a node visited by a path
	costSortBy = 10   // a comparison
)

// blockRows is about how many rows of a pattern stand in one block.
const blockRows = 800

// seekCost guesses what it costs to look up keys, in their order, among rows: blocks are searched
// for them, or all rows are read.
func seekCost(keys, rows float64) float64 {
	blocks := min(keys, 1+rows/blockRows)
	return min(blocks*costSeek+(keys-blocks)*costFind, rows*costScan+keys*costStep)
}

// selectivity guesses which part of the rows a condition keeps.
func selectivity(e algebra.Expr) float64 {
	switch e := e.(type) {
	case *algebra.Binary:
		switch e.Op {
		case "=":
			return 0.1
		case "!=":
			return 0.9
		case "<", ">", "<=", ">=":
			return 0.35
		case "||":
			return min(1, selectivity(e.Left)+selectivity(e.Right))
		case "&&":
			return selectivity(e.Left) * selectivity(e.Right)
		}
	case *algebra.Unary:
		if e.Op == "!" {
			return max(0.1, 1-selectivity(e.Arg))
		}
	case *algebra.In:
		if e.Not {
			return 0.9
		}
		return min(1, 0.05*float64(len(e.Items)))
	case *algebra.Call:
		switch e.Name {
		case "CONTAINS", "STRSTARTS", "STRENDS", "REGEX":
			return 0.1
		}
	}
	return 0.5
}

// conditionCost guesses what a condition costs for a row.
func conditionCost(e algebra.Expr) float64 {
	switch e := e.(type) {
	case *algebra.Binary:
		if e.Op == "&&" || e.Op == "||" {
			return conditionCost(e.Left) + conditionCost(e.Right)
		}
		if onIDs(e.Left) && onIDs(e.Right) {
			return costOnIDs
		}
	case *algebra.Unary:
		return conditionCost(e.Arg)
	case *algebra.In:
		if onIDs(e.Arg) {
			return costOnIDs * float64(1+len(e.Items))
		}
	case *algebra.VarExpr:
		return costOnIDs
	case *algebra.Call:
		if e.Name == "BOUND" {
			return costOnIDs
		}
	}
	return costText
}

// onIDs tells whether an argument of a comparison can most often be judged by its ID.
func onIDs(e algebra.Expr) bool {
	switch e := e.(type) {
	case *algebra.VarExpr, *algebra.TermExpr:
		return true
	case *algebra.Call:
		return e.Name == "STR" && onIDs(e.Args[0])
	}
	return false
}

// cheapFirst puts conditions on IDs before the others, in their order otherwise.
func cheapFirst(es []algebra.Expr) []algebra.Expr {
	var cheap, dear []algebra.Expr
	for _, e := range es {
		if conditionCost(e) < costExpr {
			cheap = append(cheap, e)
		} else {
			dear = append(dear, e)
		}
	}
	return append(cheap, dear...)
}
