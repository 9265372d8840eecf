package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"nagare/stream/query"
	"nagare/templates"
)

// errorPages sends error responses: a page to a browser, a line of text to any other client.
type errorPages struct {
	site   string
	assets templates.Assets
}

func (p errorPages) show(w http.ResponseWriter, r *http.Request, status int) {
	p.answer(w, r, status, strings.ToLower(http.StatusText(status)), templates.ErrorPage)
}

// showFilter says what is wrong with the query that the reader has written.
func (p errorPages) showFilter(w http.ResponseWriter, r *http.Request, v view) {
	limits := map[query.Kind]int{query.TooLong: query.MaxBytes, query.TooMany: query.MaxClauses}
	wrong := templates.WrongQuery{Text: v.Text}
	var lines []string
	for _, f := range query.Faults(v.Text) {
		wrong.Faults = append(wrong.Faults, templates.Fault{Kind: string(f.Kind), At: f.At, Part: f.Part, Most: limits[f.Kind]})
		lines = append(lines, f.Error())
	}
	p.answer(w, r, http.StatusBadRequest, strings.Join(lines, "\n"), func(problem templates.Problem) templ.Component {
		problem.Here = v.here()
		return templates.WrongFilter(problem, wrong)
	})
}

// showMoment says how to write the moment that a view shows. Its example is a day ago.
func (p errorPages) showMoment(w http.ResponseWriter, r *http.Request, v view) {
	p.answer(w, r, http.StatusBadRequest, errMoment.Error(), func(problem templates.Problem) templ.Component {
		dayAgo := time.Now().Truncate(time.Hour).Add(-24 * time.Hour)
		return templates.WrongMoment(problem, v.Text, v.with(atParam, moment(dayAgo)))
	})
}

// answer sends an error response: to a browser a page, to any other client lines of text.
func (p errorPages) answer(w http.ResponseWriter, r *http.Request, status int, lines string, page func(templates.Problem) templ.Component) {
	header := w.Header()
	header.Set("Cache-Control", "no-store, no-transform")
	header.Del("ETag")
	header.Del("Content-Encoding")
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, lines, status)
		return
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	page(p.problem(w, r, status)).Render(r.Context(), w) // an error means that the client has disconnected
}

func (p errorPages) problem(w http.ResponseWriter, r *http.Request, status int) templates.Problem {
	chosen := preferencesOf(r)
	return templates.Problem{
		Site: p.site, Home: homePath, Lang: chosen.lang, Theme: chosen.theme, Density: chosen.density, Status: status,
		RequestID: w.Header().Get(requestID), Assets: p.assets,
	}
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
		answer := &recorder{ResponseWriter: w, request: r}
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
