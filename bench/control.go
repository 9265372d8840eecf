package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"runtime"
	"runtime/metrics"
	"strings"
)

func acceptPublishers(l net.Listener, publish func(message)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go obey(c, publish)
	}
}

// obey reads commands from one publisher, one on each line. It answers each command after
// carrying it out.
func obey(c net.Conn, publish func(message)) {
	defer c.Close()
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		stamp, ok := strings.CutPrefix(lines.Text(), "publish ")
		switch {
		case ok:
			publish(newMessage(stamp))
			io.WriteString(c, "done\n")
		case lines.Text() == "asking":
			json.NewEncoder(c).Encode(askingTime())
		default:
			json.NewEncoder(c).Encode(readGoUse())
		}
	}
}

// goUse is the memory and the goroutines of a Go server, as its runtime reports them.
type goUse struct {
	InUse      uint64 // bytes of heap and stacks, after a garbage collection
	Goroutines int
	Mallocs    uint64 // objects allocated so far
}

func readGoUse() goUse {
	allocs := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}}
	metrics.Read(allocs)
	runtime.GC()
	runtime.GC() // the second collection frees what sync.Pools held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return goUse{m.HeapInuse + m.StackInuse, runtime.NumGoroutine(), allocs[0].Value.Uint64()}
}
