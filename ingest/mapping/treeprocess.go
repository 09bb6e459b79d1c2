package mapping

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"mocban/graph"
	"mocban/ingest/tree"
	"mocban/ontology"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/codes"
	"mocban/vocab/dcterms"
	"mocban/vocab/rdf"
)

// treeProcesses are the functions that rows of trees call by name.
var treeProcesses map[string]treeProcess

func init() { // in a function, because rows are compiled by what these call
	treeProcesses = map[string]treeProcess{
		"title":      treeTitled,
		"agent":      treeAgent,
		"subject":    treeSubject,
		"identifier": treeIdentifier,
		"type":       treeType,
		"format":     treeFormat,
		"rights":     treeRights,
		"relation":   treeRelation,
		"manifest":   treeManifest,
		"item":       treeItem,
		"name":       modsName,
		"heading":    modsSubject,
		"related":    modsRelated,
		"origin":     modsOrigin,
		"part":       modsPart,
		"component":  treeComponent,
		"where":      treeWhere,
		"unitdate":   eadDate,
		"resp":       teiResp,
		"surface":    teiSurface,
		"div":        metsDiv,
		"file":       metsFile,
		"canvas":     iiifCanvas,
		"range":      iiifRange,
		"view":       edmView,
		"event":      lidoEvent,
		"actor":      lidoActor,
		"proxy":      edmProxy,
		"eacname":    eacName,
		"eacrelated": eacRelated,
	}
}

// treeTitled maps a title in one piece: what follows " : " is the rest of it, what follows
// " / " says who made it. The argument is a type of variant title; without one it is the title
// of work and instance.
func treeTitled(w *walk, e *tree.Element, o *treeOp) {
	s := strings.TrimSpace(e.Value())
	if s == "" || w.isPlaceholder(s) {
		return
	}
	s, by, _ := strings.Cut(s, " / ")
	main, rest, _ := strings.Cut(s, " : ")
	main, rest = trim(main), trim(rest)
	if main == "" {
		main, rest = trim(s), ""
	}
	if o.arg != "" {
		n := w.builder.node(w.builder.instance, bf.Title, bf.VariantTitle)
		if o.arg != "other" {
			w.add(n, bf.VariantType, graph.String(o.arg))
		}
		w.titleNode(w.builder.instance, n, false)
		w.titleParts(n, main, rest)
		return
	}
	of := []graph.Term{w.builder.work, w.builder.instance}
	for _, t := range of {
		class := bf.TitleClass
		if len(w.titles[t]) > 0 && w.titles[t][0].proper { // a second one: in another language, or as people know it
			if t == w.builder.work {
				continue
			}
			class = bf.ParallelTitle
		}
		n := w.builder.node(t, bf.Title, class)
		w.titleNode(t, n, class == bf.TitleClass)
		w.titleParts(n, main, rest)
	}
	if by = trim(by); by != "" {
		w.add(w.builder.instance, bf.ResponsibilityStatement, w.text(by))
	}
}

func (w *walk) titleParts(n graph.Term, main, rest string) {
	w.say(n, bf.MainTitle, w.text(main))
	if rest != "" {
		w.say(n, bf.Subtitle, w.text(rest))
	}
}

// A party is somebody who is named in a tree.
type party struct {
	name   string
	dates  string
	class  graph.IRI // or "" if it is not told
	links  []string  // IRIs that name it
	given  string
	family string
}

// agentOf returns the IRI of a party and describes it.
func (w *walk) agentOf(p party) graph.Term {
	label := trim(p.name)
	if label == "" || w.isPlaceholder(label) || w.isNobody(label) {
		return graph.Term{}
	}
	h := heading{class: p.class, label: label, name: label, dates: p.dates}
	if p.dates == "" {
		if head, last, ok := cutDates(label); ok {
			h.name, h.dates = head, last
		}
	} else {
		h.label = label + ", " + p.dates
	}
	if h.class == "" {
		h.class = guessClass(h.name, h.dates)
	}
	if h.class == bf.Person {
		if p.family != "" && p.given != "" {
			w.invert(&h, p.family+", "+p.given)
		} else {
			w.invert(&h, h.name)
		}
	}
	t := w.agent(h, nil)
	for _, l := range p.links {
		if iri, ok := authorityIRI(l); ok {
			w.link(t, iri, false)
		}
	}
	return t
}

