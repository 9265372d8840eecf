package main

import (
	"fmt"
	"strings"
	"testing"
)

// wantFaults configures the program with one setting after another, and compares the error; an
// empty text stands for none.
func wantFaults(t *testing.T, faults map[string]string) {
	t.Helper()
	for setting, want := range faults {
		_, _, err := configured(nil, setting)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want || err != nil && exitCode(err) != 2 {
			t.Errorf("%s: got %q, want %q", setting, got, want)
		}
	}
}

func TestConfig_SaysWhichSettingOfTheStoreOrOfPublishingIsWrong(t *testing.T) {
	wantFaults(t, map[string]string{
		"STORE=postgres://u:secret@h/d":         `STORE: "postgres://…@h/…", want a file, redis://host:6379, or memory`,
		"STORE=rediss:secret@host":              `STORE: "…@host", want a file, redis://host:6379, or memory`,
		"STORE=u:secret@host:6379":              `STORE: "…@host:6379", want a file, redis://host:6379, or memory`,
		"STORE=redis.example:6379":              `STORE: "redis.example:6379", want a file, redis://host:6379, or memory`,
		"STORE=/var/posts:1/a.db":               "",
		"STORE=redis://host:6379\n":             "",
		"KEEP=7x":                               `KEEP: "7x", want a time such as 7d or 12h, a size such as 500MB or 2GB, or both with a comma between`,
		"KEEP=7d,8d":                            `KEEP: "8d" is a second limit of one kind, want one`,
		"KEEP=7d,7d":                            `KEEP: "7d" is a second limit of one kind, want one`,
		"KEEP=2GB,7d,2GB":                       `KEEP: "2GB" is a second limit of one kind, want one`,
		"KEEP=2GB,3GB":                          `KEEP: "3GB" is a second limit of one kind, want one`,
		"KEEP=,":                                `KEEP: nothing in it, want a limit such as 7d or 2GB, or for Redis a number of posts and changes`,
		"KEEP=7d,2GB":                           "",
		"INGEST_TOKEN=,,":                       `INGEST_TOKEN: no token in it, want one, or two during a change`,
		"INGEST=never":                          `INGEST: never without a store that another process fills, want --store redis://host:6379, or auto`,
		"INGEST_TOKEN=" + secret + "," + secret: `INGEST_TOKEN: the same token twice, want one, or two during a change`,
		"INGEST_TOKEN=" + secret[1:]:            `INGEST_TOKEN: 31 characters, want 32 or more`,
		"INGEST_TOKEN=" + secret:                "",
	})
}

func TestConfig_ALimitOfRedisIsGivenOnce(t *testing.T) {
	for keep, want := range map[string]string{
		"1500": "", "7d": `KEEP: "7d", want how many posts and changes Redis keeps, from 100 to 1000000`,
		"1500,1500": `KEEP: "1500" is a second limit of one kind, want one`,
		"1500,2000": `KEEP: "2000" is a second limit of one kind, want one`,
	} {
		_, _, err := configured(nil, "STORE=redis://host", "KEEP="+keep)
		if got := fmt.Sprint(err); err != nil && got != want || err == nil && want != "" {
			t.Errorf("%s: got %v, want %q", keep, err, want)
		}
	}
}

// A variable is cut at its ends, so only a flag can be blank.
func TestConfig_ABlankStoreOrListIsAnError(t *testing.T) {
	x := []string{"--source", "x", "--x-token", secret, "--x-budget", "100", "--store", "posts.db"}
	for want, args := range map[string][]string{
		"--store: nothing in it":              {"--store", " "},
		"--store: nothing in it, want a file": {"--store="},
		"--x-rules: no rule in it":            append(x, "--x-rules", ";;"),
		"--trusted-proxies: nothing in it":    {"--trusted-proxies", ","},
		"--source: nothing in it":             {"--source", ","},
	} {
		_, _, err := configured(args)
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") || exitCode(err) != 2 {
			t.Errorf("%q: got %v", args, err)
		}
	}
}
