package formats

import (
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
	return root
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
		for e := range s.All() {
			if e.Name == "fptr" {
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
