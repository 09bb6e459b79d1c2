package expr

import "mocban/sparql/expr/xsd"

// A Truth is what a condition evaluates to: false, true, or an error with its code.
type Truth uint8

// False and True are the two that are no errors.
const (
	False Truth = iota
	True
	failed // plus a Code
)

// Open is no truth but the answer of a filter over IDs that needs the term to tell.
const Open Truth = 255

// Failed returns the error with a code.
func Failed(c Code) Truth { return failed + Truth(c) }

// TruthOf returns False or True.
func TruthOf(b bool) Truth {
	if b {
		return True
	}
	return False
}

// IsError tells whether the condition failed.
func (t Truth) IsError() bool { return t >= failed && t != Open }

// Value returns t as an xsd:boolean, or the error.
func (t Truth) Value() Value {
	if t >= failed {
		return Fail(Code(t - failed))
	}
	return Bool(t == True)
}

// Not returns the negation; that of an error is the error.
func (t Truth) Not() Truth {
	if t >= failed {
		return t
	}
	return t ^ 1
}

// And returns the conjunction (SPARQL 1.1, 17.2): false if either is false, else the first
// error. Whoever has a False need not ask for the other side.
func (t Truth) And(u Truth) Truth {
	switch {
	case t == False || u == False:
		return False
	case t == True:
		return u
	}
	return t
}

// Or returns the disjunction (SPARQL 1.1, 17.2): true if either is true, else the first
// error. Whoever has a True need not ask for the other side.
func (t Truth) Or(u Truth) Truth {
	switch {
	case t == True || u == True:
		return True
	case t == False:
		return u
	}
	return t
}

// EBV returns the effective boolean value (SPARQL 1.1, 17.2.2). The lexical form of a number
// or boolean that is ill-typed counts as false.
func (v Value) EBV() Truth {
	switch v.kind {
	case KindBoolean, KindString, KindInteger, KindDecimal, KindFloat, KindDouble:
		return TruthOf(v.holds())
	case KindLang:
		return TruthOf(v.text != "")
	case KindIllTyped:
		if v.typ.Numeric() || v.typ == xsd.TypeBoolean {
			return False
		}
	}
	return v.failure()
}

// StrictEBV returns the effective boolean value as SPARQL 1.2 has it (17.2.2 there): text in
// a language has none, and neither has an ill-typed literal.
func (v Value) StrictEBV() Truth {
	switch v.kind {
	case KindBoolean, KindString, KindInteger, KindDecimal, KindFloat, KindDouble:
		return TruthOf(v.holds())
	}
	return v.failure()
}

// EBV returns the effective boolean value of v in the version of SPARQL that is in force.
func (e *Env) EBV(v Value) Truth {
	if e.Strict {
		return v.StrictEBV()
	}
	return v.EBV()
}

// holds tells whether a boolean, a number or a string counts as true.
func (v Value) holds() bool {
	switch v.kind {
	case KindString:
		return v.text != ""
	case KindFloat, KindDouble:
		f := v.float()
		return f == f && f != 0
	}
	return v.n != 0 || v.aux == wide // what is wide is not zero
}

// failure returns the error that v is, or that it is of the wrong type.
func (v Value) failure() Truth {
	if v.kind == KindError {
		return Failed(Code(v.aux))
	}
	return Failed(TypeError)
}
