package lc

import (
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/bflc"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
	"mocban/vocab/xsd"
)

// A material is how 008/18-34 is to be read.
type material byte

const (
	unread material = iota
	books
	files
	maps
	music
	serials
	visual
	mixed
)

// material tells it by leader/06 and 07. Of manuscript texts nothing is read.
func (c *run) material() material {
	kind, level := part(c.leader, 6, 1), part(c.leader, 7, 1)
	switch kind {
	case "a":
		switch level {
		case "a", "c", "d", "m":
			return books
		case "b", "i", "s":
			return serials
		}
	case "m":
		return files
	case "e", "f":
		return maps
	case "c", "d", "i", "j":
		return music
	case "g", "k", "o", "r":
		return visual
	case "p":
		return mixed
	}
	return unread
}

// carrier008 returns the carriers that the form of item in 008 stands for.
func (c *run) carrier008() string {
	m := c.material()
	code := part(c.c008, 23, 1)
	if m == maps || m == visual {
		code = part(c.c008, 29, 1)
	}
	if m != files && code == " " {
		code = "r"
	}
	list := ""
	for _, t := range c.tables.things("carrier", code) {
		list += string(t.iri)
	}
	return list
}

// work008 reads what 008 says of the work (ConvSpec 008).
func (c *run) work008(data string) {
	if code := part(data, 35, 3); code != "   " && code != "|||" {
		if code = encode(space(code)); code != "" {
			c.add(c.work, bf.Language, graph.IRI(languages+code).Term())
		}
	}
	if date := part(data, 11, 4); part(data, 6, 1) == "r" && date != "    " && date != "||||" && date != "" {
		c.add(c.work, bf.OriginDate, graph.Literal(date, edtfDT))
	}
	switch c.material() {
	case books:
		c.books008(data)
	case files:
		c.audience008(data)
		c.genres(c.work, "computerFileType", part(data, 26, 1))
		c.government008(data)
	case maps:
		c.maps008(data)
	case music:
		c.music008(data)
	case serials:
		c.serials008(data)
	case visual:
		c.visual008(data)
	}
}

func (c *run) books008(data string) {
	for i := range 4 {
		for _, t := range c.tables.things("millus", part(data, 18+i, 1)) {
			if !c.some(340, '0', string(t.iri)) {
				c.labelled(c.work, bf.IllustrativeContent, t.iri, bf.Illustration, graph.String(t.label))
			}
		}
	}
	c.audience008(data)
	c.contents008(data)
	c.government008(data)
	c.conference008(data)
	if part(data, 30, 1) == "1" {
		c.labelled(c.work, bf.GenreForm, genreForms+"gf2016026082", bf.GenreFormClass, graph.String("Festschriften"))
	}
	c.index008(data)
	c.genres008("litform", part(data, 33, 1))
	c.genres008("bioform", part(data, 34, 1))
}

func (c *run) maps008(data string) {
	for i := range 4 {
		for _, t := range c.tables.things("relief", part(data, 18+i, 1)) {
			n := c.node(c.work, bf.CartographicAttributes, bf.Cartographic)
			c.labelled(n, bf.Relief, t.iri, bf.ReliefClass, graph.String(t.label))
		}
	}
	for _, t := range c.tables.things("projection", part(data, 22, 2)) {
		n := c.node(c.work, bf.CartographicAttributes, bf.Cartographic)
		c.labelled(n, bf.Projection, t.iri, bf.ProjectionClass, graph.String(t.label))
	}
	c.government008(data)
	c.index008(data)
	for i := range 2 {
		c.genres008("mapform", part(data, 33+i, 1))
	}
}

func (c *run) music008(data string) {
	c.audience008(data)
	if !c.with(348, "b0") { // 353 is meant
		for i := range 6 {
			for _, t := range c.tables.things("musicSuppContent", part(data, 24+i, 1)) {
				c.labelled(c.work, bf.SupplementaryContent, t.iri, bf.SupplementaryContentClass, graph.String(t.label))
			}
		}
	}
	c.genres008("musicCompForm", part(data, 18, 2))
	if !c.with(348, "a") {
		for _, t := range c.tables.things("musicFormat", part(data, 20, 1)) {
			c.labelled(c.work, bf.MusicFormat, t.iri, bf.MusicFormatClass, graph.String(t.label))
		}
	}
	for i := range 2 {
		c.genres008("musicTextForm", part(data, 30+i, 1))
	}
}

func (c *run) serials008(data string) {
	for _, t := range c.tables.things("crtype", part(data, 21, 1)) {
		c.labelled(c.work, bflc.SerialPubType, t.iri, bflc.SerialPubTypeClass, graph.String(t.label))
	}
	c.contents008(data)
	c.government008(data)
	c.conference008(data)
	for _, t := range c.tables.things("crscript", part(data, 33, 1)) {
		c.labelled(c.work, bf.Notation, t.iri, bf.Script, graph.String(t.label))
	}
}

func (c *run) visual008(data string) {
	c.audience008(data)
	c.government008(data)
	for _, t := range c.tables.things("visualtype", part(data, 33, 1)) {
		if !c.terms(380, t.label) {
			c.genre008(&t)
		}
	}
	for _, t := range c.tables.things("technique", part(data, 34, 1)) {
		c.labelled(c.work, bflc.MovingImageTechnique, t.iri, bflc.MovingImageTechniqueClass, graph.String(t.label))
	}
	switch minutes := part(data, 18, 3); {
	case minutes == "000":
		c.add(c.work, bf.Duration, graph.String("more than 999 minutes"))
	case minutes == "---", minutes == "nnn", minutes == "|||", minutes == "   ", minutes == "":
	default:
		if minutes[0] == '0' {
			minutes = chopWith(minutes, &punct{end: " ", lead: "0"})
		}
		if minutes != "" {
			c.add(c.work, bf.Duration, graph.Literal("PT"+minutes+"M", xsd.Duration))
		}
	}
}

