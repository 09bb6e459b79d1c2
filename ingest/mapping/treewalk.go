package mapping

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/ingest/tree"
	"mocban/vocab/bf"
	"mocban/vocab/mocban"
)

// A walk is the way through one record that is a tree. At each element the rows for it are
// done in their order, then what is inside. What no row reads is reported once for each path.
type walk struct {
	*builder
	plan   *treePlan
	record *tree.Record
	stack  []frame
	told   map[string]bool
	parts  int // components made so far
	pages  int

	titles   map[graph.Term][]*treeTitle // of things
	titleAt  map[graph.Term]*treeTitle   // by their nodes
	labelled map[graph.Term]bool         // things that a process has labelled
	canvases map[string]graph.Term       // pages by the identifiers of their canvases, or by their numbers
	doing    *treeOp                     // the row that is being done
	shown    map[graph.Term]bool         // what can be looked at, by its address
	later    []pageOf                    // which pages parts have
	byID     map[string]*tree.Element    // elements by their identifiers, made when asked for

	hasPrimary map[graph.Term]bool        // works with a main creator
	copies     map[graph.Term][]*treeCopy // of instances
	allCopies  []*treeCopy                // in their order
}

// A frame is an element that the walk is in.
type frame struct {
	e     *tree.Element
	lang  string // xml:lang, here or around
	node  graph.Term
	slots []taken
	reads []*treeOp // rows whose process reads what they say below this element
	skip  *treeOp   // the row by which nothing below is walked
	quiet *treeOp   // the row by which nothing below is reported
	whole *treeOp   // the row that has read the text of all that is below
}

// A taken slot is a node that a path made for an element in this one.
type taken struct {
	slot       int
	from, node graph.Term
}

// tree maps a record that is a tree.
func (b *builder) tree(p *treePlan) error {
	t := b.r.Tree
	w := &walk{builder: b, plan: p, record: t, told: map[string]bool{},
		canvases: map[string]graph.Term{}, shown: map[graph.Term]bool{}, titles: map[graph.Term][]*treeTitle{}, titleAt: map[graph.Term]*treeTitle{}, labelled: map[graph.Term]bool{}, hasPrimary: map[graph.Term]bool{}, copies: map[graph.Term][]*treeCopy{}}
	w.language = w.mainLanguage()
	w.agency = language{}
	if p.kind == tree.EAC {
		if !w.eacThing() {
			return ErrHeading
		}
		b.add(b.thing, bf.AdminMetadata, b.graph)
		w.element(t.Root)
		return nil
	}
	b.begin()
	w.element(t.Root)
	w.finishPages()
	b.because(partCopies, nil)
	w.finishCopies()
	b.because(partTitle, nil)
	w.titled(b.work, b.instance)
	return nil
}

// begin makes work and instance.
func (b *builder) begin() {
	b.work = b.mint(works, b.source, b.number)
	b.instance = b.mint(instances, b.source, b.number)
	b.isA(b.work, bf.Work)
	b.isA(b.instance, bf.Instance)
	b.add(b.work, bf.HasInstance, b.instance)
	b.add(b.instance, bf.InstanceOf, b.work)
	b.add(b.work, bf.AdminMetadata, b.graph)
	b.add(b.instance, bf.AdminMetadata, b.graph)
}

// mainLanguage finds what the record says of the language of its content.
func (w *walk) mainLanguage() language {
	if len(w.plan.languages) == 0 {
		return language{}
	}
	found := language{}
	var visit func(e *tree.Element, depth int) bool
	visit = func(e *tree.Element, depth int) bool {
		w.stack = append(w.stack, frame{e: e})
		defer func() { w.stack = w.stack[:len(w.stack)-1] }()
		for _, o := range w.plan.languages {
			if !o.pattern.matches(w.stack) {
				continue
			}
			s := e.Value()
			if o.pattern.attr != "" {
				s = e.Attr(o.pattern.attr)
			}
			if found = languageNamed(s); found.tag != "" {
				return false
			}
		}
		if depth > 8 || e.Name == "relatedItem" || e.Name == "dsc" || e.Name == "text" {
			return true
		}
		for c := range e.Elements() {
			if !visit(c, depth+1) {
				return false
			}
		}
		return true
	}
	visit(w.record.Root, 0)
	return found
}

