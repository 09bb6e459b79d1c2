package random

import (
	"mocban/graph"
	"mocban/sparql/syntax"
)

// Shrink makes a query smaller for as long as differs says that the smaller one shows the
// same.
func Shrink(text string, differs func(text string) bool) string {
	if q, err := syntax.Parse(text); err == nil && differs(q.String()) {
		text = q.String() // in the form whose parts are cut
	}
	for {
		smaller, ok := smallerThan(text, differs)
		if !ok {
			return text
		}
		text = smaller
	}
}

func smallerThan(text string, differs func(string) bool) (string, bool) {
	for k := 0; ; k++ {
		q, err := syntax.Parse(text)
		if err != nil {
			return "", false
		}
		c := &cut{left: k}
		c.query(q)
		if !c.done {
			return "", false
		}
		next := q.String()
		if _, err := syntax.Parse(next); err == nil && next != text && len(next) < len(text) && differs(next) {
			return next, true
		}
	}
}

// ShrinkData leaves quads out for as long as differs says that the rest shows the same.
func ShrinkData(quads []graph.Quad, differs func([]graph.Quad) bool) []graph.Quad {
	for step := max(1, len(quads)/2); step > 0; {
		smaller := false
		for at := 0; at+step <= len(quads); {
			rest := append(append([]graph.Quad{}, quads[:at]...), quads[at+step:]...)
			if differs(rest) {
				quads, smaller = rest, true
				continue
			}
			at += step
		}
		if !smaller || step > len(quads) {
			step /= 2
		}
	}
	return quads
}

// A cut makes one change to a tree: the one that comes after left others.
type cut struct {
	left int
	done bool
}

// now tells whether this is the change to make.
func (c *cut) now() bool {
	if c.done {
		return false
	}
	c.left--
	c.done = c.left < 0
	return c.done
}

// drop cuts one of a list out.
func drop[T any](c *cut, list *[]T) {
	for i := range *list {
		if c.now() {
			*list = append(append([]T{}, (*list)[:i]...), (*list)[i+1:]...)
			return
		}
	}
}

func (c *cut) query(q *syntax.Query) {
	drop(c, &q.Dataset)
	drop(c, &q.Template)
	c.selection(&q.Select, q.Form == syntax.SelectForm)
}

func (c *cut) selection(s *syntax.Select, items bool) {
	if s.Limit != syntax.NoLimit && c.now() {
		s.Limit = syntax.NoLimit
	}
	if s.Offset > 0 && c.now() {
		s.Offset = 0
	}
	if (s.Distinct || s.Reduced) && c.now() {
		s.Distinct, s.Reduced = false, false
	}
	if s.Values != nil && c.now() {
		s.Values = nil
	}
	drop(c, &s.OrderBy)
	drop(c, &s.Having)
	drop(c, &s.GroupBy)
	if items && len(s.Items) > 1 {
		drop(c, &s.Items)
	}
	if items && len(s.Items) > 0 && c.now() {
		s.Items, s.Star = nil, true
	}
	if s.Values != nil {
		drop(c, &s.Values.Rows)
	}
	if s.Where != nil {
		c.group(s.Where)
	}
	for i := range s.Items {
		c.expr(&s.Items[i].Expr)
	}
	for i := range s.Having {
		c.expr(&s.Having[i])
	}
	for i := range s.GroupBy {
		c.expr(&s.GroupBy[i].Expr)
	}
	for i := range s.OrderBy {
		c.expr(&s.OrderBy[i].Expr)
	}
}

// group leaves elements out, or puts in the place of one what it holds.
func (c *cut) group(g *syntax.Group) {
	drop(c, &g.Elements)
	for i, e := range g.Elements {
		for _, inner := range held(e) {
			if c.now() {
				g.Elements = append(append(append([]syntax.Element{}, g.Elements[:i]...), inner...), g.Elements[i+1:]...)
				return
			}
		}
		c.element(e)
	}
}

// held returns the groups that an element holds, as elements.
func held(e syntax.Element) [][]syntax.Element {
	switch e := e.(type) {
	case *syntax.Group:
		return [][]syntax.Element{e.Elements}
	case *syntax.Optional:
		return [][]syntax.Element{e.Group.Elements}
	case *syntax.Minus:
		return [][]syntax.Element{e.Group.Elements}
	case *syntax.GraphGroup:
		return [][]syntax.Element{e.Group.Elements}
	case *syntax.Union:
		var all [][]syntax.Element
		for _, g := range e.Groups {
			all = append(all, []syntax.Element{g})
		}
		return all
	case *syntax.SubSelect:
		return [][]syntax.Element{{e.Where}}
	}
	return nil
}

func (c *cut) element(e syntax.Element) {
	switch e := e.(type) {
	case *syntax.TriplesBlock:
		drop(c, &e.Triples)
		for i := range e.Triples {
			c.path(&e.Triples[i].Path)
		}
	case *syntax.Group:
		c.group(e)
	case *syntax.SubSelect:
		c.selection(&e.Select, true)
	case *syntax.Union:
		if len(e.Groups) > 2 {
			drop(c, &e.Groups)
		}
		for _, g := range e.Groups {
			c.group(g)
		}
	case *syntax.Optional:
		c.group(e.Group)
	case *syntax.Minus:
		c.group(e.Group)
	case *syntax.GraphGroup:
		c.group(e.Group)
	case *syntax.Filter:
		c.expr(&e.Expr)
	case *syntax.Bind:
		c.expr(&e.Expr)
	case *syntax.Values:
		drop(c, &e.Rows)
		if len(e.Vars) > 1 {
			for i := range e.Vars {
				if c.now() {
					e.Vars = append(append([]string{}, e.Vars[:i]...), e.Vars[i+1:]...)
					for r, row := range e.Rows {
						e.Rows[r] = append(append([]graph.Term{}, row[:i]...), row[i+1:]...)
					}
					return
				}
			}
		}
	}
}

func (c *cut) path(p **syntax.Path) {
	if *p == nil {
		return
	}
	for _, arg := range (*p).Args {
		if c.now() {
			*p = arg
			return
		}
	}
	if len((*p).Args) > 1 || (*p).Op == syntax.PathNegated {
		drop(c, &(*p).Args)
	}
	for i := range (*p).Args {
		c.path(&(*p).Args[i])
	}
}

// expr puts a part of an expression in its place.
func (c *cut) expr(e *syntax.Expr) {
	var parts []*syntax.Expr
	list := func(es []syntax.Expr) {
		for i := range es {
			parts = append(parts, &es[i])
		}
	}
	switch x := (*e).(type) {
	case *syntax.Unary:
		parts = append(parts, &x.Arg)
	case *syntax.Binary:
		parts = append(parts, &x.Left, &x.Right)
	case *syntax.In:
		drop(c, &x.Items)
		parts = append(parts, &x.Arg)
		list(x.Items)
	case *syntax.Call:
		if x.Name == "COALESCE" {
			drop(c, &x.Args)
		}
		list(x.Args)
	case *syntax.Aggregate:
		if x.Arg != nil {
			c.expr(&x.Arg)
		}
	case *syntax.Exists:
		c.group(x.Group)
	}
	for _, p := range parts {
		if c.now() {
			*e = *p
			return
		}
	}
	for _, p := range parts {
		c.expr(p)
	}
}
