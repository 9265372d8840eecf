package x

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"
	"time"

	"nagare/stream/internal/text"
)

// keyOf returns the key of a post or an author outside of this package.
func keyOf(id string) string { return "x:" + id }

// PostURL is the address of a post. The username may be empty: X redirects.
func PostURL(username, id string) string {
	return text.WebAddress("https://x.com/" + url.PathEscape(cmp.Or(username, "i")) + "/status/" + url.PathEscape(id))
}

// IDTime is the time at which X assigned an id, in milliseconds. It is zero for ids of
// before November 2010, which hold no time.
func IDTime(id string) time.Time {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 30e9 {
		return time.Time{}
	}
	return time.UnixMilli(n>>22 + 1288834974657).UTC()
}

// Language converts X's language code to a BCP 47 tag. X has old codes of some languages,
// and codes for posts without a language.
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

// SharperAvatar is the address of the same avatar with 73 pixels, not 48.
func SharperAvatar(avatar string) string {
	if at := strings.LastIndex(avatar, "_normal."); at > strings.LastIndex(avatar, "/") {
		return avatar[:at] + "_bigger." + avatar[at+len("_normal."):]
	}
	return avatar
}
