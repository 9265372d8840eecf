package stream

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

func TestReplay_ReadsOddFiles(t *testing.T) {
	one, two := line(1, 0), line(2, 0)
	for name, test := range map[string]struct {
		file    string
		skipped uint64
	}{
		"as it should be":   {one + two, 0},
		"blank lines":       {"\n\n" + one + "  \r\n\n" + two + "\n", 0},
		"no final newline":  {one + strings.TrimSpace(two), 0},
		"partial last line": {one + two + line(3, 0)[:40], 1},
		"broken lines":      {"oops\n" + one + "{}\n" + two + "null\n", 3},
		"a 5 MB line":       {one + strings.Repeat("x", 5_000_000) + "\n" + two, 1},
		"another format":    {`{"kind":"commit","did":"did:plc:x"}` + "\n" + one + two, 1},
		"gzip":              {zipped(t, one+two), 0},
		"gzip, cut short":   {cutShort(zipped(t, one+two)), 0},
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

func TestReplay_TellsOnceWhatItSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := replayOf(line(1, 0) + "oops\n{}\n")
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

func TestReplay_RefusesWhatItCannotPlay(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.ndjson")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	standing := replayOf(line(1, 0))
	standing.Speed = 0
	looping := File(empty)
	looping.Loop = true
	for name, test := range map[string]struct {
		r    *Replay
		want string
	}{
		"no such file":    {File(filepath.Join(dir, "none")), "no such file"},
		"a directory":     {File(dir), "is a directory"},
		"an empty file":   {File(empty), "no posts in it"},
		"empty, for ever": {looping, "no posts in it"},
		"no valid line":   {replayOf("oops\n"), "no posts in it"},
		"speed zero":      {standing, "speed 0 is not above 0"},
		"half a gzip":     {replayOf("\x1f\x8b\x08"), "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			test.r.Log = quiet
			err := Run(t.Context(), quiet, test.r, ignore)
			if err == nil || !isPermanent(err) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a permanent error with %q", err, test.want)
			}
		})
	}
}

func TestReplay_PlaysWhatIsAppendedMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "growing.ndjson")
	if err := os.WriteFile(path, []byte(line(1, 0)), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := File(path).Stream(t.Context(), func(op Op) error {
		if got = append(got, op.ID); len(got) > 1 {
			return nil
		}
		file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = file.WriteString(line(2, 0))
		return err
	})
	if diff := cmp.Diff([]string{"replay:1", "replay:2"}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}
