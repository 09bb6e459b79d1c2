package fetch_test

import (
	"bytes"
	"testing"

	"mocban/ingest/fetch"
)

// TestClean is how XML is mended, and that what is right stays as it is.
func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"<a>Truyện &amp; Kiều &#7873; &#x1EC1;</a>":              "<a>Truyện &amp; Kiều &#7873; &#x1EC1;</a>",
		"<a>&#55349;&#56320;</a>":                                "<a>\U0001D400</a> surrogates",
		"<a>&#xD863;&#xDC7A;</a>":                                "<a>\U00028C7A</a> surrogates",
		"<a>&#55349; x</a>":                                      "<a>\uFFFD x</a> surrogates",
		"<a>\x03x&#3;y</a>":                                      "<a>xy</a> control-characters",
		"<a>Trần & Lê &c.; &;</a>":                               "<a>Trần &amp; Lê &amp;c.; &amp;;</a> bare-ampersand",
		"<a>&eacute;&nbsp;&nosuch;</a>":                          "<a>é\u00a0&amp;nosuch;</a> bare-ampersand html-entity",
		"<a>\xE9</a>":                                            "<a>\uFFFD</a> bad-bytes",
		"<a><![CDATA[a & b\x01]]></a>":                           "<a><![CDATA[a & b]]></a> control-characters",
		"<?xml version='1.0' encoding='iso-8859-1'?><a>\xE9</a>": "<?xml version='1.0' encoding='UTF-8'?><a>é</a>",
		"<?xml version='1.0' encoding='iso-8859-1'?><a>Việt</a>": "<?xml version='1.0' encoding='UTF-8'?><a>Việt</a> declared-encoding",
		"<?xml version='1.0' encoding='iso-8859-1'?><a>x</a>":    "<?xml version='1.0' encoding='UTF-8'?><a>x</a>",
		"<?xml version='1.0' encoding=latin1?><a>x</a>":          "<?xml version='1.0' encoding=latin1?><a>x</a>",
		"<?xml version='1.0' encoding = \"Latin1\"?><a>\xE9</a>": "<?xml version='1.0' encoding = \"UTF-8\"?><a>é</a>",
		"<?xmlencoding0?>":                                       "<?xmlencoding0?>",
		"\xEF\xBB\xBF<a/>":                                       "<a/>",
		"Warning: mysql_connect()\n<?xml version='1.0'?><a/>":    "<?xml version='1.0'?><a/> text-before-xml",
	} {
		clean, repairs := fetch.Clean([]byte(in))
		got := string(clean)
		for _, r := range repairs {
			got += " " + r.Rule
		}
		if got != want {
			t.Errorf("%q\nbecame %q\nwant   %q", in, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add([]byte("<a>&#55349;&#56320;\x03 & &eacute;</a>"))
	f.Add([]byte("<?xml version='1.0' encoding='iso-8859-1'?><a>\xE9</a>"))
	f.Add([]byte("<?xml encoding='\x1bA'"))
	f.Add([]byte("<?xmlencoding0?>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		clean, _ := fetch.Clean(body)
		again, repairs := fetch.Clean(clean)
		if !bytes.Equal(again, clean) && len(repairs) == 0 {
			t.Fatalf("cleaned twice %q is %q", clean, again)
		}
	})
}
