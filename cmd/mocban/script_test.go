package main

import (
	"os"
	"testing"

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
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("MOCBAN_LANG", "en")
			e.Setenv("TMPDIR", e.WorkDir)
			for _, name := range []string{"GOCOVERDIR"} {
				e.Setenv(name, os.Getenv(name))
			}
			return nil
		},
	})
}
