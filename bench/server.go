package main

import (
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"time"
)

// served is what a server prints to its standard output once it is ready.
type served struct {
	Address string // where the WebSockets are served, at any path
	Control string // where publishers connect
	Pids    []int  // the processes whose processor time and memory are measured
}

// serve runs one peer until the end of standard input.
func serve(args []string) error {
	flags := flag.NewFlagSet("bench server", flag.ContinueOnError)
	profile := flags.String("profile", "", "file for a CPU profile")
	if err := flags.Parse(args); err != nil {
		return err
	}
	p, err := findPeer(flags.Arg(0))
	if err != nil {
		return err
	}
	runtime.LockOSThread() // a child's parent death signal is tied to the thread that started it
	at, err := p.start()
	if err != nil {
		return err
	}
	if at.stop != nil {
		defer at.stop()
	}
	if err := announce(at); err != nil {
		return err
	}
	stop, err := startProfile(*profile)
	if err != nil {
		return err
	}
	defer stop()
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// announce opens the ports for WebSockets and for publishers, and prints their addresses.
func announce(at fanout) error {
	s := served{Address: at.address, Pids: at.pids}
	if at.handler != nil {
		web, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		server := &http.Server{
			Handler:           at.handler,
			ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: 120 * time.Second,
		}
		go server.Serve(web) // until the process ends
		s.Address, s.Pids = web.Addr().String(), []int{os.Getpid()}
	}
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go acceptPublishers(control, at.publish)
	s.Control = control.Addr().String()
	return json.NewEncoder(os.Stdout).Encode(s)
}

func startProfile(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, pprof.StartCPUProfile(f)
}
