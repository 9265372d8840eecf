// Package static holds the files of the page that never change while the
// program runs: its script, its style, its icons and the pictures of the demo.
//
// All of them but the pictures live under one name that is made of all their
// bytes, /static/<hash>/app.css, and so may be kept for ever: when any of them
// changes, all get new names. The script is written as native modules, a file for
// each idea. esbuild joins and minifies them into app.min.js, which is committed:
// one request instead of 29, and 13 KB instead of 35.
//
// What it leaves to others: security headers and the request log are web's.
//
// Promises, and the tests that keep them:
//
//   - A hashed address never shows other bytes: TestURL_ChangesWithTheBytes,
//     TestHandler_LetsHashedFilesBeKeptForEver.
//   - Files are compressed once, before the first request: TestHandler_SendsGzipToClientsThatAcceptIt.
//   - Only what is listed here is served, no folders, no way out of them:
//     TestHandler_ServesNothingElse.
//   - The page stays light: TestBudgets.
//   - What is served is what the modules say: TestScript_IsBuiltFromTheModules.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"slices"
	"strings"
)

//go:generate go tool esbuild app.js --bundle --format=esm --minify --target=es2022 --charset=utf8 --log-level=warning --outfile=app.min.js

//go:embed *.css app.min.js *.svg *.png demo
var files embed.FS

// Root is where Handler expects to be mounted.
const Root = "/static/"

var (
	version = hash(files)
	assets  = load(files, version)
)

// URL is the address of a file: "/static/<hash>/app.css" for "app.css".
func URL(name string) string { return Root + path(version, name) }

// path is where a file stands under Root. The demo's posts name their pictures
// themselves, so those keep their plain names.
func path(version, name string) string {
	if strings.HasPrefix(name, "demo/") {
		return name
	}
	return version + "/" + name
}

// hash is one name for the whole set.
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

// read panics on an error, because an embedded file that is listed can be read.
func read(files fs.FS, name string) []byte {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		panic(err)
	}
	return b
}
