package main

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// givenAs knows the name by which the operator set each setting, for messages: a flag
// such as --site-name, or a variable such as SITE_NAME.
type givenAs struct {
	names  map[string]string // by flag, of the settings that were set
	byFlag bool              // the operator uses flags
}

// has reports whether the operator set the setting.
func (g givenAs) has(flag string) bool { return g.names[flag] != "" }

// name is the flag or the variable that the operator used, or would use.
func (g givenAs) name(flag string) string {
	switch {
	case g.has(flag):
		return g.names[flag]
	case g.byFlag:
		return "--" + flag
	}
	return variable(flag)
}

// usageError is a fault of the command line or of the configuration.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// Fault is a message about a setting, for one that fails only when it is used.
func (g givenAs) fault(flag, format string, args ...any) *usageError {
	return &usageError{g.name(flag) + ": " + fmt.Sprintf(format, args...)}
}

// checker collects what is wrong with the settings. It is the [stream.Checks] of the
// networks.
type checker struct {
	given  givenAs
	faults []string
	notes  []string // on settings without an effect
}

// Fault notes what is wrong and what is wanted, under the name of the flag. Values in
// it must have passed [shown].
func (c *checker) Fault(flag, format string, args ...any) {
	c.faults = append(c.faults, c.given.fault(flag, format, args...).text)
}

// Quote quotes a value for a message.
func (c *checker) Quote(value string) string { return shown(value) }

// note tells the operator about a setting that does nothing.
func (c *checker) note(flag, format string, args ...any) {
	c.notes = append(c.notes, c.given.name(flag)+": "+fmt.Sprintf(format, args...))
}

// Number reads a number from least to most.
func (c *checker) Number(flag, s string, least, most float64, wanted string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || f < least || f > most {
		c.Fault(flag, "%s, want %s", shown(s), wanted)
	}
	return f
}

// Count reads a number above 0; 0 if there is none.
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

// span reads a time from 0 to most.
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

// Address reads an address of a server, without a path.
func (c *checker) Address(flag, s, wanted string) string {
	if s == "" {
		c.Fault(flag, "not set, want %s", wanted)
		return ""
	}
	u, err := url.Parse(strings.TrimSuffix(s, "/"))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Path != "" || u.User != nil || u.RawQuery != "" {
		c.Fault(flag, "%s, want %s", shown(s), wanted)
		return ""
	}
	return u.String()
}

// split cuts a list at its commas and spaces.
func split(s string) []string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
	if len(parts) == 0 {
		return nil
	}
	return parts
}
