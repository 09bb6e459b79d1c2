package shacl

import (
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"mocban/graph"
	"mocban/sparql/expr"
	"mocban/sparql/expr/regex"
	"mocban/sparql/expr/xsd"
	"mocban/vocab/mocban"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
	"mocban/vocab/sh"
	vxsd "mocban/vocab/xsd"
)

// A compiler makes Shapes of a graph of shapes. Shapes are compiled as they are found: first
// those with targets, then those that they lead to. What nothing leads to may be ill-formed.
type compiler struct {
	*Shapes
	about  map[graph.Term][]graph.Quad
	owners map[graph.Term][]graph.Term // property shape -> shapes that have it
	known  map[graph.Term]*shape
	queue  []*shape
	paths  map[graph.Term]*path
}

// Compile compiles a graph of shapes. The error is a *[ShapeError].
func Compile(quads []graph.Quad) (*Shapes, error) {
	c := &compiler{
		Shapes: &Shapes{},
		about:  map[graph.Term][]graph.Quad{},
		owners: map[graph.Term][]graph.Term{},
		known:  map[graph.Term]*shape{},
		paths:  map[graph.Term]*path{},
	}
	c.base.seed = maphash.MakeSeed()
	c.typ, c.sub = c.base.intern(rdf.Type.Term()), c.base.intern(rdfs.SubClassOf.Term())
	for _, q := range quads {
		if slices.ContainsFunc(c.about[q.S], func(o graph.Quad) bool { return o.P == q.P && o.O == q.O }) {
			continue
		}
		c.about[q.S] = append(c.about[q.S], q)
		if q.P == sh.Property {
			c.owners[q.O] = append(c.owners[q.O], q.S)
		}
	}
	for _, q := range quads {
		if err := c.target(q); err != nil {
			return nil, err
		}
	}
	for len(c.queue) > 0 {
		s := c.queue[0]
		c.queue = c.queue[1:]
		if err := c.fill(s); err != nil {
			return nil, err
		}
	}
	c.base.seal()
	return c.Shapes, nil
}

// get returns the values of a property.
func (c *compiler) get(s graph.Term, p graph.IRI) (values []graph.Term) {
	for _, q := range c.about[s] {
		if q.P == p {
			values = append(values, q.O)
		}
	}
	return values
}

func (c *compiler) has(s graph.Term, p graph.IRI) bool { return len(c.get(s, p)) > 0 }

var yes = graph.Literal("true", vxsd.Boolean)

// is tells whether a property says true, in that lexical form: others are not (SHACL, 2.1.4).
func (c *compiler) is(s graph.Term, p graph.IRI) bool { return slices.Contains(c.get(s, p), yes) }

// list returns the members of a well-formed list (SHACL, 1.1).
func (c *compiler) list(cell graph.Term) (members []graph.Term, err error) {
	seen := map[graph.Term]bool{}
	for cell != rdf.Nil.Term() {
		first, rest := c.get(cell, rdf.First), c.get(cell, rdf.Rest)
		if len(first) != 1 || len(rest) != 1 {
			return nil, fmt.Errorf("%s is no list: each cell has one rdf:first and one rdf:rest", cell)
		}
		if seen[cell] {
			return nil, errors.New("a list leads back to itself")
		}
		seen[cell] = true
		members = append(members, first[0])
		cell = rest[0]
	}
	return members, nil
}

// shape returns the shape of a node, which is compiled later.
func (c *compiler) shape(t graph.Term) *shape {
	if s, ok := c.known[t]; ok {
		return s
	}
	s := &shape{node: t, number: len(c.shapes), severity: sh.Violation}
	c.known[t] = s
	c.shapes = append(c.shapes, s)
	c.queue = append(c.queue, s)
	return s
}

// target notes what a triple says of the focus nodes of a shape (SHACL, 2.1.3).
func (c *compiler) target(q graph.Quad) error {
	add := func(to *targets, t graph.Term) error {
		if !t.IsIRI() {
			return &ShapeError{q.S, q.P, fmt.Errorf("%s is no IRI", t)}
		}
		to.add(c.base.intern(t), c.shape(q.S))
		return nil
	}
	switch q.P {
	case sh.TargetNode:
		if !q.O.IsIRI() && !q.O.IsLiteral() {
			return &ShapeError{q.S, q.P, fmt.Errorf("%s is neither an IRI nor a literal", q.O)}
		}
		if p := (pair{c.shape(q.S), c.base.intern(q.O)}); !slices.Contains(c.nodes, p) {
			c.nodes = append(c.nodes, p)
		}
	case sh.TargetClass:
		return add(&c.Shapes.classes, q.O)
	case sh.TargetSubjectsOf:
		return add(&c.subjects, q.O)
	case sh.TargetObjectsOf:
		return add(&c.objects, q.O)
	case rdf.Type:
		if (q.O == sh.NodeShape.Term() || q.O == sh.PropertyShape.Term()) && q.S.IsIRI() && c.isClass(q.S) {
			return add(&c.Shapes.classes, q.S)
		}
	}
	return nil
}

