package regex

import (
	"testing"
	"unicode/utf8"
)

// An oracle matches by trying everything, straight from the tree that was parsed. It gives
// up when it has tried too much.
type oracle struct {
	text  []rune
	tries int
}

// match calls then with every place where n can end that begins at a place, in the order of
// preference, until then is true.
func (o *oracle) match(n *node, at int, then func(at int) bool) bool {
	if o.tries--; o.tries < 0 {
		return false
	}
	switch n.kind {
	case charNode:
		return at < len(o.text) && o.text[at] == n.char && then(at+1)
	case classNode:
		return at < len(o.text) && inSet(n.class, o.text[at]) && then(at+1)
	case startNode:
		return (at == 0 || n.lazy && o.text[at-1] == '\n') && then(at)
	case endNode:
		return (at == len(o.text) || n.lazy && o.text[at] == '\n') && then(at)
	case groupNode, bareNode:
		return o.match(n.subs[0], at, then)
	case branches:
		for _, sub := range n.subs {
			if o.match(sub, at, then) {
				return true
			}
		}
		return false
	case repetition:
		return o.repeat(n, 0, at, then)
	}
	return o.sequence(n.subs, at, then)
}

func (o *oracle) sequence(subs []*node, at int, then func(int) bool) bool {
	if len(subs) == 0 {
		return then(at)
	}
	return o.match(subs[0], at, func(at int) bool { return o.sequence(subs[1:], at, then) })
}

func (o *oracle) repeat(n *node, done, at int, then func(int) bool) bool {
	more := func() bool {
		return (n.max < 0 || done < n.max) && o.match(n.subs[0], at, func(next int) bool {
			if next == at && n.max < 0 && done >= n.min {
				return then(at) // a round that takes nothing is the last one
			}
			return o.repeat(n, done+1, next, then)
		})
	}
	if done < n.min {
		return more()
	}
	if n.lazy {
		return then(at) || more()
	}
	return more() || then(at)
}

func inSet(s set, r rune) bool {
	for _, x := range s {
		if r >= x.low && r <= x.high {
			return true
		}
	}
	return false
}

// find returns the first match at or behind a place.
func (o *oracle) find(n *node, from int) (start, end int, ok bool) {
	for start := from; start <= len(o.text); start++ {
		if o.match(n, start, func(at int) bool { end = at; return true }) {
			return start, end, true
		}
	}
	return 0, 0, false
}

// Whatever compiles matches what its tree says, and replaces the same way in long texts as
// in short ones.
func FuzzRegex(f *testing.F) {
	for _, c := range [][3]string{
		{"^Kaum.*gesehen,$", "m", "Kaum hat\nKaum hat dies der Hahn gesehen,\nFängt"}, {"[a-z-[aeiou]]+?", "i", "AbraCadabra"}, {`(\i\c*|\d{2,3})*x`, "", "ab12x"}, {"a||b", "s", "b"}, {`\p{Lu}\P{IsBasicLatin}`, "x", "Đệ"}, {"B. OBAMA", "iq", "Mr. B. Obama"}, {"(a*)*b{0,2}$", "", "aabbb"}, {"(^|,)x", "", ",x,x"}, {"x$|^y", "m", "x\ny\nx"},
	} {
		f.Add(c[0], c[1], c[2])
	}
	f.Fuzz(func(t *testing.T, pattern, flagText, text string) {
		r, err := Compile(pattern, flagText)
		if err != nil || !utf8.ValidString(text) || len(text) > 200 {
			return
		}
		fl, _ := parseFlags(flagText)
		tree, _, _ := parse(pattern, fl)
		o := &oracle{text: []rune(text), tries: 20_000}
		start, end, want := o.find(tree, 0)
		if o.tries < 0 {
			return
		}
		if got := r.Match(text); got != want {
			t.Fatalf("/%s/%s matches %q: %v", pattern, flagText, text, got)
		}
		if loc := r.program().FindStringIndex(text); want && (loc[0] != len(string(o.text[:start])) || loc[1] != len(string(o.text[:end]))) {
			t.Fatalf("/%s/%s matches %q at %v, not at characters %d to %d", pattern, flagText, text, loc, start, end)
		}
		if r.MatchesEmpty() {
			return
		}
		tmpl, _ := r.Template("<$1>")
		all, err := r.Replace(text, tmpl, 1<<20, func(int64) bool { return true })
		if one := replaceOneByOne(r, text, tmpl); err != nil || one != all {
			t.Fatalf("/%s/%s replaced in %q is %q at once and %q one by one", pattern, flagText, text, all, one)
		}
	})
}
