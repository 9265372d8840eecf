package main

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"
)

// measures are the names of all measures. Each run of one has a new server process.
var measures = []string{"rate", "full", "burst", "idle", "views"}

// plan says which runs to make.
type plan struct {
	rounds   int
	viewers  int
	idle     int // connections of the measure idle
	peers    []peer
	measures []string
	unpinned bool
	profiles string // directory for CPU profiles; "" for none

	steady time.Duration // how long the measures rate and full last
	burst  time.Duration // how long the measure burst lasts
}

func parsePlan(args []string) (plan, error) {
	p := plan{steady: 5 * time.Second, burst: 2 * time.Second}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&p.rounds, "rounds", 5, "how often each peer has its turn; medians are over rounds")
	flags.IntVar(&p.viewers, "n", 1000, "connections that receive")
	flags.IntVar(&p.idle, "idle", 10_000, "connections that only stand, for the measure idle")
	only := flags.String("only", "", "peers, with commas between; empty for all that are installed")
	which := flags.String("measures", strings.Join(measures, ","), "what to measure")
	quick := flags.Bool("quick", false, "a smoke run: one short round, few connections; its figures say nothing")
	flags.BoolVar(&p.unpinned, "unpinned", false, "let server and load run on any processor")
	flags.StringVar(&p.profiles, "profile", "", "directory for CPU profiles of the servers")
	if err := flags.Parse(args); err != nil {
		return p, err
	}
	if *quick {
		p.rounds, p.viewers, p.idle = 1, 100, 500
		p.steady, p.burst = 500*time.Millisecond, 300*time.Millisecond
	}
	if p.rounds < 1 || p.viewers < 1 || p.idle < 100 {
		return p, fmt.Errorf("want at least 1 round, 1 viewer and 100 idle connections")
	}
	p.measures = strings.Split(*which, ",")
	for _, m := range p.measures {
		if !slices.Contains(measures, m) {
			return p, fmt.Errorf("measure %q, want some of %v", m, measures)
		}
	}
	var err error
	p.peers, err = choosePeers(*only)
	return p, err
}

// choosePeers returns the named peers, or all that can run on this machine.
func choosePeers(only string) (chosen []peer, err error) {
	if only == "" {
		for _, p := range peers {
			if p.missing() == "" {
				chosen = append(chosen, p)
			}
		}
		return chosen, nil
	}
	for name := range strings.SplitSeq(only, ",") {
		p, err := findPeer(name)
		if err != nil {
			return nil, err
		}
		if why := p.missing(); why != "" {
			return nil, fmt.Errorf("%s: %s", name, why)
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}
