package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"mocban/graph"
)

// jsonDocument is what a JSON result holds.
type jsonDocument struct {
	Head struct {
		Vars []string `json:"vars"`
	} `json:"head"`
	Boolean *bool `json:"boolean"`
	Results *struct {
		Bindings []map[string]*jsonTerm `json:"bindings"`
	} `json:"results"`
}

type jsonTerm struct {
	Type     string          `json:"type"`
	Value    json.RawMessage `json:"value"`
	Lang     string          `json:"xml:lang"`
	Dir      string          `json:"its:dir"`
	Datatype graph.IRI       `json:"datatype"`
}

func readJSON(r io.Reader) (*Result, error) {
	d := json.NewDecoder(r)
	var doc jsonDocument
	if err := d.Decode(&doc); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is more behind the result")
	}
	switch {
	case doc.Boolean != nil:
		return &Result{Ask: true, Boolean: *doc.Boolean}, nil
	case doc.Results == nil:
		return nil, errors.New(`neither "results" nor "boolean" is there`)
	}
	t, err := newTable(doc.Head.Vars)
	if err != nil {
		return nil, err
	}
	for i, binding := range doc.Results.Bindings {
		t.row()
		for name, j := range binding {
			term, err := j.term(0)
			if err == nil {
				err = t.set(name, term)
			}
			if err != nil {
				return nil, fmt.Errorf("row %d: ?%s: %w", i+1, name, err)
			}
		}
	}
	return &t.Result, nil
}

// maxDepth is how deep triple terms may nest.
const maxDepth = 64

var errDeep = fmt.Errorf("triple terms nest deeper than %d", maxDepth)

func (j *jsonTerm) term(depth int) (graph.Term, error) {
	if j == nil {
		return graph.Term{}, errors.New("null is no term")
	}
	if j.Type == "triple" {
		return j.triple(depth)
	}
	var value string
	if err := json.Unmarshal(j.Value, &value); err != nil {
		return graph.Term{}, fmt.Errorf("value: %w", err)
	}
	switch j.Type {
	case "uri":
		return graph.IRI(value).Term(), nil
	case "bnode":
		return blank(value)
	case "literal", "typed-literal":
		return literal(value, j.Lang, j.Dir, j.Datatype)
	}
	return graph.Term{}, fmt.Errorf("type %q is none of a term", j.Type)
}

func (j *jsonTerm) triple(depth int) (graph.Term, error) {
	if depth == maxDepth {
		return graph.Term{}, errDeep
	}
	var parts struct {
		S *jsonTerm `json:"subject"`
		P *jsonTerm `json:"predicate"`
		O *jsonTerm `json:"object"`
	}
	if err := json.Unmarshal(j.Value, &parts); err != nil {
		return graph.Term{}, fmt.Errorf("triple: %w", err)
	}
	var terms [3]graph.Term
	for i, part := range []*jsonTerm{parts.S, parts.P, parts.O} {
		t, err := part.term(depth + 1)
		if err != nil {
			return graph.Term{}, fmt.Errorf("triple: %w", err)
		}
		terms[i] = t
	}
	return triple(terms)
}
