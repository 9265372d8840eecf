package main

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"
)

// A mutation often makes a test wait for something that doesn't come. The tests of a mutant may
// therefore take only as long as without the mutation, times allowance, plus grace; to exceed it
// counts as a failed test.
const (
	allowance = 3
	grace     = 10 * time.Second
)

// durations are the times that the tests of each directory take without a mutation.
type durations map[string]map[string]time.Duration

// limit returns the time limit for the tests of a mutant.
func (d durations) limit(m mutant) time.Duration {
	sum := grace
	for _, name := range m.tests {
		sum += allowance * d[m.dir][name]
	}
	return sum
}

// unmutated runs the tests of all mutants on the unchanged code. It returns an error unless all of
// them exist and pass.
func unmutated(ctx context.Context, mutants []mutant) (durations, error) {
	named, took := map[string][]string{}, durations{}
	for _, m := range mutants {
		named[m.dir] = append(named[m.dir], m.tests...)
	}
	var mu sync.Mutex
	return took, forEach(slices.Sorted(maps.Keys(named)), func(dir string) error {
		out, err := test(ctx, "-v", "-timeout", "5m", "-run", pattern(named[dir]), dir)
		passed := timesIn(out)
		for _, name := range named[dir] {
			if _, ok := passed[name]; err == nil && !ok {
				err = fmt.Errorf("%s has no %s that passes", dir, name)
			}
		}
		if err != nil {
			return fmt.Errorf("without a mutation: %w\n%s", err, out)
		}
		mu.Lock()
		defer mu.Unlock()
		took[dir] = passed
		return nil
	})
}

var ended = regexp.MustCompile(`(?m)^--- (?:PASS|SKIP): (\w+) \((.+)\)$`)

// timesIn returns how long each test took, from the output of go test -v. Of a test that failed it
// returns nothing.
func timesIn(out string) map[string]time.Duration {
	times := map[string]time.Duration{}
	for _, m := range ended.FindAllStringSubmatch(out, -1) {
		times[m[1]], _ = time.ParseDuration(m[2])
	}
	return times
}
