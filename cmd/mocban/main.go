// Command mocban publishes the records of libraries as linked open data: records come in,
// are mapped to BIBFRAME and Schema.org, are kept in a store, and go out as pages, data,
// a SPARQL endpoint and dumps.
//
// Each verb stands in a file of its own. What a verb prints for other programs goes to
// standard output, everything that is for a person to standard error. Exit codes: 0 done,
// 1 failed, 2 called wrongly, 3 something was found or set aside, 130 and 143 signals.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"mocban/graph"
	"mocban/ingest/mapping"
	"mocban/ontology"
	"mocban/sparql"
)

// Exit codes (see the package comment).
const (
	exitOK       = 0
	exitFailed   = 1
	exitUsage    = 2
	exitFindings = 3
)

// A usageError tells that the command was called wrongly.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// A bilingual error is told in the language of the settings.
type bilingual struct{ vi, en error }

func (e *bilingual) Error() string { return e.en.Error() }
func (e *bilingual) Unwrap() error { return e.en }

// wrongf is a usage error in both languages; both take the same arguments.
func wrongf(vi, en string, args ...any) error {
	return &usageError{&bilingual{fmt.Errorf(vi, args...), fmt.Errorf(en, args...)}}
}

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// errFindings tells that all was done, and that something was found that a person should
// look at. It has been told already.
var errFindings = errors.New("findings")

// A signalError is why the context of a command ended.
type signalError struct{ signal syscall.Signal }

func (e *signalError) Error() string { return "stopped by signal: " + e.signal.String() }

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run runs one command and returns its exit code.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)
	go func() {
		if s, ok := (<-signals).(syscall.Signal); ok {
			cancel(&signalError{s})
			if s, ok := (<-signals).(syscall.Signal); ok { // who asks twice does not want to wait
				os.Exit(128 + int(s))
			}
		}
	}()

	a := &app{in: in, out: out, err: errOut}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	return a.exit(ctx, root.ExecuteContext(ctx))
}

// exit tells of an error and returns the exit code it means.
func (a *app) exit(ctx context.Context, err error) int {
	var stopped *signalError
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.As(context.Cause(ctx), &stopped):
		a.sayf("Đã dừng.\n", "Stopped.\n")
		return 128 + int(stopped.signal)
	case errors.As(err, &usage), isCobraUsage(err):
		a.complain(err)
		return exitUsage
	case errors.Is(err, syscall.EPIPE): // the reader of a pipe has gone
		return exitFailed
	}
	a.complain(err)
	return exitFailed
}

// complain tells of an error, in Vietnamese where somebody has put it so.
func (a *app) complain(err error) {
	var both *bilingual
	var query *sparql.SyntaxError
	var table *ontology.TableError
	var mistake *ontology.Mistake
	var space *graph.SpaceError
	switch {
	case errors.As(err, &space):
		err = errors.New(a.pick(
			fmt.Sprintf("sắp hết chỗ lưu trữ: còn trống %d MiB, cần %d MiB. Dữ liệu đã có vẫn đọc được. Hãy dọn chỗ rồi chạy lại đúng lệnh này (%v)", space.Free>>20, space.Need>>20, err),
			fmt.Sprintf("only %d MiB free, %d MiB needed. What is there can be read. Make room, and run the same command again (%v)", space.Free>>20, space.Need>>20, err)))
	case errors.Is(err, syscall.ENOSPC):
		err = errors.New(a.pick(fmt.Sprintf("hết chỗ lưu trữ. Hãy dọn chỗ rồi chạy lại đúng lệnh này (%v)", err),
			fmt.Sprintf("there is no space left. Make room, and run the same command again (%v)", err)))
	case a.settings.lang != "vi":
	case errors.As(err, &both):
		err = both.vi
	case errors.As(err, &table):
		err = errors.New(table.In("vi"))
	case errors.As(err, &mistake):
		err = errors.New(mistake.Vi)
	case errors.As(err, &query):
		err = errors.New(query.In("vi"))
	}
	fmt.Fprintf(a.err, "mocban: %v\n", err)
}

// someFiles wants at least one file.
func someFiles(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return wrongf("cần ít nhất một tệp để đọc, hoặc - cho đầu vào chuẩn", "name at least one file to read, or - for standard input")
	}
	return nil
}

// isCobraUsage tells whether cobra refused the command line, for which it has no type.
func isCobraUsage(err error) bool {
	s := err.Error()
	for _, start := range []string{"unknown command", "unknown flag", "unknown shorthand", "accepts ", "requires at least", "flag needs", "invalid argument", "required flag"} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return false
}

