package main

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// addPublishers connects n publishers to the server's control port.
func (l *load) addPublishers(n int) error {
	for range n {
		fd, err := connect(l.server.Control, 0)
		if err != nil {
			return err
		}
		if err := unix.SetNonblock(fd, true); err != nil {
			return err
		}
		l.publishers = append(l.publishers, fd)
		if err := l.watch(fd, func([]byte) { l.answered(fd) }); err != nil {
			return err
		}
	}
	return nil
}

// answered is called when the server has completed a request of the publisher.
func (l *load) answered(fd int) {
	if l.again {
		l.publish(fd)
	}
}

// publish requests a message that contains the time of the request, and doesn't wait for the
// answer.
func (l *load) publish(fd int) {
	l.published++
	if _, err := unix.Write(fd, publishRequest(time.Now().UnixNano())); err != nil {
		l.failed = os.NewSyscallError("publish", err)
	}
}

// goUse requests the server's memory use, and waits for the answer.
func (l *load) goUse() (use goUse, err error) { return use, l.ask("use\n", &use) }

// ask sends the server a command and decodes its answer.
func (l *load) ask(command string, answer any) error {
	c, err := net.DialTimeout("tcp", l.server.Control, 5*time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := c.Write([]byte(command)); err != nil {
		return err
	}
	return json.NewDecoder(bufio.NewReader(c)).Decode(answer)
}
