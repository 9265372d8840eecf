package web

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nagare/hub"
)

// params reads the parameters of a request for data. It collects a line for each that is wrong.
type params struct {
	given  url.Values
	known  []string
	values url.Values // those of the known ones that are given once
	faults []string
}

// newParams makes the params of a request that has the known ones.
func newParams(r *http.Request, known ...string) *params {
	p := &params{known: known, values: url.Values{}}
	var err error
	if p.given, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		p.fault("query", "malformed, want NAME=value&… with percent-encoding")
		return p
	}
	for _, name := range known {
		switch values := p.given[name]; len(values) {
		case 0:
		case 1:
			p.values.Set(name, values[0])
		default:
			p.fault(name, "given %d times, want it once", len(values))
		}
	}
	return p
}

// noOthers reports each parameter that is not known as wrong.
func (p *params) noOthers() {
	for _, name := range slices.Sorted(maps.Keys(p.given)) {
		if !slices.Contains(p.known, name) {
			p.fault(quoted(name), "unknown, want %s", strings.Join(p.known, ", "))
		}
	}
}

func (p *params) fault(name, format string, args ...any) {
	p.faults = append(p.faults, name+": "+fmt.Sprintf(format, args...))
}

// quoted returns a value for a message.
func quoted(s string) string { return fmt.Sprintf("%.60q", s) }

func (p *params) position(name string) hub.Position {
	given := p.values.Get(name)
	if !p.values.Has(name) {
		return hub.Position{}
	}
	at, err := hub.ParsePosition(given)
	if err != nil {
		p.fault(name, "%s, want a position, EPOCH:OFFSET, as in lz4k2:42", quoted(given))
	}
	return at
}

func (p *params) time(name string) time.Time {
	given := p.values.Get(name)
	if !p.values.Has(name) {
		return time.Time{}
	}
	at, err := parseMoment(given)
	if err != nil {
		p.fault(name, "%s, want a time such as 2026-11-29T14:00Z", quoted(given))
	}
	return at
}

// number parses a number from least to most. otherwise is returned for a missing parameter.
func (p *params) number(name string, least, most, otherwise int) int {
	if !p.values.Has(name) {
		return otherwise
	}
	given := p.values.Get(name)
	n, err := strconv.Atoi(given)
	if err != nil || n < least || n > most {
		p.fault(name, "%s, want a number from %d to %d", quoted(given), least, most)
		return otherwise
	}
	return n
}

// flag parses a parameter that is 1, or 0 or missing.
func (p *params) flag(name string) bool {
	given := p.values.Get(name)
	if p.values.Has(name) && given != "0" && given != "1" {
		p.fault(name, "%s, want 1 or 0", quoted(given))
	}
	return given == "1"
}

// oneOf reports more than one of the named parameters as wrong.
func (p *params) oneOf(names ...string) {
	given := slices.DeleteFunc(names, func(name string) bool { return !p.values.Has(name) })
	if len(given) > 1 {
		p.fault(strings.Join(given, ", "), "given together, want one of them")
	}
}

// refused answers with 400 and the lines, if any parameter is wrong.
func (p *params) refused(w http.ResponseWriter) bool {
	if len(p.faults) == 0 {
		return false
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, strings.Join(p.faults, "\n"), http.StatusBadRequest)
	return true
}
