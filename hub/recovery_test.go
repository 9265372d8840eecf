package hub_test

import (
	"fmt"
	"strings"
	"testing"

	"nagare/hub"
)

// The ring of these tests holds 600 events. So after 650 events, the oldest one held is 51.
var recoveries = []struct {
	name   string
	events int
	ask    string // EPOCH stands for the log's epoch
	want   string
}{
	{"nothing asked starts at the head", 650, ``, `"offset":650,"head":650`},
	{"nothing asked of an empty log", 0, ``, `"offset":0,"head":0`},

	{"last", 650, `,"last":3`, `"offset":647,"head":650`},
	{"last of none", 650, `,"last":0`, `"offset":650,"head":650`},
	{"last as many as may be", 650, `,"last":100`, `"offset":550,"head":650`},
	{"last more than there are", 5, `,"last":100`, `"offset":0,"head":5`},
	{"last of an empty log", 0, `,"last":100`, `"offset":0,"head":0`},

	{"since the head", 650, `,"since":650,"epoch":"EPOCH"`, `"offset":650,"head":650,"recovered":true`},
	{"since one before the head", 650, `,"since":649,"epoch":"EPOCH"`, `"offset":649,"head":650,"recovered":true`},
	{"since 500 before the head", 650, `,"since":150,"epoch":"EPOCH"`, `"offset":150,"head":650,"recovered":true`},
	{"since 501 before the head", 650, `,"since":149,"epoch":"EPOCH"`, `"offset":650,"head":650,"recovered":false,"reason":"too_far"`},
	{"since before the oldest, too far as well", 650, `,"since":50,"epoch":"EPOCH"`, `"offset":650,"head":650,"recovered":false,"reason":"too_far"`},
	{"since long before the oldest", 650, `,"since":49,"epoch":"EPOCH"`, `"offset":650,"head":650,"recovered":false,"reason":"expired"`},
	{"since the beginning", 500, `,"since":0,"epoch":"EPOCH"`, `"offset":0,"head":500,"recovered":true`},
	{"since the beginning of an empty log", 0, `,"since":0,"epoch":"EPOCH"`, `"offset":0,"head":0,"recovered":true`},
	{"since what is yet to come", 650, `,"since":651,"epoch":"EPOCH"`, `"offset":650,"head":650,"recovered":false,"reason":"ahead"`},
	{"since the greatest offset", 650, `,"since":9007199254740991,"epoch":"EPOCH"`, `"offset":650,"head":650,"recovered":false,"reason":"ahead"`},
	{"since another epoch", 650, `,"since":650,"epoch":"0"`, `"offset":650,"head":650,"recovered":false,"reason":"epoch"`},
	{"since another epoch and ahead", 650, `,"since":651,"epoch":"zzzzzzzzzzzzzzzz"`, `"offset":650,"head":650,"recovered":false,"reason":"epoch"`},

	{"since, or else last: since", 650, `,"since":640,"epoch":"EPOCH","last":3`, `"offset":640,"head":650,"recovered":true`},
	{"since, or else last: another epoch", 650, `,"since":640,"epoch":"0","last":3`, `"offset":647,"head":650,"recovered":false,"reason":"epoch"`},
	{"since, or else last: too far", 650, `,"since":149,"epoch":"EPOCH","last":3`, `"offset":647,"head":650,"recovered":false,"reason":"too_far"`},
	{"since, or else last: expired", 650, `,"since":1,"epoch":"EPOCH","last":100`, `"offset":550,"head":650,"recovered":false,"reason":"expired"`},
	{"since, or else last: ahead", 650, `,"since":999,"epoch":"EPOCH","last":1`, `"offset":649,"head":650,"recovered":false,"reason":"ahead"`},
	{"since, or else last: ahead of a log begun again", 2, `,"since":999,"epoch":"EPOCH","last":100`, `"offset":0,"head":2,"recovered":false,"reason":"ahead"`},
}

func TestRecovery_BringsAllEventsOrNamesTheReason(t *testing.T) {
	for _, network := range networks {
		for _, test := range recoveries {
			t.Run(network.name+"/"+test.name, func(t *testing.T) {
				w := network.start(t, hub.Options{Ring: 600})
				w.publish(test.events)
				c := w.join()
				c.send(w.subscription(test.ask))
				c.expect(token, subscribed(test.want))
				c.streams(test.want)
			})
		}
	}
}

// streams reads the events after the offset in the result, up to the head in the result, and
// then a new event.
func (c *client) streams(result string) {
	c.t.Helper()
	var offset, head int
	if _, err := fmt.Sscanf(result, `"offset":%d,"head":%d`, &offset, &head); err != nil {
		c.t.Fatalf("%s: %v", result, err)
	}
	for n := offset + 1; n <= head; n++ {
		c.expect(created(n))
	}
	c.answered()
	c.w.publish(1)
	c.expect(created(head + 1))
}

// subscription is a subscribe request with more attributes, such as a position.
func (w *world) subscription(more string) string {
	more = strings.ReplaceAll(more, "EPOCH", w.Channel("streaming").Tip().Epoch)
	return `["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming"` + more + `}}]`
}

