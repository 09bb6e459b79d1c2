package text

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"mocban/graph"
)

// format numbers the terms and their layout. It goes up when either changes, also by a
// change of package vi; indexes of other numbers are built anew.
//
//	1  first
const format = 1

// Options say what an index holds. Changing any of Names, Types and Identifiers makes the
// next [Index.CatchUp] build it anew.
type Options struct {
	// Names are the predicates whose literals are names. There must be one.
	Names []Name

	// Types are the classes of things that can be found, and that are counted. None means
	// that every named thing can be found, whatever its classes.
	Types []graph.IRI

	// Identifiers are predicates whose literals and IRIs find a named thing when they are
	// typed whole. Punctuation and case make no difference, and an ISBN is found by its 10
	// and by its 13 digits.
	Identifiers []graph.IRI

	// Batch is how many documents are written at once; 0 means 4,000.
	Batch int

	// Interval is how long Follow waits before it looks for changes; 0 means a second.
	Interval time.Duration

	// Progress, if not nil, is called after every batch, by one goroutine at a time.
	Progress func(Progress)
}

// A Name is a predicate whose objects are names.
type Name struct {
	Predicate graph.IRI

	// Weight tells how much it counts that a whole name was typed: 1 for the names that
	// things are shown by, less for variants. 0 means 1.
	Weight float64
}

// Progress tells how far an index has come.
type Progress struct {
	Version graph.Version // that it is catching up with
	Rebuild string        // why the index is built anew, or "" if it is not
	Things  uint64        // written so far
}

func (o *Options) check() error {
	if len(o.Names) == 0 {
		return errors.New("search index: no predicate of names is given")
	}
	for _, n := range o.Names {
		if n.Predicate == "" || !(n.Weight >= 0 && n.Weight <= 1e6) {
			return fmt.Errorf("search index: name %q has weight %v; a weight is a number from 0 to 1,000,000", n.Predicate, n.Weight)
		}
	}
	if len(o.classes()) > 200 {
		return errors.New("search index: names have more than 200 different weights")
	}
	return nil
}

// classes returns the different weights of names, the highest first. Names are marked by
// their place in it.
func (o *Options) classes() []float64 {
	var ws []float64
	for _, n := range o.Names {
		ws = append(ws, n.weight())
	}
	slices.Sort(ws)
	slices.Reverse(ws)
	return slices.Compact(ws)
}

func (n Name) weight() float64 {
	if n.Weight == 0 {
		return 1
	}
	return n.Weight
}

func (o *Options) batch() int {
	if o.Batch <= 0 {
		return 4000
	}
	return o.Batch
}

func (o *Options) interval() time.Duration {
	if o.Interval <= 0 {
		return time.Second
	}
	return o.Interval
}

func (o *Options) workers() int { return runtime.GOMAXPROCS(0) }

// fingerprint is equal for options that give equal indexes.
func (o *Options) fingerprint() string {
	text, err := json.Marshal(struct {
		Names              []Name
		Types, Identifiers []graph.IRI
	}{o.Names, o.Types, o.Identifiers})
	if err != nil {
		panic(fmt.Sprintf("search options do not marshal: %v", err))
	}
	return string(text)
}
