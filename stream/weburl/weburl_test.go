package weburl

import (
	"strings"
	"testing"
)

func TestParse_KeepsAddressesThatBrowsersOpen(t *testing.T) {
	for raw, want := range map[string]string{
		"https://shop.example/sale-50%-off":       "https://shop.example/sale-50%-off",
		"https://a.example/?q=100%&r=%zz":         "https://a.example/?q=100%&r=%zz",
		"https://a.example:443/x":                 "https://a.example/x",
		"http://a.example:80":                     "http://a.example",
		"http://a.example:":                       "http://a.example",
		"https://a.example:8443?x#y":              "https://a.example:8443?x#y",
		"https://[2001:DB8:0:0::1]:8443/":         "https://[2001:db8::1]:8443/",
		"https://blåbær.example/ø":                "https://xn--blbr-roah.example/%C3%B8",
		"https://ＧＯ.example/":                     "https://go.example/",
		"https://i❤.example/":                     "https://xn--i-7iq.example/",
		"https://straße.example/":                 "https://xn--strae-oqa.example/",
		"https://例え。jp/":                          "https://xn--r8jz45g.jp/",
		"https://ex%61mple.org/":                  "https://example.org/",
		"https://a_b.example/":                    "https://a_b.example/",
		"http://0x7f.1/":                          "http://127.0.0.1/",
		"http://2130706433/":                      "http://127.0.0.1/",
		"http://127.0.0.1./":                      "http://127.0.0.1/",
		"https:a.example/x":                       "https://a.example/x",
		`https:\\a.example\x\..\y?\`:              "https://a.example/y?%5C",
		"  https://a.example/x \n":                "https://a.example/x",
		"ht\ntps://a.exa\tmple/x":                 "https://a.example/x",
		"https://a.example/a/./b/../c/%2e%2E/d/.": "https://a.example/a/d/",
		"https://a.example/../..":                 "https://a.example/",
		`https://a.example/"'<x>`:                 "https://a.example/%22'%3Cx%3E",
		"https://a.example/[1](2)|{3}^`":          "https://a.example/[1](2)%7C%7B3%7D%5E%60",
		"https://a.example/ü b?ü b#ü b":           "https://a.example/%C3%BC%20b?%C3%BC%20b#%C3%BC%20b",
		"https://a.example/@mio@b.example":        "https://a.example/@mio@b.example",
	} {
		if got := Clean(raw); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}

func TestParse_RefusesWhatIsNoSafeAddressOfAPage(t *testing.T) {
	for _, raw := range []string{
		"", "a.example", "//a.example/", "/x", "javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "ftp://a.example/", "mailto:a@b.example",
		"intent://x#Intent;scheme=http;end", "view-source:https://a.example", "blob:https://a.example/1", "ws://a.example/", "httpſ://a.example/",
		"https://", "https:///", "https://.", "https://:80/", "https://u@a.example/", "https://u:p@a.example/", "https://a.example@b.example/",
		"https://a.example:65536/", "https://a.example:x/", "https://a b.example/", "https://a<b.example/", "https://a%00b.example/", "https://a%2/",
		"https://a%3ab/", "https://a%40b/", "https://[::1", "https://[::1]x/", "https://[fe80::1%25eth0]/", "https://[1.2.3.4]/", "https://xn--a/",
		"http://1.2.3.4.5/", "http://1.2.3.256/", "http://0x100000000/", "http://09.1/", "https://a.1/", "https://" + strings.Repeat("a", 2041),
	} {
		if got := Clean(raw); got != "" {
			t.Errorf("%q: got %q", raw, got)
		}
	}
}

func TestDisplayHost_IsForPeople(t *testing.T) {
	for raw, want := range map[string]string{
		"https://www.a.example/x":       "a.example",
		"https://blåbær.example:8443/x": "blåbær.example:8443",
		"https://[::1]/":                "[::1]",
	} {
		if u, ok := Parse(raw); !ok || u.DisplayHost() != want {
			t.Errorf("%q: got %q, want %q", raw, u.DisplayHost(), want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"https://a.example/sale-50%-off", `https:\\例え。jp\x?y#z`, "http://0x7f.1/..", "https://[::1]:8/", "https://a%62:443",
		"https://cdn.bsky.app/img/avatar/plain/did:plc:a/b@jpeg?x=1#y", "https://a..b", "https://a.0x7", "https://a/%2e%2e/b", "https://-a.b_/./c", "https://"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got := Clean(raw)
		if got == "" {
			return
		}
		if u, ok := Parse(raw); !ok || u.String() != got {
			t.Errorf("%q became %q, but is parsed as %q, %v", raw, got, u, ok)
		}
		if again := Clean(got); again != got {
			t.Errorf("%q became %q, and that %q", raw, got, again)
		}
		if len(got) > Longest || strings.ContainsAny(got, "\"<>\\`") || strings.ContainsFunc(got, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			t.Errorf("%q became %q", raw, got)
		}
	})
}
