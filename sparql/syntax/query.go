package syntax

import (
	"strconv"

	"mocban/graph"
)

// query reads a QueryUnit.
func (p *parser) query() *Query {
	q := new(Query)
	q.Limit = NoLimit
	p.prologue(q)
	t := p.tok()
	q.Pos = t.pos
	switch {
	case p.acceptWord("SELECT"):
		p.selectClause(&q.Select)
		q.Dataset = p.dataset()
		p.whereAndModifiers(&q.Select)
	case p.acceptWord("ASK"):
		q.Form = AskForm
		q.Dataset = p.dataset()
		p.whereAndModifiers(&q.Select)
	case p.acceptWord("CONSTRUCT"):
		q.Form = ConstructForm
		p.construct(q)
	case p.acceptWord("DESCRIBE"):
		q.Form = DescribeForm
		p.describe(q)
	case t.oneOf("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"):
		p.expected("SELECT, ASK, CONSTRUCT or DESCRIBE").hint("this is an update, no query")
	case t.kind == end && len(q.Prefixes) == 0:
		p.failAt(t.pos, "no query given")
	default:
		p.expected("SELECT, ASK, CONSTRUCT or DESCRIBE")
	}
	if p.err == nil && p.tok().kind != end {
		p.expected("the end of the query")
	}
	return q
}

// selectClause reads what follows SELECT.
func (p *parser) selectClause(s *Select) {
	switch {
	case p.acceptWord("DISTINCT"):
		s.Distinct = true
	case p.acceptWord("REDUCED"):
		s.Reduced = true
	}
	if p.accept("*") {
		s.Star = true
		return
	}
	p.aggregates = allowed
	for p.tok().kind == variable || p.tok().is("(") {
		item := Item{Pos: p.tok().pos}
		if p.accept("(") {
			item.Expr = p.expression()
			p.expectWord("AS")
			item.Pos = p.tok().pos
			item.Var = p.variable()
			p.expect(")")
		} else {
			item.Var = p.variable()
		}
		p.part()
		s.Items = append(s.Items, item)
	}
	p.aggregates = forbidden
	if len(s.Items) > 0 && p.tok().is(",") {
		p.expected("WHERE").hint("variables stand side by side, without commas")
	}
	if len(s.Items) == 0 {
		e := p.expected(`a variable, "(" or "*"`)
		if isAggregate(e.Found) {
			e.hint("expressions stand in brackets: (COUNT(*) AS ?count)")
		}
	}
}

// dataset reads DatasetClause*.
func (p *parser) dataset() (clauses []DatasetClause) {
	for p.tok().keyword("FROM") {
		c := DatasetClause{Pos: p.take().pos}
		c.Named = p.acceptWord("NAMED")
		c.IRI = p.iri()
		clauses = append(clauses, c)
	}
	return clauses
}

// whereAndModifiers reads WhereClause SolutionModifier ValuesClause.
func (p *parser) whereAndModifiers(s *Select) {
	p.acceptWord("WHERE")
	s.Where = p.group()
	p.modifiers(s)
}

// modifiers reads SolutionModifier ValuesClause. p.scope is that of the pattern, and is
// afterwards that of the result.
func (p *parser) modifiers(s *Select) {
	if p.acceptWord("GROUP") {
		p.expectWord("BY")
		s.GroupBy = p.groupKeys()
	}
	p.aggregates = allowed
	if p.acceptWord("HAVING") {
		for first := true; p.err == nil && (first || p.startsConstraint()); first = false {
			s.Having = append(s.Having, p.constraint())
		}
	}
	if p.acceptWord("ORDER") {
		p.expectWord("BY")
		s.OrderBy = p.orderKeys()
	}
	p.aggregates = forbidden
	p.limitOffset(s)
	if p.tok().keyword("VALUES") {
		s.Values = p.values()
	}
	if p.err == nil {
		p.check(s)
	}
}

func (p *parser) groupKeys() (keys []GroupKey) {
	for p.err == nil {
		k := GroupKey{Pos: p.tok().pos}
		switch {
		case p.tok().kind == variable:
			k.Expr = p.varExpr()
		case p.accept("("):
			k.Expr = p.expression()
			if p.acceptWord("AS") {
				k.Pos = p.tok().pos
				k.Var = p.variable()
			}
			p.expect(")")
		case p.startsConstraint():
			k.Expr = p.constraint()
		case len(keys) == 0:
			p.expected("something to group by")
			return nil
		default:
			return keys
		}
		p.part()
		keys = append(keys, k)
	}
	return keys
}

func (p *parser) orderKeys() (keys []OrderKey) {
	for p.err == nil {
		var k OrderKey
		switch {
		case p.tok().oneOf("ASC", "DESC"):
			k.Desc = p.take().keyword("DESC")
			k.Expr = p.bracketed()
		case p.tok().kind == variable:
			k.Expr = p.varExpr()
		case p.startsConstraint():
			k.Expr = p.constraint()
		case len(keys) == 0:
			p.expected("something to order by")
			return nil
		default:
			return keys
		}
		p.part()
		keys = append(keys, k)
	}
	return keys
}

