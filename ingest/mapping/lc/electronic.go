package lc

import (
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
)

// electronic maps what is to be had on line (ConvSpec 856). Its word is the node that the
// row is about: a work has an instance of its own there, or its table of contents; an
// instance has supplements; and if the record is for what is on line, it has an item.
func electronic(c *run, s graph.Term, f *field, o *op, _ int) {
	if !f.has("u") {
		return
	}
	contents := strings.Contains(lower(space(f.sub('a'))), "table of contents") ||
		strings.Contains(lower(space(f.sub('3'))), "table of contents")
	form := part(c.c008, 23, 1)
	online := part(c.leader, 6, 1) == "m" || form == "o" || form == "s"
	version := strings.IndexByte(" 018", f.ind2) >= 0
	switch o.args[0] {
	case "work":
		if contents {
			c.contentsLocators(s, f)
		} else if version && !online && !excluded(f.sub('u')) {
			c.electronicInstance(s, f)
		}
	case "instance":
		if c.is(758) && version {
			c.electronicTitle(s, f)
			c.locator(s, f)
		} else if f.ind2 == '2' && !contents {
			c.supplements(s, f)
		}
	case "item":
		if !c.is(758) && version && online && !contents {
			item := c.link(s, bf.HasItem, graph.IRI(c.minted("#Item", f)).Term(), bf.Item)
			c.locator(item, f)
			c.add(item, bf.ItemOf, c.instance)
		}
	}
}

// excluded tells the addresses that the settings of the conversion leave out.
func excluded(address string) bool {
	return strings.Contains(address, "replace-with-domains-to-be-excluded-repeat-as-necessary") ||
		strings.Contains(address, "some.example.com")
}

func (c *run) contentsLocators(s graph.Term, f *field) {
	for i := range f.subs {
		if f.subs[i].Code == 'u' {
			c.add(s, bf.TableOfContents, c.ref(f.subs[i].Value))
		}
	}
}

func (c *run) electronicInstance(s graph.Term, f *field) {
	n := c.link(s, bf.HasInstance, graph.IRI(c.minted("#Instance", f)).Term(), bf.Instance, bf.Electronic)
	c.electronicTitle(n, f)
	c.locator(n, f)
	c.add(n, bf.InstanceOf, c.work)
}

// electronicTitle gives it the title in $3, or that of the record.
func (c *run) electronicTitle(n graph.Term, f *field) {
	if f.has("3") {
		c.add(c.node(n, bf.Title, bf.TitleClass), bf.MainTitle, graph.String(f.sub('3')))
		return
	}
	if !c.is(245) {
		return
	}
	t := c.node(n, bf.Title, bf.TitleClass)
	c.all(245, func(o *field) bool {
		c.titleParts(t, o, true)
		return false
	})
}

// locator adds the addresses, and the notes once for each.
func (c *run) locator(n graph.Term, f *field) {
	for i := range f.subs {
		if f.subs[i].Code == 'u' {
			c.add(n, bf.ElectronicLocator, c.ref(f.subs[i].Value))
			c.locatorNotes(n, f, "zy")
		}
	}
}

func (c *run) locatorNotes(n graph.Term, f *field, codes string) {
	for i := range f.subs {
		if strings.IndexByte(codes, f.subs[i].Code) >= 0 {
			c.label(c.node(n, bf.Note, bf.NoteClass), f, f.subs[i].Value)
		}
	}
}

func (c *run) supplements(s graph.Term, f *field) {
	for i := range f.subs {
		if f.subs[i].Code == 'u' {
			n := c.node(s, bf.SupplementaryContent, bf.SupplementaryContentClass)
			c.add(n, bf.ElectronicLocator, c.ref(f.subs[i].Value))
			c.locatorNotes(n, f, "3zy")
		}
	}
}
