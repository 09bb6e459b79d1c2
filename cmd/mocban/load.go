package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/ingest"
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
	"mocban/ontology"
	"mocban/vocab/mocban"
)

// recordFlags are those of the commands that read records.
type recordFlags struct {
	baseURI, source, format, charset string
	profile, bibframe                string
	refused                          string
	rules                            []string
	recursive, json, explain         bool
	workers                          int
}

func (f *recordFlags) add(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.baseURI, "base-uri", "", "`địa chỉ` gốc của định danh · begins every IRI (MOCBAN_BASE_URI; http://"+defaultBind+"/)")
	fs.StringVar(&f.source, "source", "", "`mã` thư viện cho biểu ghi không có 003 · library code for records without 003 (MOCBAN_SOURCE)")
	fs.StringVar(&f.format, "format", "", "`định dạng` khi tên tệp không cho biết · format where the file's name does not tell: marc, marcxml, unimarc, mrk, json, csv, xlsx, xml, nt, nq, ttl, trig, jsonld")
	fs.StringVar(&f.charset, "encoding", "", "`bảng mã` của ISO 2709 và CSV · character set of ISO 2709 and CSV: utf8, marc8, tcvn3, vni, viscii, … (tự nhận · told by the record)")
	fs.StringVar(&f.refused, "refused", "", "`tệp` CSV liệt kê mọi ô, trường bị từ chối hoặc cần xem lại · file for a list, as CSV, of every cell or field that was refused or looks wrong")
	fs.StringVar(&f.profile, "profile", "", "`hồ sơ` quy tắc · profile of rules: "+strings.Join(mapping.Profiles, ", ")+" (MOCBAN_PROFILE; "+mapping.Default+")")
	fs.StringVar(&f.bibframe, "bibframe", "", "`phiên bản` BIBFRAME · version of BIBFRAME: "+strings.Join(mapping.Versions, ", ")+" ("+mapping.BIBFRAME2+")")
	fs.StringArrayVar(&f.rules, "rules", nil, "`tệp` quy tắc riêng (TSV), đặt trên quy tắc có sẵn; dùng được nhiều lần; các tệp trong mapping/ của thư mục dữ liệu cũng được đọc · table of your own rules (TSV), over ours; may be given again; those in mapping/ of the data folder are read, too")
	fs.BoolVarP(&f.recursive, "recursive", "r", false, "đọc cả thư mục · read folders too")
	fs.BoolVar(&f.json, "json", false, "báo cáo dạng JSON ra đầu ra chuẩn · report as JSON on standard output")
	fs.IntVar(&f.workers, "workers", 0, "`số` biểu ghi chuyển đổi cùng lúc (0: mỗi lõi một) · records mapped at a time (0: one per core)")
}

