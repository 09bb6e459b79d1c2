package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"mocban/graph"
)

const (
	defaultBind = "127.0.0.1:8206"
	settingsTOM = "mocban.toml"
	linksFile   = "links.txt"
)

// settings are what the commands run by: a flag comes before the environment, that before
// the file, and that before the default.
type settings struct {
	lang     string
	location string
	file     string // the settings file that was read or would be, "" without a location
	settingsFile
}

// A settingsFile is what mocban.toml holds. Absent means the default.
type settingsFile struct {
	// BaseURI begins every IRI that is minted, and is where the site stands.
	BaseURI string `toml:"base-uri,omitempty" comment:"Địa chỉ gốc của mọi định danh và của trang web · begins every IRI; where the site stands"`

	// Source is the code of the library for records that name none.
	Source string `toml:"source,omitempty" comment:"Mã thư viện cho biểu ghi không có trường 003 · library code for records without field 003"`

	// Profile says by which rules records are mapped.
	Profile string `toml:"profile,omitempty" comment:"Quy tắc chuyển đổi biểu ghi: default, lc-2.10, unimarc, koha-vn · rules of mapping: default, lc-2.10, unimarc, koha-vn"`

	// BIBFRAME is the version of BIBFRAME that records become.
	BIBFRAME string `toml:"bibframe,omitempty" comment:"Phiên bản BIBFRAME: 2 hoặc 3 · version of BIBFRAME: 2 or 3"`

	// Rules are tables of the library's own rules, beside this file, which come over ours.
	Rules []string `toml:"rules,omitempty" comment:"Bảng quy tắc riêng (TSV) đặt trên bảng có sẵn · tables of your own rules (TSV), over ours"`

	// QueryMemory is how many MiB all queries that run at one time may hold together.
	QueryMemory int64 `toml:"query-memory,omitempty" comment:"MiB cho mọi truy vấn đang chạy · MiB for all queries that run at one time (1024, hoặc một phần tư bộ nhớ được phép dùng · or a quarter of what the process may have)"`

	// QueryDisk is how many MiB of the data folder queries may take for what does not fit into
	// memory; below 0 none.
	QueryDisk int64 `toml:"query-disk,omitempty" comment:"MiB đĩa tạm cho mọi truy vấn, -1: không · MiB of disk for rows of queries that do not fit into memory, -1 for none (4096)"`

	// ResultCache is how many MiB of answers of queries are kept; below 0 none are.
	ResultCache int `toml:"result-cache,omitempty" comment:"MiB cho kết quả được giữ lại · MiB for answers that are kept (32)"`

	// ResultRows and ResultSize bound the answer of one query, in rows and in MiB.
	ResultRows int64 `toml:"result-rows,omitempty" comment:"Số dòng nhiều nhất của một kết quả · rows of one answer at most (không giới hạn · no bound)"`
	ResultSize int64 `toml:"result-size,omitempty" comment:"MiB nhiều nhất của một kết quả, -1: không giới hạn · MiB of one answer at most, -1 for no bound (1024)"`

	// QueryBudget is how many seconds of queries one client may have each minute; below 0 there
	// is no bound.
	QueryBudget int `toml:"query-budget,omitempty" comment:"Số giây truy vấn mỗi phút cho một máy khách · seconds of queries a minute for one client (60)"`

	// Scrub is how many hours lie between two looks for damage while the site is open.
	Scrub int `toml:"scrub-hours,omitempty" comment:"Số giờ giữa hai lần tìm hư hỏng, -1: không · hours between looks for damage while the site is open, -1 for none (24)"`

	// AllowUpdate lets who shows the token change the data over HTTP; without a token, programs
	// on this machine. TokenFile holds the token, if MOCBAN_TOKEN does not.
	AllowUpdate bool   `toml:"allow-update,omitempty" comment:"Nhận SPARQL Update và Graph Store Protocol · accept changes over HTTP"`
	TokenFile   string `toml:"token-file,omitempty" comment:"Tệp chứa mã truy cập để sửa dữ liệu · file that holds the token for changes"`

	// Services are the endpoints that SERVICE may ask, LoadFrom what the addresses of documents
	// begin with that LOAD may fetch.
	Services []string `toml:"services,omitempty" comment:"Các điểm truy vấn mà SERVICE được hỏi · endpoints that SERVICE may ask"`
	LoadFrom []string `toml:"load-from,omitempty" comment:"Nơi LOAD được lấy tài liệu · where LOAD may fetch documents from"`

	Bind      string            `toml:"bind,omitempty"`
	License   string            `toml:"license,omitempty"`
	LogLevel  string            `toml:"log-level,omitempty"`
	LogFormat string            `toml:"log-format,omitempty"`
	Name      map[string]string `toml:"name,omitempty"`
	Publisher map[string]string `toml:"publisher,omitempty"`

	// Sources are where records are harvested from; see mocban help harvest.
	Sources []sourceSettings `toml:"harvest,omitempty"`
}

