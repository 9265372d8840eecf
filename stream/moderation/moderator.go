// Package moderation decides which posts wait for a moderator or are hidden, and carries out what
// moderators do.
//
//	sources ─▶ reconciler ─┬─▶ public timeline
//	               ▲       └─▶ desk: posts that wait or are hidden, for moderators only
//	   Judge, ops  │
//	           Moderator ◀─ actions of moderators
//
// The reconciler asks [Moderator.Judge] about each post, and tracks each card that is held. An action
// changes the [Settings], or becomes an op, which passes the reconciler like the posts of all sources.
// Settings and audit are records of the desk's channel, so all processes with one store have the same,
// also after a restart.
//
// It leaves to others how a post is held (package reconcile), which requests are from a moderator, and
// the pages of the moderators (package web).
//
// It promises:
//
//   - a post is held as the mode and the rules say: TestModerator_HoldsAPostByModeAndRules
//   - an action that is wrong does nothing: TestModerator_AWrongActionDoesNothing
//   - settings that can't be saved don't apply: TestModerator_WhatCannotBeSavedDoesNotApply
//   - an action that moves many posts is finished after a crash: TestModerator_ABlockIsFinishedAfterACrash
//   - an action of another process is left to it: TestModerator_AnActionOfAnotherProcessIsLeftToItForHalfAMinute
//   - settings that two processes save at once are all kept: TestDesk_SettingsOfTwoProcessesAtOnceAreAllKept
//     in package main
//   - an action can be undone once, for ten minutes: TestModerator_AnActionCanBeUndoneOnceForTenMinutes
//   - nothing of a held post is public: TestHold_NothingOfAHiddenPostIsPublic and
//     TestHold_APublicCardShowsNothingOfAnotherPostThatIsHeld in package reconcile,
//     TestDesk_WhatIsHeldIsNowhereInPublic in package main
package moderation

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"slices"
	"sync"
	"time"

	"nagare/stream"
)

const undoFor = 10 * time.Minute // how long an action can be undone

// Desk is where a Moderator carries out and records what moderators do.
type Desk interface {
	// Emit passes an op to the reconciler, and reports whether a post has changed.
	Emit(ctx context.Context, op stream.Op) (changed bool, err error)

	// Load returns the settings that are stored, and reports whether some are.
	Load(ctx context.Context) (s Settings, found bool, err error)

	// Save stores the settings, for all processes. It returns ErrChanged, and stores nothing, if another
	// process has saved some since the last Load or Save.
	Save(ctx context.Context, s Settings) error

	// Record adds an entry to the audit, or replaces the one with the same Entry.
	Record(ctx context.Context, e Entry) error

	// Entry returns an entry of the audit.
	Entry(ctx context.Context, id string) (e Entry, found bool, err error)
}

// ErrChanged is returned by Save if another process has saved other settings.
var ErrChanged = errors.New("moderation: another process has changed the settings")

// Moderator holds the settings and judges posts. Its methods are safe for concurrent use.
type Moderator struct {
	// Set by New, never changed.
	desk    Desk
	process string

	acting chan struct{} // holds an item while an action is carried out: one at a time

	mu sync.Mutex

	// Guarded by mu.
	settings   Settings
	rules      []compiled
	rates      window // posts of each author
	duplicates window // words of posts
}

// New makes a moderator with settings that apply until [Moderator.Adopt] is called.
func New(desk Desk, s Settings) *Moderator {
	m := &Moderator{desk: desk, acting: make(chan struct{}, 1), rates: newWindow(ratePeriod), duplicates: newWindow(duplicatePeriod)}
	m.set(s, true)
	return m
}

// Named returns m, whose actions carry the name of this process. Actions without a name are of the only
// process. It must be called before all other methods.
func (m *Moderator) Named(process string) *Moderator {
	m.process = process
	return m
}

// Start adopts the stored settings. A mode that is not empty has precedence. If no settings are stored, it
// stores those of New, so that the desk is used from now on.
func (m *Moderator) Start(ctx context.Context, mode Mode) error {
	if err := m.begin(ctx); err != nil {
		return err
	}
	defer m.end()
	return m.change(ctx, func(s Settings) (Settings, error) {
		if s.Mode = cmp.Or(mode, s.Mode); s.Saved.IsZero() {
			s.Saved = time.Now().UTC()
		}
		return s, nil
	})
}

