package bluesky

import "container/list"

// bskyPersons are the authors seen lately, by DID.
type authorCache struct {
	most  int
	byDID map[string]*list.Element
	order *list.List // of *bskyPerson, the last seen in front
}

func newAuthorCache(most int) *authorCache {
	return &authorCache{most: most, byDID: map[string]*list.Element{}, order: list.New()}
}

// known returns an author if he is among them, and counts as seeing him.
func (p *authorCache) known(did string) (*author, bool) {
	e, ok := p.byDID[did]
	if !ok {
		return nil, false
	}
	p.order.MoveToFront(e)
	return e.Value.(*author), true
}

// get returns an author, new if need be. The one not seen for longest has to go for him.
func (p *authorCache) get(did string) *author {
	if person, ok := p.known(did); ok {
		return person
	}
	person := &author{did: did, author: unknownAuthor(did)}
	p.byDID[did] = p.order.PushFront(person)
	if p.order.Len() > p.most {
		gone := p.order.Remove(p.order.Back()).(*author)
		delete(p.byDID, gone.did)
	}
	return person
}
