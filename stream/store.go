package stream

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Store keeps what sources need after a restart, such as cursors: short texts, each in a file
// of its own in Dir. Without a Dir, the texts are only kept in memory.
type Store struct {
	Dir string // empty: nothing is written

	mu   sync.Mutex
	held map[string]string // guarded by mu
}

// Get returns the text that was put under a name, or "" if there is none.
func (s *Store) Get(name string) (string, error) {
	text, _, err := s.Find(name)
	return text, err
}

// Find is Get, and also reports whether there is a text under the name.
func (s *Store) Find(name string) (text string, found bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text, ok := s.held[name]; ok || s.Dir == "" {
		return text, ok, nil
	}
	file, err := os.ReadFile(filepath.Join(s.Dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	return string(file), err == nil, err
}

// Put stores text under a name, which becomes the name of a file. The file is replaced
// atomically, so that even after a power failure it has the old text or the new one.
func (s *Store) Put(name, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == nil {
		s.held = map[string]string{}
	}
	s.held[name] = text
	if s.Dir == "" {
		return nil
	}
	return replaceFile(filepath.Join(s.Dir, name), text)
}

func replaceFile(path, text string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // readable by its owner only
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.WriteString(text)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
