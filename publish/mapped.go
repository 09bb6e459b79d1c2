package publish

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/graph/text/vi"
	"mocban/ontology"
	"mocban/publish/web"
	"mocban/vocab/schema"
)

// mappedViews make of records what a page shows: fields and triples that point at each other.
func (s *site) mappedViews(in mappingRequest, out Explanation) (all []web.MappedRecord) {
	left := maxMappedRows
	for i := range out.Records {
		m := mappedView{s: s, in: in, x: &out.Records[i], id: "r" + strconv.Itoa(out.Records[i].Number), at: map[graph.Triple]int{}, left: &left}
		all = append(all, m.view())
	}
	return all
}

// A mappedView is a record that is being drawn.
type mappedView struct {
	s       *site
	in      mappingRequest
	x       *Explained
	id      string // begins the names of what can be pointed at
	at      map[graph.Triple]int
	triples []web.MappedTriple // by number, from 1 at 0
	left    *int               // how many rows the page has room for
}

func (m *mappedView) view() web.MappedRecord {
	v := web.MappedRecord{ID: m.id, Number: m.x.Number, Name: m.x.Name, Wrong: pick(m.in.lang, m.x.Vi, m.x.En), Place: m.x.Place}
	if v.Wrong != "" {
		return v
	}
	v.IRI = string(m.x.IRI)
	v.Total = uint64(len(m.x.Quads))
	for _, q := range m.x.Quads {
		m.number(q.Triple())
	}
	counts := map[string]uint64{}
	for i := range m.x.Fields {
		f := &m.x.Fields[i]
		for j := range f.Parts {
			counts[f.Parts[j].State]++
		}
		field := m.field(i, f)
		if *m.left -= 1 + len(field.Parts); *m.left < 0 {
			v.FieldsLeft += 1
			continue
		}
		v.Fields = append(v.Fields, field)
	}
	for _, state := range mappingStates {
		v.Counts = append(v.Counts, web.StateCount{State: state, Name: web.Word(m.in.lang, "state-"+state), Count: counts[state]})
	}
	m.links(m.x.Program, web.Link{})
	v.Nodes, v.Schema = m.nodes()
	for _, n := range slices.Concat(v.Nodes, v.Schema) {
		v.Shown += uint64(len(n.Triples))
	}
	v.Looked = m.x.Looked
	for i := range m.x.Headings {
		v.Headings = append(v.Headings, m.heading(&m.x.Headings[i]))
	}
	for _, f := range m.x.Findings {
		v.Findings = append(v.Findings, m.finding(f))
	}
	return v
}

// mappingStates are what may become of a part of a record, the better ones first.
var mappingStates = []string{"mapped", "nothing", "ignored", "unmapped"}

// number gives a triple a number, if it has none yet.
func (m *mappedView) number(t graph.Triple) int {
	n, ok := m.at[t]
	if !ok {
		n = len(m.triples) + 1
		m.at[t] = n
		m.triples = append(m.triples, web.MappedTriple{
			N: n, ID: fmt.Sprintf("%s-t%d", m.id, n), Property: web.Short(string(t.P)), Value: m.term(t.O),
		})
	}
	return n
}

// term writes a term for people: with a prefix, or below the base of the site.
func (m *mappedView) term(t graph.Term) web.Value {
	iri, ok := t.IRI()
	if !ok {
		text := t.String()
		if t.IsLiteral() && t.Lang() == "" {
			if lexical, datatype, ok := strings.Cut(text, `"^^<`); ok {
				text = lexical + `"^^` + web.Short(strings.TrimSuffix(datatype, ">"))
			}
		}
		v := web.Value{Text: web.Text{Text: printable(text)}}
		if strings.ContainsFunc(text, vi.IsHan) {
			v.Text.Lang = "und-Hani"
		}
		return v
	}
	if rest, ok := strings.CutPrefix(string(iri), string(m.s.c.Base)); ok {
		return web.Value{Text: web.Text{Text: "<" + rest + ">"}}
	}
	text := web.Short(string(iri))
	if text == string(iri) {
		text = "<" + text + ">"
		if rest, ok := strings.CutPrefix(string(iri), string(ontology.LC)); ok {
			text = "lc:" + rest
		}
	}
	return web.Value{Text: web.Text{Text: text}}
}

