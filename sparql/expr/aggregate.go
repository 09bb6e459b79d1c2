package expr

import (
	"strings"

	"mocban/graph"
)

// A SetFunction is one of those that make one value of a group (SPARQL 1.1, 18.5.1).
type SetFunction uint8

// The set functions.
const (
	Count SetFunction = iota
	Sum
	Avg
	Min
	Max
	Sample
	GroupConcat
)

func (f SetFunction) String() string {
	return [...]string{"COUNT", "SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT"}[f]
}

// An Account is asked before memory is taken that grows with the data; its error ends the
// query.
type Account interface {
	Grow(bytes int64) error
}

// An Aggregate is a set function with its parameters, for all groups of a query.
//
// An error among the values, and an unbound variable is one, is the result of SUM, AVG and
// GROUP_CONCAT, and of MIN, since it comes first in the order of ORDER BY. COUNT, MAX and
// SAMPLE pass it over.
type Aggregate struct {
	Func      SetFunction
	Distinct  bool
	Separator string  // of GROUP_CONCAT; a space is what the standard takes for none
	Account   Account // nil: memory is not counted
}

// A State is what an aggregate knows of one group. The zero State is that of an empty group.
type State struct {
	n      int64 // values added
	value  Value // sum, least, greatest, sample, or the error
	failed bool
	text   []byte
	seen   map[graph.Term]struct{}
}

// Sizes of what is kept, about.
const (
	bytesPerTerm  = 96 // in a map, beside the text
	firstTextSize = 32
)

// Add adds a value to a group. The error is one of a limit: it ends the query.
func (a *Aggregate) Add(s *State, v Value) error {
	if a.Distinct && v.kind != KindError {
		if known, err := a.known(s, v); known || err != nil {
			return err
		}
	}
	switch {
	case s.failed:
		return nil
	case a.Func == Count:
		if v.kind != KindError {
			s.n++
		}
		return nil
	case v.kind == KindError:
		if a.Func != Max && a.Func != Sample {
			s.fail(v)
		}
		return nil
	}
	s.n++
	switch a.Func {
	case Sum, Avg:
		a.sum(s, v)
	case Sample:
		if s.n == 1 {
			return a.keep(s, v)
		}
	case Min:
		if s.n == 1 || Order(v, s.value) < 0 {
			return a.keep(s, v)
		}
	case Max:
		if s.n == 1 || Order(v, s.value) > 0 {
			return a.keep(s, v)
		}
	case GroupConcat:
		return a.concat(s, v)
	}
	return nil
}

// AddID adds the value that an ID holds; ok is false if it holds none, so that the term must
// be fetched and added. COUNT needs no terms but for Distinct.
func (a *Aggregate) AddID(s *State, id graph.ID) (ok bool, err error) {
	if a.Func == Count && !a.Distinct {
		if id != graph.None {
			s.n++
		}
		return true, nil
	}
	v, ok := FromID(id)
	if !ok {
		return false, nil
	}
	return true, a.Add(s, v)
}

// Any tells whether a value was added, or an error.
func (s *State) Any() bool { return s.n > 0 || s.failed }

// AddRows counts solutions without a look at them, as COUNT(*) does.
func (a *Aggregate) AddRows(s *State, rows int) { s.n += int64(rows) }

// Result returns the value of a group.
func (a *Aggregate) Result(s *State) Value {
	switch {
	case s.failed:
		return s.value
	case a.Func == Count:
		return Integer(s.n)
	case a.Func == GroupConcat:
		return String(string(s.text))
	case s.n == 0 && (a.Func == Sum || a.Func == Avg):
		return Integer(0)
	case a.Func == Avg:
		return Div(s.value, Integer(s.n))
	}
	return s.value // which is unbound for a group without values
}

// fail makes an error the result.
func (s *State) fail(v Value) {
	*s = State{failed: true, value: v, n: s.n}
}

// known notes a term and tells whether it was there before.
func (a *Aggregate) known(s *State, v Value) (bool, error) {
	t, _ := v.Term()
	if _, known := s.seen[t]; known {
		return true, nil
	}
	if err := a.grow(int64(len(t.Value()) + bytesPerTerm)); err != nil {
		return false, err
	}
	if s.seen == nil {
		s.seen = map[graph.Term]struct{}{}
	}
	s.seen[t.Clone()] = struct{}{}
	return false, nil
}

func (a *Aggregate) grow(bytes int64) error {
	if a.Account == nil {
		return nil
	}
	return a.Account.Grow(bytes)
}

// sum adds as the operator + does, one value after the other, beginning with the integer 0.
func (a *Aggregate) sum(s *State, v Value) {
	if s.n == 1 {
		s.value = Integer(0)
	}
	if !v.IsNumeric() {
		s.fail(Fail(TypeError))
		return
	}
	if s.value = Add(s.value, v); s.value.kind == KindError {
		s.failed = true
	}
}

// keep makes v the value of the group. Its text is copied, so that it does not hold on to
// the block of texts that it was read with.
func (a *Aggregate) keep(s *State, v Value) error {
	if more := len(v.text) - len(s.value.text); more > 0 {
		if err := a.grow(int64(more)); err != nil {
			return err
		}
	}
	v.text = strings.Clone(v.text)
	v.tag = strings.Clone(v.tag)
	s.value = v
	return nil
}

// concat appends the text of a literal or an IRI. The result is an xsd:string whatever the
// languages (W3C tests agg-groupconcat-04 to -06).
func (a *Aggregate) concat(s *State, v Value) error {
	if !v.IsLiteral() && v.kind != KindIRI {
		s.fail(Fail(TypeError))
		return nil
	}
	var buf [40]byte
	text := v.text
	if text == "" {
		text = string(v.appendLexical(buf[:0]))
	}
	size := len(s.text) + len(text)
	if s.n > 1 {
		size += len(a.Separator)
	}
	if size > MaxBytes {
		return &graph.LimitError{Limit: "value size", Max: "16 MiB", Where: "GROUP_CONCAT"}
	}
	if size > cap(s.text) {
		more := max(size, 2*cap(s.text), firstTextSize)
		if err := a.grow(int64(more - cap(s.text))); err != nil {
			return err
		}
		s.text = append(make([]byte, 0, more), s.text...)
	}
	if s.n > 1 {
		s.text = append(s.text, a.Separator...)
	}
	s.text = append(s.text, text...)
	return nil
}
