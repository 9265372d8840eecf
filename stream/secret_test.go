package stream_test

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// canary has the characters of a bearer token of X, which is percent-encoded.
const canary = "AAAAcanary1%2Fcanary2%2Bcanary3%3D%3D"

func TestRedact_RemovesASecretInEverySpelling(t *testing.T) {
	decoded, _ := url.QueryUnescape(canary)
	for _, secret := range []string{canary, decoded, `quote"canary\back<slash>`, "k\u00e9y\U0001f511canary"} {
		for _, spelling := range streamtest.Spellings(secret) {
			got := stream.Redact("token="+spelling+"&other=50%25+1", stream.Secret(secret))
			if want := "token=[redacted]&other=50%25+1"; got != want {
				t.Errorf("%s written as %s: got %s", secret, spelling, got)
			}
		}
	}
}

func TestRedact_FindsASecretAfterAnIncompleteEscape(t *testing.T) {
	for _, before := range []string{"100%", `C:\`, "a&", "%2", `\u00`} {
		if got, want := stream.Redact(before+"25canary;", "25canary;"), before+"[redacted]"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRedact_RemovesEverySecret(t *testing.T) {
	got := stream.Redact("one two one twotwo", "one", "", " ", "two", "e tw")
	if want := "[redacted] [redacted][redacted]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRedact_LeavesOtherTextUnchanged(t *testing.T) {
	for _, text := range []string{"", "50% off &amp; more %zz \\u12 \\x &# &nothing; %", "日本語 +  + \n", "\xff%C3%28"} {
		if got := stream.Redact(text, canary); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
		if got := stream.Redact(text); got != text {
			t.Errorf("without a secret: got %q, want %q", got, text)
		}
	}
}

func TestRedactError_StillWrapsTheError(t *testing.T) {
	err := stream.Permanent(fmt.Errorf("malformed response %q: %w", canary, io.EOF))
	got := stream.RedactError(err, canary)
	if got.Error() != `malformed response "[redacted]": EOF` || !errors.Is(got, io.EOF) || !stream.IsPermanent(got) {
		t.Errorf("got %v", got)
	}
	if got := stream.RedactError(io.EOF, canary); got != io.EOF {
		t.Errorf("got %#v, want the same error", got)
	}
	if stream.RedactError(nil, canary) != nil {
		t.Error("no error became one")
	}
}

func FuzzRedact(f *testing.F) {
	for _, spelling := range streamtest.Spellings(canary) {
		f.Add("a "+spelling+" b", canary)
	}
	f.Add("%%2525", "%25")
	f.Fuzz(func(t *testing.T, text, secret string) {
		got := stream.Redact(text, stream.Secret(secret))
		if len(strings.TrimSpace(strings.ReplaceAll(secret, "+", " "))) > 3 && !strings.Contains("[redacted]", secret) &&
			!strings.Contains(text, "redacted") && !strings.ContainsAny(secret, "[]") && strings.Contains(got, secret) {
			t.Errorf("%q still has %q", got, secret)
		}
	})
}
