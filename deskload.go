package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nagare/stream"
	"nagare/stream/moderation"
)

const (
	loadWait  = 5 * time.Second // longest time of an attempt to load the settings
	loadAgain = time.Second     // wait from one attempt to the next
)

var errNotLoaded = errors.New("the settings of the moderators are not loaded yet")

// load adopts the settings in the store. If there are none, it stores those of the start. A mode that is not
// empty has precedence.
func (d *desk) load(ctx context.Context, mode moderation.Mode) error {
	ctx, cancel := context.WithTimeout(ctx, loadWait)
	defer cancel()
	d.syncSessions()
	if err := d.moderator.Start(ctx, mode); err != nil {
		return err
	}
	d.judged = d.moderator.Settings().Version
	d.loaded.Store(true)
	return nil
}

// awaitLoad tries to load the settings until it succeeds or ctx ends. An error that repeats is logged once.
func (d *desk) awaitLoad(ctx context.Context, mode moderation.Mode) {
	for logged := ""; !d.isLoaded(); {
		err := d.load(ctx, mode)
		if text := fmt.Sprint(err); err != nil && ctx.Err() == nil && text != logged {
			logged = text
			d.log.Warn("no post is shown until the settings of the moderators are loaded", "err", err, "in", loadAgain)
		}
		if err != nil && stream.Sleep(ctx, loadAgain) != nil {
			return
		}
	}
}

func (d *desk) isLoaded() bool { return d.loaded.Load() }

// pass passes the op of a source on. By which settings a post is judged is known only once they are loaded.
func (d *desk) pass(ctx context.Context, op stream.Op) error {
	if !d.isLoaded() {
		return errNotLoaded
	}
	return d.emitter.pass(ctx, op)
}
