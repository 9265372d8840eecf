package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"nagare/stream"
)

const (
	sessionCookie = "nagare-admin"
	sessionFor    = 12 * time.Hour
)

// Sessions are the sessions of moderators. A session is a signed cookie, so that it lasts across a
// restart and is valid in all processes. The key of the signature comes from the token of the login:
// replacing the token ends all its sessions. A logout ends one, also for a copy of its cookie. It is safe for concurrent use.
type Sessions struct {
	// Set by NewSessions, never changed.
	keys []sessionKey

	ended logouts // has a lock of its own
}

type sessionKey struct {
	token  [sha256.Size]byte // digest
	secret []byte            // key of the signatures
}

// session is what the cookie says.
type session struct {
	Name  string    `json:"name"` // of the moderator, as entered at the login
	ID    string    `json:"id"`
	Until time.Time `json:"until"`

	form string // authorizes the forms of pages in this session
}

// NewSessions makes the sessions of moderators with one of these tokens. Without any, nobody can log in.
func NewSessions(tokens []stream.Secret) *Sessions {
	s := new(Sessions)
	for _, token := range tokens {
		s.keys = append(s.keys, sessionKey{sha256.Sum256([]byte(token)), sign([]byte(token), "key of the sessions of moderators")})
	}
	return s
}

// Permits reports whether a moderator sent the request. Options.MayFollow of the hub must ask it
// about the channel of the desk.
func (s *Sessions) Permits(r *http.Request) bool {
	_, ok := s.of(r)
	return ok
}

// open returns the cookie of a new session, or false if the token is wrong. It compares with all
// tokens in constant time, so that the duration reveals nothing about them.
func (s *Sessions) open(name, token string) (cookie string, ok bool) {
	var found *sessionKey
	digest := sha256.Sum256([]byte(token))
	for i := range s.keys {
		if subtle.ConstantTimeCompare(digest[:], s.keys[i].token[:]) == 1 {
			found = &s.keys[i]
		}
	}
	if found == nil {
		return "", false
	}
	text, err := json.Marshal(session{Name: name, ID: rand.Text(), Until: time.Now().Add(sessionFor).UTC()})
	if err != nil {
		panic(err) // texts and times always encode
	}
	body := base64.RawURLEncoding.EncodeToString(text)
	return body + "." + signature(found.secret, body), true
}

// of returns the session of a request.
func (s *Sessions) of(r *http.Request) (session, bool) {
	for _, cookie := range r.CookiesNamed(sessionCookie) {
		if found, ok := s.read(cookie.Value); ok {
			return found, true
		}
	}
	return session{}, false
}

func (s *Sessions) read(cookie string) (found session, ok bool) {
	body, mac, _ := strings.Cut(cookie, ".")
	for _, key := range s.keys {
		if !hmac.Equal([]byte(mac), []byte(signature(key.secret, body))) {
			continue
		}
		text, err := base64.RawURLEncoding.DecodeString(body)
		if err != nil || json.Unmarshal(text, &found) != nil || !time.Now().Before(found.Until) || s.ended.has(found.ID) {
			return session{}, false
		}
		found.form = signature(key.secret, "form "+found.ID)
		return found, true
	}
	return session{}, false
}

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text)) // never fails
	return mac.Sum(nil)
}

func signature(key []byte, text string) string {
	return base64.RawURLEncoding.EncodeToString(sign(key, text))
}
