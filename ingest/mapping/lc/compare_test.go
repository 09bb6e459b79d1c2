package lc

import (
	"bufio"
	"compress/gzip"
	"crypto/sha1"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"mocban/graph"
	"mocban/ingest/marc"
)

// reference is the folder of what marc2bibframe2 makes of the records of others.
const reference = "../../../../shared/data/reference-bibframe"

// What is reached. The numbers only rise.
const (
	leastLeaves  = 1.0
	leastTriples = 1.0
	leastSame    = 1.0
)

var (
	showPaths = flag.Int("paths", 0, "print so many paths in which we differ from the reference, for each set and all")
	onlySets  = flag.String("sets", "", "compare sets whose names contain this")
	writeTo   = flag.String("write", "", "write what we make as N-Triples to this folder")
)

// A triple is one as the comparison sees it: the terms with a letter for their kind before
// them, i an IRI, b a blank node, l a literal.
type triple struct{ s, p, o string }

// graphs collects the triples of a record.
type graphs struct {
	triples []triple
	seen    map[triple]bool
	blanks  int
}

func (g *graphs) Add(s graph.Term, p graph.IRI, o graph.Term) {
	t := triple{term(s), string(p), term(o)}
	if !g.seen[t] {
		g.seen[t] = true
		g.triples = append(g.triples, t)
	}
}

func (g *graphs) Blank() graph.Term {
	g.blanks++
	return graph.Blank("b" + strconv.Itoa(g.blanks))
}

func term(t graph.Term) string {
	switch {
	case t.IsIRI():
		return "i" + t.Value()
	case t.IsBlank():
		return "b" + t.Value()
	}
	s := "l" + norm.NFC.String(t.Value()) + "\x00"
	if l := t.Lang(); l != "" {
		return s + "@" + strings.ToLower(l)
	}
	if d := string(t.Datatype()); d != "http://www.w3.org/2001/XMLSchema#string" {
		return s + "^^" + d
	}
	return s
}

// A described is a graph ready to be compared: nodes with what is said of them, the IRI of
// the record as ~.
type described struct {
	out   map[string][]edge
	order []string // the subjects, the work first: where nodes point at each other the names depend on it
	memo  map[string]string
}

type edge struct{ p, o string }

func describe(triples []triple, iri string) *described {
	d := &described{out: map[string][]edge{}, memo: map[string]string{}, order: []string{"i~#Work"}}
	name := func(x string) string {
		if x[0] != 'i' || !strings.HasPrefix(x[1:], iri) {
			return x
		}
		switch rest := x[1+len(iri):]; {
		case rest == "", rest == "#Work", rest == "#Instance", rest == "#Hub", rest == "#Item":
			return "i~" + rest
		case rest[0] == '#':
			return "m" + rest
		}
		return x
	}
	for _, t := range triples {
		s := name(t.s)
		if d.out[s] == nil && s != d.order[0] {
			d.order = append(d.order, s)
		}
		d.out[s] = append(d.out[s], edge{t.p, name(t.o)})
	}
	return d
}

const (
	rdfFirst = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first"
	rdfRest  = "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest"
)

// leaves returns the paths from the work, the instance and the items to values.
func (d *described) leaves() map[[2]string]int {
	all := map[[2]string]int{}
	for s := range d.out {
		if strings.HasPrefix(s, "i~") {
			d.walk(s, s[1:], all, map[string]bool{s: true}, 0)
		}
	}
	return all
}

func (d *described) walk(s, path string, all map[[2]string]int, on map[string]bool, depth int) {
	into := func(o, path string, deeper int) {
		on[o] = true
		d.walk(o, path, all, on, depth+deeper)
		delete(on, o)
	}
	for _, e := range d.out[s] {
		known := len(d.out[e.o]) > 0 && !on[e.o]
		if e.p == rdfRest {
			if known {
				into(e.o, path, 0)
			}
			continue
		}
		step := path + " / " + short(e.p)
		if e.p == rdfFirst {
			step = path + " / []"
		}
		if e.o[0] == 'b' || e.o[0] == 'm' {
			if known && depth < 24 {
				into(e.o, step, 1)
			} else {
				all[[2]string{step, "(node)"}]++
			}
			continue
		}
		all[[2]string{step, e.o}]++
		if e.o[0] == 'i' && e.o[1] != '~' && known && depth < 24 {
			into(e.o, step, 1)
		}
	}
}

