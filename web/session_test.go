package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
)

// withCookie returns a request of a browser with the cookie of a session.
func withCookie(value string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/admin", nil)
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: value})
	return r
}

func TestSessions_EndWithTheirTokenAndAfterTwelveHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		both := NewSessions([]stream.Secret{stream.Secret(token), stream.Secret(token2)})
		cookie, ok := both.open("Aiko", token)
		if !ok || !both.Permits(withCookie(cookie)) {
			t.Fatal("the right token opens no session")
		}
		if by, _ := both.of(withCookie(cookie)); by.Name != "Aiko" {
			t.Errorf("the session is of %q", by.Name)
		}
		restarted := NewSessions([]stream.Secret{stream.Secret(token)})
		if !restarted.Permits(withCookie(cookie)) {
			t.Error("the session doesn't last across a restart")
		}
		if NewSessions([]stream.Secret{stream.Secret(token2)}).Permits(withCookie(cookie)) {
			t.Error("the session lasts although its token was replaced")
		}
		time.Sleep(12*time.Hour - time.Second)
		if !both.Permits(withCookie(cookie)) {
			t.Error("the session has ended before twelve hours")
		}
		time.Sleep(time.Second)
		if both.Permits(withCookie(cookie)) {
			t.Error("the session lasts longer than twelve hours")
		}
	})
}

// mapTexts are texts in memory.
type mapTexts map[string]string

func (m mapTexts) Get(name string) (string, bool, error) {
	text, found := m[name]
	return text, found, nil
}

func (m mapTexts) Put(_ context.Context, name, text string) error {
	m[name] = text
	return nil
}

// Two processes store a logout at the same time. Both logouts hold, and at most a thousand are kept, none for
// longer than its session.
func TestSessions_LogoutsAreMergedAndBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		texts, tokens := mapTexts{}, []stream.Secret{stream.Secret(token)}
		a, b := NewSessions(tokens), NewSessions(tokens)
		a.KeepIn(texts, func() {})
		b.KeepIn(texts, func() {})
		ending := func(s *Sessions) session {
			cookie, _ := s.open("Aiko", token)
			over, _ := s.of(withCookie(cookie))
			if err := s.ended.add(over); err != nil {
				t.Fatal(err)
			}
			return over
		}
		first := ending(a)
		delete(texts, logoutsText) // the other process has not seen it when it stored its own
		second := ending(b)
		for range 2 {
			for _, s := range []*Sessions{a, b} {
				if err := s.Sync(); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, s := range []*Sessions{a, b} {
			if !s.ended.has(first.ID) || !s.ended.has(second.ID) {
				t.Error("a process doesn't know both logouts")
			}
		}
		time.Sleep(time.Minute)
		for range mostLogouts {
			ending(a)
		}
		if n := len(a.ended.until); n != mostLogouts || a.ended.has(first.ID) {
			t.Errorf("%d logouts are kept, or the oldest, want %d", n, mostLogouts)
		}
		time.Sleep(sessionFor + time.Minute)
		if ending(a); len(a.ended.until) != 1 || len(texts[logoutsText]) > 100 {
			t.Errorf("%d logouts are kept, want the newest: %.200s", len(a.ended.until), texts[logoutsText])
		}
	})
}

func TestSessions_AnotherTextIsNoSession(t *testing.T) {
	s := NewSessions([]stream.Secret{stream.Secret(token)})
	cookie, _ := s.open("Aiko", token)
	for i := range cookie {
		changed := []byte(cookie)
		if changed[i] = 'A'; cookie[i] == 'A' {
			changed[i] = 'B'
		}
		if last := i == len(cookie)-1; !last && s.Permits(withCookie(string(changed))) { // the last letter has two bits that mean nothing
			t.Errorf("a cookie with another letter at %d is a session", i)
		}
	}
	body, mac, _ := strings.Cut(cookie, ".")
	for _, text := range []string{"", ".", body, body + ".", "." + mac, mac + "." + body, cookie + ".x", " " + cookie} {
		if s.Permits(withCookie(text)) {
			t.Errorf("%q is a session", text)
		}
	}
	if NewSessions(nil).Permits(withCookie(cookie)) {
		t.Error("without tokens there is a session")
	}
}

func TestPace_ASourceIsLateAfterFiveTimesItsUsualSpacing(t *testing.T) {
	now := time.Now()
	every := func(step, silence time.Duration, n int) (times []time.Time) {
		for i := range n {
			times = append(times, now.Add(-silence-time.Duration(n-1-i)*step))
		}
		return times
	}
	for name, test := range map[string]struct {
		times []time.Time
		want  pace
	}{
		"in time":                       {every(time.Minute, 5*time.Minute, 20), pace{rate: 0.6, usual: time.Minute}},
		"late":                          {every(time.Minute, 5*time.Minute+time.Second, 20), pace{rate: 0.5, usual: time.Minute, late: true}},
		"a burst":                       {every(time.Millisecond, 9*time.Second, 60), pace{rate: 6, usual: leastUsual}},
		"after a burst":                 {every(time.Millisecond, 11*time.Second, 60), pace{rate: 6, usual: leastUsual, late: true}},
		"too few posts to be usual":     {every(time.Second, time.Hour, 4), pace{}},
		"only the newest posts matter":  {append(every(time.Hour, 10*time.Hour, 9), every(time.Second, 0, 50)...), pace{rate: 5, usual: leastUsual}},
		"a slow source, silent for now": {every(time.Hour, 4*time.Hour, 10), pace{usual: time.Hour}},
	} {
		if got := paceOf(test.times, now); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}
