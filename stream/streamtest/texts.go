package streamtest

import "sync"

// Texts is a stream.Store in memory. A source that gets the Texts of another one starts as that
// one does after a restart.
type Texts struct {
	mu sync.Mutex

	// Guarded by mu.
	texts  map[string]string
	broken error // if not nil, Get and Put fail with it
}

// Get implements stream.Store.
func (t *Texts) Get(name string) (text string, found bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text, found = t.texts[name]
	return text, found, t.broken
}

// Put implements stream.Store.
func (t *Texts) Put(name, text string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.broken != nil {
		return t.broken
	}
	if t.texts == nil {
		t.texts = map[string]string{}
	}
	t.texts[name] = text
	return nil
}

// Text returns the text under a name, or "".
func (t *Texts) Text(name string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.texts[name]
}

// Break makes Get and Put fail with err, or succeed again if err is nil.
func (t *Texts) Break(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.broken = err
}
