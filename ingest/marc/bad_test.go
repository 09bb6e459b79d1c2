package marc

import "testing"

// A record that cannot be read is kept nowhere if it may have a field; that a number stands in
// XML makes no field of it.
func TestMayHave(t *testing.T) {
	for source, want := range map[string]bool{
		`<record><datafield tag="355" ind1="0"`:                           true,
		"<record><datafield tag = '355'":                                  true,
		"\xEF\xBB\xBF\n<marc:record><marc:datafield ind1=\"0\" tag=355 >": true,
		`<item><naId>10047355</naId><n>00002355 355 </n>`:                 false,
		"<item>\n355 items # 000035500000000000\n</item>":                 false,
		`<record><datafield tag="245"><subfield code="a">355 trang`:       false,
		"=001  1\n=355  5$aMật":                                           true,
		`{"fields":[{"355":{"ind1":" "}}]`:                                true,
		"000000001 355   L $$aMật":                                        true,
	} {
		if got := (&BadRecord{Source: []byte(source)}).MayHave("355"); got != want {
			t.Errorf("%q: %v", source, got)
		}
	}
}
