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
	switch op.Kind {
	case AuthorGone, AuthorBack, AuthorUpdate, Withheld:
		if op.Kind == Withheld && op.ID != "" {
			break
		}
		if op.Author == nil || op.Author.Key == "" {
			return fmt.Errorf("%s without an author's key", op.Kind)
		}
	case Gap, Lost:
		if op.Notice == nil {
			return fmt.Errorf("%s without a notice", op.Kind)
		}
	default:
		return op.checkPost()
	}
	if op.At.IsZero() {
		return errors.New("no time")
	}
	return nil
}

func (op Op) checkPost() error {
	switch {
	case op.ID == "":
		return errors.New("no id")
	case op.At.IsZero():
		return errors.New("no time")
	case op.Kind == Create || op.Kind == Update:
		return op.checkTweet()
	case op.Kind != Destroy:
		return fmt.Errorf("unknown op %q", op.Kind)
	}
	return nil
}

// checkTweet lets an op have another id than its tweet if it is a repost.
func (op Op) checkTweet() error {
	switch t := op.Post; {
	case t == nil:
		return fmt.Errorf("%s without a tweet", op.Kind)
	case t.ID != op.ID && (op.Kind != Create || t.ID == "" || t.RepostedBy == nil):
		return fmt.Errorf("id %q of a tweet %q", op.ID, t.ID)
	case t.CreatedAt.IsZero():
		return errors.New("tweet without created_at")
	}
	return nil
}

// encode writes one line of the record format, such as decode reads.
func encode(op Op) ([]byte, error) {
	if err := op.check(); err != nil {
		return nil, err
	}
	line, err := json.Marshal(op)
	if err == nil && len(line) > maxLine {
		err = errLongLine
	}
	return append(line, '\n'), err
}
