package stream

import (
	"encoding/json"
	"errors"
	"fmt"
)

// decode reads one line of the record format. It is the only way in for what
// stands in a file: an Op that it returns keeps the rules of check.
func decode(line []byte) (Op, error) {
	var op Op
	if err := json.Unmarshal(line, &op); err != nil {
		return Op{}, err
	}
	return op, op.check()
}

// check says what is wrong with op. Unknown fields are no fault: a newer
// program may have written the file.
func (op Op) check() error {
	switch {
	case op.ID == "":
		return errors.New("no id")
	case op.At.IsZero():
		return errors.New("no time")
	}
	switch op.Kind {
	case Create, Update:
		return op.checkTweet()
	case Destroy:
		return nil
	}
	return fmt.Errorf("unknown op %q", op.Kind)
}

func (op Op) checkTweet() error {
	switch {
	case op.Tweet == nil:
		return fmt.Errorf("%s without a tweet", op.Kind)
	case op.Tweet.ID != op.ID:
		return fmt.Errorf("id %q of a tweet %q", op.ID, op.Tweet.ID)
	case op.Tweet.CreatedAt.IsZero():
		return errors.New("tweet without created_at")
	}
	return nil
}
