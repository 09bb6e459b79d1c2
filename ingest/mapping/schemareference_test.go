package mapping

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	sorted "maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/ingest/marc"
	"mocban/ontology/shacl"
	"mocban/vocab/codes"
	"mocban/vocab/rdf"
	"mocban/vocab/schema"
)

// The schema.org that others make of the same records has nothing that ours has not: each of its
// statements is there, in the words of ours, or is one of those that we leave out for a reason
// (excuses). Names are compared by their letters, so marks of ISBD do not matter.
func TestSchemaReference(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(realData, "reference-schema", "*.nt.gz"))
	if err != nil || len(files) == 0 {
		t.Skipf("the reference in %s is not here", realData)
	}
	m := newMapper(t)
	shapes, err := shacl.Own()
	if err != nil {
		t.Fatal(err)
	}
	run, broken, judged := shapes.NewRun(), map[string]int{}, 0
	tally := &schemaTally{t: t, all: map[string]int{}, found: map[string]int{}, excused: map[string]int{}, shown: map[string]int{}}
	for _, file := range files {
		set := strings.TrimSuffix(filepath.Base(file), ".nt.gz")
		blocks := schemaBlocks(t, file)
		records := gzipRecords(t, filepath.Join(realData, "reference-bibframe", set+".marcxml.gz"), len(blocks))
		if len(records) < len(blocks) {
			t.Fatalf("%s: %d records for %d of the reference", set, len(records), len(blocks))
		}
		for i, block := range blocks {
			quads, _, err := m.Append(nil, records[i])
			if err != nil {
				t.Fatal(err)
			}
			report, err := run.Validate(t.Context(), quads)
			if err != nil {
				t.Fatal(err)
			}
			for i := range report.Results {
				rule := strings.TrimPrefix(report.Results[i].Rule(), "https://w3id.org/mocban/shapes#")
				if strings.HasPrefix(rule, "Book-") || strings.HasPrefix(rule, "Link ") || strings.HasPrefix(rule, "Link-") {
					broken[rule]++
				}
			}
			judged++
			tally.compare(fmt.Sprintf("%s %d", set, i+1), newSchemaView(block, ""), newSchemaView(quads, testBase))
		}
	}
	// That a book has no number is true of old books, and no fault of ours.
	t.Logf("%d records judged by the shapes for books of search engines: %v", judged, broken)
	delete(broken, "Book-number Or")
	if len(broken) > 0 {
		t.Errorf("%v", broken)
	}
	all, found := 0, 0
	for _, p := range slices.Sorted(sorted.Keys(tally.all)) {
		all, found = all+tally.all[p], found+tally.found[p]
		t.Logf("%-20s %5d statements, %5d are there", p, tally.all[p], tally.found[p])
	}
	for _, why := range slices.Sorted(sorted.Keys(tally.excused)) {
		t.Logf("%5d left out: %s", tally.excused[why], why)
		found += tally.excused[why]
	}
	if all < 20_000 || found != all {
		t.Errorf("of %d statements %d are not accounted for", all, all-found)
	}
}

// schemaBlocks reads the records of a reference, which stand in blocks behind comments.
func schemaBlocks(t *testing.T, file string) (blocks [][]graph.Quad) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	flush := func() {
		if text.Len() == 0 {
			return
		}
		r, err := rdfio.NewReader(rdfio.NTriples, strings.NewReader(text.String()), rdfio.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var block []graph.Quad
		quads := make([]graph.Quad, 256)
		for {
			n, err := r.Read(quads)
			block = append(block, quads[:n]...)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
		}
		blocks = append(blocks, block)
		text.Reset()
	}
	s := bufio.NewScanner(z)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		if strings.HasPrefix(s.Text(), "#") {
			flush()
			continue
		}
		text.WriteString(s.Text() + "\n")
	}
	flush()
	return blocks
}

func gzipRecords(t *testing.T, file string, n int) (records []*marc.Record) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	in, err := marc.NewReader(z, marc.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for len(records) < n {
		r, err := in.Next()
		if err != nil {
			break
		}
		records = append(records, r)
	}
	return records
}

// A schemaView is what is said in schema.org of a record.
type schemaView struct {
	of             map[graph.Term][]graph.Quad
	work, instance graph.Term
	names          map[string][]graph.Term       // things by the letters of their names
	terms          map[graph.IRI]map[string]bool // the letters of values
	texts          map[graph.IRI]map[string]bool // the values
	words          map[string]bool               // of names
}

