package hub

import (
	"encoding/json"
	"strconv"
	"strings"
)

// The events of the websocket-rails protocol that concern the connection.
const (
	clientConnected = "client_connected"
	railsPing       = "websocket_rails.ping"
	railsPong       = "websocket_rails.pong"
	railsToken      = "websocket_rails.channel_token"
	railsSubscribe  = "websocket_rails.subscribe"
	railsPrivate    = "websocket_rails.subscribe_private"
	railsLeave      = "websocket_rails.unsubscribe"
)

// reserved are the events that only a server sends.
var reserved = map[string]bool{
	clientConnected: true, "client_disconnected": true, "client_error": true, "invalid_event": true,
	railsPing: true, railsToken: true,
}

func isReserved(name string) bool { return reserved[name] || strings.HasPrefix(name, "connection_") }

// control has the attributes of an event about the connection: all eight keys, in the order of
// the websocket-rails gem.
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
		panic(err) // the hub's own types always encode
	}
	return frameOf(opText, payload)
}

// request is one event from a client.
type request struct {
	name    string
	id      json.RawMessage // an integer or a string that the reply repeats; nil if there is none
	channel *string         // set if the client tried to publish
	data    json.RawMessage
}

// parseRequest reads one event, which is not in a list of events: ["name",{…}].
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

// result makes the reply to the request.
func (r request) result(success bool, data any) []byte {
	return control{ID: r.id, Channel: r.channel, Data: data, Success: &success}.encode(r.name)
}

// failure is the data of a result without success.
type failure struct {
	Error  string `json:"error"`
	Reason string `json:"reason"`
	Hint   string `json:"hint,omitempty"`
}

// echoable returns the id of a request if the reply can repeat it: an integer that
// JavaScript represents exactly, or a short string.
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

// asObject decodes an object into a map, because decoding into a struct would accept the key
// "ID" for "id".
func asObject(raw json.RawMessage) (object map[string]json.RawMessage, ok bool) {
	if len(raw) == 0 || raw[0] != '{' {
		return nil, false
	}
	return object, json.Unmarshal(raw, &object) == nil
}
