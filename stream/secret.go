package stream

import (
	"log/slog"
	"net/url"
	"strings"
)

// Secret is a token or a key. It is redacted in all formatting, logs and encodings;
// string(s) is its value.
type Secret string

const redacted = "[redacted]"

// String hides the value in formatted text.
func (Secret) String() string { return redacted }

// GoString hides it in %#v.
func (Secret) GoString() string { return redacted }

// LogValue hides it in a log.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides it in JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Redact removes secrets from a text from elsewhere, also in their escaped form.
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
