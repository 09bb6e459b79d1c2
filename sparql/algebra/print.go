package algebra

import (
	"strconv"
	"strings"

	"mocban/graph"
)

// An sexpr is a text in the making: lists in brackets, nodes of the algebra on lines of
// their own.
type sexpr struct {
	strings.Builder
	depth int
}

// text prints with f.
func text(f func(*sexpr)) string {
	w := new(sexpr)
	f(w)
	return w.String()
}

// list writes (head ...). What f writes stands behind the head.
func (w *sexpr) list(head string, f func()) {
	w.WriteByte('(')
	w.WriteString(head)
	w.depth++
	f()
	w.depth--
	w.WriteByte(')')
}

// word writes a space and a word.
func (w *sexpr) word(s string) {
	w.WriteByte(' ')
	w.WriteString(s)
}

// maxIndent is how many levels a line is moved in: long chains of nodes would be written with
// more spaces than words.
const maxIndent = 40

// line writes a node on a line of its own.
func (w *sexpr) line(o Op) {
	w.WriteByte('\n')
	for range min(w.depth, maxIndent) {
		w.WriteString("  ")
	}
	w.op(o)
}

func (v Var) String() string { return "?" + string(v) }

func (s Slot) String() string {
	switch {
	case s.Var != "":
		return s.Var.String()
	case s.Triple != nil:
		return "<<" + s.Triple.S.String() + " " + s.Triple.P.String() + " " + s.Triple.O.String() + ">>"
	}
	return termText(s.Term)
}

// String returns the pattern in the form (triple ?s <p> ?o).
func (t TriplePattern) String() string {
	return "(triple " + t.S.String() + " " + t.P.String() + " " + t.O.String() + ")"
}

func termText(t graph.Term) string {
	if t.IsZero() {
		return "undef"
	}
	return t.String()
}

// String returns the algebra of the pattern, with what the form adds around it.
func (q *Query) String() string {
	return text(func(w *sexpr) {
		switch q.Form {
		case Select:
			w.op(q.Pattern)
		case Ask:
			w.list("ask", func() { w.line(q.Pattern) })
		case Construct:
			w.list("construct", func() {
				for _, t := range q.Template {
					w.word(t.String())
				}
				w.line(q.Pattern)
			})
		case Describe:
			w.list("describe", func() {
				for _, s := range q.Describe {
					w.word(s.String())
				}
				w.line(q.Pattern)
			})
		}
	})
}

func (w *sexpr) op(o Op) {
	switch o := o.(type) {
	case *BGP:
		if len(o.Patterns) == 0 {
			w.WriteString("(table unit)")
			return
		}
		w.list("bgp", func() {
			for _, p := range o.Patterns {
				w.word(p.String())
			}
		})
	case *Path:
		w.list("path", func() {
			w.word(o.S.String())
			w.WriteByte(' ')
			w.path(o.Path)
			w.word(o.O.String())
		})
	case *Join:
		w.two("join", o.Left, o.Right)
	case *LeftJoin:
		w.list("leftjoin", func() {
			w.line(o.Left)
			w.line(o.Right)
			if o.Expr != nil {
				w.arg(o.Expr)
			}
		})
	case *Union:
		w.two("union", o.Left, o.Right)
	case *Minus:
		w.two("minus", o.Left, o.Right)
	case *Filter:
		w.one("filter", o.Input, func() { w.arg(o.Expr) })
	case *Graph:
		w.one("graph", o.Input, func() { w.word(o.Name.String()) })
	case *Extend:
		w.one("extend", o.Input, func() { w.bindings([]Binding{{o.Var, o.Expr}}) })
	case *Values:
		w.values(o)
	case *Text:
		w.list("text", func() {
			w.word(o.Thing.String())
			for _, v := range []Var{o.Score, o.Name} {
				if v != "" {
					w.word(v.String())
				}
			}
			w.word(strconv.Quote(o.Words))
		})
	case *Service:
		w.one("service", o.Input, func() {
			if o.Silent {
				w.word("silent")
			}
			w.word(o.Name.String())
		})
	case *Group:
		w.group(o)
	case *OrderBy:
		w.one("order", o.Input, func() { w.orderKeys(o.Keys) })
	case *Project:
		w.one("project", o.Input, func() { w.vars(o.Vars) })
	case *Distinct:
		w.one("distinct", o.Input, nil)
	case *Reduced:
		w.one("reduced", o.Input, nil)
	case *Slice:
		w.one("slice", o.Input, func() {
			w.word(orNone(o.Offset, 0))
			w.word(orNone(o.Limit, -1))
		})
	}
}

