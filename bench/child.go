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

// child is this program once more, as a server or as the load. It ends when its
// standard input does, so it can't outlive this process.
type child struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout *bufio.Reader
}

// spawn starts a child on the processors given; on any if there are none.
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

// end has the child end and waits for it.
func (c *child) end() error {
	c.stdin.Close()
	giveUp := time.AfterFunc(c.cmd.WaitDelay, func() { c.cmd.Process.Kill() })
	defer giveUp.Stop()
	return c.cmd.Wait()
}

// pinned calls start from a thread that runs on those processors only; a child
// inherits that, and its Go runtime goes by it.
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

// processors returns one for servers and one for the load, or none for both
// where there is only one to be had.
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