// Settings returns the settings, which must not be changed.
func (m *Moderator) Settings() Settings {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.settings
}

// Adopt replaces the settings by those that another process has saved, if they are newer.
func (m *Moderator) Adopt(s Settings) { m.set(s, false) }

// set replaces the settings, also by older ones if they are what is stored.
func (m *Moderator) set(s Settings, stored bool) {
	rules := compile(s.Rules)
	m.mu.Lock()
	defer m.mu.Unlock()
	if stored || s.Version > m.settings.Version {
		m.settings, m.rules = s, rules
	}
}

// Act carries out an action, and returns its entry in the audit. The error is an *[Error] or a
// *query.Error if the action is wrong; then nothing was done.
func (m *Moderator) Act(ctx context.Context, a Action) (Entry, error) {
	if err := m.begin(ctx); err != nil {
		return Entry{}, err
	}
	defer m.end()
	undid := ""
	if a.Do == Undo {
		e, err := m.undoable(ctx, a.Value)
		if err != nil {
			return Entry{}, err
		}
		by := a.By
		undid, a = e.Entry, *e.Inverse
		a.By = by
	}
	return m.carryOut(ctx, a, undid)
}

// Unpin removes a post from the pins and the announcements, because it is not public any more.
func (m *Moderator) Unpin(ctx context.Context, id string) error {
	if err := m.begin(ctx); err != nil {
		return err
	}
	defer m.end()
	return m.change(ctx, func(s Settings) (Settings, error) {
		if s.IsOnTop(id) {
			s.Pins, s.Announced = without(id, s.Pins), without(id, s.Announced)
		}
		return s, nil
	})
}

// undoable returns the entry of an action that can still be undone.
func (m *Moderator) undoable(ctx context.Context, id string) (Entry, error) {
	e, found, err := m.desk.Entry(ctx, id)
	if err == nil && (!found || e.Undone || e.Inverse == nil || time.Since(e.At) >= undoFor) {
		err = wrong("an action of the last ten minutes that is not undone yet")
	}
	return e, err
}

// carryOut saves the settings before it emits: a post that arrives meanwhile is judged by the new
// ones. undid is the entry of the action that a undoes, if any.
func (m *Moderator) carryOut(ctx context.Context, a Action, undid string) (Entry, error) {
	if err := a.check(); err != nil {
		return Entry{}, err
	}
	if err := m.finishAll(ctx, a.Author); err != nil {
		return Entry{}, err
	}
	e := Entry{Action: a, Entry: rand.Text(), At: time.Now().UTC(), Undid: undid}
	u, changes := Unfinished{Process: m.process}, false
	_, moves := a.op("")
	err := m.change(ctx, func(before Settings) (Settings, error) {
		after, err := before.with(a)
		if err != nil {
			return before, err
		}
		if e.Inverse = nil; undid == "" {
			e.Inverse = a.inverse(before, after)
		}
		u.Entry, u.Reason = e, a.reason(before)
		if changes = !reflect.DeepEqual(before, after); changes && moves {
			after.Unfinished = append(slices.Clone(after.Unfinished), u)
		}
		return after, nil
	})
	switch {
	case err != nil:
		return Entry{}, err
	case changes && moves:
		return e, m.finish(ctx, u)
	case moves:
		return m.emit(ctx, u)
	}
	return e, m.record(ctx, e)
}

// emit carries out an action that changes only posts.
func (m *Moderator) emit(ctx context.Context, u Unfinished) (Entry, error) {
	op, _ := u.op(u.Reason)
	changed, err := m.desk.Emit(ctx, op)
	if err == nil && !changed && u.Undid != "" {
		err = wrong("an action whose effect is still there")
	}
	if err != nil {
		return Entry{}, err
	}
	if !changed {
		u.Inverse = nil // it would undo what an earlier action did
	}
	return u.Entry, m.record(ctx, u.Entry)
}

// record adds an entry to the audit, and marks the one that it undid.
func (m *Moderator) record(ctx context.Context, e Entry) error {
	if e.Undid != "" {
		undone, found, err := m.desk.Entry(ctx, e.Undid)
		if undone.Undone = true; err == nil && found {
			err = m.desk.Record(ctx, undone)
		}
		if err != nil {
			return err
		}
	}
	return m.desk.Record(ctx, e)
}
