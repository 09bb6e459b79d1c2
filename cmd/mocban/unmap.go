package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"mocban/graph"
	"mocban/ingest/mapping"
	"mocban/ingest/mapping/back"
	"mocban/ingest/marc"
	"mocban/ingest/quality"
	"mocban/vocab/bf"
	"mocban/vocab/mocban"
	"mocban/vocab/rdf"
)

// unmapFlags are those of unmap.
type unmapFlags struct {
	output, as  string
	records     []string
	afresh      bool
	authorities []string
}

func (a *app) unmapCommand() *cobra.Command {
	var r recordFlags
	var u unmapFlags
	cmd := &cobra.Command{
		Use:   "unmap [FILE…]",
		Short: "chuyển BIBFRAME về MARC 21 · BIBFRAME back to MARC 21",
		Long: `Chuyển BIBFRAME về MARC 21: từ thư mục dữ liệu, hoặc từ tệp RDF. Biểu ghi chưa ai sửa trở lại đúng từng byte như
khi nạp vào; ở biểu ghi đã sửa, chỉ những trường con mà lần sửa động đến là đổi. Biểu ghi không kèm bản gốc được
lập từ các bộ ba. Hãy dùng cùng --profile, --source và --rules như khi nạp. Tệp của mocban dump (N-Quads) cũng được:
biểu ghi khi đó theo thứ tự địa chỉ, và những gì không vừa bộ nhớ được sắp xếp trong tệp tạm ($TMPDIR).

BIBFRAME back to MARC 21: from the data folder, or from files of RDF. A record that nobody has changed comes back byte
for byte as it was loaded; of one that was changed, only those subfields differ that the change is about. A record
without its original is made of the triples. Give the same --profile, --source and --rules as for loading. A file of
mocban dump (N-Quads) will do: the records then come in the order of their IRIs, and what does not fit into memory is
sorted in temporary files ($TMPDIR).`,
		Example: `  mocban unmap -l data -o all.mrc
  mocban unmap -l data --record 0001234 --as marcxml
  mocban unmap other.nt -o other.xml.gz
  mocban dump -l data | mocban unmap --format nq -o all.mrc -`,
		RunE: func(cmd *cobra.Command, args []string) error {
			override(&a.settings.Source, r.source)
			override(&a.settings.BaseURI, r.baseURI)
			override(&a.settings.Profile, r.profile)
			override(&a.settings.BIBFRAME, r.bibframe)
			a.rules = r.rules
			return a.unmap(cmd.Context(), args, r, u)
		},
	}
	a.atFlag(cmd)
	f := cmd.Flags()
	f.StringVarP(&u.output, "output", "o", "", "tệp kết quả, .gz và .zst được nén · file to write to; .gz and .zst are compressed")
	f.StringVar(&u.as, "as", "", "marc, marcxml, mrk, json (theo tên tệp, nếu không thì marc · by the file's name, else marc)")
	f.StringArrayVar(&u.records, "record", nil, "chỉ biểu ghi này: số kiểm soát, hoặc địa chỉ của biểu ghi, tác phẩm hay thể hiện; dùng được nhiều lần · only this record: a control number, or the IRI of a record, a work or an instance; may be given again")
	f.StringArrayVar(&u.authorities, "authorities", nil, authoritiesUsage)
	f.BoolVar(&u.afresh, "from-triples", false, "lập từ các bộ ba, không dùng bản gốc · make all of the triples, without the originals")
	f.StringVar(&r.format, "format", "", "định dạng RDF khi tên tệp không cho biết · format of RDF where the file's name does not tell: nt, nq, ttl, trig, rdf, jsonld")
	f.StringVar(&r.baseURI, "base-uri", "", "địa chỉ gốc của định danh · begins every IRI (MOCBAN_BASE_URI; http://"+defaultBind+"/)")
	f.StringVar(&r.source, "source", "", "mã thư viện cho biểu ghi không có 003 · library code for records without 003 (MOCBAN_SOURCE)")
	f.StringVar(&r.profile, "profile", "", "`hồ sơ` quy tắc · profile of rules: "+strings.Join(mapping.Profiles, ", ")+" (MOCBAN_PROFILE; "+mapping.Default+")")
	f.StringVar(&r.bibframe, "bibframe", "", "phiên bản BIBFRAME · version of BIBFRAME: "+strings.Join(mapping.Versions, ", ")+" ("+mapping.BIBFRAME2+")")
	f.StringArrayVar(&r.rules, "rules", nil, "bảng quy tắc riêng (TSV) · table of your own rules (TSV)")
	return cmd
}

