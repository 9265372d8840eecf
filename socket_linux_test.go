package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// activated runs the program as systemd does: with a listening socket as descriptor 3. It returns
// once the program serves.
func activated(t *testing.T, socket *os.File, environ ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ exec "$0"`, os.Args[0]) // exec keeps the process id
	c.Env = append(environ, asProgram+"=1", "LISTEN_FDS=1", "INGEST_TOKEN="+secret, "SOURCE=none")
	c.ExtraFiles = []*os.File{socket}
	stdout, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Fatalf("no address: %v", err)
	}
	go io.Copy(io.Discard, stdout)
	return c
}

// listening opens a socket as systemd does, which outlives the processes. It returns the process
// that a client sees, and a function that starts the program with that socket and one store.
func listening(t *testing.T) (p *process, start func() *exec.Cmd) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	store := "STORE=" + filepath.Join(t.TempDir(), "nagare.db")
	p = &process{t: t, url: fmt.Sprint("http://", listener.Addr()), console: newConsole()}
	return p, func() *exec.Cmd { return activated(t, socket, store) }
}

// A request that arrives between two processes waits in the socket, and a viewer goes on from its
// position.
func TestSocket_OutlivesTheProcessSoThatNoClientIsRefused(t *testing.T) {
	p, start := listening(t)
	first := start()
	p.post("first words")
	ws := p.subscribe()
	defer ws.Close()
	p.next(ws, "create")
	stopped := time.Now()
	first.Process.Signal(syscall.SIGTERM)
	p.next(ws, "stream.draining")
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseServiceRestart) {
		t.Errorf("the socket ended with %v, want 1012", err)
	}
	ws.Close()
	if err := first.Wait(); err != nil || time.Since(stopped) > 10*time.Second {
		t.Errorf("ended with %v after %v", err, time.Since(stopped))
	}

	page := make(chan string)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	go func() {
		response, err := client.Get(p.url + "/") // while no process accepts
		if err != nil {
			page <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		page <- string(body)
	}()
	second := start()
	if got := <-page; !strings.Contains(got, "first words") {
		t.Errorf("the page between the two processes is %.300q", got)
	}
	second.Process.Signal(syscall.SIGTERM)
	if err := second.Wait(); err != nil {
		t.Error(err)
	}
}
