package jsonld

import (
	"regexp"
	"strings"
)

// json-gold writes language tags in lower case. tags remembers how a document writes them,
// by their lower case, so that "vi-Hani" comes out as it went in. One that is written in
// two ways stays in lower case.
type tags map[string]string

// tagKey is a key that can only be a language tag of a language map.
var tagKey = regexp.MustCompile(`^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{1,8})+$`)

// collect remembers the tags in a JSON value.
func (t tags) collect(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			t.collect(e)
		}
	case map[string]any:
		for k, e := range v {
			if s, ok := e.(string); ok && k == "@language" {
				t.add(s)
			}
			if tagKey.MatchString(k) {
				t.add(k)
			}
			t.collect(e)
		}
	}
}

func (t tags) add(s string) {
	lower := strings.ToLower(s)
	if old, ok := t[lower]; ok && old != s {
		s = lower
	}
	t[lower] = s
}

// written returns a tag as the document writes it.
func (t tags) written(s string) string {
	if w, ok := t[s]; ok {
		return w
	}
	return s
}
