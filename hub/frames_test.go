package hub_test

import (
	"bytes"
	"encoding/binary"
	"net"
	"strings"
	"testing"
	"time"

	"nagare/hub"
)

// padded is an event of exactly so many bytes.
func padded(size int) string {
	const event = `["a",{"id":7,"data":""}]`
	return strings.Replace(event, `""`, `"`+strings.Repeat("x", size-len(event))+`"`, 1)
}

// fragments sends the payload in several frames, divided at the indices cuts.
func (c *client) fragments(payload string, cuts ...int) {
	opcode, from := byte(text), 0
	for _, cut := range cuts {
		c.frame(opcode, []byte(payload[from:cut]))
		opcode, from = continuation, cut
	}
	c.frame(final|opcode, []byte(payload[from:]))
}

func TestFrames_AMessageOfFourKiBPasses(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		c := w.join()
		c.send(padded(4096))
		c.expect(fails("a", "unknown_event"))
		c.fragments(padded(4096), 1000, 4095)
		c.expect(fails("a", "unknown_event"))
	})
}

func TestFrames_AMessageOverFourKiBIsTooBig(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		c := w.join()
		c.send(padded(4097))
		c.expectClose(1009)
	})
}

func TestFrames_FragmentsOfOverFourKiBTogetherAreTooBig(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		c := w.join()
		c.fragments(padded(4097), 2000, 4000)
		c.expectClose(1009)
	})
}

// The hub doesn't wait for the terabyte that the header announces.
func TestFrames_AHugeMessageIsRefusedBeforeItHasArrived(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := w.join()
		head := binary.BigEndian.AppendUint64([]byte{final | text, 0x80 | 127}, 1<<40)
		c.write(append(head, make([]byte, 4+4097)...))
		c.patience = 10 * time.Second // the hub waits for the client's close
		c.expectClose(1009)
	})
}

func TestFrames_BinaryIsRefused(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		c := w.join()
		c.frame(final|binaryData, []byte(`["a",{"id":7}]`))
		c.expectClose(1003)
	})
}

func TestFrames_InvalidUTF8IsRefused(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		for _, bad := range []string{"\xff", "\xc0\x80", "\xed\xa0\x80", "\xe6\xb5", "\xf5\x80\x80\x80"} {
			c := w.join()
			c.send(`["a",{"id":7,"data":"` + bad + `"}]`)
			c.expectClose(1007)
		}
	})
}

// The message is neither JSON nor UTF-8. Invalid JSON alone would not close the connection.
func TestFrames_InvalidUTF8OutsideOfJSONIsRefusedToo(t *testing.T) {
	c := overTCP(t, hub.Options{}).join()
	c.send("\x80")
	c.expectClose(1007)
}

func TestFrames_FragmentsAreJoined(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		c := w.join()
		c.fragments(`["流れ",{"id":7}]`, 0, 1, 3, 4, 4, 10) // the bytes 3 and 4 are within the character 流
		c.expect(fails("流れ", "unknown_event"))
	})
}

func TestFrames_ControlFramesCanArriveBetweenFragments(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		c := w.join()
		c.frame(text, []byte(`["a",`))
		c.frame(final|ping, []byte("there?"))
		c.expectFrame(pong, "there?")
		c.frame(continuation, []byte(`{"id"`))
		c.frame(final|pong, []byte("unasked"))
		c.frame(final|continuation, []byte(`:7}]`))
		c.expect(fails("a", "unknown_event"))
	})
}

func TestFrames_APingIsAnsweredWithItsPayload(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		c := w.join()
		for _, payload := range []string{"", "\x00\xff", strings.Repeat("p", 125)} {
			c.frame(final|ping, []byte(payload))
			c.expectFrame(pong, payload)
		}
		c.answered()
	})
}

func TestFrames_ACloseIsAnsweredWithAClose(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		c := w.join()
		c.frame(final|closing, []byte{0x03, 0xE8, 'b', 'y', 'e'})
		op, payload, err := c.read()
		if err != nil || op != closing || !bytes.HasPrefix(payload, []byte{0x03, 0xE8}) {
			t.Errorf("got a frame of opcode %d, %q, %v, want a close with 1000", op, payload, err)
		}
		c.expectEnd()
	})
}

func TestFrames_ACloseWithoutACodeIsAnsweredToo(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		c := w.join()
		c.frame(final|closing, nil)
		op, payload, err := c.read()
		if err != nil || op != closing || len(payload) > 0 && !bytes.HasPrefix(payload, []byte{0x03, 0xE8}) {
			t.Errorf("got a frame of opcode %d, %q, %v, want a close with 1000 or nothing", op, payload, err)
		}
		c.expectEnd()
	})
}

// For each of these frames, RFC 6455 requires that the connection fails.
func TestFrames_WhatRFC6455ForbidsEndsTheConnection(t *testing.T) {
	event := []byte(`["a",{"id":7}]`)
	bad := map[string][]byte{
		"not masked":                          append([]byte{final | text, byte(len(event))}, event...),
		"a reserved bit":                      masked(final|0x40|text, event),
		"another reserved bit":                masked(final|0x10|text, event),
		"an unknown opcode":                   masked(final|0x3, event),
		"an unknown control opcode":           masked(final|0xB, nil),
		"a ping in fragments":                 masked(ping, nil),
		"a ping over 125 bytes":               masked(final|ping, bytes.Repeat([]byte("p"), 126)),
		"a continuation of nothing":           masked(final|continuation, event),
		"a message within a message":          append(masked(text, event[:3]), masked(final|text, event)...),
		"a close of one byte":                 masked(final|closing, []byte{3}),
		"a close with a code that none sends": masked(final|closing, []byte{0x03, 0xED}),
		"a close with a reason not in UTF-8":  masked(final|closing, []byte{0x03, 0xE8, 0xFF}),
	}
	for name, frame := range bad {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				w.join().expectFailure(frame)
				if n := w.Stats().Closed[1002]; n != 1 {
					t.Errorf("%d counted", n)
				}
			})
			overTCP(t, hub.Options{}).join().expectFailure(frame)
		})
	}
}

// expectFailure writes bytes that must end the connection, with or without a close frame.
func (c *client) expectFailure(frame []byte) {
	c.t.Helper()
	c.write(frame)
	c.patience = 10 * time.Second
	if op, payload, err := c.read(); err == nil && op != closing {
		c.t.Fatalf("got a frame of opcode %d, %q, want the end", op, payload)
	}
	if tcp, ok := c.conn.(*net.TCPConn); ok {
		tcp.CloseWrite() // or the hub would wait for the client's close
	}
	c.expectEnd()
}

// A client that disconnects in the middle of a frame is freed at once.
func TestFrames_AConnectionThatEndsWithinAFrameIsFreed(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		w.Channel("streaming")
		viewer := w.join()
		viewer.send(subscribe)
		viewer.expect(token, subscribed(`"offset":0,"head":0`))
		whole := masked(final|text, []byte(subscribe))
		for cut := range whole {
			c := w.join()
			c.write(whole[:cut])
			c.leave()
		}
		w.publish(1)
		viewer.expect(created(1))
	})
}
