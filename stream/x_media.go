package stream

import (
	"cmp"
	"slices"
	"time"
)

// pictures are what p has to look at. Missing reports whether there is more.
func (v xView) pictures(p xPost) (media []Media, missing bool) {
	for _, key := range p.Attachments.MediaKeys {
		m, known := v.media[key]
		shown := m.shown()
		shown.URL = cmp.Or(shown.URL, xAddress(v.users[p.AuthorID].Username, p.ID))
		if known && shown.Preview != "" {
			media = append(media, shown)
		} else {
			missing = true
		}
	}
	return media, missing
}

func (m xMedia) shown() Media {
	out := Media{Kind: "unknown", Alt: m.Alt, Width: max(m.Width, 0), Height: max(m.Height, 0)}
	switch m.Type {
	case "photo":
		out.Kind, out.Preview, out.URL = "image", webAddress(m.URL), webAddress(m.URL)
	case "video":
		out.Kind, out.Preview, out.URL = "video", webAddress(m.Preview), bestFilm(m.Variants)
	case "animated_gif":
		out.Kind, out.Preview, out.URL = "gif", webAddress(m.Preview), bestFilm(m.Variants)
	default:
		out.Preview = webAddress(cmp.Or(m.Preview, m.URL))
	}
	return out
}

// bestFilm is the address of the film of the most bits a second that any browser plays.
func bestFilm(variants []xVariant) (address string) {
	most := -1
	for _, v := range variants {
		rate := max(v.BitRate, v.Bitrate)
		if to := webAddress(v.URL); v.ContentType == "video/mp4" && rate > most && to != "" {
			most, address = rate, to
		}
	}
	return address
}

// poll is the one that p asks. Unseen reports whether the message lacks it.
func (v xView) poll(p xPost) (poll *Poll, unseen bool) {
	if len(p.Attachments.PollIDs) == 0 {
		return nil, false
	}
	asked, known := v.polls[p.Attachments.PollIDs[0]]
	if !known || len(asked.Options) == 0 {
		return nil, true
	}
	ends, _ := time.Parse(time.RFC3339, asked.EndsAt)
	poll = &Poll{EndsAt: ends, Closed: asked.Status == "closed"}
	slices.SortStableFunc(asked.Options, func(a, b xOption) int { return cmp.Compare(a.Position, b.Position) })
	for _, o := range asked.Options {
		poll.Options = append(poll.Options, PollOption{Title: o.Label, Votes: o.Votes})
	}
	return poll, false
}

// card is the preview of the first page that p links to, as far as X has read it.
func (p xPost) card() *LinkPreview {
	_, entities := p.body()
	for _, u := range entities.URLs {
		address := webAddress(u.URL)
		if u.Title == "" || address == "" {
			continue
		}
		card := &LinkPreview{URL: address, Title: u.Title, Description: u.Description}
		if len(u.Images) > 0 {
			card.Image = webAddress(u.Images[0].URL)
		}
		return card
	}
	return nil
}