// countLeaves returns how many there are.
func (d *described) countLeaves() (n int) {
	var walk func(s string, on []string)
	walk = func(s string, on []string) {
		on = append(on, s)
		for _, e := range d.out[s] {
			known := len(on) <= 24 && len(d.out[e.o]) > 0 && !slices.Contains(on, e.o)
			node := e.o[0] == 'b' || e.o[0] == 'm'
			if e.p != rdfRest && !(node && known) {
				n++
			}
			if known && (node || e.p == rdfRest || e.o[0] == 'i' && e.o[1] != '~') {
				walk(e.o, on)
			}
		}
	}
	for s := range d.out {
		if strings.HasPrefix(s, "i~") {
			walk(s, nil)
		}
	}
	return n
}

func short(iri string) string {
	for _, p := range [][2]string{
		{"http://id.loc.gov/ontologies/bibframe/", "bf:"}, {"http://id.loc.gov/ontologies/bflc/", "bflc:"},
		{"http://www.loc.gov/mads/rdf/v1#", "mads:"}, {"http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf:"},
		{"http://www.w3.org/2000/01/rdf-schema#", "rdfs:"},
	} {
		if rest, ok := strings.CutPrefix(iri, p[0]); ok {
			return p[1] + rest
		}
	}
	return "<" + iri + ">"
}

// hash names a node by all that hangs below it.
func (d *described) hash(x string, on []string) string {
	if x[0] == 'l' || x[0] == 'i' {
		return x
	}
	if h, ok := d.memo[x]; ok {
		return h
	}
	if slices.Contains(on, x) {
		return "loop"
	}
	var parts []string
	for _, e := range d.out[x] {
		parts = append(parts, e.p+" "+d.hash(e.o, append(on, x)))
	}
	sort.Strings(parts)
	h := sha1.New()
	for _, p := range parts {
		io.WriteString(h, p+"\n")
	}
	s := fmt.Sprintf("_%x", h.Sum(nil)[:10])
	d.memo[x] = s
	return s
}

// bag returns the triples with nodes named by their content.
func (d *described) bag() map[triple]int {
	all := map[triple]int{}
	for _, s := range d.order {
		a := d.hash(s, nil)
		for _, e := range d.out[s] {
			all[triple{a, e.p, d.hash(e.o, nil)}]++
		}
	}
	return all
}

// A tally counts what agrees.
type tally struct {
	ref, own, common int
	same, records    int
}

func (t *tally) f1() float64 { return 2 * float64(t.common) / float64(max(1, t.ref+t.own)) }

// count adds a record and tells whether it is the same in both.
func count[K comparable](t *tally, ref, own map[K]int) (same bool) {
	n, a, b := 0, 0, 0
	for k, x := range ref {
		n += min(x, own[k])
		a += x
	}
	for _, y := range own {
		b += y
	}
	t.common += n
	t.ref += a
	t.own += b
	t.records++
	if n == a && n == b {
		t.same++
	}
	return n == a && n == b
}

// A difference is a path in which records differ.
type difference struct {
	missing, extra, records int
	examples                []string
}

// differences are those of a set, by path.
type differences map[string]*difference

func (ds differences) note(id string, ref, own map[[2]string]int) {
	touched := map[string]bool{}
	note := func(k [2]string, n int) {
		if n == 0 {
			return
		}
		d := ds[k[0]]
		if d == nil {
			d = &difference{}
			ds[k[0]] = d
		}
		sign := "-"
		if n > 0 {
			d.missing += n
		} else {
			sign = "+"
			d.extra -= n
		}
		if !touched[k[0]] {
			touched[k[0]] = true
			d.records++
		}
		if len(d.examples) < 6 {
			d.examples = append(d.examples, fmt.Sprintf("%s[%s] %.150q", sign, id, k[1]))
		}
	}
	for k, x := range ref {
		note(k, x-own[k])
	}
	for k, y := range own {
		if ref[k] == 0 {
			note(k, -y)
		}
	}
}

