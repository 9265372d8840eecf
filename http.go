package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"time"
)

// listeners are the ports that the program has open.
type listeners struct {
	site    net.Listener
	metrics net.Listener // nil if no metrics are served
}

func listenAll(c config) (l listeners, err error) {
	if c.inherited {
		l.site, err = inheritedListener()
	} else {
		l.site, err = listen(c)
	}
	if err != nil {
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

// firstInherited is the descriptor of the first socket that systemd passes.
const firstInherited = 3

// inheritedListener returns the socket that systemd has opened. The socket outlives the process:
// clients that connect meanwhile wait for the next one.
func inheritedListener() (net.Listener, error) {
	file := os.NewFile(firstInherited, "socket")
	defer file.Close() // FileListener has its own descriptor
	listener, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("LISTEN_FDS: %w", err)
	}
	if _, isTCP := listener.(*net.TCPListener); !isTCP {
		return nil, errors.Join(errors.New("LISTEN_FDS: a socket that is not TCP"), listener.Close())
	}
	return listener, nil
}

// nextPorts is how many ports above the default one are tried, if that is taken.
const nextPorts = 20

// listen opens the configured port. If none is configured, it opens the first free port from the
// default one on. If neither a port nor a host is configured, only this machine can connect.
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

// isReachable reports whether the site listens for other machines.
func (c config) isReachable() bool {
	addr, err := netip.ParseAddr(c.host)
	local := c.host == "localhost" || err == nil && addr.IsLoopback() || c.host == "" && !c.portGiven
	return c.inherited || !local
}

// drain is the time over which the connections are closed at the end; 0: the default. If the
// socket outlives the process, clients wait for the next process, so they are sent there at once.
func (c config) drain() time.Duration {
	if c.inherited {
		return 2 * time.Second
	}
	return 0
}

// stopAccepting returns a channel that is closed when no more clients are accepted: once all are
// drained or, if the socket outlives the process, at the end of ctx. Clients that connect then wait
// for the next process.
func (c config) stopAccepting(ctx context.Context, drained <-chan struct{}) <-chan struct{} {
	if c.inherited {
		return ctx.Done()
	}
	return drained
}

// listenFault returns the error of a failed attempt to listen. If a setting is the cause, the
// error names the setting: an operator may not know that it is set, as conda and tcsh export HOST.
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

// address returns the address of the site for the operator to open: the public one if it is
// configured. For a site that listens on all interfaces it is the loopback address.
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

// newServer makes the HTTP server with its timeouts. It has no WriteTimeout, because package web
// sets a deadline for each response. Its IdleTimeout exceeds 90 s, because Heroku's router keeps
// an idle connection that long: the router must be the side that closes it.
func newServer(site http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           site,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),

		DisableGeneralOptionsHandler: true, // package web answers OPTIONS *, with its own headers
	}
}

// lastRequests is how long the requests under way may still take after stop is closed.
const lastRequests = 5 * time.Second

// serveHTTP serves until stop is closed. Then it waits at most lastRequests for the requests under
// way.
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
