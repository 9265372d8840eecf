package stream

import (
	"cmp"
	"errors"
	"net/url"
	"strings"
)

func (n *native) mastodon(name string, data []byte) (Op, error) {
	if n.local == nil {
		n.local = newMastoIndex(knownLocals)
	}
	e, err := decodeMastoEvent(name, data)
	switch {
	case err != nil && !errors.Is(err, errOddField):
		return Op{}, err
	case e.kind == Destroy:
		if key, ok := n.local.killed(mastoID(e.deleted), ByAuthor); ok {
			return Op{Kind: Destroy, ID: key, Reason: ByAuthor}, nil
		}
		return Op{}, errNothing
	case e.status == nil:
		return Op{}, errNothing
	}
	return n.status(e.kind, e.status)
}

func (n *native) status(kind Kind, s *mastoStatus) (Op, error) {
	if home := homeOf(s); home != "" {
		n.home = home
	}
	view := mastoView{domain: n.home, now: mastoTime(s.CreatedAt)}
	if kind == Update {
		view.now = mastoTime(s.EditedAt)
	}
	if view.now.IsZero() {
		view.now = n.at
	}
	op, ok := view.op(kind, s)
	if !ok {
		if key, was := view.noMore(n.local, s); was {
			return Op{Kind: Destroy, At: view.now, ID: key, Reason: Unavailable}, nil
		}
		return Op{}, errNothing
	}
	gone := n.local.met(s.ID, view.key(s))
	if s.Reblog != nil {
		gone = cmp.Or(n.local.met(s.Reblog.ID, view.key(s.Reblog)), gone)
	}
	if gone != "" {
		return Op{}, errNothing
	}
	return op, nil
}

// homeOf is the domain of the server that tells of a post: that of an author whom it
// names without one.
func homeOf(s *mastoStatus) string {
	if s.Reblog != nil {
		if home := homeOf(s.Reblog); home != "" {
			return home
		}
	}
	if home := domainOf(s.Account.Acct, s.Account.URL); home != "" {
		return home
	}
	for _, m := range s.Mentions {
		if home := domainOf(m.Acct, m.URL); home != "" {
			return home
		}
	}
	return ""
}

func domainOf(acct, address string) string {
	u, err := url.Parse(address)
	if err != nil || acct == "" || strings.Contains(acct, "@") {
		return ""
	}
	return u.Hostname()
}