// cutDates takes the dates of life off a name: "Nguyễn Du, 1765-1820".
func cutDates(s string) (name, dates string, ok bool) {
	i := strings.LastIndexByte(s, ',')
	open := false
	if j := strings.LastIndexByte(s, '('); i < 0 || j > i {
		i, open = j, true
	}
	if i <= 0 {
		return "", "", false
	}
	dates = strings.Trim(s[i+1:], " ().,")
	if year, _ := statedYear(dates); year == "" || strings.Trim(dates, "0123456789-–?X bdca.") != "" {
		return "", "", false
	}
	if open && !strings.HasSuffix(s, ")") {
		return "", "", false
	}
	return trim(s[:i]), strings.ReplaceAll(dates, "–", "-"), true
}

// bodies are words that only names of bodies have.
var bodies = []string{"trường", "đại học", "viện", "học viện", "bộ", "sở", "thư viện", "ủy ban", "uỷ ban", "ban", "hội", "nhà xuất bản", "nxb",
	"công ty", "trung tâm", "tổng cục", "cục", "khoa", "tòa soạn", "bảo tàng", "chính phủ", "quốc hội", "liên hiệp", "phòng", "tập đoàn", "ngân hàng",
	"university", "universität", "université", "institute", "library", "ministry", "department", "company", "inc", "inc.", "ltd", "ltd.", "co.", "society",
	"press", "museum", "college", "school", "association", "committee", "council", "bank", "office", "bureau", "center", "centre", "foundation",
	"publishers", "publishing", "archives", "agency", "corporation", "gmbh", "bibliothek", "bibliothèque", "academy", "commission", "service", "church", "team"}

// guessClass tells what a name names, or agent where it cannot be told.
func guessClass(name, dates string) graph.IRI {
	low := strings.ToLower(name)
	first, _, _ := strings.Cut(low, ",")
	words := strings.Fields(first)
	for i, word := range words {
		for _, b := range bodies {
			if word == b && (i == 0 || !familyNames[words[0]]) || i == 0 && strings.HasPrefix(low, b+" ") {
				return bf.OrganizationClass
			}
		}
	}
	switch {
	case dates != "", strings.Contains(name, ", "), isFullName(name) && len(words) <= 5:
		return bf.Person
	}
	return bf.AgentClass
}

// treeAgent maps the name of somebody in one piece. The argument is the code of a role, and
// may be followed by the class: "aut", "pbl body".
func treeAgent(w *walk, e *tree.Element, o *treeOp) {
	role, class, _ := strings.Cut(o.arg, " ")
	var p party
	switch class {
	case "body":
		p.class = bf.OrganizationClass
	case "person":
		p.class = bf.Person
	case "family":
		p.class = bf.Family
	}
	for _, a := range []string{"resource", "about", "valueURI", "ref", "identifier", "source"} {
		if v := e.Attr(a); strings.HasPrefix(v, "http") {
			p.links = append(p.links, v)
		}
	}
	word := ""
	if w.plan.kind == tree.EAD || w.plan.kind == tree.TEI { // where the role is told with the name, in one way or another
		if said := firstOf(e.Attr("relator"), e.Attr("role")); said != "" {
			role, word = relatorOf(said, role)
		}
	}
	names := w.names(e)
	for _, n := range names {
		q := p
		q.name = n.name
		code := role
		if n.role != "" {
			code = n.role
		}
		w.contribute(q, code, word)
	}
	if iri := onlyLink(e); len(names) == 0 && iri != "" {
		c := w.builder.node(w.builder.work, bf.Contribution, bf.ContributionClass)
		w.add(c, bf.Agent, iri.Term())
		w.roleOf(c, role, "")
	}
}

// relatorOf reads a role as finding aids write it: col, Collector (col), Collector, or the IRI of
// one. What no list knows is a word.
func relatorOf(s, otherwise string) (code, word string) {
	low := strings.ToLower(strings.TrimSpace(s))
	if i := strings.LastIndexAny(low, "/#"); strings.HasPrefix(low, "http") {
		low = low[i+1:]
	}
	if i := strings.LastIndexByte(low, '('); i > 0 && strings.HasSuffix(low, ")") {
		if _, ok := codes.Relators.Lookup(low[i+1 : len(low)-1]); ok {
			return low[i+1 : len(low)-1], ""
		}
	}
	if _, ok := codes.Relators.Lookup(low); ok {
		return low, ""
	}
	switch low {
	case "creator", "origination", "subject":
		return otherwise, ""
	}
	return "", s
}