// genres says of which genre a work is, by a code of a list.
func (c *run) genres(s graph.Term, list, code string) {
	for _, t := range c.tables.things(list, code) {
		c.labelled(s, bf.GenreForm, t.iri, bf.GenreFormClass, graph.String(t.label))
	}
}

// genres008 does so with a code of 008, unless a term of 655 says the same.
func (c *run) genres008(list, code string) {
	for _, t := range c.tables.things(list, code) {
		c.genre008(&t)
	}
}

func (c *run) genre008(t *thing) {
	if !c.terms(655, t.label) {
		c.labelled(c.work, bf.GenreForm, t.iri, bf.GenreFormClass, graph.String(t.label))
	}
}

// terms tells whether a field has a term of the Library's list, with a full stop or without.
func (c *run) terms(tag int, label string) bool {
	return c.all(tag, func(f *field) bool {
		return f.holds('2', "lcgft") && (f.holds('a', label) || f.holds('a', label+"."))
	})
}

func (c *run) audience008(data string) {
	for _, t := range c.tables.things("maudience", part(data, 22, 1)) {
		c.labelled(c.work, bf.IntendedAudience, t.iri, bf.IntendedAudienceClass, graph.String(t.label))
	}
}

func (c *run) contents008(data string) {
	for i := range 4 {
		code := part(data, 24+i, 1)
		if !strings.Contains("bkq", code) {
			c.genres008("marcgt", code)
			continue
		}
		for _, t := range c.tables.things("marcgt", code) {
			if !c.some(353, 'a', t.label) {
				c.labelled(c.work, bf.SupplementaryContent, t.iri, bf.SupplementaryContentClass, graph.String(t.label))
			}
		}
	}
}

// governments are the kinds of publications of governments, 008/28.
var governments = map[string]string{
	"a": "autonomous", "c": "multilocal", "f": "federal", "i": "international intergovernmental",
	"l": "local", "m": "multistate", "o": "government", "s": "state",
}

func (c *run) government008(data string) {
	code := part(data, 28, 1)
	if label, ok := governments[code]; ok {
		c.labelled(c.work, bflc.GovernmentPubType, graph.IRI(vocabulary+"mgovtpubtype/"+code), bflc.GovernmentPubTypeClass, graph.String(label))
	}
}

func (c *run) conference008(data string) {
	if part(data, 29, 1) == "1" {
		c.labelled(c.work, bf.GenreForm, genreForms+"gf2014026068", bf.GenreFormClass, graph.String("Conference papers and proceedings"))
	}
}

func (c *run) index008(data string) {
	if part(data, 31, 1) == "1" && !c.some(353, 'a', "index") {
		c.labelled(c.work, bf.SupplementaryContent, vocabulary+"msupplcont/index", bf.SupplementaryContentClass, graph.String("index"))
	}
}

// instance008 reads what 008 says of the instance.
func (c *run) instance008(data string) {
	if c.kind == secondary {
		return
	}
	c.provision()
	m := c.material()
	form := part(data, 23, 1)
	if m == maps || m == visual {
		form = part(data, 29, 1)
	}
	switch m {
	case unread:
		return
	case files:
		if form != "o" && form != "q" {
			form = ""
		}
	case serials:
		c.serialInstance008(data)
	}
	if form != " " {
		for _, t := range c.tables.things("carrier", form) {
			if !strings.Contains(c.carriers338(), string(t.iri)) {
				c.labelled(c.instance, bf.Carrier, t.iri, bf.CarrierClass, graph.String(t.label))
			}
		}
	}
	if m == books {
		c.bookInstance008(form)
	}
}

func (c *run) bookInstance008(form string) {
	if !c.is(337) {
		switch form {
		case " ", "d", "f", "r":
			c.labelled(c.instance, bf.Media, vocabulary+"mediaTypes/n", bf.MediaClass, graph.String("unmediated"))
		case "o", "q", "s":
			c.labelled(c.instance, bf.Media, vocabulary+"mediaTypes/c", bf.MediaClass, graph.String("computer"))
		}
	}
	switch form {
	case "d":
		c.labelled(c.instance, bf.FontSize, vocabulary+"mfont/lp", bf.FontSizeClass, graph.String("large print"))
	case "f":
		c.labelled(c.instance, bf.Notation, vocabulary+"mtactile/brail", bf.TactileNotation, graph.String("braille code"))
	}
}

func (c *run) serialInstance008(data string) {
	for _, t := range c.tables.things("frequency", part(data, 18, 1)) {
		c.labelled(c.instance, bf.Frequency, t.iri, bf.FrequencyClass, graph.String(t.label))
	}
	if r := part(data, 19, 1); r == "n" || r == "x" {
		c.labelled(c.instance, bf.Frequency, vocabulary+"frequencies/irr", bf.FrequencyClass, graph.String("irregular"))
	}
	if form := part(data, 22, 1); form != " " {
		for _, t := range c.tables.things("crorigform", form) {
			n := c.node(c.instance, bf.Note, bf.NoteClass)
			c.add(n, rdf.Type, graph.IRI(noteTypes+"orig").Term())
			c.add(n, rdfs.Label, graph.String(t.label))
		}
	}
}
