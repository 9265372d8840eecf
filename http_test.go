package main

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

func TestListen_TriesOtherPortsOnlyIfNoneIsConfigured(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port

	_, err = listen(config{host: "127.0.0.1", port: port, portGiven: true})
	want := fmt.Sprintf("port %d is taken, choose another with --port or PORT", port)
	if err == nil || err.Error() != want || exitCode(err) != 1 {
		t.Errorf("got %v with exit code %d, want %s with 1", err, exitCode(err), want)
	}
	next, err := listen(config{host: "127.0.0.1", port: port})
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if got := next.Addr().(*net.TCPAddr).Port; got <= port || got > port+nextPorts {
		t.Errorf("got port %d, want one after %d", got, port)
	}
}

func TestListen_IsOpenToTheNetworkOnlyWithAConfiguredPort(t *testing.T) {
	for _, c := range []struct {
		config   config
		loopback bool
	}{
		{config{port: 0}, true},
		{config{port: 0, portGiven: true}, false},
		{config{port: 0, portGiven: true, host: "127.0.0.1"}, true},
	} {
		listener, err := listen(c.config)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		if got := listener.Addr().(*net.TCPAddr).IP.IsLoopback(); got != c.loopback {
			t.Errorf("%+v listens on %s", c.config, listener.Addr())
		}
		if home := address(c.config, listener); !strings.HasPrefix(home, "http://127.0.0.1:") {
			t.Errorf("%+v is said to be at %s", c.config, home)
		}
	}
}

// conda and tcsh export a HOST that is no address.
func TestListen_AFaultNamesTheSetting(t *testing.T) {
	given := givenAs{names: map[string]string{"host": "HOST"}, byFlag: true}
	for _, c := range []struct {
		config config
		want   string
	}{
		{
			config{given: given, host: "x86_64-conda-linux-gnu.invalid"},
			`HOST: no address found for "x86_64-conda-linux-gnu.invalid", want an address of this machine such as 127.0.0.1, or 0.0.0.0 for all`,
		},
		{config{given: given, host: "192.0.2.1"}, `HOST: "192.0.2.1" is not an address of this machine, want an address of this machine such as 127.0.0.1, or 0.0.0.0 for all`},
	} {
		_, err := listen(c.config)
		if err == nil || err.Error() != c.want || exitCode(err) != 2 {
			t.Errorf("%s: got %v with exit code %d, want %s with 2", c.config.host, err, exitCode(err), c.want)
		}
	}
	taken, err := listen(config{})
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = listenAll(config{given: given, metricsAddr: taken.Addr().String()})
	if err == nil || !strings.HasPrefix(err.Error(), "--metrics-addr: listen tcp "+taken.Addr().String()) {
		t.Errorf("got %v", err)
	}
}
