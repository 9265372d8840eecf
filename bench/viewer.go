package main

import (
	"bytes"
	"strconv"
)

// viewer is a receiving connection. It counts messages by their marker and not by frames,
// because some peers put several messages into a frame and others fragment them.
type viewer struct {
	fd       int
	received int
	sampled  bool // whether the latency of this viewer's messages is measured

	left int    // bytes of the current frame that have not arrived
	head []byte // the part of the next frame's header that has arrived
}

// take counts the messages in b. If the viewer is sampled, take calls stamped for each message
// with the time at which the message was requested.
func (v *viewer) take(b []byte, stamped func(nanos int64)) (messages int) {
	for len(b) > 0 {
		if v.left == 0 {
			b = v.takeHead(b)
			continue
		}
		part := b[:min(v.left, len(b))]
		b, v.left = b[len(part):], v.left-len(part)
		messages += bytes.Count(part, []byte{marker})
		if v.sampled {
			eachStamp(part, stamped)
		}
	}
	v.received += messages
	return messages
}

// takeHead removes a frame's header (RFC 6455, section 5.2), or a part of it, from the
// beginning of b, and returns the rest of b. It ignores the opcode, as only frames with text
// contain markers.
func (v *viewer) takeHead(b []byte) []byte {
	for len(b) > 0 {
		v.head, b = append(v.head, b[0]), b[1:]
		if n, whole := frameLength(v.head); whole {
			v.left, v.head = n, v.head[:0]
			break
		}
	}
	return b
}

// frameLength returns the length of a frame's payload. If head is not a whole header, whole is
// false.
func frameLength(head []byte) (n int, whole bool) {
	if len(head) < 2 {
		return 0, false
	}
	size := 8
	switch {
	case head[1] < 126:
		return int(head[1]), true
	case head[1] == 126:
		size = 2
	}
	if len(head) < 2+size {
		return 0, false
	}
	for _, b := range head[2:] {
		n = n<<8 | int(b)
	}
	return n, true
}

// eachStamp calls f with the time in each message of b. It skips a time that is divided
// between two reads.
func eachStamp(b []byte, f func(nanos int64)) {
	for {
		i := bytes.IndexByte(b, marker)
		if i < 0 || len(b) < i+1+stampLength {
			return
		}
		if nanos, err := strconv.ParseInt(string(b[i+1:i+1+stampLength]), 10, 64); err == nil {
			f(nanos)
		}
		b = b[i+1+stampLength:]
	}
}
