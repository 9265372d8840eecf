package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/networks"
	"nagare/web"
)

const (
	// deskChannel is the private channel of the moderators. It carries the cards that are held, and
	// the settings and the audit.
	deskChannel = "desk"

	moderationText = "moderation" // name of the settings in the store
	settingsEvent  = "settings"   // tells the other processes and the moderators that the settings have changed
	screenEvent    = "screen"     // tells public screens what to show
	auditEvent     = "audit"
	logoutEvent    = "logout" // tells the other processes that a session has ended

	deskInterval    = 250 * time.Millisecond // between looks for posts whose delay is over
	rejudged        = time.Second            // how much earlier than its settings another process may judge by them: clocks differ
	overdueInterval = 10 * time.Second       // between looks for posts that another process should have shown
	finishWait      = 5 * time.Second        // longest time from the start until pages are served
	mostOverdue     = 1000                   // most of them at a time
	fewEvents       = 50                     // usually all that are new
)

// desk is what moderators work with. It implements [moderation.Desk].
type desk struct {
	// Set by newDesk, never changed.
	store     store.Store
	channel   *hub.Channel
	public    *hub.Channel
	timeline  *web.Timeline // of the cards that are held
	moderator *moderation.Moderator
	emitter   *emitter      // set by newProgram
	sessions  *web.Sessions // set by newProgram
	log       *slog.Logger
	claims    claims
	gone      chan struct{} // gets an item when a post on top is not public any more
	finished  chan struct{} // closed once run has tried to finish what a crash has interrupted
	process   string        // tells the events of this process from those of others
	loaded    atomic.Bool   // the moderator has the stored settings

	stored string // the settings that were loaded or saved last; used between begin and end of the moderator

	judged uint64 // version of the settings by which the newest posts were judged; owned by run
}

func newDesk(st store.Store, h *hub.Hub, public *hub.Channel, s moderation.Settings, log *slog.Logger) *desk {
	d := &desk{store: st, channel: h.Private(deskChannel), public: public, log: log, process: rand.Text(), gone: make(chan struct{}, 1), finished: make(chan struct{})}
	d.timeline = web.NewTimeline(h, deskChannel, st, networks.All, log).Named(d.process)
	d.moderator = moderation.New(d, s)
	return d
}

// hasDesk reports whether a store holds what moderators decided before. It applies although nobody can
// log in at present.
func hasDesk(st store.Store, log *slog.Logger) bool {
	_, found, err := st.Get(moderationText)
	if err != nil {
		log.Warn("settings of the moderators not readable", "err", err)
	}
	return found || err != nil
}

// Emit implements [moderation.Desk]. It returns once all of the result is stored.
func (d *desk) Emit(ctx context.Context, op stream.Op) (changed bool, err error) {
	if changed, err = d.emitter.decide(ctx, op); err != nil {
		return changed, err
	}
	return changed, errors.Join(d.public.Flush(ctx), d.timeline.Flush(ctx))
}

// settingsData is the data of a settings event.
type settingsData struct {
	Settings moderation.Settings `json:"settings"`
	Process  string              `json:"process"` // the process that has saved them
}

// screenData is the data of a screen event.
type screenData struct {
	State moderation.Screen `json:"state"`
	Pins  []string          `json:"pins"` // ids of posts, the newest pin first
}

// Load implements [moderation.Desk].
func (d *desk) Load(context.Context) (s moderation.Settings, found bool, err error) {
	text, found, err := d.store.Get(moderationText)
	if err != nil || !found {
		return s, false, err
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, false, fmt.Errorf("settings of the moderators: %w", err)
	}
	d.stored = text
	return s, true, nil
}

// Save implements [moderation.Desk].
func (d *desk) Save(ctx context.Context, s moderation.Settings) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	done, err := d.store.Replace(ctx, moderationText, d.stored, string(text))
	if err != nil {
		return err
	}
	if !done {
		return moderation.ErrChanged
	}
	d.stored = string(text)
	before := d.moderator.Settings()
	if s.Screen != before.Screen || !slices.Equal(s.Pins, before.Pins) {
		if err := d.tellScreens(ctx, s); err != nil {
			return err
		}
	}
	_, err = d.channel.Trigger(ctx, settingsEvent, settingsData{s, d.process})
	return err
}

