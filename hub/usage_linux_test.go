package hub_test

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	begun, next := time.Now(), time.NewTicker(10*time.Millisecond)
	defer next.Stop()
	for ; !is(); <-next.C {
		if time.Since(begun) > time.Minute {
			t.Fatalf("not %s, but %d goroutines, after a minute", what, runtime.NumGoroutine())
		}
	}
}

// usage is what this process uses of each resource.
type usage struct {
	goroutines, descriptors int
	heap, resident          int64 // bytes
	cpu                     time.Duration
}

func used(t *testing.T) (u usage) {
	t.Helper()
	var times syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &times); err != nil {
		t.Fatal(err)
	}
	u.cpu = time.Duration(times.Utime.Nano() + times.Stime.Nano())
	u.resident = resident(t)
	heap() // twice, as the contents of a sync.Pool survive one garbage collection
	u.heap = heap()
	u.goroutines, u.descriptors = runtime.NumGoroutine(), descriptors(t)
	return u
}

func resident(t *testing.T) int64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// inService is how many goroutines there are once an idle hub runs: those of now, the HTTP
// server's, Run's, one for each shard, and the poller's.
func inService() int { return runtime.NumGoroutine() + 3 + runtime.GOMAXPROCS(0) }

// rest waits until there are so many connections, and no more than so many goroutines,
// and returns the usage.
func (w *world) rest(t *testing.T, connections, goroutines int) usage {
	t.Helper()
	eventually(t, fmt.Sprintf("%d connections and %d goroutines", connections, goroutines), func() bool {
		return w.Stats().Connections == int64(connections) && runtime.NumGoroutine() <= goroutines
	})
	return used(t)
}

// still waits until no event is delivered any more: the clients that read have every event,
// and the sockets of the others are full.
func (w *world) still(t *testing.T) {
	t.Helper()
	last, times := w.Stats().Delivered, 0
	eventually(t, "still", func() bool {
		now := w.Stats().Delivered
		if times++; now != last {
			last, times = now, 0
		}
		return times == 10
	})
}

// backTo checks that the usage returns to an earlier one, with at most more bytes of heap in
// addition.
func (w *world) backTo(t *testing.T, before usage, goroutines int, more int64) {
	t.Helper()
	after := w.rest(t, 0, goroutines)
	if after.descriptors > before.descriptors {
		t.Errorf("%d descriptors, want %d as before", after.descriptors, before.descriptors)
	}
	if grown := after.heap - before.heap; grown > more {
		t.Errorf("%d bytes of heap before, %d more now that all have left, want up to %d", before.heap, grown, more)
	}
	t.Logf("all have left: %d goroutines, %d descriptors; %d bytes of heap, before %d",
		after.goroutines, after.descriptors, after.heap, before.heap)
}
