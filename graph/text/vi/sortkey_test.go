package vi

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestSortedList(t *testing.T) {
	var want []string
	for _, row := range table(t, "collation/sorted_syllablewise.tsv") {
		want = append(want, row[1])
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortStableFunc(got, func(a, b string) int { return bytes.Compare(SortKey(a), SortKey(b)) })
	i, j := slices.Index(got, "hoà bình"), slices.Index(got, "hòa bình")
	if !bytes.Equal(SortKey("hoà bình"), SortKey("hòa bình")) || i-j != 1 {
		t.Errorf("hoà bình and hòa bình stand at %d and %d", i, j)
	}
	got[i], got[j] = got[j], got[i] // one key, so they came out reversed
	if !slices.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), strings.Join(want, ", "))
	}
}

func TestSortKeys(t *testing.T) {
	sorted := []string{
		"", "2 tập", "10 tập", "10 tập a", "Áo", "Đurov", "Tập 2", "Tập 10", "Tập mười", "Thơ", "Thơ mới", "thơ, mới nhất",
		"Zola", "Ёлка", "傳翹", "𱥺",
	}
	for i, a := range sorted[1:] {
		if bytes.Compare(SortKey(sorted[i]), SortKey(a)) >= 0 {
			t.Errorf("%q should stand before %q", sorted[i], a)
		}
	}
}

func TestToneOrders(t *testing.T) {
	tests := map[ToneOrder]string{DictionaryOrder: "ma mà mả mã má mạ", KeyboardOrder: "ma má mà mả mã mạ"}
	for order, want := range tests {
		got := strings.Fields(tests[DictionaryOrder])
		slices.SortFunc(got, func(a, b string) int {
			return bytes.Compare(order.AppendKey(nil, a), order.AppendKey(nil, b))
		})
		if strings.Join(got, " ") != want {
			t.Errorf("order %d: got %v, want %s", order, got, want)
		}
	}
}

func TestSortKeyOfOneName(t *testing.T) {
	for _, forms := range [][]string{
		{"Nguyễn Dữ", "NGUYỄN DỮ", "Nguyẽ̂n  Dữ.", "nguyễn-dữ"},
		{"Tập 007", "tập 7"}, {"Ðà Nẵng", "Đà Nẵng"}, {"Ølgård", "olgard"},
	} {
		for _, form := range forms[1:] {
			if !bytes.Equal(SortKey(form), SortKey(forms[0])) {
				t.Errorf("%q and %q sort apart", form, forms[0])
			}
		}
	}
}

func TestAlphabetAndTones(t *testing.T) {
	for file, column := range map[string]int{"collation/letters.tsv": 1, "collation/tones.tsv": 3} {
		rows := table(t, file)
		for i := range len(rows) - 1 {
			a, b := rows[i][column], rows[i+1][column]
			if bytes.Compare(SortKey(a), SortKey(b)) >= 0 {
				t.Errorf("%s: %s should stand before %s", file, a, b)
			}
		}
	}
}
