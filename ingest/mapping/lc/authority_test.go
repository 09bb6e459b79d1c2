package lc

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"mocban/ingest/marc"
)

// referenceMADS is the folder of what marcauth-to-madsrdf makes of authority records.
const referenceMADS = "../../../../shared/data/reference-mads"

// What is reached for authorities. The numbers only rise.
const (
	leastAuthorityLeaves  = 1.0
	leastAuthorityTriples = 1.0
)

// TestAuthorityReference compares what we make of authority records with what the program of
// the Library of Congress makes of them.
func TestAuthorityReference(t *testing.T) {
	files, _ := filepath.Glob(referenceMADS + "/*.nt.gz")
	if len(files) == 0 {
		t.Skipf("the reference is not here: %s", referenceMADS)
	}
	// The program puts what has no number of the Library into this folder.
	c, err := New(Options{Base: "http://id.loc.gov/authorities/empty/"})
	if err != nil {
		t.Fatal(err)
	}
	run := c.NewRun()
	var leaves, triples tally
	all := differences{}
	for _, file := range files {
		name := filepath.Base(file)
		records := readRecords(t, strings.TrimSuffix(file, ".nt.gz")+".marcxml.gz")
		blocks := readBlocks(t, file)
		if len(records) != len(blocks) {
			t.Errorf("%s: %d records are read, %d are in the reference", name, len(records), len(blocks))
		}
		for i := range min(len(records), len(blocks)) {
			g := &graphs{seen: map[triple]bool{}}
			if err := run.Convert(g, records[i], c.Record(records[i])); err != nil {
				t.Errorf("%s: record %s: %v", name, blocks[i].id, err)
				continue
			}
			ref, own := blocks[i].triples[0].s, g.triples[0].s
			if ref != own {
				t.Errorf("%s: record %s is %s, in the reference it is %s", name, blocks[i].id, own, ref)
			}
			x, y := describe(asSet(blocks[i].triples), ref[1:]), describe(g.triples, own[1:])
			a, b := x.leaves(), y.leaves()
			count(&leaves, a, b)
			all.note(blocks[i].id, a, b)
			count(&triples, x.bag(), y.bag())
		}
	}
	if *showPaths > 0 {
		all.print(*showPaths)
	}
	t.Logf("%d authorities: leaves F1 %.5f, triples F1 %.5f, %d alike", leaves.records, leaves.f1(), triples.f1(), triples.same)
	if leaves.f1() < leastAuthorityLeaves || triples.f1() < leastAuthorityTriples {
		t.Errorf("it was: leaves F1 %.5f, triples F1 %.5f", leastAuthorityLeaves, leastAuthorityTriples)
	}
}

// asSet leaves out triples that stand twice, and the datatype that every text has.
func asSet(triples []triple) (set []triple) {
	seen := map[triple]bool{}
	for _, t := range triples {
		t.o = strings.TrimSuffix(t.o, "^^http://www.w3.org/2001/XMLSchema#string")
		if !seen[t] {
			seen[t] = true
			set = append(set, t)
		}
	}
	return set
}

