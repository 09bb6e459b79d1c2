package publish

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A frailDisk keeps after a power cut what the standard promises and no more: bytes that were
// synced, in files whose name was synced with the folder.
type frailDisk struct {
	t     *testing.T
	path  string
	bytes []byte // of the file, that were synced
	named bool   // the folder was synced with the name in it
	fail  string // call that fails next
}

var errFrail = errors.New("the disk gave out")

func (d *frailDisk) broken(call string) error {
	if d.fail == call {
		d.fail = ""
		return errFrail
	}
	return nil
}

func (d *frailDisk) open(path string) (linkFile, error) {
	d.path = path
	if err := d.broken("open"); err != nil {
		return nil, err
	}
	f, err := osDisk{}.open(path)
	return &frailFile{f, d}, err
}

func (d *frailDisk) syncFolder(dir string) error {
	if err := d.broken("sync folder"); err != nil {
		return err
	}
	if _, err := os.Stat(d.path); dir == filepath.Dir(d.path) && err == nil {
		d.named = true
	}
	return nil
}

// cut is the power cut.
func (d *frailDisk) cut() {
	d.t.Helper()
	var err error
	if d.named {
		err = os.WriteFile(d.path, d.bytes, 0o600)
	} else {
		err = os.RemoveAll(d.path)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

type frailFile struct {
	linkFile
	d *frailDisk
}

func (f *frailFile) WriteAt(b []byte, at int64) (int, error) {
	if err := f.d.broken("write"); err != nil {
		n, _ := f.linkFile.WriteAt(b[:len(b)/2], at)
		return n, err
	}
	return f.linkFile.WriteAt(b, at)
}

func (f *frailFile) Sync() (err error) {
	if err := f.d.broken("sync"); err != nil {
		return err
	}
	f.d.bytes, err = os.ReadFile(f.d.path)
	return err
}

// An address that was given out holds after a power cut: the first one, those after it, and those
// after a failure of the disk or a start in between.
func TestShortAddressesSurviveAPowerCut(t *testing.T) {
	for _, fail := range []string{"", "open", "write", "sync", "sync folder"} {
		d := &frailDisk{t: t, fail: fail}
		path := filepath.Join(t.TempDir(), "links.txt")
		start := func() *links {
			l, bad, err := openLinks(path)
			if err != nil || bad > 0 {
				t.Fatalf("fail at %q: %d bad lines, %v", fail, bad, err)
			}
			l.disk = d
			return l
		}
		given := map[string]string{}
		for i, text := range []string{"ASK {}", "ASK { ?s ?p 1 }", "ASK { ?s ?p 2 }"} {
			l := start()
			name, _, err := l.add(text)
			if i == 0 && fail != "" {
				if !errors.Is(err, errFrail) {
					t.Fatalf("fail at %q: the address is given out, %v", fail, err)
				}
				if fail == "write" { // half a line is there, which the same process removes
					if name, _, err = l.add(text); err != nil {
						t.Fatal(err)
					}
					given[name] = text
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			given[name] = text
			d.cut()
			l = start()
			for name, text := range given {
				if got, err := l.get(name); err != nil || got != text {
					t.Errorf("fail at %q: after a power cut %s is %q, %v", fail, name, got, err)
				}
			}
		}
	}
}
