package stream

import (
	"errors"
	"net/url"
	"slices"
	"strings"
)

// errBlocked says which forms ParseBlocked accepts.
var errBlocked = errors.New("want a handle such as kei@town.example, a domain of handles, a DID, a number of X, or the address of a profile")

// profileHosts are the websites on which the last part of a profile's address is the handle or
// the permanent id of its author.
var profileHosts = []string{"bsky.app", "x.com", "twitter.com"}

// ParseBlocked converts what an operator wrote for an author to the form that [Wanted].Blocked
// has, in lower case: a handle without "@", a domain, or a permanent id, which may follow the id
// of a network, as in [Author].Key. It also accepts the address of an author's profile. It
// returns an error if no author can match.
func ParseBlocked(s string) (string, error) {
	author := strings.ToLower(strings.TrimSpace(s))
	author = strings.TrimPrefix(author, "at://")
	if strings.HasPrefix(author, "https://") || strings.HasPrefix(author, "http://") {
		return blockedProfile(author)
	}
	author = strings.TrimPrefix(author, "@")
	if network, id, ok := strings.Cut(author, ":"); ok && network != "did" && id != "" && strings.HasPrefix(id, "https://") {
		return author, nil // the Key of an author of Mastodon
	}
	switch {
	case author == "", strings.Count(author, "@") > 1, strings.HasPrefix(author, "@"), strings.HasSuffix(author, "@"),
		strings.ContainsAny(author, " \t\r\n/?#,\"<>"):
		return "", errBlocked
	case strings.HasPrefix(author, "did:") && strings.Count(author, ":") < 2, strings.HasSuffix(author, ":"):
		return "", errBlocked
	}
	return author, nil
}

// blockedProfile converts the address of a profile. An address that doesn't contain the handle
// is returned unchanged, because it is the permanent id of its author at some networks.
func blockedProfile(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") == "" {
		return "", errBlocked
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	last := parts[len(parts)-1]
	host := strings.TrimPrefix(strings.TrimPrefix(u.Host, "www."), "mobile.")
	switch {
	case slices.Contains(profileHosts, host):
		return strings.TrimPrefix(last, "@"), nil
	case len(parts) == 1 && strings.HasPrefix(last, "@") && strings.Contains(last[1:], "@"): // a Mastodon server shows an author of another
		return last[1:], nil
	case len(parts) == 1 && strings.HasPrefix(last, "@") && last != "@":
		return last[1:] + "@" + u.Host, nil
	}
	return u.Scheme + "://" + u.Host + u.Path, nil
}

// parseBlocked converts a list. It leaves out the elements that match no author.
func parseBlocked(list []string) (out []string) {
	for _, s := range list {
		if author, err := ParseBlocked(s); err == nil {
			out = append(out, author)
		}
	}
	return out
}

// Blocks reports whether the operator blocks an author.
func (f *Filter) Blocks(a *Author) bool {
	if f == nil || a == nil || len(f.wanted.Blocked) == 0 {
		return false
	}
	handle, key, address := strings.ToLower(a.Handle), strings.ToLower(a.Key), strings.ToLower(a.URL)
	host := handle // a Bluesky handle is a domain itself
	if _, after, ok := strings.Cut(handle, "@"); ok {
		host = after
	}
	_, id, _ := strings.Cut(key, ":")
	return slices.ContainsFunc(f.wanted.Blocked, func(blocked string) bool {
		switch blocked {
		case "":
			return false
		case handle, key, id, address:
			return true
		}
		return strings.Contains(blocked, ".") && !strings.ContainsAny(blocked, "@:") && (host == blocked || strings.HasSuffix(host, "."+blocked))
	})
}
