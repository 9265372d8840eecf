package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/templates"
)

const (
	hourSteps   = 60
	ratePeriod  = 10 * time.Minute
	spacingOf   = 50              // newest posts, from which the usual spacing is computed
	leastOf     = 5               // with fewer posts, nothing is usual
	leastUsual  = 2 * time.Second // posts come in bursts
	lateAfter   = 5               // times the usual spacing
	mostCounted = 1000            // posts hidden today
)

// sources makes the page with the state of the sources and the numbers of the site.
func (a *admin) sources(r *http.Request, p *templates.Admin) (component, error) {
	now := time.Now().UTC()
	page := templates.AdminSources{Viewers: int(a.config.Hub.Stats().Connections), Hour: a.hour(r, now)}
	if page.Hour != nil {
		page.Minute = page.Hour[hourSteps-1]
	}
	var err error
	if page.Hidden, page.Exact, err = a.hiddenSince(r, now.Truncate(24*time.Hour)); err != nil {
		return nil, err
	}
	arrived, quotas := a.arrivals(), a.timeline.Quotas()
	for _, s := range a.timeline.Sources() {
		html, err := s.html(r.Context(), a.timeline.publisher.networks)
		if err != nil {
			return nil, err
		}
		source := templates.AdminSource{Line: templates.Translate(p.Lang, html), Live: s.State == stream.Live && s.Fault == "", Reason: s.Reason, Quota: adminQuota(quotas[s.Name])}
		if times := arrived[s.Network]; len(times) > 0 {
			pace := paceOf(times, now)
			source.Counted, source.Last, source.Rate, source.Usual, source.Late = true, times[len(times)-1], pace.rate, pace.usual, pace.late
		}
		page.Sources = append(page.Sources, source)
	}
	return templates.AdminSourcesPage(*p, page), nil
}

// adminQuota converts a quota for the page.
func adminQuota(q stream.Quota) templates.AdminQuota {
	return templates.AdminQuota{
		Posts: q.Unit == stream.QuotaPosts, Used: q.Used, Limit: q.Limit, Left: q.Left(), Reset: q.Reset,
		Spent: q.Spent(), Most: q.Most(),
	}
}

// hour returns the posts in each minute of the last hour, public or held, or nil if they can't be
// counted.
func (a *admin) hour(r *http.Request, now time.Time) []int {
	all := make([]int, hourSteps)
	for _, t := range []*Timeline{a.timeline, a.desk} {
		counts, err := t.history.Counts(r.Context(), t.name, now.Add(-hourSteps*time.Minute), time.Minute, hourSteps)
		if err != nil || len(counts) != hourSteps {
			a.log.Warn("posts of the last hour not counted", "channel", t.name, "err", err)
			return nil
		}
		for i, n := range counts {
			all[i] += n
		}
	}
	return all
}

// hiddenSince returns how many of the hidden posts were hidden since a time, and whether these are all.
func (a *admin) hiddenSince(r *http.Request, since time.Time) (n int, all bool, err error) {
	hidden := store.Query{Terms: []string{HeldTerm(stream.Hidden)}, Limit: mostCounted}
	records, older, err := a.desk.history.Records(r.Context(), a.desk.name, hidden)
	for _, record := range records {
		var data struct{ Decision stream.Decision }
		if err := json.Unmarshal(record.Data, &data); err != nil {
			return 0, false, err
		}
		if !data.Decision.At.Before(since) {
			n++
		}
	}
	return n, older == hub.Position{} || n < len(records), err
}

// arrivals returns when the newest posts of each network were posted, the oldest first, and those of all
// networks under the id of a recording.
func (a *admin) arrivals() map[string][]time.Time {
	arrived := map[string][]time.Time{}
	for _, t := range []*Timeline{a.timeline, a.desk} {
		events, _ := t.channel.Recent(everything)
		for _, ev := range events {
			if ev.Name != string(stream.Create) || ev.Index == nil || ev.Index.Time.IsZero() {
				continue
			}
			arrived[replay] = append(arrived[replay], ev.Index.Time)
			for _, term := range ev.Index.Terms {
				if network, found := strings.CutPrefix(term, "source:"); found && network != replay {
					arrived[network] = append(arrived[network], ev.Index.Time)
				}
			}
		}
	}
	for _, times := range arrived {
		slices.SortFunc(times, time.Time.Compare)
	}
	return arrived
}

// pace is how often posts come.
type pace struct {
	rate  float64       // posts a minute
	usual time.Duration // between two posts; 0: unknown
	late  bool          // the next post should have come long ago
}

// paceOf computes the pace from the times of posts, which are in order.
func paceOf(times []time.Time, now time.Time) (p pace) {
	for _, at := range slices.Backward(times) {
		if now.Sub(at) > ratePeriod {
			break
		}
		p.rate++
	}
	p.rate /= ratePeriod.Minutes()
	newest := times[max(0, len(times)-spacingOf):]
	if len(newest) < leastOf {
		return p
	}
	last := newest[len(newest)-1]
	p.usual = max(leastUsual, last.Sub(newest[0])/time.Duration(len(newest)-1))
	p.late = now.Sub(last) > lateAfter*p.usual
	return p
}
