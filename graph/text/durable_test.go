package text

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/vocab/rdfs"
)

// reasons opens an index in a folder, catches up, and returns why it was built anew.
func reasons(t *testing.T, dir string, o Options, store graph.Store) (x *Index, why string) {
	t.Helper()
	var mu sync.Mutex
	o.Progress = func(p Progress) {
		mu.Lock()
		defer mu.Unlock()
		why = p.Rebuild
	}
	x, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	catchUp(t, x, store)
	return x, why
}

func shelfStore() *memstore.Store { return memstore.New(catalogue(shelf)...) }

func finds(t *testing.T, x *Index, text, want string) {
	t.Helper()
	if got := strings.Join(keys(search(t, x, graph.Search{Text: text})), " "); got != want {
		t.Errorf("%s finds %q, want %q", text, got, want)
	}
}

func addName(t testing.TB, store graph.Store, key, name string) {
	t.Helper()
	q := graph.Quad{S: (ex + graph.IRI(key)).Term(), P: rdfs.Label, O: graph.String(name)}
	if _, err := store.Update(context.Background(), func(txn graph.Txn) error { return txn.Add(q) }); err != nil {
		t.Fatal(err)
	}
}

func TestReopen(t *testing.T) {
	dir, store := t.TempDir(), shelfStore()
	x, why := reasons(t, dir, testOptions(), store)
	if why != "there is none yet" {
		t.Errorf("built because %q", why)
	}
	finds(t, x, "ho", "hcm tphcm")
	x.Close()
	addName(t, store, "new", "Hồ Gươm")
	x, err := Open(dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	if x.Version() != 1 {
		t.Errorf("version %d after opening", x.Version())
	}
	finds(t, x, "ho", "hcm tphcm")
	x.Close()
	x, why = reasons(t, dir, testOptions(), store)
	if why != "" || x.Version() != 2 {
		t.Errorf("version %d, built because %q", x.Version(), why)
	}
	finds(t, x, "ho", "hcm new tphcm")
}

func TestOtherOptionsBuildAnew(t *testing.T) {
	dir, store := t.TempDir(), shelfStore()
	x, _ := reasons(t, dir, testOptions(), store)
	x.Close()
	o := testOptions()
	o.Names = o.Names[:1]
	x, why := reasons(t, dir, o, store)
	if why == "" {
		t.Error("an index of other options was kept")
	}
	finds(t, x, "sài gòn", "")
}

func TestIndexAheadOfTheStore(t *testing.T) {
	dir, store := t.TempDir(), shelfStore()
	addName(t, store, "new", "Hồ Gươm")
	x, _ := reasons(t, dir, testOptions(), store)
	x.Close()
	x, why := reasons(t, dir, testOptions(), shelfStore())
	if !strings.Contains(why, "version 2") {
		t.Errorf("built because %q", why)
	}
	finds(t, x, "ho", "hcm tphcm")
}

// A store restored from a backup and changed again has other versions of the same numbers.
func TestOtherHistory(t *testing.T) {
	dir, store := t.TempDir(), shelfStore()
	x, _ := reasons(t, dir, testOptions(), store)
	x.Close()
	time.Sleep(2 * time.Millisecond) // versions are told apart by their times
	other := memstore.New(catalogue("other Work Hồ Tây")...)
	x, why := reasons(t, dir, testOptions(), other)
	if why == "" {
		t.Error("another history of one version was taken for the same")
	}
	x.Close()
	store = memstore.New(catalogue("third Work Hồ Ba Bể")...)
	addName(t, store, "new", "Hồ Gươm")
	x, why = reasons(t, dir, testOptions(), store)
	if why == "" {
		t.Error("another history of two versions was taken for the same")
	}
	finds(t, x, "ho", "third new")
}

// forgetful keeps no changes.
type forgetful struct{ *memstore.Store }

func (forgetful) Changes(context.Context, graph.Version) iter.Seq2[graph.Change, error] {
	return func(yield func(graph.Change, error) bool) {
		yield(graph.Change{}, fmt.Errorf("read log: %w", graph.ErrNotFound))
	}
}

func TestForgottenChanges(t *testing.T) {
	dir, store := t.TempDir(), shelfStore()
	x, _ := reasons(t, dir, testOptions(), store)
	x.Close()
	addName(t, store, "new", "Hồ Gươm")
	x, why := reasons(t, dir, testOptions(), forgetful{store})
	if !strings.Contains(why, "forgotten") {
		t.Errorf("built because %q", why)
	}
	finds(t, x, "ho", "hcm new tphcm")
}

// Whatever happens to the files, the index opens, and is right when it has caught up.
func TestDamagedFolder(t *testing.T) {
	damages := map[string]func(dir string) error{
		"no CURRENT":    func(dir string) error { return os.Remove(filepath.Join(dir, current)) },
		"empty CURRENT": func(dir string) error { return os.WriteFile(filepath.Join(dir, current), nil, 0o666) },
		"odd CURRENT": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, current), []byte(buildPrefix+"../../etc\n"), 0o666)
		},
		"lost build":    func(dir string) error { return os.RemoveAll(files(dir, buildPrefix+"*")[0]) },
		"lost segments": func(dir string) error { return removeAll(files(dir, "*/*.zap")) },
		"short segment": func(dir string) error { return os.Truncate(files(dir, "*/*.zap")[0], 10) },
		"empty root":    func(dir string) error { return os.WriteFile(files(dir, "*/root.bolt")[0], nil, 0o666) },
		"odd root": func(dir string) error {
			return os.WriteFile(files(dir, "*/root.bolt")[0], []byte(strings.Repeat("mộc bản ", 9000)), 0o666)
		},
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			dir, store := t.TempDir(), shelfStore()
			x, _ := reasons(t, dir, testOptions(), store)
			x.Close()
			if err := damage(dir); err != nil {
				t.Fatal(err)
			}
			x, why := reasons(t, dir, testOptions(), store)
			if why == "" {
				t.Error("the damaged index was kept")
			}
			finds(t, x, "ho", "hcm tphcm")
			if n := len(files(dir, buildPrefix+"*")); n != 1 {
				t.Errorf("%d builds are left", n)
			}
		})
	}
}

