package back

import (
	"math"
	"strings"

	"mocban/graph"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/rdf"
)

// relations makes 7XX with titles, 8XX and 760 to 787.
func (r *run) relations() {
	for _, i := range r.out(r.work, bf.Relation) {
		n := r.quads[i].O
		if r.used[i] {
			continue
		}
		to := r.first(n, bf.AssociatedResource)
		var d *draft
		if keys := r.relatedKeys(n, to); len(keys) > 0 {
			d = r.keyed(pair(keys))
			r.enumerate(d, n)
			if r.like {
				r.otherTitle(d, to)
			}
		} else if r.isA(to, bf.Series) && r.isA(to, bflc.Uncontrolled) {
			if len(r.out(r.instance, bf.SeriesStatement)) == 0 {
				r.transcribed(i, n, to)
			}
			r.use(nil, i) // the statement of 490 says the same
			r.useAll(nil, n)
			continue
		} else if d = r.linked(n, to); d == nil {
			continue
		}
		r.use(d, i)
		r.useAll(d, n)
		if to.IsIRI() {
			r.shares(d, to)
		}
	}
}

// transcribed makes a 490 of a series, where there is no statement of it.
func (r *run) transcribed(i int32, n, series graph.Term) {
	d := r.draft("490", '0', ' ')
	if r.says(series, bf.Status, (ontology.LC + "mstatus/tr").Term()) {
		d.ind1 = '1'
	}
	for _, j := range r.out(series, bf.Title) {
		r.texts(d, r.quads[j].O, bf.MainTitle, 'a')
	}
	r.identified(d, series)
	r.texts(d, n, bf.SeriesEnumeration, 'v')
	if len(d.parts) == 0 {
		r.drafts = r.drafts[:len(r.drafts)-1]
		return
	}
	r.use(d, i)
	r.useAll(d, n)
}

// relatedKeys returns the keys of a relation, or else of what it leads to.
func (r *run) relatedKeys(n, to graph.Term) []*draft {
	for _, at := range []graph.Term{n, to} {
		keys := r.keys(at)
		if len(keys) == 0 {
			continue
		}
		name := r.first(to, label)
		if name.IsZero() {
			name = r.first(r.first(to, bf.Title), bf.MainTitle)
		}
		for _, k := range keys {
			if k.holds(name.Value()) {
				return keys
			}
		}
	}
	return nil
}

// enumerate adds the volume of a series where the key does not have it.
func (r *run) enumerate(d *draft, n graph.Term) {
	if v := r.first(n, bf.SeriesEnumeration); !v.IsZero() && !d.has('v') && d.tag[0] == '8' {
		d.add('v', v.Value())
	}
}

// linked makes a field of 760 to 787 of a relation, or a 7XX of a hub without key.
func (r *run) linked(n, to graph.Term) *draft {
	tag, ind2, known := "787", byte(' '), false
	for _, i := range r.out(n, bf.Relationship) {
		if name, ok := strings.CutPrefix(r.quads[i].O.Value(), string(ontology.LC)+"relationship/"); ok {
			if t, ok := linkTags[name]; ok {
				tag, ind2, known = t[:3], t[3], true
			}
		}
	}
	if r.isA(to, bf.Hub) && tag == "787" || !known && !r.isA(to, bf.Work) {
		return r.relatedTitle(n, to)
	}
	d := r.draft(tag, '0', ind2)
	if tag == "773" || tag == "765" || tag == "775" || tag == "767" {
		d.ind1 = '0'
	}
	for _, i := range r.out(n, bf.Relationship) {
		if l := r.first(r.quads[i].O, label); !l.IsZero() && r.quads[i].O.IsBlank() {
			d.add('i', l.Value()+":")
			d.ind2 = '8'
		}
	}
	r.linkedWork(d, to)
	r.texts(d, r.first(n, bf.Note), label, 'g')
	if len(d.parts) == 0 {
		r.drafts = r.drafts[:len(r.drafts)-1]
		return nil
	}
	return d
}

