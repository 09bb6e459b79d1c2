package lc

import (
	"strings"
	"testing"

	"mocban/graph"
	"mocban/ingest/marc"
)

// checked is a sink that looks at what it is given.
type checked struct {
	t      *testing.T
	blanks int
}

func (k *checked) Add(s graph.Term, p graph.IRI, o graph.Term) {
	q := graph.Quad{S: s, P: p, O: o}
	if err := q.Check(); err != nil {
		k.t.Fatal(err)
	}
	if l := o.Lang(); l != "" && !isLanguage(l) {
		k.t.Fatalf("%q is no language", l)
	}
	if s.Value() == "" || !strings.Contains(string(p), "://") {
		k.t.Fatalf("%v", q)
	}
}

func (k *checked) Blank() graph.Term {
	k.blanks++
	return graph.Blank("b")
}

// FuzzConvert converts whatever reads as a record: nothing may panic, and every triple must
// be one.
func FuzzConvert(f *testing.F) {
	for _, seed := range []string{
		"=LDR  00000nam a2200000 i 4500\n=001  1\n=008  260101s2020    vm            000 | vie d\n=245  10$aTắt đèn :$btiểu thuyết /$cNgô Tất Tố.\n",
		"=LDR  00000cas a2200000 i 4500\n=001  2\n=007  sd fsngnnmmned\n=008  260101c19uu9999|||||||||||||||||||||||||d\n=100  1#$6880-01$aA, B.$eauthor, and editor.\n=880  1#$6100-01/$1$aC\n=240  10$aT$lVietnamese\n=245  04$aThe x$n1$pY\n=264  #1$6880-02$aHà Nội :$b[NXB],$c1990]$eIn ở Huế$fX\n=880  #1$6264-02/(3$aA$bB$cC\n",
		"=LDR  00000nqm a2200000 i 4500\n=001  3\n=130  0#$aHub$o(arr.)\n=377  ##$avie\n=490  1#$aA =$aB ;$v1$x1234-5678\n=785  17$tB\n=785  17$tC\n=580  ##$aMerged\n=600  10$aA$tB$xC\n=758  ##$4http://id.loc.gov/ontologies/bibframe/instanceOf$1https://data.example.vn/9\n",
		"=LDR  x\n=008  \n=033  2#$a1975----1830+0700$bG$c1\n=041  17$aen$2iso639-1\n=045  2#$bd1945$bc0221\n=041  0#$aengfre$hger\n=362  0#$aSố 1 (1917)-=x-y\n=856  4#$uhttp://a b|c$zx\n=051  ##$aA$5DLC\n",
		"=LDR  00000cz  a2200000n  4500\n=001  n 1\n=005  20260101000000.0\n=008  260101n| azannaabn          |b aaa      \n=010  ##$an  1\n=040  ##$aVN-X$bvie$cVN-X\n=043  ##$aa-vt---\n=046  ##$f1765$g1820-09-16$2edtf$vA\n=053  #4$aPL4378$b- PL5$5VN X\n=100  1#$aNguyễn, Du,$d1765-1820.$tTruyện Kiều.$lEnglish\n=370  ##$aHà Nội$2naf\n=372  ##$aA$2lcsh$uB\n=377  ##$avie, eng\n=400  1#$a阮攸$w\n=500  1#$wnnea$aA$0http://x y\n=550  ##$wg$aA$xB$zC\n=670  ##$aA$bB$uhttp://a\n",
		"=LDR  00000dz  a2200000n  4500\n=001  sh1\n=008  260101|| anannbabn          |a ana      \n=072  #7$aA 1$2lcsh\n=151  ##$aHà Nội (Vietnam)\n=451  ##$aX$xY\n=682  ##$iA$ash 2\n=680  ##$iA$aB\n",
		"=LDR  00000nz  a2200000n  4500\n=001  1\n=185  ##$vA$xB\n=380  ##$aA\n=480  ##$xA\n=580  ##$wr$xA$yB\n=5  ##$aA\n",
	} {
		f.Add(seed)
	}
	c := newConverter(f)
	f.Fuzz(func(t *testing.T, text string) {
		in, err := marc.NewReader(strings.NewReader(text), marc.ReadOptions{AsIs: true})
		if err != nil {
			return
		}
		run := c.NewRun()
		for range 10 {
			r, err := in.Next()
			if r == nil || err != nil {
				return
			}
			_ = run.Convert(&checked{t: t}, r, c.Record(r)) // other kinds of records are refused
		}
	})
}
