package quality

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Cards hold what was found, by library.
type Cards map[string]*Card

// A Card is what was found in the records of one library.
//
// The score of a record is 100, less 25 for each rule that it violates, 5 for each that warns
// and 1 for each that only hints, and not below 0; a rule counts once in a record. The score of
// a library is the mean of those of its records.
type Card struct {
	Records  uint64
	Clean    uint64 // records without violation and warning
	Points   uint64 // the sum of the scores of the records
	Verdicts [3]uint64
	Rules    map[string]*RuleCard
}

// A RuleCard counts what one rule found.
type RuleCard struct {
	Severity Severity
	Field    string // the field it speaks of most often is the first it spoke of: "245 $a"
	Vi, En   string
	Verdicts uint64
	Records  uint64
	Examples []Example `json:",omitempty"`
}

// An Example is a record in which a rule found something.
type Example struct {
	Source string
	Number int    // of the record in its source
	ID     string // control number
	Value  string `json:",omitempty"`
}

// maxExamples is how many records a rule cites.
const maxExamples = 5

// penalties are the points that a rule costs a record.
var penalties = [3]int{Info: 1, Warning: 5, Violation: 25}

// Points returns the score of a record.
func Points(verdicts []Verdict) int {
	points := 100
	for i := range verdicts {
		if first(verdicts, i) {
			points -= penalties[verdicts[i].Severity]
		}
	}
	return max(0, points)
}

// first tells whether a verdict is the first of its rule.
func first(verdicts []Verdict, i int) bool {
	return !slices.ContainsFunc(verdicts[:i], func(v Verdict) bool { return v.Rule == verdicts[i].Rule })
}

// Add counts a record of a library. The example says where it is; its Value is not looked at.
func (c Cards) Add(library string, verdicts []Verdict, where Example) {
	card := c[library]
	if card == nil {
		card = &Card{Rules: map[string]*RuleCard{}}
		c[library] = card
	}
	card.Records++
	card.Points += uint64(Points(verdicts))
	clean := true
	for i := range verdicts {
		v := &verdicts[i]
		card.Verdicts[v.Severity]++
		clean = clean && v.Severity == Info
		rule := card.Rules[v.Rule]
		if rule == nil {
			rule = &RuleCard{Severity: v.Severity, Field: v.Place(), Vi: v.Vi, En: v.En}
			card.Rules[v.Rule] = rule
		}
		rule.Verdicts++
		if first(verdicts, i) {
			rule.Records++
			if len(rule.Examples) < maxExamples {
				where.Value = v.Value
				rule.Examples = append(rule.Examples, where)
			}
		}
	}
	if clean {
		card.Clean++
	}
}

// Place returns the field as people write it: "245 $a".
func (v *Verdict) Place() string {
	if v.Code == "" {
		return v.Tag
	}
	return v.Tag + " $" + v.Code
}

// Score returns the mean score, of one decimal place.
func (c *Card) Score() float64 {
	if c.Records == 0 {
		return 0
	}
	return math.Round(10*float64(c.Points)/float64(c.Records)) / 10
}

// Libraries returns the libraries, the lowest score first.
func (c Cards) Libraries() []string {
	return slices.SortedFunc(maps.Keys(c), func(a, b string) int {
		return cmp.Or(cmp.Compare(c[a].Score(), c[b].Score()), strings.Compare(a, b))
	})
}

// Names returns the rules that found something: the worst first, then by how many records.
func (c *Card) Names() []string {
	return slices.SortedFunc(maps.Keys(c.Rules), func(a, b string) int {
		x, y := c.Rules[a], c.Rules[b]
		return cmp.Or(cmp.Compare(y.Severity, x.Severity), cmp.Compare(y.Records, x.Records), strings.Compare(a, b))
	})
}

// Text returns the cards for people, in Vietnamese ("vi") or English.
func (c Cards) Text(lang string) string {
	var b strings.Builder
	line := func(vi, en string, args ...any) {
		if lang == "vi" {
			en = vi
		}
		fmt.Fprintf(&b, en+"\n", args...)
	}
	for _, library := range c.Libraries() {
		card := c[library]
		name := library
		if name == "" {
			name = "?"
		}
		line("%s: %.1f điểm trên 100; %d biểu ghi, %d không có lỗi hay cảnh báo; %d lỗi, %d cảnh báo, %d gợi ý",
			"%s: score %.1f of 100; %d records, %d without violation or warning; %d violations, %d warnings, %d hints",
			name, card.Score(), card.Records, card.Clean, card.Verdicts[Violation], card.Verdicts[Warning], card.Verdicts[Info])
		for _, rule := range card.Names() {
			r := card.Rules[rule]
			line("  %-8[1]s %7[3]d  %-7[4]s %[5]s", "  %-9[2]s %7[3]d  %-7[4]s %[6]s", r.Severity.Vi(), r.Severity, r.Records, r.Field, r.Vi, r.En)
			if len(r.Examples) > 0 {
				line("                    ví dụ: %s", "                    such as: %s", examples(r.Examples))
			}
		}
	}
	return b.String()
}

func examples(list []Example) string {
	var texts []string
	for _, e := range list {
		text := e.ID
		if text == "" {
			text = fmt.Sprintf("#%d", e.Number)
		}
		if e.Value != "" {
			text += fmt.Sprintf(" “%s”", short(e.Value))
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// short returns the beginning of a text, of some characters.
func short(s string) string {
	r := []rune(s)
	if len(r) <= 40 {
		return s
	}
	return string(r[:39]) + "…"
}

// Join adds other cards.
func (c Cards) Join(other Cards) {
	for library, from := range other {
		to := c[library]
		if to == nil {
			c[library] = from
			continue
		}
		to.Records += from.Records
		to.Clean += from.Clean
		to.Points += from.Points
		for i, n := range from.Verdicts {
			to.Verdicts[i] += n
		}
		for name, r := range from.Rules {
			if to.Rules[name] == nil {
				to.Rules[name] = r
				continue
			}
			to.Rules[name].Verdicts += r.Verdicts
			to.Rules[name].Records += r.Records
			for _, e := range r.Examples {
				if len(to.Rules[name].Examples) < maxExamples {
					to.Rules[name].Examples = append(to.Rules[name].Examples, e)
				}
			}
		}
	}
}
