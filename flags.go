package main

import (
	"cmp"
	"fmt"
	"io"
	"nagare/stream"
	"nagare/stream/networks"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// cli is the command line. Every flag of settings can also be given as an environment variable:
// --site-name as SITE_NAME. All values are strings here, so that config.go can report all errors
// at once.
type cli struct {
	settings
	networks    map[string]stream.Settings
	ShowVersion bool `name:"version" short:"v" help:"Print the version."`

	Serve  struct{} `cmd:"" default:"1" help:"Show the stream on a web page (default)."`
	Replay struct {
		File string `arg:"" help:"A file of the command record, or one that a network's stream was saved to."`
		replaySettings
	} `cmd:"" help:"Show a recorded file."`
	Record struct {
		File string `arg:"" help:"The file to append to."`
	} `cmd:"" help:"Show the stream, and record the posts for replay."`
	Check  struct{} `cmd:"" help:"Test each source, and report what is wrong."`
	Backup struct {
		File string `arg:"" help:"The new file. It can be used as --store."`
	} `cmd:"" help:"Copy the file of --store, also while it is in use."`
	Version struct {
		JSON bool `name:"json" help:"Print it as JSON."`
	} `cmd:"" help:"Print the version."`
	Healthcheck struct{} `cmd:"" help:"Ask the server on --port for its health; exit with 1 if it is not healthy."`
	Help        struct {
		Command []string `arg:"" optional:"" help:"The command to explain."`
	} `cmd:"" help:"Show help, for a command if one is named."`
}

type settings struct {
	Host           string `group:"listening" placeholder:"ADDR" help:"Address to listen on. Default 127.0.0.1, or all addresses if --port is set."`
	Port           string `group:"listening" placeholder:"N" help:"Port to listen on. Default 8080, or the next free one."`
	PublicURL      string `group:"listening" name:"public-url" placeholder:"URL" help:"Address that visitors use, if it is another one. Only pages from there may connect."`
	TrustedProxies string `group:"listening" placeholder:"CIDR,…" help:"Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."`
	Transport      string `group:"listening" default:"websocket" placeholder:"HOW" help:"How pages follow: websocket, or poll: long polls of /log/streaming, which an HTTP cache can carry."`
	MetricsAddr    string `group:"listening" placeholder:"ADDR:N" help:"Serve /metrics for Prometheus at this address. Default off."`

	EmbedOrigins string `group:"look" name:"embed-origins" placeholder:"ORIGIN,…" help:"Sites whose pages may show posts in a frame. Default none."`
	Accent       string `group:"look" placeholder:"#RRGGBB" help:"Accent colour; or two, separated by a comma, for light and dark."`
	Logo         string `group:"look" placeholder:"FILE" help:"Picture in place of the seal: SVG, PNG, WebP or JPEG, up to 512 KB."`
	CSS          string `group:"look" name:"css" placeholder:"FILE" help:"Style sheet that has precedence over that of the site, up to 256 KB."`

	SiteName    string   `group:"posts" default:"Nagare" placeholder:"NAME" help:"Name of the site."`
	Source      []string `group:"posts" default:"demo" placeholder:"SOURCE" help:"Where posts come from: ${networks}, demo, replay:FILE, several of them, or none."`
	Track       string   `group:"posts" placeholder:"WORDS" help:"Show posts with one of these words, as in go,\"live music\",#tokyo,-spam; none with a word after -. Default all."`
	Languages   []string `group:"posts" placeholder:"LANG" help:"Show posts in these languages, as in en,ja. Default all."`
	Leave       []string `group:"posts" name:"leave-out" placeholder:"KIND" help:"Hide reposts, replies, sensitive posts, or those without media: reposts, replies, sensitive, textonly."`
	Block       []string `group:"posts" placeholder:"AUTHOR" help:"Hide these authors: handles, domains of handles, DIDs or other permanent ids, or addresses of profiles."`
	Country     string   `group:"posts" placeholder:"CC" help:"Country of the audience. Posts that are withheld there are hidden."`
	Speed       string   `group:"posts" default:"1" placeholder:"N" help:"Speed of a replay, as a multiple of the recorded one."`
	Store       string   `group:"posts" default:"memory" placeholder:"FILE|URL" help:"Keep posts and the positions of sources over a restart: in this file, in Redis for several processes (redis://host:6379), or in memory, which loses them. Without it, REDIS_URL counts."`
	Keep        string   `group:"posts" placeholder:"LIMIT" help:"How long posts are kept in the file, and how large it may be, as in 7d,2GB; or how many posts and changes are kept in Redis. Default 1GB, or 4000."`
	RedisVerify string   `group:"posts" name:"redis-tls-verify" default:"full" placeholder:"HOW" help:"What is verified of the certificate of rediss://: full, ca (not the name), or none."`
	Ingest      string   `group:"posts" default:"auto" placeholder:"WHEN" help:"Whether this process reads the sources: always, never, or auto: of the processes with one Redis, one does."`
	IngestToken string   `group:"posts" placeholder:"TOKEN" help:"Token for publishing at POST /streaming, of at least 32 characters; two, separated by a comma, during a change. Default off."`

	AdminToken string `group:"posts" placeholder:"TOKEN" help:"Token of the moderators, who log in at /admin, of at least 32 characters; two, separated by a comma, during a change. Default off."`
	Moderation string `group:"posts" placeholder:"WHEN" help:"When a post is shown, until a moderator chooses otherwise: after, at once if no rule hides it; before, once a moderator approves it; off, at once and without rules or blocks. Default after with --admin-token, otherwise off."`

	OpenData []string `group:"posts" default:"on" placeholder:"WHOSE" help:"Posts that are passed on, as JSON, feeds, oEmbed and the log: on, all but those of X, whose terms forbid it; all; off; or sources, as in bluesky,mastodon."`
	Index    string   `group:"posts" default:"off" placeholder:"on|off" help:"Whether search engines may list the site."`

	kong.Plugins // holds the settings of each network

	MaxConnections string `group:"limits" placeholder:"N" help:"Visitors at a time. Default 20000, or less if the limit of open files is lower."`
	MaxPerClient   string `group:"limits" default:"50" placeholder:"N" help:"Visitors at a time from one address."`
	Tick           string `group:"limits" default:"0" placeholder:"TIME" help:"Collect posts for this long before they are sent, up to 1s. Costs delay, saves work."`

	LogLevel    string `group:"running" default:"info" placeholder:"LEVEL" help:"debug, info, warn or error."`
	LogFormat   string `group:"running" default:"auto" placeholder:"FORMAT" help:"text, json, or auto: text on a terminal, json elsewhere."`
	LogRequests string `group:"running" default:"on" placeholder:"on|off" help:"Log HTTP requests; off if a proxy logs them."`
	EnvFile     string `group:"running" placeholder:"FILE" help:"Read variables from a file of NAME=value lines. The environment has precedence."`
}

// replaySettings have no environment variables, because they belong to the one file that is
// replayed.
type replaySettings struct {
	Rate  string `placeholder:"N" help:"Posts a second, whatever their recorded times; or max, as fast as possible."`
	Start string `placeholder:"TIME" help:"Leave out the beginning of the recording, as in 90s or 2h."`
	Loop  bool   `help:"Begin again at the end."`
}

const description = `Nagare shows a live stream of posts on a web page.

Examples:
  nagare                               the built-in demo, at 127.0.0.1:8080
  nagare --source bluesky --track go   posts of Bluesky about Go
  nagare replay posts.ndjson --rate 5  a recording, at five posts a second`

// request is the command that the operator gave with its settings, none of which has been
// validated.
type request struct {
	command  string // help, serve, replay, record, check, backup, version or healthcheck
	json     bool   // for the command version: print JSON
	file     string // to replay, to record into, or to copy the store into
	settings settings
	networks map[string]stream.Settings // by the network's id
	replay   replaySettings
	given    givenAs
	env      environment
	faults   []string // errors in the env file
	notes    []string // about unknown variables
}

// fileOf returns the file of the request, if the request is for that command.
func (r request) fileOf(command string) string {
	if r.command != command {
		return ""
	}
	return r.file
}

// parse reads the command line and the environment. If the operator asked for help, parse prints
// it to stdout.
func parse(args, environ []string, stdout io.Writer) (request, error) {
	var cli cli
	helped := false
	parser, err := newParser(&cli, stdout, func(int) { helped = true })
	if err != nil {
		return request{}, err
	}
	parsed, err := parser.Parse(args)
	switch {
	case helped:
		return request{command: "help"}, nil
	case err != nil:
		return request{}, &usageError{fmt.Sprintf("nagare: %s (see nagare --help)", redactedArguments(redactedText(refusal(err, parser.Model), valuesOf(args)...), args))}
	}
	command := strings.Fields(parsed.Command())[0]
	switch {
	case command == "help":
		return parse(append(cli.Help.Command, "--help"), environ, stdout)
	case command == "version" || cli.ShowVersion:
		return request{command: "version", json: cli.Version.JSON}, nil
	}
	env, faults := newEnvironment(environ, cli.EnvFile)
	given := cli.fill(parser.Model, parsed, env)
	if command == "replay" {
		given.names["FILE"] = "FILE"
	}
	return request{
		command: command, file: cli.Replay.File + cli.Record.File + cli.Backup.File, settings: cli.settings, networks: cli.networks, replay: cli.Replay.replaySettings,
		given: given, env: env, faults: faults, notes: env.strangers(variables(parser.Model)),
	}, nil
}

// valuesOf returns the parts of the command line that can hold a value: each argument, and what
// follows the = in --flag=value.
func valuesOf(args []string) []string {
	values := slices.Clone(args)
	for _, arg := range args {
		if _, value, found := strings.Cut(arg, "="); found && strings.HasPrefix(arg, "-") {
			values = append(values, value)
		}
	}
	return values
}

var lacksValue = regexp.MustCompile(`^--([\w-]+): expected \w+ value but got `)

// refusal returns what the parser's error means, and for a flag that lacks its value how to write it.
func refusal(err error, model *kong.Application) string {
	if missing, ok := strings.CutPrefix(err.Error(), `expected "<file>"`); ok {
		return "FILE is missing" + missing
	}
	found := lacksValue.FindStringSubmatch(err.Error())
	if found == nil {
		return err.Error()
	}
	name, wanted := found[1], "VALUE"
	for _, group := range model.AllFlags(false) {
		for _, flag := range group {
			if flag.Name == name {
				wanted = cmp.Or(flag.PlaceHolder, wanted)
			}
		}
	}
	return fmt.Sprintf("--%s has no value, want --%[1]s=%s", name, wanted)
}

func newParser(cli *cli, stdout io.Writer, exit func(int)) (*kong.Kong, error) {
	cli.networks = map[string]stream.Settings{}
	for _, n := range networks.All {
		s := n.Settings()
		cli.networks[n.ID], cli.Plugins = s, append(cli.Plugins, s)
	}
	return kong.New(cli,
		kong.Name("nagare"), kong.Description(description), kong.Vars{"networks": strings.Join(networkIDs(), ", ")}, kong.Writers(stdout, stdout), kong.Exit(exit),
		kong.ExplicitGroups([]kong.Group{
			{Key: "listening", Title: "Listening:"}, {Key: "look", Title: "Look:"}, {Key: "posts", Title: "Posts:"},
			{Key: "networks", Title: "Networks:"}, {Key: "limits", Title: "Limits:"}, {Key: "running", Title: "Running:"},
		}),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoAppDescFormat: true, WrapUpperBound: 80}),
		kong.ValueFormatter(describe),
	)
}

