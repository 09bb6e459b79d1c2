// Package codes holds the code lists of MARC 21 and RDA as the Library of Congress publishes
// them, with what the codes are called in English and Vietnamese: languages, countries,
// relators, types of content, media and carrier, and the letters of field 008.
//
// The lists are the files in lists: one code a row, and above them where their IRIs begin
// and of which class they are. A code is found by its letters; a few lists know words too,
// so that "dịch giả" is found as trl.
package codes

import (
	"embed"
	"fmt"
	"strings"

	"mocban/graph"
	"mocban/vocab"
)

// A Code is one entry of a list.
type Code struct {
	Code   string
	IRI    graph.IRI
	Tag    string // the BCP 47 language of a language, else ""
	En, Vi string // what it is called; Vi may be missing
}

// Term returns the IRI as a term.
func (c *Code) Term() graph.Term { return c.IRI.Term() }

// A List is one code list.
type List struct {
	Name  string
	About string    // what it is, where it stands
	Base  graph.IRI // where most of its IRIs begin
	Class graph.IRI
	Codes []Code // in the order of codes

	byCode map[uint64]int32
	byLong map[string]int32 // codes of more than eight letters
	byWord map[string]int32
}

// The lists.
var (
	Languages      = load("languages")
	Countries      = load("countries")
	Relators       = withWords(load("relators"))
	Content        = load("content")
	Media          = load("media")
	Carriers       = load("carriers")
	Issuance       = load("issuance")
	Status         = load("status")
	Levels         = load("level")
	Notes          = load("notes")
	Authentication = load("authentication")
	Conventions    = load("conventions")
	Supplementary  = load("supplementary")
	Illustrations  = load("illustrations")
	Audiences      = load("audience")
	Contents       = load("contents")
	Literary       = load("literary")
	Biography      = load("biography")
	Government     = load("government")
	Files          = load("files")
	Relief         = load("relief")
	MusicForms     = load("musicform")
	MusicFormats   = load("musicformat")
	Frequencies    = load("frequency")
	SerialTypes    = load("serialtype")
	Visual         = load("visual")

	Colors           = load("color")
	Polarity         = load("polarity")
	Speeds           = load("speed")
	Materials        = load("material")
	GraphicMaterials = load("graphicmaterial")
)

// Lists are all lists.
var Lists = []*List{
	Languages, Countries, Relators, Content, Media, Carriers, Issuance, Status, Levels, Notes,
	Authentication, Conventions, Supplementary, Illustrations, Audiences, Contents, Literary,
	Biography, Government, Files, Relief, MusicForms, MusicFormats, Frequencies, SerialTypes,
	Visual, Colors, Polarity, Speeds, Materials, GraphicMaterials,
}

// ByName returns the list with a name: "languages".
func ByName(name string) (l *List, ok bool) {
	for _, l := range Lists {
		if l.Name == name {
			return l, true
		}
	}
	return nil, false
}

// Lookup returns the entry of a code, which is compared letter by letter. ok is false if the
// list has none.
func (l *List) Lookup(code string) (c *Code, ok bool) {
	key, ok := pack(code)
	i := int32(0)
	if ok {
		i, ok = l.byCode[key]
	} else {
		i, ok = l.byLong[code]
	}
	if !ok {
		return nil, false
	}
	return &l.Codes[i], true
}

// Named returns the entry that is called by a word in lower case, in English or Vietnamese.
func (l *List) Named(word string) (c *Code, ok bool) {
	i, ok := l.byWord[word]
	if !ok {
		return nil, false
	}
	return &l.Codes[i], true
}

// pack makes a number of a code, so that none is hashed as a string.
func pack(code string) (key uint64, ok bool) {
	if len(code) > 8 || code == "" {
		return 0, false
	}
	for i := range len(code) {
		key = key<<8 | uint64(code[i])
	}
	return key, true
}

//go:embed lists/*.tsv
var files embed.FS

// load reads a list that is part of the program. A list that cannot be read is a mistake of
// ours which the tests find.
func load(name string) *List {
	data, err := files.ReadFile("lists/" + name + ".tsv")
	if err != nil {
		panic(err)
	}
	l := &List{Name: name, byCode: map[uint64]int32{}, byLong: map[string]int32{}, byWord: map[string]int32{}}
	header := true
	for n, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "# base "):
			l.Base = graph.IRI(line[7:])
		case strings.HasPrefix(line, "# class "):
			l.Class = expand(line[8:])
		case strings.HasPrefix(line, "# "):
			l.About = line[2:]
		case header:
			header = false
		default:
			if err := l.add(strings.Split(line, "\t")); err != nil {
				panic(fmt.Sprintf("lists/%s.tsv, line %d: %v", name, n+1, err))
			}
		}
	}
	return l
}

func (l *List) add(cells []string) error {
	if len(cells) != 5 {
		return fmt.Errorf("%d cells, 5 expected", len(cells))
	}
	c := Code{Code: cells[0], IRI: graph.IRI(cells[1]), Tag: cells[2], En: cells[3], Vi: cells[4]}
	if c.IRI == "" {
		c.IRI = graph.IRI(c.Code)
	}
	if !strings.Contains(string(c.IRI), "://") {
		c.IRI = l.Base + c.IRI
	}
	i := int32(len(l.Codes))
	l.Codes = append(l.Codes, c)
	if key, ok := pack(c.Code); ok {
		if _, twice := l.byCode[key]; twice {
			return fmt.Errorf("code %q stands twice", c.Code)
		}
		l.byCode[key] = i
	} else {
		l.byLong[c.Code] = i
	}
	for _, word := range []string{c.En, c.Vi} {
		word = strings.ToLower(word)
		if _, taken := l.byWord[word]; !taken && word != "" {
			l.byWord[word] = i
		}
	}
	return nil
}

// withWords adds what cataloguers write for a code besides its name, which is in words.tsv.
func withWords(l *List) *List {
	data, err := files.ReadFile("lists/words.tsv")
	if err != nil {
		panic(err)
	}
	for line := range strings.SplitSeq(string(data), "\n") {
		word, code, ok := strings.Cut(line, "\t")
		if key, packed := pack(code); ok && packed && word != "word" {
			i, known := l.byCode[key]
			if !known {
				panic(fmt.Sprintf("lists/words.tsv: there is no code %q", code))
			}
			l.byWord[word] = i
		}
	}
	return l
}

func expand(curie string) graph.IRI {
	prefix, name, _ := strings.Cut(curie, ":")
	return vocab.Prefixes[prefix] + graph.IRI(name)
}
