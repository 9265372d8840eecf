package web

import (
	"encoding/json"
	"net/http"
	"runtime"

	"nagare/store"
)

// healthy answers with 200, because the process is alive. The answer contains the name of the
// program, because a client could have reached another program on the same port.
func healthy() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]string{"name": "nagare", "status": "ok"})
	})
}

// ready answers with 200. While check returns an error, it answers with 503, so that a load
// balancer sends no clients here. While degraded returns an error, the status says so, but
// clients are still served. As everybody can read the answer, it has only the kind of that error.
func ready(check, degraded func() error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := result(check); err != nil {
			reply(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready", "reason": err.Error()})
			return
		}
		if err := result(degraded); err != nil {
			reply(w, http.StatusOK, map[string]string{"status": "degraded", "reason": string(store.KindOf(err))})
			return
		}
		reply(w, http.StatusOK, map[string]string{"status": "ready"})
	})
}

// result calls check, if there is one.
func result(check func() error) error {
	if check == nil {
		return nil
	}
	return check()
}

// version answers with the versions of the program and of Go, and with the revision of the pages.
func version(v, revision string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]string{"name": "nagare", "version": v, "go": runtime.Version(), "revision": revision})
	})
}

// reply answers with JSON that is not cached.
func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // an error means that the client has disconnected
}
