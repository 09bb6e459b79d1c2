package storetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// A Disk is a file system of its own, for tests of what a store does when the power is cut or
// the disk is full.
type Disk struct {
	t       testing.TB
	image   string // of an ext4 that is mounted by a loop device; "" for memory
	dir     string
	mounted bool
}

// NewDisk makes an ext4 of so many MiB in a file and mounts it. The test is skipped where that
// is not allowed.
func NewDisk(t testing.TB, mib int) *Disk {
	t.Helper()
	needRoot(t)
	for _, tool := range []string{"mkfs.ext4", "mount", "umount"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("a disk of our own needs %s", tool)
		}
	}
	d := &Disk{t: t, image: filepath.Join(t.TempDir(), "disk.ext4"), dir: filepath.Join(t.TempDir(), "disk")}
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.image, int64(mib)<<20); err != nil {
		t.Fatal(err)
	}
	if text, err := exec.Command("mkfs.ext4", "-q", "-F", d.image).CombinedOutput(); err != nil {
		t.Skipf("mkfs.ext4: %v: %s", err, text)
	}
	if err := os.Mkdir(d.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Unmount)
	if err := d.mount(); err != nil {
		t.Skipf("a disk of our own cannot be mounted here: %v", err)
	}
	return d
}

// NewMemoryDisk mounts a tmpfs of so many MiB.
func NewMemoryDisk(t testing.TB, mib int) *Disk {
	t.Helper()
	needRoot(t)
	d := &Disk{t: t, dir: filepath.Join(t.TempDir(), "disk")}
	if err := os.Mkdir(d.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", d.dir, "tmpfs", 0, fmt.Sprintf("size=%dm", mib)); err != nil {
		t.Skipf("a disk of our own cannot be mounted here: %v", err)
	}
	d.mounted = true
	t.Cleanup(d.Unmount)
	return d
}

func needRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a disk of our own needs root")
	}
}

// Dir returns the folder where the disk is mounted.
func (d *Disk) Dir() string { return d.dir }

// Mount mounts the disk again, after a cut of the power or not.
func (d *Disk) Mount() {
	d.t.Helper()
	if err := d.mount(); err != nil {
		d.t.Fatalf("mount the disk again: %v", err)
	}
}

func (d *Disk) mount() error {
	text, err := exec.Command("mount", "-o", "loop", d.image, d.dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(text)))
	}
	d.mounted = true
	return nil
}

// Unmount unmounts the disk, if it is mounted. Who uses it must have ended.
func (d *Disk) Unmount() {
	d.t.Helper()
	if !d.mounted {
		return
	}
	if text, err := exec.Command("umount", d.dir).CombinedOutput(); err != nil {
		d.t.Errorf("umount: %v: %s", err, text)
		return
	}
	d.mounted = false
}

// CutPower makes the file system forget all that was not synced, as when the power is cut,
// and fail from then on. (FS_IOC_SHUTDOWN without flushing the journal.) An fsync that is under
// way may return without an error and its data be forgotten nevertheless: ext4 does not ask
// whether the journal was aborted meanwhile, and a program that does nothing else but write and
// sync loses its last record in 4 of 121 cuts. So what is acknowledged from now on may be lost.
func (d *Disk) CutPower() error {
	f, err := os.Open(d.dir)
	if err != nil {
		return err
	}
	defer f.Close()
	const shutdown, noLogFlush = 0x8004587d, 2
	flag := uint32(noLogFlush)
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), shutdown, uintptr(unsafe.Pointer(&flag))); e != 0 {
		return fmt.Errorf("shut the file system down: %w", e)
	}
	return nil
}

// Free returns how many bytes are free.
func (d *Disk) Free() int64 {
	d.t.Helper()
	var fs syscall.Statfs_t
	if err := syscall.Statfs(d.dir, &fs); err != nil {
		d.t.Fatal(err)
	}
	return int64(fs.Bavail) * fs.Bsize
}

// Fill takes up space until so many bytes are left free, or gives it back.
func (d *Disk) Fill(leave int64) {
	d.t.Helper()
	f, err := os.OpenFile(filepath.Join(d.dir, "ballast"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		d.t.Fatal(err)
	}
	size := max(0, info.Size()+d.Free()-leave)
	if size > info.Size() {
		err = syscall.Fallocate(int(f.Fd()), 0, info.Size(), size-info.Size())
	} else {
		err = f.Truncate(size)
	}
	if err != nil {
		d.t.Fatalf("fill the disk: %v", err)
	}
}
