package formats

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"mocban/ingest/charset"
	"mocban/ingest/marc"
	"mocban/ingest/tree"
)

// A jsonReader reads a document of JSON that is one record: a IIIF manifest or collection.
type jsonReader struct {
	in   io.Reader
	done bool
}

func (r *jsonReader) Next() (*marc.Record, error) {
	if r.done {
		return nil, io.EOF
	}
	r.done = true
	source, err := io.ReadAll(io.LimitReader(r.in, maxRecord+1))
	if err != nil {
		return nil, err
	}
	rec, fault := readJSON(source)
	if fault != nil {
		fault.Number, fault.Source = 1, source
		return nil, fault
	}
	rec.Number = 1
	return rec, nil
}

func readJSON(source []byte) (*marc.Record, *marc.BadRecord) {
	if len(source) > maxRecord {
		return nil, bad("too-long", fmt.Sprintf("tài liệu JSON dài hơn %d MiB", maxRecord>>20), fmt.Sprintf("the document is longer than %d MiB", maxRecord>>20))
	}
	text := bytes.TrimPrefix(source, []byte("\xEF\xBB\xBF"))
	var repairs []marc.Repair
	if !utf8.Valid(text) {
		var n charset.Note
		text = charset.UTF8.Append(nil, text, &n)
		repairs = append(repairs, marc.Repair{Rule: "character", Detail: fmt.Sprintf("%d characters unreadable as utf8", n.Bad)})
	}
	root, err := tree.ParseJSON(text)
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, bad("truncated", "tài liệu JSON không kết thúc; hãy tải lại", "the document has no end; fetch it again")
		}
		return nil, bad("json", "JSON không đúng cú pháp: "+err.Error(), "not well-formed JSON: "+err.Error())
	}
	if !isIIIF(root) {
		return nil, bad("unknown-schema", "tài liệu JSON này không phải MARC-in-JSON hay bản kê IIIF",
			"this document of JSON is neither MARC-in-JSON nor a IIIF manifest")
	}
	return finish(&tree.Record{Kind: tree.IIIF, Format: "application/ld+json", Root: level(root)}, source, repairs), nil
}

// isIIIF tells whether a document is a manifest or collection (Presentation API 2 and 3).
func isIIIF(root *tree.Element) bool {
	switch root.Attr("type") {
	case "Manifest", "Collection", "sc:Manifest", "sc:Collection":
		return true
	}
	return false
}
