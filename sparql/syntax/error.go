package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Pos is a place in a text, in bytes from its beginning.
type Pos int

// Place returns the line and the column of a place in text, both from 1. Columns count
// characters.
func (p Pos) Place(text string) (line, column int) {
	before := text[:min(int(p), len(text))]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}

// An Error tells where a text is no SPARQL, and why. Either Expected is set, or Detail.
type Error struct {
	Pos          Pos
	Line, Column int // from 1; columns count characters

	Found    string // what stands there, as it is written; empty at the end of the text
	Expected string // what could stand there: `"}"`, "a variable"
	Detail   string // what is wrong, where the grammar is kept and a rule is not
	Hint     string // what may help, or ""
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d column %d: ", e.Line, e.Column)
	switch {
	case e.Detail != "":
		b.WriteString(e.Detail)
	case e.Found == "":
		fmt.Fprintf(&b, "expected %s, found the end of the text", e.Expected)
	default:
		fmt.Fprintf(&b, "expected %s, found %q", e.Expected, e.Found)
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, " (%s)", e.Hint)
	}
	return b.String()
}

func newError(text string, at Pos, format string, args ...any) *Error {
	e := &Error{Pos: at, Detail: fmt.Sprintf(format, args...)}
	e.Line, e.Column = at.Place(text)
	return e
}

// maxFound is how much of a token an error shows, in bytes.
const maxFound = 80

// shorten cuts text to what an error shows.
func shorten(s string) string {
	if len(s) <= maxFound {
		return s
	}
	end := maxFound
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
