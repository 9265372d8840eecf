package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// linked is the version that the linker was told (-X main.linked=…), for builds
// that have no version control to ask, such as Heroku's.
var linked string

// buildVersion is the version of this program, "devel" if nobody knows.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if linked != "" || !ok || info.Main.Version == "(devel)" {
		return cmp.Or(linked, "devel")
	}
	return cmp.Or(info.Main.Version, "devel")
}

func printVersion(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(map[string]string{
			"name": "nagare", "version": buildVersion(), "go": runtime.Version(),
		})
	}
	_, err := fmt.Fprintf(out, "nagare %s (%s)\n", buildVersion(), runtime.Version())
	return err
}
