package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"mime"
	"net/http"
	"strings"
	"sync"

	"nagare/stream/moderation"
	"nagare/stream/query"
	"nagare/templates"
)

// effect is what the form of a moderator has led to.
type effect struct {
	Entry    string `json:"entry,omitempty"`    // in the audit; empty if there is none
	Undoable bool   `json:"undoable,omitempty"` // the entry can be undone
	Holder   string `json:"holder,omitempty"`   // of a claim
	page     string // that follows
}

// form makes the handler of a form that only a moderator can send, from a page of the site. A form that
// is sent a second time has no effect.
func (a *admin) form(do func(*http.Request, session) (effect, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		by, err := a.admit(w, r)
		var done effect
		if err == nil {
			done, err = a.done.once(by.ID, r, func() (effect, error) { return do(r, by) })
		}
		a.answer(w, r, by, done, err)
	})
}

var errSession = refuse(http.StatusForbidden, "session", "log in first")

// admit checks a form, and parses it.
func (a *admin) admit(w http.ResponseWriter, r *http.Request) (session, error) {
	if err := a.parse(w, r); err != nil {
		return session{}, err
	}
	by, ok := a.sessions.of(r)
	switch {
	case !ok:
		return session{}, errSession
	case !hmac.Equal([]byte(r.PostFormValue("form")), []byte(by.form)):
		return session{}, refuse(http.StatusForbidden, "form", "the form is not of this session")
	case !a.limit.Allow():
		return session{}, refuse(http.StatusTooManyRequests, "too_many_actions", "too many actions at once; wait a second")
	}
	return by, nil
}

// parse reads a form that a page of the site has sent.
func (a *admin) parse(w http.ResponseWriter, r *http.Request) error {
	if !a.sentBySite(r) {
		return refuse(http.StatusForbidden, "origin", "a page of another origin may not do this")
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return refuse(http.StatusUnsupportedMediaType, "content_type", "want application/x-www-form-urlencoded")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		return bodyError(err)
	}
	return nil
}

// answer tells the script the effect as JSON, and leads a browser without script back to its page.
func (a *admin) answer(w http.ResponseWriter, r *http.Request, by session, done effect, err error) {
	var no *refusal
	var wrong *moderation.Error
	var unread *query.Error
	switch {
	case err == nil:
	case errors.As(err, &no):
	case errors.As(err, &wrong):
		no = &refusal{http.StatusBadRequest, "wrong", wrong.Error()}
	case errors.As(err, &unread):
		no = &refusal{http.StatusBadRequest, "query", unread.Error()}
	default:
		a.log.Error("action of a moderator failed", "err", err, "path", r.URL.Path, "request_id", w.Header().Get(requestID))
		no = &refusal{http.StatusServiceUnavailable, "store", "the action could not be stored; try again"}
	}
	switch {
	case wantsJSON(r) && no != nil:
		reply(w, no.status, map[string]string{"error": no.code, "reason": no.reason})
	case wantsJSON(r):
		reply(w, http.StatusOK, done)
	case err == errSession:
		http.Redirect(w, r, adminPath, http.StatusSeeOther)
	case no != nil && by.ID == "":
		a.fail.show(w, r, no.status)
	case no != nil:
		a.show(w, r, by, backPage(r), no.status, templates.AdminNotice{Wrong: no.code, Text: no.reason})
	default:
		http.Redirect(w, r, withParams(adminAddress(done.page), "done", done.Entry), http.StatusSeeOther)
	}
}

// backPage returns the page to which a form leads back.
func backPage(r *http.Request) string {
	for _, name := range templates.AdminPages {
		if r.PostFormValue("back") == name {
			return name
		}
	}
	return ""
}

func adminAddress(page string) string { return strings.TrimSuffix(adminPath+"/"+page, "/") }

// mostReplays is how many forms are remembered.
const mostReplays = 4096

// replays remembers the results of the forms that were sent last, so that a form that is sent again,
// for example by the button "Back" of a browser, has no effect. Each page has a number of its own in
// its forms, and the script makes a new one for each press of a button.
type replays struct {
	mu   sync.Mutex
	sent map[replayKey]*submission // guarded by mu
	last []replayKey               // the completed ones of sent, the oldest first; guarded by mu
}

type replayKey [sha256.Size]byte // of a form

// submission is a form that has been sent. The other fields are set when completed is closed.
type submission struct {
	completed chan struct{}
	effect    effect
	err       error
}

func newReplays() *replays { return &replays{sent: map[replayKey]*submission{}} }

var errIncomplete = errors.New("web: the action was not completed")

// once calls do unless the form was sent before. Of two at the same time, the second waits for the first, and
// tries itself if the first fails. Other forms don't wait.
func (p *replays) once(session string, r *http.Request, do func() (effect, error)) (effect, error) {
	if r.PostForm.Get("once") == "" {
		return effect{}, refuse(http.StatusBadRequest, "once", "want the number of the form")
	}
	key := sha256.Sum256([]byte(session + " " + r.URL.Path + " " + r.PostForm.Encode()))
	for {
		form, isFirst := p.begin(key)
		if isFirst {
			defer p.complete(key, form)
			form.effect, form.err = do()
			return form.effect, form.err
		}
		select {
		case <-form.completed:
		case <-r.Context().Done():
			return effect{}, context.Cause(r.Context())
		}
		if form.err == nil {
			return form.effect, nil
		}
	}
}

// begin returns the form with that key, and reports whether it was not known.
func (p *replays) begin(key replayKey) (form *submission, isFirst bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if form := p.sent[key]; form != nil {
		return form, false
	}
	form = &submission{completed: make(chan struct{}), err: errIncomplete}
	p.sent[key] = form
	return form, true
}

// complete ends the submission of a form. One that has failed can be sent again.
func (p *replays) complete(key replayKey, form *submission) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer close(form.completed)
	if form.err != nil {
		delete(p.sent, key)
		return
	}
	if p.last = append(p.last, key); len(p.last) > mostReplays {
		delete(p.sent, p.last[0])
		p.last = p.last[1:]
	}
}
