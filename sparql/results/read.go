package results

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"mocban/graph"
)

// A table is a result that is being read.
type table struct {
	Result
	column map[string]int
}

func newTable(vars []string) (*table, error) {
	t := &table{Result: Result{Vars: vars}, column: make(map[string]int, len(vars))}
	for i, v := range vars {
		if v == "" || !utf8.ValidString(v) || strings.ContainsFunc(v, notInName) {
			return nil, fmt.Errorf("%.40q is no name of a variable", v)
		}
		if _, ok := t.column[v]; ok {
			return nil, fmt.Errorf("?%s is listed twice", v)
		}
		t.column[v] = i
	}
	return t, nil
}

// notInName is true of what is in no name. (Some servers make up names with a hyphen.)
func notInName(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("?$\",<>&'", r)
}

// row begins a row.
func (t *table) row() { t.Rows = append(t.Rows, make([]graph.Term, len(t.Vars))) }

// set binds a variable in the last row.
func (t *table) set(name string, term graph.Term) error {
	i, ok := t.column[name]
	if !ok {
		return errors.New("the head does not list it")
	}
	row := t.Rows[len(t.Rows)-1]
	if !row[i].IsZero() {
		return errors.New("bound twice")
	}
	row[i] = term
	return nil
}

func blank(label string) (graph.Term, error) {
	if label == "" || strings.ContainsAny(label, " \t\r\n") {
		return graph.Term{}, fmt.Errorf("%q is no label of a blank node", label)
	}
	return graph.Blank(label), nil
}

// literal makes the literal of its parts. A language comes before a datatype.
func literal(value, lang, dir string, datatype graph.IRI) (graph.Term, error) {
	switch {
	case lang == "" && dir != "":
		return graph.Term{}, errors.New("a base direction needs a language")
	case lang == "":
		return graph.Literal(value, datatype), nil
	case dir == "":
		return graph.Text(value, lang), nil
	case dir == "ltr":
		return graph.DirText(value, lang, graph.LTR), nil
	case dir == "rtl":
		return graph.DirText(value, lang, graph.RTL), nil
	}
	return graph.Term{}, fmt.Errorf("%q is no base direction", dir)
}

func triple(terms [3]graph.Term) (graph.Term, error) {
	p, ok := terms[1].IRI()
	tr := graph.Triple{S: terms[0], P: p, O: terms[2]}
	if !ok {
		return graph.Term{}, errors.New("the predicate of a triple is no IRI")
	}
	if err := tr.In(graph.Term{}).Check(); err != nil {
		return graph.Term{}, err
	}
	return graph.TripleTerm(tr), nil
}
