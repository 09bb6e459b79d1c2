package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mocban/ingest"
	"mocban/ingest/harvest"
	"mocban/ingest/mapping"
	"mocban/ingest/quality"
)

// sourceSettings are a [[harvest]] of mocban.toml.
type sourceSettings struct {
	Name        string   `toml:"name"`
	Kind        string   `toml:"kind"`
	URL         string   `toml:"url,omitempty"`
	Prefix      string   `toml:"prefix,omitempty"`
	Sets        []string `toml:"sets,omitempty"`
	Singly      bool     `toml:"singly,omitempty"`
	Query       string   `toml:"query,omitempty"`
	Version     string   `toml:"version,omitempty"`
	Schema      string   `toml:"schema,omitempty"`
	Path        string   `toml:"path,omitempty"`
	Library     string   `toml:"library,omitempty"`
	Format      string   `toml:"format,omitempty"`
	Encoding    string   `toml:"encoding,omitempty"`
	Every       duration `toml:"every,omitempty"`
	Full        duration `toml:"full,omitempty"`
	Wait        duration `toml:"wait,omitempty"`
	MaxWithdraw int      `toml:"max-withdraw,omitempty"`
}

// A duration is one as Go writes it, "36h" or "90s", or a number of days, "7d".
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	s := string(text)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n int
		if _, err := fmt.Sscanf(days+"\n", "%d\n", &n); err == nil && n >= 0 && n < 10_000 {
			*d = duration(time.Duration(n) * 24 * time.Hour)
			return nil
		}
	}
	t, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is no time such as 90s, 36h or 7d", s)
	}
	*d = duration(t)
	return nil
}

// source returns the source that the settings ask for.
func (s *sourceSettings) source(library string) harvest.Source {
	out := harvest.Source{
		Name: s.Name, Kind: harvest.Kind(s.Kind), URL: s.URL, Prefix: s.Prefix, Sets: s.Sets, Singly: s.Singly,
		Query: s.Query, Version: s.Version, Schema: s.Schema, Path: s.Path, Library: s.Library, Format: s.Format, Charset: s.Encoding,
		Every: time.Duration(s.Every), Full: time.Duration(s.Full), Wait: time.Duration(s.Wait), MaxWithdraw: s.MaxWithdraw,
	}
	if out.Library == "" {
		out.Library = library
	}
	return out
}

// harvestFlags are those of harvest.
type harvestFlags struct {
	all, full, force, watch, list, strict, json bool
	workers                                     int
}

func (a *app) harvestCommand() *cobra.Command {
	var f harvestFlags
	cmd := &cobra.Command{
		Use:   "harvest [NAME…]",
		Short: "thu hoạch biểu ghi từ OAI-PMH, SRU và thư mục · bring records from OAI-PMH, SRU and folders",
		Long: `Lấy biểu ghi mới, sửa, xóa từ các nguồn ghi trong mocban.toml. Không nêu tên thì chạy các nguồn đến hạn.
Nguồn bị ngắt giữa chừng sẽ chạy tiếp từ chỗ đã dừng; chạy lại không làm thay đổi gì nếu nguồn không đổi.
Nhật ký và báo cáo chất lượng của mỗi nguồn nằm trong harvest/TÊN của thư mục dữ liệu.

Brings what is new, changed or deleted at the sources of mocban.toml. Without names, those that are due are run.
A run that was stopped goes on where it was; running again changes nothing where the source has not changed.
The log and the quality report of each source are in harvest/NAME of the data folder.

  [[harvest]]
  name = "truong"                  # chữ, số, - và _ · letters, digits, - and _
  kind = "oai"                     # oai, sru, folder
  url = "https://thuvien.example.vn/oai"
  prefix = "marcxml"               # tự chọn · chosen by itself
  sets = ["sach"]                  # mọi bộ · all
  library = "VN-TRUONG"            # cho biểu ghi không có 003 · for records without 003
  every = "1d"                     # bao lâu một lần · how often
  full = "30d"                     # lấy lại toàn bộ · all of it anew
  wait = "2s"                      # nghỉ giữa hai yêu cầu · between requests

  [[harvest]]
  name = "quoc-gia"
  kind = "sru"
  url = "https://sru.example.vn/"
  query = "dc.language=vie"        # version = "1.2", schema = "marcxml"

  [[harvest]]
  name = "hop-thu"
  kind = "folder"
  path = "/srv/bieu-ghi"
  every = "10m"`,
		Example: `  mocban harvest -l data
  mocban harvest -l data truong --full
  mocban harvest -l data --watch`,
		RunE: func(cmd *cobra.Command, args []string) error {
			sources, err := a.harvestSources(args)
			if err != nil {
				return err
			}
			return a.harvest(cmd.Context(), sources, f, len(args) > 0)
		},
	}
	fs := cmd.Flags()
	fs.BoolVar(&f.all, "all", false, "mọi nguồn, kể cả chưa đến hạn · all sources, due or not")
	fs.BoolVar(&f.full, "full", false, "lấy lại toàn bộ nguồn · ask for all of a source, not only for what has changed")
	fs.BoolVar(&f.force, "force", false, "bỏ biểu ghi đã mất ở nguồn dù nhiều · withdraw what is gone at the source, however much it is")
	fs.BoolVar(&f.watch, "watch", false, "chạy mãi theo lịch · go on by the schedule until stopped")
	fs.BoolVar(&f.list, "list", false, "chỉ liệt kê nguồn và giờ chạy tới · only list the sources and when they are due")
	fs.BoolVar(&f.strict, "strict", false, "để riêng biểu ghi có lỗi · set records aside that have a violation")
	fs.BoolVar(&f.json, "json", false, "báo cáo dạng JSON ra đầu ra chuẩn · report as JSON on standard output")
	fs.IntVar(&f.workers, "workers", 0, "số luồng chuyển đổi · records mapped at a time (0: one per core)")
	return cmd
}

