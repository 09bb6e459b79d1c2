package syntax

import (
	"regexp"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/vocab/xsd"
)

// String returns the query as text that reads back as an equal tree. IRIs are written in
// full, so it means the same elsewhere.
func (q *Query) String() string {
	w := new(printer)
	if q.Base != "" {
		w.words("BASE", iriText(q.Base))
	}
	for _, p := range q.Prefixes {
		w.words("PREFIX", p.Name+":", iriText(p.IRI))
	}
	if q.Version != "" {
		w.words("VERSION", graph.String(q.Version).String())
	}
	switch q.Form {
	case SelectForm:
		w.selectClause(&q.Select)
	case AskForm:
		w.words("ASK")
	case ConstructForm:
		w.words("CONSTRUCT")
		if !q.Short {
			w.template(q.Template)
		}
	case DescribeForm:
		w.words("DESCRIBE")
		if q.Star {
			w.words("*")
		}
		for _, n := range q.Describe {
			w.node(n)
		}
	}
	for _, c := range q.Dataset {
		w.words("FROM")
		if c.Named {
			w.words("NAMED")
		}
		w.words(iriText(c.IRI))
	}
	if q.Where != nil {
		w.words("WHERE")
		w.group(q.Where)
	}
	w.modifiers(&q.Select)
	return w.String()
}

// String returns the group as text, with its braces and with IRIs in full.
func (g *Group) String() string {
	w := new(printer)
	w.group(g)
	return w.String()
}

// A printer writes words with spaces between them.
type printer struct{ strings.Builder }

func (w *printer) words(words ...string) {
	for _, s := range words {
		if w.Len() > 0 {
			w.WriteByte(' ')
		}
		w.WriteString(s)
	}
}

func iriText(iri graph.IRI) string { return iri.Term().String() }

func (w *printer) selectClause(s *Select) {
	w.words("SELECT")
	switch {
	case s.Distinct:
		w.words("DISTINCT")
	case s.Reduced:
		w.words("REDUCED")
	}
	if s.Star {
		w.words("*")
	}
	for _, i := range s.Items {
		w.as(i.Expr, i.Var)
	}
}

// as writes an expression AS a variable, or what there is of them.
func (w *printer) as(e Expr, name string) {
	switch {
	case e == nil:
		w.words("?" + name)
	case name == "":
		w.words("(")
		w.expr(e, 0)
		w.words(")")
	default:
		w.words("(")
		w.expr(e, 0)
		w.words("AS", "?"+name, ")")
	}
}

func (w *printer) modifiers(s *Select) {
	if len(s.GroupBy) > 0 {
		w.words("GROUP BY")
	}
	for _, k := range s.GroupBy {
		if v, ok := k.Expr.(*VarExpr); ok && k.Var == "" {
			w.words("?" + v.Var)
			continue
		}
		w.as(k.Expr, k.Var)
	}
	if len(s.Having) > 0 {
		w.words("HAVING")
	}
	for _, h := range s.Having {
		w.as(h, "")
	}
	if len(s.OrderBy) > 0 {
		w.words("ORDER BY")
	}
	for _, k := range s.OrderBy {
		if k.Desc {
			w.words("DESC")
		} else {
			w.words("ASC")
		}
		w.as(k.Expr, "")
	}
	if s.Offset > 0 {
		w.words("OFFSET", strconv.FormatInt(s.Offset, 10))
	}
	if s.Limit != NoLimit {
		w.words("LIMIT", strconv.FormatInt(s.Limit, 10))
	}
	if s.Values != nil {
		w.values(s.Values)
	}
}

func (w *printer) values(v *Values) {
	w.words("VALUES", "(")
	for _, name := range v.Vars {
		w.words("?" + name)
	}
	w.words(")", "{")
	for _, row := range v.Rows {
		w.words("(")
		for _, t := range row {
			if t.IsZero() {
				w.words("UNDEF")
			} else {
				w.words(termText(t))
			}
		}
		w.words(")")
	}
	w.words("}")
}

func (w *printer) group(g *Group) {
	w.words("{")
	for _, e := range g.Elements {
		w.element(e)
	}
	w.words("}")
}

