package mapping

import (
	"slices"
	"strings"

	"mocban/ingest/marc"
	"mocban/ingest/tree"
	"mocban/ontology"
)

// A trace is what is remembered of how a record was mapped, if somebody asks.
type trace struct {
	now  cause // of what is made next
	made []made
	runs []ran

	links  []LinkExplained
	linked map[linkKey]bool // those that are among links

	elements []walked    // of a tree, in the order of the walk
	leader   *marc.Field // stands for the leader, in the profile lc-2.10
}

// A cause is why a quad was made: by a row, for a subfield or a whole field, or else by a part
// of the program that no row calls.
type cause struct {
	row   *ontology.Row
	part  Part
	field *marc.Field
	sub   int // which subfield, or -1

	element *tree.Element // of a tree
	attr    string        // of the element, or ""
}

// made is a quad of the record, by number, and its cause. A quad that was made twice is here
// twice.
type made struct {
	quad  int
	cause cause
}

// ran tells which rows were for a field.
type ran struct {
	field *marc.Field
	alt   *marc.Field
	ops   []*op
}

// A Part is a part of the program that no row calls.
type Part string

// The parts.
const (
	partRecord  Part = "record"  // the record, the work and the instance themselves
	partTitle   Part = "title"   // what work and instance are called, from 245
	partCopies  Part = "copies"  // who holds a copy, and what it is called, where a tree does not say
	partFixed   Part = "008"     // date and country of 008, where there is no 260 or 264
	partHeading Part = "heading" // the thing of an authority record, from its 1XX
	partSchema  Part = "schema"  // Schema.org, by the rows of ontology/align
)

// because says which part of the program makes what follows, and for which field.
func (b *builder) because(p Part, f *marc.Field) {
	if b.trace != nil {
		b.trace.now = cause{part: p, field: f, sub: -1}
	}
}

// rowsOf returns the rows that are for a field.
func (b *builder) rowsOf(t *tagPlan, f *field) ran {
	r := ran{field: f.Field, alt: f.alt}
	for _, o := range t.ops {
		if o.active(b, f) {
			r.ops = append(r.ops, o)
		}
	}
	return r
}

// A walked element is one that the walk through a tree has come to.
type walked struct {
	element *tree.Element
	path    string
	rows    []*treeOp // for the element itself
	claim   *treeOp   // for an element around, which reads this one
	quiet   *treeOp   // by which nothing is told of what no row reads
	skip    *treeOp   // by which nothing inside is walked
	off     []*treeOp // that have switched off rows for it
	attrs   []walkedAttr
}

// A walkedAttr is an attribute of a walked element.
type walkedAttr struct {
	name, value string
	rows        []*treeOp // that read it, or test it
	own         bool      // the program itself reads it
}

// becauseOf says that a row makes what follows, for an element or an attribute of it.
func (w *walk) becauseOf(o *treeOp, e *tree.Element) {
	if w.trace != nil {
		w.trace.now = cause{row: o.row, sub: -1, element: e, attr: o.pattern.attr}
	}
}

// traceElement remembers the element at hand, whose rows were done.
func (w *walk) traceElement(e *tree.Element, claim *treeOp) {
	if w.trace == nil {
		return
	}
	top := w.top()
	x := walked{element: e, path: w.path(""), claim: claim, quiet: top.quiet, skip: top.skip}
	for _, name := range []string{e.Name, "*"} {
		for _, o := range w.plan.byName[name] {
			if o.pattern.matches(w.stack) {
				x.rows = append(x.rows, o)
			}
		}
	}
	for _, o := range w.plan.off {
		if o.pattern.matches(w.stack) {
			x.off = append(x.off, o)
		}
	}
	for _, a := range e.Attrs {
		if a.Value == "" {
			continue
		}
		at := walkedAttr{name: a.Name, value: a.Value, own: strings.HasPrefix(a.Name, "xml:")}
		for o := range w.attrReaders(e, a.Name) {
			if !slices.Contains(at.rows, o) {
				at.rows = append(at.rows, o)
			}
		}
		x.attrs = append(x.attrs, at)
	}
	w.trace.elements = append(w.trace.elements, x)
}
