package main

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A container platform kills the process ten seconds after the signal.
func TestNodes_AProcessWhoseRedisHangsEndsInFiveSeconds(t *testing.T) {
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	addr, redis := startRedisProcess(t)
	p := startCommand(t, []string{"replay", "testdata/post.ndjson", "--loop", "--rate", "200"}, "STORE=redis://"+addr, "INGEST_TOKEN="+secret)
	p.await("this process reads the sources now")
	if err := redis.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	posting := make(chan struct{})
	go func() {
		defer close(posting)
		p.send("POST", "/streaming", "tweet[id]=waits&tweet[text]=x&tweet[screen_name]=mio")
	}()
	p.until("the post waits", func() bool { return strings.Contains(p.get("/readyz"), "can't be reached") })
	begun := time.Now()
	p.stop()
	<-p.ended
	<-posting
	if took := time.Since(begun); took > 6*time.Second { // one more for a slow machine
		t.Errorf("it took %v", took)
	}
}
