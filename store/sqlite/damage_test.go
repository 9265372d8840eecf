package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/store/sqlite"
)

// pageOf returns the number of a page of a table or an index: the one in the middle of its pages.
func pageOf(t *testing.T, path, table string) (page int64) { return pageAt(t, path, table, 0.5) }

// pageAt returns the number of the page at a place from 0, the first one, to 1.
func pageAt(t *testing.T, path, table string, place float64) (page int64) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.QueryRow(`SELECT pageno FROM dbstat WHERE name=?1 AND pagetype='leaf' ORDER BY path
		LIMIT 1 OFFSET (SELECT CAST((count(*)-1)*?2 AS INTEGER) FROM dbstat WHERE name=?1 AND pagetype='leaf')`, table, place).Scan(&page)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// spoil overwrites a page of a file.
func spoil(t *testing.T, path string, page int64) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	const pageSize = 4096
	if _, err := file.WriteAt(bytes.Repeat([]byte("garbage "), pageSize/8), (page-1)*pageSize); err != nil {
		t.Fatal(err)
	}
}

// logged collects a log.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

const damagedPosts = 400

// words are the words of a post in a damaged store. A few posts fill a page.
func words(n int) string { return fmt.Sprint("post ", n, strings.Repeat(" word", 200)) }

// withPosts makes a store of damagedPosts posts.
func withPosts(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "nagare.db")
	s := open(t, path)
	defer s.Close()
	var all []hub.Event
	for n := range damagedPosts {
		all = append(all, post("create", fmt.Sprint(n), words(n)))
	}
	if _, err := s.Append(t.Context(), channel, all); err != nil {
		t.Fatal(err)
	}
	return path
}

// openLogged opens a store that logs into the result.
func openLogged(t *testing.T, path string, o sqlite.Options) (*sqlite.Store, *logged) {
	t.Helper()
	log := new(logged)
	o.Log = slog.New(slog.NewTextHandler(log, nil))
	s, err := sqlite.Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, log
}

// A page of the file is overwritten while the store is open. What other pages hold is still read and
// written, and the operator is told once.
func TestDamage_WhatOtherPagesHoldStaysInUse(t *testing.T) {
	for _, table := range []string{"bodies", "records", "names"} {
		t.Run(table, func(t *testing.T) {
			path := withPosts(t)
			page := pageOf(t, path, table)
			s, log := openLogged(t, path, sqlite.Options{})
			spoil(t, path, page)
			lost := unreadable(t, s)
			if len(lost) == 0 || len(lost) > damagedPosts/2 {
				t.Errorf("%d of %d posts can't be read", len(lost), damagedPosts)
			}
			wantPages(t, s, lost)
			for _, key := range lost {
				_, err := s.Append(t.Context(), channel, []hub.Event{post("update", key, "new words")})
				if err == nil || err.Error() != "store: it is damaged: a page of it can't be read; restore a backup" {
					t.Errorf("a change of a post that can't be read: %v", err)
				}
			}
			if at := appendAny(t, s); at.Offset != damagedPosts+1 || s.Health() != nil {
				t.Errorf("a new post is at %v, and the store is %v", at, s.Health())
			}
			if got := strings.Count(log.String(), "the file of the store is damaged"); got != 1 {
				t.Errorf("the operator is told %d times:\n%s", got, log)
			}
		})
	}
}

// appendAny appends new posts until one is stored: the names of some belong into the spoilt page.
func appendAny(t *testing.T, s *sqlite.Store) hub.Position {
	t.Helper()
	for n := range 50 {
		if at, err := s.Append(t.Context(), channel, []hub.Event{post("create", fmt.Sprint("new ", n), "x")}); err == nil {
			return at[0]
		}
	}
	t.Fatal("no new post is stored")
	return hub.Position{}
}

