package stream

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// How much time may pass between two times that something is saved. After a crash, what
// came in it comes again, and what was deleted of it may stay.
const (
	mastoSaves      = 5 * time.Second
	mastoSavesPosts = time.Minute
)

// mastoCursor is a place in a timeline.
type mastoCursor struct {
	id mastoID   // of the newest post there; empty: none has been seen
	at time.Time // when the stream was last known to live; zero: never
}

// parseMastoCursor reads what String has written.
func parseMastoCursor(saved string) (mastoCursor, error) {
	id, at, _ := strings.Cut(strings.TrimSpace(saved), " ")
	if id == "" {
		return mastoCursor{}, nil
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || len(id) > 64 {
		return mastoCursor{}, fmt.Errorf("saved cursor %q is not an id and a time", cutRunes(saved, 40))
	}
	return mastoCursor{mastoID(id), time.Unix(seconds, 0).UTC()}, nil
}

func (c mastoCursor) String() string { return fmt.Sprintf("%s %d", c.id, c.at.Unix()) }

// newer returns the later of two ids.
func newer(a, b mastoID) mastoID {
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
func (f *mastoFeed) reached(id mastoID) {
	if f.filling {
		f.newest = newer(f.newest, id)
	} else {
		f.last.id = newer(f.last.id, id)
	}
	f.mark()
	if time.Since(f.saved) >= mastoSaves {
		f.put()
	}
}

// mark has the cursor moved to where we are, as soon as all up to there is handed on.
// f.mu is held.
func (f *mastoFeed) mark() {
	if !f.filling {
		f.last.at = f.heard
	}
	last, deaths := f.last, f.m.handed.deaths()
	f.whenHanded(func() { f.m.handed.reach(last, deaths) })
}

// save is done at the end of the connection.
func (f *mastoFeed) save() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.objected == nil {
		f.mark()
	}
	f.put()
	f.putPosts()
}

// put saves the cursor, and now and then which posts the local ids are. f.mu is held.
func (f *mastoFeed) put() {
	f.saved = time.Now()
	if cursor, _ := f.m.handed.get(); cursor.id != "" {
		f.remember("cursor", cursor.String())
	}
	if time.Since(f.savedPosts) >= mastoSavesPosts {
		f.putPosts()
	}
}

// putPosts saves them with those whose deletes are still on their way: if it ends here,
// they are looked up again.
func (f *mastoFeed) putPosts() {
	f.savedPosts = time.Now()
	_, dying := f.m.handed.get()
	f.remember("posts", f.m.index.text(dying))
}

// remember saves something over a restart. f.mu is held.
func (f *mastoFeed) remember(what, text string) {
	if f.m.Saved == nil {
		return
	}
	if err := f.m.Saved.Put(f.m.savedAs(what), text); err != nil {
		f.strange("something that can't be saved", err.Error())
	}
}

// filled notes how far what was missed has been looked up. When that is done, the
// cursor goes on to what has come by the stream.
func (f *mastoFeed) filled(to mastoCursor, done bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = mastoCursor{newer(f.last.id, to.id), to.at}
	if done {
		f.filling = false
		f.last.id = newer(f.last.id, f.newest)
	}
	f.mark()
}
