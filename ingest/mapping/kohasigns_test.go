package mapping

import (
	"path/filepath"
	"strings"
	"testing"

	"mocban/ingest/formats"
	"mocban/ingest/marc"
	"os"
)

func signsOf(t *testing.T, text string) *KohaSigns {
	t.Helper()
	in, err := formats.NewReader(strings.NewReader(text), marc.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewKohaSigns()
	if err != nil {
		t.Fatal(err)
	}
	for {
		r, err := in.Next()
		if err != nil {
			return s
		}
		s.Count(r)
	}
}

// What koha-vn mends is counted; a good record of Koha with its items is no sign.
func TestKohaSigns(t *testing.T) {
	const head = "=LDR  00000nam a2200000 a 4500\n"
	s := signsOf(t, head+`=020  ##$a40001
=100  ##$aNguyễn Văn An, Trần Thị Bình
=245  ##$aVật lí đại cương
=952  ##$p1

`+head+`=020  ##$a40002
=100  ##$aNguyễn Văn An, Trần Thị Bình
=245  ##$aVật lí đại cương
=952  ##$p2

`+head+`=100  1#$aTô Hoài,$d1920-2014
=245  10$aDế mèn phiêu lưu ký
=952  ##$p3

`+head+`=100  ##$aNguyễn Văn An, Trần Thị Bình
=245  10$aKhông có bản nào
`)
	if s.Records != 4 || s.Items != 3 || s.Copies != 1 || s.People != 2 || s.Running != 2 || s.System != 0 {
		t.Errorf("%+v", *s)
	}
	if !s.Suggests(2) || s.Suggests(3) {
		t.Error("two records of four have something to mend")
	}
	if why := s.Why("vi"); !strings.Contains(why, "trong 4 biểu ghi") || !strings.Contains(why, "2 có nhiều người trong một trường tên") {
		t.Error(why)
	}
	if why := s.Why("en"); !strings.Contains(why, "of 4 records") || !strings.Contains(why, "1 are one more copy") || strings.Contains(why, "system") {
		t.Error(why)
	}
}

// The profile is proposed for the real catalogue that it was made for, and for no other file.
func TestKohaSignsOfRealRecords(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/data/*/*.mrc")
	more, _ := filepath.Glob("../../../shared/data/*/*.xml")
	if len(files) == 0 {
		t.Skip("no records in ../shared/data")
	}
	for _, name := range append(files, more...) {
		if strings.Contains(name, "/broken/") {
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewKohaSigns()
		if err != nil {
			t.Fatal(err)
		}
		in, err := formats.NewReader(f, marc.ReadOptions{})
		for n := 0; err == nil && n < 2000; n++ {
			var r *marc.Record
			if r, err = in.Next(); err == nil {
				s.Count(r)
			} else if _, bad := err.(*marc.BadRecord); bad {
				err = nil
			}
		}
		f.Close()
		want := strings.Contains(name, "hcmut-koha-a.") || strings.Contains(name, "hcmut-koha-24.") // the third holds no items
		if got := s.Suggests(3); got != want {
			t.Errorf("%s: koha-vn is proposed: %v (%s)", name, got, s.Why("en"))
		} else if want {
			t.Logf("%s: %s", filepath.Base(name), s.Why("en"))
		}
	}
}
