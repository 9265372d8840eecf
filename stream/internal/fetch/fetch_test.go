package fetch

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestRefusal_LimitsTheWaitThatAServerAsksForToAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(3 * 365 * 24 * time.Hour) // virtual time begins in 2000, when Unix times had fewer digits
		in := func(d time.Duration) time.Time { return time.Now().Add(d).UTC() }
		unix := func(d time.Duration) string { return strconv.FormatInt(in(d).Unix(), 10) }
		const year = 365 * 24 * time.Hour
		for said, want := range map[[2]string]time.Duration{
			{"Retry-After", "90"}:         90 * time.Second,
			{"Retry-After", "3601"}:       time.Hour,
			{"Retry-After", "2147483647"}: time.Hour,
			{"Retry-After", "-5"}:         0,
			{"Retry-After", in(10 * time.Minute).Format(http.TimeFormat)}:       10 * time.Minute,
			{"Retry-After", in(year).Format(http.TimeFormat)}:                   time.Hour,
			{"Retry-After", "soon"}:                                             0,
			{"X-Rate-Limit-Reset", unix(15 * time.Minute)}:                      15 * time.Minute,
			{"X-Rate-Limit-Reset", unix(year)}:                                  time.Hour,
			{"X-Rate-Limit-Reset", unix(-time.Minute)}:                          0,
			{"X-RateLimit-Reset", in(5 * time.Minute).Format(time.RFC3339Nano)}: 5 * time.Minute,
			{"X-RateLimit-Reset", in(50 * year).Format(time.RFC3339Nano)}:       time.Hour,
			{"RateLimit-Reset", "9223372036854775807"}:                          0,
		} {
			h := http.Header{}
			h.Set(said[0], said[1])
			if got := waitOf(h); got != want {
				t.Errorf("%v: waits %v, want %v", said, got, want)
			}
		}
	})
}

// Our clock can be minutes wrong, and would then end the wait early or late.
func TestRefusal_MeasuresTheWaitByTheServersClock(t *testing.T) {
	for _, ahead := range []time.Duration{-15 * time.Minute, 0, 15 * time.Minute} {
		server := time.Now().Add(ahead).UTC()
		for header, format := range map[string]func(time.Time) string{
			"Retry-After":        func(t time.Time) string { return t.Format(http.TimeFormat) },
			"X-RateLimit-Reset":  func(t time.Time) string { return t.Format(time.RFC3339) },
			"X-Rate-Limit-Reset": func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) },
		} {
			h := http.Header{}
			h.Set("Date", server.Format(http.TimeFormat))
			h.Set(header, format(server.Add(10*time.Minute)))
			if got := waitOf(h); got != 10*time.Minute {
				t.Errorf("%v ahead, %s: waits %v", ahead, header, got)
			}
			h.Set("Date", server.Add(-time.Minute).Format(http.TimeFormat))
			h.Set("Age", "60") // from a cache
			if got := waitOf(h); got != 10*time.Minute {
				t.Errorf("%v ahead, %s, from a cache: waits %v", ahead, header, got)
			}
		}
	}
}
