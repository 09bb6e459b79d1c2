package algebra

import (
	"fmt"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/vocab/rdf"
	"mocban/vocab/xsd"
)

// TextQuery is the property function that finds things by words, under the name that Apache
// Jena gave it:
//
//	(?thing ?score ?name) text:query (rdfs:label "truyện kiều" "lang:vi" 20)
//
// Of the subject only the first is needed, and of the object only the words; a single one
// needs no list. The property and the language, a range of SPARQL 1.1, 17.4.3.2, say which
// names count; the number says how many things are found at most. The words go to the
// search as they are: none of their characters has a meaning of its own.
const TextQuery graph.IRI = "http://jena.apache.org/text#query"

// Text finds things by words. Each thing is found once, with the name that matched best.
type Text struct {
	Thing       Slot
	Score, Name Var       // "" for none
	Property    graph.IRI // "" for any
	Words       string
	Lang        string // "" for any
	Limit       int    // 0 for none
}

func (*Text) op() {}

// Vars returns the variables that it binds, in every row.
func (t *Text) Vars() (vars []Var) {
	for _, v := range []Var{t.Thing.Var, t.Score, t.Name} {
		if v != "" {
			vars = append(vars, v)
		}
	}
	return vars
}

// ExpandText returns a query in which patterns with [TextQuery] became Text. A pattern that
// is not one of its forms is an error. The arguments stand in the query: none but the thing,
// the score and the name may be a variable.
func ExpandText(q *Query) (*Query, error) {
	out := *q
	var err error
	out.Pattern = Rewrite(q.Pattern, func(op Op) Op {
		b, ok := op.(*BGP)
		if !ok || err != nil {
			return op
		}
		expanded, e := expandText(b)
		if e != nil {
			err = e
			return op
		}
		return expanded
	})
	return &out, err
}

// HasText tells whether a pattern holds a Text.
func HasText(op Op) bool {
	if _, ok := op.(*Text); ok {
		return true
	}
	for _, e := range Exprs(op) {
		found := false
		WalkExpr(e, func(e Expr) {
			if x, ok := e.(*Exists); ok && HasText(x.Pattern) {
				found = true
			}
		})
		if found {
			return true
		}
	}
	for _, in := range Inputs(op) {
		if HasText(in) {
			return true
		}
	}
	return false
}

func expandText(b *BGP) (Op, error) {
	used := make([]bool, len(b.Patterns))
	var rest Op
	for i, t := range b.Patterns {
		if t.P.Term != TextQuery.Term() {
			continue
		}
		used[i] = true
		text := &Text{}
		subjects := listOf(b, t.S, used)
		objects := listOf(b, t.O, used)
		if err := text.subject(subjects); err != nil {
			return nil, err
		}
		if err := text.object(objects); err != nil {
			return nil, err
		}
		if rest == nil {
			rest = text
		} else {
			rest = &Join{rest, text}
		}
	}
	if rest == nil {
		return b, nil
	}
	var plain []TriplePattern
	for i, t := range b.Patterns {
		if !used[i] {
			plain = append(plain, t)
		}
	}
	if len(plain) == 0 {
		return rest, nil
	}
	return &Join{&BGP{plain}, rest}, nil
}

// listOf returns the members of a list that the patterns write, and marks these; a slot that
// is no list is its only member.
func listOf(b *BGP, head Slot, used []bool) (members []Slot) {
	cell := head
	for cell.IsVar() && strings.HasPrefix(string(cell.Var), ".") {
		first, rest := -1, -1
		for i, t := range b.Patterns {
			switch {
			case t.S.Var != cell.Var:
			case t.P.Term == rdf.First.Term():
				first = i
			case t.P.Term == rdf.Rest.Term():
				rest = i
			}
		}
		if first < 0 || rest < 0 || used[first] {
			break
		}
		used[first], used[rest] = true, true
		members = append(members, b.Patterns[first].O)
		cell = b.Patterns[rest].O
	}
	if members == nil {
		return []Slot{head}
	}
	return members
}

func textError(format string, args ...any) error {
	return fmt.Errorf("text:query: %s; it is written (?thing ?score ?name) text:query (rdfs:label \"words\" \"lang:vi\" 20)", fmt.Sprintf(format, args...))
}

func (t *Text) subject(list []Slot) error {
	if len(list) > 3 {
		return textError("%d subjects, and there are a thing, a score and a name at most", len(list))
	}
	for i, s := range list {
		switch {
		case s.Triple != nil:
			return textError("a triple term cannot be found")
		case i == 0:
			t.Thing = s
		case !s.IsVar():
			return textError("the score and the name are variables")
		case i == 1:
			t.Score = s.Var
		default:
			t.Name = s.Var
		}
	}
	if t.Score != "" && (t.Score == t.Thing.Var || t.Score == t.Name) || t.Name != "" && t.Name == t.Thing.Var {
		return textError("the thing, the score and the name are different variables")
	}
	return nil
}

func (t *Text) object(list []Slot) error {
	words := false
	for i, o := range list {
		term := o.Term
		iri, isIRI := term.IRI()
		switch {
		case o.IsVar() || o.Triple != nil:
			return textError("the words and what comes with them stand in the query, ?%s does not", o.Var)
		case isIRI && i == 0:
			t.Property = iri
		case term.IsLiteral() && term.Datatype() == xsd.Integer:
			n, err := strconv.Atoi(term.Value())
			if err != nil || n < 1 {
				return textError("%s is no number of things", term.Value())
			}
			t.Limit = n
		case term.IsLiteral() && strings.HasPrefix(term.Value(), "lang:"):
			t.Lang = term.Value()[len("lang:"):]
		case term.IsLiteral() && strings.HasPrefix(term.Value(), "highlight:"): // of Jena; names are short
		case term.IsLiteral() && !words:
			t.Words, words = term.Value(), true
			if t.Lang == "" {
				t.Lang = term.Lang()
			}
		default:
			return textError("%s cannot stand there", term)
		}
	}
	if !words {
		return textError("there are no words")
	}
	return nil
}
