package plan

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"mocban/graph"
	"mocban/sparql/algebra"
)

// A Profile is what a node did.
type Profile struct {
	Rows    int64
	Batches int64
	Time    time.Duration // inputs included
	Runs    int64         // times it was begun again, as the right side of an Apply is
}

// Text returns the plan as EXPLAIN prints it: a line for each node, inputs below it. With
// profiles, by the number of the node, each line also tells what the node did.
func Text(p *Plan, profiles []Profile) string {
	var b strings.Builder
	write(&b, p.Root, 0, profiles)
	return b.String()
}

func write(b *strings.Builder, n Node, depth int, profiles []Profile) {
	x := n.Base()
	b.WriteString(strings.Repeat("  ", depth))
	b.WriteString(n.Label())
	fmt.Fprintf(b, "  ~%s", amount(x.Rows))
	if len(x.Order) > 0 {
		b.WriteString(" by")
		for _, v := range x.Order {
			b.WriteString(" " + varText(v))
		}
	}
	if x.ID < len(profiles) {
		p := profiles[x.ID]
		fmt.Fprintf(b, "  [%d rows, %s", p.Rows, p.Time.Round(time.Microsecond))
		if p.Runs > 1 {
			fmt.Fprintf(b, ", %d runs", p.Runs)
		}
		b.WriteString("]")
	}
	b.WriteByte('\n')
	for _, in := range n.Inputs() {
		write(b, in, depth+1, profiles)
	}
}

func amount(f float64) string { return strconv.FormatFloat(f, 'g', 3, 64) }

func varText(v algebra.Var) string { return "?" + string(v) }

// String writes the slot as a query would.
func (s Slot) String() string {
	if s.IsVar() {
		return varText(s.Var)
	}
	if s.Param > 0 {
		return fmt.Sprintf("$%d", s.Param)
	}
	return s.Term.String()
}

func (g Graphs) String() string {
	switch g.Kind {
	case GraphOne:
		if g.IDs[0] == graph.DefaultGraph {
			return " in the default graph"
		}
		return " in one graph"
	case GraphMerge:
		return fmt.Sprintf(" in %d graphs", len(g.IDs))
	case GraphNamed:
		return " in graph " + varText(g.Var)
	case GraphLooped:
		return " in the graph of the loop"
	}
	return ""
}

func vars(vs []algebra.Var) string {
	var b strings.Builder
	for _, v := range vs {
		b.WriteString(" " + varText(v))
	}
	return b.String()
}

func colVars(cols []Col) string {
	var b strings.Builder
	for _, c := range cols {
		b.WriteString(" " + varText(c.Var))
		if c.Maybe {
			b.WriteByte('*')
		}
	}
	return b.String()
}

// Label implements Node.
func (n *Unit) Label() string  { return "Unit" }
func (n *Empty) Label() string { return "Empty: " + n.Why }
func (n *Seed) Label() string  { return "Seed" + colVars(n.Cols) }
func (n *Values) Label() string {
	return fmt.Sprintf("Values%s, %d rows", colVars(n.Cols), len(n.Terms))
}
func (n *GraphList) Label() string { return "Graphs" + colVars(n.Cols) }
func (n *Scan) Label() string      { return "Scan " + n.By.String() + " " + n.text() }

func (n *Scan) text() string {
	s := patternText(n.Slots) + n.Graphs.String()
	if len(n.Ranges) > 0 {
		s += fmt.Sprintf(", %d ranges of %s", len(n.Ranges), n.Slots[n.At])
	}
	return s
}

// Label implements Node.
func (n *CountRuns) Label() string {
	if len(n.Count) == 0 {
		return "Runs " + n.Scan.By.String() + " " + n.Scan.text() + " by " + varText(n.Key)
	}
	return "CountRuns " + n.Scan.By.String() + " " + n.Scan.text() + " by " + varText(n.Key)
}

// Label implements Node.
func (n *CountRows) Label() string {
	switch {
	case n.Distinct:
		return "CountRows " + n.Scan.By.String() + " " + n.Scan.text() + ", distinct " + varText(n.Scan.Slots[n.At].Var)
	case len(n.Ranges) > 0:
		return fmt.Sprintf("CountRows %s, %d ranges of %s", n.Scan.text(), len(n.Ranges), n.Scan.Slots[n.At])
	}
	return "CountRows " + n.Scan.text()
}

// Label implements Node.
func (n *LookupJoin) Label() string {
	name := "LookupJoin"
	if n.Merge {
		name = "MergeJoin"
	}
	switch {
	case n.Once:
		name += " once"
	case n.Weight != "":
		name += " counted"
	}
	return name
}

// Label implements Node.
func (n *HashJoin) Label() string {
	s := "HashJoin on" + vars(n.Keys)
	if len(n.Keys) == 0 {
		s = "HashJoin of all with all"
	}
	if n.Counted {
		s += ", counted"
	}
	return s
}

// Label implements Node.
func (n *Apply) Label() string {
	if n.Kind == ApplyMark {
		return "Apply mark " + varText(n.Mark)
	}
	return "Apply " + n.Kind.String()
}

// Label implements Node.
func (n *Minus) Label() string { return "Minus on" + vars(n.Keys) + vars(n.Loose) }

