package lines

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"nagare/stream/internal/text"
	"nagare/stream/streamtest"
)

// allEvents reads to the end. It returns each event as "name=data", and "LONG" for an event
// over the limit.
func allEvents(t testing.TB, r io.Reader) []string {
	t.Helper()
	s := NewEventReader(r)
	var got []string
	for {
		e, err := s.Next()
		switch {
		case err == nil:
			got = append(got, e.Name+"="+string(e.Data))
		case errors.Is(err, ErrLongEvent):
			got = append(got, "LONG")
		case errors.Is(err, io.EOF):
			return got
		default:
			t.Fatal(err)
		}
	}
}

func TestEvents_AreReadAsTheHTMLStandardRequires(t *testing.T) {
	for name, test := range map[string]struct {
		stream string
		want   []string
	}{
		"a greeting and an event": {":)\nevent: update\ndata: {}\n\n", []string{"update={}"}},
		"a heartbeat between":     {"event: a\n:thump\ndata: 1\n:thump\n\n:thump\nevent: b\ndata: 2\n\n", []string{"a=1", "b=2"}},
		"lines of data":           {"data: 1\ndata:2\ndata:  3\ndata\n\n", []string{"message=1\n2\n 3\n"}},
		"CRLF":                    {"event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", []string{"a=1", "message=2"}},
		"CR":                      {"event: a\rdata: 1\r\rdata: 2\r\r", []string{"a=1", "message=2"}},
		"all three":               {"event: a\r\ndata: 1\rdata: 2\n\n", []string{"a=1\n2"}},
		"no space":                {"event:a\ndata:1\n\n", []string{"a=1"}},
		"the last name counts":    {"event: a\nevent: b\ndata: 1\n\n", []string{"b=1"}},
		"a name is of one event":  {"event: a\ndata: 1\n\ndata: 2\n\n", []string{"a=1", "message=2"}},
		"no data is no event":     {"event: a\n\ndata: 1\n\n", []string{"message=1"}},
		"byte order mark":         {"\ufeffdata: 1\n\n", []string{"message=1"}},
		"another later is data":   {"\ufeff\ufeffdata: 1\n\ndata: 2\n\n", []string{"message=2"}},
		"unknown fields":          {"id: 7\nretry: 1\nfoo\n bar: 1\nDATA: 0\ndata: 1\n\n", []string{"message=1"}},
		"cut off by the end":      {"data: 1\n\ndata: 2\n", []string{"message=1"}},
		"nothing":                 {"", nil},
		"many empty lines":        {"\n\n\n\ndata: 1\n\n\n\n", []string{"message=1"}},
		"a colon in the data":     {"data: a: b\n\n", []string{"message=a: b"}},
		"a NUL":                   {"data: \x00\n\n", []string{"message=\x00"}},
	} {
		t.Run(name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{
				"at once":       strings.NewReader(test.stream),
				"byte by byte":  iotest.OneByteReader(strings.NewReader(test.stream)),
				"end with data": iotest.DataErrReader(strings.NewReader(test.stream)),
			} {
				if d := cmp.Diff(test.want, allEvents(t, r)); d != "" {
					t.Errorf("%s: %s", how, d)
				}
			}
		})
	}
}

// An event is returned as soon as its empty line is read. If that line ends with a carriage
// return, the reader doesn't wait for a line feed, which may not follow.
func TestEvents_DoNotWaitForALineFeedAfterACarriageReturn(t *testing.T) {
	client, server := io.Pipe()
	var wrote sync.WaitGroup
	defer wrote.Wait()
	say := func(text string) {
		wrote.Go(func() { io.WriteString(server, text) })
	}
	s := NewEventReader(client)
	say("data: 1\r\r")
	if e, err := s.Next(); err != nil || string(e.Data) != "1" {
		t.Fatalf("got %q, %v", e.Data, err)
	}
	say("\ndata: 2\r\n\r")
	if e, err := s.Next(); err != nil || string(e.Data) != "2" {
		t.Fatalf("got %q, %v", e.Data, err)
	}
	client.Close()
}

func TestEvents_OfARecordedStreamAreTheSameWhereverItIsDivided(t *testing.T) {
	raw := streamtest.Fixture(t, "mastodon", "user_stream.sse")
	want := allEvents(t, bytes.NewReader(raw))
	if len(want) != 1 || !strings.HasPrefix(want[0], `update={"id":"117024248092393661"`) {
		t.Fatalf("got %q, want the one update", want)
	}
	cutAnywhere(t, raw, want)
}

