package mapping

import (
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/dcterms"
	"mocban/vocab/rdf"
)

// holding maps 852: one item, held by who the field names. The notes of $x are for the staff
// and are not published.
func holding(b *builder, f *field, o *op) {
	s := b.shelfOf(f.Field)
	if s == nil {
		return
	}
	item := s.item
	b.anItem(item)
	b.thing = item
	name := b.located(item, f)
	for i := range f.Subfields {
		s := &f.Subfields[i]
		value := strings.TrimSpace(s.Value)
		if value == "" {
			continue
		}
		switch s.Code {
		case 'p':
			b.barcode(item, f, value)
			if !f.Has('h') && !f.Has('i') && !f.Has('j') && !f.Has('k') {
				name += " " + value
			}
		case 't':
			n := b.node(item, bf.EnumerationAndChronology, bf.EnumerationAndChronologyClass)
			b.label(n, graph.String(value))
		case 'z', 'q':
			n := b.node(item, bf.Note, bf.NoteClass)
			b.label(n, b.note(value))
		case '3':
			n := b.node(item, bf.EnumerationAndChronology, bf.EnumerationAndChronologyClass)
			b.label(n, b.note(value))
		case 'u':
			b.add(item, bf.ElectronicLocator, b.iri(f, value))
		}
	}
	if f.codes&subMask("cdefgijklmntqu23") != 0 { // what the triples do not tell apart
		b.addKeys(item, f, allSubs)
	}
	b.label(item, graph.String(name))
}

// newItem returns one more item of the instance.
func (b *builder) newItem() graph.Term {
	b.items++
	item := b.mint(items, b.source, b.itemName(), strconv.Itoa(b.items))
	b.anItem(item)
	return item
}

// koha maps 952 of Koha: $a (or $b) is the branch, $c the shelving location, $o the call
// number, $p the bar code, $t the copy number. Loans and prices are not published.
func koha(b *builder, f *field, o *op) {
	if !f.Has('p') && !f.Has('o') && !f.Has('a') && !f.Has('b') {
		return
	}
	item := b.newItem()
	holder := strings.TrimSpace(f.Subfield('a'))
	if holder == "" {
		if holder = strings.TrimSpace(f.Subfield('b')); holder == "" {
			holder = b.source
		}
	}
	b.add(item, bf.HeldBy, b.library(holder))
	mark, code := strings.TrimSpace(f.Subfield('o')), strings.TrimSpace(f.Subfield('p'))
	if mark != "" {
		n := b.node(item, bf.ShelfMark, bf.ShelfMarkClass)
		b.label(n, graph.String(mark))
	}
	if code != "" {
		b.barcode(item, f, code)
		if mark == "" {
			mark = code
		}
	}
	if place := strings.TrimSpace(f.Subfield('c')); place != "" {
		n := b.node(item, bf.Sublocation, bf.SublocationClass)
		b.label(n, b.note(place))
	}
	for _, c := range []byte{'h', 't'} {
		if s := strings.TrimSpace(f.Subfield(c)); s != "" {
			n := b.node(item, bf.EnumerationAndChronology, bf.EnumerationAndChronologyClass)
			b.label(n, graph.String(s))
		}
	}
	b.label(item, graph.String(strings.TrimSpace(holder+" "+mark)))
}

// barcode adds a bar code.
func (b *builder) barcode(item graph.Term, f *field, value string) {
	if b.placeholder(f, value) {
		return
	}
	n := b.node(item, bf.IdentifiedBy, bf.BarcodeClass)
	b.add(n, rdf.Value, graph.String(value))
}

// shelfMark adds the shelf mark that $h to $m give, of the class that the first indicator
// tells, and returns it.
func (b *builder) shelfMark(item graph.Term, f *field) string {
	mark := b.join(f.Field, subMask("khijlm"))
	if mark == "" {
		return ""
	}
	class := bf.ShelfMarkClass
	switch f.Ind1 {
	case '0':
		class = bf.ShelfMarkLcc
	case '1':
		class = bf.ShelfMarkDdc
	case '2':
		class = bf.ShelfMarkNlm
	}
	n := b.node(item, bf.ShelfMark, class)
	b.label(n, graph.String(mark))
	return mark
}

