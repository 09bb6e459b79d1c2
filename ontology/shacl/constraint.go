package shacl

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"mocban/graph"
	"mocban/sparql/expr"
	"mocban/sparql/expr/regex"
	"mocban/sparql/expr/xsd"
	"mocban/vocab/rdf"
	"mocban/vocab/sh"
)

// A classOf asks for instances of a class (SHACL, 4.1.1).
type classOf struct {
	class node
	name  graph.Term
}

func (c *classOf) check(r *Run, s *shape, focus node, values []node) {
	for _, v := range values {
		if !r.isA(v, c.class) {
			r.report(s, c, sh.ClassComponent, focus, v)
		}
	}
}

// A datatype asks for literals of a datatype that are well-formed (SHACL, 4.1.2).
type datatype struct {
	name graph.IRI
	xsd  xsd.Type
}

func (c *datatype) check(r *Run, s *shape, focus node, values []node) {
	for _, v := range values {
		if !c.holds(r.terms[v]) {
			r.report(s, c, sh.DatatypeComponent, focus, v)
		}
	}
}

func (c *datatype) holds(t graph.Term) bool {
	if !t.IsLiteral() || t.Datatype() != c.name {
		return false
	}
	if c.xsd == xsd.NoType || c.xsd == xsd.TypeString {
		return true
	}
	_, ok := xsd.Canonical(c.xsd, t.Value())
	return ok
}

// A nodeKind asks for kinds of term (SHACL, 4.1.3).
type nodeKind struct {
	kinds [5]bool // by graph.Kind
	name  graph.IRI
}

var nodeKinds = map[graph.IRI][]graph.Kind{
	sh.BlankNodeKind:      {graph.KindBlank},
	sh.IRIKind:            {graph.KindIRI},
	sh.LiteralKind:        {graph.KindLiteral},
	sh.BlankNodeOrIRI:     {graph.KindBlank, graph.KindIRI},
	sh.BlankNodeOrLiteral: {graph.KindBlank, graph.KindLiteral},
	sh.IRIOrLiteral:       {graph.KindIRI, graph.KindLiteral},
}

func (c *nodeKind) check(r *Run, s *shape, focus node, values []node) {
	for _, v := range values {
		if !c.kinds[r.terms[v].Kind()] {
			r.report(s, c, sh.NodeKindComponent, focus, v)
		}
	}
}

// minCount and maxCount ask for a number of values (SHACL, 4.2).
type (
	minCount int64
	maxCount int64
)

func (c minCount) check(r *Run, s *shape, focus node, values []node) {
	if int64(len(values)) < int64(c) {
		r.report(s, c, sh.MinCountComponent, focus, none)
	}
}

func (c maxCount) check(r *Run, s *shape, focus node, values []node) {
	if int64(len(values)) > int64(c) {
		r.report(s, c, sh.MaxCountComponent, focus, none)
	}
}

// A bound asks for values on one side of another (SHACL, 4.3). What cannot be compared is on
// no side.
type bound struct {
	component graph.IRI
	holds     func(a, b expr.Value) expr.Truth
	limit     expr.Value
	term      graph.Term
	vi, en    string
}

func (c *bound) check(r *Run, s *shape, focus node, values []node) {
	for _, v := range values {
		if t := r.terms[v]; !t.IsLiteral() || c.holds(expr.FromTerm(t), c.limit) != expr.True {
			r.report(s, c, c.component, focus, v)
		}
	}
}

// minLength and maxLength ask for a number of characters (SHACL, 4.4.1, 4.4.2).
type (
	minLength int64
	maxLength int64
)

func (c minLength) check(r *Run, s *shape, focus node, values []node) {
	for _, v := range values {
		if t := r.terms[v]; !hasText(t) || int64(utf8.RuneCountInString(t.Value())) < int64(c) {
			r.report(s, c, sh.MinLengthComponent, focus, v)
		}
	}
}

func (c maxLength) check(r *Run, s *shape, focus node, values []node) {
	for _, v := range values {
		if t := r.terms[v]; !hasText(t) || int64(utf8.RuneCountInString(t.Value())) > int64(c) {
			r.report(s, c, sh.MaxLengthComponent, focus, v)
		}
	}
}

