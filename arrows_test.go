package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows lists, for each package of this module, the packages of this module that it is allowed to
// import. It is the drawing in stream/doc.go, with the packages that the drawing leaves out. A * is any
// name without a slash: the entry "stream/*" holds for each network that has no entry of its own.
var arrows = map[string][]string{
	".": {
		"hub", "store", "store/redis", "store/sqlite", "stream", "stream/moderation", "stream/networks", "stream/reconcile", "stream/recording",
		"stream/replay", "web",
	},
	"web": {
		"hub", "hub/durable", "static", "store", "stream", "stream/fold", "stream/moderation", "stream/query", "stream/reconcile", "stream/weburl",
		"templates", "web/feed", "web/oembed",
	},
	"hub": {},

	"hub/durable": {"hub"},

	"store":           {"hub"},
	"store/redis":     {"hub", "store"},
	"store/sqlite":    {"hub", "store"},
	"store/storetest": {"hub", "store"},

	"web/feed":   {},
	"web/oembed": {},

	"templates": {},
	"static":    {},

	"stream":            {"stream/fold", "stream/query"},
	"stream/fold":       {},
	"stream/query":      {"stream/fold", "stream/weburl"},
	"stream/weburl":     {},
	"stream/moderation": {"stream", "stream/fold", "stream/query"},
	"stream/reconcile":  {"stream", "stream/internal/recent"},
	"stream/recording":  {"stream", "stream/internal/lines"},
	"stream/replay":     {"stream", "stream/internal/lines", "stream/recording"},

	"stream/bluesky": {
		"stream", "stream/fold", "stream/internal/anomaly", "stream/internal/fetch", "stream/internal/lines", "stream/internal/netclock",
		"stream/internal/recent", "stream/internal/text",
	},
	"stream/mastodon": {
		"stream", "stream/fold", "stream/internal/anomaly", "stream/internal/fetch", "stream/internal/html", "stream/internal/lines", "stream/internal/netclock",
		"stream/internal/recent", "stream/internal/text",
	},
	"stream/x": {
		"stream", "stream/internal/anomaly", "stream/internal/fetch", "stream/internal/lines", "stream/internal/netclock", "stream/internal/text", "stream/weburl",
	},
	"stream/twitter": {
		"stream", "stream/internal/anomaly", "stream/internal/fetch", "stream/internal/lines", "stream/internal/netclock", "stream/internal/text", "stream/x",
	},

	"stream/*":        {"stream", "stream/internal/*"},
	"stream/networks": {"stream", "stream/*"},

	"stream/internal/anomaly":  {},
	"stream/internal/fetch":    {"stream", "stream/internal/netclock", "stream/internal/text"},
	"stream/internal/html":     {"stream", "stream/internal/text"},
	"stream/internal/text":     {"stream", "stream/weburl"},
	"stream/internal/lines":    {},
	"stream/internal/netclock": {},
	"stream/internal/recent":   {},
	"stream/streamtest":        {"stream"},
}

func TestArrows_PackagesImportOnlyWhatTheDrawingAllows(t *testing.T) {
	for _, file := range written(t) {
		from := filepath.Dir(file)
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		allowed, known := arrows[from]
		if isChild, _ := path.Match("stream/*", from); !known && isChild {
			allowed, known = arrows["stream/*"]
		}
		if !known {
			t.Errorf("%s: a package without an entry in arrows", from)
			continue
		}
		for _, name := range ours(t, file) {
			if !slices.ContainsFunc(allowed, func(p string) bool { ok, _ := path.Match(p, name); return ok }) {
				t.Errorf("%s imports %s, may import %v", file, name, allowed)
			}
		}
	}
}

// written lists the hand-written Go files of all packages.
func written(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "bench"): // bench is another module
			return fs.SkipDir
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_templ.go"):
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// The limits for files and functions, in lines. Longer ones are hard to read.
const (
	mostLinesOfAFile     = 300
	mostLinesOfAFunction = 60
)

func TestSize_FilesAndFunctionsAreShort(t *testing.T) {
	for _, file := range written(t) {
		positions := token.NewFileSet()
		parsed, err := parser.ParseFile(positions, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		line := func(p token.Pos) int { return positions.Position(p).Line }
		if n := line(parsed.FileEnd); n > mostLinesOfAFile {
			t.Errorf("%s has %d lines, want %d at most", file, n, mostLinesOfAFile)
		}
		for _, decl := range parsed.Decls {
			f, is := decl.(*ast.FuncDecl)
			if is && line(f.End())-line(f.Pos())+1 > mostLinesOfAFunction {
				t.Errorf("%s: %s has %d lines, want %d at most", file, f.Name, line(f.End())-line(f.Pos())+1, mostLinesOfAFunction)
			}
		}
	}
}

// The files of package main import nothing from each other, so the test looks at the names that
// each file uses of another one. No two files may depend on each other, even through further
// files.
func TestFiles_OfPackageMainHaveNoCyclicDependencies(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	home := map[string]string{}            // the file in which each name is declared
	uses := map[string]map[string]string{} // for each file, the files it depends on, each with one name used
	unresolved := map[string][]*ast.Ident{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		keys := map[*ast.Ident]bool{} // the field names in struct literals, which are no uses
		ast.Inspect(parsed, func(n ast.Node) bool {
			if pair, is := n.(*ast.KeyValueExpr); is {
				key, _ := pair.Key.(*ast.Ident)
				keys[key] = true
			}
			return true
		})
		for name := range parsed.Scope.Objects {
			home[name] = file
		}
		unresolved[file] = slices.DeleteFunc(parsed.Unresolved, func(id *ast.Ident) bool { return keys[id] })
		uses[file] = map[string]string{}
	}
	for file, names := range unresolved {
		for _, id := range names {
			if other := home[id.Name]; other != "" {
				uses[file][other] = id.Name
			}
		}
	}
	var follow func(path []string)
	done := map[string]bool{}
	follow = func(path []string) {
		last := path[len(path)-1]
		if i := slices.Index(path, last); i < len(path)-1 {
			t.Fatalf("%v use each other: %s uses %s of %s", path[i:], path[len(path)-2], uses[path[len(path)-2]][last], last)
		}
		for other := range uses[last] {
			if !done[other] {
				follow(append(slices.Clone(path), other))
			}
		}
		done[last] = true
	}
	for file := range uses {
		follow([]string{file})
	}
	if len(uses) < 10 || !done["main.go"] || uses["main.go"]["flags.go"] == "" {
		t.Fatalf("saw only %v", uses)
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
