package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// environment holds variables by name. An empty variable counts as not set, because the forms in
// which platforms let operators enter variables can't tell the two apart.
type environment map[string]string

// variable returns the environment variable of a flag: SITE_NAME for site-name.
func variable(flag string) string { return strings.ToUpper(strings.ReplaceAll(flag, "-", "_")) }

// newEnvironment reads environ and one env file, if path or ENV_FILE names one. It also returns
// the errors in the file.
func newEnvironment(environ []string, path string) (env environment, faults []string) {
	env = environment{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = strings.TrimSpace(value) // a secret that was mounted from a file can end with a line break
	}
	givenAs := "--env-file"
	if path == "" {
		givenAs, path = "ENV_FILE", env["ENV_FILE"]
	}
	if path == "" {
		return env, nil
	}
	text, err := os.ReadFile(path)
	switch {
	case err != nil:
		faults = []string{redactedText(err.Error(), path) + ", want a file of NAME=value lines"}
	case !utf8.Valid(text):
		faults = []string{path + " is not UTF-8, want a text file of NAME=value lines"}
	default:
		faults = env.add(path, string(text))
	}
	for i := range faults {
		faults[i] = givenAs + ": " + faults[i]
	}
	return env, faults
}

// add sets each variable in the text of a file, unless it is set already. It returns an error for
// each line that sets none; path is the file's name in those errors.
func (env environment) add(path, text string) (faults []string) {
	text = strings.TrimPrefix(text, "\ufeff") // the byte order mark of some editors
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, found := strings.Cut(line, "=")
		if !found {
			faults = append(faults, fmt.Sprintf("%s:%d has no =, want NAME=value", path, i+1))
			continue
		}
		name = strings.TrimSpace(name)
		env[name] = cmp.Or(env[name], unquoted(strings.TrimSpace(value)))
	}
	return faults
}

func unquoted(s string) string {
	if len(s) > 1 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// strangers describes the variables that begin with NAGARE_ but aren't settings. They are no
// errors: for a service called nagare, Kubernetes itself sets NAGARE_PORT and other variables.
func (env environment) strangers(known []string) []string {
	var notes []string
	for name := range env {
		if rest, ours := strings.CutPrefix(name, "NAGARE_"); ours {
			notes = append(notes, fmt.Sprintf("%s: unknown variable, did you mean %s?", name, nearest(rest, known)))
		}
	}
	slices.Sort(notes)
	return notes
}

// nearest returns the known name that is most similar to the given one.
func nearest(name string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int { return distance(name, a) - distance(name, b) })
}

// distance returns how many letters must be inserted, deleted or changed to turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, corner+1, row[j]+1)
		}
	}
	return row[len(b)]
}
