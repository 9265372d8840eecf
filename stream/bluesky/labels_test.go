package bluesky

import (
	"testing"
	"time"

	"nagare/stream"
)

const (
	labeler       = "did:plc:labeler22222222222222222"
	profileRecord = "at://" + mio + "/app.bsky.actor.profile/self"
)

// labelled looks up an author whose profile has these labels. It returns a post by the author,
// and whether the author was hidden.
func labelled(t *testing.T, all ...label) (post *stream.Post, gone bool) {
	t.Helper()
	inBubble(t, func(t *testing.T) {
		f := &fakeJetstream{play: func(_ int, c *fakeConn) { c.say(postNow(mio, "p")); c.stay() }}
		f.know(mio, profile{Handle: "mio.example", DisplayName: "Mio", Avatar: "https://cdn.example/mio.jpg", Labels: all})
		ops := gather(t, f.overPipes(t, &Source{}), untilKinds(1, stream.Create, stream.AuthorGone))
		post, gone = ops[len(ops)-1].Post, ops[len(ops)-1].Kind == stream.AuthorGone
	})
	return post, gone
}

// Times before and after the date of inBubble.
var (
	yesterday = time.Date(2026, 2, 28, 8, 0, 0, 0, time.UTC).Format(time.RFC3339)
	tomorrow  = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC).Format(time.RFC3339)
)

func TestBluesky_ALabelAppliesOnlyToItsTarget(t *testing.T) {
	const shown, avatarHidden, covered, gone = "shown", "avatar hidden", "covered, avatar hidden", "gone"
	for name, tt := range map[string]struct {
		labels []label
		want   string
	}{
		"none":                              {nil, shown},
		"a warning on the account":          {[]label{{Target: mio, Val: "!warn"}}, covered},
		"porn on the account":               {[]label{{Target: mio, Val: "porn"}}, covered},
		"porn on the account, as a uri":     {[]label{{Target: "at://" + mio, Val: "porn"}}, covered},
		"porn on the profile record":        {[]label{{Target: profileRecord, Val: "porn"}}, avatarHidden},
		"hidden account":                    {[]label{{Target: mio, Val: "!hide"}}, gone},
		"no visitors on the account":        {[]label{{Target: mio, Val: "!no-unauthenticated"}}, gone},
		"no visitors on the profile record": {[]label{{Target: profileRecord, Val: "!no-unauthenticated"}}, gone},
		"porn on another post":              {[]label{{Target: "at://" + mio + "/app.bsky.feed.post/x", Val: "porn"}}, shown},
		"porn on another account":           {[]label{{Target: ren, Val: "porn"}}, shown},
		"an unknown label":                  {[]label{{Target: mio, Val: "nice"}}, shown},
		"expired":                           {[]label{{Target: mio, Val: "porn", Ends: yesterday}}, shown},
		"expires later":                     {[]label{{Target: mio, Val: "porn", Ends: tomorrow}}, covered},
		"an invalid expiry":                 {[]label{{Target: mio, Val: "porn", Ends: "soon"}}, covered},
		"a negation":                        {[]label{{Target: mio, Val: "porn", Neg: true}}, shown},
		"negated later": {[]label{{Source: labeler, Target: mio, Val: "!hide", Made: yesterday},
			{Source: labeler, Target: mio, Val: "!hide", Neg: true, Made: tomorrow}}, shown},
		"negated later, listed first": {[]label{{Source: labeler, Target: mio, Val: "!hide", Neg: true, Made: tomorrow},
			{Source: labeler, Target: mio, Val: "!hide", Made: yesterday}}, shown},
		"set again after a negation": {[]label{{Source: labeler, Target: mio, Val: "!hide", Neg: true, Made: yesterday},
			{Source: labeler, Target: mio, Val: "!hide", Made: tomorrow}}, gone},
		"negated by another labeler": {[]label{{Source: labeler, Target: mio, Val: "porn"}, {Source: ren, Target: mio, Val: "porn", Neg: true}}, covered},
		"negated on another target":  {[]label{{Source: labeler, Target: mio, Val: "porn"}, {Source: labeler, Target: profileRecord, Val: "porn", Neg: true}}, covered},
	} {
		t.Run(name, func(t *testing.T) {
			post, removed := labelled(t, tt.labels...)
			got := shown
			switch {
			case removed:
				got = gone
			case post.Sensitive && post.Author.Avatar == "":
				got = covered
			case post.Sensitive:
				got = "covered"
			case post.Author.Avatar == "":
				got = avatarHidden
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestBluesky_ALabelOnTheProfileHidesTheName(t *testing.T) {
	for _, val := range []string{"!hide", "!warn"} {
		post, _ := labelled(t, label{Target: profileRecord, Val: val})
		if a := post.Author; a.Name != "" || a.Avatar != "" || a.Handle != "mio.example" || post.Sensitive {
			t.Errorf("%s: got %+v, covered %v, want the handle alone and a post that is not covered", val, a, post.Sensitive)
		}
	}
}

func TestBluesky_AProfileUpdateDoesNotShowALabelledAvatar(t *testing.T) {
	for name, tt := range map[string]struct {
		known []label
		own   string // labels in the update
	}{
		"by a labeler":    {[]label{{Target: profileRecord, Val: "porn"}}, ""},
		"on the account":  {[]label{{Target: mio, Val: "porn"}}, ""},
		"by their author": {nil, `{"val":"porn"}`},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				f := &fakeJetstream{}
				f.play = func(_ int, c *fakeConn) {
					c.after(time.Second, newPost(mio, "p"))
					time.Sleep(500 * time.Millisecond)
					f.know(mio, profile{Handle: "mio.example", DisplayName: "Mio the Second", Labels: tt.known})
					c.after(time.Second, profileEvent(mio, "Mio the Second", tt.own), newPost(mio, "q"))
					c.stay()
				}
				f.know(mio, profile{Handle: "mio.example", DisplayName: "Mio", Labels: tt.known})
				ops := only(gather(t, f.overPipes(t, &Source{}), creates(2)), stream.Create, stream.AuthorUpdate)
				if len(ops) != 3 || ops[1].Author == nil || ops[1].Author.Name != "Mio the Second" {
					t.Fatalf("got %v, want a new name between two posts", brief(ops))
				}
				for _, op := range ops {
					for _, a := range op.Authors() {
						if a.Avatar != "" {
							t.Errorf("%s shows the avatar %s", op.Kind, a.Avatar)
						}
					}
				}
			})
		})
	}
}

func TestBluesky_LooksUpALabelAgainWhenItExpires(t *testing.T) {
	p := newProfileLookup()
	soon := march.Add(time.Minute)
	p.store(mio, &profile{DID: mio, Labels: []label{{Target: mio, Val: "!hide", Ends: soon.Format(time.RFC3339)}}}, march, march)
	if p.seen(mio, soon); len(p.queue) != 0 {
		t.Error("looked up before the label expires")
	}
	if p.seen(mio, soon.Add(1)); len(p.queue) != 1 {
		t.Error("not looked up after the label has expired")
	}
}
