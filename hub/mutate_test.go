package hub_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
)

// honest makes one or a few valid frames of a client, at random.
func honest(random *rand.Rand) [][]byte {
	mask := func(head byte, payload string) []byte { return remasked(masked(head, []byte(payload)), random) }
	subscription := `["websocket_rails.subscribe",{"id":70001,"data":{"channel":"streaming","last":3}}]`
	switch random.IntN(12) {
	case 0:
		return [][]byte{mask(final|text, subscribe)}
	case 1:
		return [][]byte{mask(final|text, subscription)}
	case 2:
		return [][]byte{mask(final|text, `["websocket_rails.pong",{"id":112525,"data":{}}]`)}
	case 3:
		return [][]byte{mask(final|ping, "there?")}
	case 4:
		return [][]byte{mask(final|pong, "")}
	case 5:
		return [][]byte{mask(final|closing, "\x03\xe8bye")}
	case 6:
		return [][]byte{mask(final|text, `["websocket_rails.unsubscribe",{"id":8,"data":{"channel":"streaming"}}]`)}
	case 7:
		return [][]byte{mask(final|text, `["create",{"id":7,"channel":"streaming","data":{"text":"流れ"}}]`)}
	case 8:
		return [][]byte{mask(final|text, padded(4096-random.IntN(2)*4000))}
	case 9:
		return [][]byte{mask(final|binaryData, "\x00\xff")}
	default:
		cut := 1 + random.IntN(len(subscription)-2)
		return [][]byte{mask(text, subscription[:cut]), mask(final|ping, "between"), mask(final|continuation, subscription[cut:])}
	}
}

// headerSize is the number of bytes before the mask of a frame that this client has made.
func headerSize(frame []byte) int {
	if frame[1]&0x7f == 126 {
		return 4
	}
	return 2
}

// remasked masks a frame with another mask.
func remasked(frame []byte, random *rand.Rand) []byte {
	at := headerSize(frame)
	change := binary.BigEndian.AppendUint32(nil, random.Uint32())
	for i := range frame[at:] {
		frame[at+i] ^= change[i%4] // the mask itself, and the masked payload
	}
	return frame
}

// mutations change a frame at random, mostly into a malformed one.
var mutations = []func([]byte, *rand.Rand) []byte{
	func(f []byte, r *rand.Rand) []byte { // changes bits anywhere
		for range 1 + r.IntN(8) {
			f[r.IntN(len(f))] ^= 1 << r.IntN(8)
		}
		return f
	},
	func(f []byte, r *rand.Rand) []byte { f[r.IntN(2)] ^= 1 << r.IntN(8); return f },        // a bit of the header
	func(f []byte, r *rand.Rand) []byte { return f[:r.IntN(len(f))] },                       // only the beginning
	func(f []byte, r *rand.Rand) []byte { f[0] |= byte(1+r.IntN(7)) << 4; return f },        // reserved bits
	func(f []byte, r *rand.Rand) []byte { f[0] = f[0]&0xf0 | byte(r.IntN(16)); return f },   // another opcode
	func(f []byte, r *rand.Rand) []byte { f[0] &^= final; return f },                        // no final flag
	func(f []byte, r *rand.Rand) []byte { f[1] &^= 0x80; return f },                         // a mask without its flag
	func(f []byte, r *rand.Rand) []byte { f[1] = f[1]&0x80 | byte(r.IntN(128)); return f },  // another length, or another encoding of the length
	func(f []byte, r *rand.Rand) []byte { return relength(f, 126, r.Uint64()>>r.IntN(64)) }, // another length in 16 bits
	func(f []byte, r *rand.Rand) []byte { return relength(f, 127, r.Uint64()>>r.IntN(64)) }, // another length in 64 bits
	func(f []byte, r *rand.Rand) []byte { // no mask
		at := headerSize(f)
		f[1] &^= 0x80
		return slices.Delete(f, at, at+4)
	},
	func(f []byte, r *rand.Rand) []byte { // a part twice
		from := r.IntN(len(f))
		return slices.Insert(f, from, slices.Clone(f[from:from+r.IntN(len(f)-from)])...)
	},
	func(f []byte, r *rand.Rand) []byte { // without a part
		from := r.IntN(len(f))
		return slices.Delete(f, from, from+r.IntN(len(f)-from))
	},
	func(f []byte, r *rand.Rand) []byte { // a valid frame, whose text is usually not valid JSON
		junk := strings.Repeat(string(rune(r.IntN(0x3000))), r.IntN(60))
		return masked(final|text, []byte(`["`+junk+`",{"id":`+junk+`}]`))
	},
}

// relength sets the length in a frame's header, in 16 bits if size is 126, otherwise in 64.
func relength(frame []byte, size byte, length uint64) []byte {
	rest := frame[headerSize(frame):]
	head := []byte{frame[0], frame[1]&0x80 | size}
	if size == 126 {
		head = binary.BigEndian.AppendUint16(head, uint16(length))
	} else {
		head = binary.BigEndian.AppendUint64(head, length)
	}
	return append(head, rest...)
}
