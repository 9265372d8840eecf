package fetch

import (
	"errors"
	"testing"

	"nagare/stream"
)

// A proxy, a login page or a check for browsers in front of an API answers for some time only.
func TestRefusal_IsPermanentOnlyIfTheAPIItselfRefuses(t *testing.T) {
	const page = "\ufeff\n<!DOCTYPE html><html><head><title>\n Just a &quot;moment&quot;... </title><p>401 refused"
	for body, test := range map[string]struct {
		own  bool
		text string
	}{
		`{"error":"nothing here"}`:  {true, `{"error":"nothing here"}`},
		` {"error":null,"code":5} `: {true, `{"error":null,"code":5}`},
		page:                        {false, `a web page, “Just a "moment"...”`},
		"<html><p>no title":         {false, "a web page"},
		"":                          {false, ""},
		"Forbidden\n":               {false, "Forbidden"},
		`{"message":"Forbidden"}`:   {false, `{"message":"Forbidden"}`},
		`["error"]`:                 {false, `["error"]`},
		`"error"`:                   {false, `"error"`},
	} {
		for _, code := range []int{400, 401, 403, 404, 405, 406, 410, 451} {
			err := answerOf(t, code, body)
			status, ok := errors.AsType[*stream.StatusError](err)
			if !ok || status.Text != test.text || status.Foreign == test.own || stream.IsPermanent(err) != test.own {
				t.Errorf("%d %q: got %+v, permanent %v", code, body, status, stream.IsPermanent(err))
			}
			if fault := stream.FaultOf(err); (fault == stream.FaultUnreachable) == test.own {
				t.Errorf("%d %q: the fault is %s", code, body, fault)
			}
			if stream.Refused(err) && !test.own {
				t.Errorf("%d %q counts as refused credentials", code, body)
			}
		}
		for _, code := range []int{301, 302, 307, 408, 420, 429, 500, 503} {
			if err := answerOf(t, code, body); stream.IsPermanent(err) {
				t.Errorf("%d %q: got a permanent error", code, body)
			}
		}
	}
}
