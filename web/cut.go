package web

import "nagare/stream"

// The budgets, in bytes of text, for shortening a post that is too large for an event. With
// leastBudget every post fits, even if escaping lengthens each of its characters.
const (
	firstBudget = 4096
	bareBudget  = 512 // with at most this budget, bare shortens the post
	leastBudget = 64
)

// cut shortens a post to at most budget bytes of text. It reduces a quoted post to its link, keeps
// the first four media, shortens their descriptions, and drops the link preview and the poll. The card then
// says that a part is missing.
func cut(t *stream.Post, budget int) *stream.Post {
	if budget <= bareBudget {
		return bare(t, budget)
	}
	short := *t
	short.Text = stream.CutSegments(t.Text, budget)
	short.Warning = stream.CutText(t.Warning, budget)
	short.Media = nil
	for _, m := range t.Media[:min(len(t.Media), 4)] {
		m.Alt = stream.CutText(m.Alt, budget/4)
		short.Media = append(short.Media, m)
	}
	short.Preview, short.Poll, short.Unsupported = nil, nil, t.Unsupported || t.Poll != nil || len(t.Media) > len(short.Media)
	if t.Quote != nil {
		short.Quote = &stream.Quote{URL: t.Quote.URL}
	}
	return &short
}

// bare reduces a post to its author, text, warning and times. It drops an address that is too
// long, because a shortened address would be wrong.
func bare(t *stream.Post, budget int) *stream.Post {
	return &stream.Post{
		ID: t.ID, Source: t.Source, CreatedAt: t.CreatedAt, EditedAt: t.EditedAt, Lang: t.Lang,
		URL: upTo(t.URL, budget/4),
		Author: stream.Author{
			Handle: stream.CutText(t.Author.Handle, budget/4), Name: stream.CutText(t.Author.Name, budget/4),
			Avatar: upTo(t.Author.Avatar, budget/4), URL: upTo(t.Author.URL, budget/4),
		},
		Text:        stream.CutSegments(t.Text, budget),
		Warning:     stream.CutText(t.Warning, budget),
		Unsupported: t.Unsupported || t.Poll != nil || t.Quote != nil || len(t.Media) > 0,

		WithheldIn: t.WithheldIn[:min(len(t.WithheldIn), budget/leastBudget)],
	}
}

// upTo returns s, or "" if it has more than n bytes.
func upTo(s string, n int) string {
	if len(s) > n {
		return ""
	}
	return s
}
