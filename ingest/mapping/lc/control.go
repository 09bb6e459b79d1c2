package lc

import (
	"math"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
	"mocban/vocab/xsd"
)

// administration says how the record came to be: that it was made, that it was changed, that
// it was converted, and how it describes.
func (c *run) administration() {
	assigner, has := c.value(40, 'a')
	c.created(assigner, has)
	if status := part(c.leader, 5, 1); status != "n" {
		c.changed(status, assigner, has)
	}
	c.all(884, func(f *field) bool {
		if strings.Contains(f.sub('a'), "DLC bibframe2marc") {
			c.regenerated(f)
		}
		return false
	})
	converted := c.admin()
	c.status(converted, "c", "changed")
	c.add(converted, bf.GenerationProcess, graph.IRI("https://github.com/lcnetdev/marc2bibframe2/releases/tag/v2.10.0").Term())
	if c.options.Generated != "" {
		c.add(converted, bf.Date, graph.Literal(c.options.Generated, xsd.DateTime))
	}
	described := c.admin()
	c.add(described, bf.DescriptionLevel, graph.IRI("http://id.loc.gov/ontologies/bibframe-2-6-0/").Term())
	c.because(ofLeader)
	c.leaderAdmin(described)
	c.mode(adminMode, described)
}

func (c *run) admin() graph.Term { return c.node(c.work, bf.AdminMetadata, bf.AdminMetadataClass) }

// created says when and by whom the record was made.
func (c *run) created(assigner string, has bool) {
	n := c.admin()
	c.status(n, "n", "new")
	year := part(c.c008, 0, 2)
	if number(year) < 65 {
		year = "20" + year
	} else {
		year = "19" + year
	}
	date := year + "-" + part(c.c008, 2, 2) + "-" + part(c.c008, 4, 2)
	made := 10000*number(year) + 100*number(part(c.c008, 2, 2)) + number(part(c.c008, 4, 2))
	changed := 10000*number(part(c.c005, 0, 4)) + 100*number(part(c.c005, 4, 2)) + number(part(c.c005, 6, 2))
	if made > changed {
		date = part(c.c005, 0, 4) + "-" + part(c.c005, 4, 2) + "-" + part(c.c005, 6, 2)
	}
	c.add(n, bf.Date, graph.Literal(date, xsd.Date))
	if has {
		c.agency(n, bf.Agent, assigner, c.some(40, 'a', "DLC"))
	}
}

