package main

import (
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nagare/store/redis"
)

// storeConfig says where events are kept, and how many.
type storeConfig struct {
	file  string // empty: no file
	redis string // address of a Redis server, which can contain a password; empty: none

	// Of a file.
	keep time.Duration // how long; 0: as long as the size allows
	size int64         // bytes of the file; 0: the default

	// Of Redis.
	entries int // how many events are kept; 0: the default
	verify  redis.Verify
}

// durable reports whether a restart loses nothing.
func (c storeConfig) durable() bool { return c.file != "" || c.redis != "" }

// shared reports whether several processes can use the store at the same time.
func (c storeConfig) shared() bool { return c.redis != "" }

// store reads the settings of the store. Platforms that provide a Redis server set REDIS_URL.
func (c *checker) store(s settings, env environment) storeConfig {
	if url := env["REDIS_URL"]; url != "" && !c.given.has("store") {
		s.Store, c.given.names["store"] = url, "REDIS_URL"
	}
	if strings.TrimSpace(s.Store) == "" {
		c.Fault("store", "nothing in it, want a file, redis://host:6379, or memory")
	}
	conf := storeConfig{file: s.Store, verify: redis.Verify(c.oneOf("redis-tls-verify", s.RedisVerify, "full", "ca", "none"))}
	switch {
	case s.Store == "memory":
		conf.file = ""
	case strings.HasPrefix(s.Store, "redis://"), strings.HasPrefix(s.Store, "rediss://"):
		conf.file, conf.redis = "", s.Store
	case strings.Contains(s.Store, "://"), serverLike.MatchString(s.Store):
		c.Fault("store", "%s, want a file, redis://host:6379, or memory", shown(s.Store))
	}
	if c.given.has("redis-tls-verify") && !strings.HasPrefix(conf.redis, "rediss://") {
		c.note("redis-tls-verify", "no effect, since the store is not at a rediss:// address")
	}
	c.keep(&conf, s.Keep)
	if s.Keep != "" && !conf.durable() {
		c.note("keep", "no effect, since posts are kept in memory")
	}
	return conf
}

// keep reads --keep into conf. Each limit may be there once.
func (c *checker) keep(conf *storeConfig, s string) {
	read, wanted := conf.bound, "a time such as 7d or 12h, a size such as 500MB or 2GB, or both with a comma between"
	if conf.redis != "" {
		read, wanted = conf.count, "how many posts and changes Redis keeps, from 100 to 1000000"
	}
	parts, given := split(s), map[string]bool{}
	if len(parts) == 0 && s != "" {
		c.Fault("keep", "nothing in it, want a limit such as 7d or 2GB, or for Redis a number of posts and changes")
	}
	for _, part := range parts {
		kind, ok := read(part)
		switch {
		case !ok:
			c.Fault("keep", "%s, want %s", shown(part), wanted)
		case given[kind]:
			c.Fault("keep", "%s is a second limit of one kind, want one", shown(part))
		}
		given[kind] = true
	}
}

var (
	spans = regexp.MustCompile(`^([0-9]{1,6})([dhm])$`)
	sizes = regexp.MustCompile(`^([0-9]{1,6})([MG])i?B$`)

	// serverLike matches what is meant as the address of a server, but isn't written as one: without
	// the scheme or its slashes. A file of that name would have the password in its name.
	serverLike = regexp.MustCompile(`(?i)^rediss?:|:[^/]*@|^[^/:]+:[0-9]+$`)

	units = map[string]int64{"d": int64(24 * time.Hour), "h": int64(time.Hour), "m": int64(time.Minute), "M": 1 << 20, "G": 1 << 30}
)

// leastSize is the smallest size of a store, in bytes.
const leastSize = 10 << 20

// warn logs what the operator should know about the store.
func (c storeConfig) warn(log *slog.Logger) {
	if strings.HasPrefix(c.redis, "rediss://") && c.verify == redis.VerifyNone {
		log.Warn("the certificate of the Redis server is not verified: see --redis-tls-verify, REDIS_TLS_VERIFY")
	}
}

// count reads --keep for Redis. It returns false if that is no number in the bounds.
func (c *storeConfig) count(part string) (kind string, ok bool) {
	n, err := strconv.Atoi(part)
	c.entries = n
	return "number", err == nil && n >= 100 && n <= 1_000_000
}

// bound reads a part of --keep. It returns false if the part is neither a time nor a size.
func (c *storeConfig) bound(part string) (kind string, ok bool) {
	if match := spans.FindStringSubmatch(part); match != nil {
		n, _ := strconv.ParseInt(match[1], 10, 64)
		c.keep = time.Duration(n * units[match[2]])
		return "time", n > 0 && n <= 36500
	}
	if match := sizes.FindStringSubmatch(part); match != nil {
		n, _ := strconv.ParseInt(match[1], 10, 64)
		c.size = n * units[match[2]]
		return "size", c.size >= leastSize
	}
	return "", false
}