// electronic maps 856: where the instance itself can be had, a digital version of it, which
// is an instance of its own, or something that belongs to it.
func electronic(b *builder, f *field, o *op) {
	var addresses []graph.Term
	for i := range f.Subfields {
		if s := &f.Subfields[i]; s.Code == 'u' {
			if t := b.iri(f, strings.TrimSpace(s.Value)); !t.IsZero() {
				addresses = append(addresses, t)
			}
		}
	}
	if len(addresses) == 0 {
		b.internal(f, allSubs)
		return
	}
	if beside := f.Ind2 == '2' || b.besides(f); !beside && f.codes&subMask("3yz") != 0 {
		b.internal(f, allSubs)
	}
	switch {
	case isManifest(f, addresses[0]):
		for _, a := range addresses {
			if a.IsIRI() {
				b.add(b.shown(), dcterms.IsReferencedBy, a)
			}
		}
	case f.Ind2 == '2' || b.besides(f):
		b.besideIt(f, addresses)
	case f.Ind2 == '1':
		b.digitised(f, addresses)
	default:
		for _, a := range addresses {
			b.add(b.instance, bf.ElectronicLocator, a)
		}
	}
}

// isManifest tells whether an address is that of a IIIF manifest.
func isManifest(f *field, address graph.Term) bool {
	s := strings.ToLower(address.Value())
	return strings.Contains(s, "manifest") && (strings.HasSuffix(s, ".json") || strings.HasSuffix(s, "/manifest")) ||
		strings.Contains(f.Subfield('q'), "ld+json") && strings.Contains(s, "iiif")
}

// besides tells whether $3 or $y say that the address leads to something about the resource.
func (b *builder) besides(f *field) bool {
	s := strings.ToLower(f.Subfield('3') + " " + f.Subfield('y'))
	return containsAny(s, "contents", "description", "biograph", "sample", "review", "cover", "inhalt",
		"klappentext", "rezension", "mục lục", "bìa", "giới thiệu", "tóm tắt")
}

func (b *builder) besideIt(f *field, addresses []graph.Term) {
	n := b.node(b.instance, bf.SupplementaryContent, bf.SupplementaryContentClass)
	for _, code := range []byte{'3', 'y', 'z'} {
		if s := trim(f.Subfield(code)); s != "" {
			b.label(n, b.note(s))
			break
		}
	}
	for _, a := range addresses {
		b.add(n, bf.ElectronicLocator, a)
	}
	b.addKeys(n, f, allSubs)
}

// shown returns the instance that is looked at on a screen: the digital version if there is
// one, else the instance itself.
func (b *builder) shown() graph.Term {
	if b.digital.IsZero() {
		return b.instance
	}
	return b.digital
}

// digitised makes the digital version an instance. A second address is one more place of it.
func (b *builder) digitised(f *field, addresses []graph.Term) {
	d := b.digital
	b.isA(d, bf.Instance)
	b.isA(d, bf.Electronic)
	b.add(d, bf.InstanceOf, b.work)
	b.add(b.work, bf.HasInstance, d)
	b.add(d, bf.ReproductionOf, b.instance)
	b.add(b.instance, bf.HasReproduction, d)
	b.add(d, bf.Media, graph.IRI("http://id.loc.gov/vocabulary/mediaTypes/c").Term())
	b.add(d, bf.Carrier, graph.IRI("http://id.loc.gov/vocabulary/carriers/cr").Term())
	b.add(d, bf.AdminMetadata, b.graph)
	for _, a := range addresses {
		b.add(d, bf.ElectronicLocator, a)
	}
	if s := trim(f.Subfield('3')); s != "" {
		n := b.node(d, bf.Note, bf.NoteClass)
		b.label(n, b.note(s))
	}
	for _, l := range b.labels {
		b.label(d, l)
	}
}

// policy maps 506 and 540: who may see and use it. What is said of the digital version
// hangs on that.
func policy(b *builder, f *field, o *op) {
	on := b.instance
	part := strings.TrimSpace(f.Subfield('3'))
	if lower := strings.ToLower(part); !b.digital.IsZero() && containsAny(lower, "số hóa", "số hoá", "digit", "điện tử", "numéri", "electronic") {
		on, part = b.digital, ""
	}
	class := bf.AccessPolicy
	if f.tag == 540 {
		class = bf.UsePolicy
	}
	text := strings.TrimSpace(b.join(f.Field, subMask("abcdq")))
	if text == "" && !f.Has('u') {
		return
	}
	n := b.node(on, bf.UsageAndAccessPolicy, class)
	if text != "" {
		b.label(n, b.note(text))
	}
	for i := range f.Subfields {
		s := &f.Subfields[i]
		switch s.Code {
		case 'u':
			b.add(n, bf.ElectronicLocator, b.iri(f, s.Value))
		case 'f':
			b.add(n, bf.Qualifier, b.note(trim(s.Value)))
		}
	}
	b.appliesTo(n, part)
}
