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

	detail, help message // what Detail and Hint were made of
}

// A message is a text with holes, for translation.
type message struct {
	format string
	args   []any
}

func (e *Error) Error() string { return e.In("en") }

// In returns the error in a language: "vi", or English for any other.
func (e *Error) In(lang string) string {
	say := func(format string) string {
		if translated, ok := vietnamese[format]; ok && lang == "vi" {
			return translated
		}
		return format
	}
	s := fmt.Sprintf(say("line %d column %d: "), e.Line, e.Column)
	switch {
	case e.detail.format != "":
		s += fmt.Sprintf(say(e.detail.format), e.detail.args...)
	case e.Found == "":
		s += fmt.Sprintf(say("expected %s, found the end of the text"), say(e.Expected))
	default:
		s += fmt.Sprintf(say("expected %s, found %q"), say(e.Expected), e.Found)
	}
	if e.help.format != "" {
		s += " (" + fmt.Sprintf(say(e.help.format), e.help.args...) + ")"
	}
	return s
}

// Mark returns the line of the text in which the mistake is, and below it a caret.
func (e *Error) Mark(text string) string {
	at := min(int(e.Pos), len(text))
	start := strings.LastIndexByte(text[:at], '\n') + 1
	line, _, _ := strings.Cut(text[start:], "\n")
	pad := strings.Map(func(r rune) rune { // tabs stay, so that the caret stands right
		if r == '\t' {
			return r
		}
		return ' '
	}, text[start:at])
	return strings.TrimRight(line, "\r") + "\n" + pad + "^"
}

// hint says what may help.
func (e *Error) hint(format string, args ...any) {
	e.help = message{format, args}
	e.Hint = fmt.Sprintf(format, args...)
}

func newError(text string, at Pos, format string, args ...any) *Error {
	e := &Error{Pos: at, Detail: fmt.Sprintf(format, args...), detail: message{format, args}}
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