func (w *printer) element(e Element) {
	switch e := e.(type) {
	case *TriplesBlock:
		w.triples(e.Triples)
	case *Group:
		w.group(e)
	case *SubSelect:
		w.selectClause(&e.Select)
		w.words("WHERE")
		w.group(e.Where)
		w.modifiers(&e.Select)
	case *Union:
		for i, g := range e.Groups {
			if i > 0 {
				w.words("UNION")
			}
			w.group(g)
		}
	case *Optional:
		w.words("OPTIONAL")
		w.group(e.Group)
	case *Minus:
		w.words("MINUS")
		w.group(e.Group)
	case *GraphGroup:
		w.words("GRAPH")
		w.node(e.Name)
		w.group(e.Group)
	case *Service:
		w.words("SERVICE")
		if e.Silent {
			w.words("SILENT")
		}
		w.node(e.Name)
		w.group(e.Group)
	case *Filter:
		w.words("FILTER")
		w.as(e.Expr, "")
	case *Bind:
		w.words("BIND")
		w.as(e.Expr, e.Var)
	case *Values:
		w.values(e)
	}
}

func (w *printer) template(triples []Triple) {
	w.words("{")
	w.triples(triples)
	w.words("}")
}

func (w *printer) triples(triples []Triple) {
	for i := range triples {
		t := &triples[i]
		w.node(t.S)
		if t.Path != nil {
			w.path(t.Path, 0)
		} else {
			w.node(t.P)
		}
		w.node(t.O)
		w.words(".")
	}
}

func (w *printer) node(n Node) {
	switch {
	case n.Var != "":
		w.words("?" + n.Var)
	case n.Triple != nil:
		w.words("<<(")
		w.node(n.Triple.S)
		w.node(n.Triple.P)
		w.node(n.Triple.O)
		w.words(")>>")
	default:
		w.words(termText(n.Term))
	}
}

var bare = map[graph.IRI]*regexp.Regexp{
	xsd.Integer: regexp.MustCompile(`^[+-]?[0-9]+$`),
	xsd.Decimal: regexp.MustCompile(`^[+-]?[0-9]*\.[0-9]+$`),
	xsd.Double:  regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+$`),
	xsd.Boolean: regexp.MustCompile(`^(true|false)$`),
}

// termText writes a term, numbers and booleans as themselves.
func termText(t graph.Term) string {
	if t.IsLiteral() {
		if re := bare[t.Datatype()]; re != nil && re.MatchString(t.Value()) {
			return t.Value()
		}
	}
	return t.String()
}

// path writes a path; level 1 is that of what is chained by /, 2 that of what an operator
// is applied to.
func (w *printer) path(p *Path, level int) {
	own := map[PathOp]int{PathAlternative: 0, PathSequence: 0, PathInverse: 1, PathZeroOrMore: 1, PathOneOrMore: 1, PathZeroOrOne: 1}
	if l, ok := own[p.Op]; ok && l < level {
		w.words("(")
		w.path(p, 0)
		w.words(")")
		return
	}
	switch p.Op {
	case PathIRI:
		w.words(iriText(p.IRI))
	case PathInverse:
		w.words("^")
		w.inverted(p.Args[0])
	case PathSequence:
		w.paths(p.Args, "/")
	case PathAlternative:
		w.paths(p.Args, "|")
	case PathZeroOrMore:
		w.path(p.Args[0], 2)
		w.words("*")
	case PathOneOrMore:
		w.path(p.Args[0], 2)
		w.words("+")
	case PathZeroOrOne:
		w.path(p.Args[0], 2)
		w.words("?")
	case PathNegated:
		w.words("!", "(")
		w.paths(p.Args, "|")
		w.words(")")
	}
}

// inverted writes what stands behind ^, where * and the like need no brackets.
func (w *printer) inverted(p *Path) {
	switch p.Op {
	case PathZeroOrMore, PathOneOrMore, PathZeroOrOne:
		w.path(p, 1)
	default:
		w.path(p, 2)
	}
}

func (w *printer) paths(args []*Path, op string) {
	for i, a := range args {
		if i > 0 {
			w.words(op)
		}
		w.path(a, 1)
	}
}