func orNone(n, none int64) string {
	if n == none {
		return "_"
	}
	return strconv.FormatInt(n, 10)
}

// one writes a node with one input, behind what else it holds.
func (w *sexpr) one(name string, input Op, rest func()) {
	w.list(name, func() {
		if rest != nil {
			rest()
		}
		w.line(input)
	})
}

func (w *sexpr) two(name string, left, right Op) {
	w.list(name, func() {
		w.line(left)
		w.line(right)
	})
}

func (w *sexpr) vars(vars []Var) {
	w.WriteString(" (")
	for i, v := range vars {
		if i > 0 {
			w.WriteByte(' ')
		}
		w.WriteString(v.String())
	}
	w.WriteByte(')')
}

// bindings writes ((?v expr) ...); a variable bound to itself is written alone.
func (w *sexpr) bindings(bs []Binding) {
	w.WriteString(" (")
	for i, b := range bs {
		if i > 0 {
			w.WriteByte(' ')
		}
		if v, ok := b.Expr.(*VarExpr); ok && v.Var == b.Var {
			w.WriteString(b.Var.String())
			continue
		}
		w.list(b.Var.String(), func() { w.arg(b.Expr) })
	}
	w.WriteByte(')')
}

func (w *sexpr) group(g *Group) {
	w.one("group", g.Input, func() {
		w.bindings(g.Keys)
		if len(g.Aggregates) == 0 {
			return
		}
		w.WriteString(" (")
		for i, a := range g.Aggregates {
			if i > 0 {
				w.WriteByte(' ')
			}
			w.list(a.Var.String(), func() {
				w.WriteByte(' ')
				w.aggregation(a)
			})
		}
		w.WriteByte(')')
	})
}

func (w *sexpr) aggregation(a Aggregation) {
	name := strings.ToLower(a.Func)
	if strings.Contains(name, ":") {
		name = graph.IRI(a.Func).Term().String()
	}
	w.list(name, func() {
		if a.Distinct {
			w.word("distinct")
		}
		if a.Func == "GROUP_CONCAT" {
			w.word("(separator " + graph.String(a.Separator).String() + ")")
		}
		if a.Arg != nil {
			w.arg(a.Arg)
		}
	})
}

// String returns the aggregate without its variable.
func (a Aggregation) String() string { return text(func(w *sexpr) { w.aggregation(a) }) }

func (w *sexpr) orderKeys(keys []OrderKey) {
	w.WriteString(" (")
	for i, k := range keys {
		if i > 0 {
			w.WriteByte(' ')
		}
		if k.Desc {
			w.list("desc", func() { w.arg(k.Expr) })
		} else {
			w.expr(k.Expr)
		}
	}
	w.WriteByte(')')
}

func (w *sexpr) values(v *Values) {
	w.list("table", func() {
		w.WriteString(" (vars")
		for _, name := range v.Vars {
			w.word(name.String())
		}
		w.WriteByte(')')
		for _, row := range v.Rows {
			w.WriteString(" (row")
			for i, t := range row {
				if !t.IsZero() {
					w.word("(" + v.Vars[i].String() + " " + termText(t) + ")")
				}
			}
			w.WriteByte(')')
		}
	})
}

