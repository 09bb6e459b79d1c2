package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// A progress tells on standard error how far long work has come: one line that is written
// over on a terminal, and a line every ten seconds elsewhere. The zero progress, and one
// whose work is short, says nothing.
type progress struct {
	a        *app
	terminal bool
	start    time.Time
	last     time.Time
	width    int
}

// newProgress begins to count the time.
func (a *app) newProgress() *progress {
	p := &progress{start: time.Now()}
	if a.flags.quiet {
		return p
	}
	p.a = a
	if f, ok := a.err.(*os.File); ok {
		p.terminal = term.IsTerminal(int(f.Fd()))
	}
	return p
}

// due tells whether it is time to tell. Work under a second or so is not worth a line.
func (p *progress) due() bool {
	if p.a == nil {
		return false
	}
	every, now := 10*time.Second, time.Now()
	if p.terminal {
		every = 200 * time.Millisecond
	}
	if now.Sub(p.start) < 700*time.Millisecond || now.Sub(p.last) < every {
		return false
	}
	p.last = now
	return true
}

// line tells where the work stands.
func (p *progress) line(vi, en string, args ...any) {
	text := fmt.Sprintf(p.a.pick(vi, en), args...)
	if !p.terminal {
		fmt.Fprintln(p.a.err, text)
		return
	}
	n := len([]rune(text))
	fmt.Fprintf(p.a.err, "\r%s%s", text, strings.Repeat(" ", max(0, p.width-n)))
	p.width = n
}

// done takes the line away.
func (p *progress) done() {
	if p.a != nil && p.terminal && p.width > 0 {
		fmt.Fprintf(p.a.err, "\r%s\r", strings.Repeat(" ", p.width))
		p.width = 0
	}
}

// number writes a count with groups of three digits, as the language does.
func (a *app) number(n uint64) string {
	point := ","
	if a.settings.lang == "vi" {
		point = "."
	}
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + point + s[i:]
	}
	return s
}

// seconds writes seconds with a tenth, as the language of the settings does.
func (a *app) seconds(d time.Duration) string {
	s := fmt.Sprintf("%.1f", d.Seconds())
	if a.settings.lang == "vi" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}