func files(dir, pattern string) []string {
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		panic(err)
	}
	return names
}

func removeAll(names []string) (err error) {
	for _, name := range names {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// Bits that were flipped while nobody looked are seen when the index is opened.
func TestFlippedBitsAtRest(t *testing.T) {
	store := memstore.New(manyNames(100)...)
	r := rand.New(rand.NewPCG(5, 5))
	for range 12 {
		dir := t.TempDir()
		x, _ := reasons(t, dir, testOptions(), store)
		x.Close()
		flipBits(t, r, files(dir, "*/*.zap"), 1)
		x, why := reasons(t, dir, testOptions(), store)
		if why == "" {
			t.Error("the damaged index was kept")
		}
		x.Close()
	}
}

// Bits that are flipped under a running index are an error or pass unseen. They never end
// the process, and what was seen is repaired.
func TestFlippedBitsInUse(t *testing.T) {
	store := memstore.New(manyNames(100)...)
	r := rand.New(rand.NewPCG(6, 6))
	seen := 0
	for range 12 {
		dir := t.TempDir()
		x, _ := reasons(t, dir, testOptions(), store)
		flipBits(t, r, files(dir, "*/*.zap"), 100)
		for range 20 {
			_, err := x.Search(context.Background(), graph.Search{Text: title(r)})
			if err == nil {
				continue
			}
			seen++
			if corrupt := (*graph.CorruptError)(nil); !errors.As(err, &corrupt) {
				t.Fatal(err)
			}
			catchUp(t, x, store)
			if found := search(t, x, graph.Search{Text: "nguyen"}); found.Version != 1 || found.Total == 0 {
				t.Fatalf("version %d after repair, %d found", found.Version, found.Total)
			}
		}
		x.Close()
	}
	if seen == 0 {
		t.Error("nothing was seen of all the damage")
	}
}

// flipBits flips bits of each file where it lies.
func flipBits(t *testing.T, r *rand.Rand, names []string, n int) {
	t.Helper()
	for _, name := range names {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		for range n {
			at, one := r.Int64N(info.Size()), make([]byte, 1)
			_, readErr := f.ReadAt(one, at)
			one[0] ^= 1 << r.IntN(8)
			_, writeErr := f.WriteAt(one, at)
			if err := errors.Join(readErr, writeErr); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	reasons(t, dir, testOptions(), shelfStore())
	if _, err := Open(dir, testOptions()); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("got %v", err)
	}
}

// When the disk fails the index goes on answering, and recovers.
func TestFailedWrite(t *testing.T) {
	dir, store := t.TempDir(), shelfStore()
	x, _ := reasons(t, dir, testOptions(), store)
	build := files(dir, buildPrefix+"*")[0]
	if err := os.Rename(build, build+".away"); err != nil {
		t.Fatal(err)
	}
	addName(t, store, "new", "Hồ Gươm")
	if _, err := x.CatchUp(context.Background(), store); err == nil {
		t.Fatal("writing to no folder succeeded")
	}
	finds(t, x, "ho", "hcm tphcm")
	if err := os.Rename(build+".away", build); err != nil {
		t.Fatal(err)
	}
	catchUp(t, x, store)
	finds(t, x, "ho", "hcm new tphcm")
	if x.Version() != 2 {
		t.Errorf("version %d", x.Version())
	}
}

func TestFollow(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	o := testOptions()
	o.Interval = time.Millisecond
	x, err := Open(t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	store := shelfStore()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- x.Follow(ctx, store) }()
	for i := range 10 {
		addName(t, store, fmt.Sprint("new", i), "Hồ Gươm")
		for x.Version() < graph.Version(2+i) {
			time.Sleep(time.Millisecond)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if found := search(t, x, graph.Search{Text: "ho guom"}); found.Total != 10 {
		t.Errorf("%d found", found.Total)
	}
}

// Searches go on while the index is written, built anew and closed; each sees one version.
func TestSearchWhileWriting(t *testing.T) {
	store := shelfStore()
	o := testOptions()
	o.Batch = 3
	x, err := Open(t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for {
				found, err := x.Search(context.Background(), graph.Search{Text: "guom"})
				if errors.Is(err, graph.ErrClosed) {
					return
				}
				if want := uint64(max(found.Version, 1)-1) * 5; err != nil || found.Total != want {
					t.Errorf("%d found in version %d, %v", found.Total, found.Version, err)
					return
				}
			}
		})
	}
	for i := range 15 {
		_, err := store.Update(context.Background(), func(txn graph.Txn) error {
			for k := range 5 {
				q := catalogue(fmt.Sprintf("new%d-%d Work Hồ Gươm", i, k))
				if err := txn.Add(q...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		x.few = []int{1, 1000}[i%2]
		catchUp(t, x, store)
	}
	x.Close()
	readers.Wait()
}

// A world is a store whose history is the same each time it is lived through.
type world struct {
	*memstore.Store
	version int
}

func newWorld() *world { return &world{memstore.New(manyNames(300)...), 1} }

// live makes the next version: some names come, others go.
func (w *world) live(t testing.TB) {
	w.version++
	names := manyNames(300)
	at := w.version % 6 * 100
	_, err := w.Update(context.Background(), func(txn graph.Txn) error {
		return errors.Join(txn.Remove(names[at:at+100]...), txn.Add(names[(at+200)%600:][:100]...),
			txn.Add(catalogue(fmt.Sprintf("v%d Work Hồ Gươm", w.version))...))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) Snapshot() (graph.Snapshot, error) {
	s, err := w.Store.Snapshot()
	return worldSnapshot{s}, err
}

func (w *world) Changes(ctx context.Context, since graph.Version) iter.Seq2[graph.Change, error] {
	return func(yield func(graph.Change, error) bool) {
		for c, err := range w.Store.Changes(ctx, since) {
			if c.Time = time.Unix(int64(c.Version), 0); !yield(c, err) {
				return
			}
		}
	}
}

type worldSnapshot struct{ graph.Snapshot }

func (s worldSnapshot) Time() time.Time { return time.Unix(int64(s.Version()), 0) }

// TestKilled kills a process that writes, after some of its batches. The next one goes on
// where it was, without building anew.
func TestKilled(t *testing.T) {
	if dir := os.Getenv("TEXT_TEST_DIR"); dir != "" {
		writeUntilKilled(t, dir)
	}
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(7, 7))
	resumed := 0
	for range 4 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "TEXT_TEST_DIR="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(out, make([]byte, 15+r.IntN(60))); err != nil {
			t.Errorf("it ended by itself: %v", err)
		}
		cmd.Process.Kill()
		cmd.Wait()
		resumed += resume(t, dir)
	}
	if resumed < 3 {
		t.Errorf("only %d of 4 times there was anything to go on with", resumed)
	}
}

// resume opens what was left and compares it with a new index, some versions later.
func resume(t *testing.T, dir string) (resumed int) {
	x, err := Open(dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	at := x.Version()
	x.Close()
	w := newWorld()
	for w.version < int(at)+2 {
		w.live(t)
	}
	x, why := reasons(t, dir, testOptions(), w)
	defer x.Close()
	if at > 0 {
		resumed = 1
		if why != "" {
			t.Errorf("built anew from version %d: %s", at, why)
		}
	}
	fresh := indexOf(t, testOptions())
	catchUp(t, fresh, w)
	for _, text := range []string{"nguyễn", "lich su", "giáo trình", "gươm"} {
		s := graph.Search{Text: text, Limit: 3000}
		if got, want := search(t, x, s), search(t, fresh, s); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d found in version %d, want %d in %d", text, got.Total, got.Version, want.Total, want.Version)
		}
	}
	return resumed
}

func writeUntilKilled(t *testing.T, dir string) {
	o := testOptions()
	o.Batch = 20
	o.Progress = func(Progress) { os.Stdout.WriteString(".") }
	x, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld()
	for w.version < int(x.Version()) {
		w.live(t)
	}
	for {
		if _, err := x.CatchUp(context.Background(), w); err != nil {
			t.Fatal(err)
		}
		w.live(t)
	}
}
