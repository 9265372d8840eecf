package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// The test runs the commands of docs/api.md against a server, in order, in one shell each. The block after a
// command is its output, in which … stands for anything.
func TestDocs_TheCommandsOfTheAPIPrintWhatThePageSays(t *testing.T) {
	if testing.Short() {
		t.Skip("runs curl")
	}
	page, err := os.ReadFile("docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, "SOURCE=none", "INGEST_TOKEN="+secret)
	defer p.end()
	here := strings.NewReplacer("http://127.0.0.1:8080", p.url)
	examples := regexp.MustCompile("(?s)```sh\n(curl|position=)(.*?)```\n\n```\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(examples) < 8 {
		t.Fatalf("found only %d commands", len(examples))
	}
	for _, example := range examples {
		command, want := here.Replace(example[1]+example[2]), here.Replace(example[3])
		shell := exec.Command("bash", "-euo", "pipefail", "-c", command)
		shell.Env = append(os.Environ(), "INGEST_TOKEN="+secret)
		got, err := shell.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", command, err, got)
		}
		if !outputPattern(want).Match(bytes.ReplaceAll(got, []byte("\n"), nil)) {
			t.Errorf("%s\nprinted\n%s\nwant\n%s", command, got, want)
		}
	}
}

// outputPattern returns a pattern of an expected output. The answers of some commands don't end in a new line,
// so lines are not told apart.
func outputPattern(want string) *regexp.Regexp {
	pattern := regexp.QuoteMeta(strings.ReplaceAll(want, "\n", ""))
	return regexp.MustCompile("^" + strings.ReplaceAll(pattern, "…", ".*") + "$")
}

// The test follows the links of the pages to files.
func TestDocs_LinkOnlyToFilesThatExist(t *testing.T) {
	var page []byte
	for _, name := range []string{"docs/api.md", "docs/moderation.md", "docs/scaling.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		page = append(page, text...)
	}
	links := regexp.MustCompile(`\]\(([\w./]+)(#[\w-]+)?\)`).FindAllStringSubmatch(string(page), -1)
	if len(links) < 3 {
		t.Fatalf("found only %d links", len(links))
	}
	for _, link := range links {
		if _, err := os.Stat("docs/" + link[1]); err != nil {
			t.Error(err)
		}
	}
}

// README and manual begin a moderated site in the same way. The test runs the command up to its settings. With an address of
// another machine in it, nobody could log in at localhost.
func TestDocs_TheCommandForModeratorsIsTheSameAndWorks(t *testing.T) {
	var commands []string
	for _, name := range []string{"README.md", "docs/moderation.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		commands = append(commands, string(regexp.MustCompile("(?s)```sh\n(export ADMIN_TOKEN.*?)```").Find(text)))
	}
	if commands[0] == "" || commands[0] != commands[1] {
		t.Fatalf("README.md says\n%s\ndocs/moderation.md says\n%s", commands[0], commands[1])
	}
	shell := exec.Command("bash", "-euo", "pipefail", "-c", `given() { echo "ADMIN_TOKEN=$ADMIN_TOKEN"; printf '%s\n' "$@"; }; `+
		strings.NewReplacer("```sh", "", "```", "", "./nagare", "given").Replace(commands[0]))
	got, err := shell.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(got)), "\n") // the first is the token, which the command prints
	environ, args := lines[1:2], lines[2:]
	req, err := parse(args, environ, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := configure(req)
	if err != nil || c.site != "Tokyo Days" || len(c.admins) != 1 || c.brand.Logo == nil || c.publicURL != "" {
		t.Errorf("%v: %+v", err, c)
	}
}
