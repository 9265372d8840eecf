package stream

import (
	"net/url"
	"strings"
)

// twitterUser is who wrote a post.
type twitterUser struct {
	ID         twitterNumber `json:"id"`
	IDStr      twitterNumber `json:"id_str"`
	Handle     string        `json:"screen_name"`
	Name       string        `json:"name"`
	Avatar     string        `json:"profile_image_url_https"`
	Protected  bool          `json:"protected"` // for his followers only
	WithheldIn []string      `json:"withheld_in_countries"`
}

func (u *twitterUser) key() string { return twitterKey(u.IDStr, u.ID) }

func (u *twitterUser) author() Author {
	return Author{
		Key:    u.key(),
		Handle: u.Handle,
		Name:   u.Name,
		Avatar: webAddress(sharper(u.Avatar)),
		URL:    twitterProfile(u.Handle),
	}
}

// sharper is the same avatar in 73 pixels, not 48.
func sharper(avatar string) string {
	if at := strings.LastIndex(avatar, "_normal."); at > strings.LastIndex(avatar, "/") {
		return avatar[:at] + "_bigger." + avatar[at+len("_normal."):]
	}
	return avatar
}

func twitterProfile(handle string) string {
	return webAddress("https://x.com/" + url.PathEscape(handle))
}