// describe returns the help of a flag together with its default value and its variable.
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

// isSetting reports whether the flag also has an environment variable. --help, --version and the
// flags of a single command have none.
func isSetting(flag *kong.Flag) bool {
	kind := flag.Target.Kind()
	return flag.Group != nil && (kind == reflect.String || kind == reflect.Slice)
}

// variables returns the names of the environment variables of all settings.
func variables(model *kong.Application) (names []string) {
	for _, flag := range model.Flags {
		if isSetting(flag) {
			names = append(names, variable(flag.Name))
		}
	}
	return names
}

// fill takes from the environment each setting that the command line doesn't contain. It returns
// the names by which the operator gave the settings.
func (s *settings) fill(model *kong.Application, parsed *kong.Context, env environment) givenAs {
	given := givenAs{names: map[string]string{}}
	for _, step := range parsed.Path {
		if step.Flag != nil {
			given.byFlag = true
			given.names[step.Flag.Name] = "--" + step.Flag.Name
		}
	}
	for _, flag := range model.Flags {
		name := variable(flag.Name)
		value := env[name]
		if !isSetting(flag) || given.has(flag.Name) || value == "" {
			continue
		}
		given.names[flag.Name] = name
		if flag.Target.Kind() == reflect.Slice {
			flag.Target.Set(reflect.ValueOf(strings.Split(value, string(flag.Tag.Sep))))
		} else {
			flag.Target.SetString(value)
		}
	}
	return given
}
