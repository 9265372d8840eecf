package redis_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"nagare/store/redis"
)

// The tests mostly wait for servers, so more of them run at once than there are cores.
func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "8")
	goleak.VerifyTestMain(m)
}

// server is a process of Redis or Valkey.
type server struct {
	t    testing.TB
	port string
	dir  string
	args []string
	cmd  *exec.Cmd
	cli  *goredis.Client
}

// startServer runs a server with the arguments until the test ends. It keeps all writes in an
// append-only file.
func startServer(t testing.TB, args ...string) *server {
	t.Helper()
	port, dir := freePort(t), t.TempDir()
	return run(t, port, dir, append([]string{"--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "yes"}, args...))
}

// run runs a server until the test ends, with exactly these arguments.
func run(t testing.TB, port, dir string, args []string) *server {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a Redis server, and waits in real time")
	}
	s := &server{t: t, port: port, dir: dir, args: args}
	s.cli = goredis.NewClient(&goredis.Options{Addr: s.addr(), MaxRetries: -1})
	t.Cleanup(func() {
		s.cli.Close()
		s.kill()
	})
	s.start()
	return s
}

func (s *server) addr() string { return "127.0.0.1:" + s.port }

func (s *server) url() string { return "redis://" + s.addr() }

// start starts the process, and waits until it answers.
func (s *server) start() {
	s.t.Helper()
	s.launch()
	eventually(s.t, "the server answers", func() bool {
		err := s.cli.Ping(context.Background()).Err()
		return err == nil || strings.HasPrefix(err.Error(), "NOAUTH")
	})
}

func (s *server) launch() {
	s.t.Helper()
	s.cmd = exec.Command(needServer(s.t), s.args...)
	output, err := os.Create(filepath.Join(s.dir, "output"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer output.Close()
	s.cmd.Stdout, s.cmd.Stderr = output, output
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
}

// forgetLater returns a function that removes from the append-only file what the server has written since,
// as a power failure does. The server must not run then.
func (s *server) forgetLater() (forget func()) {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "appendonlydir", "*.incr.aof"))
	if err != nil || len(files) != 1 {
		s.t.Fatal(files, err)
	}
	before, err := os.Stat(files[0])
	if err != nil {
		s.t.Fatal(err)
	}
	return func() {
		if err := os.Truncate(files[0], before.Size()); err != nil {
			s.t.Fatal(err)
		}
	}
}

// needServer returns the path of the server, or skips the test. NAGARE_REDIS_SERVER names another
// program than redis-server, such as valkey-server.
func needServer(t testing.TB) string {
	t.Helper()
	name := cmp.Or(os.Getenv("NAGARE_REDIS_SERVER"), "redis-server")
	program, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("CI needs " + name)
	}
	if err != nil {
		t.Skip("needs " + name + ", which is not installed")
	}
	return program
}

// kill ends the process as a crash does.
func (s *server) kill() {
	if s.cmd != nil {
		s.cmd.Process.Kill()
		s.cmd.Wait()
		s.cmd = nil
	}
}

// signal sends a signal such as STOP, for which package syscall has no name on Windows.
func (s *server) signal(name string) {
	s.t.Helper()
	if err := exec.Command("kill", "-s", name, fmt.Sprint(s.cmd.Process.Pid)).Run(); err != nil {
		s.t.Fatal(err)
	}
}

// do sends a command to the server.
func (s *server) do(args ...any) any {
	s.t.Helper()
	reply, err := s.cli.Do(context.Background(), args...).Result()
	if err != nil && err != goredis.Nil {
		s.t.Fatalf("%v: %v", args, err)
	}
	return reply
}

// open opens the store of one process.
func (s *server) open(query ...string) *redis.Store {
	s.t.Helper()
	return openStore(s.t, s.url()+strings.Join(query, ""))
}

// lease is the life of leases in the tests.
const lease = 2 * time.Second

func openStore(t testing.TB, url string) *redis.Store {
	t.Helper()
	store, err := redis.Open(url, redis.Options{Lease: lease, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	late, look := time.After(20*time.Second), time.NewTicker(5*time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-late:
			t.Fatalf("not in 20 s: %s", what)
		case <-look.C:
		}
	}
}
