package ontology_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ontology"
	"mocban/vocab/rdfs"
)

// The vocabulary names things once, in both languages, in one graph.
func TestVocabulary(t *testing.T) {
	quads, err := ontology.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	labels := map[graph.Term]string{}
	for _, q := range quads {
		if err := q.Check(); err != nil || q.G != graph.IRI("https://w3id.org/mocban/ns#vocabulary").Term() {
			t.Errorf("%v: %s", err, q)
		}
		if q.P == rdfs.Label {
			labels[q.S] += q.O.Lang() + " " + q.O.Value() + "; "
		}
	}
	for iri, want := range map[graph.IRI]string{
		"http://id.loc.gov/vocabulary/languages/vie": "en Vietnamese; vi tiếng Việt; ",
		"http://id.loc.gov/ontologies/bibframe/Work": "en Work; vi Tác phẩm; ",
	} {
		if got := labels[iri.Term()]; got != want {
			t.Errorf("%s is called %q", iri, got)
		}
	}
	if len(quads) < 4000 {
		t.Errorf("only %d quads", len(quads))
	}
}

// Every class and property that the tables use has a name for readers, and every one that
// has a name is in vocab.
func TestTermsAreNamed(t *testing.T) {
	named := map[graph.IRI]bool{}
	for _, read := range []func() ([]ontology.Named, error){ontology.Classes, ontology.Properties} {
		all, err := read()
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range all {
			named[n.IRI] = true
		}
	}
	word := regexp.MustCompile(`\b(bf|bflc|madsrdf|skos|dcterms|owl|mocban|schema):[A-Za-z]\w*`)
	files, _ := filepath.Glob("marc21/*.tsv")
	more, _ := filepath.Glob("align/schema.tsv")
	trees, _ := filepath.Glob("trees/*.tsv")
	unimarc, _ := filepath.Glob("unimarc/*.tsv")
	more = append(append(more, trees...), unimarc...)
	like, _ := filepath.Glob("lc-2.10/*.tsv")
	more = append(more, like...)
	for _, file := range append(files, more...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range word.FindAllString(string(text), -1) {
			iri, err := ontology.Expand(name)
			if err != nil || !named[iri] {
				t.Errorf("%s: %s has no name in ontology/terms (%v)", file, name, err)
			}
			prefix, local, _ := strings.Cut(name, ":")
			source, err := os.ReadFile("../vocab/" + prefix + "/" + prefix + ".go")
			if err != nil || !strings.Contains(string(source), `NS + "`+local+`"`) {
				t.Errorf("%s: %s is not in vocab/%s", file, name, prefix)
			}
			named[iri] = true
		}
	}
}
