package graph

import (
	"cmp"
	"strings"
	"sync/atomic"
	"unique"
)

// A Kind is one of the four kinds of RDF term. Kinds are numbered in the order in which
// ORDER BY puts them (SPARQL 1.1, 15.1).
type Kind uint8

// The kinds of term. KindNone is the kind of the zero Term, which is no term at all.
const (
	KindNone Kind = iota
	KindBlank
	KindIRI
	KindLiteral
	KindTriple
)

var kindNames = [...]string{"none", "blank node", "IRI", "literal", "triple term"}

func (k Kind) String() string { return kindNames[k] }

// A Direction is the base direction of a language-tagged string (RDF 1.2 Concepts, 3.4).
type Direction uint8

// The base directions. NoDir is the direction of a literal that states none.
const (
	NoDir Direction = iota
	LTR
	RTL
)

func (d Direction) String() string { return [...]string{"", "ltr", "rtl"}[d] }

// Datatypes that the shape of a literal implies.
const (
	xsdNS         IRI = "http://www.w3.org/2001/XMLSchema#"
	xsdString         = xsdNS + "string"
	rdfNS         IRI = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	rdfLangString     = rdfNS + "langString"
	rdfDirString      = rdfNS + "dirLangString"
)

type termKind uint8

const (
	noTerm termKind = iota
	blankTerm
	iriTerm
	stringTerm // tag is empty
	langTerm   // tag is the language
	typedTerm  // tag is the datatype
	tripleTerm // text is the canonical N-Triples form of the triple
)

// A Term is an IRI, a blank node, a literal or a triple term. The zero Term is none of
// these: it stands for an unbound variable, and as a graph name for the default graph.
//
// Terms are equal under == exactly if they are the same RDF term, language tags being
// compared as they are written. A Term holds on to the memory its text is part of: who
// keeps terms of a large input clones them ([Term.Clone]).
type Term struct {
	text string
	form unique.Handle[form] // zero in the zero Term only
}

// A form is what a term is besides its text. There are few of them, so terms share them: a
// Term is three words, and is passed and compared as such.
type form struct {
	kind termKind
	dir  Direction
	tag  string
}

var (
	blankForm  = unique.Make(form{kind: blankTerm})
	iriForm    = unique.Make(form{kind: iriTerm})
	stringForm = unique.Make(form{kind: stringTerm})
	tripleForm = unique.Make(form{kind: tripleTerm})
)

// recentForms are languages and datatypes that came lately.
var recentForms [256]atomic.Pointer[recentForm]

type recentForm struct {
	form
	handle unique.Handle[form]
}

// formOf returns the form with a tag. It holds on to no memory of the tag.
func formOf(kind termKind, tag string, dir Direction) unique.Handle[form] {
	h := uint32(len(tag))
	for i := max(0, len(tag)-4); i < len(tag); i++ {
		h = h*31 + uint32(tag[i])
	}
	at := &recentForms[h%uint32(len(recentForms))]
	if f := at.Load(); f != nil && f.tag == tag && f.kind == kind && f.dir == dir {
		return f.handle
	}
	f := &recentForm{handle: unique.Make(form{kind, dir, tag})}
	f.form = f.handle.Value()
	at.Store(f)
	return f.handle
}

func (t Term) kind() termKind {
	if t.form == (unique.Handle[form]{}) {
		return noTerm
	}
	return t.form.Value().kind
}

// tag returns the language or datatype of a literal that has one.
func (t Term) tag() string {
	if t.form == (unique.Handle[form]{}) {
		return ""
	}
	return t.form.Value().tag
}

// Blank returns the blank node with a label. Labels are scoped to one store; readers of
// documents give every document labels of its own.
func Blank(label string) Term { return Term{label, blankForm} }

// String returns the plain literal text, whose datatype is xsd:string.
func String(text string) Term { return Term{text, stringForm} }

// Text returns text in a language (a BCP 47 tag, kept as written). Without a language it is
// a plain literal.
func Text(text, lang string) Term { return DirText(text, lang, NoDir) }

// DirText returns text in a language, with a base direction. Without a language it is a plain
// literal, which has no direction.
func DirText(text, lang string, dir Direction) Term {
	if lang == "" {
		return String(text)
	}
	return Term{text, formOf(langTerm, lang, dir)}
}

