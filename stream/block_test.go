package stream

import "testing"

func TestFilter_BlocksAnAuthorByEveryFormOfTheirIdentity(t *testing.T) {
	for name, tt := range map[string]struct {
		author     Author
		is, others []string
	}{
		"Mastodon": {
			Author{Key: "mastodon:https://Town.example/users/emma", Handle: "Emma@town.example", URL: "https://town.example/@emma"},
			[]string{"emma@town.example", "@EMMA@Town.Example", " emma@town.example ", "town.example", "https://town.example/@emma", "https://Town.example/@Emma/",
				"https://other.example/@emma@town.example", "https://town.example/users/emma", "mastodon:https://Town.example/users/emma"},
			[]string{"example", "own.example", "emma", "https://town.example/@emm", "https://other.example/users/emma", "https://town.example/users/emm"},
		},
		"Bluesky": {
			Author{Key: "bluesky:did:plc:x", Handle: "emma.spam.example", URL: "https://bsky.app/profile/did:plc:x"},
			[]string{"emma.spam.example", "@emma.spam.example", "spam.example", "did:plc:x", "at://did:plc:x", "at://emma.spam.example", "bluesky:did:plc:x",
				"https://bsky.app/profile/did:plc:x", "https://bsky.app/profile/emma.spam.example"},
			[]string{"pam.example", "did:plc:y", "emma", "bluesky:did:plc", "https://bsky.app/profile/did:plc:y"},
		},
		"X": {
			Author{Key: "x:12", Handle: "Emma", URL: "https://x.com/Emma"},
			[]string{"emma", "@Emma", "12", "x:12", "https://x.com/emma", "https://www.twitter.com/Emma", "https://mobile.twitter.com/emma"},
			[]string{"1", "twitter:12", "x.com", "emma@x.com", "https://x.com/emm"},
		},
	} {
		for _, who := range tt.is {
			if !NewFilter(Wanted{Blocked: []string{"nobody.example", who}}).Blocks(&tt.author) {
				t.Errorf("%s: %q blocks nobody", name, who)
			}
		}
		for _, who := range append(tt.others, "", "@") {
			if NewFilter(Wanted{Blocked: []string{who}}).Blocks(&tt.author) {
				t.Errorf("%s: %q blocks the author", name, who)
			}
		}
	}
}

func TestParseBlocked_RefusesWhatMatchesNoAuthor(t *testing.T) {
	for _, who := range []string{"", "@", "@@kei", "kei@", "a@b@c", "kei and ann", "did:", "did:plc", "bluesky:", "https://bsky.app", "https://", "town.example/@kei", "#kei"} {
		if got, err := ParseBlocked(who); err == nil {
			t.Errorf("%q: got %q, want an error", who, got)
		}
	}
}
