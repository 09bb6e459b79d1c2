package formats

import (
	"strconv"
	"strings"

	"mocban/ingest/tree"
)

// arrange puts the descriptions of a METS document where its logical structure speaks of them:
// that of the whole at the top, those of parts into their div, which is marked as a part.
// Files get the use of their group, and those that a division points to are marked as paged.
func arrange(root *tree.Element) *tree.Element {
	a := arranger{descriptions: map[string]*tree.Element{}, used: map[string]bool{}}
	for s := range root.Named("dmdSec") {
		a.order = append(a.order, s.Attr("ID"))
		a.descriptions[s.Attr("ID")] = description(s)
	}
	main := a.main(root)
	var top []*tree.Element
	if main != nil {
		top = a.take(main)
		a.parts(main)
	} else if len(a.order) > 0 {
		a.used[a.order[0]] = true
		if d := a.descriptions[a.order[0]]; d != nil {
			top = []*tree.Element{d}
		}
	}
	for s := range root.Named("structMap") { // what the physical structure says of the whole: its extent, its copies
		if !strings.EqualFold(s.Attr("TYPE"), "PHYSICAL") {
			continue
		}
		for d := range s.Named("div") {
			top = append(top, a.take(d)...)
		}
	}
	top = append(top, a.hosts...)
	var rest []*tree.Element
	for _, c := range root.Children {
		if c.Name == "dmdSec" {
			if a.used[c.Attr("ID")] {
				continue
			}
			c.Children = []*tree.Element{{Text: c.Value()}} // it is told that nothing reads it
		}
		rest = append(rest, c)
	}
	root.Children = append(top, rest...)
	files(root)
	paginate(root)
	return root
}

// paginate numbers the divisions that are pages, those of the physical structure with files (or
// of any, where there is none), and puts into the parts of the logical one which pages they have:
// by links between the two (smLink), or since both point to the same file.
func paginate(root *tree.Element) {
	held := map[string]bool{}
	if sec := root.Child("fileSec"); sec != nil {
		for f := range sec.All() {
			if f.Name == "file" {
				held[f.Attr("ID")] = true
			}
		}
	}
	pages, byID, byFile := 0, map[string]string{}, map[string]string{}
	number := func(s *tree.Element) {
		for d := range s.All() {
			if d.Name != "div" {
				continue
			}
			all := pointed(d, held)
			if all == nil {
				continue
			}
			pages++
			n := strconv.Itoa(pages)
			d.Set("page", n)
			if id := d.Attr("ID"); id != "" {
				byID[id] = n
			}
			for _, f := range all {
				if byFile[f] == "" {
					byFile[f] = n
				}
			}
		}
	}
	for s := range root.Named("structMap") {
		if strings.EqualFold(s.Attr("TYPE"), "PHYSICAL") {
			number(s)
		}
	}
	if pages == 0 {
		for s := range root.Named("structMap") {
			if pages == 0 {
				number(s)
			}
		}
		return
	}
	linked := map[string][]string{}
	for l := range root.Named("structLink") {
		for x := range l.Elements() {
			if x.Name == "smLink" {
				from, to := strings.TrimPrefix(x.Attr("from"), "#"), strings.TrimPrefix(x.Attr("to"), "#")
				linked[from] = append(linked[from], to)
			}
		}
	}
	for s := range root.Named("structMap") {
		if strings.EqualFold(s.Attr("TYPE"), "PHYSICAL") {
			continue
		}
		for d := range s.All() {
			if d.Name != "div" || !d.HasAttr("part") {
				continue
			}
			seen := map[string]bool{}
			add := func(n string) {
				if n != "" && !seen[n] {
					seen[n] = true
					d.Children = append(d.Children, tree.New("page", n))
				}
			}
			for _, to := range linked[d.Attr("ID")] {
				add(byID[to])
			}
			if len(seen) == 0 {
				for x := range d.All() {
					add(byFile[x.Attr("FILEID")])
				}
			}
		}
	}
}

// pointed returns the files that a division itself points to, as a whole or at an area.
func pointed(d *tree.Element, held map[string]bool) (all []string) {
	for p := range d.Named("fptr") {
		for x := range p.All() {
			if id := x.Attr("FILEID"); held[id] && !x.HasAttr("whole") {
				all = append(all, id)
			}
		}
	}
	return all
}

