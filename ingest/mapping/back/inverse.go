package back

import (
	"strings"
	"sync"

	"mocban/graph"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/codes"
	"mocban/vocab/rdfs"
)

// An inverse makes what stands in a field of a value. ok is false if the value is none of
// those that the row makes.
type inverse func(r *run, t graph.Term) (text string, ok bool)

// inverses are the ways to make a value that can be read backwards, by their names in the
// tables.
var inverses map[string]func(arg string) inverse

func init() { // in a function, because they look for agents, and these for them
	same := func(string) inverse { return literal }
	inverses = map[string]func(string) inverse{
		"text": same, "note": same, "name": same, "plain": same, "raw": same, "value": same,
		"notetrim": same, "bracketless": same, "inbrackets": same, "isbn": same, "issn": same,
		"ddc": same, "cutter": same, "date": func(string) inverse { return date }, "int": same, "keptnumber": same,
		"iri":      func(string) inverse { return address },
		"code":     codeIn,
		"lccn":     func(string) inverse { return lccn },
		"agent":    func(string) inverse { return agentCode },
		"keeper":   func(string) inverse { return keeper },
		"area":     func(string) inverse { return area },
		"language": func(string) inverse { return codeIn("languages") },
		"ind2":     func(string) inverse { return second },
		"duration": func(string) inverse { return duration },
		"day":      func(string) inverse { return day },

		"genre": codeIn, "supplement": codeIn, "government": func(string) inverse { return codeIn("government") },
	}
}

// Marks before what is no subfield: the keeper of a number, and the second indicator.
const (
	keeperMark = "\x01"
	secondMark = "\x02"
)

func literal(_ *run, t graph.Term) (string, bool) { return t.Value(), t.IsLiteral() }

func address(_ *run, t graph.Term) (string, bool) { return t.Value(), t.IsIRI() || t.IsLiteral() }

func second(_ *run, t graph.Term) (string, bool) {
	s := t.Value()
	return secondMark + s, t.IsLiteral() && len(s) == 1 && s[0] >= '0' && s[0] <= '9'
}

// byIRI finds the entries of the lists of codes by their IRIs.
var byIRI = sync.OnceValue(func() map[string]map[graph.IRI]*codes.Code {
	all := map[string]map[graph.IRI]*codes.Code{}
	for _, l := range codes.Lists {
		m := map[graph.IRI]*codes.Code{}
		for i := range l.Codes {
			if c := &l.Codes[i]; m[c.IRI] == nil {
				m[c.IRI] = c
			}
		}
		all[l.Name] = m
	}
	return all
})

// entry returns the entry of a list that a term is.
func entry(list string, t graph.Term) (*codes.Code, bool) {
	iri, ok := t.IRI()
	if !ok {
		return nil, false
	}
	c, ok := byIRI()[list][iri]
	return c, ok
}

func codeIn(list string) inverse {
	return func(_ *run, t graph.Term) (string, bool) {
		if c, ok := entry(list, t); ok {
			return c.Code, true
		}
		return "", false
	}
}

// lccn writes a number of the Library of Congress with the blanks that belong to it
// (MARC 21, 010): three characters before a year of two digits, two before one of four.
func lccn(_ *run, t graph.Term) (string, bool) {
	s := t.Value()
	if !t.IsLiteral() || strings.Contains(s, " ") {
		return s, t.IsLiteral()
	}
	digits := strings.TrimLeft(s, "abcdefghijklmnopqrstuvwxyz")
	prefix, width := s[:len(s)-len(digits)], 0
	switch len(digits) {
	case 8:
		width = 3
	case 10:
		width = 2
	}
	if strings.Trim(digits, "0123456789") != "" || len(prefix) >= width && width > 0 {
		return s, true
	}
	return prefix + strings.Repeat(" ", max(0, width-len(prefix))) + digits, true
}

// agentCode returns the code of a body.
func agentCode(r *run, t graph.Term) (string, bool) {
	if c := r.first(t, bf.Code); !c.IsZero() {
		return c.Value(), true
	}
	if code, ok := strings.CutPrefix(t.Value(), string(ontology.LC)+"organizations/"); ok {
		return strings.ToUpper(code), true
	}
	if l := r.first(t, rdfs.Label); !l.IsZero() {
		return l.Value(), true
	}
	return t.Value(), t.IsLiteral()
}

func keeper(r *run, t graph.Term) (string, bool) {
	code, ok := agentCode(r, t)
	return keeperMark + code, ok
}

func area(_ *run, t graph.Term) (string, bool) {
	code, ok := strings.CutPrefix(t.Value(), string(ontology.LC)+"geographicAreas/")
	if !ok || len(code) > 7 {
		return "", false
	}
	return code + strings.Repeat("-", 7-len(code)), true
}

// duration writes PT1H30M as 013000.
func duration(_ *run, t graph.Term) (string, bool) {
	rest, ok := strings.CutPrefix(t.Value(), "PT")
	if !ok {
		return t.Value(), t.IsLiteral()
	}
	var b []byte
	for _, unit := range []string{"H", "M", "S"} {
		n, after, ok := strings.Cut(rest, unit)
		if !ok || len(n) > 2 || n == "" || strings.Trim(n, "0123456789") != "" {
			n = "0"
		} else {
			rest = after
		}
		b = append(append(b, "00"[len(n):]...), n...)
	}
	return string(b), rest == ""
}

// date writes 1945-10-11 as 19451011, as coded fields have it.
func date(_ *run, t graph.Term) (string, bool) {
	s := t.Value()
	if (len(s) == 10 || len(s) == 7) && s[4] == '-' && strings.Trim(s, "0123456789-") == "" {
		s = strings.ReplaceAll(s, "-", "")
	}
	return s, t.IsLiteral()
}

// day writes 2015-05-05 as 150505.
func day(_ *run, t graph.Term) (string, bool) {
	s := t.Value()
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return "", false
	}
	return s[2:4] + s[5:7] + s[8:10], true
}