// What a library would look for in its authority records.
func TestAuthority(t *testing.T) {
	const name = "=LDR  00000cz  a2200000n  4500\n=001  n 1\n=005  20260102030405.0\n=008  260101n| azannaabn          |a aba      \n" +
		"=010  ##$an  1\n=040  ##$aVN-HaNLV$bvie$cVN-HaNLV$dDLC\n=100  1#$aNguyễn, Du,$d1765-1820\n"
	const place = "=LDR  00000cz  a2200000n  4500\n=001  sh1\n=008  260101|| anannbabn          |a ana      \n"
	const gone = "=LDR  00000dz  a2200000n  4500\n=001  sh1\n=008  260101|| anannbabn          |a ana      \n=150  ##$aTea\n"
	const own = "=LDR  00000nz  a2200000n  4500\n=001  7\n=008  260101|| anannbabn          |a ana      \n"
	conv := newConverter(t)
	for _, c := range []struct{ what, record, path, value string }{
		{"elements of a name", name, "~ / mads:elementList / [] / rdf:type", "<mads:DateNameElement>"},
		{"a name is in no language", name, "~ / mads:elementList / [] / mads:elementValue", "1765-1820"},
		{"VIAF by the number", name, "~ / mads:hasExactExternalAuthority", "<http://viaf.org/viaf/sourceID/LC%7Cn++1#skos:Concept>"},
		{"who changed the record", name, "~ / mads:adminMetadata / ri:recordContentSource", "<http://id.loc.gov/vocabulary/organizations/dlc>"},
		{"when", name, "~ / mads:adminMetadata / ri:recordChangeDate", "2026-01-02T03:04:05^^xsd:dateTime"},
		{"undifferentiated", name, "~ / mads:isMemberOfMADSCollection", "<http://id.loc.gov/authorities/names/collection_NamesUndifferentiated>"},
		{"a variant in Han", name + "=400  0#$a阮攸\n", "~ / mads:hasVariant / mads:variantLabel", "阮攸@zxx-hani"},
		{"it is as good as the heading", name + "=400  0#$a阮攸\n", "~ / mads:authoritativeLabel", "阮攸@zxx-hani"},
		{"a variant in Vietnamese", name + "=400  1#$aNguyễn, Tố Như\n", "~ / mads:hasVariant / <http://id.loc.gov/ontologies/bflc/marcKey>", "4001 $aNguyễn, Tố Như@zxx-latn"},
		{"name and title", name + "=500  1#$wr$aA,$d1900-$tB.$lEnglish\n", "~ / mads:hasRelatedAuthority / mads:componentList / [] / mads:authoritativeLabel", "A, 1900-"},
		{"an earlier name", name + "=500  1#$wnna$aA\n", "~ / mads:hasEarlierEstablishedForm / mads:variantLabel", "A"},
		{"a see reference traced by $w", name + "=400  1#$wnne$aA\n", "~ / mads:hasEarlierEstablishedForm / mads:variantLabel", "A"},
		{"born on a day", name + "=046  ##$f17651230$vX\n", "~ / mads:identifiesRWO / mads:birthDate", "1765-12-30^^http://id.loc.gov/datatypes/edtf/EDTF"},
		{"with a note", name + "=046  ##$f1765~$2edtf$vX\n", "~ / mads:identifiesRWO / mads:note", "Date 1765~ -- X"},
		{"a day that is none", name + "=046  ##$f17651330\n", "~ / mads:identifiesRWO / mads:birthDate", "17651330"},
		{"an address", name + "=371  ##$aA$aB$bHà Nội\n", "~ / mads:identifiesRWO / mads:hasAffiliation / mads:hasAffiliationAddress / mads:extendedAddress", "B"},
		{"a body", strings.Replace(name, "=100  1#$aNguyễn, Du,$d1765-1820", "=110  2#$aThư viện", 1), "~ / mads:identifiesRWO / rdf:type", "<http://id.loc.gov/ontologies/bibframe/Organization>"},
		{"why it was deleted", gone + "=682  ##$i$aTeas$iis used\n", "~ / mads:deletionNote", "{Teas} is used@en"},
		{"languages", name + "=377  ##$avie, rda, eng\n", "~ / mads:identifiesRWO / mads:associatedLanguage", "<http://id.loc.gov/vocabulary/languages/eng>"},
		{"a place by its qualifier", place + "=151  ##$aX (Vietnam and Laos)\n", "~ / mads:code", "a-ls---^^http://id.loc.gov/datatypes/codes/gac"},
		{"a place by itself", place + "=151  ##$aAfrica\n", "~ / mads:code", "f------^^http://id.loc.gov/datatypes/codes/gac"},
		{"a place by 043", place + "=043  ##$aa-vt---\n=151  ##$aX (Laos)\n", "~ / mads:code", "a-vt---^^http://id.loc.gov/datatypes/codes/gac"},
		{"components of a subject", place + "=150  ##$aTea.$xTrade$zVietnam\n", "~ / mads:componentList / [] / mads:authoritativeLabel", "Tea@en"},
		{"a broader subject", place + "=150  ##$aTea\n=550  ##$wg$aDrinks\n", "~ / mads:hasBroaderAuthority / mads:authoritativeLabel", "Drinks@en"},
		{"not found", place + "=150  ##$aTea\n=675  ##$aA;$aB\n", "~ / mads:hasSource / mads:citationStatus", "notfound"},
		{"a deleted heading", gone + "=682  ##$iReplaced by$aTeas$i(sh 85 and sh 86)\n", "~ / mads:hasLaterEstablishedForm", "<http://id.loc.gov/authorities/subjects/sh86>"},
		{"is a variant", gone, "~ / mads:variantLabel", "Tea@en"},
		{"a library's own", own + "=185  ##$vDictionaries$xX\n", "~ / rdf:type", "<mads:ComplexSubject>"},
		{"a family", own + "=100  3#$aNguyễn (họ)\n", "~ / rdf:type", "<mads:FamilyName>"},
	} {
		r := oneRecord(t, c.record)
		g := &graphs{seen: map[triple]bool{}}
		if err := conv.NewRun().Convert(g, r, conv.Record(r)); err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		found := false
		var all strings.Builder
		for k := range describe(g.triples, g.triples[0].s[1:]).leaves() {
			path, value := plain(k[0]), plain(k[1])
			found = found || path == c.path && value == c.value
			all.WriteString(path + " = " + value + "\n")
		}
		if !found {
			t.Errorf("%s: %s is not %s; there is\n%s", c.what, c.path, c.value, all.String())
		}
	}
}