// Literal returns the literal with a lexical form and a datatype. The lexical form is kept
// as it is, valid for the datatype or not. An empty datatype means xsd:string.
func Literal(lexical string, datatype IRI) Term {
	if datatype == "" || datatype == xsdString {
		return String(lexical)
	}
	return Term{lexical, formOf(typedTerm, string(datatype), NoDir)}
}

// TripleTerm returns the triple as a term (RDF 1.2 Concepts, 3.1).
func TripleTerm(t Triple) Term {
	b := AppendTerm(nil, t.S)
	b = append(b, ' ')
	b = AppendTerm(b, t.P.Term())
	b = append(b, ' ')
	b = AppendTerm(b, t.O)
	return Term{string(b), tripleForm}
}

// Kind tells what the term is.
func (t Term) Kind() Kind {
	switch t.kind() {
	case noTerm:
		return KindNone
	case blankTerm:
		return KindBlank
	case iriTerm:
		return KindIRI
	case tripleTerm:
		return KindTriple
	}
	return KindLiteral
}

// IsZero tells whether t is the zero Term.
func (t Term) IsZero() bool { return t.form == (unique.Handle[form]{}) }

// IsIRI, IsBlank and IsLiteral tell what the term is.
func (t Term) IsIRI() bool     { return t.form == iriForm }
func (t Term) IsBlank() bool   { return t.form == blankForm }
func (t Term) IsLiteral() bool { k := t.kind(); return k >= stringTerm && k <= typedTerm }

// Value returns the IRI, the label of the blank node, the lexical form of the literal, or
// the canonical N-Triples form of the triple.
func (t Term) Value() string { return t.text }

// IRI returns the term as an IRI; ok tells whether it is one.
func (t Term) IRI() (iri IRI, ok bool) {
	if t.form != iriForm {
		return "", false
	}
	return IRI(t.text), true
}

// Datatype returns the datatype of a literal: rdf:langString and rdf:dirLangString for text
// in a language, xsd:string for a plain one. Other terms have none.
func (t Term) Datatype() IRI {
	switch t.kind() {
	case stringTerm:
		return xsdString
	case langTerm:
		if t.Dir() != NoDir {
			return rdfDirString
		}
		return rdfLangString
	case typedTerm:
		return IRI(t.tag())
	}
	return ""
}

// Lang returns the language tag of a literal as it was written, or "".
func (t Term) Lang() string {
	if t.kind() != langTerm {
		return ""
	}
	return t.tag()
}

// Dir returns the base direction of a literal.
func (t Term) Dir() Direction {
	if t.IsZero() {
		return NoDir
	}
	return t.form.Value().dir
}

// Triple returns the triple of a triple term; ok tells whether t is one.
func (t Term) Triple() (tr Triple, ok bool) {
	if t.form != tripleForm {
		return Triple{}, false
	}
	tr, rest, err := parseTriple(t.text)
	if err != nil || rest != "" {
		return Triple{}, false
	}
	return tr, true
}

// Clone returns an equal term that shares no memory with t.
func (t Term) Clone() Term {
	t.text = strings.Clone(t.text)
	return t
}

// String returns the term in canonical N-Triples form, and "" for the zero Term.
func (t Term) String() string { return string(AppendTerm(nil, t)) }

// Compare is a total order of terms: none, blank nodes, IRIs, plain literals, text with
// language, typed literals, triple terms, and within each by code point. Text with language
// is ordered by text, then language; typed literals by datatype, then lexical form.
// Dictionaries number terms in this order. It is not the order of values.
func Compare(a, b Term) int {
	if a.form == b.form {
		return strings.Compare(a.text, b.text)
	}
	k := a.kind()
	if c := cmp.Compare(k, b.kind()); c != 0 {
		return c
	}
	x, y := a.text, b.text
	x2, y2 := a.tag(), b.tag()
	if k == typedTerm {
		x, x2, y, y2 = x2, x, y2, y
	}
	if c := strings.Compare(x, y); c != 0 {
		return c
	}
	if c := strings.Compare(x2, y2); c != 0 {
		return c
	}
	return cmp.Compare(a.Dir(), b.Dir())
}
