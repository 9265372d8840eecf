package hub

import (
	"encoding/binary"

	"github.com/gorilla/websocket"
)

// The first byte of a frame: RFC 6455, section 5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA

	flagFinal = 0x80 // FIN: this frame ends a message; every frame from the server does
)

const (
	maxHeader     = 10  // bytes of the header of a frame from the server
	maxControl    = 125 // bytes of the payload of a control frame
	reservedFlags = 0x70
)

// frame is a frame from a client (RFC 6455, section 5.2).
type frame struct {
	final   bool
	opcode  byte
	payload []byte
}

// closeError makes the close code and the reason that a client is sent when the server closes
// the connection.
func closeError(code int, reason string) *websocket.CloseError {
	return &websocket.CloseError{Code: code, Text: reason}
}

func protocolError(reason string) *websocket.CloseError {
	return closeError(websocket.CloseProtocolError, reason)
}

// parseFrame reads the first frame in b, and unmasks its payload in place. The returned size
// is 0 if the frame is incomplete. A payload over limit bytes is an error as soon as the
// header is complete.
func parseFrame(b []byte, limit int) (f frame, size int, err *websocket.CloseError) {
	if len(b) < 2 {
		return f, 0, nil
	}
	f.final, f.opcode = b[0]&flagFinal != 0, b[0]&0xF
	length, header := uint64(b[1]&0x7F), 2
	switch {
	case b[0]&reservedFlags != 0:
		return f, 0, protocolError("reserved bits")
	case f.opcode > opBinary && f.opcode < opClose || f.opcode > opPong:
		return f, 0, protocolError("unknown opcode")
	case b[1]&0x80 == 0:
		return f, 0, protocolError("not masked")
	case f.opcode >= opClose && (length > maxControl || !f.final):
		return f, 0, protocolError("a control frame that is long, or in fragments")
	case length == 126 && len(b) >= 4:
		length, header = uint64(binary.BigEndian.Uint16(b[2:])), 4
	case length == 127 && len(b) >= 10:
		length, header = binary.BigEndian.Uint64(b[2:]), 10
	case length >= 126:
		return f, 0, nil
	}
	if length > uint64(limit) {
		return f, 0, closeError(websocket.CloseMessageTooBig, "message too big")
	}
	size = header + 4 + int(length)
	if len(b) < size {
		return f, 0, nil
	}
	mask := b[header : header+4]
	f.payload = b[header+4 : size]
	for i := range f.payload {
		f.payload[i] ^= mask[i%4]
	}
	return f, size, nil
}

// appendHeader appends the header of a frame from the server, which has no mask.
func appendHeader(b []byte, opcode byte, length int) []byte {
	b = append(b, flagFinal|opcode)
	switch {
	case length <= maxControl:
		return append(b, byte(length))
	case length < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, 126), uint16(length))
	}
	return binary.BigEndian.AppendUint64(append(b, 127), uint64(length))
}

// frameOf makes a frame of a payload.
func frameOf(opcode byte, payload []byte) []byte {
	return append(appendHeader(nil, opcode, len(payload)), payload...)
}

// closeFrame makes a close frame. The reason must be under 124 bytes, as all reasons of the
// hub are.
func closeFrame(code int, reason string) []byte {
	return frameOf(opClose, append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...))
}
