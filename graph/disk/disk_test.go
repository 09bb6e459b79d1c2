package disk

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// A folder that is there is synced; one that is not is told by its name.
func TestSyncFolder(t *testing.T) {
	dir := t.TempDir()
	if err := SyncFolder(dir); err != nil {
		t.Error(err)
	}
	err := SyncFolder(filepath.Join(dir, "gone"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "gone") {
		t.Errorf("a folder that is not there: %v", err)
	}
}
