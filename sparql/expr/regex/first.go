package regex

import "unicode/utf8"

// A first holds the characters with which every match begins, so that most texts that do not
// match need not be given to the program.
type first struct {
	anchored bool // and that at the start of the text
	ascii    [utf8.RuneSelf]bool
	other    set
}

// maxFirst is the greatest number of spans of the characters beyond ASCII that are worth
// looking through.
const maxFirst = 8

// firstOf returns what every match of a pattern begins with, or nil if that tells little. A
// pattern with an anchor somewhere has to see the whole text, so nothing may be cut off
// before it.
func firstOf(tree *node) *first {
	s, empty := tree.first()
	if empty {
		return nil
	}
	f := &first{anchored: tree.startsAnchored()}
	if !f.anchored && tree.anchors() {
		return nil
	}
	many := 0
	for r := range f.ascii {
		if f.ascii[r] = s.holds(rune(r)); f.ascii[r] {
			many++
		}
	}
	f.other = s.minus(set{{0, utf8.RuneSelf - 1}})
	if many > utf8.RuneSelf/2 || len(f.other) > maxFirst {
		return nil
	}
	return f
}

func (f *first) holds(r rune) bool {
	if r < utf8.RuneSelf {
		return f.ascii[r]
	}
	return f.other.holds(r)
}

// cut returns the text from where the first match can begin; ok is false if there is none.
func (f *first) cut(text string) (rest string, ok bool) {
	if f.anchored {
		r, _ := utf8.DecodeRuneInString(text)
		return text, text != "" && f.holds(r)
	}
	for i, r := range text {
		if f.holds(r) {
			return text[i:], true
		}
	}
	return "", false
}

// first returns the characters with which a match of n can begin, and whether it can be
// empty.
func (n *node) first() (s set, empty bool) {
	switch n.kind {
	case charNode:
		return one(n.char), false
	case classNode:
		return n.class, false
	case startNode, endNode:
		return nil, true
	case groupNode, bareNode:
		return n.subs[0].first()
	case repetition:
		s, empty = n.subs[0].first()
		return s, empty || n.min == 0
	case branches:
		for _, sub := range n.subs {
			t, e := sub.first()
			s, empty = union(s, t), empty || e
		}
		return s, empty
	}
	for _, sub := range n.subs {
		t, e := sub.first()
		s = union(s, t)
		if !e {
			return s, false
		}
	}
	return s, true
}

// startsAnchored tells whether every match begins at the start of the text.
func (n *node) startsAnchored() bool {
	switch n.kind {
	case startNode:
		return !n.lazy
	case groupNode, bareNode:
		return n.subs[0].startsAnchored()
	case sequence:
		return len(n.subs) > 0 && n.subs[0].startsAnchored()
	case branches:
		for _, sub := range n.subs {
			if !sub.startsAnchored() {
				return false
			}
		}
		return true
	}
	return false
}

// anchors tells whether the pattern asks anywhere what stands before it.
func (n *node) anchors() bool {
	if n.kind == startNode {
		return true
	}
	for _, sub := range n.subs {
		if sub.anchors() {
			return true
		}
	}
	return false
}
