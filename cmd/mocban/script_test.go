package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"mocban": main,
	})
}

// TestScripts runs the commands as a person would; see testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"get": get, "post": post, "spoil": spoil},
		Setup: func(e *testscript.Env) error {
			e.Setenv("MOCBAN_LANG", "en")
			e.Setenv("TMPDIR", filepath.Join(e.WorkDir, "tmp"))
			e.Setenv("ADDRESS", freeAddress())
			if err := os.Mkdir(filepath.Join(e.WorkDir, "tmp"), 0o755); err != nil && !os.IsExist(err) {
				return err
			}
			for _, name := range []string{"GOCOVERDIR"} {
				e.Setenv(name, os.Getenv(name))
			}
			return nil
		},
	})
}

// freeAddress returns an address on which nobody listens.
func freeAddress() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return defaultBind
	}
	defer l.Close()
	return l.Addr().String()
}

// get asks a site that may still be starting, or whose search may lag behind: get URL
// [ACCEPT [TEXT]]. It waits for an answer that holds the text, and puts it into the file
// "answer".
func get(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 3 {
		ts.Fatalf("usage: get URL [ACCEPT [TEXT]]")
	}
	args = append(args, "", "")
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		body, err := ask(args[0], args[1])
		if err == nil && strings.Contains(string(body), args[2]) {
			ts.Check(os.WriteFile(ts.MkAbs("answer"), body, 0o644))
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%s: no %q: %v\n%.1000s", args[0], args[2], err, body)
		}
	}
}

// post sends a file to a site, as curl would: post STATUS METHOD URL TYPE FILE [TOKEN].
func post(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 5 || len(args) > 6 {
		ts.Fatalf("usage: post STATUS METHOD URL TYPE FILE [TOKEN]")
	}
	f, err := os.Open(ts.MkAbs(args[4]))
	ts.Check(err)
	defer f.Close()
	r, err := http.NewRequest(args[1], args[2], f)
	ts.Check(err)
	r.Header.Set("Content-Type", args[3])
	if len(args) == 6 {
		r.Header.Set("Authorization", "Bearer "+args[5])
	}
	w, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	ts.Check(err)
	if strconv.Itoa(w.StatusCode) != args[0] {
		ts.Fatalf("%s %s: %s\n%s", args[1], args[2], w.Status, body)
	}
}

// spoil flips a bit of a file: spoil FILE BYTE. A byte below 0 counts from the end.
func spoil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: spoil FILE BYTE")
	}
	file := ts.MkAbs(args[0])
	b, err := os.ReadFile(file)
	ts.Check(err)
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 4
	ts.Check(os.WriteFile(file, b, 0o644))
}

func ask(address, accept string) ([]byte, error) {
	req, err := http.NewRequest("GET", address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", accept)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", address, res.Status)
	}
	return body, err
}
