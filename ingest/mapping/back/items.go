package back

import (
	"slices"
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/dcterms"
	"mocban/vocab/mocban"
	"mocban/vocab/rdf"
)

// items makes 852 of items.
func (r *run) items() {
	for _, a := range r.admins {
		if s := r.first(a, mocban.Source); !s.IsZero() {
			r.source = s.Value()
		}
	}
	for _, i := range r.out(r.instance, bf.HasItem) {
		n := r.quads[i].O
		if r.first(n, bf.HeldBy).IsZero() && r.first(n, bf.ShelfMark).IsZero() {
			continue
		}
		if keys := r.keys(n); len(keys) > 0 && (keys[0].tag >= "876" || r.holding(n, keys[0])) {
			d := r.keyed(keys[:1])
			r.detail(n)
			r.use(d, i)
			r.useAll(d, n)
			continue
		}
		d := r.draft("852", '8', ' ')
		if code, ok := agentCode(r, r.first(n, bf.HeldBy)); ok && code != r.source {
			d.add('a', code)
		}
		code := byte('b')
		for _, j := range r.out(n, bf.Sublocation) {
			before := len(d.parts)
			r.texts(d, r.quads[j].O, label, code)
			if len(d.parts) > before {
				code = 'c'
			}
		}
		r.shelved(d, n)
		r.detail(n)
		for _, j := range r.out(n, bf.IdentifiedBy) {
			if !r.used[j] {
				r.texts(d, r.quads[j].O, rdf.Value, 'p')
			}
		}
		for _, j := range r.out(n, bf.EnumerationAndChronology) {
			if !r.used[j] {
				r.texts(d, r.quads[j].O, label, 't')
			}
		}
		for _, j := range r.out(n, bf.ElectronicLocator) {
			d.add('u', r.quads[j].O.Value())
		}
		for _, j := range r.out(n, bf.Note) {
			if !r.used[j] {
				r.texts(d, r.quads[j].O, label, 'z')
			}
		}
		r.use(d, i)
		r.useAll(d, n)
		if len(d.parts) == 0 { // an item of which nothing is known but who holds it
			d.add('a', r.source)
		}
		if len(d.parts) == 0 {
			r.drafts = slices.DeleteFunc(r.drafts, func(o *draft) bool { return o == d })
		}
	}
}

// holding tells whether a key still says where an item stands, and what is said of it.
func (r *run) holding(n graph.Term, k *draft) bool {
	if code, ok := agentCode(r, r.first(n, bf.HeldBy)); ok && code != r.source && !k.holds(code) {
		return false
	}
	for _, p := range []graph.IRI{bf.Sublocation, bf.ShelfMark, bf.IdentifiedBy, bf.EnumerationAndChronology, bf.Note} {
		for _, i := range r.out(n, p) {
			o := r.quads[i].O
			if len(r.keys(o)) > 0 { // it was a field of its own
				continue
			}
			for _, text := range []graph.Term{r.first(o, label), r.first(o, rdf.Value)} {
				if !text.IsZero() && !k.says(text.Value()) {
					return false
				}
			}
		}
	}
	return true
}

// says tells whether a keyed field has all the letters of a text in one go, or one by one, as
// shelf marks take their subfields in an order of their own.
func (d *draft) says(text string) bool {
	if d.holds(text) {
		return true
	}
	for word := range strings.FieldsSeq(text) {
		if !d.holds(word) {
			return false
		}
	}
	return true
}

// same tells whether two fields are one.
func (d *draft) same(o *draft) bool {
	return d.tag == o.tag && slices.EqualFunc(d.parts, o.parts, func(a, b part) bool { return a.code == b.code && a.value == b.value })
}