// An app is what all commands share.
type app struct {
	in       io.Reader
	out, err io.Writer

	flags    flags
	settings settings
	rules    []string // tables of rules that flags name

	toldUnread bool // of files that are no tables of rules

	authorities *mapping.Authorities // that headings lead to; nil if none are asked for

	at     string // number of the version to read; "" for the newest
	memory int64  // bytes that a bulk load may hold; 0 means what the store finds sensible
}

// flags are those that every command has.
type flags struct {
	location, config, lang string
	quiet                  bool
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "mocban",
		Short: "Xuất bản dữ liệu thư viện thành dữ liệu liên kết mở · publish library records as linked open data",
		Long: `mocban đọc biểu ghi thư viện (MARC 21, MARCXML), chuyển sang BIBFRAME và Schema.org,
lưu giữ, rồi xuất bản thành trang web, dữ liệu liên kết, điểm truy vấn SPARQL và tệp tải về.

mocban reads library records (MARC 21, MARCXML), maps them to BIBFRAME and Schema.org,
keeps them, and publishes pages, linked data, a SPARQL endpoint and dumps.

  mocban demo                                   thử ngay · try it
  mocban load --location data records.mrc       nạp biểu ghi · load records
  mocban serve --location data                  mở trang web · open the site`,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return a.readSettings(cmd)
		},
	}
	f := root.PersistentFlags()
	f.StringVarP(&a.flags.location, "location", "l", "", "thư mục dữ liệu · folder that holds the data (MOCBAN_LOCATION)")
	f.StringVar(&a.flags.config, "config", "", "tệp cấu hình · settings file (MOCBAN_CONFIG; otherwise mocban.toml in the data folder)")
	f.StringVar(&a.flags.lang, "lang", "", "ngôn ngữ thông báo: vi, en · language of messages (MOCBAN_LANG)")
	f.BoolVarP(&a.flags.quiet, "quiet", "q", false, "không báo tiến độ · no progress")
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(a.demoCommand(), a.serveCommand(), a.loadCommand(), a.mapCommand(), a.unmapCommand(), a.checkCommand(), a.harvestCommand(), a.queryCommand(),
		a.updateCommand(), a.dumpCommand(), a.versionCommand())
	root.AddCommand(a.verifyCommand(), a.rebuildCommand(), a.backupCommand(), a.restoreCommand(), a.compactCommand())
	root.AddCommand(a.templateCommand())
	bothLanguages(root)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	return root
}

// aligned puts what flags are for into one column: pflag counts bytes, and the names of values
// are Vietnamese.
func aligned(flags interface{ FlagUsages() string }) string {
	const gap = "   "
	lines := strings.Split(strings.TrimRight(flags.FlagUsages(), "\n"), "\n")
	width := 0
	split := func(line string) (name, usage string, ok bool) {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		name, usage, ok = strings.Cut(line[indent:], gap)
		return line[:indent] + name, strings.TrimLeft(usage, " "), ok
	}
	for _, line := range lines {
		if name, _, ok := split(line); ok {
			width = max(width, utf8.RuneCountInString(name))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		if name, usage, ok := split(line); ok {
			line = name + strings.Repeat(" ", width-utf8.RuneCountInString(name)) + gap + usage
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// bothLanguages puts what cobra itself says into both languages.
func bothLanguages(root *cobra.Command) {
	cobra.AddTemplateFunc("aligned", aligned)
	root.SetUsageTemplate(strings.NewReplacer(
		"Usage:", "Cách dùng · Usage:",
		"Aliases:", "Tên khác · Aliases:",
		"Examples:", "Ví dụ · Examples:",
		"Available Commands:", "Các lệnh · Commands:",
		"Global Flags:", "Tùy chọn chung · Global flags:",
		"Flags:", "Tùy chọn · Flags:",
		"for more information about a command", "để xem chi tiết một lệnh · for more about a command",
		"\nUse \"", "\nGõ · Use \"",
		".LocalFlags.FlagUsages", "aligned .LocalFlags", ".InheritedFlags.FlagUsages", "aligned .InheritedFlags",
	).Replace(root.UsageTemplate()))
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Short = "hướng dẫn dùng lệnh · help about a command"
		case "completion":
			c.Short = "tạo mã tự hoàn thành lệnh cho shell · make the completion script of a shell"
		}
		c.InitDefaultHelpFlag()
		if f := c.Flags().Lookup("help"); f != nil {
			f.Usage = "hướng dẫn · help"
		}
	}
	root.InitDefaultHelpFlag()
	root.Flags().Lookup("help").Usage = "hướng dẫn · help"
}
