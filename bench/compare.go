package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"time"
)

const longestRun = time.Minute

// runKey identifies the runs whose median is taken.
type runKey struct{ peer, measure string }

// results has an entry for each round, nil if the run failed.
type results map[runKey][]*result

// comparison is the execution of a plan.
type comparison struct {
	plan
	log          io.Writer
	server, load []int // processors
}

// compare makes all runs and prints the table. If a run fails, the table has the results of
// the others.
func compare(ctx context.Context, p plan, out, log io.Writer) error {
	c := comparison{plan: p, log: log}
	if !p.unpinned {
		c.server, c.load = processors()
	}
	machine := describeMachine(c.server != nil)
	all := results{}
	var writes []float64
	var failed []error
	for round := range p.rounds {
		w, err := bareWrite(c.server)
		if err != nil {
			return err
		}
		writes = append(writes, w)
		failed = append(failed, c.round(ctx, round, all))
	}
	fmt.Fprintf(out, "%s\n%s\n\n", machine, describeRuns(p, writes))
	writeTable(out, p, all)
	return errors.Join(failed...)
}

// round measures each peer once by each measure. It takes one measure of all peers before the
// next measure, so that runs which are compared are close together in time.
func (c comparison) round(ctx context.Context, round int, all results) error {
	var failed []error
	for _, m := range c.measures {
		for _, p := range c.peers {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if m == "views" && !p.filters {
				continue
			}
			fmt.Fprintf(c.log, "round %d of %d  %-5s  %-11s", round+1, c.rounds, m, p.name)
			r, err := c.run(ctx, p, m)
			fmt.Fprintln(c.log, " ", describeResult(m, r, err))
			if err != nil {
				failed = append(failed, fmt.Errorf("%s of %s: %w", m, p.name, err))
			}
			all[runKey{p.name, m}] = append(all[runKey{p.name, m}], r)
		}
	}
	return errors.Join(failed...)
}

// run makes one measurement of one peer, in a new server process.
func (c comparison) run(ctx context.Context, p peer, measure string) (*result, error) {
	ctx, cancel := context.WithTimeout(ctx, longestRun)
	defer cancel()
	args := []string{"server"}
	if c.profiles != "" {
		args = append(args, "-profile", filepath.Join(c.profiles, p.name+"-"+measure+".pprof"))
	}
	server, err := spawn(ctx, c.server, append(args, p.name)...)
	if err != nil {
		return nil, err
	}
	defer server.end()
	about, err := server.stdout.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("the server did not start: %w", err)
	}
	load, err := spawn(ctx, c.load, c.loadArgs(p, measure, about)...)
	if err != nil {
		return nil, err
	}
	said, err := io.ReadAll(load.stdout)
	if err := errors.Join(err, load.end()); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	r := new(result)
	return r, json.Unmarshal(said, r)
}

func (c comparison) loadArgs(p peer, measure string, about []byte) []string {
	viewers, span := c.viewers, c.steady
	switch measure {
	case "idle":
		viewers = c.idle
	case "burst":
		span = c.burst
	}
	return []string{"load", "-peer", p.name, "-server", string(bytes.TrimSpace(about)),
		"-measure", measure, "-n", strconv.Itoa(viewers), "-for", span.String()}
}
