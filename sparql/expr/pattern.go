package expr

import (
	"errors"
	"fmt"
	"sync"

	"mocban/graph"
	"mocban/sparql/expr/regex"
)

// MaxSteps is the most steps that matching one text by a regular expression may take, as
// [regex.Regex.Steps] counts them: some tenths of a second.
const MaxSteps = 5_000_000

// Patterns keeps compiled regular expressions, for all queries of a store. Any number of
// goroutines may use it. The zero Patterns is ready.
type Patterns struct {
	mu          sync.Mutex
	young, old  map[patternKey]*compiled
	youngWeight int
}

// maxWeight is how much the young generation holds before it becomes the old one, in
// instructions and the like: some ten megabytes.
const maxWeight = 100_000

type patternKey struct{ pattern, flags string }

type compiled struct {
	patternKey
	regex *regex.Regex // nil if it is no regular expression
}

// get returns the compiled form of a pattern.
func (p *Patterns) get(key patternKey) *compiled {
	p.mu.Lock()
	c := p.young[key]
	if c == nil {
		c = p.old[key]
	}
	p.mu.Unlock()
	if c != nil {
		return c
	}
	c = compile(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.young == nil || p.youngWeight > maxWeight {
		p.old, p.young, p.youngWeight = p.young, map[patternKey]*compiled{}, 0
	}
	p.young[key] = c
	p.youngWeight += 100 + len(key.pattern)
	if c.regex != nil {
		p.youngWeight += c.regex.Size()
	}
	return c
}

func compile(key patternKey) *compiled {
	r, err := regex.Compile(key.pattern, key.flags)
	if err != nil {
		r = nil
	}
	return &compiled{key, r}
}

// compiled returns the compiled form of a pattern, most often that of the last call.
func (e *Env) compiled(pattern, flags string) *compiled {
	key := patternKey{pattern, flags}
	if e.last == nil || e.last.patternKey != key {
		if e.Patterns != nil {
			e.last = e.Patterns.get(key)
		} else {
			e.last = compile(key)
		}
	}
	return e.last
}

// tooCostly notes that a text takes more than MaxSteps. The query ends: a row that is left out
// because nobody looked would make its answer a short one.
func (e *Env) tooCostly(n int, name string) Code {
	if e.failed == nil {
		e.failed = &graph.LimitError{Limit: "regular expression", Max: fmt.Sprintf("%d steps", MaxSteps), Where: fmt.Sprintf("%s of a text of %d kB", name, n/1000)}
	}
	return TooCostly
}

// match tells whether a pattern matches a text.
func (e *Env) match(text, pattern, flags string) Truth {
	r := e.compiled(pattern, flags).regex
	if r == nil {
		return Failed(InvalidPattern)
	}
	if r.Steps(len(text)) > MaxSteps {
		n, possible := r.Reach(text)
		switch {
		case !possible:
			return False
		case r.Steps(n) > MaxSteps:
			return Failed(e.tooCostly(len(text), "REGEX"))
		}
	}
	switch {
	case !e.spend(r.Steps(len(text))):
		return Failed(Stopped)
	}
	return TruthOf(r.Match(text))
}

// matches is REGEX (SPARQL 1.1, 17.4.3.14).
func matches(env *Env, args []Value) Value {
	flags, ok := flagsOf(args[2:])
	if !ok || !args[0].IsText() || !args[1].simple() {
		return Fail(TypeError)
	}
	return env.match(args[0].text, args[1].text, flags).Value()
}

// flagsOf returns the flags of a regular expression, if the argument is there.
func flagsOf(args []Value) (flags string, ok bool) {
	if len(args) == 0 {
		return "", true
	}
	return args[0].text, args[0].simple()
}

// replace is REPLACE (SPARQL 1.1, 17.4.3.15).
func replace(env *Env, args []Value) Value {
	flags, ok := flagsOf(args[3:])
	if !ok || !args[0].IsText() || !args[1].simple() || !args[2].simple() {
		return Fail(TypeError)
	}
	r := env.compiled(args[1].text, flags).regex
	switch {
	case r == nil, r.MatchesEmpty():
		return Fail(InvalidPattern)
	case r.Steps(len(args[0].text)) > MaxSteps:
		return Fail(env.tooCostly(len(args[0].text), "REPLACE"))
	}
	template, err := r.Template(args[2].text)
	if err != nil {
		return Fail(InvalidArgument)
	}
	text, err := r.Replace(args[0].text, template, MaxBytes, env.spend)
	switch {
	case errors.Is(err, regex.ErrTooLong):
		return env.tooLarge("REPLACE")
	case err != nil:
		return Fail(Stopped)
	}
	return args[0].like(text)
}
