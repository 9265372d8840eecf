package web

import (
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
