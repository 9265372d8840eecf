package main

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"testing"

	"pgregory.net/rapid"

	"nagare/stream"
	"nagare/stream/networks"
	"nagare/stream/replay"
	"nagare/stream/streamtest"
)

// played is a recording that a test writes while a replay reads it.
type played struct {
	replay *replay.Replay
	log    *streamtest.Logged
	lines  chan []byte
	wanted chan struct{} // receives a value when everything sent so far has been processed
	rest   []byte
	closed bool       // Read has returned io.EOF
	ended  chan error // nil after end
}

// playing replays messages of networks into the pipeline.
func (p *pipeline) playing() *played {
	in := &played{log: p.log, lines: make(chan []byte), wanted: make(chan struct{}), ended: make(chan error, 1)}
	in.replay = &replay.Replay{
		Name: "test", Speed: 1, Rate: math.Inf(1), Log: p.logger,
		Open:     func() (io.ReadCloser, error) { return io.NopCloser(in), nil },
		Decoders: func() []stream.Decoder { return networks.Decoders(audience) },
	}
	ended := in.ended
	go func() { ended <- in.replay.Stream(context.Background(), p.emit) }()
	<-in.wanted
	return in
}

// Read is called by the replay only after it has processed all earlier lines.
func (in *played) Read(b []byte) (int, error) {
	if in.closed {
		return 0, io.EOF
	}
	if len(in.rest) == 0 {
		in.wanted <- struct{}{}
		line, ok := <-in.lines
		if in.closed = !ok; in.closed {
			return 0, io.EOF
		}
		in.rest = line
	}
	n := copy(b, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

// send plays a message, and returns after it was processed.
func (in *played) send(t *rapid.T, message any) {
	line, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	in.lines <- append(line, '\n')
	<-in.wanted
}

// end ends the replay, which must have skipped no line.
func (in *played) end(t *testing.T) {
	if in.ended == nil {
		return
	}
	close(in.lines)
	<-in.ended // an error if no message had an op
	in.ended = nil
	if n := in.replay.Skipped(); n > 0 {
		t.Errorf("%d messages were not read: %s", n, in.log)
	}
}
