package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// appJSON has the fields of Heroku's app.json that this project uses.
type appJSON struct {
	Name, Description string
	Keywords          []string
	SuccessURL        string              `json:"success_url"`
	Buildpacks        []map[string]string `json:"buildpacks"`
	Formation         map[string]struct {
		Quantity int
		Size     string
	}
	Env map[string]struct {
		Description, Value, Generator string
		Required                      *bool
	}
	Environments map[string]json.RawMessage
}

func readAppJSON(t *testing.T) appJSON {
	t.Helper()
	file, err := os.Open("app.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var app appJSON
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&app); err != nil {
		t.Fatal(err)
	}
	return app
}

func TestAppJSON_ExplainsEveryVariableAndRequiresNone(t *testing.T) {
	app := readAppJSON(t)
	var cli cli
	parser, err := newParser(&cli, os.Stdout, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	known := []string{"GO_LINKER_SYMBOL"} // read by the buildpack, not by the program
	for _, flag := range parser.Model.Flags {
		known = append(known, variable(flag.Name))
	}
	for name, env := range app.Env {
		if env.Description == "" || env.Required == nil || *env.Required || !slices.Contains(known, name) {
			t.Errorf("%s: %+v", name, env)
		}
	}
	if web := app.Formation["web"]; web.Quantity != 1 || app.Buildpacks[0]["url"] != "heroku/go" || app.SuccessURL != "/" {
		t.Errorf("got %+v", app)
	}
}

func TestAppJSON_BootsWithItsDefaultsAndShowsPosts(t *testing.T) {
	environ := []string{"DYNO=web.1"}
	for name, env := range readAppJSON(t).Env {
		if env.Generator == "secret" {
			env.Value = strings.Repeat("0123456789abcdef", 4)
		}
		if env.Value != "" {
			environ = append(environ, name+"="+env.Value)
		}
	}
	p := start(t, environ...)
	defer p.end()
	ws := p.subscribe()
	defer ws.Close()
	p.next(ws, "create")
	if page := p.get("/"); !strings.Contains(page, "<article") {
		t.Error("the page has no posts")
	}
}

func TestProcfile_StartsTheProgramThatTheBuildMakes(t *testing.T) {
	procfile, err := os.ReadFile("Procfile")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if string(procfile) != "web: nagare\n" || !strings.HasPrefix(string(mod), "module nagare\n") {
		t.Errorf("Procfile %q, go.mod %.20q", procfile, mod)
	}
	for _, line := range []string{"// +heroku goVersion go1.26\n", "// +heroku install .\n"} {
		if !strings.Contains(string(mod), line) {
			t.Errorf("go.mod lacks %q", line)
		}
	}
}

// The test has systemd-analyze verify the units. Only the path of the program is replaced, by one
// that exists on this machine.
func TestSystemd_AcceptsTheUnits(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skipf("needs systemd-analyze: %v", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, files := t.TempDir(), []string{}
	for _, name := range []string{"nagare.service", "nagare.socket"} {
		unit, err := os.ReadFile(filepath.Join("deploy", name))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Join(dir, name))
		text := strings.Replace(string(unit), "/usr/local/bin/nagare", self, 1)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command(analyze, append([]string{"verify", "--man=no"}, files...)...).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}