func (a *app) loadCommand() *cobra.Command {
	var r recordFlags
	var c checkFlags
	var graphName string
	var memory int64
	var parts partFlags
	cmd := &cobra.Command{
		Use:   "load FILE…",
		Short: "nạp biểu ghi hoặc dữ liệu RDF · load records, or RDF",
		Long: `Nạp biểu ghi (đọc những định dạng như mocban map) hoặc tệp RDF vào thư mục dữ liệu của -l, tạo mới nếu chưa có. Nạp lại một
biểu ghi thì thay bản cũ của nó; bản gốc của mỗi biểu ghi được giữ. Biểu ghi hỏng được để riêng trong thư mục aside (mã thoát 3).

Records (of the formats that mocban map reads) or files of RDF into the data folder of -l, which is made if it is not there. A record
that is loaded again replaces what it was; the original of each is kept. What is broken is set aside in the folder aside (exit code 3).

` + profilesHelp,
		Example: `  mocban load -l data --base-uri https://data.example.vn/ --source VN-XYZ records.mrc
  mocban load -l data more.xml.gz again.mrk
  zcat all.nq.gz | mocban load -l data --format nq -
  mocban load -l data --resume --memory 2048 huge-1.nq.zst huge-2.nq.zst`,
		Args: someFiles,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			a.useRecordFlags(r)
			// Whatever is wrong with the call is told before a folder is made.
			rdf, records, err := a.split(args, r)
			if err != nil {
				return err
			}
			g, err := namedGraph(graphName)
			if err != nil {
				return err
			}
			link := a.linker()
			m, err := a.mapper(true, "")
			if err != nil {
				return err
			}
			if memory < 0 || parts.commit == 0 {
				return usagef("--memory and --commit need positive numbers")
			}
			a.memory = memory << 20
			s, err := a.openStore(storeCreate)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			if err := a.settings.keep(len(records) > 0); err != nil {
				return err
			}
			return a.load(cmd.Context(), s, m, link, rdf, records, g, r, c, parts)
		},
	}
	r.add(cmd)
	c.add(cmd)
	f := cmd.Flags()
	f.Int64Var(&memory, "memory", 0, "`MiB` bộ nhớ để sắp xếp, phần còn lại dùng tệp tạm (0: một phần tư máy, tối đa 3072) · MiB of memory to sort in, the rest in files (0: a quarter of the machine, at most 3072)")
	f.BoolVar(&parts.resume, "resume", false, "ghi từng phần, và tiếp tục chỗ lần nạp trước bị dừng · commit in parts, and go on where an earlier load was stopped")
	f.Uint64Var(&parts.commit, "commit", 10_000_000, "với --resume: `số` bộ bốn mỗi lần ghi · with --resume: quads of RDF a commit")
	f.StringVar(&graphName, "graph", "", "`đồ thị` cho bộ ba không có đồ thị · graph for triples that name none")
	return cmd
}

// profilesHelp says what profiles there are.
const profilesHelp = `Hồ sơ quy tắc (--profile):
  default   quy tắc của mocban
  koha-vn   tệp xuất từ Koha: mỗi bản sách một biểu ghi, nhiều người trong một trường, số thứ tự ở chỗ ISBN
  unimarc   coi mọi biểu ghi thư mục là UNIMARC (khi không nêu, UNIMARC được nhận ra từ trường 200 và 100)
  lc-2.10   đúng như marc2bibframe2 2.10 của Thư viện Quốc hội Hoa Kỳ, kể cả lỗi của nó

Profiles (--profile):
  default   the rules of mocban
  koha-vn   exports of Koha with a record for each copy, several persons in one field, running numbers for ISBNs
  unimarc   every bibliographic record is UNIMARC (without it, 200 and 100 tell)
  lc-2.10   what marc2bibframe2 2.10 of the Library of Congress makes, its mistakes too`

// partFlags say whether a load is committed in parts. Otherwise all files of RDF, and all records
// that are loaded into an empty store, come in at once or not at all.
type partFlags struct {
	resume bool
	commit uint64
}

