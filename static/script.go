package static

import (
	"bytes"
	"io/fs"
	"regexp"
	"slices"
)

// main is the script that the page asks for; it imports the others.
const main = "app.js"

var (
	imports = regexp.MustCompile(`(?m)^import .* from "\./(.+)"\n`)
	exports = regexp.MustCompile(`(?m)^export `)
)

// join makes one script of a module and all that it imports, each before those
// that import it, so that a page fetches one file and not a chain of them. It is
// still a module, whose names are its own; that the parts agree on them is seen
// by TestScript_NoNameIsDeclaredTwice.
func join(files fs.FS, name string) []byte {
	var script bytes.Buffer
	for _, part := range inOrder(files, name, nil) {
		code := imports.ReplaceAll(read(files, part), nil)
		script.Write(slim(exports.ReplaceAll(code, nil)))
	}
	return script.Bytes()
}

// inOrder appends the modules that name needs, and then name itself, to those there are.
func inOrder(files fs.FS, name string, before []string) []string {
	for _, found := range imports.FindAllSubmatch(read(files, name), -1) {
		if needed := string(found[1]); !slices.Contains(before, needed) {
			before = inOrder(files, needed, before)
		}
	}
	return append(before, name)
}

// margin is what a script does not need: comments that have a line to themselves,
// and indentation.
var margin = regexp.MustCompile(`(?m)^[ \t]+(//.*)?|^//.*`)

// slim leaves a third of a script's bytes at home. It is allowed to know nothing
// of the language because no string in our scripts goes over several lines.
func slim(script []byte) []byte { return margin.ReplaceAll(script, nil) }
