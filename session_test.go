package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSession_ReadsAsWritten runs the commands in testdata/*.session, which
// read like a session at the keyboard: a line "$ NAME=value nagare args", then the
// output, and the exit code if it isn't 0. With -update it writes the output anew.
func TestSession_ReadsAsWritten(t *testing.T) {
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

// session is what a terminal shows after that line. A free port is shown as PORT, and the version of Go as go1.N.
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
	text := regexp.MustCompile(`(http://127.0.0.1):\d+`).ReplaceAllString(out.String(), "$1:PORT")
	return regexp.MustCompile(`go1\.[\d.]+`).ReplaceAllString(text, "go1.N")
}
