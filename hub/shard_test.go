package hub

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
)

// The first connections of a shard are those that are visited at every event.
func TestShard_KnowsWhichConnectionsHaveOnlyFilters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{Filter: words})
		channels := []*Channel{h.Channel("a"), h.Channel("b")}
		var conns []*conn
		for range 400 {
			i := rand.IntN(len(conns) + 1)
			if i == len(conns) {
				c, _ := followed(t, channels[0], []string{"", "x"}[rand.IntN(2)])
				conns = append(conns, c)
				continue
			}
			c, ch := conns[i], channels[rand.IntN(2)]
			switch rand.IntN(5) {
			case 0:
				c.unsubscribe(request{data: fmt.Appendf(nil, `{"channel":%q}`, ch.name)})
			case 1:
				c.mu.Lock()
				c.destroy()
				c.mu.Unlock()
			default:
				text := []string{"", "x", "y"}[rand.IntN(3)]
				c.subscribe(request{data: fmt.Appendf(nil, `{"channel":%q,"filter":%q}`, ch.name, text)})
			}
		}
		synctest.Wait()
		users := map[*filter]int{}
		for _, s := range h.shards {
			for i, c := range s.conns {
				always := len(c.cursors) == 0
				for _, f := range c.cursors {
					if v := f.view; v.filter == nil {
						always = true
					} else if _, is := v.group.members[c]; !is || s.filtered[v.filter] != v.group {
						t.Errorf("a connection is not in the group of its filter")
					} else {
						users[v.filter]++
					}
				}
				if c.slot != i || always != (i < s.always) {
					t.Errorf("slot %d of %d, of which %d always: %d, %t", i, len(s.conns), s.always, c.slot, always)
				}
			}
		}
		for _, f := range h.filters.known {
			if f.users != users[f] {
				t.Errorf("filter %s of %s has %d users, want %d", f.text, f.channel.name, f.users, users[f])
			}
		}
		hangUp(h)
		for _, s := range h.shards {
			if len(s.conns)+s.always+len(s.filtered) > 0 {
				t.Errorf("a shard still has %d connections, %d of them always, and %d groups", len(s.conns), s.always, len(s.filtered))
			}
		}
		if n := len(h.filters.clients); n > 0 {
			t.Errorf("%d addresses still have filters", n)
		}
	})
}