// plain writes a path or value of a comparison for people.
func plain(s string) string {
	s = strings.NewReplacer("<http://id.loc.gov/ontologies/RecordInfo#recordContentSource>", "ri:recordContentSource",
		"<http://id.loc.gov/ontologies/RecordInfo#recordChangeDate>", "ri:recordChangeDate", "bflc:marcKey", "<http://id.loc.gov/ontologies/bflc/marcKey>",
		"http://www.w3.org/2001/XMLSchema#", "xsd:", "http://www.loc.gov/mads/rdf/v1#", "mads:").Replace(s)
	if rest, ok := strings.CutPrefix(s, "i"); ok && strings.Contains(rest, ":") {
		return "<" + rest + ">"
	}
	if rest, ok := strings.CutPrefix(s, "l"); ok && strings.Contains(rest, "\x00") {
		return strings.Replace(rest, "\x00", "", 1)
	}
	return s
}

func oneRecord(t *testing.T, lines string) *marc.Record {
	t.Helper()
	in, err := marc.NewReader(strings.NewReader(lines), marc.ReadOptions{AsIs: true})
	if err != nil {
		t.Fatal(err)
	}
	r, err := in.Next()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// An authority record without a heading is refused, and what is read is told by tag.
func TestAuthorityWithoutHeading(t *testing.T) {
	c := newConverter(t)
	r := oneRecord(t, "=LDR  00000cz  a2200000n  4500\n=001  1\n=670  ##$aA\n")
	if err := c.NewRun().Convert(&graphs{seen: map[triple]bool{}}, r, c.Record(r)); !errors.Is(err, ErrKind) {
		t.Errorf("the error is %v", err)
	}
	if !AuthorityReads("451") || !AuthorityReads("670") || AuthorityReads("880") || AuthorityReads("4") {
		t.Error("what is read of authority records is told wrongly")
	}
}

// What the Library takes for a URI, a date of EDTF, a script.
func TestFormsInAuthorities(t *testing.T) {
	for s, want := range map[string]bool{
		"http://id.loc.gov/authorities/names/n1": true, "urn:isbn:1": true, "https://a.example/%C3%A9?x=1#y": true,
		"(DE-588)1": false, "http://a b": false, "http://vi.example/Hà": false, "": false,
	} {
		if isValidURI(s) != want {
			t.Errorf("URI %q: %v", s, !want)
		}
	}
	for s, want := range map[string]bool{
		"1765": true, "176X?": true, "1765-12": true, "1765-13": false, "1765-21": true, "1765-02-29": false, "1764-02-29": true,
		"-0043-03": true, "Y170000": true, "1765/..": true, "1765/1820-09": true, "[..1765]": false, "khoảng 1765": false, "": false,
	} {
		if isEDTFDate(s) != want {
			t.Errorf("date %q: %v", s, !want)
		}
	}
	for s, want := range map[string]string{
		"Nguyễn Du": "Latn", "阮攸": "Hani", "阮": "Latn", "村上春樹 むらかみ": "Jpan", "김소월 金素月": "Kore", "Чехов": "Cyrl", "ياسين": "Arab",
	} {
		if got := scriptOf(s); got != want {
			t.Errorf("%q is in %s, not in %s", s, want, got)
		}
	}
}