// number reads a number as XPath does: NaN if it is none.
func number(s string) float64 {
	s = strings.Trim(s, " \t\n\r")
	if s == "" || strings.Trim(s, "0123456789.") != "" {
		return math.NaN()
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return n
}

// agency names a cataloguing agency by its code.
func (c *run) agency(s graph.Term, p graph.IRI, code string, library bool) {
	n := c.sink.Blank()
	if library {
		n = organization("dlc")
	}
	c.link(s, p, n, bf.AgentClass)
	c.add(n, bf.Code, graph.String(code))
}

// changed says when and by whom the record was changed last.
func (c *run) changed(status, assigner string, has bool) {
	n := c.admin()
	if status == "" {
		c.status(n, "c", "changed")
	}
	for _, t := range c.tables.things("mstatus", status) {
		c.labelled(n, bf.Status, t.iri, bf.StatusClass, graph.String(t.label))
	}
	if date := timestamp(c.c005); c.has005 && !strings.HasPrefix(date, "0000") {
		c.add(n, bf.Date, graph.Literal(date, xsd.DateTime))
	}
	last, modified, library := "", false, false
	c.all(40, func(f *field) bool {
		own := ""
		found := false
		for i := range f.subs {
			if f.subs[i].Code == 'd' {
				own, found = f.subs[i].Value, true
			}
		}
		if found {
			if !modified {
				last, modified = own, true
			}
			library = library || own == "DLC"
		}
		return false
	})
	if modified {
		c.agency(n, bf.DescriptionModifier, last, library)
	} else if has {
		c.agency(n, bf.Agent, assigner, c.some(40, 'a', "DLC"))
	}
}

// timestamp writes field 005 as a date and time.
func timestamp(s string) string {
	return part(s, 0, 4) + "-" + part(s, 4, 2) + "-" + part(s, 6, 2) + "T" + part(s, 8, 2) + ":" + part(s, 10, 2) + ":" + part(s, 12, 2)
}

// regenerated says that the record was made from BIBFRAME, by its 884.
func (c *run) regenerated(f *field) {
	n := c.admin()
	c.status(n, "c", "changed")
	g := f.sub('g')
	date := part(g, 0, 4) + "-" + part(g, 4, 2) + "-" + part(g, 6, 2)
	if len(g) > 8 {
		date = timestamp(g)
	}
	if !strings.HasPrefix(date, "0000") {
		c.add(n, bf.Date, graph.Literal(date, xsd.DateTime))
	}
	if f.has("q") {
		c.agency(n, bf.Agent, f.sub('q'), f.holds('q', "DLC"))
	}
	c.add(n, bf.GenerationProcess, c.ref(f.sub('u')))
}

// leaderAdmin reads how full the description is and by which rules (ConvSpec LDR).
func (c *run) leaderAdmin(n graph.Term) {
	level := strings.ReplaceAll(part(c.leader, 17, 1), " ", "0")
	for _, t := range c.tables.things("menclvl", level) {
		c.labelled(n, bflc.EncodingLevel, t.iri, bflc.EncodingLevelClass, graph.String(t.label))
	}
	form := part(c.leader, 18, 1)
	if !c.plainRDA(form) {
		for _, t := range c.tables.things("descriptionConventions", form) {
			d := c.link(n, bf.DescriptionConventions, t.iri.Term(), bf.DescriptionConventionsClass)
			c.add(d, bf.Code, graph.String(t.label))
		}
	}
}

// plainRDA tells whether 040 $e is rda and nothing else, and the leader says what RDA says.
func (c *run) plainRDA(form string) bool {
	any, others, rda := false, false, false
	c.all(40, func(f *field) bool {
		for i := range f.subs {
			if f.subs[i].Code == 'e' {
				any = true
				rda = rda || f.subs[i].Value == "rda"
				others = others || f.subs[i].Value != "rda"
			}
		}
		return false
	})
	return any && !others && !(rda && !strings.Contains("apr", form))
}

// leaderWork reads the kind of record and its level (ConvSpec LDR).
func (c *run) leaderWork() {
	kind := part(c.leader, 6, 1)
	things := c.tables.things("contentTypes", kind)
	for _, t := range things {
		c.isA(c.work, t.class)
	}
	if !c.is(336) && kind != "q" {
		for _, t := range things {
			if t.iri != "" {
				c.labelled(c.work, bf.Content, t.iri, bf.ContentClass, graph.String(t.label))
			}
		}
	}
	switch part(c.leader, 7, 1) {
	case "a", "m":
		c.isA(c.work, bf.Monograph)
	case "b", "s":
		c.isA(c.work, bf.Serial)
	case "c", "d":
		c.isA(c.work, bf.Collection)
	case "i":
		c.isA(c.work, bf.Integrating)
	}
}

// issuances are the ways of issuance by leader/07.
var issuances = map[string]string{"a": "mono", "b": "serl", "c": "mulm", "d": "mono", "i": "intg", "m": "mono", "s": "serl"}

func (c *run) leaderInstance() {
	if c.kind == secondary {
		c.isA(c.instance, bflc.SecondaryInstance)
	}
	if code, ok := issuances[part(c.leader, 7, 1)]; ok && !c.is(334) {
		c.add(c.instance, bf.Issuance, lc("issuance/"+code))
	}
}

// controlField reads a control field for one of the nodes.
func (c *run) controlField(m mode, s graph.Term, tag int, data string) {
	switch {
	case m == adminMode:
		c.adminControl(s, tag, data)
	case m == workMode && tag == 7:
		c.work007(data)
	case m == instanceMode && tag == 7:
		c.instance007(data)
	case m == workMode && tag == 8:
		c.work008(data)
	case m == instanceMode && tag == 8:
		c.instance008(data)
	}
}

// adminControl reads 001 and 008 for the description of the record.
func (c *run) adminControl(n graph.Term, tag int, data string) {
	switch tag {
	case 1:
		id := c.node(n, bf.IdentifiedBy, bf.Local)
		c.add(id, rdf.Value, graph.String(data))
		if !c.has003 || c.c003 == "DLC" || c.c003 == "" {
			c.agency(id, bf.Assigner, "DLC", true)
		} else {
			c.agency(id, bf.Assigner, c.c003, false)
		}
	case 8:
		level := part(c.leader, 7, 1)
		if part(c.leader, 6, 1) != "a" || level == "" || !strings.Contains("bis", level) {
			return
		}
		entry, ok := entries[part(data, 34, 1)]
		if ok {
			c.add(c.note(n, bf.Note, "metaentry"), rdfs.Label, graph.String(entry))
		}
	}
}

// entries are the conventions of entry, 008/34.
var entries = map[string]string{"0": "0 - successive", "1": "1 - latest", "2": "2 - integrated"}

// note makes a note of a kind.
func (c *run) note(s graph.Term, p graph.IRI, kind string) graph.Term {
	n := c.node(s, p, bf.NoteClass)
	if kind != "" {
		c.isA(n, graph.IRI(noteTypes+kind))
	}
	return n
}

// work007 reads the content that the physical form tells (ConvSpec 007).
func (c *run) work007(data string) {
	if c.is(336) {
		return
	}
	kind, form, leader := part(data, 0, 1), part(data, 1, 1), part(c.leader, 6, 1)
	code, label := "", ""
	switch kind {
	case "a":
		if form == "q" {
			code, label = "crf", "cartographic three-dimensional form"
		} else if strings.Contains("dgjkrsy", form) && leader != "e" && leader != "f" {
			code, label = "cri", "cartographic image"
		}
	case "d":
		code, label = "crf", "cartographic three-dimensional form"
	case "g", "k":
		if leader != "k" {
			code, label = "sti", "still image"
		}
	case "m", "v":
		if leader != "g" {
			code, label = "tdi", "two-dimensional moving image"
		}
	}
	if code != "" {
		c.labelled(c.work, bf.Content, graph.IRI(vocabulary+"contentTypes/"+code), bf.ContentClass, graph.String(label))
	}
}

// instance007 reads the physical form (ConvSpec 007). Most of it stands in a table.
func (c *run) instance007(data string) {
	if data == "" {
		return
	}
	rows := c.tables.positions[data[0]]
	for i := range rows {
		p := &rows[i]
		if p.code != 0 && (p.at >= len(data) || data[p.at] != p.code) || c.alreadySaid(p) {
			continue
		}
		switch {
		case p.class == "":
			c.add(c.instance, p.property, graph.String(p.label))
		case p.note:
			n := c.node(c.instance, p.property, p.class)
			c.add(c.node(n, bf.Note, bf.NoteClass), rdfs.Label, graph.String(p.label))
		default:
			c.labelled(c.instance, p.property, p.iri, p.class, graph.String(p.label))
		}
	}
	switch data[0] {
	case 'h':
		c.coded007("reductionRatioRange", part(data, 5, 1), bf.ReductionRatio, bf.ReductionRatioClass)
		if ratio := part(data, 6, 3); ratio != "" && ratio != "|||" && ratio != "---" {
			c.labelled(c.instance, bf.ReductionRatio, "", bf.ReductionRatioClass, graph.String(ratio))
		}
	case 's':
		c.coded007("playbackSpeed", part(data, 3, 1), bf.SoundCharacteristic, bf.PlayingSpeed)
		c.groove(data)
		c.coded007("tapeConfig", part(data, 8, 1), bf.SoundCharacteristic, bf.TapeConfig)
		c.coded007("captureStorage", part(data, 13, 1), bf.SoundCharacteristic, bf.CaptureStorage)
	}
}

// alreadySaid tells whether other fields say what a position would.
func (c *run) alreadySaid(p *position) bool {
	switch p.unless {
	case "":
		return false
	case "carrier":
		return strings.Contains(c.carrierList(), string(p.iri))
	case "300c":
		return c.with(300, "c")
	}
	tag := tagNumber(strings.TrimPrefix(p.unless, "said:"))
	if strings.HasPrefix(p.unless, "said:") {
		return c.some(tag, 0, p.label)
	}
	return c.is(tag)
}

func (c *run) coded007(list, code string, property, class graph.IRI) {
	if things := c.tables.things(list, code); len(things) > 0 {
		c.labelled(c.instance, property, things[0].iri, class, graph.String(things[0].label))
	}
}

// groove tells the groove of a disc or cylinder, which its speed decides.
func (c *run) groove(data string) {
	speed := part(data, 3, 1)
	code, label := "", ""
	switch part(data, 5, 1) {
	case "m":
		code, label = "micro", "microgroove"
		if speed == "i" {
			code, label = "finepitch", "fine pitch"
		}
	case "s":
		code, label = "coarse", "coarse groove"
		if speed == "h" {
			code, label = "stanpitch", "standard pitch"
		}
	}
	if code != "" && !c.some(344, 0, label) {
		c.labelled(c.instance, bf.SoundCharacteristic, graph.IRI(vocabulary+"mgroove/"+code), bf.GrooveCharacteristic, graph.String(label))
	}
}

// carrierList returns the carriers that 338 gives, and that 008 gives, as IRIs with blanks
// between.
func (c *run) carrierList() string {
	list := c.carriers338()
	if c.kind != secondary {
		list += " " + c.carrier008()
	}
	return list
}

// carriers338 returns those of 338 alone.
func (c *run) carriers338() string {
	if !c.carriersKnown {
		c.carriersKnown, c.carriers = true, ""
		c.all(338, func(f *field) bool {
			for i := range f.subs {
				if code := encode(space(f.subs[i].Value)); f.subs[i].Code == 'b' && code != "" {
					c.carriers += vocabulary + "carriers/" + code + " "
				}
			}
			return false
		})
	}
	return c.carriers
}
