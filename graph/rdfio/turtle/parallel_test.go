package turtle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"mocban/graph"
	"mocban/graph/rdfio/document"
)

func smallParts(t *testing.T, n int) {
	old := partBytes
	partBytes = n
	t.Cleanup(func() { partBytes = old })
}

func manyLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "_:b%d <http://p.example/truyện> \"số %d\"@vi . # %d\r\n", i%7, i, i)
	}
	return b.String()
}

func readLines(r io.Reader, o document.Options) (quads []graph.Quad, err error) {
	l := NewLines(r, true, o)
	buf := make([]graph.Quad, 3)
	for {
		n, err := l.Read(buf)
		if err == io.EOF {
			return quads, nil
		}
		if err != nil {
			return quads, err
		}
		quads = append(quads, buf[:n]...)
	}
}

// Many workers read what one reads, blank nodes included, whatever the size of parts.
func TestParallel(t *testing.T) {
	text := manyLines(1000)
	o := document.Options{Blanks: "d"}
	want, err := readLines(strings.NewReader(text), o)
	if err != nil || len(want) != 1000 {
		t.Fatal(len(want), err)
	}
	for _, size := range []int{1, 17, 1000, 1 << 20} {
		smallParts(t, size)
		var got []graph.Quad
		err := ReadOrdered(t.Context(), iotest.HalfReader(strings.NewReader(text)), true, o, 3, func(q []graph.Quad) error {
			got = append(got, q...)
			return nil
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("in parts of %d bytes: %d quads in order, error %v", size, len(got), err)
		}
		var mu sync.Mutex
		byPart := map[int][]graph.Quad{}
		err = ReadParallel(t.Context(), strings.NewReader(text), true, o, 3, func(n int, q []graph.Quad) error {
			mu.Lock()
			defer mu.Unlock()
			byPart[n] = slices.Clone(q)
			return nil
		})
		got = nil
		for n := range len(byPart) {
			got = append(got, byPart[n]...)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("in parts of %d bytes: %d quads, error %v", size, len(got), err)
		}
	}
}

// A mistake is told with its place in the document, behind the quads before it.
func TestParallelMistake(t *testing.T) {
	smallParts(t, 100)
	text := manyLines(500) + "<http://s.example/> <p> \"x\" .\n" + manyLines(500)
	n := 0
	err := ReadOrdered(t.Context(), strings.NewReader(text), true, document.Options{}, 4, func(q []graph.Quad) error {
		n += len(q)
		return nil
	})
	var syntax *document.SyntaxError
	if !errors.As(err, &syntax) || syntax.Line != 501 || n != 500 {
		t.Errorf("%d quads, then %v", n, err)
	}
	err = ReadParallel(t.Context(), strings.NewReader(text), true, document.Options{}, 4, func(int, []graph.Quad) error { return nil })
	if !errors.As(err, &syntax) || syntax.Line != 501 {
		t.Errorf("unordered: %v", err)
	}
}

// Whoever gives up is not kept waiting.
func TestParallelStops(t *testing.T) {
	smallParts(t, 100)
	text := manyLines(2000)
	enough := errors.New("enough")
	for range 20 {
		err := ReadOrdered(t.Context(), strings.NewReader(text), true, document.Options{}, 4, func([]graph.Quad) error { return enough })
		if err != enough {
			t.Errorf("got %v", err)
		}
		err = ReadParallel(t.Context(), strings.NewReader(text), true, document.Options{}, 4, func(int, []graph.Quad) error { return enough })
		if err != enough {
			t.Errorf("got %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		err = ReadOrdered(ctx, strings.NewReader(text), true, document.Options{}, 4, func([]graph.Quad) error { cancel(); return nil })
		if err != context.Canceled {
			t.Errorf("got %v", err)
		}
	}
	broken := iotest.ErrReader(enough)
	err := ReadOrdered(t.Context(), io.MultiReader(strings.NewReader(text), broken), true, document.Options{}, 4, func([]graph.Quad) error { return nil })
	if !errors.Is(err, enough) {
		t.Errorf("a broken input gives %v", err)
	}
}

// A line without end is refused and not kept.
func TestParallelLongLine(t *testing.T) {
	smallParts(t, 100)
	text := strings.Repeat("x", 1<<20)
	err := ReadOrdered(t.Context(), strings.NewReader(text), true, document.Options{MaxLiteral: 10}, 2, func([]graph.Quad) error { return nil })
	var syntax *document.SyntaxError
	if !errors.As(err, &syntax) {
		t.Errorf("got %v", err)
	}
}
