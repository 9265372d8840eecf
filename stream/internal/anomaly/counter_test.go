package anomaly

import (
	"bytes"
	"log/slog"
	"strconv"
	"strings"
	"testing"
)

func TestCounter_LogsEachKindOnce(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	c := new(Counter)
	for range 3 {
		c.Note(log, slog.LevelWarn, "a field of another type", "detail", "langs")
	}
	c.Note(log, slog.LevelDebug, "too long")
	c.Add("common")
	want := `level=WARN msg="unexpected data, logged once per kind" kind="a field of another type" detail=langs` + "\n"
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if c.Count("a field of another type") != 3 || c.Count("too long") != 1 || c.Count("common") != 1 || c.Count("never") != 0 {
		t.Errorf("counted %v", c.counts)
	}
}

func TestCounter_CountsALimitedNumberOfKindsSeparately(t *testing.T) {
	var out bytes.Buffer
	c := new(Counter)
	for i := range 10 * mostKinds {
		c.Note(slog.New(slog.NewTextHandler(&out, nil)), slog.LevelWarn, "kind "+strconv.Itoa(i))
	}
	if lines := strings.Count(out.String(), "\n"); lines != mostKinds+1 || len(c.counts) != mostKinds+1 || c.Count(other) != 9*mostKinds {
		t.Errorf("%d lines, %d kinds, %d others", lines, len(c.counts), c.Count(other))
	}
}
