package syntax

import (
	"errors"
	"strings"

	"mocban/graph"
)

// prologue reads BASE and PREFIX, and VERSION of SPARQL 1.2.
func (p *parser) prologue(q *Query) {
	for {
		switch {
		case p.acceptWord("BASE"):
			t := p.tok()
			if t.kind != iriRef {
				p.expected("an IRI in <>")
				return
			}
			p.base = p.resolve(t)
			p.advance()
		case p.acceptWord("PREFIX"):
			q.Prefixes = append(q.Prefixes, p.prefix())
		case p.acceptWord("VERSION"):
			p.versioned(p.versionSpecifier())
		default:
			q.Base, q.Version = p.base, p.version
			return
		}
		if p.err != nil {
			return
		}
	}
}

// versioned goes on by the rules of a version.
func (p *parser) versioned(version string) {
	p.version = version
	p.lexer.plainNames = Strict(version)
}

// Strict tells whether a version is one that takes back what SPARQL 1.1 allows: "1.2",
// "1.2-basic" and the like.
func Strict(version string) bool { return strings.HasPrefix(version, "1.2") }

// versionSpecifier reads a VersionSpecifier: a string in short quotes.
func (p *parser) versionSpecifier() string {
	t := p.tok()
	if t.kind != str || int(t.end-t.pos) > 5 && p.text[t.pos:t.pos+3] == strings.Repeat(p.text[t.pos:t.pos+1], 3) {
		p.expected(`a version, like "1.2",`)
		return ""
	}
	p.advance()
	return t.value
}

func (p *parser) prefix() Prefix {
	t := p.tok()
	if t.kind != pname || t.local != "" {
		p.expected("a prefix and a colon")
		return Prefix{}
	}
	p.advance()
	ref := p.tok()
	if ref.kind != iriRef {
		p.expected("an IRI in <>")
		return Prefix{}
	}
	p.advance()
	iri := p.resolve(ref)
	p.prefixes[t.value] = iri
	return Prefix{t.value, iri}
}

// resolve makes an IRI of an IRIREF.
func (p *parser) resolve(t token) graph.IRI {
	iri, err := p.base.Resolve(t.value)
	if errors.Is(err, graph.ErrRelative) {
		p.failAt(t.pos, "relative IRI <%s> and no base", shorten(t.value)).hint("begin with BASE <http://...>")
	}
	return iri
}

// isIRI tells whether an iri stands here.
func (t token) isIRI() bool { return t.kind == iriRef || t.kind == pname }

// iri reads an iri (SPARQL 1.1, 19.8 [136]).
func (p *parser) iri() graph.IRI {
	t := p.tok()
	switch t.kind {
	case iriRef:
		p.advance()
		return p.resolve(t)
	case pname:
		p.advance()
		ns, ok := p.prefixes[t.value]
		if !ok {
			e := p.failAt(t.pos, "prefix %q is not declared", shorten(t.value)+":")
			e.Found = shorten(p.text[t.pos:t.end])
			if known, ok := wellKnown[t.value]; ok {
				e.hint("add PREFIX %s: <%s>", t.value, known)
			}
		}
		return ns + graph.IRI(t.local)
	}
	p.expected("an IRI")
	return ""
}

// wellKnown are prefixes that hints explain.
var wellKnown = map[string]graph.IRI{
	"bf":      "http://id.loc.gov/ontologies/bibframe/",
	"bflc":    "http://id.loc.gov/ontologies/bflc/",
	"dcterms": "http://purl.org/dc/terms/",
	"foaf":    "http://xmlns.com/foaf/0.1/",
	"madsrdf": "http://www.loc.gov/mads/rdf/v1#",
	"owl":     "http://www.w3.org/2002/07/owl#",
	"rdf":     "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
	"rdfs":    "http://www.w3.org/2000/01/rdf-schema#",
	"schema":  "http://schema.org/",
	"skos":    "http://www.w3.org/2004/02/skos/core#",
	"xsd":     "http://www.w3.org/2001/XMLSchema#",
}
