package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A file with the permissions to be read, of which the kernel refuses to read the first byte.
const unreadable = "/proc/self/mem"

func TestConfig_ARecordingThatCannotBeReadIsReportedBeforeAnythingIsOpened(t *testing.T) {
	store := filepath.Join(t.TempDir(), "nagare.db")
	for name, test := range map[string]struct{ args, environ []string }{
		"SOURCE": {nil, []string{"SOURCE=replay:" + unreadable}},
		"FILE":   {[]string{"replay", unreadable}, nil},
	} {
		err := run(t.Context(), test.args, append(test.environ, "HOST=127.0.0.1", "PORT=0", "STORE="+store), io.Discard, io.Discard)
		want := name + `: "` + unreadable + `": input/output error, want a file of recorded posts that can be read`
		if err == nil || err.Error() != want || exitCode(err) != 2 {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := os.Stat(store); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the store was opened: %v", err)
	}
}
