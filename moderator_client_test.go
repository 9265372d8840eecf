package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
)

var adminSecret = strings.Repeat("a", leastToken)

// moderatorClient is a client that has logged in at a site with adminSecret.
type moderatorClient struct {
	http http.Client
	url  string
	form string // token of the forms
	sent int
}

func logIn(site string) (*moderatorClient, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	m := &moderatorClient{http: http.Client{Jar: jar, Transport: &http.Transport{}}, url: site}
	if _, err := m.send("login", url.Values{"name": {"Mio"}, "token": {adminSecret}}); err != nil {
		return nil, err
	}
	page, err := m.get("/admin")
	if err != nil {
		return nil, err
	}
	form := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(page)
	if form == nil {
		return nil, fmt.Errorf("no form in %s", page)
	}
	m.form = form[1]
	return m, nil
}

// send posts a form, and returns the answer. An answer with another status than 200 is an error.
func (m *moderatorClient) send(do string, fields url.Values) (string, error) {
	m.sent++
	values := url.Values{"form": {m.form}, "once": {fmt.Sprint("test-", m.sent)}}
	for name, value := range fields {
		values[name] = value
	}
	r, err := http.NewRequest(http.MethodPost, m.url+"/admin/"+do, strings.NewReader(values.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", m.url)
	r.Header.Set("Accept", "application/json")
	return bodyOf(m.http.Do(r))
}

// act carries out an action, and returns the id of its entry in the audit.
func (m *moderatorClient) act(do string, fields url.Values) (entry string, err error) {
	answer, err := m.send(do, fields)
	if err != nil {
		return "", err
	}
	var done struct{ Entry string }
	err = json.Unmarshal([]byte(answer), &done)
	return done.Entry, err
}

func (m *moderatorClient) get(path string) (string, error) { return bodyOf(m.http.Get(m.url + path)) }

// close closes the connections of the client.
func (m *moderatorClient) close() { m.http.CloseIdleConnections() }

func bodyOf(response *http.Response, err error) (string, error) {
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		err = cmp.Or(err, fmt.Errorf("%s: %s: %s", response.Request.URL.Path, response.Status, body))
	}
	return string(body), err
}