func (a *app) mapCommand() *cobra.Command {
	var r recordFlags
	var c checkFlags
	var output, aside, generated string
	var original, coverage bool
	var explain string
	var authorities []string
	cmd := &cobra.Command{
		Use:   "map FILE…",
		Short: "chuyển biểu ghi thành N-Quads, không cần kho · records in, N-Quads out, without a store",
		Long: `Chuyển biểu ghi thành dữ liệu liên kết (BIBFRAME và Schema.org, dạng N-Quads), mỗi biểu ghi một đồ thị. Đọc MARC 21 và
UNIMARC (ISO 2709, MARCXML, JSON, dạng dòng), Dublin Core, MODS, METS, EAD, CSV, XLSX…; định dạng được nhận ra từ nội dung.
Kết quả ra đầu ra chuẩn hoặc tệp -o, báo cáo ra đầu ra lỗi. Biểu ghi hỏng được để riêng, không làm dừng việc (mã thoát 3).

Records to linked data (BIBFRAME and Schema.org, as N-Quads), a graph for each. It reads MARC 21 and UNIMARC (ISO 2709, MARCXML,
JSON, lines), Dublin Core, MODS, METS, EAD, CSV, XLSX …; the format is told by the content. Quads go to standard output or to
the file of -o, the report to standard error. What is broken is set aside and stops nothing (exit code 3).

` + profilesHelp,
		Example: `  mocban map records.mrc > records.nq
  cat records.xml | mocban map - | head
  mocban map --rules own.tsv --explain records.mrc | less
  mocban map --authorities authorities.mrc records.mrc > linked.nq
  mocban map --coverage records.mrc > coverage.tsv
  mocban map --coverage -l data
  mocban map --profile koha-vn koha.mrc > koha.nq
  mocban map --profile lc-2.10 records.mrc > like-marc2bibframe2.nq`,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			ofStore := coverage && explain == "" && len(args) == 0 && a.settings.location != ""
			if !ofStore && len(args) == 0 {
				return someFiles(cmd, args)
			}
			if r.json && (output == "" || output == "-") {
				return usagef("--json needs --output FILE, since the quads go to standard output")
			}
			a.useRecordFlags(r)
			sources, err := a.sources(args, r)
			if err != nil {
				return err
			}
			if ofStore {
				override(&output, a.settings.place(coverageFile))
				return a.coverageOfStore(cmd.Context(), output)
			}
			if explain != "" || coverage {
				r.explain = explain != ""
				if err := a.useAuthorities(cmd.Context(), authorities, r); err != nil {
					return err
				}
				return a.write(output, func(w io.Writer) error {
					switch explain {
					case "":
						return a.coverage(cmd.Context(), w, sources)
					case "text", "json":
						return a.explain(cmd.Context(), w, explain, sources)
					}
					return wrongf("--explain: %q không phải text hay json", "--explain: %q is neither text nor json", explain)
				})
			}
			boundMemory(r.workers)
			if err := a.useAuthorities(cmd.Context(), authorities, r); err != nil {
				return err
			}
			m, err := a.mapper(original, generated)
			if err != nil {
				return err
			}
			p := a.pipeline(m, r)
			p.Quarantine = aside
			line := a.newProgress()
			p.Progress = a.recordProgress(line)
			seen := make(findings)
			p.Notice = seen.note
			finish, err := a.judge(p, c)
			if err != nil {
				return err
			}
			list, err := a.listRefused(p, r.refused)
			if err != nil {
				return err
			}
			suggest, err := a.lookForKoha(p)
			if err != nil {
				return err
			}
			var report ingest.Report
			err = a.write(output, func(w io.Writer) (err error) {
				defer line.done()
				report, err = p.Map(cmd.Context(), w, sources...)
				return err
			})
			if err = errors.Join(err, finish(report.Quality), list()); err != nil {
				return err
			}
			defer suggest()
			return a.tell(report, r.json, p, seen)
		},
	}
	r.add(cmd)
	c.add(cmd)
	f := cmd.Flags()
	f.StringVarP(&output, "output", "o", "", "`tệp` kết quả, .gz và .zst được nén (không có: ra đầu ra chuẩn) · file to write to, else standard output; .gz and .zst are compressed")
	f.StringArrayVar(&authorities, "authorities", nil, authoritiesUsage)
	f.StringVar(&aside, "aside", "", "`thư mục` cất biểu ghi để riêng, kèm lý do · folder for records that are set aside")
	f.StringVar(&generated, "generated", "", "`thời điểm` chuyển đổi, hồ sơ lc-2.10 ghi lại · when it was done, which lc-2.10 tells: 2026-01-01T00:00:00Z")
	f.StringVar(&explain, "explain", "", "thay vì N-Quads: từng trường con đã thành gì, theo quy tắc nào; text hoặc json · instead of N-Quads: what became of each subfield, by which row; text or json")
	f.Lookup("explain").NoOptDefVal = "text"
	f.BoolVar(&coverage, "coverage", false, "thay vì N-Quads: bảng TSV, mỗi trường con gặp bao nhiêu lần và ra sao; không nêu tệp thì tính cho cả kho, trang /mapping/coverage hiện kết quả · instead of N-Quads: a table (TSV) of how often each subfield came and what became of it; without FILE of all records of the store, for the page /mapping/coverage")
	f.BoolVar(&original, "original", false, "kèm biểu ghi gốc · keep the bytes of each record in its graph")
	return cmd
}

