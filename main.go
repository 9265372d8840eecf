// Nagare shows a live stream of posts on a web page.
//
// This package reads the command line and the environment, connects stream, hub and
// web, and starts and stops them together. The package stream owns where posts come
// from, hub their delivery, and web their appearance.
//
//	main.go ─┬─ flags.go ── env.go       the operator's request, as text
//	         ├─ config.go ─ networks.go  the validated configuration, or all errors
//	         └─ serve.go ─┬ sources.go   sources are built from the configuration
//	                      ├ collect.go   whether this process reads the sources
//	                      ├ store.go     where posts are kept
//	                      ├ http.go      listeners and servers
//	                      └ console.go   log and status line
//
// It promises:
//   - all errors in the configuration are reported at once:
//     TestConfig_ReportsAllErrorsAtOnce
//   - no message shows a token, or the password or the query of an address:
//     TestConfig_NoMessageShowsASecret
//   - no value in the log or on the terminal fills the disk or controls the terminal:
//     TestLog_AHostileValueIsOneShortLineWithoutControlCharacters
//   - on a signal the program tells every visitor, stops cleanly and leaves nothing running:
//     TestRun_ServesStreamsAndStopsCleanly
//   - packages import each other only as the drawing in stream/doc.go allows:
//     TestArrows_PackagesImportOnlyWhatTheDrawingAllows
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from then on, a second signal ends the process at once
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(escaping{os.Stderr}, err)
	}
	os.Exit(exitCode(err))
}

// run executes the command line in an environment of "NAME=value" pairs.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	req, err := parse(args, environ, stdout)
	if err != nil {
		return err
	}
	switch req.command {
	case "help":
		return nil // kong has printed the help
	case "version":
		return printVersion(stdout, req.json)
	}
	c, notes, err := configure(req)
	for _, note := range notes {
		fmt.Fprintln(stderr, oneLine(note))
	}
	if err != nil {
		return err
	}
	switch req.command {
	case "check":
		return check(ctx, c.sources, stdout)
	case "healthcheck":
		return healthcheck(ctx, c)
	case "backup":
		return backup(ctx, c)
	}
	return serve(ctx, c, stdout)
}

// exitCode returns 2 for an error in the command line or the configuration, 3 if a check found
// that all sources refused the credentials, and 1 for any other error.
func exitCode(err error) int {
	var wrong *usageError
	var checked *checkError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		return 2
	case errors.As(err, &checked) && checked.refused:
		return 3
	}
	return 1
}
