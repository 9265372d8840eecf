package web

import (
	"context"
	"slices"
	"time"

	"nagare/store"
	"nagare/stream"
	"nagare/stream/reconcile"
)

const (
	lookAgain = time.Second // wait from a failed lookup to the next
	patience  = time.Minute // how long lookups may fail until ops pass without them
)

// Archive makes the cards that a timeline has published known to its reconciler. If a lookup
// fails, the archive tries again before the op passes: a deletion of a post that is not found is
// never applied. Only one goroutine at a time may use an archive.
type Archive struct {
	// Set by NewArchive, never changed.
	timeline *Timeline
	desk     *Timeline // of the cards that are held; nil: there are none
	durable  bool      // the history survives a restart
	ctx      func() context.Context

	failing time.Time // since when all lookups have failed; zero if the last one succeeded
}

// NewArchive makes an archive. durable tells whether the history of the timeline survives a restart.
// ctx returns the context of the op that the reconciler applies: when it ends, the archive stops
// waiting.
func NewArchive(t *Timeline, durable bool, ctx func() context.Context) *Archive {
	return &Archive{timeline: t, durable: durable, ctx: ctx}
}

// WithDesk adds the timeline of the cards that are held, and returns the archive. A card can then
// be shown again, so the archive keeps the state of all.
func (a *Archive) WithDesk(desk *Timeline) *Archive {
	a.desk = desk
	return a
}

// Find implements [reconcile.Archive]. A public card comes before one that is held: if a crash has left
// both, the card is public.
func (a *Archive) Find(names ...string) []reconcile.Saved {
	public := a.find(a.timeline, names)
	found := saved(public)
	if a.desk != nil {
		found = append(found, savedAtDesk(a.find(a.desk, names), public)...)
	}
	return found
}

func (a *Archive) find(t *Timeline, names []string) []store.Record {
	return a.look(func(ctx context.Context) ([]store.Record, error) { return t.history.Find(ctx, t.name, names...) })
}

// Newest implements [reconcile.Archive].
func (a *Archive) Newest(n int) []reconcile.Saved {
	t := a.timeline
	records := a.look(func(ctx context.Context) ([]store.Record, error) {
		records, _, err := t.history.Records(ctx, t.name, store.Query{Limit: n})
		return records, err
	})
	slices.Reverse(records)
	return saved(records)
}

// KeepsState implements [reconcile.Archive].
func (a *Archive) KeepsState() bool { return a.durable || a.desk != nil }

// look looks up records, again and again while that fails. A history that has failed for so long
// doesn't hold up the posts any longer.
func (a *Archive) look(once func(context.Context) ([]store.Record, error)) []store.Record {
	for {
		ctx, cancel := context.WithTimeout(context.Background(), lookupTime)
		records, err := once(ctx)
		cancel()
		if err == nil {
			a.failing = time.Time{}
			return records
		}
		if a.failing.IsZero() {
			a.failing = time.Now()
			a.timeline.log.Warn("posts not looked up, trying again", "err", err, "for", patience)
		}
		if time.Since(a.failing) >= patience || stream.Sleep(a.ctx(), lookAgain) != nil {
			return nil
		}
	}
}

func saved(records []store.Record) (out []reconcile.Saved) {
	for _, r := range records {
		out = append(out, Saved(r))
	}
	return out
}

// Saved returns a record as the card of a reconciler's archive.
func Saved(r store.Record) reconcile.Saved {
	return reconcile.Saved{ID: r.Key, Names: r.Index.Names, State: r.Index.State, Destroyed: r.Erased}
}
