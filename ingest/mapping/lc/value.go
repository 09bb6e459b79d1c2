package lc

import (
	"fmt"
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ontology"
)

// A value says how a row makes a value of subfields.
type value struct {
	node   bool // a node instead
	own0   bool // called by the $0 that follows the subfield
	stem   graph.IRI
	fixed  graph.Term
	plain  bool // in no language
	how    string
	punct  punct
	say    string // what stands in front
	join   bool   // of all subfields, with blanks between
	delim  bool   // with semicolons
	one    bool   // of the first subfield, and "" where there is none
	first  bool   // of the first subfield only
	some   bool   // only if there is something
	typed  graph.IRI
	paired pairing
}

// A pairing says whether a row takes the linked 880 along.
type pairing byte

const (
	alone     pairing = iota
	paired            // after each subfield, those of the linked ones that have a number
	pairedAny         // those without number too
	pairedSix         // if the field has a $6 itself
	beside            // like paired, but all of them after all of the field
	alternate         // the linked ones only, if the field has a $6 with a number
)

// parse reads the column value: words with blanks between, of which the last is the way.
//
//	=term         a fixed term
//	node          a node; node own0: called by the $0 that follows the subfield;
//	              node code:lc:x/: by the subfield behind this beginning
//	text          the subfield as it is, in the language of the field
//	chop          without the marks of ISBD
//	space         with single blanks
//	key           the whole field in one line
//	iri           an IRI; iri:lc:x/ what begins it
//
// Words before it: plain (no language), type:xsd:duration (a datatype), join, delim, one,
// first, some, say:"…", end:… (the marks that chop takes), parens, force, and paired, beside,
// pairedany, pairedsix, alternate.
func (v *value) parse(cell string) error {
	v.punct = usual
	if text, ok := strings.CutPrefix(cell, "="); ok {
		t, err := ontology.ParseTerm(text)
		v.how, v.fixed = "fixed", t
		return err
	}
	if cell == "" {
		return fmt.Errorf("it is missing")
	}
	for _, word := range words(cell) {
		if err := v.word(word); err != nil {
			return err
		}
	}
	if v.how == "" && !v.node {
		return fmt.Errorf("%q does not say how to make a value: text, chop, space, key, iri or node", cell)
	}
	return nil
}

// words takes a cell apart at its blanks, but not inside quotes.
func words(s string) (all []string) {
	var b strings.Builder
	quoted := false
	for _, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ' ' && !quoted:
			all = append(all, b.String())
			b.Reset()
		default:
			b.WriteRune(r)
		}
	}
	return append(all, b.String())
}

func (v *value) word(word string) (err error) {
	name, arg, _ := strings.Cut(word, ":")
	switch name {
	case "text", "chop", "space", "key":
		v.how = name
	case "iri":
		v.how = name
		if arg != "" {
			v.stem, err = expandStem(arg)
		}
	case "node":
		v.node = true
	case "own0":
		v.own0 = true
	case "code":
		v.stem, err = expandStem(arg)
	case "plain":
		v.plain = true
	case "pairedlang":
		v.paired = paired
	case "type":
		v.typed, err = ontology.Expand(arg)
	case "join":
		v.join = true
	case "delim":
		v.delim = true
	case "one":
		v.one = true
	case "first":
		v.first = true
	case "some":
		v.some = true
	case "say":
		v.say = arg
	case "end":
		v.punct.end = arg
	case "parens":
		v.punct.parens = true
	case "force":
		v.punct.force = true
	case "paired":
		v.paired = paired
	case "beside":
		v.paired = beside
	case "pairedany":
		v.paired = pairedAny
	case "pairedsix":
		v.paired = pairedSix
	case "alternate":
		v.paired = alternate
	default:
		return fmt.Errorf("%q is no way to make a value", word)
	}
	return err
}

// expandStem reads what begins an IRI: <…>, or a prefixed name.
func expandStem(s string) (graph.IRI, error) {
	t, err := ontology.ParseTerm(s)
	iri, _ := t.IRI()
	return iri, err
}

