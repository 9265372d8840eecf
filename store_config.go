package main

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// storeConfig says where events are kept, and how many.
type storeConfig struct {
	file string        // empty: in memory
	keep time.Duration // how long; 0: as long as the size allows
	size int64         // bytes of the file; 0: the default
}

// durable reports whether a restart loses nothing.
func (c storeConfig) durable() bool { return c.file != "" }

func (c *checker) store(s settings) storeConfig {
	conf := storeConfig{file: s.Store}
	switch {
	case s.Store == "memory":
		conf.file = ""
	case strings.Contains(s.Store, "://"):
		c.Fault("store", "%s, want a file, or memory", shown(s.Store))
	}
	for _, part := range split(s.Keep) {
		if !conf.bound(part) {
			c.Fault("keep", "%s, want a time such as 7d or 12h, a size such as 500MB or 2GB, or both with a comma between", shown(part))
		}
	}
	if s.Keep != "" && !conf.durable() {
		c.note("keep", "no effect, since posts are kept in memory")
	}
	return conf
}

var (
	spans = regexp.MustCompile(`^([0-9]{1,6})([dhm])$`)
	sizes = regexp.MustCompile(`^([0-9]{1,6})([MG])i?B$`)

	units = map[string]int64{"d": int64(24 * time.Hour), "h": int64(time.Hour), "m": int64(time.Minute), "M": 1 << 20, "G": 1 << 30}
)

// leastSize is the smallest size of a store, in bytes.
const leastSize = 10 << 20

// bound reads a part of --keep. It returns false if the part is neither a time nor a size.
func (c *storeConfig) bound(part string) bool {
	if match := spans.FindStringSubmatch(part); match != nil {
		n, _ := strconv.ParseInt(match[1], 10, 64)
		c.keep = time.Duration(n * units[match[2]])
		return n > 0 && n <= 36500
	}
	if match := sizes.FindStringSubmatch(part); match != nil {
		n, _ := strconv.ParseInt(match[1], 10, 64)
		c.size = n * units[match[2]]
		return c.size >= leastSize
	}
	return false
}
