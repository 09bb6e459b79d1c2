package expr

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"strconv"

	"mocban/graph"
	"mocban/sparql/expr/xsd"
)

// An Env is what a running query gives its expressions: clock, chance, base, blank nodes,
// limits. Every goroutine has one of its own; copies made before the first use share Now,
// Patterns and what the functions share.
//
// The zero Env has no chance and no blank nodes, so that RAND, UUID and BNODE fail, its NOW
// is 1970, and it resolves absolute IRIs only.
type Env struct {
	Ctx      context.Context                     // asked before costly steps; nil is never done
	Now      xsd.DateTime                        // what NOW returns
	Rand     *rand.Rand                          // for RAND, UUID and STRUUID
	Resolve  func(ref string) (graph.IRI, error) // resolves an IRI against the base of the query
	Blanks   *Blanks                             // for BNODE
	Solution uint64                              // number of the solution at hand, for BNODE with a label
	Strict   bool                                // whether EBV is that of SPARQL 1.2, see [Value.StrictEBV]
	Patterns *Patterns                           // compiled regular expressions; nil keeps the last one only

	last   *compiled
	work   int64
	failed error
}

// Err returns why the query must end: a value too large, or the context is done. Whoever
// evaluates a block of solutions asks once behind it.
func (e *Env) Err() error { return e.failed }

// tooLarge notes that a string would be longer than MaxBytes.
func (e *Env) tooLarge(where string) Value {
	if e.failed == nil {
		e.failed = &graph.LimitError{Limit: "value size", Max: "16 MiB", Where: where}
	}
	return Fail(TooLarge)
}

// workPerAsk is how much work may be done before the context is asked again, in steps of a
// regular expression or bytes hashed: a millisecond or two.
const workPerAsk = 1 << 17

// spend counts work and tells whether the query may go on.
func (e *Env) spend(steps int64) bool {
	if e.failed != nil {
		return false
	}
	e.work += steps
	if e.work < workPerAsk || e.Ctx == nil {
		return true
	}
	e.work = 0
	e.failed = e.Ctx.Err()
	return e.failed == nil
}

// Blanks makes labels of blank nodes that no other query and no stored graph uses. The
// prefix sees to that: letters and digits, drawn at random for each query and goroutine.
type Blanks struct {
	Prefix string
	Begin  func() string // makes the prefix when it is first needed, if it is not there
	n      uint64
}

// Start returns the prefix.
func (b *Blanks) Start() string {
	if b.Prefix == "" && b.Begin != nil {
		b.Prefix = b.Begin()
	}
	return b.Prefix
}

// Fresh returns a label that was never given before.
func (b *Blanks) Fresh() string {
	b.n++
	return b.Start() + "n" + strconv.FormatUint(b.n, 36)
}

// Named returns the label that stands for name in one solution: the same each time, and a
// different one for every other name and solution. Nothing is kept for that.
func (b *Blanks) Named(solution uint64, name string) string {
	sum := sha256.Sum256([]byte(name))
	return b.Start() + "s" + strconv.FormatUint(solution, 36) + "x" + hex.EncodeToString(sum[:12])
}
