package expr

import (
	"strings"

	"mocban/graph"
	"mocban/sparql/expr/xsd"
)

// A Function is one that expressions can call. Its arguments are values: what evaluates
// its arguments itself is no Function but a form, such as [If] and [Coalesce].
type Function struct {
	Name     string // keyword in capitals, or IRI
	Min, Max int    // arguments; Max is -1 for any number

	// Volatile functions may give another result each time they are called, so they are
	// called for every solution. Now marks NOW, which is constant for one query only.
	Volatile bool
	Now      bool

	call func(env *Env, args []Value) Value
}

// Call returns the value for arguments, of which one that is an error is the result. Their
// number must be one that the function takes.
func (f *Function) Call(env *Env, args ...Value) Value {
	for i := range args {
		if args[i].kind == KindError {
			return args[i]
		}
	}
	return f.call(env, args)
}

// Takes tells whether the function can be called with a number of arguments.
func (f *Function) Takes(args int) bool {
	return args >= f.Min && (args <= f.Max || f.Max < 0)
}

// Builtin returns the function with a keyword, in any case (SPARQL 1.1, 19.8: BuiltInCall;
// SPARQL 1.2). The forms BOUND, IF, COALESCE and EXISTS are not among them.
func Builtin(keyword string) (f *Function, ok bool) {
	f, ok = builtins[strings.ToUpper(keyword)]
	return f, ok
}

// Named returns the function with an IRI: the constructor functions of the datatypes (SPARQL
// 1.1, 17.5).
func Named(iri graph.IRI) (f *Function, ok bool) {
	t := xsd.TypeOf(iri)
	if t == xsd.NoType {
		return nil, false
	}
	return casts[t], true
}

// Functions returns all functions, those with a keyword first, by name.
func Functions() []*Function {
	all := make([]*Function, 0, len(library)+len(casts))
	for i := range library {
		all = append(all, &library[i])
	}
	for _, t := range xsd.Types() {
		all = append(all, casts[t])
	}
	return all
}

var builtins = func() map[string]*Function {
	m := make(map[string]*Function, len(library))
	for i := range library {
		m[library[i].Name] = &library[i]
	}
	return m
}()

// one, two and three make functions of what needs no environment.
func one(f func(v Value) Value) func(*Env, []Value) Value {
	return func(_ *Env, args []Value) Value { return f(args[0]) }
}

func two(f func(a, b Value) Value) func(*Env, []Value) Value {
	return func(_ *Env, args []Value) Value { return f(args[0], args[1]) }
}

func three(f func(a, b, c Value) Value) func(*Env, []Value) Value {
	return func(_ *Env, args []Value) Value { return f(args[0], args[1], args[2]) }
}

// test makes a function of a question about a value.
func test(f func(v Value) bool) func(*Env, []Value) Value {
	return func(_ *Env, args []Value) Value { return Bool(f(args[0])) }
}