func TestEvents_OfAnInventedStreamAreTheSameWhereverItIsDivided(t *testing.T) {
	stream := "\ufeff:)\nevent: update\ndata: {\"id\":\"1\",\"content\":\"語 👩‍🚀\"}\n\n:thump\nevent: filters_changed\ndata: undefined\n\n" +
		":thump\n\nevent:status.update\ndata:{\ndata: \"id\":\"1\"}\n\nevent: delete\ndata: 1\n\n:thump\nevent: update\ndata: {"
	want := []string{`update={"id":"1","content":"語 👩‍🚀"}`, "filters_changed=undefined", "status.update={\n\"id\":\"1\"}", "delete=1"}
	for _, end := range []string{"\n", "\r\n", "\r"} {
		cutAnywhere(t, []byte(strings.ReplaceAll(stream, "\n", end)), want)
	}
}

// cutAnywhere divides a stream into two parts, at each byte in turn. The events must be the
// same each time.
func cutAnywhere(t *testing.T, raw []byte, want []string) {
	t.Helper()
	for at := range len(raw) + 1 {
		r := io.MultiReader(bytes.NewReader(raw[:at]), bytes.NewReader(raw[at:]))
		if d := cmp.Diff(want, allEvents(t, r)); d != "" {
			t.Fatalf("cut at %d: %s", at, d)
		}
	}
}

func TestEvents_CanMixLineEndsCommentsAndLongData(t *testing.T) {
	long := strings.Repeat("x", 2<<20)
	stream := "\ufeff:)\r\nevent:update\r\ndata:{\r\n:thump\r\ndata: \"a\":1}\r\n\r\nevent: update\ndata: " + long + "\n\n"
	want := []string{"update={\n\"a\":1}", "update=" + long}
	if d := cmp.Diff(want, allEvents(t, strings.NewReader(stream))); d != "" {
		t.Error(d)
	}
}

func TestEvents_OverTheLimitAreSkipped(t *testing.T) {
	most := strings.Repeat("x", MaxLine-len("data: "))
	for name, test := range map[string]struct {
		event string
		want  string
	}{
		"an event of exactly the limit":              {"data: " + most + "\n\n", "message=" + most},
		"one line over the limit":                    {"data: " + most + "x\n\n", "LONG"},
		"two lines that are over the limit together": {"data: " + most + "\ndata: 1234567\n\n", "LONG"},
		"a comment over the limit":                   {":" + most + most + "\ndata: 1\n\n", "LONG"},
	} {
		t.Run(name, func(t *testing.T) {
			got := allEvents(t, strings.NewReader(test.event+"event: a\ndata: next\n\n"))
			if d := cmp.Diff([]string{test.want, "a=next"}, got); d != "" {
				t.Error(text.Truncate(d, 500))
			}
		})
	}
}

func TestEvents_TakeNoMoreMemoryThanTheLimit(t *testing.T) {
	for name, part := range map[string]string{
		"one line without end": strings.Repeat("x", 64<<10),
		"lines without end":    strings.Repeat("data: "+strings.Repeat("x", 1000)+"\n", 64),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s := NewEventReader(io.LimitReader(&repeated{part: "data: " + part}, 200<<20))
			if _, err := s.Next(); err == nil {
				t.Fatal("an event without an end was told")
			}
			runtime.ReadMemStats(&after)
			if held := cap(s.line) + cap(s.data); held > 6*MaxLine {
				t.Errorf("held %d bytes", held)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
				t.Errorf("took %d bytes for 200 MiB", took)
			}
		})
	}
}

// repeated is a reader that returns the same text again and again, without end.
type repeated struct {
	part string
	at   int
}

func (e *repeated) Read(p []byte) (int, error) {
	n := copy(p, e.part[e.at:])
	e.at = (e.at + n) % len(e.part)
	return n, nil
}

func FuzzEvents(f *testing.F) {
	for _, seed := range []string{
		":)\nevent: update\ndata: {}\n\n", "\ufeffdata\r\rdata:1\r\n\r\n", "event: a\ndata: 1\ndata: 2\n:thump\n\n", "data: 1\n",
	} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		whole := allEvents(t, bytes.NewReader(stream))
		at := min(max(cut, 0), len(stream))
		halves := io.MultiReader(bytes.NewReader(stream[:at]), iotest.OneByteReader(bytes.NewReader(stream[at:])))
		if d := cmp.Diff(whole, allEvents(t, halves)); d != "" {
			t.Fatal(d)
		}
		for _, e := range whole {
			if strings.ContainsAny(e, "\r") {
				t.Fatalf("%q has the end of a line in it", e)
			}
		}
	})
}
