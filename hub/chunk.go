package hub

// Chunk is a part of a log.
type Chunk struct {
	Lines [][]byte // the events, each as a line of JSON, as [Channel.ServeLines] sends it; must not be changed
	Next  Position // after the last event that was looked at
	AtTip bool     // no event followed when the chunk was read
}

// chunk returns the events after an offset that concern the filter. It ends at an offset that is a
// multiple of cut, or with the newest event. All lines but the first have at most so many bytes as
// size says.
func (l *log) chunk(f *filter, after, cut uint64, size int) (chunk Chunk, err error) {
	next := after
	if after < l.head.Load() || l.replaced() {
		err = l.read(after, func(e *entry) bool {
			if next > after && next%cut == 0 {
				return false
			}
			if f == nil || f.concerns(e) {
				line := e.encoded(lineForm)
				if size -= len(line); len(chunk.Lines) > 0 && size < 0 {
					return false
				}
				chunk.Lines = append(chunk.Lines, line)
			}
			next++
			return true
		})
	}
	chunk.Next, chunk.AtTip = Position{l.epoch, next}, next >= l.head.Load()
	return chunk, err
}
