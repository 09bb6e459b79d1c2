package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"mocban/graph"
	"mocban/graph/store"
	"mocban/ingest"
	"mocban/ingest/marc"
	"mocban/sparql"
)

// demoRecords is the demonstration catalogue (see demo/README.md).
//
//go:embed demo/*.mrk
var demoRecords embed.FS

func (a *app) demoCommand() *cobra.Command {
	var bind string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "thử ngay với bộ dữ liệu có sẵn · try it with a catalogue that comes with it",
		Long: `Nạp khoảng bốn trăm biểu ghi về các tác phẩm Việt Nam vào một thư mục tạm và mở trang web.
Thư mục tạm bị xóa khi dừng (Ctrl+C).

Loads some four hundred records of Vietnamese works into a temporary folder and opens the
site. The folder is removed when you stop it (Ctrl+C).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.settings.settingsFile = settingsFile{Bind: defaultBind, LogLevel: a.settings.LogLevel, LogFormat: a.settings.LogFormat}
			override(&a.settings.Bind, os.Getenv("MOCBAN_BIND"))
			override(&a.settings.Bind, bind)
			return a.demo(cmd.Context())
		},
	}
	cmd.Flags().StringVarP(&bind, "bind", "b", "", "địa chỉ lắng nghe · address to listen on ("+defaultBind+")")
	return cmd
}

// demo publishes the demonstration catalogue from a temporary folder.
func (a *app) demo(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "mocban-demo-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	l, err := listenOn(a.settings.Bind)
	if err != nil {
		return err
	}
	defer l.Close()
	a.settings.location = dir
	a.settings.BaseURI = "http://" + l.Addr().String() + "/"
	a.settings.Name = map[string]string{"vi": "Mộc bản: bộ dữ liệu thử", "en": "mocban: a catalogue to try"}

	s, err := store.Open(a.settings.place("store"), store.Options{Volatile: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := a.loadDemo(ctx, s); err != nil {
		return err
	}
	return a.serve(ctx, s, l, serveOptions{index: "", wait: true, ready: func(address string) { a.invite(address, s) }})
}

// loadDemo loads the embedded records.
func (a *app) loadDemo(ctx context.Context, s graph.Store) error {
	var text bytes.Buffer
	names, err := fs.Glob(demoRecords, "demo/*.mrk")
	if err != nil {
		return err
	}
	for _, name := range names {
		b, err := demoRecords.ReadFile(name)
		if err != nil {
			return err
		}
		text.Write(b)
		text.WriteByte('\n')
	}
	link := a.linker()
	m, err := a.mapper(true, "")
	if err != nil {
		return err
	}
	p := ingest.Pipeline{Mapper: m, Link: link}
	report, err := p.Load(ctx, s, ingest.Stream("demo", &text, marc.ReadOptions{}))
	if err != nil {
		return fmt.Errorf("load the demonstration: %w", err)
	}
	if report.Mapped != report.Records {
		return fmt.Errorf("load the demonstration: %s", report.Text("en"))
	}
	return loadVocabulary(ctx, s)
}

// demoWork returns a thing to begin with: the first work by Nguyễn Du that has a name in
// Hán-Nôm, or any work.
func demoWork(base string, s graph.Store) string {
	const query = `PREFIX bf: <http://id.loc.gov/ontologies/bibframe/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
		SELECT ?w { ?w a bf:Work ; rdfs:label ?t FILTER(CONTAINS(?t, "Kim Vân Kiều tân truyện")) } ORDER BY ?w LIMIT 1`
	q, err := sparql.New(sparql.Options{}).Prepare(sparql.Request{Text: query})
	if err != nil {
		return base
	}
	snapshot, err := s.Snapshot()
	if err != nil {
		return base
	}
	defer snapshot.Close()
	rows, err := q.Select(context.Background(), snapshot)
	if err != nil {
		return base
	}
	defer rows.Close()
	if rows.Next() {
		return rows.Row()[0].Value()
	}
	return base
}

// page returns the address of the page of a thing: the document, not the thing.
func page(thing string) string { return strings.Replace(thing, "/id/", "/", 1) }

// invite prints what there is to try.
func (a *app) invite(address string, s graph.Store) {
	work := demoWork(a.settings.BaseURI, s)
	a.sayf(`
  Trang web đã mở:   %[1]s
  Một tác phẩm:      %[2]s
  Dữ liệu Turtle:    curl -L -H 'Accept: text/turtle' %[3]s
  Một truy vấn:      %[1]ssparql
      PREFIX bf: <http://id.loc.gov/ontologies/bibframe/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
      SELECT ?work ?title { ?work a bf:Work ; rdfs:label ?title } ORDER BY ?title LIMIT 10

  Dừng: Ctrl+C. Dữ liệu thử sẽ bị xóa.
`, `
  The site is open:  %[1]s
  A work:            %[2]s
  Its data:          curl -L -H 'Accept: text/turtle' %[3]s
  A query:           %[1]ssparql
      PREFIX bf: <http://id.loc.gov/ontologies/bibframe/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
      SELECT ?work ?title { ?work a bf:Work ; rdfs:label ?title } ORDER BY ?title LIMIT 10

  Stop: Ctrl+C. The data are removed then.
`, address, page(work), work)
}
