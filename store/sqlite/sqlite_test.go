package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"nagare/store"
	"nagare/store/sqlite"
	"nagare/store/storetest"
)

func open(t storetest.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return s
}

// kind makes each store in a directory of its own.
func kind(dir string) storetest.Kind {
	paths, n := map[store.Store]string{}, 0
	openAt := func(t storetest.T, path string) store.Store {
		s := open(t, path)
		paths[s] = path
		t.Cleanup(func() {
			if paths[s] != "" {
				s.Close()
				os.RemoveAll(filepath.Dir(path))
			}
		})
		return s
	}
	return storetest.Kind{
		Open: func(t storetest.T) store.Store {
			n++
			own := filepath.Join(dir, fmt.Sprint(n))
			if err := os.Mkdir(own, 0o700); err != nil {
				t.Fatalf("%v", err)
			}
			return openAt(t, filepath.Join(own, "nagare.db"))
		},
		Reopen: func(t storetest.T, s store.Store) store.Store {
			path := paths[s]
			delete(paths, s)
			if err := s.Close(); err != nil {
				t.Fatalf("close: %v", err)
			}
			return openAt(t, path)
		},
	}
}

// notShort skips the test if -short is set.
func notShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("waits in real time")
	}
}

func TestSQLite_IsAStore(t *testing.T) { storetest.Run(t, kind(t.TempDir())) }