// harvestSources returns the sources with the names, or all.
func (a *app) harvestSources(names []string) (sources []harvest.Source, err error) {
	if _, err := a.settings.needLocation(); err != nil {
		return nil, err
	}
	if len(a.settings.Sources) == 0 {
		return nil, wrongf("%s không có nguồn nào; xem mocban help harvest", "%s names no source; see mocban help harvest", a.settings.file)
	}
	seen := map[string]bool{}
	for i := range a.settings.Sources {
		s := a.settings.Sources[i].source(a.settings.Source)
		if err := s.Check(); err != nil {
			return nil, usagef("%s: %w", a.settings.file, err)
		}
		if seen[s.Name] {
			return nil, usagef("%s: two sources are called %s", a.settings.file, s.Name)
		}
		seen[s.Name] = true
		if len(names) == 0 || slices.Contains(names, s.Name) {
			sources = append(sources, s)
		}
	}
	for _, name := range names {
		if !seen[name] {
			return nil, wrongf("%[2]s không có nguồn %[1]s", "there is no source %[1]s in %[2]s", name, a.settings.file)
		}
	}
	return sources, nil
}

// harvest runs sources.
func (a *app) harvest(ctx context.Context, sources []harvest.Source, f harvestFlags, named bool) (err error) {
	h := &harvest.Harvester{Dir: a.settings.place("harvest"), Agent: "mocban/" + version, Force: f.force, All: f.full}
	if f.list {
		return a.listSources(h, sources)
	}
	judge, err := quality.New(nil)
	if err != nil {
		return err
	}
	base, err := a.settings.base()
	if err != nil {
		return err
	}
	overlays, err := a.overlays()
	if err != nil {
		return err
	}
	link := a.linker()
	h.Mapper = func(library string) (ingest.Mapper, error) {
		return mapping.New(mapping.Options{Base: base, Source: library, Original: true, Overlays: overlays, Profile: a.settings.Profile, Authorities: a.authorities, BIBFRAME: a.settings.BIBFRAME})
	}
	h.Pipeline = ingest.Pipeline{Link: link, Workers: f.workers, Quarantine: a.settings.place("aside"), Judge: judge, Strict: f.strict, Interval: 200 * time.Millisecond}
	line := a.newProgress()
	defer line.done()
	h.Pipeline.Progress = a.recordProgress(line)
	if h.Log, err = a.logger(); err != nil {
		return err
	}
	if h.Store, err = a.openStore(storeCreate); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Store.Close()) }()
	if err := a.settings.keep(true); err != nil {
		return err
	}
	if err := loadVocabulary(ctx, h.Store); err != nil {
		return err
	}
	failed := false
	done := func(rep harvest.Report, err error) {
		line.done()
		failed = failed || err != nil || rep.Load.Aside+rep.Load.Refused > 0
		a.tellHarvest(rep, err, f.json)
	}
	if f.watch {
		return h.Watch(ctx, sources, done)
	}
	ran := 0
	for _, s := range sources {
		due, err := h.Due(s)
		if err != nil {
			return err
		}
		if !f.all && !named && due.After(time.Now()) {
			continue
		}
		ran++
		rep, err := h.Run(ctx, s)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		done(rep, err)
	}
	if ran == 0 {
		a.sayf("không có nguồn nào đến hạn; --all chạy mọi nguồn\n", "no source is due; --all runs them all\n")
	}
	if failed {
		return errFindings
	}
	return nil
}

// listSources prints the sources and when they are due.
func (a *app) listSources(h *harvest.Harvester, sources []harvest.Source) error {
	for _, s := range sources {
		due, err := h.Due(s)
		if err != nil {
			return err
		}
		when := a.pick("ngay", "now")
		if due.After(time.Now()) {
			when = due.Local().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(a.out, "%s\t%s\t%s\t%s\n", s.Name, s.Kind, when, s.URL+s.Path)
	}
	return nil
}

// tellHarvest tells of a run.
func (a *app) tellHarvest(rep harvest.Report, err error, asJSON bool) {
	if asJSON {
		e := json.NewEncoder(a.out)
		if e.Encode(rep) == nil {
			return
		}
	}
	how := a.pick("thay đổi", "changes")
	if rep.Full {
		how = a.pick("toàn bộ", "all")
	}
	a.sayf("%s (%s): %d biểu ghi trong danh sách, %d đã xóa ở nguồn, %d rút khỏi kho\n", "%s (%s): %d records listed, %d deleted at the source, %d withdrawn here\n",
		rep.Source, how, rep.Listed, rep.Deleted, rep.Withdrawn)
	for _, rule := range slices.Sorted(maps.Keys(rep.Repairs)) {
		a.sayf("  phản hồi đã sửa: %s %d\n", "  responses mended: %s %d\n", rule, rep.Repairs[rule])
	}
	if rep.Incomplete != "" {
		a.sayf("  danh sách không đủ (%s): không rút biểu ghi nào vì thiếu\n", "  the list is not whole (%s): nothing is withdrawn for being missing\n", rep.Incomplete)
	}
	if rep.Ill > 0 {
		a.sayf("  máy chủ bị lỗi ở %d biểu ghi; lần sau sẽ hỏi lại\n", "  the server breaks down at %d records; the next run asks for them again\n", rep.Ill)
	}
	if rep.Load.Records > 0 {
		fmt.Fprint(a.err, rep.Load.Text(a.settings.lang))
		fmt.Fprint(a.err, rep.Load.Quality.Text(a.settings.lang))
	}
	if err != nil {
		a.complain(err)
	}
}
