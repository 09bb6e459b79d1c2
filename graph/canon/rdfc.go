package canon

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mocban/graph"
)

// Options say how a dataset is canonicalised. The zero value is what the standard says.
type Options struct {
	Hash func() hash.Hash // nil means SHA-256

	// Work limits how many nodes are looked at where nodes can only be told apart by
	// trying; 0 means 200,000, and 50 for each blank node. Real data need a few for each
	// blank node; datasets made to be hard need more than there is time.
	Work int
}

// Canonicalize returns the quads of a dataset, each once, in the order of their lines of
// N-Quads, with the labels that RDF Dataset Canonicalization (RDFC-1.0) gives to blank
// nodes: c14n0, c14n1 and so on. Isomorphic datasets give equal quads. labels tells which
// label each label became. Blank nodes in triple terms are an error: the standard does not
// know them; so is work beyond the limit, as a [graph.LimitError].
func Canonicalize(quads []graph.Quad, o Options) (canonical []graph.Quad, labels map[string]string, err error) {
	if o.Hash == nil {
		o.Hash = sha256.New
	}
	c := canonizer{hash: o.Hash(), limit: o.Work, byLabel: map[string]int{}, named: newIssuer("c14n")}
	for _, q := range quads {
		if err := c.add(q); err != nil {
			return nil, nil, err
		}
	}
	if o.Work == 0 {
		c.limit = 200_000 + 50*len(c.nodes)
	}
	if err := c.nameAll(); err != nil {
		return nil, nil, err
	}
	labels = make(map[string]string, len(c.nodes))
	for _, n := range c.named.order {
		labels[c.nodes[n].label] = c.named.label(n)
	}
	return relabel(quads, labels), labels, nil
}

// relabel returns the quads with other labels, sorted as lines, each once.
func relabel(quads []graph.Quad, labels map[string]string) []graph.Quad {
	type line struct {
		text string
		quad graph.Quad
	}
	rename := func(t graph.Term) graph.Term {
		if t.IsBlank() {
			return graph.Blank(labels[t.Value()])
		}
		return t
	}
	lines := make([]line, len(quads))
	var b []byte
	for i, q := range quads {
		q.S, q.O, q.G = rename(q.S), rename(q.O), rename(q.G)
		b = graph.AppendQuad(b[:0], q)
		lines[i] = line{string(b), q}
	}
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(a.text, b.text) })
	out := make([]graph.Quad, 0, len(lines))
	for i, l := range lines {
		if i == 0 || l.text != lines[i-1].text {
			out = append(out, l.quad)
		}
	}
	return out
}

// canonizer is the canonicalization state (RDFC-1.0, 4.2). Nodes are numbers.
type canonizer struct {
	hash    hash.Hash
	nodes   []node
	byLabel map[string]int
	named   *issuer
	work    int
	limit   int
	buf     []byte
}

type node struct {
	label string
	quads []graph.Quad // each once
	seen  map[graph.Quad]bool
	first string // hash of first degree
}

// add notes a quad at its blank nodes.
func (c *canonizer) add(q graph.Quad) error {
	if inner, ok := q.O.Triple(); ok && (strings.Contains(q.O.Value(), "_:") && holdsBlank(inner)) {
		return &graph.QuadError{Quad: q, Detail: "RDFC-1.0 knows no blank nodes in triple terms"}
	}
	for _, t := range [...]graph.Term{q.S, q.O, q.G} {
		if !t.IsBlank() {
			continue
		}
		id, ok := c.byLabel[t.Value()]
		if !ok {
			id = len(c.nodes)
			c.byLabel[t.Value()] = id
			c.nodes = append(c.nodes, node{label: t.Value()})
		}
		n := &c.nodes[id]
		if len(n.quads) > 8 && n.seen == nil {
			n.seen = map[graph.Quad]bool{}
			for _, q := range n.quads {
				n.seen[q] = true
			}
		}
		if n.seen == nil && !slices.Contains(n.quads, q) || n.seen != nil && !n.seen[q] {
			n.quads = append(n.quads, q)
			if n.seen != nil {
				n.seen[q] = true
			}
		}
	}
	return nil
}

func holdsBlank(t graph.Triple) bool {
	inner, ok := t.O.Triple()
	return t.S.IsBlank() || t.O.IsBlank() || ok && holdsBlank(inner)
}

// nameAll is 4.4.3, steps 3 to 5.
func (c *canonizer) nameAll() error {
	byHash := map[string][]int{}
	for i := range c.nodes {
		c.nodes[i].first = c.firstDegree(i)
		byHash[c.nodes[i].first] = append(byHash[c.nodes[i].first], i)
	}
	hashes := slices.Sorted(maps.Keys(byHash))
	for _, h := range hashes {
		if nodes := byHash[h]; len(nodes) == 1 {
			c.named.issue(nodes[0])
		}
	}
	for _, h := range hashes {
		if len(byHash[h]) > 1 {
			if err := c.nameAlike(byHash[h]); err != nil {
				return err
			}
		}
	}
	return nil
}

// nameAlike names nodes of one first-degree hash (4.4.3, step 5).
func (c *canonizer) nameAlike(nodes []int) error {
	type path struct {
		hash   string
		issuer *issuer
	}
	var paths []path
	for _, n := range nodes {
		if c.named.has(n) {
			continue
		}
		temporary := newIssuer("b")
		temporary.issue(n)
		h, issued, err := c.nDegree(n, temporary)
		if err != nil {
			return err
		}
		paths = append(paths, path{h, issued})
	}
	slices.SortStableFunc(paths, func(a, b path) int { return strings.Compare(a.hash, b.hash) })
	for _, p := range paths {
		for _, n := range p.issuer.order {
			c.named.issue(n)
		}
	}
	return nil
}

