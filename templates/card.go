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

// Placed adds the offset of a post's event to the element of its card, as the attribute data-seq.
// The script does the same with cards from the socket.
func Placed(card string, offset uint64) string {
	return strings.Replace(card, "<article", `<article data-seq="`+strconv.FormatUint(offset, 10)+`"`, 1)
}

// Eager makes a card load its pictures at once instead of lazily. It excludes pictures behind
// a content warning, which are loaded when the reader opens the warning.
func Eager(card string) string {
	end := strings.Index(card, `<details class="cover"`)
	if end < 0 {
		end = len(card)
	}
	return strings.ReplaceAll(card[:end], ` loading="lazy"`, "") + card[end:]
}

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

// initial returns what is shown instead of a missing avatar: the first letter or digit of the
// name, with its combining marks. If the name has none, it is the first visible character, such
// as an emoji or a flag, whole.
func (a Author) initial() string {
	name := a.display()
	begin := strings.IndexFunc(name, func(r rune) bool { return isVisible(r) && (unicode.IsLetter(r) || unicode.IsNumber(r)) })
	if begin < 0 {
		begin = strings.IndexFunc(name, isVisible)
	}
	if begin < 0 || isDID(name) {
		return "·"
	}
	return strings.ToUpper(firstCharacter(name[begin:]))
}

// isVisible reports whether r shows something by itself.
func isVisible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.IsMark(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// firstCharacter returns the first character of s as readers count: with its marks, with the
// second half of a flag, and with the emoji that a joiner appends.
func firstCharacter(s string) string {
	runes, n := []rune(s), 1
	if len(runes) > 1 && isRegional(runes[0]) && isRegional(runes[1]) {
		n = 2
	}
	for n < len(runes) && (continues(runes[n]) || runes[n-1] == joiner) {
		n++
	}
	return string(runes[:n])
}

const joiner = '\u200d'

// isRegional reports whether r is one of the two halves of a flag.
func isRegional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// continues reports whether r belongs to the character before: a mark, a joiner, a skin tone or
// a tag.
func continues(r rune) bool {
	return unicode.IsMark(r) || r == joiner || r >= 0x1F3FB && r <= 0x1F3FF || r >= 0xE0020 && r <= 0xE007F
}

// title returns the whole address of a link whose text is shortened.
func (s Segment) title() string {
	if s.Title != "" {
		return s.Title
	}
	return s.Href
}

// shapes are the classes for pictures, each with a ratio of width to height. A picture gets the
// class of the nearest ratio. If the picture is the only one of its post, the class limits its
// width so that the height fits into the window.
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

// plays reports whether a picture is the preview of a video, an animation or a sound.
func (m Media) plays() bool { return m.Kind == "video" || m.Kind == "gif" || m.Kind == "audio" }

// size returns the width and height, in pixels, that the markup declares. An unknown size is
// declared as 1600 by 900.
func (m Media) size() (width, height string) {
	if m.Width <= 0 || m.Height <= 0 {
		return "1600", "900"
	}
	return strconv.Itoa(m.Width), strconv.Itoa(m.Height)
}

func (m Media) width() string  { w, _ := m.size(); return w }
func (m Media) height() string { _, h := m.size(); return h }

// shown returns the pictures that the card shows: the first four.
func (p Post) shown() []Media {
	return p.Media[:min(4, len(p.Media))]
}

// beyond returns the number of pictures that the card doesn't show, which is written on the last
// picture shown. If i isn't the index of that picture, beyond returns 0.
func (p Post) beyond(i int) int {
	if i < len(p.shown())-1 {
		return 0
	}
	return max(len(p.Media), p.Pictures) - len(p.shown())
}

// hasAttached reports whether the post has media, files or a preview.
func (p Post) hasAttached() bool { return len(p.Media)+len(p.Files) > 0 || p.Preview != nil }

func (p Post) grid() string {
	return "media media--" + strconv.Itoa(len(p.shown()))
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
