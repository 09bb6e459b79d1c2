package rdfxml

import (
	"regexp"
	"strconv"
	"strings"
)

// Limits of what a document type may declare. An entity is expanded when it is declared,
// from those before it, so that a few lines cannot become a gigabyte.
const (
	maxEntities    = 256
	maxEntityBytes = 64 << 10
)

var (
	entityDecl = regexp.MustCompile(`(?s)<!ENTITY\s+([^\s%>"']+)\s+(?:"([^"]*)"|'([^']*)')\s*>`)
	entityRef  = regexp.MustCompile(`&([^;&\s]+);`)
	comments   = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// doctype reads a document type and takes its entities.
func (t *tokens) doctype() bool {
	if t.root || len(t.open) > 0 {
		return t.Fail(t.I, "a document type stands before the root element")
	}
	for {
		if end := doctypeEnd(t.S[t.I:]); end > 0 {
			text := t.S[t.I : t.I+end]
			t.I += end + 1
			return t.declareEntities(text)
		}
		if !t.More() {
			return t.Unclosed("document type")
		}
	}
}

// doctypeEnd returns where the > stands that ends the document type at the beginning of s,
// or -1. Others stand in quotes, comments and brackets.
func doctypeEnd(s string) int {
	depth := 0
	for i := 1; i < len(s); i++ {
		skip := ""
		switch c := s[i]; {
		case c == '"' || c == '\'':
			skip = string(c)
		case strings.HasPrefix(s[i:], "<!--"):
			skip, i = "-->", i+3
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == '>' && depth == 0:
			return i
		}
		if skip != "" {
			n := strings.Index(s[i+1:], skip)
			if n < 0 {
				return -1
			}
			i += n + len(skip)
		}
	}
	return -1
}

func (t *tokens) declareEntities(text string) bool {
	total := 0
	for _, m := range entityDecl.FindAllStringSubmatch(comments.ReplaceAllString(text, ""), -1) {
		name, value := m[1], m[2]+m[3]
		if _, again := t.entities[name]; again {
			continue // the first one counts
		}
		value = entityRef.ReplaceAllStringFunc(value, func(ref string) string {
			if text, ok := t.resolve(ref[1 : len(ref)-1]); ok {
				return text
			}
			return ref // a mistake where the entity is used
		})
		total += len(value)
		if len(t.entities) >= maxEntities || total > maxEntityBytes {
			return t.Fail(t.I, "more than %d entities, or %d bytes of them", maxEntities, maxEntityBytes)
		}
		t.entities[name] = value
	}
	return true
}

// resolve returns what an entity, or a character by number, stands for.
func (t *tokens) resolve(ref string) (string, bool) {
	switch ref {
	case "amp":
		return "&", true
	case "lt":
		return "<", true
	case "gt":
		return ">", true
	case "quot":
		return `"`, true
	case "apos":
		return "'", true
	}
	digits, ok := strings.CutPrefix(ref, "#")
	if !ok {
		text, ok := t.entities[ref]
		return text, ok && !entityRef.MatchString(text)
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 31)
	if s := string(rune(n)); err == nil && n > 0 && (s != "\uFFFD" || n == 0xFFFD) && valid(s) {
		return s, true
	}
	return "", false
}
