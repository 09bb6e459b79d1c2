package mapping

import (
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/ingest/tree"
	"mocban/vocab/bf"
	"mocban/vocab/dcterms"
	"mocban/vocab/madsrdf"
	"mocban/vocab/rdfs"
	"mocban/vocab/schema"
	"mocban/vocab/xsd"
)

// identified returns the element with an identifier (ID), wherever it stands in the record.
func (w *walk) identified(id string) *tree.Element {
	if w.byID == nil {
		w.byID = map[string]*tree.Element{}
		for e := range w.record.Root.All() {
			if x := firstOf(e.Attr("ID"), e.Attr("xml:id"), e.Attr("id")); x != "" && w.byID[x] == nil {
				w.byID[x] = e
			}
		}
	}
	return w.byID[id]
}

// page makes one more part of the digital version that is looked at by itself: an image, a
// recording.
func (w *walk) page(class graph.IRI, position, label string) graph.Term {
	w.pages++
	if n, err := strconv.Atoi(position); err != nil || n < 0 {
		position = strconv.Itoa(w.pages)
	}
	p := w.part(w.digitalInstance(), "p"+strconv.Itoa(w.pages))
	w.add(w.digital, schema.HasPart, p)
	w.isA(p, class)
	w.add(p, schema.Position, graph.Literal(position, xsd.Integer))
	if label = trim(label); label != "" {
		w.add(p, schema.Name, w.name(label))
	}
	return p
}

// address returns an address as an IRI, or as text if it is none.
func address(s string) graph.Term {
	if t := webOnly(s); !t.IsZero() {
		return t
	}
	return graph.String(s)
}

// metsDiv maps a division: a page of the physical structure is a part of the digital version;
// a chapter, article or volume of the logical one is a part of the work, described by what
// formats.arrange has put into it.
func metsDiv(w *walk, e *tree.Element, o *treeOp) {
	kind := strings.ToLower(e.Attr("TYPE"))
	if o.arg == "page" {
		label := firstOf(e.Attr("LABEL"), e.Attr("ORDERLABEL"))
		var p graph.Term
		for f := range e.Named("fptr") {
			for x := range f.All() {
				file := w.identified(x.Attr("FILEID"))
				if file == nil || file.Name != "file" {
					continue
				}
				if p.IsZero() {
					p = w.page(mediaClass(file.Attr("MIMETYPE")), e.Attr("ORDER"), label)
					w.canvases[e.Attr("page")] = p
				}
				w.fileOf(p, file)
			}
		}
		return
	}
	w.parts++
	id := firstOf(e.Attr("ID"), strconv.Itoa(w.parts))
	w.inPart(id, "")
	for c := range e.Named("page") {
		w.later = append(w.later, pageOf{w.builder.instance, c.Value(), o, e})
	}
	if label := trim(e.Attr("LABEL")); label != "" && e.Child("mods") == nil && e.Child("dc") == nil {
		for _, t := range []graph.Term{w.builder.work, w.builder.instance} {
			n := w.builder.node(t, bf.Title, bf.TitleClass)
			w.titleNode(t, n, true)
			w.say(n, bf.MainTitle, w.text(label))
		}
	}
	if kind != "" {
		w.about("form", kind, &tree.Element{})
	}
	for m := range e.Named("mptr") {
		if t := webOnly(m.Attr("href")); !t.IsZero() {
			w.add(w.builder.instance, rdfs.SeeAlso, t)
		}
	}
}

// A pageOf says that an instance has a page, which may be described further on.
type pageOf struct {
	instance graph.Term
	page     string
	o        *treeOp // the row that says so, of this element
	e        *tree.Element
}

// finishPages says which pages the parts have.
func (w *walk) finishPages() {
	for _, l := range w.later {
		if p, ok := w.canvases[l.page]; ok {
			w.becauseOf(l.o, l.e)
			w.add(l.instance, schema.HasPart, p)
		}
	}
}