// onlyLink returns the IRI that an element leads to, if it says nothing else.
func onlyLink(e *tree.Element) graph.IRI {
	if e.Value() != "" {
		return ""
	}
	for _, a := range []string{"resource", "valueURI", "ref", "href"} {
		if v := e.Attr(a); strings.HasPrefix(v, "http") {
			iri, _ := asIRI(v)
			return iri
		}
	}
	return ""
}

// A said is a name as a record writes it, with the role that stands beside it, if one does.
type said struct{ name, role string }

// names returns the names in an element: the preferred label of a description inside, or its
// text, taken apart at semicolons and, for names in Vietnamese order, at commas. Degrees in front
// of a name and roles behind it are no part of it.
func (w *walk) names(e *tree.Element) (all []said) {
	for _, name := range []string{"prefLabel", "name", "authorName"} {
		for x := range e.All() {
			if x.Name == name && x.Value() != "" {
				return []said{{name: x.Value()}}
			}
		}
	}
	if p := e.Child("part"); p != nil { // EAD3 has parts of a name
		var parts []string
		for x := range e.Named("part") {
			parts = append(parts, x.Value())
		}
		return []said{{name: strings.Join(parts, ", ")}}
	}
	s := e.Value()
	for _, one := range split(s, ";|") {
		all = append(all, w.namesIn(one)...)
	}
	if len(all) > 1 {
		w.complain("several-names", s, "Một giá trị chứa nhiều người; đã tách thành từng người.", "One value holds several persons; they were taken apart.")
	}
	return all
}

// namesIn returns the names between two semicolons: several if all that stands between commas
// are full names, or their roles.
func (w *walk) namesIn(s string) []said {
	k := w.m.words.get()
	var all []said
	for _, part := range split(s, ",") {
		if role := k.roles[plainWords(part)]; role != "" && len(all) > 0 { // Nguyễn Văn A, chủ biên
			all[len(all)-1].role = role
			continue
		}
		all = append(all, k.said(part))
	}
	for _, n := range all {
		if len(all) > 1 && !isFullName(n.name) {
			whole := k.said(s)
			if last := all[len(all)-1]; last.role != "" && whole.role == "" { // Trần, Văn Bình, hướng dẫn
				if i := strings.LastIndexByte(whole.name, ','); i > 0 && k.roles[plainWords(whole.name[i+1:])] != "" {
					whole = said{strings.TrimSpace(whole.name[:i]), last.role}
				}
			}
			return []said{whole}
		}
	}
	return all
}

// said takes degrees and a role in brackets, or one before a colon, off a name.
func (k *kohaRules) said(s string) said {
	s = strings.TrimSpace(s)
	n := said{name: s}
	if i := strings.LastIndexByte(s, '('); i > 0 && strings.HasSuffix(s, ")") {
		if role := k.roles[plainWords(s[i+1:len(s)-1])]; role != "" {
			n.role, n.name = role, strings.TrimSpace(s[:i])
		}
	}
	if head, rest, ok := strings.Cut(n.name, ":"); ok && n.role == "" {
		if role := k.roles[plainWords(head)]; role != "" && strings.TrimSpace(rest) != "" {
			n.role, n.name = role, strings.TrimSpace(rest)
		}
	}
	if name := k.withoutTitle(n.name); name != "" {
		n.name = name
	}
	return n
}

// split takes a text apart at any of some marks.
func split(s, marks string) (parts []string) {
	for p := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(marks, r) }) {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	return parts
}

// contribute says that a party had a part in the work. Role is a code, or a word.
func (w *walk) contribute(p party, role, word string) graph.Term {
	t := w.agentOf(p)
	if t.IsZero() {
		return t
	}
	c := w.builder.node(w.builder.work, bf.Contribution, bf.ContributionClass)
	if (role == "aut" || role == "cre") && !w.hasPrimary[w.builder.work] {
		w.hasPrimary[w.builder.work] = true
		w.isA(c, bf.PrimaryContribution)
	}
	w.add(c, bf.Agent, t)
	w.roleOf(c, role, word)
	return c
}

// roleOf adds a role, by its code, or by the word that a list knows, or as a word.
func (w *walk) roleOf(c graph.Term, role, word string) {
	if r, ok := codes.Relators.Lookup(role); ok {
		w.add(c, bf.Role, r.Term())
		return
	}
	if word = trim(word); word == "" {
		return
	}
	if r, ok := codes.Relators.Named(strings.ToLower(word)); ok {
		w.add(c, bf.Role, r.Term())
		return
	}
	n := w.builder.node(c, bf.Role, bf.RoleClass)
	w.label(n, w.note(word))
}

