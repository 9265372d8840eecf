package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// describeMachine describes the machine and its load average.
func describeMachine(pinned bool) string {
	var name unix.Utsname
	unix.Uname(&name) // empty if it fails
	kernel := string(bytes.TrimRight(name.Release[:], "\x00"))
	place := "server and load on any processor"
	if pinned {
		place = "server on one processor, load on another"
	}
	average, _ := os.ReadFile("/proc/loadavg")
	busy, _, _ := strings.Cut(string(average), " ")
	return fmt.Sprintf("%s, %d processors, Linux %s, %s; %s; load average before: %s.",
		processorName(), runtime.NumCPU(), kernel, runtime.Version(), place, busy)
}

func processorName() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func describeRuns(p plan, writes []float64) string {
	return fmt.Sprintf("Medians of %d rounds; N=%d, idle N=%d; messages of %d bytes. Plain write to an idle connection: %.1f µs.",
		p.rounds, p.viewers, p.idle, textLength, median(writes))
}

// describeResult returns the line that is printed when a run ends.
func describeResult(measure string, r *result, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case measure == "idle":
		return fmt.Sprintf("%.1f KiB resident, %.1f KiB in use, %.2f goroutines for each connection", r.Resident, r.InUse, r.Goroutines)
	case measure == "views":
		return fmt.Sprintf("%.0f µs a message, %.0f of them for the filters, %.0f without filters", r.Views, r.Asking, r.Plain)
	}
	line := fmt.Sprintf("%.2f µs, %.0f deliveries/s, p50 %.1f ms, p99 %.1f ms, load busy %.0f%%",
		r.CPU, r.PerSecond, r.P50, r.P99, r.Busy*100)
	if r.Lost > 0 || r.Closed > 0 {
		line += fmt.Sprintf(", lost %.1f%%, closed %d", r.Lost*100, r.Closed)
	}
	return line
}
