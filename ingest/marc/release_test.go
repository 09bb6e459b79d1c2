package marc

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// A record that was released gives its room to others, and what was cut from it stays.
func TestRelease(t *testing.T) {
	var text strings.Builder
	for i := range 300 {
		fmt.Fprintf(&text, "=LDR  00000nam a2200000 i 4500\n=001  r%d\n=245  00$aTitle %d", i, i)
		for k := range i % 40 {
			fmt.Fprintf(&text, "$x%d", k)
		}
		text.WriteString("\n=500  \\\\$aNote\n\n")
	}
	in, err := NewReader(strings.NewReader(text.String()), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	var kept *Record
	for i := 0; ; i++ {
		r, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		f, _ := r.Field("245")
		if len(f.Subfields) != 1+i%40 || len(r.Fields) != 3 {
			t.Fatalf("record %d has %d fields, and %d subfields in its 245", i, len(r.Fields), len(f.Subfields))
		}
		titles = append(titles, f.Subfield('a'))
		if i == 7 {
			kept = r
			continue
		}
		r.Release()
		if r.Fields != nil || r.Source != nil {
			t.Fatal("a record that was released has fields, or a source")
		}
	}
	for i, title := range titles {
		if want := fmt.Sprintf("Title %d", i); title != want {
			t.Errorf("title %q, want %q", title, want)
		}
	}
	if f, _ := kept.Field("245"); kept.ID() != "r7" || f.Subfield('a') != "Title 7" || len(f.Subfields) != 8 {
		t.Errorf("a record that was kept became %+v", kept)
	}
}