// isClass tells whether a node is an instance of rdfs:Class, or of a class below it.
func (c *compiler) isClass(t graph.Term) bool {
	classes := c.get(t, rdf.Type)
	for i := 0; i < len(classes); i++ {
		if classes[i] == rdfs.Class.Term() {
			return true
		}
		for _, above := range c.get(classes[i], rdfs.SubClassOf) {
			if !slices.Contains(classes, above) {
				classes = append(classes, above)
			}
		}
	}
	return false
}

// fill compiles what is said of a shape.
func (c *compiler) fill(s *shape) error {
	paths := c.get(s.node, sh.Path)
	switch len(paths) {
	case 0:
		if slices.Contains(c.get(s.node, rdf.Type), sh.PropertyShape.Term()) {
			return &ShapeError{s.node, sh.Path, errors.New("a property shape has no path")}
		}
	case 1:
		var err error
		if s.path, err = c.path(paths[0], 0); err != nil {
			return &ShapeError{s.node, sh.Path, err}
		}
	default:
		return &ShapeError{s.node, sh.Path, fmt.Errorf("a shape has %d paths, at most one is allowed", len(paths))}
	}
	s.deactivated = c.is(s.node, sh.Deactivated)
	if severity := c.get(s.node, sh.Severity); len(severity) > 0 {
		iri, ok := severity[0].IRI()
		if !ok || len(severity) > 1 {
			return &ShapeError{s.node, sh.Severity, errors.New("a shape has one severity, which is an IRI")}
		}
		s.severity = iri
	}
	for _, m := range c.get(s.node, sh.Message) {
		if !m.IsLiteral() || m.Datatype() != vxsd.String && m.Datatype() != rdf.LangString {
			return &ShapeError{s.node, sh.Message, fmt.Errorf("%s is no text", m)}
		}
		s.messages = append(s.messages, m)
	}
	for _, f := range c.get(s.node, mocban.Field) {
		s.fields = append(s.fields, f.Value())
	}
	return c.constraints(s)
}

// constraints compiles the constraints of a shape, in the order in which they are written.
func (c *compiler) constraints(s *shape) error {
	for _, q := range c.about[s.node] {
		make, ok := makers[q.P]
		if !ok {
			if slices.Contains(beyond, q.P) {
				c.ignored = append(c.ignored, fmt.Sprintf("%s at %s", short(q.P.Term()), short(s.node)))
			}
			continue
		}
		con, err := make(c, s, q.O)
		if err != nil {
			return &ShapeError{s.node, q.P, err}
		}
		if con == nil {
			continue
		}
		s.constraints = append(s.constraints, con)
		switch con.(type) {
		case *logical, *nodeShape, *propertyShape, *qualified:
			s.nests = true
		}
	}
	return nil
}

// beyond are properties that stand at shapes and are no part of SHACL Core.
var beyond = []graph.IRI{sh.NS + "sparql", sh.NS + "js", sh.NS + "rule", sh.NS + "target", sh.NS + "expression"}

// A maker makes a constraint of the value of a parameter, or nil where the value asks for
// nothing.
type maker func(c *compiler, s *shape, v graph.Term) (constraint, error)

var makers map[graph.IRI]maker

