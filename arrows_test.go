package main

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows are which of our packages a package may import.
var arrows = map[string][]string{
	".":         {"hub", "stream", "web"},
	"web":       {"hub", "static", "stream", "templates"},
	"hub":       {},
	"stream":    {},
	"templates": {},
	"static":    {},
}

func TestArrows(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	deeper, err := filepath.Glob("*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, deeper...) {
		from := filepath.Dir(file)
		if strings.HasSuffix(file, "_test.go") || from == "bench" { // a module of its own
			continue
		}
		allowed, known := arrows[from]
		if !known {
			t.Errorf("%s: a package that no arrow knows", from)
			continue
		}
		for _, name := range ours(t, file) {
			if !slices.Contains(allowed, name) {
				t.Errorf("%s imports %s, may import %v", file, name, allowed)
			}
		}
	}
}

// ours lists the packages of this module that a file imports.
func ours(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, spec := range parsed.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if name, found := strings.CutPrefix(path, "nagare/"); found {
			names = append(names, name)
		}
	}
	return names
}