// Label implements Node.
func (n *Path) Label() string {
	s := "Path "
	if n.Input != nil {
		s = "Walk "
	}
	return s + n.S.String() + " " + PathText(n.Path) + " " + n.O.String() + n.Graphs.String()
}

// Label implements Node.
func (n *GraphLoop) Label() string { return "GraphLoop " + varText(n.Var) }

// Label implements Node.
func (n *Union) Label() string { return "Union" }

// Label implements Node.
func (n *Filter) Label() string {
	texts := make([]string, len(n.Conditions))
	for i, c := range n.Conditions {
		texts[i] = ExprText(c)
	}
	return "Filter " + strings.Join(texts, " and ")
}

// Label implements Node.
func (n *Extend) Label() string {
	s := "Extend " + varText(n.Var) + " = " + ExprText(n.Expr)
	if n.Passing {
		s += ", passing"
	}
	return s
}

// Label implements Node.
func (n *Group) Label() string {
	s := "Group"
	if len(n.Keys) > 0 {
		s += " by" + vars(n.Keys)
	}
	if n.Ordered {
		s += ", in order"
	}
	for _, a := range n.Aggregates {
		s += ", " + varText(a.Var) + " = " + a.Func + "("
		if a.Distinct {
			s += "DISTINCT "
		}
		if a.Arg == nil {
			s += "*)"
		} else {
			s += ExprText(a.Arg) + ")"
		}
		if Vars(n.Passing).Has(a.Var) {
			s += " passing"
		}
		if v, ok := a.Arg.(*algebra.VarExpr); ok && a.Distinct && Vars(n.Runs).Has(v.Var) {
			s += " in order"
		}
	}
	return s
}

// Label implements Node.
func (n *Sort) Label() string {
	s := "Sort"
	if n.Top > 0 {
		s = fmt.Sprintf("Top %d", n.Top)
	}
	for i, k := range n.Keys {
		if i == 0 {
			s += " by"
		} else {
			s += ","
		}
		if k.Desc {
			s += " descending"
		}
		s += " " + ExprText(k.Expr)
	}
	return s
}

// Label implements Node.
func (n *Parallel) Label() string { return "Parallel" }

// Label implements Node.
func (n *Distinct) Label() string {
	if n.Ordered {
		return "Distinct, in order"
	}
	return "Distinct"
}

// Label implements Node.
func (n *Project) Label() string { return "Project" + colVars(n.Cols) }

// Label implements Node.
func (n *Slice) Label() string {
	if n.Limit < 0 {
		return fmt.Sprintf("Slice from %d", n.Offset)
	}
	return fmt.Sprintf("Slice %d from %d", n.Limit, n.Offset)
}

// ExprText writes an expression about as a query would.
func ExprText(e algebra.Expr) string {
	list := func(es []algebra.Expr) string {
		texts := make([]string, len(es))
		for i := range es {
			texts[i] = ExprText(es[i])
		}
		return "(" + strings.Join(texts, ", ") + ")"
	}
	switch e := e.(type) {
	case *algebra.TermExpr:
		return e.Term.String()
	case *algebra.VarExpr:
		return varText(e.Var)
	case *algebra.Unary:
		return e.Op + ExprText(e.Arg)
	case *algebra.Binary:
		return "(" + ExprText(e.Left) + " " + e.Op + " " + ExprText(e.Right) + ")"
	case *algebra.In:
		if e.Not {
			return ExprText(e.Arg) + " NOT IN " + list(e.Items)
		}
		return ExprText(e.Arg) + " IN " + list(e.Items)
	case *algebra.Call:
		if e.IRI != "" {
			return "<" + string(e.IRI) + ">" + list(e.Args)
		}
		return e.Name + list(e.Args)
	case *algebra.Exists:
		if e.Not {
			return "NOT EXISTS {...}"
		}
		return "EXISTS {...}"
	case *algebra.TripleExpr:
		return "<<(" + ExprText(e.S) + " " + ExprText(e.P) + " " + ExprText(e.O) + ")>>"
	}
	return "true"
}

// PathText writes a property path as a query would.
func PathText(p algebra.PathExpr) string {
	switch p := p.(type) {
	case *algebra.PathIRI:
		return "<" + string(p.IRI) + ">"
	case *algebra.Inverse:
		return "^(" + PathText(p.Path) + ")"
	case *algebra.Sequence:
		return "(" + PathText(p.Left) + "/" + PathText(p.Right) + ")"
	case *algebra.Alternative:
		return "(" + PathText(p.Left) + "|" + PathText(p.Right) + ")"
	case *algebra.ZeroOrMore:
		return PathText(p.Path) + "*"
	case *algebra.OneOrMore:
		return PathText(p.Path) + "+"
	case *algebra.ZeroOrOne:
		return PathText(p.Path) + "?"
	case *algebra.NegatedSet:
		var parts []string
		for _, iri := range p.Forward {
			parts = append(parts, "<"+string(iri)+">")
		}
		for _, iri := range p.Backward {
			parts = append(parts, "^<"+string(iri)+">")
		}
		return "!(" + strings.Join(parts, "|") + ")"
	}
	return "?"
}
