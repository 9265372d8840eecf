package x

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"
	"time"

	"nagare/stream/internal/text"
)

// xKey is how an id of X, of a post or an author, is written outside of it.
func keyOf(id string) string { return "x:" + id }

// xAddress is where a post is read. X finds it also without knowing whose it is.
func PostURL(username, id string) string {
	return text.WebAddress("https://x.com/" + url.PathEscape(cmp.Or(username, "i")) + "/status/" + url.PathEscape(id))
}

// xIDTime is when an id was given, to the millisecond; zero for those of before
// November 2010, which only count.
func IDTime(id string) time.Time {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 30e9 {
		return time.Time{}
	}
	return time.UnixMilli(n>>22 + 1288834974657).UTC()
}

// xLanguage makes a BCP 47 tag of X's, which has old names for some, and names for
// what isn't a language.
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

// sharper is the same avatar in 73 pixels, not 48.
func SharperAvatar(avatar string) string {
	if at := strings.LastIndex(avatar, "_normal."); at > strings.LastIndex(avatar, "/") {
		return avatar[:at] + "_bigger." + avatar[at+len("_normal."):]
	}
	return avatar
}
