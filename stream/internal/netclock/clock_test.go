package netclock

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func dated(at time.Time, age string) http.Header {
	return http.Header{"Date": {at.UTC().Format(http.TimeFormat)}, "Age": {age}}
}

func TestClock_FollowsTheNetwork(t *testing.T) {
	for name, tt := range map[string]struct {
		samples func(c *Clock)
		want    time.Duration // ahead of our clock
	}{
		"nothing is known":              {func(*Clock) {}, 0},
		"a response":                    {func(c *Clock) { c.Header(dated(time.Now().Add(-15*time.Minute), "")) }, -15 * time.Minute},
		"a response from a cache":       {func(c *Clock) { c.Header(dated(time.Now().Add(10*time.Minute), "300")) }, 15 * time.Minute},
		"a response without a date":     {func(c *Clock) { c.Header(http.Header{}) }, 0},
		"a response of almost our time": {func(c *Clock) { c.Header(dated(time.Now().Add(-time.Second), "")) }, 0},
		"a live event":                  {func(c *Clock) { c.Connected(true); c.Event(time.Now().Add(-15 * time.Minute)) }, -15 * time.Minute},
		"an old event":                  {func(c *Clock) { c.Connected(false); c.Event(time.Now().Add(-15 * time.Minute)) }, 0},
		"an event ahead of us":          {func(c *Clock) { c.Connected(false); c.Event(time.Now().Add(15 * time.Minute)) }, 15 * time.Minute},
		"a response, then an older event": {func(c *Clock) {
			c.Header(dated(time.Now(), ""))
			c.Connected(true)
			c.Event(time.Now().Add(-time.Hour))
		}, 0},
		"an event that is slow to arrive": {func(c *Clock) { c.Connected(true); c.Event(time.Now()); c.Event(time.Now().Add(-time.Minute)) }, 0},
		"an event of next year":           {func(c *Clock) { c.Connected(true); c.Event(time.Now().AddDate(1, 0, 0)) }, 0},
		"a second event too far ahead":    {func(c *Clock) { c.Connected(true); c.Event(time.Now()); c.Event(time.Now().Add(15 * time.Minute)) }, 0},
		"a response after a wrong event":  {func(c *Clock) { c.Connected(true); c.Event(time.Now().Add(time.Hour)); c.Header(dated(time.Now(), "")) }, 0},
		"a response of long ago": {func(c *Clock) {
			c.Header(dated(time.Now().Add(-time.Hour), ""))
			c.Connected(false)
			c.Event(time.Now())
		}, 0},
		"an event after a very long silence": {func(c *Clock) {
			c.Connected(true)
			c.Event(time.Now())
			c.Connected(false)
			c.Event(time.Now().Add(8 * time.Hour))
		}, 8 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var c Clock
				c.Now()
				time.Sleep(time.Hour)
				tt.samples(&c)
				time.Sleep(time.Hour)
				if ahead := time.Until(c.Now()); (ahead - tt.want).Abs() > time.Second {
					t.Errorf("%v ahead of our clock, want %v", ahead, tt.want)
				}
			})
		})
	}
}

func TestClock_SaysWhichEventsAreInTheFuture(t *testing.T) {
	var c Clock
	c.Connected(false)
	for i, tt := range []struct {
		ahead time.Duration
		want  bool
	}{{25 * time.Hour, false}, {23 * time.Hour, true}, {22 * time.Hour, true}, {23*time.Hour + 9*time.Minute, true}, {23*time.Hour + 20*time.Minute, false}, {-time.Hour, true}} {
		if got := c.Event(time.Now().Add(tt.ahead)); got != tt.want {
			t.Errorf("event %d, %v ahead: got %v", i, tt.ahead, got)
		}
	}
}
