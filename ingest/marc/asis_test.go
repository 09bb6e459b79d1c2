package marc

import (
	"strings"
	"testing"
)

// A reader that is told to leaves alone what it would mend.
func TestAsIs(t *testing.T) {
	const text = `<record><leader>nam#a</leader><controlfield tag="008">950221|1993####</controlfield>` +
		`<datafield tag="710" ind1="#" ind2=""><subfield code="a">Hà Nội,
 Huế</subfield></datafield></record>`
	read := func(o ReadOptions) *Record {
		in, err := NewReader(strings.NewReader(text), o)
		if err != nil {
			t.Fatal(err)
		}
		r, err := in.Next()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	mended, raw := read(ReadOptions{}), read(ReadOptions{AsIs: true})
	for _, c := range []struct{ what, got, want string }{
		{"leader", mended.Leader, "nam a" + strings.Repeat(" ", 19)},
		{"leader as it is", raw.Leader, "nam#a"},
		{"008", mended.Fields[0].Data, "950221|1993    "},
		{"008 as it is", raw.Fields[0].Data, "950221|1993####"},
		{"indicators", string([]byte{mended.Fields[1].Ind1, mended.Fields[1].Ind2}), "  "},
		{"indicators as they are", string([]byte{raw.Fields[1].Ind1, raw.Fields[1].Ind2}), "#\x00"},
		{"text", mended.Fields[1].Subfields[0].Value, "Hà Nội, Huế"},
		{"text as it is", raw.Fields[1].Subfields[0].Value, "Hà Nội,\n Huế"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
}
