// Command bench compares Nagare's hub with the least that a Go server can do, a
// loop of writes, and with other servers that send one message to many WebSocket
// connections. See README.md for how to run it and for what its columns mean.
//
// For every run it starts itself as two processes, the server of one peer and the load,
// each on a processor of its own, and ends both after the run. A round measures every
// peer once. Ratios are between runs of the same round, because absolute figures drift
// by more than the peers differ.
//
// The load is one loop over epoll(7), so that the load is not the bottleneck. It holds the
// viewers, and the publishers, which send their requests over connections of their own.
// The processor time of the server is read from outside the server. Linux only.
//
// TestQuick_MeasuresAFewPeers runs every part for a short time.
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

// command runs the subcommand. The subcommands are internal: the program uses them to
// start its child processes.
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
