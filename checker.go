package main

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nagare/stream"
)

// givenAs knows under which name the operator gave each setting, so that a message can use the
// same name: a flag such as --site-name, or a variable such as SITE_NAME.
type givenAs struct {
	names  map[string]string // the names that the operator used, by flag; only of settings that were set
	byFlag bool              // the operator used at least one flag
}

// has reports whether the operator set the setting.
func (g givenAs) has(flag string) bool { return g.names[flag] != "" }

// name returns the name of a setting for a message: the one that the operator used or, for a
// setting that wasn't set, the flag if byFlag is set and the variable otherwise.
func (g givenAs) name(flag string) string {
	switch {
	case g.has(flag):
		return g.names[flag]
	case g.byFlag:
		return "--" + flag
	}
	return variable(flag)
}

// usageError is an error in the command line or in the configuration.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// fault makes the error about a setting whose value turns out to be wrong only when it is used.
func (g givenAs) fault(flag, format string, args ...any) *usageError {
	return &usageError{g.name(flag) + ": " + fmt.Sprintf(format, args...)}
}

// checker collects the errors in the settings, so that all are reported at once. It is the
// [stream.Checks] that the networks use for their own settings.
type checker struct {
	given  givenAs
	faults []string
	notes  []string // about settings without an effect
}

// Fault adds an error about the setting that the flag names. The message says what is wrong and
// what is wanted. Each value in the message must have passed [shown], which removes secrets.
func (c *checker) Fault(flag, format string, args ...any) {
	c.faults = append(c.faults, c.given.fault(flag, format, args...).text)
}

// Quote quotes a value for a message, without its secrets.
func (c *checker) Quote(value string) string { return shown(value) }

// note adds a message about a setting that has no effect.
func (c *checker) note(flag, format string, args ...any) {
	c.notes = append(c.notes, c.given.name(flag)+": "+fmt.Sprintf(format, args...))
}

// Number parses a number between least and most. If s is anything else, it adds an error that says
// what is wanted.
func (c *checker) Number(flag, s string, least, most float64, wanted string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || f < least || f > most {
		c.Fault(flag, "%s, want %s", shown(s), wanted)
	}
	return f
}

// Count parses an integer above 0. It returns 0 for an empty s.
func (c *checker) Count(flag, s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil || n == 0 {
		c.Fault(flag, "%s, want a number above 0", shown(s))
	}
	return int(n)
}

// span parses a duration between 0 and most. If s is anything else, it adds an error that says
// what is wanted.
func (c *checker) span(flag, s string, most time.Duration, wanted string) time.Duration {
	if s == "" || s == "0" {
		return 0
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > most {
		c.Fault(flag, "%s, want %s", shown(s), wanted)
	}
	return d
}

func (c *checker) oneOf(flag, s string, choices ...string) string {
	if !slices.Contains(choices, s) {
		last := len(choices) - 1
		c.Fault(flag, "%s, want %s or %s", shown(s), strings.Join(choices[:last], ", "), choices[last])
	}
	return s
}

// Address parses the address of a server, which has no path. If s is anything else, it adds an
// error that says what is wanted.
func (c *checker) Address(flag, s, wanted string) string {
	address := c.BaseURL(flag, s, wanted)
	if u, err := url.Parse(address); err != nil || u.Path != "" {
		c.Fault(flag, "%s, want %s", shown(s), wanted)
		return ""
	}
	return address
}

// BaseURL parses the base address of an API, which can have a path. If s is anything else, it adds
// an error that says what is wanted. The address it returns doesn't end in a slash.
func (c *checker) BaseURL(flag, s, wanted string) string {
	if s == "" {
		c.Fault(flag, "not set, want %s", wanted)
		return ""
	}
	u, err := url.Parse(strings.TrimRight(s, "/"))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		c.Fault(flag, "%s, want %s", shown(s), wanted)
		return ""
	}
	return u.String()
}

// Token reads a token or a key. If it has characters that no token has, it adds an error, which
// doesn't show the token.
func (c *checker) Token(flag, s string) stream.Secret {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		c.Fault(flag, "a space or another character that no token has, want nothing but the token")
	}
	return stream.Secret(s)
}

// split splits a list at commas and spaces.
func split(s string) []string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
	if len(parts) == 0 {
		return nil
	}
	return parts
}
