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

// child is another process of this program, which runs as a server or as the load. A child
// ends when its standard input is closed, so it can't outlive this process.
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
	c.cmd.WaitDelay = 5 * time.Second // after that the child is killed
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

// pinned calls start on a thread that runs only on the given processors. A child process that
// start begins inherits this CPU affinity, and its Go runtime derives GOMAXPROCS from it.
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

// processors returns one processor for servers and another one for the load, or nil for both
// if the machine has only one processor.
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
