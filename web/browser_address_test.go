package web_test

import (
	"encoding/json"
	"testing"

	"nagare/stream/weburl"
)

// The standard leaves some characters as they are that are escaped here, so they are escaped in
// the address of the browser too.
const canonical = `raws => raws.map(raw => {
	try {
		const url = new URL(raw)
		if (!["http:", "https:"].includes(url.protocol) || url.username + url.password !== "") return ""
		return url.href.replace(/[|^{}\x60\\]/g, encodeURIComponent).replaceAll("%27", "'")
	} catch { return "" }
})`

func TestWeburl_ParsesAddressesAsChromiumDoes(t *testing.T) {
	t.Parallel()
	raws := []string{
		"https://shop.example/sale-50%-off", "https://a.example/?q=100%&r=%zz#%", "https://a.example:443/x", "http://a.example:80", "http://a.example:",
		"https://a.example:8443?x#y", "https://[2001:DB8:0:0::1]:8443/", "https://blåbær.example/ø", "https://ＧＯ.example/", "https://i❤.example/",
		"https://straße.example/", "https://例え。jp/", "https://ex%61mple.org/", "https://a_b.example/", "http://0x7f.1/", "http://2130706433/", "http://017700000001/",
		"http://127.0.0.1./", "https:a.example/x", "https:///a", `https:\\a.example\x\..\y?\`, "  https://a.example/x \n", "ht\ntps://a.exa\tmple/x",
		"https://a.example/a/./b/../c/%2e%2E/d/.", "https://a.example/../..", `https://a.example/"'<x>?"'<x>#"'<x>`, "https://a.example/[1](2)|{3}^`?[1](2)|{3}^`",
		"https://a.example/ü b?ü b#ü b", "https://a.example/@mio@b.example", "https://a.example//b///c", "https://a.example/%2f%5c", "https://a.example?\\#\\",
		"https://a.example/;a=b,c&d", "https://a.example/\u200bx", "https://a.exa\u00admple/", "https://a..b.example/", "https://-a-.example/", "https://مثال.example/",

		"", "a.example", "//a.example/", "javascript:alert(1)", "java\nscript:alert(1)", "ftp://a.example/", "https://", "https:///", "https://:80/", "https://u@a.example/",
		"https://u:p@a.example/", "https://a.example@b.example/", "https://a.example:65536/", "https://a.example:x/", "https://a<b.example/",
		"https://a%00b.example/", "https://a%2/", "https://a%3ab/", "https://a%40b/", "https://[::1", "https://[::1]x/", "https://[1.2.3.4]/",
		"http://1.2.3.4.5/", "http://1.2.3.256/", "http://0x100000000/", "http://09.1/", "https://a.1/", "view-source:https://a.example", "httpſ://a.example/",
	}
	given, err := json.Marshal(raws)
	if err != nil {
		t.Fatal(err)
	}
	ours := make([]string, len(raws))
	for i, raw := range raws {
		ours[i] = weburl.Clean(raw)
	}
	cleaned, err := json.Marshal(ours)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, newSite(t, 0), "/")
	want := eval[[]string](b, "("+canonical+")("+string(given)+")")
	got := eval[[]string](b, "("+canonical+")("+string(cleaned)+")") // the browser adds a path where none is
	for i, raw := range raws {
		if got[i] != want[i] {
			t.Errorf("%q: got %q, and the browser opens %q", raw, ours[i], want[i])
		}
	}
}
