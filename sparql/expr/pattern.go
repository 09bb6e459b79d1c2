package expr

import (
	"errors"
	"sync"

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

// pattern returns the regular expression for a text, or why it cannot be used.
func (e *Env) pattern(text, pattern, flags Value) (r *regex.Regex, failure Code, ok bool) {
	if !text.IsText() || !pattern.simple() || !flags.simple() {
		return nil, TypeError, false
	}
	if r = e.compiled(pattern.text, flags.text).regex; r == nil {
		return nil, InvalidPattern, false
	}
	if r.Steps(len(text.text)) > MaxSteps {
		return nil, TooCostly, false
	}
	return r, 0, true
}

// flagsOf returns the argument that holds the flags, if it is there.
func flagsOf(args []Value) Value {
	if len(args) == 0 {
		return String("")
	}
	return args[0]
}

// matches is REGEX (SPARQL 1.1, 17.4.3.14).
func matches(env *Env, args []Value) Value {
	return Regex(env, args[0], args[1], flagsOf(args[2:])).Value()
}

// Regex is the function REGEX as a condition; flags is the empty string where there are
// none.
func Regex(env *Env, text, pattern, flags Value) Truth {
	for _, v := range []*Value{&text, &pattern, &flags} {
		if v.kind == KindError {
			return v.failure()
		}
	}
	r, failure, ok := env.pattern(text, pattern, flags)
	switch {
	case !ok:
		return Failed(failure)
	case !env.spend(r.Steps(len(text.text))):
		return Failed(Stopped)
	}
	return TruthOf(r.Match(text.text))
}

// replace is REPLACE (SPARQL 1.1, 17.4.3.15).
func replace(env *Env, args []Value) Value {
	r, failure, ok := env.pattern(args[0], args[1], flagsOf(args[3:]))
	switch {
	case !ok:
		return Fail(failure)
	case !args[2].simple():
		return Fail(TypeError)
	case r.MatchesEmpty():
		return Fail(InvalidPattern)
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
