package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"mocban/graph/store"
)

// version is set when a release is built: -ldflags "-X main.version=v1.2.3".
var version = "dev"

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "phiên bản, và kho nào mở được · version, and which stores it opens",
		Example: `  mocban version
  mocban version -l data`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			revision := ""
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						revision = " " + s.Value[:min(12, len(s.Value))]
					}
				}
			}
			_, err := fmt.Fprintf(a.out, "mocban %s%s\n%s %s/%s\n%s\n", version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH, a.formats())
			if err != nil || a.settings.location == "" {
				return err
			}
			return a.tellFormat()
		},
	}
}

// formats tells which stores this program opens.
func (a *app) formats() string {
	return fmt.Sprintf(a.pick("kho: mở được định dạng %d đến %d, ghi định dạng %d", "stores: opens formats %d to %d, writes format %d"),
		store.OldestFormat, store.Format, store.Format)
}

// tellFormat tells of the store in the data folder whether this program opens it.
func (a *app) tellFormat() error {
	dir, err := a.storeFolder()
	if err != nil {
		return err
	}
	format, err := store.FormatOf(dir)
	if err != nil {
		return err
	}
	say := a.pick("mở được", "is opened")
	switch {
	case format > store.Format:
		say = a.pick("mới hơn chương trình này: cần bản mocban mới hơn", "is newer than this program: use a newer mocban")
	case format < store.Format:
		say = a.pick(fmt.Sprintf("cũ: mở để ghi thì được nâng lên định dạng %d, sau đó bản mocban cũ không mở được nữa", store.Format),
			fmt.Sprintf("is old: opened for writing it gets format %d, which an older mocban does not open", store.Format))
	}
	_, err = fmt.Fprintf(a.out, a.pick("%s: định dạng %d, %s\n", "%s: format %d, %s\n"), a.settings.location, format, say)
	return err
}