// field makes a field, whose parts can be pointed at.
func (m *mappedView) field(i int, f *ExplainedField) web.MappedField {
	out := web.MappedField{Tag: f.Tag, Indicators: strings.ReplaceAll(f.Indicators, " ", "#")}
	name := f.Tag
	if at := strings.LastIndexByte(f.Tag, '/'); at >= 0 {
		name = f.Tag[at+1:]
	}
	for j := range f.Parts {
		p := &f.Parts[j]
		part := web.MappedPart{
			ID: fmt.Sprintf("%s-f%d-%d", m.id, i+1, j+1), Code: partCode(f, p.Code), Value: printable(p.Value),
			State: p.State, StateName: web.Word(m.in.lang, "state-"+p.State), Rules: m.ruleLinks(p.Rules),
		}
		if f.Tag == "LDR" || len(f.Tag) == 3 && f.Tag < "010" { // a blank is seen as in print
			part.Value = strings.ReplaceAll(part.Value, " ", "#")
		}
		if r := []rune(part.Value); len(r) > 600 {
			part.Value = string(r[:600]) + "…"
		}
		if strings.ContainsFunc(part.Value, vi.IsHan) {
			part.Lang = "und-Hani"
		}
		part.Triples = m.links(p.Made, web.Link{Name: strings.TrimSpace(name + " " + part.Code), Href: "#" + part.ID})
		out.Parts = append(out.Parts, part)
	}
	if len(f.Made) > 0 {
		out.ID = fmt.Sprintf("%s-f%d", m.id, i+1)
		out.Triples = m.links(f.Made, web.Link{Name: name, Href: "#" + out.ID})
	}
	return out
}

// partCode writes the code of a part: of a subfield with a dollar, of positions with a slash.
func partCode(f *ExplainedField, code string) string {
	switch {
	case f.Indicators != "":
		return "$" + printable(code)
	case code == "", strings.HasPrefix(code, "@"):
		return code
	}
	return "/" + code
}

// links returns where the triples that were made stand, and notes with these what made them.
func (m *mappedView) links(all []Made, from web.Link) (to []web.Link) {
	for i := range all {
		made := &all[i]
		rule := m.ruleLinks([]string{made.Rule})[0]
		rule.Title = made.Says
		for _, t := range made.Triples {
			n := m.number(t)
			line := &m.triples[n-1]
			if !slices.Contains(line.Rules, rule) {
				line.Rules = append(line.Rules, rule)
			}
			if from.Href != "" && !slices.Contains(line.From, from) {
				line.From = append(line.From, from)
			}
			link := web.Link{Name: strconv.Itoa(n), Href: "#" + line.ID}
			if !slices.Contains(to, link) {
				to = append(to, link)
			}
		}
	}
	return to
}

// ruleLinks lead from file:row to where the row can be read.
func (m *mappedView) ruleLinks(rules []string) (links []web.Link) {
	for _, rule := range rules {
		link := web.Link{Name: rule}
		if at := strings.LastIndexByte(rule, ':'); at > 0 {
			link.Name = strings.TrimPrefix(rule, "ontology/")
			v := url.Values{"row": {rule}}
			if m.in.profile != m.s.c.Mapping.Profiles()[0] {
				v.Set("profile", m.in.profile)
			}
			link.Href = m.s.path + m.in.lang + "/mapping/rules?" + v.Encode()
		} else if part, ok := strings.CutPrefix(rule, "mocban "); ok {
			link.Name = web.Word(m.in.lang, "made-by-"+part)
		} else {
			link.Name = web.Word(m.in.lang, "made-by")
		}
		links = append(links, link)
	}
	return links
}

// nodes put the triples together by their subjects, those of Schema.org by themselves. There
// are no more than the page has room for.
func (m *mappedView) nodes() (bibframe, schemaOrg []web.MappedNode) {
	at := map[string]int{}
	for _, q := range m.x.Quads {
		if *m.left--; *m.left < 0 {
			break
		}
		t := q.Triple()
		subject := m.term(t.S).Text.Text
		to, key := &bibframe, "b "+subject
		if strings.HasPrefix(string(t.P), string(schema.NS)) || strings.HasPrefix(t.O.Value(), string(schema.NS)) && t.O.IsIRI() {
			to, key = &schemaOrg, "s "+subject
		}
		i, ok := at[key]
		if !ok {
			i = len(*to)
			at[key] = i
			*to = append(*to, web.MappedNode{Subject: subject})
		}
		(*to)[i].Triples = append((*to)[i].Triples, m.triples[m.at[t]-1])
	}
	return bibframe, schemaOrg
}

// heading makes a heading with the things and records that it leads to.
func (m *mappedView) heading(h *LinkedHeading) web.MappedHeading {
	link := m.s.link(m.in.lang)
	out := web.MappedHeading{Tag: h.Tag, Heading: printable(h.Heading), By: pick(m.in.lang, h.Vi, h.En)}
	if h.To != "" {
		href, _ := link(string(h.To))
		out.To = web.Link{Name: printable(h.As), Href: href}
	}
	for _, r := range h.Records {
		href, _ := link(string(r))
		name := strings.TrimPrefix(string(r), string(m.s.c.Base)+"record/")
		out.Records = append(out.Records, web.Link{Name: printable(name), Href: href})
	}
	if strings.ContainsFunc(out.Heading, vi.IsHan) {
		out.Lang = "und-Hani"
	}
	return out
}

