package expr

import (
	"strings"

	"mocban/graph"
	rdf "mocban/vocab/rdf"
	names "mocban/vocab/xsd"
)

// Functions on RDF terms (SPARQL 1.1, 17.4.2; SPARQL 1.2, 17.4.2 and 17.4.6).

// simple tells whether v is an xsd:string, which some functions ask for where others take
// text in a language too.
func (v Value) simple() bool { return v.kind == KindString }

func str(v Value) Value {
	if v.IsLiteral() || v.kind == KindIRI {
		return String(v.Lexical())
	}
	return Fail(TypeError)
}

func lang(v Value) Value {
	if !v.IsLiteral() {
		return Fail(TypeError)
	}
	return String(v.Lang())
}

func langDir(v Value) Value {
	if !v.IsLiteral() {
		return Fail(TypeError)
	}
	return String(v.Dir().String())
}

func datatype(v Value) Value {
	if !v.IsLiteral() {
		return Fail(TypeError)
	}
	return IRI(string(v.Datatype()))
}

// langMatches is basic filtering (RFC 4647, 3.3.1): the range is the tag, or ends where a
// subtag of it ends.
func langMatches(tag, ranges Value) Value {
	if !tag.simple() || !ranges.simple() {
		return Fail(TypeError)
	}
	return Bool(LangMatches(tag.text, ranges.text))
}

// LangMatches tells whether a language tag matches a basic language range, such as "vi",
// "zh-Hant" or "*" (RFC 4647, 3.3.1). Without a tag nothing matches.
func LangMatches(tag, ranges string) bool {
	n := len(ranges)
	switch {
	case tag == "" || n == 0 || len(tag) < n && ranges != "*":
		return false
	case ranges == "*":
		return true
	}
	return strings.EqualFold(tag[:n], ranges) && (len(tag) == n || tag[n] == '-')
}

func iri(env *Env, args []Value) Value {
	v := args[0]
	switch {
	case v.kind == KindIRI:
		return v
	case !v.simple():
		return Fail(TypeError)
	}
	resolved := graph.IRI(v.text)
	if env.Resolve != nil {
		var err error
		if resolved, err = env.Resolve(v.text); err != nil {
			return Fail(InvalidArgument)
		}
	}
	if !absolute(string(resolved)) {
		return Fail(InvalidArgument)
	}
	return IRI(string(resolved))
}

// absolute tells whether s begins with a scheme and holds no character that an IRI cannot
// have (SPARQL 1.1, 19.8: IRIREF).
func absolute(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || strings.IndexByte("<>\"{}|^`\\", c) >= 0 {
			return false
		}
	}
	scheme, _, found := strings.Cut(s, ":")
	for i := range len(scheme) {
		c := scheme[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return found && scheme != ""
}

func bnode(env *Env, args []Value) Value {
	switch {
	case env.Blanks == nil:
		return Fail(InvalidArgument)
	case len(args) == 0:
		return Blank(env.Blanks.Fresh())
	case !args[0].simple():
		return Fail(TypeError)
	}
	return Blank(env.Blanks.Named(env.Solution, args[0].text))
}

func strDT(text, datatype Value) Value {
	dt := graph.IRI(datatype.text)
	switch {
	case !text.simple() || datatype.kind != KindIRI:
		return Fail(TypeError)
	case dt == rdf.LangString || dt == rdf.DirLangString:
		return Fail(InvalidArgument)
	case dt == names.String:
		return String(text.text)
	}
	return literal(text.text, dt)
}

func strLang(text, tag Value) Value {
	switch {
	case !text.simple() || !tag.simple():
		return Fail(TypeError)
	case !isLangTag(tag.text):
		return Fail(InvalidArgument)
	}
	return Text(text.text, tag.text)
}

func strLangDir(text, tag, direction Value) Value {
	if !direction.simple() {
		return Fail(TypeError)
	}
	v := strLang(text, tag)
	switch {
	case v.kind == KindError:
		return v
	case direction.text == "ltr":
		return DirText(v.text, v.tag, graph.LTR)
	case direction.text == "rtl":
		return DirText(v.text, v.tag, graph.RTL)
	}
	return Fail(InvalidArgument)
}

// isLangTag tells whether s has the form in which SPARQL writes language tags (SPARQL 1.1,
// 19.8: LANGTAG).
func isLangTag(s string) bool {
	for i, tag := range strings.Split(s, "-") {
		for _, c := range []byte(tag) {
			letter := c|0x20 >= 'a' && c|0x20 <= 'z'
			if !letter && (i == 0 || c < '0' || c > '9') {
				return false
			}
		}
		if tag == "" {
			return false
		}
	}
	return true
}

// uuid and strUUID give UUIDs of version 4 (RFC 9562, 5.4).
func uuid(env *Env, args []Value) Value {
	v := strUUID(env, args)
	if v.kind == KindError {
		return v
	}
	return IRI("urn:uuid:" + v.text)
}

func strUUID(env *Env, _ []Value) Value {
	if env.Rand == nil {
		return Fail(InvalidArgument)
	}
	const digits = "0123456789abcdef"
	high, low := env.Rand.Uint64(), env.Rand.Uint64()
	high = high&^(0xf<<12) | 4<<12 // version
	low = low&^(3<<62) | 2<<62     // variant
	var b [36]byte
	at := 0
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			b[at] = '-'
			at++
		}
		b[at] = digits[high>>60]
		at++
		high = high<<4 | low>>60
		low <<= 4
	}
	return String(string(b[:]))
}

func triple(env *Env, args []Value) Value {
	s, p, o := args[0], args[1], args[2]
	if s.kind != KindIRI && s.kind != KindBlank || p.kind != KindIRI {
		return Fail(TypeError)
	}
	subject, _ := s.Term()
	object, _ := o.Term()
	t := graph.TripleTerm(graph.Triple{S: subject, P: graph.IRI(p.text), O: object})
	if len(t.Value()) > MaxBytes {
		return env.tooLarge("TRIPLE")
	}
	return Value{kind: KindTriple, text: t.Value()}
}

func subject(v Value) Value {
	if v.kind != KindTriple {
		return Fail(TypeError)
	}
	t, _ := v.triple()
	return FromTerm(t.S)
}

func predicate(v Value) Value {
	if v.kind != KindTriple {
		return Fail(TypeError)
	}
	t, _ := v.triple()
	return IRI(string(t.P))
}

func object(v Value) Value {
	if v.kind != KindTriple {
		return Fail(TypeError)
	}
	t, _ := v.triple()
	return FromTerm(t.O)
}
