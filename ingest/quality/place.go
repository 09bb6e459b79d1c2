package quality

import (
	"slices"
	"strings"

	"mocban/graph"
	"mocban/ingest/marc"
	"mocban/ingest/tree"
	"mocban/ontology"
)

// A place is a field, or subfields of one, that a finding may be about.
type place struct {
	tag   string
	codes string // subfields, "" for the whole field
}

// places are where the rows of the mapping tables take the values of properties from: by the
// properties of the whole path, and by the last one.
type places struct {
	whole map[string][]place
	last  map[graph.IRI][]place
}

func readPlaces() (places, error) {
	p := places{map[string][]place{}, map[graph.IRI][]place{}}
	for _, kind := range []string{"bib", "auth", "hold"} {
		tables, err := ontology.MARC(kind)
		if err != nil {
			return p, err
		}
		for _, t := range tables {
			for i := range t.Rows {
				if err := p.add(&t.Rows[i]); err != nil {
					return p, err
				}
			}
		}
	}
	return p, nil
}

// add takes over a row. Those that call a process have no path, and say nothing here.
func (p *places) add(r *ontology.Row) error {
	if r.Cell("path") == "" {
		return nil
	}
	path, err := ontology.ParsePath(r.Cell("path"))
	if err != nil {
		return r.Error("path", err)
	}
	var properties []graph.IRI
	for _, step := range path {
		properties = append(properties, step.Property)
	}
	for tag := range strings.FieldsSeq(r.Cell("tag")) {
		at := place{tag, r.Cell("sub")}
		if tag == "LDR" || tag < "010" {
			at.codes = ""
		}
		whole, last := pathKey(properties), properties[len(properties)-1]
		if !slices.Contains(p.whole[whole], at) {
			p.whole[whole] = append(p.whole[whole], at)
		}
		if !slices.Contains(p.last[last], at) {
			p.last[last] = append(p.last[last], at)
		}
	}
	return nil
}

func pathKey(properties []graph.IRI) string {
	var b strings.Builder
	for _, p := range properties {
		b.WriteString(string(p))
		b.WriteByte(' ')
	}
	return b.String()
}

// of returns the places of a path: those of the same properties, or those of the last one.
func (p *places) of(properties []graph.IRI) []place {
	if len(properties) == 0 {
		return nil
	}
	if found := p.whole[pathKey(properties)]; len(found) > 0 {
		return found
	}
	return p.last[properties[len(properties)-1]]
}

// fieldsOf reads what shapes say of fields: "245$a", "008".
func fieldsOf(fields []string) (list []place) {
	for _, f := range fields {
		tag, codes, _ := strings.Cut(f, "$")
		list = append(list, place{tag, codes})
	}
	return list
}

// A found is where in a record a finding is.
type found struct{ tag, code, value string }

// locate finds the place in a record: the subfield that holds one of the texts, among the
// candidates or else anywhere, or else the first place that the record has, or else the first one, which it lacks. A record may be nil.
func locate(r *marc.Record, candidates []place, texts []string) (at found, ok bool) {
	if len(candidates) == 0 {
		return found{}, false
	}
	if r == nil {
		return candidates[0].asked(), true
	}
	if r.Tree != nil {
		return locateElement(r.Tree, candidates, texts)
	}
	for _, text := range texts {
		if text = bare(text); text == "" {
			continue
		}
		for _, c := range candidates {
			if at, ok := c.holding(r, text); ok {
				return at, true
			}
		}
	}
	for _, text := range texts {
		if at, ok := anywhere(r, bare(text)); ok {
			return at, true
		}
	}
	for _, c := range candidates {
		if c.isIn(r) {
			return c.asked(), true
		}
	}
	return candidates[0].asked(), true
}

func (p place) asked() found {
	if len(p.codes) == 1 {
		return found{tag: p.tag, code: p.codes}
	}
	return found{tag: p.tag}
}

func (p place) isIn(r *marc.Record) bool {
	return p.tag == "LDR" || slices.ContainsFunc(r.Fields, func(f marc.Field) bool { return sameTag(p.tag, f.Tag) })
}

// sameTag compares a tag of a table, in which X is any digit, with one of a record.
func sameTag(pattern, tag string) bool {
	if len(pattern) != len(tag) {
		return false
	}
	for i := range len(tag) {
		if pattern[i] != tag[i] && pattern[i] != 'X' {
			return false
		}
	}
	return true
}

// holding returns the subfield that holds a text, which is bare already. Mapping takes off
// punctuation and joins subfields, so a part is enough if it is most of the subfield.
func (p place) holding(r *marc.Record, text string) (found, bool) {
	for i := range r.Fields {
		f := &r.Fields[i]
		if !sameTag(p.tag, f.Tag) {
			continue
		}
		for _, s := range f.Subfields {
			if p.codes != "" && strings.IndexByte(p.codes, s.Code) < 0 {
				continue
			}
			value := bare(s.Value)
			if value != "" && (strings.Contains(value, text) || strings.Contains(text, value)) {
				return found{f.Tag, string(rune(s.Code)), s.Value}, true
			}
		}
	}
	return found{}, false
}

// elements are what Dublin Core calls that which shapes know by its field of MARC.
var elements = map[string]string{
	"001": "identifier", "008": "language", "020": "identifier", "022": "identifier", "024": "identifier", "041": "language",
	"082": "subject", "100": "creator", "110": "creator", "245": "title", "260": "date", "264": "date", "300": "format",
	"336": "type", "LDR": "type", "650": "subject", "651": "coverage", "653": "subject", "655": "type", "700": "contributor", "710": "contributor",
}

// locateElement finds the element of a tree that holds one of the texts. In Dublin Core it may
// also be one that the record lacks.
func locateElement(t *tree.Record, candidates []place, texts []string) (found, bool) {
	for _, text := range texts {
		if text = bare(text); text == "" {
			continue
		}
		for e := range t.Root.All() {
			if value := e.OwnText(); e.Name != "" && bare(value) != "" && (strings.Contains(bare(value), text) || strings.Contains(text, bare(value))) {
				return found{tag: e.Name, value: value}, true
			}
		}
	}
	name := elements[candidates[0].tag]
	return found{tag: name}, t.Kind == tree.DC && name != ""
}

// anywhere returns the first subfield whose whole value is a text, which is bare already.
func anywhere(r *marc.Record, text string) (found, bool) {
	for i := range r.Fields {
		f := &r.Fields[i]
		for _, s := range f.Subfields {
			if text != "" && bare(s.Value) == text {
				return found{f.Tag, string(rune(s.Code)), s.Value}, true
			}
		}
	}
	return found{}, false
}

// bare returns a text in lower case without punctuation at its ends, and without hyphens.
func bare(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Trim(s, " .,:;/=[]()\"")), "-", "")
}
