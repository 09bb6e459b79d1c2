package mapping

import (
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/rdf"
)

// appliesTo adds the part of the resource that something is true of ($3).
func (b *builder) appliesTo(n graph.Term, part string) {
	if part = trim(part); part != "" {
		a := b.node(n, bflc.AppliesTo, bflc.AppliesToClass)
		b.label(a, b.note(part))
	}
}

// linked maps 760 to 787: another resource, and how this one is related to it. A $w that
// names a record of the same library makes a link to what that record describes.
func linked(b *builder, f *field, o *op) {
	title := trim(f.Subfield('t'))
	if title == "" {
		title = trim(f.Subfield('s'))
	}
	target, known := b.linkTarget(f)
	if title == "" && !f.Has('a') && !known && !f.Has('x') && !f.Has('z') {
		return
	}
	n := b.node(b.work, bf.Relation, bf.RelationClass)
	if i := trim(f.Subfield('i')); i != "" {
		r := b.node(n, bf.Relationship, bf.RelationshipClass)
		b.label(r, b.note(i))
	}
	b.add(n, bf.Relationship, relationship(linkName(f)))
	if known {
		b.add(n, bf.AssociatedResource, target)
		b.isA(target, bf.Work)
	} else {
		target = b.node(n, bf.AssociatedResource, bf.Work)
	}
	b.describeLinked(f, target, title, known)
	if known || f.alt != nil || f.codes&linkedSubs != f.codes {
		b.addKeys(n, f, keptSubs)
	}
	if g := trim(f.Subfield('g')); g != "" {
		p := b.node(n, bf.Note, bf.NoteClass)
		b.label(p, b.text(g))
	}
}

// describeLinked says of a linked work what the field tells. Of a work with a record of its
// own that is only its title, in case the record is not here.
func (b *builder) describeLinked(f *field, t graph.Term, title string, known bool) {
	if title != "" {
		b.label(t, b.text(title))
	}
	if known {
		return
	}
	if title != "" {
		n := b.node(t, bf.Title, bf.TitleClass)
		b.add(n, bf.MainTitle, b.text(title))
	}
	var about graph.Term // the instance, if anything is said of one
	instance := func() graph.Term {
		if about.IsZero() {
			about = b.node(t, bf.HasInstance, bf.Instance) // and no way back: blank nodes stay a tree
		}
		return about
	}
	for i := range f.Subfields {
		s := &f.Subfields[i]
		value := trim(s.Value)
		if value == "" {
			continue
		}
		switch s.Code {
		case 'a':
			c := b.node(t, bf.Contribution, bf.ContributionClass)
			a := b.node(c, bf.Agent, bf.AgentClass)
			b.label(a, b.name(value))
		case 'b':
			b.add(instance(), bf.EditionStatement, b.text(value))
		case 'd':
			b.add(instance(), bf.ProvisionActivityStatement, b.text(value))
		case 'h':
			n := b.node(instance(), bf.Extent, bf.ExtentClass)
			b.label(n, b.text(value))
		case 'x':
			b.issnOf(t, f)
		case 'z':
			if x := b.isbn(f, value); !x.IsZero() && !b.invalid && b.instead == "" {
				b.identifier(instance(), bf.Isbn, x)
			}
			b.invalid, b.instead = false, ""
		case 'n':
			n := b.node(instance(), bf.Note, bf.NoteClass)
			b.label(n, b.note(value))
		case 'w':
			b.linkedNumber(instance(), value)
		}
	}
}

// linkedNumber adds the control number of a linked record.
func (b *builder) linkedNumber(t graph.Term, value string) {
	keeper, number := "", value
	if rest, ok := strings.CutPrefix(value, "("); ok {
		if k, n, ok := strings.Cut(rest, ")"); ok {
			keeper, number = k, strings.TrimSpace(n)
		}
	}
	class := bf.Local
	switch strings.ToLower(keeper) {
	case "ocolc":
		class = bf.OclcNumber
	case "dlc":
		class = bf.Lccn
	}
	n := b.node(t, bf.IdentifiedBy, class)
	b.add(n, rdf.Value, graph.String(number))
	if class == bf.Local && keeper != "" {
		b.add(n, bf.Assigner, b.codedAgent(nil, keeper))
	}
}

// linkedSubs are the subfields of a link that triples tell from one another.
var linkedSubs = subMask("abdghintwxz6")

// linkTarget returns the work that a $w leads to, if it is one of the same library.
func (b *builder) linkTarget(f *field) (t graph.Term, ok bool) {
	for i := range f.Subfields {
		s := &f.Subfields[i]
		if s.Code != 'w' {
			continue
		}
		keeper, number, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(s.Value), "("), ")")
		if ok && keeper == b.source && strings.TrimSpace(number) != "" {
			t := b.mint(works, b.source, strings.TrimSpace(number))
			return t, t != b.work // some name the record they came from
		}
	}
	return graph.Term{}, false
}

// linkName returns how 760 to 787 relate, in the words of the Library of Congress.
func linkName(f *field) string {
	switch f.tag {
	case 760:
		return "series"
	case 762:
		return "subseries"
	case 765:
		return "translationof"
	case 767:
		return "translatedas"
	case 770:
		return "supplement"
	case 772:
		return "supplementto"
	case 773:
		return "partof"
	case 774:
		return "part"
	case 775:
		return "otheredition"
	case 776:
		return "otherphysicalformat"
	case 777:
		return "issuedwith"
	case 780:
		return pick(f.Ind2, "precededby", "continuationof", "continuedinpart", "precededby", "precededby",
			"mergerof", "absorptionof", "absorptioninpartof", "separatedfrom")
	case 785:
		return pick(f.Ind2, "succeededby", "continuedby", "continuedinpartby", "succeededby", "succeededby",
			"absorbedby", "absorbedinpartby", "splitinto", "mergedtoform", "continuedby")
	case 786:
		return "datasource"
	}
	return "relatedwork"
}

func pick(ind byte, otherwise string, names ...string) string {
	if i := int(ind) - '0'; i >= 0 && i < len(names) {
		return names[i]
	}
	return otherwise
}
