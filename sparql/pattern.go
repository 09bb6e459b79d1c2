package sparql

import (
	"fmt"

	"mocban/sparql/algebra"
	"mocban/sparql/expr/regex"
	"mocban/sparql/plan"
	"mocban/vocab/xsd"
)

// A PatternError tells of a regular expression that stands in a query and is none. One that
// is computed is an error of its expression only.
type PatternError struct {
	Pattern string
	Err     error
}

func (e *PatternError) Error() string {
	return fmt.Sprintf("regular expression %.80q: %v", e.Pattern, e.Err)
}

func (e *PatternError) Unwrap() error { return e.Err }

// A TextError tells of a text:query that is not written as one.
type TextError struct{ Err error }

func (e *TextError) Error() string { return e.Err.Error() }

func (e *TextError) Unwrap() error { return e.Err }

// ErrNoSearch tells that a query uses text:query where there is no index of words.
var ErrNoSearch = plan.ErrNoSearch

// checkPatterns reads the regular expressions that are written in a query: they would fail
// on every row, and the answer would not say why.
func checkPatterns(op algebra.Op) (err error) {
	exprs(op, func(e algebra.Expr) {
		c, ok := e.(*algebra.Call)
		flagsAt := map[string]int{"REGEX": 2, "REPLACE": 3}
		if !ok || err != nil || flagsAt[c.Name] == 0 || len(c.Args) < 2 {
			return
		}
		pattern, ok := literal(c.Args[1])
		flags := ""
		if at := flagsAt[c.Name]; ok && at < len(c.Args) {
			flags, ok = literal(c.Args[at])
		}
		if !ok {
			return
		}
		if _, e := regex.Compile(pattern, flags); e != nil {
			err = &PatternError{pattern, e}
		}
	})
	return err
}

// literal returns the text of an expression that is a string.
func literal(e algebra.Expr) (text string, ok bool) {
	t, ok := e.(*algebra.TermExpr)
	if !ok || !t.Term.IsLiteral() || t.Term.Datatype() != xsd.String {
		return "", false
	}
	return t.Term.Value(), true
}
