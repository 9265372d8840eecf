package moderation

import (
	"context"
	"errors"
	"reflect"
	"time"
)

const (
	longestTurn = 10 * time.Second // how long an action waits for the one before it
	othersTurn  = 30 * time.Second // how old an action of another process is that has ended before its action
)

var errTurn = errors.New("moderation: the action before has not ended")

// begin waits until no other action is carried out, and adopts the stored settings: another process may have
// saved them.
func (m *Moderator) begin(ctx context.Context) error {
	select {
	case m.acting <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(longestTurn):
		return errTurn
	}
	err := m.load(ctx)
	if err != nil {
		m.end()
	}
	return err
}

func (m *Moderator) end() { <-m.acting }

func (m *Moderator) load(ctx context.Context) error {
	s, found, err := m.desk.Load(ctx)
	if err == nil && found {
		m.set(s, true)
	}
	return err
}

// change saves what to makes of the settings. If another process has saved other settings meanwhile, it
// begins again with those. It is called between begin and end.
func (m *Moderator) change(ctx context.Context, to func(Settings) (Settings, error)) error {
	for {
		before := m.Settings()
		after, err := to(before)
		if err != nil || reflect.DeepEqual(before, after) {
			return err
		}
		after.Version, after.Saved = before.Version+1, time.Now().UTC()
		err = m.desk.Save(ctx, after)
		if err == nil {
			m.set(after, true)
			return nil
		}
		if !errors.Is(err, ErrChanged) {
			return err
		}
		if err := m.load(ctx); err != nil {
			return err
		}
	}
}

// finish carries out an action whose settings are saved.
func (m *Moderator) finish(ctx context.Context, u Unfinished) error {
	op, _ := u.op(u.Reason)
	if _, err := m.desk.Emit(ctx, op); err != nil {
		return err
	}
	if err := m.record(ctx, u.Entry); err != nil {
		return err
	}
	return m.change(ctx, func(s Settings) (Settings, error) { return s.without(u), nil })
}

// Finish carries out what a crash has interrupted: an author was blocked, or not any more, but not all of
// their posts were hidden or shown. Act does so first: what is finished must not undo what is done later.
// What another process does is left to it for 30 seconds.
func (m *Moderator) Finish(ctx context.Context) error {
	if err := m.begin(ctx); err != nil {
		return err
	}
	defer m.end()
	return m.finishAll(ctx, "")
}

// finishAll is Finish, between begin and end. It doesn't wait for another process if its action is about that author.
func (m *Moderator) finishAll(ctx context.Context, author string) error {
	for _, u := range m.Settings().Unfinished {
		if u.Process != m.process && time.Since(u.At) < othersTurn && (author == "" || u.Author != author) {
			continue
		}
		if err := m.finish(ctx, u); err != nil {
			return err
		}
	}
	return nil
}