func (c *canonizer) sum(b []byte) string {
	c.hash.Reset()
	c.hash.Write(b)
	return hex.EncodeToString(c.hash.Sum(nil))
}

// firstDegree is Hash First Degree Quads (4.6).
func (c *canonizer) firstDegree(n int) string {
	label := c.nodes[n].label
	mask := func(t graph.Term) graph.Term {
		switch {
		case !t.IsBlank():
			return t
		case t.Value() == label:
			return graph.Blank("a")
		}
		return graph.Blank("z")
	}
	lines := make([][]byte, 0, len(c.nodes[n].quads))
	for _, q := range c.nodes[n].quads {
		q.S, q.O, q.G = mask(q.S), mask(q.O), mask(q.G)
		lines = append(lines, append(graph.AppendQuad(nil, q), '\n'))
	}
	slices.SortFunc(lines, bytes.Compare)
	return c.sum(bytes.Join(lines, nil))
}

// related is Hash Related Blank Node (4.7).
func (c *canonizer) related(n int, q *graph.Quad, issued *issuer, position byte) string {
	b := append(c.buf[:0], position)
	if position != 'g' {
		b = append(append(append(b, '<'), q.P...), '>')
	}
	switch {
	case c.named.has(n):
		b = append(append(b, "_:"...), c.named.label(n)...)
	case issued.has(n):
		b = append(append(b, "_:"...), issued.label(n)...)
	default:
		b = append(b, c.nodes[n].first...)
	}
	c.buf = b
	return c.sum(b)
}

// nDegree is Hash N-Degree Quads (4.8).
func (c *canonizer) nDegree(n int, issued *issuer) (string, *issuer, error) {
	near := map[string][]int{}
	for i := range c.nodes[n].quads {
		q := &c.nodes[n].quads[i]
		for j, t := range [...]graph.Term{q.S, q.O, q.G} {
			if !t.IsBlank() {
				continue
			}
			if other := c.byLabel[t.Value()]; other != n {
				if err := c.spend(1); err != nil {
					return "", nil, err
				}
				h := c.related(other, q, issued, "sog"[j])
				near[h] = append(near[h], other)
			}
		}
	}
	var data []byte
	for _, h := range slices.Sorted(maps.Keys(near)) {
		path, next, err := c.bestPath(near[h], issued)
		if err != nil {
			return "", nil, err
		}
		data = append(append(data, h...), path...)
		issued = next
	}
	return c.sum(data), issued, nil
}

// bestPath tries the orders of alike nodes and returns the least path (4.8.3, step 5).
func (c *canonizer) bestPath(nodes []int, issued *issuer) (best string, chosen *issuer, err error) {
	permute(nodes, func(p []int) bool {
		var path string
		var next *issuer
		if path, next, err = c.path(p, issued, best); err != nil {
			return false
		}
		if next != nil && (best == "" || path < best) {
			best, chosen = path, next
		}
		return true
	})
	return best, chosen, err
}

// path returns the path of one order of nodes, or no issuer if it cannot be the least.
func (c *canonizer) path(nodes []int, issued *issuer, best string) (string, *issuer, error) {
	if err := c.spend(len(issued.order) / 32); err != nil {
		return "", nil, err
	}
	issued = issued.clone()
	var path []byte
	var open []int
	worse := func() bool { return best != "" && len(path) >= len(best) && string(path) > best }
	for _, n := range nodes {
		if err := c.spend(1); err != nil {
			return "", nil, err
		}
		if c.named.has(n) {
			path = append(append(path, "_:"...), c.named.label(n)...)
		} else {
			if !issued.has(n) {
				open = append(open, n)
			}
			path = append(append(path, "_:"...), issued.issue(n)...)
		}
		if worse() {
			return "", nil, nil
		}
	}
	for _, n := range open {
		h, next, err := c.nDegree(n, issued)
		if err != nil {
			return "", nil, err
		}
		path = append(append(path, "_:"...), issued.issue(n)...)
		path = append(append(append(path, '<'), h...), '>')
		issued = next
		if worse() {
			return "", nil, nil
		}
	}
	return string(path), issued, nil
}

// spend counts work that is done.
func (c *canonizer) spend(n int) error {
	if c.work += n; c.work > c.limit {
		return &graph.LimitError{Limit: "work", Max: fmt.Sprintf("%d nodes", c.limit), Where: "canonicalisation"}
	}
	return nil
}

// permute calls f with every order of nodes until it returns false. It begins with the one
// given.
func permute(nodes []int, f func([]int) bool) {
	nodes = slices.Clone(nodes)
	var from func(i int) bool
	from = func(i int) bool {
		if i >= len(nodes)-1 {
			return f(nodes)
		}
		for j := i; j < len(nodes); j++ {
			nodes[i], nodes[j] = nodes[j], nodes[i]
			if !from(i + 1) {
				return false
			}
			nodes[i], nodes[j] = nodes[j], nodes[i]
		}
		return true
	}
	from(0)
}

// An issuer gives out labels in order (4.5).
type issuer struct {
	prefix string
	number map[int]int
	order  []int
}

func newIssuer(prefix string) *issuer { return &issuer{prefix: prefix, number: map[int]int{}} }

func (i *issuer) has(n int) bool {
	_, ok := i.number[n]
	return ok
}

func (i *issuer) label(n int) string { return i.prefix + strconv.Itoa(i.number[n]) }

func (i *issuer) issue(n int) string {
	if !i.has(n) {
		i.number[n] = len(i.order)
		i.order = append(i.order, n)
	}
	return i.label(n)
}

func (i *issuer) clone() *issuer {
	return &issuer{prefix: i.prefix, number: maps.Clone(i.number), order: slices.Clone(i.order)}
}
