package syntax

import (
	"strings"
	"unicode/utf8"
)

// rune returns the character i bytes ahead and how many bytes it takes. Outside of strings
// and IRIs an escape \u stands for its character too (SPARQL 1.1, 19.2), but not in SPARQL 1.2.
func (l *lexer) rune(i int) (r rune, n int) {
	if l.at+i >= len(l.text) {
		return -1, 0
	}
	rest := l.text[l.at+i:]
	if rest[0] == '\\' && len(rest) > 1 && rest[1]|0x20 == 'u' {
		if r, n := codePoint(rest); n > 0 && !l.plainNames {
			return r, n
		}
		return -1, 0
	}
	return utf8.DecodeRuneInString(rest)
}

// nameStart tells whether the name of a variable begins i bytes ahead.
func (l *lexer) nameStart(i int) bool {
	r, _ := l.rune(i)
	return isPNCharU(r) || r >= '0' && r <= '9'
}

// name reads characters as long as they belong to the name.
func (l *lexer) name(belongs func(rune) bool) string {
	start := l.at
	var b []byte // what was read, once there was an escape
	for {
		r, n := l.rune(0)
		if n == 0 || !belongs(r) {
			break
		}
		if l.text[l.at] == '\\' && b == nil {
			b = append([]byte{}, l.text[start:l.at]...)
		}
		if l.at += n; b != nil {
			b = utf8.AppendRune(b, r)
		}
	}
	if b != nil {
		return string(b)
	}
	return l.text[start:l.at]
}

// trimDots gives back the dots at the end of a name, which end a triple.
func (l *lexer) trimDots(name string) string {
	short := strings.TrimRight(name, ".")
	l.at -= len(name) - len(short)
	return short
}

// blank reads a BLANK_NODE_LABEL.
func (l *lexer) blank() token {
	start := l.at
	l.at += 2
	if !l.nameStart(0) {
		l.fail(start, "expected the label of a blank node behind _:")
		return token{}
	}
	return token{kind: blank, value: l.trimDots(l.name(func(r rune) bool { return isPNChar(r) || r == '.' }))}
}

// wordOrName reads a keyword or a prefixed name.
func (l *lexer) wordOrName() token {
	start := l.at
	first, _ := l.rune(0)
	prefix := ""
	if !isPNCharU(first) && first != ':' {
		r, _ := utf8.DecodeRuneInString(l.text[l.at:])
		e := l.fail(l.at, "the character %q cannot stand here", r)
		if strings.ContainsRune("“”„‘’«»", r) {
			e.hint(`text stands in straight quotes: "…"`)
		}
		return token{}
	}
	if first != ':' {
		prefix = l.name(func(r rune) bool { return isPNChar(r) || r == '.' })
	}
	if l.peek(0) != ':' || strings.HasSuffix(prefix, ".") {
		l.at = start
		return token{kind: word, value: l.name(isWordChar)}
	}
	if prefix != "" && !isPNCharBase(first) {
		l.fail(start, "%s: is not a prefix", shorten(prefix))
	}
	l.at++
	return token{kind: pname, value: prefix, local: l.local()}
}

// isWordChar is true of what error messages should show as one word, too.
func isWordChar(r rune) bool { return isPNCharU(r) || r >= '0' && r <= '9' }

// local reads a PN_LOCAL, which may be empty. Percent escapes stay as they are.
func (l *lexer) local() string {
	start := l.at
	var b strings.Builder
	for {
		r, n := l.rune(0)
		switch {
		case n == 0 && l.peek(0) == '\\':
			l.fail(l.at, "unknown escape in the name %s", shorten(l.text[start:l.at+1]))
			return ""
		case n == 0:
		case r == '\\' && n == 1:
			c := l.peek(1)
			if c == 0 || strings.IndexByte("_~.-!$&'()*+,;=/?#@%", c) < 0 {
				l.fail(l.at, "unknown escape in the name %s", shorten(l.text[start:l.at+1]))
				return ""
			}
			b.WriteByte(c)
			l.at += 2
			continue
		case r == '%':
			if !isHex(l.peek(1)) || !isHex(l.peek(2)) {
				l.fail(l.at, "expected two hexadecimal digits behind %%")
				return ""
			}
			b.WriteString(l.text[l.at : l.at+3])
			l.at += 3
			continue
		case r == ':', isPNCharU(r), r >= '0' && r <= '9', b.Len() > 0 && (isPNChar(r) || r == '.' && l.dotInside()):
			b.WriteRune(r)
			l.at += n
			continue
		}
		return b.String()
	}
}

// dotInside tells whether the dots that follow are followed by more of a name.
func (l *lexer) dotInside() bool {
	i := 0
	for l.peek(i) == '.' {
		i++
	}
	r, n := l.rune(i)
	switch {
	case n == 0:
		return false
	case r == '\\':
		return true
	case r == '%':
		return isHex(l.peek(i+1)) && isHex(l.peek(i+2))
	}
	return isPNChar(r) || r == ':'
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// isPNCharBase is PN_CHARS_BASE.
func isPNCharBase(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	switch {
	case r < 0xC0, r == 0xD7, r == 0xF7, r >= 0x300 && r < 0x370, r == 0x37E:
		return false
	case r < 0x2000:
		return true
	case r == 0x200C, r == 0x200D:
		return true
	case r < 0x2070, r > 0x218F && r < 0x2C00, r > 0x2FEF && r < 0x3001:
		return false
	case r > 0xD7FF && r < 0xF900, r > 0xFDCF && r < 0xFDF0, r > 0xFFFD && r < 0x10000:
		return false
	}
	return r <= 0xEFFFF
}

// isPNCharU is PN_CHARS_U.
func isPNCharU(r rune) bool { return r == '_' || isPNCharBase(r) }

// isVarChar is true of the characters behind the first one of a VARNAME.
func isVarChar(r rune) bool {
	return isPNCharU(r) || r >= '0' && r <= '9' || r == 0xB7 || r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040
}

// isPNChar is PN_CHARS.
func isPNChar(r rune) bool { return r == '-' || isVarChar(r) }