const authoritiesUsage = "`tệp` biểu ghi nhất quán mà tiêu đề dẫn tới; dùng được nhiều lần · file of authority records that headings are to lead to; may be given again"

// boundMemory keeps the process that maps records within 64 MB on two cores, however large the
// files are: hardly anything lives longer than its record. Up to 28 MB of these are the program
// itself. Each more worker has names that it knows and records under way.
func boundMemory(workers int) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	debug.SetGCPercent(400)
	debug.SetMemoryLimit((28 + 4*int64(workers)) << 20)
}

func (a *app) useRecordFlags(r recordFlags) {
	override(&a.settings.BaseURI, r.baseURI)
	override(&a.settings.Source, r.source)
	override(&a.settings.Profile, r.profile)
	override(&a.settings.BIBFRAME, r.bibframe)
	a.rules = r.rules
	if strings.EqualFold(r.format, "unimarc") && r.profile == "" {
		a.settings.Profile = mapping.UNIMARC
	}
}

// mapper returns the mapper that the settings ask for.
func (a *app) mapper(original bool, generated string) (*mapping.Mapper, error) {
	return a.mapperFor("", original, generated)
}

// mapperFor is mapper for records of a library that name none; "" is the one of the settings.
func (a *app) mapperFor(library string, original bool, generated string) (*mapping.Mapper, error) {
	if library == "" {
		library = a.settings.Source
	}
	base, err := a.settings.base()
	if err != nil {
		return nil, err
	}
	if p := a.settings.Profile; p != "" && !slices.Contains(mapping.Profiles, p) {
		return nil, wrongf("không có hồ sơ chuyển đổi %q; có: %s", "there is no profile %q; there are: %s", p, strings.Join(mapping.Profiles, ", "))
	}
	if v := a.settings.BIBFRAME; v != "" && !slices.Contains(mapping.Versions, v) {
		return nil, wrongf("không có phiên bản BIBFRAME %q; có: %s", "there is no version %q of BIBFRAME; there are: %s", v, strings.Join(mapping.Versions, ", "))
	}
	if generated != "" {
		if _, err := time.Parse(time.RFC3339, generated); err != nil {
			return nil, usagef("--generated: %q is no time such as 2026-01-01T00:00:00Z", generated)
		}
	}
	overlays, err := a.overlays()
	if err != nil {
		return nil, err
	}
	return mapping.New(mapping.Options{
		Overlays: overlays, Base: base, Source: library, Original: original, Profile: a.settings.Profile, Generated: generated,
		Authorities: a.authorities, BIBFRAME: a.settings.BIBFRAME,
	})
}

// An rdfFile is a path with the format it is to be read in.
type rdfFile struct {
	path   string
	format *rdfio.Format
}

// split tells files of RDF from files of records.
func (a *app) split(paths []string, r recordFlags) (rdf []rdfFile, records []ingest.Source, err error) {
	var rest []string
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			rest = append(rest, path)
			continue
		}
		in := &input{close: func() error { return nil }} // standard input can be read but once
		if path != "-" {
			if in, err = a.open(path); err != nil {
				return nil, nil, err
			}
		}
		f, ok, err := in.rdfFormat(r.format)
		in.Close()
		switch {
		case err != nil:
			return nil, nil, err
		case ok:
			rdf = append(rdf, rdfFile{path, f})
		default:
			rest = append(rest, path)
		}
	}
	records, err = a.sources(rest, r)
	return rdf, records, err
}