// readSettings reads the file and the environment; flags of single commands are put over
// them by those commands, see [override].
func (a *app) readSettings(_ *cobra.Command) error {
	lang, err := messageLanguage(a.flags.lang)
	if err != nil {
		return err
	}
	s := settings{lang: lang, location: a.flags.location, file: a.flags.config}
	if s.location == "" {
		s.location = os.Getenv("MOCBAN_LOCATION")
	}
	if s.file == "" {
		s.file = os.Getenv("MOCBAN_CONFIG")
	}
	named := s.file != ""
	if !named && s.location != "" {
		s.file = filepath.Join(s.location, settingsTOM)
	}
	if s.file != "" {
		text, err := os.ReadFile(s.file)
		switch {
		case errors.Is(err, fs.ErrNotExist) && !named:
		case err != nil:
			return usagef("cannot read settings: %w", err)
		default:
			d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
			if err := d.Decode(&s.settingsFile); err != nil {
				var strict *toml.StrictMissingError
				if errors.As(err, &strict) {
					return usagef("%s: unknown setting:\n%s", s.file, strict.String())
				}
				return usagef("%s: %w", s.file, err)
			}
		}
	}
	override(&s.BaseURI, os.Getenv("MOCBAN_BASE_URI"))
	override(&s.Bind, os.Getenv("MOCBAN_BIND"))
	override(&s.Source, os.Getenv("MOCBAN_SOURCE"))
	override(&s.Profile, os.Getenv("MOCBAN_PROFILE"))
	override(&s.LogLevel, os.Getenv("MOCBAN_LOG_LEVEL"))
	override(&s.LogFormat, os.Getenv("MOCBAN_LOG_FORMAT"))
	a.settings = s
	return nil
}

// override sets a setting that something stronger gives.
func override(setting *string, value string) {
	if value != "" {
		*setting = value
	}
}

// base returns the base IRI, with a slash at its end.
func (s *settings) base() (graph.IRI, error) {
	base := s.BaseURI
	if base == "" {
		return "http://" + defaultBind + "/", nil
	}
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", usagef("base URI %q: it has the form https://data.example.vn/", base)
	}
	if !strings.HasSuffix(base, "/") {
		base += "/"
	}
	return graph.IRI(base), nil
}

// scrub returns how long to wait between looking for damage.
func (s *settings) scrub() time.Duration {
	switch {
	case s.Scrub < 0:
		return 0
	case s.Scrub == 0:
		return 24 * time.Hour
	}
	return time.Duration(s.Scrub) * time.Hour
}

// needLocation returns the data folder.
func (s *settings) needLocation() (string, error) {
	if s.location == "" {
		return "", wrongf("dữ liệu ở đâu? Hãy chỉ thư mục bằng --location hoặc MOCBAN_LOCATION", "where is the data? Name the folder with --location, or with MOCBAN_LOCATION")
	}
	return s.location, nil
}

// keep writes the base URI and the library's code beside the data that were made with them,
// so that the next command needs no flags. It leaves a file alone that is there. Records that
// came in under another base would be there twice, so that is refused.
// Where nothing is minted, as for RDF, a base is only kept that somebody gave.
func (s *settings) keep(mints bool) error {
	base, err := s.base()
	if err != nil {
		return err
	}
	file := filepath.Join(s.location, settingsTOM)
	if text, err := os.ReadFile(file); err == nil {
		var kept settings
		if err := toml.Unmarshal(text, &kept.settingsFile); err != nil || kept.BaseURI == "" {
			return nil // the settings were read before; what is wrong has been told
		}
		if was, err := kept.base(); err == nil && was != base {
			return wrongf("dữ liệu trong %[1]s có định danh bắt đầu bằng %[2]s (ghi ở %[3]s), không phải %[4]s; hãy bỏ --base-uri, hoặc nạp vào thư mục khác",
				"the data in %[1]s have IRIs that begin with %[2]s (it stands in %[3]s), not with %[4]s; leave out --base-uri, or load into another folder", s.location, was, file, base)
		}
		return nil
	}
	if !mints && s.BaseURI == "" && s.Source == "" {
		return nil
	}
	text, err := toml.Marshal(settingsFile{BaseURI: string(base), Source: s.Source, Profile: s.Profile, BIBFRAME: s.BIBFRAME})
	if err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	return os.WriteFile(file, text, 0o644)
}
