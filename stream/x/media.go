package x

import (
	"cmp"
	"slices"
	"time"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// pictures are what p has to look at. Missing reports whether there is more.
func (v view) pictures(p post) (media []stream.Media, missing bool) {
	for _, key := range p.Attachments.MediaKeys {
		m, known := v.media[key]
		shown := m.shown()
		shown.URL = cmp.Or(shown.URL, PostURL(v.users[p.AuthorID].Username, p.ID))
		if known && shown.Preview != "" {
			media = append(media, shown)
		} else {
			missing = true
		}
	}
	return media, missing
}

func (m media) shown() stream.Media {
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

// bestFilm is the address of the film of the most bits a second that any browser plays.
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

// poll is the one that p asks. Unseen reports whether the message lacks it.
func (v view) poll(p post) (poll *stream.Poll, unseen bool) {
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

// card is the preview of the first page that p links to, as far as X has read it.
func (p post) card() *stream.LinkPreview {
	_, entities := p.body()
	for _, u := range entities.URLs {
		address := text.WebAddress(u.URL)
		if u.Title == "" || address == "" {
			continue
		}
		card := &stream.LinkPreview{URL: address, Title: u.Title, Description: u.Description}
		if len(u.Images) > 0 {
			card.Image = text.WebAddress(u.Images[0].URL)
		}
		return card
	}
	return nil
}
