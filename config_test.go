package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// golden compares got with the content of a file in testdata.
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

func TestHelp_FitsIntoTheTerminalAndNamesEveryVariable(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--help"}, nil, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	golden(t, "help.txt", out.String())
	for _, command := range []string{"", "serve", "replay", "record", "check", "backup", "version", "healthcheck", "help"} {
		if err := run(t.Context(), []string{"help", command}[:min(1+len(command), 2)], nil, &out, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.SplitSeq(out.String(), "\n") {
		if utf8.RuneCountInString(line) > 80 {
			t.Errorf("more than 80 columns: %s", line)
		}
	}
}

// configured returns the configuration for a command line and an environment.
func configured(args []string, environ ...string) (config, []string, error) {
	req, err := parse(args, environ, io.Discard)
	if err != nil {
		return config{}, nil, err
	}
	return configure(req)
}

func TestConfig_ReportsAllErrorsAtOnce(t *testing.T) {
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

func TestConfig_SaysWhichSettingIsWrongAndWhatIsWanted(t *testing.T) {
	const recording = "replay:testdata/post.ndjson"
	sources := strings.Join(networkIDs(), ", ") + ", demo, replay:FILE, or none by itself"
	wantFaults(t, map[string]string{
		"HOST=a/b":                              `HOST: "a/b", want an address of this machine such as 127.0.0.1, or 0.0.0.0 for all`,
		"HOST=[::1]":                            `HOST: "[::1]", want an address of this machine such as 127.0.0.1, or 0.0.0.0 for all`,
		"HOST=::1":                              "",
		"HOST=fe80::1%eth0":                     "",
		"METRICS_ADDR=127.0.0.1:http":           `METRICS_ADDR: "127.0.0.1:http", want an address and a port such as 127.0.0.1:9090`,
		"PORT=65536":                            `PORT: "65536", want a number from 0 to 65535`,
		"PORT=-1":                               `PORT: "-1", want a number from 0 to 65535`,
		"PUBLIC_URL=example.org":                `PUBLIC_URL: "example.org", want https://host`,
		"PUBLIC_URL=https://a.example/b":        `PUBLIC_URL: more than a host, want https://a.example`,
		"PUBLIC_URL=https://a.example:":         `PUBLIC_URL: "https://a.example:", want https://host`,
		"PUBLIC_URL=https://a,b.example":        `PUBLIC_URL: "https://a,b.example", want https://host`,
		"PUBLIC_URL=https://u@a.example":        `PUBLIC_URL: more than a host, want https://a.example`,
		"SPEED=NaN":                             `SPEED: "NaN", want a number from 0.001 to 1000`,
		"SPEED=1001":                            `SPEED: "1001", want a number from 0.001 to 1000`,
		"SOURCE=replay:":                        `SOURCE: "replay:", want ` + sources,
		"SOURCE=replay:/nowhere":                `SOURCE: no file "/nowhere", want a file of recorded posts`,
		"SOURCE=demo:x":                         `SOURCE: "demo:x", want ` + sources,
		"SOURCE=demo,none":                      `SOURCE: "none", want ` + sources,
		"SOURCE=demo,demo":                      `SOURCE: demo twice, want it once`,
		"SOURCE=" + recording + "," + recording: `SOURCE: the recording "testdata/post.ndjson" twice, want it once`,
		"SOURCE=demo," + recording:              "",
		"TRACK=a,,b":                            `TRACK: word 2: nothing in it, want words separated by commas, as in go,"live music",#tokyo,-spam`,
		"LANGUAGES=en,english!":                 `LANGUAGES: "english!", want codes such as en or pt-BR, separated by commas`,
		"BLOCK=kei.example,kei and ann":         `BLOCK: "kei and ann", want a handle such as kei@town.example, a domain of handles, a DID, a number of X, or the address of a profile`,
		"LEAVE_OUT=retweets":                    `LEAVE_OUT: "retweets", want reposts, replies, sensitive or textonly`,
		"COUNTRY=DEU":                           `COUNTRY: "DEU", want two letters such as DE`,
		"SOURCE=,":                              `SOURCE: nothing in it, want ` + sources,
		"TICK=2s":                               `TICK: "2s", want a time such as 20ms, up to 1s`,
		"MAX_CONNECTIONS=0":                     `MAX_CONNECTIONS: "0", want a number above 0`,
		"TICK=20ms":                             "",
		"COUNTRY=de":                            "",
		"TRUSTED_PROXIES=10.0.0.0/33":           `TRUSTED_PROXIES: "10.0.0.0/33", want addresses or networks such as 10.0.0.0/8, separated by commas`,
		"ENV_FILE=/nowhere":                     `ENV_FILE: open /nowhere: no such file or directory, want a file of NAME=value lines`,
		"LOG_LEVEL=":                            "",
		"PORT=0":                                "",
		"SPEED=0.5":                             "",
		"PUBLIC_URL=https://a.example/":         "",
		"SOURCE=none":                           "",
		"TRUSTED_PROXIES=10.1.2.3, fd00::":      "",
		"METRICS_ADDR=127.0.0.1:0":              "",
	})
}

func TestConfig_TheCommandReplayHasItsOwnFlags(t *testing.T) {
	file := "testdata/post.ndjson"
	for args, want := range map[string]replayConfig{
		"":                                {file: file, speed: 1},
		"--speed=2 --start=90s --loop":    {file: file, speed: 2, start: 90 * time.Second, loop: true},
		"--rate 0.5":                      {file: file, speed: 1, rate: 0.5},
		"--rate=max --start=1h30m --loop": {file: file, speed: 1, rate: math.Inf(1), start: 90 * time.Minute, loop: true},
	} {
		c, _, err := configured(append([]string{"replay", file}, strings.Fields(args)...), "SOURCE=none")
		if err != nil || len(c.sources.list) != 1 || c.sources.list[0] != want || c.sources.name() != "replay" {
			t.Errorf("%s: got %+v, %v", args, c.sources, err)
		}
	}
}

// To an operator who uses flags, an error names flags, even for a setting that is missing.
func TestConfig_AnErrorNamesTheFlagOrVariableThatTheOperatorUsed(t *testing.T) {
	for _, test := range []struct {
		args    []string
		environ string
		want    []string
	}{
		{[]string{"--source=mastodon"}, "MASTODON_SERVER=x", []string{"MASTODON_SERVER", "--mastodon-token"}},
		{[]string{"check"}, "SOURCE=mastodon", []string{"MASTODON_SERVER", "MASTODON_TOKEN"}},
		{[]string{"replay", "/nowhere", "--rate=0", "--start=x"}, "TICK=2s", []string{"FILE", "--start", "--rate", "TICK"}},
		{[]string{"replay", "config_test.go", "--rate=1", "--speed=2"}, "", []string{"--rate"}},
	} {
		_, _, err := configured(test.args, test.environ)
		var got []string
		for line := range strings.SplitSeq(fmt.Sprint(err), "\n") {
			name, _, _ := strings.Cut(line, ":")
			got = append(got, name)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%v with %s: %v\n%s", test.args, test.environ, err, diff)
		}
	}
}

func TestConfig_WarnsOfASettingWithoutEffect(t *testing.T) {
	for _, test := range []struct {
		args, environ []string
		want          string
	}{
		{[]string{"--speed=2", "--source=bluesky"}, nil, "--speed: no effect, since no source is a recording"},
		{nil, []string{"SPEED=2", "SOURCE=none"}, "SPEED: no effect, since no source is a recording"},
		{nil, []string{"SPEED=2", "SOURCE=bluesky,demo", "BLUESKY_SAMPLE=0.5"}, ""},
		{nil, []string{"MASTODON_TOKEN=t"}, "MASTODON_TOKEN: no effect, since mastodon is not among the sources"},
		{[]string{"replay", "config_test.go", "--speed=3"}, nil, ""},
	} {
		_, notes, err := configured(test.args, test.environ...)
		if got := strings.Join(notes, "\n"); got != test.want || err != nil {
			t.Errorf("%v %v: got %q, %v, want %q", test.args, test.environ, got, err, test.want)
		}
	}
}

// A token in a header can't have them: the source would try again for ever.
func TestConfig_ATokenWithASpaceOrALineBreakIsAnError(t *testing.T) {
	const fault = ": a space or another character that no token has, want nothing but the token"
	for _, c := range []struct {
		environ []string
		want    string
	}{
		{[]string{"SOURCE=mastodon", "MASTODON_SERVER=https://a.example", "MASTODON_TOKEN=s3cr\net"}, "MASTODON_TOKEN" + fault},
		{[]string{"SOURCE=mastodon", "MASTODON_SERVER=https://a.example", "MASTODON_TOKEN=s3cret\n"}, ""},
		{[]string{"SOURCE=x", "X_TOKEN=Bearer s3cret", "X_BUDGET=10", "TRACK=go", "STORE=a.db"}, "X_TOKEN" + fault},
		{[]string{"SOURCE=twitter", "CONSUMER_KEY=a", "CONSUMER_SECRET=b c", "ACCESS_TOKEN=d", "ACCESS_TOKEN_SECRET=é"}, "CONSUMER_SECRET" + fault + "\nACCESS_TOKEN_SECRET" + fault},
	} {
		_, _, err := configured(nil, c.environ...)
		if got := fmt.Sprint(err); got != c.want && (err != nil || c.want != "") {
			t.Errorf("%q: got %s, want %s", c.environ, got, c.want)
		}
	}
}

func TestConfig_FlagsOverrideVariablesThenTheEnvFileThenDefaults(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nagare.env")
	text := "# a comment\n\nexport SITE_NAME='from file'\nLOG_LEVEL=debug\nSPEED=3\nSOURCE=\"demo\"\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, err := configured([]string{"--speed=5", "--env-file", file}, "SPEED=4", "LOG_LEVEL=warn", "LOG_FORMAT=")
	if err != nil {
		t.Fatal(err)
	}
	if c.sources.list[0].(replayConfig).speed != 5 || c.logLevel != slog.LevelWarn || c.site != "from file" || c.sources.name() != "demo" || c.logFormat != "auto" || c.port != 8080 {
		t.Errorf("got %+v", c)
	}
}

func TestConfig_ALineWithoutAnEqualsSignInTheEnvFileIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nagare.env")
	if err := os.WriteFile(file, []byte("SPEED=3\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := configured(nil, "ENV_FILE="+file, "TICK=2s")
	want := "ENV_FILE: " + file + ":2 has no =, want NAME=value\nTICK: \"2s\", want a time such as 20ms, up to 1s"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestConfig_ReadsEnvFilesWrittenOnWindows(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nagare.env")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("\ufeffSITE_NAME=first\r\nSOURCE=none\r\n")
	c, _, err := configured(nil, "ENV_FILE="+file)
	if err != nil || c.site != "first" || c.sources.name() != "none" {
		t.Errorf("with a byte order mark: %v, the site is %q with %s", err, c.site, c.sources.name())
	}
	write("\xff\xfeS\x00P\x00=\x001\x00")
	_, _, err = configured([]string{"--env-file", file})
	if want := "--env-file: " + file + " is not UTF-8, want a text file of NAME=value lines"; err == nil || err.Error() != want {
		t.Errorf("in UTF-16: got %v, want %s", err, want)
	}
}

func TestConfig_WarnsOfAnUnknownVariableThatBeginsWithNagare(t *testing.T) {
	_, notes, err := configured(nil, "NAGARE_PUBLIC_UR=x", "NAGARE_PROT=1", "HOME=/")
	want := []string{"NAGARE_PROT: unknown variable, did you mean PORT?", "NAGARE_PUBLIC_UR: unknown variable, did you mean PUBLIC_URL?"}
	if err != nil || !slices.Equal(notes, want) {
		t.Errorf("got %q, %v", notes, err)
	}
}

func TestCommandLine_SaysWhatIsMissing(t *testing.T) {
	for args, want := range map[string]string{
		"--index":          "nagare: --index has no value, want --index=on|off (see nagare --help)",
		"--index --port=3": "nagare: --index has no value, want --index=on|off (see nagare --help)",
		"replay f --speed": "nagare: --speed has no value, want --speed=N (see nagare --help)",
		"record":           "nagare: FILE is missing (see nagare --help)",
	} {
		if err := run(t.Context(), strings.Fields(args), nil, io.Discard, io.Discard); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", args, err, want)
		}
	}
}

func TestCommandLine_AMistakeIsExitCode2(t *testing.T) {
	for _, args := range [][]string{{"--prot=1"}, {"dance"}, {"replay"}, {"replay", "/nowhere"}, {"--port"}, {"help", "dance"}, {"version", "--speed=x", "--nothing"}} {
		if err := run(t.Context(), args, nil, io.Discard, io.Discard); exitCode(err) != 2 {
			t.Errorf("%v: got %v with exit code %d, want 2", args, err, exitCode(err))
		}
	}
}
