package harvest

import (
	"fmt"
	"net/url"
	"regexp"
	"time"
)

// A Kind says how a source is asked.
type Kind string

// The kinds of source.
const (
	OAI    Kind = "oai"
	SRU    Kind = "sru"
	Folder Kind = "folder"
)

// A Source is where records come from again and again.
type Source struct {
	// Name is that of the source in logs, folders and records: letters, digits, - and _.
	Name string
	Kind Kind

	// URL is the base URL of a server.
	URL string

	// Prefix is the metadata format of OAI-PMH; empty chooses one of MARC that the server
	// has. Sets are those to be harvested; none means all. Singly asks for the identifiers
	// and then for each record, where a server cannot list records.
	Prefix string
	Sets   []string
	Singly bool

	// Query, Version and Schema are what SRU is asked for.
	Query, Version, Schema string

	// Path is a folder, with all that is below it.
	Path string

	// Library is the code of the library for records without 003. Format and Charset say how
	// records are read, where they do not tell.
	Library, Format, Charset string

	// Every is how often the source is asked (0: once a day), Full how often for all of it,
	// where otherwise only for what has changed (0: every 30 days from servers that do not
	// keep what was deleted, never from others). Wait is the pause between requests.
	Every, Full, Wait time.Duration

	// MaxWithdraw is how many in a hundred of its records a source may lose at a time; 0
	// means 20. More than that is taken for a mistake of the source.
	MaxWithdraw int
}

var goodName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// Check tells what is wrong with a source.
func (s *Source) Check() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("source %q: "+format, append([]any{s.Name}, args...)...)
	}
	if !goodName.MatchString(s.Name) {
		return wrong("a name is of letters, digits, - and _, at most 64 of them")
	}
	if s.Every < 0 || s.Full < 0 || s.Wait < 0 || s.MaxWithdraw < 0 || s.MaxWithdraw > 100 {
		return wrong("every, full, wait and max-withdraw may not be negative, nor max-withdraw above 100")
	}
	switch s.Kind {
	case OAI, SRU:
		u, err := url.Parse(s.URL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return wrong("url %q is no http or https address", s.URL)
		}
		if s.Kind == SRU && s.Query == "" {
			return wrong("SRU needs a query")
		}
	case Folder:
		if s.Path == "" {
			return wrong("a folder needs a path")
		}
	default:
		return wrong("kind %q is none of oai, sru, folder", s.Kind)
	}
	return nil
}

func (s *Source) every() time.Duration {
	if s.Every > 0 {
		return s.Every
	}
	return 24 * time.Hour
}