// An unmapper writes records of graphs.
type unmapper struct {
	*app
	maker   *back.Maker
	mappers []*mapping.Mapper // by which originals may have been mapped, the likeliest first
	flags   unmapFlags
	format  marc.Format
	out     io.Writer
	line    *progress

	jobs  chan unmapJob
	queue chan chan unmapped // the results, in the order of the graphs
	gone  chan struct{}      // nothing more can be written

	asTheyCame, changed, made int
	aside                     int // graphs that no record could be made of
	left                      int // triples that no field says
	found                     map[string]bool
}

func (a *app) unmap(ctx context.Context, args []string, r recordFlags, flags unmapFlags) (err error) {
	u := &unmapper{app: a, flags: flags, found: map[string]bool{}}
	if u.format, err = writtenAs(flags); err != nil {
		return err
	}
	if err := a.linkedAs(ctx, args, flags.authorities, r); err != nil {
		return err
	}
	m, err := a.mapper(true, "") // as for loading, which keeps the originals
	if err != nil {
		return err
	}
	u.mappers = []*mapping.Mapper{m}
	overlays, err := a.overlays()
	if err != nil {
		return err
	}
	if overlays, err = mapping.RowsFor(a.settings.Profile, a.settings.BIBFRAME, overlays); err != nil {
		return err
	}
	if u.maker, err = back.New(overlays...); err != nil {
		return err
	}
	files := make([]rdfFile, 0, len(args))
	for _, path := range args {
		in := &input{close: func() error { return nil }} // standard input is read but once
		if path != "-" {
			if in, err = a.open(path); err != nil {
				return err
			}
		}
		f, ok, err := in.rdfFormat(r.format)
		in.Close()
		if err != nil {
			return err
		}
		if !ok {
			return wrongf("%s: không phải tệp RDF; hãy nêu --format nt, nq, ttl, …", "%s is no file of RDF; name its --format: nt, nq, ttl, …", path)
		}
		files = append(files, rdfFile{path, f})
	}
	err = a.write(flags.output, func(w io.Writer) error {
		u.out, u.line = w, a.newProgress()
		defer u.line.done()
		if err := u.begin(); err != nil {
			return err
		}
		if err := u.atOnce(func() error { return u.all(ctx, files) }); err != nil {
			return err
		}
		return u.end()
	})
	if err != nil {
		return err
	}
	return u.tell()
}

// linkedAs lets headings lead where they led when the records were mapped: to the authority
// records of the store, or of files.
func (a *app) linkedAs(ctx context.Context, args, files []string, r recordFlags) error {
	if len(args) > 0 {
		return a.useAuthorities(ctx, files, r)
	}
	return a.withSnapshot(func(s graph.Snapshot) error { return a.authoritiesOf(ctx, s) })
}