// fileOf says where a file of a page is, by what its group is for.
func (w *walk) fileOf(p graph.Term, file *tree.Element) {
	loc := file.Child("FLocat")
	if loc == nil || loc.Attr("href") == "" {
		return
	}
	a := address(loc.Attr("href"))
	switch use := strings.ToUpper(file.Attr("use")); {
	case strings.Contains(use, "THUMB"), use == "MIN":
		w.add(p, schema.ThumbnailUrl, a)
	case strings.HasPrefix(file.Attr("MIMETYPE"), "image/"), strings.HasPrefix(file.Attr("MIMETYPE"), "audio/"), strings.HasPrefix(file.Attr("MIMETYPE"), "video/"):
		w.add(p, schema.ContentUrl, a)
	default:
		w.add(p, schema.Encoding, a)
	}
}

func mediaClass(mime string) graph.IRI {
	switch top, _, _ := strings.Cut(mime, "/"); top {
	case "image":
		return schema.ImageObject
	case "audio":
		return schema.AudioObject
	case "video":
		return schema.VideoObject
	}
	return schema.MediaObject
}

// metsFile maps a file that no page points to: the whole resource in one file.
func metsFile(w *walk, e *tree.Element, o *treeOp) {
	loc := e.Child("FLocat")
	if loc == nil || e.HasAttr("paged") {
		return
	}
	if t := webOnly(loc.Attr("href")); !t.IsZero() {
		w.add(w.digitalInstance(), bf.ElectronicLocator, t)
	}
}

// iiifCanvas maps a canvas: a part of the digital version, with its image or recording, and with
// what else belongs to it: texts read off the image, notes.
func iiifCanvas(w *walk, e *tree.Element, o *treeOp) {
	class := schema.ImageObject
	for x := range e.All() {
		if x.Name == "body" || x.Name == "resource" {
			class = canvasClass(x)
			break
		}
	}
	p := w.page(class, "", e.Child("label").Value())
	if id := e.Attr("id"); id != "" {
		w.canvases[id] = p
		w.add(p, dcterms.IsReferencedBy, webOnly(id))
	}
	for _, side := range []string{"width", "height"} {
		if n := e.Child(side).Value(); isDigits(n) {
			at := schema.Width
			if side == "height" {
				at = schema.Height
			}
			w.add(p, at, graph.Literal(n, xsd.Integer))
		}
	}
	if d := e.Child("duration").Value(); d != "" {
		w.add(p, schema.Duration, graph.String("PT"+d+"S"))
	}
	for m := range e.Named("metadata") {
		if text := m.Value(); text != "" {
			w.add(p, schema.Description, w.noted(text))
		}
	}
	for x := range e.All() {
		switch x.Name {
		case "body", "resource":
			w.add(p, schema.ContentUrl, webOnly(x.Attr("id")))
			if s := x.Child("service"); s != nil {
				w.add(p, rdfs.SeeAlso, webOnly(s.Attr("id")))
			}
		case "thumbnail":
			w.add(p, schema.ThumbnailUrl, webOnly(firstOf(x.Attr("id"), x.Value())))
		case "seeAlso", "rendering", "otherContent", "annotations":
			w.add(p, rdfs.SeeAlso, webOnly(firstOf(x.Attr("id"), x.OwnText())))
		}
	}
}

// canvasClass tells what is painted on a canvas.
func canvasClass(body *tree.Element) graph.IRI {
	if c := mediaClass(body.Child("format").Value()); c != schema.MediaObject {
		return c
	}
	switch strings.TrimPrefix(body.Attr("type"), "dctypes:") {
	case "Sound", "Audio":
		return schema.AudioObject
	case "Video", "MovingImage":
		return schema.VideoObject
	}
	return schema.ImageObject
}

