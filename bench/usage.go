package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is the user and system time that the processes have used so far, including that of
// threads which have ended. It reads the CPU-time clocks of the processes
// (clock_getcpuclockid(3)), which costs the server nothing.
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

// resident is the resident memory of the processes, in bytes.
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
