package regex

import (
	"strings"
	"sync"
	"unicode"

	"mocban/sparql/expr/xsd"
)

// The classes of XSD 1.1 part 2, G.4.2.5.
var (
	spaces = set{{'\t', '\n'}, {'\r', '\r'}, {' ', ' '}}

	digits = sync.OnceValue(func() set { return fromTable(unicode.Nd) })

	// What is neither punctuation, separator nor "other", which includes what is unassigned.
	words = sync.OnceValue(func() set {
		return union(fromTable(unicode.L), fromTable(unicode.M), fromTable(unicode.N), fromTable(unicode.S))
	})

	nameStart = sync.OnceValue(func() set { return spansOf(xsd.NameStart) })
	nameChar  = sync.OnceValue(func() set { return union(spansOf(xsd.NameStart), spansOf(xsd.NameMore)) })

	anything = everything
	noBreak  = set{{'\n', '\n'}, {'\r', '\r'}}.not()
)

func spansOf(ranges []xsd.Range) set {
	var s set
	for _, r := range ranges {
		s = append(s, span{r.Low, r.High})
	}
	return tidy(s)
}

// escaped returns the class of a multi-character escape such as \d, and how Go writes it if
// that is shorter than its spans; ok is false if c is none.
func escaped(c rune) (s set, inGo string, ok bool) {
	switch unicode.ToLower(c) {
	case 's':
		s = spaces
	case 'i':
		s = nameStart()
	case 'c':
		s = nameChar()
	case 'd':
		s, inGo = digits(), pick(c == 'd', `\p{Nd}`, `\P{Nd}`)
	case 'w':
		s, inGo = words(), pick(c == 'w', `[\p{L}\p{M}\p{N}\p{S}]`, `[^\p{L}\p{M}\p{N}\p{S}]`)
	default:
		return nil, "", false
	}
	if c < 'a' {
		s = s.not()
	}
	return s, inGo, true
}

// categories holds the sets of categories that were asked for, by name.
var categories sync.Map

func category(name string, table *unicode.RangeTable) set {
	if s, ok := categories.Load(name); ok {
		return s.(set)
	}
	s, _ := categories.LoadOrStore(name, fromTable(table))
	return s.(set)
}

// property returns the characters of a category or block of Unicode, named as in \p{...}
// (XSD 1.1 part 2, G.4.2.2, G.4.2.3); ok is false if there is none of that name.
func property(name string) (s set, ok bool) {
	if block, isBlock := strings.CutPrefix(name, "Is"); isBlock {
		s, ok = blocks[block]
		return s, ok
	}
	switch {
	case name == "C": // which Go has without what is unassigned
		return union(words(), fromTable(unicode.P), fromTable(unicode.Z)).not(), true
	case len(name) > 2 || name == "Cs" || name == "LC":
		return nil, false
	}
	table, ok := unicode.Categories[name]
	if !ok {
		return nil, false
	}
	return category(name, table), true
}
