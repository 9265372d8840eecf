package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// nextPorts is how many ports are tried after the usual one.
const nextPorts = 20

// listen opens the port that was asked for, or else the usual one, or the next one
// that is free. Only a port that somebody asked for is open to the network, unless
// HOST says so.
func listen(c config) (net.Listener, error) {
	host := c.host
	if host == "" && !c.portAsked {
		host = "127.0.0.1"
	}
	tries := nextPorts
	if c.portAsked {
		tries = 0
	}
	for port := c.port; ; port++ {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		taken := errors.Is(err, syscall.EADDRINUSE)
		switch {
		case taken && port < c.port+tries:
			continue
		case taken:
			return nil, fmt.Errorf("port %d is taken, choose another with --port or PORT", port)
		case err != nil:
			return nil, err
		}
		return listener, nil
	}
}

// listenMetrics opens the operator's own port; nil if there is none.
func listenMetrics(c config) (net.Listener, error) {
	if c.metricsAddr == "" {
		return nil, nil
	}
	listener, err := net.Listen("tcp", c.metricsAddr)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	return listener, nil
}

// address is where a visitor finds the site: an address that can be opened, also
// if it listens on all.
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

// healthcheck asks the nagare at the port that was given, or else the usual one: a
// service that may move to the next free port is no service to check.
func healthcheck(ctx context.Context, c config) error {
	host := c.host
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	url := "http://" + net.JoinHostPort(host, strconv.Itoa(c.port)) + "/healthz"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("healthcheck: %s answers %s", url, response.Status)
	}
	var health struct{ Name, Status string }
	err = json.NewDecoder(io.LimitReader(response.Body, 1024)).Decode(&health)
	if err != nil || health.Name != "nagare" || health.Status != "ok" {
		return fmt.Errorf("healthcheck: %s is not a nagare's", url)
	}
	return nil
}
