package log

import (
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mocban/graph"
)

// ManifestFile is the file of a backup that says what it holds. It is text, a line for each
// thing, and ends with the CRC-32C of all before:
//
//	mocban backup
//	format 1
//	store <id>
//	after <version> <hash>            of the change set that it follows on; 0 for a full backup
//	version <version> <hash> <time>   of the last change set
//	quads <number> <sum>              after that; -1 where the log does not tell
//	part <name> <bytes> <SHA-256>     a file beside it: a segment of a log
//	end <crc>
const ManifestFile = "BACKUP"

const manifestFormat = 1

// A Manifest says what a backup holds.
type Manifest struct {
	ID    ID
	After Mark // only version and hash
	Last  Mark // version, hash, time and total
	Parts []BackupPart
}

// A BackupPart is a file of a backup.
type BackupPart struct {
	Name  string
	Bytes int64
	Hash  Hash // SHA-256 of the file
}

func (m *Manifest) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "mocban backup\nformat %d\nstore %x\n", manifestFormat, m.ID)
	fmt.Fprintf(&b, "after %d %x\n", m.After.Version, m.After.Hash)
	fmt.Fprintf(&b, "version %d %x %s\n", m.Last.Version, m.Last.Hash, m.Last.Time.UTC().Format(time.RFC3339Nano))
	if t := m.Last.Total; t.Known {
		fmt.Fprintf(&b, "quads %d %v\n", t.Quads, t.Sum)
	} else {
		fmt.Fprintf(&b, "quads -1 %v\n", Sum{})
	}
	for _, p := range m.Parts {
		fmt.Fprintf(&b, "part %s %d %x\n", p.Name, p.Bytes, p.Hash)
	}
	fmt.Fprintf(&b, "end %08x\n", crc32.Checksum([]byte(b.String()), castagnoli))
	return b.String()
}

// ReadManifest reads the manifest of the backup in a folder.
func ReadManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, ManifestFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := parseManifest(string(text))
	if err != nil {
		return nil, fmt.Errorf("backup manifest %s: %w", path, err)
	}
	return m, nil
}

// parseManifest reads what String writes, and nothing else.
func parseManifest(text string) (*Manifest, error) {
	damaged := func(detail string) error { return &graph.CorruptError{Place: "it", Detail: detail} }
	var format int
	if n, _ := fmt.Sscanf(text, "mocban backup\nformat %d\n", &format); n != 1 {
		return nil, damaged("it does not begin as a manifest does")
	}
	if format > manifestFormat {
		return nil, fmt.Errorf("it has format %d, this program reads up to %d: use a newer one", format, manifestFormat)
	}
	m := new(Manifest)
	body, end, _ := strings.Cut(text, "\nend ")
	if end != fmt.Sprintf("%08x\n", crc32.Checksum([]byte(body+"\n"), castagnoli)) {
		return nil, damaged("its checksum is wrong")
	}
	for _, line := range strings.Split(body, "\n")[2:] {
		if err := m.parseLine(line); err != nil {
			return nil, damaged(fmt.Sprintf("line %.80q: %v", line, err))
		}
	}
	if m.String() != text {
		return nil, damaged("it is not written as a manifest is")
	}
	return m, nil
}

func (m *Manifest) parseLine(line string) error {
	kind, rest, _ := strings.Cut(line, " ")
	var first, second, third string
	fmt.Sscan(rest, &first, &second, &third)
	var err error
	switch kind {
	case "store":
		err = unhex(m.ID[:], first)
	case "after":
		m.After.Version, err = parseVersion(first)
		if err == nil {
			err = unhex(m.After.Hash[:], second)
		}
	case "version":
		m.Last.Version, err = parseVersion(first)
		if err == nil {
			err = unhex(m.Last.Hash[:], second)
		}
		if err == nil {
			m.Last.Time, err = time.Parse(time.RFC3339Nano, third)
		}
	case "quads":
		if first == "-1" {
			return nil
		}
		m.Last.Total.Known = true
		_, err = fmt.Sscanf(rest, "%d %16x%16x", &m.Last.Total.Quads, &m.Last.Total.Sum.Hi, &m.Last.Total.Sum.Lo)
	case "part":
		p := BackupPart{Name: first}
		if _, err := fmt.Sscan(second, &p.Bytes); err != nil {
			return err
		}
		if _, ok := partVersion(first); !ok {
			return fmt.Errorf("%q is no name of a part", first)
		}
		err = unhex(p.Hash[:], third)
		m.Parts = append(m.Parts, p)
	default:
		return fmt.Errorf("%q is not known", kind)
	}
	return err
}

func parseVersion(s string) (v graph.Version, err error) {
	_, err = fmt.Sscan(s, &v)
	return v, err
}

func unhex(dst []byte, s string) error {
	b, err := hex.DecodeString(s)
	if err == nil && len(b) != len(dst) {
		err = fmt.Errorf("%d bytes instead of %d", len(b), len(dst))
	}
	copy(dst, b)
	return err
}

func partName(first graph.Version) string { return fmt.Sprintf("%016d%s", first, suffix) }

// partVersion returns the first version of a part with a name.
func partVersion(name string) (v graph.Version, ok bool) {
	if _, err := fmt.Sscanf(name, "%016d"+suffix, &v); err != nil {
		return 0, false
	}
	return v, partName(v) == name
}
