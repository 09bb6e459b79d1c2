package dump

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"

	"mocban/graph"
	"mocban/graph/rdfio"
)

// A Set is a folder of dumps of one snapshot.
type Set struct {
	// Dir is the folder. It is made if it is not there; files of the same names are replaced.
	Dir string

	// Name begins the names of the files; empty means "mocban".
	Name string

	// Formats are those of the dumps; none means N-Quads and N-Triples.
	Formats []*rdfio.Format

	// Base is the base IRI of the site, License that of the data.
	Base, License graph.IRI

	// Describe, if not nil, gives the triples of void.ttl once the files are there.
	Describe func(ctx context.Context, s graph.Snapshot) ([]graph.Quad, error)

	Options
}

// WriteSet writes the files of a set. A file is there whole or not at all; SHA256SUMS comes
// last. It returns the names of the files.
func WriteSet(ctx context.Context, s graph.Snapshot, set Set) (names []string, err error) {
	if set.Name == "" {
		set.Name = "mocban"
	}
	if len(set.Formats) == 0 {
		set.Formats = []*rdfio.Format{rdfio.NQuads, rdfio.NTriples}
	}
	if err := os.MkdirAll(set.Dir, 0o777); err != nil {
		return nil, err
	}
	sums := make(map[string]string)
	put := func(name string, write func(io.Writer) error) error {
		sum, err := replace(filepath.Join(set.Dir, name), write)
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		names = append(names, name)
		sums[name] = sum
		return nil
	}
	var counts []string
	for _, f := range set.Formats {
		name := set.Name + "." + f.Extension + ".gz"
		var n uint64
		err := put(name, func(w io.Writer) (err error) {
			z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
			if err != nil {
				return err
			}
			if n, err = Write(ctx, s, f, z, set.Options); err != nil {
				return err
			}
			return z.Close()
		})
		if err != nil {
			return names, err
		}
		counts = append(counts, fmt.Sprintf("  %-24s %s, %d", name, f.Name, n))
	}
	if set.Describe != nil {
		quads, err := set.Describe(ctx, s)
		if err != nil {
			return names, err
		}
		if err := put("void.ttl", func(w io.Writer) error { return writeTurtle(w, quads, set.Prefixes) }); err != nil {
			return names, err
		}
	}
	for _, readme := range [...]struct{ name, text string }{{"README.vi.txt", readmeVi}, {"README.en.txt", readmeEn}} {
		text := strings.NewReplacer("{base}", string(set.Base), "{license}", string(set.License), "{version}", fmt.Sprint(s.Version()),
			"{time}", s.Time().UTC().Format("2006-01-02T15:04:05Z"), "{name}", set.Name, "{files}", strings.Join(counts, "\n")).Replace(readme.text)
		if err := put(readme.name, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			return names, err
		}
	}
	listed := slices.Sorted(slices.Values(names))
	err = put("SHA256SUMS", func(w io.Writer) error {
		for _, name := range listed {
			if _, err := fmt.Fprintf(w, "%s  %s\n", sums[name], name); err != nil {
				return err
			}
		}
		return nil
	})
	return names, err
}

func writeTurtle(w io.Writer, quads []graph.Quad, prefixes map[string]graph.IRI) error {
	out, err := rdfio.NewWriter(rdfio.Turtle, w, rdfio.WriteOptions{Prefixes: prefixes})
	if err != nil {
		return err
	}
	if err := out.Write(quads...); err != nil {
		return err
	}
	return out.Close()
}

// replace writes a file beside its place, syncs it, and moves it there. The name of what is
// being written begins with a dot.
func replace(name string, write func(io.Writer) error) (sum string, err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-")
	if err != nil {
		return "", err
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	h := sha256.New()
	if err := write(io.MultiWriter(f, h)); err != nil {
		return "", err
	}
	if err := f.Chmod(0o644); err != nil {
		return "", err
	}
	if err := f.Sync(); err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), os.Rename(f.Name(), name)
}

const readmeVi = `Bộ dữ liệu {base}
Phiên bản {version}, {time}

Giấy phép: {license}

Tệp (dạng, số phát biểu):
{files}

Các dòng được sắp theo byte; cùng dữ liệu thì cùng tệp, từng byte một, nên hai bản có thể
so bằng diff hay comm. Kiểm tra tệp sau khi tải:

  sha256sum -c SHA256SUMS

Nạp vào một kho mocban:

  mocban load {name}.nq.gz

Trong N-Quads, đồ thị có tên {base}record/… là biểu ghi nguồn; mọi phát biểu rút ra từ một
biểu ghi nằm trong đồ thị của nó. void.ttl mô tả bộ dữ liệu theo VoID và DCAT.
`

const readmeEn = `The dataset of {base}
Version {version}, {time}

Licence: {license}

Files (format, statements):
{files}

Lines are sorted by bytes; the same data give the same file, byte for byte, so two dumps can
be compared with diff or comm. To check files after a download:

  sha256sum -c SHA256SUMS

To load them into a mocban store:

  mocban load {name}.nq.gz

In N-Quads, a graph named {base}record/… is a source record; all statements made from a
record stand in its graph. void.ttl describes the dataset in VoID and DCAT.
`
