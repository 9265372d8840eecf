package streamtest

import (
	"fmt"
	"strings"

	"nagare/stream"
)

// Page is a page that shows the ops of a reconciler. It verifies what every consumer relies
// on: each card gets one create, then updates, then at most one destroy.
type Page struct {
	t       interface{ Fatalf(string, ...any) }
	Order   []string
	Shown   map[string]*stream.Post
	Gone    map[string]bool
	Updates int
}

func NewPage(t interface{ Fatalf(string, ...any) }) *Page {
	return &Page{t: t, Shown: map[string]*stream.Post{}, Gone: map[string]bool{}}
}

func (p *Page) Emit(op stream.Op) error {
	_, known := p.Shown[op.ID]
	switch {
	case op.Notice != nil:
		return nil
	case op.Kind != stream.Create && op.Kind != stream.Update && op.Kind != stream.Destroy, op.Kind != stream.Destroy && op.Post.ID != op.ID:
		p.t.Fatalf("emitted %s of %q", op.Kind, op.ID)
	case p.Gone[op.ID], known == (op.Kind == stream.Create):
		p.t.Fatalf("emitted %s of %s: shown %v, destroyed %v", op.Kind, op.ID, known, p.Gone[op.ID])
	case op.Kind == stream.Destroy:
		p.Gone[op.ID] = true
		delete(p.Shown, op.ID)
		return nil
	case op.Kind == stream.Create:
		p.Order = append(p.Order, op.ID)
	default:
		p.Updates++
	}
	p.Shown[op.ID] = op.Post
	return nil
}

// String returns the cards of the page in one line, the oldest first.
func (p *Page) String() string {
	var cards []string
	for _, id := range p.Order {
		t := p.Shown[id]
		if t == nil {
			continue
		}
		card := id + "=" + stream.PlainText(t.Text)
		if t.RepostedBy != nil {
			card += " reposted by " + t.RepostedBy.Name
		}
		if t.Reposts > 1 {
			card += fmt.Sprintf(" and %d", t.Reposts-1)
		}
		if t.Quote != nil {
			card += " quotes "
			if q := t.Quote.Post; q != nil {
				card += stream.PlainText(q.Text)
			}
		}
		cards = append(cards, card)
	}
	return strings.Join(cards, ", ")
}
