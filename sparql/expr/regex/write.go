package regex

import "strconv"

// write writes the pattern for Go.
func (n *node) write(b []byte) []byte {
	switch n.kind {
	case charNode:
		return appendRune(b, n.char)
	case classNode:
		if n.inGo != "" {
			return append(b, n.inGo...)
		}
		return n.class.append(b)
	case startNode:
		return append(b, pick(n.lazy, `(?m:^)`, `\A`)...)
	case endNode:
		return append(b, pick(n.lazy, `(?m:$)`, `\z`)...)
	case groupNode:
		return append(n.subs[0].write(append(b, '(')), ')')
	case branches:
		b = append(b, `(?:`...)
		for i, sub := range n.subs {
			if i > 0 {
				b = append(b, '|')
			}
			b = sub.write(b)
		}
		return append(b, ')')
	case repetition:
		return n.writeRepetition(b)
	}
	b = append(b, `(?:`...)
	for _, sub := range n.subs {
		b = sub.write(b)
	}
	return append(b, ')')
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

func (n *node) writeRepetition(b []byte) []byte {
	b = append(n.subs[0].write(append(b, `(?:`...)), `){`...)
	b = strconv.AppendInt(b, int64(n.min), 10)
	b = append(b, ',')
	if n.max >= 0 {
		b = strconv.AppendInt(b, int64(n.max), 10)
	}
	b = append(b, '}')
	if n.lazy {
		b = append(b, '?')
	}
	return b
}

// size returns about how many instructions the pattern becomes, and at least MaxSize+1 if
// that is more. It is for refusing what would take long to compile.
func (n *node) size() int {
	total := 1
	for _, sub := range n.subs {
		total += sub.size() + 1
	}
	if n.kind == repetition {
		total *= max(n.min, n.max, 1)
	}
	return min(total, MaxSize+1)
}

// plain returns the pattern as plain text, or nil if it is not. An anchor of the flag m is
// none that plain text knows.
func (n *node) plain() *plain {
	if n.kind != sequence {
		return nil
	}
	chars := n.subs
	start := len(chars) > 0 && chars[0].kind == startNode && !chars[0].lazy
	if start {
		chars = chars[1:]
	}
	end := len(chars) > 0 && chars[len(chars)-1].kind == endNode && !chars[len(chars)-1].lazy
	if end {
		chars = chars[:len(chars)-1]
	}
	for _, c := range chars {
		if !c.isChar() {
			return nil
		}
	}
	p := plainOf(chars)
	p.start, p.end = start, end
	return p
}

// plainOf returns a run of characters as plain text.
func plainOf(chars []*node) *plain {
	p, folded := &plain{}, false
	text, fold := make([]rune, len(chars)), make([]set, len(chars))
	for i, c := range chars {
		text[i], fold[i] = c.char, one(c.char)
		if c.kind == classNode {
			folded, fold[i] = true, c.class
		}
	}
	p.text = string(text)
	if !folded {
		return p
	}
	p.fold = fold
	for _, x := range fold[0] {
		for r := x.low; r <= x.high; r++ {
			p.firsts = append(p.firsts, string(r))
		}
	}
	return p
}
