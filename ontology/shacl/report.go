package shacl

import (
	"strconv"

	"mocban/graph"
	"mocban/vocab/rdf"
	"mocban/vocab/sh"
	"mocban/vocab/xsd"
)

// A Report is what was found in a graph (SHACL, 3.6). The order of results is that of the
// shapes, and of the nodes within each.
type Report struct {
	Results []Result
}

// Conforms tells whether nothing was found, whatever its severity (SHACL, 3.6.1.1).
func (r Report) Conforms() bool { return len(r.Results) == 0 }

// A Result is one finding (SHACL, 3.6.2).
type Result struct {
	Focus     graph.Term
	Path      Path
	Value     graph.Term // the zero Term where the finding is not about one value
	Component graph.IRI

	shape      *shape
	constraint constraint
}

// Shape returns the shape whose constraint is broken, and its severity.
func (r *Result) Shape() graph.Term { return r.shape.node }

// Severity returns sh:Violation, sh:Warning, sh:Info or what else the shape says.
func (r *Result) Severity() graph.IRI { return r.shape.severity }

// Rule names the shape and the constraint for lists: "shape:path MinCount".
func (r *Result) Rule() string {
	name := string(r.Component)
	for i := len(name); i > 0; i-- {
		if name[i-1] == '#' || name[i-1] == '/' {
			name = name[i:]
			break
		}
	}
	const end = "ConstraintComponent"
	if len(name) > len(end) && name[len(name)-len(end):] == end {
		name = name[:len(name)-len(end)]
	}
	return r.shape.name() + " " + name
}

// Fields returns what the shape says of the fields of MARC that it is about ([mocban.Field]):
// a tag, or a tag and subfield codes, like "245$a".
func (r *Result) Fields() []string { return r.shape.fields }

// Message tells in Vietnamese ("vi") or English what is wrong: what the shape says, in that
// language if it says it in several, and otherwise what the constraint asks for.
func (r *Result) Message(lang string) string {
	if text, ok := r.own(lang); ok {
		return text
	}
	vi, en := r.constraint.say()
	if lang == "vi" {
		en = vi
	}
	if !r.Path.IsZero() {
		en = r.Path.String() + ": " + en
	}
	return en
}

func (r *Result) own(lang string) (text string, ok bool) {
	for _, m := range r.shape.messages {
		if m.Lang() == lang {
			return m.Value(), true
		}
		if !ok || m.Lang() == "" {
			text, ok = m.Value(), true
		}
	}
	return text, ok
}

// Messages returns the messages of the shape, or ours in both languages.
func (r *Result) Messages() []graph.Term {
	if len(r.shape.messages) > 0 {
		return r.shape.messages
	}
	return []graph.Term{graph.Text(r.Message("vi"), "vi"), graph.Text(r.Message("en"), "en")}
}

// Append appends the report as RDF (SHACL, 3.6) with blank nodes whose labels begin with
// prefix. Blank nodes of the data and the shapes keep their labels.
func (r Report) Append(quads []graph.Quad, prefix string) []graph.Quad {
	w := reportWriter{quads: quads, prefix: prefix, paths: map[*path]graph.Term{}}
	report := w.blank()
	w.add(report, rdf.Type, sh.ValidationReport.Term())
	w.add(report, sh.Conforms, graph.Literal(strconv.FormatBool(r.Conforms()), xsd.Boolean))
	for i := range r.Results {
		res := &r.Results[i]
		n := w.blank()
		w.add(report, sh.Result, n)
		w.add(n, rdf.Type, sh.ValidationResult.Term())
		w.add(n, sh.FocusNode, res.Focus)
		if !res.Path.IsZero() {
			w.add(n, sh.ResultPath, w.path(res.Path.p))
		}
		if !res.Value.IsZero() {
			w.add(n, sh.Value, res.Value)
		}
		w.add(n, sh.ResultSeverity, res.Severity().Term())
		w.add(n, sh.SourceConstraintComponent, res.Component.Term())
		w.add(n, sh.SourceShape, res.Shape())
		for _, m := range res.Messages() {
			w.add(n, sh.ResultMessage, m)
		}
	}
	return w.quads
}

// A reportWriter makes the triples of a report.
type reportWriter struct {
	quads  []graph.Quad
	prefix string
	blanks int
	paths  map[*path]graph.Term // those of one result path
	parts  int
}

func (w *reportWriter) add(s graph.Term, p graph.IRI, o graph.Term) {
	w.quads = append(w.quads, graph.Quad{S: s, P: p, O: o})
}

func (w *reportWriter) blank() graph.Term {
	w.blanks++
	return graph.Blank(w.prefix + strconv.Itoa(w.blanks))
}

// path returns a node that is the path, written anew for each result. What the shapes write
// once and use several times is written as often, up to a number.
func (w *reportWriter) path(p *path) graph.Term {
	clear(w.paths)
	w.parts = 0
	return w.part(p)
}

const maxPathParts = 200

func (w *reportWriter) part(p *path) graph.Term {
	if p.kind == predicatePath {
		return p.property.Term()
	}
	if t, ok := w.paths[p]; ok && w.parts > maxPathParts {
		return t
	}
	w.parts++
	var t graph.Term
	switch p.kind {
	case sequencePath:
		t = w.list(p.parts)
	case alternativePath:
		t = w.blank()
		w.add(t, sh.AlternativePath, w.list(p.parts))
	default:
		t = w.blank()
		for _, u := range unary {
			if u.kind == p.kind {
				w.add(t, u.property, w.part(p.parts[0]))
			}
		}
	}
	w.paths[p] = t
	return t
}

func (w *reportWriter) list(parts []*path) graph.Term {
	cells := make([]graph.Term, len(parts)+1)
	for i := range parts {
		cells[i] = w.blank()
	}
	cells[len(parts)] = rdf.Nil.Term()
	for i, part := range parts {
		w.add(cells[i], rdf.First, w.part(part))
		w.add(cells[i], rdf.Rest, cells[i+1])
	}
	return cells[0]
}
