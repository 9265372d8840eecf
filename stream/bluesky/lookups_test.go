package bluesky

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nagare/stream"
)

func someDIDs(n int) (dids []string) {
	for i := range n {
		dids = append(dids, "did:plc:author"+strconv.Itoa(i))
	}
	return dids
}

func TestProfileLookup_QueuesEachAuthorOnceAndDropsTheOldest(t *testing.T) {
	p := newProfileLookup()
	dids := someDIDs(mostAuthors + 1)
	for range 2 {
		for _, did := range dids[:mostAuthors] {
			p.seen(did, march)
		}
	}
	if len(p.queue) != mostAuthors {
		t.Fatalf("%d in the queue, want %d, each once", len(p.queue), mostAuthors)
	}
	p.seen(dids[mostAuthors], march)
	if len(p.queue) != mostAuthors || p.queue[0] != dids[1] || p.queue[mostAuthors-1] != dids[mostAuthors] {
		t.Errorf("%d in the queue from %s to %s", len(p.queue), p.queue[0], p.queue[len(p.queue)-1])
	}
}

func TestProfileLookup_AsksAgainWhenAProfileExpires(t *testing.T) {
	for name, tt := range map[string]struct {
		found *profile
		moved bool
		lasts time.Duration
	}{
		"found":                     {&profile{DID: mio, Handle: "mio2.example"}, false, profileLifetime},
		"not found":                 {nil, false, missLifetime},
		"moved":                     {&profile{DID: mio, Handle: "mio2.example"}, true, profileLifetime},
		"moved, it doesn't know of": {&profile{DID: mio, Handle: "mio.example"}, true, missLifetime},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProfileLookup()
			p.authors.Get(mio).shownAs.Handle, p.authors.Get(mio).handleChanged = "mio.example", tt.moved
			p.store(mio, tt.found, march, march)
			if p.seen(mio, march.Add(tt.lasts)); len(p.queue) != 0 {
				t.Errorf("asked again before %v were over", tt.lasts)
			}
			if p.seen(mio, march.Add(tt.lasts+1)); len(p.queue) != 1 {
				t.Errorf("not asked again after %v", tt.lasts)
			}
		})
	}
}

func TestProfileLookup_MakesThreeRequestsAtATimeButOneAfterAFailure(t *testing.T) {
	p, now := newProfileLookup(), march
	for _, did := range someDIDs(1000) {
		p.seen(did, now)
	}
	first := p.next(now)
	second, third, fourth := p.next(now), p.next(now), p.next(now)
	if len(first) != lookupSize || second == nil || third == nil || fourth != nil {
		t.Errorf("want three questions for %d at once, no more", lookupSize)
	}
	p.failed(first, 0, now)
	if got := p.queue[:lookupSize]; !slices.Equal(got, first) || p.healthy() {
		t.Errorf("who got no answer is not first again: %v", got)
	}
	p.inFlight = 0
	now = now.Add(time.Second)
	if p.next(now) == nil || p.next(now) != nil {
		t.Error("in trouble there is more or less than one question at a time")
	}
	p.answered()
	second, third = p.next(now), p.next(now)
	if !p.healthy() || second == nil || third == nil {
		t.Error("an answer doesn't end the trouble")
	}
}

func TestProfileLookup_BacksOffForAMinuteAtMost(t *testing.T) {
	p, now := newProfileLookup(), march
	var waits []time.Duration
	for range 8 {
		p.failed(nil, 0, now)
		waits = append(waits, p.pausedUntil.Sub(now)/time.Second)
	}
	if want := []time.Duration{1, 2, 4, 8, 16, 32, 60, 60}; !slices.Equal(waits, want) {
		t.Errorf("got %v seconds, want %v", waits, want)
	}
	p.failed(nil, 1000*time.Hour, now)
	if got := p.pausedUntil.Sub(now); got != 15*time.Minute {
		t.Errorf("a server that wants 1000 hours gets %v, want 15m", got)
	}
}

