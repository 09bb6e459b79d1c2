// Package regex runs the regular expressions of XPath (XPath F&O 3.1, 5.6.1), which are
// those of XML Schema (XSD 1.1 part 2, G) with anchors, groups and reluctant quantifiers, on
// Go's package regexp.
//
// What to hold in mind:
//
//   - A pattern is parsed here, and written anew for Go: classes as plain ranges, so that
//     \w, \i, \p{IsGreek}, subtraction and the flag i mean what XPath says they mean.
//   - What the grammar does not have is refused, with words that help: \b, look-around,
//     (?i). So are back-references, since no match may take more than linear time.
//   - Time is bounded by what can be known before: the size of the program times the length
//     of the text ([Regex.Steps]). Patterns that are plain text cost nothing of that, and
//     texts that lack what every match begins with or contains are told by looking for it.
//   - One thing differs from XPath: with the flag m, a newline at the very end of the text is
//     followed by one more, empty line, on which ^ and $ match.
package regex

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"unicode/utf8"
)

// Limits of patterns.
const (
	MaxPattern = 32 << 10 // bytes
	MaxSize    = 5_000    // instructions of the program
	maxDepth   = 200      // parentheses
	maxRepeat  = 1_000    // Go's limit of {n,m}
)

// An Error tells what is wrong with a pattern, its flags, or a replacement.
type Error struct {
	In     string // "regular expression", "flags", "replacement"
	At     int    // character, from 1; 0 if it is the whole
	Reason string
}

func (e *Error) Error() string {
	if e.At == 0 {
		return e.In + ": " + e.Reason
	}
	return fmt.Sprintf("%s: character %d: %s", e.In, e.At, e.Reason)
}

// A Regex is a compiled pattern. Any number of goroutines may use it.
type Regex struct {
	program func() *regexp.Regexp
	next    func() *regexp.Regexp // what follows a character and matches
	size    int
	groups  int
	quoted  bool // flag q: $ and \ mean themselves in a replacement
	empty   bool // matches the empty string
	plain   *plain
	first   *first
	need    need
}

type flags struct{ s, m, i, x, q bool }

// Compile reads a pattern and its flags, of which there are s, m, i, x and q (XPath F&O 3.1,
// 5.6.2).
func Compile(pattern, flagText string) (*Regex, error) {
	f, err := parseFlags(flagText)
	if err != nil {
		return nil, err
	}
	tree, groups, err := parse(pattern, f)
	if err != nil {
		return nil, err
	}
	if tree.size() > MaxSize {
		return nil, tooLarge()
	}
	text := string(tree.write(nil))
	r := &Regex{
		program: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) }),
		next:    sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s:.)` + text) }),
		groups:  groups,
		quoted:  f.q,
		plain:   tree.plain(),
	}
	if r.plain != nil {
		r.size = len(r.plain.fold)
		r.empty = r.plain.match("")
		return r, nil
	}
	if r.size, err = sizeOf(text); err != nil {
		return nil, err
	}
	r.empty = r.program().MatchString("")
	r.first, r.need = firstOf(tree), needOf(tree)
	return r, nil
}

func parseFlags(s string) (f flags, err error) {
	for i, c := range s {
		switch c {
		case 's':
			f.s = true
		case 'm':
			f.m = true
		case 'i':
			f.i = true
		case 'x':
			f.x = true
		case 'q':
			f.q = true
		default:
			return f, &Error{"flags", i + 1, fmt.Sprintf("there is no flag %q, only s, m, i, x and q", c)}
		}
	}
	return f, nil
}

// sizeOf counts the instructions of the program that a pattern of Go becomes.
func sizeOf(text string) (int, error) {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return 0, &Error{In: "regular expression", Reason: reasonOf(err)}
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return 0, &Error{In: "regular expression", Reason: reasonOf(err)}
	}
	if len(program.Inst) > MaxSize {
		return 0, tooLarge()
	}
	return len(program.Inst), nil
}

func tooLarge() error {
	return &Error{In: "regular expression", Reason: fmt.Sprintf("larger than %d instructions", MaxSize)}
}

// reasonOf takes from an error of Go's what does not speak of the rewritten pattern.
func reasonOf(err error) string {
	if e, ok := err.(*syntax.Error); ok {
		return e.Code.String()
	}
	return err.Error()
}

// Size returns the number of instructions of the program, or how many characters plain text
// is compared with at every place.
func (r *Regex) Size() int { return r.size }

// MatchesEmpty tells whether the pattern matches the empty string.
func (r *Regex) MatchesEmpty() bool { return r.empty }

// Steps returns the most steps that matching a text of n bytes can take. Plain text is found
// without any, but for the flag i.
func (r *Regex) Steps(n int) int64 { return int64(r.size) * int64(n+1) }

// Match tells whether the pattern matches the text or a part of it.
func (r *Regex) Match(text string) bool {
	if r.plain != nil {
		return r.plain.match(text)
	}
	text, ok := r.reach(text)
	return ok && r.program().MatchString(text)
}

// Reach returns how many bytes of a text have to be looked at by the steps of [Regex.Steps]; ok is
// false if a quick look has shown that nothing can match.
func (r *Regex) Reach(text string) (n int, ok bool) {
	if r.plain != nil {
		return len(text), true
	}
	text, ok = r.reach(text)
	return len(text), ok
}

// reach returns the part of a text in which a match can lie, if there is any.
func (r *Regex) reach(text string) (part string, ok bool) {
	if r.first != nil {
		if text, ok = r.first.cut(text); !ok {
			return "", false
		}
	}
	return text, r.need == nil || r.need.in(text)
}

// A plain pattern is text without any operator, perhaps held fast at the start or the end
// of what it is matched to.
type plain struct {
	text       string
	start, end bool
	fold       []set    // with the flag i: each character and its variants
	firsts     []string // with the flag i: the variants of the first character
}

func (p *plain) match(s string) bool {
	switch {
	case p.fold != nil:
		return p.matchFold(s)
	case p.start && p.end:
		return s == p.text
	case p.start:
		return strings.HasPrefix(s, p.text)
	case p.end:
		return strings.HasSuffix(s, p.text)
	}
	return strings.Contains(s, p.text)
}

// matchFold looks for each variant of the first character, and for the others behind it.
func (p *plain) matchFold(s string) bool {
	if p.start {
		rest, ok := p.cutFold(s)
		return ok && (!p.end || rest == "")
	}
	for _, first := range p.firsts {
		for at := strings.Index(s, first); at >= 0; {
			if rest, ok := p.cutFold(s[at:]); ok && (!p.end || rest == "") {
				return true
			}
			next := strings.Index(s[at+len(first):], first)
			if next < 0 {
				break
			}
			at += len(first) + next
		}
	}
	return false
}

// cutFold takes the text off the front of s.
func (p *plain) cutFold(s string) (rest string, ok bool) {
	for _, variants := range p.fold {
		if s == "" {
			return "", false
		}
		r, n := rune(s[0]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s)
		}
		if !variants.holds(r) {
			return "", false
		}
		s = s[n:]
	}
	return s, true
}