// sources returns the files with records.
func (a *app) sources(paths []string, r recordFlags) ([]ingest.Source, error) {
	o := marc.ReadOptions{Charset: r.charset, AsIs: mapping.AsIs(a.settings.Profile), Format: strings.ToLower(r.format)}
	var sources []ingest.Source
	for _, path := range paths {
		if path == "-" {
			sources = append(sources, ingest.Stream(a.pick("đầu vào chuẩn", "standard input"), a.in, o))
			continue
		}
		more, err := ingest.Files([]string{path}, r.recursive, o)
		if err != nil {
			return nil, &usageError{err}
		}
		sources = append(sources, more...)
	}
	return sources, nil
}

func (a *app) pipeline(m ingest.Mapper, r recordFlags) *ingest.Pipeline {
	return &ingest.Pipeline{Mapper: m, Workers: r.workers, Interval: 200 * time.Millisecond}
}

// recordProgress tells of records, with the rate and the time that is left.
func (a *app) recordProgress(line *progress) func(ingest.Progress) {
	return func(p ingest.Progress) {
		if !line.due() {
			return
		}
		vi, en := "%s biểu ghi, %s mỗi giây%s", "%s records, %s a second%s"
		rest := ""
		if p.Left > 0 {
			rest = fmt.Sprintf(a.pick(", còn %s", ", %s left"), p.Left.Round(time.Second))
		}
		if p.Step == "commit" {
			rest = a.pick(", đang ghi", ", writing")
		}
		line.line(vi, en, a.number(p.Records), a.number(uint64(p.Rate)), rest)
	}
}

// load loads RDF and records, and the vocabulary that pages need.
func (a *app) load(ctx context.Context, s graph.Store, m *mapping.Mapper, link *ingest.Linker, rdf []rdfFile, records []ingest.Source, g graph.Term, r recordFlags, c checkFlags, parts partFlags) error {
	if parts.resume && len(rdf) > 0 {
		if err := a.loadInParts(ctx, s, rdf, g, parts.commit); err != nil {
			return err
		}
	} else if len(rdf) > 0 {
		if err := a.loadRDF(ctx, s, rdf, g); err != nil {
			return err
		}
	}
	if len(records) == 0 {
		return nil
	}
	p, seen := a.pipeline(m, r), make(findings)
	p.Notice = seen.note
	p.InParts, p.Link = parts.resume, link
	finish, err := a.judge(p, c)
	if err != nil {
		return err
	}
	list, err := a.listRefused(p, r.refused)
	if err != nil {
		return err
	}
	suggest, err := a.lookForKoha(p)
	if err != nil {
		return err
	}
	report, err := a.loadRecords(ctx, s, p, records)
	if err = errors.Join(err, finish(report.Quality), list()); err != nil {
		return err
	}
	if err := loadVocabulary(ctx, s); err != nil {
		return err
	}
	defer suggest()
	return a.tell(report, r.json, p, seen)
}

// loadRecords maps records into the store.
func (a *app) loadRecords(ctx context.Context, s graph.Store, p *ingest.Pipeline, records []ingest.Source) (ingest.Report, error) {
	p.Quarantine = a.settings.place("aside")
	p.Checkpoint = a.settings.place("checkpoint")
	line := a.newProgress()
	defer line.done()
	p.Progress = a.recordProgress(line)
	return p.Load(ctx, s, records...)
}

// loadVocabulary puts the names of codes, classes and properties into their graph. Where they
// are the same already nothing changes.
func loadVocabulary(ctx context.Context, s graph.Store) error {
	quads, err := ontology.Vocabulary()
	if err != nil {
		return fmt.Errorf("read vocabulary: %w", err)
	}
	_, err = s.Update(ctx, func(t graph.Txn) error {
		t.SetSource("mocban vocabulary")
		if err := t.DropGraph(mocban.Vocabulary.Term()); err != nil {
			return err
		}
		return t.Add(quads...)
	})
	if err != nil {
		return fmt.Errorf("load vocabulary: %w", err)
	}
	return nil
}

