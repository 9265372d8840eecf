package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/templates"
)

// avatarPath is the address of the avatar of the site. The cards of announcements keep it when the operator
// changes the logo, so it has no hash.
const avatarPath = brandRoot + "avatar"

// siteAvatar leads to the logo of the operator or, without one, to the icon of the site.
func siteAvatar(a templates.Assets) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		http.Redirect(w, r, cmp.Or(a.Logo, a.Icon), http.StatusFound)
	})
}

// announce publishes a post in the name of the site. Where posts wait for approval, the moderator
// approves it. The post has an id that no other post has, and the same one if the form is sent again after a
// failure.
func (a *admin) announce(r *http.Request, by session) (effect, error) {
	number := sha256.Sum256([]byte(by.ID + " " + r.PostForm.Encode()))
	post, err := form{ID: postID(hex.EncodeToString(number[:16])), Text: r.PostFormValue("text"), ScreenName: a.config.Site}.post()
	if err != nil {
		return effect{}, err
	}
	post.Author = stream.Author{Name: a.config.Site, Avatar: avatarPath}
	post.Text = linked(post.Text)
	if _, err := a.ingest.publish(post); err != nil {
		return effect{}, err
	}
	entry, err := a.moderation.Act(r.Context(), moderation.Action{
		Do: moderation.Announce, ID: post.ID, Value: oneLine(r.PostFormValue("text")), Pin: r.PostFormValue("pin") != "", By: by.Name,
	})
	return effect{Entry: entry.Entry, Undoable: entry.Inverse != nil, page: backPage(r)}, err
}

// linkPattern matches an address or a hashtag in a plain text.
var linkPattern = regexp.MustCompile(`https?://[^\s<>"]+|[#＃][\p{L}\p{M}\p{N}_]+`)

// linked makes links of the addresses and hashtags in a text.
func linked(text []stream.Segment) (out []stream.Segment) {
	for _, s := range text {
		if s.Kind != stream.Text {
			out = append(out, s)
			continue
		}
		done := 0
		for _, at := range linkPattern.FindAllStringIndex(s.Text, -1) {
			link, isLink := toLink(s.Text[:at[0]], s.Text[at[0]:at[1]])
			if !isLink {
				continue
			}
			if done < at[0] {
				out = append(out, stream.Segment{Text: s.Text[done:at[0]]})
			}
			out = append(out, link)
			done = at[0] + len(link.Text)
		}
		if done < len(s.Text) {
			out = append(out, stream.Segment{Text: s.Text[done:]})
		}
	}
	return out
}

// toLink returns the link that a match of linkPattern begins with, given the text before it. A full stop or a
// bracket after an address is not part of it, and a hashtag doesn't begin within a word.
func toLink(before, match string) (link stream.Segment, isLink bool) {
	if address, _, has := strings.Cut(match, "://"); has && address != "" {
		match = strings.TrimRight(match, ".,;:!?'’”»。、")
		if strings.Count(match, "(") < strings.Count(match, ")") {
			match = strings.TrimSuffix(match, ")")
		}
		return stream.Segment{Kind: stream.Link, Text: match, Href: match}, true
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	within := unicode.IsLetter(last) || unicode.IsNumber(last) || last == '_' || last == '&' || last == '/'
	number := strings.Trim(match, "#＃0123456789") == ""
	return stream.Segment{Kind: stream.Hashtag, Text: match}, !within && !number
}
