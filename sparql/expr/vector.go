package expr

import (
	"cmp"
	"strings"

	"mocban/graph"
	"mocban/sparql/expr/xsd"
	names "mocban/vocab/xsd"
)

// Forms of operators and functions over whole columns. They answer [Open] where an ID does
// not tell enough: the terms of those rows are fetched then, and asked one by one.

// A Constant is a value that a column is compared with, and its ID.
type Constant struct {
	Value
	id graph.ID
}

// NewConstant returns a constant. The ID is that which the snapshot gives to the term, or
// None if the snapshot does not know it, so that no ID of the column can be of it.
func NewConstant(v Value, id graph.ID) Constant {
	if id == graph.None {
		if own, ok := v.ID(); ok {
			id = own
		} else if t, ok := v.Term(); ok {
			id = graph.NewID(graph.ClassOf(t), nowhere)
		}
	}
	return Constant{v, id}
}

// nowhere is a number that no dictionary gives, and that keeps no order.
const nowhere = graph.LateBit | (graph.LateBit - 1)

// CompareConstant compares the terms of a column with a constant: out[i] is what the
// operator says of the term of ids[i] and c, in that order.
func (op Operator) CompareConstant(ids []graph.ID, c Constant, out []Truth) {
	if n, ok := c.Integer(); ok {
		op.compareInteger(ids, n, c, out)
		return
	}
	if ms, ok := c.milliseconds(); ok {
		op.compareInstant(ids, ms, c, out)
		return
	}
	if op <= OpNotEqual && c.id.Class() == graph.ClassIRI {
		op.compareIRI(ids, c, out)
		return
	}
	for i, id := range ids {
		out[i] = op.compareOne(id, c)
	}
}

// compareIRI is for equality with an IRI, and quick for a column of IRIs.
func (op Operator) compareIRI(ids []graph.ID, c Constant, out []Truth) {
	answers := op.answers()
	for i, id := range ids {
		switch {
		case id == c.id:
			out[i] = answers[1]
		case id.Class() == graph.ClassIRI:
			out[i] = answers[0]
		default:
			out[i] = op.compareOne(id, c)
		}
	}
}

// CompareIRIs compares STR of two columns row by row. It is Open where that takes the terms: IRIs
// of the sorted part of the dictionary have the order of their texts.
func (op Operator) CompareIRIs(a, b []graph.ID, out []Truth) {
	answers := op.answers()
	for i, x := range a {
		y := b[i]
		switch iris := x.Class() == graph.ClassIRI && y.Class() == graph.ClassIRI; {
		case !iris:
			out[i] = Open
		case x == y:
			out[i] = answers[1]
		case op <= OpNotEqual:
			out[i] = answers[0]
		case x.Late() || y.Late():
			out[i] = Open
		default:
			out[i] = answers[1+cmp.Compare(x, y)]
		}
	}
}

func (op Operator) compareOne(id graph.ID, c Constant) Truth {
	if id.Inlined() {
		v, _ := FromID(id)
		return op.Apply(v, c.Value)
	}
	if t, ok := op.CompareIDs(id, c.id); ok {
		return t
	}
	return Open
}

// answers returns what the operator says, by relation.
func (op Operator) answers() [3]Truth {
	return [3]Truth{op.holds(Below), op.holds(Same), op.holds(Above)}
}

// compareInteger is for an integer, and quick for a column of integers.
func (op Operator) compareInteger(ids []graph.ID, n int64, c Constant, out []Truth) {
	answers := op.answers()
	for i, id := range ids {
		if v, ok := id.Integer(); ok {
			out[i] = answers[1+cmp.Compare(v, n)]
		} else {
			out[i] = op.compareOne(id, c)
		}
	}
}

// milliseconds returns the instant of a dateTime with a zone, since 1970, if it is a whole
// number of milliseconds that fits.
func (v Value) milliseconds() (ms int64, ok bool) {
	const far = 1 << 50 // seconds
	if v.kind != KindDateTime || v.zone == xsd.NoZone || v.aux%1_000_000 != 0 || v.n > far || v.n < -far {
		return 0, false
	}
	return v.n*1000 + int64(v.aux/1_000_000), true
}

// compareInstant is for a dateTime, and quick for a column of dateTimes with zones.
func (op Operator) compareInstant(ids []graph.ID, ms int64, c Constant, out []Truth) {
	answers := op.answers()
	for i, id := range ids {
		if v, _, hasZone, ok := id.DateTime(); ok && hasZone {
			out[i] = answers[1+cmp.Compare(v, ms)]
		} else {
			out[i] = op.compareOne(id, c)
		}
	}
}

