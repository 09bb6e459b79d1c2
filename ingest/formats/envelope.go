package formats

import (
	"fmt"
	"strings"

	"mocban/ingest/marc"
	"mocban/ingest/tree"
)

// open finds the record in what was read: in the envelope of OAI-PMH or SRU, or by itself.
// It returns nil for what says that there is none, and a fault for what cannot be mapped.
func open(root *tree.Element) (*tree.Record, *marc.BadRecord) {
	if root.Name == "error" {
		code := root.Attr("code")
		if code == "noRecordsMatch" {
			return nil, nil
		}
		return nil, bad("oai-error", fmt.Sprintf("máy chủ OAI-PMH báo lỗi %s: %s", code, root.Value()),
			fmt.Sprintf("the OAI-PMH server answered %s: %s", code, root.Value()))
	}
	t := &tree.Record{}
	inner := root
	if root.Name == "record" {
		if h := root.Child("header"); h != nil {
			t.ID = h.Child("identifier").Value()
			t.Stamp = h.Child("datestamp").Value()
			for s := range h.Named("setSpec") {
				t.Sets = append(t.Sets, s.Value())
			}
			if h.Attr("status") == "deleted" {
				fault := bad("deleted", "nguồn đã rút biểu ghi này", "the source has withdrawn this record")
				fault.ID = t.ID
				return nil, fault
			}
		}
		inner = payload(root)
	}
	if inner == nil {
		return nil, bad("empty", "biểu ghi không có nội dung", "the record has no content")
	}
	var ok bool
	if t.Root, t.Kind, ok = known(inner); !ok {
		fault := bad("unknown-schema", fmt.Sprintf("lược đồ <%s> (%s) chưa được chuyển đổi", inner.Name, inner.Space),
			fmt.Sprintf("the schema of <%s> (%s) is not mapped", inner.Name, inner.Space))
		fault.ID = t.ID
		return nil, fault
	}
	return t, nil
}

// payload returns what stands in an envelope.
func payload(root *tree.Element) *tree.Element {
	for _, name := range []string{"metadata", "recordData"} {
		if m := root.Child(name); m != nil {
			for e := range m.Elements() {
				return e
			}
			return nil
		}
	}
	for e := range root.Elements() {
		if payloads[e.Name] != "" {
			return e
		}
	}
	for e := range root.Elements() {
		if e.Name != "header" && e.Name != "about" {
			return root // a record of loose elements
		}
	}
	return nil
}

// known returns an element as a record of a kind.
func known(e *tree.Element) (*tree.Element, tree.Kind, bool) {
	switch e.Name {
	case "dim":
		return fromDIM(e), tree.DC, true
	case "metadata", "record", "item":
		if x := e.Child("element"); x != nil && x.HasAttr("name") {
			return fromXOAI(e), tree.DC, true
		}
		if e.Child("title") != nil || e.Child("creator") != nil || e.Child("identifier") != nil {
			return issued(e), tree.DC, true
		}
		return nil, "", false
	case "RDF":
		for x := range e.Elements() {
			switch x.Name {
			case "ProvidedCHO", "Aggregation", "Proxy":
				return inlined(e), tree.EDM, true
			}
		}
		return nil, "", false
	}
	k := payloads[e.Name]
	switch k {
	case tree.METS:
		e = arrange(e)
	case tree.DC:
		e = issued(e)
	}
	return e, k, k != ""
}

// issued tells dates of the repository from that of the resource, which simple Dublin Core does not:
// DSpace gives when a thing came and when it was to be seen, to the second, before when it was
// issued. Where there is a date without a time, those with one are called date.available.
func issued(root *tree.Element) *tree.Element {
	stamped := func(s string) bool {
		day, time, ok := strings.Cut(s, "T")
		return ok && len(day) == 10 && strings.Contains(time, ":")
	}
	plain := false
	for e := range root.Named("date") {
		plain = plain || e.Value() != "" && !stamped(e.Value())
	}
	for e := range root.Named("date") {
		if plain && stamped(e.Value()) {
			e.Name = "date.available"
		}
	}
	return root
}