// element does what the rows say of an element and of what is inside.
func (w *walk) element(e *tree.Element) {
	f := frame{e: e}
	if n := len(w.stack); n > 0 {
		f.lang, f.quiet = w.stack[n-1].lang, w.stack[n-1].quiet
	}
	if l := e.Attr("xml:lang"); l != "" {
		f.lang = l
	} else if l := e.Attr("lang"); l != "" {
		f.lang = l
	}
	w.stack = append(w.stack, f)
	work, instance := w.builder.work, w.builder.instance
	read := w.rows(e)
	claim := w.claim()
	w.traceElement(e, claim)
	if top := w.top(); top.skip == nil {
		w.report(e, read || claim != nil)
		for c := range e.Elements() {
			w.element(c)
		}
	}
	if w.builder.work != work && len(w.stack) > 1 { // the element was a resource of its own
		w.because(partTitle, nil)
		w.titled(w.builder.work, w.builder.instance)
		w.builder.work, w.builder.instance = work, instance
	}
	w.stack = w.stack[:len(w.stack)-1]
}

func (w *walk) top() *frame { return &w.stack[len(w.stack)-1] }

// rows does the rows for an element and its attributes, and tells whether one reads its text.
func (w *walk) rows(e *tree.Element) (read bool) {
	for _, name := range []string{"*", e.Name} { // what is skipped is read by no other row
		for _, o := range w.plan.byName[name] {
			if o.skip && o.pattern.matches(w.stack) {
				w.do(o, e, "")
				w.top().skip = o
				return true
			}
		}
	}
	for _, name := range []string{e.Name, "*"} {
		for _, o := range w.plan.byName[name] {
			if !o.pattern.matches(w.stack) {
				continue
			}
			read = read || !o.bind // which reads none of the text
			w.do(o, e, "")
			top := w.top()
			if o.skip && top.skip == nil {
				top.skip = o
			}
			if o.quiet && top.quiet == nil {
				top.quiet = o
			}
			if o.whole && top.whole == nil {
				top.whole = o
			}
		}
	}
	for i := range e.Attrs {
		for _, o := range w.plan.byAttr[e.Attrs[i].Name] {
			if o.pattern.matches(w.stack) {
				w.do(o, e, e.Attrs[i].Value)
			}
		}
	}
	return read
}

// do does one row.
func (w *walk) do(o *treeOp, e *tree.Element, attr string) {
	w.becauseOf(o, e)
	switch {
	case o.skip:
		w.complain("skipped", "", "Phần này không phải là siêu dữ liệu; nội dung chỉ còn trong biểu ghi gốc.",
			"This part is no metadata; it stands in the original record only.")
		return
	case o.ignore, o.quiet:
		return
	case o.process != nil:
		o.process(w, e, o)
		if o.reads != nil {
			w.top().reads = append(w.top().reads, o)
		}
		return
	case o.bind:
		w.top().node = w.follow(o, graph.Term{})
		return
	}
	s := attr
	if o.pattern.attr == "" {
		s = e.Value()
	}
	if s = strings.TrimSpace(s); s == "" && o.row.Cell("value")[0] != '=' {
		return
	}
	w.doing = o
	if v := o.value(w, s); !v.IsZero() {
		w.follow(o, v)
	}
}

// follow goes the path of a row and puts v at its end. It returns the last node on it.
func (w *walk) follow(o *treeOp, v graph.Term) graph.Term {
	s := w.nodeOf(o.node)
	if s.IsZero() || s == noNode {
		return graph.Term{}
	}
	invalid := w.invalid
	w.invalid = false
	for i := range o.steps {
		st := &o.steps[i]
		if !st.node {
			w.instead = ""
			w.say(s, st.property, v)
			if invalid {
				w.add(s, bf.Status, invalidStatus)
			}
			return s
		}
		s = w.take(s, st)
	}
	return s
}

// take returns the node that a step leads to. Elements in the same element share it, unless a
// plus asks for a new one.
func (w *walk) take(s graph.Term, st *step) graph.Term {
	scope := w.scope()
	for i := len(scope.slots) - 1; i >= 0 && !st.fresh; i-- {
		if t := &scope.slots[i]; t.slot == st.slot && t.from == s {
			return t.node
		}
	}
	n := w.builder.node(s, st.property)
	for _, c := range st.classes {
		if w.instead != "" {
			c = w.instead
		}
		w.isA(n, c)
	}
	for _, fact := range st.facts {
		w.add(n, fact.Property, fact.Value)
	}
	if st.property == bf.Title {
		w.titleNode(s, n, slices.Contains(st.classes, bf.TitleClass))
	}
	scope.slots = append(scope.slots, taken{slot: st.slot, from: s, node: n})
	return n
}

