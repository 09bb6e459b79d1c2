package text

import (
	"strings"
	"unicode"
)

// maxIdentifier is how much of an identifier is compared, in bytes.
const maxIdentifier = 256

// identifierForms returns the forms under which an identifier is found: upper-case letters
// and digits alone, with the 13 digits of an ISBN of 10 and the 10 of one of 13. A check
// digit that is wrong is no matter: what is printed in a book must find it.
func identifierForms(s string) []string {
	id := bareIdentifier(s)
	if id == "" {
		return nil
	}
	if other := otherISBN(id); other != "" {
		return []string{id, other}
	}
	return []string{id}
}

// bareIdentifier takes away what does not tell identifiers apart.
func bareIdentifier(s string) string {
	id := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, strings.ToValidUTF8(truncate(s, 4*maxIdentifier), ""))
	id = strings.TrimPrefix(id, "URN")
	for _, scheme := range []string{"ISBN", "ISSN", "EAN", "DOI"} {
		if rest, ok := strings.CutPrefix(id, scheme); ok && strings.ContainsAny(rest, "0123456789") {
			id = rest
			break
		}
	}
	return truncate(id, maxIdentifier)
}

// otherISBN returns the ISBN of 13 digits for one of 10, and the other way round where
// there is one (prefix 978), or "".
func otherISBN(id string) string {
	switch {
	case len(id) == 10 && digits(id[:9]):
		body := "978" + id[:9]
		return body + check13(body)
	case len(id) == 13 && digits(id) && strings.HasPrefix(id, "978"):
		return id[3:12] + check10(id[3:12])
	}
	return ""
}

func digits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// check13 returns the check digit of the EAN-13 that begins with 12 digits.
func check13(s string) string {
	sum := 0
	for i, c := range s {
		weight := 1 + i%2*2
		sum += weight * int(c-'0')
	}
	return string(rune('0' + (10-sum%10)%10))
}

// check10 returns the check digit of the ISBN-10 that begins with 9 digits.
func check10(s string) string {
	sum := 0
	for i, c := range s {
		sum += (10 - i) * int(c-'0')
	}
	if c := (11 - sum%11) % 11; c < 10 {
		return string(rune('0' + c))
	}
	return "X"
}
