package twitter

import (
	"net/url"

	"nagare/stream"
	"nagare/stream/internal/text"
	"nagare/stream/x"
)

// user is the author of a post.
type user struct {
	ID         number   `json:"id"`
	IDStr      number   `json:"id_str"`
	Handle     string   `json:"screen_name"`
	Name       string   `json:"name"`
	Avatar     string   `json:"profile_image_url_https"`
	Protected  bool     `json:"protected"` // only their followers may see their posts
	WithheldIn []string `json:"withheld_in_countries"`
}

func (u *user) key() string { return keyOf(u.IDStr, u.ID) }

func (u *user) author() stream.Author {
	return stream.Author{
		Key:    u.key(),
		Handle: u.Handle,
		Name:   u.Name,
		Avatar: text.WebAddress(x.SharperAvatar(u.Avatar)),
		URL:    profileURL(u.Handle),
	}
}

func profileURL(handle string) string {
	return text.WebAddress("https://x.com/" + url.PathEscape(handle))
}
