package main

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The test reads the rows of the README's tables of settings: "| `--port` | `PORT` | …".
func TestReadme_HasARowForEveryFlag(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `--([a-z-]+)` \\| `([A-Z_]+)` \\|").FindAllStringSubmatch(string(readme), -1) {
		rows[row[1]] = row[2]
	}
	var cli cli
	parser, err := newParser(&cli, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string]string{}
	for _, flag := range parser.Model.Flags {
		if isSetting(flag) {
			flags[flag.Name] = variable(flag.Name)
		}
	}
	if diff := cmp.Diff(flags, rows); diff != "" {
		t.Errorf("flags (-) and rows of the README (+) differ:\n%s", diff)
	}
}

// The test follows links such as [`stream.Run`](stream/stream.go): the file must exist and contain
// the name.
func TestReadme_LinksOnlyToNamesThatExist(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`\[(?:`+"`"+`([\w.]+)`+"`"+`|[^\]]*)\]\(([\w./]+)\)`).FindAllStringSubmatch(string(readme), -1)
	if len(links) < 20 {
		t.Fatalf("found only %d links", len(links))
	}
	for _, link := range links {
		name, path := link[1][strings.LastIndex(link[1], ".")+1:], link[2]
		if name == "" {
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
			continue
		}
		text, err := os.ReadFile(path)
		declared := regexp.MustCompile(`(?m)^(?:func |templ |type |export class |class )(?:\([^)]*\) )?` + name + `\b`)
		if err != nil || !declared.Match(text) {
			t.Errorf("%s: no %s in %s", link[0], name, path)
		}
	}
}
