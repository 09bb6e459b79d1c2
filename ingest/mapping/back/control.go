package back

import (
	"math"
	"slices"
	"strings"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/mocban"
	"mocban/vocab/rdf"
)

// control makes the fields 001, 003, 005 and 008.
func (r *run) control() {
	number, source := "", r.source
	for _, a := range r.admins {
		if n := r.first(a, mocban.ControlNumber); !n.IsZero() {
			number = n.Value()
		}
		for _, i := range r.out(a, bf.IdentifiedBy) {
			id := r.quads[i].O
			if v := r.first(id, rdf.Value); number == "" && !v.IsZero() {
				number = v.Value()
				if code, ok := agentCode(r, r.first(id, bf.Assigner)); ok {
					source = code
				}
			}
			r.used[i] = true
			r.useAll(nil, id)
		}
		for _, i := range r.of(a) {
			switch q := &r.quads[i]; q.P {
			case mocban.ControlNumber, mocban.Source, mocban.Original, mocban.OriginalFormat, label, rdf.Type:
				r.used[i] = true
			}
		}
	}
	r.controlField("001", number, nil)
	r.controlField("003", source, nil)
	for _, a := range r.admins {
		for _, i := range r.out(a, bf.ChangeDate) {
			t := strings.Map(func(c rune) rune {
				if c < '0' || c > '9' {
					return -1
				}
				return c
			}, r.quads[i].O.Value())
			if len(t) >= 14 {
				r.controlField("005", t[:14]+".0", []int{int(i)})
			}
			r.used[i] = true
		}
	}
	r.coded()
}

func (r *run) controlField(tag, data string, uses []int) {
	if data != "" {
		r.drafts = append(r.drafts, &draft{tag: tag, data: data, uses: uses, order: math.MaxInt})
	}
}

// fixed makes the leader, and of 008 what rows say of its positions.
func (r *run) fixed() {
	r.lead = []byte("00000nam a2200000   4500")
	var uses []int
	r.positions("LDR", r.lead, "", 0, &uses)
	r.codes = []byte(strings.Repeat("|", 40))
	copy(r.codes, "      ")
	r.positions("008", r.codes, materialOf(string(r.lead)), 0, &r.coding)
	r.carriers()
}

// lengths are those of 007 by its first position (MARC 21, 007).
var lengths = map[byte]int{'a': 8, 'c': 14, 'd': 6, 'f': 10, 'g': 9, 'h': 13, 'k': 6, 'm': 23, 'r': 11, 's': 14, 'v': 9}

// carriers makes a 007 of each carrier of which more is said than that it is one. The codes of
// carriers are its first two positions, but for those of volumes and sheets.
func (r *run) carriers() {
	var kinds []byte
	for _, i := range r.out(r.instance, bf.Carrier) {
		c, ok := entry("carriers", r.quads[i].O)
		if !ok || len(c.Code) != 2 || slices.Contains(kinds, c.Code[0]) || lengths[c.Code[0]] == 0 {
			continue
		}
		kinds = append(kinds, c.Code[0])
		b := []byte(c.Code + strings.Repeat("|", lengths[c.Code[0]]-2))
		var uses []int
		if r.positions("007", b, "", b[0], &uses); len(uses) > 0 {
			r.controlField("007", string(b), uses)
		}
	}
}

func (r *run) leader() string { return string(r.lead) }

