package marc

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// seeds are small inputs of our own, one for each form and for some of its faults.
func seeds(f *testing.F) {
	r := &Record{Leader: "00000nam a2200000 i 4500", Fields: []Field{
		{Tag: "001", Data: "demo000130"},
		{Tag: "245", Ind1: '1', Ind2: '0', Subfields: []Subfield{{'a', "Số đỏ & khác"}, {'b', "tiểu thuyết"}}},
		{Tag: "FMT", Data: "BK"},
	}}
	for _, form := range []Format{ISO2709, MARCXML, Lines, JSON} {
		one, err := r.Append(nil, form)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(one)
		f.Add(append(one, one...))
		f.Add(append(append(bytes.Clone(one), "rubbish\n"...), one...))
		f.Add(one[:len(one)-7])
		f.Add(bytes.ReplaceAll(one, []byte("0"), []byte("9")))
		f.Add(bytes.ReplaceAll(one, []byte("a"), []byte("\xE2a")))
	}
	for _, s := range []string{
		"", "\xEF\xBB\xBF", "<", "<?xml version='1.0' encoding='latin1'?><record><leader/>", "<!DOCTYPE x [<!ENTITY a 'b'>]><record/>",
		"<!DOCTYPE html><html>", "{}", "<r><record><header/><record><leader>x</leader><datafield tag='245'><subfield code='a'>&#55349;&#57000;&eacute;&x;<![CDATA[<]]></subfield></datafield></record></record></r>",
		"<record><leader>x</leader><x><y/></x><datafield tag=\"1\" ind1=\"12\"><subfield>a</subfield></datafield></record><record><leader",
		"=LDR  x\n=001  {dollar}{acute}e{\n=245  \\\\$a{x}$\n continued\n\n", "LDR 00000\n245 10 $a Title $b rest\n",
		"{\"leader\":\"x\",\"fields\":[{\"001\":\"\\ud83d\\ude00\\ud83d\"},{\"245\":{\"ind1\":1,\"subfields\":[{\"a\":null}],\"x\":[{}]}}]}",
		"[{\"leader\":\"x\",\"fields\":[{\"001\":\"1\"}\n{\"leader\":\"y\",\"fields\":[{\"002\":\"}\"}]}]",
		alephSample, isisSample, "00000nam a2200000 i 4500\n001 1\n245 10 $a T $c $5.00\n",
		"00026     2200025   4500\x1E\x1D", "99999nam  2299999   4500001000100000\x1E",
	} {
		f.Add([]byte(s))
	}
}

func FuzzReader(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := NewReader(bytes.NewReader(data), ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var at int64
		for number := 1; ; number++ {
			r, err := in.Next()
			if err == io.EOF {
				return
			}
			var bad *BadRecord
			var src []byte
			var offset int64
			switch {
			case errors.As(err, &bad):
				src, offset = bad.Source, bad.Offset
				bad.MayHave("355")
			case err != nil:
				t.Fatal(err)
			default:
				src, offset = r.Source, r.Offset
				checkText(t, r)
			}
			if len(src) == 0 || offset < at || offset+int64(len(src)) > int64(len(data)) || !bytes.Equal(src, data[offset:offset+int64(len(src))]) {
				t.Fatalf("record %d: %d bytes at %d, behind %d", number, len(src), offset, at)
			}
			at = offset + int64(len(src))
		}
	})
}

// checkText checks what a record promises of its text, and that it can be written.
func checkText(t *testing.T, r *Record) {
	check := func(s string) {
		if !utf8.ValidString(s) || !norm.NFC.IsNormalString(s) && !hasHan(s) {
			t.Fatalf("%q is not in normal form C: %+v", s, r)
		}
		for _, c := range s {
			if c < 0x20 || 0x7F <= c && c < 0xA0 {
				t.Fatalf("%q holds a control", s)
			}
		}
	}
	if len(r.Leader) != 24 || len(r.Fields) == 0 {
		t.Fatalf("leader %q, %d fields", r.Leader, len(r.Fields))
	}
	check(r.Leader)
	for i := range r.Fields {
		f := &r.Fields[i]
		check(f.Data)
		check(f.Tag)
		if len(f.Tag) != 3 || f.Ind1 < 0x20 || f.Ind1 > 0x7E || f.Ind2 < 0x20 || f.Ind2 > 0x7E {
			t.Fatalf("field %+v", f)
		}
		for _, s := range f.Subfields {
			check(s.Value)
			if s.Code <= 0x20 || s.Code > 0x7E {
				t.Fatalf("subfield %+v", s)
			}
		}
	}
	for _, form := range []Format{ISO2709, MARCXML, Lines} {
		r.Append(nil, form)
	}
	out, _ := r.Append(nil, MARCXML)
	in, err := NewReader(bytes.NewReader(out), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := in.Next()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if len(again.Fields) != len(r.Fields) {
		t.Fatalf("%d fields read back as %d", len(r.Fields), len(again.Fields))
	}
}

func hasHan(s string) bool {
	for _, c := range s {
		if 0xF900 <= c && c <= 0xFAFF || 0x2F800 <= c && c <= 0x2FA1F {
			return true
		}
	}
	return false
}