const httpsSchema = "https://schema.org/"

func newSchemaView(quads []graph.Quad, base string) *schemaView {
	v := &schemaView{of: map[graph.Term][]graph.Quad{}, names: map[string][]graph.Term{}, terms: map[graph.IRI]map[string]bool{}, texts: map[graph.IRI]map[string]bool{}}
	for _, q := range quads {
		if rest, ok := strings.CutPrefix(string(q.P), httpsSchema); ok {
			q.P = schema.NS + graph.IRI(rest)
		}
		if rest, ok := strings.CutPrefix(q.O.Value(), httpsSchema); ok && q.P == rdf.Type {
			q.O = (schema.NS + graph.IRI(rest)).Term()
		}
		v.of[q.S] = append(v.of[q.S], q)
		if q.P == schema.Name || q.P == schema.AlternateName {
			v.names[lettersOf(q.O.Value())] = append(v.names[lettersOf(q.O.Value())], q.S)
		}
		if v.terms[q.P] == nil {
			v.terms[q.P], v.texts[q.P] = map[string]bool{}, map[string]bool{}
		}
		v.texts[q.P][q.O.Value()] = true
		v.terms[q.P][lettersOf(q.O.Value())] = true
		switch s := q.S.Value(); {
		case base != "" && v.work.IsZero() && strings.HasPrefix(s, base+"id/work/"), strings.HasSuffix(s, "#Work"):
			v.work = q.S
		case base != "" && v.instance.IsZero() && strings.HasPrefix(s, base+"id/instance/"), strings.HasSuffix(s, "#Instance"):
			v.instance = q.S
		}
	}
	return v
}

// lettersOf returns the letters and digits of a text, in lower case, without marks.
func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFD.String(s))
}

func (v *schemaView) values(s graph.Term, properties ...graph.IRI) (all []graph.Term) {
	for _, q := range v.of[s] {
		if slices.Contains(properties, q.P) {
			all = append(all, q.O)
		}
	}
	return all
}

// called returns the letters of the names of a thing.
func (v *schemaView) called(s graph.Term) (all []string) {
	for _, n := range v.values(s, schema.Name, schema.AlternateName) {
		all = append(all, lettersOf(n.Value()))
	}
	return all
}

// knows tells whether a thing has a name of the same words, in any order and with or without
// dates: Nguyễn, Du, 1765-1820 is Nguyễn Du.
func (v *schemaView) knows(name string) bool {
	words := wordsOf(name)
	if len(words) == 0 {
		return false
	}
	if v.words == nil {
		v.words = map[string]bool{}
		for p, values := range v.texts {
			if p == schema.Name || p == schema.AlternateName {
				for text := range values {
					v.words[strings.Join(wordsOf(text), " ")] = true
				}
			}
		}
	}
	if v.words[strings.Join(words, " ")] {
		return true
	}
	for ours := range v.words { // without a title of honour
		own := strings.Fields(ours)
		if len(words) == 1 && len(words[0]) > 3 && slices.Contains(own, words[0]) {
			return true
		}
		if len(own) >= 2 && !slices.ContainsFunc(own, func(w string) bool { return !slices.Contains(words, w) }) {
			return true
		}
	}
	return false
}

