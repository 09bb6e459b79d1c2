package charset

import (
	"unicode/utf8"
)

// iso5426 holds the codes A0 to FF of ISO 5426, the extended Latin set of UNIMARC.
var iso5426 = newSet("" +
	"_¡„£$¥†§′‘“«♭©℗®" + // A0
	"ʻʼ‚___‡·″’”»♯ʹʺ¿" + // B0
	"\u0309\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0308\u030A\u0315\u0312\u031B__" + // C0
	"\u0327\u031C\u0328___\u0323\u0324\u0325\u0333\u0332\u0326\u032E\u0361|_" + // D0
	"_ÆĐ___Ĳ_ŁØŒ_Þ___" + // E0
	"_æđð_ıĳ_łøœßþ___") // F0

// appendISO5426 reads marks before their letter, as [MARC8] has them.
func appendISO5426(dst, src []byte, n *Note) []byte {
	var m marc8
	for i, c := range src {
		r := rune(c)
		switch {
		case c == 0x88:
			r = 0x98
		case c == 0x89:
			r = 0x9C
		case c >= 0xA0:
			r = iso5426[c-0xA0]
		}
		if r == utf8.RuneError {
			n.bad(src[i : i+1])
		}
		if r == 0 {
			continue
		}
		dst = m.put(dst, r, n)
	}
	if m.n > 0 {
		n.Cut = true
		dst = m.flush(dst)
	}
	return dst
}
