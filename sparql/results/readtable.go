package results

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"mocban/graph"
	"mocban/sparql/syntax"
)

// A field is a cell of CSV.
type field struct {
	text   string
	quoted bool
}

// csvRecord reads one record; it returns io.EOF, without fields, at the end.
func csvRecord(r *bufio.Reader) ([]field, error) {
	var fields []field
	var b []byte
	quoted, inside := false, false
	begun := false
	for {
		c, err := r.ReadByte()
		switch {
		case err == io.EOF && inside:
			return nil, errors.New("a quote is never closed")
		case err == io.EOF && !begun:
			return nil, io.EOF
		case err != nil && err != io.EOF:
			return nil, err
		case err == io.EOF, !inside && c == '\n':
			return append(fields, field{string(b), quoted}), nil
		}
		begun = true
		switch {
		case c == '"' && inside:
			if next, err := r.Peek(1); err == nil && next[0] == '"' {
				b = append(b, '"')
				r.Discard(1)
			} else {
				inside = false
			}
		case inside:
			b = append(b, c)
		case c == '"' && len(b) == 0 && !quoted:
			quoted, inside = true, true
		case c == ',':
			fields = append(fields, field{string(b), quoted})
			b, quoted = b[:0], false
		case c == '\r':
			if next, err := r.Peek(1); err == nil && next[0] == '\n' {
				continue
			}
			b = append(b, c)
		case c == '"', quoted:
			return nil, errors.New("a quote stands inside of a value")
		default:
			b = append(b, c)
		}
	}
}

func readCSV(r io.Reader) (*Result, error) {
	in := bufio.NewReader(r)
	head, err := csvRecord(in)
	if err != nil {
		return nil, noHead(err)
	}
	var vars []string
	for _, f := range head {
		if f.text != "" || len(head) > 1 {
			vars = append(vars, strings.TrimPrefix(f.text, "?"))
		}
	}
	t, err := newTable(vars)
	if err != nil {
		return nil, err
	}
	for line := 2; ; line++ {
		fields, err := csvRecord(in)
		if err == io.EOF {
			return &t.Result, nil
		}
		if err == nil {
			err = t.cells(len(fields), func(i int) (graph.Term, error) { return fields[i].term() })
		}
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", line, err)
		}
	}
}

func noHead(err error) error {
	if err == io.EOF {
		return errors.New("the line of variables is missing")
	}
	return err
}

func (f field) term() (graph.Term, error) {
	if !utf8.ValidString(f.text) {
		return graph.Term{}, errors.New("invalid UTF-8")
	}
	if label, ok := strings.CutPrefix(f.text, "_:"); ok && label != "" && !strings.ContainsAny(label, " \t\r\n") {
		return graph.Blank(label), nil
	}
	if f.text == "" && !f.quoted {
		return graph.Term{}, nil
	}
	return graph.String(f.text), nil
}

// cells adds a row of cells. Without variables a row is one empty cell.
func (t *table) cells(n int, cell func(i int) (graph.Term, error)) error {
	t.row()
	row := t.Rows[len(t.Rows)-1]
	if n != len(row) && (n != 1 || len(row) != 0) {
		return fmt.Errorf("%d values for %d variables", n, len(row))
	}
	for i := range row {
		term, err := cell(i)
		if err != nil {
			return fmt.Errorf("?%s: %w", t.Vars[i], err)
		}
		row[i] = term
	}
	return nil
}

// tsvLine reads one line without its end; it returns io.EOF, and nothing, at the end.
func tsvLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err == io.EOF && line != "" {
		err = nil
	}
	line = strings.TrimSuffix(line, "\n")
	return strings.TrimSuffix(line, "\r"), err
}

func readTSV(r io.Reader) (*Result, error) {
	in := bufio.NewReader(r)
	head, err := tsvLine(in)
	if err != nil {
		return nil, noHead(err)
	}
	var vars []string
	if head != "" {
		vars = strings.Split(head, "\t")
	}
	for i, v := range vars {
		name, ok := strings.CutPrefix(v, "?")
		if !ok {
			return nil, fmt.Errorf("%.40q is no variable", v)
		}
		vars[i] = name
	}
	t, err := newTable(vars)
	if err != nil {
		return nil, err
	}
	for n := 2; ; n++ {
		line, err := tsvLine(in)
		if err == io.EOF {
			return &t.Result, nil
		}
		if err == nil {
			cells := strings.Split(line, "\t")
			err = t.cells(len(cells), func(i int) (graph.Term, error) { return tsvTerm(cells[i]) })
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
}

func tsvTerm(cell string) (graph.Term, error) {
	if cell == "" {
		return graph.Term{}, nil
	}
	return syntax.ParseTerm(cell)
}
