package mastodon

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"nagare/stream/internal/text"
)

// The shortest times between two saves. After a crash, the posts since the last save of the
// cursor arrive again, and deletes of posts that the saved index lacks have no effect.
const (
	cursorSaveInterval = 5 * time.Second
	indexSaveInterval  = time.Minute
)

// cursor is a position in a timeline.
type cursor struct {
	id statusID  // of the newest post; empty: no post yet
	at time.Time // when the server last sent anything, by its clock; zero: never
}

// parseCursor reads the output of String.
func parseCursor(saved string) (cursor, error) {
	id, at, _ := strings.Cut(strings.TrimSpace(saved), " ")
	if id == "" {
		return cursor{}, nil
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || len(id) > 64 {
		return cursor{}, fmt.Errorf("saved cursor %q is not an id and a time", text.Truncate(saved, 40))
	}
	return cursor{statusID(id), time.Unix(seconds, 0).UTC()}, nil
}

func (c cursor) String() string { return fmt.Sprintf("%s %d", c.id, c.at.Unix()) }

// newest is the newer of two ids.
func newest(a, b statusID) statusID {
	if a.before(b) {
		return b
	}
	return a
}

// advance moves the position to a post of the stream. During the backfill it leaves the
// position at the last backfilled post: if the backfill is interrupted, the next one must begin
// there. c.mu is held.
func (c *connection) advance(id statusID) {
	if c.backfilling {
		c.newest = newest(c.newest, id)
	} else {
		c.last.id = newest(c.last.id, id)
	}
	c.acknowledgeLater()
	if time.Since(c.cursorSaved) >= cursorSaveInterval {
		c.saveCursor()
	}
}

// backfilled moves the position to the last backfilled post. If the backfill is done, the
// position moves on to the newest post of the stream.
func (c *connection) backfilled(to cursor, done bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = cursor{newest(c.last.id, to.id), to.at}
	if done {
		c.backfilling = false
		c.last.id = newest(c.last.id, c.newest)
	}
	c.acknowledgeLater()
}

// acknowledgeLater moves the source's cursor to the current position when the consumer has
// acknowledged everything emitted so far. c.mu is held.
func (c *connection) acknowledgeLater() {
	if !c.backfilling {
		c.last.at = c.lastRead
	}
	delivered := &c.source.delivered
	last, deletes := c.last, delivered.deletes()
	c.onDelivered(func() { delivered.acknowledge(last, deletes) })
}

// save saves the cursor and the index at the end of the connection.
func (c *connection) save() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.emitErr == nil {
		c.acknowledgeLater()
	}
	c.saveCursor()
	c.saveIndex()
}

// saveCursor saves the cursor. It also saves the index if a minute has passed since the last
// time. c.mu is held.
func (c *connection) saveCursor() {
	c.cursorSaved = time.Now()
	if cursor, _ := c.source.delivered.get(); cursor.id != "" {
		c.saveState("cursor", cursor.String())
	}
	if time.Since(c.indexSaved) >= indexSaveInterval {
		c.saveIndex()
	}
}

// saveIndex saves the index. That includes posts whose deletes are not acknowledged yet: after
// a restart, the recheck looks these posts up and emits the deletes again. c.mu is held.
func (c *connection) saveIndex() {
	c.indexSaved = time.Now()
	_, pending := c.source.delivered.get()
	c.saveState("posts", c.source.index.marshal(pending))
}

// saveState saves a text in Store, for the next start. c.mu is held.
func (c *connection) saveState(what, text string) {
	if c.source.Store == nil {
		return
	}
	if err := c.source.Store.Put(c.source.storeKey(what), text); err != nil {
		c.note("the state was not saved", err.Error())
	}
}
