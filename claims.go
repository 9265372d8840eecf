package main

import (
	"sync"
	"time"
)

const (
	claimEvent = "claim"
	claimFor   = 30 * time.Second
	mostClaims = 10_000
)

// claim is the data of a claim event.
type claim struct {
	ID string    `json:"id"` // of the post
	By string    `json:"by"` // the moderator's name
	At time.Time `json:"at"`
}

// claims holds which moderator is looking at which post. It is safe for concurrent use.
type claims struct {
	mu   sync.Mutex
	byID map[string]claim
}

// add adds a claim, and returns the valid one: an earlier claim by another moderator, until it expires.
func (c *claims) add(next claim) claim {
	c.mu.Lock()
	defer c.mu.Unlock()
	if held, is := c.byID[next.ID]; is && next.At.Sub(held.At) < claimFor && held.By != next.By {
		return held
	}
	if c.byID == nil || len(c.byID) >= mostClaims {
		c.byID = map[string]claim{}
	}
	c.byID[next.ID] = next
	return next
}
