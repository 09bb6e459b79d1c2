package regex

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Errors of [Regex.Replace].
var (
	ErrTooLong = errors.New("result is too long")
	ErrStopped = errors.New("stopped")
)

// A Template is what replaces a match: pieces of text, and captured groups between them.
type Template struct{ pieces []piece }

type piece struct {
	text  string
	group int // -1 for text
}

// Template reads a replacement for the pattern (XPath F&O 3.1, 5.6.4): $1 is the first
// group, \$ and \\ are characters. Of the digits of a number above nine only as many count as
// there are groups for; below ten, a group that the pattern does not have is empty.
func (r *Regex) Template(text string) (Template, error) {
	if r.quoted || !strings.ContainsAny(text, `$\`) {
		return Template{[]piece{{text, -1}}}, nil
	}
	var t Template
	for i := 0; i < len(text); {
		n := strings.IndexAny(text[i:], `$\`)
		if n < 0 {
			n = len(text) - i
		}
		if n > 0 {
			t.pieces = append(t.pieces, piece{text[i : i+n], -1})
			i += n
			continue
		}
		p, n := r.cutPiece(text[i:])
		if n == 0 {
			return Template{}, &Error{"replacement", utf8.RuneCountInString(text[:i]) + 1, fmt.Sprintf(`%c stands alone; write \%c for the character itself`, text[i], text[i])}
		}
		t.pieces = append(t.pieces, p)
		i += n
	}
	return t, nil
}

// cutPiece reads what begins with a dollar or a backslash and tells how long it is; 0 is a
// mistake.
func (r *Regex) cutPiece(s string) (p piece, n int) {
	if len(s) < 2 {
		return p, 0
	}
	if s[0] == '\\' {
		if s[1] != '\\' && s[1] != '$' {
			return p, 0
		}
		return piece{s[1:2], -1}, 2
	}
	if s[1] < '0' || s[1] > '9' {
		return p, 0
	}
	for n = 2; n < len(s) && n < 10 && s[n] >= '0' && s[n] <= '9'; {
		n++
	}
	group, _ := strconv.Atoi(s[1:n])
	for ; group > max(9, r.groups); n-- {
		group /= 10
	}
	return piece{"", group}, n
}

// allAtOnce is how many steps finding all matches may take in one go, which cannot be
// stopped.
const allAtOnce = 2_000_000

// Replace replaces every match by the template. The pattern must not match the empty string.
// Before each match that may take long it asks goOn, telling how many steps it will take at
// most; the result of false is ErrStopped. A result of more than maxBytes is ErrTooLong.
func (r *Regex) Replace(s string, t Template, maxBytes int, goOn func(steps int64) bool) (string, error) {
	w := writer{from: s, template: t, maxBytes: maxBytes}
	steps := r.Steps(len(s))
	if steps*int64(len(s)+1) <= allAtOnce {
		if !goOn(steps) {
			return "", ErrStopped
		}
		for _, match := range r.program().FindAllStringSubmatchIndex(s, -1) {
			if !w.replace(match) {
				return "", ErrTooLong
			}
		}
		return w.end()
	}
	for match := r.program().FindStringSubmatchIndex(s); match != nil; match = r.after(s, match[1]) {
		if !w.replace(match) {
			return "", ErrTooLong
		}
		if !goOn(r.Steps(len(s) - match[1])) {
			return "", ErrStopped
		}
	}
	return w.end()
}

// after returns the first match at or behind a place. To let the pattern see what stands
// before that place, the search begins one character earlier, with a pattern that takes one
// more.
func (r *Regex) after(s string, place int) []int {
	_, n := utf8.DecodeLastRuneInString(s[:place])
	start := place - n
	match := r.next().FindStringSubmatchIndex(s[start:])
	for i := range match {
		if match[i] >= 0 {
			match[i] += start
		}
	}
	if match != nil {
		_, n := utf8.DecodeRuneInString(s[match[0]:])
		match[0] += n
	}
	return match
}

// A writer builds the result of a replacement.
type writer struct {
	from     string
	at       int // what comes before is written
	template Template
	maxBytes int
	out      strings.Builder
}

// replace writes what is left before a match, and the template in its place.
func (w *writer) replace(match []int) bool {
	w.out.WriteString(w.from[w.at:match[0]])
	w.at = match[1]
	for _, p := range w.template.pieces {
		switch {
		case p.group < 0:
			w.out.WriteString(p.text)
		case 2*p.group < len(match) && match[2*p.group] >= 0:
			w.out.WriteString(w.from[match[2*p.group]:match[2*p.group+1]])
		}
	}
	return w.out.Len() <= w.maxBytes
}

// end writes the rest.
func (w *writer) end() (string, error) {
	if w.at == 0 && w.out.Len() == 0 {
		return w.from, nil
	}
	w.out.WriteString(w.from[w.at:])
	if w.out.Len() > w.maxBytes {
		return "", ErrTooLong
	}
	return w.out.String(), nil
}