func TestProfileLookup_FindsTheOneAuthorWhoIsRefused(t *testing.T) {
	p, now := newProfileLookup(), march
	for _, did := range someDIDs(100) {
		p.seen(did, now)
	}
	invalid, requests := someDIDs(100)[60], 0
	for len(p.queue) > 0 {
		batch := p.next(now)
		if batch == nil {
			now = now.Add(time.Second)
			continue
		}
		if requests++; slices.Contains(batch, invalid) {
			p.refused(batch, errors.New("invalid"), 0, now)
			continue
		}
		p.answered()
		for _, did := range batch {
			p.store(did, nil, now, now)
		}
		p.recovered()
	}
	if p.refusal != nil || len(p.suspects) > 0 {
		t.Errorf("still refused: %v, %d suspects", p.refusal, len(p.suspects))
	}
	for _, did := range someDIDs(100) {
		if a := p.authors.Get(did); a.refused != (did == invalid) || a.lookedUp == (did == invalid) || a.queued {
			t.Errorf("%+v", a)
		}
	}
	if took := now.Sub(march); took > refusedPatience || requests > 25 || p.batchSize != lookupSize {
		t.Errorf("%d requests in %v, the next one for %d authors", requests, took, p.batchSize)
	}
	if p.seen(invalid, now); len(p.queue) != 0 {
		t.Error("the author is looked up again at once")
	}
	if p.seen(invalid, now.Add(missLifetime)); len(p.queue) != 1 {
		t.Error("the author is never looked up again")
	}
}

func TestHoldQueue_ReleasesPostsInTimeOrWhenThereAreTooMany(t *testing.T) {
	hold := holdQueue{{did: "a", until: march}, {did: "b", until: march.Add(time.Hour)}, {did: "a", until: march.Add(time.Hour)}}
	if did, ok := hold.expired(march.Add(-1)); ok {
		t.Errorf("%s is let out early", did)
	}
	if did, ok := hold.expired(march); !ok || did != "a" {
		t.Errorf("got %q, %v; want a", did, ok)
	}
	if out := hold.take(byAuthor("a")); len(out) != 2 || len(hold) != 1 || hold[0].did != "b" {
		t.Errorf("took %v and left %v, want both of a, in order", out, hold)
	}
	full := slices.Repeat(hold, mostHeld)
	if did, ok := full.expired(march); ok {
		t.Errorf("%s is let out of %d", did, len(full))
	}
	if _, ok := append(full, heldPost{did: "c"}).expired(march); !ok {
		t.Errorf("%d posts wait", len(full)+1)
	}
}

func TestIsDID_AcceptsOnlyValidDIDs(t *testing.T) {
	for did, want := range map[string]bool{
		mio: true, "did:web:example.com": true, "did:web:localhost%3A80": true,
		"": false, "did": false, "did:plc": false, "did:plc:": false, "did::x": false, "did:PLC:x": false, "did:plc:a/b": false,
		"did:plc:a?b": false, "did:plc:a:": false, "did:plc:a%": false, "did:plc:é": false, "did:plc:a b": false,
		"did:plc:" + strings.Repeat("a", 300): false,
	} {
		if got := isDID(did); got != want {
			t.Errorf("%q: got %v, want %v", did, got, want)
		}
	}
}

func TestBluesky_ARefusalIsFinalOnlyAfterAllHostsRefused(t *testing.T) {
	b := &Source{Hosts: []string{"a", "b"}}
	refused := fmt.Errorf("a: %w", stream.Permanent(&stream.StatusError{Code: 403}))
	if stream.IsPermanent(b.judge(refused)) || !stream.IsPermanent(b.judge(refused)) {
		t.Error("the first refusal is final, or the second isn't")
	}
	if b.judge(errors.New("reset")); stream.IsPermanent(b.judge(refused)) {
		t.Error("a host that only broke counts as one that refused")
	}
}
