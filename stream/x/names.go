package x

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// keyOf returns the key that stands for a post or an author outside of this package.
func keyOf(id string) string { return "x:" + id }

// PostURL is the address of a post. The username may be empty, because X redirects by the id.
func PostURL(username, id string) string {
	return text.WebAddress("https://x.com/" + url.PathEscape(cmp.Or(username, "i")) + "/status/" + url.PathEscape(id))
}

// IDTime is the time at which X assigned an id, to the millisecond. It is zero for ids assigned
// before November 2010, which contain no time.
func IDTime(id string) time.Time {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 30e9 {
		return time.Time{}
	}
	return time.UnixMilli(n>>22 + 1288834974657).UTC()
}

// Language converts a language code of X to a BCP 47 tag. X uses outdated codes for some
// languages, and has codes for posts without a language, for which the result is "".
func Language(lang string) string {
	switch {
	case lang == "iw":
		return "he"
	case lang == "in":
		return "id"
	case lang == "und", lang == "zxx", lang == "art", len(lang) == 3 && lang[0] == 'q':
		return ""
	}
	return lang
}

// LanguageCodes returns the codes by which X selects posts in the wanted languages. X knows no
// varieties: posts in Chinese are zh, also those for Taiwan. Its operator lang: accepts current
// codes only, although posts have outdated ones; see [Language].
func LanguageCodes(wanted []string) (codes []string) {
	for _, tag := range wanted {
		code := cmp.Or(stream.ParseLanguage(tag), strings.ToLower(tag))
		if code == "fil" {
			code = "tl"
		}
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

// SharperAvatar is the address of the same avatar in 73 instead of 48 pixels.
func SharperAvatar(avatar string) string {
	if at := strings.LastIndex(avatar, "_normal."); at > strings.LastIndex(avatar, "/") {
		return avatar[:at] + "_bigger." + avatar[at+len("_normal."):]
	}
	return avatar
}