func init() {
	makers = map[graph.IRI]maker{
		sh.Class: func(c *compiler, _ *shape, v graph.Term) (constraint, error) {
			_, err := asIRI(v)
			return &classOf{c.base.intern(v), v}, err
		},
		sh.Datatype: func(_ *compiler, _ *shape, v graph.Term) (constraint, error) {
			iri, err := asIRI(v)
			return &datatype{iri, xsd.TypeOf(iri)}, err
		},
		sh.NodeKind:            makeNodeKind,
		sh.MinCount:            countMaker(true, func(n int64) constraint { return minCount(n) }),
		sh.MaxCount:            countMaker(true, func(n int64) constraint { return maxCount(n) }),
		sh.MinLength:           countMaker(false, func(n int64) constraint { return minLength(n) }),
		sh.MaxLength:           countMaker(false, func(n int64) constraint { return maxLength(n) }),
		sh.MinInclusive:        boundMaker(sh.MinInclusiveComponent, expr.GreaterOrEqual, "cần từ %s trở lên", "must be %s or more"),
		sh.MinExclusive:        boundMaker(sh.MinExclusiveComponent, expr.Greater, "cần lớn hơn %s", "must be more than %s"),
		sh.MaxInclusive:        boundMaker(sh.MaxInclusiveComponent, expr.LessOrEqual, "chỉ được đến %s", "must be %s or less"),
		sh.MaxExclusive:        boundMaker(sh.MaxExclusiveComponent, expr.Less, "cần nhỏ hơn %s", "must be less than %s"),
		sh.Pattern:             makePattern,
		sh.LanguageIn:          makeLanguageIn,
		sh.UniqueLang:          makeUniqueLang,
		sh.Equals:              propertyMaker(func(n node) constraint { return &equals{n} }),
		sh.Disjoint:            propertyMaker(func(n node) constraint { return &disjoint{n} }),
		sh.LessThan:            propertyMaker(func(n node) constraint { return &lessThan{n, false} }),
		sh.LessThanOrEquals:    propertyMaker(func(n node) constraint { return &lessThan{n, true} }),
		sh.Not:                 makeNot,
		sh.And:                 logicalMaker(sh.AndComponent),
		sh.Or:                  logicalMaker(sh.OrComponent),
		sh.Xone:                logicalMaker(sh.XoneComponent),
		sh.Node:                makeNode,
		sh.Property:            makeProperty,
		sh.QualifiedValueShape: makeQualified,
		sh.Closed:              makeClosed,
		sh.HasValue: func(c *compiler, _ *shape, v graph.Term) (constraint, error) {
			return &hasValue{c.base.intern(v), v}, nil
		},
		sh.In: makeIn,
	}
}

func asIRI(t graph.Term) (graph.IRI, error) {
	iri, ok := t.IRI()
	if !ok {
		return "", fmt.Errorf("%s is no IRI", t)
	}
	return iri, nil
}

func asInteger(t graph.Term) (int64, error) {
	if t.Datatype() == vxsd.Integer {
		if d, ok := xsd.ParseInteger(t.Value()); ok {
			if n, ok := d.Int64(); ok {
				return n, nil
			}
		}
	}
	return 0, fmt.Errorf("%s is no xsd:integer of 64 bits", t)
}

func makeNodeKind(_ *compiler, _ *shape, v graph.Term) (constraint, error) {
	iri, err := asIRI(v)
	kinds, ok := nodeKinds[iri]
	if err == nil && !ok {
		err = fmt.Errorf("%s is no kind of node", short(v))
	}
	c := &nodeKind{name: iri}
	for _, k := range kinds {
		c.kinds[k] = true
	}
	return c, err
}

// countMaker makes constraints with a number. Those that count values are for property shapes.
func countMaker(values bool, make func(int64) constraint) maker {
	return func(_ *compiler, s *shape, v graph.Term) (constraint, error) {
		n, err := asInteger(v)
		if err == nil && values && s.path == nil {
			err = errNoPath
		}
		return make(n), err
	}
}

var errNoPath = errors.New("only a property shape, with sh:path, may have this")

func boundMaker(component graph.IRI, holds func(a, b expr.Value) expr.Truth, vi, en string) maker {
	return func(_ *compiler, _ *shape, v graph.Term) (constraint, error) {
		if !v.IsLiteral() {
			return nil, fmt.Errorf("%s is no literal", v)
		}
		return &bound{component, holds, expr.FromTerm(v), v, vi, en}, nil
	}
}

func makePattern(c *compiler, s *shape, v graph.Term) (constraint, error) {
	if v.Datatype() != vxsd.String {
		return nil, fmt.Errorf("%s is no xsd:string", v)
	}
	flags := ""
	if f := c.get(s.node, sh.Flags); len(f) > 0 {
		flags = f[0].Value()
	}
	re, err := regex.Compile(v.Value(), flags)
	return &pattern{re, v.Value()}, err
}

func makeLanguageIn(c *compiler, _ *shape, v graph.Term) (constraint, error) {
	members, err := c.list(v)
	if err != nil {
		return nil, err
	}
	langs := languageIn{}
	for _, m := range members {
		if m.Datatype() != vxsd.String {
			return nil, fmt.Errorf("%s is no xsd:string", m)
		}
		langs = append(langs, m.Value())
	}
	return langs, nil
}

func makeUniqueLang(_ *compiler, s *shape, v graph.Term) (constraint, error) {
	switch {
	case v != yes:
		return nil, nil
	case s.path == nil:
		return nil, errNoPath
	}
	return uniqueLang{}, nil
}

func propertyMaker(make func(node) constraint) maker {
	return func(c *compiler, s *shape, v graph.Term) (constraint, error) {
		_, err := asIRI(v)
		return make(c.base.intern(v)), err
	}
}

