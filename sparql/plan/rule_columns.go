package plan

import (
	"slices"
)

// prune drops the columns that nobody above reads: the rule unused-columns. Rows stay as
// many as they are.
func prune(n Node, need Vars) {
	x := n.Base()
	switch n := n.(type) {
	case *Project:
		prune(n.Input, columns(n))
		return
	case *Distinct:
		prune(n.Input, columns(n))
		return
	case *Group:
		below := Vars(slices.Clone(n.Keys))
		for _, a := range n.Aggregates {
			switch {
			case a.Arg != nil:
				below = exprVars(below, a.Arg)
			case a.Distinct: // COUNT(DISTINCT *)
				below = below.plus(visible(columns(n.Input))...)
			}
		}
		prune(n.Input, below)
		return
	case *Service:
		if n.Input != nil {
			prune(n.Input, columns(n.Input))
		}
		return
	case *CountRuns, *CountRows, *Values, *TextHits, *Empty:
		return
	}
	x.Cols = slices.DeleteFunc(slices.Clone(x.Cols), func(c Col) bool { return !need.Has(c.Var) })
	switch n := n.(type) {
	case *Filter:
		prune(n.Input, exprVars(slices.Clone(need), n.Conditions...))
	case *Extend:
		below := exprVars(slices.Clone(need), n.Expr)
		prune(n.Input, below)
	case *Sort:
		below := slices.Clone(need)
		for _, k := range n.Keys {
			below = exprVars(below, k.Expr)
		}
		prune(n.Input, below)
	case *Slice:
		prune(n.Input, need)
	case *Union:
		for _, p := range n.Parts {
			prune(p, need)
		}
	case *LookupJoin:
		keys := columns(n.Scan).common(columns(n.Input))
		prune(n.Input, need.plus(keys...))
		n.Once = n.onlyOnce(need, keys)
		prune(n.Scan, need.plus(keys...))
	case *HashJoin:
		shared := columns(n.Left).common(columns(n.Right))
		below := need.plus(shared...)
		prune(n.Left, below)
		prune(n.Right, below)
	case *Minus:
		own := Vars(slices.Clone(n.Keys)).plus(n.Loose...).plus(n.Within...)
		prune(n.Left, need.plus(own...))
		prune(n.Right, own)
	case *Apply:
		right := Vars{n.Row}
		if n.Kind <= ApplyLeft {
			right = right.plus(need...)
		}
		if n.Kind > ApplyLeft {
			existsOnly(n.Right)
		}
		prune(n.Right, right)
		below := slices.Clone(need)
		walk(n.Right, func(m Node) {
			if s, ok := m.(*Seed); ok {
				below = below.plus(columns(s)...)
			}
		})
		prune(n.Input, below)
	case *Path:
		if n.Input != nil {
			prune(n.Input, need.plus(n.S.Var, n.O.Var))
		}
	case *GraphLoop:
		prune(n.Input, need.plus(n.Var))
	}
}

// visible returns the variables that the query itself wrote.
func visible(s Vars) (v Vars) {
	for _, x := range s {
		if x[0] != '.' {
			v = append(v, x)
		}
	}
	return v
}

// existsOnly notes on the joins at the top of the right side of an Apply that it does not
// matter how many rows there are.
func existsOnly(n Node) {
	if l, ok := n.(*LookupJoin); ok {
		l.Once = true // kept if no column of the scan is needed, see prune
	}
}

// onlyOnce tells whether a join that was marked by existsOnly gives no column of its scan.
func (n *LookupJoin) onlyOnce(need, keys Vars) bool {
	return n.Once && len(columns(n.Scan).without(keys).common(need)) == 0
}

func walk(n Node, f func(Node)) {
	f(n)
	for _, in := range n.Inputs() {
		walk(in, f)
	}
}