// scope is the element around, whose elements share nodes.
func (w *walk) scope() *frame {
	if len(w.stack) > 1 {
		return &w.stack[len(w.stack)-2]
	}
	return &w.stack[0]
}

func (w *walk) nodeOf(node byte) graph.Term {
	switch node {
	case 'W':
		return w.builder.work
	case 'I':
		return w.builder.instance
	case 'D':
		return w.digitalInstance()
	case 'R':
		return w.graph
	case 'A':
		return w.thing
	}
	for i := len(w.stack) - 1; i >= 0; i-- {
		if n := w.stack[i].node; !n.IsZero() {
			return n
		}
	}
	return graph.Term{}
}

// claim returns the row for an element around that reads the element at hand, or nil.
func (w *walk) claim() *treeOp {
	for i := len(w.stack) - 2; i >= 0; i-- {
		if o := w.stack[i].whole; o != nil {
			return o
		}
		for _, o := range w.stack[i].reads {
			for _, path := range o.reads {
				if w.isBelow(i, path) {
					return o
				}
			}
		}
	}
	return nil
}

// isBelow tells whether the names below frame i are a path. A star at its end is all below.
func (w *walk) isBelow(i int, path []string) bool {
	below := w.stack[i+1:]
	if path[len(path)-1] == "**" {
		path = path[:len(path)-1]
		if len(below) < len(path) {
			return false
		}
		below = below[:len(path)]
	}
	if len(below) != len(path) {
		return false
	}
	for j := range path {
		if path[j] != "*" && below[j].e.Name != path[j] {
			return false
		}
	}
	return true
}

// report tells of text and attributes that no row reads.
func (w *walk) report(e *tree.Element, read bool) {
	if w.top().quiet != nil {
		return
	}
	if !read {
		if text := e.OwnText(); text != "" {
			w.unread("", text)
		}
	}
	for i := range e.Attrs {
		a := &e.Attrs[i]
		if a.Value == "" || strings.HasPrefix(a.Name, "xml:") || w.readsAttr(e, a.Name) {
			continue
		}
		w.unread(a.Name, a.Value)
	}
}

// readsAttr tells whether a row reads an attribute, or tests it.
func (w *walk) readsAttr(e *tree.Element, name string) bool {
	for range w.attrReaders(e, name) {
		return true
	}
	return w.claim() != nil
}

// attrReaders gives the rows that read an attribute, or test it.
func (w *walk) attrReaders(e *tree.Element, name string) iter.Seq[*treeOp] {
	return func(yield func(*treeOp) bool) {
		for _, any := range []string{name, "*"} {
			for _, o := range w.plan.byAttr[any] {
				if o.pattern.matches(w.stack) && !yield(o) {
					return
				}
			}
		}
		for _, o := range w.plan.byName[e.Name] {
			tested := slices.ContainsFunc(o.pattern.steps[0].tests, func(t patternTest) bool { return t.attr && t.name == name })
			if (tested || o.process != nil && o.pattern.matches(w.stack)) && !yield(o) {
				return
			}
		}
	}
}

func (w *walk) unread(attr, value string) {
	p := w.path(attr)
	if w.told[p] {
		return
	}
	w.told[p] = true
	w.find("unmapped", p, 0, value,
		"Chưa có quy tắc chuyển đổi; nội dung chỉ còn trong biểu ghi gốc.",
		"There is no rule for this; it stands in the original record only.")
}

// path returns the names that lead to the element at hand, or to an attribute of it. In a sheet
// it is the header of the column.
func (w *walk) path(attr string) string {
	if w.plan.kind == tree.Sheet {
		return w.place()
	}
	var path strings.Builder
	for i := range w.stack {
		if i > 0 {
			path.WriteByte('/')
		}
		path.WriteString(w.stack[i].e.Name)
	}
	if attr != "" {
		path.WriteString("/@" + attr)
	}
	return path.String()
}

// complain reports something about the element at hand.
func (w *walk) complain(rule, value, vi, en string) {
	w.find(rule, w.place(), 0, value, vi, en)
}

// place names the element at hand in what is told of it: by the header of its column in a
// sheet, else by its name.
func (w *walk) place() string {
	if c := w.top().e.Attr("column"); c != "" && w.plan.kind == tree.Sheet {
		return c
	}
	return w.top().e.Name
}

// A treeTitle is one title of a thing, as far as it was read.
type treeTitle struct {
	proper                  bool
	main, sub, number, name graph.Term
}

