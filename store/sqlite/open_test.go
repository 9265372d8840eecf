package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nagare/hub"
	"nagare/store/sqlite"
)

func TestOpen_RefusesWhatItCannotUse(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(t *testing.T, path string)
		want    string
	}{
		"a text": {func(t *testing.T, path string) { os.WriteFile(path, []byte("some notes\n"), 0o600) }, "it is no store of Nagare"},
		"a long text": {func(t *testing.T, path string) {
			os.WriteFile(path, []byte(strings.Repeat("some notes\n", 1000)), 0o600)
		}, "it is no store of Nagare"},
		"another program's database": {func(t *testing.T, path string) { execute(t, path, "CREATE TABLE notes (text)") }, "it is no store of Nagare"},
		"a newer schema": {func(t *testing.T, path string) {
			open(t, path).Close()
			execute(t, path, "PRAGMA user_version=99")
		}, "a newer version of Nagare has written it"},
		"a directory":       {func(t *testing.T, path string) { os.Mkdir(path, 0o700) }, "is a directory"},
		"no such directory": {func(t *testing.T, path string) { os.Remove(filepath.Dir(path)) }, "no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "dir", "nagare.db")
			os.Mkdir(filepath.Dir(path), 0o700)
			test.prepare(t, path)
			before := contents(filepath.Dir(path))
			_, err := sqlite.Open(context.Background(), path, sqlite.Options{})
			if err == nil || err.Error() != path+": "+test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if after := contents(filepath.Dir(path)); after != before {
				t.Errorf("the directory has changed:\n%.300q\n%.300q", before, after)
			}
		})
	}
}

func execute(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err == nil {
		_, err = db.Exec(statement)
	}
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
}

// contents returns the names and the contents of all files in a directory, except for locks.
func contents(dir string) (all string) {
	files, _ := os.ReadDir(dir)
	for _, file := range files {
		content, _ := os.ReadFile(filepath.Join(dir, file.Name()))
		if !strings.HasSuffix(file.Name(), "-lock") {
			all += file.Name() + ": " + string(content) + "\n"
		}
	}
	return all
}

func TestOpen_OnlyTheOwnerCanReadTheFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nagare.db")
	s := open(t, path)
	defer s.Close()
	if _, err := s.Append(t.Context(), channel, []hub.Event{post("create", "a", "words")}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
	}
}

func TestOpen_WaitsForAnotherProcessAndThenSaysThatItUsesTheFile(t *testing.T) {
	notShort(t)
	path := filepath.Join(t.TempDir(), "nagare.db")
	first := open(t, path)
	if _, err := sqlite.Open(context.Background(), path, sqlite.Options{}); err == nil || err.Error() != path+": another process uses it" {
		t.Errorf("got %v", err)
	}
	first.Close()
	open(t, path).Close()
}

func TestOpen_RefusesAFileWithoutOneOfItsTables(t *testing.T) {
	for _, statement := range []string{"DROP TABLE bodies", "DROP INDEX records_by_first", "DROP TABLE names"} {
		path := filepath.Join(t.TempDir(), "nagare.db")
		open(t, path).Close()
		execute(t, path, statement)
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if want := path + ": it is damaged: a table or an index is missing"; err == nil || err.Error() != want {
			t.Errorf("after %s: got %v", statement, err)
		}
		if err == nil {
			s.Close()
		}
	}
}

