package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// environment is the variables by name. An empty one counts as not set, as a form
// on a platform's page can't tell the two apart.
type environment map[string]string

// newEnvironment reads environ, and the file if there is one: at path, or where
// ENV_FILE says. It also returns what is wrong with the file.
func newEnvironment(environ []string, path string) (env environment, faults []string) {
	env = environment{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	path = cmp.Or(path, env["ENV_FILE"])
	if path == "" {
		return env, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return env, []string{fmt.Sprintf("ENV_FILE: %v, want a file of NAME=value lines", err)}
	}
	return env, env.add(path, string(text))
}

// add takes the lines of a file for what is not set yet, and returns what is wrong
// with others.
func (env environment) add(path, text string) (faults []string) {
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, found := strings.Cut(line, "=")
		if !found {
			faults = append(faults, fmt.Sprintf("ENV_FILE: %s:%d has no =, want NAME=value", path, i+1))
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

// strangers are the variables that look like ours and aren't. They are no faults:
// Kubernetes makes NAGARE_PORT and others of its own for a service called nagare.
func (env environment) strangers(model *kong.Application) []string {
	var notes []string
	for name := range env {
		if rest, ours := strings.CutPrefix(name, "NAGARE_"); ours {
			notes = append(notes, fmt.Sprintf("%s: not a variable of ours, did you mean %s?", name, nearest(rest, model)))
		}
	}
	slices.Sort(notes)
	return notes
}

// nearest is the variable whose name is most like the given one.
func nearest(name string, model *kong.Application) string {
	best, least := "", len(name)+100
	for _, flag := range model.Flags {
		if d := distance(name, variable(flag.Name)); d < least && flag.Name != "help" {
			best, least = variable(flag.Name), d
		}
	}
	return best
}

// distance is how many letters must be put in, taken out or changed to make b of a.
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
