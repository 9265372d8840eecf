package web_test

import (
	"bufio"
	"encoding/json"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"nagare/stream"
)

// program is the program itself, as a process of its own. The site has its address, which stays over a restart.
type program struct {
	*site
	args    []string
	environ []string
	process *exec.Cmd
}

// builtIn is the directory of the program, which endProgram deletes.
var builtIn string

var build = sync.OnceValues(func() (path string, err error) {
	if builtIn, err = os.MkdirTemp("", "nagare-program-"); err != nil {
		return "", err
	}
	path = filepath.Join(builtIn, "nagare")
	cmd := exec.Command("go", "build", "-o", path, "nagare")
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
})

func endProgram() {
	if builtIn != "" {
		os.RemoveAll(builtIn)
	}
}

// startProgram builds the program once, and starts it. The environment is NAME=value pairs.
func startProgram(t *testing.T, args []string, environ ...string) *program {
	t.Helper()
	notShort(t, "builds the program")
	p := &program{site: &site{t: t}, args: args, environ: append(environ, "HOST=127.0.0.1", "PORT=0", "LOG_REQUESTS=off", "MAX_PER_CLIENT=1000")}
	p.start()
	t.Cleanup(func() { p.end(os.Kill) })
	return p
}

// start starts the process, and waits until it serves.
func (p *program) start() {
	p.t.Helper()
	path, err := build()
	if err != nil {
		p.t.Fatalf("build: %v", err)
	}
	p.process = exec.Command(path, p.args...)
	p.process.Env = p.environ
	p.process.Stderr = p.t.Output()
	stdout, err := p.process.StdoutPipe()
	if err == nil {
		err = p.process.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() {
		p.t.Fatalf("no address: %v", p.process.Wait())
	}
	p.url = lines.Text()
	go func() {
		for lines.Scan() { // the log
		}
	}()
}

// end ends the process with a signal, and waits until it has ended.
func (p *program) end(signal os.Signal) {
	p.process.Process.Signal(signal)
	p.process.Wait()
}

// restart stops the program, and starts it again on its port.
func (p *program) restart() {
	p.t.Helper()
	p.end(syscall.SIGTERM)
	address, err := url.Parse(p.url)
	if err != nil {
		p.t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(address.Host)
	if err != nil {
		p.t.Fatal(err)
	}
	p.environ = append(p.environ, "PORT="+port) // the last one counts
	p.start()
}

// recordingOf writes a recording, and returns its path.
func recordingOf(t *testing.T, ops ...stream.Op) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "posts.ndjson")
	appendTo(t, path, ops...)
	return path
}

func appendTo(t *testing.T, path string, ops ...stream.Op) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := json.NewEncoder(file)
	for _, op := range ops {
		if op.At.IsZero() {
			op.At = time.Now()
		}
		if err := lines.Encode(op); err != nil {
			t.Fatal(err)
		}
	}
}
