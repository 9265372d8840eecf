package mastodon

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"nagare/stream/internal/text"
)

// How much time may pass between two times that something is saved. After a crash, what
// came in it comes again, and what was deleted of it may stay.
const (
	cursorSaveInterval = 5 * time.Second
	indexSaveInterval  = time.Minute
)

// mastoCursor is a place in a timeline.
type cursor struct {
	id statusID  // of the newest post there; empty: none has been seen
	at time.Time // when the stream was last known to live; zero: never
}

// parseMastoCursor reads what String has written.
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

// newer returns the later of two ids.
func newest(a, b statusID) statusID {
	if a.before(b) {
		return b
	}
	return a
}

// serverTime is when the server answered, by its own clock if it has one.
func serverTime(res *http.Response) time.Time {
	if at, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		return at
	}
	return time.Now()
}

// reached notes that a post has come by the stream. While what was missed is being
// looked up, the cursor stays behind, so that if this breaks off too it begins where
// the hole does. f.mu is held.
func (f *connection) advance(id statusID) {
	if f.backfilling {
		f.newest = newest(f.newest, id)
	} else {
		f.last.id = newest(f.last.id, id)
	}
	f.acknowledgeLater()
	if time.Since(f.saved) >= cursorSaveInterval {
		f.saveCursor()
	}
}

// mark has the cursor moved to where we are, as soon as all up to there is handed on.
// f.mu is held.
func (f *connection) acknowledgeLater() {
	if !f.backfilling {
		f.last.at = f.heard
	}
	last, deaths := f.last, f.m.delivered.deletes()
	f.onDelivered(func() { f.m.delivered.acknowledge(last, deaths) })
}

// save is done at the end of the connection.
func (f *connection) save() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.emitErr == nil {
		f.acknowledgeLater()
	}
	f.saveCursor()
	f.saveIndex()
}

// put saves the cursor, and now and then which posts the local ids are. f.mu is held.
func (f *connection) saveCursor() {
	f.saved = time.Now()
	if cursor, _ := f.m.delivered.get(); cursor.id != "" {
		f.saveState("cursor", cursor.String())
	}
	if time.Since(f.savedPosts) >= indexSaveInterval {
		f.saveIndex()
	}
}

// putPosts saves them with those whose deletes are still on their way: if it ends here,
// they are looked up again.
func (f *connection) saveIndex() {
	f.savedPosts = time.Now()
	_, dying := f.m.delivered.get()
	f.saveState("posts", f.m.index.marshal(dying))
}

// remember saves something over a restart. f.mu is held.
func (f *connection) saveState(what, text string) {
	if f.m.Store == nil {
		return
	}
	if err := f.m.Store.Put(f.m.savedAs(what), text); err != nil {
		f.note("something that can't be saved", err.Error())
	}
}

// filled notes how far what was missed has been looked up. When that is done, the
// cursor goes on to what has come by the stream.
func (f *connection) backfilled(to cursor, done bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = cursor{newest(f.last.id, to.id), to.at}
	if done {
		f.backfilling = false
		f.last.id = newest(f.last.id, f.newest)
	}
	f.acknowledgeLater()
}
