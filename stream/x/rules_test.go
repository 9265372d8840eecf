package x

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// ruleSet lists the rules of the app, each as tag/value.
func ruleSet(f *fakeX) (out []string) {
	for _, r := range f.rules {
		out = append(out, r.Tag+"/"+r.Value)
	}
	slices.Sort(out)
	return out
}

func TestX_AddsConfiguredRulesAndRemovesOnlyItsOwnOldOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeX{next: 9, rules: []rule{
			{"1", "old", "nagare"}, {"2", "kept", "nagare"}, {"3", "foreign", "cats"}, {"4", "both", "cats"},
		}}
		x := f.inBubble(t)
		x.Rules = []string{"kept", " new ", "new", "", "both"}
		if _, err := run(t, x, time.Minute); err != nil {
			t.Fatal(err)
		}
		want := []string{"cats/both", "cats/foreign", "nagare/kept", "nagare/new"}
		if got := ruleSet(f); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if f.rules[0].ID != "2" {
			t.Errorf("rules that stay were touched: %+v", f.rules)
		}
	})
}

func TestX_LogsEachRefusedRuleInALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		f := &fakeX{refuse: func(value string) string {
			switch value {
			case "lang:":
				return `{"value":"lang:","details":["no viable\nalternative"],"title":"UnprocessableEntity","type":"https://api.x.com/2/problems/invalid-rules"}`
			case "one more":
				return `{"value":"one more","detail":"Cap is 1.","type":"https://api.x.com/2/problems/rule-cap"}`
			}
			return ""
		}}
		x := f.inBubble(t)
		x.Log = slog.New(slog.NewTextHandler(&log, nil))
		x.Rules = []string{"lang:", "ferry", "one more"}
		if _, err := run(t, x, time.Minute); err != nil || len(f.opened) != 1 {
			t.Fatalf("%d connections, %v", len(f.opened), err)
		}
		for _, want := range []string{
			`\"lang:\": it is not in X's language of rules: no viable alternative`,
			`\"one more\": there are as many rules as the app may have: Cap is 1.`,
		} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("%s is not in the log:\n%s", want, log.String())
			}
		}
	})
}

// X compares rules in a normal form, and another program can add a rule at the same time.
func TestX_TakesARefusedDuplicateForARuleThatIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		f := &fakeX{refuse: func(value string) string {
			return `{"value":"` + value + `","id":"5","title":"DuplicateRule","type":"https://api.x.com/2/problems/duplicate-rules"}`
		}}
		f.stream = func(_ int, w http.ResponseWriter, _ *http.Request) {
			send(w, strings.Replace(lineOf("1"), `"id":"1","tag":"nagare"`, `"id":"5","tag":"pets"`, 1))
		}
		x := f.inBubble(t)
		x.Log = slog.New(slog.NewTextHandler(&log, nil))
		x.Rules = []string{"ferry  boat"}
		ops, err := run(t, x, time.Minute)
		if posts := streamtest.OpsOf(stream.Create, ops); err != nil || len(posts) != 1 {
			t.Errorf("%d posts of the rule, want one; %v", len(posts), err)
		}
		if strings.Contains(log.String(), "refuses") {
			t.Errorf("the log calls the rule refused:\n%s", log.String())
		}
	})
	f := &fakeX{refuse: func(value string) string { return `{"value":"` + value + `","id":"5","type":"/duplicate-rules"}` }}
	if err := f.overTCP(t).Check(t.Context()); err != nil {
		t.Errorf("the check fails: %v", err)
	}
}

func TestX_SendsAHundredRulesInARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeX{}
		x := f.inBubble(t)
		x.Rules = nil
		for i := range 250 {
			x.Rules = append(x.Rules, fmt.Sprint("ferry ", i))
		}
		run(t, x, time.Minute)
		if posts := len(slices.DeleteFunc(f.requests(), func(r string) bool { return !strings.HasPrefix(r, "POST") })); len(f.rules) != 250 || posts != 3 {
			t.Errorf("%d rules in %d requests, want 250 in 3", len(f.rules), posts)
		}
	})
}

func TestX_EndsIfThereAreNoRulesOrAllAreRefused(t *testing.T) {
	f := &fakeX{rules: []rule{{"1", "old", "nagare"}}}
	x := f.overTCP(t)
	x.Rules = nil
	_, err := run(t, x, 10*time.Second)
	if err == nil || !stream.IsPermanent(err) || !strings.HasPrefix(err.Error(), "no rules: ") || len(f.opened) > 0 {
		t.Errorf("got %v after %d connections", err, len(f.opened))
	}
	f.refuse = func(value string) string { return `{"value":"` + value + `","detail":"No.","type":"/invalid-rules"}` }
	x.Rules = []string{"lang:"}
	_, err = run(t, x, 10*time.Second)
	if err == nil || !stream.IsPermanent(err) || err.Error() != `every rule is refused: "lang:": it is not in X's language of rules: No.` {
		t.Errorf("got %v", err)
	}
}

func TestX_ShowsOnlyPostsOfItsOwnRules(t *testing.T) {
	line := func(id, matched string) string {
		return strings.Replace(lineOf(id), `"id":"1","tag":"nagare"`, matched, 1)
	}
	for ours, want := range map[string]string{"ferry": "[x:1 x:3 x:4]", "": "[x:1 x:2 x:3 x:4]"} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeX{next: 7, rules: []rule{{"3", "dogs", "pets"}}, stream: func(_ int, w http.ResponseWriter, _ *http.Request) {
				send(w, line("1", `"id":"8","tag":"nagare"`), line("2", `"id":"3","tag":"pets"`),
					line("3", `"id":"3","tag":"pets"},{"id":"8"`), strings.Replace(lineOf("4"), "matching_rules", "unmatched", 1))
			}}
			x := f.inBubble(t)
			x.Rules = []string{ours}
			ops, _ := run(t, x, time.Minute)
			var got []string
			for _, op := range streamtest.OpsOf(stream.Create, ops) {
				got = append(got, op.ID)
			}
			if fmt.Sprint(got) != want || x.usage.used != 4 {
				t.Errorf("with the rule %q: showed %v and counted %d, want %s and 4", ours, got, x.usage.used, want)
			}
		})
	}
}

func TestX_CheckTestsTheTokenAndTheRulesWithoutSettingThem(t *testing.T) {
	f := &fakeX{refuse: func(value string) string {
		if value == "lang:" {
			return `{"value":"lang:","detail":"No.","type":"/invalid-rules"}`
		}
		return ""
	}}
	for want, change := range map[string]func(*Source){
		"<nil>":                              func(*Source) {},
		"no token: give the bearer token":    func(x *Source) { x.Token = "" },
		"no budget: say how many":            func(x *Source) { x.Budget = 0 },
		"no rules: X sends no posts":         func(x *Source) { x.Rules = nil },
		`a rule is refused: "lang:"`:         func(x *Source) { x.Rules = []string{"ferry", "lang:"} },
		"401 Unauthorized: X does not know":  func(x *Source) { x.Token = "wrong" },
		"the address of the X API is not on": func(x *Source) { x.Base = "://" },
	} {
		x := f.overTCP(t)
		change(x)
		if got := fmt.Sprint(x.Check(t.Context())); !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if len(f.rules)+len(f.opened) > 0 {
		t.Errorf("a check has set the rules %v and opened %d streams", f.rules, len(f.opened))
	}
}