func TestOpen_StopsWaitingForAnotherProcessWhenItsContextEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nagare.db")
	defer open(t, path).Close()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := sqlite.Open(ctx, path, sqlite.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestBackup_BeginsANewEpochWhereItIsRestored(t *testing.T) {
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "nagare.db"), filepath.Join(dir, "backup.db")
	s := open(t, path)
	defer s.Close()
	at, err := s.Append(t.Context(), channel, []hub.Event{post("create", "a", "words")})
	if err == nil {
		err = sqlite.Backup(t.Context(), path, copied)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Backup(t.Context(), path, copied); err == nil || err.Error() != copied+" exists already; give another name" {
		t.Errorf("a second backup into the same file: %v", err)
	}
	if err := sqlite.Backup(t.Context(), filepath.Join(dir, "none"), filepath.Join(dir, "other")); err == nil {
		t.Error("a backup of nothing succeeded")
	}
	if parts, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(parts) > 0 {
		t.Errorf("left over: %s", parts)
	}
	s.Append(t.Context(), channel, []hub.Event{post("create", "b", "after the backup")})
	restored := open(t, copied)
	var log strings.Builder
	restored.LogOpened(slog.New(slog.NewTextHandler(&log, nil)))
	if want := `msg="store opened" posts=1 events=1 new_epoch_because="the file is a backup"`; !strings.Contains(log.String(), want) {
		t.Errorf("the log has %s, want %s", &log, want)
	}
	next, err := restored.Append(t.Context(), channel, []hub.Event{post("create", "c", "another")})
	if err != nil || next[0].Epoch == at[0].Epoch || next[0].Offset != 2 {
		t.Errorf("the restored store continues at %v, %v, the original at %v", next, err, at)
	}
	if records, err := restored.Find(t.Context(), channel, "a"); err != nil || len(records) != 1 || records[0].First.Epoch != next[0].Epoch {
		t.Errorf("got %v, %v", records, err)
	}
	restored.Close()
	again := open(t, copied)
	defer again.Close()
	if more, err := again.Append(t.Context(), channel, []hub.Event{post("create", "d", "x")}); err != nil || more[0].Epoch != next[0].Epoch {
		t.Errorf("a further restart continues at %v, %v, want the epoch %s", more, err, next[0].Epoch)
	}
}

// copyFile overwrites a file with a copy of another one.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// appendOne opens a store, appends one event, and closes it.
func appendOne(t *testing.T, path, key string) hub.Position {
	t.Helper()
	s := open(t, path)
	defer s.Close()
	at, err := s.Append(t.Context(), channel, []hub.Event{post("create", key, "words")})
	if err != nil {
		t.Fatal(err)
	}
	return at[0]
}

func TestOpen_AnOlderCopyInPlaceOfTheFileBeginsANewEpoch(t *testing.T) {
	dir := t.TempDir()
	path, saved := filepath.Join(dir, "nagare.db"), filepath.Join(dir, "saved.db")
	first := appendOne(t, path, "a")
	copyFile(t, path, saved)
	lost := appendOne(t, path, "b")
	if lost.Epoch != first.Epoch {
		t.Errorf("a restart begins the epoch %s", lost.Epoch)
	}
	copyFile(t, saved, path)
	next := appendOne(t, path, "c")
	if next.Epoch == lost.Epoch {
		t.Errorf("an event after the restoration is at %v, the lost one was at %v", next, lost)
	}
	if again := appendOne(t, path, "d"); again.Epoch != next.Epoch {
		t.Errorf("a further restart begins the epoch %s", again.Epoch)
	}
	if elsewhere := appendOne(t, saved, "e"); elsewhere.Epoch == first.Epoch || elsewhere.Epoch == next.Epoch {
		t.Errorf("a copy under another name continues the epoch of the original: %v", elsewhere)
	}
}

func TestOpen_AFileIsLockedUnderAllItsNames(t *testing.T) {
	notShort(t)
	for name, test := range map[string]struct {
		link func(old, new string) error
		want string
	}{
		"symbolic link": {os.Symlink, "another process uses it"},
		"hard link":     {os.Link, "it has another hard link, under which another process could use it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "nagare.db")
			s := open(t, path)
			defer s.Close()
			alias := filepath.Join(t.TempDir(), "alias.db")
			if err := test.link(path, alias); err != nil {
				t.Fatal(err)
			}
			second, err := sqlite.Open(t.Context(), alias, sqlite.Options{})
			if err == nil {
				second.Close()
			}
			if err == nil || err.Error() != alias+": "+test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}
