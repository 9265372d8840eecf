package replay

import (
	"bytes"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/streamtest"
)

func TestReplay_SkipsInvalidLinesInPlainAndGzipFiles(t *testing.T) {
	one, two := streamtest.Line(1, 0), streamtest.Line(2, 0)
	for name, test := range map[string]struct {
		file    string
		skipped uint64
	}{
		"two lines":         {one + two, 0},
		"blank lines":       {"\n\n" + one + "  \r\n\n" + two + "\n", 0},
		"no final newline":  {one + strings.TrimSpace(two), 0},
		"partial last line": {one + two + streamtest.Line(3, 0)[:40], 1},
		"broken lines":      {"oops\n" + one + "{}\n" + two + "null\n", 3},
		"a 5 MB line":       {one + strings.Repeat("x", 5_000_000) + "\n" + two, 1},
		"another format":    {`{"kind":"commit","did":"did:plc:x"}` + "\n" + one + two, 1},
		"gzip":              {streamtest.Zipped(t, one+two), 0},
		"gzip, cut short":   {streamtest.CutShort(streamtest.Zipped(t, one+two)), 0},
		"not UTF-8":         {"\xff\xfe\n" + one + two, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := replayOf(test.file)
			if diff := cmp.Diff([]string{"create replay:1", "create replay:2"}, ids(listen(t, r, 9))); diff != "" {
				t.Error(diff)
			}
			if r.Skipped() != test.skipped {
				t.Errorf("skipped %d lines, want %d", r.Skipped(), test.skipped)
			}
		})
	}
}

func TestReplay_LogsSkippedLinesInTheFirstRoundOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := replayOf(streamtest.Line(1, 0) + "oops\n{}\n")
		r.Loop, r.Log = true, slog.New(slog.NewTextHandler(&out, nil))
		listen(t, r, 5)
		if got := strings.Count(out.String(), "lines skipped"); got != 1 {
			t.Errorf("told %d times, want once:\n%s", got, out.String())
		}
		if !strings.Contains(out.String(), "count=2 first=2") {
			t.Errorf("no count, or no number of the first, in %s", out.String())
		}
		if got := r.Skipped(); got != 8 {
			t.Errorf("counted %d, want 2 in each of 4 rounds", got)
		}
	})
}

func TestReplay_RefusesFilesThatItCannotPlay(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.ndjson")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	standing := replayOf(streamtest.Line(1, 0))
	standing.Speed = 0
	starting := replayOf(streamtest.Line(1, 0) + streamtest.Line(2, time.Minute))
	starting.Start = time.Hour
	looping := File(empty)
	looping.Loop = true
	for name, test := range map[string]struct {
		r    *Replay
		want string
	}{
		"no such file":                  {File(filepath.Join(dir, "none")), "no such file"},
		"a directory":                   {File(dir), "is a directory"},
		"an empty file":                 {File(empty), "no posts in it"},
		"an empty file in a loop":       {looping, "no posts in it"},
		"deletes only":                  {replayOf(`{"op":"destroy","id":"a:1","at":"2026-11-23T10:00:00Z"}` + "\n"), "no posts in it"},
		"lines of text":                 {replayOf("hello\nworld\n"), "no posts in it: line 1: not a JSON object, want one per line"},
		"an array":                      {replayOf("\n[" + strings.TrimSpace(streamtest.Line(1, 0)) + "]\n"), "line 2: a JSON array, want one JSON object per line: jq -c '.[]'"},
		"a broken array":                {replayOf("[\n" + streamtest.Line(1, 0)[:40] + "]\n"), "line 1: a JSON array, want one"},
		"pretty-printed":                {replayOf("{\n  \"op\": \"create\"\n}\n"), "line 1: an incomplete JSON object, want each object on a line of its own: jq -c ."},
		"a wrong field":                 {replayOf(`{"op":"create","id":7}`), "line 1: the field id is a number"},
		"a number":                      {replayOf("7\n"), "line 1: not a JSON object"},
		"an offset after the last post": {starting, "no posts after the first 1h0m0s"},
		"speed zero":                    {standing, "speed 0 is not above 0"},
		"half a gzip":                   {replayOf("\x1f\x8b\x08"), "broken off in the middle of the data"},
	} {
		t.Run(name, func(t *testing.T) {
			test.r.Log = streamtest.Quiet
			if name != "speed zero" {
				if err := stream.Check(t.Context(), test.r); err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("checked: got %v, want %q", err, test.want)
				}
			}
			err := stream.Run(t.Context(), streamtest.Quiet, test.r, streamtest.Ignore)
			if err == nil || !stream.IsPermanent(err) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a permanent error with %q", err, test.want)
			}
		})
	}
}

