package lc

import (
	"fmt"
	"strings"

	"mocban/graph"
	"mocban/ontology"
)

// tables are the code tables of the profile.
type tables struct {
	languages map[string]string // tags, by the codes of languages
	scripts   map[string]string // letters, by number
	lists     map[string]*list
	positions [256][]position // what 007 says, by 007/00
	words     map[wordKey]graph.IRI
	performer map[string]performer
}

// A list is a list of codes; a code may stand for several things.
type list struct{ codes map[string][]thing }

// A thing is what a code stands for.
type thing struct {
	iri   graph.IRI // "" for none
	label string
	class graph.IRI // of the work, in the list of kinds of record
}

// things returns what a code of a list stands for.
func (t *tables) things(name, code string) []thing {
	if code == "" {
		return nil
	}
	return t.lists[name].codes[code]
}

// A position is what a letter in 007 says.
type position struct {
	at       int
	code     byte // 0 for any
	property graph.IRI
	class    graph.IRI // "" for a text
	iri      graph.IRI
	note     bool // the label is that of a note
	label    string
	unless   string
}

// A wordKey is words in a subfield.
type wordKey struct {
	tag   int
	code  byte
	words string
}

// A performer is what a code of 048 stands for.
type performer struct {
	property, class graph.IRI
	kindOf          graph.IRI // the property for the kind
	kind, label     string
}

func loadTables() (*tables, error) {
	t := &tables{
		languages: map[string]string{}, scripts: map[string]string{}, lists: map[string]*list{},
		words: map[wordKey]graph.IRI{}, performer: map[string]performer{},
	}
	for _, load := range []struct {
		name    string
		columns string
		row     func(r *ontology.Row) error
	}{
		{"languages", "code tag", func(r *ontology.Row) error {
			t.languages[r.Cell("code")] = r.Cell("tag")
			return nil
		}},
		{"scripts", "number code", func(r *ontology.Row) error {
			t.scripts[r.Cell("number")] = r.Cell("code")
			return nil
		}},
		{"codes", "list code thing label class", t.code},
		{"007", "kind at code property class thing label unless", t.position},
		{"words", "tag sub words thing", t.word},
		{"performance", "code property class kind label", t.perform},
	} {
		table, err := ontology.LCCodes(load.name, strings.Fields(load.columns)...)
		if err != nil {
			return nil, err
		}
		for i := range table.Rows {
			if err := load.row(&table.Rows[i]); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range listNames {
		if t.lists[name] == nil {
			return nil, fmt.Errorf("ontology/lc-2.10/codes.tsv: the list %s is missing", name)
		}
	}
	return t, nil
}

// listNames are the lists that the processes ask for.
var listNames = strings.Fields(`millus maudience carrier marcgt litform bioform computerFileType relief projection
	mapform musicCompForm musicFormat musicSuppContent musicTextForm frequency crtype crorigform crscript visualtype
	technique playbackSpeed reductionRatioRange tapeConfig captureStorage mstatus contentTypes menclvl
	descriptionConventions mediaTypes carriers resourceComponents`)

// cellIRI reads a cell that may hold an IRI.
func cellIRI(r *ontology.Row, column string) (graph.IRI, error) {
	cell := r.Cell(column)
	if cell == "" {
		return "", nil
	}
	iri, err := expandStem(cell)
	if err != nil {
		return "", r.Error(column, err)
	}
	return iri, nil
}

func (t *tables) code(r *ontology.Row) error {
	name := r.Cell("list")
	l := t.lists[name]
	if l == nil {
		l = &list{map[string][]thing{}}
		t.lists[name] = l
	}
	iri, err := cellIRI(r, "thing")
	if err != nil {
		return err
	}
	class, err := cellIRI(r, "class")
	code := strings.ReplaceAll(r.Cell("code"), "#", " ")
	l.codes[code] = append(l.codes[code], thing{iri, r.Cell("label"), class})
	return err
}

func (t *tables) position(r *ontology.Row) error {
	p := position{label: r.Cell("label"), unless: r.Cell("unless")}
	kind, code, at := r.Cell("kind"), r.Cell("code"), r.Cell("at")
	if len(kind) != 1 || len(code) != 1 || len(at) != 2 {
		return r.Error("", fmt.Errorf("kind and code are one letter, at is two digits"))
	}
	p.at = int(at[0]-'0')*10 + int(at[1]-'0')
	switch code {
	case "#":
		p.code = ' '
	case "*":
	default:
		p.code = code[0]
	}
	var err error
	if p.property, err = cellIRI(r, "property"); err != nil {
		return err
	}
	if p.class, err = cellIRI(r, "class"); err != nil {
		return err
	}
	if r.Cell("thing") == "note" {
		p.note = true
	} else if p.iri, err = cellIRI(r, "thing"); err != nil {
		return err
	}
	t.positions[kind[0]] = append(t.positions[kind[0]], p)
	return nil
}

func (t *tables) word(r *ontology.Row) error {
	iri, err := cellIRI(r, "thing")
	k := wordKey{tagNumber(r.Cell("tag")), r.Cell("sub")[0], r.Cell("words")}
	if _, ok := t.words[k]; !ok {
		t.words[k] = iri
	}
	return err
}

func (t *tables) perform(r *ontology.Row) (err error) {
	p := performer{kind: r.Cell("kind"), label: r.Cell("label")}
	if p.property, err = cellIRI(r, "property"); err != nil {
		return err
	}
	if p.class, err = cellIRI(r, "class"); err != nil {
		return err
	}
	p.kindOf = map[graph.IRI]graph.IRI{
		"http://id.loc.gov/ontologies/bibframe/instrument": "http://id.loc.gov/ontologies/bibframe/instrumentalType",
		"http://id.loc.gov/ontologies/bibframe/ensemble":   "http://id.loc.gov/ontologies/bibframe/ensembleType",
		"http://id.loc.gov/ontologies/bibframe/voice":      "http://id.loc.gov/ontologies/bibframe/voiceType",
	}[p.property]
	t.performer[r.Cell("code")] = p
	return nil
}
