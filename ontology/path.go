package ontology

import (
	"strings"

	"mocban/graph"
	"mocban/vocab"
)

// A Path leads from a thing to a value, as the tables write it:
//
//	bf:title[bf:Title]/bf:mainTitle
//	+bf:identifiedBy[bf:Isbn; bf:status=lc:mstatus/cancinv]/rdf:value
//	bf:status[=lc:mstatus/part; bf:Status]/rdfs:label
//
// Each step names a property. In brackets stand the classes of what it leads to, and what is
// true of it besides; after an = what it is called itself. A plus before a step asks for a new node where there may be one already.
type Path []Step

// A Step is one property of a path and what is said of its object.
type Step struct {
	Property graph.IRI
	New      bool // a plus
	Node     bool // brackets: the object is a node
	Classes  []graph.IRI
	Facts    []Fact
	Is       graph.IRI   // after an =: what the node is called, if it is no blank one
	Lacks    []graph.IRI // in rows that read a graph: properties the object must not have
}

// A Fact is a property and its value.
type Fact struct {
	Property graph.IRI
	Value    graph.Term
}

// ParsePath reads a path.
func ParsePath(s string) (Path, error) {
	var p Path
	for s != "" {
		end := stepEnd(s)
		step, err := parseStep(s[:end])
		if err != nil {
			return nil, err
		}
		p = append(p, step)
		if end == len(s) {
			return p, nil
		}
		s = s[end+1:]
	}
	return nil, Wrongf("thiếu đường dẫn, hoặc đường dẫn kết thúc bằng dấu gạch chéo", "a path is missing, or ends in a slash")
}

// stepEnd returns where the first step of s ends: at a slash outside brackets.
func stepEnd(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '[':
			depth++
		case ']':
			depth--
		case '/':
			if depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

func parseStep(s string) (step Step, err error) {
	s, step.New = strings.CutPrefix(s, "+")
	name, inner, brackets := strings.Cut(s, "[")
	if step.Property, err = Expand(name); err != nil {
		return step, err
	}
	if !brackets {
		return step, nil
	}
	step.Node = true
	inner, closed := strings.CutSuffix(inner, "]")
	if !closed {
		return step, Wrongf("%q: chưa đóng ngoặc vuông", "%q: the bracket is not closed", s)
	}
	for item := range strings.SplitSeq(inner, ";") {
		if err := step.item(strings.TrimSpace(item)); err != nil {
			return step, err
		}
	}
	return step, nil
}

// item reads one thing in brackets: classes, a fact, or a property that must be lacking.
func (step *Step) item(s string) error {
	if name, ok := strings.CutPrefix(s, "!"); ok {
		p, err := Expand(name)
		step.Lacks = append(step.Lacks, p)
		return err
	}
	if name, ok := strings.CutPrefix(s, "="); ok {
		t, err := ParseTerm(name)
		step.Is, _ = t.IRI()
		return err
	}
	if name, value, ok := strings.Cut(s, "="); ok {
		p, err := Expand(strings.TrimSpace(name))
		if err != nil {
			return err
		}
		t, err := ParseTerm(strings.TrimSpace(value))
		step.Facts = append(step.Facts, Fact{p, t})
		return err
	}
	for name := range strings.FieldsSeq(s) {
		class, err := Expand(name)
		if err != nil {
			return err
		}
		step.Classes = append(step.Classes, class)
	}
	return nil
}

// ParseTerm reads a term as the tables write it: a prefixed name, <an IRI>, "text",
// "text"@language or "text"^^a:datatype.
func ParseTerm(s string) (graph.Term, error) {
	if iri, ok := strings.CutPrefix(s, "<"); ok {
		return graph.IRI(strings.TrimSuffix(iri, ">")).Term(), nil
	}
	if !strings.HasPrefix(s, `"`) {
		iri, err := Expand(s)
		return iri.Term(), err
	}
	end := strings.LastIndexByte(s, '"')
	if end == 0 {
		return graph.Term{}, Wrongf("%s: chưa đóng ngoặc kép", "%s: the text is not closed", s)
	}
	text, rest := s[1:end], s[end+1:]
	switch {
	case rest == "":
		return graph.String(text), nil
	case strings.HasPrefix(rest, "@"):
		return graph.Text(text, rest[1:]), nil
	case strings.HasPrefix(rest, "^^"):
		dt, err := Expand(rest[2:])
		return graph.Literal(text, dt), err
	}
	return graph.Term{}, Wrongf("%s: sau văn bản phải là ngôn ngữ (@vi) hoặc kiểu dữ liệu (^^xsd:date)", "%s: neither language nor datatype follows the text", s)
}

// Expand returns the IRI of a prefixed name. Besides the prefixes of vocab, "lc:" stands for
// the vocabularies of the Library of Congress: lc:mstatus/cancinv.
func Expand(name string) (graph.IRI, error) {
	prefix, local, ok := strings.Cut(name, ":")
	if !ok {
		return "", Wrongf("%q không phải tên có tiền tố, như bf:note", "%q is no prefixed name", name)
	}
	if prefix == "lc" {
		return LC + graph.IRI(local), nil
	}
	ns, ok := vocab.Prefixes[prefix]
	if !ok {
		return "", Wrongf("%q: không biết tiền tố %q", "%q: the prefix %q is not known", name, prefix)
	}
	return ns + graph.IRI(local), nil
}

// LC begins the IRIs of the vocabularies of the Library of Congress.
const LC graph.IRI = "http://id.loc.gov/vocabulary/"