// linkedWork adds what is said of a linked work.
func (r *run) linkedWork(d *draft, w graph.Term) {
	for _, i := range r.out(w, bf.Contribution) {
		a := r.first(r.quads[i].O, bf.Agent)
		r.texts(d, a, label, 'a')
	}
	titled := len(d.parts)
	for _, i := range r.out(w, bf.Title) {
		r.texts(d, r.quads[i].O, bf.MainTitle, 't')
	}
	if titled == len(d.parts) {
		r.texts(d, w, label, 't')
	}
	r.identified(d, w)
	for _, i := range r.out(w, bf.HasInstance) {
		n := r.quads[i].O
		r.texts(d, n, bf.EditionStatement, 'b')
		r.texts(d, n, bf.ProvisionActivityStatement, 'd')
		for _, j := range r.out(n, bf.Extent) {
			r.texts(d, r.quads[j].O, label, 'h')
		}
		for _, j := range r.out(n, bf.Note) {
			r.texts(d, r.quads[j].O, label, 'n')
		}
		r.identified(d, n)
		r.useAll(d, n)
	}
}

// identified adds the numbers of a linked work.
func (r *run) identified(d *draft, n graph.Term) {
	for _, i := range r.out(n, bf.IdentifiedBy) {
		id := r.quads[i].O
		value := r.first(id, rdf.Value)
		if value.IsZero() {
			continue
		}
		switch {
		case r.isA(id, bf.Isbn):
			d.add('z', value.Value())
		case r.isA(id, bf.Issn):
			d.add('x', value.Value())
		case r.isA(id, bf.OclcNumber):
			d.add('w', "(OCoLC)"+value.Value())
		case r.isA(id, bf.Lccn):
			s, _ := lccn(r, value)
			d.add('w', "(DLC)"+s)
		default:
			code, _ := agentCode(r, r.first(id, bf.Assigner))
			if code != "" {
				code = "(" + code + ")"
			}
			d.add('w', code+value.Value())
		}
	}
}

// texts adds the literals of a property.
func (r *run) texts(d *draft, n graph.Term, p graph.IRI, code byte) {
	for _, i := range r.out(n, p) {
		if o := r.quads[i].O; o.IsLiteral() {
			d.literal(code, o)
		}
	}
}

// relatedTitle makes a 7XX of a hub that has no key.
func (r *run) relatedTitle(n, to graph.Term) *draft {
	title := r.first(to, label)
	if title.IsZero() {
		title = r.first(r.first(to, bf.Title), bf.MainTitle)
	}
	if title.IsZero() {
		return nil
	}
	var d *draft
	for _, i := range r.out(to, bf.Contribution) {
		if a := r.first(r.quads[i].O, bf.Agent); !a.IsZero() && d == nil {
			d = r.name(a, func(tag string) string { return "7" + tag[1:] })
		}
	}
	if d == nil {
		d = r.draft("730", '0', ' ')
		d.add('a', title.Value())
	} else {
		d.add('t', title.Value())
		for _, i := range r.out(to, label) {
			if o := r.quads[i].O; o != title && d.alt != nil && !d.alt.has('t') {
				d.alt.add('t', o.Value())
			}
		}
	}
	if r.isA(to, bf.Series) {
		d.tag = "8" + d.tag[1:]
		d.ind2 = '0'
	}
	for _, i := range r.out(n, bf.Relationship) {
		if l := r.first(r.quads[i].O, label); !l.IsZero() && r.quads[i].O.IsBlank() {
			d.parts = append([]part{{'i', l.Value() + ":", false}}, d.parts...)
		}
		if r.quads[i].O.Value() == string(ontology.LC)+"relationship/part" {
			d.ind2 = '2'
		}
	}
	r.enumerate(d, n)
	return d
}

