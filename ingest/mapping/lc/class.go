package lc

import (
	"slices"
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/madsrdf"
	"mocban/vocab/rdfs"
)

// classification makes a class mark of each $a (ConvSpec 050-088). Its words: the class,
// then which scheme it is:
//
//	code organization   who assigned it, if ind2 says so, or 040 $a has the code
//	nal                 of the National Agricultural Library, if ind1 is 0
//	government          $a and $z are labels, the scheme is told by ind1 or $2
//	other               the scheme is in $2
func classification(c *run, s graph.Term, f *field, o *op, _ int) {
	class, scheme := mustIRI(o.args[0]), o.args[1]
	first := true
	for i := range f.subs {
		code := f.subs[i].Code
		if code != 'a' && (code != 'z' || scheme != "government") {
			continue
		}
		portion := f.has("b")
		uri := ownURI(f, i)
		about := uri
		if portion {
			about = ""
		}
		n := c.link(s, bf.Classification, c.about(about), class)
		if scheme == "government" {
			c.add(n, rdfs.Label, graph.String(f.subs[i].Value))
			if code == 'z' {
				c.status(n, "cancinv", "invalid")
			}
		} else {
			c.add(n, bf.ClassificationPortion, graph.String(f.subs[i].Value))
			if first {
				c.itemPortions(n, f, class == bf.ClassificationLcc)
			}
		}
		first = false
		c.classifier(n, f, o.args[1:])
		c.classAuthorities(n, f, i, uri != "" && portion)
	}
}

// itemPortions adds each $b, or the first one.
func (c *run) itemPortions(n graph.Term, f *field, one bool) {
	for i := range f.subs {
		if f.subs[i].Code == 'b' {
			c.add(n, bf.ItemPortion, graph.String(f.subs[i].Value))
			if one {
				return
			}
		}
	}
}

// classifier says who assigned a class mark, or by which scheme.
func (c *run) classifier(n graph.Term, f *field, words []string) {
	switch words[0] {
	case "nal":
		if f.ind1 == '0' {
			c.add(n, bf.Assigner, organization("dnal"))
			c.add(n, bf.Status, graph.IRI(statuses+"uba").Term())
		}
	case "other":
		for i := range f.subs {
			if f.subs[i].Code == 'q' {
				c.add(c.node(n, bf.Assigner, bf.AgentClass), rdfs.Label, graph.String(f.subs[i].Value))
			}
		}
		c.two(n, f, "", false)
	case "government":
		c.governmentScheme(n, f)
	default:
		agency, _ := c.value(40, 'a')
		if f.ind2 == '0' || f.ind2 == ' ' && strings.Contains(agency, words[0]) {
			c.add(n, bf.Assigner, mustIRI(words[1]).Term())
			c.used(n, f)
		}
	}
}

// used says whether the library has the thing: ind1 of 050, 055 and 060.
func (c *run) used(n graph.Term, f *field) {
	switch f.ind1 {
	case '0':
		c.add(n, bf.Status, graph.IRI(statuses+"uba").Term())
	case '1':
		c.add(n, bf.Status, graph.IRI(statuses+"nuba").Term())
	}
}

func (c *run) governmentScheme(n graph.Term, f *field) {
	switch f.ind1 {
	case '0':
		c.link(n, bf.Source, lc("classSchemes/sudocs"), bf.SourceClass)
	case '1':
		c.link(n, bf.Source, lc("classSchemes/cacodoc"), bf.SourceClass)
	default:
		for i := range f.subs {
			if f.subs[i].Code == '2' {
				c.add(c.node(n, bf.Source, bf.SourceClass), bf.Code, graph.String(f.subs[i].Value))
			}
		}
	}
}

// classAuthorities says what the $0 behind a subfield give. The first IRI is among them if it
// could not be what the class mark is called.
func (c *run) classAuthorities(n graph.Term, f *field, at int, withFirst bool) {
	first := true
	own(f, at, func(v string) {
		if !strings.Contains(v, "://") {
			c.zero(n, '0', v, bf.Identifier)
			return
		}
		if !first || withFirst {
			c.add(n, madsrdf.HasRelatedAuthority, c.ref(v))
		}
		first = false
	})
}

// classMap makes an area of a class mark of maps (052).
func classMap(c *run, s graph.Term, f *field, _ *op, at int) {
	c.add(s, bf.GeographicCoverage, c.ref("http://id.loc.gov/authorities/classification/G"+f.sub('a')+"."+f.subs[at].Value))
}

