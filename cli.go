package main

import (
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"
)

// cli is the command line. Every flag of settings is also a variable of the
// environment: --site-name is SITE_NAME. All are strings here, so that config.go
// can say everything that is wrong with them at once.
type cli struct {
	settings

	Serve  struct{} `cmd:"" default:"1" help:"Show the stream on a web page. This is the default."`
	Replay struct {
		File string `arg:"" help:"Recorded posts: a file of record, or of what a network sent."`
	} `cmd:"" help:"The same, playing a recorded file."`
	Record struct {
		File string `arg:"" help:"Where to; what is there already stays."`
	} `cmd:"" help:"The same, and record what is shown for replay."`
	Check   struct{} `cmd:"" help:"Try what each --source needs, and say what is wrong."`
	Version struct {
		JSON bool `name:"json" help:"As JSON."`
	} `cmd:"" help:"Print the version."`
	Healthcheck struct{} `cmd:"" help:"Ask the nagare on --port, or 8080, whether it is well; exit 1 if not."`
}

type settings struct {
	Host           string `group:"listening" placeholder:"ADDR" help:"Address to listen on. Default 127.0.0.1, or all of them once a port is given."`
	Port           string `group:"listening" placeholder:"N" help:"Port to listen on. Default 8080, or the next one that is free."`
	PublicURL      string `group:"listening" name:"public-url" placeholder:"URL" help:"Where visitors find the site, if not where it listens. Only pages from there may connect."`
	TrustedProxies string `group:"listening" placeholder:"CIDR,…" help:"Proxies whose X-Forwarded-For and -Proto count."`
	MetricsAddr    string `group:"listening" placeholder:"ADDR:N" help:"Serve /metrics for Prometheus there. Default off."`

	SiteName    string   `group:"posts" default:"Nagare" placeholder:"NAME" help:"Name on the page."`
	Source      []string `group:"posts" default:"demo" placeholder:"SOURCE" help:"Where posts come from: bluesky, mastodon, x, twitter, demo, replay:FILE; several, with commas between; or none."`
	Track       string   `group:"posts" placeholder:"WORDS" help:"Show posts with one of these, as in: go,\"live music\",#tokyo,-spam. A word after - must not be there. Default all."`
	Languages   []string `group:"posts" placeholder:"LANG" help:"Show posts in these: en,ja. Default all."`
	Leave       []string `group:"posts" name:"leave-out" placeholder:"KIND" help:"Leave out: reposts, replies, sensitive, textonly."`
	Block       []string `group:"posts" placeholder:"AUTHOR" help:"Leave out these authors: handles, or domains of them."`
	Country     string   `group:"posts" placeholder:"CC" help:"Where the page is shown: what is withheld there isn't."`
	Speed       string   `group:"posts" default:"1" placeholder:"N" help:"Pace of a replay, as a multiple of the recorded one."`
	StateDir    string   `group:"posts" placeholder:"DIR" help:"Where sources remember their place over a restart. Default nowhere."`
	IngestToken string   `group:"posts" placeholder:"TOKEN" help:"Lets its bearer publish at POST /streaming: 32 characters or more; two, with a comma between, while changing it. Default off."`

	BlueskyAuthors   []string `group:"networks" placeholder:"DID" help:"Only what these write. Default everybody."`
	BlueskySample    string   `group:"networks" placeholder:"SHARE" help:"Share of the posts, 0.01 to 1. Default 1, or 0.03 of everything if nothing is tracked."`
	MastodonServer   string   `group:"networks" placeholder:"URL" help:"Such as https://mastodon.social."`
	MastodonToken    string   `group:"networks" placeholder:"TOKEN" help:"A user's access token there, with read:statuses."`
	MastodonTimeline string   `group:"networks" placeholder:"NAME" help:"public, public:local, #tag or list:ID. Default the tags of --track, or public."`
	XToken           string   `group:"networks" placeholder:"TOKEN" help:"Bearer token of an app. X charges for each post."`
	XBudget          string   `group:"networks" placeholder:"N" help:"Posts that may be read in a day; then it stops until the next."`
	XRules           []string `group:"networks" sep:";" placeholder:"RULE" help:"What to look for, in X's own words, with ; between. Default made of --track."`

	ConsumerKey       string `group:"networks" placeholder:"KEY" help:"Twitter v1.1, as the next three: of the app."`
	ConsumerSecret    string `group:"networks" placeholder:"KEY" help:"Of the app."`
	AccessToken       string `group:"networks" placeholder:"KEY" help:"Of the account."`
	AccessTokenSecret string `group:"networks" placeholder:"KEY" help:"Of the account."`
	TwitterURL        string `group:"networks" name:"twitter-url" placeholder:"URL" help:"A gateway that speaks v1.1, which X has shut."`

	MaxConnections string `group:"limits" placeholder:"N" help:"Visitors at once. Default 20000, or what the file limit allows."`
	MaxPerClient   string `group:"limits" default:"50" placeholder:"N" help:"Of them from one address."`
	Tick           string `group:"limits" default:"0" placeholder:"TIME" help:"Collect posts for that long before they are sent, up to 1s: less work, more delay."`

	LogLevel  string `group:"running" default:"info" placeholder:"LEVEL" help:"debug, info, warn or error."`
	LogFormat string `group:"running" default:"auto" placeholder:"FORMAT" help:"text, json, or auto: text on a terminal."`
	EnvFile   string `group:"running" placeholder:"FILE" help:"Read variables from a file of NAME=value lines. Those of the environment come first."`
}

