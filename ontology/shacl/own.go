package shacl

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"sync"

	"mocban/graph"
	"mocban/graph/rdfio"
)

//go:embed shapes/*.ttl
var shapeFiles embed.FS

// ownNames are our shapes, in the order of their rules in reports.
var ownNames = []string{"bibframe", "vietnamese", "schema"}

// Own returns our shapes: what we ask of the BIBFRAME and the Schema.org of a record, with
// messages in Vietnamese and English.
var Own = sync.OnceValues(func() (*Shapes, error) {
	var all []graph.Quad
	for _, name := range ownNames {
		text, err := shapeFiles.ReadFile("shapes/" + name + ".ttl")
		if err != nil {
			return nil, err
		}
		quads, err := read(bytes.NewReader(text), "shapes"+name)
		if err != nil {
			return nil, fmt.Errorf("shapes/%s.ttl: %w", name, err)
		}
		all = append(all, quads...)
	}
	return Compile(all)
})

func read(r io.Reader, blanks string) (all []graph.Quad, err error) {
	o := rdfio.ReadOptions{Base: "https://w3id.org/mocban/shapes", Blanks: blanks}
	err = rdfio.Scan(context.Background(), rdfio.Turtle, r, o, func(quads []graph.Quad) error {
		all = append(all, quads...)
		return nil
	})
	return all, err
}
