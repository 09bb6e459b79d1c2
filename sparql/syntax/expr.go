package syntax

import (
	"strings"

	"mocban/graph"
)

// expression reads an Expression.
func (p *parser) expression() Expr {
	p.enter()
	defer p.leave()
	return p.chainOf(p.and, "||")
}

func (p *parser) and() Expr { return p.chainOf(p.relation, "&&") }

// chainOf reads operands with an operator between them; the left ones come first.
func (p *parser) chainOf(operand func() Expr, op string) Expr {
	left := operand()
	for p.accept(op) {
		p.operator()
		left = &Binary{op, left, operand()}
	}
	return left
}

// relation reads a RelationalExpression.
func (p *parser) relation() Expr {
	left := p.sum()
	t := p.tok()
	switch {
	case t.kind == operator:
		switch t.value {
		case "=", "!=", "<", ">", "<=", ">=":
			p.advance()
			p.operator()
			return &Binary{t.value, left, p.sum()}
		}
	case p.acceptWord("IN"):
		return &In{Arg: left, Items: p.list()}
	case t.keyword("NOT") && p.peek().keyword("IN"):
		p.advance()
		p.advance()
		return &In{Not: true, Arg: left, Items: p.list()}
	}
	return left
}

// sum reads an AdditiveExpression. A signed number behind an operand is its own operator:
// ?a -1*?b is ?a - (1*?b).
func (p *parser) sum() Expr {
	left := p.product(p.unary())
	for p.err == nil {
		t := p.tok()
		switch {
		case t.is("+"), t.is("-"):
			p.advance()
			left = &Binary{t.value, left, p.product(p.unary())}
		case t.signed():
			op := t.value[:1]
			number := t
			number.value = t.value[1:]
			p.cur = number
			left = &Binary{op, left, p.product(&TermExpr{t.pos, p.literal()})}
		default:
			return left
		}
		p.operator()
	}
	return left
}

// signed tells whether the token is a number with a sign.
func (t token) signed() bool {
	return (t.kind == integer || t.kind == decimal || t.kind == double) && (t.value[0] == '+' || t.value[0] == '-')
}

// product reads what follows the first operand of a MultiplicativeExpression.
func (p *parser) product(left Expr) Expr {
	for {
		t := p.tok()
		if !t.is("*") && !t.is("/") {
			return left
		}
		p.advance()
		p.operator()
		left = &Binary{t.value, left, p.unary()}
	}
}

func (p *parser) unary() Expr {
	t := p.tok()
	if !t.is("!") && !t.is("-") && !t.is("+") {
		return p.primary()
	}
	p.advance()
	p.operator()
	if t.value == "!" && p.tok().is("!") { // SPARQL 1.2
		p.enter()
		defer p.leave()
		return &Unary{"!", p.unary()}
	}
	return &Unary{t.value, p.primary()}
}

// primary reads a PrimaryExpression.
func (p *parser) primary() Expr {
	t := p.tok()
	switch {
	case t.is("("):
		return p.bracketed()
	case t.kind == variable:
		return p.varExpr()
	case t.isLiteral():
		return &TermExpr{t.pos, p.literal()}
	case t.isIRI():
		iri := p.iri()
		if p.tok().is("(") {
			return p.function(t.pos, iri)
		}
		return &TermExpr{t.pos, iri.Term()}
	case t.is("<<("):
		return p.tripleExpr()
	case t.kind == word:
		if e := p.builtin(); e != nil {
			return e
		}
	}
	p.expected("an expression")
	return &VarExpr{}
}

func (p *parser) varExpr() Expr { return &VarExpr{p.tok().pos, p.variable()} }

// bracketed reads a BrackettedExpression.
func (p *parser) bracketed() Expr {
	p.expect("(")
	e := p.expression()
	p.expect(")")
	return e
}

