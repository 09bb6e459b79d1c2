package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mocban/graph"
	"mocban/graph/text"
	"mocban/publish"
	"mocban/sparql"
	"mocban/vocab/bf"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
	"mocban/vocab/schema"
	"mocban/vocab/skos"
)

func (a *app) serveCommand() *cobra.Command {
	var bind, baseURI string
	var timeout time.Duration
	var allowUpdate bool
	var tokenFile string
	var services, loadFrom []string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "mở trang web và điểm truy vấn · open the site and the SPARQL endpoint",
		Example: `  mocban serve --location data
  mocban serve --location data --bind 0.0.0.0:8206 --base-uri https://data.example.vn/
  MOCBAN_TOKEN=... mocban serve --location data --allow-update
  mocban serve --location data --allow-service https://query.wikidata.org/sparql`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			override(&a.settings.Bind, bind)
			override(&a.settings.BaseURI, baseURI)
			override(&a.settings.TokenFile, tokenFile)
			a.settings.AllowUpdate = a.settings.AllowUpdate || allowUpdate
			a.settings.Services = append(a.settings.Services, services...)
			a.settings.LoadFrom = append(a.settings.LoadFrom, loadFrom...)
			s, err := a.openStore(storeServe)
			if err != nil {
				return err
			}
			l, err := listenOn(a.settings.Bind)
			if err != nil {
				return errors.Join(err, s.Close())
			}
			err = a.serve(cmd.Context(), s, l, serveOptions{
				index:   a.settings.place("text"),
				dumps:   a.settings.place("dumps"),
				timeout: timeout,
				ready: func(address string) {
					a.sayf("Trang web đã mở tại %s (dừng: Ctrl+C)\n", "The site is open at %s (stop: Ctrl+C)\n", address)
				},
			})
			return errors.Join(err, s.Close())
		},
	}
	f := cmd.Flags()
	f.StringVarP(&bind, "bind", "b", "", "địa chỉ lắng nghe · address to listen on (MOCBAN_BIND; "+defaultBind+")")
	f.StringVar(&baseURI, "base-uri", "", "địa chỉ gốc của định danh · begins every IRI (MOCBAN_BASE_URI)")
	f.DurationVar(&timeout, "timeout", 0, "giới hạn mỗi truy vấn · limit of one query (30s)")
	f.BoolVar(&allowUpdate, "allow-update", false, "nhận SPARQL Update và Graph Store Protocol: ai có mã MOCBAN_TOKEN; không có mã thì chỉ từ máy này · accept changes over HTTP from who shows MOCBAN_TOKEN; without a token, from this machine only")
	f.StringVar(&tokenFile, "token-file", "", "tệp chứa mã truy cập · file that holds the token")
	f.StringArrayVar(&services, "allow-service", nil, "điểm truy vấn mà SERVICE được hỏi · an endpoint that SERVICE may ask")
	f.StringArrayVar(&loadFrom, "allow-load", nil, "nơi LOAD được lấy tài liệu, có / ở cuối · where LOAD may fetch documents from, with / at its end")
	return cmd
}

type serveOptions struct {
	index   string // folder of the search index, "" for memory
	dumps   string // folder of the dumps, "" for none
	timeout time.Duration
	ready   func(address string)
	wait    bool // whether the search index is complete before ready is called
}

// indexed says which predicates name things, for the search: the labels of everything that
// has a page, its other names, and the numbers it is known by.
func indexed() text.Options {
	return text.Options{
		Names: []text.Name{
			{Predicate: rdfs.Label},
			{Predicate: skos.PrefLabel},
			{Predicate: skos.AltLabel, Weight: 0.8},
			{Predicate: schema.AlternateName, Weight: 0.7},
		},
		Types:       []graph.IRI{bf.Work, bf.Instance, bf.AgentClass, skos.Concept, bf.PlaceClass, bf.Hub},
		Identifiers: []graph.IRI{rdf.Value, schema.Isbn, schema.Issn},
	}
}

// listenOn listens on an address, or on the default one.
func listenOn(address string) (net.Listener, error) {
	if address == "" {
		address = defaultBind
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, wrongf("không mở được %s (có mocban khác đang chạy? hãy chọn địa chỉ khác bằng --bind): %w",
			"cannot listen on %s (is another mocban running? choose another with --bind): %w", address, errors.Unwrap(err))
	}
	return l, nil
}

