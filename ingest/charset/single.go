package charset

import "unicode/utf8"

// A single is a set of one byte a character: what the bytes from 80 on mean, and those
// below that do not mean what they mean in ASCII.
type single struct {
	high [128]rune
	low  map[byte]rune
}

// singles holds the sets of one byte a character.
var singles = [...]single{
	TCVN3: newSingle(""+
		"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"+ // 80
		"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"+ // 90
		"\u00A0ĂÂÊÔƠƯĐăâêôơưđ\uFFFD"+ // A0
		"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDàảãáạ\uFFFDằẳẵắ\uFFFD"+ // B0
		"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDặầẩẫấậè\uFFFDẻẽ"+ // C0
		"éẹềểễếệìỉ\uFFFD\uFFFD\uFFFDĩíịò"+ // D0
		"\uFFFDỏõóọồổỗốộờởỡớợù"+ // E0
		"\uFFFDủũúụừửữứựỳỷỹýỵ\uFFFD", // F0
		nil),
	TCVN5712: newSingle(""+
		"ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨ"+ // 80
		"ÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ"+ // 90
		"\u00A0ĂÂÊÔƠƯĐăâêôơưđẰ"+ // A0
		"\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴ"+ // B0
		"ẮẦẨẪẤỀặầẩẫấậèỂẻẽ"+ // C0
		"éẹềểễếệìỉỄẾỒĩíịò"+ // D0
		"Ổỏõóọồổỗốộờởỡớợù"+ // E0
		"ỖủũúụừửữứựỳỷỹýỵỐ", // F0
		map[byte]rune{0x01: 'Ú', 0x02: 'Ụ', 0x04: 'Ừ', 0x05: 'Ử', 0x06: 'Ữ', 0x11: 'Ứ', 0x12: 'Ự', 0x13: 'Ỳ', 0x14: 'Ỷ', 0x15: 'Ỹ', 0x16: 'Ý', 0x17: 'Ỵ'}),
	VISCII: newSingle(""+
		"ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐ"+ // 80
		"ỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ"+ // 90
		"Õắằặấầẩậẽẹếềểễệố"+ // A0
		"ồổỗỠƠộờởịỰỨỪỬơớƯ"+ // B0
		"ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳ"+ // C0
		"ĐứÒÓÔạỷừửÙÚỹỵÝỡư"+ // D0
		"àáâãảăữẫèéêẻìíĩỉ"+ // E0
		"đựòóôõỏọụùúũủýợỮ", // F0
		map[byte]rune{0x02: 'Ẳ', 0x05: 'Ẵ', 0x06: 'Ẫ', 0x14: 'Ỷ', 0x19: 'Ỹ', 0x1E: 'Ỵ'}),
	VPS: newSingle(""+
		"ÀẢÃẤẦẨọỗĂếềểệẮẰẲ"+ // 80
		"Ế‘’ỀỂỄỐỒỔỖýỷỵỚỜỞ"+ // 90
		"\uFFFDắằẳẵặỠớÙờởỡŨỨợỪ"+ // A0
		"ổỬỲỸÍÌộỈĨÓửữÒỎÕự"+ // B0
		"ầÁÂấẩẫậđẻÉÊẹỉễịỹ"+ // C0
		"ƯỦồốÔỏơÈừứÚũưÝẺ\uFFFD"+ // D0
		"àáâãảạă\uFFFDèéêẽìí\uFFFDĩ"+ // E0
		"ẴĐòóôõ\uFFFDƠụùúủ\uFFFDỶẼỳ", // F0
		map[byte]rune{0x02: 'Ạ', 0x03: 'Ậ', 0x04: 'Ặ', 0x05: 'Ẹ', 0x06: 'Ệ', 0x10: 'Ị', 0x11: 'Ọ', 0x12: 'Ộ', 0x13: 'Ợ', 0x14: 'Ụ', 0x15: 'Ự', 0x19: 'Ỵ', 0x1C: 'Ẫ', 0x1D: 'Ữ'}),
	Windows1258: newSingle(""+
		"€\uFFFD‚ƒ„…†‡ˆ‰\uFFFD‹Œ\uFFFD\uFFFD\uFFFD"+ // 80
		"\uFFFD‘’“”•–—˜™\uFFFD›œ\uFFFD\uFFFDŸ"+ // 90
		"\u00A0¡¢£¤¥¦§¨©ª«¬\u00AD®¯"+ // A0
		"°±²³´µ¶·¸¹º»¼½¾¿"+ // B0
		"ÀÁÂĂÄÅÆÇÈÉÊË\u0300ÍÎÏ"+ // C0
		"ĐÑ\u0309ÓÔƠÖ×ØÙÚÛÜƯ\u0303ß"+ // D0
		"àáâăäåæçèéêë\u0301íîï"+ // E0
		"đñ\u0323óôơö÷øùúûüư₫ÿ", // F0
		nil),
	Windows1252: newSingle(""+
		"€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F"+ // 80
		"\u0090‘’“”•–—˜™š›œ\u009DžŸ"+ // 90
		"\u00A0¡¢£¤¥¦§¨©ª«¬\u00AD®¯"+ // A0
		"°±²³´µ¶·¸¹º»¼½¾¿"+ // B0
		"ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ"+ // C0
		"ÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß"+ // D0
		"àáâãäåæçèéêëìíîï"+ // E0
		"ðñòóôõö÷øùúûüýþÿ", // F0
		nil),
	Windows1251: newSingle(""+
		"ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏ"+ // 80
		"ђ‘’“”•–—\uFFFD™љ›њќћџ"+ // 90
		"\u00A0ЎўЈ¤Ґ¦§Ё©Є«¬\u00AD®Ї"+ // A0
		"°±Ііґµ¶·ё№є»јЅѕї"+ // B0
		"АБВГДЕЖЗИЙКЛМНОП"+ // C0
		"РСТУФХЦЧШЩЪЫЬЭЮЯ"+ // D0
		"абвгдежзийклмноп"+ // E0
		"рстуфхцчшщъыьэюя", // F0
		nil),
	CP866: newSingle(""+
		"АБВГДЕЖЗИЙКЛМНОП"+ // 80
		"РСТУФХЦЧШЩЪЫЬЭЮЯ"+ // 90
		"абвгдежзийклмноп"+ // A0
		"░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"+ // B0
		"└┴┬├─┼╞╟╚╔╩╦╠═╬╧"+ // C0
		"╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"+ // D0
		"рстуфхцчшщъыьэюя"+ // E0
		"ЁёЄєЇїЎў°∙·√№¤■\u00A0", // F0
		nil),
}

func newSingle(high string, low map[byte]rune) single {
	s := single{low: low}
	i := 0
	for _, r := range high {
		s.high[i] = r
		i++
	}
	return s
}

func appendSingle(dst, src []byte, s *single, n *Note) []byte {
	for i, c := range src {
		r := rune(c)
		if c >= 0x80 {
			r = s.high[c-0x80]
		} else if low, ok := s.low[c]; ok {
			r = low
		}
		if r == utf8.RuneError {
			n.bad(src[i : i+1])
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}
