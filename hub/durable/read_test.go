package durable_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nagare/hub"
)

func TestRead_EachWayBringsEachEventOnceInOrder(t *testing.T) {
	for way, read := range map[string]func(*served, string, int) ([]int, string){"catch-up": readCatchUp, "long-poll": readPolls, "sse": readEvents} {
		t.Run(way, func(t *testing.T) {
			bubble(t, hub.Options{Ring: 2000}, false, func(t *testing.T, s *served) {
				var got []int
				at := "-1"
				for i := range 5 {
					s.publish(1+i*237, 237)
					var more []int
					more, at = read(s, at, 237)
					got = append(got, more...)
				}
				want := make([]int, 5*237)
				for i := range want {
					want[i] = i + 1
				}
				if !slices.Equal(got, want) {
					t.Errorf("got %v, want 1 to %d", got, len(want))
				}
				if want := s.offset(uint64(len(want))); at != want {
					t.Errorf("ends at %s, want %s", at, want)
				}
			})
		})
	}
}

// readCatchUp reads n events after an offset, chunk by chunk, and returns the offset after them.
func readCatchUp(s *served, at string, n int) (got []int, next string) {
	for len(got) < n {
		r := s.get("?offset=" + at)
		got, at = append(got, r.numbers(s.t)...), r.Header.Get("Stream-Next-Offset")
		if isLast := r.Header.Get("Stream-Up-To-Date") == "true"; isLast != (len(got) == n) {
			s.t.Fatalf("up to date: %v, after %d of %d events", isLast, len(got), n)
		}
	}
	return got, at
}

func readPolls(s *served, at string, n int) (got []int, next string) {
	cursor := ""
	for len(got) < n {
		r := s.get("?offset=" + at + "&live=long-poll" + cursor)
		got, at, cursor = append(got, r.numbers(s.t)...), r.Header.Get("Stream-Next-Offset"), "&cursor="+r.Header.Get("Stream-Cursor")
	}
	return got, at
}

func readEvents(s *served, at string, n int) (got []int, next string) {
	res := s.start(http.MethodGet, "?offset="+at+"&live=sse")
	defer res.Body.Close()
	in := newEventReader(s, res)
	for len(got) < n {
		got = append(got, numbers(s.t, in.next("data"))...)
		next = in.position().Next
	}
	return got, next
}

// eventReader reads Server-Sent Events.
type eventReader struct {
	*served
	lines *bufio.Scanner
}

func newEventReader(s *served, res *http.Response) *eventReader {
	in := bufio.NewScanner(res.Body)
	in.Buffer(nil, 1<<20)
	return &eventReader{s, in}
}

// next returns the data of the next event, which must have that name.
func (in *eventReader) next(name string) string {
	in.t.Helper()
	var data []string
	is := ""
	for in.lines.Scan() {
		key, value, _ := strings.Cut(in.lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case key == "event":
			is = value
		case key == "data":
			data = append(data, value)
		case key == "" && is != "":
			if is != name {
				in.t.Fatalf("event %s with %q, want %s", is, data, name)
			}
			return strings.Join(data, "\n")
		}
	}
	in.t.Fatalf("the stream ends: %v", in.lines.Err())
	return ""
}

// position is the data of a control event.
type position struct {
	Next     string `json:"streamNextOffset"`
	Cursor   string `json:"streamCursor"`
	UpToDate bool   `json:"upToDate"`
}

func (in *eventReader) position() (p position) {
	in.t.Helper()
	if err := json.Unmarshal([]byte(in.next("control")), &p); err != nil {
		in.t.Fatal(err)
	}
	return p
}

func TestChunk_EndsAtAMultipleOfAHundred(t *testing.T) {
	bubble(t, hub.Options{Ring: 400}, false, func(t *testing.T, s *served) {
		s.publish(1, 530) // 131 to 530 are held
		for _, test := range []struct {
			query      string
			first, end uint64
			atTail     bool
		}{
			{"", 131, 200, false},
			{"?offset=-1", 131, 200, false},
			{"?offset=" + s.offset(130), 131, 200, false},
			{"?offset=" + s.offset(200), 201, 300, false},
			{"?offset=" + s.offset(299), 300, 300, false},
			{"?offset=" + s.offset(300) + "&live=long-poll", 301, 400, false},
			{"?offset=" + s.offset(500), 501, 530, true},
		} {
			r := s.get(test.query)
			got := r.numbers(t)
			if r.StatusCode != http.StatusOK || got[0] != int(test.first) || got[len(got)-1] != int(test.end) ||
				r.Header.Get("Stream-Next-Offset") != s.offset(test.end) || (r.Header.Get("Stream-Up-To-Date") == "true") != test.atTail {
				t.Errorf("%q: %s, %d to %d, %v; want %+v", test.query, r.Status, got[0], got[len(got)-1], r.Header, test)
			}
		}
		s.publish(531, 70)
		if r := s.get("?offset=" + s.offset(500)); r.Header.Get("Stream-Next-Offset") != s.offset(600) || r.Header.Get("Stream-Up-To-Date") != "true" {
			t.Errorf("a whole chunk at the tail: %v", r.Header)
		}
	})
}

