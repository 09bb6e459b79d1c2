package ontology

import (
	"fmt"

	"mocban/graph"
	"mocban/vocab/codes"
	"mocban/vocab/mocban"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// A Named thing is a class, a property or a thing of the Library of Congress, and what it is
// called.
type Named struct {
	IRI    graph.IRI
	Above  graph.IRI // the class above a class, the class of a thing; "" for none
	En, Vi string
}

// Classes, Properties and Things return what the tables in terms name.
func Classes() ([]Named, error)    { return terms("terms/classes.tsv") }
func Properties() ([]Named, error) { return terms("terms/properties.tsv") }
func Things() ([]Named, error)     { return terms("terms/named.tsv") }

func terms(file string) ([]Named, error) {
	t, err := read(file, "term", "above", "en", "vi")
	if err != nil {
		return nil, err
	}
	var all []Named
	for i := range t.Rows {
		r := &t.Rows[i]
		term, err := ParseTerm(r.Cell("term"))
		if err != nil {
			return nil, r.Error("term", err)
		}
		n := Named{En: r.Cell("en"), Vi: r.Cell("vi")}
		n.IRI, _ = term.IRI()
		if above := r.Cell("above"); above != "" {
			if n.Above, err = Expand(above); err != nil {
				return nil, r.Error("above", err)
			}
		}
		if n.En == "" || n.Vi == "" {
			return nil, r.Error("vi", fmt.Errorf("%s must have a name in both languages", r.Cell("term")))
		}
		all = append(all, n)
	}
	return all, nil
}

// Vocabulary returns what codes, classes and properties are called, in Vietnamese and
// English, as quads of the graph [mocban.Vocabulary]. A store holds them once, so records
// name a code by its IRI and nothing else.
func Vocabulary() ([]graph.Quad, error) {
	v := &vocabulary{seen: map[graph.Quad]bool{}}
	for _, l := range codes.Lists {
		for i := range l.Codes {
			c := &l.Codes[i]
			v.name(c.IRI, l.Class, c.En, c.Vi)
		}
	}
	for _, list := range []struct {
		read  func() ([]Named, error)
		class graph.IRI
		above graph.IRI
	}{
		{Classes, rdfs.Class, rdfs.SubClassOf},
		{Properties, rdf.Property, ""},
		{Things, "", rdf.Type},
	} {
		named, err := list.read()
		if err != nil {
			return nil, err
		}
		for _, n := range named {
			v.name(n.IRI, list.class, n.En, n.Vi)
			v.add(n.IRI, list.above, n.Above.Term())
		}
	}
	return v.quads, nil
}

type vocabulary struct {
	quads []graph.Quad
	seen  map[graph.Quad]bool
}

func (v *vocabulary) name(iri, class graph.IRI, en, vi string) {
	v.add(iri, rdf.Type, class.Term())
	v.add(iri, rdfs.Label, graph.Text(en, "en"))
	if vi != "" {
		v.add(iri, rdfs.Label, graph.Text(vi, "vi"))
	}
}

// add adds a quad once, and none without property or value.
func (v *vocabulary) add(s, p graph.IRI, o graph.Term) {
	q := graph.Quad{S: s.Term(), P: p, O: o, G: mocban.Vocabulary.Term()}
	if p == "" || o.Value() == "" || v.seen[q] {
		return
	}
	v.seen[q] = true
	v.quads = append(v.quads, q)
}