// detail makes the fields behind 852: 842 to 845 and 863 to 868 of what an item holds, and the 876
// to 878 that its numbers stood in.
func (r *run) detail(n graph.Term) {
	for _, i := range r.out(n, bf.EnumerationAndChronology) {
		r.statement(i)
	}
	for _, p := range []graph.IRI{bf.Note, bf.UsageAndAccessPolicy} {
		for _, i := range r.out(n, p) {
			if keys := r.trueKeys(r.quads[i].O); len(keys) > 0 {
				d := r.keyed(pair(keys))
				r.use(d, i)
				r.useAll(d, r.quads[i].O)
			}
		}
	}
	var pieces []*draft
	for _, i := range r.out(n, bf.IdentifiedBy) {
		number := r.quads[i].O
		keys := r.trueKeys(number)
		if len(keys) == 0 {
			continue
		}
		at := slices.IndexFunc(pieces, keys[0].same)
		if at < 0 {
			at = len(pieces)
			pieces = append(pieces, r.keyed(keys))
		}
		r.use(pieces[at], i)
		r.useAll(pieces[at], number)
	}
}

// statement makes the 863 to 868 that a statement of holdings was; ok is false if it was none, or
// if the text was changed.
func (r *run) statement(i int32) (ok bool) {
	n := r.quads[i].O
	keys := r.keys(n)
	if len(keys) == 0 || keys[0].tag >= "866" && r.trueKeys(n) == nil {
		return false
	}
	d := r.keyed(keys[:1])
	r.use(d, i)
	r.useAll(d, n)
	return true
}

// shelved adds the shelf mark: the class, and from the last full stop before a letter on the
// number of the item.
func (r *run) shelved(d *draft, n graph.Term) {
	for _, i := range r.out(n, bf.ShelfMark) {
		mark := r.quads[i].O
		text := r.first(mark, label)
		if text.IsZero() {
			continue
		}
		class, item := text.Value(), ""
		switch {
		case r.isA(mark, bf.ShelfMarkLcc):
			d.ind1 = '0'
			if at := strings.LastIndex(class, " ."); at > 0 {
				class, item = class[:at], class[at+1:]
			}
		case r.isA(mark, bf.ShelfMarkDdc):
			d.ind1 = '1'
			if at := strings.IndexByte(class, ' '); at > 0 {
				class, item = class[:at], class[at+1:]
			}
		case r.isA(mark, bf.ShelfMarkNlm):
			d.ind1 = '2'
		}
		d.add('h', class)
		d.add('i', item)
	}
}

// internalNotes makes fields of the notes that keep them in one line.
func (r *run) internalNotes() {
	for _, a := range r.admins {
		for _, i := range r.out(a, bf.Note) {
			n := r.quads[i].O
			text := r.first(n, label)
			if !r.says(n, rdf.Type, internal) || text.IsZero() {
				continue
			}
			k, ok := parseKey(text.Value())
			if !ok || k.tag == "040" && !r.agencies(a, k) {
				continue
			}
			d := r.keyed([]*draft{k})
			r.use(d, i)
			r.useAll(d, n)
			switch d.tag {
			case "040":
				for _, p := range agency {
					for _, j := range r.out(a, p) {
						r.use(d, j)
					}
				}
				for _, p := range d.parts {
					r.rda = r.rda || p.code == 'e' && strings.Contains(p.value, "rda")
				}
			case "856":
				r.addressed(d)
			}
		}
	}
}

// agency are the properties that 040 is made of, too.
var agency = []graph.IRI{bf.Assigner, bf.DescriptionModifier, bf.DescriptionLanguage, bf.DescriptionConventions}

// agencies tells whether those who made and changed the description are still those that
// the key of 040 names.
func (r *run) agencies(admin graph.Term, k *draft) bool {
	for _, p := range []graph.IRI{bf.Assigner, bf.DescriptionModifier} {
		for _, i := range r.out(admin, p) {
			code, _ := agentCode(r, r.quads[i].O)
			if !slices.ContainsFunc(k.parts, func(p part) bool { return strings.EqualFold(p.value, code) || strings.TrimSpace(p.value) == code }) {
				return false
			}
		}
	}
	return true
}

// addressed takes the addresses that a field gives.
func (r *run) addressed(d *draft) {
	for _, at := range append(r.reproductions(), r.instance) {
		for _, p := range []graph.IRI{bf.ElectronicLocator, dcterms.IsReferencedBy} {
			for _, i := range r.out(at, p) {
				for _, part := range d.parts {
					if part.code == 'u' && letters(part.value) == letters(r.quads[i].O.Value()) {
						r.use(d, i)
					}
				}
			}
		}
	}
}