// fromDIM returns the fields of DSpace's DIM as elements: <dim:field element="date"
// qualifier="issued"> is date.issued.
func fromDIM(e *tree.Element) *tree.Element {
	root := &tree.Element{Name: "dc"}
	for f := range e.Elements() {
		name := f.Attr("element")
		if name == "" {
			continue
		}
		if schema := f.Attr("mdschema"); schema != "" && schema != "dc" && schema != "dcterms" {
			name = schema + ":" + name
		}
		if q := f.Attr("qualifier"); q != "" && q != "none" {
			name += "." + q
		}
		addField(root, name, f.Attr("lang"), f.Value())
	}
	return root
}

// fromXOAI returns the elements of DSpace's internal form, which nest by schema, element,
// qualifier and language.
func fromXOAI(e *tree.Element) *tree.Element {
	root := &tree.Element{Name: "dc"}
	for schema := range e.Named("element") {
		name := schema.Attr("name")
		switch name {
		case "dc", "dcterms":
			xoaiFields(root, schema, "")
		case "bundles":
			bundles(root, schema)
		default:
			xoaiFields(root, schema, name)
		}
	}
	return root
}

// bundles gives the files of an item. Only those of the bundle ORIGINAL are the item itself; others
// are texts read off them, small pictures and licences, and are called other files.
func bundles(root, e *tree.Element) {
	for b := range e.Elements() {
		field := func(of *tree.Element, name string) string {
			for f := range of.Named("field") {
				if f.Attr("name") == name {
					return f.Value()
				}
			}
			return ""
		}
		path := "bundles.bundle.bitstreams.bitstream"
		if n := field(b, "name"); n != "" && n != "ORIGINAL" {
			path = "bundles.other.bitstreams.bitstream"
		}
		addField(root, "bundles.bundle", "", field(b, "name"))
		for x := range b.All() {
			if x.Attr("name") != "bitstream" || x.Name != "element" {
				continue
			}
			for f := range x.Named("field") {
				addField(root, path+"@"+f.Attr("name"), "", f.Value())
			}
		}
	}
}

func xoaiFields(root, e *tree.Element, path string) {
	for x := range e.Elements() {
		name := x.Attr("name")
		switch {
		case x.Name == "element" && (path != "" || e.Attr("name") == "dc" || e.Attr("name") == "dcterms"):
			if name == "none" {
				xoaiFields(root, x, path)
				continue
			}
			if path == "" {
				xoaiFields(root, x, name)
			} else {
				xoaiFields(root, x, path+"."+name)
			}
		case x.Name == "element":
			xoaiFields(root, x, name)
		case x.Name == "field" && name == "value":
			field, lang := path, ""
			if head, last, ok := cutLast(path); ok && isLanguage(last) {
				field, lang = head, last
			}
			addField(root, field, lang, x.Value())
		case x.Name == "field":
			addField(root, path+"@"+name, "", x.Value())
		}
	}
}

func cutLast(path string) (head, last string, ok bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", "", false
	}
	return path[:i], path[i+1:], true
}

// isLanguage tells the names that DSpace uses for languages: vi, en_US, *.
func isLanguage(s string) bool {
	if s == "*" || s == "-" {
		return true
	}
	s, _, _ = strings.Cut(s, "_")
	return len(s) == 2 && strings.ToLower(s) == s
}

func addField(root *tree.Element, name, lang, value string) {
	if value == "" {
		return
	}
	e := tree.New(strings.ReplaceAll(name, "/", "."), value)
	if lang != "" && lang != "*" && lang != "-" {
		e.Set("xml:lang", strings.ReplaceAll(lang, "_", "-"))
	}
	root.Children = append(root.Children, e)
}

