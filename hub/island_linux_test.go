package hub_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// island is a network namespace. The kernel keeps it as long as a thread or a socket is in it.
type island struct {
	t                       *testing.T
	port, address, hardware string
	thread                  int         // its thread id
	todo                    chan func() // functions to call on that thread
}

func newIsland(t *testing.T, n int) *island {
	t.Helper()
	i := &island{t: t, port: fmt.Sprint("port", n), address: fmt.Sprint("10.0.0.", n),
		hardware: fmt.Sprint("02:00:00:00:00:0", n), todo: make(chan func())}
	var thread sync.WaitGroup
	thread.Go(func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine, and no other goroutine runs in the namespace
		for f := range i.todo {
			f()
		}
	})
	t.Cleanup(func() {
		close(i.todo)
		thread.Wait()
	})
	_, err := exec.LookPath("ip")
	if err == nil {
		i.inside(func() { i.thread, err = syscall.Gettid(), syscall.Unshare(syscall.CLONE_NEWNET) })
	}
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("lacks ip, or root's right to make networks: %v", err)
	}
	if err != nil {
		t.Skipf("needs ip, and root's right to make networks: %v", err)
	}
	return i
}

// inside calls f on the thread in this namespace. A socket that f makes stays in the namespace.
func (i *island) inside(f func()) {
	done := make(chan struct{})
	i.todo <- func() {
		defer close(done)
		f()
	}
	<-done
}

// ip runs ip(8) for each line, which has its arguments.
func (i *island) ip(lines ...string) {
	i.t.Helper()
	cmd := exec.Command("ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n"))
	var said []byte
	var err error
	i.inside(func() { said, err = cmd.CombinedOutput() })
	if err != nil {
		i.t.Fatalf("ip: %q: %v, %s", lines, err, said)
	}
}

func (i *island) sendTo(address, hardware string) {
	i.t.Helper()
	i.ip("neighbour replace " + address + " lladdr " + hardware + " dev " + i.port + " nud permanent")
}

// heard is how many IP packets have arrived in this namespace.
func (i *island) heard() (n int) {
	i.t.Helper()
	_, values, _ := strings.Cut(i.read("snmp"), "\nIp: ")
	if _, err := fmt.Sscan(values, new(int), new(int), &n); err != nil { // forwarding, TTL, InReceives
		i.t.Fatalf("snmp: %v", err)
	}
	return n
}

// connections counts the TCP connections of this namespace, including those that the hub has
// closed and the kernel still keeps.
func (i *island) connections() int {
	return strings.Count(i.read("tcp"), "\n") - 2 // without the heading and the listening socket
}

// read reads a file of /proc/net of this namespace.
func (i *island) read(name string) string {
	var text []byte
	i.inside(func() { text, _ = os.ReadFile("/proc/thread-self/net/" + name) })
	return string(text)
}
