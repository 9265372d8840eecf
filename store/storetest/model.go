package storetest

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"nagare/hub"
)

// model compares a store with a list of events that are rewritten one by one.
func model(t *testing.T, k Kind) {
	if testing.Short() && k.Reopen != nil {
		t.Skip("writes many random histories to a disk or a server")
	}
	rapid.Check(t, func(t *rapid.T) {
		s := k.Open(t)
		reader := follow(t, s, hub.Position{}, 10_000)
		var all []hub.Event
		epoch := ""
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				var batch []hub.Event
				for range rapid.IntRange(1, 4).Draw(t, "events") {
					batch = append(batch, anyEvent(t))
				}
				for i, p := range appended(t, s, batch...) {
					epoch = p.Epoch
					if p.Offset <= uint64(len(all)) {
						continue // Once, or Amends
					}
					ev := batch[i]
					ev.Position = p
					for i, earlier := range all {
						all[i] = earlier.RewrittenBy(ev)
					}
					all = append(all, ev)
				}
			},
			"reopen": func(t *rapid.T) {
				if k.Reopen != nil {
					s = k.Reopen(t, s)
					reader = nil
				}
			},
			"": func(t *rapid.T) {
				if len(all) == 0 {
					return
				}
				tip := hub.Position{Epoch: epoch, Offset: uint64(len(all))}
				if reader != nil {
					equal(t, "followed", reader.await(t, tip), described(all))
				}
				equal(t, "read again", follow(t, s, hub.Position{}, 10_000).await(t, tip), described(all))
			},
		})
	})
}

func anyEvent(t *rapid.T) hub.Event {
	key := rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "key")
	text := rapid.StringMatching(`[a-z ]{0,9}`).Draw(t, "text")
	switch kind := rapid.IntRange(0, 4).Draw(t, "kind"); {
	case key == "":
		return hub.Event{Name: "source", Data: json.RawMessage(`"` + text + `"`)}
	case kind == 0:
		return erased(key)
	case kind == 1:
		ev := created(key, text)
		ev.Once = true
		return ev
	}
	ev := event("update", key, text)
	ev.Amends = rapid.Bool().Draw(t, "amends")
	return ev
}
