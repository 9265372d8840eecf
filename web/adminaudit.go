package web

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"nagare/hub"
	"nagare/store"
	"nagare/stream/moderation"
	"nagare/templates"
)

// undoFor is how long a page offers to undo an action. The moderation has the last word.
const undoFor = 10 * time.Minute

// undo returns the id of an entry that can be undone, or "".
func undo(e moderation.Entry) string {
	if e.Inverse == nil || e.Undone || time.Since(e.At) >= undoFor {
		return ""
	}
	return e.Entry
}

// audit makes the page of what moderators have done.
func (a *admin) audit(r *http.Request, p *templates.Admin) (component, error) {
	before, _ := hub.ParsePosition(r.URL.Query().Get(beforeParam)) // the zero Position if there is none, or a wrong one
	entries, older, err := a.moderation.Audit(r.Context(), before, adminEntries)
	if errors.Is(err, store.ErrEpoch) {
		entries, older, err = a.moderation.Audit(r.Context(), hub.Position{}, adminEntries)
	}
	if err != nil {
		return nil, err
	}
	var page templates.AdminLog
	words := a.wordsOf(entries)
	for _, e := range entries {
		shown := templates.AdminEntry{
			Entry: e.Entry, Do: string(e.Do), What: cmp.Or(e.Value, words[e.ID], e.ID), By: e.By, Why: e.Why, At: e.At,
			Undo: undo(e) != "", Undone: e.Undone, Undid: e.Undid != "",
		}
		page.Entries = append(page.Entries, shown)
	}
	if older != (hub.Position{}) && len(entries) == adminEntries {
		page.Older = withParams(adminAddress("log"), beforeParam, older.String())
	}
	return templates.AdminLogPage(*p, page), nil
}

// wordsOf returns the authors and the words of the posts that entries are about, by the ids of the posts.
// Posts that were deleted have none.
func (a *admin) wordsOf(entries []moderation.Entry) map[string]string {
	words := map[string]string{}
	var ids []string
	for _, e := range entries {
		if e.ID != "" {
			ids = append(ids, e.ID)
		}
	}
	if len(ids) == 0 {
		return words
	}
	for _, t := range []*Timeline{a.timeline, a.desk} {
		records, _ := t.find(ids...) // an error has been logged: then the page shows the ids
		for _, r := range records {
			var data payload
			if r.Erased || json.Unmarshal(r.Data, &data) != nil {
				continue
			}
			for _, name := range append(r.Index.Names, r.Key) {
				words[name] = "@" + data.ScreenName + ": " + oneLine(data.Text)
			}
		}
	}
	return words
}

// download sends the whole audit as lines of JSON, the newest entry first. It reads page by page, so
// that an audit of any length takes little memory.
func (a *admin) download(w http.ResponseWriter, r *http.Request, _ session) {
	done, ok := a.desk.searches.take(r.Context())
	if !ok {
		a.fail.show(w, r, http.StatusServiceUnavailable)
		return
	}
	defer done()
	header := w.Header()
	header.Set("Content-Type", "application/x-ndjson")
	header.Set("Content-Disposition", `attachment; filename="audit.ndjson"`)
	out := bufio.NewWriter(w)
	lines := json.NewEncoder(out)
	for before := (hub.Position{}); ; {
		entries, older, err := a.moderation.Audit(r.Context(), before, adminEntries)
		if err != nil {
			a.log.Warn("audit not sent", "err", err)
			panic(http.ErrAbortHandler) // a part must not look like the whole
		}
		for _, e := range entries {
			if lines.Encode(e) != nil {
				return // the client has disconnected
			}
		}
		if before = older; before == (hub.Position{}) {
			out.Flush()
			return
		}
	}
}
