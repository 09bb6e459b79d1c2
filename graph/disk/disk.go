// Package disk holds what every writer of files must do the same way for them to be there after a
// power cut. The bytes of a file are one thing, its name is another: that stands in its folder,
// which is synced too.
package disk

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// SyncFolder makes the names in a folder survive a power cut. Windows has no call for it.
func SyncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil && runtime.GOOS != "windows" {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}