// iiifRange maps a range: a chapter or the like is a part of the work, and its pages are those
// of the digital version.
func iiifRange(w *walk, e *tree.Element, o *treeOp) {
	w.parts++
	w.inPart(firstOf(e.Attr("id"), strconv.Itoa(w.parts)), "")
	for c := range e.Named("canvas") {
		if p, ok := w.canvases[c.Value()]; ok {
			w.add(w.builder.instance, schema.HasPart, p)
		}
	}
}

// edmView maps what can be looked at: each is a part of the digital version, with its own rights
// and kind, as edm:WebResource tells them.
func edmView(w *walk, e *tree.Element, o *treeOp) {
	iri := webOnly(e.Attr("resource"))
	if iri.IsZero() || w.shown[iri] {
		return
	}
	w.shown[iri] = true
	if e.Name == "isShownBy" {
		w.add(w.digitalInstance(), bf.ElectronicLocator, iri)
	}
	class, label := schema.MediaObject, ""
	var rights []*tree.Element
	for r := range w.record.Root.Named("WebResource") {
		if r.Attr("about") != e.Attr("resource") {
			continue
		}
		class = mediaClass(r.Child("hasMimeType").Value())
		label = firstOf(r.Child("title").Value(), r.Child("description").Value())
		for _, name := range []string{"rights", "license"} {
			for x := range r.Named(name) {
				rights = append(rights, x)
			}
		}
	}
	p := w.page(class, "", label)
	w.add(p, schema.ContentUrl, iri)
	for _, x := range rights {
		if t := webOnly(firstOf(x.Attr("resource"), x.Value())); !t.IsZero() {
			w.add(p, schema.License, t)
		} else if text := x.Value(); text != "" {
			w.add(p, schema.UsageInfo, w.noted(text))
		}
	}
}

// edmProxy passes over what Europeana itself says, which repeats what the provider says.
func edmProxy(w *walk, e *tree.Element, o *treeOp) {
	if e.Child("europeanaProxy").Value() == "true" {
		w.top().skip = o
	}
}

// eacThing makes the agent that a record of EAC-CPF is about, from the first of its names.
func (w *walk) eacThing() bool {
	root := w.record.Root
	identity := root.At("cpfDescription", "identity")
	if identity == nil {
		for e := range root.All() {
			if e.Name == "identity" {
				identity = e
				break
			}
		}
	}
	if identity == nil {
		return false
	}
	entry := identity.Child("nameEntry")
	if entry == nil {
		entry = identity.At("nameEntryParallel", "nameEntry")
	}
	if entry == nil {
		return false
	}
	kind := ""
	if t := identity.Child("entityType"); t != nil {
		kind = firstOf(t.Value(), t.Attr("value")) // the attribute is of EAC-CPF 2
	}
	p := eacParty(entry, kind)
	if dates := root.At("cpfDescription", "description", "existDates"); dates != nil && p.dates == "" {
		if r := dates.Child("dateRange"); r != nil {
			year := func(name string) string {
				x := r.Child(name)
				if x == nil {
					return ""
				}
				return lifeYear(firstOf(x.Attr("standardDate"), x.Value()))
			}
			from, to := year("fromDate"), year("toDate")
			if from+to != "" {
				p.dates = from + "-" + to
			}
		}
	}
	w.builder.thing = w.agentOf(p)
	if w.thing.IsZero() {
		return false
	}
	w.builder.work, w.builder.instance = w.thing, w.thing
	w.labelled[w.thing] = true
	return true
}

func eacParty(entry *tree.Element, kind string) party {
	p := party{}
	switch strings.ToLower(kind) {
	case "person":
		p.class = bf.Person
	case "corporatebody":
		p.class = bf.OrganizationClass
	case "family":
		p.class = bf.Family
	}
	var parts []string
	for x := range entry.Named("part") {
		v := x.Value()
		switch t := strings.ToLower(x.Attr("localType")); {
		case strings.Contains(t, "date"):
			p.dates = v
			continue
		case strings.Contains(t, "surname"), strings.Contains(t, "sukunimi"), strings.Contains(t, "familyname"):
			p.family = v
		case strings.Contains(t, "forename"), strings.Contains(t, "etunimi"), strings.Contains(t, "givenname"), strings.Contains(t, "firstname"):
			p.given = v
		}
		parts = append(parts, v)
	}
	p.name = strings.Join(parts, ", ")
	return p
}

