package main

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"nagare/hub"
	"nagare/stream/query"
)

// The measure views compares connections with filters to connections without. Of the filters, five
// match every message.
const (
	filters    = 100
	matchOneIn = 20
)

// filterText is the text of a filter: a word, a phrase, a tag or an author.
func filterText(i int) string {
	if i%matchOneIn == 0 {
		return []string{"nagareru", "#river", "from:nagare", "lang:en -#sea", "source:replay has:link"}[i/matchOneIn]
	}
	return fmt.Sprintf([]string{"#tag%d", "word%d", "from:reader%d", `\"two words%d\"`}[i%4], i)
}

// indexed is what filters match of every message.
var indexed = &hub.Index{
	Text:  strings.Repeat("nagareru ", 30),
	Terms: []string{"from:nagare", "has:link", "has:media", "lang:en", "source:replay", "tag:river", "tag:water", "who:nagare"},
	Time:  time.Unix(1_700_000_000, 0),
}

func compile(_, text string) (string, func(hub.Event) bool, error) {
	q, err := query.Parse(text)
	return q.String(), func(ev hub.Event) bool { return q.Matches(ev.Index.Text, ev.Index.Terms) }, err
}

// askingTime measures how long all filters together take for one message.
func askingTime() time.Duration {
	var matches []func(hub.Event) bool
	for i := range filters {
		_, match, err := compile("", strings.ReplaceAll(filterText(i), `\`, ""))
		if err != nil {
			panic(err) // the filters are constants
		}
		matches = append(matches, match)
	}
	const times = 2000
	found, begun := 0, time.Now()
	for range times {
		for _, match := range matches {
			if match(hub.Event{Index: indexed}) {
				found++
			}
		}
	}
	if took := time.Since(begun); found == times*filters/matchOneIn {
		return took / times
	}
	panic("not every twentieth filter matches")
}

// measureViews measures at full load: first connections without filters, then, after these have
// left, n connections with filters, of which as many get the messages.
func (l *load) measureViews(p peer, n int, span time.Duration) (r result, err error) {
	if err := l.addViewers(p, n/matchOneIn); err != nil {
		return r, err
	}
	plain, err := l.measureFull(span)
	if err != nil {
		return r, err
	}
	r.Plain = plain.CPU * float64(len(l.viewers))
	if err := l.dismiss(); err != nil {
		return r, err
	}
	hello := p.hello
	for i := range filters {
		matching := i%matchOneIn == 0
		p.hello = strings.Replace(hello, `"}}]`, `","filter":"`+filterText(i)+`"}}]`, 1)
		if err := l.addFiltered(p, n/filters, matching); err != nil {
			return r, err
		}
	}
	var asking time.Duration
	if err := l.ask("asking\n", &asking); err != nil {
		return r, err
	}
	views, err := l.measureFull(span)
	r.Views, r.Asking, r.Busy = views.CPU*float64(len(l.viewers)), float64(asking.Nanoseconds())/1e3, views.Busy
	return r, err
}

// addFiltered connects viewers of one filter. Those of a filter that doesn't match are only held
// open: the messages are not for them.
func (l *load) addFiltered(p peer, n int, matching bool) error {
	before := len(l.viewers)
	err := l.addViewers(p, n)
	if !matching {
		l.idle = append(l.idle, l.viewers[before:]...)
		l.viewers = l.viewers[:before]
	}
	return err
}

// dismiss closes all viewers' connections.
func (l *load) dismiss() error {
	for _, v := range l.viewers {
		delete(l.sockets, int32(v.fd))
		if err := unix.Close(v.fd); err != nil {
			return err
		}
	}
	l.viewers, l.published, l.received = nil, 0, 0
	return nil
}
