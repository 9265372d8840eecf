package mastodon

import (
	"errors"
	"fmt"
	"net/http"

	"nagare/stream"
)

const tokenHelp = `log in there, make an application under Preferences, Development, ` +
	`with the scope read:statuses (for the timeline user also read:notifications), and copy its "access token"`

// explain adds advice for the operator to a refusal.
func (a *apiClient) explain(err error) error {
	var refusal *stream.StatusError
	if !errors.As(err, &refusal) {
		return err
	}
	permanent := func(format string, args ...any) error {
		return stream.Permanent(fmt.Errorf(format+": %w", append(args, refusal)...))
	}
	switch code := refusal.Code; {
	case code == http.StatusUnauthorized && a.token == "":
		return permanent("%s needs a user token, as every server since Mastodon 4.2; to get one, %s", a.server.Host, tokenHelp)
	case code == http.StatusUnauthorized:
		return permanent("%s refuses the token, which is wrong or was revoked; to get a new one, %s", a.server.Host, tokenHelp)
	case code == http.StatusForbidden:
		return permanent("%s doesn't let this token read the timeline %q: the token lacks a scope, or the server has closed that timeline; to get another, %s",
			a.server.Host, a.name, tokenHelp)
	case code == http.StatusNotFound:
		return permanent("%s has no timeline %q; a list is named by its number, and only its owner can read it", a.server.Host, a.name)
	case code >= 300 && code < 400:
		return permanent("%s redirects to another address, and the token is not sent there; set the new address", a.server.Host)
	}
	return err
}