func makeNot(c *compiler, _ *shape, v graph.Term) (constraint, error) {
	s, err := c.inner(v)
	return &logical{sh.NotComponent, []*shape{s}}, err
}

func logicalMaker(component graph.IRI) maker {
	return func(c *compiler, _ *shape, v graph.Term) (constraint, error) {
		members, err := c.list(v)
		if err != nil {
			return nil, err
		}
		l := &logical{component: component}
		for _, m := range members {
			s, err := c.inner(m)
			if err != nil {
				return nil, err
			}
			l.shapes = append(l.shapes, s)
		}
		return l, nil
	}
}

// inner returns a shape that a constraint leads to.
func (c *compiler) inner(t graph.Term) (*shape, error) {
	if !t.IsIRI() && !t.IsBlank() {
		return nil, fmt.Errorf("%s is no shape: an IRI or a blank node is expected", t)
	}
	return c.shape(t), nil
}

func makeNode(c *compiler, _ *shape, v graph.Term) (constraint, error) {
	s, err := c.inner(v)
	return &nodeShape{s}, err
}

func makeProperty(c *compiler, _ *shape, v graph.Term) (constraint, error) {
	s, err := c.inner(v)
	if err == nil && !c.has(v, sh.Path) {
		err = fmt.Errorf("%s is no property shape: it has no sh:path", short(v))
	}
	return &propertyShape{s}, err
}

func makeQualified(c *compiler, s *shape, v graph.Term) (constraint, error) {
	inner, err := c.inner(v)
	if err != nil {
		return nil, err
	}
	if s.path == nil { // SHACL, 4.7.3: used in property shapes; elsewhere it asks for nothing
		return nil, nil
	}
	q := &qualified{shape: inner, min: -1, max: -1}
	for _, bound := range []struct {
		p graph.IRI
		n *int64
	}{{sh.QualifiedMinCount, &q.min}, {sh.QualifiedMaxCount, &q.max}} {
		if values := c.get(s.node, bound.p); len(values) > 0 {
			n, err := asInteger(values[0])
			if err != nil || n < 0 {
				return nil, fmt.Errorf("%s: %s is no number of values", short(bound.p.Term()), values[0])
			}
			*bound.n = n
		}
	}
	if q.min < 0 && q.max < 0 {
		return nil, nil
	}
	if c.is(s.node, sh.QualifiedValueShapesDisjoint) {
		return q, c.siblings(q, s)
	}
	return q, nil
}

// siblings finds the sibling shapes of a qualified value shape.
func (c *compiler) siblings(q *qualified, s *shape) error {
	own := c.get(s.node, sh.QualifiedValueShape)
	for _, parent := range c.owners[s.node] {
		for _, p := range c.get(parent, sh.Property) {
			for _, t := range c.get(p, sh.QualifiedValueShape) {
				if slices.Contains(own, t) {
					continue
				}
				sibling, err := c.inner(t)
				if err != nil {
					return err
				}
				if !slices.Contains(q.siblings, sibling) {
					q.siblings = append(q.siblings, sibling)
				}
			}
		}
	}
	return nil
}

func makeClosed(c *compiler, s *shape, v graph.Term) (constraint, error) {
	if v != yes {
		return nil, nil
	}
	con := &closed{}
	for _, p := range c.get(s.node, sh.Property) {
		for _, path := range c.get(p, sh.Path) {
			if path.IsIRI() {
				con.allowed = append(con.allowed, c.base.intern(path))
			}
		}
	}
	for _, l := range c.get(s.node, sh.IgnoredProperties) {
		members, err := c.list(l)
		if err != nil {
			return nil, fmt.Errorf("sh:ignoredProperties: %w", err)
		}
		for _, m := range members {
			if _, err := asIRI(m); err != nil {
				return nil, fmt.Errorf("sh:ignoredProperties: %w", err)
			}
			con.allowed = append(con.allowed, c.base.intern(m))
		}
	}
	slices.Sort(con.allowed)
	return con, nil
}

func makeIn(c *compiler, _ *shape, v graph.Term) (constraint, error) {
	members, err := c.list(v)
	if err != nil {
		return nil, err
	}
	con := &in{terms: members}
	for _, m := range members {
		con.nodes = append(con.nodes, c.base.intern(m))
	}
	slices.Sort(con.nodes)
	return con, nil
}

// name is what a shape is called in lists: its IRI, or the path that it is about.
func (s *shape) name() string {
	if s.node.IsIRI() {
		return strings.Trim(short(s.node), "<>")
	}
	if s.path != nil {
		return Path{s.path}.String()
	}
	return "_"
}