// coded makes 008 of what the rows say of its positions, of date and place of the provision
// and of the language.
func (r *run) coded() {
	b, uses := r.codes, r.coding
	copy(b[6:15], "nuuuuuuuu")
	copy(b[15:18], "xx ")
	for _, i := range r.out(r.instance, bf.ProvisionActivity) {
		n := r.quads[i].O
		for _, j := range r.out(n, bf.Date) {
			if b[6] == 'n' && dates(b[6:15], r.quads[j].O.Value()) {
				uses = append(uses, int(j))
				r.used[j] = true
			}
		}
		for _, j := range r.out(n, bf.Place) {
			if c, ok := entry("countries", r.quads[j].O); ok {
				copy(b[15:18], (c.Code + "   ")[:3])
				uses = append(uses, int(j))
				r.used[j] = true
			}
		}
		if len(r.toldBy([]int32{i})) == 0 {
			for _, j := range append(r.out(n, rdf.Type), i) {
				uses = append(uses, int(j))
				r.used[j] = true
			}
		}
	}
	if r.language != nil {
		uses = append(uses, r.language.uses...)
		copy(b[35:38], (r.language.parts[0].value + "   ")[:3])
	} else if d := r.loneField("041"); d != nil {
		copy(b[35:38], (d.value('a') + "   ")[:3])
	}
	b[38], b[39] = ' ', 'd'
	r.controlField("008", string(b), uses)
}

// dates writes the date of a provision (MARC 21, 008/06-14). It tells whether it is one that
// can be written there.
func dates(b []byte, s string) bool {
	from, to, interval := strings.Cut(s, "/")
	a, c := year(from), year(to)
	switch {
	case a == "" && !interval:
		return false
	case !interval:
		copy(b, "s"+a+"    ")
	case to == "" || to == "..":
		copy(b, "c"+a+"9999")
	case a != "" && c != "":
		copy(b, "m"+a+c)
	default:
		return false
	}
	return true
}

// year returns the four characters of a year in EDTF, with u for those that are not known.
func year(s string) string {
	if len(s) < 4 {
		return ""
	}
	b := []byte(s[:4])
	for i, c := range b {
		switch {
		case c == 'X' || c == 'u':
			b[i] = 'u'
		case c < '0' || c > '9':
			return ""
		}
	}
	return string(b)
}

// positions fills in what the rows for positions say: of 007, those that are for its kind only.
func (r *run) positions(tag string, b []byte, material string, kind byte, uses *[]int) {
	next := map[int]int{}
	for _, p := range r.m.fixed {
		if p.tag != tag || p.inverse != nil && tag == "008" && p.from == 35 || p.to > len(b) || p.material != "" && !hasWord(p.material, material) {
			continue
		}
		if kind != 0 && strings.IndexByte(p.kinds, kind) < 0 {
			continue
		}
		for _, n := range r.nodes(p.node) {
			if len(p.path) > 1 {
				continue
			}
			for _, i := range r.out(n, p.path[0].Property) {
				text, ok := r.letter(p, r.quads[i].O)
				if !ok {
					continue
				}
				width := p.to - p.from
				if p.each > 0 {
					width = p.each
				}
				at := p.from + next[p.from]*width
				switch {
				case p.each == 0 && next[p.from] > 0:
					if string(b[p.from:p.to]) != text { // something else stands there
						continue
					}
				case len(text) > width || at+width > p.to:
					continue
				default:
					if p.each > 0 && next[p.from] == 0 {
						copy(b[p.from:p.to], strings.Repeat(" ", p.to-p.from))
					}
					copy(b[at:at+width], text+"    "[:width-len(text)])
					next[p.from]++
				}
				if !p.lacks {
					r.used[i] = true
					*uses = append(*uses, int(i))
				}
			}
		}
	}
}

func (r *run) letter(p *position, t graph.Term) (string, bool) {
	if p.inverse == nil {
		return string(p.is), t == p.constant && p.is != 0
	}
	return p.inverse(r, t)
}

func hasWord(words, word string) bool {
	for w := range strings.SplitSeq(words, "|") {
		if w == word {
			return true
		}
	}
	return false
}

// materialOf tells how 008 is to be read (MARC 21, 008).
func materialOf(leader string) string {
	switch leader[6] {
	case 'a', 't':
		if strings.IndexByte("bis", leader[7]) >= 0 {
			return "serials"
		}
		return "books"
	case 'c', 'd', 'i', 'j':
		return "music"
	case 'e', 'f':
		return "maps"
	case 'g', 'k', 'o', 'r':
		return "visual"
	case 'm':
		return "files"
	case 'p':
		return "mixed"
	}
	return "books"
}