// The ring is small, so that no recovery is refused for being too far behind, only as expired.
func TestRecovery_ReachesBackToTheOldestEventHeld(t *testing.T) {
	for since, want := range map[string]string{
		"40": `"offset":40,"head":50,"recovered":true`,
		"39": `"offset":50,"head":50,"recovered":false,"reason":"expired"`,
	} {
		w := overTCP(t, hub.Options{Ring: 10})
		w.publish(50)
		c := w.join()
		c.send(w.subscription(`,"since":` + since + `,"epoch":"EPOCH"`))
		c.expect(token, subscribed(want))
		c.streams(want)
	}
	w := overTCP(t, hub.Options{Ring: 10})
	w.publish(50)
	c := w.join()
	c.send(w.subscription(`,"last":100`))
	c.expect(token, subscribed(`"offset":40,"head":50`))
	c.streams(`"offset":40,"head":50`)
}

func TestRecovery_AMalformedRequestIsRefusedAndSubscribesToNothing(t *testing.T) {
	for _, ask := range []string{
		`"since":40`,
		`"epoch":"EPOCH"`,
		`"since":-1,"epoch":"EPOCH"`,
		`"since":1.5,"epoch":"EPOCH"`,
		`"since":"40","epoch":"EPOCH"`,
		`"since":true,"epoch":"EPOCH"`,
		`"since":[40],"epoch":"EPOCH"`,
		`"since":9007199254740992,"epoch":"EPOCH"`,
		`"since":18446744073709551616,"epoch":"EPOCH"`,
		`"since":40,"epoch":7`,
		`"since":40,"epoch":""`,
		`"since":40,"epoch":"A"`,
		`"since":40,"epoch":"a-b"`,
		`"since":40,"epoch":"aaaaaaaaaaaaaaaaa"`,
		`"since":40,"epoch":{}`,
		`"last":-1`,
		`"last":101`,
		`"last":1.5`,
		`"last":"5"`,
		`"last":[]`,
		`"since":40,"epoch":"EPOCH","last":101`,
	} {
		t.Run(ask, func(t *testing.T) {
			w := overTCP(t, hub.Options{})
			w.publish(50)
			c, viewer := w.join(), w.join()
			viewer.send(subscribe)
			viewer.expect(token, subscribed(`"offset":50,"head":50`))
			c.send(w.subscription("," + ask))
			c.expect(failed(sub, "1", "null", "bad_request"))
			w.publish(1)
			viewer.expect(created(51))
			c.answered()
		})
	}
}

func TestRecovery_SubscribingAgainKeepsThePosition(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		w.publish(50)
		c := w.join()
		c.send(w.subscription(`,"since":47,"epoch":"EPOCH"`))
		c.expect(token, subscribed(`"offset":47,"head":50,"recovered":true`), created(48), created(49), created(50))
		c.send(subscribe)
		c.expect(token, subscribed(`"offset":50,"head":50`))
		w.publish(1)
		c.expect(created(51))
		c.send(w.subscription(`,"last":5`))
		c.expect(token, subscribed(`"offset":51,"head":51`))
		c.answered()
	})
}

func TestRecovery_SubscribingAgainWithSinceSendsEventsAgain(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		w.publish(50)
		c := w.join()
		c.send(subscribe)
		c.expect(token, subscribed(`"offset":50,"head":50`))
		for range 2 {
			c.send(w.subscription(`,"since":48,"epoch":"EPOCH"`))
			c.expect(token, subscribed(`"offset":48,"head":50,"recovered":true`), created(49), created(50))
		}
		c.send(w.subscription(`,"since":99,"epoch":"EPOCH"`))
		c.expect(token, subscribed(`"offset":50,"head":50,"recovered":false,"reason":"ahead"`))
		c.answered()
	})
}

func TestRecovery_AMalformedRequestLeavesTheSubscriptionAsItWas(t *testing.T) {
	w := overTCP(t, hub.Options{})
	w.publish(50)
	c := w.join()
	c.send(subscribe)
	c.expect(token, subscribed(`"offset":50,"head":50`))
	c.send(w.subscription(`,"since":-1,"epoch":"EPOCH"`))
	c.expect(failed(sub, "1", "null", "bad_request"))
	w.publish(1)
	c.expect(created(51))
}

func TestRecovery_UnsubscribingForgetsThePosition(t *testing.T) {
	everywhere(t, hub.Options{}, func(t *testing.T, w *world) {
		w.publish(50)
		c := w.join()
		c.send(w.subscription(`,"last":1`))
		c.expect(token, subscribed(`"offset":49,"head":50`), created(50))
		c.send(`["websocket_rails.unsubscribe",{"id":8,"data":{"channel":"streaming"}}]`)
		c.expect(reply(unsub, "8", "null", "{}", true))
		w.publish(5)
		c.answered()
		c.send(subscribe)
		c.expect(token, subscribed(`"offset":55,"head":55`))
		c.streams(`"offset":55,"head":55`)
	})
}

func TestRecovery_EachChannelHasAPositionOfItsOwn(t *testing.T) {
	w := overTCP(t, hub.Options{})
	w.publish(50)
	w.Channel("other").Trigger(t.Context(), "create", "a")
	c := w.join()
	c.send(w.subscription(`,"last":2`))
	c.expect(token, subscribed(`"offset":48,"head":50`), created(49), created(50))
	c.send(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"other","last":2}}]`)
	c.until(`"success":true`)
	c.expect(`[["create",{"channel":"other","data":"a","offset":1,"epoch":"EPOCH"}]]`)
}