// hasText tells whether SPARQL's str() has a value for a term.
func hasText(t graph.Term) bool { return t.IsIRI() || t.IsLiteral() }

// A pattern asks for texts that match (SHACL, 4.4.3).
type pattern struct {
	re   *regex.Regex
	text string
}

func (c *pattern) check(r *Run, s *shape, focus node, values []node) {
	for _, v := range values {
		t := r.terms[v]
		if hasText(t) && !r.step(c.re.Steps(len(t.Value()))/64) {
			return
		}
		if !hasText(t) || !c.re.Match(t.Value()) {
			r.report(s, c, sh.PatternComponent, focus, v)
		}
	}
}

// languageIn asks for languages (SHACL, 4.4.4).
type languageIn []string

func (c languageIn) check(r *Run, s *shape, focus node, values []node) {
	for _, v := range values {
		tag := r.terms[v].Lang()
		if tag == "" || !slices.ContainsFunc(c, func(lang string) bool { return expr.LangMatches(tag, lang) }) {
			r.report(s, c, sh.LanguageInComponent, focus, v)
		}
	}
}

// uniqueLang asks for one value in each language (SHACL, 4.4.5).
type uniqueLang struct{}

func (c uniqueLang) check(r *Run, s *shape, focus node, values []node) {
	if len(values) < 2 {
		return
	}
	count := map[string]int{}
	for _, v := range values {
		if tag := r.terms[v].Lang(); tag != "" {
			tag = strings.ToLower(tag)
			if count[tag]++; count[tag] == 2 {
				r.report(s, c, sh.UniqueLangComponent, focus, none)
			}
		}
	}
}

// equals and disjoint compare the values with those of a property (SHACL, 4.5.1, 4.5.2).
type (
	equals   struct{ property node }
	disjoint struct{ property node }
)

func (c *equals) check(r *Run, s *shape, focus node, values []node) {
	for _, v := range values {
		if !r.has(focus, c.property, v) {
			r.report(s, c, sh.EqualsComponent, focus, v)
		}
	}
	for _, e := range r.data.values(focus, c.property) {
		if e.p == c.property && !slices.Contains(values, e.o) && r.step(int64(len(values))/16+1) {
			r.report(s, c, sh.EqualsComponent, focus, e.o)
		}
	}
}

func (c *disjoint) check(r *Run, s *shape, focus node, values []node) {
	for _, v := range values {
		if r.has(focus, c.property, v) {
			r.report(s, c, sh.DisjointComponent, focus, v)
		}
	}
}

// A lessThan asks for values before those of a property (SHACL, 4.5.3, 4.5.4). Each pair that
// is not in order is a result.
type lessThan struct {
	property node
	orEqual  bool
}

func (c *lessThan) check(r *Run, s *shape, focus node, values []node) {
	holds, component := expr.Less, sh.LessThanComponent
	if c.orEqual {
		holds, component = expr.LessOrEqual, sh.LessThanOrEqualsComponent
	}
	for _, v := range values {
		for _, e := range r.data.values(focus, c.property) {
			if e.p != c.property || !r.step(1) {
				continue
			}
			a, b := r.terms[v], r.terms[e.o]
			if !a.IsLiteral() || !b.IsLiteral() || holds(expr.FromTerm(a), expr.FromTerm(b)) != expr.True {
				r.report(s, c, component, focus, v)
			}
		}
	}
}

// A logical asks for a number of shapes that a value conforms to (SHACL, 4.6).
type logical struct {
	component graph.IRI
	shapes    []*shape
}

func (c *logical) check(r *Run, s *shape, focus node, values []node) {
	for _, v := range values {
		if !c.holds(r, v) && r.err == nil {
			r.report(s, c, c.component, focus, v)
		}
	}
}