// CompareColumns compares the terms of two columns row by row.
func (op Operator) CompareColumns(a, b []graph.ID, out []Truth) {
	for i := range a {
		t, ok := op.CompareIDs(a[i], b[i])
		if !ok {
			t = Open
		}
		out[i] = t
	}
}

// LangOfIDs answers LANG(x) = tag for a column, with tag as it is written.
func LangOfIDs(ids []graph.ID, tag string, out []Truth) {
	for i, id := range ids {
		switch c := id.Class(); {
		case c == graph.ClassSpecial:
			out[i] = Failed(Unbound)
		case c == graph.ClassLocal:
			out[i] = Open
		case id.Kind() != graph.KindLiteral:
			out[i] = Failed(TypeError)
		case c != graph.ClassLang:
			out[i] = TruthOf(tag == "")
		case tag == "":
			out[i] = False
		default:
			out[i] = Open
		}
	}
}

// LangOfTerms answers LANG(x) = tag for terms.
func LangOfTerms(terms []graph.Term, tag string, out []Truth) {
	for i := range terms {
		if out[i] = literalOnly(terms[i]); out[i] == True {
			out[i] = TruthOf(terms[i].Lang() == tag)
		}
	}
}

// LangMatchesTerms answers LANGMATCHES(LANG(x), range) for terms. Most terms have the
// language of the one before.
func LangMatchesTerms(terms []graph.Term, ranges string, out []Truth) {
	last, matches := "", False
	for i := range terms {
		if out[i] = literalOnly(terms[i]); out[i] != True {
			continue
		}
		if lang := terms[i].Lang(); lang != last {
			last, matches = lang, TruthOf(LangMatches(lang, ranges))
		}
		out[i] = matches
	}
}

// literalOnly is True for a literal, and the error of LANG for all else.
func literalOnly(t graph.Term) Truth {
	switch {
	case t.IsZero():
		return Failed(Unbound)
	case !t.IsLiteral():
		return Failed(TypeError)
	}
	return True
}

// A TextOperator is one of the functions that look for a text in another.
type TextOperator uint8

// The functions CONTAINS, STRSTARTS and STRENDS.
const (
	TextContains TextOperator = iota
	TextStarts
	TextEnds
)

// A TextTest asks texts for a part, as CONTAINS(x, "part"), CONTAINS(STR(x), "part") or
// CONTAINS(LCASE(STR(x)), "part") do.
type TextTest struct {
	Op    TextOperator
	Part  string
	Str   bool // of STR(x), which takes any literal and IRIs
	Lower bool // of LCASE(x)

	search *LowerSearch
}

// Terms answers for each term.
func (t *TextTest) Terms(terms []graph.Term, out []Truth) {
	if t.Lower && t.search == nil {
		t.search = NewLowerSearch(t.Part)
	}
	for i := range terms {
		if out[i] = isText(terms[i], t.Str); out[i] == True {
			out[i] = TruthOf(t.holds(terms[i].Value()))
		}
	}
}

// isText is True for a term that is a text, or that STR makes one, and the error of a
// function on texts for all else.
func isText(x graph.Term, ofStr bool) Truth {
	switch {
	case x.IsZero():
		return Failed(Unbound)
	case ofStr && x.IsIRI():
		return True
	case !x.IsLiteral():
		return Failed(TypeError)
	case ofStr || x.Lang() != "":
		return True
	}
	if dt := x.Datatype(); dt == names.String || xsd.TypeOf(dt).Text() && FromTerm(x).IsText() {
		return True
	}
	return Failed(TypeError)
}

func (t *TextTest) holds(text string) bool {
	if t.Lower {
		if t.Op == TextContains {
			return t.search.In(text)
		}
		text = lowerCase.apply(text)
	}
	switch t.Op {
	case TextStarts:
		return strings.HasPrefix(text, t.Part)
	case TextEnds:
		return strings.HasSuffix(text, t.Part)
	}
	return strings.Contains(text, t.Part)
}

// RegexTerms answers REGEX(x, pattern, flags) for terms, or REGEX(STR(x), pattern, flags).
func RegexTerms(env *Env, terms []graph.Term, pattern, flags string, ofStr bool, out []Truth) {
	for i := range terms {
		if out[i] = isText(terms[i], ofStr); out[i] == True {
			out[i] = env.match(terms[i].Value(), pattern, flags)
		}
	}
}
