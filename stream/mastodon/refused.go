package mastodon

import (
	"errors"
	"fmt"
	"net/http"

	"nagare/stream"
)

const tokenHelp = `log in there, make an application under Preferences, Development, ` +
	`with the scope read:statuses (for the timeline user also read:notifications), and give its "access token"`

// explain says what an operator can do about a refusal.
func (a *apiClient) explain(err error) error {
	var status *stream.StatusError
	if !errors.As(err, &status) {
		return err
	}
	said := func(format string, args ...any) error {
		return stream.Permanent(fmt.Errorf(format+": %w", append(args, status)...))
	}
	switch code := status.Code; {
	case code == http.StatusUnauthorized && a.token == "":
		return said("%s needs a user token, as every server since Mastodon 4.2; to get one, %s", a.server.Host, tokenHelp)
	case code == http.StatusUnauthorized:
		return said("%s refuses the token, which is wrong or was revoked; to get a new one, %s", a.server.Host, tokenHelp)
	case code == http.StatusForbidden:
		return said("%s doesn't let this token read the timeline %q: the token lacks a scope, or the server has closed that timeline; to get another, %s",
			a.server.Host, a.name, tokenHelp)
	case code == http.StatusNotFound:
		return said("%s has no timeline %q; a list is named by its number, and only its owner can read it", a.server.Host, a.name)
	case code >= 300 && code < 400:
		return said("%s answers that it is elsewhere; give the address it has now, the token isn't carried there", a.server.Host)
	}
	return err
}
