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
//   - an action can be undone once, for ten minutes: TestModerator_AnActionCanBeUndoneOnceForTenMinutes
//   - nothing of a held post is public: TestHold_NothingOfAHiddenPostIsPublic and
//     TestHold_APublicCardShowsNothingOfAnotherPostThatIsHeld in package reconcile,
//     TestDesk_WhatIsHeldIsNowhereInPublic in package main
package moderation

import (
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"slices"
	"sync"
	"time"

	"nagare/stream"
)

const (
	undoFor     = 10 * time.Minute // how long an action can be undone
	longestTurn = 10 * time.Second // how long an action waits for the one before it
)

var errTurn = errors.New("moderation: the action before has not ended")

// Desk is where a Moderator carries out and records what moderators do.
type Desk interface {
	// Emit passes an op to the reconciler, and reports whether a post has changed.
	Emit(ctx context.Context, op stream.Op) (changed bool, err error)

	// Save stores the settings, for all processes.
	Save(ctx context.Context, s Settings) error

	// Record adds an entry to the audit, or replaces the one with the same Entry.
	Record(ctx context.Context, e Entry) error

	// Entry returns an entry of the audit.
	Entry(ctx context.Context, id string) (e Entry, found bool, err error)
}

// Moderator holds the settings and judges posts. Its methods are safe for concurrent use.
type Moderator struct {
	// Set by New, never changed.
	desk Desk

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
	m.Adopt(s)
	return m
}

// Settings returns the settings, which must not be changed.
func (m *Moderator) Settings() Settings {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.settings
}

// Adopt replaces the settings, for example by those that another process has saved.
func (m *Moderator) Adopt(s Settings) {
	rules := compile(s.Rules)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settings, m.rules = s, rules
}

// Act carries out an action, and returns its entry in the audit. The error is an *[Error] or a
// *query.Error if the action is wrong; then nothing was done.
func (m *Moderator) Act(ctx context.Context, a Action) (Entry, error) {
	if err := m.begin(ctx); err != nil {
		return Entry{}, err
	}
	defer m.end()
	if err := m.finishAll(ctx); err != nil {
		return Entry{}, err
	}
	var undone *Entry
	if a.Do == Undo {
		e, err := m.undoable(ctx, a.Value)
		if err != nil {
			return Entry{}, err
		}
		by := a.By
		undone, a = &e, *e.Inverse
		a.By = by
	}
	e, err := m.carryOut(ctx, a, undone)
	if err != nil {
		return Entry{}, err
	}
	if undone != nil {
		undone.Undone, e.Inverse = true, nil
		err = m.desk.Record(ctx, *undone)
	}
	return e, errors.Join(err, m.desk.Record(ctx, e))
}

// Unpin removes a post from the pins and the announcements, because it is not public any more.
func (m *Moderator) Unpin(ctx context.Context, id string) error {
	if err := m.begin(ctx); err != nil {
		return err
	}
	defer m.end()
	s := m.Settings()
	if !s.IsOnTop(id) {
		return nil
	}
	s.Pins, s.Announced = without(id, s.Pins), without(id, s.Announced)
	return m.save(ctx, s)
}

// begin waits until no other action is carried out.
func (m *Moderator) begin(ctx context.Context) error {
	select {
	case m.acting <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(longestTurn):
		return errTurn
	}
}

func (m *Moderator) end() { <-m.acting }

// undoable returns the entry of an action that can still be undone.
func (m *Moderator) undoable(ctx context.Context, id string) (Entry, error) {
	e, found, err := m.desk.Entry(ctx, id)
	if err == nil && (!found || e.Undone || e.Inverse == nil || time.Since(e.At) >= undoFor) {
		err = wrong("an action of the last ten minutes that is not undone yet")
	}
	return e, err
}

// carryOut saves the settings before it emits: a post that arrives meanwhile is judged by the new
// ones.
func (m *Moderator) carryOut(ctx context.Context, a Action, undone *Entry) (Entry, error) {
	if err := a.check(); err != nil {
		return Entry{}, err
	}
	e, before := Entry{Action: a, Entry: rand.Text(), At: time.Now().UTC()}, m.Settings()
	if undone != nil {
		e.Undid = undone.Entry
	}
	after, err := before.with(a)
	if err != nil {
		return Entry{}, err
	}
	e.Inverse = a.inverse(before, after)
	a.Why = a.reason(before)
	op, moves := a.op(a.Why)
	changes := !reflect.DeepEqual(before, after)
	if changes && moves {
		after.Unfinished = append(slices.Clone(after.Unfinished), a)
	}
	if changes {
		if err := m.save(ctx, after); err != nil {
			return Entry{}, err
		}
	}
	switch {
	case !moves:
		return e, nil
	case changes:
		return e, m.finish(ctx, a, op)
	}
	changes, err = m.desk.Emit(ctx, op)
	if err == nil && !changes && undone != nil {
		return Entry{}, wrong("an action whose effect is still there")
	}
	if !changes {
		e.Inverse = nil // it would undo what an earlier action did
	}
	return e, err
}

func (m *Moderator) save(ctx context.Context, s Settings) error {
	if err := m.desk.Save(ctx, s); err != nil {
		return err
	}
	m.Adopt(s)
	return nil
}

// finish carries out an action whose settings are saved.
func (m *Moderator) finish(ctx context.Context, a Action, op stream.Op) error {
	if _, err := m.desk.Emit(ctx, op); err != nil {
		return err
	}
	return m.save(ctx, m.Settings().finished(a))
}

// Finish carries out what a crash has interrupted: an author was blocked, or not any more, but not all of
// their posts were hidden or shown. Act does so first: what is finished must not undo what is done later.
func (m *Moderator) Finish(ctx context.Context) error {
	if err := m.begin(ctx); err != nil {
		return err
	}
	defer m.end()
	return m.finishAll(ctx)
}

// finishAll is Finish, between begin and end.
func (m *Moderator) finishAll(ctx context.Context) error {
	for _, a := range m.Settings().Unfinished {
		op, _ := a.op(a.Why)
		if err := m.finish(ctx, a, op); err != nil {
			return err
		}
	}
	return nil
}
