package main

import (
	"log/slog"
)

// newLog makes the log: text for a person, JSON for a machine. On Heroku the lines
// carry no time, since the platform writes its own before each.
func newLog(out *screen, c config) *slog.Logger {
	options := &slog.HandlerOptions{
		Level: c.logLevel,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) > 0 || a.Key != slog.TimeKey {
				return a
			}
			if c.dyno {
				return slog.Attr{}
			}
			a.Key = "ts"
			return a
		},
	}
	if c.logFormat == "text" || c.logFormat == "auto" && out.text {
		return slog.New(slog.NewTextHandler(out, options))
	}
	return slog.New(slog.NewJSONHandler(out, options))
}
