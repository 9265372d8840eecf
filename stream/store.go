package stream

// Store keeps short texts that sources need after a restart, such as cursors.
type Store interface {
	// Get returns the text that was put under a name, and reports whether there is one.
	Get(name string) (text string, found bool, err error)

	// Put stores a text under a name. It returns once the text is stored, and with it everything
	// that the sources have emitted before: a saved cursor never stands for posts that could
	// still be lost.
	Put(name, text string) error
}
