// Command mutants verifies that tests fail when the code breaks. It reads mutants.txt and runs the
// tests named there with each mutation. It applies a mutation through go test's -overlay, so that
// the source files don't change. It reports an error for a mutation that no test detects, and for
// a mutation whose old text is no longer in the code.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// atOnce is the number of go commands that run at the same time.
const atOnce = 2

func main() {
	every := flag.Int("every", 1, "run one of so many mutants; all of them must fit the code")
	from := flag.Int("from", 0, "begin with this one; those that -every leaves out differ with it")
	only := flag.String("only", "", "run those whose file begins with this")
	limit := flag.Duration("limit", 15*time.Minute, "give up after this time")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), *limit)
	defer cancel()
	if err := run(ctx, ".ci/mutants/mutants.txt", *only, *every, *from); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, list, only string, every, from int) error {
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	mutants, err := parse(string(text))
	if err != nil {
		return err
	}
	var faults []error
	for _, m := range mutants {
		_, err := m.apply()
		faults = append(faults, err, m.hasTests())
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	var chosen []mutant
	for i, m := range mutants {
		if i%every == from%every && strings.HasPrefix(m.file, only) {
			chosen = append(chosen, m)
		}
	}
	took, err := unmutated(ctx, chosen)
	if err != nil {
		return err
	}
	return kill(ctx, chosen, took)
}

// kill runs the tests of each mutant. It returns an error for each mutant that survived.
func kill(ctx context.Context, mutants []mutant, took durations) error {
	return forEach(mutants, func(m mutant) error {
		begun, end := time.Now(), "killed"
		err := m.run(ctx, took.limit(m))
		switch {
		case errors.Is(err, errSkipped):
			end, err = "skipped", nil
		case err != nil:
			end = "FAILED"
		}
		fmt.Printf("%-8s %4.1fs  %s\n", end, time.Since(begun).Seconds(), m.breaks)
		return err
	})
}

// forEach calls f with each item, several at a time, and returns all errors.
func forEach[T any](items []T, f func(T) error) error {
	var group errgroup.Group
	group.SetLimit(atOnce)
	faults := make([]error, len(items))
	for i, item := range items {
		group.Go(func() error { faults[i] = f(item); return nil })
	}
	group.Wait()
	return errors.Join(faults...)
}

// errSkipped means that the test was skipped, because this machine lacks something that the test
// needs, such as a browser.
var errSkipped = errors.New("skipped")

// run applies the mutation and runs its tests. It returns an error if none of them fails.
func (m mutant) run(ctx context.Context, limit time.Duration) error {
	mutated, err := m.apply()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if filepath.Ext(m.file) == ".js" {
		if m.file, mutated, err = bundle(ctx, m.file, mutated); err != nil {
			return err
		}
	}
	file, overlay := filepath.Join(dir, "mutated"+filepath.Ext(m.file)), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{m.file: file}})
	if err != nil {
		return err
	}
	if err := errors.Join(os.WriteFile(file, mutated, 0o600), os.WriteFile(overlay, replace, 0o600)); err != nil {
		return err
	}
	out, err := test(ctx, "-overlay", overlay, "-v", "-failfast", "-timeout", limit.String(), "-run", pattern(m.tests), m.dir)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", m.breaks, ctx.Err())
	case err == nil && strings.Contains(out, "--- SKIP: "):
		return errSkipped
	case err == nil:
		return fmt.Errorf("SURVIVED: %s (%s: %s, %v)", m.breaks, m.file, m.new, m.tests)
	case strings.Contains(out, "[build failed]"), strings.Contains(out, "[setup failed]"):
		return fmt.Errorf("%s: the mutation doesn't compile:\n%s", m.breaks, out)
	}
	return nil
}

// bundle makes the bundled script from the modules, with one module mutated, and returns its file
// name and its content. The mutation must be in the bundle, because the program embeds the bundle
// and not the modules.
func bundle(ctx context.Context, file string, mutated []byte) (string, []byte, error) {
	dir, err := os.MkdirTemp("", "modules")
	if err != nil {
		return "", nil, err
	}
	defer os.RemoveAll(dir)
	err = errors.Join(os.CopyFS(dir, os.DirFS(filepath.Dir(file))), os.WriteFile(filepath.Join(dir, filepath.Base(file)), mutated, 0o600))
	if err != nil {
		return "", nil, err
	}
	script, err := exec.CommandContext(ctx, "go", "tool", "esbuild", filepath.Join(dir, "page.js"), "--bundle", "--format=esm", "--minify").Output()
	return filepath.Join(filepath.Dir(file), "app.min.js"), script, err
}

func test(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", append([]string{"test", "-vet=off", "-count=1"}, args...)...).CombinedOutput()
	return string(out), err
}

func pattern(tests []string) string {
	tests = slices.Compact(slices.Sorted(slices.Values(tests)))
	return "^(" + strings.Join(tests, "|") + ")$"
}
