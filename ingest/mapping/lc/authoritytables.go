package lc

import (
	"fmt"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/ontology"
)

// authorityTables are what is known of headings of authority records.
type authorityTables struct {
	headings    map[string][]headingKind // by the last two digits of the tag
	parts       [256]graph.IRI           // classes of subdivisions, by their subfields
	elements    map[elementKey]graph.IRI
	notes       map[string]graph.IRI // by tag
	relations   map[relationKey]graph.IRI
	collections map[[2]string]graph.IRI // by tag and code
	areas       map[string][]area       // by the names of places
}

// A headingKind is the class of headings that have one of these subfields; that without any
// is for headings which have nothing more than their first part.
type headingKind struct {
	codes string
	class graph.IRI
}

// An elementKey is a subfield, and for what follows it (0 for itself).
type elementKey struct {
	last  string // two digits of the tag
	code  byte
	after byte
}

// A relationKey is a letter in $w, by its place from 1.
type relationKey struct {
	place  int
	letter byte
}

// An area is the code of a geographic area, and whether its name is a heading by itself.
type area struct {
	code    string
	heading bool
}

func loadAuthority() (*authorityTables, error) {
	t := &authorityTables{
		headings: map[string][]headingKind{}, elements: map[elementKey]graph.IRI{}, notes: map[string]graph.IRI{},
		relations: map[relationKey]graph.IRI{}, collections: map[[2]string]graph.IRI{}, areas: map[string][]area{},
	}
	table, err := ontology.LCCodes("authority", "list", "tag", "code", "after", "thing")
	if err != nil {
		return nil, err
	}
	for i := range table.Rows {
		if err := t.row(&table.Rows[i]); err != nil {
			return nil, err
		}
	}
	table, err = ontology.LCCodes("areas", "name", "code", "heading")
	if err != nil {
		return nil, err
	}
	for i := range table.Rows {
		r := &table.Rows[i]
		name := r.Cell("name")
		t.areas[name] = append(t.areas[name], area{r.Cell("code"), r.Cell("heading") == "x"})
	}
	return t, nil
}

func (t *authorityTables) row(r *ontology.Row) error {
	iri, err := cellIRI(r, "thing")
	if err == nil && iri == "" {
		err = r.Error("thing", fmt.Errorf("it is empty"))
	}
	if err != nil {
		return err
	}
	tag, code, after := r.Cell("tag"), r.Cell("code"), r.Cell("after")
	one := func(column, s string) (byte, error) {
		if len(s) != 1 {
			return 0, r.Error(column, fmt.Errorf("%q is not one letter", s))
		}
		return s[0], nil
	}
	switch list := r.Cell("list"); list {
	case "heading":
		t.headings[tag] = append(t.headings[tag], headingKind{code, iri})
	case "part":
		for i := range len(code) {
			t.parts[code[i]] = iri
		}
	case "element":
		k := elementKey{last: tag}
		if k.code, err = one("code", code); err != nil {
			return err
		}
		if after != "" {
			if k.after, err = one("after", after); err != nil {
				return err
			}
		}
		t.elements[k] = iri
	case "note":
		t.notes[tag] = iri
	case "relation":
		k := relationKey{}
		if k.letter, err = one("code", code); err != nil {
			return err
		}
		if k.place, err = strconv.Atoi(tag); err != nil {
			return r.Error("tag", err)
		}
		t.relations[k] = iri
	case "collection":
		t.collections[[2]string{tag, code}] = iri
	default:
		return r.Error("list", fmt.Errorf("there is no list %q; there are: heading, part, element, note, relation, collection", list))
	}
	return nil
}

// class returns the class of a heading; "" if its tag is not one of headings.
func (t *authorityTables) class(last, codes string) graph.IRI {
	kinds := t.headings[last]
	subdivision := strings.IndexAny(codes, "tvxyz")
	switch {
	case strings.Contains(codes, "a") && strings.ContainsAny(codes, "tvxyz"):
		letter := codes[subdivision : subdivision+1]
		if (last == "00" || last == "10" || last == "11") && strings.Contains(codes, "t") {
			letter = "t"
		}
		if isSubdivision(last) && len(codes) > 1 && strings.Contains("vxyz", codes[1:2]) {
			return manifold(kinds)
		}
		for _, k := range kinds {
			if strings.Contains(k.codes, letter) {
				return k.class
			}
		}
	case isSubdivision(last) && len(codes) > 1 && strings.Contains("vxyz", codes[:1]) && strings.Contains("vxyz", codes[1:2]):
		return manifold(kinds)
	}
	for _, k := range kinds { // of one part
		if k.codes == "" {
			return k.class
		}
	}
	return ""
}

// manifold returns the class of a subdivision of several parts.
func manifold(kinds []headingKind) graph.IRI {
	for _, k := range kinds {
		if k.codes != "" {
			return k.class
		}
	}
	return ""
}

// isSubdivision tells the headings that are subdivisions: 180, 181, 182, 185.
func isSubdivision(last string) bool {
	return last == "80" || last == "81" || last == "82" || last == "85"
}

// areasOf returns the codes of the areas that a heading of a place names: itself, or in
// brackets at its end.
func (t *authorityTables) areasOf(label string) (codes []string) {
	add := func(code string) {
		code += strings.Repeat("-", max(0, 7-len(code)))
		for _, c := range codes {
			if c == code {
				return
			}
		}
		codes = append(codes, code)
	}
	for _, a := range t.areas[label] {
		if a.heading {
			add(a.code)
		}
	}
	if codes != nil {
		return codes
	}
	for _, name := range strings.FieldsFunc(strings.ReplaceAll(qualifier(label), " and", ","), isComma) {
		for _, a := range t.areas[space(name)] {
			add(a.code)
		}
	}
	return codes
}

func isComma(r rune) bool { return r == ',' || r == ':' }

// qualifier returns what stands in the last brackets that hold plain letters only.
func qualifier(s string) string {
	for end := strings.LastIndexByte(s, ')'); end >= 0; end = strings.LastIndexByte(s[:end], ')') {
		start := strings.LastIndexByte(s[:end], '(')
		if start < 0 {
			return ""
		}
		inner := s[start+1 : end]
		if inner != "" && strings.IndexFunc(inner, notPlain) < 0 {
			return inner
		}
	}
	return ""
}

func notPlain(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(",:. ", r))
}