// loadRDF adds the quads of documents, all of them or none. They are one change set: the terms
// of a document that is loaded into a filled store would stand behind those that are there.
func (a *app) loadRDF(ctx context.Context, s graph.Store, files []rdfFile, g graph.Term) error {
	base, err := a.settings.base()
	if err != nil {
		return err
	}
	first, err := isEmpty(s)
	if err != nil {
		return err
	}
	line := a.newProgress()
	defer line.done()
	start := time.Now()
	var counts []fileCount
	_, err = s.Load(ctx, func(l graph.Loader) error {
		var names []string
		for i, f := range files {
			o := rdfio.ReadOptions{Base: base, Graph: g, KeepBlanks: first && i == 0}
			c, err := a.addFile(ctx, l, f, o, line)
			if err != nil {
				return err
			}
			counts, names = append(counts, c), append(names, c.base)
			l.SetSource(sourceOf(names))
		}
		return nil
	})
	if err != nil {
		return err
	}
	line.done()
	var sum uint64
	counts = slices.DeleteFunc(counts, func(c fileCount) bool { return c.quads == 0 })
	what := ""
	for _, c := range counts {
		if sum += c.quads; len(counts) > 1 {
			a.sayf("%s: %s bộ bốn\n", "%s: %s quads\n", c.name, a.number(c.quads))
		}
		what = c.name
	}
	if len(counts) > 1 {
		what = fmt.Sprintf(a.pick("%d tệp", "%d files"), len(counts))
	}
	if sum > 0 {
		a.sayf("%s: %s bộ bốn trong %s giây\n", "%s: %s quads in %s s\n", what, a.number(sum), a.seconds(time.Since(start)))
	}
	return nil
}

// A fileCount tells how many quads a document had.
type fileCount struct {
	name, base string // as people are told, and as the change set has it
	quads      uint64
}

// addFile adds the quads of a document to a load.
func (a *app) addFile(ctx context.Context, l graph.Loader, f rdfFile, o rdfio.ReadOptions, line *progress) (c fileCount, err error) {
	in, err := a.open(f.path)
	if err != nil {
		return c, err
	}
	defer in.Close()
	c.name, c.base = in.name, in.base
	if in.empty() {
		a.sayf("%s trống: không có gì để nạp\n", "%s is empty: nothing to load\n", in.name)
		return c, nil
	}
	var mu sync.Mutex // of the count and the line
	err = rdfio.ScanParallel(ctx, f.format, in, o, func(_ int, quads []graph.Quad) error {
		if err := l.Add(quads...); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		c.quads += uint64(len(quads))
		if line.due() {
			line.line("%s: %s bộ bốn", "%s: %s quads", in.name, a.number(c.quads))
		}
		return nil
	})
	if err != nil {
		return c, fmt.Errorf("%s: %w; nothing was loaded", in.name, err)
	}
	return c, nil
}

// sourceOf tells the source of a change set that has several.
func sourceOf(names []string) string {
	const most = 8
	if len(names) > most {
		return fmt.Sprintf("%s, … (%d files)", strings.Join(names[:most], ", "), len(names))
	}
	return strings.Join(names, ", ")
}

// isEmpty tells whether nothing was ever put into a store. The labels of blank nodes in the
// first document cannot meet others, so they are kept: a dump that is loaded into a new
// store gives the same dump again.
func isEmpty(s graph.Store) (bool, error) {
	snapshot, err := s.Snapshot()
	if err != nil {
		return false, err
	}
	defer snapshot.Close()
	return snapshot.Version() == 0, nil
}

// namedGraph returns the graph that a flag names.
func namedGraph(name string) (graph.Term, error) {
	if name == "" {
		return graph.Term{}, nil
	}
	return graph.IRI(name).Term(), nil
}
