package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// secretParts are forms of addresses that contain a secret. Most of them can't be parsed.
var secretParts = []string{
	"https://user:CANARY@host.example", "https://CANARY@host.example", "https://host.example/?access_token=CANARY",
	"https://host.example/CANARY", "https://host.example#CANARY", "https://user:CANARY@a b", "https://user:CA NARY@host", "https://u:CANARY%zz@host",
	"https://u:CANARY?x@host", "user:CANARY@host", "host.example/?access_token=CANARY", "u:CANARY@h://x", "HTTPS://u:CANARY/@[::1",
}

// The test gives each of secretParts to every setting: to each alone as a variable, to all as flags
// and in the env file, and as an argument.
func TestConfig_NoMessageShowsASecret(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nagare.env")
	var cli cli
	parser, err := newParser(&cli, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	shows := func(how string, args []string, environ ...string) {
		t.Helper()
		_, notes, err := configured(args, append(environ, "SOURCE=bluesky,mastodon,x,twitter")...)
		if err == nil {
			t.Errorf("%s: no fault", how)
		} else if text := fmt.Sprint(err, notes); strings.Contains(text, "CANARY") || strings.Contains(text, "NARY@") {
			t.Errorf("%s: the messages are %s", how, text)
		}
	}
	for _, value := range secretParts {
		var flags []string
		var lines strings.Builder
		for _, flag := range parser.Model.Flags {
			if !isSetting(flag) {
				continue
			}
			setting := variable(flag.Name) + "=" + value
			shows(setting, nil, setting)
			fmt.Fprintln(&lines, setting)
			if flag.Name == "source" || flag.Name == "env-file" { // they decide which other settings are read
				shows("--"+flag.Name, []string{"--" + flag.Name + "=" + value})
			} else {
				flags = append(flags, "--"+flag.Name+"="+value)
			}
		}
		if err := os.WriteFile(file, []byte(lines.String()+value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		shows("env file", nil, "ENV_FILE="+file)
		for _, args := range [][]string{
			flags, {value}, {"help", value}, {"--unknown=" + value}, {"version", "--json=" + value}, {"replay", value},
			{"replay", file, "--rate=" + value}, {"replay", file, "--start", value}, {"--source=replay:" + value},
		} {
			shows(strings.Join(args, " "), args)
		}
	}
}

// Some settings turn out to be wrong only when the program uses them, after the configuration was
// accepted.
func TestRun_NoMessageShowsASecret(t *testing.T) {
	for _, value := range secretParts {
		for _, test := range []struct {
			args    []string
			environ []string
		}{
			{nil, []string{"HOST=" + value}},
			{nil, []string{"HOST=127.0.0.1", "METRICS_ADDR=" + value}},
			{nil, []string{"HOST=127.0.0.1", "METRICS_ADDR=" + value + ":0"}},
			{[]string{"record", value}, []string{"HOST=127.0.0.1"}},
			{[]string{"healthcheck"}, []string{"HOST=" + value}},
		} {
			if len(test.args) > 1 && !strings.Contains(value, "/") {
				continue // it is a valid file name, so there is no error
			}
			var out bytes.Buffer
			err := run(t.Context(), test.args, append(test.environ, "PORT=0", "SOURCE=none"), &out, &out)
			if text := fmt.Sprint(err, out.String()); err == nil || strings.Contains(text, "CANARY") || strings.Contains(text, "NARY@") {
				t.Errorf("%v %v: the messages are %s", test.args, test.environ, text)
			}
		}
	}
}

func TestConfig_ATokenIsNeverShown(t *testing.T) {
	_, _, err := configured(nil, "INGEST_TOKEN=canary-token,canary-other,canary-third")
	if err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v", err)
	}
}

func TestConfig_AMessageShowsThePartsThatAreNotSecret(t *testing.T) {
	for value, want := range map[string]string{
		"example.org": `"example.org"`, "https://m.example/a": `"https://m.example/…"`, "https://a.example:99999": `"https://a.example:99999"`,
		"https://u:p@m.example": `"https://…@m.example"`, "": `""`, "@mio": `"@mio"`, "#a?b": `"#a?…"`, "https://#CANARY": `"https://#…"`,
		strings.Repeat("é", 90): `"` + strings.Repeat("é", 80) + `…"`,
	} {
		if got := shown(value); got != want {
			t.Errorf("%q is shown as %s, want %s", value, got, want)
		}
	}
}