// inlined puts the name of what an EDM record describes besides (agents, bodies, places, times and
// concepts) where it is named: <dc:creator rdf:resource="#a"/> gets the name of #a inside.
func inlined(root *tree.Element) *tree.Element {
	about := map[string]*tree.Element{}
	for e := range root.Elements() {
		switch e.Name {
		case "Agent", "Organization", "Place", "TimeSpan", "Concept":
			about[e.Attr("about")] = e
		}
	}
	language := root.At("ProvidedCHO", "language").Value()
	for e := range root.Named("Proxy") {
		if language == "" {
			language = e.Child("language").Value()
		}
	}
	for e := range root.All() {
		if e.Name == "" || len(e.Children) > 0 {
			continue
		}
		if x := about[e.Attr("resource")]; x != nil && e.Attr("resource") != "" && !strings.HasPrefix(e.Name, "sameAs") {
			if label := labelled(x, language); label != nil {
				e.Children = append(e.Children, &tree.Element{Name: x.Name, Space: x.Space, Attrs: x.Attrs, Children: []*tree.Element{label}})
			}
		}
	}
	return root
}

// labelled returns the name of a thing that has one in many languages: in Vietnamese, in the
// language of the record, in none, in English, or else the first.
func labelled(x *tree.Element, language string) (best *tree.Element) {
	rank := func(e *tree.Element) int {
		switch l := e.Attr("xml:lang"); {
		case strings.HasPrefix(l, "vi"):
			return 4
		case l != "" && language != "" && strings.HasPrefix(language, l):
			return 3
		case l == "":
			return 2
		case strings.HasPrefix(l, "en"):
			return 1
		}
		return 0
	}
	for _, name := range []string{"prefLabel", "name", "altLabel", "hiddenLabel"} {
		for e := range x.Named(name) {
			if e.Value() != "" && (best == nil || rank(e) > rank(best)) {
				best = e
			}
		}
		if best != nil {
			return best
		}
	}
	if from, to := x.Child("begin").Value(), x.Child("end").Value(); from+to != "" { // of a time without a name
		span := from
		if to != "" && to != from {
			span += "/" + to
		}
		return tree.New("prefLabel", span)
	}
	return nil
}

// identify returns the identifier that a record gives itself, or "".
func identify(t *tree.Record) string {
	first := func(paths ...[]string) string {
		for _, p := range paths {
			if s := t.Root.At(p...).Value(); s != "" {
				return s
			}
		}
		return ""
	}
	switch t.Kind {
	case tree.DC, tree.Sheet:
		best := ""
		for e := range t.Root.Elements() {
			if e.Name != "identifier" && !strings.HasPrefix(e.Name, "identifier.") && e.Name != "id" {
				continue
			}
			v := e.Value()
			if best == "" || strings.HasPrefix(v, "http") && !strings.HasPrefix(best, "http") || e.Name == "identifier.uri" {
				best = v
			}
		}
		return best
	case tree.MODS:
		if s := first([]string{"recordInfo", "recordIdentifier"}, []string{"identifier"}); s != "" {
			return s
		}
		return t.Root.Attr("ID")
	case tree.METS:
		if id := t.Root.Attr("OBJID"); id != "" {
			return id
		}
		for e := range t.Root.All() {
			if e.Name == "recordIdentifier" {
				return e.Value()
			}
		}
	case tree.EAD:
		return first([]string{"eadheader", "eadid"}, []string{"control", "recordid"}, []string{"archdesc", "did", "unitid"})
	case tree.EAC:
		return first([]string{"control", "recordId"}, []string{"eacheader", "eacid"})
	case tree.TEI:
		if s := t.Root.Attr("xml:id"); s != "" {
			return s
		}
		for e := range t.Root.All() {
			if e.Name == "idno" && e.Value() != "" {
				return e.Value()
			}
			if e.Name == "text" {
				break
			}
		}
	case tree.LIDO:
		return first([]string{"lidoRecID"})
	case tree.EDM:
		for e := range t.Root.Elements() {
			if e.Name == "ProvidedCHO" {
				return e.Attr("about")
			}
		}
	case tree.IIIF:
		return t.Root.Attr("id")
	}
	return ""
}
