package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// listeners are the open ports of the program.
type listeners struct {
	site    net.Listener
	metrics net.Listener // nil if there is none
}

func listenAll(c config) (l listeners, err error) {
	if l.site, err = listen(c); err != nil {
		return l, err
	}
	if c.metricsAddr == "" {
		return l, nil
	}
	if l.metrics, err = net.Listen("tcp", c.metricsAddr); err != nil {
		l.site.Close()
		return l, fmt.Errorf("%s: %s", c.given.name("metrics-addr"), redactedText(err.Error(), c.metricsAddr))
	}
	return l, nil
}

func (l listeners) close() error {
	if l.metrics == nil {
		return l.site.Close()
	}
	return errors.Join(l.site.Close(), l.metrics.Close())
}

// nextPorts is how many ports are tried after the default one.
const nextPorts = 20

// listen opens the configured port, or else the default one or the next one that is
// free. Without a configured port or host, only this machine can connect.
func listen(c config) (net.Listener, error) {
	host, tries := c.host, 0
	if !c.portGiven {
		tries = nextPorts
		if host == "" {
			host = "127.0.0.1"
		}
	}
	for port := c.port; ; port++ {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		taken := errors.Is(err, syscall.EADDRINUSE)
		if taken && port < c.port+tries {
			continue
		}
		if taken {
			return nil, fmt.Errorf("port %d is taken, choose another with --port or PORT", port)
		}
		return listener, c.listenFault(err)
	}
}

// listenFault names the setting that keeps a port from being opened, where it is known.
// conda and tcsh, for example, export a HOST of their own.
func (c config) listenFault(err error) error {
	var lookup *net.DNSError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &lookup):
		return c.given.fault("host", "no address found for %s, want %s", shown(c.host), hostWanted)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return c.given.fault("host", "%s is not an address of this machine, want %s", shown(c.host), hostWanted)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s: no permission to listen on port %d, want one from 1024", c.given.name("port"), c.port)
	}
	return err
}

// address is where a visitor finds the site. If it listens on all addresses, it is
// the one of this machine.
func address(c config, listener net.Listener) string {
	if c.publicURL != "" {
		return c.publicURL
	}
	at := listener.Addr().(*net.TCPAddr)
	host := at.IP.String()
	if at.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(at.Port))
}

// newServer sets the limits of a connection. There is no WriteTimeout, since web
// sets a deadline for each response; the idle time is more than the 90 s for which
// Heroku's router keeps a connection.
func newServer(site http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           site,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),

		DisableGeneralOptionsHandler: true, // web answers OPTIONS *, with the headers of every response
	}
}

// lastRequests is how long requests may take that are under way at the end.
const lastRequests = 5 * time.Second

// serveHTTP serves until stop is closed, and then until the last request is done.
func serveHTTP(server *http.Server, listener net.Listener, stop <-chan struct{}) error {
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-stop:
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastRequests)
	defer cancel()
	err := server.Shutdown(ctx)
	if err != nil {
		err = server.Close()
	}
	<-ended
	return err
}
