package hub_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"nagare/hub"
)

// traveller is a client that reconnects each time its connection ends, from the position
// of the last event that it processed.
type traveller struct {
	*journey
	at    atomic.Uint64
	links atomic.Int64 // how many connections the traveller has had
	wrong error        // the first violation of the protocol's promises
}

// patience is how long a traveller waits for the next event. An event that takes longer counts
// as lost.
const patience = 20 * time.Second

// errEnded means that a connection has ended, which is not a fault of the hub.
var errEnded = errors.New("the connection has ended")

// travel reconnects until the traveller has all events. An error ends the journey for all
// travellers.
func (v *traveller) travel(visit func(*traveller) error) {
	for v.wrong == nil && v.at.Load() < v.goal.Load() {
		v.links.Add(1)
		if err := visit(v); err != nil && !errors.Is(err, errEnded) {
			v.wrong = fmt.Errorf("on connection %d, at event %d: %w", v.links.Load(), v.at.Load(), err)
			v.goal.Store(0)
		}
	}
}

// welcome checks the result of subscribing.
func (v *traveller) welcome(data []byte) error {
	var got result
	if err := json.Unmarshal(data, &got); err != nil {
		return err
	}
	if got.Recovered == nil || !*got.Recovered || got.Offset != v.at.Load() || got.Epoch != v.epoch {
		return fmt.Errorf("got %s", data)
	}
	return nil
}

// deal processes an event, which must be the one after the traveller's last event.
func (v *traveller) deal(name, epoch string, offset uint64, data []byte) error {
	if want := v.at.Load() + 1; name != "create" || epoch != v.epoch || offset != want || string(data) != fmt.Sprint(want) {
		return fmt.Errorf("got %s %s:%d %s", name, epoch, offset, data)
	}
	v.at.Add(1)
	return nil
}

// ended returns errEnded for a network error, unless it is a timeout.
func ended(err error) error {
	var slow net.Error
	if errors.As(err, &slow) && slow.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("waiting for the next event: %w", err)
	}
	return errEnded
}

// visitSocket is one connection of a WebSocket.
func visitSocket(v *traveller) error {
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+v.address+"/websocket", nil)
	if err != nil {
		return errEnded
	}
	defer ws.Close()
	ask := fmt.Sprintf(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming","since":%d,"epoch":"%s"}}]`, v.at.Load(), v.epoch)
	ws.WriteMessage(websocket.TextMessage, []byte(ask))
	for v.at.Load() < v.goal.Load() {
		ws.SetReadDeadline(time.Now().Add(patience))
		_, message, err := ws.ReadMessage()
		if closed := new(websocket.CloseError); errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure {
			return closed // the hub has closed the connection without a reason
		} else if err != nil {
			return ended(err)
		}
		if err := v.hear(string(message)); err != nil {
			return err
		}
	}
	return nil
}

func (v *traveller) hear(message string) error {
	ev, err := parse(message)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", message, err)
	case ev.name == "client_connected", ev.name == "websocket_rails.channel_token", ev.name == "websocket_rails.ping":
		return nil
	case ev.name == "websocket_rails.subscribe":
		return v.welcome(ev.Data)
	}
	return v.deal(ev.name, ev.Epoch, ev.Offset, ev.Data)
}

// visitStream is one connection of an EventSource.
func visitStream(v *traveller) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	lost := time.AfterFunc(patience, stop)
	defer lost.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+v.address+"/events?since="+v.epoch+":0", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Last-Event-ID", fmt.Sprintf("%s:%d", v.epoch, v.at.Load()))
	alone := &http.Transport{DisableKeepAlives: true}
	res, err := alone.RoundTrip(req)
	if err != nil {
		return v.gone(ctx)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	fields := map[string]string{}
	for lines := bufio.NewReader(res.Body); v.at.Load() < v.goal.Load(); lost.Reset(patience) {
		line, err := lines.ReadString('\n')
		if err != nil {
			return v.gone(ctx)
		}
		if err := v.readLine(strings.TrimSuffix(line, "\n"), fields); err != nil {
			return err
		}
	}
	return nil
}

// gone returns errEnded for the end of a connection, or an error if ctx has timed out.
func (v *traveller) gone(ctx context.Context) error {
	if ctx.Err() != nil {
		return errors.New("the next event has not come")
	}
	return errEnded
}

// readLine collects the fields of an event, and processes the event at the empty line after it.
func (v *traveller) readLine(line string, fields map[string]string) error {
	if line != "" {
		name, value, _ := strings.Cut(line, ": ")
		fields[name] = value
		return nil
	}
	defer clear(fields)
	switch position, err := hub.ParsePosition(fields["id"]); {
	case fields["event"] == "stream.subscribed":
		return v.welcome([]byte(fields["data"]))
	case fields["event"] == "": // only a retry time or a comment
		return nil
	case err != nil:
		return err
	default:
		return v.deal(fields["event"], position.Epoch, position.Offset, []byte(fields["data"]))
	}
}
