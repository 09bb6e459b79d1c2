package regex

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

// XPath F&O 3.1, 5.6; the W3C tests of SPARQL's regex folder; and odd ones.
func TestMatch(t *testing.T) {
	const poem = "Kaum hat dies der Hahn gesehen,\nFängt er auch schon an zu krähen:\n«Kikeriki! Kikikerikih!!»\nTak, tak, tak! - da kommen sie.\n"
	for _, c := range []struct {
		pattern, flags, text string
		want                 bool
	}{
		{"bra", "", "abracadabra", true}, {"^a.*a$", "", "abracadabra", true}, {"^bra", "", "abracadabra", false},
		{"Kaum.*krähen", "", poem, false}, {"Kaum.*krähen", "s", poem, true}, {"^Kaum.*gesehen,$", "m", poem, true}, {"^Kaum.*gesehen,$", "", poem, false}, {"kiki", "i", poem, true},
		{"hello world", "x", "helloworld", true}, {"hello[ ]world", "x", "helloworld", false}, {`hello\ sworld`, "x", "hello world", true}, {"hello world", "", "hello world", true},
		{".*", "q", "abcd", false}, {"B. OBAMA", "iq", "Mr. B. Obama", true}, {"a?+*.{}()[]c", "q", "a?+*.{}()[]c", true}, {"A?+*.{}()[]C", "iq", "a?+*.{}()[]c", true}, {"a b", "qx", "a b", true}, {"^a", "qm", "^a", true},
		{" a\n\tc ", "x", "ac", true}, {" a\n\r\t[\\n]c ", "x", "a\nc", true}, {" a\n\r\t[\\n]c ", "x", "ac", false},

		{"a.c", "", "a\nc", false}, {"a.c", "", "a\rc", false}, {"a.c", "s", "a\nc", true}, {"^b$", "", "a\nb\nc", false}, {"^b$", "m", "a\nb\nc", true}, {"b$", "", "ab\n", false}, {"b$", "m", "ab\n", true}, {"a$b", "", "a$b", false}, {`a\$b`, "", "a$b", true},

		{"ab{2}c", "", "abbc", true}, {"ab{2}c", "", "abc", false}, {"ab{1,}c", "", "abbbc", true}, {"ab{1,2}c", "", "abbbc", false}, {"a{0}b", "", "b", true}, {"x{2,3}?", "", "xx", true}, {"(?:ab|c)+d", "", "abccabd", true}, {"a||b", "", "", true}, {"()", "", "", true}, {"", "", "x", true},

		{"[a-c-[b]]", "", "b", false}, {"[a-c-[b]]", "", "c", true}, {"^[a-z-[aeiou-[i]]]+$", "", "xiz", true}, {"[^a-c-[d]]", "", "d", false}, {"[^a-c-[d]]", "", "e", true}, {"^[-a]+$", "", "-a", true}, {"^[a-]+$", "", "-a", true}, {"[a^]", "", "^", true}, {`[\^\]\[\-]`, "", "]", true}, {"[ab&&b]", "", "&", true}, {"^[^\n]$", "", "ệ", true}, {"[$.]", "", "$", true},

		{`^\p{Lu}$`, "", "Đ", true}, {`^\p{Lu}$`, "", "đ", false}, {`^\P{Lu}$`, "", "đ", true}, {`\p{IsBasicLatin}`, "", "é", false}, {`^\p{IsLatinExtendedAdditional}$`, "", "ệ", true}, {`^\P{IsLatinExtendedAdditional}$`, "", "ệ", false}, {`^[\p{L}\s]+$`, "", "Truyện Kiều", true}, {`^\p{IsCJKUnifiedIdeographs}+$`, "", "傳翹", true}, {`^\p{Cn}$`, "", "\u0378", true}, {`^\p{C}$`, "", "\u0378", true}, {`^\p{C}$`, "", "\t", true}, {`^\p{C}$`, "", "a", false}, {`^\p{IsGreek}$`, "", "α", true},
		{`^\d+$`, "", "19४५", true}, {`^\w+$`, "", "Nguyễn_Du", false}, {`^\w+$`, "", "NguyễnDu$", true}, {`\W`, "", "_", true}, {`^\i\c*$`, "", "bf:Work-1", true}, {`^\i$`, "", "-", false}, {`^\I$`, "", "-", true}, {`^\c$`, "", "·", true}, {`^\C$`, "", " ", true}, {`^\s$`, "", "\u00a0", false}, {`^\S$`, "", "\u00a0", true}, {`^[\d-]+$`, "", "1-2", true}, {`^[\w\s]+$`, "", "a b", true}, {`\n`, "", "\n", true}, {`\t\r`, "", "\t\r", true}, {`\|\.\?\*\+\(\)\{\}\[\]\^\-`, "", "|.?*+(){}[]^-", true},

		{"z", "i", "Z", true}, {"[A-Z]", "i", "\u212a", true}, {"[A-Z-[IO]]", "i", "b", true}, {"[A-Z-[IO]]", "i", "i", false}, {"[^Q]", "i", "q", false}, {"[^Q]", "i", "p", true}, {`\p{Lu}`, "i", "a", false}, {`[\p{Lu}b]`, "i", "B", true}, {`^[\p{Lu}b]$`, "i", "c", false},
		{"TRUYỆN KIỀU", "i", "Xem truyện Kiều", true}, {"đ", "i", "Đ", true}, {"ß", "i", "ẞ", true}, {"ß", "i", "SS", false}, {"σ", "i", "ς", true}, {"k", "i", "\u212a", true}, {"s", "i", "ſ", true}, {"i", "i", "ı", true}, {"i", "i", "İ", false}, {"ǆ", "i", "ǅ", true}, {"\ufb05", "i", "\ufb06", true}, {"^abc$", "i", "ABC", true}, {"^abc", "i", "xABC", false}, {"abc$", "i", "xABCABC", true}, {"", "i", "", true}, {"kiều", "i", "kiê\u0300u", false},
	} {
		r, err := Compile(c.pattern, c.flags)
		if err != nil {
			t.Errorf("/%s/%s: %v", c.pattern, c.flags, err)
			continue
		}
		if got := r.Match(c.text); got != c.want {
			t.Errorf("/%s/%s matches %.40q: %v", c.pattern, c.flags, c.text, got)
		}
	}
}

