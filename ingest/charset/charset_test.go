package charset

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

const shared = "../../../shared/data/vietnam/encodings/"

// table returns the rows of a shared table without its header.
func table(t testing.TB, name string) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(shared + name)
	if err != nil {
		t.Skipf("no tables at %s", shared)
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			rows = append(rows, strings.Split(strings.TrimRight(line, "\n"), "\t"))
		}
	}
	return rows[1:]
}

func decode(t testing.TB, c Charset, hexes string) (string, Note) {
	t.Helper()
	src, err := hex.DecodeString(strings.ReplaceAll(hexes, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	var n Note
	return string(c.Append(nil, src, &n)), n
}

// Every Vietnamese letter in every set, by the table that five sources agree on.
func TestVietnameseLetters(t *testing.T) {
	columns := map[int]Charset{5: TCVN3, 7: TCVN5712, 8: VISCII, 9: VPS, 11: VNI, 14: Windows1258, 15: MARC8}
	rows := table(t, "vn_letters.tsv")
	header, _ := os.ReadFile(shared + "vn_letters.tsv")
	names := strings.Split(strings.SplitN(string(header), "\n", 2)[0], "\t")
	columns = map[int]Charset{}
	for i, name := range names {
		for prefix, c := range map[string]Charset{"tcvn3_abc": TCVN3, "tcvn5712": TCVN5712, "viscii": VISCII, "vps_full": VPS, "vni_win": VNI, "cp1258": Windows1258, "marc8": MARC8} {
			if strings.HasPrefix(name, prefix) {
				columns[i] = c
			}
		}
	}
	if len(columns) != 7 {
		t.Fatalf("columns %v of %v", columns, names)
	}
	n := 0
	for _, row := range rows {
		for i, c := range columns {
			if i >= len(row) || row[i] == "" {
				continue
			}
			want := row[0]
			if c == TCVN3 && row[6] == "CASE-IN-FONT" {
				want = strings.ToLower(want)
			}
			got, note := decode(t, c, row[i])
			if c == VISCII || c == VPS || c == TCVN5712 { // capitals stand among the controls
				if got == "" {
					t.Errorf("%v: %s read as nothing", c, row[i])
				}
			}
			if got != want || !note.IsZero() {
				t.Errorf("%v: %s read as %q %+v, want %q", c, row[i], got, note, want)
			}
			n++
		}
	}
	if n < 134*6 {
		t.Errorf("only %d letters compared", n)
	}
}

func TestVietnameseStrings(t *testing.T) {
	text, err := os.ReadFile(shared + "vectors.jsonl")
	if err != nil {
		t.Skipf("no tables at %s", shared)
	}
	sets := map[string]Charset{"TCVN3": TCVN3, "VN1": TCVN5712, "VNI": VNI, "VISCII": VISCII, "VPS": VPS, "CP1258": Windows1258, "MARC8": MARC8}
	n := 0
	for line := range strings.Lines(string(text)) {
		var v struct{ Charset, Hex, Text string }
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		c, ok := sets[v.Charset]
		if !ok {
			continue
		}
		n++
		got, note := decode(t, c, v.Hex)
		if c == TCVN3 {
			got, v.Text = strings.ToLower(got), strings.ToLower(v.Text)
		}
		if got != v.Text || note.Bad > 0 {
			t.Errorf("%v: %q %+v, want %q", c, got, note, v.Text)
		}
	}
	if n < 50 {
		t.Errorf("only %d strings compared", n)
	}
}

func TestMARC8(t *testing.T) {
	for _, row := range []struct{ name, hex, want string }{
		{"two marks, the first nearest to the letter", "4E677579E4E3656E", "Nguyễn"},
		{"tone last, as it should be", "4E677579E3E4656E", "Nguyễn"},
		{"a mark over two letters", "EB74EC73", "t͡s"},
		{"subscript and back", "481B62321B734F", "H₂O"},
		{"superscript", "6D1B70331B73", "m³"},
		{"Greek symbol", "1B67611B732D", "α-"},
		{"Greek", "1B2853 41 42 1B2842", "ΑΒ"},
		{"Cyrillic in G0", "1B284E 6D4F53 4B7741 1B2842", "МоскВа"},
		{"Cyrillic in G1", "1B294E EDCFD3CBD7C1 1B2945", "Москва"},
		{"Hebrew", "1B2832 796C6D 1B2842", "\u05E9\u05DC\u05DD"},
		{"Arabic", "1B2833 474A62 1B2842", "\u0627\u062A\u0642"},
		{"Chinese", "1B2431 213021 1B2842", "一"},
		{"Chinese in G1", "1B242931 A1B0A1 1B292145", "一"},
		{"letters of their own", "A1A2A3A5A6ACAD B1B2B3B5B6BCBD", "ŁØĐÆŒƠƯłøđæœơư"},
		{"nonfiling marks go", "8854686520894269626C65", "The Bible"},
		{"joiner stays", "618D62", "a\u200Db"},
	} {
		got, n := decode(t, MARC8, row.hex)
		if got != row.want || n.Bad > 0 {
			t.Errorf("%s: %q %+v, want %q", row.name, got, n, row.want)
		}
	}
}

func TestWhatMeansNothingIsCounted(t *testing.T) {
	for _, row := range []struct {
		c         Charset
		hex, want string
		bad       int
		cut       bool
	}{
		{MARC8, "61FF62", "a�b", 1, false},
		{MARC8, "61E1", "à", 0, true},          // the letter of the mark stood before it
		{MARC8, "611B", "a", 1, true},          // an escape sequence is cut off
		{MARC8, "1B2431 2130", "!0", 2, false}, // two bytes of three
		{MARC8, "1B2431 7A7A7A", "�", 1, false},
		{UTF8, "61C3", "a�", 1, false},
		{UTF8, "E1BA20", "�� ", 2, false},
		{TCVN3, "6180", "a�", 1, false},
		{VNI, "F9", "�", 1, false},
	} {
		got, n := decode(t, row.c, row.hex)
		if got != row.want || n.Bad != row.bad || n.Cut != row.cut {
			t.Errorf("%v %s: %q %+v, want %q, %d bad, cut %v", row.c, row.hex, got, n, row.want, row.bad, row.cut)
		}
	}
}

func TestEastAsianSetIsWhole(t *testing.T) {
	codes := eacc()
	if len(codes) < 15_700 {
		t.Errorf("%d codes", len(codes))
	}
	for code, want := range map[uint32]rune{0x213021: '一', 0x212320: '\u3000', 0x6F5559: 0, 0x692421: 'ぁ', 0x692521: 'ァ'} {
		if got := codes[code]; got != want && want != 0 {
			t.Errorf("%06X is %q, want %q", code, got, want)
		}
	}
}

// compose must agree with normal form C wherever no Vietnamese letter was typed tone first.
func TestComposeIsNFC(t *testing.T) {
	marks := []rune{0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x307, 0x308, 0x309, 0x30A, 0x30B, 0x30C, 0x31B, 0x323, 0x327, 0x328, 0x335, 0x340, 0x345}
	for _, l := range "abcdeiouyzAEOUYĐđêÊăơưßñçǎ ạ-7αд" {
		for _, a := range marks {
			for _, b := range append(marks, 'x', 'é') {
				s := "x" + string(l) + string(a) + string(b) + "n"
				var n Note
				got := string(UTF8.Append(nil, []byte(s), &n))
				if want := norm.NFC.String(s); got != want && !n.MarkOrder {
					t.Errorf("%+q becomes %+q, want %+q", s, got, want)
				}
			}
		}
	}
}

func TestControlsAreLeftOutAndCounted(t *testing.T) {
	var n Note
	got := string(UTF8.Append(nil, []byte("a\x00b\x1Fc\u0098d\u009C \r\n e\tf\uFFFE\u007F"), &n))
	if got != "abcd  e f" || n.Controls != 9 {
		t.Errorf("%q %+v", got, n)
	}
	if got := string(UTF8.Append(nil, []byte("\nhttps://x.vn/1\r\n"), &n)); got != "https://x.vn/1" {
		t.Errorf("%q", got)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]Charset{"MARC-8": MARC8, "utf-8": UTF8, "ISO_8859-1": Windows1252, "tcvn3": TCVN3, "ABC": TCVN3, "VNI": VNI, "windows-1258": Windows1258, "iso5426": ISO5426} {
		if got, ok := Named(name); !ok || got != want {
			t.Errorf("%s: %v %v", name, got, ok)
		}
	}
	if _, ok := Named("ebcdic"); ok {
		t.Error("ebcdic is known")
	}
}

func FuzzAppend(f *testing.F) {
	for _, s := range []string{"Nguy\xE4\xE3en", "\x1B$1!0!\x1B(B", "Tie\xE1ng Vie\xE4t", "a\u0302\u0301", "\x88The \x89x", "\x1B", "\xEB\xEC"} {
		for c := range names {
			f.Add(byte(c), []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, c byte, src []byte) {
		var n Note
		set := Charset(int(c) % len(names))
		before := string(src)
		out := set.Append([]byte("x"), src, &n)
		if out[0] != 'x' || string(src) != before {
			t.Fatal("wrote where it must not")
		}
		s := string(out[1:])
		if strings.ToValidUTF8(s, "") != s {
			t.Fatalf("%v: %q is not UTF-8", set, s)
		}
		if look(out[1:])&controls != 0 {
			t.Fatalf("%v: %q holds controls", set, s)
		}
		var again Note
		if twice := string(UTF8.Append(nil, []byte(s), &again)); twice != s || again.MarkOrder {
			t.Fatalf("%v: %q becomes %q when read again", set, s, twice)
		}
	})
}
