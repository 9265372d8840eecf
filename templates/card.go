package templates

import (
	"cmp"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// Placed adds the offset of a post's event to the element of its card, as the attribute data-seq.
// The script does the same with cards from the socket.
func Placed(card string, offset uint64) string {
	return strings.Replace(card, "<article", `<article data-seq="`+strconv.FormatUint(offset, 10)+`"`, 1)
}

// Pinned gives the ids of a card a prefix, because the same post can be in the list, too. The script does the same.
func Pinned(card string) string {
	before, rest, _ := strings.Cut(strings.ReplaceAll(card, ` id="`, ` id="pin-`), `aria-labelledby="`)
	names, after, _ := strings.Cut(rest, `"`)
	return before + `aria-labelledby="pin-` + strings.ReplaceAll(names, " ", " pin-") + `"` + after
}

// Eager makes a card load its pictures at once instead of lazily. It excludes pictures that the
// card doesn't show at first: those behind a content warning, and those for which it has no room.
func Eager(card string) string {
	end := len(card)
	for _, unseen := range []string{`<details class="cover"`, `" hidden><`} {
		if i := strings.Index(card[:end], unseen); i >= 0 {
			end = i
		}
	}
	return strings.ReplaceAll(card[:end], ` loading="lazy"`, "") + card[end:]
}

// IsCovered reports whether a part of a card is behind a warning.
func IsCovered(card string) bool { return strings.Contains(card, `<details class="cover"`) }

// anchor returns the prefix of all ids inside a card. It is a hash of the post's id, because that
// id can be long and contain characters that ids in HTML must not contain.
func (p Post) anchor() string {
	h := fnv.New64a()
	h.Write([]byte(p.ID))
	return "p" + strconv.FormatUint(h.Sum64(), 36)
}

// name lists the ids that make up the accessible name of a card (aria-labelledby), the most
// important first. If the post has a content warning, the warning takes the place of its text.
func (p Post) name(root string) string {
	parts := []string{"who", "text", "age"}
	if len(p.Warning) > 0 {
		parts[1] = "cover"
	}
	if p.Author.at() != "" {
		parts = append(parts, "handle")
	}
	if p.RepostedBy != nil {
		parts = append(parts, "by")
	}
	for i, part := range parts {
		parts[i] = root + part
	}
	return strings.Join(parts, " ")
}

// reposted returns the parts of the sentence about the reposters: "Aiko and 2 others reposted".
// The name comes first in all languages, so that each part around the number can be translated
// alone. The parts are joined without spaces, because Japanese has none; the English parts
// contain their spaces.
func (p Post) reposted() []templ.Component {
	by := person(*p.RepostedBy, "tweet__reposter")
	switch others := p.Reposts - 1; {
	case others < 1:
		return []templ.Component{by, t("reposted")}
	case others == 1:
		return []templ.Component{by, t("reposted-and"), t("reposted-one")}
	default:
		return []templ.Component{by, t("reposted-and"), templ.Raw(strconv.Itoa(others)), t("reposted-other")}
	}
}

// display returns the name of an author or, without one, the handle.
func (a Author) display() string {
	if a.Name != "" {
		return a.Name
	}
	return a.Handle
}

// at returns the handle with "@", or an empty string if the handle is unknown. Handle is then
// empty or a DID, an identifier that isn't meant for readers.
func (a Author) at() string {
	if a.Handle == "" || isDID(a.Handle) {
		return ""
	}
	return "@" + a.Handle
}

// hasPosts reports whether a page here has the author's posts.
func (a Author) hasPosts() bool { return a.Page != "" && a.at() != "" }

func isDID(handle string) bool { return strings.HasPrefix(handle, "did:") }

func (r Reply) called() string { return cmp.Or(Author{Handle: r.Handle}.at(), r.Handle) }

// called returns the name of an author with its custom emoji, or else the text of display.
func (a Author) called() []Segment {
	if len(a.Named) > 0 {
		return a.Named
	}
	return []Segment{{Text: a.display()}}
}

// percent returns the share as text.
func (o Option) percent() string { return strconv.Itoa(o.Share) + " %" }

// word returns the key of the word for the kind of file.
func (f File) word() string {
	if f.Kind == "audio" {
		return "audio"
	}
	return "file"
}

// isHere reports whether a link leads to a page of this site.
func (s Segment) isHere() bool { return strings.HasPrefix(s.Href, "/") }

// title returns the whole address of a link whose text is shortened.
func (s Segment) title() string {
	if s.Title != "" {
		return s.Title
	}
	return s.Href
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
func hour(t time.Time) string  { return t.UTC().Format("15:04") }
func full(t time.Time) string  { return t.UTC().Format("2006-01-02 15:04 UTC") } // the same in all languages

// brief returns the time of day if t is today, and the date otherwise, for readers without script.
// As a card is rendered once, the time of day that it shows can be that of an earlier day.
func brief(t time.Time) string {
	t = t.UTC()
	if year, month, day := t.Date(); time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Equal(time.Now().UTC().Truncate(24 * time.Hour)) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02")
}

// elsewhere is the rel attribute of links to other sites. These sites get neither the address of
// the page (noreferrer) nor access to its window (noopener).
const elsewhere = "noopener noreferrer nofollow ugc"

// named returns the id attribute of an element in a card. root is the card's anchor, or empty
// for a quoted post, whose elements need no ids.
func named(root, part string) templ.Attributes {
	if root == "" {
		return nil
	}
	return templ.Attributes{"id": root + part}
}

// inContext reports whether the post was reposted or edited, or replies to a post.
func (p Post) inContext() bool {
	return p.RepostedBy != nil || p.thread() || p.answers() || !p.Edited.IsZero()
}

// thread reports whether the post answers a post of the same author.
func (p Post) thread() bool {
	return p.ReplyTo != nil && p.Author.Handle != "" && strings.EqualFold(p.ReplyTo.Handle, p.Author.Handle)
}

// answers reports whether the post answers another author.
func (p Post) answers() bool {
	return p.ReplyTo != nil && p.ReplyTo.Handle != "" && !p.thread()
}

// fewCountries is the number of country codes that fit into a line.
const fewCountries = 8

// withheld lists the countries in which the post is withheld, at most fewCountries.
func (p Post) withheld() string {
	if len(p.WithheldIn) > fewCountries {
		return strings.Join(p.WithheldIn[:fewCountries], ", ") + "…"
	}
	return strings.Join(p.WithheldIn, ", ")
}

// alone returns the post without the post that it quotes.
func (p Post) alone() Post {
	p.Quote = nil
	return p
}
