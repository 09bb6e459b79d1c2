package plan

import (
	"slices"

	"mocban/sparql/algebra"
	"mocban/sparql/expr"
)

// weight is the column of a row that stands for as many equal rows.
const weight algebra.Var = "..weight"

// weigh lets joins count the matches of a row that nobody looks at, and give the row once: the
// rule counted-joins. A group counts such a row as often as it stands for, and DISTINCT does
// not care. How many pairs of editions have a library in common is found without a pair.
func (b *builder) weigh(n Node) {
	for _, in := range n.Inputs() {
		b.weigh(in)
	}
	switch n := n.(type) {
	case *Group:
		switch counts, ok := weighable(n); {
		case !ok:
		case !counts:
			b.countMatches(n.Input, "")
		case b.countMatches(n.Input, weight):
			n.Weight = weight
		}
	case *Distinct:
		b.countMatches(n.Input, "")
	}
}

// weighable tells whether the aggregates of a group can do with a row in place of many, and
// whether one of them must know of how many.
func weighable(n *Group) (counts, ok bool) {
	for _, a := range n.Aggregates {
		switch {
		case a.Arg == nil && a.Distinct: // COUNT(DISTINCT *) looks at all columns
			return false, false
		case a.Distinct, a.Func == "MIN", a.Func == "MAX", a.Func == "SAMPLE":
		case a.Func == "COUNT", a.Func == "SUM", a.Func == "AVG":
			counts = true
		default:
			return false, false
		}
	}
	return counts, true
}

// countMatches looks for joins whose matches can be counted, down to where rows must be told
// apart. It returns whether the rows of the node have the column w then; without one, equal
// rows are one.
func (b *builder) countMatches(n Node, w algebra.Var) (weighs bool) {
	switch n := n.(type) {
	case *CountRows:
		return n.Weight
	case *Filter:
		if slices.ContainsFunc(n.Conditions, varies) {
			return false
		}
		weighs = b.countMatches(n.Input, w)
	case *Extend:
		if varies(n.Expr) {
			return false
		}
		weighs = b.countMatches(n.Input, w)
	case *Project:
		if w != "" {
			return false // a subquery
		}
		b.countMatches(n.Input, w)
	case *Minus:
		weighs = b.countMatches(n.Left, w)
	case *LookupJoin:
		weighs = b.countMatches(n.Input, w)
		if n.Once || !n.onlyMatches() {
			break
		}
		if w == "" {
			n.Once = true
		} else {
			n.Weight, weighs = w, true
		}
	case *HashJoin:
		if len(n.Keys) == 0 && len(columns(n.Left)) == 0 && !carriesSeed(n.Left) {
			n.Left, n.Right = n.Right, n.Left
			n.Order = n.Left.Base().Order
		}
		n.Left, n.Right = b.countedScan(n.Left, w), b.countedScan(n.Right, w)
		left, right := b.countMatches(n.Left, w), b.countMatches(n.Right, w)
		n.Counted = Vars(n.Keys).with(w).HasAll(columns(n.Right))
		weighs = w != "" && (left || right || n.Counted)
		if weighs {
			n.Weight = w
		}
	}
	if x := n.Base(); weighs {
		x.Cols = append(slices.Clone(x.Cols), Col{Var: w})
	}
	return weighs
}

// countedScan returns what tells how many rows a scan has of which no column is read.
func (b *builder) countedScan(n Node, w algebra.Var) Node {
	scan, ok := n.(*Scan)
	if !ok || w == "" || len(scan.Cols) > 0 || !scan.countable() || !b.count(scan.Pattern()).exact {
		return n
	}
	c := &CountRows{Scan: scan, Weight: true}
	c.Cols, c.Rows, c.Cost = []Col{{Var: w}}, 1, costOpen
	return c
}

// onlyMatches tells whether a join gives nothing of its scan but that there are rows.
func (n *LookupJoin) onlyMatches() bool {
	keys := columns(n.Scan).common(columns(n.Input))
	for _, v := range keys {
		if !n.Input.Base().Certain(v) {
			return false
		}
	}
	return len(keys) > 0 && len(columns(n.Scan).without(keys).common(columns(n))) == 0
}

// Varies tells whether an expression may have another value each time it is asked.
func Varies(e algebra.Expr) bool { return varies(e) }

// varies tells whether an expression may have another value for each of two equal rows.
func varies(e algebra.Expr) (found bool) {
	algebra.WalkExpr(e, func(e algebra.Expr) {
		if c, ok := e.(*algebra.Call); ok {
			f, known := expr.Builtin(c.Name)
			found = found || known && f.Volatile
		}
	})
	return found
}