// treeSubject maps a subject in one piece: a word from no list, unless it comes with the IRI
// of a list. The argument tells what it is: topic, place, time, form or name.
func treeSubject(w *walk, e *tree.Element, o *treeOp) {
	kind, _, _ := strings.Cut(o.arg, " ")
	text := e.Value()
	for x := range e.All() {
		if (x.Name == "prefLabel" || x.Name == "term") && x.Value() != "" {
			text = x.Value()
			break
		}
	}
	words := split(text, ";|")
	if name, ok := encoded(text); ok {
		words = []string{name}
	}
	if p := e.Child("part"); p != nil {
		var parts []string
		for x := range e.Named("part") {
			parts = append(parts, x.Value())
		}
		words = []string{strings.Join(parts, "--")}
	}
	for _, s := range words {
		w.about(kind, trim(s), e)
	}
	if iri := onlyLink(e); iri != "" {
		p := bf.Subject
		if kind == "form" {
			p = bf.GenreForm
		}
		w.add(w.builder.work, p, iri.Term())
	}
}

// times are words by which a time is told from a place in dc:coverage.
var times = []string{"thế kỷ", "thế kỉ", "thời kỳ", "thời kì", "giai đoạn", "năm ", "triều", "century", "siècle", "jahrhundert", "đầu thế", "cuối thế"}

// isTime tells whether a coverage is a time: years and marks only, or words for one.
func isTime(s string) bool {
	low := strings.ToLower(s)
	for _, t := range times {
		if strings.HasPrefix(low, t) || strings.HasSuffix(low, " "+strings.TrimSpace(t)) {
			return true
		}
	}
	digits := 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			return false
		}
	}
	return digits >= 3 && !strings.ContainsAny(s, "°,'\"")
}

