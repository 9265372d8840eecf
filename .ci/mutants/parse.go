package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// mutant is a change of the code that breaks a property, with the tests that must detect the
// change.
type mutant struct {
	breaks   string // the property that the change breaks
	file     string
	old, new string
	dir      string // directory of the tests' package, such as ./hub
	tests    []string
}

// parse reads paragraphs of this form; there may be several lines with - and with +:
//
//	# What no longer holds.
//	hub/log.go
//	- if old {
//	+ if new {
//	./hub TestOne TestTwo
func parse(text string) (mutants []mutant, err error) {
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		var m mutant
		var old, fresh []string
		for line := range strings.SplitSeq(block, "\n") {
			switch rest := line[min(2, len(line)):]; {
			case strings.HasPrefix(line, "# "):
				m.breaks = rest
			case strings.HasPrefix(line, "- "):
				old = append(old, rest)
			case strings.HasPrefix(line, "+ "):
				fresh = append(fresh, rest)
			case strings.HasPrefix(line, "./"), strings.HasPrefix(line, ". "):
				words := strings.Fields(line)
				m.dir, m.tests = words[0], words[1:]
			default:
				m.file = line
			}
		}
		m.old, m.new = strings.Join(old, "\n"), strings.Join(fresh, "\n")
		if m.breaks == "" || m.file == "" || m.old == "" || len(m.tests) == 0 {
			return nil, fmt.Errorf("not a mutant:\n%s", block)
		}
		mutants = append(mutants, m)
	}
	return mutants, nil
}

// apply returns the content of the file with the mutation. It returns an error unless the old text
// occurs exactly once.
func (m mutant) apply() ([]byte, error) {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.breaks, err)
	}
	if n := bytes.Count(text, []byte(m.old)); n != 1 {
		return nil, fmt.Errorf("%s: %s has %q %d times, want once", m.breaks, m.file, m.old, n)
	}
	return bytes.Replace(text, []byte(m.old), []byte(m.new), 1), nil
}

// hasTests returns an error if one of the mutant's tests doesn't exist.
func (m mutant) hasTests() error {
	files, err := filepath.Glob(filepath.Join(m.dir, "*_test.go"))
	if err != nil {
		return err
	}
	var all []byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		all = append(all, text...)
	}
	for _, name := range m.tests {
		if !bytes.Contains(all, []byte("func "+name+"(")) {
			return fmt.Errorf("%s: %s has no %s", m.breaks, m.dir, name)
		}
	}
	return nil
}
