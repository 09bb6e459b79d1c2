package ingest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"mocban/ingest/mapping"
	"mocban/ingest/marc"
	"mocban/ingest/tree"
)

// accounted are the folders of ../shared/data of which every file is read.
var accounted = []string{"bib", "authority", "holdings", "marc-in-json", "unimarc", "heritage", "sru", "vietnamese", "broken"}

// noRecords are the files in them that hold no records to be mapped, and why.
var noRecords = map[string]string{
	"authority/gnd-ada.ttl": "RDF: what others made of gnd-ada.mrc",
}

// wrapped is a file that was broken into lines of 80 characters, so that its fields are not where
// the directory says, and some text lies between them: it is kept as subfields more than there were.
const wrapped = "broken/openlibrary-wrapped_lines.mrc"

// An account is what became of a file: each record is one of these, and so is each part of it.
type account struct {
	t    *testing.T
	file string

	records, mapped, aside int
	reasons                map[string]int // why records were set aside

	subfields int // in the bytes of the file
	inRecords int // in the bytes of its records
	states    map[mapping.State]int
}

func newAccount(t *testing.T, file string) *account {
	return &account{t: t, file: file, reasons: map[string]int{}, states: map[mapping.State]int{}}
}

// Nothing is lost in silence: every file of the real records is read, every record is mapped
// or set aside with a reason, and every subfield, text and attribute was mapped, left out by a
// row, found empty by a row, or is reported as one that no row reads. What there is to be found
// is counted in the bytes, not by the readers.
func TestEverythingIsAccountedFor(t *testing.T) {
	if _, err := os.Stat(shared); err != nil {
		t.Skipf("no real records at %s", shared)
	}
	m := realMapper(t)
	for _, folder := range accounted {
		t.Run(folder, func(t *testing.T) {
			total := newAccount(t, folder)
			err := filepath.WalkDir(filepath.Join(shared, folder), func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				name, err := filepath.Rel(shared, path)
				name = filepath.ToSlash(name)
				if err != nil || noRecords[name] != "" {
					return err
				}
				a := newAccount(t, name)
				a.take(m, path)
				total.add(a)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Log(total)
		})
	}
	for name := range noRecords {
		if _, err := os.Stat(filepath.Join(shared, name)); err != nil {
			t.Errorf("a file that is left out is not there: %v", err)
		}
	}
}

func (a *account) add(o *account) {
	a.records, a.mapped, a.aside = a.records+o.records, a.mapped+o.mapped, a.aside+o.aside
	a.subfields, a.inRecords = a.subfields+o.subfields, a.inRecords+o.inRecords
	for s, n := range o.states {
		a.states[s] += n
	}
	for s, n := range o.reasons {
		a.reasons[s] += n
	}
}

func (a *account) String() string {
	return fmt.Sprintf("%d records: %d mapped, %d set aside %v; %d subfields, texts and attributes: %v",
		a.records, a.mapped, a.aside, a.reasons, a.inRecords, a.states)
}

// take reads a file and does the sums.
func (a *account) take(m *mapping.Mapper, path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		a.t.Fatal(err)
	}
	s, err := File(path, marc.ReadOptions{})
	if err != nil {
		a.t.Fatal(err)
	}
	trees := false
	err = s.Each(func(r *marc.Record) error {
		a.records++
		trees = trees || r.Tree != nil
		a.record(m, r)
		return nil
	}, func(b *marc.BadRecord) {
		a.records++
		a.aside++
		a.inRecords += subfieldsIn(b.Source)
		a.reasons[b.Rule]++
		if b.Rule == "" || b.Vi == "" || b.En == "" || len(b.Source) == 0 {
			a.t.Errorf("%s: a record was set aside without its reason or its bytes: %+v", a.file, b)
		}
	})
	if err != nil {
		a.t.Errorf("%s: %v", a.file, err)
	}
	if a.subfields = subfieldsIn(data); a.subfields != a.inRecords && !trees {
		a.t.Errorf("%s: %d subfields in the file, %d in its records", a.file, a.subfields, a.inRecords)
	}
	if want := recordsIn(data); want != a.records {
		a.t.Errorf("%s: %d records read, %d expected", a.file, a.records, want)
	}
	if a.records != a.mapped+a.aside {
		a.t.Errorf("%s: %d records are not %d mapped and %d set aside", a.file, a.records, a.mapped, a.aside)
	}
}

