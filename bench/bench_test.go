package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMain runs the program instead of the tests if a test has started this process as a
// server or as the load.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "server" || os.Args[1] == "load") {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestQuick_MeasuresAFewPeers(t *testing.T) {
	p, err := parsePlan([]string{"-quick", "-only", "raw,nagare,gorilla"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
	defer cancel()
	var table bytes.Buffer
	if err := compare(ctx, p, &table, t.Output()); err != nil {
		t.Fatal(err)
	}
	if rows := strings.Count(table.String(), "\n| "); rows != 5 {
		t.Errorf("%d rows, want a head, a rule and three peers:\n%s", rows, table.String())
	}
	for line := range strings.Lines(table.String()) {
		if strings.HasPrefix(line, "| ") && strings.Contains(line, "hub") && strings.Count(line, "–") != 2 {
			t.Errorf("want a figure in each column but the two that compare with centrifuge:\n%s", line)
		}
	}
}