func (ds differences) print(most int) {
	var paths []string
	for p := range ds {
		paths = append(paths, p)
	}
	sort.Slice(paths, func(i, j int) bool {
		a, b := ds[paths[i]], ds[paths[j]]
		if a.records != b.records {
			return a.records > b.records
		}
		return paths[i] < paths[j]
	})
	for _, p := range paths[:min(most, len(paths))] {
		d := ds[p]
		fmt.Printf("%5d records, -%d +%d  %s\n", d.records, d.missing, d.extra, p)
		for _, e := range d.examples {
			fmt.Println("         ", e)
		}
	}
}

// TestReference compares what we make with what the program of the Library of Congress makes
// of 9,000 records, as ../shared/tools/compare_bibframe.py does.
func TestReference(t *testing.T) {
	files, _ := filepath.Glob(reference + "/*" + *onlySets + "*.nt.gz")
	if len(files) == 0 {
		t.Skipf("the reference is not here: %s", reference)
	}
	var leaves, triples tally
	all := differences{}
	for _, file := range files {
		var l, tr tally
		ds := differences{}
		compareSet(t, file, &l, &tr, ds)
		if *showPaths > 0 {
			fmt.Printf("%-60s %5d records  leaves %.5f  triples %.5f  same %d\n", filepath.Base(file), l.records, l.f1(), tr.f1(), tr.same)
		}
		for sum, one := range map[*tally]*tally{&leaves: &l, &triples: &tr} {
			sum.ref += one.ref
			sum.own += one.own
			sum.common += one.common
			sum.same += one.same
			sum.records += one.records
		}
		for p, d := range ds {
			if all[p] == nil {
				all[p] = &difference{}
			}
			all[p].missing += d.missing
			all[p].extra += d.extra
			all[p].records += d.records
			if len(all[p].examples) < 8 {
				all[p].examples = append(all[p].examples, d.examples[:min(2, len(d.examples))]...)
			}
		}
	}
	all.print(*showPaths)
	same := float64(triples.same) / float64(triples.records)
	t.Logf("%d records: leaves F1 %.5f, triples F1 %.5f, %.2f %% alike", leaves.records, leaves.f1(), triples.f1(), 100*same)
	if *onlySets == "" && (leaves.f1() < leastLeaves || triples.f1() < leastTriples || same < leastSame) {
		t.Errorf("it was: leaves F1 %.5f, triples F1 %.5f, %.2f %% alike", leastLeaves, leastTriples, 100*leastSame)
	}
}

func compareSet(t *testing.T, file string, leaves, triples *tally, ds differences) {
	c, err := New(Options{Base: "http://example.org/", Generated: "2026-01-01T00:00:00Z"})
	if err != nil {
		t.Fatal(err)
	}
	run := c.NewRun()
	records := readRecords(t, strings.TrimSuffix(file, ".nt.gz")+".marcxml.gz")
	blocks := readBlocks(t, file)
	if len(records) != len(blocks) {
		t.Errorf("%s: %d records are read, %d are in the reference", filepath.Base(file), len(records), len(blocks))
	}
	var out *bufio.Writer
	if *writeTo != "" {
		f, err := os.Create(filepath.Join(*writeTo, strings.TrimSuffix(filepath.Base(file), ".gz")))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		out = bufio.NewWriter(f)
		defer out.Flush()
	}
	for i := range min(len(records), len(blocks)) {
		r, b := records[i], blocks[i]
		g := &graphs{seen: map[triple]bool{}}
		iri := c.Record(r)
		if err := run.Convert(g, r, iri); err != nil && !errors.Is(err, ErrKind) {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		ref, own := describe(b.triples, b.iri()), describe(g.triples, string(iri))
		if x, y := ref.bag(), own.bag(); !count(triples, x, y) || *showPaths > 0 {
			x, y := ref.leaves(), own.leaves()
			count(leaves, x, y)
			ds.note(b.id, x, y)
		} else { // where the triples are the same, the leaves are
			n := ref.countLeaves()
			leaves.ref, leaves.own, leaves.common = leaves.ref+n, leaves.own+n, leaves.common+n
			leaves.records, leaves.same = leaves.records+1, leaves.same+1
		}
		if out != nil {
			write(out, i+1, b.id, g.triples)
		}
	}
}

func readRecords(t *testing.T, file string) (records []*marc.Record) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	in, err := marc.NewReader(z, marc.ReadOptions{AsIs: true})
	if err != nil {
		t.Fatal(err)
	}
	for {
		r, err := in.Next()
		if err == io.EOF {
			return records
		}
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		records = append(records, r)
	}
}