func (u *unmapper) all(ctx context.Context, files []rdfFile) error {
	if len(files) == 0 {
		return u.withSnapshot(func(s graph.Snapshot) error { return u.store(ctx, s) })
	}
	for _, f := range files {
		if err := u.file(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// writtenAs tells the format of records that the flags ask for.
func writtenAs(flags unmapFlags) (marc.Format, error) {
	name := strings.ToLower(flags.as)
	if name == "" {
		base := strings.TrimSuffix(strings.TrimSuffix(flags.output, ".gz"), ".zst")
		name = strings.TrimPrefix(strings.ToLower(filepath.Ext(base)), ".")
	}
	switch name {
	case "", "marc", "mrc":
		return marc.ISO2709, nil
	case "marcxml", "xml":
		return marc.MARCXML, nil
	case "mrk", "lines":
		return marc.Lines, nil
	case "json":
		return marc.JSON, nil
	}
	if flags.as == "" {
		return marc.ISO2709, nil
	}
	return 0, wrongf("--as: %q không phải marc, marcxml, mrk hay json", "--as: %q is none of marc, marcxml, mrk, json", flags.as)
}

const marcxmlHead = `<?xml version="1.0" encoding="UTF-8"?>
<collection xmlns="http://www.loc.gov/MARC21/slim">
`

func (u *unmapper) begin() error {
	if u.format != marc.MARCXML {
		return nil
	}
	_, err := io.WriteString(u.out, marcxmlHead)
	return err
}

func (u *unmapper) end() error {
	if u.format != marc.MARCXML {
		return nil
	}
	_, err := io.WriteString(u.out, "</collection>\n")
	return err
}

// store makes records of the graphs of a store: all, or those that the flags name.
func (u *unmapper) store(ctx context.Context, s graph.Snapshot) error {
	do := func(quads []graph.Quad) error {
		if quality.Library(quads) == "" && !isWork(quads) {
			return nil // the vocabulary, or data that are no record
		}
		return u.record(quads)
	}
	if len(u.flags.records) == 0 {
		return eachGraph(ctx, s, graph.Pattern{}, do)
	}
	graphs, err := u.graphs(ctx, s)
	if err != nil {
		return err
	}
	for _, g := range graphs {
		if err := eachGraph(ctx, s, graph.Pattern{G: g}, do); err != nil {
			return err
		}
	}
	return nil
}

// graphs returns the graphs of the records that the flags name, each once.
func (u *unmapper) graphs(ctx context.Context, s graph.Snapshot) (graphs []graph.ID, err error) {
	for _, name := range u.flags.records {
		terms := []graph.Term{graph.IRI(name).Term(), graph.String(name), mocban.ControlNumber.Term(), rdf.Type.Term()}
		ids := make([]graph.ID, len(terms))
		if err := s.IDs(ctx, terms, ids); err != nil {
			return nil, err
		}
		for _, p := range []graph.Pattern{
			{G: ids[0]},
			{S: ids[0], P: ids[3]},
			{P: ids[2], O: ids[1]},
		} {
			if graphs, err = graphsOf(ctx, s, p, graphs); err != nil {
				return nil, err
			}
		}
	}
	return graphs, nil
}

// graphsOf adds the graphs in which a pattern has rows. A pattern of a term that the store does
// not know has none.
func graphsOf(ctx context.Context, s graph.Snapshot, p graph.Pattern, graphs []graph.ID) (_ []graph.ID, err error) {
	if p.G != graph.None {
		return append(graphs, p.G), nil
	}
	if p.S == graph.None && p.O == graph.None || p.P == graph.None {
		return graphs, nil
	}
	rows, err := s.Scan(ctx, p, graph.NoOrder, graph.Cols(graph.PosG))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var b graph.Block
	for rows.Next(&b) {
		for i := range b.Len {
			if g := b.Row(i)[graph.PosG]; g != graph.DefaultGraph && !slices.Contains(graphs, g) {
				graphs = append(graphs, g)
			}
		}
	}
	return graphs, rows.Err()
}

// isWork tells whether quads describe a work.
func isWork(quads []graph.Quad) bool {
	return slices.ContainsFunc(quads, isRoot)
}

// isRoot tells whether a quad says that something is a work or an instance.
func isRoot(q graph.Quad) bool {
	return q.P == rdf.Type && (q.O == bf.Work.Term() || q.O == bf.Instance.Term())
}

// wanted tells whether the flags ask for a record.
func (u *unmapper) wanted(quads []graph.Quad) bool {
	if len(u.flags.records) == 0 {
		return true
	}
	wanted := false
	for _, name := range u.flags.records {
		for i := range quads {
			q := &quads[i]
			if q.G.Value() == name || q.S.Value() == name && isRoot(*q) ||
				q.P == mocban.ControlNumber && q.O.Value() == name || q.S.IsIRI() && strings.HasSuffix(q.S.Value(), "/"+name+"#Work") {
				wanted, u.found[name] = true, true
			}
		}
	}
	return wanted
}

// An unmapJob is a graph and where its record is waited for.
type unmapJob struct {
	quads   []graph.Quad
	mappers []*mapping.Mapper
	out     chan<- unmapped
}

// An unmapped is what became of a graph.
type unmapped struct {
	name   string
	record []byte
	edited *back.Edited // nil if the record was made of triples
	left   int          // triples that no field says
	err    error
}

// errGone tells that nothing more can be written.
var errGone = errors.New("nothing more can be written")

// atOnce makes records on all cores while feed gives graphs to [unmapper.record], and writes
// them in the order of the graphs.
func (u *unmapper) atOnce(feed func() error) error {
	u.jobs, u.queue, u.gone = make(chan unmapJob), make(chan chan unmapped, 128), make(chan struct{})
	var working sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		working.Add(1)
		go func() {
			defer working.Done()
			for j := range u.jobs {
				j.out <- u.make(j.quads, j.mappers)
			}
		}()
	}
	written := make(chan error, 1)
	go func() {
		var err error
		for out := range u.queue {
			if done := <-out; err == nil {
				if err = u.put(done); err != nil {
					close(u.gone)
				}
			}
		}
		written <- err
	}()
	err := feed()
	close(u.jobs)
	working.Wait()
	close(u.queue)
	if failed := <-written; failed != nil {
		return failed
	}
	return err
}

// record has the record of some quads written, which must stay as they are.
func (u *unmapper) record(quads []graph.Quad) error {
	if !u.wanted(quads) {
		return nil
	}
	out := make(chan unmapped, 1)
	select {
	case u.queue <- out:
	case <-u.gone:
		return errGone
	}
	u.jobs <- unmapJob{quads, u.mappers, out}
	return nil
}

// make makes the record of a graph.
func (u *unmapper) make(quads []graph.Quad, mappers []*mapping.Mapper) (done unmapped) {
	if done.name = quads[0].G.Value(); done.name == "" {
		done.name = quads[0].S.String()
	}
	if !u.flags.afresh {
		source, rec, err := marcOriginal(quads, mapping.AsIs(u.settings.Profile))
		if err != nil {
			done.err = err
			return done
		}
		if rec != nil {
			done.record, done.edited, done.err = u.kept(source, rec, quads, mappers)
			return done
		}
	}
	made, err := u.maker.Make(quads)
	if err != nil {
		done.err = err
		return done
	}
	done.left = len(made.Left)
	done.record, done.err = u.written(made.Record)
	return done
}

// kept makes a record whose original is kept. If one of the mappers makes the triples that there
// are, nobody has changed them.
func (u *unmapper) kept(source []byte, rec *marc.Record, quads []graph.Quad, mappers []*mapping.Mapper) ([]byte, *back.Edited, error) {
	var edited *back.Edited
	var wrong error
	for _, m := range mappers {
		was, _, err := m.Append(nil, rec)
		var e *back.Edited
		if err == nil {
			e, err = u.maker.Edit(rec, was, quads)
		}
		switch {
		case err != nil:
			wrong = err
		case edited == nil || differences(e) < differences(edited):
			edited = e
		}
		if edited != nil && differences(edited) == 0 {
			break
		}
	}
	if edited == nil {
		return nil, nil, wrong
	}
	if len(edited.Changed) == 0 && rec.Format == u.format && (u.format == marc.ISO2709 || u.format == marc.MARCXML) {
		if u.format == marc.MARCXML {
			source = append(source, '\n')
		}
		return source, edited, nil
	}
	b, err := u.written(edited.Record)
	return b, edited, err
}

// differences counts what an edit has changed.
func differences(e *back.Edited) int { return len(e.Changed) + len(e.Lost) }

// written writes a record in the format that was asked for.
func (u *unmapper) written(r *marc.Record) ([]byte, error) {
	b, err := r.Append(nil, u.format)
	if n := len(b); err == nil && u.format != marc.ISO2709 && n > 0 && b[n-1] != '\n' {
		b = append(b, '\n')
	}
	return b, err
}

// marcOriginal returns the MARC record that a graph keeps, and its bytes. Graphs without one,
// and those of records that were no MARC, have none. AsIs reads it as it was read for loading.
func marcOriginal(quads []graph.Quad, asIs bool) (source []byte, r *marc.Record, err error) {
	var kept, format string
	for i := range quads {
		switch q := &quads[i]; {
		case q.S != q.G:
		case q.P == mocban.Original:
			kept = q.O.Value()
		case q.P == mocban.OriginalFormat:
			format = q.O.Value()
		}
	}
	switch format {
	case "application/marc", "application/marcxml+xml", "text/plain", "application/marc-in-json":
	default:
		return nil, nil, nil
	}
	if source, err = base64.StdEncoding.DecodeString(kept); err != nil {
		return nil, nil, fmt.Errorf("the original record cannot be read: %w", err)
	}
	in, err := marc.NewReader(bytes.NewReader(source), marc.ReadOptions{AsIs: asIs})
	if err != nil {
		return nil, nil, fmt.Errorf("the original record cannot be read: %w", err)
	}
	if r, err = in.Next(); err != nil {
		return nil, nil, fmt.Errorf("the original record cannot be read: %w", err)
	}
	return source, r, nil
}

// put writes a record and counts it, or tells why there is none.
func (u *unmapper) put(done unmapped) error {
	switch {
	case done.err != nil:
		if u.aside++; u.aside <= mostTold {
			u.tellWhy(done)
		}
		return nil
	case done.edited == nil:
		u.made++
	case len(done.edited.Changed) > 0:
		u.changed++
	default:
		u.asTheyCame++
	}
	if u.left += done.left; done.edited != nil {
		u.left += len(done.edited.Lost)
	}
	if u.line.due() {
		n := u.asTheyCame + u.changed + u.made
		u.line.line("%s biểu ghi", "%s records", u.number(uint64(n)))
	}
	_, err := u.out.Write(done.record)
	return err
}

// mostTold is for how many graphs it is told why there is no record.
const mostTold = 20

// tellWhy tells why there is no record of a graph.
func (u *unmapper) tellWhy(done unmapped) {
	switch {
	case errors.Is(done.err, back.ErrNoWork):
		u.sayf("%s: không có bf:Work hay bf:Instance; không lập biểu ghi thư mục được\n", "%s: there is no bf:Work and no bf:Instance, so no bibliographic record\n", done.name)
	case errors.Is(done.err, back.ErrOther):
		u.sayf("%s: đã sửa, nhưng bản gốc không phải biểu ghi thư mục MARC 21 (không có 245); hãy dùng --from-triples\n",
			"%s: it was changed, but the original is no bibliographic record of MARC 21 (there is no 245); use --from-triples\n", done.name)
	default:
		u.sayf("%s: %v\n", "%s: %v\n", done.name, done.err)
	}
}

// tell says what was written.
func (u *unmapper) tell() error {
	u.sayf("%s biểu ghi như khi nạp, %s đã sửa, %s lập từ bộ ba\n", "%s records as they came, %s changed, %s made of triples\n",
		u.number(uint64(u.asTheyCame)), u.number(uint64(u.changed)), u.number(uint64(u.made)))
	if u.left > 0 {
		u.sayf("%s bộ ba không có chỗ trong biểu ghi MARC 21\n", "%s triples have no place in the MARC 21 records\n", u.number(uint64(u.left)))
	}
	for _, name := range u.flags.records {
		if !u.found[name] {
			u.sayf("không có biểu ghi %s\n", "there is no record %s\n", name)
			u.aside++
		}
	}
	if u.aside > 0 {
		u.sayf("%s không lập được biểu ghi\n", "%s could not be made\n", u.number(uint64(u.aside)))
		return errFindings
	}
	return nil
}
