package web

import (
	"encoding/json"
	"net/http"
	"runtime"
)

// healthy says that the process is alive, which it shows by answering, and whose
// it is, for who asks at a port that may be another's.
func healthy() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]string{"name": "nagare", "status": "ok"})
	})
}

// ready says whether visitors should be sent here.
func ready(check func() error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if check != nil {
			if err := check(); err != nil {
				reply(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready", "reason": err.Error()})
				return
			}
		}
		reply(w, http.StatusOK, map[string]string{"status": "ready"})
	})
}

func version(v string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]string{"name": "nagare", "version": v, "go": runtime.Version()})
	})
}

// reply answers with JSON that nobody keeps.
func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // an error here means that the client has left
}