// eacName maps one more name of an agent.
func eacName(w *walk, e *tree.Element, o *treeOp) {
	p := eacParty(e, "")
	label := trim(p.name)
	if label == "" {
		label = trim(e.Value())
	}
	if label == "" || w.isPlaceholder(label) {
		return
	}
	w.add(w.thing, schema.AlternateName, w.name(label))
}

// eacRelated maps a relation to another agent.
func eacRelated(w *walk, e *tree.Element, o *treeOp) {
	q := party{name: e.Child("relationEntry").Value(), links: []string{e.Attr("href")}}
	if target := e.Child("targetEntity"); target != nil {
		q = eacParty(target, target.Attr("targetType"))
		q.links = append(q.links, target.Attr("valueURI"))
	} else if q.name == "" {
		q.name = e.Value()
	}
	t := w.agentOf(q)
	if t.IsZero() || t == w.thing {
		return
	}
	relation := rdfs.SeeAlso
	switch strings.ToLower(firstOf(e.Attr("cpfRelationType"), e.Child("relationType").Value())) {
	case "temporal-earlier":
		relation = madsrdf.HasEarlierEstablishedForm
	case "temporal-later":
		relation = madsrdf.HasLaterEstablishedForm
	case "hierarchical-parent":
		relation = madsrdf.HasBroaderAuthority
	case "identity":
		relation = schema.SameAs
	}
	w.add(w.thing, relation, t)
}

// conceptOf returns the IRI of the concept that a term of LIDO stands for, or "".
func conceptOf(e *tree.Element) graph.IRI {
	for c := range e.Named("conceptID") {
		if v := strings.TrimSpace(c.Value()); strings.HasPrefix(v, "http") {
			iri, _ := asIRI(v)
			return iri
		}
	}
	return ""
}

// making are the words, and the ends of the identifiers of LIDO's own terms, for events by which
// an object comes to be, and publishing those by which it is published. All others are of its
// later life.
var (
	making = wordSet(`creation production manufacture making design designing printing drawing painting casting engraving writing construction building
		lido00007 lido00012 lido00224 herstellung entstehung entwurf druck valmistus suunnittelu teko kuvaus kuvaaminen création fabrication conception
		tillverkning formgivning skapande`, "chế tác", "sản xuất", "sáng tác", "chế tạo", "đúc", "in ấn", "thiết kế", "chụp ảnh", "sáng tạo", "vẽ")
	publishing = wordSet("publication publishing publikation veröffentlichung edition julkaiseminen lido00228", "xuất bản")
)

func wordSet(words string, more ...string) map[string]bool {
	all := map[string]bool{}
	for _, w := range append(strings.Fields(words), more...) {
		all[w] = true
	}
	return all
}

// lidoEvent maps an event in the life of an object. Those by which it came to be are how it was
// produced, with the date and place that rows below say of it; what happened to it later, such
// as how it was found, acquired or shown, is part of its history and no date of its own.
func lidoEvent(w *walk, e *tree.Element, o *treeOp) {
	var words []string
	if t := e.Child("eventType"); t != nil {
		for c := range t.Elements() {
			if c.Name == "term" || c.Name == "conceptID" || c.Name == "prefLabel" {
				v := strings.ToLower(strings.TrimSpace(c.Value()))
				words = append(words, v[strings.LastIndexAny(v, "/#")+1:])
			}
		}
	}
	made, published := len(words) == 0, false
	for _, v := range words {
		first, _, _ := strings.Cut(v, " ")
		made = made || making[v] || making[first]
		published = published || publishing[v]
	}
	if !made && !published {
		w.history(e)
		w.top().node = noNode
		return
	}
	class := bf.Production
	if published {
		class = bf.Publication
	}
	n := w.builder.node(w.builder.instance, bf.ProvisionActivity, bf.ProvisionActivityClass)
	w.isA(n, class)
	w.top().node = n
	if d := lidoDate(e); d != "" {
		w.add(n, bf.Date, w.year(d))
	}
}