// classCanada makes one class mark of a field (055).
func classCanada(c *run, s graph.Term, f *field, _ *op, _ int) {
	uri := strings.TrimPrefix(f.find("0", containing("://")), "(uri)")
	about := uri
	if f.has("b") {
		about = ""
	}
	n := c.link(s, bf.Classification, c.about(about), bf.ClassificationLcc)
	for i := range f.subs {
		switch f.subs[i].Code {
		case 'a':
			c.add(n, bf.ClassificationPortion, graph.String(f.subs[i].Value))
		case 'b':
			c.add(n, bf.ItemPortion, graph.String(f.subs[i].Value))
		}
	}
	if strings.IndexByte("012", f.ind2) >= 0 {
		c.add(n, bf.Assigner, graph.IRI(libraryCanada).Term())
		c.used(n, f)
	}
	first := true
	for i := range f.subs {
		v := f.subs[i].Value
		switch {
		case f.subs[i].Code != '0':
		case !strings.Contains(v, "://"):
			c.zero(n, '0', v, bf.Identifier)
		default:
			if !first || uri != "" && f.has("b") {
				c.add(n, madsrdf.HasRelatedAuthority, c.ref(v))
			}
			first = false
		}
	}
}

// udcAuthorities says what the $0 of a class mark of the UDC give.
func udcAuthorities(c *run, n graph.Term, f *field) {
	for i := range f.subs {
		if v := f.subs[i].Value; f.subs[i].Code != '0' {
			continue
		} else if strings.Contains(v, "://") {
			c.add(n, madsrdf.HasRelatedAuthority, c.ref(v))
		} else {
			c.zero(n, '0', v, bf.Identifier)
		}
	}
}

// ddc makes one class mark of Dewey of a field (082).
func ddc(c *run, s graph.Term, f *field, _ *op, _ int) {
	about := c.sink.Blank()
	if f.has("1") {
		about = c.ref(f.uriFrom1())
	}
	n := c.link(s, bf.Classification, about, bf.ClassificationDdc)
	first := true
	for i := range f.subs {
		v := f.subs[i].Value
		switch f.subs[i].Code {
		case 'a':
			c.add(n, bf.ClassificationPortion, graph.String(v))
			if first {
				c.itemPortions(n, f, false)
			}
			first = false
		case 'q':
			c.add(c.node(n, bf.Assigner, bf.AgentClass), rdfs.Label, graph.String(v))
		}
	}
	c.two(n, f, "", false)
	c.edition(n, f)
	agency, _ := c.value(40, 'a')
	switch {
	case f.ind2 == '0':
		c.link(n, bf.Assigner, organization("dlc"), bf.AgentClass)
	case f.has("q"):
		c.add(c.node(n, bf.Assigner, bf.AgentClass), rdfs.Label, graph.String(f.sub('q')))
	case f.ind2 == ' ' && strings.Contains(agency, "DLC"):
		c.link(n, bf.Assigner, organization("dlc"), bf.AgentClass)
	}
}

func (c *run) edition(n graph.Term, f *field) {
	switch f.ind1 {
	case '0':
		c.add(n, bf.Edition, graph.String("full"))
	case '1':
		c.add(n, bf.Edition, graph.String("abridged"))
	}
}

// subjectCode and subjectSource read a subject as a code (072).
func subjectCode(c *run, n graph.Term, f *field, _ *op, _ int) {
	c.add(n, bf.Code, graph.String(space(f.sub('a')+f.sub('x'))))
}

func subjectSource(c *run, n graph.Term, f *field, _ *op, _ int) {
	if f.ind2 == '0' {
		return
	}
	for i := range f.subs {
		switch {
		case f.subs[i].Code != '2':
		case f.subs[i].Value == "bisacsh":
			c.link(n, bf.Source, lc("classSchemes/bisacsh"), bf.SourceClass)
		default:
			c.twoValue(n, f, f.subs[i].Value, "", false)
		}
	}
}

// zeros, twos, threes and fives read the subfields that control others, for rows.
func zeros(c *run, n graph.Term, f *field, o *op, at int) {
	if slices.Contains(o.args, "udc") {
		udcAuthorities(c, n, f)
		return
	}
	c.ownMore(n, f, at)
}

func twos(c *run, n graph.Term, f *field, o *op, _ int) {
	stem := ""
	if len(o.args) > 0 {
		stem = string(mustIRI(o.args[0]))
	}
	c.two(n, f, stem, false)
}

func threes(c *run, n graph.Term, f *field, o *op, _ int) {
	if slices.Contains(o.args, "notall") && !f.some3() {
		return
	}
	c.three(n, f)
}

// some3 tells whether a $3 says something else than "all".
func (f *field) some3() bool {
	for i := range f.subs {
		if f.subs[i].Code == '3' && f.subs[i].Value != "all" {
			return true
		}
	}
	return false
}

func fives(c *run, n graph.Term, f *field, _ *op, _ int) { c.five(n, f) }
