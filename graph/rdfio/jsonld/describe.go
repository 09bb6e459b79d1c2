package jsonld

import (
	"fmt"
	"io"

	"mocban/graph"
	"mocban/graph/rdfio/tree"
)

// Describe writes what quads say about a thing as one object, which begins with the context,
// "@id" and "@type". Other nodes stand where they are first spoken of, with what is said of
// them; those that nothing leads to from the thing follow in "@included". Graphs are left
// out.
func Describe(w io.Writer, about graph.Term, quads []graph.Quad, c *Context) error {
	p := printer{names: newNames(c), embed: true, written: map[graph.Term]bool{}}
	triples := make([]graph.Quad, len(quads))
	for i := range quads {
		if err := p.check(&quads[i]); err != nil {
			return err
		}
		triples[i] = quads[i]
		triples[i].G = graph.Term{}
	}
	p.tree = new(tree.Graph)
	if graphs := tree.Arrange(triples, tree.Options{Label: []graph.Term{about}, Typed: true}); len(graphs) > 0 {
		p.tree = graphs[0]
	}
	root := p.tree.Node(about)
	if root == nil {
		root = &tree.Node{Subject: about}
	}
	body := p.body(func() { p.object(root, true, 0) })
	var rest []byte
	for _, n := range p.tree.Nodes {
		if !p.written[n.Subject] {
			if rest != nil {
				rest = append(rest, ',')
			}
			rest = append(rest, p.body(func() { p.line(2); p.object(n, !p.tree.Unnamed(n), 2) })...)
		}
	}
	if p.err != nil {
		return p.err
	}
	out := []byte{'{'}
	if context := p.context(false); context != nil {
		out = append(append(append(out, "\n  \"@context\":"...), context...), ',')
	}
	out = append(out, body[1:]...)
	if rest != nil {
		out = append(out[:len(out)-2], ",\n  \"@included\":["...)
		out = append(append(out, rest...), "\n  ]\n}"...)
	}
	if _, err := w.Write(append(out, '\n')); err != nil {
		return fmt.Errorf("write RDF: %w", err)
	}
	return nil
}