// What the grammar does not have is refused in words.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ pattern, flags, want string }{
		{`\bKiều\b`, "", `regular expression: character 2: \b is no escape of XPath regular expressions`},
		{"(?i)kiều", "", "regular expression: character 3: XPath knows (?: and nothing else that begins with (?; flags are an argument of their own"},
		{"(?=a)", "", "regular expression: character 3: XPath knows (?:"}, {"(?<n>a)", "", "regular expression: character 3: XPath knows (?:"},
		{`(a)\1`, "", "regular expression: character 5: back-references are not supported"},
		{"(a", "", "regular expression: character 1: this parenthesis is never closed"}, {"a)", "", "regular expression: character 2: this parenthesis was never opened"},
		{"[a", "", "regular expression: character 3: the class is never closed"}, {"[]", "", "regular expression: character 3: a class holds at least one character"}, {"[^]", "", "at least one character"},
		{"*a", "", `regular expression: character 1: nothing stands before * to be repeated; write \* for the character itself`}, {"a**", "", "nothing stands before *"}, {"a{2}{3}", "", "nothing stands before {"}, {"|?", "", "nothing stands before ?"},
		{"a{,2}", "", "regular expression: character 3: expected a number"}, {"a{2", "", "expected } at the end of the quantifier"}, {"a{3,2}", "", "the quantifier {3,2} ends before it begins"}, {"a{1001}", "", "more than 1000 repetitions"}, {"(a{100}){100}", "", "larger than 5000 instructions"}, {"(((a{1,30}){1,30}){1,30})", "", "larger than"}, {"[z-a]", "", "the range z-a ends before it begins"}, {`[a-\d]`, "", "a range ends with one character"},
		{"a}", "", "regular expression: character 2: } closes nothing"}, {"a]", "", "] closes nothing"}, {"[a[b]]", "", `write \[ for the bracket itself`}, {"[a-[b]c]", "", "a subtraction is the last part of its class"},
		{`a\`, "", "nothing follows the backslash"}, {`[a\`, "", "nothing follows the backslash"}, {`\p{Foo}`, "", `regular expression: character 2: there is no category or block of Unicode named "Foo"`}, {`\p{IsFoo}`, "", `named "IsFoo"`}, {`\pL`, "", "expected { and the name"}, {`\p{L`, "", `named "L"`}, {`\p{Latin}`, "", `named "Latin"`}, {`\x41`, "", `\x is no escape`},
		{"a", "g", `flags: character 1: there is no flag 'g', only s, m, i, x and q`}, {"a", "iI", "flags: character 2:"}, {"\xff", "", "not UTF-8"},
		{strings.Repeat("a", MaxPattern+1), "q", "longer than 32768 bytes"}, {strings.Repeat("(", 300) + strings.Repeat(")", 300), "", "more than 200 parentheses inside each other"}, {"[a-" + strings.Repeat("[a-", 300), "", "more than 200 brackets inside each other"}, {strings.Repeat(`\w?`, 3000), "", "larger than 5000 instructions"},
	} {
		r, err := Compile(c.pattern, c.flags)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("/%.40s/%s is %v, %v; want %s", c.pattern, c.flags, r, err, c.want)
		}
	}
}

func TestReplace(t *testing.T) {
	for _, c := range []struct{ text, pattern, replacement, flags, want string }{
		// XPath F&O 3.1, 5.6.4 and 5.6.2
		{"abracadabra", "bra", "*", "", "a*cada*"}, {"abracadabra", "a.*a", "*", "", "*"}, {"abracadabra", "a.*?a", "*", "", "*c*bra"}, {"abracadabra", "a", "", "", "brcdbr"}, {"abracadabra", "a(.)", "a$1$1", "", "abbraccaddabbra"},
		{"AAAA", "A+", "b", "", "b"}, {"AAAA", "A+?", "b", "", "bbbb"}, {"darted", "^(.*?)d(.*)$", "$1c$2", "", "carted"}, {"abcd", "(ab)|(a)", "[1=$1][2=$2]", "", "[1=ab][2=]cd"},
		{`a\b\c`, `\`, `\\`, "q", `a\\b\\c`}, {"a/b/c", "/", "$", "q", "a$b$c"},
		// SPARQL 1.1, 17.4.3.15
		{"abcd", "b", "Z", "", "aZcd"}, {"abab", "B", "Z", "i", "aZaZ"}, {"abab", "B.", "Z", "i", "aZb"},
		{"food", "o", `\$`, "", "f$$d"}, {"food", "o", `\\`, "", `f\\d`}, {"food", "(o)", "$0$0", "", "fooood"}, {"food", "o", "$1", "", "fd"}, {"food", "(o)", "$12", "", "fo2o2d"}, {"food", "(o)", "$01", "", "food"}, {"abcdefghijkl", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "$11$10$9", "", "kjil"}, {"abcdef", "(a)(b)(c)(d)(e)", "<$23>", "", "<b3>f"},
		{"aaa", "^a", "b", "", "baa"}, {"aaa", "^a", "b", "m", "baa"}, {"a\na\na", "^a", "b", "m", "b\nb\nb"}, {"a\na", "^a", "b", "", "b\na"}, {"aa", "a$", "b", "", "ab"}, {"x", "y", "z", "", "x"}, {"", "y", "z", "", ""}, {"Kiều Kiều", "ề", "è", "", "Kièu Kièu"}, {"aab", "a|ab", "x", "", "xxb"},
	} {
		r, err := Compile(c.pattern, c.flags)
		if err != nil {
			t.Fatal(err)
		}
		tmpl, err := r.Template(c.replacement)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Replace(c.text, tmpl, 1000, func(int64) bool { return true })
		if err != nil || got != c.want {
			t.Errorf("%q with /%s/%s replaced by %q is %q, %v; want %q", c.text, c.pattern, c.flags, c.replacement, got, err, c.want)
		}
		if step := replaceOneByOne(r, c.text, tmpl); step != c.want {
			t.Errorf("%q with /%s/%s replaced by %q one by one is %q, want %q", c.text, c.pattern, c.flags, c.replacement, step, c.want)
		}
	}
}

// replaceOneByOne replaces as long texts are replaced.
func replaceOneByOne(r *Regex, s string, t Template) string {
	w := writer{from: s, template: t, maxBytes: 1 << 20}
	for match := r.program().FindStringSubmatchIndex(s); match != nil; match = r.after(s, match[1]) {
		w.replace(match)
	}
	text, _ := w.end()
	return text
}

func TestReplacementRefused(t *testing.T) {
	r, _ := Compile("a", "")
	for text, want := range map[string]string{
		"$": "replacement: character 1: $ stands alone", "a$x": "replacement: character 2: $ stands alone", `\`: `replacement: character 1: \ stands alone`, `ệ\n`: `replacement: character 2: \ stands alone`, `\\\`: "character 3",
	} {
		if _, err := r.Template(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is taken as a replacement: %v", text, err)
		}
	}
}

func TestReplaceEnds(t *testing.T) {
	r, _ := Compile("[ab]", "")
	tmpl, _ := r.Template("1234567890")
	yes := func(int64) bool { return true }
	if _, err := r.Replace(strings.Repeat("a", 11), tmpl, 100, yes); err != ErrTooLong {
		t.Errorf("110 bytes of at most 100: %v", err)
	}
	if s, err := r.Replace(strings.Repeat("a", 10), tmpl, 100, yes); err != nil || len(s) != 100 {
		t.Errorf("100 bytes of at most 100: %v", err)
	}
	long := strings.Repeat("a", 100_000)
	asked := 0
	if _, err := r.Replace(long, tmpl, 1<<30, func(int64) bool { asked++; return asked < 5 }); err != ErrStopped || asked != 5 {
		t.Errorf("stopped by %v after %d matches", err, asked)
	}
	if _, err := r.Replace("a", tmpl, 100, func(int64) bool { return false }); err != ErrStopped {
		t.Errorf("not stopped: %v", err)
	}
}

// The bound on time: instructions times bytes. Plain text needs none.
func TestSteps(t *testing.T) {
	for _, c := range []struct {
		pattern, flags string
		low, high      int64
	}{
		{"Kiều", "", 0, 0}, {"^Kiều$", "", 0, 0}, {"kiều", "i", 4, 4 * 1001}, {"(a+)+$", "", 5 * 1001, 20 * 1001}, {"(.{0,500}x){2}", "", 1000 * 1001, 5000 * 1001},
	} {
		r, err := Compile(c.pattern, c.flags)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Steps(1000); got < c.low || got > c.high {
			t.Errorf("/%s/%s takes %d steps on 1000 bytes", c.pattern, c.flags, got)
		}
	}
	if r, _ := Compile("a*", ""); !r.MatchesEmpty() {
		t.Error("/a*/ does not match the empty string")
	}
}

// What every match must contain.
func TestNeeds(t *testing.T) {
	for _, c := range []struct {
		pattern, flags string
		want           []string
	}{
		{"^(truyện|thơ).*(chiến tranh|hòa bình|tình yêu)", "i", []string{"chiến tranh", "hòa bình", "tình yêu"}}, {"(Du|Trãi)$", "", []string{"Du", "Trãi"}}, {"a(bc)?d", "", nil}, {"ab+cde*f", "", []string{"cd"}}, {`\d+ trang`, "", []string{" trang"}}, {"(ab|c*)d", "", nil}, {"(abc|de){2,}x", "", []string{"abc", "de"}}, {"[ab]c", "", nil}, {`[12]\d{3}`, "", nil}, {"(?:(x1|x2)y|zz)", "", []string{"x1", "x2", "zz"}}, {"Kiều", "", nil},
	} {
		r, err := Compile(c.pattern, c.flags)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range r.need {
			got = append(got, p.text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("/%s/ needs %q, want %q", c.pattern, got, c.want)
		}
	}
}

// Case variants are those of Unicode's own mappings, looked up one by one.
func TestVariants(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r == 'İ' || unicode.ToLower(r) == r && unicode.ToUpper(r) == r {
			continue
		}
		for _, other := range []rune{unicode.ToLower(r), unicode.ToUpper(r)} {
			if !variants()[r].holds(other) || !variants()[other].holds(r) {
				t.Fatalf("%c and %c are no variants", r, other)
			}
		}
	}
	if got := one('i').fold(); len(got) != 3 { // I, i, ı
		t.Errorf("variants of i are %v", got)
	}
	if got := (set{{'a', 'z'}}).fold(); !got.holds('\u212a') || got.holds('[') {
		t.Errorf("variants of a-z are %v", got)
	}
	if got := everything.fold(); len(got) != 1 {
		t.Errorf("variants of all characters are %v", got)
	}
}

func TestSets(t *testing.T) {
	s := set{{'a', 'f'}, {'x', 'z'}}
	for _, c := range []struct {
		got  set
		want string
	}{
		{s.not(), `[\x{0}-\x{60}g-w\x{7b}-\x{10ffff}]`}, {s.minus(set{{'c', 'y'}}), "[a-bz]"}, {union(s, set{{'g', 'g'}}), "[a-gx-z]"}, {set{}.not(), `[\x{0}-\x{10ffff}]`}, {everything.not(), `[^\x00-\x{10FFFF}]`}, {s.minus(everything), `[^\x00-\x{10FFFF}]`},
	} {
		if got := string(c.got.append(nil)); got != c.want {
			t.Errorf("set is %s, want %s", got, c.want)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	const text = "Truyện Kiều, hay Đoạn trường tân thanh, là truyện thơ của đại thi hào Nguyễn Du"
	for _, c := range []struct{ name, pattern, flags string }{
		{"plain", "Nguyễn Du", ""}, {"fold", "nguyễn du", "i"}, {"prefix", "^Truyện", ""}, {"class", `Nguyễn \p{Lu}\w+$`, ""}, {"alternatives", "(Du|Trãi)$", ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			r, _ := Compile(c.pattern, c.flags)
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if !r.Match(text) {
					b.Fatal("no match")
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for name, pattern := range map[string]string{"plain": "Nguyễn Du", "class": `^\p{Lu}\w+ (Du|Trãi)$`} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Compile(pattern, "i")
			}
		})
	}
}
