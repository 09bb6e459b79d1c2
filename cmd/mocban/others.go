package main

import (
	"os"
	"strings"

	"mocban/publish"
	"mocban/publish/outbound"
	"mocban/sparql"
)

// leastToken is how many characters a token has at least: as many as nobody guesses.
const leastToken = 20

// mayAsk gives an engine what the settings allow it to ask of other hosts.
func (a *app) mayAsk(o *sparql.Options) error {
	if len(a.settings.Services) == 0 && len(a.settings.LoadFrom) == 0 {
		return nil
	}
	c, err := outbound.New(outbound.Options{Services: a.settings.Services, Documents: a.settings.LoadFrom})
	if err != nil {
		return usagef("services, load-from: %w", err)
	}
	if len(a.settings.Services) > 0 {
		o.Services = c
	}
	if len(a.settings.LoadFrom) > 0 {
		o.Load = c
	}
	return nil
}

// mayWrite says who may change the data over HTTP, nil for nobody. The token stands in the
// environment or in a file, never in the settings or on the command line, which others see.
func (a *app) mayWrite() (*publish.Write, error) {
	if !a.settings.AllowUpdate {
		return nil, nil
	}
	token := os.Getenv("MOCBAN_TOKEN")
	if file := a.settings.TokenFile; file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, usagef("token-file: %w", err)
		}
		if token = strings.TrimSpace(string(text)); token == "" {
			return nil, usagef("token-file: %s is empty", file)
		}
	}
	if token != "" && len(token) < leastToken {
		return nil, wrongf("mã truy cập quá ngắn: cần ít nhất %d ký tự", "the token is too short: it has %d characters at least", leastToken)
	}
	return &publish.Write{Token: token}, nil
}