// encoded reads what DCMI's Point, Box and Period write: "name=Huế; east=107.6; north=16.5" is
// Huế, and "start=1945; end=1975;" the time between.
func encoded(s string) (string, bool) {
	parts := map[string]string{}
	for p := range strings.SplitSeq(s, ";") {
		key, value, ok := strings.Cut(p, "=")
		if !ok && strings.TrimSpace(p) != "" {
			return "", false
		}
		parts[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
	}
	switch {
	case parts["name"] != "":
		return parts["name"], true
	case parts["start"] != "" || parts["end"] != "":
		return parts["start"] + "/" + parts["end"], true
	}
	return "", false
}

// about says what the work is about.
func (w *walk) about(kind, s string, e *tree.Element) {
	if s == "" || w.isPlaceholder(s) {
		return
	}
	if kind == "place" && isTime(s) {
		w.add(w.builder.work, bf.TemporalCoverage, graph.String(s))
		return
	}
	link := graph.IRI("")
	for _, a := range []string{"valueURI", "resource", "ref", "identifier", "conceptID"} {
		if v := e.Attr(a); strings.HasPrefix(v, "http") {
			link, _ = asIRI(v)
		}
	}
	for x := range e.All() { // <item><term target="…">
		if t := firstOf(x.Attr("target"), x.Attr("ref")); link == "" && w.plan.kind == tree.TEI && strings.HasPrefix(t, "http") {
			link, _ = asIRI(t)
		}
	}
	if link == "" && w.plan.kind == tree.LIDO {
		link = conceptOf(w.scope().e)
	}
	p := bf.Subject
	var t graph.Term
	switch kind {
	case "place":
		t = w.placeNamed(s)
		if link != "" {
			w.link(t, link, false)
		}
	case "name", "person", "body", "family":
		q := party{name: s}
		switch kind {
		case "person":
			q.class = bf.Person
		case "body":
			q.class = bf.OrganizationClass
		case "family":
			q.class = bf.Family
		}
		if link != "" {
			q.links = []string{string(link)}
		}
		t = w.agentOf(q)
	default:
		k, class := topic, bf.Topic
		switch kind {
		case "time":
			k, class = period, bf.Temporal
		case "form":
			k, class, p = form, bf.GenreFormClass, bf.GenreForm
		}
		scheme := strings.ToLower(firstOf(e.Attr("authority"), e.Attr("source")))
		if strings.ContainsAny(scheme, " /") {
			scheme = ""
		}
		if scheme == "" && link == "" {
			t = w.builder.node(w.builder.work, p, class)
			w.isA(t, bflc.Uncontrolled)
			w.label(t, w.name(s))
			return
		}
		t = w.concept(k, w.schemeOf(scheme), s)
		if link != "" {
			w.link(t, link, true)
		}
	}
	w.add(w.builder.work, p, t)
}

func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

// treeIdentifier maps an identifier, whose kind the argument tells, or else what it looks
// like: an address is where the instance can be had.
func treeIdentifier(w *walk, e *tree.Element, o *treeOp) {
	s := strings.TrimSpace(e.Value())
	if s == "" || w.isPlaceholder(s) {
		return
	}
	kind := o.arg
	if kind == "" {
		kind = kindOfIdentifier(s)
	}
	w.identify(kind, s, e.Attr("invalid") == "yes")
}

// kindOfIdentifier tells what an identifier looks like.
func kindOfIdentifier(s string) string {
	low := strings.ToLower(s)
	switch {
	case strings.Contains(low, "doi.org/"), strings.HasPrefix(low, "doi:"), strings.HasPrefix(low, "10.") && strings.Contains(low, "/"):
		return "doi"
	case strings.Contains(low, "hdl.handle.net/"), strings.HasPrefix(low, "hdl:"):
		return "hdl"
	case strings.HasPrefix(low, "http"):
		return "web"
	case strings.HasPrefix(low, "urn:isbn:"), strings.HasPrefix(low, "isbn"):
		return "isbn"
	case strings.HasPrefix(low, "urn:issn:"), strings.HasPrefix(low, "issn"):
		return "issn"
	case strings.HasPrefix(low, "urn:"):
		return "urn"
	}
	digits := strings.ReplaceAll(strings.ReplaceAll(s, "-", ""), " ", "")
	switch {
	case len(digits) == 13 && isDigits(digits) && validISBN13(digits):
		return "isbn"
	case len(digits) == 10 && strings.ContainsRune(s, '-') && validISBN10(digits):
		return "isbn"
	case len(s) == 9 && s[4] == '-' && validISSN(s[:4]+s[5:]):
		return "issn"
	}
	return "local"
}

// identify adds an identifier of a kind, which the record may call wrong.
func (w *walk) identify(kind, s string, wrong bool) {
	from := len(w.findings)
	defer func() { w.rename(from) }()
	on, class := w.builder.instance, bf.Local
	low := strings.ToLower(s)
	var v graph.Term
	switch kind {
	case "isbn":
		class = bf.Isbn
		v = w.isbn(w.field(), strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(low, "urn:"), "isbn"), ":- "))
	case "issn":
		class, on = bf.Issn, w.builder.work
		v = w.issn(w.field(), strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(low, "urn:"), "issn"), ":- "))
	case "doi":
		class = bf.Doi
		at := strings.Index(low, "10.")
		if at < 0 {
			class = bf.Local
			at = 0
		}
		v = graph.String(s[at:])
	case "hdl":
		class = bf.Hdl
		if i := strings.Index(low, "hdl.handle.net/"); i >= 0 {
			w.add(on, bf.ElectronicLocator, webOnly(s))
			s = s[i+len("hdl.handle.net/"):]
		}
		v = graph.String(strings.TrimPrefix(s, "hdl:"))
	case "web":
		if t := webOnly(s); !t.IsZero() && !wrong {
			w.add(on, bf.ElectronicLocator, t)
			return
		}
		v = graph.String(s)
	default:
		if c, ok := identifierClasses[kind]; ok {
			class = c
		}
		v = graph.String(s)
	}
	if v.IsZero() {
		return
	}
	if w.instead != "" {
		class, w.instead = w.instead, ""
	}
	n := w.builder.node(on, bf.IdentifiedBy, class)
	w.add(n, rdf.Value, v)
	if w.invalid || wrong {
		w.add(n, bf.Status, invalidStatus)
		w.invalid = false
	}
	if kind != "local" && class == bf.Local {
		w.add(n, bf.Source, w.sourceNamed(kind))
	}
}

var identifierClasses = map[string]graph.IRI{
	"lccn": bf.Lccn, "oclc": bf.OclcNumber, "urn": bf.Urn, "ismn": bf.Ismn, "isrc": bf.Isrc, "upc": bf.Upc, "ean": bf.Ean,
	"issn-l": bf.IssnL, "istc": bf.Istc, "sici": bf.Sici, "publisher": bf.PublisherNumber, "report": bf.ReportNumber,
}

// sourceNamed makes the source of an identifier that is known by a name only.
func (w *walk) sourceNamed(name string) graph.Term {
	n := w.blank()
	w.isA(n, bf.SourceClass)
	w.label(n, graph.String(name))
	return n
}

