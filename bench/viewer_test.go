package main

import (
	"slices"
	"strings"
	"testing"
)

func TestViewer_CountsMessagesHoweverTheyAreCutUp(t *testing.T) {
	first, second := newMessage("1700000000000000001"), newMessage("1700000000000000002")
	both := string(first.text) + "\n" + string(second.text) // two messages in one frame, as centrifuge and gorilla's chat send them
	long := strings.Repeat(" ", 70_000) + string(first.text)
	wire := slices.Concat(
		[]byte{0x89, 0}, first.frame(), second.frame(),
		[]byte{0x81, 126, byte(len(both) >> 8), byte(len(both))}, []byte(both),
		[]byte{0x81, 127, 0, 0, 0, 0, 0, byte(len(long) >> 16), byte(len(long) >> 8), byte(len(long))}, []byte(long),
	)
	for _, step := range []int{1, 7, 64, len(wire)} {
		v := viewer{sampled: true}
		got, stamps := 0, []int64{}
		for part := range slices.Chunk(wire, step) {
			got += v.take(part, func(nanos int64) { stamps = append(stamps, nanos) })
		}
		if got != 5 || v.received != 5 || v.left != 0 {
			t.Errorf("in steps of %d: counted %d and %d, left %d; want 5, 5 and 0", step, got, v.received, v.left)
		}
		want := []int64{1700000000000000001, 1700000000000000002, 1700000000000000001, 1700000000000000002, 1700000000000000001}
		if step == len(wire) && !slices.Equal(stamps, want) {
			t.Errorf("stamps %v, want %v", stamps, want)
		}
	}
}

func TestMessage_HasTheDeclaredLength(t *testing.T) {
	m := newMessage("1700000000000000001")
	if len(m.text) != textLength || strings.Count(string(m.text), string(marker)) != 1 {
		t.Errorf("message of %d bytes, want %d with one marker: %s", len(m.text), textLength, m.text)
	}
}