// part keeps what is said of a title.
func (t *treeTitle) part(p graph.IRI, v graph.Term) {
	switch p {
	case bf.MainTitle:
		t.main = v
	case bf.Subtitle:
		t.sub = v
	case bf.PartNumber:
		t.number = v
	case bf.PartName:
		t.name = v
	}
}

// label returns the title as it names a thing.
func (t *treeTitle) label() graph.Term {
	if t.main.IsZero() {
		return graph.Term{}
	}
	text := t.main.Value()
	for _, more := range []graph.Term{t.number, t.name} {
		if !more.IsZero() {
			text += ". " + more.Value()
		}
	}
	if !t.sub.IsZero() {
		text += " : " + t.sub.Value()
	}
	if lang := t.main.Lang(); lang != "" {
		return graph.Text(text, lang)
	}
	return graph.String(text)
}

// titleNode notes that a node is a title of a thing.
func (w *walk) titleNode(of, node graph.Term, proper bool) {
	t := &treeTitle{proper: proper}
	w.titles[of] = append(w.titles[of], t)
	w.titleAt[node] = t
}

// say adds what is said of a node, and keeps it in mind where it is a part of a title.
func (w *walk) say(s graph.Term, p graph.IRI, v graph.Term) {
	w.add(s, p, v)
	if t := w.titleAt[s]; t != nil {
		t.part(p, v)
	}
}

// labelsOf returns the proper titles of a thing, or else the first of the others.
func (w *walk) labelsOf(of graph.Term) (labels []graph.Term) {
	var variant graph.Term
	for _, t := range w.titles[of] {
		switch l := t.label(); {
		case l.IsZero():
		case t.proper:
			labels = append(labels, l)
		case variant.IsZero():
			variant = l
		}
	}
	if labels == nil && !variant.IsZero() {
		labels = []graph.Term{variant}
	}
	return labels
}

// titled labels a work and its instance with their titles, or with what else names them.
func (w *walk) titled(work, instance graph.Term) {
	top := len(w.stack) == 0
	labels := w.labelsOf(work)
	if labels == nil {
		labels = w.labelsOf(instance)
	}
	switch {
	case labels != nil:
	case w.labelled[work], work.IsBlank():
		return
	case top:
		w.find("no-title", "title", 0, "", "Biểu ghi không có nhan đề. Hãy nhập nhan đề.", "The record has no title. Enter one.")
		labels = []graph.Term{graph.String(w.number)}
	default:
		labels = []graph.Term{graph.String(w.numbered())}
	}
	for _, l := range labels {
		w.label(work, l)
		w.label(instance, l)
		if top && !w.digital.IsZero() {
			w.label(w.digital, l)
		}
	}
	if top {
		w.labels = append(w.labels, labels...)
	}
}

// numbered names a component that has no title.
func (w *walk) numbered() string { return w.number + " #" + strconv.Itoa(w.parts) }

// treeRecord says of the record itself what its envelope tells.
func (b *builder) treeRecord() {
	t := b.r.Tree
	b.add(b.graph, mocban.SourceFormat, graph.String(string(t.Kind)))
	if stamp := t.Stamp; stamp != "" {
		b.add(b.graph, bf.ChangeDate, stampOf(stamp))
	}
}

// hasInternal tells whether a finding aid has parts that are not for the public, and says so: its
// bytes, which everybody could have, are not kept then. Programs mark the whole so that was not
// published when it was exported; who gives us that wants it mapped, and is told.
func (b *builder) hasInternal() bool {
	if b.r.Tree == nil || b.r.Tree.Kind != tree.EAD {
		return false
	}
	for e := range b.r.Tree.Root.All() {
		if e.Attr("audience") != "internal" {
			continue
		}
		switch e.Name {
		case "ead", "archdesc":
			b.find("internal-whole", e.Name, 0, "",
				"Toàn bộ công cụ tra cứu được đánh dấu nội bộ (audience=\"internal\") nhưng vẫn được chuyển đổi; đừng nạp nếu chưa được công bố.",
				"The finding aid as a whole is marked as internal (audience=\"internal\") and mapped all the same; do not load it unless it may be public.")
		default:
			b.find("internal", e.Name, 0, "",
				"Có phần nội bộ (audience=\"internal\"): phần đó và bản gốc của biểu ghi không được lưu.",
				"There are parts that are internal (audience=\"internal\"): these, and the bytes of the record, are not kept.")
			return true
		}
	}
	return false
}
