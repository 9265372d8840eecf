package twitter

import (
	"strconv"
	"time"
)

// number is a number of the stream, which may be sent as a string. It is stored as a
// string, because a float64 can't hold all ids. It is empty if the value is no number.
type number string

// UnmarshalJSON never returns an error, so that the rest of the message is decoded.
func (n *number) UnmarshalJSON(raw []byte) error {
	if len(raw) > 1 && raw[0] == '"' {
		raw = raw[1 : len(raw)-1]
	}
	*n = number(digits(string(raw)))
	return nil
}

func (n number) count() uint64 {
	count, err := strconv.ParseUint(string(n), 10, 64)
	if err != nil {
		return 0
	}
	return count
}

// time reads n as milliseconds since 1970.
func (n number) time() time.Time {
	ms, err := strconv.ParseInt(string(n), 10, 64)
	if err != nil || ms > 253402300799999 { // the last year that JSON can write
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// digits returns s if it is a number of at most 20 digits, and "" if not.
func digits(s string) string {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return ""
		}
	}
	if len(s) > 20 {
		return ""
	}
	return s
}

// keyOf returns the key of the first id that is set; "" if none is. 0 is not an id.
func keyOf(ids ...number) string {
	for _, id := range ids {
		if id != "" && id != "0" {
			return "twitter:" + string(id)
		}
	}
	return ""
}
