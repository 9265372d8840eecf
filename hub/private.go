package hub

import (
	"context"
	"net/http"
	"slices"
)

// Private returns the channel of that name, as Channel does, and makes it private: only clients
// for which Options.MayFollow is true can follow it. For all others, it doesn't exist. It must be
// called before these clients connect, and before anything is published.
func (h *Hub) Private(name string) *Channel {
	ch := h.Channel(name)
	h.mu.Lock()
	defer h.mu.Unlock()
	if !ch.private.Swap(true) {
		h.private = append(h.private, ch)
	}
	return ch
}

// pass is what a connection that may follow private channels keeps of its request. Connections with a
// pass are counted apart from those of the public, which so can't take the place of them.
type pass struct {
	// Set when it is made, never changed.
	request  *http.Request // without the context, which has ended
	channels []*Channel    // that the client could follow when it connected
}

// passOf returns nil if the client may not follow any private channel. Then the connection keeps
// nothing of its request.
func (h *Hub) passOf(r *http.Request) *pass {
	if h.opts.MayFollow == nil {
		return nil
	}
	h.mu.RLock()
	channels := slices.Clone(h.private)
	h.mu.RUnlock()
	channels = slices.DeleteFunc(channels, func(ch *Channel) bool { return !h.opts.MayFollow(r, ch.name) })
	if len(channels) == 0 {
		return nil
	}
	return &pass{r.WithContext(context.Background()), channels}
}

// mayFollow asks whether the client may follow a channel now.
func (p *pass) mayFollow(ch *Channel) bool {
	return !ch.private.Load() || p != nil && slices.Contains(p.channels, ch) && ch.hub.opts.MayFollow(p.request, ch.name)
}

// isOver reports whether the client may no longer follow a channel that it could follow when it
// connected. p is nil for most clients.
func (p *pass) isOver() bool {
	return p != nil && slices.ContainsFunc(p.channels, func(ch *Channel) bool { return !p.mayFollow(ch) })
}

// find returns the channel of a subscription, or why the client can't subscribe to it. The reply
// about a private channel that the client may not follow is the same as about one that doesn't
// exist. To subscribe_private, it is also the same as about a channel that is not private, as from
// every hub without private channels.
func (c *conn) find(name string, private bool) (*Channel, *failure) {
	ch := c.hub.lookup(name)
	known := ch != nil && c.pass.mayFollow(ch)
	switch {
	case private && (!known || !ch.private.Load()):
		return nil, &failure{"not_private", "channel is not private", "use subscribe instead."}
	case !known:
		return nil, &failure{Error: "unknown_channel", Reason: "no such channel"}
	case !private && ch.private.Load():
		return nil, &failure{"private", "channel is private", "use subscribe_private instead."}
	}
	return ch, nil
}