// noNode keeps rows for what stands in an element from saying something of a node further out.
var noNode = graph.String("none")

// lidoDate returns the dates between which an event was.
func lidoDate(e *tree.Element) string {
	date := e.At("eventDate", "date")
	if date == nil {
		return ""
	}
	from, to := strings.TrimSpace(date.Child("earliestDate").Value()), strings.TrimSpace(date.Child("latestDate").Value())
	if from == "" || to == "" || from == to {
		return firstOf(from, to)
	}
	if isEDTF(from) && isEDTF(to) {
		return from + "/" + to
	}
	return from
}

// history keeps an event as a note on how the object came down to us: "acquisition: 1931, Huế,
// Nguyễn Văn A".
func (w *walk) history(e *tree.Element) {
	name := firstOf(e.At("eventType", "term").Value(), e.At("eventType", "Concept", "prefLabel").Value())
	var parts []string
	add := func(s string) {
		if s = trim(s); s != "" && !strings.Contains(strings.Join(parts, "\n"), s) {
			parts = append(parts, s)
		}
	}
	for n := range e.Named("eventName") {
		add(n.Child("appellationValue").Value())
	}
	for d := range e.Named("eventDate") {
		add(firstOf(d.Child("displayDate").Value(), strings.ReplaceAll(lidoDate(e), "/", "–")))
	}
	for p := range e.Named("eventPlace") {
		add(firstOf(p.Child("displayPlace").Value(), p.At("place", "namePlaceSet", "appellationValue").Value()))
	}
	for a := range e.Named("eventActor") {
		add(firstOf(a.Child("displayActorInRole").Value(), a.At("actorInRole", "actor", "nameActorSet", "appellationValue").Value()))
	}
	for _, path := range [][]string{{"eventMethod", "term"}, {"eventDescriptionSet", "descriptiveNoteValue"}} {
		for x := range e.Named(path[0]) {
			add(x.Child(path[1]).Value())
		}
	}
	text := strings.Join(parts, ", ")
	if name != "" && text != "" {
		text = name + ": " + text
	}
	if text = firstOf(text, name); text != "" {
		w.add(w.builder.instance, bf.CustodialHistory, w.noted(text))
	}
}

// lidoActor maps somebody who had a part in how an object came to be, with the role that is told.
// Who had to do with it later is named in its history.
func lidoActor(w *walk, e *tree.Element, o *treeOp) {
	if w.nodeOf('*') == noNode {
		return
	}
	a := e.Child("actor")
	if a == nil {
		return
	}
	var p party
	switch kind := strings.ToLower(a.Attr("type")); {
	case strings.HasSuffix(kind, "person"), strings.HasSuffix(kind, "lido00163"):
		p.class = bf.Person
	case strings.HasSuffix(kind, "corporation"), strings.HasSuffix(kind, "organisation"), strings.HasSuffix(kind, "organization"), strings.HasSuffix(kind, "lido00413"):
		p.class = bf.OrganizationClass
	case strings.HasSuffix(kind, "family"):
		p.class = bf.Family
	}
	for id := range a.Named("actorID") {
		if v := strings.TrimSpace(id.Value()); strings.HasPrefix(v, "http") {
			p.links = append(p.links, v)
		}
	}
	if d := a.Child("vitalDatesActor"); d != nil {
		from, to := lifeYear(d.Child("earliestDate").Value()), lifeYear(d.Child("latestDate").Value())
		if from+to != "" {
			p.dates = from + "-" + to
		}
	}
	best := ""
	for n := range a.Named("nameActorSet") {
		for v := range n.Named("appellationValue") {
			if text := v.Value(); text != "" && (best == "" || v.Attr("pref") == "preferred") {
				best = text
			}
		}
	}
	p.name = best
	if _, dates, ok := cutDates(best); ok && dates != "" {
		p.dates = ""
	}
	role, word := "", firstOf(e.At("roleActor", "term").Value(), e.At("roleActor", "Concept", "prefLabel").Value())
	if word == "" {
		role = "cre"
	}
	c := w.contribute(p, role, word)
	if !c.IsZero() && role == "" {
		first := true
		for r := range e.Named("roleActor") {
			if t := r.Child("term").Value(); t != "" && !first {
				w.roleOf(c, "", t)
			}
			first = false
		}
	}
}