// linkTags are the tag and the second indicator that a relationship of the list of the
// Library of Congress stands for.
var linkTags = map[string]string{
	"series": "760 ", "subseries": "762 ", "translationof": "765 ", "translatedas": "767 ",
	"supplement": "770 ", "supplementto": "772 ", "partof": "773 ", "part": "774 ",
	"otheredition": "775 ", "otherphysicalformat": "776 ", "issuedwith": "777 ",
	"continuationof": "7800", "continuedinpart": "7801", "precededby": "7800", "mergerof": "7804",
	"absorptionof": "7805", "absorptioninpartof": "7806", "separatedfrom": "7807",
	"continuedby": "7850", "continuedinpartby": "7851", "succeededby": "7850", "absorbedby": "7854",
	"absorbedinpartby": "7855", "splitinto": "7856", "mergedtoform": "7857", "datasource": "786 ",
	"relatedwork": "787 ",
}

// series makes 490 of statements.
func (r *run) series() {
	var volumes []string
	for _, i := range r.out(r.work, bf.Relation) {
		if v := r.first(r.quads[i].O, bf.SeriesEnumeration); !v.IsZero() {
			volumes = append(volumes, v.Value())
		}
	}
	for _, i := range r.out(r.instance, bf.SeriesStatement) {
		if r.used[i] || !r.quads[i].O.IsLiteral() {
			continue
		}
		if d := r.traced(r.quads[i].O.Value()); d != nil {
			r.use(d, i)
			continue
		}
		d := &draft{tag: "490", ind1: '0', ind2: ' ', order: math.MaxInt, loose: true}
		for _, other := range r.drafts {
			if other.tag[0] == '8' {
				d.ind1 = '1'
			}
		}
		r.use(d, i)
		d.statement(r.quads[i].O.Value(), volumes)
		if d.parts[0].other && r.second(d) {
			continue
		}
		r.drafts = append(r.drafts, d)
	}
}

// numbered parts a statement at the word that says that a number follows, if there is one.
func numbered(s string) (title, volume string) {
	at := strings.LastIndexAny(s, "0123456789")
	if at < 0 {
		return s, ""
	}
	start := strings.LastIndex(s, ", ")
	if start > 0 && strings.ContainsAny(s[start:], "0123456789") && len(s)-start < 24 {
		return s[:start+1], s[start+2:]
	}
	for _, word := range numberWords {
		if i := strings.LastIndex(strings.ToLower(s), " "+word); i > 0 && i < at && len(s)-i < 24 {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// numberWords stand before the number of a volume.
var numberWords = []string{"v. ", "vol. ", "no. ", "nr. ", "bd. ", "t. ", "tome ", "tập ", "số ", "quyển ", "fasc. ", "pt. ", "ser. "}

// traced returns the 440 or 490 that a key has given and that a statement repeats.
func (r *run) traced(statement string) *draft {
	for _, d := range r.drafts {
		if (d.tag == "440" || d.tag == "490") && !d.loose && (d.says(statement) || d.alt != nil && d.alt.says(statement)) {
			return d
		}
	}
	return nil
}

// statement adds a statement of a series: its title, ISSN and volume.
func (d *draft) statement(s string, volumes []string) {
	other := isOther(s)
	title, volume := s, ""
	for _, mark := range []string{" ; ", " ؛ ", "؛ "} {
		if at := strings.LastIndex(s, mark); at > 0 && volume == "" {
			title, volume = s[:at]+strings.TrimRight(mark, " "), s[at+len(mark):]
		}
	}
	if volume == "" {
		title, volume = numbered(s)
	}
	for _, v := range volumes {
		if before, ok := strings.CutSuffix(s, " "+v); ok && volume == "" {
			title, volume = before, v
		}
	}
	d.add('a', title)
	if volume != "" {
		d.add('v', volume)
	}
	for i := range d.parts {
		d.parts[i].other = other
	}
}
