package main

import (
	"fmt"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// perAddress is how many connections are made from one address of 127.0.0.0/16. A server can
// limit the connections of an address, so they are spread over many addresses.
const perAddress = 40

// dial connects the i-th viewer. It returns after the WebSocket handshake, once the peer has
// sent the text p.ready, which shows that the viewer is subscribed.
func dial(address string, p peer, i int) (*viewer, error) {
	fd, err := connect(address, i)
	if err != nil {
		return nil, err
	}
	h := handshake{fd: fd}
	if err := h.do(p); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("viewer %d: %w", i, err)
	}
	return &viewer{fd: fd, sampled: i%16 == 0}, unix.SetNonblock(fd, true)
}

// connect opens a blocking socket. When the socket is closed, it resets the connection:
// otherwise its port would stay in TIME_WAIT during the next run.
func connect(address string, i int) (fd int, err error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return 0, err
	}
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	nr := 1 + i/perAddress
	from := &unix.SockaddrInet4{Addr: [4]byte{127, 0, byte(nr >> 8), byte(nr)}}
	for _, step := range []func() error{
		func() error {
			return unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
		},
		func() error { return unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) },
		func() error { return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1) },
		func() error {
			return unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 10})
		},
		func() error { return unix.Bind(fd, from) },
		func() error {
			return unix.Connect(fd, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
		},
	} {
		if err := step(); err != nil {
			unix.Close(fd)
			return 0, fmt.Errorf("connect from %s to %s: %w", net.IP(from.Addr[:]), address, err)
		}
	}
	return fd, nil
}