const description = `Shows a live stream of posts on a web page.

Examples:
  nagare                          the built-in demo, at http://127.0.0.1:8080
  nagare --source bluesky --track go
  nagare replay posts.ndjson --speed 10`

// command is what was asked for.
type command struct {
	name   string // help, serve, replay, record, check, version or healthcheck
	json   bool
	config config
}

// usageError is a fault of whoever started the program.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// parse reads the command line and the environment. Help goes to stdout; what is
// odd but harms nobody, to stderr.
func parse(args, environ []string, stdout, stderr io.Writer) (command, error) {
	var cli cli
	helped := false
	parser, err := newParser(&cli, stdout, func(int) { helped = true })
	if err != nil {
		return command{}, err
	}
	given, err := parser.Parse(args)
	switch {
	case helped:
		return command{name: "help"}, nil
	case err != nil:
		return command{}, &usageError{fmt.Sprintf("nagare: %v (see nagare --help)", err)}
	}
	env, faults := newEnvironment(environ, cli.EnvFile)
	cmd := command{name: strings.Fields(given.Command())[0], json: cli.Version.JSON}
	if cmd.name == "version" {
		return cmd, nil
	}
	said := cli.fill(parser.Model, given, env)
	if cmd.name == "replay" {
		cli.Source = []string{"replay:" + cli.Replay.File}
		said["source"] = "FILE"
	}
	for _, note := range env.strangers(parser.Model) {
		fmt.Fprintln(stderr, note)
	}
	cmd.config, err = cli.check(said, env, faults)
	cmd.config.record = cli.Record.File
	return cmd, err
}

func newParser(cli *cli, stdout io.Writer, exit func(int)) (*kong.Kong, error) {
	return kong.New(cli,
		kong.Name("nagare"), kong.Description(description), kong.Writers(stdout, stdout), kong.Exit(exit),
		kong.ExplicitGroups([]kong.Group{
			{Key: "listening", Title: "Listening:"}, {Key: "posts", Title: "Posts:"},
			{Key: "networks", Title: "Networks:"}, {Key: "limits", Title: "Limits:"}, {Key: "running", Title: "Running:"},
		}),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoAppDescFormat: true, WrapUpperBound: 80}),
		kong.ValueFormatter(describe),
	)
}

// describe adds the default and the variable to a flag's help.
func describe(v *kong.Value) string {
	if v.Flag == nil || !isSetting(v.Flag) {
		return v.Help
	}
	text := v.Help
	if v.HasDefault {
		text += " Default " + v.Default + "."
	}
	return text + " $" + variable(v.Flag.Name)
}

// variable is the name of a flag in the environment.
func variable(flag string) string { return strings.ToUpper(strings.ReplaceAll(flag, "-", "_")) }

// fill takes from the environment what the command line leaves open. It returns by
// what name each flag was given, for messages.
func (s *settings) fill(model *kong.Application, given *kong.Context, env environment) map[string]string {
	said := map[string]string{}
	for _, step := range given.Path {
		if step.Flag != nil {
			said[step.Flag.Name] = "--" + step.Flag.Name
		}
	}
	for _, flag := range model.Flags {
		name := variable(flag.Name)
		if !isSetting(flag) || said[flag.Name] != "" {
			continue
		}
		said[flag.Name] = name
		switch value := env[name]; {
		case value == "":
		case flag.Target.Kind() == reflect.Slice:
			flag.Target.Set(reflect.ValueOf(strings.Split(value, string(flag.Tag.Sep))))
		default:
			flag.Target.SetString(value)
		}
	}
	return said
}

// isSetting tells the flags that are variables too from --help and --json.
func isSetting(flag *kong.Flag) bool {
	return flag.Target.Kind() == reflect.String || flag.Target.Kind() == reflect.Slice
}