func (w *sexpr) path(p PathExpr) {
	switch p := p.(type) {
	case *PathIRI:
		w.WriteString(p.IRI.Term().String())
	case *Inverse:
		w.paths("reverse", p.Path)
	case *Sequence:
		w.paths("seq", p.Left, p.Right)
	case *Alternative:
		w.paths("alt", p.Left, p.Right)
	case *ZeroOrMore:
		w.paths("path*", p.Path)
	case *OneOrMore:
		w.paths("path+", p.Path)
	case *ZeroOrOne:
		w.paths("path?", p.Path)
	case *NegatedSet:
		w.list("notoneof", func() {
			for _, i := range p.Forward {
				w.word(i.Term().String())
			}
			for _, i := range p.Backward {
				w.word("(reverse " + i.Term().String() + ")")
			}
		})
	}
}

func (w *sexpr) paths(name string, parts ...PathExpr) {
	w.list(name, func() {
		for _, p := range parts {
			w.WriteByte(' ')
			w.path(p)
		}
	})
}

// arg writes a space and an expression.
func (w *sexpr) arg(e Expr) {
	w.WriteByte(' ')
	w.expr(e)
}

func (w *sexpr) expr(e Expr) {
	switch e := e.(type) {
	case *TermExpr:
		w.WriteString(termText(e.Term))
	case *VarExpr:
		w.WriteString(e.Var.String())
	case *Unary:
		w.args(e.Op, e.Arg)
	case *Binary:
		w.args(e.Op, e.Left, e.Right)
	case *In:
		name := "in"
		if e.Not {
			name = "notin"
		}
		w.args(name, append([]Expr{e.Arg}, e.Items...)...)
	case *Call:
		name := strings.ToLower(e.Name)
		if name == "" {
			name = e.IRI.Term().String()
		}
		w.args(name, e.Args...)
	case *Exists:
		name := "exists"
		if e.Not {
			name = "notexists"
		}
		w.one(name, e.Pattern, nil)
	case *TripleExpr:
		w.args("triple", e.S, e.P, e.O)
	}
}

func (w *sexpr) args(name string, args ...Expr) {
	w.list(name, func() {
		for _, a := range args {
			w.arg(a)
		}
	})
}

// opText, exprText and pathText print one node and what is below it.
func opText(o Op) string         { return text(func(w *sexpr) { w.op(o) }) }
func exprText(e Expr) string     { return text(func(w *sexpr) { w.expr(e) }) }
func pathText(p PathExpr) string { return text(func(w *sexpr) { w.path(p) }) }

func (o *BGP) String() string      { return opText(o) }
func (t *Text) String() string     { return opText(t) }
func (o *Path) String() string     { return opText(o) }
func (o *Join) String() string     { return opText(o) }
func (o *LeftJoin) String() string { return opText(o) }
func (o *Filter) String() string   { return opText(o) }
func (o *Union) String() string    { return opText(o) }
func (o *Minus) String() string    { return opText(o) }
func (o *Graph) String() string    { return opText(o) }
func (o *Extend) String() string   { return opText(o) }
func (o *Values) String() string   { return opText(o) }
func (o *Service) String() string  { return opText(o) }
func (o *Group) String() string    { return opText(o) }
func (o *OrderBy) String() string  { return opText(o) }
func (o *Project) String() string  { return opText(o) }
func (o *Distinct) String() string { return opText(o) }
func (o *Reduced) String() string  { return opText(o) }
func (o *Slice) String() string    { return opText(o) }

func (p *PathIRI) String() string     { return pathText(p) }
func (p *Inverse) String() string     { return pathText(p) }
func (p *Sequence) String() string    { return pathText(p) }
func (p *Alternative) String() string { return pathText(p) }
func (p *ZeroOrMore) String() string  { return pathText(p) }
func (p *OneOrMore) String() string   { return pathText(p) }
func (p *ZeroOrOne) String() string   { return pathText(p) }
func (p *NegatedSet) String() string  { return pathText(p) }

func (e *TermExpr) String() string   { return exprText(e) }
func (e *VarExpr) String() string    { return exprText(e) }
func (e *Unary) String() string      { return exprText(e) }
func (e *Binary) String() string     { return exprText(e) }
func (e *In) String() string         { return exprText(e) }
func (e *Call) String() string       { return exprText(e) }
func (e *Exists) String() string     { return exprText(e) }
func (e *TripleExpr) String() string { return exprText(e) }
