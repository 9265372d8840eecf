package web

import (
	"cmp"
	"net/http"
	"strings"
	"unicode/utf8"

	"nagare/store"
	"nagare/stream/moderation"
	"nagare/stream/reconcile"
)

// mostCharacters is the longest value of an action, such as a handle, in characters.
const mostCharacters = 300

// act carries out an action.
func (a *admin) act(r *http.Request, do moderation.Do, by session) (effect, error) {
	action := moderation.Action{
		Do: do, ID: r.PostFormValue("id"), Author: r.PostFormValue("author"), Value: strings.TrimSpace(clean(r.PostFormValue("value"))),
		By: by.Name, Why: oneLine(r.PostFormValue("why")),
	}
	for _, text := range []string{action.ID, action.Author, action.Value, action.Why} {
		if utf8.RuneCountInString(text) > mostCharacters || !utf8.ValidString(text) {
			return effect{}, refuse(http.StatusBadRequest, "wrong", "want at most 300 characters")
		}
	}
	if err := a.check(r, &action); err != nil {
		return effect{}, err
	}
	entry, err := a.moderation.Act(r.Context(), action)
	return effect{Entry: entry.Entry, Undoable: entry.Inverse != nil, page: backPage(r)}, err
}

var errNoPost = refuse(http.StatusBadRequest, "no_post", "want a post that is here")

// check refuses an action on a post that isn't here: it would be kept in the audit and in the settings.
// It also finds the author of the post, whom a moderator blocks without knowing their key.
func (a *admin) check(r *http.Request, action *moderation.Action) error {
	switch action.Do {
	case moderation.Allow:
		return a.allow(r, action)
	case moderation.Pin:
		record, err := a.find(action.ID, a.timeline)
		action.ID = record.Key // the post may have been given by an earlier id
		return err
	case moderation.Approve, moderation.Hide:
		settings := a.moderation.Settings()
		action.Pin = action.Do == moderation.Hide && settings.IsOnTop(action.ID)
		_, err := a.find(action.ID, a.timeline, a.desk)
		return err
	case moderation.Block, moderation.Unblock:
		if action.Do == moderation.Unblock && action.Author != "" { // named by the page of the rules
			return nil
		}
		record, err := a.find(action.ID, a.timeline, a.desk)
		if err != nil {
			return err
		}
		post := reconcile.SavedPost(record.Index.State)
		if post == nil || post.Author.KeyAt(post.Source) == "" {
			return refuse(http.StatusBadRequest, "no_author", "the author of this post is not known")
		}
		action.ID, action.Author, action.Value = "", post.Author.KeyAt(post.Source), cmp.Or(oneLine(post.Author.Handle), post.Author.Key)
	}
	return nil
}

// find returns the record of the post with an id, in one of the timelines. Posts that quote the post have
// that id among their names, too.
func (a *admin) find(id string, in ...*Timeline) (store.Record, error) {
	if id == "" {
		return store.Record{}, errNoPost
	}
	for _, t := range in {
		records, err := t.find(id)
		if err != nil {
			return store.Record{}, refuse(http.StatusServiceUnavailable, "store", storeAway)
		}
		for _, r := range records {
			if !r.Erased && (r.Key == id || reconcile.SavedName(r.Index.State) == id) {
				return r, nil
			}
		}
	}
	return store.Record{}, errNoPost
}

// claim tells the other moderators that one of them looks at a post that waits.
func (a *admin) claim(r *http.Request, by session) (effect, error) {
	id := r.PostFormValue("id")
	if _, err := a.find(id, a.desk); err != nil {
		return effect{}, err
	}
	holder, err := a.moderation.Claim(r.Context(), id, by.Name)
	return effect{Holder: holder, page: backPage(r)}, err
}
