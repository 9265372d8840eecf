package hub

import (
	"encoding/binary"
	"encoding/json"
	"strconv"
	"strings"
)

// The events of the websocket-rails wire that belong to the connection.
const (
	clientConnected = "client_connected"
	railsPing       = "websocket_rails.ping"
	railsPong       = "websocket_rails.pong"
	railsToken      = "websocket_rails.channel_token"
	railsSubscribe  = "websocket_rails.subscribe"
	railsPrivate    = "websocket_rails.subscribe_private"
	railsLeave      = "websocket_rails.unsubscribe"
)

// reserved are names that only servers say.
var reserved = map[string]bool{
	clientConnected: true, "client_disconnected": true, "client_error": true, "invalid_event": true,
	railsPing: true, railsToken: true,
}

func isReserved(name string) bool { return reserved[name] || strings.HasPrefix(name, "connection_") }

// control is the attributes of an event that is no part of a log, all eight keys
// in the order of the gem.
type control struct {
	ID          json.RawMessage `json:"id"`
	Channel     *string         `json:"channel"`
	UserID      any             `json:"user_id"`
	Data        any             `json:"data"`
	Success     *bool           `json:"success"`
	Result      any             `json:"result"`
	Token       any             `json:"token"`
	ServerToken any             `json:"server_token"`
}

// encode makes the text frame of a control event.
func (c control) encode(name string) []byte {
	if c.Data == nil {
		c.Data = struct{}{}
	}
	payload, err := json.Marshal([1][2]any{{name, c}})
	if err != nil {
		panic(err) // our own types always encode
	}
	return frameOf(opText, payload)
}

// request is one event from a client.
type request struct {
	name    string
	id      json.RawMessage // an integer or a string, fit to be echoed; nil if there is none
	channel *string         // set if the client tried to publish
	data    json.RawMessage
}

// parseRequest reads a bare event: ["name",{…}].
func parseRequest(text []byte) (req request, ok bool) {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil || len(parts) < 2 {
		return req, false
	}
	if req.name, ok = asString(parts[0]); !ok || strings.Trim(req.name, ".") == "" {
		return req, false
	}
	attrs, ok := asObject(parts[1])
	if !ok {
		return req, false
	}
	req.id, req.data = echoable(attrs["id"]), attrs["data"]
	if raw := attrs["channel"]; raw != nil && string(raw) != "null" {
		channel, _ := asString(raw)
		req.channel = &channel
	}
	return req, true
}

// result answers the request.
func (r request) result(success bool, data any) []byte {
	return control{ID: r.id, Channel: r.channel, Data: data, Success: &success}.encode(r.name)
}

// failure is the data of a result that says no.
type failure struct {
	Error  string `json:"error"`
	Reason string `json:"reason"`
	Hint   string `json:"hint,omitempty"`
}

// echoable returns a client's id if it may be sent back as it is: an integer
// that a script holds exactly, or a short string.
func echoable(raw json.RawMessage) json.RawMessage {
	if s, ok := asString(raw); ok && len(s) <= 64 {
		id, _ := json.Marshal(s)
		return id
	}
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil && -maxOffset <= n && n <= maxOffset {
		return raw
	}
	return nil
}

func asString(raw json.RawMessage) (s string, ok bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	return s, json.Unmarshal(raw, &s) == nil
}

// asObject keeps the keys as they are written, where a struct would also accept "ID" for "id".
func asObject(raw json.RawMessage) (object map[string]json.RawMessage, ok bool) {
	if len(raw) == 0 || raw[0] != '{' {
		return nil, false
	}
	return object, json.Unmarshal(raw, &object) == nil
}

// The first byte of a frame: RFC 6455, section 5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA

	opFinal = 0x80 // the last of a message, as all of ours are

	maxHeader = 10 // bytes of a frame from the server
)

// appendHeader appends the header of a frame from the server, which has no mask.
func appendHeader(b []byte, op byte, length int) []byte {
	b = append(b, opFinal|op)
	switch {
	case length < 126:
		return append(b, byte(length))
	case length < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, 126), uint16(length))
	}
	return binary.BigEndian.AppendUint64(append(b, 127), uint64(length))
}

// frameOf makes a frame of a payload.
func frameOf(op byte, payload []byte) []byte {
	return append(appendHeader(nil, op, len(payload)), payload...)
}

// closeFrame makes a close frame. The reason is one of ours, and short enough.
func closeFrame(code int, reason string) []byte {
	return frameOf(opClose, append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...))
}
