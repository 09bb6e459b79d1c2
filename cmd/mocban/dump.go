package main

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/spf13/cobra"

	"mocban/graph"
	"mocban/graph/rdfio"
	"mocban/publish"
	"mocban/publish/dump"
	"mocban/sparql"
	"mocban/vocab"
)

func (a *app) dumpCommand() *cobra.Command {
	var format, output string
	var all, check bool
	cmd := &cobra.Command{
		Use:   "dump",
		Short: "ghi toàn bộ dữ liệu ra tệp · write all data to a file",
		Example: `  mocban dump -l data --output all.nq.gz
  mocban dump -l data --format ttl | less
  mocban dump -l data --site --check    # the files that the site offers under /dumps/`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if all {
				if a.at != "" {
					return usagef("--site writes the newest version; leave out --at")
				}
				if format != "" || output != "" {
					return usagef("--site writes its own files; leave out --format and --output")
				}
				return a.dumpSite(cmd.Context(), check)
			}
			if check && (output == "" || output == "-") {
				return usagef("--check needs --output FILE or --site")
			}
			if err := a.dump(cmd.Context(), format, output); err != nil || !check {
				return err
			}
			return a.recheck(cmd.Context(), output)
		},
	}
	a.atFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&format, "format", "", "nq, nt, ttl, trig, rdf, jsonld (theo tên tệp, nếu không thì nq · by the file's name, else nq)")
	f.StringVarP(&output, "output", "o", "", "tệp, .gz và .zst được nén · file; .gz and .zst are compressed")
	f.BoolVar(&check, "check", false, "đọc lại tệp nq, nt bằng một bộ đọc khác · read nq and nt files again with a reader that is not ours")
	f.BoolVar(&all, "site", false, "làm các tệp tải về của trang web · make the files for download of the site")
	return cmd
}

// dump writes the dataset to one file, sorted: equal data give equal bytes.
func (a *app) dump(ctx context.Context, format, output string) error {
	f, err := dumpFormat(format, output)
	if err != nil {
		return err
	}
	return a.withSnapshot(func(s graph.Snapshot) error {
		return a.write(output, func(w io.Writer) error {
			_, err := dump.Write(ctx, s, f, w, dump.Options{Prefixes: vocab.Prefixes})
			return err
		})
	})
}

// dumpSite makes the files that the site offers for download.
func (a *app) dumpSite(ctx context.Context, check bool) error {
	base, err := a.settings.base()
	if err != nil {
		return err
	}
	return a.withSnapshot(func(s graph.Snapshot) error {
		dir := a.settings.place("dumps")
		names, err := dump.WriteSet(ctx, s, dump.Set{
			Dir: dir, Base: base, License: graph.IRI(a.settings.License), Options: dump.Options{Prefixes: vocab.Prefixes},
			Describe: func(ctx context.Context, s graph.Snapshot) ([]graph.Quad, error) {
				return publish.Describe(ctx, publish.Config{
					Base: base, Name: a.settings.Name, Publisher: a.settings.Publisher, License: graph.IRI(a.settings.License),
					Dumps: dir, Engine: sparql.New(sparql.Options{}),
				}, s)
			},
		})
		if err != nil {
			return err
		}
		for _, name := range names {
			name = filepath.Join(dir, name)
			fmt.Fprintln(a.out, name)
			if !check || !strings.HasSuffix(name, ".nq.gz") && !strings.HasSuffix(name, ".nt.gz") {
				continue
			}
			if err := a.recheck(ctx, name); err != nil {
				return err
			}
		}
		return nil
	})
}

// recheck reads a dump again with a reader that is not ours.
func (a *app) recheck(ctx context.Context, path string) error {
	f, err := dumpFormat("", path)
	if err != nil {
		return err
	}
	in, err := a.open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	n, err := rdfio.Recheck(ctx, f, in)
	if err != nil {
		return fmt.Errorf("check %s: %w", path, err)
	}
	a.sayf("%s: %s dòng, đã kiểm tra\n", "%s: %s lines, checked\n", path, a.number(n))
	return nil
}

// dumpFormat tells the format by the flag or the file's name.
func dumpFormat(format, output string) (*rdfio.Format, error) {
	name := format
	if name == "" {
		name = filepath.Ext(strings.TrimSuffix(strings.TrimSuffix(output, ".gz"), ".zst"))
	}
	if name == "" {
		return rdfio.NQuads, nil
	}
	if f, ok := rdfio.ByExtension(name); ok {
		return f, nil
	}
	if f, ok := rdfio.ByMediaType(name); ok {
		return f, nil
	}
	return nil, usagef("%q is none of nq, nt, ttl, trig, rdf, jsonld; use --format", name)
}

// packed compresses what is written if the file's name says so.
func packed(w io.Writer, output string) (io.Writer, func() error, error) {
	switch filepath.Ext(output) {
	case ".gz":
		z := gzip.NewWriter(w)
		return z, z.Close, nil
	case ".zst":
		z, err := zstd.NewWriter(w)
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	}
	return w, func() error { return nil }, nil
}
