package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is what the processes have used so far, in user and system mode, those
// threads included that have ended. It asks their CPU-time clocks, see
// clock_getcpuclockid(3), so that the server needn't do anything for it.
func cpuTime(pids []int) (sum time.Duration, err error) {
	const processClock = 2 // CPUCLOCK_SCHED, of all threads
	for _, pid := range pids {
		var t unix.Timespec
		if err := unix.ClockGettime(int32(^pid<<3|processClock), &t); err != nil {
			return 0, fmt.Errorf("processor time of %d: %w", pid, err)
		}
		sum += time.Duration(t.Nano())
	}
	return sum, nil
}

// resident is the memory of the processes that is in RAM, in bytes.
func resident(pids []int) (sum int, err error) {
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
		if err != nil {
			return 0, err
		}
		fields := strings.Fields(string(text))
		pages, err := strconv.Atoi(fields[1])
		if err != nil {
			return 0, err
		}
		sum += pages * os.Getpagesize()
	}
	return sum, nil
}