// treeType maps a word for what the resource is, by the list ontology/trees/types.tsv. Words
// that are not in it are a genre.
func treeType(w *walk, e *tree.Element, o *treeOp) {
	for _, s := range split(firstOf(e.Value(), string(onlyLink(e))), ";|") {
		if w.isPlaceholder(s) {
			continue
		}
		t, ok := w.m.types.get()[typeKey(s)]
		iri := webOnly(s)
		switch {
		case !ok && !iri.IsZero():
			w.add(w.builder.work, bf.GenreForm, iri)
			continue
		case !ok:
			w.about("form", trim(s), e)
			continue
		}
		for _, c := range t.classes {
			w.isA(w.builder.work, c)
		}
		for _, c := range t.instance {
			w.isA(w.builder.instance, c)
		}
		if t.content != "" {
			if c, ok := codes.Content.Lookup(t.content); ok {
				w.add(w.builder.work, bf.Content, c.Term())
			}
		}
		switch {
		case t.thesis && !w.labelled[graph.String("thesis")]:
			w.labelled[graph.String("thesis")] = true
			n := w.builder.node(w.builder.work, bf.Dissertation, bf.DissertationClass)
			if iri.IsZero() {
				w.label(n, w.noted(trim(s)))
			}
		case t.genre && !iri.IsZero():
			w.add(w.builder.work, bf.GenreForm, iri)
		case t.genre:
			w.about("form", trim(s), e)
		}
	}
}

// A resourceType is what a word for a kind of resource means.
type resourceType struct {
	classes, instance []graph.IRI
	content           string
	genre, thesis     bool
}

