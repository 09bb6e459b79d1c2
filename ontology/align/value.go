package align

import (
	"fmt"
	"strings"

	"mocban/graph"
	"mocban/ontology"
	"mocban/vocab/codes"
	"mocban/vocab/schema"
	"mocban/vocab/xsd"
)

// A valueFunc makes what is said in Schema.org of what BIBFRAME says. The zero term means
// nothing.
type valueFunc func(r *Run, o graph.Term) graph.Term

// A picker chooses among the values of a path.
type picker uint8

const (
	all picker = iota
	first
	others
)

// from returns the values that are chosen. The first is the one whose language names no
// script, as the others are in scripts that the language is not usually written in.
func (p picker) from(found []graph.Term) []graph.Term {
	if p == all || len(found) == 0 {
		return found
	}
	best := 0
	for i, t := range found {
		if strings.Count(t.Lang(), "-") < strings.Count(found[best].Lang(), "-") {
			best = i
		}
	}
	found[0], found[best] = found[best], found[0]
	if p == first {
		return found[:1]
	}
	return found[1:]
}

// makes understands the column value.
func (rule *rule) makes(cell string) error {
	if rest, ok := strings.CutPrefix(cell, "first"); ok {
		rule.pick, cell = first, strings.TrimSpace(rest)
	} else if rest, ok := strings.CutPrefix(cell, "others"); ok {
		rule.pick, cell = others, strings.TrimSpace(rest)
	}
	switch {
	case cell == "":
		rule.value = func(_ *Run, o graph.Term) graph.Term { return o }
	case cell == "role":
		rule.role = true
	case strings.HasPrefix(cell, "="):
		t, err := ontology.ParseTerm(cell[1:])
		if err != nil {
			return err
		}
		rule.value = func(*Run, graph.Term) graph.Term { return t }
	default:
		f, ok := values[cell]
		if !ok {
			return fmt.Errorf("there is no way to make a value called %q", cell)
		}
		rule.value = f
	}
	return nil
}

var values = map[string]valueFunc{
	"iri":      onlyIRI,
	"language": languageTag,
	"isbn":     isbn13,
	"date":     date,
	"begins":   begins,
	"ends":     ends,
	"pages":    pages,
	"binding":  binding,
}

func onlyIRI(_ *Run, o graph.Term) graph.Term {
	if !o.IsIRI() {
		return graph.Term{}
	}
	return o
}

// languageTag returns the BCP 47 tag of the IRI of a MARC language.
func languageTag(_ *Run, o graph.Term) graph.Term {
	code, ok := strings.CutPrefix(o.Value(), string(codes.Languages.Base))
	if !ok {
		return graph.Term{}
	}
	c, ok := codes.Languages.Lookup(code)
	if !ok || c.Tag == "" {
		return graph.Term{}
	}
	return graph.String(c.Tag)
}

// isbn13 returns an ISBN with 13 digits.
func isbn13(_ *Run, o graph.Term) graph.Term {
	s := o.Value()
	switch len(s) {
	case 13:
		return graph.String(s)
	case 10:
	default:
		return graph.Term{}
	}
	d := "978" + s[:9]
	sum := 0
	for i := range 12 {
		if d[i] < '0' || d[i] > '9' {
			return graph.Term{}
		}
		sum += int(d[i]-'0') * (1 + 2*(i&1))
	}
	return graph.String(d + string(rune('0'+(10-sum%10)%10)))
}

// date returns the date, or the first of an interval, without marks of doubt. Dates with
// unknown digits are none in Schema.org.
func date(r *Run, o graph.Term) graph.Term {
	from, _, _ := strings.Cut(o.Value(), "/")
	return plainDate(from)
}

// begins and ends return the ends of an interval.
func begins(r *Run, o graph.Term) graph.Term { return date(r, o) }

func ends(_ *Run, o graph.Term) graph.Term {
	_, to, ok := strings.Cut(o.Value(), "/")
	if !ok {
		return graph.Term{}
	}
	return plainDate(to)
}

func plainDate(s string) graph.Term {
	s = strings.TrimRight(s, "?~%")
	if len(s) < 4 || strings.Trim(s, "0123456789-") != "" {
		return graph.Term{}
	}
	switch len(s) {
	case 10:
		return graph.Literal(s, xsd.Date)
	case 7:
		return graph.Literal(s, xsd.GYearMonth)
	case 4:
		return graph.Literal(s, xsd.GYear)
	}
	return graph.Term{}
}

// bindings are the words for bindings, as qualifiers of ISBN have them.
var bindings = []struct {
	format graph.IRI
	words  []string
}{
	{schema.Paperback, []string{"bìa mềm", "paper", "pbk", "softcover", "soft cover", "broch", "kart", "rústica"}},
	{schema.Hardcover, []string{"bìa cứng", "hardcover", "hard cover", "hardback", "hbk", "hbd", "cloth", "cased", "relié", "gebunden", "pappbd"}},
}

// binding returns the format that a qualifier tells, unless another one tells another: the
// record stands for two editions then.
func binding(r *Run, o graph.Term) graph.Term {
	format := bindingOf(o.Value())
	for _, other := range r.found {
		if f := bindingOf(other.Value()); f != "" && f != format {
			return graph.Term{}
		}
	}
	return format.Term()
}

func bindingOf(s string) graph.IRI {
	s = strings.ToLower(s)
	for _, b := range bindings {
		for _, word := range b.words {
			if strings.Contains(s, word) {
				return b.format
			}
		}
	}
	return ""
}

// pages returns the number of pages of an extent such as "xii, 320 p." or "320 trang": the
// number before the word, if there is one.
func pages(_ *Run, o graph.Term) graph.Term {
	s := strings.ToLower(o.Value())
	for _, word := range []string{"trang", "tr.", "tr", "pages", "p.", "p", "s.", "seiten", "стр", "с."} {
		for from := 0; ; {
			i := strings.Index(s[from:], word)
			if i < 0 {
				break
			}
			at := from + i
			from = at + len(word)
			if from < len(s) && isLetter(s[from]) {
				continue
			}
			if n := numberBefore(s[:at]); n != "" {
				return graph.Literal(n, xsd.Integer)
			}
		}
	}
	return graph.Term{}
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 0x80 }

// numberBefore returns the number at the end of s, at most five digits.
func numberBefore(s string) string {
	s = strings.TrimRight(s, " ]")
	start := len(s)
	for start > 0 && s[start-1] >= '0' && s[start-1] <= '9' {
		start--
	}
	n := strings.TrimLeft(s[start:], "0")
	if len(n) > 5 {
		return ""
	}
	return n
}