// eadDate maps the dates of EAD3: as they are written, and as dates where standarddate tells them.
func eadDate(w *walk, e *tree.Element, o *treeOp) {
	var written, dates []string
	one := func(x *tree.Element) (text, date string) {
		if x == nil {
			return "", ""
		}
		return x.Value(), firstOf(x.Attr("standarddate"), x.Value())
	}
	for x := range e.All() {
		switch x.Name {
		case "datesingle":
			text, date := one(x)
			written, dates = append(written, text), append(dates, date)
		case "daterange":
			text, from := one(x.Child("fromdate"))
			last, to := one(x.Child("todate"))
			written = append(written, text+"-"+last)
			if isEDTF(from) && isEDTF(to) && from != to {
				from += "/" + to
			}
			dates = append(dates, firstOf(from, to))
		}
	}
	var node graph.Term
	for i, text := range written {
		if text = strings.Trim(text, "-"); text != "" {
			w.add(w.builder.work, bf.OriginDate, graph.String(text))
		}
		d := w.years(dates[i])
		if d.IsZero() {
			continue
		}
		if node.IsZero() {
			node = w.builder.node(w.builder.instance, bf.ProvisionActivity, bf.ProvisionActivityClass)
			w.isA(node, bf.Production)
		}
		w.add(node, bf.Date, d)
	}
}

// teiResp maps who did what. Where the header describes a manuscript, what they did is the
// description.
func teiResp(w *walk, e *tree.Element, o *treeOp) {
	of := w.builder.work
	if header := w.record.Root.Child("teiHeader"); header != nil {
		for x := range header.All() {
			if x.Name == "msDesc" {
				of = w.graph
				break
			}
		}
	}
	role, word := "", ""
	if r := e.Child("resp").Value(); r != "" {
		role, word = relatorOf(r, "ctb")
	} else {
		role = "ctb"
	}
	for x := range e.Elements() {
		p := party{name: x.Value()}
		switch x.Name {
		case "persName":
			p.class = bf.Person
		case "orgName":
			p.class = bf.OrganizationClass
		case "name":
		default:
			continue
		}
		if v := x.Attr("ref"); strings.HasPrefix(v, "http") {
			p.links = append(p.links, v)
		}
		t := w.agentOf(p)
		if t.IsZero() {
			continue
		}
		c := w.builder.node(of, bf.Contribution, bf.ContributionClass)
		w.add(c, bf.Agent, t)
		w.roleOf(c, role, word)
	}
}

// teiSurface maps an image of a page.
func teiSurface(w *walk, e *tree.Element, o *treeOp) {
	p := w.page(schema.ImageObject, "", firstOf(e.Child("label").Value(), e.Attr("n"), e.Attr("xml:id")))
	for x := range e.All() {
		if x.Name == "graphic" && x.Attr("url") != "" {
			w.add(p, schema.ContentUrl, address(x.Attr("url")))
		}
	}
}
