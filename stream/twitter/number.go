package twitter

import (
	"strconv"
	"time"
)

// number is a number in a message, where it may be a JSON string. It is stored as a string,
// because a float64 can't hold all ids exactly. It is empty if the value isn't a whole number.
type number string

// UnmarshalJSON never returns an error: an error would prevent the rest of the message from
// being decoded.
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
	if err != nil || ms > 253402300799999 { // the end of 9999, the last year that can be encoded in JSON
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// digits returns s if it consists of at most 20 digits, and "" otherwise.
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

// keyOf returns the key for the first of the ids that is set; "" if none is. An id of 0 counts
// as not set.
func keyOf(ids ...number) string {
	for _, id := range ids {
		if id != "" && id != "0" {
			return "twitter:" + string(id)
		}
	}
	return ""
}
