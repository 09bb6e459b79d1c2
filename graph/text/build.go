package text

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"
	bolt "go.etcd.io/bbolt/errors"

	"mocban/graph"
	"mocban/graph/disk"
)

// current is the file that names the folder of the build in use.
const current = "CURRENT"

// buildPrefix begins the names of the folders of builds.
const buildPrefix = "build-"

// A stamp tells what an index shows. It is written with the documents that make it true.
type stamp struct {
	Format  int
	Options string
	Version graph.Version
	Time    time.Time // of the version: two histories can have equal numbers
}

var stampKey = []byte("mocban")

// A build is one inverted index: a folder, or some memory.
type build struct {
	index *scorch.Scorch
	dir   string // "" in memory

	refs     atomic.Int64 // the views of it, and who makes it
	obsolete atomic.Bool  // its folder goes when it is closed
	closed   *sync.WaitGroup

	close   func() error // of index, once
	batches atomic.Int64 // written since it was opened
	failed  atomic.Bool  // it takes no more batches, but can be searched
	damaged atomic.Bool  // it cannot even be searched
}

// openBuild opens or makes a build. The caller releases it.
func (x *Index) openBuild(dir string) (*build, error) {
	config := map[string]any{"path": dir, "bolt_timeout": "1s"}
	made, err := scorch.NewScorch(scorch.Name, config, x.queue)
	if err != nil {
		return nil, err
	}
	idx := made.(*scorch.Scorch)
	if err := guard(idx.Open); err != nil {
		return nil, err
	}
	b := &build{index: idx, dir: dir, closed: &x.builds, close: sync.OnceValue(idx.Close)}
	b.refs.Store(1)
	x.builds.Add(1)
	return b, nil
}

func (b *build) release() {
	if b.refs.Add(-1) > 0 {
		return
	}
	defer b.closed.Done()
	b.close()
	if b.dir != "" && b.obsolete.Load() {
		os.RemoveAll(b.dir) // what is left goes at the next Open
	}
}

// write writes a batch, which is on disk when it returns.
func (b *build) write(batch *index.Batch) error {
	b.batches.Add(1)
	if err := guard(func() error { return b.index.Batch(batch) }); err != nil {
		b.failed.Store(true)
		return fmt.Errorf("write search index %s: %w", b.dir, err)
	}
	return nil
}

// rest is called when no batch is being written. After a failed one Bleve goes on trying
// without a pause, so the build is closed for writing.
func (b *build) rest() {
	if b.failed.Load() {
		b.close()
	}
}

// A view is one state of a build. It sees no later batch.
type view struct {
	build  *build
	reader index.IndexReader
	stamp  stamp
	refs   atomic.Int64

	once  sync.Once
	types []string // the classes that are counted
	err   error
}

// view returns the newest state. The caller releases it.
func (b *build) view() (*view, error) {
	r, err := b.index.Reader()
	if err != nil {
		return nil, err
	}
	v := &view{build: b, reader: r}
	v.refs.Store(1)
	b.refs.Add(1)
	text, err := r.GetInternal(stampKey)
	if err == nil && text != nil {
		err = json.Unmarshal(text, &v.stamp)
	}
	if err != nil {
		v.release()
		return nil, err
	}
	return v, nil
}

func (v *view) release() {
	if v.refs.Add(-1) > 0 {
		return
	}
	v.reader.Close()
	v.build.release()
}

// openCurrent opens the build in use, if there is one that fits, and removes all others.
func (x *Index) openCurrent() error {
	if err := os.MkdirAll(x.dir, 0o777); err != nil {
		return err
	}
	name, err := os.ReadFile(filepath.Join(x.dir, current))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	using := strings.TrimSpace(string(name))
	if isBuildName(using) {
		err := x.openFitting(filepath.Join(x.dir, using))
		if errors.Is(err, bolt.ErrTimeout) {
			return errors.New("another process has it open")
		}
		if err != nil {
			using = ""
		}
	}
	return x.removeBuilds(using)
}

func isBuildName(name string) bool {
	return strings.HasPrefix(name, buildPrefix) && filepath.Base(name) == name
}

var errUnfit = errors.New("the index has another format or other options")

// openFitting opens a build that was made before and shows it.
func (x *Index) openFitting(dir string) error {
	if _, err := os.Stat(dir); err != nil {
		return err
	}
	b, err := x.openBuild(dir)
	if err != nil {
		return err
	}
	defer b.release()
	v, err := b.view()
	if err != nil {
		return err
	}
	defer v.release()
	if v.stamp.Format != format || v.stamp.Options != x.options.fingerprint() {
		return errUnfit
	}
	if err := checkSegments(v.reader); err != nil {
		return err
	}
	return x.show(b)
}

// removeBuilds removes the folders of all builds but one.
func (x *Index) removeBuilds(but string) error {
	entries, err := os.ReadDir(x.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if isBuildName(e.Name()) && e.Name() != but {
			if err := os.RemoveAll(filepath.Join(x.dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// newBuild makes an empty build beside the one in use. The caller releases it.
func (x *Index) newBuild() (*build, error) {
	if x.dir == "" {
		return x.openBuild("")
	}
	dir, err := os.MkdirTemp(x.dir, buildPrefix+"*")
	if err != nil {
		return nil, err
	}
	b, err := x.openBuild(dir)
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return b, nil
}

// adopt makes a finished build the one in use.
func (x *Index) adopt(b *build) error {
	if b.dir != "" {
		if err := x.name(filepath.Base(b.dir)); err != nil {
			return fmt.Errorf("put new index in use: %w", err)
		}
	}
	b.obsolete.Store(false)
	if old := x.using(); old != nil {
		old.obsolete.Store(true)
	}
	return x.show(b)
}

// using returns the build in use, or nil. It stays open for as long as x.writing is held.
func (x *Index) using() *build {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.view == nil {
		return nil
	}
	return x.view.build
}

// name writes the name of a build to CURRENT so that it survives a power cut, together with
// the build's own folder, which Bleve does not sync.
func (x *Index) name(dir string) error {
	if err := disk.SyncFolder(filepath.Join(x.dir, dir)); err != nil {
		return err
	}
	file := filepath.Join(x.dir, current)
	f, err := os.Create(file + ".new")
	if err != nil {
		return err
	}
	_, err = f.WriteString(dir + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(file+".new", file)
	}
	if err != nil {
		return err
	}
	return errors.Join(disk.SyncFolder(x.dir), disk.SyncFolder(filepath.Dir(x.dir)))
}
