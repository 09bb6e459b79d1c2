package mapping

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// stateWords are the states for people.
var stateWords = map[State][2]string{
	Mapped: {"được chuyển", "mapped"}, Nothing: {"không cho gì", "gave nothing"},
	Ignored: {"cố ý bỏ qua", "left out on purpose"}, Unmapped: {"chưa có quy tắc", "no rule"},
}

// In returns a state in a language, "vi" or "en".
func (s State) In(lang string) string {
	if lang == "vi" {
		return stateWords[s][0]
	}
	return stateWords[s][1]
}

// WriteText writes an explanation for people, in Vietnamese ("vi") or English.
func (x *Explanation) WriteText(w io.Writer, lang string) error {
	say := func(vi, en string) string {
		if lang == "vi" {
			return vi
		}
		return en
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s %s %s <%s>: %d %s\n", say("Biểu ghi", "Record"), x.Source, x.Number, x.Record, x.Triples, say("bộ ba", "triples"))
	for i := range x.Fields {
		f := &x.Fields[i]
		fmt.Fprintf(out, "\n%s %s\n", f.Tag, strings.ReplaceAll(f.Indicators, " ", "#"))
		for j := range f.Parts {
			p := &f.Parts[j]
			fmt.Fprintf(out, "  %-6s %s\n         %s%s\n", partName(f, p), p.Value, p.State.In(lang), in(p.Rules))
			writeMade(out, p.Made)
		}
		if len(f.Made) > 0 {
			fmt.Fprintf(out, "  %s\n", say("cả trường", "the field as a whole"))
			writeMade(out, f.Made)
		}
	}
	if len(x.Program) > 0 {
		fmt.Fprintf(out, "\n%s\n", say("Không từ riêng trường nào", "From no single field"))
		writeMade(out, x.Program)
	}
	if len(x.Links) > 0 {
		fmt.Fprintf(out, "\n%s\n", say("Tiêu đề và biểu ghi nhất quán", "Headings and authority records"))
	}
	for i := range x.Links {
		l := &x.Links[i]
		fmt.Fprintf(out, "  %s %s\n", l.Tag, l.Heading)
		if l.To != "" {
			fmt.Fprintf(out, "         → %s <%s>\n", l.As, l.To)
		}
		by := l.In(lang)
		if l.To == "" {
			by = say("chưa liên kết: ", "not linked: ") + by
		}
		fmt.Fprintf(out, "         %s\n", by)
		for _, r := range l.Records {
			fmt.Fprintf(out, "         <%s>\n", r)
		}
	}
	if len(x.Findings) > 0 {
		fmt.Fprintf(out, "\n%s\n", say("Cần xem lại", "To look at"))
	}
	for _, f := range x.Findings {
		code := ""
		if f.Code != 0 {
			code = " $" + string(rune(f.Code))
		}
		fmt.Fprintf(out, "  %s%s %q: %s\n", f.Tag, code, f.Value, say(f.Vi, f.En))
	}
	fmt.Fprintln(out)
	return out.Flush()
}

func in(rules []string) string {
	if len(rules) == 0 {
		return ""
	}
	return ": " + strings.Join(rules, ", ")
}

func writeMade(w io.Writer, all []Made) {
	for i := range all {
		m := &all[i]
		says := ""
		if m.Says != "" {
			says = " (" + m.Says + ")"
		}
		fmt.Fprintf(w, "         %s%s\n", m.Rule, says)
		for _, line := range m.Short() {
			fmt.Fprintf(w, "           %s\n", line)
		}
	}
}
