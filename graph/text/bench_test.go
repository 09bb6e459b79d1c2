package text

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/vocab/rdf"
	"mocban/vocab/rdfs"
)

// Words of which names are made up, the common ones first.
var (
	surnames = strings.Fields(`Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đào Đoàn Vương Trịnh
		Trương Lâm Phùng Mai Tô Hà Tạ Chu Lương Thái Cao Đinh Nghiêm Quách Triệu Tôn La Kiều Bạch Khổng`)
	middles = strings.Fields(`Văn Thị Hữu Đức Thành Minh Quang Xuân Ngọc Thanh Kim Hồng Đình Công Bá Thế Trọng Duy Anh Gia Bảo
		Tuấn Việt Hoài Phương Thùy Bích Mỹ Như Diệu Tường Khánh Nhật Tiến Vĩnh Phúc Trung Hải`)
	givens = strings.Fields(`Anh Bình Châu Cường Dũng Dung Đạt Đức Giang Hà Hạnh Hằng Hiền Hiếu Hoa Hòa Hùng Hương Khanh Khoa
		Kiên Lan Linh Long Loan Mai Minh Nam Nga Ngân Nghĩa Nhung Oanh Phong Phúc Phương Quân Quỳnh Sơn Tài Tâm Thảo
		Thắng Thủy Thúy Tiên Toàn Trang Trâm Trí Tú Tuấn Tùng Tuyết Uyên Vân Vinh Vy Yến`)
	topics = strings.Fields(`truyện thơ văn học lịch sử địa lý kinh tế xã hội giáo dục khoa nông nghiệp y dược toán vật hóa sinh tin
		luật chính trị triết tôn giáo văn hóa nghệ thuật âm nhạc hội họa kiến trúc xây dựng cầu đường thủy lợi điện tử viễn
		thông máy tính mạng dữ liệu thư viện sách báo tạp chí di sản dân tộc làng xã phố phường sông núi biển đảo rừng đất
		nước trời mây gió mưa nắng xuân hạ thu đông ngày đêm sáng chiều người con mẹ cha anh chị em bạn tình yêu thương nhớ
		chiến tranh hòa bình cách mạng kháng hành quân đội súng đạn giải phóng độc lập tự do hạnh phúc cuộc đời sống chết`)
	starts = []string{"Giáo trình", "Từ điển", "Tuyển tập", "Lịch sử", "Nghiên cứu", "Một số vấn đề về", "Cơ sở", "Tìm hiểu", "Hướng dẫn",
		"Truyện", "Thơ", "Những", "Hồi ký", "Kỷ yếu hội thảo", "Luận án", "Bài giảng", "Sổ tay", "Văn hóa", "Đại cương", "Phương pháp"}
)

// zipf picks from a list, the first the most often.
func zipf(r *rand.Rand, from []string) string {
	f := r.Float64()
	return from[int(f*f*float64(len(from)))]
}

func person(r *rand.Rand) string {
	return zipf(r, surnames) + " " + zipf(r, middles) + " " + zipf(r, givens)
}

func title(r *rand.Rand) string {
	words := []string{zipf(r, starts)}
	for range 2 + r.IntN(6) {
		words = append(words, zipf(r, topics))
	}
	if r.IntN(3) == 0 {
		words = append(words, fmt.Sprint("tập ", 1+r.IntN(12)))
	}
	return strings.Join(words, " ")
}

// manyNames returns quads for n named things: three titles to a person, with one or two
// classes, an ISBN, and now and then a second name.
func manyNames(n int) []graph.Quad {
	r := rand.New(rand.NewPCG(1, 2))
	var quads []graph.Quad
	for i := range n {
		add := func(s graph.Term, p graph.IRI, o graph.Term) { quads = append(quads, graph.Quad{S: s, P: p, O: o}) }
		if i%4 == 0 {
			s := (ex + graph.IRI(fmt.Sprintf("id/agent/%012x", r.Uint64()>>16))).Term()
			name := person(r)
			add(s, rdfs.Label, graph.Text(name, "vi"))
			add(s, rdf.Type, agent.Term())
			if i%3 == 0 {
				add(s, alt, graph.String(strings.Replace(name, " ", ", ", 1)))
			}
			continue
		}
		s := (ex + graph.IRI(fmt.Sprintf("id/work/%012x", r.Uint64()>>16))).Term()
		add(s, rdfs.Label, graph.Text(title(r), "vi"))
		add(s, rdf.Type, work.Term())
		add(s, rdf.Type, (ex + "Text").Term())
		add(s, isbn, graph.String(fmt.Sprintf("978604%07d", r.IntN(1e7))))
	}
	return quads
}

var hundredThousand = sync.OnceValue(func() *memstore.Store { return memstore.New(manyNames(100_000)...) })

// cpu returns the processor time that the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkBuild(b *testing.B) {
	store := hundredThousand()
	var size int64
	start := cpu()
	for b.Loop() {
		dir := b.TempDir()
		x, err := Open(dir, testOptions())
		if err != nil {
			b.Fatal(err)
		}
		catchUp(b, x, store)
		x.Close()
		size = diskSize(b, dir)
		os.RemoveAll(dir)
	}
	docs := float64(b.N) * 100_000
	b.ReportMetric(docs/b.Elapsed().Seconds(), "docs/s")
	b.ReportMetric(docs/(cpu()-start).Seconds(), "docs/cpu-s")
	b.ReportMetric(float64(size)/100_000, "B/doc")
}

func diskSize(t testing.TB, dir string) (size int64) {
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		size += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}

func BenchmarkSearch(b *testing.B) {
	x, err := Open(b.TempDir(), testOptions())
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	catchUp(b, x, hundredThousand())
	for _, text := range []string{
		"nguyễn văn anh", "nguyen", "lịch sử văn hóa", "lich su", "9786041234567", "không có gì cả", "truyện",
		"giáo trình kinh tế xã hội tập 3",
	} {
		b.Run(strings.ReplaceAll(text, " ", "_"), func(b *testing.B) {
			var found graph.Found
			start := cpu()
			for b.Loop() {
				found = search(b, x, graph.Search{Text: text})
			}
			b.ReportMetric((cpu()-start).Seconds()*1e3/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(found.Total), "hits")
		})
	}
	b.Run("suggest", func(b *testing.B) {
		start := cpu()
		for b.Loop() {
			if _, err := x.Suggest(context.Background(), graph.Search{Text: "nguyễn v"}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric((cpu()-start).Seconds()*1e3/float64(b.N), "cpu-ms/op")
	})
}

// BenchmarkCatchUp measures one record changed among many.
func BenchmarkCatchUp(b *testing.B) {
	store := memstore.New(manyNames(5000)...)
	x, err := Open(b.TempDir(), testOptions())
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	catchUp(b, x, store)
	start := cpu()
	n := 0
	for b.Loop() {
		n++
		q := graph.Quad{S: (ex + "id/work/one").Term(), P: rdfs.Label, O: graph.String(fmt.Sprint("tập ", n))}
		if _, err := store.Update(context.Background(), func(t graph.Txn) error { return t.Add(q) }); err != nil {
			b.Fatal(err)
		}
		catchUp(b, x, store)
	}
	b.ReportMetric((cpu()-start).Seconds()*1e3/float64(b.N), "cpu-ms/op")
}