func TestReplay_ChecksAFileWithoutWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := replayOf("oops\n" + streamtest.Line(1, 0) + streamtest.Line(2, time.Hour))
		r.Start, r.Loop = 30*time.Minute, true
		began := time.Now()
		if err := stream.Check(t.Context(), stream.Filtered(r, nil)); err != nil || time.Since(began) != 0 {
			t.Errorf("got %v after %v", err, time.Since(began))
		}
	})
}

func TestReplay_PlaysLinesThatAreAppendedDuringTheReplay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "growing.ndjson")
	if err := os.WriteFile(path, []byte(streamtest.Line(1, 0)), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := File(path).Stream(t.Context(), func(op stream.Op) error {
		if got = append(got, op.ID); len(got) > 1 {
			return nil
		}
		file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = file.WriteString(streamtest.Line(2, 0))
		return err
	})
	if diff := cmp.Diff([]string{"replay:1", "replay:2"}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

func TestReplay_GivesTheSameOpsEachTime(t *testing.T) {
	var sent strings.Builder
	for _, name := range slices.Sorted(maps.Keys(nativeLines)) {
		if name != "mastodon's event" {
			sent.WriteString(nativeLines[name] + "\noops\n")
		}
	}
	for name, text := range map[string]string{"demo": demo, "sent": sent.String(), "events": nativeLines["mastodon's event"]} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		counts, first := playFixture(t, path)
		again, second := playFixture(t, path)
		if diff := cmp.Diff(first, second); diff != "" || counts != again || len(first) == 0 {
			t.Errorf("%s: %d ops, the second time otherwise: %v then %v\n%s", name, len(first), counts, again, diff)
		}
	}
}

func TestReplay_DeletedPostsDisappearFromThePage(t *testing.T) {
	native := func(names ...string) (file string) {
		for _, name := range names {
			file += nativeLines[name] + "\n"
		}
		return file
	}
	gone := `{"op":"destroy","at":"2026-10-03T09:00:01Z","id":"replay:1"}` + "\n"
	for name, file := range map[string]string{
		"our own":        streamtest.Line(1, 0) + gone + streamtest.Line(1, 2*time.Second),
		"our own, first": gone + streamtest.Line(1, 2*time.Second),
		"twitter":        native("twitter", "twitter's delete", "twitter", "twitter's repost"),
		"twitter, first": native("twitter's delete", "twitter", "twitter's repost"),
		"jetstream":      native("jetstream", "jetstream's end", "jetstream"),
		"mastodon":       native("mastodon", "mastodon's edit", "mastodon's end", "mastodon", "mastodon's edit"),
	} {
		synctest.Test(t, func(t *testing.T) {
			page := streamtest.NewPage(t)
			l := reconcile.New(page.Emit, nil)
			if err := replayOf(file).Stream(t.Context(), l.Emit); err != nil || page.String() != "" {
				t.Errorf("%s: the page is %q, %v", name, page, err)
			}
			if shown := len(page.Order); shown != len(page.Gone) || (shown == 0) != strings.Contains(name, "first") {
				t.Errorf("%s: %d posts were shown and %d destroyed", name, shown, len(page.Gone))
			}
		})
	}
}
