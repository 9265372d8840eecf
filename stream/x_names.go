package stream

import (
	"cmp"
	"net/url"
	"strconv"
	"time"
)

// xKey is how an id of X, of a post or an author, is written outside of it.
func xKey(id string) string { return "x:" + id }

// xAddress is where a post is read. X finds it also without knowing whose it is.
func xAddress(username, id string) string {
	return webAddress("https://x.com/" + url.PathEscape(cmp.Or(username, "i")) + "/status/" + url.PathEscape(id))
}

// xIDTime is when an id was given, to the millisecond; zero for those of before
// November 2010, which only count.
func xIDTime(id string) time.Time {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 30e9 {
		return time.Time{}
	}
	return time.UnixMilli(n>>22 + 1288834974657).UTC()
}

// earliest is the first of two times, of which one may be unknown.
func earliest(a, b time.Time) time.Time {
	if b.IsZero() || !a.IsZero() && a.Before(b) {
		return a
	}
	return b
}

// xLanguage makes a BCP 47 tag of X's, which has old names for some, and names for
// what isn't a language.
func xLanguage(lang string) string {
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