// list reads an ExpressionList.
func (p *parser) list() []Expr {
	p.expect("(")
	var items []Expr
	if p.accept(")") {
		return items
	}
	for p.err == nil {
		items = append(items, p.expression())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return items
}

// function reads the arguments of a function with an IRI.
func (p *parser) function(pos Pos, iri graph.IRI) Expr {
	p.operator()
	c := &Call{Pos: pos, IRI: iri}
	if p.peek().keyword("DISTINCT") {
		p.advance()
		p.advance()
		c.Distinct = true
		p.aggregate(pos, iri.Term().String(), func() {
			c.Args = []Expr{p.expression()}
			for p.accept(",") {
				c.Args = append(c.Args, p.expression())
			}
		})
		p.expect(")")
		return c
	}
	c.Args = p.list()
	return c
}

// startsConstraint tells whether a Constraint may begin here.
func (p *parser) startsConstraint() bool {
	t := p.tok()
	if t.kind != word {
		return t.is("(") || t.isIRI()
	}
	name := strings.ToUpper(t.value)
	_, ok := builtins[name]
	return ok || isAggregate(name) || name == "EXISTS" || name == "NOT"
}

// constraint reads a Constraint: an expression in brackets, or a function.
func (p *parser) constraint() Expr {
	p.enter()
	defer p.leave()
	t := p.tok()
	switch {
	case t.is("("):
		return p.bracketed()
	case t.isIRI():
		iri := p.iri()
		if p.tok().is("(") {
			return p.function(t.pos, iri)
		}
		p.expected(`"("`)
		return &VarExpr{}
	case t.kind == word:
		if e := p.builtin(); e != nil {
			return e
		}
	}
	p.expected(`"(" or a function`).hint("the condition stands in brackets")
	return &VarExpr{}
}

// builtins holds how many arguments the functions with a keyword take (SPARQL 1.1, 19.8
// [121], and SPARQL 1.2). BOUND takes a variable.
var builtins = map[string]struct{ min, max int }{
	"STR": {1, 1}, "LANG": {1, 1}, "LANGMATCHES": {2, 2}, "DATATYPE": {1, 1}, "BOUND": {1, 1}, "IRI": {1, 1}, "URI": {1, 1},
	"BNODE": {0, 1}, "RAND": {0, 0}, "ABS": {1, 1}, "CEIL": {1, 1}, "FLOOR": {1, 1}, "ROUND": {1, 1}, "CONCAT": {0, -1},
	"SUBSTR": {2, 3}, "STRLEN": {1, 1}, "REPLACE": {3, 4}, "UCASE": {1, 1}, "LCASE": {1, 1}, "ENCODE_FOR_URI": {1, 1},
	"CONTAINS": {2, 2}, "STRSTARTS": {2, 2}, "STRENDS": {2, 2}, "STRBEFORE": {2, 2}, "STRAFTER": {2, 2},
	"YEAR": {1, 1}, "MONTH": {1, 1}, "DAY": {1, 1}, "HOURS": {1, 1}, "MINUTES": {1, 1}, "SECONDS": {1, 1}, "TIMEZONE": {1, 1}, "TZ": {1, 1}, "NOW": {0, 0},
	"UUID": {0, 0}, "STRUUID": {0, 0}, "MD5": {1, 1}, "SHA1": {1, 1}, "SHA256": {1, 1}, "SHA384": {1, 1}, "SHA512": {1, 1},
	"COALESCE": {0, -1}, "IF": {3, 3}, "STRLANG": {2, 2}, "STRDT": {2, 2}, "SAMETERM": {2, 2},
	"ISIRI": {1, 1}, "ISURI": {1, 1}, "ISBLANK": {1, 1}, "ISLITERAL": {1, 1}, "ISNUMERIC": {1, 1}, "REGEX": {2, 3},
	"LANGDIR": {1, 1}, "STRLANGDIR": {3, 3}, "HASLANG": {1, 1}, "HASLANGDIR": {1, 1},
	"ISTRIPLE": {1, 1}, "TRIPLE": {3, 3}, "SUBJECT": {1, 1}, "PREDICATE": {1, 1}, "OBJECT": {1, 1},
}

func isAggregate(name string) bool {
	switch strings.ToUpper(name) {
	case "COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT":
		return true
	}
	return false
}

// builtin reads a BuiltInCall; nil if the word is no function.
func (p *parser) builtin() Expr {
	t := p.tok()
	name := strings.ToUpper(t.value)
	takes, ok := builtins[name]
	switch {
	case ok:
		p.advance()
		return p.call(t.pos, name, takes.min, takes.max)
	case isAggregate(name):
		p.advance()
		return p.setFunction(t.pos, name)
	case name == "EXISTS":
		p.advance()
		return p.exists(false)
	case name == "NOT" && p.peek().keyword("EXISTS"):
		p.advance()
		p.advance()
		return p.exists(true)
	}
	return nil
}

func (p *parser) call(pos Pos, name string, least, most int) Expr {
	p.operator()
	c := &Call{Pos: pos, Name: name}
	if name == "BOUND" {
		p.expect("(")
		c.Args = []Expr{p.varExpr()}
		p.expect(")")
		return c
	}
	c.Args = p.list()
	if n := len(c.Args); p.err == nil && (n < least || most >= 0 && n > most) {
		switch {
		case least == most && least == 1:
			p.failAt(pos, "%s takes 1 argument, not %d", name, n)
		case least == most:
			p.failAt(pos, "%s takes %d arguments, not %d", name, least, n)
		default:
			p.failAt(pos, "%s takes %d to %d arguments, not %d", name, least, most, n)
		}
	}
	return c
}

// exists reads the group of EXISTS. Its variables are not in scope outside, and aggregates
// have no business in it but in queries of its own.
func (p *parser) exists(not bool) Expr {
	bgp, agg := p.bgp, p.aggregates
	p.aggregates = forbidden
	e := &Exists{not, p.hidden()}
	p.bgp, p.aggregates = bgp, agg
	return e
}

// setFunction reads the arguments of an aggregate.
func (p *parser) setFunction(pos Pos, name string) Expr {
	p.operator()
	a := &Aggregate{Pos: pos, Name: name}
	p.expect("(")
	a.Distinct = p.acceptWord("DISTINCT")
	p.aggregate(pos, name, func() {
		if name == "COUNT" && p.accept("*") {
			return
		}
		a.Arg = p.expression()
	})
	if name == "GROUP_CONCAT" && p.accept(";") {
		p.expectWord("SEPARATOR")
		p.expect("=")
		if p.tok().kind != str {
			p.expected("a string")
		}
		separator := p.take().value
		a.Separator = &separator
	}
	p.expect(")")
	return a
}

// aggregate reads the arguments of a set function, in which there may be no other.
func (p *parser) aggregate(pos Pos, name string, arguments func()) {
	switch p.aggregates {
	case forbidden:
		p.failAt(pos, "%s cannot stand here", name).hint("aggregates stand in SELECT, HAVING and ORDER BY")
	case nested:
		p.failAt(pos, "%s stands inside of another aggregate", name).hint("use a query within the query")
	}
	outer := p.aggregates
	p.aggregates = nested
	arguments()
	p.aggregates = outer
}