// limitOffset reads LimitOffsetClauses.
func (p *parser) limitOffset(s *Select) {
	s.Limit = NoLimit
	hasOffset := false
	for p.err == nil {
		switch {
		case s.Limit == NoLimit && p.acceptWord("LIMIT"):
			s.Limit = p.count("LIMIT")
		case !hasOffset && p.acceptWord("OFFSET"):
			s.Offset = p.count("OFFSET")
			hasOffset = true
		default:
			return
		}
	}
}

func (p *parser) count(what string) int64 {
	t := p.tok()
	if t.kind != integer || !isDigit(t.value[0]) {
		p.expected("a number of solutions")
		return 0
	}
	p.advance()
	n, err := strconv.ParseInt(t.value, 10, 64)
	if err != nil {
		p.failAt(t.pos, "%s out of range", what)
	}
	return n
}

// values reads VALUES and a DataBlock.
func (p *parser) values() *Values {
	v := &Values{Pos: p.take().pos}
	single := p.tok().kind == variable
	if single {
		v.Vars = []string{p.variable()}
	} else {
		p.expect("(")
		seen := new(vars)
		for p.tok().kind == variable {
			pos, name := p.tok().pos, p.variable()
			if seen.has[name] {
				p.failAt(pos, "?%s stands twice in VALUES", shorten(name))
			}
			p.part()
			seen.add(name)
		}
		v.Vars = seen.names
		p.expect(")")
	}
	p.expect("{")
	for p.err == nil && !p.tok().is("}") {
		p.row()
		if single {
			v.Rows = append(v.Rows, []graph.Term{p.dataValue()})
		} else {
			v.Rows = append(v.Rows, p.dataRow(len(v.Vars)))
		}
	}
	p.expect("}")
	return v
}

func (p *parser) dataRow(want int) []graph.Term {
	pos := p.expect("(")
	row := make([]graph.Term, 0, want)
	for p.err == nil && !p.tok().is(")") {
		row = append(row, p.dataValue())
	}
	p.expect(")")
	if len(row) != want {
		p.failAt(pos, "%d values for %d variables", len(row), want)
	}
	return row
}

// dataValue reads a DataBlockValue.
func (p *parser) dataValue() graph.Term {
	t := p.tok()
	switch {
	case p.acceptWord("UNDEF"):
		return graph.Term{}
	case t.isIRI():
		return p.iri().Term()
	case t.isLiteral():
		return p.literal()
	case t.is("<<("):
		return p.ground()
	}
	p.expected("an IRI, a literal or UNDEF")
	return graph.Term{}
}

// construct reads what follows CONSTRUCT.
func (p *parser) construct(q *Query) {
	if p.tok().is("{") {
		q.Template = p.template()
		q.Dataset = p.dataset()
		p.whereAndModifiers(&q.Select)
		return
	}
	q.Short = true
	q.Dataset = p.dataset()
	p.expectWord("WHERE")
	pos := p.tok().pos
	p.nextBGP()
	triples := p.template()
	p.labels = map[string]int{}
	g := &Group{Pos: pos, End: p.last}
	if len(triples) > 0 {
		g.Elements = []Element{&TriplesBlock{triples}}
	}
	q.Where = g
	p.scope.add(g.Vars()...)
	p.modifiers(&q.Select)
}

// template reads the triples of a template, in braces. Blank nodes in it have nothing to do
// with those of patterns.
func (p *parser) template() []Triple {
	outer := p.scope
	p.scope = new(vars)
	p.nextBGP()
	p.expect("{")
	var triples []Triple
	if !p.tok().is("}") {
		triples = p.triples(template)
	}
	p.expect("}")
	p.scope = outer
	p.labels = map[string]int{}
	return triples
}

// describe reads what follows DESCRIBE.
func (p *parser) describe(q *Query) {
	if p.accept("*") {
		q.Star = true
	} else {
		for p.tok().kind == variable || p.tok().isIRI() {
			q.Describe = append(q.Describe, p.varOrIRI())
		}
		if len(q.Describe) == 0 {
			p.expected(`a variable, an IRI or "*"`)
		}
	}
	q.Dataset = p.dataset()
	if p.acceptWord("WHERE") || p.tok().is("{") {
		q.Where = p.group()
	}
	p.modifiers(&q.Select)
}

func (p *parser) varOrIRI() Node {
	n := Node{Pos: p.tok().pos}
	switch t := p.tok(); {
	case t.kind == variable:
		n.Var = p.variable()
	case t.isIRI():
		n.Term = p.iri().Term()
	default:
		p.expected("a variable or an IRI")
	}
	return n
}
