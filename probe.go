package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"nagare/web"
)

// healthcheck requests the health of the nagare on the configured port, or on the default port if
// none is configured. It tries no other port, as listen does: it couldn't know which port the
// service has found free.
func healthcheck(ctx context.Context, c config) error {
	host := c.host
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	url := "http://" + net.JoinHostPort(host, strconv.Itoa(c.port)) + web.HealthPath
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("healthcheck: %s answers %s", url, response.Status)
	}
	var health struct{ Name, Status string }
	err = json.NewDecoder(io.LimitReader(response.Body, 1024)).Decode(&health)
	if err != nil || health.Name != "nagare" || health.Status != "ok" {
		return fmt.Errorf("healthcheck: the server at %s is not nagare", url)
	}
	return nil
}

// linked is the version that the linker sets (-X main.linked=…) in builds that have no version
// control information, such as Heroku's.
var linked string

// buildVersion returns the version of this program, or "devel" if it is unknown.
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
