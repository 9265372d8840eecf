package redis_test

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"

	"nagare/store"
	"nagare/store/redis"
	"nagare/store/storetest"
)

var quiet = slog.New(slog.DiscardHandler)

func TestStore_IsAStore(t *testing.T) {
	server := startServer(t)
	var sites atomic.Int64
	urls := map[store.Store]string{}
	open := func(t storetest.T, url string) store.Store {
		s, err := redis.Open(url, redis.Options{Log: quiet})
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		urls[s] = url
		t.Cleanup(func() { s.Close() })
		return s
	}
	storetest.Run(t, storetest.Kind{
		Open: func(t storetest.T) store.Store {
			return open(t, fmt.Sprintf("%s?prefix=site%d", server.url(), sites.Add(1)))
		},
		Reopen: func(t storetest.T, s store.Store) store.Store {
			s.Close()
			return open(t, urls[s])
		},
	})
}