// serve publishes a store until the context is done.
func (a *app) serve(ctx context.Context, s graph.Store, listener net.Listener, o serveOptions) (err error) {
	defer listener.Close()
	base, err := a.settings.base()
	if err != nil {
		return err
	}
	log, err := a.logger()
	if err != nil {
		return err
	}
	if err := a.warnOfBase(ctx, s, base); err != nil {
		return err
	}
	index, err := text.Open(o.index, indexed())
	if err != nil {
		return fmt.Errorf("open search index: %w", err)
	}
	defer func() { err = errors.Join(err, index.Close()) }()

	options := sparql.Options{Limits: sparql.Limits{Time: o.timeout, Rows: max(0, a.settings.ResultRows)}, Search: index, Disk: a.queryDisk()}
	if err := options.Disk.Clean(); err != nil {
		return err
	}
	if err := a.mayAsk(&options); err != nil {
		return err
	}
	write, err := a.mayWrite()
	if err != nil {
		return err
	}
	limit := memoryLimit("/")
	keepWithin(limit)
	config := publish.Config{
		Base: base, Store: s, Search: index, Write: write,
		Engine: sparql.New(options),
		Name:   a.settings.Name, Publisher: a.settings.Publisher, License: graph.IRI(a.settings.License),
		Dumps: o.dumps, Links: a.settings.place(linksFile), QueryTime: o.timeout, QueryMemory: cmp.Or(a.settings.QueryMemory<<20, queryMemory(limit)),
		Results: a.settings.ResultCache << 20, ResultBytes: a.settings.ResultSize << 20,
		QueryBudget: time.Duration(a.settings.QueryBudget) * time.Second, Log: log, Records: marcRecords{},
	}
	if maps, err := a.newMappingPages(); err == nil {
		config.Mapping = maps
	} else { // a slip in a table of rules does not close the site
		a.complain(err)
		a.sayf("Trang /mapping không mở cho đến khi sửa xong lỗi này.\n", "The page /mapping stays closed until this is mended.\n")
	}
	handler, err := publish.New(config)
	if err != nil {
		return err
	}
	follow, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	if o.wait {
		if _, err := index.CatchUp(ctx, s); err != nil {
			stop()
			return fmt.Errorf("build search index: %w", err)
		}
	}
	go func() { done <- index.Follow(follow, s) }()
	warm := make(chan error, 1)
	go func() { warm <- publish.Warm(follow, handler) }()
	defer func() {
		stop()
		if e := <-warm; e != nil && !errors.Is(e, context.Canceled) {
			log.Warn("the site was not made ready beforehand", "error", e)
		}
		if e := <-done; e != nil {
			log.Error("search index stopped", "error", e)
		}
	}()
	return a.listen(ctx, listener, publish.Server(config, handler), o)
}

// listen answers requests until the context is done, and then finishes those under way.
func (a *app) listen(ctx context.Context, l net.Listener, server *http.Server, o serveOptions) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	if o.ready != nil {
		o.ready("http://" + l.Addr().String() + "/")
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		server.Close()
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return context.Cause(ctx)
}

// logger returns the logger that the settings ask for: on standard error, as text or JSON.
func (a *app) logger() (*slog.Logger, error) {
	var level slog.Level
	switch name := a.settings.LogLevel; name {
	case "":
		level = slog.LevelWarn
	case "off":
		return slog.New(slog.NewTextHandler(io.Discard, nil)), nil
	default:
		if err := level.UnmarshalText([]byte(name)); err != nil {
			return nil, usagef("log level %q is none of debug, info, warn, error, off", name)
		}
	}
	o := &slog.HandlerOptions{Level: level}
	switch strings.ToLower(a.settings.LogFormat) {
	case "", "text":
		return slog.New(slog.NewTextHandler(a.errFile(), o)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(a.errFile(), o)), nil
	}
	return nil, usagef("log format %q is none of text, json", a.settings.LogFormat)
}

func (a *app) errFile() io.Writer {
	if a.err == nil {
		return os.Stderr
	}
	return a.err
}
