package main

import (
	"fmt"
	"os"
	"strings"
)

// say prints a message for a person, in the language of the settings.
func (a *app) sayf(vi, en string, args ...any) {
	fmt.Fprintf(a.err, a.pick(vi, en), args...)
}

// pick returns the text in the language of the settings.
func (a *app) pick(vi, en string) string {
	if a.settings.lang == "vi" {
		return vi
	}
	return en
}

// messageLanguage returns "vi" or "en": that of the flag, of MOCBAN_LANG or of the locale.
func messageLanguage(flag string) (string, error) {
	if flag == "" {
		flag = os.Getenv("MOCBAN_LANG")
	}
	switch strings.ToLower(flag) {
	case "vi", "en":
		return strings.ToLower(flag), nil
	case "":
	default:
		return "", usagef("--lang: %q is not a language of the messages: vi, en", flag)
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale := os.Getenv(name); locale != "" {
			if strings.HasPrefix(locale, "vi") {
				return "vi", nil
			}
			return "en", nil
		}
	}
	return "en", nil
}
