package mapping

import (
	"strings"

	"mocban/ontology"
)

// A material is how field 008 is to be read, told by leader/06 and 07 (MARC 21, 008).
type material uint8

// The materials.
const (
	books material = 1 << iota
	serials
	music
	maps
	visual
	files
	mixed008
)

var materialNames = map[string]material{
	"books": books, "serials": serials, "music": music, "maps": maps, "visual": visual,
	"files": files, "mixed": mixed008,
}

// materialOf tells the material of a leader.
func materialOf(leader string) material {
	if len(leader) < 8 {
		return books
	}
	switch leader[6] {
	case 'a', 't':
		if strings.IndexByte("bis", leader[7]) >= 0 {
			return serials
		}
		return books
	case 'c', 'd', 'i', 'j':
		return music
	case 'e', 'f':
		return maps
	case 'g', 'k', 'o', 'r':
		return visual
	case 'm':
		return files
	case 'p':
		return mixed008
	}
	return books
}

// parseCondition reads one test of the column when:
//
//	books serials …   the material of the record, several with a bar between
//	is:abc            the position holds one of these (in fixed fields; # is a blank)
//	kind:ck           007/00 is one of these
//	with:t without:t  the field has, or lacks, a subfield of these
//	has:336 lacks:336 the record has, or lacks, a field
//	two:doi,hdl       $2 is one of these; with ! in front, none of them
//	ends:a=           subfield a ends in a mark
//	holds:a/          subfield a has a text in it; _ is a blank
//	running:a         subfield a is a number of fewer than nine digits
//	kept:ocolc        $a begins with this code in brackets; with ! in front, it does not
func parseCondition(test string, o *op) (condition, error) {
	if rest, not := strings.CutPrefix(test, "!"); not {
		c, err := parseCondition(rest, o)
		return func(b *builder, f *field) bool { return !c(b, f) }, err
	}
	name, arg, ok := strings.Cut(test, ":")
	if !ok {
		var m material
		for word := range strings.SplitSeq(test, "|") {
			one, known := materialNames[word]
			if !known {
				return nil, ontology.Wrongf("%q không phải điều kiện nào đã biết", "%q is no test", test)
			}
			m |= one
		}
		return func(b *builder, f *field) bool { return b.material&m != 0 }, nil
	}
	switch name {
	case "is":
		set, at := strings.ReplaceAll(arg, "#", " "), o.from
		return func(b *builder, f *field) bool {
			return len(f.data) > at && strings.IndexByte(set, f.data[at]) >= 0
		}, nil
	case "kind":
		return func(b *builder, f *field) bool {
			return f.data != "" && strings.IndexByte(arg, f.data[0]) >= 0
		}, nil
	case "with", "without":
		var mask uint64
		for _, c := range arg {
			i := runeIndex(c)
			if i < 0 {
				return nil, ontology.Wrongf("%q không phải mã trường con", "%q is no code of a subfield", c)
			}
			mask |= 1 << i
		}
		want := name == "with"
		return func(b *builder, f *field) bool { return (f.codes&mask != 0) == want }, nil
	case "two":
		sources := strings.Split(arg, ",")
		return func(b *builder, f *field) bool {
			source := strings.TrimSpace(f.Subfield('2'))
			for _, s := range sources {
				if strings.EqualFold(s, source) {
					return true
				}
			}
			return false
		}, nil
	case "ends":
		if arg == "" {
			return nil, ontology.Wrongf("%q không nêu trường con", "%q names no subfield", test)
		}
		return func(b *builder, f *field) bool {
			return strings.HasSuffix(strings.TrimSpace(f.Subfield(arg[0])), arg[1:])
		}, nil
	case "holds":
		if len(arg) < 2 {
			return nil, ontology.Wrongf("%q không nêu trường con và văn bản", "%q names no subfield and text", test)
		}
		text := strings.ReplaceAll(arg[1:], "_", " ")
		return func(b *builder, f *field) bool { return strings.Contains(f.Subfield(arg[0]), text) }, nil
	case "running":
		if len(arg) != 1 {
			return nil, ontology.Wrongf("%q không phải mã trường con", "%q is no code of a subfield", arg)
		}
		return func(b *builder, f *field) bool {
			s := strings.TrimSpace(f.Subfield(arg[0]))
			return isDigits(s) && len(s) < 9
		}, nil
	case "kept":
		return func(b *builder, f *field) bool {
			keeper, _ := kept(f.Subfield('a'))
			return strings.EqualFold(keeper, arg)
		}, nil
	case "has", "lacks":
		numbers, err := expandTag(arg)
		if err != nil {
			return nil, err
		}
		want := name == "has"
		return func(b *builder, f *field) bool {
			for _, n := range numbers {
				if b.has(n) {
					return want
				}
			}
			return !want
		}, nil
	}
	return nil, ontology.Wrongf("%q không phải điều kiện nào đã biết", "%q is no test", test)
}
