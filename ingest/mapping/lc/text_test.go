package lc

import "testing"

// The marks that go from a text, and those that stay (ConvSpec, "chop punctuation").
func TestChop(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"  Tắt  đèn / ":         "Tắt đèn",
		"Nguyễn Du, 1765-1820.": "Nguyễn Du, 1765-1820",
		"Smith, J.":             "Smith, J.",         // an initial
		"Smith, J. R., etc.":    "Smith, J. R., etc", // initials before it
		"2nd ed.":               "2nd ed.",           // an abbreviation
		"So? Yes.":              "So? Yes.",          // an end mark inside
		"= Parallel":            "Parallel",          // a mark in front
		"New York [N.Y.":        "New York [N.Y.]",
		"2001]":                 "[2001]",
		"(pbk":                  "pbk",
		"pbk)":                  "pbk",
		`"quoted" "`:            `"quoted" "`,
		`say "so`:               "say so",
		"...":                   ".",
		"Tokyo ;":               "Tokyo",
		"東京 :":                  "東京",
	} {
		if got := chop(in); got != want {
			t.Errorf("chop(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"(pbk.) :": "pbk", "(v. 1)": "v. 1", "()": "", "a (b)": "a (b)"} {
		if got := chopWith(in, &inParens); got != want {
			t.Errorf("chop parens(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct{ what, got, want string }{
		{"encode", encode("REROILS:75 é|"), "REROILS%3A75%20%3F%7C"},
		{"part", part("đèn dầu", 1, 3), "èn "},
		{"part behind the end", part("ab", 5, 2), ""},
		{"delimited", delimited([]string{"Hà Nội :", "Huế", "2001"}, ";"), "Hà Nội : Huế; 2001"},
		{"edtf", edtf("20010203040506"), "2001-02-03T04:05:06"},
		{"edtf of a year", edtf("2001"), "2001"},
		{"edtf of 033", edtfTime("1975----1830+0700"), "1975-XX-XXT18:30:00+07:00"},
		{"century", century("v", "9"), "179X"},
		{"before Christ", century("c", "0"), "-19XX"},
		{"the third millennium", century("y", "0"), "200X"},
		{"era", eraDate("c0221"), "-0221"},
		{"unknown digits", unknown("19uu"), "19XX"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
}
