package graph

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestTermForms(t *testing.T) {
	tests := []struct {
		term Term
		want string
		kind Kind
	}{
		{IRI("http://a.example/Kiều").Term(), "<http://a.example/Kiều>", KindIRI},
		{IRI("http://a.example/a b>").Term(), `<http://a.example/a\u0020b\u003E>`, KindIRI},
		{Blank("b1"), "_:b1", KindBlank},
		{String("Truyện Kiều"), `"Truyện Kiều"`, KindLiteral},
		{Text("Truyện Kiều", ""), `"Truyện Kiều"`, KindLiteral},
		{Text("Truyện Kiều", "vi"), `"Truyện Kiều"@vi`, KindLiteral},
		{DirText("كتاب", "ar", RTL), `"كتاب"@ar--rtl`, KindLiteral},
		{Literal("1", xsdInteger), `"1"^^<http://www.w3.org/2001/XMLSchema#integer>`, KindLiteral},
		{Literal("x", xsdString), `"x"`, KindLiteral},
		{String("\"\\\n\r\t\b\f\x01\x7f\uffff𱥺"), `"\"\\\n\r\t\b\f\u0001\u007F\uFFFF𱥺"`, KindLiteral},
		{TripleTerm(Triple{Blank("x"), "http://p.example/", Text("a\n", "vi")}), `<<( _:x <http://p.example/> "a\n"@vi )>>`, KindTriple},
	}
	for _, tt := range tests {
		if got := tt.term.String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
		if got := tt.term.Kind(); got != tt.kind {
			t.Errorf("%s: kind %v, want %v", tt.want, got, tt.kind)
		}
		back, rest, err := ParseTerm(tt.want + " .")
		if err != nil || rest != " ." || back != tt.term {
			t.Errorf("%s reads back as %v, rest %q, %v", tt.want, back, rest, err)
		}
	}
}

func TestNestedTripleTerm(t *testing.T) {
	inner := Triple{Blank("a"), "http://p.example/", String(`say "hi" )>>`)}
	outer := Triple{IRI("http://s.example/").Term(), "http://q.example/", TripleTerm(inner)}
	got, ok := TripleTerm(outer).Triple()
	if !ok || got != outer {
		t.Fatalf("got %v %v, want %v", got, ok, outer)
	}
	if in, ok := got.O.Triple(); !ok || in != inner {
		t.Fatalf("got %v %v, want %v", in, ok, inner)
	}
}

func TestDatatypes(t *testing.T) {
	tests := []struct {
		term Term
		want IRI
	}{
		{String("a"), xsdString},
		{Text("a", "vi"), rdfLangString},
		{DirText("a", "ar", RTL), rdfDirString},
		{Literal("1", xsdInteger), xsdInteger},
		{Blank("a"), ""},
	}
	for _, tt := range tests {
		if got := tt.term.Datatype(); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.term, got, tt.want)
		}
	}
}

func TestCompare(t *testing.T) {
	sorted := []Term{
		{},
		Blank("a"), Blank("b"),
		IRI("a:").Term(), IRI("b:").Term(),
		String(""), String("a"), String("đ"), String("𱥺"),
		Text("a", "en"), Text("a", "vi"), DirText("a", "vi", RTL), Text("b", "en"),
		Literal("z", "d:1"), Literal("a", "d:2"),
		TripleTerm(Triple{Blank("a"), "p:", Blank("a")}),
	}
	for i, a := range sorted {
		for j, b := range sorted {
			got, want := Compare(a, b), 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got != want {
				t.Errorf("Compare(%v, %v) = %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestPatternOrder(t *testing.T) {
	tests := []struct {
		p    Pattern
		want Order
	}{
		{Pattern{}, SPO},
		{Pattern{S: 9}, SPO},
		{Pattern{S: 9, P: 9}, SPO},
		{Pattern{P: 9}, PSO},
		{Pattern{P: 9, O: 9}, POS},
		{Pattern{O: 9}, OSP},
		{Pattern{S: 9, O: 9}, OSP},
		{Pattern{G: 9}, GSPO},
		{Pattern{G: 9, S: 9}, GSPO},
		{Pattern{P: 9, Range: Range{PosO, 1, 9}}, POS},
		{Pattern{Union: true, Range: Range{PosS, 1, 9}}, SPO},
	}
	for _, tt := range tests {
		if got := tt.p.Order(); got != tt.want {
			t.Errorf("%+v: got %v, want %v", tt.p, got, tt.want)
		}
	}
}

func FuzzTermRoundTrip(f *testing.F) {
	f.Add("a", "b", uint8(0))
	f.Add("\\u0020 \"", "vi-Hani", uint8(1))
	f.Fuzz(func(t *testing.T, text, tag string, shape uint8) {
		terms := []Term{IRI(text).Term(), String(text), Literal(text, IRI(tag)), Text(text, "vi")}
		term := terms[int(shape)%len(terms)]
		line := AppendTerm(nil, term)
		if slices.Contains(line, '\n') || slices.Contains(line, '\r') {
			t.Fatalf("%q holds a line end", line)
		}
		back, rest, err := ParseTerm(string(line))
		if err != nil || rest != "" || back != term {
			t.Fatalf("%s reads back as %v, rest %q, %v", line, back, rest, err)
		}
	})
}

// Terms are equal whenever their languages and datatypes were first heard of.
func TestManyForms(t *testing.T) {
	terms := map[Term]int{}
	for round := range 2 {
		for i := range 1000 {
			terms[Text("x", fmt.Sprintf("x-%d", i))]++
			terms[DirText("x", fmt.Sprintf("x-%d", i), RTL)]++
			terms[Literal("x", IRI(fmt.Sprintf("x-%d", i)))]++
		}
		if len(terms) != 3000 {
			t.Fatalf("round %d: %d terms, want 3000", round, len(terms))
		}
	}
	for term, n := range terms {
		if n != 2 {
			t.Errorf("%v came %d times, want 2", term, n)
		}
	}
}

// What must be escaped is, wherever it stands in a text or an IRI.
func TestEscapes(t *testing.T) {
	for _, mark := range []string{"\x00", "\x1f", " ", "\"", "\\", "<", ">", "{", "}", "|", "^", "`", "\x7f", "\ufffe", "\uffff", "\uff01", "ệ", "\t", "\n", "\r"} {
		for before := range 20 {
			text := strings.Repeat("a", before) + mark + "b" + mark
			for _, term := range []Term{String(text), Text(text, "vi"), IRI(text).Term()} {
				line := term.String()
				back, rest, err := ParseTerm(line)
				if err != nil || rest != "" || back != term {
					t.Fatalf("%q is written %q and reads as %q, %q (%v)", text, line, back.Value(), rest, err)
				}
				inside := line[1:strings.LastIndexAny(line, "\">")]
				want := term.IsIRI() && strings.Contains("\x00\x1f \"\\<>{}|^`\t\n\r", mark) || !term.IsIRI() && strings.Contains("\x00\x1f\"\\\x7f\ufffe\uffff\t\n\r", mark)
				if escaped := strings.Count(inside, "\\") >= 2; escaped != want {
					t.Fatalf("%q is written %q", text, line)
				}
			}
		}
	}
}
