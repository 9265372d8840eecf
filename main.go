// Nagare shows a live stream of posts on a web page.
//
// This package reads the command line and the environment, ties stream, hub and
// web together, and sees to it that all of them start and end together. It leaves
// to stream where posts come from, to hub who gets them and to web how they look.
// It promises:
//   - everything that is wrong with the configuration is said at once:
//     TestConfig_SaysAllFaultsAtOnce
//   - a signal ends it cleanly, every visitor told, nothing left running:
//     TestRun_ServesStreamsAndStopsCleanly
//   - the packages know of each other only what the arrows allow: TestArrows
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"golang.org/x/sync/errgroup"

	"nagare/hub"
	"nagare/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second signal ends the process at once
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(exitCode(err))
}

// run does what the command line and the environment ("NAME=value" each) ask for.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	cmd, err := parse(args, environ, stdout, stderr)
	if err != nil {
		return err
	}
	switch cmd.name {
	case "help":
		return nil // kong has printed it
	case "version":
		return printVersion(stdout, cmd.json)
	case "healthcheck":
		return healthcheck(ctx, cmd.config)
	}
	if cmd.name == "check" {
		return check(ctx, cmd.config, stdout)
	}
	return serve(ctx, cmd.config, stdout)
}

// exitCode is 2 for what was asked wrongly, 3 if all sources that were checked
// refused our credentials, and 1 for what failed otherwise.
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

// channel is where the posts go. The 2013 client subscribes to it by this name.
const channel = "streaming"

// serve runs the site until ctx ends.
func serve(ctx context.Context, c config, stdout io.Writer) error {
	memlimit.Set(memlimit.WithRatio(0.85)) // of the container's, if there is one, and GOMEMLIMIT isn't set
	listener, err := listen(c)
	if err != nil {
		return err
	}
	operator, err := listenMetrics(c)
	if err != nil {
		return err
	}
	home := address(c, listener)
	fmt.Fprintln(stdout, home)
	screen := newScreen(stdout, c)
	log := newLog(screen, c)

	h := hub.New(hub.Options{Log: log, CheckOrigin: c.origins().Allow, Limits: c.limits, Tick: c.tick})
	timeline := web.NewTimeline(h, channel, log)
	site := web.New(web.Config{
		Hub: h, Timeline: timeline, Origins: c.origins(), Log: log, Site: c.site, Sample: c.feeds.sample(), Tokens: c.tokens,
		Proxies: c.proxies, Version: buildVersion(), Ready: func() error { return stopping(ctx) },
	})
	recorder, err := record(c, timeline, log)
	if err != nil {
		return err
	}
	if recorder != nil {
		defer recorder.Close()
	}
	group, ctx := errgroup.WithContext(ctx)
	drained := make(chan struct{})
	group.Go(func() error {
		defer close(drained)
		return h.Run(ctx)
	})
	group.Go(func() error { return serveHTTP(newServer(site, log), listener, drained) })
	group.Go(func() error { return runFeeds(ctx, c, log, timeline, recorder) })
	group.Go(func() error { return screen.run(ctx, gauges{c.feeds.name(), timeline, h, home}, log) })
	if operator != nil {
		group.Go(func() error { return serveHTTP(newServer(web.Metrics(h, timeline), log), operator, ctx.Done()) })
	}
	return group.Wait()
}

func stopping(ctx context.Context) error {
	if ctx.Err() != nil {
		return errors.New("stopping")
	}
	return nil
}
