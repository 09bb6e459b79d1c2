package exec

import (
	"context"
	"strings"

	"mocban/graph"
	"mocban/sparql/plan"
	"mocban/vocab/xsd"

	values "mocban/sparql/expr/xsd"
)

// hitBytes is what a hit takes while it is made a row, about, beside its name.
const hitBytes = 200

// newText makes rows of what a search found. Things that the snapshot does not know are left
// out, since the index may be ahead of it or behind.
func newText(ctx context.Context, r *Run, n *plan.TextHits) (*valuesOp, error) {
	things := make([]graph.Term, len(n.Hits))
	for i, h := range n.Hits {
		if err := r.account.grow(hitBytes+int64(len(h.Name)), n.Label()); err != nil {
			return nil, err
		}
		things[i] = h.Thing
	}
	ids := make([]graph.ID, len(things))
	if err := r.snap.IDs(ctx, things, ids); err != nil {
		return nil, err
	}
	o := &valuesOp{r: r, bound: true}
	o.rows.clear(len(n.Cols))
	for i, h := range n.Hits {
		if n.Text.Limit > 0 && o.len == n.Text.Limit {
			break
		}
		if ids[i] == graph.None || !n.Text.Thing.IsVar() && n.Text.Thing.Term != h.Thing {
			continue
		}
		name := graph.String(h.Name)
		if n.Text.Property != "" || n.Text.Lang != "" {
			if err := r.check(ctx, n.Label()); err != nil {
				return nil, err
			}
			var ok bool
			var err error
			if name, ok, err = r.named(ctx, ids[i], n, h.Name); err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
		}
		made := [3]graph.ID{ids[i]}
		terms := [2]graph.Term{graph.Literal(string(values.AppendDouble(nil, h.Score)), xsd.Double), name}
		if err := r.dict.intern(ctx, terms[:], made[1:]); err != nil {
			return nil, err
		}
		for c, col := range n.Cols {
			at := 2
			switch col.Var {
			case n.Text.Thing.Var:
				at = 0
			case n.Text.Score:
				at = 1
			}
			o.rows[c] = append(o.rows[c], made[at])
		}
		o.len++
	}
	return o, nil
}

// named returns the name that matched as the store has it, if it stands under the property
// and in the language of the search.
func (r *Run) named(ctx context.Context, thing graph.ID, n *plan.TextHits, name string) (found graph.Term, ok bool, err error) {
	p := graph.Pattern{S: thing, Union: true}
	if n.Text.Property != "" {
		property := [1]graph.Term{n.Text.Property.Term()}
		var id [1]graph.ID
		if err := r.snap.IDs(ctx, property[:], id[:]); err != nil || id[0] == graph.None {
			return found, false, err
		}
		p.P = id[0]
	}
	c, err := r.snap.Scan(ctx, p, graph.SPO, graph.Cols(graph.PosO))
	if err != nil {
		return found, false, err
	}
	defer c.Close()
	var b graph.Block
	var terms []graph.Term
	for c.Next(&b) {
		objects := b.Cols[graph.PosO]
		terms = append(terms[:0], make([]graph.Term, len(objects))...)
		if err := r.snap.Terms(ctx, objects, terms); err != nil {
			return found, false, err
		}
		for _, t := range terms {
			if t.IsLiteral() && t.Value() == name && (n.Text.Lang == "" || inRange(t.Lang(), n.Text.Lang)) {
				return t, true, nil
			}
		}
	}
	return found, false, c.Err()
}

// inRange tells whether a language is in a range (RFC 4647, 3.3.1).
func inRange(lang, want string) bool {
	if want == "*" {
		return lang != ""
	}
	return len(lang) >= len(want) && strings.EqualFold(lang[:len(want)], want) && (len(lang) == len(want) || lang[len(want)] == '-')
}
