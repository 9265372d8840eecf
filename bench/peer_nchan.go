package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
)

// nchan is an nginx with the nchan module. It has one worker, and stores 300 messages, so that
// subscribers can recover missed ones. Messages are published by POST.
var nchan = peer{name: "nchan", what: "nginx with nchan, 300 messages stored", start: startNchan, installed: findNchan}

const nchanModule = "/usr/lib/nginx/modules/ngx_nchan_module.so" // Debian's path

const nchanConfig = `load_module %[1]s;
user %[4]s;
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid %[2]s/pid;
events { worker_connections 16384; }
http {
	access_log off;
	client_body_temp_path %[2]s/body;
	keepalive_requests 1000000;
	nchan_shared_memory_size 64m;
	server {
		listen %[3]s backlog=4096;
		location / { nchan_subscriber websocket; nchan_channel_id streaming; nchan_subscriber_first_message newest; }
		location = /publish { nchan_publisher; nchan_channel_id streaming; nchan_message_buffer_length 300; }
	}
}
`

func findNchan() error {
	if _, err := exec.LookPath("nginx"); err != nil {
		return err
	}
	_, err := os.Stat(nchanModule)
	return err
}

func startNchan() (fanout, error) {
	dir, err := os.MkdirTemp("", "bench-nchan-")
	if err != nil {
		return fanout{}, err
	}
	address, err := freeAddress()
	if err != nil {
		return fanout{}, errors.Join(err, os.RemoveAll(dir))
	}
	n, err := startNginx(dir, fmt.Sprintf(nchanConfig, nchanModule, dir, address, userName()))
	if err != nil {
		return fanout{}, errors.Join(err, os.RemoveAll(dir))
	}
	stop := func() { n.stop(); os.RemoveAll(dir) }
	pids, err := n.ready(address)
	if err != nil {
		stop()
		return fanout{}, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	publish := func(m message) { post(client, "http://"+address+"/publish", m.text) }
	return fanout{publish: publish, address: address, pids: pids, stop: stop}, nil
}

func post(client *http.Client, url string, text []byte) {
	res, err := client.Post(url, "application/json", bytes.NewReader(text))
	if err != nil {
		return // the load reports the loss
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
}
