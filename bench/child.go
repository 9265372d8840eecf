package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// child is another process of this program, as a server or as the load. It ends at the
// end of its standard input, so it can't outlive this process.
type child struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout *bufio.Reader
}

// spawn starts a child on the given processors, or on any if none are given.
func spawn(ctx context.Context, on []int, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, self, args...)}
	c.cmd.Stderr = os.Stderr
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	c.cmd.Cancel = c.stdin.Close
	c.cmd.WaitDelay = 5 * time.Second // then it is killed
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.stdout = bufio.NewReader(out)
	return c, pinned(on, c.cmd.Start)
}

// end ends the child and waits for it.
func (c *child) end() error {
	c.stdin.Close()
	giveUp := time.AfterFunc(c.cmd.WaitDelay, func() { c.cmd.Process.Kill() })
	defer giveUp.Stop()
	return c.cmd.Wait()
}

// pinned calls start from a thread that runs only on those processors. A child process
// inherits this CPU affinity, and its Go runtime sets GOMAXPROCS by it.
func pinned(on []int, start func() error) error {
	if on == nil {
		return start()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	for _, cpu := range on {
		set.Set(cpu)
	}
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return err
	}
	defer unix.SchedSetaffinity(0, &before)
	return start()
}

// processors returns one processor for servers and one for the load, or none for both
// on a machine that has only one.
func processors() (server, load []int) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, nil
	}
	var allowed []int
	for cpu := range len(set) * 64 {
		if set.IsSet(cpu) {
			allowed = append(allowed, cpu)
		}
	}
	if len(allowed) < 2 {
		return nil, nil
	}
	return allowed[:1], allowed[1:2]
}