func (m *mappedView) finding(f MappingFinding) web.MappedFinding {
	out := web.MappedFinding{Severity: f.Severity, Place: f.Tag, Value: printable(f.Value), Text: pick(m.in.lang, f.Vi, f.En), Rule: f.Rule}
	if f.Severity != "" {
		out.SeverityName = web.Word(m.in.lang, "severity-"+f.Severity)
	}
	if f.Code != "" {
		out.Place += " $" + f.Code
	}
	for i := range m.x.Fields {
		if m.x.Fields[i].Tag != f.Tag {
			continue
		}
		for j := range m.x.Fields[i].Parts {
			p := &m.x.Fields[i].Parts[j]
			if f.Code == "" || p.Code == f.Code && (f.Value == "" || p.Value == f.Value) {
				out.Href = fmt.Sprintf("#%s-f%d-%d", m.id, i+1, j+1)
				return out
			}
		}
	}
	return out
}

// mappingRules shows the rows of a profile that are asked for: by a field, a word in them, or
// their place.
func (s *site) mappingRules(w http.ResponseWriter, r *http.Request) error {
	if s.c.Mapping == nil {
		return errNoMapping
	}
	lang := s.lang(r)
	values := r.URL.Query()
	profile := values.Get("profile")
	if profile == "" {
		profile = s.c.Mapping.Profiles()[0]
	}
	if !slices.Contains(s.c.Mapping.Profiles(), profile) {
		return badRequest("Không có hồ sơ chuyển đổi này.", "There is no such profile.")
	}
	q, row := strings.TrimSpace(values.Get("q")), values.Get("row")
	if len(q) > 256 || len(row) > 256 {
		return badRequest("Câu tìm dài quá.", "The search is too long.")
	}
	all, err := s.c.Mapping.Rules(profile)
	if err != nil {
		return err
	}
	view := web.Rules{Ask: q, Asked: q != "" || row != "", Row: row}
	ask := readRuleQuery(q)
	view.Field = ask.tag
	// Of leader and 008 the program reads positions itself.
	view.Unmapped = ask.tag != "" && ask.tag != "LDR" && ask.tag != "008"
	for i := range all {
		rule := &all[i]
		if row != "" && row != place(rule) || row == "" && (q == "" || !ask.matches(rule)) {
			continue
		}
		view.Total++
		view.Unmapped = view.Unmapped && (!rule.Used || rule.Does == "off")
		if len(view.Found) < maxRules {
			view.Found = append(view.Found, ruleView(rule))
		}
	}
	if !view.Asked {
		view.Tables = s.ruleTables(lang, profile, all)
	}
	for _, name := range s.c.Mapping.Profiles() {
		view.Profiles = append(view.Profiles, web.Option{Name: name, Text: web.Word(lang, "profile-"+name), Chosen: name == profile})
	}
	p := s.page(r, lang, "mapping/rules")
	p.Title, p.Nav, p.NoIndex = web.Word(lang, "mapping-rules"), "mapping", view.Asked
	p.Canonical, p.Alternates = s.url(lang+"/mapping/rules"), s.alternates("mapping/rules")
	s.sendPage(w, r, p, s.pages.Rules(p, view), noTime)
	return nil
}

func place(r *MappingRule) string { return r.File + ":" + strconv.Itoa(r.Line) }

// ruleTables counts the rows of each table.
func (s *site) ruleTables(lang, profile string, all []MappingRule) (tables []web.Count) {
	at := map[string]int{}
	for i := range all {
		file := all[i].File
		n, ok := at[file]
		if !ok {
			n = len(tables)
			at[file] = n
			v := url.Values{"q": {file}, "profile": {profile}}
			tables = append(tables, web.Count{Name: strings.TrimPrefix(file, "ontology/"), Href: s.path + lang + "/mapping/rules?" + v.Encode()})
		}
		tables[n].Count++
	}
	return tables
}

// A ruleQuery is what rows are looked for by: a field with or without a subfield, or text.
type ruleQuery struct {
	tag, code string
	text      string
}

// readRuleQuery understands "590", "590 $a", "590a", "LDR/06", and else text.
func readRuleQuery(q string) ruleQuery {
	up := strings.ToUpper(q)
	if len(q) < 3 || !(up[:3] == "LDR" || isTag(q[:3])) {
		return ruleQuery{text: strings.ToLower(q)}
	}
	rest := strings.ToLower(strings.TrimLeft(q[3:], " #"))
	rest = strings.TrimSpace(strings.TrimLeft(rest, "$‡|/"))
	if len(rest) > 5 || strings.ContainsAny(rest, " ") {
		return ruleQuery{text: strings.ToLower(q)}
	}
	return ruleQuery{tag: up[:3], code: rest}
}