// tellLogout tells the other processes that a session has ended.
func (d *desk) tellLogout() {
	ctx, cancel := context.WithTimeout(context.Background(), flushWait)
	defer cancel()
	if _, err := d.channel.Trigger(ctx, logoutEvent, struct{}{}); err != nil {
		d.log.Warn("other processes not told of a logout; they learn of it within seconds", "err", err)
	}
}

// syncSessions learns of sessions that have ended in other processes or before a restart.
func (d *desk) syncSessions() {
	if err := d.sessions.Sync(); err != nil {
		d.log.Warn("ended sessions of moderators not read", "err", err)
	}
}

func (d *desk) tellScreens(ctx context.Context, s moderation.Settings) error {
	_, err := d.public.Trigger(ctx, screenEvent, screenData{s.Screen, append([]string{}, s.Pins...)})
	return err
}

// auditKey is the key of an entry's record.
func auditKey(entry string) string { return auditEvent + ":" + entry }

// Record implements [moderation.Desk].
func (d *desk) Record(ctx context.Context, e moderation.Entry) error {
	ev := hub.Event{Name: auditEvent, Key: auditKey(e.Entry), Index: &hub.Index{Terms: []string{auditEvent}, Time: e.At}}
	if err := ev.Encode(e); err != nil {
		return err
	}
	_, err := d.channel.Publish(ctx, ev)
	return err
}

// Entry implements [moderation.Desk].
func (d *desk) Entry(ctx context.Context, id string) (e moderation.Entry, found bool, err error) {
	records, err := d.store.Find(ctx, deskChannel, auditKey(id))
	if err != nil || len(records) == 0 {
		return e, false, err
	}
	return e, true, json.Unmarshal(records[len(records)-1].Data, &e)
}

// run follows what other processes do, and shows posts whose delay is over, until ctx ends.
func (d *desk) run(ctx context.Context, shared bool) {
	tick := time.NewTicker(deskInterval)
	defer tick.Stop()
	seen, overdue := d.channel.Tip(), time.Time{}
	settled := d.finish(ctx) == nil && d.sessions.Sync() == nil // if the store is away, that is reported elsewhere
	if settled {
		d.awaitEffect(ctx)
	}
	close(d.finished)
	var keeping sync.WaitGroup
	defer keeping.Wait()
	keeping.Go(func() { d.keep(ctx) })
	for {
		arrival := d.channel.Arrival()
		if time.Since(overdue) >= overdueInterval {
			overdue = time.Now()
			d.findOverdue(ctx)
			if !settled {
				settled = d.finish(ctx) == nil && d.sessions.Sync() == nil // the same
			} else if shared {
				_ = errors.Join(d.settle(ctx), d.sessions.Sync()) // the same
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-arrival:
		}
		if shared {
			seen = d.follow(ctx, seen)
		}
		d.release(ctx)
	}
}

// findOverdue finds posts whose delay has ended long ago: the process that should have shown them
// has ended.
func (d *desk) findOverdue(ctx context.Context) {
	waiting := store.Query{Terms: []string{web.HeldTerm(stream.Pending)}, Limit: mostOverdue}
	records, _, err := d.store.Records(ctx, deskChannel, waiting)
	if err != nil {
		return // the store is away, which is reported elsewhere
	}
	for _, r := range slices.Backward(records) {
		if decision := decisionOf(r); decision.Why == moderation.ForDelay && time.Since(decision.At) > moderation.MostDelay+overdueInterval {
			d.emitter.delayed.add(r.Key, decision.At)
		}
	}
}

// decisionOf returns why a card is at the desk.
func decisionOf(card store.Record) stream.Decision {
	var data struct{ Decision stream.Decision }
	_ = json.Unmarshal(card.Data, &data) // written by this program
	return data.Decision
}

// release shows the posts whose delay is over. If posts are no longer shown by themselves, those that
// wait for their delay wait for approval from now on.
func (d *desk) release(ctx context.Context) {
	delay, now := d.moderator.Settings().After(), time.Now()
	for _, id := range d.emitter.delayed.before(now.Add(-delay)) {
		err := d.emitter.delayOver(ctx, id, now.Add(-delay), delay > 0)
		if err != nil && ctx.Err() == nil {
			d.log.Warn("post not shown after its delay", "id", id, "err", err)
		}
	}
}