func (r *run) reproductions() (all []graph.Term) {
	for _, i := range r.out(r.instance, bf.HasReproduction) {
		all = append(all, r.quads[i].O)
	}
	return all
}

// electronic makes 856 of addresses.
func (r *run) electronic() {
	r.addresses(r.instance, bf.ElectronicLocator, '0')
	r.addresses(r.instance, dcterms.IsReferencedBy, '1')
	for _, n := range r.reproductions() {
		r.addresses(n, bf.ElectronicLocator, '1')
		r.addresses(n, dcterms.IsReferencedBy, '1')
		r.useAll(nil, n)
	}
	for _, i := range r.out(r.instance, bf.HasReproduction) {
		r.used[i] = true
	}
	for _, i := range r.out(r.instance, bf.SupplementaryContent) {
		n := r.quads[i].O
		if r.used[i] || r.first(n, bf.ElectronicLocator).IsZero() {
			continue
		}
		var d *draft
		if keys := r.trueKeys(n); len(keys) > 0 {
			d = r.keyed(keys)
		} else {
			d = r.draft("856", '4', '2')
			r.texts(d, n, label, '3')
			for _, j := range r.out(n, bf.ElectronicLocator) {
				d.add('u', r.quads[j].O.Value())
			}
		}
		r.use(d, i)
		r.useAll(d, n)
	}
	for _, i := range r.out(r.work, bf.HasInstance) { // as the Library of Congress has it
		n := r.quads[i].O
		if n != r.instance && r.isA(n, bf.Electronic) && len(r.out(n, bf.ReproductionOf)) == 0 {
			r.electronicInstance(i, n)
		}
	}
	for _, i := range r.out(r.instance, bf.HasItem) { // as the Library of Congress has it
		r.addresses(r.quads[i].O, bf.ElectronicLocator, '0')
	}
}

// electronicInstance makes an 856 of an instance that is nothing but an address.
func (r *run) electronicInstance(i int32, n graph.Term) {
	d := r.draft("856", '4', '1')
	for _, j := range r.out(n, bf.Title) {
		r.texts(d, r.quads[j].O, bf.MainTitle, '3')
	}
	for _, j := range r.out(n, bf.ElectronicLocator) {
		d.add('u', r.quads[j].O.Value())
	}
	for _, j := range r.out(n, bf.Note) {
		r.texts(d, r.quads[j].O, label, 'z')
	}
	if !d.has('u') {
		r.drafts = r.drafts[:len(r.drafts)-1]
		return
	}
	r.use(d, i)
	r.useAll(d, n)
}

// addresses makes a field of each address.
func (r *run) addresses(n graph.Term, p graph.IRI, ind2 byte) {
	for _, i := range r.out(n, p) {
		if r.used[i] {
			continue
		}
		to := r.quads[i].O
		d := r.draft("856", '4', ind2)
		d.add('u', to.Value())
		r.use(d, i)
		if len(d.parts) == 0 {
			r.drafts = r.drafts[:len(r.drafts)-1]
		}
	}
}

// policies makes 506 and 540.
func (r *run) policies() {
	for _, at := range append(r.reproductions(), r.instance) {
		for _, i := range r.out(at, bf.UsageAndAccessPolicy) {
			n := r.quads[i].O
			tag := "506"
			if r.isA(n, bf.UsePolicy) {
				tag = "540"
			}
			d := r.draft(tag, ' ', ' ')
			for _, j := range r.out(n, bflc.AppliesTo) {
				r.texts(d, r.quads[j].O, label, '3')
			}
			r.texts(d, n, label, 'a')
			r.texts(d, n, bf.Qualifier, 'f')
			for _, j := range r.out(n, bf.ElectronicLocator) {
				d.add('u', r.quads[j].O.Value())
			}
			r.use(d, i)
			r.useAll(d, n)
			if len(d.parts) == 0 {
				r.drafts = r.drafts[:len(r.drafts)-1]
			}
		}
	}
}
