package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func get(t *testing.T, h http.Handler, path string, header ...string) *http.Response {
	t.Helper()
	return ask(t, h, http.MethodGet, path, header...)
}

func ask(t *testing.T, h http.Handler, method, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "/", nil)
	r.URL.Path = path
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) []byte {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestURL_ChangesWhenAFileChanges(t *testing.T) {
	before := hash(fstest.MapFS{"a.js": {Data: []byte("1")}, "b.js": {Data: []byte("2")}})
	for name, after := range map[string]fstest.MapFS{
		"bytes":   {"a.js": {Data: []byte("1")}, "b.js": {Data: []byte("3")}},
		"names":   {"a.js": {Data: []byte("1")}, "c.js": {Data: []byte("2")}},
		"borders": {"a.js": {Data: []byte("1b.js")}, "b.js": {Data: []byte("")}},
	} {
		if hash(after) == before {
			t.Errorf("other %s, same hash", name)
		}
	}
}

func TestHandler_LetsBrowsersCacheHashedFilesForAYear(t *testing.T) {
	for _, name := range []string{"app.css", "app.min.js", "admin.css", "admin.min.js", "icon.svg", "icon-waiting.svg", "icon-192.png", "apple-touch-icon.png"} {
		res := get(t, Handler(), URL(name))
		if res.StatusCode != 200 || res.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || res.Header.Get("Content-Type") == "" {
			t.Errorf("%s: %s %v", URL(name), res.Status, res.Header)
		}
	}
}

func TestHandler_LetsBrowsersRevalidateDemoPictures(t *testing.T) {
	res := get(t, Handler(), URL("demo/river.svg"))
	tag := res.Header.Get("ETag")
	if res.StatusCode != 200 || res.Header.Get("Cache-Control") != anHour || tag == "" {
		t.Fatalf("%s %v", res.Status, res.Header)
	}
	if res := get(t, Handler(), "/static/demo/river.svg", "If-None-Match", tag); res.StatusCode != 304 {
		t.Errorf("asked again: %s", res.Status)
	}
}

func TestHandler_SendsGzipToClientsThatAcceptIt(t *testing.T) {
	plain := body(t, get(t, Handler(), URL("app.css")).Body)
	for accept, want := range map[string]string{
		"gzip": "gzip", "br, GZIP;q=0.5": "gzip", "": "", "br": "", "gzip;q=0": "", "gzip; q=0.0": "", "x-gzip": "",
	} {
		res := get(t, Handler(), URL("app.css"), "Accept-Encoding", accept)
		if got := res.Header.Get("Content-Encoding"); got != want || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: encoding %q, want %q", accept, got, want)
		}
		if want == "gzip" && !bytes.Equal(unzip(t, res.Body), plain) {
			t.Errorf("%q: other bytes", accept)
		}
	}
}

func unzip(t *testing.T, r io.Reader) []byte {
	t.Helper()
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	return body(t, z)
}

func TestHandler_GivesThePlainAndTheCompressedFileDifferentETags(t *testing.T) {
	plain := get(t, Handler(), URL("app.css")).Header.Get("ETag")
	if zipped := get(t, Handler(), URL("app.css"), "Accept-Encoding", "gzip").Header.Get("ETag"); zipped == plain {
		t.Errorf("both forms have the tag %s", plain)
	}
}

func TestHandler_ServesOnlyEmbeddedFiles(t *testing.T) {
	root := strings.TrimSuffix(URL("app.min.js"), "app.min.js")
	for _, path := range []string{
		"/static/", "/static", root, "/static/app.js", "/static/demo", "/static/demo/", "/static/000000000000/app.js",
		root + "static.go", root + "../static.go", root + "%2e%2e/main.go", "/static/../main.go", "/static//etc/passwd",
		"/static/demo/../" + URL("app.min.js"), root + "demo/river.svg", root + "app.min.js/", root + "app.js", root + "app.min.js\x00",
	} {
		if res := get(t, Handler(), path); res.StatusCode != 404 {
			t.Errorf("%q: %s", path, res.Status)
		}
	}
}

func TestHandler_RefusesMethodsOtherThanGetAndHead(t *testing.T) {
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "TRACE"} {
		if res := ask(t, Handler(), method, URL("app.min.js")); res.StatusCode != 405 || res.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %s, Allow %q", method, res.Status, res.Header.Get("Allow"))
		}
	}
	if res := ask(t, Handler(), "HEAD", URL("app.min.js")); res.StatusCode != 200 || len(body(t, res.Body)) != 0 {
		t.Errorf("HEAD: %s", res.Status)
	}
}

func TestScripts_AreBuiltFromTheModules(t *testing.T) {
	source, err := os.ReadFile("static.go")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)^//go:generate go (tool .*) --outfile=(\S+)$`).FindAllStringSubmatch(string(source), -1)
	if built, _ := filepath.Glob("*.min.js"); len(built) != len(commands) {
		t.Errorf("%d commands build %v", len(commands), built)
	}
	for _, c := range commands {
		want, err := exec.Command("go", strings.Fields(c[1])...).Output()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(read(files, c[2]), want) {
			t.Errorf("%s is not what esbuild makes of the modules: run go generate ./static", c[2])
		}
	}
}

// modules returns the names of the source files of the script.
func modules(t *testing.T) []string {
	names, err := filepath.Glob("*.js")
	if err != nil || len(names) < 10 {
		t.Fatalf("found %v, %v", names, err)
	}
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, ".min.js") })
}

func TestFiles_StayWithinTheirSizeBudgets(t *testing.T) {
	budgets := map[string]int{
		"app.min.js": 16 << 10, "pins.min.js": 17 << 10, "pins.css": 1 << 10, "app.css": 10 << 10, "admin.min.js": 21 << 9, "admin.css": 4<<10 + 256,
		"wall.min.js": 9 << 10, "overlay.min.js": 8 << 10, "embedded.min.js": 9 << 10, "embed.min.js": 1 << 10, "screen.css": 3 << 10,
	}
	for name, budget := range budgets {
		if size := len(assets[path(version, name)].gzipped); size == 0 || size > budget {
			t.Errorf("%s: %d bytes compressed, want at most %d", name, size, budget)
		}
	}
}

// Only one function turns text into HTML elements, so that only one has to be reviewed for script injection.
func TestScripts_InsertHtmlInOnePlace(t *testing.T) {
	inserts := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|setHTMLUnsafe|DOMParser`)
	var found []string
	for _, name := range modules(t) {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range inserts.FindAllString(string(source), -1) {
			found = append(found, name+": "+m)
		}
	}
	if len(found) != 1 || found[0] != "dom.js: innerHTML" {
		t.Errorf("found %q", found)
	}
}
