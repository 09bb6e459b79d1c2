package random

import (
	"math/rand/v2"

	"mocban/sparql/syntax"
)

// Shuffle puts the triples of each basic graph pattern of a query into another order. The query
// asks the same.
func Shuffle(r *rand.Rand, q *syntax.Query) { shuffleSelect(r, &q.Select) }

func shuffleSelect(r *rand.Rand, s *syntax.Select) {
	if s.Where != nil {
		shuffleGroup(r, s.Where)
	}
}

func shuffleGroup(r *rand.Rand, g *syntax.Group) {
	for _, e := range g.Elements {
		switch e := e.(type) {
		case *syntax.TriplesBlock:
			r.Shuffle(len(e.Triples), func(i, k int) { e.Triples[i], e.Triples[k] = e.Triples[k], e.Triples[i] })
		case *syntax.Group:
			shuffleGroup(r, e)
		case *syntax.Optional:
			shuffleGroup(r, e.Group)
		case *syntax.Minus:
			shuffleGroup(r, e.Group)
		case *syntax.GraphGroup:
			shuffleGroup(r, e.Group)
		case *syntax.Union:
			for _, part := range e.Groups {
				shuffleGroup(r, part)
			}
		case *syntax.SubSelect:
			shuffleSelect(r, &e.Select)
		}
	}
}