func (c *logical) holds(r *Run, v node) bool {
	n := 0
	for _, s := range c.shapes {
		ok := r.conforms(s, v)
		switch {
		case ok && c.component == sh.OrComponent:
			return true
		case !ok && c.component == sh.AndComponent:
			return false
		case ok:
			n++
		}
	}
	switch c.component {
	case sh.NotComponent:
		return n == 0
	case sh.XoneComponent:
		return n == 1
	}
	return c.component == sh.AndComponent
}

// A nodeShape asks that values conform to a shape (SHACL, 4.7.1), and a propertyShape judges
// them by a property shape, whose results are its own (4.7.2).
type (
	nodeShape     struct{ shape *shape }
	propertyShape struct{ shape *shape }
)

func (c *nodeShape) check(r *Run, s *shape, focus node, values []node) {
	for _, v := range values {
		if !r.conforms(c.shape, v) && r.err == nil {
			r.report(s, c, sh.NodeComponent, focus, v)
		}
	}
}

func (c *propertyShape) check(r *Run, _ *shape, _ node, values []node) {
	for _, v := range values {
		r.validate(c.shape, v)
	}
}

// A qualified asks for a number of values that conform to a shape (SHACL, 4.7.3).
type qualified struct {
	shape    *shape
	siblings []*shape // none of which such a value may conform to
	min, max int64    // or -1
}

func (c *qualified) check(r *Run, s *shape, focus node, values []node) {
	var n int64
	for _, v := range values {
		if r.conforms(c.shape, v) && !slices.ContainsFunc(c.siblings, func(s *shape) bool { return r.conforms(s, v) }) {
			n++
		}
	}
	if r.err != nil {
		return
	}
	if c.min >= 0 && n < c.min {
		r.report(s, c, sh.QualifiedMinCountComponent, focus, none)
	}
	if c.max >= 0 && n > c.max {
		r.report(s, c, sh.QualifiedMaxCountComponent, focus, none)
	}
}

// closed allows no property but some (SHACL, 4.8.1).
type closed struct {
	allowed []node // sorted
}

func (c *closed) check(r *Run, s *shape, focus node, values []node) {
	for _, v := range values {
		for _, e := range r.edges(v) {
			if _, ok := slices.BinarySearch(c.allowed, e.p); !ok && r.step(1) {
				iri, _ := r.terms[e.p].IRI()
				r.reportAt(s, c, sh.ClosedComponent, focus, e.o, &path{kind: predicatePath, property: iri})
			}
		}
	}
}

// hasValue asks that one of the values is this (SHACL, 4.8.2).
type hasValue struct {
	value node
	term  graph.Term
}

func (c *hasValue) check(r *Run, s *shape, focus node, values []node) {
	if !slices.Contains(values, c.value) {
		r.report(s, c, sh.HasValueComponent, focus, none)
	}
}

// in asks that the values are some of these (SHACL, 4.8.3).
type in struct {
	nodes []node // sorted
	terms []graph.Term
}

func (c *in) check(r *Run, s *shape, focus node, values []node) {
	for _, v := range values {
		if _, ok := slices.BinarySearch(c.nodes, v); !ok {
			r.report(s, c, sh.InComponent, focus, v)
		}
	}
}

func (c *classOf) say() (vi, en string) {
	n := short(c.name)
	return "cần thuộc lớp " + n, "must be of the class " + n
}

func (c *datatype) say() (vi, en string) {
	if c.name == rdf.LangString {
		return "cần là văn bản có ghi ngôn ngữ", "must be text with a language"
	}
	n := short(c.name.Term())
	return "cần là giá trị kiểu " + n, "must be a value of the datatype " + n
}

var kindNames = map[graph.IRI][2]string{
	sh.BlankNodeKind:      {"nút trống", "a blank node"},
	sh.IRIKind:            {"IRI", "an IRI"},
	sh.LiteralKind:        {"giá trị văn bản", "a literal"},
	sh.BlankNodeOrIRI:     {"nút trống hoặc IRI", "a blank node or an IRI"},
	sh.BlankNodeOrLiteral: {"nút trống hoặc giá trị văn bản", "a blank node or a literal"},
	sh.IRIOrLiteral:       {"IRI hoặc giá trị văn bản", "an IRI or a literal"},
}