// record does the sums of one record.
func (a *account) record(m *mapping.Mapper, r *marc.Record) {
	parts, findings, err := m.Outcomes(r)
	if err != nil {
		a.aside++
		a.reasons[err.Error()[strings.LastIndex(err.Error(), ":")+1:]]++
		a.inRecords += subfieldsIn(r.Source)
		return
	}
	a.mapped++
	n := 0
	var texts strings.Builder
	for i := range parts {
		p := &parts[i]
		if r.Tree == nil && len(p.Code) != 1 {
			continue // a control field, or positions of one
		}
		if r.Tree != nil && p.Value == "" {
			continue // an element of which something was made, without text
		}
		n++
		texts.WriteString(bare(p.Value, false) + "\n")
		a.states[p.State]++
		if p.State == mapping.Unmapped && !reported(findings, p, r.Tree != nil) {
			a.t.Errorf("%s, record %s: %s $%s %q is unmapped, and nobody says so", a.file, r.ID(), p.Tag, p.Code, p.Value)
		}
		if p.State == mapping.Ignored && !p.Ruled {
			a.t.Errorf("%s, record %s: %s $%s was left out by no rule", a.file, r.ID(), p.Tag, p.Code)
		}
	}
	if r.Tree == nil {
		there := subfieldsIn(r.Source)
		a.inRecords += there
		if there != n && !mended(r, there-n) && a.file != wrapped {
			a.t.Errorf("%s, record %s: %d subfields in its bytes, %d were accounted for %v", a.file, r.ID(), there, n, r.Repairs)
		}
		return
	}
	there := valuesIn(r)
	a.inRecords += len(there)
	all := texts.String()
	for _, v := range there {
		if !strings.Contains(all, bare(v, r.Tree.Kind == tree.IIIF)) {
			a.t.Errorf("%s, record %s: %q was not accounted for", a.file, r.ID(), v)
		}
	}
	if n < len(there) || n > len(there) && !rebuilt[r.Tree.Kind] {
		a.t.Errorf("%s, record %s: %d texts and attributes in its bytes, %d were accounted for", a.file, r.ID(), len(there), n)
	}
}

// rebuilt are the kinds of trees that are put together before they are walked, so that some of
// what is in them comes more than once.
var rebuilt = map[tree.Kind]bool{tree.METS: true, tree.EDM: true, tree.IIIF: true, tree.DC: true}

var (
	markup = regexp.MustCompile(`<[^<>]*>`)
	link   = regexp.MustCompile(`(?is)<a\s[^<>]*href=["'](http[^"']*)["'][^<>]*>(.*?)</a>`)
)

// bare returns a text as readers give it out, without blanks, and without the tags of HTML that
// manifests have in their texts. The address of a link stands behind its text, if it is not in it.
func bare(s string, inHTML bool) string {
	if inHTML {
		s = link.ReplaceAllStringFunc(s, func(a string) string {
			m := link.FindStringSubmatch(a)
			if strings.Contains(m[2], m[1]) {
				return m[2]
			}
			return m[2] + "(" + m[1] + ")"
		})
		s = html.UnescapeString(markup.ReplaceAllString(s, ""))
	}
	return strings.Join(strings.Fields(norm.NFC.String(s)), "")
}

// mended tells whether what a reader mended accounts for a difference: it leaves out subfields
// without code and text, and makes one of text in front of the first.
func mended(r *marc.Record, missing int) bool {
	for _, p := range r.Repairs {
		switch p.Rule {
		case "subfield":
			missing--
		case "indicator":
			missing++
		case "directory":
			return true // what lies between the fields is read in another way
		}
		if missing == 0 {
			return true
		}
	}
	return false
}

// reported tells whether a finding tells of a part, or of its whole field.
func reported(findings []mapping.Finding, p *mapping.Outcome, isTree bool) bool {
	for _, f := range findings {
		switch {
		case f.Rule != "unmapped":
		case isTree && f.Tag == p.Tag+strings.Replace(p.Code, "@", "/@", 1),
			!isTree && f.Tag == p.Tag && (f.Code == 0 || string(rune(f.Code)) == p.Code):
			return true
		}
	}
	return false
}

var (
	comment     = regexp.MustCompile(`(?s)<!--.*?-->`)
	subfieldTag = regexp.MustCompile(`<([\w-]+:)?subfield[\s>/]`)
	recordTag   = regexp.MustCompile(`<([\w-]+:)?record[\s>/]`)
	leaderTag   = regexp.MustCompile(`<([\w-]+:)?leader[\s>/]`)
	envelopeTag = regexp.MustCompile(`<([\w-]+:)?(recordData[\s>]|metadata>\s*<([\w-]+:)?record[\s>])`)
)

