// Command bench compares Nagare's hub with the least that a Go server can do, a
// loop of writes, and with other servers that send one message to many WebSocket
// connections. See README.md for how to run it and for what its columns mean.
//
// It starts itself anew for every run, once as the server of one peer and once as
// the load, each on a processor of its own, and takes both down again. A round is
// every peer once; ratios are between runs of the same round, because absolute
// figures drift by more than the peers differ.
//
// The load is one loop over epoll(7), cheap enough not to be what is measured: it
// holds the viewers, and the publishers, who ask the server over a connection of
// their own. The processor time of the server is read from outside. Linux only.
//
// TestQuick_MeasuresAFewPeers runs all of it in small.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// command does what the first word says. The words are for bench itself: whoever
// runs it gives none.
func command(args []string) error {
	switch {
	case len(args) > 0 && args[0] == "server":
		return serve(args[1:])
	case len(args) > 0 && args[0] == "load":
		return loadMain(args[1:])
	}
	p, err := parsePlan(args)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return compare(ctx, p, os.Stdout, os.Stderr)
}
