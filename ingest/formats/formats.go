// Package formats reads records in all formats that libraries send, and tells them apart by
// their first bytes: MARC in its forms (ingest/marc), and as trees (ingest/tree) Dublin Core,
// MODS, METS, EAD, EAC-CPF, TEI, LIDO and EDM, alone or in the answers of OAI-PMH and SRU, IIIF
// manifests, and sheets (ingest/sheet).
//
// What to hold in mind:
//
//   - A document is read as a stream of records. A record is found by its tags before it is
//     parsed, so one that is not well-formed costs itself only, and memory is bounded by the
//     largest record.
//   - No document type is read, no entity of its own expanded, nothing fetched.
//   - What is no record is reported: an error of a server, a record that was withdrawn, a
//     document in a schema that is not known.
package formats

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"mocban/ingest/charset"
	"mocban/ingest/marc"
	"mocban/ingest/sheet"
	"mocban/ingest/tree"
)

// maxRecord bounds a record in bytes. A finding aid of a large archive has about 30 MB.
const maxRecord = 64 << 20

// sniffed is how much of an input is looked at to tell its format.
const sniffed = 64 << 10

// NewReader returns a reader for an input, whose format is told by o.Format or by its first
// bytes.
func NewReader(r io.Reader, o marc.ReadOptions) (marc.Reader, error) {
	b := bufio.NewReaderSize(r, sniffed)
	head, _ := b.Peek(sniffed)
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) {
		b = bufio.NewReaderSize(transform.NewReader(b, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()), sniffed)
		head, _ = b.Peek(sniffed)
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n")
	switch {
	case o.Format == "csv", o.Format == "tsv":
		return newSheetReader(b, o)
	case o.Format == "xlsx", sheet.IsXLSX(head):
		return newBookReader(b)
	case len(text) == 0:
	case text[0] == '<' && !isHTML(text) && !isMARCXML(text):
		return newXMLReader(b), nil
	case text[0] == '{' && !bytes.Contains(text, []byte(`"leader"`)) && !bytes.Contains(text, []byte(`"fields"`)):
		return &jsonReader{in: b}, nil
	case o.Format == "" && sheet.IsCSV(head):
		return newSheetReader(b, o)
	}
	return marc.NewReader(b, o)
}

func isHTML(b []byte) bool {
	head := bytes.ToLower(b[:min(len(b), 512)])
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html"))
}

// isMARCXML tells whether the first record in a document of XML is MARC.
func isMARCXML(b []byte) bool {
	for {
		i := bytes.IndexByte(b, '<')
		if i < 0 {
			return false
		}
		b = b[i:]
		if bytes.HasPrefix(b, []byte("<!--")) {
			end := bytes.Index(b, []byte("-->"))
			if end < 0 {
				return false
			}
			b = b[end:]
			continue
		}
		tag := b[:1+max(0, bytes.IndexByte(b, '>'))]
		switch name := localName(tag); {
		case bytes.Contains(tag, []byte("MARC21/slim")) && name != "OAI-PMH":
			return true
		case name == "leader", name == "controlfield", name == "datafield", name == "subfield":
			return true
		case name == "record" && bytes.Contains(tag, []byte("marcxchange")):
			return true
		case payloads[name] != "":
			return false
		}
		b = b[1:]
	}
}

// localName returns the name in a tag, without its prefix.
func localName(tag []byte) string {
	name := qualifiedName(tag)
	return name[strings.IndexByte(name, ':')+1:]
}

func qualifiedName(tag []byte) string {
	tag = bytes.TrimPrefix(bytes.TrimPrefix(tag, []byte("<")), []byte("/"))
	end := bytes.IndexAny(tag, " \t\r\n/>")
	if end < 0 {
		end = len(tag)
	}
	return string(tag[:end])
}

// bad returns a fault; the reader adds number, place and bytes.
func bad(rule, vi, en string) *marc.BadRecord { return &marc.BadRecord{Rule: rule, Vi: vi, En: en} }

// finish makes a record of a tree that was read from source.
func finish(t *tree.Record, source []byte, repairs []marc.Repair) *marc.Record {
	rec := &marc.Record{Source: source, Format: marc.Other, Repairs: repairs, Tree: t}
	mend(t.Root, rec)
	if t.ID == "" {
		t.ID = identify(t)
	}
	if t.ID == "" {
		sum := sha256.Sum256(source)
		t.ID = "x-" + hex.EncodeToString(sum[:8])
	}
	rec.Fields = []marc.Field{{Tag: "001", Ind1: ' ', Ind2: ' ', Data: t.ID}}
	return rec
}

// mend brings all text of a record into normal form C, and decodes text that was typed with
// a Vietnamese font, or read twice, before it became UTF-8.
func mend(root *tree.Element, rec *marc.Record) {
	c := charset.UTF8
	if found := charset.Detect(charset.UTF8, texts(root)); found != charset.UTF8 {
		c = found
		rec.Repairs = append(rec.Repairs, marc.Repair{Rule: "charset", Detail: "the text is " + found.String()})
	}
	told := map[string]bool{}
	repair := func(rule, name, detail string) {
		if !told[rule] {
			told[rule] = true
			rec.Repairs = append(rec.Repairs, marc.Repair{Rule: rule, Tag: name, Detail: detail})
		}
	}
	fix := func(name, s string) string {
		if charset.IsPlain([]byte(s)) {
			return s
		}
		var n charset.Note
		out := string(c.Append(nil, []byte(s), &n))
		if n.Bad > 0 {
			repair("character", name, fmt.Sprintf("%d characters unreadable as %s", n.Bad, c))
		}
		if n.Controls > 0 {
			repair("control", name, fmt.Sprintf("%d control characters left out", n.Controls))
		}
		if n.MarkOrder {
			repair("mark-order", name, "a tone stood before the mark that makes the letter")
		}
		return strings.TrimSpace(out)
	}
	for e := range root.All() {
		e.Text = fix(e.Name, e.Text)
		for i := range e.Attrs {
			e.Attrs[i].Value = fix(e.Attrs[i].Name, e.Attrs[i].Value)
		}
	}
}

// texts gives the texts of a tree.
func texts(root *tree.Element) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for e := range root.All() {
			if e.Text != "" && !charset.IsPlain([]byte(e.Text)) && !yield([]byte(e.Text)) {
				return
			}
		}
	}
}
