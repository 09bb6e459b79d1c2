package shacl

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"mocban/graph"
	"mocban/graph/rdfio"
)

const prefixLines = `
@prefix : <http://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
`

func turtle(t testing.TB, text string) []graph.Quad {
	t.Helper()
	quads, err := parse(prefixLines+text, rdfio.ReadOptions{Base: "http://example.org/", Blanks: "b"})
	if err != nil {
		t.Fatal(err)
	}
	return quads
}

func compile(t testing.TB, text string) *Shapes {
	t.Helper()
	s, err := Compile(turtle(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lines writes results one a line: focus, path, value, rule.
func lines(r Report) (list []string) {
	for i := range r.Results {
		res := &r.Results[i]
		list = append(list, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s", res.Focus, res.Path, res.Value, res.Rule())), " "))
	}
	return list
}

func judge(t testing.TB, r *Run, quads []graph.Quad) []string {
	t.Helper()
	report, err := r.Validate(context.Background(), quads)
	if err != nil {
		t.Fatal(err)
	}
	return lines(report)
}

// TestShapes holds what the W3C's tests leave open.
func TestShapes(t *testing.T) {
	for name, test := range map[string]struct {
		shapes, data string
		want         string
	}{
		"a shape that leads to itself": {
			":S sh:targetNode :a ; sh:property [ sh:path :next ; sh:node :S ] ; sh:property [ sh:path :n ; sh:minCount 1 ] .",
			":a :next :b ; :n 1 . :b :next :a .",
			"<http://example.org/a> <http://example.org/next> <http://example.org/b> <http://example.org/next> Node",
		},
		"a cycle that conforms": {
			":S sh:targetNode :a ; sh:property [ sh:path :next ; sh:node :S ] .",
			":a :next :b . :b :next :a .", "",
		},
		"a node that two targets find is judged once": {
			":S sh:targetNode :a ; sh:targetClass :C, :D ; sh:targetSubjectsOf :p ; sh:targetObjectsOf :p ; sh:nodeKind sh:Literal .",
			":a a :C, :D ; :p :a .",
			"<http://example.org/a> <http://example.org/a> http://example.org/S NodeKind",
		},
		"a triple that comes twice counts once": {
			":S sh:targetNode :a ; sh:property [ sh:path :p ; sh:maxCount 1 ] .",
			":a :p 1 . :a :p 1 .", "",
		},
		"languages are told apart without case": {
			":S sh:targetNode :a ; sh:property [ sh:path :p ; sh:uniqueLang true ] .",
			`:a :p "x"@VI, "y"@vi, "z"@en .`,
			"<http://example.org/a> <http://example.org/p> <http://example.org/p> UniqueLang",
		},
		"inverse of a sequence": {
			":S sh:targetNode :c ; sh:property [ sh:path [ sh:inversePath ( :p :q ) ] ; sh:in ( :x ) ] .",
			":a :p :b . :b :q :c .",
			"<http://example.org/c> ^(<http://example.org/p>/<http://example.org/q>) <http://example.org/a> ^(<http://example.org/p>/<http://example.org/q>) In",
		},
		"a class below one that is below": {
			":S sh:targetClass :Top ; sh:nodeKind sh:Literal . :T sh:targetNode :a ; sh:class :Top .",
			":a a :Low . :Low rdfs:subClassOf :Middle . :Middle rdfs:subClassOf :Top . :Top rdfs:subClassOf :Low .",
			"<http://example.org/a> <http://example.org/a> http://example.org/S NodeKind",
		},
		"texts of other kinds than literals": {
			`:S sh:targetNode :a ; sh:property [ sh:path :p ; sh:minLength 30 ; sh:pattern "^h.*p$" ] .`,
			`:a :p [], :ap, "hp" .`,
			"<http://example.org/a> <http://example.org/p> _:bg1 <http://example.org/p> MinLength\n" +
				"<http://example.org/a> <http://example.org/p> <http://example.org/ap> <http://example.org/p> MinLength\n" +
				"<http://example.org/a> <http://example.org/p> \"hp\" <http://example.org/p> MinLength\n" +
				"<http://example.org/a> <http://example.org/p> _:bg1 <http://example.org/p> Pattern",
		},
		"what nothing leads to may be ill-formed": {":S sh:property 7 .", ":a :p 1 .", ""},
		"deactivated inside": {
			":S sh:targetNode :a ; sh:property [ sh:path :p ; sh:minCount 1 ; sh:deactivated true ] .", "", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(judge(t, compile(t, test.shapes).NewRun(), turtle(t, test.data)), "\n")
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestIllFormed(t *testing.T) {
	for shapes, want := range map[string]string{
		`:S sh:targetNode :a ; sh:minCount 1 .`:                             "sh:minCount: only a property shape",
		`:S sh:targetNode :a ; sh:path :p ; sh:minCount "x" .`:              `sh:minCount: "x" is no xsd:integer`,
		`:S sh:targetNode :a ; sh:path ( :p ) .`:                            "sh:path: a path of several parts",
		`:S sh:targetNode :a ; sh:path _:l . _:l rdf:first :p .`:            "is no list",
		`:S sh:targetNode :a ; sh:path :p, :q .`:                            "2 paths",
		`:S sh:targetNode :a ; sh:property [ sh:minCount 1 ] .`:             "it has no sh:path",
		`:S sh:targetNode :a ; a sh:PropertyShape .`:                        "has no path",
		`:S sh:targetNode :a ; sh:pattern "(" .`:                            "sh:pattern: regular expression",
		`:S sh:targetNode :a ; sh:nodeKind :p .`:                            "is no kind of node",
		`:S sh:targetNode :a ; sh:class "p" .`:                              `sh:class: "p" is no IRI`,
		`:S sh:targetNode [] .`:                                             "is neither an IRI nor a literal",
		`:S sh:targetClass "C" .`:                                           `sh:targetClass: "C" is no IRI`,
		`:S sh:targetNode :a ; sh:or ( 1 ) .`:                               "is no shape",
		`:S sh:targetNode :a ; sh:in _:l . _:l rdf:first 1; rdf:rest _:l .`: "leads back to itself",
		`:S sh:targetNode :a ; sh:path _:l . _:l sh:inversePath _:l .`:      "a path stands in itself",
		`:S sh:targetNode :a ; sh:message 1 .`:                              "is no text",
		`:S sh:targetNode :a ; sh:severity "bad" .`:                         "one severity",
	} {
		_, err := Compile(turtle(t, shapes))
		var se *ShapeError
		if !errors.As(err, &se) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngave %v, want %q", shapes, err, want)
		}
	}
}

func TestIgnored(t *testing.T) {
	s := compile(t, `:S sh:targetNode :a ; sh:sparql [ sh:select "SELECT $this WHERE { }" ] .`)
	if got := s.Ignored(); len(got) != 1 || !strings.HasPrefix(got[0], "sh:sparql at ") {
		t.Errorf("ignored %q", got)
	}
}

// What costs too much ends in an error.
func TestLimits(t *testing.T) {
	var b strings.Builder
	for i := range 40 { // each shape asks the next one twice
		fmt.Fprintf(&b, ":s%d sh:and ( [ sh:node :s%d ] [ sh:node :s%d ] ) .\n", i, i+1, i+1)
	}
	r := compile(t, b.String()+":s0 sh:targetNode :a . :s40 sh:nodeKind sh:IRI .").NewRun()
	r.MaxSteps = 1_000_000
	if _, err := r.Validate(context.Background(), nil); !errors.Is(err, ErrTooLong) {
		t.Errorf("doubling shapes: %v", err)
	}

	b.Reset()
	for i := range 2000 {
		fmt.Fprintf(&b, ":n%d :next :n%d .\n", i, i+1)
	}
	r = compile(t, ":S sh:targetNode :n0 ; sh:property [ sh:path :next ; sh:node :S ] .").NewRun()
	if _, err := r.Validate(context.Background(), turtle(t, b.String())); !errors.Is(err, ErrTooDeep) {
		t.Errorf("a long chain: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r = compile(t, ":S sh:targetSubjectsOf :next ; sh:property [ sh:path [ sh:zeroOrMorePath :next ] ; sh:minCount 1 ] .").NewRun()
	if _, err := r.Validate(ctx, turtle(t, b.String())); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A run gives the same findings whatever it judged before, in whatever order triples come,
// and where nodes have so many edges that these are sorted.
func TestRunsAgain(t *testing.T) {
	shapes := compile(t, `
:S sh:targetClass :C ;
   sh:property [ sh:path :p ; sh:maxCount 3 ; sh:class :C ] ;
   sh:property [ sh:path [ sh:inversePath :p ] ; sh:maxCount 2 ] ;
   sh:property [ sh:path ( :p [ sh:zeroOrMorePath :q ] ) ; sh:disjoint :q ] ;
   sh:property [ sh:path :q ; sh:equals :p ] .`)
	run := shapes.NewRun()
	rng := rand.New(rand.NewPCG(1, 2))
	node := func(n int) graph.Term { return graph.IRI(fmt.Sprintf("http://example.org/n%d", rng.IntN(n))).Term() }
	found := 0
	for round := range 60 {
		n := 1 + rng.IntN(40)
		var quads []graph.Quad
		for range rng.IntN(n * 20) {
			p := []graph.IRI{"http://example.org/p", "http://example.org/q"}[rng.IntN(2)]
			quads = append(quads, graph.Quad{S: node(n), P: p, O: node(n)})
		}
		for range n {
			quads = append(quads, graph.Quad{S: node(n), P: "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", O: graph.IRI("http://example.org/C").Term()})
		}
		want := judge(t, shapes.NewRun(), quads)
		rng.Shuffle(len(quads), func(i, j int) { quads[i], quads[j] = quads[j], quads[i] })
		got := judge(t, run, append(quads, quads...))
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("round %d: %d findings, want %d", round, len(got), len(want))
		}
		found += len(got)
	}
	if found < 1000 {
		t.Errorf("only %d findings: the data are too tame", found)
	}
}

func TestMessages(t *testing.T) {
	r := compile(t, `
:S sh:targetNode :a ;
   sh:property [ sh:path :p ; sh:minCount 1 ; sh:message "thiếu p"@vi, "p is missing"@en ] ;
   sh:property [ sh:path :q ; sh:minCount 2 ; sh:severity sh:Warning ] ;
   sh:property [ sh:path :r ; sh:minCount 1 ; sh:message "no r" ] .`).NewRun()
	report, err := r.Validate(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range report.Results {
		got = append(got, report.Results[i].Message("vi"), report.Results[i].Message("en"))
	}
	want := []string{"thiếu p", "p is missing",
		"<http://example.org/q>: cần ít nhất 2 giá trị", "<http://example.org/q>: needs at least 2 values", "no r", "no r"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// Every constraint can say what it asks for, in two languages that differ.
func TestSay(t *testing.T) {
	s := compile(t, `
:S sh:targetNode :a ; sh:class :C ; sh:datatype xsd:date ; sh:nodeKind sh:IRI ; sh:minInclusive 1 ; sh:minExclusive 1 ;
   sh:maxInclusive 1 ; sh:maxExclusive 1 ; sh:minLength 1 ; sh:maxLength 1 ; sh:pattern "x" ; sh:languageIn ( "vi" ) ;
   sh:equals :p ; sh:disjoint :p ; sh:not [ sh:in ( 1 ) ] ; sh:and () ; sh:or () ; sh:xone () ; sh:node :T ;
   sh:closed true ; sh:hasValue 1 ; sh:in ( 1 2 ) ; sh:property [ sh:path :p ; sh:minCount 1 ; sh:maxCount 1 ;
   sh:uniqueLang true ; sh:lessThan :q ; sh:lessThanOrEquals :q ; sh:qualifiedValueShape :T ; sh:qualifiedMinCount 1 ] .`)
	seen := 0
	for _, shape := range s.shapes {
		for _, c := range shape.constraints {
			if _, ok := c.(*propertyShape); ok {
				continue
			}
			if vi, en := c.say(); vi == "" || en == "" || vi == en {
				t.Errorf("%T says %q and %q", c, vi, en)
			}
			seen++
		}
	}
	if seen != 28 {
		t.Errorf("%d constraints", seen)
	}
}

func FuzzCompile(f *testing.F) {
	f.Add(":S sh:targetClass :C ; sh:property [ sh:path ( :p [ sh:inversePath :q ] ) ; sh:minCount 1 ] .", ":a a :C ; :p 1 .")
	f.Add(":S sh:targetNode :a ; sh:or ( :S [ sh:not :S ] ) ; sh:closed true .", ":a :p :a .")
	f.Add(":S sh:targetNode :a ; sh:path [ sh:zeroOrMorePath [ sh:alternativePath ( :p :q ) ] ] ; sh:pattern \"^a\" ; sh:flags \"i\" .", ":a :p :a . :a :q :b .")
	f.Add(":S sh:targetObjectsOf :p ; sh:property [ sh:path :q ; sh:qualifiedValueShape [ sh:class :C ] ; sh:qualifiedMaxCount 0 ; sh:qualifiedValueShapesDisjoint true ] .", ":a :p :b . :b :q :c . :c a :C .")
	f.Fuzz(func(t *testing.T, shapes, data string) {
		o := rdfio.ReadOptions{Base: "http://example.org/", Blanks: "b"}
		sq, err := parse(prefixLines+shapes, o)
		if err != nil {
			return
		}
		dq, err := parse(prefixLines+data, o)
		if err != nil {
			return
		}
		s, err := Compile(sq)
		if err != nil {
			return // refusing is fine; panicking is not
		}
		run := s.NewRun()
		run.MaxSteps = 100_000
		first, err := run.Validate(context.Background(), dq)
		if err != nil {
			return
		}
		before := lines(first)
		first.Append(nil, "r")
		if again := judge(t, run, dq); !slices.Equal(before, again) {
			t.Fatalf("judged twice: %q and %q", before, again)
		}
	})
}