type arranger struct {
	descriptions map[string]*tree.Element
	used         map[string]bool
	order        []string
	hosts        []*tree.Element // what the whole is a part of
}

// description returns what a dmdSec holds, with Dublin Core called dc whatever its wrapper.
func description(s *tree.Element) *tree.Element {
	data := s.At("mdWrap", "xmlData")
	if data == nil {
		return nil
	}
	for e := range data.Elements() {
		switch e.Name {
		case "mods":
			return e
		case "dc", "dublincore", "simpledc", "qualifieddc", "record":
			e.Name = "dc"
			return e
		case "dim":
			return fromDIM(e)
		case "title", "creator", "identifier": // Dublin Core without a wrapper
			return &tree.Element{Name: "dc", Children: data.Children}
		}
		return e
	}
	return nil
}

// main finds the division that is the whole: the first one of the logical structure with a
// description. The divisions around it are what it is a part of: the newspaper of an issue.
func (a *arranger) main(root *tree.Element) *tree.Element {
	for s := range root.Named("structMap") {
		if !strings.EqualFold(s.Attr("TYPE"), "LOGICAL") {
			continue
		}
		var around []*tree.Element
		if d := a.described(s, &around); d != nil {
			for _, x := range around {
				a.hosts = append(a.hosts, host(x))
			}
			return d
		}
	}
	return nil
}

func (a *arranger) described(e *tree.Element, around *[]*tree.Element) *tree.Element {
	for d := range e.Named("div") {
		for id := range strings.FieldsSeq(d.Attr("DMDID")) {
			if a.descriptions[id] != nil {
				return d
			}
		}
		was := len(*around)
		if d.Attr("LABEL") != "" {
			*around = append(*around, d)
		}
		if found := a.described(d, around); found != nil {
			return found
		}
		*around = (*around)[:was]
	}
	return nil
}

// host makes a related item of a division around the whole.
func host(d *tree.Element) *tree.Element {
	e := tree.New("relatedItem", "", tree.New("titleInfo", "", tree.New("title", d.Attr("LABEL"))))
	e.Set("type", "host")
	if m := d.Child("mptr"); m != nil && m.Attr("href") != "" {
		e.Set("href", m.Attr("href"))
	}
	return e
}

func (a *arranger) take(d *tree.Element) (all []*tree.Element) {
	for id := range strings.FieldsSeq(d.Attr("DMDID")) {
		if x := a.descriptions[id]; x != nil && !a.used[id] {
			a.used[id] = true
			all = append(all, x)
		}
	}
	return all
}

// parts marks the divisions below that are named or described.
func (a *arranger) parts(d *tree.Element) {
	for c := range d.Named("div") {
		described := a.take(c)
		a.parts(c)
		if len(described) > 0 || strings.TrimSpace(c.Attr("LABEL")) != "" {
			c.Set("part", "yes")
			c.Children = append(described, c.Children...)
		}
	}
}

// files gives the files of a document the use of their group, and marks those that a division
// points to.
func files(root *tree.Element) {
	paged := map[string]bool{}
	for s := range root.Named("structMap") {
		for d := range s.Named("div") {
			if d.Child("div") == nil {
				continue
			}
			for p := range d.Named("fptr") { // of all pages together: the whole in one file
				for x := range p.All() {
					if x.HasAttr("FILEID") {
						x.Set("whole", "yes")
					}
				}
			}
		}
		for e := range s.All() {
			if e.HasAttr("FILEID") && !e.HasAttr("whole") { // fptr, or an area in one
				paged[e.Attr("FILEID")] = true
			}
		}
	}
	sec := root.Child("fileSec")
	if sec == nil {
		return
	}
	var visit func(e *tree.Element, use string)
	visit = func(e *tree.Element, use string) {
		for c := range e.Elements() {
			switch c.Name {
			case "fileGrp":
				next := use
				if u := c.Attr("USE"); u != "" {
					next = u
				}
				visit(c, next)
			case "file":
				if use != "" {
					c.Set("use", use)
				}
				if paged[c.Attr("ID")] {
					c.Set("paged", "yes")
				}
			}
		}
	}
	visit(sec, "")
}
