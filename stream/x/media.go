package x

import (
	"cmp"
	"slices"
	"time"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// attachedMedia returns the media of p. Missing reports whether p has media that can't be
// shown.
func (v view) attachedMedia(p post) (media []stream.Media, missing bool) {
	for _, key := range p.Attachments.MediaKeys {
		m, known := v.media[key]
		converted := m.convert()
		converted.URL = cmp.Or(converted.URL, PostURL(v.users[p.AuthorID].Username, p.ID))
		if known && converted.Preview != "" {
			media = append(media, converted)
		} else {
			missing = true
		}
	}
	return media, missing
}

func (m media) convert() stream.Media {
	out := stream.Media{Kind: "unknown", Alt: m.Alt, Width: max(m.Width, 0), Height: max(m.Height, 0)}
	switch m.Type {
	case "photo":
		out.Kind, out.Preview, out.URL = "image", text.WebAddress(m.URL), text.WebAddress(m.URL)
	case "video":
		out.Kind, out.Preview, out.URL = "video", text.WebAddress(m.Preview), BestVideo(m.Variants)
	case "animated_gif":
		out.Kind, out.Preview, out.URL = "gif", text.WebAddress(m.Preview), BestVideo(m.Variants)
	default:
		out.Preview = text.WebAddress(cmp.Or(m.Preview, m.URL))
	}
	return out
}

// BestVideo returns the address of the MP4 file with the highest bit rate. It ignores other
// formats, because only MP4 plays in all browsers.
func BestVideo(variants []Variant) (address string) {
	most := -1
	for _, v := range variants {
		rate := max(v.BitRate, v.Bitrate)
		if to := text.WebAddress(v.URL); v.ContentType == "video/mp4" && rate > most && to != "" {
			most, address = rate, to
		}
	}
	return address
}

// poll returns the poll of p. Missing reports whether p has a poll whose data isn't in the
// message.
func (v view) poll(p post) (poll *stream.Poll, missing bool) {
	if len(p.Attachments.PollIDs) == 0 {
		return nil, false
	}
	asked, known := v.polls[p.Attachments.PollIDs[0]]
	if !known || len(asked.Options) == 0 {
		return nil, true
	}
	ends, _ := time.Parse(time.RFC3339, asked.EndsAt)
	poll = &stream.Poll{EndsAt: ends, Closed: asked.Status == "closed"}
	slices.SortStableFunc(asked.Options, func(a, b pollOption) int { return cmp.Compare(a.Position, b.Position) })
	for _, o := range asked.Options {
		poll.Options = append(poll.Options, stream.PollOption{Title: o.Label, Votes: o.Votes})
	}
	return poll, false
}

// linkPreview returns the preview of the first link whose page has a title: an article at X, or
// a page of which X sends a preview.
func (p post) linkPreview() *stream.LinkPreview {
	_, entities := p.body()
	for _, u := range entities.URLs {
		address, title := text.WebAddress(u.URL), u.Title
		if u.isArticle() {
			title = cmp.Or(title, p.Article.Title)
		}
		if title == "" || address == "" {
			continue
		}
		preview := &stream.LinkPreview{URL: address, Title: title, Description: u.Description}
		if len(u.Images) > 0 {
			preview.Image = text.WebAddress(u.Images[0].URL)
		}
		return preview
	}
	return nil
}