// A refBlock is what the reference has of one record.
type refBlock struct {
	id      string // 001, or -
	triples []triple
}

// iri returns the IRI of the record: that of the work, or of the instance.
func (b *refBlock) iri() string {
	for _, name := range [...]string{"#Work", "#Instance"} {
		for _, t := range b.triples {
			if rest, ok := strings.CutSuffix(t.s, name); ok {
				return rest[1:]
			}
		}
	}
	return "none"
}

func readBlocks(t *testing.T, file string) (blocks []refBlock) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		line := lines.Text()
		if rest, ok := strings.CutPrefix(line, "# record "); ok {
			_, id, _ := strings.Cut(rest, " ")
			blocks = append(blocks, refBlock{id: id})
			continue
		}
		s, rest := readTerm(line)
		p, rest := readTerm(rest)
		o, _ := readTerm(rest)
		b := &blocks[len(blocks)-1]
		b.triples = append(b.triples, triple{s, p[1:], o})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return blocks
}

// readTerm reads a term of N-Triples, without judging it.
func readTerm(s string) (t, rest string) {
	s = strings.TrimLeft(s, " ")
	switch s[0] {
	case '<':
		end := strings.IndexByte(s, '>')
		return "i" + unescape(s[1:end]), s[end+1:]
	case '_':
		end := strings.IndexByte(s, ' ')
		return "b" + s[2:end], s[end:]
	}
	end := 1
	for s[end] != '"' {
		if s[end] == '\\' {
			end++
		}
		end++
	}
	t = "l" + norm.NFC.String(unescape(s[1:end])) + "\x00"
	s = s[end+1:]
	switch {
	case strings.HasPrefix(s, "^^<"):
		end := strings.IndexByte(s, '>')
		return t + "^^" + s[3:end], s[end+1:]
	case strings.HasPrefix(s, "@"):
		end := strings.IndexByte(s, ' ')
		return t + strings.ToLower(s[:end]), s[end:]
	}
	return t, s
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		n := 0
		switch s[i] {
		case 'u':
			n = 4
		case 'U':
			n = 8
		case 't':
			b.WriteByte('\t')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		default:
			b.WriteByte(s[i])
		}
		if n > 0 {
			r, _ := strconv.ParseUint(s[i+1:i+1+n], 16, 32)
			b.WriteRune(rune(r))
			i += n
		}
	}
	return b.String()
}

// write writes a block as the reference is written.
func write(w *bufio.Writer, n int, id string, triples []triple) {
	fmt.Fprintf(w, "# record %d %s\n", n, id)
	for _, t := range triples {
		fmt.Fprintf(w, "%s <%s> %s .\n", written(t.s), t.p, written(t.o))
	}
}

func written(x string) string {
	switch x[0] {
	case 'i':
		return "<" + strings.NewReplacer(" ", `\u0020`, ">", `\u003E`, "<", `\u003C`).Replace(x[1:]) + ">"
	case 'b':
		return "_:" + x[1:]
	}
	text, rest, _ := strings.Cut(x[1:], "\x00")
	text = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text)
	if d, ok := strings.CutPrefix(rest, "^^"); ok {
		rest = "^^<" + d + ">"
	}
	return `"` + text + `"` + rest
}
