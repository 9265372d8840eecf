package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestRun_TheMetricsHaveTheQuotasOfTheSources(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-RateLimit-Limit", "300")
		w.Header().Set("X-RateLimit-Remaining", "7")
		w.Header().Set("X-RateLimit-Reset", time.Now().Add(5*time.Minute).UTC().Format(time.RFC3339))
		http.Error(w, `{"error":"Too many requests"}`, http.StatusTooManyRequests)
	}))
	defer server.Close()
	addr := freeAddress(t)
	p := start(t, "SOURCE=mastodon", "MASTODON_SERVER="+server.URL, "MASTODON_TOKEN=a-token", "METRICS_ADDR="+addr)
	defer p.end()
	metrics := *p
	metrics.url = "http://" + addr
	host := strings.TrimPrefix(server.URL, "http://")
	p.until("the rate limit is in the metrics", func() bool {
		return strings.Contains(metrics.get("/metrics"), fmt.Sprintf("nagare_source_quota_used{source=%q,unit=\"requests\"} 293\n", host))
	})
	if page := p.get("/"); strings.Contains(page, "293") {
		t.Error("the rate limit is on the public page")
	}
}

func TestConfig_ThePriceOfAPostIsANumberOfDollars(t *testing.T) {
	for price, want := range map[string]string{
		"0.002": "<nil>", "0": "<nil>",
		"free": `X_PRICE: "free", want US dollars for a post, from 0 to 100`, "-1": `X_PRICE: "-1", want US dollars for a post, from 0 to 100`,
	} {
		_, _, err := configured(nil, "SOURCE=x", "X_TOKEN=t", "X_BUDGET=1000", "STORE=nagare.db", "TRACK=go", "X_PRICE="+price)
		if got := fmt.Sprint(err); got != want {
			t.Errorf("%s: got %s, want %s", price, got, want)
		}
	}
}
