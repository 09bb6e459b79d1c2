package marc

import (
	"bytes"
	"fmt"
)

// bad returns a fault; the reader adds number, place and bytes.
func bad(rule, vi, en string) *BadRecord { return &BadRecord{Rule: rule, Vi: vi, En: en} }

func cutOff(got, want int) *BadRecord {
	return bad("truncated",
		fmt.Sprintf("biểu ghi bị cắt cụt: có %d trên %d byte; hãy xuất lại biểu ghi này", got, want),
		fmt.Sprintf("the record ends early: %d of %d bytes; export it again", got, want))
}

// notMARC tells what a stretch without a record looks like.
func notMARC(b []byte) *BadRecord {
	switch text := bytes.ToLower(b[:min(len(b), 512)]); {
	case bytes.Contains(text, []byte("<html")) || bytes.Contains(text, []byte("<!doctype html")):
		return bad("html", "đây là trang HTML, không phải ISO 2709; hãy tải lại tệp",
			"this looks like HTML, not ISO 2709; fetch the file again")
	case len(b) < 24:
		return bad("not-marc", fmt.Sprintf("%d byte lạc lõng, không phải biểu ghi", len(b)),
			fmt.Sprintf("%d stray bytes that are no record", len(b)))
	}
	if isISIS(b) {
		return bad("cds-isis", "tệp CDS/ISIS: nhãn trường không phải MARC; hãy chuyển sang MARC 21 theo bảng nhãn của thư viện",
			"a CDS/ISIS export: its tags are the library's own; convert it to MARC 21 by the library's table")
	}
	if _, ok := digits(b, 0, 5); !ok {
		return bad("not-marc", fmt.Sprintf("độ dài ở đầu biểu ghi %q không phải là số", b[:5]),
			fmt.Sprintf("no record: leader length %q is not a number", b[:5]))
	}
	return bad("not-marc", "không phải biểu ghi ISO 2709", "not an ISO 2709 record")
}

// isISIS tells whether b begins with a record of CDS/ISIS: ISO 2709 without indicators, with
// # for the terminators.
func isISIS(b []byte) bool {
	_, ok := digits(b, 0, 24)
	return ok && string(b[10:12]) == "00" && bytes.Contains(b, []byte("##"))
}

// controlNumber returns what stands where a 001 would, if it can be made out.
func controlNumber(src []byte) string {
	if len(src) < 40 || string(src[24:27]) != "001" {
		return ""
	}
	at := bytes.IndexByte(src, fieldEnd)
	length, ok := digits(src, 27, 31)
	if at < 0 || !ok || length < 2 || length > 64 || at+length >= len(src) {
		return ""
	}
	id := bytes.TrimSpace(src[at+1 : at+length])
	for _, c := range id {
		if c < 0x20 || c >= 0x7F {
			return ""
		}
	}
	return string(id)
}

// MayHave tells whether a field with a tag can be made out in the bytes, whatever the form
// they were meant to have. It errs on the side of yes.
func (e *BadRecord) MayHave(tag string) bool {
	if bytes.HasPrefix(bytes.TrimLeft(e.Source, "\xEF\xBB\xBF \t\r\n"), []byte("<")) { // XML has tags in attributes only
		return mayHaveXML(e.Source, tag)
	}
	for _, form := range []string{`tag="` + tag, `tag='` + tag, "\n=" + tag, "\n" + tag + " ", `"` + tag + `":`, `"` + tag + `" :`} {
		if bytes.Contains(e.Source, []byte(form)) {
			return true
		}
	}
	for at := 0; ; at++ { // Aleph sequential
		i := bytes.Index(e.Source[at:], []byte(" "+tag))
		if i < 0 {
			break
		}
		at += i
		if at >= 9 {
			if _, ok := digits(e.Source, at-9, at); ok {
				return true
			}
		}
	}
	if isISISFile(e.Source) {
		directory, _, _ := bytes.Cut(e.Source, []byte{'#'})
		directory = bytes.Join(bytes.Fields(directory), nil)
		for d := directory[min(24, len(directory)):]; len(d) >= 12; d = d[12:] {
			if string(d[:3]) == tag {
				return true
			}
		}
	}
	for at := 0; at >= 0; at = nextLeader(e.Source, at+1) {
		if at+24 > len(e.Source) {
			return false
		}
		for d := e.Source[at+24:]; len(d) >= 12 && d[0] != fieldEnd; d = d[12:] {
			if string(d[:3]) == tag {
				return true
			}
		}
	}
	return false
}

// mayHaveXML tells whether an attribute called tag is, or begins with, a tag.
func mayHaveXML(source []byte, tag string) bool {
	for at := 0; ; {
		i := bytes.Index(source[at:], []byte("tag"))
		if i < 0 {
			return false
		}
		at += i + len("tag")
		rest := bytes.TrimLeft(source[at:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '=' {
			continue
		}
		if rest = bytes.TrimLeft(rest[1:], " \t\r\n\"'"); bytes.HasPrefix(rest, []byte(tag)) {
			return true
		}
	}
}
