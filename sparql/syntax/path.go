package syntax

import "mocban/vocab/rdf"

// path reads a Path.
func (p *parser) path() *Path {
	p.enter()
	defer p.leave()
	return p.pathChain("|", PathAlternative, func() *Path {
		return p.pathChain("/", PathSequence, p.pathStep)
	})
}

// pathChain reads steps with an operator between them.
func (p *parser) pathChain(op string, kind PathOp, step func() *Path) *Path {
	first := step()
	if !p.tok().is(op) {
		return first
	}
	args := []*Path{first}
	for p.accept(op) {
		p.part()
		args = append(args, step())
	}
	return &Path{Op: kind, Args: args}
}

// pathStep reads a PathEltOrInverse.
func (p *parser) pathStep() *Path {
	if p.accept("^") {
		return &Path{Op: PathInverse, Args: []*Path{p.pathElement()}}
	}
	return p.pathElement()
}

// pathElement reads a PathElt.
func (p *parser) pathElement() *Path {
	step := p.pathPrimary()
	switch {
	case p.accept("*"):
		return &Path{Op: PathZeroOrMore, Args: []*Path{step}}
	case p.accept("+"):
		return &Path{Op: PathOneOrMore, Args: []*Path{step}}
	case p.accept("?"):
		return &Path{Op: PathZeroOrOne, Args: []*Path{step}}
	}
	return step
}

// pathPrimary reads a PathPrimary.
func (p *parser) pathPrimary() *Path {
	switch t := p.tok(); {
	case t.isIRI(), t.kind == word && t.value == "a":
		return p.pathIRI()
	case p.accept("!"):
		return p.negated()
	case p.accept("("):
		path := p.path()
		p.expect(")")
		return path
	}
	p.expected("a predicate or a path")
	return new(Path)
}

func (p *parser) pathIRI() *Path {
	if t := p.tok(); t.kind == word && t.value == "a" {
		p.advance()
		return &Path{IRI: rdf.Type}
	}
	return &Path{IRI: p.iri()}
}

// negated reads a PathNegatedPropertySet.
func (p *parser) negated() *Path {
	n := &Path{Op: PathNegated}
	if !p.accept("(") {
		n.Args = []*Path{p.negatedOne()}
		return n
	}
	if p.accept(")") {
		return n
	}
	for p.err == nil {
		n.Args = append(n.Args, p.negatedOne())
		if !p.accept("|") {
			break
		}
	}
	p.expect(")")
	return n
}

func (p *parser) negatedOne() *Path {
	p.part()
	if p.accept("^") {
		return &Path{Op: PathInverse, Args: []*Path{p.pathIRI()}}
	}
	return p.pathIRI()
}
