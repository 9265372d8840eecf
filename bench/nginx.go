package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// nginx is a running nginx. It ends when this process ends, even if this process is killed.
type nginx struct{ cmd *exec.Cmd }

func startNginx(dir, config string) (nginx, error) {
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nginx{}, err
	}
	cmd := exec.Command("nginx", "-p", dir, "-c", file, "-e", dir+"/error.log")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	cmd.Stderr = os.Stderr
	return nginx{cmd}, cmd.Start()
}

func (n nginx) stop() {
	n.cmd.Process.Signal(syscall.SIGTERM)
	n.cmd.Wait()
}

// ready waits until nginx listens, and returns its master and worker processes.
func (n nginx) ready(address string) ([]int, error) {
	pid := n.cmd.Process.Pid
	children := fmt.Sprintf("/proc/%d/task/%[1]d/children", pid)
	for range 100 {
		list, _ := os.ReadFile(children)
		worker, err := strconv.Atoi(strings.TrimSpace(string(list)))
		if c, dialErr := net.Dial("tcp", address); dialErr == nil {
			c.Close()
			if err == nil {
				return []int{pid, worker}, nil
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil, fmt.Errorf("nginx: not ready after 2 s")
}

// userName is the user as whom nginx's worker runs, the same as this process's: another user
// couldn't access the files of this process.
func userName() string {
	u, err := user.Current()
	if err != nil {
		return "nobody"
	}
	return u.Username
}

// freeAddress returns a loopback address with a port that is free at the moment.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
