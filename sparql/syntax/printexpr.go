package syntax

import "mocban/graph"

// The levels of operators, looser ones first.
const (
	orLevel = iota + 1
	andLevel
	relationLevel
	sumLevel
	productLevel
	unaryLevel
)

var levels = map[string]int{
	"||": orLevel, "&&": andLevel, "=": relationLevel, "!=": relationLevel, "<": relationLevel, ">": relationLevel, "<=": relationLevel, ">=": relationLevel,
	"+": sumLevel, "-": sumLevel, "*": productLevel, "/": productLevel,
}

// expr writes an expression, in brackets if it binds looser than level.
func (w *printer) expr(e Expr, level int) {
	own := unaryLevel + 1
	switch e := e.(type) {
	case *Binary:
		own = levels[e.Op]
	case *In:
		own = relationLevel
	case *Unary:
		own = unaryLevel
	}
	if own < level {
		w.words("(")
		w.bare(e)
		w.words(")")
		return
	}
	w.bare(e)
}

func (w *printer) bare(e Expr) {
	switch e := e.(type) {
	case *TermExpr:
		w.words(termText(e.Term))
	case *VarExpr:
		w.words("?" + e.Var)
	case *Unary:
		w.words(e.Op)
		w.unaryArg(e.Arg)
	case *Binary:
		left := levels[e.Op]
		if left == relationLevel {
			left++
		}
		w.expr(e.Left, left)
		w.words(e.Op)
		w.expr(e.Right, levels[e.Op]+1)
	case *In:
		w.expr(e.Arg, sumLevel)
		if e.Not {
			w.words("NOT")
		}
		w.words("IN")
		w.list(e.Items)
	case *Call:
		w.call(e)
	case *Aggregate:
		w.aggregate(e)
	case *Exists:
		if e.Not {
			w.words("NOT")
		}
		w.words("EXISTS")
		w.group(e.Group)
	case *TripleExpr:
		w.words("<<(")
		for _, part := range []Expr{e.S, e.P, e.O} {
			w.bare(part)
		}
		w.words(")>>")
	}
}

// unaryArg writes what stands behind ! - or +. A number gets brackets, since -1 is another
// number and no expression with an operator.
func (w *printer) unaryArg(e Expr) {
	if _, ok := e.(*TermExpr); ok {
		w.words("(")
		w.bare(e)
		w.words(")")
		return
	}
	w.expr(e, unaryLevel+1)
}

func (w *printer) list(items []Expr) {
	w.words("(")
	for i, e := range items {
		if i > 0 {
			w.words(",")
		}
		w.expr(e, 0)
	}
	w.words(")")
}

func (w *printer) call(c *Call) {
	if c.Name != "" {
		w.words(c.Name)
	} else {
		w.words(iriText(c.IRI))
	}
	if !c.Distinct {
		w.list(c.Args)
		return
	}
	w.words("(", "DISTINCT")
	for i, e := range c.Args {
		if i > 0 {
			w.words(",")
		}
		w.expr(e, 0)
	}
	w.words(")")
}

func (w *printer) aggregate(a *Aggregate) {
	w.words(a.Name, "(")
	if a.Distinct {
		w.words("DISTINCT")
	}
	if a.Arg == nil {
		w.words("*")
	} else {
		w.expr(a.Arg, 0)
	}
	if a.Separator != nil {
		w.words(";", "SEPARATOR", "=", graph.String(*a.Separator).String())
	}
	w.words(")")
}