func isTag(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (q *ruleQuery) matches(r *MappingRule) bool {
	if q.tag == "" {
		for _, cell := range []string{r.File, r.Tag, r.Path, r.Value, r.Example, r.Expected, r.Note, r.When} {
			if strings.Contains(strings.ToLower(cell), q.text) {
				return true
			}
		}
		return false
	}
	if !slices.ContainsFunc(strings.Fields(r.Tag), func(tag string) bool { return means(tag, q.tag) }) {
		return false
	}
	return q.code == "" || r.Sub == "" || strings.Contains(r.Sub, q.code) || within(q.code, r.Sub)
}

// means tells whether a tag of a row, in which X is any digit, means a tag.
func means(pattern, tag string) bool {
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

// within tells whether a position is one of some positions: 16 of 15-17.
func within(at, positions string) bool {
	from, to, _ := strings.Cut(positions, "-")
	n, err := strconv.Atoi(at)
	a, errFrom := strconv.Atoi(from)
	b, errTo := strconv.Atoi(to)
	return err == nil && errFrom == nil && errTo == nil && a <= n && n <= b
}

func ruleView(r *MappingRule) web.Rule {
	return web.Rule{
		Place: strings.TrimPrefix(place(r), "ontology/"), Kind: r.Kind, Tag: r.Tag, Indicators: r.Indicators, Sub: r.Sub, When: r.When,
		Node: r.Node, Path: r.Path, Value: r.Value, Example: r.Example, Expected: r.Expected, Note: r.Note,
		Does: r.Does, Profile: r.Profile, Own: r.Own, Used: r.Used, Gone: strings.Join(r.Gone, ", "),
	}
}

// mappingCoverage shows how much of the records of each library is mapped.
func (s *site) mappingCoverage(w http.ResponseWriter, r *http.Request) error {
	if s.c.Mapping == nil {
		return errNoMapping
	}
	lang := s.lang(r)
	library := r.URL.Query().Get("library")
	c, err := s.c.Mapping.Coverage()
	if err != nil {
		return err
	}
	view := web.Coverage{}
	var made = noTime
	if c != nil {
		view = s.coverageView(lang, library, c)
		made = c.Made
	}
	if library != "" && view.Library == "" {
		return graph.ErrNotFound
	}
	p := s.page(r, lang, "mapping/coverage")
	p.Title, p.Nav = web.Word(lang, "mapping-coverage"), "mapping"
	p.Canonical, p.Alternates = s.url(lang+"/mapping/coverage"), s.alternates("mapping/coverage")
	p.NoIndex = library != ""
	s.sendPage(w, r, p, s.pages.Coverage(p, view), made)
	return nil
}

// coverageView sums up what was counted for each library, or tells it field by field for one.
func (s *site) coverageView(lang, library string, c *Coverage) web.Coverage {
	v := web.Coverage{Made: c.Made.UTC().Format("2006-01-02 15:04 UTC")}
	at := map[string]int{}
	for i := range c.Parts {
		p := &c.Parts[i]
		n, ok := at[p.Library]
		if !ok {
			n = len(v.Libraries)
			at[p.Library] = n
			v.Libraries = append(v.Libraries, web.Covered{Name: p.Library, Href: s.path + lang + "/mapping/coverage?" + url.Values{"library": {p.Library}}.Encode()})
		}
		l := &v.Libraries[n]
		l.Times += p.Times
		l.Mapped, l.Nothing, l.Ignored, l.Unmapped = l.Mapped+p.Mapped, l.Nothing+p.Nothing, l.Ignored+p.Ignored, l.Unmapped+p.Unmapped
		if p.Library == library && library != "" {
			v.Library = library
			name := p.Tag
			if p.Code != "" {
				sign := " $"
				if strings.HasPrefix(p.Code, "@") {
					sign = " "
				} else if p.Tag == "LDR" || len(p.Tag) == 3 && p.Tag < "010" {
					sign = " /"
				}
				name += sign + p.Code
			}
			ask := url.Values{"q": {name}}
			v.Parts = append(v.Parts, web.Covered{Name: name, Href: s.path + lang + "/mapping/rules?" + ask.Encode(), Times: p.Times,
				Mapped: p.Mapped, Nothing: p.Nothing, Ignored: p.Ignored, Unmapped: p.Unmapped, Example: printable(p.Example)})
		}
	}
	// What most is lost of comes first.
	slices.SortStableFunc(v.Parts, func(a, b web.Covered) int {
		switch {
		case a.Unmapped > b.Unmapped:
			return -1
		case a.Unmapped < b.Unmapped:
			return 1
		}
		return 0
	})
	if len(v.Parts) > maxCovered {
		v.Left = uint64(len(v.Parts) - maxCovered)
		v.Parts = v.Parts[:maxCovered]
	}
	return v
}

// maxCovered is how many fields of a library a page shows.
const maxCovered = 500
