package ingest

import (
	"io"
	"strings"
	"testing"

	"mocban/ingest/marc"
)

// Holdings that follow their title are linked to it; those that have a link, or the number of the
// title, are left as they are.
func TestHoldingsFollowTheirTitle(t *testing.T) {
	record := func(leader, fields string) string {
		return "=LDR  " + leader + "\n" + fields + "\n\n"
	}
	const bib, hold, auth = "00000nas a2200000 i 4500", "00000ny  a2200000zn 4500", "00000nz  a2200000n  4500"
	text := record(hold, "=001  0\n=852  \\\\$aVN-A") +
		record(bib, "=001  7\n=003  VN-A\n=245  00$aNam Phong") +
		record(hold, "=001  1\n=852  \\\\$aVN-A") +
		record(hold, "=001  2\n=852  \\\\$aVN-B") +
		record(hold, "=001  3\n=004  9\n=852  \\\\$aVN-B") +
		record(hold, "=001  7\n=852  \\\\$aVN-B") +
		record(auth, "=001  8\n=100  0\\$aNguyễn Du") +
		record(hold, "=001  4\n=852  \\\\$aVN-B")
	s := Source{Name: "x", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
	var got []string
	err := s.Each(func(r *marc.Record) error {
		if r.Type() == marc.Holdings {
			got = append(got, r.ID()+":"+r.Control("004")+":"+r.Control("003"))
		}
		return nil
	}, func(b *marc.BadRecord) { t.Error(b.En) })
	if err != nil {
		t.Fatal(err)
	}
	if want := "0:: 1:7:VN-A 2:7:VN-A 3:9: 7:: 4::"; strings.Join(got, " ") != want {
		t.Errorf("%s, not %s", strings.Join(got, " "), want)
	}
}
