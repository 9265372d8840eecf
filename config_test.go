package main

import (
	"bytes"
	"flag"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file under testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *updateGolden {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

func TestHelp_FitsTheScreenAndNamesEveryVariable(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--help"}, nil, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	golden(t, "help.txt", out.String())
	for line := range strings.SplitSeq(out.String(), "\n") {
		if utf8.RuneCountInString(line) > 80 {
			t.Errorf("more than 80 columns: %s", line)
		}
	}
}

func TestConfig_SaysAllFaultsAtOnce(t *testing.T) {
	args := []string{"--public-url", "ftp://example.org", "--speed=0"}
	environ := []string{
		"PORT=http", "SITE_NAME=" + strings.Repeat("a", 61), "SOURCE=twiter", "INGEST_TOKEN=short,short,short",
		"TRUSTED_PROXIES=10.0.0.0/8,nonsense", "METRICS_ADDR=9090", "LOG_LEVEL=loud", "LOG_FORMAT=xml",
	}
	err := run(t.Context(), args, environ, io.Discard, io.Discard)
	if exitCode(err) != 2 {
		t.Fatalf("got exit code %d for %v, want 2", exitCode(err), err)
	}
	golden(t, "faults.txt", err.Error()+"\n")
}

func TestConfig_FaultsTable(t *testing.T) {
	for setting, want := range map[string]string{
		"PORT=65536":                       `PORT: "65536", want a number from 0 to 65535`,
		"PORT=-1":                          `PORT: "-1", want a number from 0 to 65535`,
		"PUBLIC_URL=example.org":           `PUBLIC_URL: "example.org", want https://host`,
		"PUBLIC_URL=https://a.example/b":   `PUBLIC_URL: more than a host, want https://a.example`,
		"PUBLIC_URL=https://u@a.example":   `PUBLIC_URL: more than a host, want https://a.example`,
		"SPEED=NaN":                        `SPEED: "NaN", want a number above 0 and up to 1000`,
		"SPEED=1001":                       `SPEED: "1001", want a number above 0 and up to 1000`,
		"SOURCE=replay:":                   `SOURCE: "replay:", want bluesky, mastodon, x, twitter, demo, replay:FILE, or none by itself`,
		"SOURCE=replay:/nowhere":           `SOURCE: no file "/nowhere", want a file of recorded posts`,
		"SOURCE=demo:x":                    `SOURCE: "demo:x", want bluesky, mastodon, x, twitter, demo, replay:FILE, or none by itself`,
		"SOURCE=demo,none":                 `SOURCE: "none", want bluesky, mastodon, x, twitter, demo, replay:FILE, or none by itself`,
		"SOURCE=demo,demo":                 `SOURCE: demo twice, want it once`,
		"TRACK=a,,b":                       `TRACK: word 2: nothing in it, want words with commas between, as in go,"live music",#tokyo,-spam`,
		"LANGUAGES=en,english!":            `LANGUAGES: "english!", want codes such as en or pt-BR, with commas between`,
		"LEAVE_OUT=retweets":               `LEAVE_OUT: "retweets", want reposts, replies, sensitive or textonly`,
		"COUNTRY=DEU":                      `COUNTRY: "DEU", want two letters such as DE`,
		"STATE_DIR=/nowhere":               `STATE_DIR: no directory "/nowhere", want one that can be written to`,
		"TICK=2s":                          `TICK: "2s", want a time such as 20ms, up to 1s`,
		"MAX_CONNECTIONS=0":                `MAX_CONNECTIONS: "0", want a number above 0`,
		"TICK=20ms":                        "",
		"COUNTRY=de":                       "",
		"INGEST_TOKEN=" + secret[1:]:       `INGEST_TOKEN: 31 characters, want 32 or more`,
		"TRUSTED_PROXIES=10.0.0.0/33":      `TRUSTED_PROXIES: "10.0.0.0/33", want addresses or networks such as 10.0.0.0/8, with commas between`,
		"ENV_FILE=/nowhere":                `ENV_FILE: open /nowhere: no such file or directory, want a file of NAME=value lines`,
		"LOG_LEVEL=":                       "",
		"PORT=0":                           "",
		"SPEED=0.5":                        "",
		"PUBLIC_URL=https://a.example/":    "",
		"SOURCE=none":                      "",
		"TRUSTED_PROXIES=10.1.2.3, fd00::": "",
		"METRICS_ADDR=127.0.0.1:0":         "",
		"INGEST_TOKEN=" + secret:           "",
	} {
		_, err := parse(nil, []string{setting}, io.Discard, io.Discard)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want || err != nil && exitCode(err) != 2 {
			t.Errorf("%s: got %q, want %q", setting, got, want)
		}
	}
}

func TestConfig_ASecretIsNeverSaid(t *testing.T) {
	err := run(t.Context(), nil, []string{"INGEST_TOKEN=canary-token,canary-other,canary-third"}, io.Discard, io.Discard)
	if err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v", err)
	}
}

func TestConfig_FlagThenEnvironmentThenFileThenDefault(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nagare.env")
	text := "# a comment\n\nexport SITE_NAME='from file'\nLOG_LEVEL=debug\nSPEED=3\nSOURCE=\"none\"\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, err := parse([]string{"--speed=5", "--env-file", file}, []string{"SPEED=4", "LOG_LEVEL=warn", "LOG_FORMAT="}, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	c := cmd.config
	if c.feeds.speed != 5 || c.logLevel != slog.LevelWarn || c.site != "from file" || c.feeds.name() != "none" || c.logFormat != "auto" || c.port != 8080 {
		t.Errorf("got %+v", c)
	}
}

func TestConfig_AnEnvFileWithALineThatSaysNothingIsAFault(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nagare.env")
	if err := os.WriteFile(file, []byte("SPEED=3\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := parse(nil, []string{"ENV_FILE=" + file, "TICK=2s"}, io.Discard, io.Discard)
	want := "ENV_FILE: " + file + ":2 has no =, want NAME=value\nTICK: \"2s\", want a time such as 20ms, up to 1s"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestConfig_AVariableThatIsNotOursIsPointedOut(t *testing.T) {
	var notes bytes.Buffer
	_, err := parse(nil, []string{"NAGARE_PUBLIC_UR=x", "NAGARE_PROT=1", "HOME=/"}, io.Discard, &notes)
	want := "NAGARE_PROT: not a variable of ours, did you mean PORT?\nNAGARE_PUBLIC_UR: not a variable of ours, did you mean PUBLIC_URL?\n"
	if err != nil || notes.String() != want {
		t.Errorf("got %q, %v", notes.String(), err)
	}
}

func TestCommandLine_WhatIsNotUnderstoodIsExitCode2(t *testing.T) {
	for _, args := range [][]string{{"--prot=1"}, {"dance"}, {"replay"}, {"replay", "/nowhere"}, {"--port"}, {"version", "--speed=x", "--nothing"}} {
		if err := run(t.Context(), args, nil, io.Discard, io.Discard); exitCode(err) != 2 {
			t.Errorf("%v: got %v with exit code %d, want 2", args, err, exitCode(err))
		}
	}
}

// TestReadme_HasARowForEveryFlag reads the rows "| `--port` | `PORT` | …".
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
		if flag.Name != "help" {
			flags[flag.Name] = variable(flag.Name)
		}
	}
	if diff := cmp.Diff(flags, rows); diff != "" {
		t.Errorf("flags (-) and rows of the README (+) differ:\n%s", diff)
	}
}

// TestReadme_NamesWhatThereIs follows links such as [`stream.Run`](stream/stream.go):
// the file must be there and say the name.
func TestReadme_NamesWhatThereIs(t *testing.T) {
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