// wantPages fails the test if the pages of a store lack a post that can be read.
func wantPages(t *testing.T, s *sqlite.Store, lost []string) {
	t.Helper()
	found := map[string]bool{}
	q := store.Query{Limit: 30}
	for range damagedPosts {
		records, older, err := s.Records(t.Context(), channel, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			if found[r.Key] = true; r.Index.Text != words(int(r.First.Offset)-1) {
				t.Errorf("%s is %+v", r.Key, r)
			}
		}
		if q.Before = older; older == (hub.Position{}) {
			break
		}
	}
	for n := range damagedPosts {
		if key := fmt.Sprint(n); !found[key] && !slices.Contains(lost, key) {
			t.Errorf("%s is on no page", key)
		}
	}
}

// unreadable returns the keys of the posts that a store doesn't find. It fails the test if what the
// store finds or delivers is wrong.
func unreadable(t *testing.T, s *sqlite.Store) (lost []string) {
	t.Helper()
	for n := range damagedPosts {
		key := fmt.Sprint(n)
		records, err := s.Find(t.Context(), channel, key)
		switch {
		case err != nil:
			t.Fatal(err)
		case len(records) == 0:
			lost = append(lost, key)
		case records[0].Index.Text != words(n) || records[0].First.Offset != uint64(n)+1:
			t.Errorf("%s is %+v", key, records[0])
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	_ = s.Follow(ctx, channel, hub.Position{}, 1000, func(tip hub.Position, events []hub.Event) {
		defer stop()
		if tip.Offset != damagedPosts || len(events) < damagedPosts-len(lost) {
			t.Errorf("%d events were delivered up to %v", len(events), tip)
		}
		for _, ev := range events {
			if want := fmt.Sprint(ev.Position.Offset - 1); ev.Key != want || !strings.Contains(string(ev.Data), "post "+want+" ") {
				t.Errorf("%v has %s: %.80s", ev.Position, ev.Key, ev.Data)
			}
		}
	})
	return lost
}

func TestDamage_OfAPageThatEveryEventNeedsIsReportedAsLongAsEventsWait(t *testing.T) {
	path := withPosts(t)
	page := pageAt(t, path, "events", 1)
	s, _ := openLogged(t, path, sqlite.Options{})
	spoil(t, path, page)
	ctx, stop := context.WithCancel(t.Context())
	waiting := make(chan error, 1)
	go func() {
		_, err := s.Append(ctx, channel, []hub.Event{post("create", "new", "x")})
		waiting <- err
	}()
	for s.Health() == nil {
		select {
		case err := <-waiting:
			t.Fatalf("the event doesn't wait: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	if got := store.KindOf(s.Health()); got != store.Damaged {
		t.Errorf("for everybody, %s", got)
	}
	stop()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	copied := filepath.Join(filepath.Dir(path), "copy.db")
	want := path + ": it is damaged: a page of it can't be read; restore a backup"
	if err := sqlite.Backup(t.Context(), path, copied); err == nil || err.Error() != want {
		t.Errorf("a backup: %v, want %s", err, want)
	}
}

func TestDamage_OfAPageThatTheStartNeedsIsOneClearLine(t *testing.T) {
	for _, page := range []string{"logs", "texts"} {
		path := withPosts(t)
		spoil(t, path, pageOf(t, path, page))
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err == nil {
			s.Close()
		}
		if want := path + ": it is damaged: a page of it can't be read; restore a backup"; err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", page, err, want)
		}
	}
}

// What is too old is dropped also behind events whose records can't be read.
func TestDamage_DoesNotKeepOldEventsFromBeingDropped(t *testing.T) {
	notShort(t)
	path := withPosts(t)
	spoil(t, path, pageOf(t, path, "records"))
	s, log := openLogged(t, path, sqlite.Options{Keep: time.Millisecond})
	for limit := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) { // until the next housework
		tail, err := s.At(t.Context(), channel, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		if tail.Offset == damagedPosts {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("events after %v are still there", tail)
		}
	}
	if got := strings.Count(log.String(), "the file of the store is damaged"); got != 1 {
		t.Errorf("the operator is told %d times:\n%s", got, log)
	}
}