// subfieldsIn counts the subfields in bytes, as one would by hand.
func subfieldsIn(b []byte) int {
	switch {
	case bytes.IndexByte(b, 0x1F) >= 0:
		return bytes.Count(b, []byte{0x1F})
	case bytes.Contains(b, []byte(`"leader"`)):
		n := 0
		clean := bytes.Map(func(r rune) rune { return max(r, ' ') }, b) // one file has controls in its texts
		for d := json.NewDecoder(bytes.NewReader(clean)); d.More(); {
			var v any
			if err := d.Decode(&v); err != nil {
				return n
			}
			n += jsonSubfields(v)
		}
		return n
	}
	return len(subfieldTag.FindAll(comment.ReplaceAll(b, nil), -1))
}

// jsonSubfields counts what stands in lists called subfields.
func jsonSubfields(v any) (n int) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			n += jsonSubfields(x)
		}
	case map[string]any:
		for k, x := range v {
			if list, ok := x.([]any); ok && k == "subfields" {
				n += len(list)
			} else {
				n += jsonSubfields(x)
			}
		}
	}
	return n
}

// recordsIn counts the records in bytes.
func recordsIn(b []byte) int {
	switch {
	case bytes.IndexByte(b, 0x1D) >= 0:
		return bytes.Count(b, []byte{0x1D})
	case bytes.Contains(b, []byte(`"leader"`)):
		return bytes.Count(b, []byte(`"leader"`))
	}
	b = comment.ReplaceAll(b, nil)
	n := len(recordTag.FindAll(b, -1)) - len(envelopeTag.FindAll(b, -1))
	return max(1, n, len(leaderTag.FindAll(b, -1))) // without any, the document is the record
}

// valuesIn returns the texts and attributes in the bytes of a record that is a tree.
func valuesIn(r *marc.Record) (all []string) {
	if r.Tree.Kind == tree.IIIF {
		var v any
		if json.Unmarshal(r.Source, &v) == nil {
			all = leaves(nil, v)
		}
		return all
	}
	named := bytes.Contains(r.Source, []byte("<"+r.Tree.Root.Name)) || bytes.Contains(r.Source, []byte(":"+r.Tree.Root.Name))
	d := xml.NewDecoder(bytes.NewReader(r.Source))
	d.Strict, d.Entity = false, xml.HTMLEntity
	var open []*strings.Builder // the text of elements
	inside := 0                 // how many of them are in the record, not in what is around it
	for {
		t, err := d.Token()
		if err != nil {
			return all
		}
		switch t := t.(type) {
		case xml.StartElement:
			open = append(open, &strings.Builder{})
			if inside > 0 || t.Name.Local == r.Tree.Root.Name || !named {
				inside++
			}
			for _, a := range t.Attr {
				if t.Name.Local == "dmdSec" || t.Name.Local == "mdWrap" {
					break // they tell how METS wraps a description, which is taken out of them
				}
				if inside > 0 && named && strings.TrimSpace(a.Value) != "" && a.Name.Local != "xmlns" && a.Name.Space != "xmlns" &&
					a.Name.Space != "xsi" && a.Name.Space != "http://www.w3.org/2001/XMLSchema-instance" {
					all = append(all, a.Value)
				}
			}
		case xml.EndElement:
			k := len(open) - 1
			if s := open[k].String(); inside > 0 && strings.TrimSpace(s) != "" {
				all = append(all, s)
			}
			open = open[:k]
			inside = max(0, inside-1)
		case xml.CharData:
			if k := len(open) - 1; k >= 0 {
				open[k].Write(t)
				open[k].WriteByte(' ') // what stands between may be an element
			}
		}
	}
}

// leaves returns the values in JSON that are no objects and no lists.
func leaves(all []string, v any) []string {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			all = leaves(all, x)
		}
	case map[string]any:
		for k, x := range v {
			if k == "label" && v["value"] != nil {
				continue // it tells the field that the value beside it belongs to
			}
			all = leaves(all, x)
		}
	case string:
		if strings.TrimSpace(v) != "" {
			all = append(all, v)
		}
	case nil:
	default:
		all = append(all, fmt.Sprint(v))
	}
	return all
}
