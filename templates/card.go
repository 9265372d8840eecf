package templates

import (
	"cmp"
	"hash/fnv"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/a-h/templ"
)

// Placed stamps a card with the offset of the event that brought it. The script
// does the same with the same bytes to a card from the socket.
func Placed(card string, offset uint64) string {
	return strings.Replace(card, "<article", `<article data-seq="`+strconv.FormatUint(offset, 10)+`"`, 1)
}

// Eager lets a card load its pictures at once, up to its first cover: a covered picture
// is not loaded until the cover opens.
func Eager(card string) string {
	end := strings.Index(card, `<details class="cover"`)
	if end < 0 {
		end = len(card)
	}
	return strings.ReplaceAll(card[:end], ` loading="lazy"`, "") + card[end:]
}

// anchor is the root of the ids inside the card of a post: short, unique, and
// free of whatever a network puts into its own ids.
func (p Post) anchor() string {
	h := fnv.New64a()
	h.Write([]byte(p.ID))
	return "p" + strconv.FormatUint(h.Sum64(), 36)
}

// name lists the ids that make up the accessible name of a card, in the order
// in which they are best heard. A covered text is not given away.
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

// reposted is the sentence about the reposters: "Aiko and 2 others reposted". The name
// comes first in every language of the page, so that each piece around the number is a
// word of its own. The pieces are joined without spaces, which Japanese has not; the
// English words bring their own.
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

// mark names the shape that tells the network of a post.
func mark(network string) string {
	switch network {
	case "bluesky", "mastodon", "replay":
		return "#mark-" + network
	case "x", "twitter":
		return "#mark-x"
	}
	return "#mark-post"
}

// display is the name an author goes by, or else the handle.
func (a Author) display() string {
	if a.Name != "" {
		return a.Name
	}
	return a.Handle
}

// at is the handle as people write it; empty if it is unknown. Where a network has
// told only the author's DID, that is no handle.
func (a Author) at() string {
	if a.Handle == "" || isDID(a.Handle) {
		return ""
	}
	return "@" + a.Handle
}

func isDID(handle string) bool { return strings.HasPrefix(handle, "did:") }

func (r Reply) called() string { return cmp.Or(Author{Handle: r.Handle}.at(), r.Handle) }

// called is display, with emoji.
func (a Author) called() []Segment {
	if len(a.Named) > 0 {
		return a.Named
	}
	return []Segment{{Text: a.display()}}
}

// percent is a share in words.
func (o Option) percent() string { return strconv.Itoa(o.Share) + " %" }

// word says what kind of file it is.
func (f File) word() string {
	if f.Kind == "audio" {
		return "audio"
	}
	return "file"
}

// initial stands in for a missing picture.
func (a Author) initial() string {
	if isDID(a.display()) {
		return "·"
	}
	for _, r := range a.display() {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "·"
}

// title shows a link in full where its text is cut short.
func (s Segment) title() string {
	if s.Title != "" {
		return s.Title
	}
	return s.Href
}

// shapes are the classes of a single picture that is not wide: each limits the width,
// so that the height stays within the window. The nearest is taken.
var shapes = []struct {
	class string
	value float64
}{
	{"media__item--9x16", 9. / 16}, {"media__item--2x3", 2. / 3}, {"media__item--4x5", 4. / 5}, {"media__item--1x1", 1},
	{"media__item--4x3", 4. / 3}, {"", 16. / 9},
}

func (m Media) shape() string {
	if m.Width <= 0 || m.Height <= 0 {
		return "media__item--unknown"
	}
	wanted, best := math.Log(float64(m.Width)/float64(m.Height)), shapes[0]
	for _, s := range shapes {
		if math.Abs(math.Log(s.value)-wanted) < math.Abs(math.Log(best.value)-wanted) {
			best = s
		}
	}
	return best.class
}

// plays tells whether a picture stands for something that plays.
func (m Media) plays() bool { return m.Kind == "video" || m.Kind == "gif" || m.Kind == "audio" }

// size is the width and height to declare; of an unknown picture, some 16:9.
func (m Media) size() (width, height string) {
	if m.Width <= 0 || m.Height <= 0 {
		return "1600", "900"
	}
	return strconv.Itoa(m.Width), strconv.Itoa(m.Height)
}

func (m Media) width() string  { w, _ := m.size(); return w }
func (m Media) height() string { _, h := m.size(); return h }

// shown are the pictures a card has room for.
func (p Post) shown() []Media {
	return p.Media[:min(4, len(p.Media))]
}

// beyond is how many pictures follow the one at i and aren't shown: the last that is
// shown says so.
func (p Post) beyond(i int) int {
	if i < len(p.shown())-1 {
		return 0
	}
	return max(len(p.Media), p.Pictures) - len(p.shown())
}

// hasAttached tells whether there is anything to cover.
func (p Post) hasAttached() bool { return len(p.Media)+len(p.Files) > 0 || p.Preview != nil }

func (p Post) grid() string {
	return "media media--" + strconv.Itoa(len(p.shown()))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
func hour(t time.Time) string  { return t.UTC().Format("15:04") }
func full(t time.Time) string  { return t.UTC().Format("2006-01-02 15:04 UTC") } // in any language

// brief is a time of the day, or the date of another day. It is what is read without
// script; a card is rendered once, so the date may be the day of its rendering.
func brief(t time.Time) string {
	t = t.UTC()
	if year, month, day := t.Date(); time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Equal(time.Now().UTC().Truncate(24 * time.Hour)) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02")
}

// elsewhere is what every link to another site says about us: nothing.
const elsewhere = "noopener noreferrer nofollow ugc"

// named gives an element its id, unless it stands in a quote, where ids would
// collide with nobody's interest.
func named(root, part string) templ.Attributes {
	if root == "" {
		return nil
	}
	return templ.Attributes{"id": root + part}
}

// footed tells whether there are facts for the foot of a card.
func (p Post) footed() bool {
	return p.thread() || !p.Edited.IsZero() || len(p.WithheldIn) > 0
}

// thread tells whether authors answer themselves.
func (p Post) thread() bool {
	return p.ReplyTo != nil && p.Author.Handle != "" && strings.EqualFold(p.ReplyTo.Handle, p.Author.Handle)
}

// answers tells whether the post is an answer to somebody else.
func (p Post) answers() bool {
	return p.ReplyTo != nil && p.ReplyTo.Handle != "" && !p.thread()
}

// fewCountries fit into a line.
const fewCountries = 8

// withheld lists the countries where a post may not be shown, the first of them.
func (p Post) withheld() string {
	if len(p.WithheldIn) > fewCountries {
		return strings.Join(p.WithheldIn[:fewCountries], ", ") + "…"
	}
	return strings.Join(p.WithheldIn, ", ")
}

// alone is a quoted post without what it quotes in turn.
func (p Post) alone() Post {
	p.Quote = nil
	return p
}
