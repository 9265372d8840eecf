package sqlite_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"nagare/store/sqlite"
)

// backedUp is a variable with a directory, which makes the test below open a store and copy it.
const backedUp = "NAGARE_TEST_BACKUP"

// After a power cut, a file has its name only if its directory was synchronized after the name was given.
func TestSync_NewFilesAndBackupsKeepTheirNamesInAPowerCut(t *testing.T) {
	if dir := os.Getenv(backedUp); dir != "" {
		path := filepath.Join(dir, "store", "nagare.db")
		open(t, path).Close()
		if err := sqlite.Backup(t.Context(), path, filepath.Join(dir, "copies", "copy.db")); err != nil {
			t.Fatal(err)
		}
		return
	}
	calls := traced(t)
	for what, pattern := range map[string]string{
		"the store":            `openat\([^\n]*"[^"\n]*/store/nagare.db", [^\n]*O_CREAT(?s:.*)fsync\(\d+<[^>\n]*/store>\)`,
		"the lock of a store":  `openat\([^\n]*"[^"\n]*/store/nagare.db-lock", [^\n]*O_CREAT(?s:.*)fsync\(\d+<[^>\n]*/store>\)`,
		"what is in a backup":  `fsync\(\d+<[^>\n]*\.part>\)(?s:.*)link[^\n]*/copies/copy.db"`,
		"the name of a backup": `link[^\n]*/copies/copy.db"(?s:.*)fsync\(\d+<[^>\n]*/copies>\)`,
	} {
		if !regexp.MustCompile(pattern).MatchString(calls) {
			t.Errorf("%s is not synchronized in time:\n%s", what, calls)
		}
	}
}

// traced runs the test as another process, and returns its system calls.
func traced(t *testing.T) string {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("CI needs strace")
		}
		t.Skip("needs strace, which is not installed")
	}
	dir := t.TempDir()
	for _, name := range []string{"store", "copies"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	calls := filepath.Join(dir, "calls")
	child := exec.Command(strace, "-f", "-y", "-e", "trace=openat,fsync,linkat,link,renameat,rename", "-o", calls, os.Args[0], "-test.run", "^"+t.Name()+"$")
	child.Env = append(os.Environ(), backedUp+"="+dir)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	text, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