// library holds the functions with a keyword, by name.
var library = []Function{
	{Name: "ABS", Min: 1, Max: 1, call: one(abs)},
	{Name: "BNODE", Min: 0, Max: 1, call: bnode, Volatile: true},
	{Name: "CEIL", Min: 1, Max: 1, call: one(ceil)},
	{Name: "CONCAT", Min: 0, Max: -1, call: concat},
	{Name: "CONTAINS", Min: 2, Max: 2, call: two(contains)},
	{Name: "DATATYPE", Min: 1, Max: 1, call: one(datatype)},
	{Name: "DAY", Min: 1, Max: 1, call: one(day)},
	{Name: "ENCODE_FOR_URI", Min: 1, Max: 1, call: encodeForURI},
	{Name: "FLOOR", Min: 1, Max: 1, call: one(floor)},
	{Name: "HASLANG", Min: 1, Max: 1, call: test(func(v Value) bool { return v.kind == KindLang })},
	{Name: "HASLANGDIR", Min: 1, Max: 1, call: test(func(v Value) bool { return v.kind == KindLang && v.aux != 0 })},
	{Name: "HOURS", Min: 1, Max: 1, call: one(hours)},
	{Name: "IRI", Min: 1, Max: 1, call: iri},
	{Name: "ISBLANK", Min: 1, Max: 1, call: test(func(v Value) bool { return v.kind == KindBlank })},
	{Name: "ISIRI", Min: 1, Max: 1, call: test(func(v Value) bool { return v.kind == KindIRI })},
	{Name: "ISLITERAL", Min: 1, Max: 1, call: test(Value.IsLiteral)},
	{Name: "ISNUMERIC", Min: 1, Max: 1, call: test(Value.IsNumeric)},
	{Name: "ISTRIPLE", Min: 1, Max: 1, call: test(func(v Value) bool { return v.kind == KindTriple })},
	{Name: "ISURI", Min: 1, Max: 1, call: test(func(v Value) bool { return v.kind == KindIRI })},
	{Name: "LANG", Min: 1, Max: 1, call: one(lang)},
	{Name: "LANGDIR", Min: 1, Max: 1, call: one(langDir)},
	{Name: "LANGMATCHES", Min: 2, Max: 2, call: two(langMatches)},
	{Name: "LCASE", Min: 1, Max: 1, call: lcase},
	{Name: "MD5", Min: 1, Max: 1, call: md5Hash},
	{Name: "MINUTES", Min: 1, Max: 1, call: one(minutes)},
	{Name: "MONTH", Min: 1, Max: 1, call: one(month)},
	{Name: "NOW", Min: 0, Max: 0, call: now, Now: true},
	{Name: "OBJECT", Min: 1, Max: 1, call: one(object)},
	{Name: "PREDICATE", Min: 1, Max: 1, call: one(predicate)},
	{Name: "RAND", Min: 0, Max: 0, call: random, Volatile: true},
	{Name: "REGEX", Min: 2, Max: 3, call: matches},
	{Name: "REPLACE", Min: 3, Max: 4, call: replace},
	{Name: "ROUND", Min: 1, Max: 1, call: one(round)},
	{Name: "SAMETERM", Min: 2, Max: 2, call: two(func(a, b Value) Value { return SameTerm(a, b).Value() })},
	{Name: "SECONDS", Min: 1, Max: 1, call: one(seconds)},
	{Name: "SHA1", Min: 1, Max: 1, call: sha1Hash},
	{Name: "SHA256", Min: 1, Max: 1, call: sha256Hash},
	{Name: "SHA384", Min: 1, Max: 1, call: sha384Hash},
	{Name: "SHA512", Min: 1, Max: 1, call: sha512Hash},
	{Name: "STR", Min: 1, Max: 1, call: one(str)},
	{Name: "STRAFTER", Min: 2, Max: 2, call: two(strAfter)},
	{Name: "STRBEFORE", Min: 2, Max: 2, call: two(strBefore)},
	{Name: "STRDT", Min: 2, Max: 2, call: two(strDT)},
	{Name: "STRENDS", Min: 2, Max: 2, call: two(strEnds)},
	{Name: "STRLANG", Min: 2, Max: 2, call: two(strLang)},
	{Name: "STRLANGDIR", Min: 3, Max: 3, call: three(strLangDir)},
	{Name: "STRLEN", Min: 1, Max: 1, call: one(strLen)},
	{Name: "STRSTARTS", Min: 2, Max: 2, call: two(strStarts)},
	{Name: "STRUUID", Min: 0, Max: 0, call: strUUID, Volatile: true},
	{Name: "SUBJECT", Min: 1, Max: 1, call: one(subject)},
	{Name: "SUBSTR", Min: 2, Max: 3, call: substr},
	{Name: "TIMEZONE", Min: 1, Max: 1, call: one(timezone)},
	{Name: "TRIPLE", Min: 3, Max: 3, call: triple},
	{Name: "TZ", Min: 1, Max: 1, call: one(tz)},
	{Name: "UCASE", Min: 1, Max: 1, call: ucase},
	{Name: "URI", Min: 1, Max: 1, call: iri},
	{Name: "UUID", Min: 0, Max: 0, call: uuid, Volatile: true},
	{Name: "YEAR", Min: 1, Max: 1, call: one(year)},
}

// casts holds the constructor functions, by type.
var casts = func() (m [xsd.TypeEnd]*Function) {
	for _, t := range xsd.Types() {
		m[t] = &Function{Name: string(t.IRI()), Min: 1, Max: 1, call: one(func(v Value) Value { return Cast(v, t) })}
	}
	return m
}()

// If is the form IF (SPARQL 1.1, 17.4.1.2): only the branch that the condition picks is
// asked for.
func If(condition Truth, then, otherwise func() Value) Value {
	switch condition {
	case True:
		return then()
	case False:
		return otherwise()
	}
	return condition.Value()
}

// Coalesce is the form COALESCE (SPARQL 1.1, 17.4.1.3): the first argument that is no error.
// Arguments are asked for in turn until there is one; the last error is the result if there
// is none.
func Coalesce(args int, arg func(i int) Value) Value {
	v := Fail(InvalidArgument)
	for i := range args {
		if v = arg(i); v.kind != KindError {
			break
		}
	}
	return v
}
