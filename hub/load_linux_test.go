package hub_test

import (
	"testing"
	"time"

	"nagare/hub"
)

// The clients of a load test are in separate processes. By default there are few clients, and
// with -scale 30 the full number. The tests log latencies, but don't fail because of them.

func TestLoad_AnIdleConnectionHasNoGoroutine(t *testing.T) {
	goroutines, n := inService(), sized(500, 15_000)
	w := busy(t, hub.Options{Limits: hub.Limits{Connections: n}})
	c := w.crowd(n)
	c.join(50) // warms up caches and pools
	c.do(order{Do: "leave"})
	empty := w.rest(t, 0, goroutines)

	c.join(n)
	w.post(1)
	if got := c.do(order{Do: "read", N: w.head()}).Received; got != n {
		t.Errorf("%d of %d got the event", got, n)
	}
	full := w.rest(t, n, goroutines)
	heap := (full.heap - empty.heap) / int64(n)
	if heap > 6<<10 {
		t.Errorf("%d bytes for each connection, want up to 6 KiB", heap)
	}
	t.Logf("%d connections: %d goroutines, %d descriptors; for each %d bytes of heap, %d resident",
		n, full.goroutines, full.descriptors, heap, (full.resident-empty.resident)/int64(n))

	c.do(order{Do: "leave"})
	w.backTo(t, empty, goroutines, empty.heap/20+int64(n)*64) // the margin is for maps and slices of connections, which don't shrink
}

func TestLoad_EveryEventReachesEveryClientInOrder(t *testing.T) {
	w := busy(t, hub.Options{})
	n, posts := sized(200, 5000), sized(20, 200)
	c := w.crowd(n)
	c.join(n)
	before := used(t)
	got := c.during(posts)
	if cpu := used(t).cpu - before.cpu; got.Received != n*posts {
		t.Errorf("%d received, want %d of each of %d", got.Received, posts, n)
	} else {
		t.Logf("%d connections, 10 posts a second: %v; %v of processor time, %v for each delivery",
			n, got.Took, cpu, cpu/time.Duration(n*posts))
	}
}

func TestLoad_AClientThatReadsNothingDelaysNoOther(t *testing.T) {
	limits := hub.Limits{Write: time.Second}
	if *scale > 1 {
		limits.Write = 0 // the default, 10 s
	}
	goroutines := inService()
	w := busy(t, hub.Options{Limits: limits})
	c, deaf := w.crowd(perProcess), w.crowd(perProcess)
	c.room, deaf.room = 256<<10, 1 // c has room for all events, and deaf the least that the kernel allows
	c.join(sized(150, 1500))
	posts := sized(5, 60) // few enough to end before the clients that don't read are dropped
	alone, before := c.during(posts).Took, used(t)
	deaf.join(sized(50, 500))
	w.large(16) // more than both sockets can buffer
	c.do(order{Do: "read", N: w.head()})
	w.still(t)
	during, together := used(t), c.during(posts).Took
	if during.goroutines > goroutines {
		t.Errorf("%d goroutines, want %d, for none waits", during.goroutines, goroutines)
	}
	t.Logf("alone %v; while %d read nothing, of whom %d had gone at the end, %v", alone, deaf.clients, w.Stats().Slow, together)
	t.Logf("99 %% of latencies: %.2f times as long", together.quantile(0.99).Seconds()/alone.quantile(0.99).Seconds())

	// A connection of deaf holds the rest of the frame that it has begun to write, 16 KiB.
	if grown := during.heap - before.heap; grown > int64(deaf.clients)*20<<10 {
		t.Errorf("%d who read nothing take %d KiB", deaf.clients, grown>>10)
	} else {
		t.Logf("the deaf take %d KiB", grown>>10)
	}
	w.rest(t, c.clients, goroutines)
	deaf.do(order{Do: "end"})
	if got := w.Stats().Slow; got != uint64(deaf.clients) {
		t.Errorf("%d dropped for being slow, want %d", got, deaf.clients)
	}
	w.post(1)
	c.do(order{Do: "read", N: w.head()})
}

// The clients read half as many events as are published in the same time.
func TestLoad_AClientAtHalfThePaceStaysAndIsToldOfEachGap(t *testing.T) {
	w := busy(t, hub.Options{Ring: 100, Limits: hub.Limits{Write: time.Minute}})
	n := sized(20, 200)
	c := w.crowd(n)
	c.room = 32 << 10
	c.join(n)
	start, before := w.head(), used(t)
	for range 50 {
		w.post(40)
		c.do(order{Do: "take", N: 20})
	}
	eventually(t, "the heap where it was", func() bool { // a write can still be going on
		return used(t).heap-before.heap < int64(n)*4<<10
	})
	got, stats := c.do(order{Do: "read", N: w.head()}), w.Stats()
	if published := n * (w.head() - start); got.Received+got.Missing != published {
		t.Errorf("%d received and %d announced as missing, want %d together", got.Received, got.Missing, published)
	}
	if stats.Connections != int64(n) || stats.Slow != 0 || int(stats.Gaps) != got.Gaps || got.Gaps < n {
		t.Errorf("%+v and %d gaps read, want %d connections, nobody dropped, a gap for each", stats, got.Gaps, n)
	}
	t.Logf("%d readers: %d received, %d announced as missing, %d gaps", n, got.Received, got.Missing, got.Gaps)
}

func TestLoad_ClosedConnectionsLeaveNothingBehind(t *testing.T) {
	goroutines, n := inService(), *scale*300
	w := busy(t, hub.Options{Limits: hub.Limits{Connections: 4 * stay}})
	c := w.crowd(stay)
	churn := order{Do: "churn", N: 100, To: c.address, From: 1}
	c.do(churn) // warms up caches and pools
	before := w.rest(t, 0, goroutines)

	churn.N = n
	done := c.tell(churn)
	w.pace(n/10, 10*time.Second/perSecond)
	done()
	w.backTo(t, before, goroutines, before.heap/20)
}
