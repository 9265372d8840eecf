package hub_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"time"
)

// crowd is many clients, in separate processes. So the memory and CPU time of this
// process are the hub's, and neither side uses up the descriptors of the other.
type crowd struct {
	w         *world
	address   string
	room      int // SO_RCVBUF of each client's socket; the kernel's default if 0
	clients   int // clients that have joined
	processes []*process
}

// crowd starts as many processes as are needed for up to most clients.
func (w *world) crowd(most int) *crowd {
	w.t.Helper()
	conn, err := w.dial()
	if err != nil {
		w.t.Fatalf("dial: %v", err)
	}
	defer conn.Close()
	c := &crowd{w: w, address: conn.RemoteAddr().String()}
	for room := 0; room < most; room += perProcess {
		c.processes = append(c.processes, begin(w.t))
	}
	return c
}

// process is another process of the test binary, which runs TestMembers_CarryOutOrders. It
// reads orders, each a line of JSON, answers each with a report, also a line of JSON, and ends
// after the last order.
type process struct {
	orders  *json.Encoder
	reports *bufio.Reader
}

type order struct {
	Do string
	N  int

	// For the orders join and churn.
	To   string
	From byte // the last part of the address, 127.0.0.1 and so on
	Room int
}

type report struct {
	Received, Missing, Gaps int    // by all members since they joined
	Took                    took   // of the events since the last report
	Wrong                   string // the first error
}

// took counts events by their latency in tenths of a millisecond.
type took map[int]int

const (
	membersVariable = "NAGARE_TEST_MEMBERS" // set for the processes of a crowd
	perProcess      = 5000                  // clients; one address has enough ports for so many
)

// tell gives an order to all processes. The caller then waits for their reports.
func (c *crowd) tell(o order) (wait func() report) {
	c.w.t.Helper()
	for _, p := range c.processes {
		p.give(c.w.t, o)
	}
	return func() report {
		c.w.t.Helper()
		all := report{Took: took{}}
		for _, p := range c.processes {
			all.add(p.report(c.w.t))
		}
		return all
	}
}

func (c *crowd) do(o order) report {
	c.w.t.Helper()
	return c.tell(o)()
}

// join makes n clients subscribe to the channel streaming, unless some have joined already.
func (c *crowd) join(n int) {
	c.w.t.Helper()
	c.clients = n
	for i, p := range c.processes {
		some := min(n, perProcess)
		p.give(c.w.t, order{Do: "join", N: some, To: c.address, From: byte(i + 1), Room: c.room})
		n -= some
	}
	for _, p := range c.processes {
		p.report(c.w.t)
	}
}

// begin starts a process, which ends with the test.
func begin(t tester) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestMembers_CarryOutOrders$", "-test.timeout=0")
	cmd.Env = append(os.Environ(), membersVariable+"=1")
	cmd.Stderr = os.Stderr
	in, _ := cmd.StdinPipe() // fails only if it has been called before
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatalf("members: %v", err)
	}
	p := &process{json.NewEncoder(in), bufio.NewReader(out)}
	t.Cleanup(func() {
		in.Close()
		giveUp := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
		defer giveUp.Stop()
		io.Copy(io.Discard, p.reports)
		cmd.Wait()
	})
	return p
}

func (p *process) give(t tester, o order) {
	t.Helper()
	if err := p.orders.Encode(o); err != nil {
		t.Fatalf("members: %s: %v", o.Do, err)
	}
}

func (p *process) report(t tester) (r report) {
	t.Helper()
	line, err := p.reports.ReadBytes('\n')
	if json.Unmarshal(line, &r) != nil || err != nil {
		rest, _ := io.ReadAll(p.reports)
		t.Fatalf("members: %v, %s%s", err, line, rest)
	}
	if r.Wrong != "" {
		t.Fatalf("members: %s", r.Wrong)
	}
	return r
}

func (r *report) add(other report) {
	r.Received += other.Received
	r.Missing += other.Missing
	r.Gaps += other.Gaps
	for tenths, n := range other.Took {
		r.Took[tenths] += n
	}
}

// quantile is the latency that the fraction q of the events did not exceed.
func (k took) quantile(q float64) time.Duration {
	total, seen := 0, 0
	for _, n := range k {
		total += n
	}
	for _, tenths := range slices.Sorted(maps.Keys(k)) {
		if seen += k[tenths]; float64(seen) >= q*float64(total) {
			return time.Duration(tenths) * time.Millisecond / 10
		}
	}
	return 0
}

func (k took) String() string {
	return fmt.Sprintf("half within %v, 99 %% within %v, all within %v", k.quantile(0.5), k.quantile(0.99), k.quantile(1))
}