func (c *nodeKind) say() (vi, en string) {
	n := kindNames[c.name]
	return "cần là " + n[0], "must be " + n[1]
}

func (c minCount) say() (vi, en string) {
	return fmt.Sprintf("cần ít nhất %d giá trị", c), "needs at least " + plural(int64(c), "value")
}

func (c maxCount) say() (vi, en string) {
	return fmt.Sprintf("chỉ được có nhiều nhất %d giá trị", c), "may have at most " + plural(int64(c), "value")
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (c *bound) say() (vi, en string) {
	return fmt.Sprintf(c.vi, c.term.Value()), fmt.Sprintf(c.en, c.term.Value())
}

func (c minLength) say() (vi, en string) {
	return fmt.Sprintf("cần ít nhất %d ký tự", c), "needs at least " + plural(int64(c), "character")
}

func (c maxLength) say() (vi, en string) {
	return fmt.Sprintf("chỉ được dài nhiều nhất %d ký tự", c), "may have at most " + plural(int64(c), "character")
}

func (c *pattern) say() (vi, en string) {
	return "cần khớp với mẫu " + c.text, "must match the pattern " + c.text
}

func (c languageIn) say() (vi, en string) {
	langs := strings.Join(c, ", ")
	return "cần ghi một trong các ngôn ngữ " + langs, "must be in one of the languages " + langs
}

func (c uniqueLang) say() (vi, en string) {
	return "mỗi ngôn ngữ chỉ được có một giá trị", "may have one value in each language"
}

func (c *equals) say() (vi, en string) {
	return "cần có cùng các giá trị với thuộc tính kia", "must have the same values as the other property"
}

func (c *disjoint) say() (vi, en string) {
	return "không được có chung giá trị với thuộc tính kia", "may share no value with the other property"
}

func (c *lessThan) say() (vi, en string) {
	return "cần đứng trước các giá trị của thuộc tính kia", "must come before the values of the other property"
}

func (c *logical) say() (vi, en string) {
	switch c.component {
	case sh.NotComponent:
		return "không được hợp với hình dạng bị loại trừ", "may not conform to the shape that is excluded"
	case sh.AndComponent:
		return "cần hợp với mọi hình dạng", "must conform to all of the shapes"
	case sh.OrComponent:
		return "cần hợp với ít nhất một hình dạng", "must conform to at least one of the shapes"
	}
	return "cần hợp với đúng một hình dạng", "must conform to exactly one of the shapes"
}

func (c *nodeShape) say() (vi, en string) {
	n := short(c.shape.node)
	if c.shape.node.IsBlank() {
		return "cần hợp với hình dạng", "must conform to the shape"
	}
	return "cần hợp với hình dạng " + n, "must conform to the shape " + n
}

func (c *propertyShape) say() (vi, en string) { return "", "" }

func (c *qualified) say() (vi, en string) {
	switch {
	case c.max < 0:
		return fmt.Sprintf("cần ít nhất %d giá trị hợp với hình dạng", c.min), fmt.Sprintf("needs at least %s that conforms to the shape", plural(c.min, "value"))
	case c.min < 0:
		return fmt.Sprintf("chỉ được có nhiều nhất %d giá trị hợp với hình dạng", c.max), fmt.Sprintf("may have at most %s that conforms to the shape", plural(c.max, "value"))
	}
	return fmt.Sprintf("cần từ %d đến %d giá trị hợp với hình dạng", c.min, c.max), fmt.Sprintf("needs %d to %d values that conform to the shape", c.min, c.max)
}

func (c *closed) say() (vi, en string) {
	return "thuộc tính này không được dùng ở đây", "this property may not be used here"
}

func (c *hasValue) say() (vi, en string) {
	n := short(c.term)
	return "cần có giá trị " + n, "must have the value " + n
}

func (c *in) say() (vi, en string) {
	var names []string
	for i, t := range c.terms {
		if i == 10 {
			names = append(names, "…")
			break
		}
		names = append(names, short(t))
	}
	list := strings.Join(names, ", ")
	return "cần là một trong: " + list, "must be one of: " + list
}