// typeKey is the form by which words are found: the end of an IRI, lower case, without
// blanks and marks between.
func typeKey(s string) string {
	s = strings.TrimPrefix(s, "info:eu-repo/semantics/")
	if i := strings.LastIndexAny(s, "/#"); strings.HasPrefix(s, "http") && i > 0 {
		s = s[i+1:]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// readTypes reads the list of words for kinds of resources.
func readTypes() (map[string]resourceType, error) {
	t, err := ontology.ResourceTypes()
	if err != nil {
		return nil, err
	}
	all := map[string]resourceType{}
	for i := range t.Rows {
		r := &t.Rows[i]
		var one resourceType
		for name := range strings.FieldsSeq(r.Cell("work")) {
			c, err := ontology.Expand(name)
			if err != nil {
				return nil, r.Error("work", err)
			}
			one.classes = append(one.classes, c)
		}
		for name := range strings.FieldsSeq(r.Cell("instance")) {
			c, err := ontology.Expand(name)
			if err != nil {
				return nil, r.Error("instance", err)
			}
			one.instance = append(one.instance, c)
		}
		one.content = r.Cell("content")
		one.genre = r.Cell("genre") == "yes"
		one.thesis = r.Cell("genre") == "thesis"
		for word := range strings.SplitSeq(r.Cell("words"), ";") {
			all[typeKey(word)] = one
		}
	}
	return all, nil
}

// treeFormat maps dc:format: a media type, an extent in pages, leaves or time, or a medium.
func treeFormat(w *walk, e *tree.Element, o *treeOp) {
	s := strings.TrimSpace(e.Value())
	if iri := onlyLink(e); iri != "" { // a material of some list
		w.add(w.builder.instance, bf.BaseMaterial, iri.Term())
		return
	}
	if s == "" || w.isPlaceholder(s) {
		return
	}
	if isMediaType(s) {
		w.isA(w.builder.instance, bf.Electronic)
		n := w.builder.node(w.builder.instance, bf.DigitalCharacteristic, bf.EncodingFormat)
		w.label(n, graph.String(s))
		return
	}
	n := w.builder.node(w.builder.instance, bf.Extent, bf.ExtentClass)
	w.label(n, w.noted(trim(s)))
}

// isMediaType tells whether s is a media type (RFC 6838): application/pdf.
func isMediaType(s string) bool {
	top, sub, ok := strings.Cut(s, "/")
	switch top {
	case "application", "audio", "font", "image", "message", "model", "multipart", "text", "video":
		return ok && sub != "" && !strings.ContainsAny(sub, " /")
	}
	return false
}

// treeRights maps what is allowed: an IRI is a licence, text is how it may be used. The
// argument "access" makes it a rule for who may see it, and "digital" one for the digital version.
func treeRights(w *walk, e *tree.Element, o *treeOp) {
	class := bf.UsePolicy
	if o.arg == "access" {
		class = bf.AccessPolicy
	}
	text := strings.TrimSpace(e.Value())
	var links []graph.Term
	for _, a := range []string{"href", "resource", "target", "valueURI", "about", "uri"} {
		if t := webOnly(e.Attr(a)); !t.IsZero() {
			links = append(links, t)
		}
	}
	if t := webOnly(text); !t.IsZero() {
		links, text = append(links, t), ""
	}
	for x := range e.All() { // a link in the text: to a licence, as a rule
		for _, a := range []string{"href", "target"} {
			if t := webOnly(x.Attr(a)); x != e && !t.IsZero() && !slices.Contains(links, t) {
				links = append(links, t)
			}
		}
	}
	if text == "" && len(links) == 0 || text != "" && w.isPlaceholder(text) {
		return
	}
	of := w.builder.instance
	if o.arg == "digital" {
		of = w.digitalInstance()
	}
	if text == "" && strings.Contains(links[0].Value(), "/access_right/") || strings.HasPrefix(text, "info:eu-repo/semantics/") {
		class = bf.AccessPolicy // words of OpenAIRE and COAR
	}
	n := w.builder.node(of, bf.UsageAndAccessPolicy, class)
	if text != "" {
		w.label(n, w.noted(text))
	}
	for _, l := range links {
		w.add(n, bf.ElectronicLocator, l)
	}
}

// treeRelation maps a related resource in one piece. The argument is the relationship of the
// Library of Congress's list.
func treeRelation(w *walk, e *tree.Element, o *treeOp) {
	s := strings.TrimSpace(e.Value())
	if t := webOnly(firstOf(e.Attr("resource"), e.Attr("href"))); s == "" && !t.IsZero() {
		s = t.Value()
	}
	if s == "" || w.isPlaceholder(s) {
		return
	}
	n := w.builder.node(w.builder.work, bf.Relation, bf.RelationClass)
	w.add(n, bf.Relationship, relationship(o.arg))
	r := w.builder.node(n, bf.AssociatedResource, bf.Work)
	w.isA(r, bflc.Uncontrolled)
	if t := webOnly(s); !t.IsZero() {
		w.label(r, graph.String(s))
		i := w.builder.node(r, bf.HasInstance, bf.Instance)
		w.add(i, bf.ElectronicLocator, t)
		return
	}
	if x := strings.TrimSpace(strings.TrimPrefix(strings.ToUpper(s), "ISSN")); len(x) == 9 && validISSN(x[:4]+x[5:]) {
		w.label(r, graph.String("ISSN "+x))
		id := w.builder.node(r, bf.IdentifiedBy, bf.Issn)
		w.add(id, rdf.Value, graph.String(x))
		return
	}
	w.label(r, w.text(s))
	title := w.builder.node(r, bf.Title, bf.TitleClass)
	w.add(title, bf.MainTitle, w.text(s))
}

// treeManifest maps the address of a IIIF manifest.
func treeManifest(w *walk, e *tree.Element, o *treeOp) {
	for _, s := range []string{e.Value(), e.Attr("href"), e.Attr("resource"), e.Attr("id")} {
		if t := webOnly(s); !t.IsZero() {
			w.add(w.digitalInstance(), dcterms.IsReferencedBy, t)
			return
		}
	}
}

// digitalInstance returns the instance that is looked at on a screen, and makes it when it is
// first asked for.
func (w *walk) digitalInstance() graph.Term {
	if !w.digital.IsZero() {
		return w.digital
	}
	main := w.mint(works, w.source, w.number)
	of := w.mint(instances, w.source, w.number)
	d := w.mint(instances, w.source, w.number, "856")
	w.digital = d
	w.isA(d, bf.Instance)
	w.isA(d, bf.Electronic)
	w.add(d, bf.InstanceOf, main)
	w.add(main, bf.HasInstance, d)
	w.add(d, bf.ReproductionOf, of)
	w.add(of, bf.HasReproduction, d)
	w.add(d, bf.Media, graph.IRI("http://id.loc.gov/vocabulary/mediaTypes/c").Term())
	w.add(d, bf.AdminMetadata, w.graph)
	return d
}

// A treeCopy is the copy of an instance that is being described.
type treeCopy struct {
	item       graph.Term
	holder     bool          // one was named
	coded      bool          // it has a bar code
	home       *tree.Element // where its holder is told
	name, mark string        // of the holder, and where it stands
}

// treeItem maps what is said of one copy: the argument is what. All that stands in one record
// or component is one copy, but each bar code more is one more.
func treeItem(w *walk, e *tree.Element, o *treeOp) {
	for _, s := range split(e.Value(), ";|") {
		if w.isPlaceholder(s) {
			continue
		}
		copies := w.copies[w.builder.instance]
		if len(copies) == 0 || o.arg == "barcode" && copies[len(copies)-1].coded {
			c := &treeCopy{item: w.newItem()}
			if len(copies) > 0 { // what was said of the first holds for all
				first := copies[0]
				for _, q := range w.quads[w.first:] {
					if q.S == first.item && (q.P == bf.ShelfMark || q.P == bf.Sublocation || q.P == bf.HeldBy) {
						w.add(c.item, q.P, q.O)
					}
				}
				c.holder, c.name, c.mark = first.holder, first.name, first.mark
			}
			copies = append(copies, c)
			w.copies[w.builder.instance] = copies
			w.allCopies = append(w.allCopies, c)
		}
		c := copies[len(copies)-1]
		if o.arg == "holder" {
			if home := w.scope().e; c.holder && c.home != home && c.name != s { // another library has one, too
				c = &treeCopy{item: w.newItem(), home: home}
				w.copies[w.builder.instance] = append(copies, c)
				w.allCopies = append(w.allCopies, c)
			} else if c.home == nil {
				c.home = home
			}
		}
		switch o.arg {
		case "barcode":
			c.coded = true
			w.barcode(c.item, w.field(), s)
			if c.mark == "" {
				c.mark = s
			}
		case "shelf":
			n := w.builder.node(c.item, bf.ShelfMark, bf.ShelfMarkClass)
			w.label(n, graph.String(s))
			c.mark = s
		case "holder":
			c.holder, c.name = true, s
			w.add(c.item, bf.HeldBy, w.body(s))
		case "place":
			n := w.builder.node(c.item, bf.Sublocation, bf.SublocationClass)
			w.label(n, w.note(s))
		}
	}
}

// finishCopies names the copies, and has the library hold those that name nobody else.
func (w *walk) finishCopies() {
	for _, c := range w.allCopies {
		if !c.holder {
			c.name = w.source
			w.add(c.item, bf.HeldBy, w.library(w.source))
		}
		w.label(c.item, w.name(strings.TrimSpace(c.name+" "+c.mark)))
	}
}

// treeComponent maps a part that is described by itself: a component of a finding aid. It is
// a work with an instance of its own, and what is said inside is said of these.
func treeComponent(w *walk, e *tree.Element, o *treeOp) {
	w.parts++
	id := firstOf(e.Attr("xml:id"), e.Attr("id"), e.Attr("ID"))
	if id == "" {
		id = strconv.Itoa(w.parts)
	}
	w.inPart(id, graph.IRI(""))
}

// inPart makes a work and an instance that are parts of those at hand, and goes on with them.
func (w *walk) inPart(id string, class graph.IRI) {
	work, instance := w.mint(works, w.source, w.number, "part", id), w.mint(instances, w.source, w.number, "part", id)
	w.isA(work, bf.Work)
	if class != "" {
		w.isA(work, class)
	}
	w.isA(instance, bf.Instance)
	w.add(work, bf.HasInstance, instance)
	w.add(instance, bf.InstanceOf, work)
	w.add(work, bf.PartOf, w.builder.work)
	w.add(w.builder.work, bf.HasPart, work)
	w.add(work, bf.AdminMetadata, w.graph)
	w.add(instance, bf.AdminMetadata, w.graph)
	w.builder.work, w.builder.instance = work, instance
}

// treeWhere maps where in a journal an article stands, which elements beside one another tell: one
// note for all of them.
func treeWhere(w *walk, e *tree.Element, o *treeOp) {
	if w.told["where"] {
		return
	}
	w.told["where"] = true
	at := w.scope().e
	var parts []string
	for _, name := range []string{"volume", "issue"} {
		if v := at.Child(name).Value(); v != "" {
			parts = append(parts, name+" "+v)
		}
	}
	start, end := at.Child("startPage").Value(), at.Child("endPage").Value()
	switch {
	case start != "" && end != "" && start != end:
		parts = append(parts, "pages "+start+"-"+end)
	case start+end != "":
		parts = append(parts, "page "+firstOf(start, end))
	}
	if len(parts) > 0 {
		n := w.builder.node(w.builder.instance, bf.Note, bf.NoteClass)
		w.label(n, graph.String(strings.Join(parts, ", ")))
	}
}
