package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// newServer holds the limits on a connection. There is no WriteTimeout, since web
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
