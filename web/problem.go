package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"nagare/stream/query"
	"nagare/templates"
)

// errorPages sends error responses: a page to a browser, a line of text to any other client.
type errorPages struct {
	site   string
	assets templates.Assets
}

func (p errorPages) show(w http.ResponseWriter, r *http.Request, status int) {
	p.explain(w, r, status, "", strings.ToLower(http.StatusText(status)))
}

// explain sends an error response about a certain mistake: to a browser the text with that key, to any
// other client the line.
func (p errorPages) explain(w http.ResponseWriter, r *http.Request, status int, key, line string) {
	header := w.Header()
	header.Set("Cache-Control", "no-store, no-transform")
	header.Del("ETag")
	header.Del("Content-Encoding")
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, line, status)
		return
	}
	problem := p.problem(w, r, status)
	problem.Key = key
	header.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	templates.ErrorPage(problem).Render(r.Context(), w) // an error means that the client has disconnected
}

func (p errorPages) problem(w http.ResponseWriter, r *http.Request, status int) templates.Problem {
	chosen := preferencesOf(r)
	return templates.Problem{
		Site: p.site, Home: homePath, Lang: chosen.lang, Theme: chosen.theme, Density: chosen.density, Status: status,
		RequestID: w.Header().Get(requestID), Assets: p.assets,
	}
}

// showFilter says what is wrong with the query that the reader has written.
func (p errorPages) showFilter(w http.ResponseWriter, r *http.Request, text, here string, wrong *query.Error) {
	header := w.Header()
	header.Set("Cache-Control", "no-store, no-transform")
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, wrong.Error(), http.StatusBadRequest)
		return
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusBadRequest)
	limits := map[query.Kind]int{query.TooLong: query.MaxBytes, query.TooMany: query.MaxClauses}
	problem := p.problem(w, r, http.StatusBadRequest)
	problem.Here = here
	templates.WrongFilter(problem, templates.FilterError{
		Text: text, Kind: string(wrong.Kind), At: wrong.At, Part: wrong.Part, Most: limits[wrong.Kind],
	}).Render(r.Context(), w)
}

// allow answers with 405 to every method that is not in methods, even TRACE.
func (p errorPages) allow(methods string, next http.Handler) http.Handler {
	allowed := strings.Split(methods, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(allowed, r.Method) {
			w.Header().Set("Allow", methods)
			p.show(w, r, http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// recovered logs a panic in a handler and answers with 500, if no response has begun. Other
// requests are not affected.
func (p errorPages) recovered(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &recorder{ResponseWriter: w}
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler {
				panic(cause) // with this value a handler asks net/http to close the connection
			}
			log.Error("request panicked", "request_id", w.Header().Get(requestID),
				"err", short(fmt.Sprint(cause)), "stack", string(debug.Stack()))
			if answer.status == 0 {
				p.show(w, r, http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(answer, r)
	})
}