// identity returns what a node is called, or nothing for a blank one.
func (v *value) identity(c *run, f *field, at int) graph.Term {
	switch {
	case v.own0:
		if iri := ownURI(f, at); iri != "" {
			return c.ref(iri)
		}
	case v.stem != "":
		return graph.IRI(string(v.stem) + encode(space(f.subs[at].Value))).Term()
	}
	return graph.Term{}
}

// each calls do with each value that a row makes of a field.
func (v *value) each(c *run, f *field, o *op, at int, do func(graph.Term)) {
	switch {
	case v.how == "fixed":
		do(v.fixed)
		return
	case v.how == "key":
		do(graph.String(f.key()))
		return
	case v.paired == alternate:
		v.alternates(c, f, o, do)
		return
	case v.join, v.delim:
		v.joined(c, f, o, do)
		return
	case v.one:
		v.put(c, f, f.sub(o.subs[0]), do)
		return
	case o.current:
		v.put(c, f, f.subs[at].Value, do)
		v.partners(c, f, string(f.subs[at].Code), do)
		return
	}
	for i := range f.subs {
		if strings.IndexByte(o.subs, f.subs[i].Code) < 0 {
			continue
		}
		v.put(c, f, f.subs[i].Value, do)
		v.partners(c, f, string(f.subs[i].Code), do)
		if v.first {
			return
		}
	}
	if v.paired == beside {
		v.all(c, f, o.subs, do)
	}
}

func (v *value) joined(c *run, f *field, o *op, do func(graph.Term)) {
	if v.join {
		v.put(c, f, join(f.subs, o.subs, true), do)
		return
	}
	var texts []string
	for i := range f.subs {
		if strings.IndexByte(o.subs, f.subs[i].Code) >= 0 {
			texts = append(texts, f.subs[i].Value)
		}
	}
	v.put(c, f, delimited(texts, ";"), do)
}

// put makes a value of a text, in the language of a field.
func (v *value) put(c *run, f *field, s string, do func(graph.Term)) {
	lang := ""
	if !v.plain {
		lang = c.lang(f)
	}
	v.tagged(c, s, lang, &v.punct, do)
}

func (v *value) tagged(c *run, s, lang string, p *punct, do func(graph.Term)) {
	switch v.how {
	case "chop":
		s = chopWith(s, p)
	case "space":
		s = space(s)
	case "iri":
		if v.stem != "" {
			s = string(v.stem) + s
		}
		do(c.ref(s))
		return
	}
	switch {
	case v.some && s == "":
	case v.typed != "":
		do(graph.Literal(s, v.typed))
	default:
		do(graph.Text(v.say+s, lang))
	}
}

// partners adds what the linked 880 fields say in the same subfield.
func (v *value) partners(c *run, f *field, code string, do func(graph.Term)) {
	if v.paired != alone && v.paired != beside && (v.paired != pairedSix || f.occurrence != "") {
		v.all(c, f, code, do)
	}
}

// all adds what the linked 880 fields say in subfields.
func (v *value) all(c *run, f *field, codes string, do func(graph.Term)) {
	p := v.punct
	if v.paired == pairedSix {
		p.end = ":;,/="
	}
	c.referenced(f, func(l *field) {
		if (v.paired == paired || v.paired == beside) && strings.Contains(l.six, "-00") {
			return
		}
		for i := range l.subs {
			if strings.IndexByte(codes, l.subs[i].Code) >= 0 {
				v.tagged(c, l.subs[i].Value, c.lang(l), &p, do)
			}
		}
	})
}

// alternates says what the linked 880 fields say instead of the field.
func (v *value) alternates(c *run, f *field, o *op, do func(graph.Term)) {
	if f.six == "" || strings.Contains(f.six, "-00") {
		return
	}
	var subs []marc.Subfield
	lang := ""
	c.referenced(f, func(l *field) {
		if !v.join {
			for i := range l.subs {
				if strings.IndexByte(o.subs, l.subs[i].Code) >= 0 {
					v.tagged(c, l.subs[i].Value, c.lang(l), &v.punct, do)
				}
			}
			return
		}
		lang += c.lang(l)
		subs = append(subs, l.subs...)
	})
	if v.join {
		v.tagged(c, join(subs, o.subs, true), lang, &v.punct, do)
	}
}
