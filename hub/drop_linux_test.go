package hub

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"testing"
)

// For ten seconds there was no room, and then there is, for a word of why the
// connection ends. A stream has no such word: a close frame would be read as text.
func TestDrop_TellsASocketWhyAndAStreamNothing(t *testing.T) {
	why := closeFrame(1013, "too slow")
	for _, test := range []struct {
		path, header, greeting string
		told                   bool
	}{
		{"/websocket", upgrade, "}]]", true},
		{"/events", "", "}\n\n", false},
		{"/lines", "", "}}\n", false},
	} {
		t.Run(test.path, func(t *testing.T) {
			h, address := serving(t)
			client, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			fmt.Fprintf(client, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", test.path, test.header)
			var got []byte
			for one := make([]byte, 1); err == nil && !bytes.HasSuffix(got, []byte(test.greeting)); got = append(got, one...) {
				_, err = client.Read(one)
			}
			c := h.all()[0]
			c.mu.Lock()
			c.drop()
			c.mu.Unlock()
			if rest, err := io.ReadAll(client); err != nil || bytes.Equal(rest, why) != test.told || !test.told && len(rest) > 0 {
				t.Errorf("got %q, %v, want a close frame: %t", rest, err, test.told)
			}
		})
	}
}
