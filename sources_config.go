package main

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"

	"nagare/stream"
	"nagare/stream/networks"
)

// sources reads the settings that say where posts come from.
func (c *checker) sources(req request, kept storeConfig) sourcesConfig {
	s := req.settings
	conf := sourcesConfig{country: c.country(s.Country), Site: stream.Site{Durable: kept.durable(), Wanted: c.wanted(s)}}
	playing := replayConfig{speed: c.Number("speed", s.Speed, 0.001, 1000, "a number from 0.001 to 1000")}
	if req.command == "replay" {
		c.readable("FILE", req.file)
		conf.ids, conf.list = []string{replayID}, []stream.Configuration{c.playing(playing, req)}
	} else {
		c.sourceList(&conf, playing, req)
	}
	c.withoutEffect(conf)
	return conf
}

const (
	demoID   = "demo"
	replayID = "replay"
)

// sourceList reads --source into conf. The recording among the sources is playing.
func (c *checker) sourceList(conf *sourcesConfig, playing replayConfig, req request) {
	named, given := false, map[string]bool{} // named: a source, or none
	for _, value := range req.settings.Source {
		value = strings.TrimSpace(value)
		named = named || value != ""
		if value == "" || value == "none" && len(req.settings.Source) == 1 {
			continue
		}
		id, file, _ := strings.Cut(value, ":")
		switch {
		case given[value] && id == replayID:
			c.Fault("source", "the recording %s twice, want it once", shownPath(file))
			continue
		case given[value]:
			c.Fault("source", "%s twice, want it once", value)
			continue
		case value == demoID:
			conf.list = append(conf.list, playing)
		case req.networks[value] != nil:
			conf.list = append(conf.list, req.networks[value].Configure(c, conf.Site))
		case id == replayID && file != "":
			c.readable("source", file)
			playing := playing
			playing.file = file
			conf.list = append(conf.list, playing)
		default:
			c.Fault("source", "%s, want %s, demo, replay:FILE, or none by itself", shown(value), strings.Join(networkIDs(), ", "))
			continue
		}
		conf.ids, given[value] = append(conf.ids, id), true
	}
	if len(conf.ids) == 0 && !named {
		c.Fault("source", "nothing in it, want %s, demo, replay:FILE, or none by itself", strings.Join(networkIDs(), ", "))
	}
}

// playing reads the flags of the command replay.
func (c *checker) playing(r replayConfig, req request) replayConfig {
	r.file, r.loop = req.file, req.replay.Loop
	r.start = c.span("start", req.replay.Start, math.MaxInt64, "a time such as 90s or 2h")
	switch rate := req.replay.Rate; {
	case rate == "max":
		r.rate = math.Inf(1)
	case rate != "":
		r.rate = c.Number("rate", rate, 0.001, 100_000, "posts a second from 0.001 to 100000, or max")
	}
	if r.rate != 0 && c.given.name("speed") == "--speed" && c.given.has("speed") {
		c.Fault("rate", "given with --speed, want one of the two")
	}
	return r
}

// withoutEffect adds a note for each setting that belongs to a source that isn't used.
func (c *checker) withoutEffect(conf sourcesConfig) {
	if c.given.has("speed") && !conf.sample() {
		c.note("speed", "no effect, since no source is a recording")
	}
	for _, n := range networks.All {
		if slices.Contains(conf.ids, n.ID) {
			continue
		}
		for _, flag := range flagsOf(n) {
			if c.given.has(flag) {
				c.note(flag, "no effect, since %s is not among the sources", n.ID)
			}
		}
	}
}

// readable adds an error if a file of posts can't be read. Nothing is read from a pipe, because it
// could not be read again.
func (c *checker) readable(flag, file string) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir():
		c.Fault(flag, "no file %s, want a file of recorded posts", shownPath(file))
		return
	case err == nil && info.Mode().IsRegular():
		err = readOne(file)
	}
	var failed *fs.PathError
	if errors.As(err, &failed) {
		c.Fault(flag, "%s: %v, want a file of recorded posts that can be read", shownPath(file), failed.Err)
	}
}

// readOne reads the first byte of a file, if it has one.
func readOne(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err = file.Read(make([]byte, 1)); err == io.EOF {
		return nil
	}
	return err
}

func (c *checker) wanted(s settings) stream.Wanted {
	words, without, err := stream.ParseWords(s.Track)
	if err != nil {
		c.Fault("track", "%s, want words separated by commas, as in go,\"live music\",#tokyo,-spam", redactedText(err.Error()))
	}
	for _, lang := range s.Languages {
		if !language.MatchString(lang) {
			c.Fault("languages", "%s, want codes such as en or pt-BR, separated by commas", shown(lang))
		}
	}
	for _, who := range s.Block {
		if _, err := stream.ParseBlocked(who); err != nil {
			c.Fault("block", "%s, %v", shown(who), err)
		}
	}
	for _, kind := range s.Leave {
		c.oneOf("leave-out", kind, "reposts", "replies", "sensitive", "textonly")
	}
	leaves := func(kind string) bool { return slices.Contains(s.Leave, kind) }
	return stream.Wanted{
		Words: words, Without: without, Languages: s.Languages, Blocked: s.Block,
		NoReposts: leaves("reposts"), NoReplies: leaves("replies"), NoSensitive: leaves("sensitive"), MediaOnly: leaves("textonly"),
	}
}

var (
	language = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	code     = regexp.MustCompile(`^[A-Z]{2}$`)
)

func (c *checker) country(s string) string {
	upper := strings.ToUpper(s)
	if s != "" && !code.MatchString(upper) {
		c.Fault("country", "%s, want two letters such as DE", shown(s))
	}
	return upper
}
