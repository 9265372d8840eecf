package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

const (
	mostPending = 8 // messages on their way to each connection at full load
	publishers  = 16
	tickEvery   = 100 * time.Millisecond
	patience    = 10 * time.Second // how long settle waits for the last messages
)

// loadMain measures a running server once and prints the result.
func loadMain(args []string) error {
	flags := flag.NewFlagSet("bench load", flag.ContinueOnError)
	name := flags.String("peer", "", "whom the server runs")
	about := flags.String("server", "", "what the server said, JSON")
	what := flags.String("measure", "", "what to measure")
	viewers := flags.Int("n", 1000, "connections")
	span := flags.Duration("for", time.Second, "how long")
	if err := flags.Parse(args); err != nil {
		return err
	}
	go func() { io.Copy(io.Discard, os.Stdin); os.Exit(1) }() // the parent process has ended
	p, err := findPeer(*name)
	if err != nil {
		return err
	}
	var s served
	if err := json.Unmarshal([]byte(*about), &s); err != nil {
		return err
	}
	l, err := newLoad(s)
	if err != nil {
		return err
	}
	r, err := l.measure(*what, p, *viewers, *span)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

func (l *load) measure(what string, p peer, viewers int, span time.Duration) (result, error) {
	switch what {
	case "idle":
		return l.measureIdle(p, viewers)
	case "views":
		return l.measureViews(p, viewers, span)
	}
	if err := l.addViewers(p, viewers); err != nil {
		return result{}, err
	}
	before, err := l.goUse()
	if err != nil {
		return result{}, err
	}
	r, err := map[string]func(time.Duration) (result, error){
		"rate": l.measureRate, "full": l.measureFull, "burst": l.measureBurst,
	}[what](span)
	if err != nil {
		return r, err
	}
	if l.received == 0 {
		return r, fmt.Errorf("nothing arrived")
	}
	after, err := l.goUse()
	r.Allocs = float64(after.Mallocs-before.Mallocs) / float64(l.received)
	return r, err
}
