// Package shacl judges RDF by shapes: SHACL Core (W3C Recommendation of 20 July 2017,
// sections 2 to 4), with shapes that are compiled once and run over many small graphs, such
// as the quads of one record after mapping.
//
//	shapes in RDF -> Compile -> Shapes -> NewRun -> Validate(quads) -> Report
//
// What to hold in mind:
//
//   - Terms are numbered. The terms that shapes name have their numbers from compilation, so
//     a run compares numbers, and looks at a term only where its text or value counts.
//   - A run is reused: its tables grow to the largest graph it has seen. Results are valid
//     until it judges the next one.
//   - The data are one graph; the names of graphs in quads are not looked at. Subclasses are
//     those that the data state (SHACL, 1.1).
//   - Shapes that lead to themselves (SHACL, 3.4.3) end where they would judge the same node
//     a second time, which then counts as conforming.
//   - Shapes and data may be foreign: what a run may cost is bounded, and it returns an error
//     rather than an answer that is cut short.
//   - Values are compared as SPARQL compares them, patterns are those of XPath.
package shacl

import (
	"errors"
	"fmt"
	"slices"

	"mocban/graph"
)

// ErrTooDeep tells that shapes lead one another through the data too deeply, and ErrTooLong
// that judging took more steps than [Run.MaxSteps].
var (
	ErrTooDeep = errors.New("shapes lead to one another more than 1000 deep")
	ErrTooLong = errors.New("judging takes too many steps")
)

const maxDepth = 1000

// A ShapeError tells what is wrong with a shape. Shapes that are ill-formed are not used at
// all (SHACL, 3.4.1: a failure).
type ShapeError struct {
	Shape    graph.Term
	Property graph.IRI // the one whose value is wrong, or ""
	Err      error
}

func (e *ShapeError) Error() string {
	if e.Property == "" {
		return fmt.Sprintf("shape %s: %v", short(e.Shape), e.Err)
	}
	return fmt.Sprintf("shape %s: %s: %v", short(e.Shape), short(e.Property.Term()), e.Err)
}

func (e *ShapeError) Unwrap() error { return e.Err }

// Shapes are compiled shapes. Any number of goroutines may use them, each with a [Run] of its
// own.
type Shapes struct {
	base     data // the terms that shapes name
	shapes   []*shape
	inverse  bool // some path goes backwards
	nodes    []pair
	classes  targets
	subjects targets
	objects  targets
	typ, sub node // rdf:type, rdfs:subClassOf
	ignored  []string
}

// Len returns how many shapes are in use: those with targets and those that they lead to.
func (s *Shapes) Len() int { return len(s.shapes) }

// Ignored tells what stands at shapes and is no part of SHACL Core: sh:sparql, sh:js, sh:rule.
func (s *Shapes) Ignored() []string { return s.ignored }

// A shape is a node shape, or a property shape if it has a path.
type shape struct {
	node        graph.Term
	number      int
	path        *path
	severity    graph.IRI
	messages    []graph.Term
	fields      []string
	deactivated bool
	nests       bool // some constraint leads to other shapes
	constraints []constraint
}

// A constraint is one constraint of a shape, ready to be checked.
type constraint interface {
	// check reports the values that break it. Values is a set; for a node shape it is the
	// focus node alone.
	check(r *Run, s *shape, focus node, values []node)

	// say tells in Vietnamese and English what is asked for.
	say() (vi, en string)
}

// targets are the shapes that a class or property is a target of, by its number.
type targets [][]*shape

// of returns the shapes of a class or property.
func (t targets) of(n node) []*shape {
	if int(n) >= len(t) {
		return nil
	}
	return t[n]
}

// add adds a shape, once.
func (t *targets) add(n node, s *shape) {
	for int(n) >= len(*t) {
		*t = append(*t, nil)
	}
	if !slices.Contains((*t)[n], s) {
		(*t)[n] = append((*t)[n], s)
	}
}

// A pair is a shape and a node that it judges.
type pair struct {
	shape *shape
	node  node
}
