package stream

import (
	"log/slog"
	"net/url"
	"strings"
)

// Secret is a token or a key. However it is printed, logged or encoded, it shows
// nothing of itself; string(s) is what it holds.
type Secret string

const redacted = "[redacted]"

// String stands in for the secret in whatever is formatted.
func (Secret) String() string { return redacted }

// GoString does for %#v.
func (Secret) GoString() string { return redacted }

// LogValue does in a log.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText does in JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// hide takes secrets out of a text from elsewhere, also where they are as in an address.
func Redact(text string, secrets ...Secret) string {
	for _, s := range secrets {
		for _, form := range []string{string(s), url.QueryEscape(string(s))} {
			if form != "" {
				text = strings.ReplaceAll(text, form, redacted)
			}
		}
	}
	return text
}
