package stream

import "container/list"

// bskyPersons are the authors seen lately, by DID.
type bskyPersons struct {
	most  int
	byDID map[string]*list.Element
	order *list.List // of *bskyPerson, the last seen in front
}

func newBskyPersons(most int) *bskyPersons {
	return &bskyPersons{most: most, byDID: map[string]*list.Element{}, order: list.New()}
}

// known returns an author if he is among them, and counts as seeing him.
func (p *bskyPersons) known(did string) (*bskyPerson, bool) {
	e, ok := p.byDID[did]
	if !ok {
		return nil, false
	}
	p.order.MoveToFront(e)
	return e.Value.(*bskyPerson), true
}

// get returns an author, new if need be. The one not seen for longest has to go for him.
func (p *bskyPersons) get(did string) *bskyPerson {
	if person, ok := p.known(did); ok {
		return person
	}
	person := &bskyPerson{did: did, author: bskyStub(did)}
	p.byDID[did] = p.order.PushFront(person)
	if p.order.Len() > p.most {
		gone := p.order.Remove(p.order.Back()).(*bskyPerson)
		delete(p.byDID, gone.did)
	}
	return person
}
