// Package resource reads what a store says of one thing: the statements about it with all
// that hangs on its blank nodes, the statements that point at it, and the labels of what it
// is tied to. HTML, Turtle, JSON-LD and the rest are views of it.
//
//	          contribution       agent
//	 work ---------------> _:c --------> Nguyễn Du     out: the closure of parts
//	  ^                     |   role
//	  | instanceOf          +----------> aut
//	instance                                           in: what points at the thing
//
// A part is a node that means nothing without the thing it hangs on: a blank node, or an
// IRI that is the thing's or the record's with a fragment.
//
// What to hold in mind:
//
//   - A resource is one read and one batch of labels. How many calls the read is depends on
//     how many parts the thing has, and not on how many things it is tied to; a label is one
//     scan of one row, and terms are never fetched one by one.
//   - Rows stay IDs until the end; terms come in batches.
//   - What points at a thing can be a million statements, so it comes in pages.
package resource

import (
	"slices"
	"strings"
	"time"

	"mocban/graph"
	"mocban/graph/text/vi"
)

// A Resource is one thing as the store describes it.
type Resource struct {
	Thing   graph.Term
	Version graph.Version
	Time    time.Time // of the version

	// Root is the thing with its parts.
	Root *Node

	// In are the statements that point at the thing, from the place Offset on, and Total is
	// how many there are; parts that point at it are followed to what they are parts of.
	In     []Link
	Total  uint64
	Offset int

	// Near are other things with their parts: those that [Options.Near] asked for.
	Near []*Node

	// Many tells that Graphs leaves some out.
	Many bool

	rows   []graph.Row // of Root, In and Near, in that order, each group sorted
	outEnd int         // where the rows of Root end
	inEnd  int
	terms  terms
	labels map[graph.Term][]fact
	brief  map[graph.Term][]fact
	graphs []graph.ID

	subjects []graph.ID
}

// A Node is a thing or part with its properties, in the order of predicate IDs.
type Node struct {
	Term  graph.Term
	Props []Prop
}

// A Prop is a property of a node with its values.
type Prop struct {
	IRI    graph.IRI
	Values []Value
}

// A Value is a term, and what is known of it if it is a part.
type Value struct {
	Term graph.Term
	Part *Node
}

// A Link is a thing that points at the resource by a path of properties: one, or more where
// parts stand between. Parts are those that stand between.
type Link struct {
	From graph.Term
	Path []graph.IRI
	Part *Node // the part next to From, if there is one
}

// Values returns the values of a property.
func (n *Node) Values(p graph.IRI) []Value {
	if n != nil {
		for i := range n.Props {
			if n.Props[i].IRI == p {
				return n.Props[i].Values
			}
		}
	}
	return nil
}

// Value returns the first value of a property, or the zero Term.
func (n *Node) Value(p graph.IRI) graph.Term {
	if vs := n.Values(p); len(vs) > 0 {
		return vs[0].Term
	}
	return graph.Term{}
}

// Has tells whether a property has a value.
func (n *Node) Has(p graph.IRI, value graph.Term) bool {
	for _, v := range n.Values(p) {
		if v.Term == value {
			return true
		}
	}
	return false
}

// A fact is a predicate and an object.
type fact struct {
	p graph.IRI
	o graph.Term
}

// Labels returns the labels of a term by the first of [Options.Labels] that it has.
func (r *Resource) Labels(t graph.Term) (texts []graph.Term) {
	all := r.labels[t]
	for i := range all {
		if all[i].p == all[0].p {
			texts = append(texts, all[i].o)
		}
	}
	return texts
}

// LabelsOf returns the labels of a term by one predicate.
func (r *Resource) LabelsOf(t graph.Term, p graph.IRI) (texts []graph.Term) {
	for _, x := range r.labels[t] {
		if x.p == p {
			texts = append(texts, x.o)
		}
	}
	return texts
}

// Label returns the label of a term that serves a reader of a language best, see [Best]. ok
// is false if it has none.
func (r *Resource) Label(t graph.Term, lang string) (label graph.Term, ok bool) {
	return Best(r.Labels(t), lang)
}

// Best returns the text that serves a reader of a language best: in the language itself, in
// none, in Vietnamese, in Latin script, in any.
func Best(labels []graph.Term, lang string) (best graph.Term, ok bool) {
	score := -1
	for _, l := range labels {
		s := Rank(l, lang)
		if s > score || s == score && graph.Compare(l, best) < 0 {
			best, score = l, s
		}
	}
	return best, score >= 0
}

// Rank tells how well a text serves a reader of a language; higher is better.
func Rank(text graph.Term, lang string) int {
	switch tag := text.Lang(); {
	case strings.ContainsFunc(text.Value(), vi.IsHan):
		return 0
	case strings.EqualFold(tag, lang):
		return 5
	case tag == "" && code(text.Value()):
		return 1
	case tag == "":
		return 4
	case strings.EqualFold(tag, "vi"):
		return 3
	case strings.HasSuffix(tag, "-Latn"):
		return 2
	}
	return 1
}

// code tells whether a text is a code for programs and no name, such as VN-TVQG: capitals
// and digits with hyphens between.
func code(s string) bool {
	return strings.Contains(s, "-") && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z')
	})
}

// Brief returns the values that a thing has of a predicate of [Options.Brief].
func (r *Resource) Brief(t graph.Term, p graph.IRI) (values []graph.Term) {
	for _, x := range r.brief[t] {
		if x.p == p && !slices.Contains(values, x.o) {
			values = append(values, x.o)
		}
	}
	return values
}

// Graphs returns the named graphs that the statements about the thing stand in, sorted.
func (r *Resource) Graphs() (graphs []graph.Term) {
	for _, id := range r.graphs {
		graphs = append(graphs, r.terms.at(id))
	}
	slices.SortFunc(graphs, graph.Compare)
	return graphs
}

// Subjects returns the things that a record describes, itself left out.
func (r *Resource) Subjects() (things []graph.Term) {
	for _, id := range r.subjects {
		things = append(things, r.terms.at(id))
	}
	return things
}

// Quads returns the statements, with their graphs if [Options.Quads] asked for them: those about the thing, subject by subject, then those that
// point at it, then the labels of what it is tied to. A statement that stands in several
// graphs comes once for each.
func (r *Resource) Quads() []graph.Quad {
	quads := make([]graph.Quad, 0, len(r.rows))
	for _, row := range r.rows {
		p, _ := r.terms.at(row[graph.PosP]).IRI()
		quads = append(quads, graph.Quad{
			S: r.terms.at(row[graph.PosS]),
			P: p,
			O: r.terms.at(row[graph.PosO]),
			G: r.terms.at(row[graph.PosG]),
		})
	}
	return quads
}

// Own returns the statements about the thing alone, or all of the record.
func (r *Resource) Own() []graph.Quad { return r.Quads()[:r.outEnd] }

// Triples returns the statements as quads of no graph, each once.
func (r *Resource) Triples() []graph.Quad {
	quads := make([]graph.Quad, 0, len(r.rows))
	var last graph.Row
	for i, row := range r.rows {
		row[graph.PosG] = graph.None
		if i > 0 && row == last {
			continue // the copies of a triple come one after the other
		}
		last = row
		p, _ := r.terms.at(row[graph.PosP]).IRI()
		quads = append(quads, graph.Quad{S: r.terms.at(row[graph.PosS]), P: p, O: r.terms.at(row[graph.PosO])})
	}
	return quads
}