// wordsOf returns the words of a name in the order of the alphabet, without those that have digits.
func wordsOf(name string) (words []string) {
	for w := range strings.FieldsFuncSeq(norm.NFD.String(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) }) {
		w = lettersOf(w)
		if w != "" && !strings.ContainsAny(w, "0123456789") {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	return words
}

// in returns what has an identifier: the subject itself, or what leads to the node of its value.
func (v *schemaView) in(s graph.Term, p string) (all []graph.Term) {
	if p == "identifier" {
		return []graph.Term{s}
	}
	for _, quads := range v.of {
		for _, q := range quads {
			if q.O == s {
				all = append(all, q.S)
			}
		}
	}
	return all
}

// some tells whether one of the values of any of some properties fits.
func (v *schemaView) some(fits func(string) bool, properties ...string) bool {
	for _, p := range properties {
		for value := range v.terms[schema.NS+graph.IRI(p)] {
			if fits(value) {
				return true
			}
		}
	}
	return false
}

// A schemaTally counts what of the reference is there.
type schemaTally struct {
	t          *testing.T
	all, found map[string]int // by property
	excused    map[string]int // by reason
	shown      map[string]int
}

// Why statements of the reference are left out.
const (
	noProduct    = "an edition is a Product: search engines ask offers and prices of those"
	supertype    = "what is a Book or the like is called a CreativeWork too"
	crossed      = "a title in one script has the rest of it in another"
	noCode       = "a code that says nothing: und, 9999"
	noISBN       = "a running number, or another that is no ISBN"
	stub         = "a thing beside the record that says no more than its name, whom it is by and that it is a version of itself"
	vocabulary   = "what a code is called, which stands once in the graph of the vocabulary"
	noYear       = "dates of life that are none, or contradict one another"
	imprinted    = "the year of 008 where the imprint has another, which comes first"
	span         = "a span of years, given as one date of publication"
	linkedRecord = "the number of another record, to which ours has a link"
	beside       = "what an address beside the resource is called, as its name"
	nobody       = "a name that only says that there are several"
	nameless     = "a heading without a name"
	serial       = "a serial or a collection is called a Book"
	wrongNumber  = "a number that the record calls cancelled or wrong, which BIBFRAME has with its status"
	noPlace      = "places and kinds of identifiers without a name"
)

func (y *schemaTally) compare(name string, theirs, ours *schemaView) {
	for s, quads := range theirs.of {
		for _, q := range quads {
			p := strings.TrimPrefix(string(q.P), string(schema.NS))
			if q.P == rdf.Type {
				p = "a"
			}
			y.all[p]++
			ok, why := y.holds(theirs, ours, s, p, q.O)
			switch {
			case ok:
				y.found[p]++
			case why != "":
				y.excused[why]++
			default:
				if y.shown[p]++; y.shown[p] <= 8 {
					y.t.Errorf("%s: %s %s %s %q is missing", name, s, p, q.O, theirs.called(q.O))
				}
			}
		}
	}
}

// holds tells whether ours say what a statement of theirs says, or why not.
func (y *schemaTally) holds(theirs, ours *schemaView, s graph.Term, p string, o graph.Term) (ok bool, why string) {
	main := s == theirs.work || s == theirs.instance
	letters := lettersOf(o.Value())
	equal := func(v string) bool { return v == letters }
	within := func(v string) bool { return strings.Contains(v, letters) }
	named := func(of graph.Term, fits func(string, string) bool) bool {
		for _, n := range theirs.called(of) {
			if n == "" {
				return true
			}
			for have := range ours.names {
				if fits(have, n) || len(n) > 3 && strings.HasPrefix(have, n) {
					return true
				}
			}
		}
		for _, n := range theirs.values(of, schema.Name) {
			if ours.knows(n.Value()) {
				return true
			}
		}
		return false
	}
	same := func(a, b string) bool { return a == b }
	for _, of := range []graph.Term{s, o} {
		if slices.Contains(theirs.called(of), "nhieutacgia") {
			return false, nobody
		}
		for _, born := range theirs.values(of, schema.BirthDate) {
			if strings.ContainsFunc(born.Value(), unicode.IsUpper) && (p == "a" || p == "contributor" || p == "about") {
				return false, noYear // a part of the name went to them
			}
		}
	}
	if (p == "about" || p == "contributor") && len(theirs.called(o)) == 0 {
		return false, nameless
	}
	part := strings.Contains
	switch p {
	case "a":
		class := strings.TrimPrefix(o.Value(), string(schema.NS))
		switch class {
		case "Product":
			return false, noProduct
		case "CreativeWork":
			return false, supertype
		case "PropertyValue", "PublicationEvent":
			return len(ours.of) > 0, ""
		case "Place":
			return false, noPlace
		case "DefinedTerm":
			return named(s, part), ""
		case "Person", "Organization":
			return named(s, same), ""
		}
		if class == "Book" && slices.ContainsFunc(ours.values(ours.work, rdf.Type), func(t graph.Term) bool {
			return slices.Contains([]string{"Periodical", "Newspaper", "BookSeries", "Collection", "Manuscript"}, strings.TrimPrefix(t.Value(), string(schema.NS)))
		}) {
			return false, serial
		}
		for _, mine := range []graph.Term{ours.work, ours.instance} {
			if slices.Contains(ours.values(mine, rdf.Type), o) {
				return true, ""
			}
		}
		return false, ""
	case "name":
		if ours.some(equal, "name", "alternateName") || !main && (ours.some(within, "name", "alternateName", "keywords", "genre") || ours.knows(o.Value())) {
			return true, ""
		}
		if strings.Contains(s.Value(), "#Hub") && ours.some(func(v string) bool {
			return len(v) > 3 && (strings.HasSuffix(letters, v) || strings.HasPrefix(letters, v))
		}, "name", "alternateName") {
			return true, "" // the name and the title of it are two things
		}
		if strings.HasPrefix(s.Value(), "http://id.loc.gov/") {
			return false, vocabulary
		}
		if slices.ContainsFunc(theirs.names[letters], func(t graph.Term) bool { return strings.Contains(t.Value(), "#Instance856-") }) {
			return false, beside
		}
		if main && strings.Contains(o.Value(), " : ") {
			return false, crossed
		}
		return false, ""
	case "alternateName":
		return ours.some(within, "name", "alternateName"), ""
	case "contributor", "author", "creator":
		return named(o, same), ""
	case "about":
		return named(o, part), ""
	case "inLanguage":
		c, known := codes.Languages.Lookup(o.Value())
		if !known || c.Tag == "" || o.Value() == "und" || o.Value() == "zxx" || o.Value() == "mul" {
			return false, noCode
		}
		return ours.some(func(v string) bool { return v == lettersOf(c.Tag) }, "inLanguage"), ""
	case "isbn":
		if len(letters) != 10 && len(letters) != 13 {
			return false, noISBN
		}
		middle := letters
		if len(letters) == 10 {
			middle = letters[:9]
		}
		return ours.some(func(v string) bool { return strings.Contains(v, middle) }, "isbn"), ""
	case "issn":
		return ours.some(equal, "issn"), ""
	case "datePublished", "startDate":
		year, _, _ := strings.Cut(o.Value(), "/")
		if len(year) < 4 || year == "9999" || year == "XXXX" { // XXXX: unknown (EDTF)
			return false, noCode
		}
		if ours.some(func(v string) bool { return strings.HasPrefix(v, lettersOf(year[:4])) }, "datePublished", "startDate", "dateCreated") {
			return true, ""
		}
		if strings.ContainsAny(o.Value(), "/~") {
			return false, span
		}
		if ours.some(func(string) bool { return true }, "datePublished") {
			return false, imprinted
		}
		return false, ""
	case "birthDate", "deathDate":
		year := strings.TrimLeft(letters, "0")
		if ours.some(func(v string) bool { return strings.TrimLeft(v, "0") == year }, p) {
			return true, ""
		}
		births, deaths := theirs.values(s, schema.BirthDate), theirs.values(s, schema.DeathDate)
		if strings.Trim(o.Value(), "0123456789") != "" || len(births) > 1 || len(deaths) > 1 || len(births)*len(deaths) == 1 && births[0].Value() >= deaths[0].Value() {
			return false, noYear
		}
		return false, ""
	case "location", "publication", "genre", "materialExtent":
		if p == "location" && (strings.HasSuffix(o.Value(), "/xx") || strings.Contains(o.Value(), "%")) {
			return false, noCode
		}
		if p == "genre" && named(o, part) {
			return true, ""
		}
		if p == "publication" {
			return ours.some(func(string) bool { return true }, "publication", "datePublished", "startDate", "publisher"), ""
		}
		return ours.some(equal, p), ""
	case "description":
		return ours.some(within, "description", "abstract", "alternateName", "usageInfo"), ""
	case "identifier", "value":
		if p == "identifier" {
			for _, n := range theirs.values(o, schema.NS+"value") {
				letters = lettersOf(n.Value())
			}
		}
		if ours.some(func(v string) bool { return v == letters || v != "" && letters == "ocn"+v }, "value", "isbn", "issn", "serialNumber", "sku") {
			return true, ""
		}
		for _, q := range theirs.in(s, p) {
			if strings.Contains(q.Value(), "#Instance7") {
				return false, linkedRecord
			}
		}
		if len(letters) == 10 && ours.some(func(v string) bool { return strings.Contains(v, letters[:9]) }, "isbn") {
			return true, "" // with 13 digits
		}
		if ours.terms[rdf.Value][letters] {
			return false, wrongNumber
		}
		if (len(letters) == 10 || len(letters) == 13) && strings.Trim(letters, "0123456789x") == "" {
			return false, noISBN
		}
		return false, ""
	case "propertyID":
		return true, ""
	case "exampleOfWork", "workExample":
		if !main {
			return false, stub
		}
		return ours.some(func(string) bool { return true }, p), ""
	}
	return false, ""
}
