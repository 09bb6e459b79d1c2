// Package dump writes a whole snapshot as files that anybody can take: sorted, so that two
// dumps can be compared line by line, and the same bytes for the same data, whatever store
// they come from and however it numbers its terms.
//
//	mocban.nq.gz     all quads, sorted by bytes as sort(1) does in the locale C
//	mocban.nt.gz     the triples of all graphs, each once
//	SHA256SUMS       checksums, for sha256sum -c
//	void.ttl         what is in the files
//	README.vi.txt    how to use them, in Vietnamese
//	README.en.txt    and in English
//
// What to hold in mind:
//
//   - Lines are sorted outside of memory: chunks go to temporary files and are merged.
//   - Other formats are written from the sorted lines, graph by graph and subject by subject,
//     so they are as reproducible as the lines are.
//   - Blank nodes keep the labels that the store has for them.
package dump

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"mocban/graph"
	"mocban/graph/rdfio"
)

// Options say how a dump is made. The zero value is good.
type Options struct {
	// Memory is how many bytes of lines are sorted at once; 0 means 64 MiB.
	Memory int

	// Temp is the folder for temporary files; empty means that of the system.
	Temp string

	// Prefixes are declared in formats that have them.
	Prefixes map[string]graph.IRI
}

// Write writes all quads of a snapshot in a format and returns how many there are: quads in
// formats of quads, different triples in formats of triples.
func Write(ctx context.Context, s graph.Snapshot, f *rdfio.Format, w io.Writer, o Options) (n uint64, err error) {
	t := &Sorter{Memory: o.Memory, Dir: o.Temp}
	defer t.Remove()
	lines := f == rdfio.NQuads || f == rdfio.NTriples
	if err := collect(ctx, s, t, f.Quads, !lines); err != nil {
		return 0, fmt.Errorf("dump %s: %w", f, err)
	}
	if lines {
		n, err = writeLines(ctx, t, w)
	} else {
		n, err = writeFormat(ctx, t, f, w, o)
	}
	if err != nil {
		return n, fmt.Errorf("dump %s: %w", f, err)
	}
	return n, nil
}

// block is how many rows are turned into terms at once.
const block = 4096

// collect gives a line for each quad to the sorter. Behind graph first, a line begins with
// the graph, so that graphs come together.
func collect(ctx context.Context, s graph.Snapshot, t *Sorter, quads, graphFirst bool) error {
	c, err := s.Scan(ctx, graph.Pattern{}, graph.SPO, graph.AllColumns)
	if err != nil {
		return err
	}
	defer c.Close()
	var b graph.Block
	var line []byte
	known := make(map[graph.ID]graph.Term, 2*block)
	for c.Next(&b) {
		if len(known) > 1<<17 {
			clear(known)
		}
		if err := fetch(ctx, s, &b, known); err != nil {
			return err
		}
		for i := range b.Len {
			row := b.Row(i)
			p, _ := known[row[graph.PosP]].IRI()
			q := graph.Quad{S: known[row[graph.PosS]], P: p, O: known[row[graph.PosO]]}
			if quads {
				q.G = known[row[graph.PosG]]
			}
			line = line[:0]
			if graphFirst {
				line = graph.AppendTerm(line, q.G)
				line = append(line, '\x01') // stands in no line, and before all that does
			}
			if err := t.Add(graph.AppendQuad(line, q)); err != nil {
				return err
			}
		}
	}
	return c.Err()
}

// fetch gets the terms of a block that are not known.
func fetch(ctx context.Context, s graph.Snapshot, b *graph.Block, known map[graph.ID]graph.Term) error {
	var want []graph.ID
	for _, column := range b.Cols {
		for _, id := range column {
			if _, ok := known[id]; !ok {
				known[id] = graph.Term{}
				want = append(want, id)
			}
		}
	}
	slices.Sort(want)
	terms := make([]graph.Term, len(want))
	if err := s.Terms(ctx, want, terms); err != nil {
		return err
	}
	for i, id := range want {
		known[id] = terms[i]
	}
	return nil
}

// writeLines writes the sorted lines, each once.
func writeLines(ctx context.Context, t *Sorter, w io.Writer) (n uint64, err error) {
	out := bufio.NewWriterSize(w, 1<<16)
	err = t.Lines(ctx, func(line []byte) error {
		n++
		out.Write(line)
		return out.WriteByte('\n')
	})
	return n, errors.Join(err, out.Flush())
}

// writeFormat writes the sorted lines in another format.
func writeFormat(ctx context.Context, t *Sorter, f *rdfio.Format, w io.Writer, o Options) (n uint64, err error) {
	out, err := rdfio.NewWriter(f, w, rdfio.WriteOptions{Prefixes: o.Prefixes})
	if err != nil {
		return 0, err
	}
	err = t.Lines(ctx, func(line []byte) error {
		_, text, ok := bytes.Cut(line, []byte{'\x01'})
		if !ok {
			return fmt.Errorf("sorted line %q has lost its graph", line[:min(len(line), 80)])
		}
		q, err := parse(string(text))
		if err != nil {
			return err
		}
		n++
		return out.Write(q)
	})
	if err != nil {
		return n, err
	}
	return n, out.Close()
}

// parse reads a line that graph.AppendQuad wrote.
func parse(line string) (q graph.Quad, err error) {
	var terms [4]graph.Term
	rest := line
	for i := range terms {
		if rest == " ." || rest == "." {
			break
		}
		if i > 0 {
			if rest == "" || rest[0] != ' ' {
				return q, fmt.Errorf("sorted line %.80q is broken", line)
			}
			rest = rest[1:]
			if rest == "." {
				break
			}
		}
		if terms[i], rest, err = graph.ParseTerm(rest); err != nil {
			return q, fmt.Errorf("sorted line %.80q: %w", line, err)
		}
	}
	p, _ := terms[1].IRI()
	return graph.Quad{S: terms[0], P: p, O: terms[2], G: terms[3]}, nil
}
