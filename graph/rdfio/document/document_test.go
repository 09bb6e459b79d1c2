package document

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"mocban/graph"
)

func TestArena(t *testing.T) {
	var a Arena
	var got []string
	var want []string
	for i := range 20000 {
		s := fmt.Sprint("string ", i, strings.Repeat("x", i%9*i%12000))
		want = append(want, s)
		got = append(got, a.Join(s[:3], s[3:]))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("string %d was overwritten", i)
		}
	}
	if a.Join() != "" || a.Keep(a.Grow(0)) != "" {
		t.Error("nothing is not empty")
	}
}

func TestPrefix(t *testing.T) {
	seen := map[string]bool{}
	for range 10000 {
		p := Prefix()
		if seen[p] || p[0] != 'x' || len(p) != 13 || strings.Trim(p, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			t.Fatalf("prefix %q", p)
		}
		seen[p] = true
	}
}

func TestCheck(t *testing.T) {
	s, o := graph.IRI("s:s").Term(), graph.String("x")
	for tag, want := range map[string]bool{
		"vi": true, "vi-Hani": true, "zh-Hant-TW": true, "x": true, "de-1996": true, "abcdefgh": true,
		"abcdefghi": false, "vi-": false, "-vi": false, "vi--x": false, "1a": false, "vi x": false, "vi_VN": false, "é": false,
	} {
		if err := new(Checker).Check(&graph.Quad{S: s, P: "p:p", O: graph.Text("x", tag)}); (err == nil) != want {
			t.Errorf("%q: %v", tag, err)
		}
	}
	if new(Checker).Check(&graph.Quad{S: s, P: "p:p", O: graph.IRI("http://truyện.example/[1]").Term()}) != nil {
		t.Error("a good IRI is refused")
	}
	bad := graph.IRI("b:a d").Term()
	for _, q := range []graph.Quad{{S: bad, P: "p:p", O: o}, {S: s, P: "p:p", O: bad}, {S: s, P: "p:p", O: o, G: bad}, {P: "p:p", O: o}, {S: o, P: "p:p", O: o}, {S: s, O: o}, {S: s, P: "p:p"}, {S: s, P: "p:p", O: o, G: o}} {
		if new(Checker).Check(&q) == nil {
			t.Errorf("%v passes", q)
		}
	}
}

// A reader that gives nothing, for ever, is given up.
func TestFill(t *testing.T) {
	if _, err := Fill(idle{}, make([]byte, 10)); err != io.ErrNoProgress {
		t.Errorf("got %v", err)
	}
	if n, err := Fill(strings.NewReader("abc"), make([]byte, 10)); n != 3 || err != io.EOF {
		t.Errorf("got %d, %v", n, err)
	}
	if n, err := Fill(strings.NewReader("abc"), make([]byte, 3)); n != 3 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }
