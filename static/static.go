// Package static holds and serves the files of the page: its script, its style sheet, its icons
// and the pictures of the demo.
//
// The addresses of all files except the demo's pictures contain one hash of all contents, as in
// /static/<hash>/app.css, so that browsers can cache them forever: if any file changes, all get
// new addresses. The scripts are written as native modules. esbuild bundles and minifies those of each
// page into one file, which is committed: app.min.js is one request instead of 36, and 16 KB instead of 47. On a
// site with moderators, pins.min.js takes its place: the same modules, and that of the pinned posts.
//
// Package web adds the security headers and the request log.
//
// Promises, and the tests that keep them:
//
//   - The content of an address with a hash never changes: TestURL_ChangesWhenAFileChanges,
//     TestHandler_LetsBrowsersCacheHashedFilesForAYear.
//   - Files are compressed once, before the first request: TestHandler_SendsGzipToClientsThatAcceptIt.
//   - Only the embedded files are served, and no directory listings:
//     TestHandler_ServesOnlyEmbeddedFiles.
//   - The compressed script and style sheet stay within their size limits:
//     TestFiles_StayWithinTheirSizeBudgets.
//   - The bundles match the modules: TestScripts_AreBuiltFromTheModules.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"slices"
	"strings"
)

//go:generate go tool esbuild page.js --bundle --format=esm --minify --target=es2022 --charset=utf8 --log-level=warning --outfile=app.min.js

//go:generate go tool esbuild pins.js --bundle --format=esm --minify --target=es2022 --charset=utf8 --log-level=warning --outfile=pins.min.js

//go:generate go tool esbuild admin.js --bundle --format=esm --minify --target=es2022 --charset=utf8 --log-level=warning --outfile=admin.min.js

//go:generate go tool esbuild wall.js --bundle --format=esm --minify --target=es2022 --charset=utf8 --log-level=warning --outfile=wall.min.js
//go:generate go tool esbuild overlay.js --bundle --format=esm --minify --target=es2022 --charset=utf8 --log-level=warning --outfile=overlay.min.js
//go:generate go tool esbuild embedded.js --bundle --format=esm --minify --target=es2022 --charset=utf8 --log-level=warning --outfile=embedded.min.js
//go:generate go tool esbuild embed.js --bundle --format=iife --minify --target=es2022 --charset=utf8 --log-level=warning --outfile=embed.min.js

//go:embed *.css *.min.js *.svg *.png demo
var files embed.FS

// Root is the path at which Handler must be mounted.
const Root = "/static/"

var (
	version = hash(files)
	assets  = load(files, version)
)

// URL is the address of a file: "/static/<hash>/app.css" for "app.css".
func URL(name string) string { return Root + path(version, name) }

// path returns the path of a file under Root. Pictures of the demo have no hash, because the
// recorded posts contain their addresses.
func path(version, name string) string {
	if strings.HasPrefix(name, "demo/") {
		return name
	}
	return version + "/" + name
}

// hash returns one hash of all files.
func hash(files fs.FS) string {
	sum := sha256.New()
	for _, name := range names(files) {
		sum.Write([]byte(name + "\x00"))
		sum.Write(read(files, name))
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

func names(files fs.FS) []string {
	var all []string
	fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			all = append(all, name)
		}
		return err
	})
	slices.Sort(all)
	return all
}

// read panics on an error, because reading an embedded file can't fail.
func read(files fs.FS, name string) []byte {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		panic(err)
	}
	return b
}