func TestRead_AtTheTailThereIsAnEmptyArray(t *testing.T) {
	bubble(t, hub.Options{}, false, func(t *testing.T, s *served) {
		for _, n := range []uint64{0, 5} {
			for _, query := range []string{"?offset=now", "?offset=" + s.offset(n)} {
				r := s.get(query)
				if r.StatusCode != http.StatusOK || r.body != "[]" || r.Header.Get("Content-Type") != "application/json" ||
					r.Header.Get("Stream-Next-Offset") != s.offset(n) || r.Header.Get("Stream-Up-To-Date") != "true" {
					t.Errorf("%s: %s %q %v", query, r.Status, r.body, r.Header)
				}
			}
			s.publish(1, 5)
		}
	})
}

func TestLongPoll_WaitsForEventsOrEndsAfterItsTime(t *testing.T) {
	for _, from := range []string{"now", "the tail"} {
		bubble(t, hub.Options{}, false, func(t *testing.T, s *served) {
			s.publish(1, 3)
			at := "now"
			if from != "now" {
				at = s.offset(3)
			}
			wait := s.later("?offset=" + at + "&live=long-poll")
			time.Sleep(7 * time.Second)
			s.publish(4, 1)
			if r := wait(); !slices.Equal(r.numbers(t), []int{4}) || r.Header.Get("Stream-Next-Offset") != s.offset(4) || r.ContentLength != int64(len(r.body)) {
				t.Errorf("got %s %q %v", r.Status, r.body, r.Header)
			}
			begun := time.Now()
			r := s.get("?offset=" + at + "&live=long-poll")
			if at != "now" {
				if r.StatusCode != http.StatusOK {
					t.Fatalf("events are there: %s", r.Status)
				}
				r = s.get("?offset=" + s.offset(4) + "&live=long-poll")
			}
			if took := time.Since(begun); r.StatusCode != http.StatusNoContent || took < 22*time.Second || took > 29*time.Second {
				t.Errorf("%s after %v, want 204 after about 25 s", r.Status, took)
			}
			if r.Header.Get("Stream-Next-Offset") != s.offset(4) || r.Header.Get("Stream-Up-To-Date") != "true" || r.Header.Get("Stream-Cursor") == "" {
				t.Errorf("204 with %v", r.Header)
			}
		})
	}
}

func TestEvents_BeginWithThePositionAndEndAfterAMinute(t *testing.T) {
	bubble(t, hub.Options{}, false, func(t *testing.T, s *served) {
		s.publish(1, 3)
		begun := time.Now()
		res := s.start(http.MethodGet, "?offset=now&live=sse")
		defer res.Body.Close()
		if got := res.Header.Get("Content-Type"); got != "text/event-stream" || res.ContentLength != -1 {
			t.Errorf("type %s, length %d", got, res.ContentLength)
		}
		in := newEventReader(s, res)
		if p := in.position(); p.Next != s.offset(3) || !p.UpToDate {
			t.Errorf("begins with %+v", p)
		}
		time.Sleep(20 * time.Second)
		s.publish(4, 2)
		if got, p := in.next("data"), in.position(); !slices.Equal(numbers(t, got), []int{4, 5}) || p.Next != s.offset(5) || !p.UpToDate {
			t.Errorf("got %s %+v", got, p)
		}
		if p := in.position(); p.Next != s.offset(5) || in.lines.Scan() {
			t.Errorf("ends with %+v and %q", p, in.lines.Text())
		}
		if took := time.Since(begun); took < 54*time.Second || took > 68*time.Second {
			t.Errorf("ends after %v, want about a minute", took)
		}
	})
}

func TestEvents_SayWhenTheReaderIsUpToDate(t *testing.T) {
	bubble(t, hub.Options{}, false, func(t *testing.T, s *served) {
		s.publish(1, 250)
		res := s.start(http.MethodGet, "?offset=-1&live=sse")
		defer res.Body.Close()
		in := newEventReader(s, res)
		for end := 0; end < 250; {
			all := numbers(t, in.next("data"))
			end = all[len(all)-1]
			if p := in.position(); p.UpToDate != (end == 250) || p.Next != s.offset(uint64(end)) {
				t.Errorf("after event %d: %+v", end, p)
			}
		}
	})
}
