package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The test runs the commands in testdata/*.session. Such a file looks like a terminal session: a
// line "$ NAME=value nagare args", then the expected output, then the exit code if it isn't 0.
// With -update, the test writes the actual output into the files.
func TestSession_EachCommandPrintsTheExpectedOutput(t *testing.T) {
	files, err := filepath.Glob("testdata/*.session")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, line := range regexp.MustCompile(`(?m)^(\$|#) .*\n`).FindAllString(string(text), -1) {
				got.WriteString(line)
				if typed, is := strings.CutPrefix(line, "$ "); is {
					got.WriteString(session(t, typed) + "\n")
				}
			}
			golden(t, filepath.Base(file), got.String())
		})
	}
}

// session runs the typed command and returns its output and exit code, as a terminal would show
// them. It replaces a free port with PORT and the version of Go with go1.N, and sorts the lines of
// the log, which sources write at the same time.
func session(t *testing.T, typed string) string {
	environ, command, found := strings.Cut(typed, "nagare")
	if !found {
		t.Fatalf("%s is no command line", typed)
	}
	var out bytes.Buffer
	err := run(t.Context(), strings.Fields(command), strings.Fields(environ), &out, &out)
	if err != nil {
		fmt.Fprintln(&out, err)
	}
	if code := exitCode(err); code != 0 {
		fmt.Fprintf(&out, "[exit %d]\n", code)
	}
	text := regexp.MustCompile(`(?m)(^\{.*\n)+`).ReplaceAllStringFunc(out.String(), func(log string) string {
		return strings.Join(slices.Sorted(strings.Lines(log)), "")
	})
	text = regexp.MustCompile(`(http://127.0.0.1):\d+`).ReplaceAllString(text, "$1:PORT")
	return regexp.MustCompile(`go1\.[\d.]+`).ReplaceAllString(text, "go1.N")
}
